"""Faults to try an ACD with: what links, processes and threads do on a bad day.

Links: ``cut`` and ``stall`` them, lose bytes (``MemoryTransport.drop_bytes``). The process:
``stop`` (SIGSTOP) and ``go_on`` (SIGCONT), ``restart`` (in order, or as SIGKILL). Its threads:
``Jitter`` delays every event by chance, which mixes the channels but keeps each channel's own
order, as Asterisk does; ``Duplicates`` repeats events (Asterisk does so with ``DialEnd``). Lost
answers are ``SimulatedAsterisk.answers_lost``. All chance is the simulation's own.
"""

from __future__ import annotations

from acd.sim.asterisk import SimulatedAsterisk
from acd.sim.links import MemoryTransport
from acd.sim.session import Session, Shape

__all__ = ["Duplicates", "Jitter", "cut", "go_on", "restart", "stall", "stop", "unstall"]

SHUTDOWN_S = 1.1
EOF_S = 0.05
BOOT_S = 2.0
_STEP_S = 2e-6


def cut(sim: SimulatedAsterisk, error: Exception | None = None) -> None:
    """Break every link now; the client sees EOF, or this error."""
    for link in list(sim.links):
        link.cut(error)


def stall(sim: SimulatedAsterisk) -> None:
    """Nothing passes on the in-memory links, in neither direction."""
    for link in sim.links:
        if isinstance(link, MemoryTransport):
            link.stall()


def unstall(sim: SimulatedAsterisk) -> None:
    """What was held passes."""
    for link in sim.links:
        if isinstance(link, MemoryTransport):
            link.unstall()


def stop(sim: SimulatedAsterisk) -> None:
    """SIGSTOP: Asterisk does nothing at all, its links stay open."""
    sim.timers.stop()


def go_on(sim: SimulatedAsterisk) -> None:
    """SIGCONT: what fell due meanwhile is done at once, in order."""
    sim.timers.go_on()


def restart(sim: SimulatedAsterisk, *, down_s: float = 3.0, killed: bool = False) -> None:
    """End Asterisk and start it again ``down_s`` seconds after its links ended.

    In order (``core restart now``): every channel ends with its events, then ``Shutdown``, then
    EOF. ``killed`` (SIGKILL): EOF at once, nobody is told, not even the callers' phones.
    Afterwards names begin at 0, globals are gone, members of the net are back.
    """
    if killed:
        _die(sim, down_s)
        return
    for channel in list(sim.channels.values()):
        if channel.owner is not None:
            channel.owner.hung_up(channel, 16)
    for channel in list(sim.channels.values()):
        sim.gone(channel)
    sim.later(SHUTDOWN_S, _say_shutdown, sim, down_s)


def _say_shutdown(sim: SimulatedAsterisk, down_s: float) -> None:
    sim.events.shutdown(restart=True)
    sim.loop.call_later(EOF_S, _die, sim, down_s)


def _die(sim: SimulatedAsterisk, down_s: float) -> None:
    sim.up = sim.booted = False
    sim.timers.die()
    for uniqueid, thread in list(sim.threads.items()):
        if thread.entered and not thread.channel.gone:
            sim.ended_count += 1
            sim.told("lost", uniqueid)
        thread.channel.gone = True
    for phone in sim.phones.values():
        phone.calls.clear()
    for queue in sim.queues.values():
        queue.waiting.clear()
    sim.transfers.calls.clear()
    cut(sim)
    sim.sessions.clear()
    sim.loop.call_later(down_s, _start, sim)


def _start(sim: SimulatedAsterisk) -> None:
    sim.start()
    sim.up = True
    sim.loop.call_later(BOOT_S, _booted, sim)


def _booted(sim: SimulatedAsterisk) -> None:
    sim.booted = True
    for session in sim.sessions:
        session.booted()


class Jitter:
    """Delays each event by up to ``delay_ms_max``; a channel's own order stays."""

    def __init__(self, sim: SimulatedAsterisk, delay_ms_max: float, then: Shape | None = None) -> None:
        self._sim = sim
        self._delay_s_max = delay_ms_max / 1000
        self._then = then
        self._last_s: dict[tuple[int, str], float] = {}

    def __call__(self, session: Session, subject: str, data: bytes) -> None:
        """Send it a little later."""
        loop, key = self._sim.loop, (id(session), subject)
        due_s = loop.time() + self._sim.random.random() * self._delay_s_max
        due_s = self._last_s[key] = max(due_s, self._last_s.get(key, 0.0) + _STEP_S)
        if self._then is None:
            loop.call_at(due_s, session.put, data)
        else:
            loop.call_at(due_s, self._then, session, subject, data)


class Duplicates:
    """Sends a share of the events of some kinds twice."""

    def __init__(self, sim: SimulatedAsterisk, share: float, kinds: tuple[str, ...] = ("DialEnd",)) -> None:
        self._sim = sim
        self._share = share
        self._heads = tuple(f"Event: {kind}\r\n".encode() for kind in kinds)

    def __call__(self, session: Session, subject: str, data: bytes) -> None:
        """Send it, perhaps again."""
        del subject
        session.put(data)
        if data.startswith(self._heads) and self._sim.random.random() < self._share:
            session.put(data)
