"""The shape of ``goals.yaml``: what the service has promised, and when that was suspended or re-based.

The goals are those of the service as a whole, by the day from which they hold; what a single queue aims at,
and what opens its ladder, is ``targets`` of ``queues.yaml``. An emergency is a time for which somebody with
the power to do so has declared other goals, or none. Reports keep both figures, the raw one and the re-based
one, side by side: nothing here takes a call out of the raw one.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from acd.rules.calendar_shape import Moment
from acd.rules.schema import Day, Id, Seconds, Shape, matching

__all__ = ["REPEAT_DAYS", "EmergencyShape", "GoalShape", "GoalsFile", "Measure"]

REPEAT_DAYS: Final = 7

Measure = Literal[
    "all_in",
    "early_abandons_excluded",
    "early_abandons_good",
    "short_abandons_excluded",
    "answered_only",
    "answered_share",
]
"""A formula of the service level (`acd.figures`), or ``answered_share``: answered by all offered."""
Ratio = Annotated[float, Field(gt=0, le=1)]
Line = Annotated[
    str, matching(r"\S(?:[^\x00-\x1f\x7f]{8,198}\S)", "must be 10 to 200 characters on one line.")
]


class GoalShape(Shape):
    """A goal that holds from a day on."""

    from_day: Day
    """The first day, in Rome."""
    ratio: Ratio
    """Part of the calls that ``measure`` wants met."""


class EmergencyShape(Shape):
    """A time for which other goals were declared, or none."""

    id: Id
    begins: Moment
    """Calls that entered at this moment or later …"""
    ends: Moment
    """… and before this one; a day alone lasts to its end."""
    reason: Line
    """Why, for whoever reads the report."""
    act: Line
    """Who declared it, and by which act with its date and number."""
    suspended: bool = False
    """No goal holds: its calls are left out of the re-based figure. The raw one keeps them."""
    ratio: Ratio | None = None
    """The goal in the place of the one that holds then."""
    threshold_s: Seconds | None = None
    """A call answered within so long counts as met in the re-based figure; a queue whose own threshold is
    longer keeps that."""


class GoalsFile(Shape):
    """``goals.yaml``: may be absent, then there are no goals and no emergencies."""

    measure: Measure | None = None
    """What the goals speak of: a formula of the service level, or ``answered_share``, the answered by all
    offered. Absent: the headline formula (``service_level`` in the settings)."""
    goals: tuple[GoalShape, ...] = ()
    emergencies: tuple[EmergencyShape, ...] = ()
    repeat_days: Annotated[int, Field(ge=1, le=60)] = REPEAT_DAYS
    """A caller who enters the same queue again within so many days has not been helped the first time."""
    solved: tuple[Id, ...] = ()
    """Outcome codes that say a question is settled; none: reports tell no rate by codes."""
