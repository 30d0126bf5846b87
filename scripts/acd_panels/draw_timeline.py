"""States over time: one line for each series, coloured by the value it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from acd_panels.answers import Answer, Window, name_of
from acd_panels.canvas import INK, SOFT, Frame, Sheet, colour
from acd_panels.dashboards import Panel
from acd_panels.draw_curves import hours
from acd_panels.figures import colour_of, figure
from acd_panels.prometheus import Series

__all__ = ["timeline"]

TALL_MAX = 80
KEY = 20
FAINT = "#eef2f6"


def timeline(
    sheet: Sheet,
    frame: Frame,
    panel: Panel,
    answers: Sequence[Answer],
    window: Window,
    moments: Sequence[tuple[float, str]],
) -> None:
    """Draw every series as a line of states."""
    shown = sorted(
        ((name_of(series, answer.asked), series) for answer in answers for series in answer.series),
        key=lambda one: one[0],
    )
    if not shown:
        sheet.write(
            frame.x + frame.width / 2, frame.y + frame.height / 2, "n.d.", size=20, face=SOFT, across="center"
        )
        return
    names = min(190.0, max(len(name) for name, _ in shown) * 7.2 + 12)
    height = min(frame.height - 26 - KEY, len(shown) * TALL_MAX)
    plot = Frame(frame.x + names, frame.y + 2, frame.width - names - 6, height)
    axes = sheet.axes(plot)
    tall = plot.height / len(shown)
    states: dict[float, str] = {}
    for index, (name, series) in enumerate(shown):
        y = plot.y + tall * (index + 0.5)
        sheet.write(plot.x - 10, y, name, size=12, face=INK, across="right", room=names - 12)
        for begin_s, end_s, value in _spans(series, window.step_s):
            paint = colour(colour_of(value, panel.defaults))
            paint = FAINT if value == 0 and paint == INK else paint
            states[value] = paint
            axes.barh(len(shown) - index - 0.5, end_s - begin_s, 0.7, begin_s, color=paint, linewidth=0)
    axes.set_ylim(0, len(shown))
    axes.set_yticks([])
    for at_s, paint in moments:
        axes.axvline(at_s, color=paint, linewidth=0.9, alpha=0.55, ls=(0, (4, 2)))
    hours(axes, window)
    x = frame.x
    for value, paint in sorted(states.items()):
        y = frame.y + frame.height - 6
        sheet.block(Frame(x, y - 5, 14, 10), paint)
        words = figure(value, panel.defaults)
        x += 44 + sheet.write(x + 20, y, words, size=12, face=SOFT)


def _spans(series: Series, step_s: float) -> Iterator[tuple[float, float, float]]:
    """Runs of one value: from, to, value."""
    begin_s = last_s = value = None
    for at_s, now in series.points:
        if begin_s is not None and last_s is not None and value is not None:
            if now == value and at_s - last_s <= 3 * step_s:
                last_s = at_s
                continue
            yield begin_s, min(last_s + step_s, at_s), value
        begin_s, last_s, value = at_s, at_s, now
    if begin_s is not None and last_s is not None and value is not None:
        yield begin_s, last_s + step_s, value
