"""How the journal does; a module of its own, so that the terminal need not load the engine to show it."""

from __future__ import annotations

import msgspec

__all__ = ["JournalState"]


class JournalState(msgspec.Struct, frozen=True, kw_only=True):
    """How the recorder does, for metrics and for people."""

    folder: str
    writable: bool
    why_not: str = ""
    """As a sentence; empty while all is well."""
    facts: int = 0
    """Written to the disk."""
    behind_ms: int = 0
    """How old the oldest fact is that is not on the disk yet; 0: all are."""
    behind_bytes: int = 0
    """Held in memory, not yet written …"""
    behind_bytes_max: int
    """… and more than this cannot be held."""
    lost: int = 0
    """Facts that were not recorded since the process began."""
    replayable: bool = True
    """False after a gap, or when a replay of what was written did otherwise."""
    oldest_ms: int | None = None
    """When the oldest segment begins, of this process or one before; None: nothing has been written yet."""
    segment: str = ""
    """Name of the file written now."""
    pictures: int = 0
    """Made since the process began."""
    pictures_failed: int = 0
