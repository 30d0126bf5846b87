"""The safety net: what Asterisk does alone with a caller whom no ACD vouches for.

One native queue per language rings its members (the ACD keeps them true while it lives); an
empty one is skipped at once; then the office of the caller's province, within its number of
lines; then a spoken number and a good-bye. Every path ends: a caller in the net hears music
for ``QUEUE_S_MAX`` seconds at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from acd.sim.dialling import Dialling, Plan

if TYPE_CHECKING:
    from acd.sim.asterisk import SimulatedAsterisk
    from acd.sim.dialplan import CallerThread

QUEUE_S_MAX = 120.0
MEMBER_RING_S = 15.0
RETRY_S = 1.0
GOODBYE_S = 9.0

DEVICE_CODES = {
    "UNKNOWN": 0, "NOT_INUSE": 1, "INUSE": 2, "BUSY": 3, "INVALID": 4, "UNAVAILABLE": 5, "RINGING": 6,
    "RINGINUSE": 7, "ONHOLD": 8,
}  # fmt: skip
_ABSENT = frozenset({"UNAVAILABLE", "INVALID"})


class Office(NamedTuple):
    """A provincial office as ``acd export dialplan`` writes it."""

    number: str
    capacity: int
    trunk: str = "trunk"
    ring_s: float = 25.0
    office: str = ""
    """Its id, under which the dialplan counts."""
    key: bool = False
    """Who answers must press 1."""


@dataclass(slots=True, eq=False)
class Member:
    """Somebody the net may ring."""

    interface: str
    name: str
    login_s: int
    paused: bool = False
    reason: str = ""
    last_pause_s: int = 0
    calls_taken: int = 0
    free: bool = False
    rung: bool = False


class Queue:
    """One native queue: round robin, never a member in a call."""

    def __init__(self, sim: SimulatedAsterisk, name: str) -> None:
        self.sim = sim
        self.name = name
        self.members: dict[str, Member] = {}
        self.waiting: list[CallerThread] = []
        self._free = 0
        self._next = 0

    def add(self, member: Member) -> None:
        """Somebody logs in."""
        self.members[member.interface] = member
        self.paused(member)

    def remove(self, interface: str) -> None:
        """Somebody logs out."""
        member = self.members.pop(interface)
        self._free -= member.free
        self.sim.device_changed(f"Queue:{self.name}_pause_{interface}", "NOT_INUSE")
        self._tell()

    def paused(self, member: Member) -> None:
        """Somebody's pause began or ended: tell the devices that stand for it."""
        word = "INUSE" if member.paused else "NOT_INUSE"
        self.sim.device_changed(f"Queue:{self.name}_pause_{member.interface}", word)
        self.device_changed(member.interface)

    def device_changed(self, interface: str) -> None:
        """A member's phone changed state."""
        member = self.members.get(interface)
        if member is not None:
            free = not member.paused and self.sim.device_state(interface) == "NOT_INUSE"
            self._free += free - member.free
            member.free = free
            self._tell()

    def _tell(self) -> None:
        state = "NOT_INUSE" if self._free else "INUSE"
        device = f"Queue:{self.name}_avail"
        if self.sim.other_devices.get(device) != state:
            self.sim.device_changed(device, state)

    def empty(self) -> bool:
        """Whether nobody is there at all (``unavailable,invalid,paused``)."""
        for one in self.members.values():
            if one.free or (not one.paused and self.sim.device_state(one.interface) not in _ABSENT):
                return False
        return True

    def pick(self) -> Member | None:
        """The next member who is free and not being rung."""
        if not self._free:
            return None
        members = list(self.members.values())
        for offset in range(len(members)):
            member = members[(self._next + offset) % len(members)]
            if member.free and not member.rung:
                self._next = (self._next + offset + 1) % len(members)
                return member
        return None


