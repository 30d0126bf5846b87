"""The shape of ``transition.yaml``: how the offices take over, and how calls come back to the agents.

A transition is a list of *phases*; a phase has a *ramp*: per site the share of the new calls that may take
this site's agents first, step by step. All ramps of a phase move together; one that is shorter keeps its
last value. ``guards`` say when it goes on by itself and when it steps back; the two have thresholds of their
own and a least time in each step, so that it does not swing. ``readiness`` is what a start demands of the
offices' lines, ``rehearsal`` how those are tried, ``stand_in`` when a waiting call widens.

What each number does is told in `acd.rules.transition` and in `acd.core.policy.StandIn`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from acd.core.policy import StandIn
from acd.rules.calendar_shape import Moment
from acd.rules.schema import Id, Shape, Title, defaults_of

__all__ = [
    "GoOnShape",
    "GuardsShape",
    "PhaseShape",
    "ReadinessShape",
    "RehearsalShape",
    "StandInShape",
    "StepBackShape",
    "TransitionFile",
]

STEPS_MAX = 20
"""A ramp of more steps is read by nobody."""

Ratio = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[int, Field(ge=0, le=100)]
Ramp = Annotated[tuple[Share, ...], Field(min_length=1, max_length=STEPS_MAX)]
Wait = Annotated[float, Field(gt=0, le=3_600)]
"""Seconds."""

_STAND_IN = defaults_of(StandIn)


def _seconds(name: str) -> float:
    return float(_STAND_IN[name]) / 1_000


class StandInShape(Shape):
    """When a waiting call widens in transition mode; told in `acd.core.policy.StandIn`."""

    own_after_s: Annotated[float, Field(ge=0, le=600)] = _seconds("own_after_ms")
    region_after_s: Annotated[float, Field(ge=0, le=600)] = _seconds("region_after_ms")
    neighbours_after_s: Annotated[float, Field(ge=0, le=600)] = _seconds("neighbours_after_ms")
    national_after_s: Annotated[float, Field(ge=0, le=600)] = _seconds("national_after_ms")
    anywhere_after_s: Annotated[float, Field(ge=0, le=600)] = _seconds("anywhere_after_ms")


class PhaseShape(Shape):
    """One part of the way."""

    phase: Id
    name: Title
    fallback: bool = True
    """Whether offices stand in for agents in this phase."""
    automatic: bool = False
    """Whether it may begin, go on and step back by itself."""
    begins: Moment | None = None
    """Not sooner by itself; the first phase then begins at this moment."""
    ramp: dict[Id, Ramp] = Field(default_factory=dict)
    """Shares by site."""
    others: Ramp = (100,)
    """Shares of the sites that ``ramp`` does not name."""


class GoOnShape(Shape):
    """When the next step is taken: all of it holds, in every queue that has enough calls."""

    after_s: Annotated[float, Field(ge=10, le=604_800)] = 1_800
    answered_min: Ratio = 0.85
    wait_s_max: Wait = 60
    offices_healthy_min: Ratio = 0.8
    agents_at_100: Annotated[int, Field(ge=0, le=10_000)] = 20
    """So many agents logged in at a site for 100 % of its share; as large a part for less."""
    rest_s: Annotated[float, Field(ge=0, le=604_800)] = 3_600
    """So long after a step back."""


class StepBackShape(Shape):
    """When a step is taken back: one of it is enough."""

    after_s: Annotated[float, Field(ge=10, le=604_800)] = 180
    answered_min: Ratio = 0.7
    wait_s_max: Wait = 180
    agents_at_100: Annotated[int, Field(ge=0, le=10_000)] = 10
    offices_healthy_min: Ratio = 0.5
    """With fewer healthy offices it stays where it is: there is nobody to go back to."""


class GuardsShape(Shape):
    """What is looked at, and from when on it says something."""

    window_s: Annotated[float, Field(ge=60, le=3_600)] = 600
    calls_min: Annotated[int, Field(ge=1, le=10_000)] = 30
    """A queue with fewer calls in the window is not looked at."""
    go_on: GoOnShape = GoOnShape()
    step_back: StepBackShape = StepBackShape()


class ReadinessShape(Shape):
    """What a start demands."""

    hours_max: Annotated[float, Field(gt=0, le=720)] = 24
    """A line counts as ready so long after somebody pressed the key there."""
    ready_min: Ratio = 0.9
    """So many of all the lines are ready."""


class RehearsalShape(Shape):
    """How the offices' lines are tried."""

    at_once_per_trunk: Annotated[int, Field(ge=1, le=20)] = 1
    trunk_share_max: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Only while the trunk carries less than this part of its capacity, the trial included."""
    ring_s: Annotated[int, Field(ge=5, le=120)] = 30
    key_s: Annotated[int, Field(ge=2, le=30)] = 6
    """So long for the key after each time it is asked for."""
    asks: Annotated[int, Field(ge=1, le=5)] = 2
    wait_s_max: Annotated[float, Field(ge=0, le=7_200)] = 900
    """So long for a line to become free; then it is left as it was."""


class TransitionFile(Shape):
    """``transition.yaml``: may be absent, then there is no way to start one."""

    phases: tuple[PhaseShape, ...] = ()
    guards: GuardsShape = GuardsShape()
    readiness: ReadinessShape = ReadinessShape()
    rehearsal: RehearsalShape = RehearsalShape()
    stand_in: StandInShape = StandInShape()
