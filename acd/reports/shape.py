"""What a report says: the answer of the API, and what every form of it is written from."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from acd.figures.counts import Counts
from acd.figures.formulas import Formula
from acd.rules.goals import Emergency
from acd.rules.goals_shape import Measure

__all__ = [
    "ANSWERED_SHARE",
    "Figures",
    "Kind",
    "Line",
    "Measured",
    "PartLine",
    "RepeatLine",
    "Report",
    "Share",
]

ANSWERED_SHARE: Measure = "answered_share"


class Kind(StrEnum):
    """Which report."""

    DAY = "day"
    """By day, queue, province and path, and how often callers came back."""
    INTERVAL = "interval"
    """By half hour."""
    SLA = "sla"
    """All service levels, raw and re-based, held against the goals."""


class Share(msgspec.Struct, frozen=True):
    """A part of calls; both numbers are told, so that nobody has to guess what was divided."""

    good: int
    of: int

    @property
    def ratio(self) -> float | None:
        """None without calls."""
        return self.good / self.of if self.of > 0 else None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Service level and goal, raw or re-based."""

    level: Share
    """By the headline formula."""
    measured: Share
    """By what the goals speak of; often the same."""
    goal: float | None
    """None: no goal held, or not for all its calls."""

    @property
    def reached(self) -> bool | None:
        """Whether the goal was; None: there is none, or no call."""
        ratio = self.measured.ratio
        return None if self.goal is None or ratio is None else ratio >= self.goal - 1e-9


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of one day, half hour, queue, province or path, or all."""

    key: str
    """Day as ``2026-03-02``, begin of the half hour in milliseconds, id of the queue, province, path."""
    name: str = ""
    counts: Counts
    """``handled`` and ``handle_ms`` are 0 where they are not told."""
    raw: Figures
    rebased: Figures | None = None
    """None: no emergency concerns the period."""
    said: int = 0
    """Calls with an outcome code …"""
    settled: int = 0
    """… of which with one that says settled."""
    hidden: bool = False
    """Too few people can serve the queue: how they work is not told."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One service level of the whole period."""

    measure: Measure
    raw: Share
    rebased: Share | None = None


class PartLine(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch with one goal, and one emergency or none."""

    from_ms: int
    until_ms: int
    emergency: str
    """Its id; empty: none."""
    line: Line


class RepeatLine(msgspec.Struct, frozen=True, kw_only=True):
    """How often callers came back on a topic (``acd.store.tallies.Repeats``)."""

    topic: str
    name: str
    without_hash: int
    calls: int
    repeated: int
    first_answered: int
    first_decided: int
    first_settled: int
    hidden: bool = False
    """Too few people can serve it: the last three are 0 and not told."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report."""

    kind: Kind
    from_day: str
    to_day: str
    """The last day."""
    from_ms: int
    until_ms: int
    made_ms: int
    queue: str = ""
    """Only calls booked there; empty: all."""
    headline: Formula
    measure: Measure
    k: int
    repeat_days: int
    total: Line
    levels: tuple[Measured, ...]
    """All five formulas, and the share answered."""
    parts: tuple[PartLine, ...]
    emergencies: tuple[Emergency, ...]
    """Those that concern the period."""
    days: tuple[Line, ...] = ()
    half_hours: tuple[Line, ...] = ()
    queues: tuple[Line, ...] = ()
    provinces: tuple[Line, ...] = ()
    paths: tuple[Line, ...] = ()
    repeats: tuple[RepeatLine, ...] = ()
