"""The form of what is answered about all that is kept on a disk: store, journal, ``queue_log``."""

from __future__ import annotations

from acd.web.models import Model

__all__ = ["JournalAnswer", "QueueLogAnswer", "StoreAnswer"]


class StoreAnswer(Model):
    """How the store does."""

    writable: bool
    behind: int
    behind_max: int
    dropped: int
    why_not: str


class JournalAnswer(Model):
    """How the journal does."""

    folder: str
    writable: bool
    why_not: str
    behind_ms: int
    """How old the oldest fact is that is not on the disk yet."""
    behind_bytes: int
    behind_bytes_max: int
    lost: int
    """Facts left out since the process began."""
    replayable: bool
    """false after a gap, until the next start, and after a replay that did otherwise than the engine."""
    oldest_ms: int | None
    """Where it begins; null: nothing has been written yet."""


class QueueLogAnswer(Model):
    """How the file in the format of Asterisk's ``queue_log`` does."""

    file: str
    writable: bool
    why_not: str
    behind: int
    """Lines and changes of members held in memory, not yet in the file."""
    behind_max: int
    lost: int
    """Of those, left out since the process began."""
