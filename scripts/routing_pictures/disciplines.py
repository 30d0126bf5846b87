"""What the disciplines are worth, from the figures of ``scripts/bench routing``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from acd_bench.routing import Result
from routing_pictures.canvas import BLUE, FAINT, ORANGE, RULE, Canvas

FIGURES: Final = Path(__file__).resolve().parents[2] / "docs/benchmarks-routing.json"
COLOURS: Final = {"none": FAINT, "fair": BLUE, "sl20": ORANGE}
NAMES: Final = {"none": "no handicap", "fair": "fair", "sl20": "sl20"}
HEIGHT: Final = 190
WIDTH: Final = 340


class _Panel(NamedTuple):
    measure: str
    title: str
    better: str
    ticks: Sequence[float]


PANELS: Final = (
    _Panel("answered", "answered, % of all callers", "higher is better", (84, 88, 92, 96, 100)),
    _Panel("within_20s", "answered within 20 s, %", "higher is better", (30, 45, 60, 75, 90)),
    _Panel("p95_s", "95 of 100 wait less than, s", "lower is better", (0, 30, 60, 90, 120)),
    _Panel("max_s", "longest wait of the day, s", "lower is better", (0, 75, 150, 225, 300)),
)


def draw() -> Canvas:
    """Four measures by load, a line for each way, with the interval of each mean."""
    result = Result.read(FIGURES)
    canvas = Canvas(
        880,
        680,
        "The same days, three ways",
        "Four small charts by load, each with a line for no handicap, fair and sl20. "
        f"{result.seeds} simulated days at each load; the numbers stand in the table of docs/routing.md.",
    )
    x = 24.0
    for way, colour in COLOURS.items():
        canvas.line([(x, 62), (x + 28, 62)], colour, width=3)
        canvas.dot(x + 14, 62, colour)
        canvas.text(x + 36, 67, NAMES[way])
        x += 60 + 9 * len(NAMES[way])
    for number, panel in enumerate(PANELS):
        _draw_panel(canvas, 64 + number % 2 * 430, 122 + number // 2 * 268, panel, result)
    canvas.foot(
        638,
        "load: work that comes in over time of the people; from 1.0 on not everybody can be answered.",
        "Means of the days; the table has their intervals, and those of the differences, much narrower.",
    )
    return canvas


def _draw_panel(canvas: Canvas, left: float, top: float, panel: _Panel, result: Result) -> None:
    low, high = panel.ticks[0], panel.ticks[-1]
    loads = list(dict.fromkeys(row.load for row in result.rows))

    def at(load: int, value: float) -> tuple[float, float]:
        step = WIDTH / len(loads)
        return left + step * (load + 0.5), top + HEIGHT * (1 - (value - low) / (high - low))

    canvas.text(left - 30, top - 20, panel.title, bold=True)
    canvas.text(left + WIDTH, top - 20, panel.better, size=12, colour=FAINT, at="end")
    for tick in panel.ticks:
        y = at(0, tick)[1]
        canvas.line([(left, y), (left + WIDTH, y)], RULE)
        canvas.text(left - 8, y + 4, f"{tick:g}", size=12, colour=FAINT, at="end")
    for number, load in enumerate(loads):
        canvas.text(at(number, low)[0], top + HEIGHT + 20, f"load {load:g}", size=13, at="middle")
    for way, colour in COLOURS.items():
        means = [result.row(load, way).figures[panel.measure].mean for load in loads]
        points = [at(number, mean) for number, mean in enumerate(means)]
        canvas.line(points, colour, width=2.5)
        for x, y in points:
            canvas.dot(x, y, colour)
