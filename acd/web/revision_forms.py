"""The form of what is asked and answered about the configuration and its revisions."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from acd.store.records import RevisionOrigin
from acd.web.models import Language, Limit, Model, Ms, integral, whole

REASON_MAX: Final = 200
CONFIRM_S_MIN: Final = 10
CONFIRM_S_MAX: Final = 86_400
HISTORY: Final = 20

Number = Annotated[int, Field(ge=1, le=10**9)]
Reason = Annotated[
    str,
    Field(
        max_length=REASON_MAX,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="Why, in one line, for the audit.",
    ),
]
Forced = Annotated[bool, Field(description="Although a guard objects; the reason has 10 characters or more.")]
Told = Annotated[Language, Field(description="Language of the sentences.")]


class LanguageQuery(Model):
    """How it is told."""

    lang: Told = "it"


class DiffQuery(LanguageQuery):
    """What is compared with the configuration in force."""

    revision: Annotated[
        Number | None,
        BeforeValidator(whole),
        Field(description="An earlier revision; absent: the files on the ACD's disk."),
    ] = None


class HistoryQuery(Model):
    """How far back."""

    limit: Annotated[Limit, Field(description="At most so many revisions.")] = HISTORY


class ApplyRequest(Model):
    """Put in force what lies on the ACD's disk."""

    reason: Reason = ""
    force: Forced = False
    confirm_within_s: (
        Annotated[
            int,
            Field(ge=CONFIRM_S_MIN, le=CONFIRM_S_MAX, description="Undone by itself unless confirmed."),
            BeforeValidator(integral),
        ]
        | None
    ) = None
    digest: Annotated[
        str,
        Field(pattern="^([0-9a-f]{64})?$", description="Only if the files are still those of this diff."),
    ] = ""


class RollbackRequest(Model):
    """Make a new revision that says what an earlier one said."""

    revision: Annotated[Number, BeforeValidator(integral)]
    reason: Reason = ""
    force: Forced = False


class RevisionAnswer(Model):
    """One revision, without its files."""

    number: int
    made_ms: Ms
    author: str
    reason: str
    origin: RevisionOrigin
    of: int | None
    """The revision that a rollback or an undo brought back."""
    digest: str
    confirm_by_ms: int | None
    """It undoes itself then unless confirmed; null: it stays."""
    confirmed_ms: int | None


class RevisionFilesAnswer(RevisionAnswer):
    """One revision whole."""

    files: dict[str, str]
    """Name to text, as they were."""


class HistoryAnswer(Model):
    """Revisions, the newest first."""

    items: tuple[RevisionAnswer, ...]


class ConfigurationAnswer(Model):
    """What runs."""

    number: int
    """Of the revision; 0: this ACD has no store to keep revisions in."""
    revision: RevisionAnswer | None
    digest: str
    rules: str
    """Revision of the compiled rules, as the summary has it."""
    refused: str
    """Why newer files were not taken; empty: they were."""
    disk_differs: bool
    """The files on the disk are not what runs."""


class ChangeAnswer(Model):
    """One thing that changes."""

    file: str
    kind: str
    """new, gone, changed, order; cases or layout of a file as a whole."""
    place: tuple[str, ...]
    sentence: str


class TouchedAnswer(Model):
    """A queue that the change touches."""

    queue: str
    waiting: int
    """Calls that wait or ring there now."""
    gained: dict[str, int]
    """Agents of the roster whom it newly reaches, by site; groups under k as 'other'."""
    lost: dict[str, int]
    some_not_told: bool
    """There are so few that no number is told."""
    sentences: tuple[str, ...]


class ObjectionAnswer(Model):
    """Why a guard would refuse it."""

    guard: str
    """no_destination, closes, unreachable."""
    about: tuple[str, ...]
    sentence: str


class DiffAnswer(Model):
    """What another configuration would change."""

    number: int
    """Of the revision in force, which it is compared with."""
    digest: str
    """Of the other; hand it to apply."""
    same: bool
    findings: tuple[str, ...]
    """Mistakes; while there is one, nothing is compared."""
    changes: tuple[ChangeAnswer, ...]
    touched: tuple[TouchedAnswer, ...]
    objections: tuple[ObjectionAnswer, ...]
