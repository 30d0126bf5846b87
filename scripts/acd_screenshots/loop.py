"""An event loop that hurries through hours, and then goes on in real time.

While it hurries the clock jumps to the next timer (``acd.sim.loop``); sockets and threads are looked at only
now and then. In real time it waits as any other loop. Its time never goes back, so that one simulation, one
store and one web server live through both.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

__all__ = ["HurryingLoop"]

T = TypeVar("T")
JUMPS_PER_POLL: Final = 16
STUCK_S: Final = 0.2
"""While nothing but a thread can go on, the clock waits for it so long at a time."""
_Events = list[tuple[selectors.SelectorKey, int]]


class _Selector(selectors.DefaultSelector):
    """Sleeps as others do, or moves the clock instead."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead_s = -time.monotonic()
        self._jumps = 0
        self.hurries = False

    def now_s(self) -> float:
        """Seconds since it was made, jumped or slept."""
        return self._ahead_s + time.monotonic()

    def select(self, timeout: float | None = None) -> _Events:
        if not self.hurries or (timeout is not None and timeout <= 0):
            return super().select(timeout)
        if timeout is None:
            return super().select(STUCK_S)
        self._jumps += 1
        ready = super().select(0) if self._jumps % JUMPS_PER_POLL == 0 else []
        if not ready:
            self._ahead_s += timeout
        return ready


class HurryingLoop(asyncio.SelectorEventLoop):
    """A loop from 0 s on, in real time until ``hurry`` is called."""

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        """Seconds since the loop was made: those that were jumped over too."""
        return self._clock.now_s()

    def hurry(self, hurries: bool) -> None:
        """Jump from timer to timer from now on, or wait for them."""
        self._clock.hurries = hurries

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: object) -> asyncio.Future[T]:
        """Do the work at once while the clock jumps: no thread could keep up with it."""
        if not self._clock.hurries:
            return super().run_in_executor(executor, func, *args)
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  # whatever it raised belongs to whoever awaits
            future.set_exception(error)
        return future
