"""The form of what is asked and answered about privacy and transparency."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from acd.rules.privacy_shape import Unlock
from acd.runtime.retention import Kind
from acd.web.models import Model, integral

HOURS_MAX: Final = 10 * 366 * 24

Hours = Annotated[int, Field(ge=1, le=HOURS_MAX), BeforeValidator(integral)]


class RetentionAnswer(Model):
    """How long what is kept."""

    ledger_days: int
    slots_days: int
    overrides_days: int
    line_checks_days: int
    journal_hours: int


class ResponsibleAnswer(Model):
    """Whom the transparency sheet names; empty: nobody has been entered."""

    controller: str
    system: str
    contact: str
    data_protection: str


class AgreementAnswer(Model):
    """What the workers' representatives have agreed to, and what it unlocks."""

    reference: str
    date: str
    scope: str
    unlocks: tuple[Unlock, ...]


class PrivacyAnswer(Model):
    """The privacy profile in force."""

    k_min: int
    """A group of fewer people is never shown by itself."""
    retention: RetentionAnswer
    responsible: ResponsibleAnswer
    agreement: AgreementAnswer | None
    """null: nothing is unlocked."""
    from_file: bool
    """false: there is no privacy.yaml; the settings and the defaults hold."""


class PurgeRequest(Model):
    """What to remove."""

    kinds: Annotated[tuple[Kind, ...], Field(description="Empty: all.", max_length=5)] = ()
    older_than_hours: Annotated[
        Hours | None, Field(description="Over for longer than this; null: as the profile says for each kind.")
    ] = None


class RemovedAnswer(Model):
    """What became of one kind."""

    kind: Kind
    before_ms: int
    """What was over before this went …"""
    count: int
    """… so many rows, or segments of the journal."""


class PurgeAnswer(Model):
    """What was removed."""

    items: tuple[RemovedAnswer, ...]


class SheetQuery(Model):
    """How it is written down."""

    form: Annotated[Literal["markdown", "html"], Field(description="A text, or a page by itself.")] = (
        "markdown"
    )


class SheetAnswer(Model):
    """The transparency sheet of the rules in force."""

    number: int | None
    """Of the revision; null: no revisions are kept here."""
    digest: str
    rules: str
    """Digest of the compiled rules."""
    text: str
