"""The clock of an exercise: days of the calendars go by in minutes, everything else in real time.

Whether a queue or an office is open, and when a phase of a transition may begin by itself, are moments of the
calendar. An exercise maps these, and nothing else, onto real time by one straight line: the midnight that
begins ``day`` falls on ``begins``, and a day lasts ``day_s`` real seconds. It is done where rules are put in
force, on what was compiled, so the engine knows nothing of it; the worked cases beside the rules are played
by the real calendar. Rings, wrap-up, leases, overrides and whatever else has a length keep it.

A day on which the clock in Rome is set is an hour shorter or longer, as it is in truth. Calendars reach 400
of their days ahead of ``day`` (`acd.rules.calendar.KNOWN_DAYS`); beyond that everything counts as open.
"""

from __future__ import annotations

import copy
import datetime as dt
from typing import Final

import msgspec

from acd.core.policy import Calendar
from acd.rules.calendar import ROME, today_in_rome
from acd.rules.load import LoadedRules, ReadRules
from acd.rules.settings import ExerciseSettings

__all__ = ["Exercise", "exercise_of", "in_exercise", "the_day"]

DAY_MS: Final = 86_400_000


class Exercise(msgspec.Struct, frozen=True, kw_only=True):
    """The straight line between the calendar and real time."""

    day_ms: int
    """Midnight of the first day, as the calendar has it …"""
    begins_ms: int
    """… and when that is in truth."""
    day_s: float
    """How long a day of the calendar lasts."""

    def real_ms(self, calendar_ms: int) -> int:
        """When a moment of the calendar is in truth."""
        return self.begins_ms + round((calendar_ms - self.day_ms) * self.day_s * 1_000 / DAY_MS)

    def calendar_ms(self, real_ms: int) -> int:
        """Where the calendar stands at a real moment."""
        return self.day_ms + round((real_ms - self.begins_ms) * DAY_MS / (self.day_s * 1_000))

    def calendar_now(self, real_ms: int) -> str:
        """The same in words, in Rome: ``2022-12-06 09:14``."""
        return f"{dt.datetime.fromtimestamp(self.calendar_ms(real_ms) / 1_000, ROME):%Y-%m-%d %H:%M}"


def exercise_of(settings: ExerciseSettings | None) -> Exercise | None:
    """What the settings say, in milliseconds."""
    if settings is None:
        return None
    midnight = dt.datetime.combine(dt.date.fromisoformat(settings.day), dt.time(), ROME)
    begins = dt.datetime.fromisoformat(settings.begins).replace(tzinfo=ROME)
    return Exercise(
        day_ms=round(midnight.timestamp() * 1_000),
        begins_ms=round(begins.timestamp() * 1_000),
        day_s=settings.day_s,
    )


def the_day(settings: ExerciseSettings | None) -> dt.date:
    """The day from which calendars must be known: that of the exercise, or the one it is in Rome."""
    return dt.date.fromisoformat(settings.day) if settings is not None else today_in_rome()


def in_exercise(read: ReadRules, exercise: Exercise | None) -> ReadRules:
    """The same rules; what is put in force of them goes by the clock of the exercise, if there is one."""
    if exercise is None:
        return read
    exercised = copy.copy(read)
    exercised.today = _in_real_time(read.today, exercise)
    return exercised


def _in_real_time(loaded: LoadedRules, exercise: Exercise) -> LoadedRules:
    calendars = {name: _calendar(each, exercise) for name, each in loaded.rules.calendars.items()}
    phases = tuple(
        msgspec.structs.replace(
            phase,
            begins_ms=exercise.real_ms(phase.begins_ms) if phase.begins_ms is not None else None,
        )
        for phase in loaded.transition.phases
    )
    return msgspec.structs.replace(
        loaded,
        rules=msgspec.structs.replace(loaded.rules, calendars=calendars),
        transition=msgspec.structs.replace(loaded.transition, phases=phases),
    )


def _calendar(calendar: Calendar, exercise: Exercise) -> Calendar:
    real_ms = exercise.real_ms
    return msgspec.structs.replace(
        calendar,
        spans=tuple((real_ms(begin), real_ms(until)) for begin, until in calendar.spans),
        known_until_ms=real_ms(calendar.known_until_ms),
        closings=tuple((real_ms(begin), real_ms(until), why) for begin, until, why in calendar.closings),
        openings=tuple(
            msgspec.structs.replace(opening, day_ms=real_ms(opening.day_ms)) for opening in calendar.openings
        ),
    )
