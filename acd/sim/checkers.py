"""Laws of a contact centre, checked from outside: by what callers and phones live through.

They know nothing of the engine and share no code with it; they watch the simulated world
(``SimulatedAsterisk.watchers``). A broken law is a sentence in ``broken``.

1. Each caller who entered ends exactly once; entered = ended + present, always.
2. No phone rings for two callers at once, nor rings while it talks (offices: up to their capacity, all their
   numbers and every path together). At agents' phones callers in the safety net do not count: there Asterisk
   rings by itself and asks nobody.
3. No caller rings two phones at once.
4. No caller waits longer than ``wait_s_max`` without talking: nobody hears music for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.sim.asterisk import SimulatedAsterisk

__all__ = ["Laws"]


@dataclass
class Laws:
    """Watches one simulated Asterisk.

    Args:
        sim: the world.
        wait_s_max: longest wait without a talk that is no breach.
        offices: office by number.
        capacity: calls at once by office; an agent's phone has one.
    """

    sim: SimulatedAsterisk
    wait_s_max: float = 3_600.0
    offices: Mapping[str, str] = field(default_factory=dict)
    capacity: Mapping[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    entered: int = 0
    ended: int = 0
    talks: int = 0

    def __post_init__(self) -> None:
        self._since_s: dict[str, float] = {}
        """Callers who are there, and since when they have not talked."""
        self._busy: dict[str, set[str]] = {}
        """Callers at each phone, ringing or talking."""
        self._in_net: set[str] = set()
        self._rung: dict[str, str] = {}
        """Phone each caller rings or talks with."""
        self.sim.watchers.append(self._told)

    def finish(self) -> list[str]:
        """Everybody should be gone: say what is wrong with it, and everything before."""
        self.settled()
        self.broken += [f"caller {caller} never ended" for caller in self._since_s]
        self.broken += [
            f"phone {phone} never fell silent" for phone, callers in self._busy.items() if callers
        ]
        return self.broken

    def settled(self) -> list[str]:
        """The counts of the world and ours are equal; everything broken until now."""
        if self.entered != self.ended + len(self._since_s):
            self.broken.append(f"entered {self.entered}, ended {self.ended}, present {len(self._since_s)}")
        if (self.entered, self.ended) != (self.sim.entered_count, self.sim.ended_count):
            theirs = f"entered {self.sim.entered_count}, ended {self.sim.ended_count}"
            self.broken.append(f"watched: entered {self.entered}, ended {self.ended}; Asterisk: {theirs}")
        return self.broken

    def _told(self, at_s: float, what: str, caller: str, phone: str) -> None:
        if what == "enters":
            self._enters(at_s, caller)
        elif what in {"ends", "lost"}:
            self._ends(at_s, what, caller)
        elif what == "rings":
            self._rings(at_s, caller, phone)
        elif what == "talks":
            self.talks += 1
            self._rings(at_s, caller, phone)
            if caller in self._since_s:
                self._since_s[caller] = float("inf")
        elif what == "free":
            self._busy.get(self.offices.get(phone, phone), set()).discard(caller)
            if self._rung.get(caller) == phone:
                del self._rung[caller]
        elif what == "holds":
            self._holds(at_s, caller)
        elif what == "net":
            self._in_net.add(caller)

    def _enters(self, at_s: float, caller: str) -> None:
        self.entered += 1
        if caller in self._since_s:
            self.broken.append(f"{at_s:.3f} s: caller {caller} entered twice")
        self._since_s[caller] = at_s

    def _ends(self, at_s: float, what: str, caller: str) -> None:
        self.ended += 1
        self._in_net.discard(caller)
        if self._since_s.pop(caller, None) is None:
            self.broken.append(f"{at_s:.3f} s: caller {caller} {what} without being there")
        if what == "lost":
            phone = self._rung.pop(caller, "")
            self._busy.get(self.offices.get(phone, phone), set()).discard(caller)

    def _rings(self, at_s: float, caller: str, phone: str) -> None:
        place = self.offices.get(phone, phone)
        at_phone = self._busy.setdefault(place, set())
        if caller not in self._in_net or place in self.capacity:
            at_phone.add(caller)
        if len(at_phone) > self.capacity.get(place, 1):
            self.broken.append(
                f"{at_s:.3f} s: phone {place} has {len(at_phone)} callers at once: {caller} and others"
            )
        other = self._rung.setdefault(caller, phone)
        if other != phone:
            self.broken.append(f"{at_s:.3f} s: caller {caller} rings {phone} while at {other}")

    def _holds(self, at_s: float, caller: str) -> None:
        since_s = self._since_s.get(caller)
        if since_s is None:
            self.broken.append(f"{at_s:.3f} s: caller {caller} hears music without having entered")
        elif since_s == float("inf"):
            self._since_s[caller] = at_s
        elif at_s - since_s > self.wait_s_max:
            self._since_s[caller] = at_s
            self.broken.append(
                f"{at_s:.3f} s: caller {caller} has waited {at_s - since_s:.0f} s without a talk"
            )
