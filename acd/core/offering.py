"""Being offered: a target is found for a call, or a call for a target, and the ring is ordered.

There are three occasions to offer, and each asks ``acd.core.matching`` once: a call that begins to wait,
whose ladder widens or whose bar on a target is over (``find_target``), an agent who becomes free
(``find_call``), lines of an office that become free (``find_calls``). While a resync is under way
(``recovering``) none of them does anything; its last steps ask for everybody, in order.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from acd.core.agents import AgentInput, AgentRecord
from acd.core.breaks import must_leave
from acd.core.calls import Call, CallInput
from acd.core.deadlines import Due
from acd.core.health import TrunkRecord, asked, hold
from acd.core.hearing import interrupt, sounds_of
from acd.core.ids import OfficeId
from acd.core.ladder import tell
from acd.core.lines import LineRecord
from acd.core.matching import CANDIDATES_MAX
from acd.core.notes import AgentState, Decision, Reason
from acd.core.offers import Offer
from acd.core.orders import OfferCall, TargetKind
from acd.core.policy import Office
from acd.core.reasons import passed_over
from acd.core.stand_in import stage_name
from acd.core.world import World

__all__ = [
    "CONFIRM_MS",
    "CONFIRM_PROMPT",
    "find_call",
    "find_calls",
    "find_calls_anew",
    "find_calls_by",
    "find_target",
    "offer_to_agent",
    "offer_to_line",
    "rest",
    "set_unreachable",
]


CONFIRM_PROMPT: Final = "prema-1"
"""Played to a line that must press 1, by its fixed id in ``prompts.yaml``."""
CONFIRM_MS: Final = 30_000
"""The prompt twice and the key take no longer: so much later than the ring we look."""

# ── choosing and offering ────────────────────────────────────────────────────────────────────


def find_target(world: World, call: Call) -> None:
    """Offer this waiting call to the best free target, if there is one."""
    if world.recovering:
        return
    found = _idle_for(world, call) if world.matcher.idle_count else []
    if found:
        offer_to_agent(world, call, found[0], found)
    elif call.queue.ladder or world.matcher.grounds is not None:
        line = _free_line(world, call)
        if line is not None:
            offer_to_line(world, call, line)


def _idle_for(world: World, call: Call) -> list[AgentRecord]:
    """The free agents this call should ring; whose time is over this moment is no longer free."""
    while found := world.matcher.agents_for_call(call):
        late = [each for each in found if must_leave(world, each)]
        if not late:
            break
        for each in late:
            world.matcher.leave_pool(each)
    return found


def find_call(world: World, agent: AgentRecord) -> None:
    """Offer the best waiting call to this free agent, if there is one."""
    if agent.state is not AgentState.READY or must_leave(world, agent):
        return
    if agent.unavailable:
        set_unreachable(world, agent)
        return
    if world.recovering or agent.device_busy:
        return
    call = world.matcher.call_for_agent(agent)
    if call is None:
        world.matcher.idle(agent)
    else:
        offer_to_agent(world, call, agent)


def find_calls(world: World, line: LineRecord) -> None:
    """Offer the oldest calls that may go to this office to its free lines."""
    if world.recovering:
        return
    line.resting = False
    while line.has_room:
        call = world.matcher.call_for_office(line)
        if call is None:
            return
        offer_to_line(world, call, line)


def find_calls_by(world: World, trunk: TrunkRecord) -> None:
    """Offer calls to the offices of a trunk that can carry some again, the most urgent first."""
    if world.recovering:
        return
    while trunk.has_room:
        best: tuple[int, LineRecord, Call] | None = None
        for line in trunk.lines:
            call = world.matcher.call_for_office(line) if line.has_room else None
            if call is not None:
                score_ms = world.matcher.score_ms(call, None)
                if best is None or score_ms < best[0] or (score_ms == best[0] and call.key < best[2].key):
                    best = (score_ms, line, call)
        if best is None:
            return
        offer_to_line(world, best[2], best[1])


def find_calls_anew(world: World, trunk: TrunkRecord) -> None:
    """The carrier is back: all offices of a trunk may be asked, one step of bulk work each."""
    for line in trunk.lines:
        line.resting = True
        world.work.append(partial(find_calls, world, line))


def _free_line(world: World, call: Call) -> LineRecord | None:
    """The office of the last talk if affinity says so, the caller's own province, then the ladder's order.

    In transition mode those that stand in go before the ladder's.
    """
    if call.near_office:
        last = world.lines.get(OfficeId(call.near_office))
        is_free = last is not None and last.has_room and last.office.id not in call.avoided
        if last is not None and is_free and world.matcher.may_go_to(call, last):
            return last
    if world.matcher.grounds is not None:
        nearest = world.matcher.grounds.office_for_call(call)
        if nearest is not None:
            return nearest
    shelf = world.matcher.shelf_of(call)
    ring = shelf.rings[call.step]
    if not shelf.offices or shelf.offices[0][1] > ring:
        return None
    free = [
        line
        for line, first in shelf.offices
        if first <= ring and line.has_room and line.office.id not in call.avoided
    ]
    at_home = [line for line in free if line.office.province == call.province]
    return next(iter(at_home or free), None)


def offer_to_agent(
    world: World, call: Call, agent: AgentRecord, found: list[AgentRecord] | None = None
) -> None:
    """Reserve the agent and order the ring; ``found``: who could have had the call, if that is known."""
    if found is None:
        found = world.matcher.agents_for_call(call) if world.matcher.idle_count else []
    runners_up = tuple([each.agent.id for each in found if each is not agent][: CANDIDATES_MAX - 1])
    score_ms = world.matcher.score_ms(call, agent)
    idle_ms = world.now_ms - agent.idle_since_ms
    left_out = passed_over(world, call, agent)
    offer = _open(world, call, TargetKind.AGENT, agent.agent.id)
    world.move_agent(agent, AgentInput.RESERVE, "offer")
    agent.offer = offer
    _order(world, call, offer, agent.endpoint, auto_answer=agent.agent.auto_answer)
    _explain(world, call, offer, left_out, score_ms, idle_ms, runners_up)


def offer_to_line(world: World, call: Call, line: LineRecord) -> None:
    """Take one of the office's lines and order the ring."""
    left_out = passed_over(world, call, None)
    office = line.office
    offer = _open(world, call, TargetKind.LINE, office.id)
    if office.confirm:
        offer.ring_ms_max += CONFIRM_MS
    hold(line)
    asked(world, line, offer)
    _order(world, call, offer, line.next_number(), office=office)
    _explain(world, call, offer, left_out, world.matcher.score_ms(call, None), 0, ())