class NetStay:
    """One caller's way through the net."""

    def __init__(self, thread: CallerThread) -> None:
        self.thread = thread
        self.sim = thread.sim
        self._until_s = self.sim.loop.time() + QUEUE_S_MAX
        queues = self.sim.queues
        name = f"acd-net-{thread.channel.variables.get('ACD_LANG', 'it')}"
        self._queue = queues.get(name) or queues["acd-net-it"]

    def begin(self) -> None:
        """Say so, then ring the queue or go on at once."""
        thread, channel = self.thread, self.thread.channel
        channel.variables.update(ACD_STATE="net", ACD_ORDER="")
        thread.leave_line()
        channel.at("acd-net", "s", 5)
        lease = "".join(filter(str.isdigit, self.sim.globals.get("ACD_LEASE", "")))
        visit = channel.variables.get("ACD_VISIT", "")
        self.sim.events.user(channel, "ACDSafetyNet", ("Visit", visit), ("Lease", lease))
        self.sim.told("net", channel.uniqueid)
        channel.application = "Queue"
        if self._queue.empty():
            thread.timer = self.sim.later(self.sim.delay(0.2, 0.5), self._next, "JOINEMPTY")
            return
        if not self._queue.waiting:
            self.sim.device_changed(f"Queue:{self._queue.name}", "RINGING")
        self._queue.waiting.append(thread)
        channel.at("acd-net", "s", 8)
        self._try()

    def _try(self) -> None:
        left_s = self._until_s - self.sim.loop.time()
        if left_s <= 0 or self._queue.empty():
            self.leave()
            self._next("TIMEOUT" if left_s <= 0 else "LEAVEEMPTY")
            return
        member = self._queue.pick()
        if member is None:
            self.thread.timer = self.sim.later(min(RETRY_S, left_s), self._try)
            return
        member.rung = True
        seconds = min(MEMBER_RING_S, left_s)
        endpoint = member.interface.removeprefix("PJSIP/")

        def answered(dialling: Dialling) -> None:
            member.calls_taken += 1
            self.leave()
            self._talks(dialling, endpoint)

        def over(status: str, _: Dialling) -> None:
            if status == "ANSWER":
                self.thread.hung_up(self.thread.channel, 16)
            else:
                self.thread.timer = self.sim.later(RETRY_S, self._try)

        def freed() -> None:
            member.rung = False

        self.thread.dial(Plan(endpoint, seconds, answered=answered, by_queue=True, freed=freed), over)

    def leave(self) -> None:
        """The caller is no longer in the queue."""
        if self.thread in self._queue.waiting:
            self._queue.waiting.remove(self.thread)
            if not self._queue.waiting:
                self.sim.device_changed(f"Queue:{self._queue.name}", "NOT_INUSE")

    def _talks(self, dialling: Dialling, member: str) -> None:
        leg = dialling.leg
        assert leg is not None
        self.thread.channel.variables["ACD_STATE"] = "nettalk"
        where = (leg.context, leg.exten, leg.priority)
        leg.at("acd-net-up", "s", 2)
        self.sim.events.user(leg, "ACDSafetyNetTalk", ("Member", member))
        leg.at(*where)

    def _next(self, status: str) -> None:
        thread, channel = self.thread, self.thread.channel
        channel.variables["ACD_STATE"] = "net"
        channel.at("acd-net", "s", 10)
        self.sim.events.user(channel, "ACDSafetyNetNext", ("Status", status))
        office = self.sim.site.offices.get(channel.variables.get("ACD_PROV", ""))
        if office is None or self.sim.lines.get(office.office, 0) >= office.capacity:
            self._goodbye()
            return
        thread.take_line(office.office)
        channel.at("acd-office-line", "s", 3)

        def answered(dialling: Dialling) -> None:
            self._talks(dialling, office.number)

        def over(_status: str, _: Dialling) -> None:
            if channel.variables["ACD_STATE"] == "nettalk":
                thread.hung_up(channel, 16)
            else:
                thread.leave_line()
                self._goodbye()

        plan = Plan(office.number, office.ring_s, via=office.trunk, answered=answered, key=office.key)
        thread.dial(plan, over)

    def _goodbye(self) -> None:
        channel = self.thread.channel
        channel.at("acd-office", "none", 1)
        channel.application = "Playback"
        self.thread.timer = self.sim.later(GOODBYE_S, self.thread.hung_up, channel, 16)
