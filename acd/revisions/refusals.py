"""Why a change of the configuration is not made though its files are good."""

from __future__ import annotations

from acd.errors import Conflict

__all__ = ["Guarded", "Stale"]


class Guarded(Conflict):
    """It would hurt callers; it can be forced, with a reason."""

    id = "guarded"


class Stale(Conflict):
    """Who asks has looked at another revision, or at other files."""

    id = "precondition-failed"
