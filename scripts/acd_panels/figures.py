"""Numbers as a person in Italy reads them: the units that our panels use, and values that have names."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

__all__ = ["NOTHING", "ROME", "colour_of", "figure"]

ROME = ZoneInfo("Europe/Rome")
NOTHING = "\N{EN DASH}"
"""Where there is no value."""
_YEAR_S = 31_536_000


def figure(value: float, defaults: Mapping[str, Any], now_s: float = 0.0) -> str:
    """One value in the unit of its panel.

    Args:
        value: as Prometheus has it.
        defaults: the panel's ``fieldConfig.defaults``, or those of a column.
        now_s: the present moment, for units that tell a distance to it.
    """
    named = _named(value, defaults)
    if named is not None:
        return named
    if math.isnan(value):
        return str(defaults.get("noValue", NOTHING))
    unit, decimals = defaults.get("unit", "short"), defaults.get("decimals")
    match unit:
        case "percentunit":
            return f"{_plain(value * 100, 1 if decimals is None else decimals)} %"
        case "s":
            return _seconds(value)
        case "cpm":
            return f"{_plain(value, _digits(value) if decimals is None else decimals)}/min"
        case "cps" | "ops":
            return f"{_plain(value, _digits(value) if decimals is None else decimals)}/s"
        case "dateTimeAsIso":
            return f"{dt.datetime.fromtimestamp(value / 1000, ROME):%d/%m/%Y %H:%M}"
        case "dateTimeFromNow":
            return _from_now(value / 1000 - now_s)
        case _:
            return _plain(value, _digits(value) if decimals is None else decimals)


def colour_of(value: float, defaults: Mapping[str, Any]) -> str:
    """Grafana's name of the colour that the value has by mapping or threshold; ``text``: none."""
    for mapping in defaults.get("mappings", []):
        found = mapping.get("options", {}).get(f"{value:g}")
        if mapping["type"] == "value" and found is not None and "color" in found:
            return str(found["color"])
    colour = "text"
    for step in defaults.get("thresholds", {}).get("steps", []):
        if step["value"] is None or value >= step["value"]:
            colour = str(step["color"])
    return colour


def _named(value: float, defaults: Mapping[str, Any]) -> str | None:
    for mapping in defaults.get("mappings", []):
        found = mapping.get("options", {}).get(f"{value:g}")
        if mapping["type"] == "value" and found is not None and "text" in found:
            return str(found["text"])
    return None


def _digits(value: float) -> int:
    if value == int(value) or abs(value) >= 100:
        return 0
    return 1 if abs(value) >= 10 else 2


def _plain(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}".replace(",", "\u2009").replace(".", ",")


def _seconds(value: float) -> str:
    size = abs(value)
    if size == 0:
        return "0 s"
    if size < 0.001:
        return f"{_plain(value * 1e6, 0)} µs"
    if size < 1:
        return f"{_plain(value * 1e3, _digits(value * 1e3) and 1)} ms"
    if size < 60:
        return f"{_plain(value, 0 if value == int(value) else 1)} s"
    if size < 3600:
        return f"{int(value) // 60}:{int(value) % 60:02} min"
    if size < _YEAR_S:
        return f"{int(value) // 3600}:{int(value) % 3600 // 60:02} h"
    return f"{_plain(value / _YEAR_S, 1)} anni"


def _from_now(seconds: float) -> str:
    size = abs(seconds)
    for span, one, more in ((86_400, "giorno", "giorni"), (3600, "ora", "ore"), (60, "minuto", "minuti")):
        if size >= span:
            count = round(size / span)
            words = f"{count} {one if count == 1 else more}"
            return f"{words} fa" if seconds < 0 else f"fra {words}"
    return "adesso"
