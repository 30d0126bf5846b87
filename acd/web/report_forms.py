"""The form of what is asked and answered about reports."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from acd.figures.formulas import Formula
from acd.reports.shape import Kind
from acd.rules.goals_shape import Measure
from acd.web.models import Id, Model

__all__ = ["ReportAnswer", "ReportQuery"]

DAY: Final = "20[0-9]{2}-[0-9]{2}-[0-9]{2}"
"""No call was ever counted before 2000, and none will be after 2099."""
_DAY: Final = re.compile(DAY)


def _day(text: object) -> object:
    """A day of a query."""
    if isinstance(text, str):
        try:
            if _DAY.fullmatch(text):
                return dt.date.fromisoformat(text)
        except ValueError:
            pass
        raise PydanticCustomError("acd", "must be a day such as 2026-03-02", {})
    return text


Day = Annotated[
    dt.date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{DAY}$"}),
]


class ReportQuery(Model):
    """Which days."""

    from_day: Annotated[Day, Field(description="The first day, in Rome, by the entry of the calls.")]
    to_day: Annotated[Day, Field(description="The last day.")]
    queue: Annotated[Id | None, Field(description="Only calls booked in this queue.")] = None


class ShareAnswer(Model):
    """A part of calls, with both numbers."""

    good: int
    of: int
    ratio: float | None
    """null: no call counts."""


class FiguresAnswer(Model):
    """Service level and goal."""

    level: ShareAnswer
    """By the headline formula."""
    measured: ShareAnswer
    """By what the goals speak of."""
    goal: float | None
    """null: none held, or not for all of its calls."""
    reached: bool | None


class ReportCounts(Model):
    """Raw counters (docs/observability.md); ``handled`` and ``handle_ms`` are 0 where they are not told."""

    offered: int
    answered: int
    answered_by_offices: int
    answered_late: int
    met: int
    missed: int
    abandoned_early: int
    abandoned: int
    short_abandoned: int
    short_counted: int
    closed: int
    safety_net: int
    lost: int
    left_in_menu: int
    ended: int
    handled: int
    wait_answered_ms: int
    wait_abandoned_ms: int
    handle_ms: int


class LineAnswer(Model):
    """The calls of one day, half hour, queue, province or path, or all."""

    key: str
    name: str
    counts: ReportCounts
    raw: FiguresAnswer
    rebased: FiguresAnswer | None
    """null: no declared emergency concerns the period."""
    said: int
    """Calls with an outcome code …"""
    settled: int
    """… of which with one that says settled."""
    hidden: bool
    """Too few people can serve the queue: how they work is not told."""


class MeasuredAnswer(Model):
    """One measure of the whole period."""

    measure: Measure
    raw: ShareAnswer
    rebased: ShareAnswer | None


class PartAnswer(Model):
    """A stretch with one goal, and one emergency or none."""

    from_ms: int
    until_ms: int
    emergency: str
    line: LineAnswer


class EmergencyAnswer(Model):
    """A declared emergency."""

    id: str
    from_ms: int
    until_ms: int
    reason: str
    act: str
    suspended: bool
    ratio: float | None
    threshold_ms: int


class RepeatAnswer(Model):
    """How often callers came back on a topic."""

    topic: str
    name: str
    without_hash: int
    """Calls whose callers cannot be told apart."""
    calls: int
    """All others."""
    repeated: int
    """Of those, with an answered call on the topic before, within ``repeat_days``."""
    first_answered: int
    """Answered calls that are no repeat …"""
    first_decided: int
    """… and whose days are over …"""
    first_settled: int
    """… without another call on the topic."""
    hidden: bool


class ReportAnswer(Model):
    """A report: ended calls by their first entry, each figure with its denominator."""

    kind: Kind
    from_day: str
    to_day: str
    from_ms: int
    until_ms: int
    made_ms: int
    queue: str
    headline: Formula
    measure: Measure
    k: int
    """How people work is told of queues that so many can serve."""
    repeat_days: int
    total: LineAnswer
    levels: tuple[MeasuredAnswer, ...]
    parts: tuple[PartAnswer, ...]
    emergencies: tuple[EmergencyAnswer, ...]
    days: tuple[LineAnswer, ...]
    half_hours: tuple[LineAnswer, ...]
    """``key``: when it begins, milliseconds since 1970."""
    queues: tuple[LineAnswer, ...]
    provinces: tuple[LineAnswer, ...]
    paths: tuple[LineAnswer, ...]
    """``primary``, ``fallback``; empty: nobody answered."""
    repeats: tuple[RepeatAnswer, ...]
