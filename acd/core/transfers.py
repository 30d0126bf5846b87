"""Passing a caller on: asked by an agent, carried out by Asterisk, and back when nobody answers.

Whether the agent asks us (``TransferAsked``, which becomes ``PassOn``) or the phone (REFER), the same
follows: the call leaves the talk and enters again as its next visit. From that moment until somebody talks
with the caller the call has a ``Passage``: its sender, the queue it came from, when it goes back, and the
office whose line is to be tried, if it was sent to one.

* To a queue: it waits in that queue's line, at its age. The sender is left out, also one who could serve it.
* To an office: its line is rung at once. When no line is free, or nobody answers there, it goes back at once.
* To a colleague's phone: that is Asterisk's business. When nobody answers there the call enters its queue
  again, and goes back at once.
* Back: the sender is rung if they can be (ready, or in wrap-up), ahead of whoever waits: they know the
  question. Else, and when they do not answer, the call waits in the queue it came from, at its age.

A ring is never cut: a return that is due during one happens when it ends without a talk. A talk that the
target drops at once is no answer. A visit that a resync restores keeps its passage only if it follows the
visit we knew; of others the sender is not known, and they stay where they are.

The sender's wrap-up waits for the news: it lasts until the call is answered, goes back, or is gone, at
most until the moment of return (``Call.holds``). Its own time is not cut by that.
"""

from __future__ import annotations

from acd.core.agents import AgentInput, AgentRecord
from acd.core.breaks import must_leave
from acd.core.calls import Call, Passage
from acd.core.deadlines import Due
from acd.core.facts import TransferAsked, TransferKind
from acd.core.ids import AgentId, OfficeId, QueueId
from acd.core.ladder import begin_again
from acd.core.notes import AgentState
from acd.core.offering import offer_to_agent, offer_to_line, rest
from acd.core.offers import Offer, OfferState
from acd.core.opening import is_closed
from acd.core.orders import PassOn
from acd.core.policy import Queue
from acd.core.replies import grant, refuse
from acd.core.world import World

# ── asked ────────────────────────────────────────────────────────────────────────────────────


def ask_transfer(world: World, record: AgentRecord, fact: TransferAsked) -> None:
    """Pass the caller of the agent's talk on; twice at once is refused, for the first may be under way."""
    offer = record.offer
    why = _why_not(world, record, offer) or _why_not_to(world, fact)
    if why is not None or offer is None:
        refuse(world, fact.asker, why or "")
        return
    grant(world, fact.asker)
    offer.passed_ms = world.now_ms
    to_queue = fact.kind is TransferKind.QUEUE
    queue = world.rules.queues[QueueId(fact.to)] if to_queue else world.calls[offer.call].queue
    offer.hold_ms = queue.return_ms
    prefix = "q" if to_queue else "o"
    world.order(PassOn(call=offer.call, node=offer.node, attempt=offer.attempt, to=f"{prefix}-{fact.to}"))


def _why_not(world: World, record: AgentRecord, offer: Offer | None) -> str | None:
    person = record.agent.id
    if offer is None or record.state is not AgentState.TALKING or offer.state is not OfferState.TALKING:
        return f"agent {person!r} is in no talk; only the caller of a talk can be passed on"
    if offer.node in world.down:
        return f"there is no link to the Asterisk of {person!r}'s talk now; try again in a moment"
    if offer.passed_ms and world.now_ms < offer.passed_ms + world.rules.timings.look_ms:
        return f"the caller of {person!r} is being passed on already; wait a moment"
    return None


def _why_not_to(world: World, fact: TransferAsked) -> str | None:
    if fact.kind is TransferKind.QUEUE and fact.to not in world.rules.queues:
        return f"{fact.to!r} is no queue of this rule set; pass the caller on to one of its queues"
    if fact.kind is TransferKind.OFFICE and fact.to not in world.rules.offices:
        return f"{fact.to!r} is no office of this rule set; pass the caller on to one of its offices"
    if fact.kind is TransferKind.QUEUE and _is_closed(world, fact.to):
        return f"queue {fact.to!r} is closed now; pass the caller on to one that is open"
    return None


def _is_closed(world: World, queue: str) -> bool:
    return is_closed(world, world.rules.queues[QueueId(queue)], world.now_ms)


# ── under way ────────────────────────────────────────────────────────────────────────────────


