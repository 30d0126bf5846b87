"""Every event the simulated Asterisk sends, header by header as 22.10.1 does.

An event is rendered once, however many sessions read it; with nobody logged in it is not
rendered at all. The order of an event's headers is part of what the transcripts pin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from acd.sim.channels import CAUSE_TEXTS, Bridge, Channel

if TYPE_CHECKING:
    from acd.sim.asterisk import SimulatedAsterisk


class Events:
    """The voice of one simulated Asterisk."""

    def __init__(self, sim: SimulatedAsterisk) -> None:
        self._sim = sim

    def _send(self, kind: str, body: str, subject: str, detail: str = "", cls: str = "call") -> None:
        sim = self._sim
        if not sim.sessions:
            return
        now_us = sim.clock.now_us()
        stamp = f"{now_us // 1_000_000}.{now_us % 1_000_000:06d}"
        head = f"Event: {kind}\r\nPrivilege: {cls},all\r\nTimestamp: {stamp}\r\n"
        data = f"{head}SystemName: {sim.system_name}\r\n{body}\r\n".encode()
        for session in sim.sessions:
            session.event(cls, kind, detail, subject, data)

    def user(self, channel: Channel, name: str, *fields: tuple[str, object]) -> None:
        """``UserEvent`` of our dialplan."""
        if self._sim.sessions:
            lines = "".join(f"{key}: {value}\r\n" for key, value in fields)
            body = f"{channel.spell()}UserEvent: {name}\r\n{lines}"
            self._send("UserEvent", body, channel.uniqueid, name, "user")

    def dial(self, kind: str, caller: Channel, leg: Channel, *fields: tuple[str, str]) -> None:
        """``DialBegin``, ``DialState`` or ``DialEnd``."""
        if self._sim.sessions:
            lines = "".join(f"{key}: {value}\r\n" for key, value in fields)
            self._send(kind, f"{caller.spell()}{leg.spell('Dest')}{lines}", caller.uniqueid)

    def entered(self, channel: Channel, bridge: Bridge, swapped: str = "") -> None:
        """``BridgeEnter``; counts the channel in."""
        bridge.count += 1
        channel.bridge = bridge
        if self._sim.sessions:
            swap = f"SwapUniqueid: {swapped}\r\n" if swapped else ""
            self._send("BridgeEnter", f"{bridge.spell()}{channel.spell()}{swap}", channel.uniqueid)

    def left(self, channel: Channel) -> None:
        """``BridgeLeave``; counts the channel out."""
        bridge = channel.bridge
        if bridge is not None:
            bridge.count -= 1
            channel.bridge = None
            if self._sim.sessions:
                self._send("BridgeLeave", f"{bridge.spell()}{channel.spell()}", channel.uniqueid)

    def hangup(self, channel: Channel) -> None:
        """``Hangup``: nothing of this channel comes after it."""
        if self._sim.sessions:
            text = CAUSE_TEXTS.get(channel.cause, "Unknown")
            tech = f"TechCause: {channel.tech_cause}\r\n" if channel.tech_cause else ""
            body = f"{channel.spell()}Cause: {channel.cause}\r\nCause-txt: {text}\r\n{tech}"
            self._send("Hangup", body, channel.uniqueid)

    def device(self, device: str, state: str) -> None:
        """``DeviceStateChange``."""
        self._send("DeviceStateChange", f"Device: {device}\r\nState: {state}\r\n", device)

    def digit(self, channel: Channel, digit: str) -> None:
        """``DTMFEnd``: one key, when it was let go."""
        body = f"{channel.spell()}Digit: {digit}\r\nDurationMs: 100\r\nDirection: Received\r\n"
        self._send("DTMFEnd", body, channel.uniqueid, channel.context, "dtmf")

    def blind(self, transferer: Channel, transferee: Channel, bridge: Bridge, context: str, to: str) -> None:
        """``BlindTransfer``."""
        body = (
            f"Result: Success\r\n{transferer.spell('Transferer')}{transferee.spell('Transferee')}"
            f"{bridge.spell()}IsExternal: Yes\r\nContext: {context}\r\nExtension: {to}\r\n"
        )
        self._send("BlindTransfer", body, transferee.uniqueid)

    def attended(
        self,
        first: tuple[Channel, Bridge],
        second: tuple[Channel, Bridge],
        transferee: Channel,
        target: Channel,
    ) -> None:
        """``AttendedTransfer`` into the second call's bridge."""
        body = (
            f"Result: Success\r\n{first[0].spell('OrigTransferer')}{first[1].spell('Orig')}"
            f"{second[0].spell('SecondTransferer')}{second[1].spell('Second')}"
            f"{transferee.spell('Transferee')}{target.spell('TransferTarget')}"
            f"IsExternal: No\r\nDestType: Bridge\r\nDestBridgeUniqueid: {second[1].uniqueid}\r\n"
        )
        self._send("AttendedTransfer", body, transferee.uniqueid)

    def shutdown(self, restart: bool) -> None:
        """``Shutdown``."""
        answer = "True" if restart else "False"
        self._send("Shutdown", f"Shutdown: Cleanly\r\nRestart: {answer}\r\n", "", cls="system")

    def reload(self, module: str = "All") -> None:
        """``Reload`` of everything."""
        self._send("Reload", f"Module: {module}\r\nStatus: 0\r\n", "", cls="system")
