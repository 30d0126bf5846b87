"""Being offered: a target is found for a call, or a call for a target, and the ring is ordered.

There are three occasions to offer, and each asks ``acd.core.matching`` once: a call that begins to wait
or whose bar on a target is over (``find_target``), an agent who becomes free (``find_call``), lines of an
office that become free (``find_calls``). While a resync is under way (``recovering``) none of them
does anything; its last steps ask for everybody, in order.
"""

from __future__ import annotations

from acd.core.agents import AgentInput, AgentRecord
from acd.core.calls import Call, CallInput
from acd.core.deadlines import Due
from acd.core.notes import AgentState, Decision
from acd.core.offers import Offer
from acd.core.orders import OfferCall, TargetKind
from acd.core.world import LineRecord, World

__all__ = [
    "find_call",
    "find_calls",
    "find_target",
    "offer_to_agent",
    "offer_to_line",
    "rest",
    "set_unreachable",
]


# ── choosing and offering ────────────────────────────────────────────────────────────────────


def find_target(world: World, call: Call) -> None:
    """Offer this waiting call to the best free target, if there is one."""
    if world.recovering:
        return
    agent = world.matcher.agent_for_call(call)
    if agent is not None:
        offer_to_agent(world, call, agent)
        return
    if call.offices_open:
        line = _free_line(world, call)
        if line is not None:
            offer_to_line(world, call, line)


def find_call(world: World, agent: AgentRecord) -> None:
    """Offer the best waiting call to this free agent, if there is one."""
    if agent.state is not AgentState.READY:
        return
    if agent.unavailable:
        set_unreachable(world, agent)
        return
    if world.recovering or agent.device_busy:
        return
    world.matcher.idle(agent)
    call = world.matcher.call_for_agent(agent)
    if call is not None:
        offer_to_agent(world, call, agent)


def find_calls(world: World, line: LineRecord) -> None:
    """Offer the oldest calls that may go to this office to its free lines."""
    if world.recovering:
        return
    line.resting = False
    while line.in_use < line.office.capacity:
        call = world.matcher.call_for_office(line.office.id, line.queues)
        if call is None:
            return
        offer_to_line(world, call, line)


def _free_line(world: World, call: Call) -> LineRecord | None:
    free = [
        line
        for line in map(world.lines.__getitem__, call.queue.offices)
        if line.in_use < line.office.capacity and not line.resting and line.office.id not in call.avoided
    ]
    at_home = [line for line in free if line.office.province == call.province]
    return next(iter(at_home or free), None)


def offer_to_agent(world: World, call: Call, agent: AgentRecord) -> None:
    """Reserve the agent and order the ring."""
    runners_up = world.matcher.runners_up(call, agent)
    idle_ms = world.now_ms - agent.idle_since_ms
    offer = _open(world, call, TargetKind.AGENT, agent.agent.id)
    world.move_agent(agent, AgentInput.RESERVE, "offer")
    agent.offer = offer
    _send(world, call, offer, agent.endpoint, "", idle_ms, runners_up, auto_answer=agent.agent.auto_answer)


def offer_to_line(world: World, call: Call, line: LineRecord) -> None:
    """Take one of the office's lines and order the ring."""
    offer = _open(world, call, TargetKind.LINE, line.office.id)
    line.in_use += 1
    _send(world, call, offer, line.office.number, line.office.trunk, 0, ())


def _open(world: World, call: Call, kind: TargetKind, target: str) -> Offer:
    world.matcher.leave_line(call)
    offer = Offer(
        world.next_attempt(), call.id, call.node, kind, target, world.now_ms, call.queue.ring_s * 1000
    )
    world.offers[offer.attempt] = offer
    call.offer = offer
    call.offers += 1
    world.move_call(call, CallInput.OFFER_MADE, "offer")
    return offer


def _send(
    world: World,
    call: Call,
    offer: Offer,
    endpoint: str,
    via: str,
    idle_ms: int,
    runners_up: tuple[str, ...],
    *,
    auto_answer: bool = False,
) -> None:
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
            via=via,
            ring_s=call.queue.ring_s,
            not_after_ms=not_after_ms,
            auto_answer=auto_answer,
        )
    )
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
