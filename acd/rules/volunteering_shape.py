"""The shape of ``volunteering.yaml``: hour profiles of the contracts, and when a slot may not be accepted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from acd.rules.calendar_shape import Time
from acd.rules.schema import Id, Shape

__all__ = [
    "HourProfileShape",
    "LimitsShape",
    "NightShape",
    "RestShape",
    "SlotRulesShape",
    "Then",
    "VolunteeringFile",
]

Then = Literal["refuse", "warn"]
"""What becomes of a slot that breaks a rule: it cannot be accepted, or whoever accepts it is told."""
WeeklyHours = Annotated[float, Field(ge=0, le=48)]


class HourProfileShape(Shape):
    """Hours of a contract; the roster names the profile of each agent (column ``hours``)."""

    weekly_h: WeeklyHours
    """Ordinary hours in a week, Monday to Sunday."""
    daily_h: Annotated[float, Field(gt=0, le=13)]
    """Ordinary hours in one day."""
    overtime_weekly_h: WeeklyHours = 0
    """Overtime in a week; 0: none."""


class NightShape(Shape):
    """Hours in which nobody works (lavoro agile: 22 to 6)."""

    then: Then = "refuse"
    begins: Time = "22:00"
    ends: Time = "06:00"
    """The next day, if that is earlier than ``begins``."""


class RestShape(Shape):
    """Rest between one day's work and the next (D.Lgs. 66/2003 art. 7)."""

    then: Then = "refuse"
    hours: Annotated[float, Field(gt=0, le=24)] = 11


class SlotRulesShape(Shape):
    """What is looked at before a slot is accepted."""

    home_overtime: Then = "refuse"
    """No overtime on a day of work from home."""
    night: NightShape = NightShape()
    rest: RestShape = RestShape()
    contract_hours: Then = "refuse"
    """Not above the hours of the profile; of who has none nothing is known."""


class LimitsShape(Shape):
    """What a slot can be at all."""

    slot_h_min: Annotated[float, Field(gt=0, le=4)] = 0.5
    slot_h_max: Annotated[float, Field(ge=1, le=13)] = 8
    days_ahead_max: Annotated[int, Field(ge=1, le=366)] = 60
    """So many days before it begins it can be accepted."""


class VolunteeringFile(Shape):
    """``volunteering.yaml``: may be absent, then there are no profiles, and the rules are these."""

    hours: dict[Id, HourProfileShape] = Field(default_factory=dict)
    rules: SlotRulesShape = SlotRulesShape()
    limits: LimitsShape = LimitsShape()
