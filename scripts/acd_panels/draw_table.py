"""A table: instant queries joined by their label, a column each, in the units of the columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from acd_panels.answers import Answer, Window
from acd_panels.canvas import LINE, SOFT, Frame, Sheet, colour
from acd_panels.dashboards import Panel
from acd_panels.figures import NOTHING, colour_of, figure

__all__ = ["table"]

TALL = 27


class _Column(NamedTuple):
    name: str
    values: Mapping[str, float]
    shown_as: Mapping[str, Any]


def table(
    sheet: Sheet,
    frame: Frame,
    panel: Panel,
    answers: Sequence[Answer],
    window: Window,
    moments: Sequence[tuple[float, str]],  # noqa: ARG001 - a table has no time
) -> None:
    """Draw as many rows as there is room for, in the panel's order."""
    key = next(
        each["options"]["byField"] for each in panel.raw["transformations"] if each["id"] == "joinByField"
    )
    names: Mapping[str, str] = next(
        each["options"]["renameByName"] for each in panel.raw["transformations"] if each["id"] == "organize"
    )
    columns = [_column(panel, names, answer, key) for answer in answers]
    rows = _ordered(panel, names[key], columns)
    wide = max(240.0, frame.width * 0.2)
    each = (frame.width - wide) / max(1, len(columns))
    edges = [frame.x + wide + (index + 1) * each - 14 for index in range(len(columns))]
    sheet.write(frame.x + 4, frame.y + 8, names[key], size=12, face=SOFT, bold=True)
    for edge, column in zip(edges, columns, strict=True):
        sheet.write(
            edge, frame.y + 8, column.name, size=12, face=SOFT, bold=True, across="right", room=each - 8
        )
    room = int((frame.height - 24) // TALL)
    kept = rows if len(rows) <= room else rows[: room - 1]
    for index, row in enumerate(kept):
        y = frame.y + 24 + index * TALL + TALL / 2
        sheet.block(Frame(frame.x, y - TALL / 2, frame.width, 0.8), LINE)
        sheet.write(frame.x + 4, y, row, size=13)
        for edge, column in zip(edges, columns, strict=True):
            value = column.values.get(row, math.nan)
            words = figure(value, column.shown_as, window.end_s)
            paint = colour(colour_of(value, column.shown_as)) if not math.isnan(value) else SOFT
            marked = colour_of(value, column.shown_as) != "text" and not math.isnan(value)
            sheet.write(edge, y, words, size=13, face=paint, bold=marked, across="right")
    if len(kept) < len(rows):
        y = frame.y + 24 + len(kept) * TALL + TALL / 2
        sheet.write(frame.x + 4, y, f"… e altre {len(rows) - len(kept)} righe", size=12, face=SOFT)


def _column(panel: Panel, names: Mapping[str, str], answer: Answer, key: str) -> _Column:
    name = names[f"Value #{answer.asked.ref}"]
    shown_as: dict[str, Any] = {"noValue": NOTHING}
    for override in panel.raw["fieldConfig"].get("overrides", []):
        if override["matcher"]["options"] == name:
            shown_as |= {each["id"]: each["value"] for each in override["properties"]}
    values = {series.labels.get(key, ""): series.points[-1][1] for series in answer.series}
    return _Column(name, values, shown_as)


def _ordered(panel: Panel, key_name: str, columns: Sequence[_Column]) -> list[str]:
    rows = sorted({row for column in columns for row in column.values})
    for order in panel.options.get("sortBy", []):
        for column in columns:
            if column.name == order["displayName"]:
                sign = -1 if order.get("desc") else 1
                rows.sort(key=lambda row: (_last(column, row), sign * column.values.get(row, 0.0)))
        if order["displayName"] == key_name and order.get("desc"):
            rows.reverse()
    return rows


def _last(column: _Column, row: str) -> bool:
    value = column.values.get(row)
    return value is None or math.isnan(value)
