"""Queues outside their hours: no call leaves no trace, and nobody hears music for nobody.

A call whose queue is closed when it enters is counted like any other. What is possible is offered at once: a
free line of an office that the queue's ladder names without asking anybody, if the office itself is open;
those of the caller's own province first, and the next one when nobody answers there. Nobody waits for a busy
line. When there is none, the caller is told that the queue is closed, why, and when it opens, and Asterisk
hangs up after that: ``Outcome.CLOSED``. Such a call has no service-level event, whatever becomes of it.

An office outside its hours is no target of anybody (``LineRecord.shut``); ``Due.HOURS`` opens and shuts it.
One that somebody has switched on or off does not go by its hours (``acd.core.fallback_change``).

What was open when a call entered it is open to the end: a call already waiting when the queue closes is
served on, after a restart too, for the entry decides and not the moment we look. A call that comes back into
the queue it came from is served on as well, and one that an agent passed on to a closed queue goes back at
once.
"""

from __future__ import annotations

from typing import Final

from acd.core.calls import Call
from acd.core.deadlines import Due
from acd.core.hearing import say, sounds_of, stop
from acd.core.ids import OfficeId
from acd.core.lines import LineRecord
from acd.core.notes import CallToldClosed
from acd.core.offering import find_calls, offer_to_line, rest
from acd.core.policy import Calendar, Queue
from acd.core.stand_in import pass_over
from acd.core.world import World

CLOSED_PROMPT: Final = "closed"
"""Said first, by its fixed id in ``prompts.yaml``."""


def calendar_of(world: World, queue: Queue) -> Calendar | None:
    """The calendar of a queue, None when it never closes."""
    return None if queue.calendar is None else world.rules.calendars.get(queue.calendar)


def is_closed(world: World, queue: Queue, at_ms: int) -> bool:
    """Whether a call that entered at this moment found the queue closed."""
    calendar = calendar_of(world, queue)
    return calendar is not None and not calendar.open_at(at_ms)


def hours_due(world: World, office: OfficeId) -> None:
    """An office may have opened or closed."""
    record = world.lines.get(office)
    if record is not None:
        watch_hours(world, record)
        find_calls(world, record)


def watch_hours(world: World, record: LineRecord) -> None:
    """Open or shut an office by its calendar or by force, and be on time for the next change."""
    calendar = None if record.office.calendar is None else world.rules.calendars.get(record.office.calendar)
    is_open = record.forced
    if is_open is None:
        is_open = calendar is None or calendar.open_at(world.now_ms)
    if (shut := not is_open) is not record.shut:
        record.shut = shut
        for line in world.matcher.lines.values():
            if any(each is record for each, _ in line.shelves[-1].offices):
                world.matcher.stirred[line.queue.id] = None
        if shut:
            pass_over(world, record)
    change_ms = None if calendar is None else calendar.changes_next(world.now_ms)
    if change_ms is not None:
        world.deadlines.arm(Due.HOURS, record.office.id, change_ms)


def settle_closed(world: World, call: Call) -> None:
    """A call of a closed queue waits: ring an office that is open, or say when the queue opens."""
    stop(world, call)  # whatever the process before us was saying
    if world.recovering:
        rest(world, call)
        return
    line = _free_line(world, call)
    if line is not None:
        offer_to_line(world, call, line)
    else:
        _tell(world, call)


def _free_line(world: World, call: Call) -> LineRecord | None:
    steps = [step for step in call.queue.ladder if not step.consent]
    named = dict.fromkeys(office for step in steps for office in step.offices)
    free = [
        record
        for record in map(world.lines.__getitem__, named)
        if record.has_room and record.office.id not in call.avoided
    ]
    at_home = [record for record in free if record.office.province == call.province]
    return next(iter(at_home or free), None)


def _tell(world: World, call: Call) -> None:
    calendar = calendar_of(world, call.queue)
    prompts = [CLOSED_PROMPT]
    opens_ms = None
    if calendar is not None:
        prompts += [calendar.why_closed(world.now_ms), calendar.told_of_opening(world.now_ms)]
        opens_ms = calendar.opens_next(world.now_ms)
    sounds = [sound for prompt in prompts for sound in sounds_of(world, prompt, call.language)]
    world.note(CallToldClosed(call=call.id, queue=call.queue.id, opens_ms=opens_ms))
    say(world, call, tuple(sounds), then_hang_up=True)
