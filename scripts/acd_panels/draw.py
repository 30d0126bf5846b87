"""A dashboard as a picture: every kind of panel that we use, close to what Grafana shows.

It is for the documentation, where nobody has a Grafana at hand, and for ourselves, to see before a
supervisor does that a panel says something. Layout, units, names, colours and thresholds come from the
committed JSON, the numbers from Prometheus; nothing is drawn that the dashboard does not ask for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from acd_panels.answers import Answer, Window
from acd_panels.canvas import BLUE, HEAD, INK, LINE, MARGIN, SOFT, WIDTH, Frame, Sheet, colour
from acd_panels.dashboards import Dashboard
from acd_panels.draw_bars import bars
from acd_panels.draw_curves import curves
from acd_panels.draw_numbers import number
from acd_panels.draw_table import table
from acd_panels.draw_timeline import timeline
from acd_panels.figures import ROME

__all__ = ["Marks", "draw"]

Marks = Sequence[tuple[str, str, Sequence[tuple[float, str]]]]
"""Annotations: name, colour, moments with their words."""

KINDS = {"stat": number, "timeseries": curves, "table": table, "bargauge": bars, "state-timeline": timeline}


def draw(
    dashboard: Dashboard, answers: Mapping[str, tuple[Answer, ...]], marks: Marks, window: Window, file: Path
) -> None:
    """Draw one dashboard into a PNG file; ``answers`` by the title of the panel."""
    rows = max(panel.box.y + panel.box.height for panel in dashboard.panels)
    sheet = Sheet(rows)
    _head(sheet, dashboard, window)
    moments = [(at_s, colour(paint)) for _, paint, found in marks for at_s, _ in found]
    for panel in dashboard.panels:
        frame = sheet.frame(panel.box)
        if panel.kind == "row":
            sheet.write(frame.x + 2, frame.y + frame.height / 2, panel.title, size=15, bold=True)
            continue
        sheet.card(frame)
        sheet.write(frame.x + 12, frame.y + 16, panel.title, size=13, bold=True, room=frame.width - 24)
        body = frame.inner(12, 30, 12, 10)
        KINDS[panel.kind](sheet, body, panel, answers[panel.title], window, moments)
    _foot(sheet, marks)
    sheet.save(file)


def _head(sheet: Sheet, dashboard: Dashboard, window: Window) -> None:
    sheet.block(Frame(0, 0, WIDTH, 6), BLUE)
    sheet.write(MARGIN + 2, 32, dashboard.title, size=24, bold=True)
    sheet.write(MARGIN + 2, 60, dashboard.description, size=13, face=SOFT, room=WIDTH - 460)
    start = dt.datetime.fromtimestamp(window.start_s, ROME)
    end = dt.datetime.fromtimestamp(window.end_s, ROME)
    right = WIDTH - MARGIN - 2
    sheet.write(right, 32, f"{start:%d/%m/%Y, %H:%M} - {end:%H:%M}", size=14, across="right")
    chosen = [f"Coda: {'tutte' if v == '.*' else v}" for k, v in window.values.items() if k == "queue"]
    shown = " · ".join([*(chosen if "queue" in dashboard.variables else []), "ora di Roma"])
    sheet.write(right, 60, shown, size=13, face=SOFT, across="right")
    sheet.block(Frame(MARGIN, HEAD - 8, WIDTH - 2 * MARGIN, 1), LINE)


def _foot(sheet: Sheet, marks: Marks) -> None:
    """What the vertical lines are, and where the numbers come from."""
    y = sheet.height - 20
    x = float(MARGIN + 2)
    for name, paint, found in marks:
        if found:
            sheet.block(Frame(x, y - 8, 2, 15), colour(paint))
            x += sheet.write(x + 10, y, f"{name} ({len(found)})", size=12, face=INK) + 34
    sheet.write(
        WIDTH - MARGIN - 2,
        y,
        "Giornata simulata; misure lette da Prometheus.",
        size=12,
        face=SOFT,
        across="right",
    )
