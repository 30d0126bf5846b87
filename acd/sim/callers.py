"""Simulated callers: when they call, how long they wait, how long they talk.

Arrivals are a Poisson process, patience and talks are exponential; enough for laws and load.
Real Italian profiles (half-hours of a day, provinces by prefix) are data that a what-if brings
through ``rate``. No task per caller: a few timers each.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from acd.sim.asterisk import SimulatedAsterisk
from acd.sim.channels import Channel

__all__ = ["Callers", "Habits"]


@dataclass(frozen=True)
class Habits:
    """What callers do."""

    numbers: tuple[str, ...] = ("803164",)
    """Called numbers, drawn evenly: repeat one to weigh it."""
    patience_s_mean: float = 120.0
    patience_s_min: float = 1.0
    talk_s_mean: float = 180.0
    talk_s_min: float = 2.0
    prefixes: tuple[str, ...] = ("06", "0471", "02", "333")
    """First digits of the callers' numbers."""
    names: tuple[str, ...] = ("", "", "", 'Žofie, "o\'Rossi"', "${EXTEN}", "a: b")


@dataclass(slots=True)
class _Caller:
    channel: Channel
    timer: asyncio.TimerHandle | None = None


@dataclass
class Callers:
    """A stream of callers into one simulated Asterisk.

    Args:
        sim: where they call.
        per_s: calls a second, or a function of the loop's seconds.
        seed: of their chance, apart from Asterisk's own.
        count_max: how many call at all; None: until ``stop``.
    """

    sim: SimulatedAsterisk
    per_s: float | Callable[[float], float]
    habits: Habits = field(default_factory=Habits)
    seed: int = 0
    count_max: int | None = None
    arrived: int = 0
    talked: int = 0
    gave_up: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311  # repeatable chance is the point
        self._live: dict[str, _Caller] = {}
        self._next: asyncio.TimerHandle | None = None
        self.sim.watchers.append(self._told)

    def start(self) -> None:
        """Begin to call."""
        self._wait()

    def stop(self) -> None:
        """Nobody new calls; who is there stays."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    @property
    def waiting(self) -> int:
        """Callers who are somewhere in the centre now."""
        return len(self._live)

    def _wait(self) -> None:
        loop = self.sim.loop
        per_s = self.per_s(loop.time()) if callable(self.per_s) else self.per_s
        pause_s = self._chance.expovariate(per_s) if per_s > 0 else 1.0
        self._next = loop.call_later(pause_s, self._arrive, per_s > 0)

    def _arrive(self, calls: bool) -> None:
        if calls and self.sim.up:
            self._call()
        if self.count_max is None or self.arrived < self.count_max:
            self._wait()

    def _call(self) -> None:
        chance, habits = self._chance, self.habits
        self.arrived += 1
        number = chance.choice(habits.prefixes) + f"{chance.randrange(10_000_000):07}"
        channel = self.sim.call(chance.choice(habits.numbers), number, chance.choice(habits.names))
        caller = self._live[channel.uniqueid] = _Caller(channel)
        self._be_patient(caller)

    def _be_patient(self, caller: _Caller) -> None:
        habits = self.habits
        patience_s = habits.patience_s_min + self._chance.expovariate(1 / habits.patience_s_mean)
        self._set(caller, patience_s, self._give_up)

    def _set(self, caller: _Caller, seconds: float, do: Callable[[_Caller], None]) -> None:
        if caller.timer is not None:
            caller.timer.cancel()
        caller.timer = self.sim.loop.call_later(seconds, do, caller)

    def _give_up(self, caller: _Caller) -> None:
        self.gave_up += 1
        self._leave(caller)

    def _leave(self, caller: _Caller) -> None:
        self._live.pop(caller.channel.uniqueid, None)
        self.sim.hang_up(caller.channel, 16)

    def _told(self, at_s: float, what: str, uniqueid: str, number: str) -> None:
        del at_s, number
        caller = self._live.get(uniqueid)
        if caller is None:
            return
        if what == "talks":
            self.talked += 1
            habits = self.habits
            talk_s = habits.talk_s_min + self._chance.expovariate(1 / habits.talk_s_mean)
            self._set(caller, talk_s, self._leave)
        elif what == "holds" and caller.timer is None:
            self._be_patient(caller)
        elif what == "free" and caller.timer is not None and caller.channel.variables.get("ACD_UP"):
            caller.timer.cancel()
            caller.timer = None
        elif what in {"ends", "lost"}:
            if caller.timer is not None:
                caller.timer.cancel()
            self._live.pop(uniqueid, None)
