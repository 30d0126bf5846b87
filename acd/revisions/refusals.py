"""Why a change of the configuration is not made though its files are good."""

from __future__ import annotations

from acd.errors import Conflict

__all__ = ["Guarded", "Stale"]


class Guarded(Conflict):
    """It would hurt callers; it can be forced, with a reason."""

    id = "guarded"

    def __init__(self, sentence: str, against: tuple[str, ...]) -> None:
        """Say it to who asks.

        Args:
            sentence: In their language.
            against: Each objection in English, for everybody who looks later.
        """
        self.against = against
        super().__init__(sentence)


class Stale(Conflict):
    """Who asks has looked at another revision, or at other files."""

    id = "precondition-failed"
