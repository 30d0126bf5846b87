"""What is asked and answered about the transition, its rehearsals and its forecast."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from acd.transition.moves import Move
from acd.web.models import Id, Language, Model, MsInBody
from acd.web.toggle_forms import Reason, Scope

__all__ = [
    "ForecastAnswer",
    "ForecastQuery",
    "LineAnswer",
    "MoveRequest",
    "PhaseAnswer",
    "PlaceAnswer",
    "PlaceForecastAnswer",
    "QueueForecastAnswer",
    "ReadinessAnswer",
    "RehearsalAnswer",
    "RehearsalRequest",
    "StepAnswer",
    "TransitionAnswer",
    "TransitionQuery",
]


class TransitionQuery(Model):
    """How sentences are told."""

    lang: Annotated[Language, Field(description="Language of the sentences.")] = "it"


class MoveRequest(Model):
    """One step, by a person."""

    move: Move
    reason: Reason
    """At least 10 characters, on one line."""
    phase: Id | None = None
    """Of ``start``: where, if not at the first phase."""
    force: bool = False
    """Of ``start``: though the lines are not ready."""
    seen: MsInBody | None = None
    """Number of the step the person has looked at; another one now: refused. Absent: whichever."""


class StepAnswer(Model):
    """A step, as it was taken."""

    number: int
    at_ms: int
    phase: str
    """Empty: finished."""
    step: int
    action: str
    automatic: bool
    author: str
    reason: str
    revision: int


class PhaseAnswer(Model):
    """A phase of the rules."""

    id: str
    name: str
    fallback: bool
    automatic: bool
    begins_ms: int | None
    steps: int


class PlaceAnswer(Model):
    """A step and the shares there, in per cent by site."""

    phase: str
    step: int
    on: bool
    """Whether offices stand in for agents there."""
    shares: dict[str, int]


class ReadinessAnswer(Model):
    """Whether the offices' lines allow a start."""

    ready: int
    lines: int
    ratio: float
    ready_min: float
    hours_max: float
    newest_ms: int
    """When a line was tried last; 0: never."""
    why_not: str
    """Why a start is refused; empty: it is not."""


class TransitionAnswer(Model):
    """Where it stands."""

    number: int
    """Of the newest step; 0: there was none."""
    since_ms: int
    here: PlaceAnswer | None
    """Null: it does not run."""
    ahead: PlaceAnswer | None
    """Where the next step leads."""
    behind: PlaceAnswer | None
    """Where a step back leads."""
    row: str
    """Row of the guards that decided last."""
    guards: str
    """What they say, as a sentence."""
    problem: str
    """What somebody must see to; empty: nothing."""
    readiness: ReadinessAnswer
    phases: tuple[PhaseAnswer, ...]
    history: tuple[StepAnswer, ...]
    """The newest first."""


class LineAnswer(Model):
    """One number of an office, and what was found there last."""

    office: str
    name: str
    province: str
    number: str
    result: str
    """``pressed answered no_answer busy failed wrong``; empty: never tried."""
    at_ms: int
    ring_ms: int
    detail: str
    ready: bool


class LeftAnswer(Model):
    """A line of which nothing was learnt, and why."""

    office: str
    number: str
    why: str


class RehearsalRequest(Model):
    """Which lines are tried."""

    offices: Annotated[tuple[Id, ...], Field(max_length=500)] = ()
    """Only these offices; empty: all."""
    missing: bool
    """Only lines that are not ready."""


class RehearsalAnswer(Model):
    """The rehearsal that runs or ran last, and all lines."""

    running: bool
    begun_ms: int
    """0: none since the process began."""
    author: str
    to_try: int
    """Lines it is for."""
    tried: int
    calling: tuple[str, ...]
    left: tuple[LeftAnswer, ...]
    readiness: ReadinessAnswer
    lines: tuple[LineAnswer, ...]


class ForecastQuery(Model):
    """What would be changed, and how far back calls are counted."""

    change: Annotated[
        Literal["start", "next", "back", "finish", "fallback_on", "fallback_off"],
        Field(description="A step of the transition, or a toggle."),
    ]
    scope: Annotated[Scope, Field(description="Of a toggle: national, site:<name>, office:<name>.")] = (
        "national"
    )
    phase: Annotated[Id | None, Field(description="Of start: where.")] = None
    half_hours: Annotated[
        Literal["1", "2", "4", "8", "16", "48"], Field(description="So many half hours are counted.")
    ] = "2"


class QueueForecastAnswer(Model):
    """One queue, in calls per hour."""

    queue: str
    calls_h: float
    before_h: float
    after_h: float


class PlaceForecastAnswer(Model):
    """The callers of one province and language."""

    province: str
    """Empty: not known."""
    language: str
    calls_h: float
    moved_h: float
    offices: int
    open: int
    capacity_h: float
    reach: str
    """``own region neighbours anywhere nobody``."""


class ForecastAnswer(Model):
    """What the change would do; calls and capacities per hour."""

    hours: float
    calls: int
    calls_h: float
    before_h: float
    """Offered to offices first now …"""
    after_h: float
    """… and after the change."""
    moved_h: float
    offices_h: float
    """What all open offices can take."""
    agents_h: float
    """What the agents can take who are logged in at sites with a share."""
    talk_s: float
    talk_assumed: bool
    """Too few talks: the mean is assumed."""
    queues: tuple[QueueForecastAnswer, ...]
    places: tuple[PlaceForecastAnswer, ...]
    out_of_reach: tuple[str, ...]
    """Provinces whose own offices are all closed or switched off."""
    overloaded: tuple[str, ...]
    """Provinces of which more calls are moved than their own offices can take."""
