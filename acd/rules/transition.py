"""The compiled ``transition.yaml``: phases, ramps, guards; what a start demands; how lines are tried.

The structs are what `acd.transition` decides by; the engine knows nothing of them. Moments of the file are
those of the clock in Rome.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from acd.core.ids import SiteId
from acd.core.policy import StandIn
from acd.rules.calendar_shape import moment_of
from acd.rules.transition_shape import (
    GoOnShape,
    GuardsShape,
    PhaseShape,
    ReadinessShape,
    RehearsalShape,
    StandInShape,
    StepBackShape,
    TransitionFile,
)

__all__ = [
    "GoOn",
    "Guards",
    "Phase",
    "Readiness",
    "Rehearsal",
    "StepBack",
    "TransitionPlan",
    "compile_stand_in",
    "compile_transition",
    "moment_ms",
]

ROME = ZoneInfo("Europe/Rome")


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the way."""

    id: str
    name: str
    fallback: bool
    automatic: bool
    begins_ms: int | None
    """Not sooner by itself."""
    ramp: Mapping[SiteId, tuple[int, ...]]
    others: tuple[int, ...]

    @property
    def steps(self) -> int:
        """How many steps it has, at least one."""
        return max(len(shares) for shares in (self.others, *self.ramp.values()))

    def shares(self, step: int, sites: Iterable[SiteId]) -> dict[SiteId, int]:
        """The share of each of these sites at a step; one beyond the last counts as the last."""
        return {site: _at(self.ramp.get(site, self.others), step) for site in sites}


def _at(ramp: tuple[int, ...], step: int) -> int:
    return ramp[min(step, len(ramp) - 1)]


class GoOn(msgspec.Struct, frozen=True, kw_only=True):
    """When the next step is taken: all of it holds."""

    after_ms: int
    answered_min: float
    wait_ms_max: int
    offices_healthy_min: float
    agents_at_100: int
    rest_ms: int


class StepBack(msgspec.Struct, frozen=True, kw_only=True):
    """When a step is taken back: one of it is enough, and there are healthy offices to go back to."""

    after_ms: int
    answered_min: float
    wait_ms_max: int
    agents_at_100: int
    offices_healthy_min: float


class Guards(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at, and from when on it says something."""

    window_ms: int
    calls_min: int
    go_on: GoOn
    step_back: StepBack


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """What a start demands of the offices' lines."""

    hours_max: float
    ready_min: float


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """How the offices' lines are tried."""

    at_once_per_trunk: int
    trunk_share_max: float
    ring_s: int
    key_s: int
    asks: int
    wait_ms_max: int


class TransitionPlan(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. Without phases there is nothing to start."""

    phases: tuple[Phase, ...]
    guards: Guards
    readiness: Readiness
    rehearsal: Rehearsal

    def phase(self, name: str) -> Phase | None:
        """The phase of this id."""
        return next((phase for phase in self.phases if phase.id == name), None)

    def after(self, name: str) -> Phase | None:
        """The phase behind this one; None: it is the last."""
        return next((b for a, b in pairwise(self.phases) if a.id == name), None)

    def before(self, name: str) -> Phase | None:
        """The phase in front of this one; None: it is the first."""
        return next((a for a, b in pairwise(self.phases) if b.id == name), None)


def compile_transition(file: TransitionFile) -> TransitionPlan:
    """Compile a file that was checked."""
    return TransitionPlan(
        phases=tuple(map(_phase, file.phases)),
        guards=_guards(file.guards),
        readiness=_readiness(file.readiness),
        rehearsal=_rehearsal(file.rehearsal),
    )


def compile_stand_in(shape: StandInShape) -> StandIn:
    """Compile when a waiting call widens."""
    return StandIn(
        own_after_ms=_ms(shape.own_after_s),
        region_after_ms=_ms(shape.region_after_s),
        neighbours_after_ms=_ms(shape.neighbours_after_s),
        national_after_ms=_ms(shape.national_after_s),
        anywhere_after_ms=_ms(shape.anywhere_after_s),
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1_000)


def moment_ms(text: str) -> int:
    """A moment of a file that was checked, as wall milliseconds."""
    day, minutes = moment_of(text, end=False)
    at = dt.datetime.combine(day, dt.time(), ROME).replace(hour=minutes // 60 % 24, minute=minutes % 60)
    if minutes == 24 * 60:
        at = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ROME)
    return round(at.timestamp() * 1_000)


def _phase(shape: PhaseShape) -> Phase:
    return Phase(
        id=shape.phase,
        name=shape.name,
        fallback=shape.fallback,
        automatic=shape.automatic,
        begins_ms=moment_ms(shape.begins) if shape.begins is not None else None,
        ramp={SiteId(site): shares for site, shares in shape.ramp.items()},
        others=shape.others,
    )


def _guards(shape: GuardsShape) -> Guards:
    return Guards(
        window_ms=_ms(shape.window_s),
        calls_min=shape.calls_min,
        go_on=_go_on(shape.go_on),
        step_back=_step_back(shape.step_back),
    )


def _go_on(shape: GoOnShape) -> GoOn:
    return GoOn(
        after_ms=_ms(shape.after_s),
        answered_min=shape.answered_min,
        wait_ms_max=_ms(shape.wait_s_max),
        offices_healthy_min=shape.offices_healthy_min,
        agents_at_100=shape.agents_at_100,
        rest_ms=_ms(shape.rest_s),
    )


def _step_back(shape: StepBackShape) -> StepBack:
    return StepBack(
        after_ms=_ms(shape.after_s),
        answered_min=shape.answered_min,
        wait_ms_max=_ms(shape.wait_s_max),
        agents_at_100=shape.agents_at_100,
        offices_healthy_min=shape.offices_healthy_min,
    )


def _readiness(shape: ReadinessShape) -> Readiness:
    return Readiness(hours_max=shape.hours_max, ready_min=shape.ready_min)


def _rehearsal(shape: RehearsalShape) -> Rehearsal:
    return Rehearsal(
        at_once_per_trunk=shape.at_once_per_trunk,
        trunk_share_max=shape.trunk_share_max,
        ring_s=shape.ring_s,
        key_s=shape.key_s,
        asks=shape.asks,
        wait_ms_max=_ms(shape.wait_s_max),
    )
