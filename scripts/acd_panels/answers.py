"""What a Prometheus answers to a dashboard, as Grafana would ask it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from acd_panels.dashboards import Asked, Mark, Panel, filled
from acd_panels.prometheus import Prometheus, Series

__all__ = ["Answer", "Window", "answer", "empty", "marks", "name_of"]

_LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class Window(NamedTuple):
    """What is looked at, and how finely."""

    start_s: float
    end_s: float
    step_s: int
    scrape_s: int
    values: Mapping[str, str]
    """Of the dashboard's variables."""

    @property
    def range_s(self) -> int:
        """How much time is looked at."""
        return round(self.end_s - self.start_s)


class Answer(NamedTuple):
    """The series of one query."""

    asked: Asked
    series: tuple[Series, ...]


async def answer(prometheus: Prometheus, panel: Panel, window: Window) -> tuple[Answer, ...]:
    """Every query of a panel."""
    return tuple([Answer(asked, await _ask(prometheus, asked, panel, window)) for asked in panel.asked])


async def marks(prometheus: Prometheus, mark: Mark, window: Window) -> list[tuple[float, str]]:
    """The moments of an annotation, oldest first, each with its words; points in a row are one."""
    expr = filled(
        mark.expr, window.values, step_s=window.scrape_s, scrape_s=window.scrape_s, range_s=window.range_s
    )
    found = await prometheus.over(expr, window.start_s, window.end_s, window.scrape_s)
    moments = []
    for series in found:
        last_s = -math.inf
        words = _told(mark.text, series)
        for at_s, value in series.points:
            if value and at_s - last_s > 8 * window.scrape_s:
                moments.append((at_s, words))
            last_s = at_s if value else last_s
    return sorted(moments)


def empty(series: tuple[Series, ...]) -> str:
    """Why this is no data, or nothing: no series, or not one number among its points."""
    if not series:
        return "no series"
    if all(math.isnan(value) for one in series for _, value in one.points):
        return "no number"
    return ""


def name_of(series: Series, asked: Asked) -> str:
    """How the legend calls a series."""
    if not asked.legend:
        return ", ".join(series.labels.values())
    return _told(asked.legend, series)


def _told(pattern: str, series: Series) -> str:
    return _LABEL.sub(lambda found: series.labels.get(found[1], ""), pattern)


async def _ask(prometheus: Prometheus, asked: Asked, panel: Panel, window: Window) -> tuple[Series, ...]:
    step_s = max(window.step_s, panel.interval_s)
    expr = filled(asked.expr, window.values, step_s=step_s, scrape_s=window.scrape_s, range_s=window.range_s)
    if asked.instant:
        return tuple(await prometheus.now(expr, window.end_s))
    begin_s = math.ceil(window.start_s / step_s) * step_s
    return tuple(await prometheus.over(expr, begin_s, window.end_s, step_s))
