"""A committed dashboard, read as Grafana reads it: its panels, their queries, the values of variables.

Only what we use of Grafana's classic model is understood. ``$__rate_interval`` is worked out as Grafana does
(https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/): the step and one scrape
more, and four scrapes at least; a panel's own least interval is the least step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["ALL", "Asked", "Box", "Dashboard", "Mark", "Panel", "filled", "read"]

ALL = ".*"
"""What a variable with every value stands for (``allValue``)."""
_SPAN = re.compile(r"(\d+)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Asked(NamedTuple):
    """One query of a panel."""

    ref: str
    expr: str
    legend: str
    instant: bool


class Box(NamedTuple):
    """Where a panel stands, in Grafana's grid of 24 columns."""

    x: int
    y: int
    width: int
    height: int


class Panel(NamedTuple):
    """One panel as committed."""

    kind: str
    title: str
    description: str
    box: Box
    asked: tuple[Asked, ...]
    interval_s: int
    """The least step; 0: none."""
    raw: Mapping[str, Any]

    @property
    def defaults(self) -> Mapping[str, Any]:
        """How its values are shown."""
        defaults: Mapping[str, Any] = self.raw.get("fieldConfig", {}).get("defaults", {})
        return defaults

    @property
    def options(self) -> Mapping[str, Any]:
        """What is special to its kind."""
        options: Mapping[str, Any] = self.raw.get("options", {})
        return options


class Mark(NamedTuple):
    """Moments drawn across all panels (an annotation)."""

    name: str
    expr: str
    color: str
    text: str


class Dashboard(NamedTuple):
    """One dashboard as committed."""

    uid: str
    title: str
    description: str
    panels: tuple[Panel, ...]
    marks: tuple[Mark, ...]
    variables: tuple[str, ...]

    def queries(self) -> Iterator[tuple[str, Asked, int]]:
        """Every query with the title of what asks it and the least step, marks included."""
        for panel in self.panels:
            for asked in panel.asked:
                yield panel.title, asked, panel.interval_s
        for mark in self.marks:
            yield mark.name, Asked("Anno", mark.expr, "", instant=False), 0


def read(file: Path) -> Dashboard:
    """The dashboard in this file."""
    raw = json.loads(file.read_text(encoding="utf-8"))
    return Dashboard(
        uid=raw["uid"],
        title=raw["title"],
        description=raw.get("description", ""),
        panels=tuple(_panel(each) for each in raw["panels"]),
        marks=tuple(
            Mark(each["name"], each["expr"], each["iconColor"], each.get("textFormat", ""))
            for each in raw.get("annotations", {}).get("list", [])
            if "expr" in each
        ),
        variables=tuple(each["name"] for each in raw["templating"]["list"] if each["type"] != "datasource"),
    )


def filled(expr: str, values: Mapping[str, str], *, step_s: int, scrape_s: int, range_s: int) -> str:
    """The expression with every variable in its place; what is none of Grafana's (``$1``) stays."""
    rate_s = max(step_s + scrape_s, 4 * scrape_s)
    known = {"__rate_interval": f"{rate_s}s", "__interval": f"{step_s}s", "__range": f"{range_s}s", **values}
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: known.get(found[1] or found[2], found[0]), expr)


def _panel(raw: Mapping[str, Any]) -> Panel:
    place = raw["gridPos"]
    return Panel(
        kind=raw["type"],
        title=raw.get("title", ""),
        description=raw.get("description", ""),
        box=Box(place["x"], place["y"], place["w"], place["h"]),
        asked=tuple(
            Asked(each["refId"], each["expr"], each.get("legendFormat", ""), bool(each.get("instant")))
            for each in raw.get("targets", [])
        ),
        interval_s=_seconds(raw.get("interval") or "0s"),
        raw=raw,
    )


def _seconds(text: str) -> int:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no interval such as 30m")
    return int(found[1]) * _SECONDS[found[2]]
