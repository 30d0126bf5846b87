"""How long to wait before the next try: exponential with full jitter.

Full jitter (a uniform draw from nought to the ceiling) spreads the reconnects of many clients
best; see "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. The random source is
given, so that a test or a simulation repeats.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Backoff"]


class Backoff:
    """Draws the pauses of one row of failures."""

    def __init__(self, first_s: float, ceiling_s: float, random: Callable[[], float]) -> None:
        self._first_s = first_s
        self._ceiling_s = ceiling_s
        self._random = random
        self.failures = 0

    def reset(self) -> None:
        """A success: the next failure starts anew."""
        self.failures = 0

    def next_s(self) -> float:
        """Count a failure and say how many seconds to wait."""
        ceiling_s: float = min(self._ceiling_s, self._first_s * 2.0 ** min(self.failures, 30))
        self.failures += 1
        return self._random() * ceiling_s
