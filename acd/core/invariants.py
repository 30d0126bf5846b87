"""What is always true, checked after every step in tests and sampled in production.

1. Every call entered has exactly one end: entered = ended + in progress.
2. No target is offered more calls at once than its capacity; no call is offered to two targets.
3. No offer outlives its deadline; no agent stays reserved, ringing or in wrap-up without one. Whoever may be
   rung no more, for a break or for want of an opt-in, leaves by the clock or with the call that is with them.
   A break is never later than due nor sooner than allowed, and is counted where it is (``acd.core.stagger``).
4. Nobody waits for ever: each waiting call has a next step by the clock.
5. Within one queue nobody is overtaken: an offer never leaves a call that stands before it in the same queue
   waiting that the same target could have had; a call of another queue is overtaken only by one that
   entered so little later that handicaps and credits account for it (``overtaken``); and no target is idle
   while a call it could serve waits (``idle_beside_waiting``). Two named rules say otherwise: a call that
   goes back rings its sender, and one passed on to an office rings its line.
6. One phone carries one login and one login has one phone; who is not logged in has none. Everybody stands
   in the one profile of their skills.
7. A call on its way from an agent has a moment of return; a wrap-up that waits for its news ends by the
   clock, and the call knows whose it is.
8. What is counted by the way is what a scan would count: lines, posts, how far a line is served, and whom
   a decision left out for which reason (``explained``).
9. In transition mode each call stands in the tier of its position, and in the areas of the stages that are
   open for it; the next stage comes by the clock. In normal mode nothing of it is left.

A broken invariant is our own defect: ``InvariantBroken``, caught nowhere.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from acd.core.agents import AgentRecord
from acd.core.breaks import NEVER_MS, has_opted_in, must_leave
from acd.core.calls import Call, CallState
from acd.core.deadlines import Due
from acd.core.health import BreakerState
from acd.core.ids import AgentId, OfficeId
from acd.core.lines import ONE, LineRecord
from acd.core.notes import AgentState, Decision, Reason
from acd.core.offers import HOLDING_STATES, OfferState
from acd.core.orders import TargetKind
from acd.core.policy import Queue
from acd.core.reach import reach_of
from acd.core.reasons import stands
from acd.core.stagger import PARTS
from acd.core.stand_in import tier_of
from acd.core.world import World
from acd.errors import InvariantBroken

SLACK_MS: Final = 1
"""A deadline may be due this moment, not earlier: the shell is about to hand it in."""


def check(world: World) -> None:
    """Check them all; a scan of everything.

    Raises:
        InvariantBroken: with a sentence that names what contradicts what.
    """
    _books(world)
    _capacities(world)
    _deadlines(world)
    _waiting(world)
    _logins(world)
    _breaks(world)
    if not world.regrouping:
        _profiles(world)
        _lines(world)
        _tiers(world)
        _areas(world)
    _passages(world)
    if not world.recovering and not world.work:
        _idle_beside_waiting(world)


def overtaken(world: World, decision: Decision) -> None:
    """Check one decision, the moment it is noted.

    The call may have this target; none that stands before it in its queue could have had the target; and none
    of another queue that could have had it entered so long before that its wait outweighs all handicaps and
    credits.
    """
    call = world.calls.get(decision.call)
    if call is None:
        return
    if decision.target in call.avoided:
        raise InvariantBroken(f"{call!r} goes to {decision.target} again, which it is to avoid")
    if call.passage is not None and not call.passage.office and world.now_ms >= call.passage.return_ms:
        return  # back to its sender, or to the office it was meant for
    for other in world.calls.values():
        if not other.place or decision.target in other.avoided or not _could_have(world, decision, other):
            continue
        if other.queue.id == call.queue.id and other.key < call.key:
            raise InvariantBroken(f"{call!r} overtook {other!r} to {decision.target}")
        later_ms = call.first_entered_ms - other.first_entered_ms
        if later_ms > _ahead_ms_max(world, decision, call, other):
            raise InvariantBroken(f"{call!r}, {later_ms} ms younger, overtook {other!r} to {decision.target}")


def explained(world: World, decision: Decision) -> None:
    """Check that a decision counts whom it left out as a scan would, the moment it is noted."""
    call = world.calls[decision.call]
    counts: dict[Reason, int] = {}
    for record in world.agents.values():
        if decision.kind is TargetKind.AGENT and record.agent.id == decision.target:
            continue
        reason = stands(world, call, record)
        if reason is not Reason.SKILL_MISSING:
            counts[reason] = counts.get(reason, 0) + 1
    if counts != decision.passed_over:
        raise InvariantBroken(f"{decision!r} left out {counts}")


def _ahead_ms_max(world: World, decision: Decision, call: Call, other: Call) -> int:
    """The longest by which this call may have entered after the other one and still go first."""
    credit_ms = max((each.credit_ms for each in world.rules.priority_classes.values()), default=0)
    mine, its = (_fixed_ms(world, decision, each.queue) for each in (call, other))
    return its - mine + credit_ms


def _fixed_ms(world: World, decision: Decision, queue: Queue) -> int:
    """All of the score of a queue's calls at this target but for the calls' own part."""
    record = world.agents.get(AgentId(decision.target))
    post = None if record is None else record.profile.posts.get(queue.id)
    return queue.threshold_ms - queue.credit_ms + (0 if post is None else post.handicap_ms)


def _could_have(world: World, decision: Decision, call: Call) -> bool:
    """Whether the target of a decision could have had this call instead."""
    if decision.kind is TargetKind.LINE:
        return world.matcher.may_go_to(call, world.lines[OfficeId(decision.target)])
    post = world.agents[AgentId(decision.target)].profile.posts.get(call.queue.id)
    return post is not None and post.firsts[call.shelf] <= world.matcher.ring(call)


def _books(world: World) -> None:
    entered = sum(tally.entered for tally in world.tally.values())
    ended = sum(tally.ended for tally in world.tally.values())
    if entered != ended + len(world.calls):
        raise InvariantBroken(f"entered {entered} != ended {ended} + in progress {len(world.calls)}")


def _capacities(world: World) -> None:
    held: dict[tuple[TargetKind, str], int] = {}
    offered: dict[str, str] = {}
    for offer in world.offers.values():
        call = world.calls.get(offer.call)
        if call is None or call.offer is not offer:
            raise InvariantBroken(f"{offer!r} is open but its call does not know it: {call!r}")
        if offer.state in HOLDING_STATES and not offer.beside:
            key = (offer.kind, offer.target)
            held[key] = held.get(key, 0) + 1
            if offered.setdefault(offer.call, offer.attempt) != offer.attempt:
                raise InvariantBroken(f"{call!r} is offered twice: {offer!r}")
    for record in world.agents.values():
        count = held.get((TargetKind.AGENT, record.agent.id), 0)
        own = record.offer is not None
        if count > 1 or (own and count != 1):
            raise InvariantBroken(f"{record!r} holds {record.offer!r} but {count} offers name it")
        if own != (record.state in {AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING}):
            raise InvariantBroken(f"{record!r} and its offer {record.offer!r} disagree")
    for line in world.lines.values():
        count = held.get((TargetKind.LINE, line.office.id), 0)
        if line.in_use != count or count > line.in_use_max:
            raise InvariantBroken(
                f"office {line.office.id}: {line.in_use} lines booked, {count} offers, "
                f"capacity {line.office.capacity}"
            )
        _health(world, line)


def _health(world: World, line: LineRecord) -> None:
    """What keeps an office or a trunk from being asked ends by the clock."""
    office, breaker, trunk = line.office.id, line.breaker, line.trunk
    armed = [world.deadlines.due_at(kind, office) is not None for kind in (Due.HEALTH, Due.ROOM)]
    if armed != [breaker.state is BreakerState.OPEN, line.full]:
        raise InvariantBroken(
            f"office {office} is {breaker.state.value}, full {line.full}: deadlines {armed}"
        )
    if breaker.probe and (breaker.state is not BreakerState.HALF_OPEN or breaker.probe not in world.offers):
        raise InvariantBroken(f"office {office} is tried by {breaker.probe}, which nobody knows")
    carried = sum(each.in_use for each in trunk.lines)
    if trunk.in_use != carried or (trunk.capacity and carried > trunk.in_use_max):
        raise InvariantBroken(
            f"trunk {trunk.id} counts {trunk.in_use} of {carried}, capacity {trunk.capacity}"
        )
    if (trunk.out and not trunk.may_probe) != (world.deadlines.due_at(Due.CARRIER, trunk.id) is not None):
        raise InvariantBroken(f"trunk {trunk.id}: nobody would try it again, or without need")


def _deadlines(world: World) -> None:
    for offer in world.offers.values():
        if offer.state in {OfferState.TALKING, OfferState.RELEASED, OfferState.CLOSED}:
            continue
        due_ms = world.deadlines.due_at(Due.OFFER, offer.attempt)
        if due_ms is None:
            raise InvariantBroken(f"{offer!r} has no deadline")
    for record in world.agents.values():
        due_ms = world.deadlines.due_at(Due.WRAP_UP, record.agent.id)
        if (record.state is AgentState.WRAP_UP) != (due_ms is not None):
            raise InvariantBroken(f"{record!r}: wrap-up deadline {due_ms}")
        retry_ms = world.deadlines.due_at(Due.RETRY, record.agent.id)
        if (record.state is AgentState.UNREACHABLE) != (retry_ms is not None):
            raise InvariantBroken(f"{record!r}: retry deadline {retry_ms}")
        _leaving(world, record)


def _leaving(world: World, record: AgentRecord) -> None:
    """Whoever may be rung no more leaves by the clock, unless a call is with them."""
    state, leave_ms = record.state, world.deadlines.due_at(Due.LEAVE, record.agent.id)
    with_a_call = record.offer is not None or state is AgentState.WRAP_UP
    if record.leaves_ms != NEVER_MS and leave_ms is None and not (with_a_call and must_leave(world, record)):
        raise InvariantBroken(f"{record!r} is to leave at {record.leaves_ms}, and nothing sees to it")
    if (
        state is not AgentState.LOGGED_OUT
        and not has_opted_in(world, record)
        and not must_leave(world, record)
    ):
        raise InvariantBroken(f"{record!r} has not opted in, and stays")
    over_ms = world.deadlines.due_at(Due.BREAK_OVER, record.agent.id)
    if record.on_break != (over_ms is not None) or (record.on_break and state is not AgentState.PAUSED):
        raise InvariantBroken(f"{record!r}: on a break {record.on_break}, until {over_ms}")


def _breaks(world: World) -> None:
    """What the stagger counts is what a scan would count; no break is settled outside its bounds."""
    rule, at_work, booked = world.rules.breaks, Counter[int](), Counter[int]()
    for record in world.agents.values():
        works = record.state not in {AgentState.PAUSED, AgentState.LOGGED_OUT}
        booking = record.booking
        if booking is not None:
            at_work.update(id(group) for group in booking.groups)
            booked.update(id(group) for group in booking.groups if booking.is_booked)
        if world.regrouping:
            continue
        if (booking is not None) != (rule is not None and (works or record.on_break)):
            raise InvariantBroken(f"{record!r} at work is not counted for breaks, or is without being there")
        if rule is None or not works:
            continue
        late_ms = record.break_ms - record.worked_since_ms - rule.after_ms
        if not -rule.early_ms <= late_ms <= 0:
            raise InvariantBroken(f"{record!r}: the break is to begin {late_ms} ms after it is due")
    for name, group in world.stagger.groups.items():
        told = group.at_work, sum(group.booked.values())
        if told != (at_work[id(group)], PARTS * booked[id(group)]):
            raise InvariantBroken(f"group {name!r} counts {told} at work and booked, which a scan denies")


def _waiting(world: World) -> None:
    for call in world.calls.values():
        if call.state in {CallState.WAITING, CallState.HEARING}:
            if world.deadlines.due_at(Due.MAX_WAIT, call.id) is None:
                raise InvariantBroken(f"{call!r} waits without a next step by the clock")
            nowhere = call.id in world.parked or call.resting
            if (call.place == 0) != nowhere and not world.regrouping:
                raise InvariantBroken(f"{call!r} stands in no line, is not parked and does not rest")
            if call.resting and world.deadlines.due_at(Due.REST, call.id) is None:
                raise InvariantBroken(f"{call!r} rests for ever")
        elif call.place:
            raise InvariantBroken(f"{call!r} stands in a line")
        if call.state is CallState.OFFERED and call.offer is None:
            raise InvariantBroken(f"{call!r} is offered without an offer")
        _prompts(world, call)
        by_other_news = {CallState.WAITING, CallState.HEARING, CallState.FAREWELL, CallState.OFFERED}
        if call.state not in by_other_news and world.deadlines.due_at(Due.LOOK, call.id) is None:
            raise InvariantBroken(f"{call!r} is never looked at again")


def _logins(world: World) -> None:
    for record in world.agents.values():
        logged_in = record.state is not AgentState.LOGGED_OUT
        if logged_in != bool(record.endpoint):
            raise InvariantBroken(f"{record!r} and its phone {record.endpoint!r} disagree")
        if logged_in and world.by_endpoint.get(record.endpoint) is not record:
            raise InvariantBroken(f"{record!r} is not whom phone {record.endpoint!r} knows")
        if (record.removed or record.moves_to) and record.offer is None:
            raise InvariantBroken(f"{record!r} is free, and still removed or to move")
        if (record.talk is not None) != (record.state in {AgentState.TALKING, AgentState.WRAP_UP}):
            raise InvariantBroken(f"{record!r} and its talk disagree")
    for endpoint, record in world.by_endpoint.items():
        if record.endpoint != endpoint or world.agents.get(record.agent.id) is not record:
            raise InvariantBroken(f"phone {endpoint!r} knows {record!r}, who is not there")


def _profiles(world: World) -> None:
    members: dict[int, list[AgentRecord]] = {}
    for record in world.agents.values():
        members.setdefault(id(record.profile), []).append(record)
        if world.matcher.profiles.get(record.profile.key) is not record.profile:
            raise InvariantBroken(f"{record!r} is in a profile that is forgotten")
    for profile in world.matcher.profiles.values():
        held = members.get(id(profile), [])
        if len(held) != profile.members or not held:
            raise InvariantBroken(f"profile {profile.key} counts {profile.members} of {len(held)}")
        for queue, post in profile.posts.items():
            line = world.matcher.lines[queue]
            reach = reach_of(line.queue, line.demands, world.rules.bands, held[0].agent)
            firsts = world.matcher.firsts_of(reach, held[0].agent.site)
            if (firsts, reach.band) != (post.firsts, post.band):
                raise InvariantBroken(f"{held[0]!r} stands at {queue} as {post.firsts}, not as {reach}")


def _lines(world: World) -> None:
    """What is counted by the way is what a scan would count."""
    for line in world.matcher.lines.values():
        waiting = [call for call in world.calls.values() if call.place and call.queue is line.queue]
        if line.waiting_count != len(waiting):
            raise InvariantBroken(f"line {line.queue.id} counts {line.waiting_count} of {waiting}")
        for shelf in line.shelves:
            calls = [call for call in waiting if call.shelf == shelf.index]
            if shelf.waiting_count != len(calls) or len(shelf.waiting()) != len(calls):
                raise InvariantBroken(f"a shelf of {line.queue.id} counts {shelf.waiting_count} of {calls}")
        held = [record for record in world.agents.values() if line.queue.id in record.profile.posts]
        if line.states != sum(ONE[record.state] for record in held):
            raise InvariantBroken(f"line {line.queue.id} counts the states of {held} wrong")
        for post in line.posts:
            here = [record for record in held if record.profile.posts[line.queue.id] is post]
            counted = post.members, post.logged_in, post.idle_count
            logged_in = sum(record.state is not AgentState.LOGGED_OUT for record in here)
            if counted != (len(here), logged_in, sum(record.place != 0 for record in here)) or not here:
                raise InvariantBroken(f"a post of {line.queue.id} counts {counted} of {here}")
        for gauge in line.idle_gauges:
            idle = sum(post.idle_count for post in line.posts if post.firsts[-1] < gauge.step)
            if gauge.count != idle:
                raise InvariantBroken(
                    f"step {gauge.step} of {line.queue.id} counts {gauge.count} idle of {idle}"
                )
        for call in waiting:
            if call.step and call not in [entry[2] for entry in line.shelves[call.shelf].heaps[call.step]]:
                raise InvariantBroken(f"{call!r} is not on the heap of its step {call.step}")
        if not world.work and line.queue.id not in world.matcher.stirred:
            for shelf in line.shelves:
                if shelf.rings != line.served(shelf):
                    raise InvariantBroken(f"line {line.queue.id} is served up to {line.served(shelf)}")


def _tiers(world: World) -> None:
    """Each call that waits stands in the tier of its position, or in everybody's; normal mode has one."""
    for call in world.calls.values():
        grants = len(world.matcher.lines[call.queue.id].demands)
        if call.shelf != call.tier * grants + call.granted:
            raise InvariantBroken(f"{call!r} of tier {call.tier} and consents {call.granted}: {call.shelf}")
        if call.stages_from_ms is not None and call.tier != tier_of(world, call):
            raise InvariantBroken(f"{call!r}, position {call.position}, stands in tier {call.tier}")
        if world.matcher.grounds is None and (call.position >= 0 or call.stages):
            raise InvariantBroken(f"{call!r} has stages {call.stages} in normal mode")
        if call.state in {CallState.WAITING, CallState.HEARING, CallState.OFFERED}:
            _stages(world, call)


