"""From opening hours to the spans the engine knows.

The core knows no dates (`acd.core.policy.Calendar`), so whatever depends on one is settled here, for
`KNOWN_DAYS` days from a given day: hours of the week, holidays, the patron saint, half days, what is closed
or open for once. Times are those of the clock in Rome; on the two days a year when that clock is set,
the day has 23 or 25 hours, and a span over that hour is one hour shorter or longer.

The order, each over the one before: hours of the weekday; hours of ``holiday`` (none: closed); half days,
which only cut; closings; openings. Spans that touch are one.

**One calendar, many provinces.** ``patron_saint: office`` closes each office on the day of its own province,
so such a calendar compiles once for each province that uses it, under the name ``<calendar>.<province>``.
The provinces share everything but one or two days, so all the rest is done once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from acd.core.ids import CalendarId
from acd.core.policy import Calendar
from acd.rules.calendar_shape import (
    DAYS,
    CalendarsFile,
    CalendarShape,
    HolidaysFile,
    moment_of,
    range_of,
)
from acd.rules.entry import HOLIDAY_PROMPT, PATRON_PROMPT
from acd.rules.holiday_days import HolidayDays

__all__ = ["KNOWN_DAYS", "ROME", "Calendars", "today_in_rome"]

KNOWN_DAYS: Final = 400
ROME: Final = ZoneInfo("Europe/Rome")

Minutes = tuple[int, int]
"""From and until, minutes of one day's clock."""
Span = tuple[int, int]
"""From and until, wall milliseconds."""
Closing = tuple[int, int, str]
"""From, until, and the prompt that says why."""


def today_in_rome() -> dt.date:
    """Return the day it is in Rome now."""
    return dt.datetime.now(tz=ROME).date()


@lru_cache(maxsize=65_536)
def _moment_ms(day: dt.date, minute: int) -> int:
    """Return the wall milliseconds of a moment of Rome's clock; minute 1,440 is the next midnight."""
    if minute == 24 * 60:
        return _moment_ms(day + dt.timedelta(days=1), 0)
    at = dt.datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ROME)
    return round(at.timestamp() * 1_000)


