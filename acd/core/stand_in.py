"""Transition mode, call by call: into whose share it falls, and how far it may go by now.

``acd.core.grounds`` says what tiers and stages are; here is when they open. A call gets its number, and
with it its position, when it begins to wait in a queue; it keeps them while it waits there, so that a
greater share admits more of those who wait too, and a smaller one fewer.

The stages come by the clock, counted from the entry of the visit (deadline ``STAGE``): the own office at
once, the region, the neighbours, all agents, any office. A call that falls into a site's share waits for
that site's agents alone at first: all its stages come ``own_after_ms`` later, unless nobody of those sites
is logged in who could answer. A stage that has nobody (no office that is open and well, nobody logged in) is
passed over: to wait for it would be to wait for nobody. What is open stays so until the visit ends, whatever
becomes of shares, and runs on while the call is offered to somebody: a ring is never cut. A call that a
closed queue could not take has no stages; its own rule is in ``acd.core.opening``.

The ladder of the queue runs on beside all this: it says which agents of the admitted sites answer, and its
own office steps hold too. Each stage that opens is noted.
"""

from __future__ import annotations

from acd.core.calls import Call
from acd.core.deadlines import Due
from acd.core.grounds import NAMES, NATIONAL, Grounds, position_of
from acd.core.lines import NEVER, LineRecord
from acd.core.notes import StandInWidened
from acd.core.world import World


def stand_in(world: World, call: Call) -> None:
    """Open the stages that have come for a call, and be on time for the next; nothing in normal mode."""
    grounds = world.matcher.grounds
    if grounds is None or call.closed:
        return
    from_ms = _from_ms(world, call) if call.stages_from_ms is None else call.stages_from_ms
    last = 0
    for after_ms, stage in grounds.of(call).plan:
        if not call.stages & stage:
            due_ms = from_ms + after_ms
            if due_ms > world.now_ms:
                is_alone = last != 0 and not _has_anybody(world, grounds, call, last)
                if is_alone and world.recovering:  # who is there is not known yet
                    due_ms = min(due_ms, world.now_ms + world.rules.timings.look_ms)
                if not is_alone or world.recovering:
                    world.deadlines.arm(Due.STAGE, call.id, due_ms)
                    return
            _open(world, grounds, call, stage)
        last = stage
    world.deadlines.disarm(Due.STAGE, call.id)


def _open(world: World, grounds: Grounds, call: Call, stage: int) -> None:
    grounds.widen(call, stage)
    if stage == NATIONAL:
        world.matcher.move_to_shelf(call, len(world.matcher.cuts))
    world.note(StandInWidened(call=call.id, queue=call.queue.id, stage=NAMES[stage]))


def _from_ms(world: World, call: Call) -> int:
    """From when on the stages of a call count; it gets its tier, and a number if it has none."""
    if call.position < 0:
        queue = call.queue.id
        world.numbers[queue] = number = world.numbers.get(queue, 0) + 1
        call.position = position_of(number)
    world.matcher.move_to_shelf(call, tier_of(world, call))
    waits = bool(call.tier) and not call.stages & NATIONAL and _shared_with_anybody(world, call)
    call.stages_from_ms = call.entered_ms + (world.rules.stand_in.own_after_ms if waits else 0)
    return call.stages_from_ms


def tier_of(world: World, call: Call) -> int:
    """The tier of a call by the shares of now."""
    cuts = world.matcher.cuts
    if call.stages & NATIONAL:
        return len(cuts)
    return sum(call.position < cut for cut in cuts) if call.position >= 0 else 0


def _shared_with_anybody(world: World, call: Call) -> bool:
    """Whether somebody of a site that has a share of this call is logged in."""
    return any(
        post.logged_in and post.firsts[call.shelf] != NEVER and post.firsts[call.granted] == NEVER
        for post in world.matcher.lines[call.queue.id].posts
    )


def _has_anybody(world: World, grounds: Grounds, call: Call, stage: int) -> bool:
    """Whether a stage has an office that can be waited for, or somebody logged in."""
    if stage != NATIONAL:
        area = grounds.of(call).areas.get(stage)
        return area is not None and area.has_anybody()
    ring = world.matcher.ring(call)
    return any(
        post.logged_in and post.firsts[call.shelf] <= ring
        for post in world.matcher.lines[call.queue.id].posts
    )


def pass_over(world: World, record: LineRecord) -> None:
    """An office has closed: calls for which no other is open at their stage need not wait for the next."""
    for area in record.areas:
        if not area.has_anybody():
            for call in area.waiting():
                if world.deadlines.due_at(Due.STAGE, call.id) is not None:
                    world.deadlines.arm(Due.STAGE, call.id, world.now_ms)


def settle_anew(world: World, call: Call) -> None:
    """Rules or shares have changed under a call that stands in no line now: its tier is to be worked out.

    In normal mode nothing is left of the other; a deadline that is armed still finds nothing to do.
    """
    if world.matcher.grounds is None:
        call.position, call.stages = -1, 0
    call.tier, call.shelf, call.stages_from_ms = 0, call.granted, None


def leave_stages(world: World, call: Call) -> None:
    """The visit is over: no position, no stages."""
    if call.position >= 0:
        stop_stages(world, call)
        call.position, call.tier, call.stages = -1, 0, 0
        call.stages_from_ms = None


def stop_stages(world: World, call: Call) -> None:
    """The call does not wait any more; what is open stays so, should it come back into its line."""
    if call.position >= 0:
        world.deadlines.disarm(Due.STAGE, call.id)


def stage_name(call: Call) -> str:
    """How far a call is open in transition mode."""
    return next(name for stage, name in reversed(NAMES.items()) if call.stages & stage)
