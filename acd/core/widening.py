"""What follows when the search widens: for one call at its time, for all calls of a line at once.

When a whole line is served further than before (load, or nobody left in a step), those idle agents and free
lines that are reached by it choose one by one, as if they had just become free: best first, in slices,
and nobody finds them for a younger call before they have had their choice. Each waiting call notes the
step. A line that has become narrower again asks for nothing.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from acd.core.agents import AgentRecord
from acd.core.calls import Call, CallState
from acd.core.consent import consider
from acd.core.ids import CallId
from acd.core.ladder import climb, tell, weigh
from acd.core.lines import NEVER, Line, Post, Shelf
from acd.core.offering import find_call, find_calls, find_target
from acd.core.stand_in import stand_in
from acd.core.world import World

ELSEWHERE: Final = (
    CallState.FAREWELL,
    CallState.TALKING,
    CallState.LEAVING,
    CallState.TRANSFERRED,
    CallState.IN_NET,
)
"""Where no ladder leads any further."""


def step_due(world: World, call: Call) -> None:
    """A call has waited for a step of its ladder."""
    if call.state in ELSEWHERE:
        return
    climb(world, call)
    if call.place:
        find_target(world, call)
        consider(world, call)


def stage_due(world: World, call: Call) -> None:
    """A call has waited for a stage of the stand-in; a line or an agent of it that is free has it at once."""
    if call.state in ELSEWHERE:
        return
    stand_in(world, call)
    if call.place:
        find_target(world, call)


def weigh_lines(world: World) -> None:
    """Look at the ladders of all lines that have been stirred, until there is bulk work to do first."""
    stirred = world.matcher.stirred
    while stirred and not world.work:
        queue = next(iter(stirred))
        load_only = stirred.pop(queue)
        line = world.matcher.lines.get(queue)  # somebody not yet regrouped may stir a queue that is gone
        if line is not None and weigh(world, line, load_only=bool(load_only)) and line.waiting_count:
            _widen(world, line)


def _widen(world: World, line: Line) -> None:
    calls = [
        call.id
        for shelf in line.shelves
        for call in shelf.waiting()
        if call.told_step < shelf.rings[call.step]
    ]
    if calls:
        world.work.append(partial(tell_next, world, calls))
    reached = _reached(line)
    for record in reached:
        world.matcher.leave_pool(record)
    if reached:
        reached.reverse()
        world.work.append(partial(choose_next, world, reached))
    for office in dict.fromkeys(office for shelf in line.shelves for office, _ in shelf.offices):
        if office.has_room:
            office.resting = True
            world.work.append(partial(find_calls, world, office))


def _reached(line: Line) -> list[AgentRecord]:
    """Idle agents who may have a call that waits here, best first."""
    found: list[tuple[int, int, int, AgentRecord]] = []
    for post in line.posts:
        if post.idle_count and any(_has_call(shelf, post) for shelf in line.shelves):
            found += [
                (since_ms + post.cost_ms, since_ms, ordinal, record)
                for since_ms, ordinal, place, record in post.idle
                if record.place == place
            ]
    found.sort(key=lambda each: each[:3])
    return [record for *_, record in found]


def _has_call(shelf: Shelf, post: Post) -> bool:
    first = post.firsts[shelf.index]
    return first != NEVER and bool(shelf.heaps[shelf.gates[first]])


def tell_next(world: World, calls: list[CallId]) -> None:
    """One of these calls is served further than before, if it waits still; then the next."""
    call = world.calls.get(calls.pop())
    if call is not None and call.place:
        tell(world, call)
    if calls:
        world.work.appendleft(partial(tell_next, world, calls))


def choose_next(world: World, records: list[AgentRecord]) -> None:
    """The last of these agents has the choice of all calls; then the next."""
    record = records.pop()
    if records:
        world.work.appendleft(partial(choose_next, world, records))
    find_call(world, record)
