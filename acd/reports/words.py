"""How reports write numbers, times and days, in Italian and in English, and say their texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal

from acd.figures.days import ROME
from acd.figures.formulas import Formula, FormulaWords
from acd.reports.shape import ANSWERED_SHARE
from acd.reports.texts import TEXTS
from acd.rules.goals_shape import Measure

__all__ = [
    "TEXTS",
    "Language",
    "clock",
    "count",
    "day",
    "measure_words",
    "moment",
    "percent",
    "say",
    "span",
    "weekday",
]

Language = Literal["it", "en"]
NOTHING: Final = "\N{EN DASH}"
"""In the place of a number that does not exist."""
MINUTE_S: Final = 60
HOUR_S: Final = 3600

WEEKDAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "it": ("lun", "mar", "mer", "gio", "ven", "sab", "dom"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def say(lang: Language, text: str, /, **places: object) -> str:
    """One text."""
    return TEXTS[lang][text].format(**places)


def count(value: int, lang: Language) -> str:
    """A number with its thousands apart: ``12.345``, ``12,345``."""
    told = f"{value:,}"
    return told.replace(",", ".") if lang == "it" else told


def percent(ratio: float | None, lang: Language) -> str:
    """A ratio in per cent with one decimal: ``94,5 %``, ``94.5 %``; nothing without calls.

    It is cut off and not rounded up to what it is not: 0.95896 is 95.8 and misses a goal of 95.9.
    """
    if ratio is None:
        return NOTHING
    told = f"{int(ratio * 1000 + 1e-9) / 10:.1f} %"
    return told.replace(".", ",") if lang == "it" else told


def clock(seconds: float | None) -> str:
    """A length of time: ``0:45``, ``12:05``, ``1:05:09``."""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    minutes, rest = divmod(whole, MINUTE_S)
    if whole < HOUR_S:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def moment(at_ms: int, lang: Language) -> str:
    """A moment on Rome's clock, to the minute."""
    at = dt.datetime.fromtimestamp(at_ms / 1000, ROME)
    return f"{day(at.date().isoformat(), lang)}, {at:%H:%M}"


def span(from_ms: int, until_ms: int, lang: Language) -> str:
    """From when to when; whole days without their times, the last one included."""
    first, last = (dt.datetime.fromtimestamp(ms / 1000, ROME) for ms in (from_ms, until_ms))
    is_whole = last.time() == dt.time()
    end = last - dt.timedelta(days=1) if is_whole else last
    told = [day(one.date().isoformat(), lang) for one in (first, end)]
    told[0] += "" if first.time() == dt.time() else f", {first:%H:%M}"
    told[1] += "" if is_whole else f", {last:%H:%M}"
    return told[0] if told[0] == told[1] else say(lang, "span", first=told[0], last=told[1])


def day(iso: str, lang: Language) -> str:
    """A day: ``2/3/2026``, ``2 Mar 2026``."""
    date = dt.date.fromisoformat(iso)
    return f"{date.day}/{date.month}/{date.year}" if lang == "it" else f"{date.day} {date:%b} {date.year}"


def weekday(iso: str, lang: Language) -> str:
    """A day of the week and the month: ``lun 2``."""
    date = dt.date.fromisoformat(iso)
    return f"{WEEKDAYS[lang][date.weekday()]} {date.day}"


def measure_words(measure: Measure, lang: Language) -> FormulaWords:
    """How a measure is told."""
    if measure == ANSWERED_SHARE:
        return FormulaWords(
            say(lang, "answered_share"),
            say(lang, "answered_share.definition"),
            say(lang, "answered_share.denominator"),
        )
    return Formula(measure).words(lang)
