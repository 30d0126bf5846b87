"""Time inside a simulated Asterisk, which can be stopped and which ends with it.

A stopped process (SIGSTOP) does nothing; what fell due meanwhile is done, in order, when it goes
on. A process that died takes its timers with it: each timer belongs to one life.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class Timers:
    """All timers of one simulated Asterisk."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.stopped = False
        self.life = 0
        self.overdue: list[Timer] = []

    def later(self, seconds: float, do: Callable[..., object], *args: Any) -> Timer:
        """Do it after so many seconds, or later still."""
        return Timer(self, seconds, do, args)

    def stop(self) -> None:
        """Nothing happens from now on."""
        self.stopped = True

    def go_on(self) -> None:
        """Do what fell due while stopped, then go on."""
        self.stopped = False
        overdue, self.overdue = self.overdue, []
        for timer in overdue:
            timer.due()

    def die(self) -> None:
        """Every timer of this life is void."""
        self.life += 1
        self.stopped = False
        self.overdue.clear()


class Timer:
    """Something that will happen."""

    __slots__ = ("_args", "_do", "_handle", "_life", "_timers")

    def __init__(
        self, timers: Timers, seconds: float, do: Callable[..., object], args: tuple[Any, ...]
    ) -> None:
        self._timers = timers
        self._do: Callable[..., object] | None = do
        self._args = args
        self._life = timers.life
        self._handle = timers.loop.call_later(seconds, self.due)

    def cancel(self) -> None:
        """It shall not happen."""
        self._do = None
        self._handle.cancel()

    def due(self) -> None:
        """Do it now, unless cancelled, stopped or dead."""
        timers = self._timers
        if self._do is None or self._life != timers.life:
            return
        if timers.stopped:
            timers.overdue.append(self)
        else:
            self._do(*self._args)