def begin_passage(world: World, call: Call, sender: str, came_from: Queue, office: str) -> None:
    """The call has entered again after this agent passed it on (empty: somebody we do not know)."""
    return_ms = max(call.entered_ms + call.queue.return_ms, world.now_ms)
    call.passage = Passage(sender, came_from, return_ms, office)
    record = world.agents.get(AgentId(sender))
    if record is None:
        release_sender(world, call)
        return
    call.from_site = record.agent.site
    call.avoided[sender] = return_ms
    if record.state is AgentState.WRAP_UP and record.talk is call:
        hold_sender(world, call, record, return_ms + 1)  # the return comes first


def settle_passage(world: World, call: Call) -> None:
    """A call on its way begins to wait: try its office, go back if it is time, else be on time for it."""
    passage = call.passage
    if passage is None:
        return
    if not passage.office and world.now_ms < passage.return_ms:
        world.deadlines.arm(Due.RETURN, call.id, passage.return_ms)
        return
    line = world.lines.get(OfficeId(passage.office))
    if world.recovering or (line is not None and line.resting):
        rest(world, call)
        return
    passage.office, passage.return_ms = "", world.now_ms  # it has this one chance
    if line is not None and line.has_room and line.office.id not in call.avoided:
        offer_to_line(world, call, line)
    else:
        _go_back(world, call, passage)


def _go_back(world: World, call: Call, passage: Passage) -> None:
    """To the sender if they can be rung, else to the queue it came from."""
    call.avoided.pop(passage.sender, None)
    _change_queue(world, call, passage.queue)
    sender = world.agents.get(AgentId(passage.sender))
    rings = sender is not None and _can_be_rung(world, call, sender)
    release_sender(world, call)
    if sender is not None and rings:
        if sender.state is AgentState.WRAP_UP:
            world.deadlines.disarm(Due.WRAP_UP, sender.agent.id)
            world.move_agent(sender, AgentInput.WRAP_OVER, "return")
            sender.idle_since_ms = world.now_ms
            leave_wrap_up(sender)
        offer_to_agent(world, call, sender)
    call.passage = None


def _change_queue(world: World, call: Call, queue: Queue) -> None:
    """The call waits for other people from now on, at its age; what the queue before promised is void."""
    for kind in (Due.MAX_WAIT, Due.RETURN):
        world.deadlines.disarm(kind, call.id)
    begin_again(world, call)
    call.queue = queue


def _can_be_rung(world: World, call: Call, sender: AgentRecord) -> bool:
    if sender.unavailable or sender.removed or must_leave(world, sender):
        return False
    if sender.state is AgentState.READY:
        return not sender.device_busy
    if sender.state is not AgentState.WRAP_UP:
        return False
    # The phone's own "idle" may lag behind the end of the leg: just after the talk trust the leg.
    just_ended = world.now_ms < sender.wrap_up_began_ms + world.rules.timings.look_ms
    return not sender.device_busy or (just_ended and call.holds is sender)


def pause_passage(world: World, call: Call) -> None:
    """Somebody talks with the caller: nothing goes back, unless the talk is dropped at once."""
    world.deadlines.disarm(Due.RETURN, call.id)
    release_sender(world, call)


def end_passage(world: World, call: Call) -> None:
    """The call ended, was taken by the net, or is on its next visit."""
    if call.passage is not None:
        world.deadlines.disarm(Due.RETURN, call.id)
        call.passage = None
    release_sender(world, call)


# ── the sender's wrap-up ─────────────────────────────────────────────────────────────────────


def hold_sender(world: World, call: Call, record: AgentRecord, until_ms: int) -> None:
    """Let this wrap-up last until there is news of the call, at most until this moment."""
    call.holds = record
    record.held_until_ms = until_ms
    arm_wrap_up(world, record)


def release_sender(world: World, call: Call) -> None:
    """There is news of the call: its sender's wrap-up has its own time again."""
    record, call.holds = call.holds, None
    if record is not None:
        record.held_until_ms = 0
        arm_wrap_up(world, record)


def arm_wrap_up(world: World, record: AgentRecord) -> None:
    """The wrap-up ends by the clock: at its own time, or when the hold is over, whichever is later."""
    until_ms = max(record.wrap_up_until_ms, record.held_until_ms, world.now_ms)
    world.deadlines.arm(Due.WRAP_UP, record.agent.id, until_ms)


def leave_wrap_up(record: AgentRecord) -> None:
    """The agent does something else now: no call holds them, and the talk before is over for them."""
    call, record.talk, record.talk_queue = record.talk, None, None
    record.held_until_ms = 0
    if call is not None and call.holds is record:
        call.holds = None


__all__ = [
    "arm_wrap_up",
    "ask_transfer",
    "begin_passage",
    "end_passage",
    "hold_sender",
    "leave_wrap_up",
    "pause_passage",
    "release_sender",
    "settle_passage",
]