class Calendars:
    """Compiles the calendars of one rule folder; each distinct one once."""

    def __init__(self, file: CalendarsFile, corrected: HolidaysFile, today: dt.date) -> None:
        self._shapes = file.calendars
        self._first = today - dt.timedelta(days=1)  # whoever called before midnight is still there
        self._days = [self._first + dt.timedelta(days=index) for index in range(KNOWN_DAYS + 1)]
        self._known_until_ms = _moment_ms(self._days[-1], 24 * 60)
        self._corrected = corrected
        self._holidays: HolidayDays | None = None
        self._shared: dict[str, tuple[list[Span], list[Closing]]] = {}
        self._made: dict[CalendarId, Calendar] = {}

    @property
    def holidays(self) -> HolidayDays:
        """The holidays of the years in question; asked when somebody needs them."""
        if self._holidays is None:
            years = range(self._days[0].year, self._days[-1].year + 1)
            self._holidays = HolidayDays(self._corrected, years)
        return self._holidays

    def of_queue(self, name: str) -> Calendar:
        """Return the calendar of a queue."""
        patron = self._shapes[name].patron_saint
        return self._make(CalendarId(name), name, patron)

    def of_office(self, name: str, province: str) -> Calendar:
        """Return the calendar of an office of this province.

        Raises:
            AmbiguousPatron: See `HolidayDays.patron`.
        """
        patron = self._shapes[name].patron_saint
        if patron != "office":
            return self._make(CalendarId(name), name, patron)
        return self._make(CalendarId(f"{name}.{province.lower()}"), name, province)

    def opens_within(self, calendar: Calendar, days: int) -> bool:
        """Whether it is open at any moment of the next days, today being the first."""
        begin_ms, until_ms = _moment_ms(self._days[1], 0), _moment_ms(self._days[days + 1], 0)
        return any(first < until_ms and last > begin_ms for first, last in calendar.spans)

    def _make(self, calendar: CalendarId, name: str, patron: str | None) -> Calendar:
        if calendar not in self._made:
            self._made[calendar] = self._compile(calendar, name, patron)
        return self._made[calendar]

    def _compile(self, calendar: CalendarId, name: str, patron: str | None) -> Calendar:
        shape = self._shapes[name]
        spans, closings = self._without_saints(name)
        saints = self.holidays.patron(patron) if patron is not None and shape.holidays else {}
        for day in sorted(saints):
            if self._days[0] <= day <= self._days[-1] and day not in self.holidays.national:
                spans, closings = _on_saint(shape, day, spans, closings)
        for closing in shape.closings:
            begin, until = _moments(closing.begin, closing.until)
            spans = _without(spans, begin, until)
            if closing.say is not None:
                closings = [*closings, (begin, until, closing.say)]
        opened = [_moments(opening.begin, opening.until) for opening in shape.openings]
        if opened or saints:
            spans = list(_joined([*spans, *opened]))
        return Calendar(
            id=calendar,
            spans=tuple(self._within(spans)),
            known_until_ms=self._known_until_ms,
            closings=tuple(sorted(closings)),
        )

    def _without_saints(self, name: str) -> tuple[list[Span], list[Closing]]:
        """Return hours of the week, holidays and half days: what all provinces share, made once."""
        if name not in self._shared:
            shape = self._shapes[name]
            national = self.holidays.national if shape.holidays else {}
            by_day = shape.hours_by_day()
            spans: list[Span] = []
            closings: list[Closing] = []
            for day in self._days:
                hours = _cut(
                    by_day.get("holiday" if day in national else DAYS[day.weekday()], ()), shape, day
                )
                spans.extend((_moment_ms(day, first), _moment_ms(day, last)) for first, last in hours)
                if day in national and not hours:
                    closings.append((*_whole(day), HOLIDAY_PROMPT))
            self._shared[name] = list(_joined(spans)), closings
        return self._shared[name]

    def _within(self, spans: Iterable[Span]) -> Iterator[Span]:
        """Yield what lies within the days this is about: a closing may end and an opening begin beyond."""
        first_ms = _moment_ms(self._first, 0)
        for first, last in spans:
            cut = max(first, first_ms), min(last, self._known_until_ms)
            if cut[0] < cut[1]:
                yield cut


def _on_saint(
    shape: CalendarShape, day: dt.date, spans: list[Span], closings: list[Closing]
) -> tuple[list[Span], list[Closing]]:
    """Give a day the hours of a holiday."""
    hours = _cut(shape.hours_by_day().get("holiday", ()), shape, day)
    begin, until = _whole(day)
    spans = [
        *_without(spans, begin, until),
        *((_moment_ms(day, one), _moment_ms(day, two)) for one, two in hours),
    ]
    return spans, closings if hours else [*closings, (begin, until, PATRON_PROMPT)]


def _whole(day: dt.date) -> Span:
    return _moment_ms(day, 0), _moment_ms(day, 24 * 60)


def _cut(hours: tuple[Minutes, ...], shape: CalendarShape, day: dt.date) -> tuple[Minutes, ...]:
    """Return what a half day leaves of these hours."""
    closes = shape.half_days.get(f"{day:%m-%d}")
    if closes is None:
        return hours
    until = range_of(f"00:00-{closes}")[1]
    return tuple((first, min(last, until)) for first, last in hours if first < until)


def _moments(begin: str, until: str) -> Span:
    return _moment_ms(*moment_of(begin, end=False)), _moment_ms(*moment_of(until, end=True))


def _without(spans: Iterable[Span], begin: int, until: int) -> list[Span]:
    """Take a piece out of spans."""
    left: list[Span] = []
    for first, last in spans:
        if last <= begin or first >= until:
            left.append((first, last))
            continue
        if first < begin:
            left.append((first, begin))
        if until < last:
            left.append((until, last))
    return left


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans in order; those that touch become one, and what the clock skips is none."""
    now: Span | None = None
    for first, last in sorted(spans):
        if first >= last:
            continue
        if now is not None and first <= now[1]:
            now = now[0], max(now[1], last)
            continue
        if now is not None:
            yield now
        now = first, last
    if now is not None:
        yield now
