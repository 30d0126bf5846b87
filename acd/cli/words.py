"""Times, moments and numbers as a person says them; one way for all screens."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acd.core.views import OfficeView

__all__ = ["clock", "count", "day", "duration", "moment", "number", "office_state"]

SECOND_MS = 1000
MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86_400


def duration(ms: int) -> str:
    """A length of time in its two largest units: ``45 s``, ``2 min 05 s``, ``1 h 05 min``, ``3 d 04 h``."""
    seconds = max(0, ms) // SECOND_MS
    if seconds < MINUTE_S:
        return f"{seconds} s"
    if seconds < HOUR_S:
        return f"{seconds // MINUTE_S} min {seconds % MINUTE_S:02} s"
    if seconds < DAY_S:
        return f"{seconds // HOUR_S} h {seconds % HOUR_S // MINUTE_S:02} min"
    return f"{seconds // DAY_S} d {seconds % DAY_S // HOUR_S:02} h"


def clock(ms: int) -> str:
    """A length of time as a column of a table shows it: ``0:45``, ``2:05``, ``1:05:09``."""
    minutes, seconds = divmod(max(0, ms) // SECOND_MS, MINUTE_S)
    if minutes < HOUR_S // MINUTE_S:
        return f"{minutes}:{seconds:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def moment(ms: int) -> str:
    """A point in time on the clock of this machine: ``2026-03-02 14:05:09``."""
    return f"{_local(ms):%Y-%m-%d %H:%M:%S}"


def day(ms: int) -> str:
    """The day of a point in time on this machine: ``2026-03-02``."""
    return f"{_local(ms):%Y-%m-%d}"


def number(value: int) -> str:
    """A number with its thousands apart."""
    return f"{value:,}"


def count(value: int, one: str, many: str = "") -> str:
    """``1 agent``, ``3,100 agents``."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def _local(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / SECOND_MS, tz=dt.UTC).astimezone()


def office_state(office: OfficeView) -> tuple[str, str]:
    """How an office stands in a few words, and the style to show them in."""
    if office.forced is False:
        return "switched off", "yellow"
    words = [] if office.open else ["closed"]
    if office.forced:
        words.append("switched on")
    if office.carrier_out:
        words.append("carrier out")
    if office.breaker != "closed":
        words.append("left alone" if office.breaker == "open" else "tried again")
    if office.in_use >= office.capacity:
        words.append("full")
    alarming = office.carrier_out or office.breaker != "closed"
    return ", ".join(words) or "open", "red" if alarming else "yellow" if words else "green"
