"""The day of a queue: half hours of local time, the day so far, the last half hour.

The day is Italy's (Europe/Rome), from midnight to midnight: 46, 48 or 50 half hours long. A half hour is
named by the moment it begins, in milliseconds since 1970, so on the night with two hours from two to three
each has half hours of its own. Italy's offset is whole hours, hence local half hours are half hours of UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from acd.core.ids import QueueId
from acd.figures.counts import Counts

__all__ = [
    "HALF_HOUR_MS",
    "MENU",
    "MINUTE_MS",
    "RECENT_MINUTES",
    "ROME",
    "Day",
    "half_hour_of",
    "midnight_before",
]

ROME: Final = ZoneInfo("Europe/Rome")
MINUTE_MS: Final = 60_000
HALF_HOUR_MS: Final = 30 * MINUTE_MS
HOUR_MS: Final = 60 * MINUTE_MS
RECENT_MINUTES: Final = 30
"""How many whole minutes, the present one among them, are "the last half hour"."""

MENU: Final = QueueId("")
"""Where those are counted who hung up before any queue."""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """One queue since local midnight. To be read, not to be changed."""

    began_ms: int
    """Local midnight."""
    today: Counts
    recent: Counts
    """The last 30 minutes, the present one included: 29 to 30 minutes of calls."""
    half_hours: Mapping[int, Counts]
    """By begin, oldest first; only those in which something was counted."""


def half_hour_of(at_ms: int) -> int:
    """When the half hour of this moment began."""
    return at_ms - at_ms % HALF_HOUR_MS


def midnight_before(at_ms: int) -> int:
    """The last local midnight in milliseconds; right on the two days that are not 24 hours long."""
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ROME)
    return round(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
