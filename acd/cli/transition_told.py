"""What the API answers about the transition, the lines and the forecast, as far as a screen shows it."""

from __future__ import annotations

import msgspec

__all__ = [
    "ForecastTold",
    "LeftTold",
    "LineTold",
    "PlaceTold",
    "ReadinessTold",
    "RehearsalTold",
    "StepTold",
    "TransitionTold",
]


class PlaceTold(msgspec.Struct, frozen=True):
    """A step and the shares there."""

    phase: str
    step: int
    on: bool
    shares: dict[str, int]


class ReadinessTold(msgspec.Struct, frozen=True):
    """Whether the lines allow a start."""

    ready: int
    lines: int
    ratio: float
    ready_min: float
    hours_max: float
    newest_ms: int
    why_not: str


class StepTold(msgspec.Struct, frozen=True):
    """A step, as it was taken."""

    number: int
    at_ms: int
    phase: str
    step: int
    action: str
    automatic: bool
    author: str
    reason: str


class PhaseTold(msgspec.Struct, frozen=True):
    """A phase of the rules."""

    id: str
    name: str
    automatic: bool
    begins_ms: int | None
    steps: int


class TransitionTold(msgspec.Struct, frozen=True):
    """Where it stands."""

    number: int
    since_ms: int
    here: PlaceTold | None
    ahead: PlaceTold | None
    behind: PlaceTold | None
    guards: str
    problem: str
    readiness: ReadinessTold
    phases: tuple[PhaseTold, ...]
    history: tuple[StepTold, ...]


class LineTold(msgspec.Struct, frozen=True):
    """One number of an office."""

    office: str
    name: str
    province: str
    number: str
    result: str
    at_ms: int
    ring_ms: int
    detail: str
    ready: bool


class LeftTold(msgspec.Struct, frozen=True):
    """A line of which nothing was learnt."""

    office: str
    number: str
    why: str


class RehearsalTold(msgspec.Struct, frozen=True):
    """The rehearsal and all lines."""

    running: bool
    begun_ms: int
    author: str
    to_try: int
    tried: int
    calling: tuple[str, ...]
    left: tuple[LeftTold, ...]
    readiness: ReadinessTold
    lines: tuple[LineTold, ...]


class PlaceForecastTold(msgspec.Struct, frozen=True):
    """The callers of one province and language."""

    province: str
    language: str
    calls_h: float
    moved_h: float
    offices: int
    open: int
    capacity_h: float
    reach: str


class ForecastTold(msgspec.Struct, frozen=True):
    """What a change would do."""

    hours: float
    calls: int
    calls_h: float
    before_h: float
    after_h: float
    moved_h: float
    offices_h: float
    agents_h: float
    talk_s: float
    talk_assumed: bool
    places: tuple[PlaceForecastTold, ...]
    out_of_reach: tuple[str, ...]
    overloaded: tuple[str, ...]
