"""Bars side by side, the longest as long as the greatest value (or the panel's own maximum)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from acd_panels.answers import Answer, Window, name_of
from acd_panels.canvas import BLUE, INK, SOFT, Frame, Sheet, colour
from acd_panels.dashboards import Panel
from acd_panels.figures import colour_of, figure
from acd_panels.overrides import Look, looks

__all__ = ["bars"]

NAMES = 0.36
FIGURE = 92
TALL_MAX = 34


def bars(
    sheet: Sheet,
    frame: Frame,
    panel: Panel,
    answers: Sequence[Answer],
    window: Window,
    moments: Sequence[tuple[float, str]],  # noqa: ARG001 - bars have no time
) -> None:
    """Draw one bar for each series, in the order of the queries."""
    shown = [
        (name_of(series, answer.asked), series.points[-1][1])
        for answer in answers
        for series in sorted(answer.series, key=lambda one: -one.points[-1][1])
    ]
    if not shown:
        sheet.write(
            frame.x + frame.width / 2, frame.y + frame.height / 2, "n.d.", size=20, face=SOFT, across="center"
        )
        return
    known = looks(panel)
    finite = [value for _, value in shown if not math.isnan(value)]
    greatest = float(panel.defaults.get("max") or max(finite, default=1.0) or 1.0)
    tall = min(TALL_MAX, (frame.height - 4) / len(shown))
    left = frame.x + frame.width * NAMES
    room = frame.width * (1 - NAMES) - FIGURE
    for index, (name, value) in enumerate(shown):
        y = frame.y + 4 + index * tall + tall / 2
        look = known.get(name, Look(name))
        paint = look.paint or colour(colour_of(value, panel.defaults))
        paint = BLUE if paint == INK else paint
        sheet.write(
            left - 12, y, look.name, size=12.5, face=INK, across="right", room=frame.width * NAMES - 14
        )
        sheet.block(Frame(left, y - tall * 0.31, room, tall * 0.62), "#eef2f6")
        if not math.isnan(value) and value > 0:
            length = min(1.0, value / greatest) * room
            sheet.block(Frame(left, y - tall * 0.31, max(1.5, length), tall * 0.62), paint)
        words = figure(value, panel.defaults, window.end_s)
        sheet.write(left + room + 10, y, words, size=13, bold=True, room=FIGURE)
