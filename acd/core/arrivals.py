"""How a caller becomes a call, and how a call we know enters again.

What the dialplan says of a caller is checked against the rules here and nowhere else: a queue nobody
knows is the default one, a priority class nobody knows gives no credit, and no time of entry lies in the
future.

A second visit leaves nothing open of the first. Who passed the caller on is known when the new visit is
the very next one and an agent had the last word of the one before (``Call.talker``): then it begins with a
passage (``acd.core.transfers``), and so does one for an office's line.
"""

from __future__ import annotations

from acd.core.affinity import recall
from acd.core.calls import Call, CallInput, CallState
from acd.core.counting import admit
from acd.core.deadlines import Due
from acd.core.facts import CallEntered, CallSeen
from acd.core.hearing import leave
from acd.core.ids import NodeId, PriorityClassId, QueueId
from acd.core.ladder import begin_again
from acd.core.notes import Late
from acd.core.opening import is_closed
from acd.core.policy import Queue
from acd.core.serving import close_for_caller
from acd.core.transfers import begin_passage, end_passage
from acd.core.waiting import start_waiting
from acd.core.world import World


def queue_named(world: World, name: str) -> Queue:
    """The queue of this name, or the default one: nobody is lost over a name."""
    return world.rules.queues.get(QueueId(name)) or world.rules.queues[world.rules.queue_by_default]


def arrive(world: World, node: NodeId, seen: CallEntered | CallSeen) -> Call:
    """The call of a caller who enters or is found; no time of entry lies in the future."""
    entered_ms = min(seen.entered_ms, world.now_ms)
    first_ms, credit_ms = min(seen.first_entered_ms or entered_ms, entered_ms), 0
    given = world.rules.priority_classes.get(PriorityClassId(seen.priority_class))
    if given is not None:
        credit_ms = given.credit_ms
    call = Call(seen.call, node, queue_named(world, seen.queue), entered_ms, first_ms, credit_ms)
    call.visit = seen.visit
    call.language, call.province = seen.language, seen.province
    call.called, call.caller = seen.called, seen.caller
    call.priority_class = "" if given is None else given.id
    if world.rules.affinity is not None:
        recall(world, call)
    if call.visit == 1 and call.queue.calendar is not None and is_closed(world, call.queue, entered_ms):
        call.closed = call.level_counted = True
    return call


def entered(world: World, fact: CallEntered) -> None:
    """A caller enters whom we do not know, or whose end we have seen."""
    if fact.visit <= world.tombstones.get(fact.call, 0):
        world.note(Late(fact="CallEntered", key=fact.call))
        return
    call = arrive(world, fact.node, fact)
    admit(world, call)
    if fact.office:
        call.closed = False
        begin_passage(world, call, "", call.queue, fact.office)
    start_waiting(world, call)


def reentered(world: World, call: Call, fact: CallEntered) -> None:
    """A caller we know enters again: passed on to a queue or an office, or a late repeat."""
    if fact.visit <= call.visit:
        world.note(Late(fact="CallEntered", key=call.id))
        return
    begin_visit(world, call, fact)
    if world.move_call(call, CallInput.ENTERED, "CallEntered"):
        start_waiting(world, call)


def begin_visit(world: World, call: Call, seen: CallEntered | CallSeen) -> None:
    """Whatever the visit before left open is over; the age is kept, waits count from the new entry."""
    came_from = call.queue
    sender = call.talker if seen.visit == call.visit + 1 else ""
    if call.offer is not None:
        close_for_caller(world, call, call.offer)
    begin_again(world, call)
    leave(world, call)
    world.parked.pop(call.id, None)
    for kind in (Due.MAX_WAIT, Due.LOOK, Due.RETURN, Due.REST):
        world.deadlines.disarm(kind, call.id)
    call.visit = seen.visit
    call.queue = queue_named(world, seen.queue)
    call.entered_ms = min(seen.entered_ms, world.now_ms)
    call.answered_ms = 0
    call.talker = ""
    call.resting = False
    call.refusals = 0
    call.passage = None
    call.avoided.clear()
    closed = call.queue.id != came_from.id and is_closed(world, call.queue, call.entered_ms)
    call.closed = closed and not sender and not seen.office
    if sender or seen.office:
        begin_passage(world, call, sender, came_from, seen.office)
        if call.passage is not None and (closed or _rang_in_vain(world, call, came_from)):
            call.passage.return_ms = world.now_ms
    else:
        end_passage(world, call)


def _rang_in_vain(world: World, call: Call, came_from: Queue) -> bool:
    """Whether the caller was passed on to a person who did not answer: back in the same queue, but late.

    Who is passed on to a queue enters it within milliseconds; a phone that nobody answers rings first.
    """
    rang_ms = call.entered_ms - call.transferred_ms
    was_away = call.state is CallState.TRANSFERRED and rang_ms > world.rules.timings.look_ms
    return was_away and call.queue is came_from
