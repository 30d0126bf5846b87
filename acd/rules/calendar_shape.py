"""The shape of ``calendars.yaml`` and ``holidays.yaml``.

A calendar gives hours for the days of the week (``mon`` … ``sun``, or ``mon-fri``) and for ``holiday``;
a day without hours is closed. ``half_days`` close early, every year. ``closings`` and ``openings`` are for
once, and come last: a closing takes hours away whatever the day, an opening adds some.

Times are those of the clock in Rome. A range of hours lies within one day; ``24:00`` is its end.

``holidays.yaml`` corrects what the library of holidays says (`acd.rules.holiday_days`).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from acd.rules.schema import Day, Id, Province, Shape, Title

__all__ = [
    "DAYS",
    "CalendarShape",
    "CalendarsFile",
    "ClosingShape",
    "HolidaysFile",
    "OpeningShape",
    "PatronShape",
    "days_of",
    "moment_of",
    "range_of",
]

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of ``date.weekday()``."""

_TIME: Final = r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00"
_RANGE: Final = re.compile(rf"(?P<first>{_TIME})-(?P<last>{_TIME})")


def _refuse(text: str, sentence: str) -> PydanticCustomError:
    return PydanticCustomError("acd", "'{text}' {sentence}", {"text": text[:40], "sentence": sentence})


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def range_of(text: str) -> tuple[int, int]:
    """Return the first and the last minute of a range of hours that was checked."""
    first, _, last = text.partition("-")
    return _minutes(first), _minutes(last)


def _check_range(text: str) -> str:
    if _RANGE.fullmatch(text) is None:
        raise _refuse(text, "is no range of hours: write both with four digits, such as 08:00-20:00.")
    first, last = range_of(text)
    if first >= last:
        raise _refuse(text, "ends before it begins; a night is two ranges, to 24:00 and from 00:00.")
    return text


def days_of(text: str) -> tuple[str, ...]:
    """Return the days of a key of ``hours`` that was checked, such as ``mon-fri``."""
    first, _, last = text.partition("-")
    if first == "holiday":
        return (first,)
    return DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


def _check_days(text: str) -> str:
    first, dash, last = text.partition("-")
    known = first in DAYS and (not dash or last in DAYS)
    if text != "holiday" and not known:
        raise _refuse(text, "is no day: write mon, tue, wed, thu, fri, sat, sun, mon-fri, or holiday.")
    if text != "holiday" and not days_of(text):
        raise _refuse(text, "ends before it begins; a week goes from mon to sun.")
    return text


def _check_day_of_year(text: str) -> str:
    try:
        if dt.date.fromisoformat(f"2024-{text}").strftime("%m-%d") == text:
            return text
    except ValueError:
        pass
    raise _refuse(text, "is no day of the year: write month-day, such as 12-24.")


def moment_of(text: str, *, end: bool) -> tuple[dt.date, int]:
    """Return the day and the minute of a moment that was checked; a day alone ends with its last minute."""
    day = dt.date.fromisoformat(text[:10])
    if len(text) == len("2026-08-14"):
        return day, 24 * 60 if end else 0
    return day, _minutes(text[11:])


def _check_moment(text: str) -> str:
    try:
        day, blank, time = text[:10], text[10:11], text[11:]
        known = text.startswith("20") and dt.date.fromisoformat(day).isoformat() == day
        if known and (text == day or (blank == " " and re.fullmatch(_TIME, time))):
            return text
    except ValueError:
        pass
    raise _refuse(text, "is no moment: write a day, 2026-08-14, or a day and a time, 2026-08-14 14:00.")


Hours = Annotated[str, AfterValidator(_check_range)]
Days = Annotated[str, AfterValidator(_check_days)]
DayOfYear = Annotated[str, AfterValidator(_check_day_of_year)]
Moment = Annotated[str, AfterValidator(_check_moment)]


def _check_time(text: str) -> str:
    if re.fullmatch(_TIME, text) is None:
        raise _refuse(text, "is no time: write it with four digits, such as 14:00.")
    return text


Time = Annotated[str, AfterValidator(_check_time)]


def _check_patron(text: str) -> str:
    if text != "office" and re.fullmatch("[A-Z]{2}", text) is None:
        raise _refuse(text, "is neither a province, such as RM, nor the word office.")
    return text


class ClosingShape(Shape):
    """Closed for once."""

    begin: Annotated[Moment, Field(alias="from")]
    until: Moment
    """A day alone is closed to its end."""
    reason: Title
    """For whoever reads the calendar."""
    say: Id | None = None
    """Prompt that tells callers why; without it they hear only that it is closed."""

    written_as: ClassVar[dict[str, tuple[str, ...]]] = {"begin": ("from",)}


class OpeningShape(Shape):
    """Open for once."""

    begin: Annotated[Moment, Field(alias="from")]
    until: Moment
    reason: Title

    written_as: ClassVar[dict[str, tuple[str, ...]]] = {"begin": ("from",)}


class CalendarShape(Shape):
    """When something is open."""

    hours: Annotated[dict[Days, tuple[Hours, ...]], Field(min_length=1)]
    holidays: bool = True
    """Whether a public holiday has the hours of ``holiday`` (none: closed); False: it is a day like any."""
    patron_saint: Annotated[str, AfterValidator(_check_patron)] | None = None
    """The province whose patron saint is a holiday too; ``office``: the province of each office."""
    half_days: dict[DayOfYear, Time] = Field(default_factory=dict)
    """Day of the year to the time it closes, if it is open at all."""
    closings: tuple[ClosingShape, ...] = ()
    openings: tuple[OpeningShape, ...] = ()

    def hours_by_day(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """Return each day, and ``holiday``, with its ranges as minutes of the day."""
        return {
            day: tuple(map(range_of, ranges)) for key, ranges in self.hours.items() for day in days_of(key)
        }


class CalendarsFile(Shape):
    """``calendars.yaml``: may be absent, then everything is always open."""

    calendars: dict[Id, CalendarShape] = Field(default_factory=dict)


class PatronShape(Shape):
    """The patron saint of a province: a city whose saint the library knows, or a day of the year."""

    city: Literal["Andria", "Barletta", "Trani", "Cesena", "Forli", "Pesaro", "Urbino"] | None = None
    day: DayOfYear | None = None
    name: Title | None = None


class HolidaysFile(Shape):
    """``holidays.yaml``: may be absent, then the library's days hold."""

    patrons: dict[Province, PatronShape] = Field(default_factory=dict)
    added: dict[Day, Title] = Field(default_factory=dict)
    """Public holidays that the library does not know."""
    dropped: tuple[Day, ...] = ()
    """Days that it takes for public holidays and that are none."""
