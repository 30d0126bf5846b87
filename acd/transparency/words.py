"""Times, numbers and lists as an Italian reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["all_of", "count", "language", "moment", "percent", "seconds", "span", "units"]

ROME: Final = ZoneInfo("Europe/Rome")
MONTHS: Final = (
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
)
LANGUAGES: Final = {
    "it": "italiano",
    "de": "tedesco",
    "en": "inglese",
    "fr": "francese",
    "es": "spagnolo",
    "ar": "arabo",
    "pl": "polacco",
    "ru": "russo",
}


def span(ms: int) -> str:
    """A length of time: ``45 secondi``, ``1 minuto e 30 secondi``, ``2 ore``."""
    whole = ms // 1000
    if ms % 1000:
        return f"{ms / 1000:g} secondi".replace(".", ",")
    hours, minutes, left = whole // 3600, whole % 3600 // 60, whole % 60
    parts = [
        units(hours, "ora", "ore") if hours else "",
        units(minutes, "minuto", "minuti") if minutes else "",
        units(left, "secondo", "secondi") if left or not whole else "",
    ]
    return all_of([part for part in parts if part])


def seconds(ms: int) -> str:
    """A length of time in seconds alone, as a column shows it: ``90 s``."""
    return f"{ms / 1000:g} s".replace(".", ",")


def units(number: int, one: str, many: str) -> str:
    """``1 ora``, ``3 ore``."""
    return f"{count(number)} {one if number == 1 else many}"


def count(number: int) -> str:
    """A number with its thousands apart: ``3.100``."""
    return f"{number:,}".replace(",", ".")


def percent(ratio: float) -> str:
    """``93,2 %``."""
    return f"{ratio * 100:g} %".replace(".", ",")


def all_of(parts: Sequence[str], last: str = "e") -> str:
    """``a, b e c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}" if parts else ""


def moment(ms: int) -> str:
    """A point in time on Rome's clock: ``1 dicembre 2022, ore 7.58``."""
    at = dt.datetime.fromtimestamp(ms // 1000, tz=ROME)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, ore {at.hour}.{at.minute:02}"


def language(code: str) -> str:
    """The name of a language; its code where we have none."""
    return LANGUAGES.get(code, code)
