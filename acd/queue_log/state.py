"""How ``queue_log`` does; a module of its own, so that the terminal need not load the writer to show it."""

from __future__ import annotations

import msgspec

__all__ = ["QueueLogState"]


class QueueLogState(msgspec.Struct, frozen=True, kw_only=True):
    """How the writer does, for metrics and for people."""

    file: str
    writable: bool
    why_not: str = ""
    """As a sentence; empty while all is well."""
    behind: int = 0
    """Lines and changes of members held in memory, not yet in the file …"""
    behind_max: int
    """… and more than this cannot be held."""
    lost: int = 0
    """Of those, left out since the process began."""
