"""What the live pages are told, once a second: the board and the map. Times in milliseconds since 1970."""

from __future__ import annotations

from typing import Literal

from acd.fallback.resolving import Source
from acd.figures.formulas import Formula
from acd.web.answers import ExerciseAnswer
from acd.web.models import Model

__all__ = [
    "BoardAnswer",
    "BoardTotalsAnswer",
    "FallbackNow",
    "FiguresAnswer",
    "GroupRow",
    "HalfHourRow",
    "MapAnswer",
    "MapRow",
    "OfficesNow",
    "QueueRow",
    "TransitionNow",
]

State = Literal["alarm", "watch", "ok", "closed"]
OfficeState = Literal["open", "closed", "resting", "out", "forced_on", "forced_off"]
Why = Literal["", "nobody", "wait", "level"]


class FiguresAnswer(Model):
    """Counts of some time (docs/observability.md says what each is)."""

    level: float | None
    """Service level by the formula of the board, 0 to 1; null: no call counts yet."""
    counted: int
    """What it is divided by."""
    offered: int
    answered: int
    to_offices: int
    """Of the answered, by an office."""
    abandoned: int
    short_abandoned: int
    closed: int
    safety_net: int
    lost: int
    wait_mean_ms: int | None
    """Of the answered."""


class BoardTotalsAnswer(Model):
    """All queues together."""

    waiting: int
    """In all queues, ringing ones included."""
    talking: int
    longest_wait_ms: int
    longest_queue: str
    """Where; empty: nobody waits."""
    target: float | None
    """Of the service level: the queues' targets, weighted by the calls that count today."""
    today: FiguresAnswer
    recent: FiguresAnswer
    """The last 30 minutes."""


class QueueRow(Model):
    """One queue; counts are of today."""

    id: str
    name: str
    sites: tuple[str, ...]
    """Whose agents alone serve it at first; empty: everybody's."""
    state: State
    why: Why
    """Of ``alarm`` and ``watch``: nobody is logged in, somebody waits too long, too few were in time."""
    open: bool
    waiting: int
    talking: int
    longest_wait_ms: int
    threshold_ms: int
    target: float
    level_today: float | None
    level_recent: float | None
    offered: int
    answered: int
    abandoned: int
    to_offices: int
    closed: int
    ready: int | None
    """Free agents who can serve it; null where the group is too small to be told."""
    there: int | None
    """Those logged in."""


class GroupRow(Model):
    """People on duty at a site, or at several that are small."""

    site: str
    """``other``: small sites together."""
    name: str
    ready: int
    busy: int
    """Reserved, ringing or talking."""
    wrap_up: int
    paused: int
    unreachable: int


class HalfHourRow(Model):
    """Half an hour of today, all queues."""

    began_ms: int
    offered: int
    answered: int
    to_offices: int
    abandoned: int
    level: float | None


class FallbackNow(Model):
    """Whether offices stand in for agents, by whose word and until when; no person is named."""

    on: bool
    source: Source
    reason: str
    until_ms: int | None
    sites_on: int
    """Sites whose agents do not take every call first."""
    offices_on: int
    """Forced on …"""
    offices_off: int
    """… and forced off."""


class TransitionNow(Model):
    """A phase of the transition that runs."""

    phase: str
    name: str
    step: int
    """From 1 …"""
    steps: int
    """… to so many."""
    since_ms: int
    share_min: int
    """Per cent of the new calls that sites' agents take first: the least of the sites …"""
    share_max: int
    """… and the most."""
    problem: str


class OfficesNow(Model):
    """All offices together."""

    total: int
    open: int
    resting: int
    """Left alone because they did not answer."""
    carrier_out: int
    """Behind a trunk that fails."""
    in_use: int
    capacity: int


class BoardAnswer(Model):
    """The whole board."""

    at_ms: int
    day_ms: int
    """When today began."""
    formula: Formula
    """Of every service level here."""
    not_ready: str | None
    """Why no call can be routed; null: all is well."""
    exercise: ExerciseAnswer | None
    totals: BoardTotalsAnswer
    queues: tuple[QueueRow, ...]
    """In the order of the rules."""
    groups: tuple[GroupRow, ...]
    merged: int
    """So many sites are in ``other``, or not told."""
    half_hours: tuple[HalfHourRow, ...]
    fallback: FallbackNow
    transition: TransitionNow | None
    offices: OfficesNow


class MapRow(Model):
    """One office."""

    id: str
    name: str
    province: str
    state: OfficeState
    """``resting``: it did not answer and is left alone; ``out``: its trunk fails."""
    capacity: int
    in_use: int
    until_ms: int | None
    """When what somebody forced ends."""


class MapAnswer(Model):
    """All offices."""

    at_ms: int
    not_ready: str | None
    fallback: FallbackNow
    transition: TransitionNow | None
    offices: tuple[MapRow, ...]
