"""The simplest thing that can call itself an ACD: oldest caller, first free phone, nothing else.

It exists so that the simulated Asterisk can be loaded and its laws be tried without our engine.
"""

from __future__ import annotations

import asyncio
from collections import deque

from acd.sim.asterisk import SimulatedAsterisk


class NaiveAcd(asyncio.Protocol):
    """Logs in, keeps the lease, writes an order for whoever waits longest."""

    def __init__(self, sim: SimulatedAsterisk, phones: tuple[str, ...], *, careless: bool = False) -> None:
        self.sim = sim
        self.careless = careless
        """Orders the same phone for everybody: breaks the laws on purpose."""
        self.free = deque(phones)
        self.waiting: deque[str] = deque()
        self.where: dict[str, tuple[str, str]] = {}
        self.offered: dict[str, str] = {}
        """Attempt under way of each caller."""
        self.attempts: dict[str, tuple[str, str]] = {}
        """Caller and phone of each attempt under way."""
        self.wire: list[bytes] = []
        self._buffer = b""
        self._attempt = 0
        self._transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Log in."""
        self._transport = transport
        self._act("Login", Username="acd", Secret="simulated")
        self._act("Setvar", Variable="ACD_EPOCH", Value="1")
        self._act("Setvar", Variable="ACD_LEASE", Value="9999999999")

    def data_received(self, data: bytes) -> None:
        """Cut and look."""
        self.wire.append(data)
        *blocks, self._buffer = (self._buffer + data).split(b"\r\n\r\n")
        for block in blocks:
            if block.startswith(b"Event: "):
                fields = dict(line.split(": ", 1) for line in block.decode().split("\r\n") if ": " in line)
                self._event(fields)

    def _event(self, event: dict[str, str]) -> None:
        caller, name = event.get("Uniqueid", ""), event.get("UserEvent", event["Event"])
        if name == "BridgeEnter" and event["BridgeTechnology"] == "holding_bridge":
            self.where[caller] = (event["BridgeUniqueid"], event["Channel"])
            if caller in self.offered:
                self._kick(caller)
        elif name == "ACDEnter":
            self.waiting.append(caller)
        elif name == "ACDOfferEnd":
            if event["Status"] != "ANSWER" or int(event["TalkMs"]) < 1500:
                self.waiting.appendleft(caller)
            self._is_free(event["Attempt"])
        elif name == "ACDLegEnd":
            self._is_free(event["Attempt"])
        elif name in {"ACDEnd", "Hangup"}:
            if caller in self.waiting:
                self.waiting.remove(caller)
            if name == "Hangup":
                self.where.pop(caller, None)
                self._is_free(self.offered.get(caller, ""))
        self._match()

    def _is_free(self, attempt: str) -> None:
        if attempt in self.attempts:
            caller, phone = self.attempts.pop(attempt)
            if self.offered.get(caller) == attempt:
                del self.offered[caller]
            if not self.careless:
                self.free.append(phone)

    def _match(self) -> None:
        while self.free and self.waiting and self.waiting[0] in self.where:
            caller = self.waiting.popleft()
            phone = self.free[0] if self.careless else self.free.popleft()
            self._attempt += 1
            attempt = f"0000000001-{self._attempt:08d}"
            self.offered[caller] = attempt
            self.attempts[attempt] = (caller, phone)
            not_after = self.sim.clock.now_ms() // 1000 + 5
            order = f"{attempt}/1/agent/{phone}/-/20/{not_after}"
            self._act("Setvar", Channel=caller, Variable="ACD_ORDER", Value=order)
            self._kick(caller)

    def _kick(self, caller: str) -> None:
        bridge, channel = self.where[caller]
        self._act("BridgeKick", BridgeUniqueid=bridge, Channel=channel)

    def _act(self, action: str, **headers: str) -> None:
        lines = [f"Action: {action}", *(f"{key}: {value}" for key, value in headers.items())]
        assert isinstance(self._transport, asyncio.Transport)
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