def _open(world: World, call: Call, kind: TargetKind, target: str) -> Offer:
    if call.queue.ladder and world.matcher.ring(call) > call.told_step:
        tell(world, call)
    world.matcher.leave_line(call)
    offer = Offer(
        world.next_attempt(), call.id, call.node, kind, target, world.now_ms, call.queue.ring_s * 1000
    )
    world.offers[offer.attempt] = offer
    call.offer = offer
    call.offers += 1
    world.move_call(call, CallInput.OFFER_MADE, "offer")
    return offer


def _order(
    world: World,
    call: Call,
    offer: Offer,
    endpoint: str,
    *,
    auto_answer: bool = False,
    office: Office | None = None,
) -> None:
    confirm = office is not None and office.confirm
    timings = world.rules.timings
    not_after_ms = world.now_ms + timings.order_valid_ms
    world.deadlines.arm(Due.OFFER, offer.attempt, not_after_ms + timings.order_grace_ms)
    world.order(
        OfferCall(
            call=call.id,
            node=call.node,
            attempt=offer.attempt,
            kind=offer.kind,
            target=endpoint,
            via="" if office is None else office.trunk,
            ring_s=call.queue.ring_s,
            not_after_ms=not_after_ms,
            auto_answer=auto_answer,
            confirm=confirm,
            group="" if office is None else office.id,
            group_max=0 if office is None else office.capacity,
            sounds=sounds_of(world, CONFIRM_PROMPT, office.languages[0]) if office and confirm else (),
        )
    )
    if call.prompt is not None or call.question:
        interrupt(world, call)


def _explain(
    world: World,
    call: Call,
    offer: Offer,
    left_out: dict[Reason, int],
    score_ms: int,
    idle_ms: int,
    runners_up: tuple[str, ...],
) -> None:
    world.note(
        Decision(
            call=call.id,
            queue=call.queue.id,
            attempt=offer.attempt,
            kind=offer.kind,
            target=offer.target,
            wait_ms=world.now_ms - call.entered_ms,
            idle_ms=idle_ms,
            runners_up=runners_up,
            revision=world.rules.revision,
            step=world.matcher.open_step(call),
            score_ms=score_ms,
            passed_over=left_out,
            stage=stage_name(call) if call.stages else "",
        )
    )


def rest(world: World, call: Call) -> None:
    """Offer this waiting call to nobody for a moment."""
    world.matcher.leave_line(call)
    call.resting = True
    world.deadlines.arm(Due.REST, call.id, world.now_ms + world.rules.timings.look_ms)


def set_unreachable(world: World, agent: AgentRecord) -> None:
    """The phone is not there: try again later, or when it is seen."""
    if world.move_agent(agent, AgentInput.GHOST, "phone gone"):
        world.deadlines.arm(
            Due.RETRY, agent.agent.id, world.now_ms + world.rules.timings.unreachable_retry_ms
        )
