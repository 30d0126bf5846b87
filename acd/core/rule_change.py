"""New rules under calls that wait: in force at once, put through in slices, and nobody loses a place.

With the fact itself every call gets the queue of the same name (one that is gone: the default queue) and its
key by the new credits; the matcher is built anew, empty. From then on what comes is handled by the new rules
alone. What is left is one small step each: agents take the profile that the new rules give them, calls step
back into their lines at the place of their age and climb the new ladder by the wait they have behind them. As
in a resync nothing is offered meanwhile (``recovering``), and its last step asks for everybody, in order.

* What the caller said to a question holds, by the name of the step; a prompt goes on, a question that is no
  longer asked is not answered.
* Offers and talks go on. A wrap-up has the length it began with, a passage the moment of return.
* A call that was closed when it entered stays so, and one that was open is served on.
* Calls stay booked where they entered, also when that queue is gone.
* An office keeps the calls it carries, even beyond a smaller capacity. One that is gone gets no more.
* Agents of a site that is gone are for the roster to remove; nothing here logs anybody out.
"""

from __future__ import annotations

from functools import partial

from acd.core.breaks import watch
from acd.core.calls import CallState, order_key
from acd.core.deadlines import Due
from acd.core.facts import RulesChanged
from acd.core.health import forget_health, hold
from acd.core.ids import AgentId, CallId, OfficeId, PriorityClassId
from acd.core.ladder import climb, granted_by, tell
from acd.core.lines import NOWHERE, by_number, line_records
from acd.core.matching import Matcher
from acd.core.notes import AgentState, RulesTaken
from acd.core.offers import HOLDING_STATES
from acd.core.opening import watch_hours
from acd.core.orders import TargetKind
from acd.core.phones import mirror
from acd.core.policy import Queue, RuleSet
from acd.core.recovery import offer_again
from acd.core.stagger import Stagger
from acd.core.stand_in import settle_anew, stand_in
from acd.core.waiting import start_waiting
from acd.core.world import Tally, World

WAITS = frozenset({CallState.WAITING, CallState.HEARING, CallState.OFFERED})


def rules_changed(world: World, fact: RulesChanged) -> None:
    """Put new rules in force; what takes long is done in small steps, none of them with this fact."""
    before, rules = world.rules, fact.rules
    world.rules = rules
    if rules.breaks != before.breaks:  # counted anew, with everybody's own step
        world.stagger = Stagger()
    for queue in rules.queues:
        if queue not in world.tally:
            world.tally[queue] = Tally()
    if rules.affinity is None:
        world.lately.clear()
    _change_offices(world, rules)
    world.matcher = Matcher(rules, world.lines, world.matcher.token, world.fallback)
    waiting = _change_calls(world)
    lay_out_anew(world)
    world.note(RulesTaken(revision=rules.revision, waiting=waiting))


def lay_out_anew(world: World) -> None:
    """Everybody moves into a matcher that is empty yet; nothing is offered until all have."""
    world.recovering = world.regrouping = True
    for record in world.agents.values():
        record.place = NOWHERE
    world.work.append(partial(plan, world))


# ── at once ──────────────────────────────────────────────────────────────────────────────────


def _change_offices(world: World, rules: RuleSet) -> None:
    for office in world.lines:
        world.deadlines.disarm(Due.HOURS, office)
    before, world.lines = world.lines, line_records(rules, world.lines)
    world.by_number = by_number(world.lines)
    forget_health(world, before)
    for offer in world.offers.values():
        if offer.kind is TargetKind.LINE and offer.state in HOLDING_STATES and not offer.beside:
            record = world.lines.get(OfficeId(offer.target))
            if record is not None:
                hold(record)
    for record in world.lines.values():
        record.in_use_max = max(record.office.capacity, record.in_use)
        record.forced = world.fallback.offices.get(record.office.id)
        watch_hours(world, record)


