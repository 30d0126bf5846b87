"""The shape of ``privacy.yaml``: how small a group may be shown, how long what is kept, and on whose word.

The law has no number for either; the defaults here are the cautious ones. What would show more of a person,
a group under ten, a journal beyond 72 hours, names in ``queue_log``, takes an agreement (L. 300/1970 art. 4)
that is named in the file with its reference and date and that unlocks exactly this. Nothing is unlocked by
default.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from acd.rules.schema import Day, Shape, matching

__all__ = [
    "JOURNAL_HOURS_MAX",
    "K_MIN",
    "AgreementShape",
    "PrivacyFile",
    "ResponsibleShape",
    "RetentionShape",
    "Unlock",
]

K_MIN: Final = 10
"""Smaller groups are merged, unless an agreement says otherwise."""
JOURNAL_HOURS_MAX: Final = 72
"""The journal names agents: it is kept no longer than this, unless an agreement says otherwise."""

Days = Annotated[int, Field(ge=1, le=3_650)]
Line = Annotated[
    str, matching(r"\S(?:[^\x00-\x1f\x7f]{0,198}\S)?", "must be 1 to 200 characters on one line.")
]
Unlock = Literal["smaller-groups", "longer-journal", "agents-in-queue-log"]
"""What an agreement can unlock: ``k_min`` under 10, ``journal_hours`` over 72, agents in ``queue_log``."""


class RetentionShape(Shape):
    """How long what is kept. What ended longer ago is removed once a day, for good."""

    ledger_days: Days | None = None
    """Calls; absent: as the settings say (``store``, ``ledger_days``)."""
    slots_days: Days = 730
    """Volunteers' slots, from their end: payroll and the person need them."""
    overrides_days: Days = 730
    """Toggles by hand, from their end."""
    line_checks_days: Days = 90
    """What a rehearsal found at a number."""
    journal_hours: Annotated[int, Field(ge=1, le=720)] | None = None
    """Facts; absent: as the settings say (``journal``, ``hours``)."""


class ResponsibleShape(Shape):
    """Whom the transparency sheet names."""

    controller: Line
    """Who decides on the data (GDPR art. 4, 7)."""
    system: Line
    """Who answers for the system and its rules (D.Lgs. 152/1997 art. 1-bis, 2 e)."""
    contact: Line
    """Where to ask and to object."""
    data_protection: Line
    """The data protection officer."""


class AgreementShape(Shape):
    """An agreement with the workers' representatives, or the authorisation in its place."""

    reference: Line
    date: Day
    scope: Line
    """Whom and what it concerns, in a few words."""
    unlocks: tuple[Unlock, ...] = ()


class PrivacyFile(Shape):
    """``privacy.yaml``."""

    k_min: Annotated[int, Field(ge=3, le=1_000)] = K_MIN
    """A group of fewer people is never shown by itself."""
    retention: RetentionShape = RetentionShape()
    responsible: ResponsibleShape | None = None
    agreement: AgreementShape | None = None