def _stages(world: World, call: Call) -> None:
    """In transition mode a call that waits or is offered comes by its next stage by the clock, in order."""
    grounds, due_ms = world.matcher.grounds, world.deadlines.due_at(Due.STAGE, call.id)
    if grounds is None or call.closed:
        if due_ms is not None:
            raise InvariantBroken(f"{call!r} has no stages, and a deadline for one")
        return
    if call.position < 0 and not call.place:
        return  # passed on, it has not waited yet: an office or its sender is rung first
    plan = grounds.of(call).plan
    shut = next(((after_ms, stage) for after_ms, stage in plan if not call.stages & stage), None)
    if shut is None:
        return
    latest_ms = call.entered_ms + world.rules.stand_in.own_after_ms + shut[0]
    if due_ms is None or due_ms > max(latest_ms, world.now_ms):
        raise InvariantBroken(f"{call!r}: its stage {shut[1]} is due at {due_ms}, not by {latest_ms}")


def _areas(world: World) -> None:
    """What waits in an area is what a scan would find there."""
    grounds = world.matcher.grounds
    if grounds is None:
        return
    held: dict[int, int] = {}
    areas = {id(area): area for ground in grounds.all() for area in ground.areas.values()}
    for call in world.calls.values():
        for stage, area in grounds.of(call).areas.items():
            if call.place and call.stages & stage:
                held[id(area)] = held.get(id(area), 0) + 1
                if call not in area.waiting():
                    raise InvariantBroken(f"{call!r} is not in its area of stage {stage}")
    for key, area in areas.items():
        if not held.get(key, 0) == area.count == len(area.waiting()):
            raise InvariantBroken(f"an area counts {area.count} of {held.get(key, 0)} calls")


