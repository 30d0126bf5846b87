"""What may be shown of small groups, and how long what is kept: ``privacy.yaml`` in force.

The file is part of each revision, as rules are. Without one, and for what it leaves out, the process
settings hold (``store: ledger_days``, ``journal: hours``), as before there was such a file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

import msgspec

from acd.errors import ConfigError
from acd.rules.document import Document
from acd.rules.privacy_shape import (
    JOURNAL_HOURS_MAX,
    K_MIN,
    AgreementShape,
    PrivacyFile,
    ResponsibleShape,
    Unlock,
)
from acd.rules.reading import read_document
from acd.rules.sentences import validate_whole
from acd.rules.settings import JournalSettings, StoreSettings

__all__ = [
    "Agreement",
    "KeepingSettings",
    "Privacy",
    "Responsible",
    "Retention",
    "check_privacy",
    "privacy_of",
    "read_privacy",
]

LEDGER_DAYS: Final = 400


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long what is kept."""

    ledger_days: int = LEDGER_DAYS
    slots_days: int = 730
    overrides_days: int = 730
    line_checks_days: int = 90
    journal_hours: int = JOURNAL_HOURS_MAX

    def days(self) -> dict[str, int]:
        """Days for each kind of row that ``Store.purge`` removes."""
        return {
            "ledger": self.ledger_days,
            "slots": self.slots_days,
            "overrides": self.overrides_days,
            "line_checks": self.line_checks_days,
        }


class Responsible(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the transparency sheet names; empty: nobody has been entered."""

    controller: str = ""
    system: str = ""
    contact: str = ""
    data_protection: str = ""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with the workers' representatives, and what it unlocks."""

    reference: str
    date: str
    scope: str
    unlocks: tuple[Unlock, ...] = ()


class Privacy(msgspec.Struct, frozen=True, kw_only=True):
    """The privacy profile in force."""

    k_min: int = K_MIN
    """A group of fewer people is never shown by itself."""
    retention: Retention = Retention()
    responsible: Responsible = Responsible()
    agreement: Agreement | None = None
    from_file: bool = False
    """A file says so; else the settings and the defaults."""


class KeepingSettings(Protocol):
    """What of the process settings holds where the file is silent."""

    @property
    def store(self) -> StoreSettings | None:
        """Knows ``ledger_days``."""

    @property
    def journal(self) -> JournalSettings | None:
        """Knows ``hours``."""


def privacy_of(settings: KeepingSettings) -> Privacy:
    """The profile where there is no file: what the settings say, and the defaults."""
    return Privacy(
        retention=Retention(
            ledger_days=settings.store.ledger_days if settings.store is not None else LEDGER_DAYS,
            journal_hours=settings.journal.hours if settings.journal is not None else JOURNAL_HOURS_MAX,
        )
    )


def read_privacy(path: Path | None, settings: KeepingSettings) -> Privacy:
    """Read the file, if there is to be one, and fill in what it leaves to the settings.

    Raises:
        ConfigError: Something is wrong; ``findings`` holds every ``file:line:col: sentence``.
    """
    if path is None:
        return privacy_of(settings)
    document = read_document(path)
    privacy = check_privacy(document, settings)
    if privacy is None:
        raise ConfigError(tuple(str(finding) for finding in sorted(document.findings)))
    return privacy


def check_privacy(document: Document, settings: KeepingSettings) -> Privacy | None:
    """The profile that a document says; None, with findings in the document, if it does not do."""
    file = validate_whole(document, PrivacyFile)
    if file is None:
        return None
    unlocks = file.agreement.unlocks if file.agreement is not None else ()
    fallback = privacy_of(settings).retention
    if file.k_min < K_MIN and "smaller-groups" not in unlocks:
        document.complain(
            document.value_mark(("k_min",)),
            f"groups under {K_MIN} take an agreement that unlocks smaller-groups; write {K_MIN} or more.",
        )
    hours = file.retention.journal_hours or fallback.journal_hours
    if hours > JOURNAL_HOURS_MAX and "longer-journal" not in unlocks:
        whose = "" if file.retention.journal_hours else f" (the settings say {hours}, journal: hours)"
        document.complain(
            document.value_mark(("retention", "journal_hours")),
            f"a journal of more than {JOURNAL_HOURS_MAX} hours{whose} takes an agreement that unlocks "
            f"longer-journal; write journal_hours: {JOURNAL_HOURS_MAX} or less.",
        )
    if document.findings:
        return None
    retention = file.retention.model_dump()
    given = {name: value for name, value in retention.items() if value is not None}
    return Privacy(
        k_min=file.k_min,
        retention=msgspec.structs.replace(fallback, **given),
        responsible=_responsible(file.responsible),
        agreement=_agreement(file.agreement),
        from_file=True,
    )


def _responsible(shape: ResponsibleShape | None) -> Responsible:
    return Responsible(**shape.model_dump()) if shape is not None else Responsible()


def _agreement(shape: AgreementShape | None) -> Agreement | None:
    return Agreement(**shape.model_dump()) if shape is not None else None
