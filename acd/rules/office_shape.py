"""The shape of ``offices.yaml``: provincial offices, the trunks to them, and when one is left alone.

What each number of ``health`` does is told in `acd.core.health`.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from acd.core.policy import Health
from acd.rules.schema import Endpoint, Id, Number, Province, Shape, Title, defaults_of, matching

__all__ = ["HealthShape", "OfficeShape", "OfficesFile", "TrunkShape"]

NUMBERS_MAX: Final = 20
_HEALTH: Final = defaults_of(Health)

Language = Annotated[str, matching("[a-z]{2}", "is not a language: two small letters, such as it or de.")]


class OfficeShape(Shape):
    """A provincial office and its lines."""

    name: Title
    province: Province
    number: Number
    """The first of its numbers."""
    more_numbers: Annotated[tuple[Number, ...], Field(max_length=NUMBERS_MAX)] = ()
    """Its others: calls take turns."""
    trunk: Endpoint
    capacity: Annotated[int, Field(ge=1, le=1_000)]
    """Calls it carries at once, all its numbers together."""
    calendar: Id | None = None
    """When somebody is there; None: always."""
    provinces: tuple[Province, ...] = ()
    """Provinces whose callers are its own; none: its own province."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("it",)
    """The first is the one in which its people are asked for the key."""
    weight: Annotated[int, Field(ge=1, le=1_000)] = 100
    confirm: bool = False
    """Public numbers: who answers must press 1, so that no voicemail takes a caller."""


class TrunkShape(Shape):
    """A way to offices' numbers."""

    capacity: Annotated[int, Field(ge=1, le=10_000)]
    """Calls at once; no more are sent."""


class HealthShape(Shape):
    """When an office that does not answer is left alone, and when the carrier is to blame."""

    window: Annotated[int, Field(ge=2, le=1_000)] = _HEALTH["window"]
    window_min: Annotated[int, Field(ge=2, le=1_000)] = _HEALTH["window_min"]
    answered_min: Annotated[float, Field(ge=0, le=1)] = _HEALTH["answered_min"]
    in_a_row: Annotated[int, Field(ge=1, le=100)] = _HEALTH["in_a_row"]
    open_s: Annotated[float, Field(ge=1, le=3_600)] = _HEALTH["open_ms"] / 1_000
    open_s_max: Annotated[float, Field(ge=1, le=14_400)] = _HEALTH["open_ms_max"] / 1_000
    carrier_s: Annotated[float, Field(ge=5, le=3_600)] = _HEALTH["carrier_ms"] / 1_000
    carrier_offices_min: Annotated[int, Field(ge=2, le=1_000)] = _HEALTH["carrier_offices_min"]
    carrier_failed_min: Annotated[float, Field(gt=0, le=1)] = _HEALTH["carrier_failed_min"]
    carrier_probe_s: Annotated[float, Field(ge=1, le=600)] = _HEALTH["carrier_probe_ms"] / 1_000


class OfficesFile(Shape):
    """``offices.yaml``."""

    offices: dict[Id, OfficeShape]
    trunks: dict[Endpoint, TrunkShape] = Field(default_factory=dict)
    """Trunks that carry only so much; one that is not named has no limit."""
    health: HealthShape = HealthShape()
