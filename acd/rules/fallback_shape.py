"""The shape of ``config/fallback.yaml``: what operations switch by file.

One toggle for the country, one for each site and each office that is named; who is not named is ``auto``.
A toggle that forces something says why, and may say until when; after that moment it is ``auto`` by itself,
though the file still says otherwise. What the modes come to, and what an override does over them, is
`acd.fallback`'s.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from acd.rules.calendar_shape import Moment
from acd.rules.schema import Id, Shape, matching

__all__ = ["HOURS_MAX", "REASON", "REASON_MAX", "REASON_MIN", "FallbackFile", "PolicyShape", "ToggleShape"]

HOURS_MAX: Final = 24
"""An override longer than this is refused, unless the file's policy says otherwise."""
REASON_MIN: Final = 10
REASON_MAX: Final = 200
REASON: Final = (
    rf"[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f\u2028\u2029]{{{REASON_MIN - 2},{REASON_MAX - 2}}}[^\s\x00-\x1f\x7f]"
)
"""A reason: so many characters on one line, the first and the last no blank."""

Reason = Annotated[
    str, matching(REASON, f"is no reason: say why in {REASON_MIN} to {REASON_MAX} characters on one line.")
]


class PolicyShape(Shape):
    """What an override may be."""

    hours_max: Annotated[int, Field(ge=1, le=720)] = HOURS_MAX
    """It ends at the latest so many hours after it begins."""


class ToggleShape(Shape):
    """One toggle."""

    mode: Literal["auto", "forced_on", "forced_off"]
    reason: Reason | None = None
    """Given for whatever is forced."""
    until: Moment | None = None
    """After this moment it is ``auto``; a day alone lasts to its end. Absent: while the file says so."""


class FallbackFile(Shape):
    """``fallback.yaml``: may be absent, then everything is ``auto``."""

    policy: PolicyShape = PolicyShape()
    national: ToggleShape = ToggleShape(mode="auto")
    """``forced_on``: offices stand in for all agents; ``forced_off``: for none, transition or not."""
    sites: dict[Id, ToggleShape] = Field(default_factory=dict)
    """``forced_on``: offices stand in for this site's agents; ``forced_off``: its agents are there."""
    offices: dict[Id, ToggleShape] = Field(default_factory=dict)
    """``forced_on``: asked whatever its hours and health say; ``forced_off``: never asked."""
