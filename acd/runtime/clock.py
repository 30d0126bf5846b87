"""The clock of the process: wall milliseconds that never go back."""

from __future__ import annotations

import time


class SystemClock:
    """The machine's wall clock; after a step backwards it stands still until time has caught up."""

    __slots__ = ("_last_ms",)

    def __init__(self) -> None:
        self._last_ms = 0

    def now_ms(self) -> int:
        """Now, in integer milliseconds since 1970."""
        now_ms = time.time_ns() // 1_000_000
        self._last_ms = max(self._last_ms, now_ms)
        return self._last_ms
