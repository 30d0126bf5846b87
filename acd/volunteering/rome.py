"""Days, weeks and months on Rome's clock, as moments: right on the two days a year that are not 24 h long."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from acd.errors import RequestError

__all__ = ["day_of", "day_span", "days_of", "moment_ms", "moment_told", "month_span", "week_span"]

ROME: Final = ZoneInfo("Europe/Rome")
ONE_DAY: Final = dt.timedelta(days=1)
_MONTH: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_MOMENT: Final = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]")


def day_of(ms: int) -> dt.date:
    """The day it is in Rome at a moment."""
    return dt.datetime.fromtimestamp(ms / 1000, tz=ROME).date()


def _at(day: dt.date, clock: str = "00:00") -> int:
    time = dt.time.fromisoformat(clock)
    return round(dt.datetime.combine(day, time, tzinfo=ROME).timestamp() * 1000)


def days_of(from_ms: int, until_ms: int) -> Iterator[dt.date]:
    """The days that a time touches; its end is no part of it."""
    day, last = day_of(from_ms), day_of(until_ms - 1)
    while day <= last:
        yield day
        day += ONE_DAY


def day_span(day: dt.date, begins: str = "00:00", ends: str = "00:00") -> tuple[int, int]:
    """From one hour of a day to another, on the next day if that is not later."""
    last = day if ends > begins else day + ONE_DAY
    return _at(day, begins), _at(last, ends)


def week_span(day: dt.date) -> tuple[int, int]:
    """The week of a day, from Monday."""
    monday = day - dt.timedelta(days=day.weekday())
    return _at(monday), _at(monday + dt.timedelta(days=7))


def month_span(month: str) -> tuple[int, int]:
    """A month such as ``2026-11``.

    Raises:
        RequestError: It is none.
    """
    found = _MONTH.fullmatch(month)
    if found is None:
        raise RequestError(f"'{month[:20]}' is no month; write it like 2026-11.")
    year, number = int(found[1]), int(found[2])
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return _at(dt.date(year, number, 1)), _at(dt.date(*following, 1))


def moment_ms(text: str) -> int:
    """A moment such as ``2026-11-26T08:30``.

    Raises:
        RequestError: It is none.
    """
    local: dt.datetime | None = None
    if _MOMENT.fullmatch(text) is not None:
        with contextlib.suppress(ValueError):  # 31 February
            local = dt.datetime.fromisoformat(text).replace(tzinfo=ROME)
    if local is None:
        raise RequestError(f"'{text[:40]}' is no moment; write it like 2026-11-26T08:30.")
    return round(local.timestamp() * 1000)


def moment_told(ms: int) -> str:
    """A moment as it is written, to the minute."""
    return f"{dt.datetime.fromtimestamp(ms / 1000, tz=ROME):%Y-%m-%d %H:%M}"
