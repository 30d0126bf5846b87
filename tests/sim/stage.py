"""Where scenes are played: a raw manager client, actors, and what a scene asks of them.

A scene is a function over a ``Stage``: it places calls, sets what phones do, sends manager
actions and waits for events. The probe writes down the whole conversation; on a real Asterisk
(``record.py``) that is a transcript, and the yardstick for the simulated one.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

VARIABLES = (
    "ACD_QUEUE,ACD_LANG,ACD_PROV,ACD_VISIT,ACD_ATT,ACD_STATE,ACD_T0,ACD_UP,ACD_ORDER,ACD_WD,ACD_LEG,ACD_HH,"
    "ACD_FIRST,ACD_CALLED,ACD_NUM,ACD_CODE,ACD_WANTED"
)


@dataclass
class Message:
    """One message of the manager interface, headers in their order."""

    headers: list[tuple[str, str]]

    def get(self, name: str) -> str:
        """First value of a header, empty when there is none."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def kind(self) -> str:
        """Event name, with the user event's own name; or the response's word."""
        event = self.get("Event")
        if event == "UserEvent":
            return f"UserEvent {self.get('UserEvent')}"
        return event or f"Response {self.get('Response')}"


def parse(text: str) -> Message:
    """One block of ``Key: value`` lines."""
    pairs = (line.partition(":") for line in text.split("\n") if line)
    return Message([(key, value.removeprefix(" ")) for key, _, value in pairs])


@dataclass
class Probe(asyncio.Protocol):
    """A raw manager client: sends text, keeps every message, wakes whoever waits."""

    log: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    transport: asyncio.Transport | None = None
    buffer: str = ""
    lost: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to Asterisk."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Write the end down."""
        self.lost = True
        self.log.append("--- link lost")
        self.news.set()

    def data_received(self, data: bytes) -> None:
        """Cut the stream into messages."""
        self.buffer += data.decode()
        if self.buffer.startswith("Asterisk Call Manager"):
            banner, _, self.buffer = self.buffer.partition("\r\n")
            self.log.append(banner + "\n")
        while "\r\n\r\n" in self.buffer:
            block, _, self.buffer = self.buffer.partition("\r\n\r\n")
            text = block.replace("\r\n", "\n") + "\n"
            self.log.append(text)
            self.messages.append(parse(text))
        self.news.set()

    def send(self, headers: dict[str, str]) -> None:
        """Send one action."""
        assert self.transport is not None
        lines = [f"{key}: {value}" for key, value in headers.items()]
        self.log.append("".join(f"> {key}: {'…' if key == 'Secret' else headers[key]}\n" for key in headers))
        self.transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())


class Actor(Protocol):
    """Callers and phones, of flesh (SIP) or simulated."""

    def call(self) -> None:
        """A caller dials the contact centre."""

    def caller_leaves(self) -> None:
        """The last caller hangs up (or cancels)."""

    def press(self, digit: str) -> None:
        """The last caller presses a key."""

    def phone(self, endpoint: str, **does: int | None) -> None:
        """Set what a phone does when it is rung (``sip_phones.Phone``)."""

    def agent_leaves(self, endpoint: str) -> None:
        """The agent hangs up the talk."""

    def blind(self, endpoint: str, to: str) -> None:
        """The agent transfers the caller without asking."""

    def consult(self, endpoint: str, to: str) -> None:
        """The agent calls somebody else while talking."""

    def attended(self, endpoint: str) -> None:
        """The agent joins the caller and whom it consulted."""

    def dial(self, endpoint: str, number: str) -> None:
        """The agent's own phone dials a number (a feature code)."""