def _passages(world: World) -> None:
    for call in world.calls.values():
        passage, held = call.passage, call.holds
        if call.state is CallState.WAITING and passage is not None and call.place:
            due_ms = world.deadlines.due_at(Due.RETURN, call.id)
            if due_ms is None:
                raise InvariantBroken(f"{call!r} was passed on and never goes back")
        if held is not None and (
            held.state is not AgentState.WRAP_UP or not held.held_until_ms or held.talk is not call
        ):
            raise InvariantBroken(f"{call!r} holds {held!r}, who is further on")
    for record in world.agents.values():
        if record.held_until_ms and (record.talk is None or record.talk.holds is not record):
            raise InvariantBroken(f"{record!r} is held by no call")


def _prompts(world: World, call: Call) -> None:
    hears = call.state in {CallState.HEARING, CallState.FAREWELL}
    if hears != (call.prompt is not None):
        raise InvariantBroken(f"{call!r} and what it hears disagree")
    if hears != (world.deadlines.due_at(Due.PROMPT, call.id) is not None):
        raise InvariantBroken(f"{call!r} hears a prompt whose end nobody would miss, or none")
    due_ms = world.deadlines.due_at(Due.ANSWER, call.id)
    if call.question and call.state is not CallState.HEARING and due_ms is None:
        raise InvariantBroken(f"{call!r} was asked about {call.question!r}, and silence would answer nothing")


def _idle_beside_waiting(world: World) -> None:
    for record in world.agents.values():
        if record.state is AgentState.READY and record.unavailable:
            raise InvariantBroken(f"{record!r} is ready with a phone that is gone")
        if must_leave(world, record):
            continue
        ready = record.state is AgentState.READY and not record.device_busy
        if ready != (record.place != 0):
            raise InvariantBroken(f"{record!r}: ready {ready}, place among the idle {record.place}")
        if ready:
            for call in world.calls.values():
                if call.place and stands(world, call, record) is Reason.LOWER_SCORE:
                    raise InvariantBroken(f"{record!r} is idle while {call!r} waits")
    for line in world.lines.values():
        found = world.matcher.call_for_office(line) if line.has_room else None
        if found is not None:
            raise InvariantBroken(f"office {line.office.id} has a free line while {found!r} waits")
