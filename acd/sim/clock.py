"""Wall time as a simulation sees it."""

from __future__ import annotations

import asyncio

__all__ = ["EPOCH_MS", "LoopClock"]

EPOCH_MS = 1_767_254_400_000
"""When simulations begin: 1 January 2026, 09:00 in Rome."""


class LoopClock:
    """``ports.Clock`` on a loop's time: ``base_ms`` when it was built, from then on the loop's seconds.

    On an autojump loop this is virtual and repeatable; on a real one it is a wall clock that
    never goes back.
    """

    def __init__(self, base_ms: int = EPOCH_MS, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._time = (loop or asyncio.get_running_loop()).time
        self._base_ms = base_ms
        self._start_s = self._time()

    def now_ms(self) -> int:
        """Now, in integer milliseconds since 1970."""
        return self._base_ms + int((self._time() - self._start_s) * 1000 + 1e-3)

    def now_us(self) -> int:
        """Now, in integer microseconds since 1970 (Asterisk stamps its events so)."""
        return self._base_ms * 1000 + int((self._time() - self._start_s) * 1_000_000 + 0.5)
