"""Charts of a report as SVG within the page: no script, nothing from elsewhere.

A chart only repeats what a table beside it says, so it is one picture to a screen reader, with a title.
Colours are classes of the page, for light, dark and paper; nothing is told by a colour alone: series differ
in tone and outline, what misses a goal has a mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import msgspec

__all__ = ["Bar", "Series", "bars", "columns", "heat", "lines"]

WIDTH: Final = 960
LEFT: Final = 56
RIGHT: Final = 12
TOP: Final = 14
BOTTOM: Final = 26
LABEL_PX: Final = 46
"""A label under the x axis needs so much."""
ROW: Final = 26
NAME: Final = 285
VALUES: Final = 150
HATCH: Final = (
    '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect class="s-hatch" width="1.6" height="5"/></pattern></defs>'
)


class Series(msgspec.Struct, frozen=True):
    """Numbers of one kind, one for each place on the x axis."""

    name: str
    style: str
    """Class of the page: ``s-agents``, ``s-raw`` …"""
    values: tuple[float | None, ...]


class Bar(msgspec.Struct, frozen=True):
    """One bar that lies, 0 to 1."""

    name: str
    value: float | None
    told: str
    """What stands at its end."""
    goal: float | None = None
    other: float | None = None
    """A second, thinner bar below: the re-based figure."""


def columns(title: str, labels: Sequence[str], series: Sequence[Series], *, height: int = 250) -> str:
    """Stacked columns of counts."""
    plot = _Plot(len(labels), height)
    sums = [sum(one.values[at] or 0 for one in series) for at in range(len(labels))]
    top, step = _nice(max(sums, default=0))
    parts = [plot.grid([(tick * step, _short(tick * step)) for tick in range(round(top / step) + 1)], 0, top)]
    wide = plot.pitch * (0.72 if plot.pitch > 6 else 0.9)
    for at in range(len(labels)):
        low = 0.0
        for one in series:
            value = one.values[at] or 0
            if value:
                y, end = plot.y(low + value, 0, top), plot.y(low, 0, top)
                x = plot.x(at) - wide / 2
                parts.append(_rect(x, y, wide, end - y, one.style))
            low += value
    parts.append(plot.labels(labels))
    return _svg(title, height, parts)


def lines(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    steps: Sequence[Series] = (),
    bands: Sequence[bool] = (),
    height: int = 220,
) -> str:
    """Ratios as lines; ``steps`` are goals, ``bands`` the places that an emergency concerns."""
    plot = _Plot(len(labels), height)
    known = [value for one in (*series, *steps) for value in one.values if value is not None]
    low = min(0.9, int(min(known, default=0.5) * 10) / 10)
    ticks = [round(low + 0.1 * n, 1) for n in range(round((1 - low) * 10) + 1)]
    ticks = ticks if len(ticks) < 7 else ticks[:: len(ticks) // 5]
    parts = []
    for at, is_emergency in enumerate(bands):
        if is_emergency:
            parts.append(
                _rect(plot.x(at) - plot.pitch / 2, TOP, plot.pitch, plot.bottom - TOP, "s-emergency")
            )
    parts.append(plot.grid([(tick, f"{round(tick * 100)} %") for tick in ticks], low, 1))
    for one in steps:
        path = "".join(
            f"M{plot.x(at) - plot.pitch / 2:.1f} {plot.y(value, low, 1):.1f}h{plot.pitch:.1f}"
            for at, value in enumerate(one.values)
            if value is not None
        )
        parts.append(f'<path class="{one.style}" d="{path}"/>')
    parts += [*(_line(plot, one, low) for one in series), plot.labels(labels)]
    return _svg(title, height, parts)


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Lying bars from 0 to 100 %, with a tick at the goal."""
    room = WIDTH - NAME - VALUES
    parts = []
    for at, row in enumerate(rows):
        y = TOP + at * ROW
        parts.append(
            f'<text class="name" x="{NAME - 10}" y="{y + 15}" text-anchor="end">{_cut(row.name)}</text>'
        )
        parts.append(_rect(NAME, y + 3, room, 16, "s-track"))
        if row.value is not None:
            tall = 9 if row.other is not None else 16
            misses = row.goal is not None and row.value < row.goal - 1e-9
            parts.append(_rect(NAME, y + 3, room * row.value, tall, "s-missed" if misses else "s-raw-bar"))
        if row.other is not None:
            parts.append(_rect(NAME, y + 13, room * row.other, 6, "s-rebased-bar"))
        if row.goal is not None:
            parts.append(_rect(NAME + room * row.goal - 1, y, 2.5, 22, "s-goal-mark"))
        parts.append(f'<text class="value" x="{NAME + room + 10}" y="{y + 15}">{escape(row.told)}</text>')
    return _svg(title, TOP + len(rows) * ROW + 6, parts)


