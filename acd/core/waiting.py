"""Beginning to wait: a call takes its place in a line, and what the passing of time means is armed.

Every call that waits has its maximum wait armed, wherever it stands: in a line, parked (its node is out of
reach) or resting. A call *rests* when to offer it at once would be wrong: the dialplan refused its orders
too often in a row (else it would run through all agents at the speed of the network), or a line it is meant
for cannot be judged in the middle of a resync. Rest and maximum wait both end by the clock.
"""

from __future__ import annotations

from typing import Final

from acd.core import hearing
from acd.core.calls import Call, CallState
from acd.core.consent import consider
from acd.core.deadlines import Due
from acd.core.ladder import climb
from acd.core.offering import find_target, rest
from acd.core.opening import settle_closed
from acd.core.stand_in import stand_in
from acd.core.transfers import release_sender, settle_passage
from acd.core.world import World

WAITS: Final = frozenset({CallState.WAITING, CallState.HEARING})
REFUSALS_MAX: Final = 3
"""After so many orders in a row that were not carried out a call rests."""


def start_waiting(world: World, call: Call) -> None:
    """Put a call (back) into its line, at the place of its age, and look for a target at once."""
    call.answered_ms = 0
    call.talker = ""
    world.deadlines.disarm(Due.LOOK, call.id)
    if call.passage is not None:
        if not call.resting and call.node not in world.down:
            settle_passage(world, call)
            if call.state not in WAITS:
                return
    elif call.holds is not None:
        release_sender(world, call)
    queue = call.queue
    if world.matcher.grounds is not None:
        stand_in(world, call)
    if queue.ladder:
        climb(world, call)
    if world.deadlines.due_at(Due.MAX_WAIT, call.id) is None:
        # One in the past is due at once; one armed already may be the pause before the next order to the net.
        wait_over_ms = call.entered_ms + queue.wait_ms_max
        world.deadlines.arm(Due.MAX_WAIT, call.id, max(wait_over_ms, world.now_ms + 1))
    if call.node in world.down or call.id in world.parked:  # until a resync has seen it
        world.parked[call.id] = None
    elif call.resting:
        return
    elif call.closed:
        settle_closed(world, call)
    else:
        world.matcher.wait(call)
        find_target(world, call)
        consider(world, call)


def count_refusal(world: World, call: Call, *, refused: bool) -> None:
    """An offer ended: so many in a row that were not even rung, and the call rests before the next."""
    call.refusals = call.refusals + 1 if refused else 0
    if call.refusals >= REFUSALS_MAX:
        call.refusals = 0
        rest(world, call)


def rest_over(world: World, call: Call) -> None:
    """A call that rested is offered again."""
    call.resting = False
    if call.state in WAITS and call.id not in world.parked:
        start_waiting(world, call)


def return_due(world: World, call: Call) -> None:
    """A call passed on has waited long enough; one that is rung meanwhile goes back when the ring ends."""
    if call.state in WAITS and call.id not in world.parked:
        hearing.give_up(world, call)
        world.matcher.leave_line(call)
        start_waiting(world, call)
