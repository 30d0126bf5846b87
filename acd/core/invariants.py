"""What is always true, checked after every step in tests and sampled in production.

1. Every call entered has exactly one end: entered = ended + in progress.
2. No target is offered more calls at once than its capacity; no call is offered to two targets.
3. No offer outlives its deadline; no agent stays reserved, ringing or in wrap-up without one.
4. Nobody waits for ever: each waiting call has a next step by the clock.
5. Within one queue and priority nobody is overtaken: an offer never leaves a call that stands before it in
   the same queue waiting that the same target could have had (``overtaken``), and no target is idle while
   a call it could serve waits (``idle_beside_waiting``). Two named rules say otherwise: a call that goes
   back rings its sender, and one passed on to an office rings its line.
6. One phone carries one login and one login has one phone; who is not logged in has none. Everybody stands
   in the one profile of their skills.
7. A call on its way from an agent has a moment of return; a wrap-up that waits for its news ends by the
   clock, and the call knows whose it is.

A broken invariant is our own defect: ``InvariantBroken``, caught nowhere.
"""

from __future__ import annotations

from typing import Final

from acd.core.calls import CallState
from acd.core.deadlines import Due
from acd.core.ids import QueueId
from acd.core.notes import AgentState, Decision
from acd.core.offers import HOLDING_STATES, OfferState
from acd.core.orders import TargetKind
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
    _profiles(world)
    _passages(world)
    if not world.recovering and not world.work:
        _idle_beside_waiting(world)


def overtaken(world: World, decision: Decision) -> None:
    """Check one decision, the moment it is noted.

    No older waiting call of its queue could have had this target, and the call may have it.
    """
    call = world.calls.get(decision.call)
    if call is None:
        return
    if decision.target in call.avoided:
        raise InvariantBroken(f"{call!r} goes to {decision.target} again, which it is to avoid")
    if call.passage is not None and not call.passage.office and world.now_ms >= call.passage.return_ms:
        return  # back to its sender, or to the office it was meant for
    for other in world.calls.values():
        if (
            other.queue.id == call.queue.id
            and other.state is CallState.WAITING
            and other.place
            and other.key < call.key
            and decision.target not in other.avoided
            and (
                decision.kind is TargetKind.AGENT
                or (other.offices_open and decision.target in other.queue.offices)
            )
        ):
            raise InvariantBroken(f"{call!r} overtook {other!r} to {decision.target}")


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
        if line.in_use != count or count > line.office.capacity:
            raise InvariantBroken(
                f"office {line.office.id}: {line.in_use} lines booked, {count} offers, "
                f"capacity {line.office.capacity}"
            )


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


def _waiting(world: World) -> None:
    for call in world.calls.values():
        if call.state is CallState.WAITING:
            if world.deadlines.due_at(Due.MAX_WAIT, call.id) is None:
                raise InvariantBroken(f"{call!r} waits without a next step by the clock")
            if (call.place == 0) != (call.id in world.parked or call.resting):
                raise InvariantBroken(f"{call!r} stands in no line, is not parked and does not rest")
            if call.resting and world.deadlines.due_at(Due.REST, call.id) is None:
                raise InvariantBroken(f"{call!r} rests for ever")
        elif call.place:
            raise InvariantBroken(f"{call!r} stands in a line")
        if call.state is CallState.OFFERED and call.offer is None:
            raise InvariantBroken(f"{call!r} is offered without an offer")
        waits = call.state in {CallState.WAITING, CallState.OFFERED}
        if not waits and world.deadlines.due_at(Due.LOOK, call.id) is None:
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
    members: dict[tuple[QueueId, ...], int] = {}
    for record in world.agents.values():
        members[record.profile.queues] = members.get(record.profile.queues, 0) + 1
        if world.matcher.profiles.get(record.profile.queues) is not record.profile:
            raise InvariantBroken(f"{record!r} is in a profile that is forgotten")
    for queues, profile in world.matcher.profiles.items():
        if members.get(queues, 0) != profile.members:
            raise InvariantBroken(f"profile {queues} counts {profile.members} of {members.get(queues, 0)}")


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


def _idle_beside_waiting(world: World) -> None:
    for record in world.agents.values():
        if record.state is AgentState.READY and record.unavailable:
            raise InvariantBroken(f"{record!r} is ready with a phone that is gone")
        ready = record.state is AgentState.READY and not record.device_busy
        if ready != (record.place != 0):
            raise InvariantBroken(f"{record!r}: ready {ready}, place among the idle {record.place}")
        if ready:
            call = world.matcher.call_for_agent(record)
            if call is not None:
                raise InvariantBroken(f"{record!r} is idle while {call!r} waits")
    for line in world.lines.values():
        call = world.matcher.call_for_office(line.office.id, line.queues)
        if line.in_use < line.office.capacity and call is not None:
            raise InvariantBroken(f"office {line.office.id} has a free line while {call!r} waits")