class Stage:
    """Where a scene is played: one manager connection and the actors."""

    def __init__(
        self, probe: Probe, actor: Actor, now_s: Callable[[], float], secret: str, attempt: int = 1
    ) -> None:
        self.secret = secret
        self.probe = probe
        self.actor = actor
        self.now_s = now_s
        self.ids = itertools.count(1)
        self.attempts = itertools.count(attempt)
        self.seen = 0
        self.caller = self.bridge = self.leg = self.attempt = self.channel = ""

    async def act(self, action: str, **headers: str) -> Message:
        """Send an action and wait for its answer (for a list: its end)."""
        action_id = f"t{next(self.ids)}"
        fields = {key.replace("_", "-"): value for key, value in headers.items()}
        self.probe.send({"Action": action, "ActionID": action_id} | fields)
        start = len(self.probe.messages)
        listed = False
        while True:
            for message in self.probe.messages[start:]:
                if message.get("ActionID") == action_id:
                    listed = listed or message.get("EventList") == "start"
                    if not listed or message.get("EventList") == "Complete":
                        return message
            await self._news()

    async def until(self, kind: str, **match: str) -> Message:
        """The next message of this kind since the last wait, its values taken note of."""
        while True:
            for index in range(self.seen, len(self.probe.messages)):
                message = self.probe.messages[index]
                self._note(message)
                self.seen = index + 1
                if message.kind == kind and all(message.get(key) == value for key, value in match.items()):
                    return message
            await self._news()

    async def settle(self, seconds: float = 0.4) -> None:
        """Let whatever still comes come."""
        await asyncio.sleep(seconds)
        for message in self.probe.messages[self.seen :]:
            self._note(message)
        self.seen = len(self.probe.messages)

    async def login(self, lease_s: int = 600) -> None:
        """Log in and make the lease good."""
        await self.act("Login", Username="acd", Secret=self.secret, Events="on")
        await self.until("FullyBooted")
        await self.act("Setvar", Variable="ACD_EPOCH", Value="7")
        lease = int(self.now_s()) + lease_s if lease_s else 0
        await self.act("Setvar", Variable="ACD_LEASE", Value=str(lease))

    async def enter(self) -> None:
        """A caller enters and is held."""
        self.actor.call()
        self.caller = (await self.until("UserEvent ACDEnter")).get("Uniqueid")
        await self.until("BridgeEnter", Uniqueid=self.caller)

    async def order(self, target: str, verb: str = "agent", **but: str) -> Message:
        """Write an order for the held caller and end the wait."""
        await self.write(target, verb, **but)
        return await self.kick(self.bridge, self.channel)

    async def write(self, target: str, verb: str = "agent", **but: str) -> None:
        """Write an order."""
        self.attempt = f"0000000007-{next(self.attempts):08d}"
        parts = {"epoch": "7", "via": "-", "seconds": "20", "notafter": str(int(self.now_s()) + 3)} | but
        text = f"{self.attempt}/{parts['epoch']}/{verb}/{target}/{parts['via']}/{parts['seconds']}"
        counted = f"/{parts.get('counted', 'bolzano/1/-')}" if verb == "line" else ""
        value = parts.get("raw", f"{text}/{parts['notafter']}{counted}")
        await self.act("Setvar", Channel=self.caller, Variable="ACD_ORDER", Value=value)

    async def hush(self, attempt: str = "") -> None:
        """End the prompt of this attempt (the last one's)."""
        await self.act("Setvar", Channel=self.caller, Variable="ACD_WD", Value=attempt or self.attempt)
        await self.act("ControlPlayback", Channel=self.caller, Control="stop")

    async def kick(self, bridge: str, channel: str) -> Message:
        """End the wait, if it is this bridge."""
        return await self.act("BridgeKick", BridgeUniqueid=bridge, Channel=channel)

    async def talk(self, target: str = "a0001") -> None:
        """A caller enters and talks with a phone."""
        await self.enter()
        await self.order(target)
        await self.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=self.caller)

    def _note(self, message: Message) -> None:
        if message.kind == "BridgeEnter" and message.get("Uniqueid") == self.caller:
            self.bridge, self.channel = message.get("BridgeUniqueid"), message.get("Channel")
        if message.kind == "DialBegin":
            self.leg = message.get("DestUniqueid")

    async def _news(self) -> None:
        if self.probe.lost:
            raise AssertionError("the link was lost while the scene waited:\n" + "\n".join(self.probe.log))
        self.probe.news.clear()
        async with asyncio.timeout(30):
            await self.probe.news.wait()


Scene = Callable[[Stage], Awaitable[None]]
SCENES: dict[str, Scene] = {}


def scene(function: Scene) -> Scene:
    """Register a scene under its own name."""
    SCENES[function.__name__] = function  # type: ignore[attr-defined]
    return function
