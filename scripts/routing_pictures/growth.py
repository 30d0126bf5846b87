"""What a fact costs as the centre grows, from the figures of ``scripts/bench engine --scale``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import log10
from pathlib import Path
from typing import Final

from routing_pictures.canvas import BLUE, FAINT, ORANGE, RULE, Canvas

FIGURES: Final = Path(__file__).resolve().parents[2] / "docs/benchmarks-engine.json"
HEIGHT: Final = 230
WIDTH: Final = 340
US_TICK: Final = 10


def draw() -> Canvas:
    """Two charts: more agents, more callers waiting; each beside what growth by log n would be."""
    scale = json.loads(FIGURES.read_text(encoding="utf-8"))["scale"]
    canvas = Canvas(
        880,
        400,
        "What one fact costs as the centre grows",
        "Two charts with microseconds per fact: from 100 to 30,000 agents, and from 100 to 100,000 callers "
        "waiting. The dashed line is growth by the logarithm from the first point. The numbers stand in "
        "docs/benchmarks-engine.json.",
    )
    most = max(each["us_per_fact"] for rows in scale.values() for each in rows)
    top_us = US_TICK * (int(most) // US_TICK + 2)
    _panel(canvas, 64, [(row["agents"], row["us_per_fact"]) for row in scale["agents"]], "agents", top_us)
    _panel(
        canvas,
        494,
        [(row["waiting"], row["us_per_fact"]) for row in scale["waiting"]],
        "callers waiting",
        top_us,
    )
    canvas.foot(380, "Dashed: the first point grown by log n. Best of five runs each; CPU time.")
    return canvas


def _panel(canvas: Canvas, left: float, points: Sequence[tuple[int, float]], what: str, top_us: int) -> None:
    top = 96.0
    low, high = log10(points[0][0]), log10(points[-1][0])

    def at(size: float, us: float) -> tuple[float, float]:
        return left + WIDTH * (log10(size) - low) / (high - low), top + HEIGHT * (1 - min(us / top_us, 1))

    canvas.text(left - 30, top - 22, f"µs per fact by number of {what}", bold=True)
    for tick in range(0, top_us + 1, US_TICK):
        y = at(points[0][0], tick)[1]
        canvas.line([(left, y), (left + WIDTH, y)], RULE)
        canvas.text(left - 8, y + 4, str(tick), size=12, colour=FAINT, at="end")
    first_size, first_us = points[0]
    canvas.line(
        [at(size, first_us * log10(size) / log10(first_size)) for size, _ in points],
        FAINT,
        width=1.5,
        dashes="5 5",
    )
    canvas.line([at(*point) for point in points], BLUE if what == "agents" else ORANGE, width=2.5)
    for size, us in points:
        x, y = at(size, us)
        canvas.dot(x, y, BLUE if what == "agents" else ORANGE)
        canvas.text(x, top + HEIGHT + 20, f"{size:,}", size=12, at="middle")
