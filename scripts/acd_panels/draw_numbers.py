"""One figure, or a few side by side, in the colour of its threshold, over the curve of its past."""

from __future__ import annotations

import math
from collections.abc import Sequence

from acd_panels.answers import Answer, Window, name_of
from acd_panels.canvas import BLUE, INK, SOFT, Frame, Sheet, colour
from acd_panels.dashboards import Panel
from acd_panels.figures import colour_of, figure
from acd_panels.prometheus import Series

__all__ = ["number"]

SIZES = (38, 32, 27, 23, 19, 16)


def number(
    sheet: Sheet,
    frame: Frame,
    panel: Panel,
    answers: Sequence[Answer],
    window: Window,
    moments: Sequence[tuple[float, str]],  # noqa: ARG001 - one figure has no time
) -> None:
    """Draw the last value of each series."""
    shown = [(answer, series) for answer in answers for series in answer.series]
    if not shown:
        words = str(panel.defaults.get("noValue", "n.d."))
        sheet.write(
            frame.x + frame.width / 2, frame.y + frame.height / 2, words, size=26, face=SOFT, across="center"
        )
        return
    width = frame.width / len(shown)
    for index, (answer, series) in enumerate(shown):
        part = Frame(frame.x + index * width, frame.y, width, frame.height)
        _one(sheet, part, panel, answer, series, window, alone=len(shown) == 1)


def _one(
    sheet: Sheet, part: Frame, panel: Panel, answer: Answer, series: Series, window: Window, *, alone: bool
) -> None:
    finite = [value for _, value in series.points if not math.isnan(value)]
    last = finite[-1] if finite else float("nan")
    paint = colour(colour_of(last, panel.defaults))
    mode = panel.options.get("textMode")
    words = name_of(series, answer.asked) if mode == "name" else figure(last, panel.defaults, window.end_s)
    if len(series.points) > 2 and panel.options.get("graphMode") == "area":
        _past(sheet, part, series, BLUE if paint == INK else paint)
    middle = part.y + part.height * 0.4
    long = len(words)
    size = next((s for s in SIZES if long * s * 0.56 <= part.width - 8), SIZES[-1])
    sheet.write(
        part.x + part.width / 2,
        middle,
        words,
        size=size,
        face=paint,
        bold=True,
        across="center",
        room=part.width,
    )
    if not alone:
        sheet.write(
            part.x + part.width / 2,
            part.y + part.height - 6,
            name_of(series, answer.asked),
            size=12,
            face=SOFT,
            across="center",
            room=part.width - 6,
        )


def _past(sheet: Sheet, part: Frame, series: Series, paint: str) -> None:
    points = [(at_s, value) for at_s, value in series.points if not math.isnan(value)]
    axes = sheet.axes(
        Frame(part.x - 12, part.y + part.height * 0.68, part.width + 24, part.height * 0.32 + 10)
    )
    moments, values = [at_s for at_s, _ in points], [value for _, value in points]
    axes.fill_between(moments, values, min(0.0, *values), color=paint, alpha=0.14, linewidth=0)
    axes.plot(moments, values, color=paint, linewidth=1.1, alpha=0.75)
    axes.set_xlim(moments[0], moments[-1])
    low, high = min(0.0, *values), max(values)
    axes.set_ylim(low, high + (high - low or 1.0) * 0.08)
    axes.axis("off")
