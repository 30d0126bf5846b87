"""An asyncio event loop whose clock jumps: hours of calls in seconds, the same each time.

While anything is ready the clock stands still; when nothing is, it jumps to the next timer.
Nothing ever waits in real time, and nothing depends on the speed of the machine: the same
program run twice sees the same times. Work given to a thread is done on the spot, for the
same reason. When nothing is ready and no timer is left, nothing can ever happen again; a
program that still waits then would hang, so ``SimulationStuck`` tells it instead.

Real sockets are looked at only now and then, when the loop would have slept; use in-memory
links (``acd.sim.links``) for anything that shall be repeatable. The idea is that of trio's
``MockClock(autojump_threshold=0)``.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["AutojumpLoop", "SimulationStuck", "run_virtual"]

T = TypeVar("T")
JUMPS_PER_POLL = 16
_Events = list[tuple[selectors.SelectorKey, int]]


class SimulationStuck(RuntimeError):
    """Nothing is ready and no timer is left, yet somebody waits: it would wait for ever."""


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of sleeping it moves the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self._jumps = 0

    def select(self, timeout: float | None = None) -> _Events:
        """Jump over ``timeout`` seconds, unless a socket (or another thread) has something."""
        if timeout is not None and timeout <= 0:
            return []
        self._jumps += 1
        if timeout is None or self._jumps % JUMPS_PER_POLL == 0:
            ready = super().select(0)
            if ready:
                return ready
        if timeout is None:
            raise SimulationStuck("nothing is ready and no timer is left: whoever waits now waits for ever")
        self.now_s += timeout
        return []


class AutojumpLoop(asyncio.SelectorEventLoop):
    """A loop in virtual time, from 0 s on."""

    def __init__(self) -> None:
        self._virtual = _JumpingSelector()
        super().__init__(self._virtual)
        self._clock_resolution = 1e-6  # asyncio runs what is due within this: one jump, not two

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual.now_s

    def run_in_executor(self, executor: object, func: Callable[..., T], *args: object) -> asyncio.Future[T]:
        """Do the work at once, in this thread: threads would make runs differ."""
        del executor
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  # whatever it raised belongs to whoever awaits
            future.set_exception(error)
        return future


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run a program to its end in virtual time and return what it returns.

    Raises:
        SimulationStuck: it waits for something that can never come.
    """
    with asyncio.Runner(loop_factory=AutojumpLoop) as runner:
        return runner.run(main)
