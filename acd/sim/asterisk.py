"""A simulated Asterisk: our dialplan, its callers and phones, and the manager interface.

It stands in for a real Asterisk where thousands of calls a second, repeatable chance or
scripted faults are wanted; it never replaces the tests on the real one. What it says on the
manager interface is pinned by transcripts recorded from Asterisk 22.10.1; what it does with a
call is what our dialplan does there. Not modelled: media, codecs, SIP itself, retransmissions,
anything of Asterisk that the ACD neither sends nor reads.

Everything by chance (delays between threads, bridge ids, phones) comes from one
``random.Random(seed)`` and everything in time from the running loop: on an ``AutojumpLoop``
the same seed gives the same bytes in the same order.

Two ways in: ``connect(protocol_factory)`` is an in-memory link; ``listen(host, port)`` is TCP.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator

from acd.sim.agents import Phone, Temper
from acd.sim.channels import DOWN, RING, Bridge, Channel, Device
from acd.sim.clock import LoopClock
from acd.sim.dialplan import CallerThread
from acd.sim.events import Events
from acd.sim.links import Link, MemoryTransport, ProtocolFactory, TcpServerProtocol
from acd.sim.net import Queue
from acd.sim.session import Session, Shape
from acd.sim.site import Site
from acd.sim.timers import Timers
from acd.sim.transfers import Transfers

Told = Callable[[float, str, str, str], None]
"""Who watches the world: time (s), what happened
(``enters holds rings talks free refused transferred net ends lost``),
caller's Uniqueid, number or endpoint of the phone (empty when none is meant)."""


