"""Curves over time, side by side or one upon the other, with their legend under them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, Locator, MaxNLocator, MultipleLocator

from acd_panels.answers import Answer, Window, name_of
from acd_panels.canvas import LINE, PALETTE, SOFT, Frame, Sheet
from acd_panels.dashboards import Panel
from acd_panels.figures import ROME, figure
from acd_panels.overrides import Look, looks
from acd_panels.prometheus import Series

__all__ = ["curves", "hours"]

LEGEND = 20
LEGEND_LINES_MAX = 2
NAMES_MAX = 14
CLOCK = (10, 15, 30, 60, 120, 300, 600, 900, 1800)
WHOLE = ("short", "cpm", "cps")


class _Curve(NamedTuple):
    name: str
    paint: str
    dashed: bool
    at_s: list[float]
    values: list[float]


def curves(
    sheet: Sheet,
    frame: Frame,
    panel: Panel,
    answers: Sequence[Answer],
    window: Window,
    moments: Sequence[tuple[float, str]],
) -> None:
    """Draw every series of every query."""
    drawn = _drawn(panel, answers, window)
    custom = panel.defaults.get("custom", {})
    lines = _legend(sheet, frame, drawn)
    axes = sheet.axes(frame.inner(58, 4, 4, 24 + lines * LEGEND))
    if custom.get("stacking", {}).get("mode") == "normal":
        _pile(axes, drawn)
    else:
        for curve in drawn:
            axes.plot(
                curve.at_s, curve.values, color=curve.paint, linewidth=1.5, ls="--" if curve.dashed else "-"
            )
            if custom.get("fillOpacity", 0) and len(drawn) <= 4 and not curve.dashed:
                axes.fill_between(curve.at_s, curve.values, 0, color=curve.paint, alpha=0.08, linewidth=0)
    for at_s, paint in moments:
        axes.axvline(at_s, color=paint, linewidth=0.9, alpha=0.55, ls=(0, (4, 2)))
    _values(axes, panel, drawn, custom.get("scaleDistribution", {}).get("type") == "log")
    hours(axes, window)


def hours(axes: Axes, window: Window) -> None:
    """The hours under a panel, in Rome."""
    span_s = window.end_s - window.start_s
    every_s = next((s for s in (10, 30, 60, 300, 900, 1800, 3600, 7200) if span_s / s <= 9), 14_400)
    first = math.ceil(window.start_s / every_s) * every_s
    ticks = [first + index * every_s for index in range(int((window.end_s - first) / every_s) + 1)]
    axes.set_xlim(window.start_s, window.end_s)
    form = "%H:%M:%S" if every_s < 60 else "%H:%M"
    axes.set_xticks(ticks, [dt.datetime.fromtimestamp(at_s, ROME).strftime(form) for at_s in ticks])
    axes.tick_params(axis="x", length=0, labelsize=8.2, labelcolor=SOFT, pad=6)


def _drawn(panel: Panel, answers: Sequence[Answer], window: Window) -> list[_Curve]:
    known = looks(panel)
    taken = {look.paint for look in known.values()}
    free = iter(paint for paint in PALETTE * 8 if paint not in taken)
    gap_s = 3 * max(window.step_s, panel.interval_s)
    found = []
    for answer in answers:
        for series in sorted(answer.series, key=lambda one: name_of(one, answer.asked)):
            name = name_of(series, answer.asked)
            look = known.get(name, Look(name))
            at_s, values = _with_gaps(series, gap_s)
            found.append(_Curve(look.name, look.paint or next(free), look.dashed, at_s, values))
    return found


def _with_gaps(series: Series, gap_s: float) -> tuple[list[float], list[float]]:
    at_s: list[float] = []
    values: list[float] = []
    for at, value in series.points:
        if at_s and at - at_s[-1] > gap_s:
            at_s.append(at_s[-1] + 1)
            values.append(math.nan)
        at_s.append(at)
        values.append(value)
    return at_s, values


def _pile(axes: Axes, drawn: Sequence[_Curve]) -> None:
    """One upon the other; a series that is not there counts nothing."""
    at_s = sorted(
        {
            at
            for curve in drawn
            for at, value in zip(curve.at_s, curve.values, strict=True)
            if not math.isnan(value)
        }
    )
    if not at_s:
        return
    ground = [0.0] * len(at_s)
    for curve in drawn:
        known = {
            at: value for at, value in zip(curve.at_s, curve.values, strict=True) if not math.isnan(value)
        }
        top = [low + known.get(at, 0.0) for low, at in zip(ground, at_s, strict=True)]
        axes.fill_between(at_s, ground, top, color=curve.paint, alpha=0.75, linewidth=0)
        ground = top


def _values(axes: Axes, panel: Panel, drawn: Sequence[_Curve], log: bool) -> None:
    defaults = {**panel.defaults, "mappings": []}
    low, high = axes.get_ylim()
    if log:
        values = [value for curve in drawn for value in curve.values if value > 0] or [1.0]
        axes.set_yscale("log")
        axes.set_ylim(min(*values, max(values) / 100) / 1.5, max(values) * 3)
    else:
        if all(value == 0 or math.isnan(value) for curve in drawn for value in curve.values):
            high = 1.0
        floor = float(defaults.get("min", low))
        top = float(defaults.get("max", high))
        axes.set_ylim(floor, max(top, floor + 1e-9))
        axes.yaxis.set_major_locator(_ticks(defaults, top))
        if defaults.get("unit") == "percentunit" and top - floor >= 0.05:
            defaults["decimals"] = 0
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: figure(value, defaults)))
    axes.minorticks_off()
    axes.tick_params(axis="y", length=0, labelsize=8.2, labelcolor=SOFT, pad=5)
    axes.grid(axis="y", color=LINE, linewidth=0.7)
    axes.set_axisbelow(True)


def _ticks(defaults: Mapping[str, Any], top: float) -> Locator:
    """Where the lines across lie: whole numbers of calls and people, and minutes as a clock has them."""
    if defaults.get("unit") == "s" and top >= 30:
        return MultipleLocator(next((step for step in CLOCK if top / step <= 5), 3600))
    whole = defaults.get("unit") in WHOLE and (top >= 3 or top == 1.0 or defaults.get("decimals") == 0)
    return MaxNLocator(5, steps=[1, 2, 5, 10], integer=whole)


def _legend(sheet: Sheet, frame: Frame, drawn: Sequence[_Curve]) -> int:
    """Write the names under the curves; returns the number of lines."""
    names = list(drawn[:NAMES_MAX])
    rows: list[list[tuple[_Curve, float]]] = [[]]
    x = 0.0
    for curve in names:
        width = 30 + len(curve.name) * 6.6
        if x + width > frame.width and rows[-1]:
            if len(rows) == LEGEND_LINES_MAX:
                break
            rows.append([])
            x = 0.0
        rows[-1].append((curve, x))
        x += width
    written = sum(map(len, rows))
    for index, row in enumerate(rows):
        y = frame.y + frame.height - (len(rows) - index - 1) * LEGEND - 6
        for curve, left in row:
            sheet.block(Frame(frame.x + left, y - 1.5, 14, 3), curve.paint)
            sheet.write(frame.x + left + 20, y, curve.name, size=12, face=SOFT)
        if index == len(rows) - 1 and written < len(drawn):
            words = f"e altre {len(drawn) - written}"
            sheet.write(frame.x + frame.width, y, words, size=12, face=SOFT, across="right")
    return len(rows)
