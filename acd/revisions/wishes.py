"""What is asked of whoever keeps the configuration, and answered: a wish, what stands, what would change."""

from __future__ import annotations

import msgspec

from acd.revisions.differing import Change
from acd.revisions.guarding import Objection
from acd.revisions.touching import QueueTouched
from acd.revisions.wording import Language
from acd.store.records import Revision

__all__ = ["Proposal", "Standing", "Wish"]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who changes the configuration says."""

    author: str
    """As in the audit."""
    reason: str = ""
    force: bool = False
    """Although a guard objects."""
    expected: int | None = None
    """Only if this revision runs."""
    digest: str = ""
    """Only if the files on the disk are still these; empty: whatever they are."""
    confirm_within_ms: int | None = None
    """Undone by itself unless confirmed within this time."""
    lang: Language = "en"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What runs."""

    revision: Revision | None
    """Without files; None: there is no store."""
    digest: str
    refused: str
    """Why newer files were not taken; empty: there are none, or they were."""

    @property
    def number(self) -> int:
        """Of the revision; 0 without a store."""
        return self.revision.number if self.revision is not None else 0


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What another configuration would change, compared with what runs."""

    revision: int
    """What runs."""
    digest: str
    """Of the other."""
    findings: tuple[str, ...] = ()
    """It cannot be applied, nor compared, while one stands."""
    changes: tuple[Change, ...] = ()
    touched: tuple[QueueTouched, ...] = ()
    objections: tuple[Objection, ...] = ()
