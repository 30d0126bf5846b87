"""The books: what is counted of a call, once each and when it happens.

The service-level event is counted at the answer, at the threshold, or when the caller leaves before
it; never at the end of the call, so that a jam shows while it lasts. The end is counted once, with
exactly one outcome. A call is booked in the queue of its first visit, whatever transfers follow, and
a call carried by an office stays offered there: switching to offices never flatters the figures.
"""

from __future__ import annotations

from acd.core.calls import Call
from acd.core.deadlines import Due
from acd.core.matching import LOAD_ONLY
from acd.core.notes import CallAnswered, CallOffered, ServiceLevel, ServiceLevelCounted
from acd.core.world import World


def admit(world: World, call: Call, *, adopted: bool = False) -> None:
    """Take a new call into the books and arm what the passing of time means for it."""
    world.calls[call.id] = call
    world.tally[call.booked].entered += 1
    world.note(
        CallOffered(call=call.id, queue=call.queue.id, adopted=adopted, node=call.node, closed=call.closed)
    )
    world.deadlines.arm(Due.THRESHOLD, call.id, call.entered_ms + call.queue.threshold_ms)


def count_answer(world: World, call: Call) -> None:
    """Caller and target talk: met or missed, if not counted yet; the wait, for the first answer."""
    wait_ms = call.answered_ms - call.entered_ms
    if not call.level_counted:
        met = wait_ms <= call.queue.threshold_ms
        count_level(world, call, ServiceLevel.MET if met else ServiceLevel.MISSED)
    if not call.first_answer_noted:
        call.first_answer_noted = True
        world.note(CallAnswered(call=call.id, queue=call.booked, wait_ms=wait_ms, path=call.path))


def count_level(world: World, call: Call, result: ServiceLevel) -> None:
    """Count the service-level event of a call, once in its life, when it happens."""
    call.level_counted = True
    call.level = result
    line = world.matcher.lines.get(call.booked)
    if line is not None and line.recent is not None and result is not ServiceLevel.ABANDONED_EARLY:
        line.recent.count(world.now_ms, met=result is ServiceLevel.MET)
        world.matcher.stirred.setdefault(call.booked, LOAD_ONLY)
    world.deadlines.disarm(Due.THRESHOLD, call.id)
    world.note(ServiceLevelCounted(call=call.id, queue=call.booked, result=result))