class SimulatedAsterisk:
    """One node. Build it inside a running loop.

    Args:
        seed: of everything that happens by chance.
        site: names, numbers and users; the lab's by default.
        system_name: the node's name, first part of every Uniqueid.
        temper: how agents behave; without it every phone answers after 300 ms.
        clock: Asterisk's own wall clock; give it another base to set it wrong.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        site: Site | None = None,
        system_name: str = "sim",
        temper: Temper | None = None,
        clock: LoopClock | None = None,
    ) -> None:
        self.timers = Timers()
        self.loop = self.timers.loop
        self.later = self.timers.later
        self.random = random.Random(seed)  # noqa: S311  # repeatable chance is the point
        self.site = site or Site()
        self.system_name = system_name
        self.version = "22.10.1"
        self.clock = clock or LoopClock()
        self.accounts = {account.name: account for account in self.site.accounts}
        self.events = Events(self)
        self.transfers = Transfers(self)
        self.links: list[Link] = []
        self.sessions: list[Session] = []
        self.watchers: list[Told] = []
        self.up, self.booted = True, True
        self.shape: Shape | None = None
        """A fault that decides when events leave (``acd.sim.faults``)."""
        self.answers_lost = 0.0
        """Share of the answers that never leave."""
        self.calls_count = self.entered_count = self.ended_count = 0
        self.actions_count = self.events_count = 0
        self.devices: dict[str, Device] = {}
        self.phones: dict[str, Phone] = {}
        self.temper = temper
        self._ids = 0
        self.queues = {name: Queue(self, name) for name in self.site.queues}
        self.start()

    def start(self) -> None:
        """Begin as a fresh process does; members of the net survive (persistentmembers)."""
        self.started_s = self.clock.now_ms() // 1000
        self.globals: dict[str, str] = {
            "ACD_DIALPLAN": "4",
            "ACD_STEP": "5",
            "ACD_ENTRY": self.site.entry_revision,
        }
        self.channels: dict[str, Channel] = {}
        self._by_name: dict[str, Channel] = {}
        self.threads: dict[str, CallerThread] = {}
        self.lines: dict[str, int] = {}
        self.other_devices: dict[str, str] = {f"Queue:{name}_avail": "INUSE" for name in self.queues}
        self._names = 0
        registered = {name: device.registered for name, device in self.devices.items()}
        site = self.site
        self.devices = {name: Device(self, name, busy_at=1) for name in site.agents}
        self.devices |= {name: Device(self, name, registered=False, busy_at=1) for name in site.unregistered}
        self.devices |= {name: Device(self, name) for name in site.trunks}
        self.devices[site.carrier] = Device(self, site.carrier, registered=False)
        for name, was in registered.items():
            self.devices[name].registered = was
            self.devices[name].told = self.devices[name].state()

    # ── transports ───────────────────────────────────────────────────────────────────────────

    def connect(self, factory: ProtocolFactory) -> tuple[MemoryTransport, asyncio.Protocol]:
        """A new in-memory link; the protocol hears of it from the loop.

        Raises:
            ConnectionRefusedError: Asterisk is down.
        """
        if not self.up:
            raise ConnectionRefusedError("the simulated Asterisk is down; try again after its restart")
        protocol = factory()
        return MemoryTransport(self, protocol), protocol

    async def open(self, factory: ProtocolFactory) -> tuple[MemoryTransport, asyncio.Protocol]:
        """As ``loop.create_connection``: returns when the protocol has heard of the link.

        Raises:
            ConnectionRefusedError: Asterisk is down.
        """
        pair = self.connect(factory)
        await asyncio.sleep(0)
        return pair

    async def listen(self, host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
        """Serve the manager interface over TCP; the caller closes the server."""
        return await self.loop.create_server(lambda: TcpServerProtocol(self), host, port)

    # ── callers and phones ───────────────────────────────────────────────────────────────────

    def call(self, number: str = "803164", caller: str = "0699887766", name: str = "") -> Channel:
        """A caller dials ``number``; the channel is the handle for ``hang_up`` and ``press``."""
        channel = self.new_channel(self.site.carrier)
        channel.number, channel.caller_name, channel.dialled = caller, name, number
        self.become(channel, RING)
        self.calls_count += 1
        self.device_of(channel).changed()
        entry = self.site.entry.get(
            number, (number.removeprefix("q-"), "it") if number.startswith("q-") else None
        )
        if entry is None:
            channel.gone, channel.cause = True, 1
            self.later(self.delay(0.2, 0.5), self.gone, channel)
            return channel
        called = "" if number.startswith("q-") else number
        channel.variables.update(
            ACD_QUEUE=entry[0], ACD_LANG=entry[1], ACD_PROV=self._province(caller), ACD_CALLED=called
        )
        self.threads[channel.uniqueid] = CallerThread(self, channel)
        return channel

    def _province(self, caller: str) -> str:
        matching = [prefix for prefix in self.site.provinces if caller.startswith(prefix)]
        return self.site.provinces[max(matching, key=len)] if matching else ""

    def press(self, channel: Channel, digit: str) -> None:
        """The caller presses a key."""
        if channel.uniqueid in self.channels and not channel.gone:
            self.events.digit(channel, digit)

    def hang_up(self, channel: Channel, cause: int = 0) -> None:
        """One end hangs up, or the manager does it."""
        if channel.uniqueid in self.channels and channel.owner is not None:
            channel.owner.hung_up(channel, cause)

    def phone(self, number: str) -> Phone:
        """The phone at an endpoint, or the line with this number."""
        if number not in self.phones:
            agent = number in self.devices
            self.phones[number] = Phone(self, number, self.temper, capacity=1 if agent else 1000)
        return self.phones[number]

    def register(self, endpoint: str, registered: bool) -> None:
        """A phone comes to the network, or goes."""
        self.devices[endpoint].registered = registered
        self.devices[endpoint].changed()

    # ── what the parts ask of the whole ──────────────────────────────────────────────────────

    def delay(self, low_ms: float, high_ms: float) -> float:
        """A short time by chance, in seconds."""
        return (low_ms + self.random.random() * (high_ms - low_ms)) / 1000

    def told(self, what: str, caller: str, number: str = "") -> None:
        """Tell the watchers what happened in the world."""
        for watcher in self.watchers:
            watcher(self.loop.time(), what, caller, number)

    def new_channel(self, endpoint: str, linked: Channel | None = None) -> Channel:
        """A channel on this endpoint, of the call of ``linked``."""
        uniqueid = f"{self.system_name}-{self.clock.now_ms() // 1000}.{self._ids}"
        name = f"PJSIP/{endpoint}-{self._names:08x}"
        self._ids += 1
        self._names += 1
        channel = Channel(name, uniqueid, linked.linkedid if linked else uniqueid, endpoint)
        channel.created_s = self.loop.time()
        channel.number, channel.caller_name = endpoint, f"Agent {endpoint.strip('ar').lstrip('0')}"
        if endpoint in self.site.trunks:
            channel.number = channel.caller_name = ""
        if linked is not None:
            channel.connected = (linked.number, linked.caller_name)
        self.channels[uniqueid] = channel
        self._by_name[name] = channel
        return channel

    def new_bridge_id(self) -> str:
        """A fresh UUID."""
        text = f"{self.random.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def end_leg(self, leg: Channel, cause: int) -> None:
        """A leg's own end: its hangup handler if it had answered, then ``Hangup``."""
        if leg.gone:
            return
        leg.gone, leg.cause = True, cause
        handler_s = self.delay(0.05, 0.3)
        if leg.end_told:
            self.later(handler_s, self._leg_end, leg, leg.variables["ACD_LEG"])
        self.later(handler_s + self.delay(0.05, 0.6), self.gone, leg)

    def _leg_end(self, leg: Channel, attempt: str) -> None:
        where = (leg.context, leg.exten, leg.priority)
        leg.at("acd-leg-end", "s", 1)
        self.events.user(leg, "ACDLegEnd", ("Attempt", attempt), ("Cause", leg.cause))
        leg.at(*where)

    def gone(self, channel: Channel) -> None:
        """The channel is no more: ``Hangup``, and its device is freer."""
        if self.channels.pop(channel.uniqueid, None) is None:
            return
        self.threads.pop(channel.uniqueid, None)
        self.events.hangup(channel)
        self._by_name.pop(channel.name, None)
        device = self.device_of(channel)
        device.moved(channel.state, DOWN)
        device.changed()

    def become(self, channel: Channel, state: int) -> None:
        """A channel's state changes; its device is told of it by ``changed``."""
        self.device_of(channel).moved(channel.state, state)
        channel.state = state

    def find(self, name: str) -> Channel | None:
        """A channel by its exact name or Uniqueid."""
        return self.channels.get(name) or self._by_name.get(name)

    def thread(self, caller: Channel) -> CallerThread | None:
        """The dialplan thread of a caller."""
        return self.threads.get(caller.uniqueid)

    def kicked(self, channel: Channel, bridge: Bridge) -> None:
        """The manager took a channel out of a bridge."""
        thread = self.threads.get(channel.uniqueid)
        if thread is not None:
            self.later(self.delay(0.1, 0.6), thread.kicked, bridge)
        elif channel.owner is not None:
            self.later(self.delay(0.1, 0.6), channel.owner.hung_up, channel, 16)

    def playback_stopped(self, channel: Channel) -> None:
        """The manager stopped a prompt."""
        thread = self.threads.get(channel.uniqueid)
        if thread is not None:
            self.later(self.delay(0.5, 3), thread.playback_stopped)

    # ── devices ──────────────────────────────────────────────────────────────────────────────

    def device_of(self, channel: Channel) -> Device:
        """The device of a channel's endpoint."""
        return self.devices[channel.endpoint]

    def device_state(self, device: str) -> str:
        """Asterisk's word for a device (``PJSIP/…``)."""
        known = self.devices.get(device.removeprefix("PJSIP/"))
        return known.state() if known else "INVALID"

    def device_changed(self, device: str, state: str) -> None:
        """Tell of a device, and let the queues know."""
        if device.startswith("Queue:"):
            self.other_devices[device] = state
        self.events.device(device, state)
        if device.startswith("PJSIP/"):
            for queue in self.queues.values():
                queue.device_changed(device)

    def device_states(self) -> Iterator[tuple[str, str]]:
        """Every device and its state."""
        for name, device in self.devices.items():
            yield f"PJSIP/{name}", device.state()
        yield from self.other_devices.items()

    def uptime_s(self) -> int:
        """Seconds since it started."""
        return self.clock.now_ms() // 1000 - self.started_s
