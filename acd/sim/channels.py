"""Channels, bridges and endpoints, and how Asterisk spells them in its events.

Header names, their order and their values are those of Asterisk 22.10.1, compared with real
transcripts by ``tests/sim/test_transcripts.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from acd.sim.asterisk import SimulatedAsterisk

DOWN, RING, RINGING, UP = 0, 4, 5, 6
_IN_USE = frozenset({RING, UP})
STATE_NAMES = {DOWN: "Down", RING: "Ring", RINGING: "Ringing", UP: "Up"}

CAUSE_TEXTS = {
    0: "Unknown", 1: "Unallocated (unassigned) number", 3: "No route to destination", 16: "Normal Clearing",
    17: "User busy", 19: "User alerting, no answer", 21: "Call Rejected", 23: "Redirected to new destination",
    26: "Answered elsewhere", 34: "Circuit/channel congestion",
}  # fmt: skip


@dataclass(slots=True, eq=False)
class Bridge:
    """Where channels hear each other, or one hears music."""

    uniqueid: str
    technology: str
    creator: str = "<unknown>"
    name: str = "<unknown>"
    count: int = 0

    def spell(self, prefix: str = "") -> str:
        """Its seven headers."""
        kind = "base" if self.technology == "holding_bridge" else "basic"
        return (
            f"{prefix}BridgeUniqueid: {self.uniqueid}\r\n{prefix}BridgeType: {kind}\r\n"
            f"{prefix}BridgeTechnology: {self.technology}\r\n{prefix}BridgeCreator: {self.creator}\r\n"
            f"{prefix}BridgeName: {self.name}\r\n{prefix}BridgeNumChannels: {self.count}\r\n"
            f"{prefix}BridgeVideoSourceMode: none\r\n"
        )


class Owner(Protocol):
    """Whoever runs a channel: its dialplan thread, or the dial that made it."""

    def hung_up(self, channel: Channel, cause: int) -> None:
        """The channel is to end now; 0 = no cause was named."""


@dataclass(slots=True, eq=False)
class Channel:
    """One call leg as Asterisk keeps it."""

    name: str
    uniqueid: str
    linkedid: str
    endpoint: str
    number: str = ""
    caller_name: str = ""
    connected: tuple[str, str] = ("", "")
    state: int = DOWN
    language: str = "it"
    context: str = ""
    exten: str = ""
    priority: int = 1
    dialled: str = ""
    created_s: float = 0.0
    cause: int = 0
    tech_cause: int = 0
    gone: bool = False
    end_told: bool = False
    """A leg whose hangup handler will say ``ACDLegEnd``."""
    owner: Owner | None = None
    bridge: Bridge | None = None
    application: str = ""
    data: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    def at(self, context: str, exten: str, priority: int) -> None:
        """Where its dialplan stands."""
        self.context, self.exten, self.priority = context, exten, priority

    def spell(self, prefix: str = "") -> str:
        """Its fourteen headers."""
        connected_number, connected_name = self.connected
        return (
            f"{prefix}Channel: {self.name}\r\n{prefix}ChannelState: {self.state}\r\n"
            f"{prefix}ChannelStateDesc: {STATE_NAMES[self.state]}\r\n"
            f"{prefix}CallerIDNum: {self.number or '<unknown>'}\r\n"
            f"{prefix}CallerIDName: {self.caller_name or '<unknown>'}\r\n"
            f"{prefix}ConnectedLineNum: {connected_number or '<unknown>'}\r\n"
            f"{prefix}ConnectedLineName: {connected_name or '<unknown>'}\r\n"
            f"{prefix}Language: {self.language}\r\n{prefix}AccountCode: \r\n"
            f"{prefix}Context: {self.context}\r\n{prefix}Exten: {self.exten}\r\n"
            f"{prefix}Priority: {self.priority}\r\n{prefix}Uniqueid: {self.uniqueid}\r\n"
            f"{prefix}Linkedid: {self.linkedid}\r\n"
        )


class Device:
    """What ``DeviceStateChange`` says of one endpoint: the sum of its channels."""

    __slots__ = ("_ringing", "_up", "busy_at", "name", "registered", "sim", "told")

    def __init__(self, sim: SimulatedAsterisk, name: str, registered: bool = True, busy_at: int = 0) -> None:
        self.sim = sim
        self.name = name
        self.registered = registered
        self.busy_at = busy_at
        self._ringing = self._up = 0
        self.told = self.state()

    def state(self) -> str:
        """The word Asterisk uses for it now."""
        ringing, up = self._ringing, self._up
        if self.busy_at and ringing + up >= self.busy_at:
            return "BUSY"
        if up:
            return "RINGINUSE" if ringing else "INUSE"
        if ringing:
            return "RINGING"
        return "NOT_INUSE" if self.registered else "UNAVAILABLE"

    def moved(self, before: int, after: int) -> None:
        """A channel went from one state to another (``DOWN`` = not there)."""
        self._ringing += (after == RINGING) - (before == RINGING)
        self._up += (after in _IN_USE) - (before in _IN_USE)

    def changed(self) -> None:
        """Tell whoever listens, when the word is another one now."""
        state = self.state()
        if state != self.told:
            self.told = state
            self.sim.device_changed(f"PJSIP/{self.name}", state)
