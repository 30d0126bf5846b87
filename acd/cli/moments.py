"""Times as a person types them: ``2h``, ``1h30m``, ``5m`` for how long; ``14:30`` for when, today.

A moment is by the clock in Rome, as in the files. A time alone is today's, even if it is over: whoever means
tomorrow says the day.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from typing import Final
from zoneinfo import ZoneInfo

from acd.cli.past import instant
from acd.errors import RequestError

__all__ = ["SPAN", "moment_ms", "span_ms"]

ROME: Final = ZoneInfo("Europe/Rome")
SPAN: Final = "90s, 5m, 2h, 1h30m, 1d"
"""How a length of time is written, for help texts."""
_SPAN: Final = re.compile(r"(?:([0-9]{1,3})d)?(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m)?(?:([0-9]{1,6})s)?")
_UNITS_MS: Final = (86_400_000, 3_600_000, 60_000, 1_000)
_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")


def span_ms(text: str) -> int:
    """The milliseconds of a length of time.

    Raises:
        RequestError: It is none, or nothing.
    """
    found = _SPAN.fullmatch(text.strip())
    total = sum(int(n) * unit for n, unit in zip(found.groups(), _UNITS_MS, strict=True) if n) if found else 0
    if total <= 0:
        raise RequestError(f"'{text[:40]}' is no length of time: write {SPAN}.")
    return total


def moment_ms(text: str, now_ms: int | None = None) -> int:
    """The wall milliseconds of a moment on Rome's clock.

    Args:
        text: A time of today, or a day and a time as ``acd.cli.past.instant`` reads them.
        now_ms: Now, for the day; None: it is looked at the clock.

    Raises:
        RequestError: It is none.
    """
    clock = text.strip()
    if _CLOCK.fullmatch(clock) is None:
        return instant(clock)
    now_s = time.time() if now_ms is None else now_ms / 1000
    today = dt.datetime.fromtimestamp(now_s, ROME)
    hour, _, minute = clock.partition(":")
    at = today.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return round(at.timestamp() * 1000)