def heat(
    title: str,
    days: Sequence[str],
    labels: Sequence[str],
    cells: Sequence[Sequence[tuple[float, bool] | None]],
) -> str:
    """A grid of ratios, a row for each day; True: below its goal, hatched."""
    tall, wide = 20, (WIDTH - 74 - RIGHT) / max(1, len(labels))
    known = [cell[0] for row in cells for cell in row if cell is not None]
    low = min(known, default=0.0)
    span = max(1e-9, 1 - low)
    parts = [HATCH]
    for at, (day, row) in enumerate(zip(days, cells, strict=True)):
        y = TOP + at * tall
        parts.append(f'<text class="tick" x="66" y="{y + 14}" text-anchor="end">{escape(day)}</text>')
        for place, cell in enumerate(row):
            if cell is None:
                continue
            x = 74 + place * wide
            opacity = 1 - 0.88 * (cell[0] - low) / span
            place_of_it = f'x="{x:.1f}" y="{y}" width="{wide - 1.5:.1f}" height="{tall - 2}"'
            parts.append(f'<rect class="s-heat" {place_of_it} fill-opacity="{opacity:.2f}"/>')
            if cell[1]:
                parts.append(f'<rect {place_of_it} fill="url(#hatch)"/>')
    bottom = TOP + len(days) * tall + 14
    every = max(1, -int(-LABEL_PX // wide))
    parts += [
        f'<text class="tick" x="{74 + place * wide:.1f}" y="{bottom}">{escape(label)}</text>'
        for place, label in enumerate(labels)
        if place % every == 0
    ]
    return _svg(title, bottom + 8, parts)


class _Plot:
    """Where things stand in a chart with an x axis of so many places."""

    def __init__(self, places: int, height: int) -> None:
        self.bottom = height - BOTTOM
        self.pitch = (WIDTH - LEFT - RIGHT) / max(1, places)

    def x(self, at: int) -> float:
        """The middle of a place."""
        return LEFT + self.pitch * (at + 0.5)

    def y(self, value: float, low: float, top: float) -> float:
        """The height of a value."""
        return self.bottom - (self.bottom - TOP) * (value - low) / ((top - low) or 1)

    def grid(self, ticks: Sequence[tuple[float, str]], low: float, top: float) -> str:
        """Lines across, each with its value."""
        return "".join(
            f'<path class="grid" d="M{LEFT} {self.y(value, low, top):.1f}H{WIDTH - RIGHT}"/>'
            f'<text class="tick" x="{LEFT - 8}" y="{self.y(value, low, top) + 4:.1f}" '
            f'text-anchor="end">{told}</text>'
            for value, told in ticks
        )

    def labels(self, labels: Sequence[str]) -> str:
        """What stands below, as many as there is room for."""
        longest = max((len(label) for label in labels), default=1)
        every = max(1, -(-max(LABEL_PX, longest * 7.5) // self.pitch))
        return "".join(
            f'<text class="tick" x="{self.x(at):.1f}" y="{self.bottom + 18}" text-anchor="middle">'
            f"{escape(label)}</text>"
            for at, label in enumerate(labels)
            if at % every == 0
        )


def _line(plot: _Plot, one: Series, low: float) -> str:
    """A line that breaks where there is no value, with a dot at each if there is room."""
    path, pen = "", "M"
    dots = []
    for at, value in enumerate(one.values):
        if value is None:
            pen = "M"
            continue
        x, y = plot.x(at), plot.y(value, low, 1)
        path += f"{pen}{x:.1f} {y:.1f}"
        pen = "L"
        dots.append(f'<circle class="{one.style}-dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
    shown = dots if plot.pitch > 12 else []
    return f'<path class="{one.style}" d="{path}"/>' + "".join(shown)


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {height:g}" preserveAspectRatio="xMidYMid meet">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _rect(x: float, y: float, width: float, height: float, style: str) -> str:
    return (
        f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{max(0, width):.1f}" height="{height:.1f}"/>'
    )


def _nice(most: float) -> tuple[float, float]:
    """The top of an axis and the step between its lines: 1, 2 or 5 times a power of ten."""
    step = 1.0
    while most / step > 5:
        for factor in (2.0, 2.5, 2.0):
            step *= factor
            if most / step <= 5:
                break
    return max(step, step * -(-most // step)), step


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 10_000 else f"{value:g}"


def _cut(name: str) -> str:
    return escape(name if len(name) <= 34 else f"{name[:33]}…")