def _change_calls(world: World) -> int:
    """Give each call its queue and key by the new rules; returns how many wait.

    They stand in no line until their step comes. One plain loop: with 8,000 calls the loop is held here.
    """
    rules = world.rules
    queues, by_default = rules.queues, rules.queues[rules.queue_by_default]
    waiting = 0
    for call in world.calls.values():
        call.queue = queues.get(call.queue.id, by_default)
        call.place = NOWHERE
        call.step = call.told_step = call.granted = 0
        if call.passage is not None:
            call.passage.queue = _same(rules, call.passage.queue)
        if call.priority_class:
            given = rules.priority_classes.get(PriorityClassId(call.priority_class))
            credit_ms = 0 if given is None else given.credit_ms
            call.key = order_key(call.id, call.node, call.first_entered_ms - credit_ms)
        if call.consents:
            call.granted = granted_by(world, call)
        settle_anew(world, call)
        waiting += call.state in WAITS
    return waiting


def _same(rules: RuleSet, queue: Queue) -> Queue:
    return rules.queues.get(queue.id) or rules.queues[rules.queue_by_default]


# ── step by step ─────────────────────────────────────────────────────────────────────────────


def plan(world: World) -> None:
    """Everybody moves, one step each: agents first, for calls find them."""
    people = list(world.agents)
    people.reverse()
    if people:
        world.work.append(partial(regroup_next, world, people))
    calls = [call.id for call in world.calls.values() if call.state in WAITS]
    calls.reverse()
    if calls:
        world.work.append(partial(wait_next, world, calls))
    world.work.append(partial(regrouped, world))
    world.work.append(partial(offer_again, world))


def regroup_next(world: World, people: list[AgentId]) -> None:
    """The last of these agents moves; then the next."""
    _regroup(world, people.pop())
    if people:
        world.work.appendleft(partial(regroup_next, world, people))


def _regroup(world: World, agent_id: AgentId) -> None:
    """An agent takes the profile of the new rules; the safety net follows when it is of other languages."""
    record = world.agents.get(agent_id)
    if record is None:
        return
    languages = record.profile.languages
    world.matcher.leave(record)
    world.matcher.join(record)
    watch(world, record)
    if record.talk_queue is not None:
        record.talk_queue = _same(world.rules, record.talk_queue)
    if record.state is not AgentState.LOGGED_OUT and record.profile.languages != languages:
        mirror(world, record, logged_in=True, paused=record.state is AgentState.PAUSED)


def regrouped(world: World) -> None:
    """Everybody stands where the new rules put them; unless newer ones have come meanwhile."""
    steps = (step for step in world.work if isinstance(step, partial))
    world.regrouping = any(step.func in {plan, regrouped} for step in steps)


def wait_next(world: World, calls: list[CallId]) -> None:
    """The last of these calls moves; then the next."""
    _wait_anew(world, calls.pop())
    if calls:
        world.work.appendleft(partial(wait_next, world, calls))


def _wait_anew(world: World, call_id: CallId) -> None:
    """A call that waits or is offered: its ladder and its deadlines by the new rules."""
    call = world.calls.get(call_id)
    if call is None or call.state not in WAITS:
        return
    deadlines = world.deadlines
    threshold_ms = call.entered_ms + call.queue.threshold_ms
    if not call.level_counted and deadlines.due_at(Due.THRESHOLD, call.id) != threshold_ms:
        deadlines.arm(Due.THRESHOLD, call.id, threshold_ms)
    if deadlines.due_at(Due.MAX_WAIT, call.id) != call.entered_ms + call.queue.wait_ms_max:
        deadlines.disarm(Due.MAX_WAIT, call.id)
    for kind in (Due.STEP, Due.STAGE):
        deadlines.disarm(kind, call.id)
    if call.state is not CallState.OFFERED:
        start_waiting(world, call)
        return
    stand_in(world, call)
    if call.queue.ladder:
        climb(world, call)
        tell(world, call)
