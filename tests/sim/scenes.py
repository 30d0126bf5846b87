"""Scenes of a call, played once on a real Asterisk (``record.py``) and for ever on the simulated one.

A scene is a function over a ``Stage``: it places calls, sets what phones do, sends manager
actions and waits for events. The stage writes down the whole conversation; the transcript of
the real Asterisk is the yardstick (``test_transcripts.py``).
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

VARIABLES = (
    "ACD_QUEUE,ACD_LANG,ACD_PROV,ACD_VISIT,ACD_ATT,ACD_STATE,ACD_T0,ACD_UP,ACD_ORDER,ACD_WD,ACD_LEG,ACD_HH"
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
        self.attempt = f"0000000007-{next(self.attempts):08d}"
        parts = {"epoch": "7", "via": "-", "seconds": "20", "notafter": str(int(self.now_s()) + 3)} | but
        text = f"{self.attempt}/{parts['epoch']}/{verb}/{target}/{parts['via']}/{parts['seconds']}"
        value = parts.get("raw", f"{text}/{parts['notafter']}")
        await self.act("Setvar", Channel=self.caller, Variable="ACD_ORDER", Value=value)
        return await self.kick(self.bridge, self.channel)

    def bye(self) -> str:
        """An order to say good-bye at once."""
        return f"0000000007-{next(self.attempts):08d}/7/bye/-/-/-/{int(self.now_s()) + 3}"

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


@scene
async def session(stage: Stage) -> None:
    """Log in, ask the simple questions, be refused what we may not do, log off."""
    await stage.login()
    await stage.act("Ping")
    await stage.act("CoreStatus")
    await stage.act("Originate", Channel="PJSIP/a0001", Application="Wait", Data="1")
    await stage.act("Nonsense")
    await stage.act("Getvar", Variable="ACD_EPOCH")
    await stage.act("Getvar", Variable="ACD_NOTHING")
    await stage.act("Setvar", Channel="nobody", Variable="ACD_ORDER", Value="x")
    await stage.act("Setvar", Value="x")
    await stage.act("Hangup", Channel="nobody", Cause="26")
    await stage.act("Status", Channel="nobody")
    await stage.act("BridgeKick", BridgeUniqueid="nowhere", Channel="nobody")
    await stage.act("ControlPlayback", Channel="nobody", Control="stop")
    await stage.act("Status", Variables=VARIABLES)
    await stage.act("Logoff")
    await stage.settle()


@scene
async def refused(stage: Stage) -> None:
    """A wrong secret is refused and the connection closed."""
    await stage.act("Ping")
    await stage.act("Login", Username="acd", Secret="wrong")
    await stage.settle(2)


@scene
async def queues(stage: Stage) -> None:
    """The safety net's members come, pause and go; what is not there is told."""
    await stage.login()
    member = {"Queue": "acd-net-it", "Interface": "PJSIP/a0001"}
    await stage.act("QueueAdd", **member, MemberName="a0001", Paused="0")
    await stage.act("QueueAdd", **member, MemberName="a0001", Paused="0")
    await stage.act("QueueAdd", Queue="no-such-queue", Interface="PJSIP/a0001")
    await stage.act("QueuePause", **member, Paused="1", Reason="pranzo")
    await stage.act("QueueStatus")
    await stage.act("QueueStatus", Queue="acd-net-it")
    await stage.act("QueuePause", Interface="PJSIP/r0001", Paused="1")
    await stage.act("QueueRemove", **member)
    await stage.act("QueueRemove", **member)
    await stage.act("QueueRemove", Queue="no-such-queue", Interface="PJSIP/a0001")
    await stage.act("DeviceStateList")


@scene
async def agent_ends(stage: Stage) -> None:
    """The order is taken, the agent answers, talks and hangs up."""
    await stage.login()
    await stage.talk()
    await stage.settle(2)
    stage.actor.agent_leaves("a0001")
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def caller_ends(stage: Stage) -> None:
    """The caller ends the talk; a kick with an old bridge's id does nothing to it."""
    await stage.login()
    await stage.enter()
    old = stage.bridge
    await stage.order("a0001")
    await stage.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=stage.caller)
    await stage.kick(old, stage.channel)
    await stage.settle(2)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def leaves_waiting(stage: Stage) -> None:
    """The caller hears two steps of music and leaves."""
    await stage.login()
    await stage.enter()
    first = stage.bridge
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.kick(first, stage.channel)
    await stage.kick(stage.bridge, "nobody")
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def leaves_ringing(stage: Stage) -> None:
    """The caller leaves while the agent's phone rings."""
    await stage.login()
    stage.actor.phone("a0001", status=None)
    await stage.enter()
    await stage.order("a0001")
    await stage.until("DialState")
    await stage.settle(1)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


async def _one_refusal(stage: Stage, target: str, seconds: str = "2", **does: int | None) -> None:
    await stage.login()
    if does:
        stage.actor.phone(target, **does)
    await stage.enter()
    await stage.order(target, seconds=seconds)
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def rings_out(stage: Stage) -> None:
    """Nobody answers: the caller is back in hold."""
    await _one_refusal(stage, "a0001", status=None)


@scene
async def busy(stage: Stage) -> None:
    """486."""
    await _one_refusal(stage, "a0001", status=486)


@scene
async def declines(stage: Stage) -> None:
    """603 after ringing."""
    await _one_refusal(stage, "a0001", status=603)


@scene
async def unavailable(stage: Stage) -> None:
    """480: do not disturb."""
    await _one_refusal(stage, "a0001", ring_ms=None, status=480)


@scene
async def forwards(stage: Stage) -> None:
    """302: Asterisk does not follow it."""
    await _one_refusal(stage, "a0001", ring_ms=None, status=302)


@scene
async def congested(stage: Stage) -> None:
    """503."""
    await _one_refusal(stage, "a0001", ring_ms=None, status=503)


@scene
async def not_found(stage: Stage) -> None:
    """404 from the phone."""
    await _one_refusal(stage, "a0001", ring_ms=None, status=404)


@scene
async def unregistered(stage: Stage) -> None:
    """No contact: no leg at all."""
    await _one_refusal(stage, "r0001")


@scene
async def unknown_endpoint(stage: Stage) -> None:
    """An endpoint that Asterisk does not know."""
    await _one_refusal(stage, "a7777")


@scene
async def dead_port(stage: Stage) -> None:
    """Nothing answers the INVITE: silent for the whole ring."""
    await _one_refusal(stage, "a0001", ring_ms=None, status=None)


@scene
async def drops_at_once(stage: Stage) -> None:
    """The agent answers and hangs up: the caller keeps the place."""
    await _one_refusal(stage, "a0001", seconds="20", bye_ms=300)


@scene
async def withdrawn(stage: Stage) -> None:
    """The offer is taken back while it rings; taken back again it is gone."""
    await stage.login()
    stage.actor.phone("a0001", status=None)
    await stage.enter()
    await stage.order("a0001")
    await stage.until("DialState")
    await stage.settle()
    await stage.act("Setvar", Channel=stage.caller, Variable="ACD_WD", Value=stage.attempt)
    await stage.act("Hangup", Channel=stage.leg, Cause="26")
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.settle(0.05)
    await stage.act("Hangup", Channel=stage.leg, Cause="26")
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def refused_orders(stage: Stage) -> None:
    """An old epoch, a late order, an unknown verb, no target, garbage: REFUSED, back in hold."""
    await stage.login()
    await stage.enter()
    late = str(int(stage.now_s()) - 5)
    wrong: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("a0001", "agent", {"epoch": "6"}),
        ("a0001", "agent", {"notafter": late}),
        ("a0001", "nonsense", {}),
        ("", "agent", {}),
        ("-", "agent", {}),
        ("a0001", "agent", {"seconds": "999"}),
        ("a0001", "agent", {"raw": "garbage"}),
    )
    for target, verb, but in wrong:
        await stage.order(target, verb, **but)
        await stage.until("UserEvent ACDOfferEnd")
        await stage.until("BridgeEnter", Uniqueid=stage.caller)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def status(stage: Stage) -> None:
    """Status with variables while one caller talks and one waits."""
    await stage.login()
    await stage.talk()
    await stage.act("Status", Channel=stage.caller, Variables=VARIABLES)
    await stage.act("Getvar", Channel=stage.caller, Variable="ACD_STATE")
    await stage.act("Status", Variables=VARIABLES)
    await stage.settle(1.8)
    stage.actor.agent_leaves("a0001")
    await stage.until("UserEvent ACDEnd")
    await stage.settle(0.1)
    await stage.enter()
    await stage.act("Status", Channel=stage.caller, Variables=VARIABLES)
    await stage.act("Getvar", Channel=stage.caller, Variable="ACD_NOTHING")
    await stage.act("Setvar", Channel=stage.channel, Variable="ACD_WD", Value="x")
    await stage.act("Hangup", Channel=stage.caller)
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def kicked_without_bridge(stage: Stage) -> None:
    """A kick with an empty bridge id ends a talk: why we never send one."""
    await stage.login()
    await stage.talk()
    await stage.settle(2)
    await stage.kick("", stage.channel)
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def line(stage: Stage) -> None:
    """An office line through the trunk answers."""
    await stage.login()
    await stage.enter()
    await stage.order("0471123456", "line", via="trunk")
    await stage.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=stage.caller)
    await stage.settle(2)
    stage.actor.agent_leaves("0471123456")
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def net_by_order(stage: Stage) -> None:
    """The verb ``net``: the safety net takes the caller and a member answers."""
    await stage.login()
    await stage.act("QueueAdd", Queue="acd-net-it", Interface="PJSIP/a0001", MemberName="a0001", Paused="0")
    await stage.enter()
    await stage.order("-", "net")
    await stage.until("UserEvent ACDSafetyNetTalk")
    await stage.settle(2)
    stage.actor.agent_leaves("a0001")
    await stage.until("UserEvent ACDEnd")
    await stage.act("QueueRemove", Queue="acd-net-it", Interface="PJSIP/a0001")
    await stage.settle()


@scene
async def net_at_entry(stage: Stage) -> None:
    """The lease has lapsed and the net is empty: the office's line rings."""
    await stage.login(lease_s=0)
    stage.actor.call()
    await stage.until("UserEvent ACDSafetyNetTalk")
    await stage.settle(2)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def blind_transfer(stage: Stage) -> None:
    """The agent transfers the caller blindly; the second phone answers, the caller ends."""
    await stage.login()
    await stage.talk()
    await stage.settle(1.8)
    stage.actor.blind("a0001", "a0002")
    await stage.until("UserEvent ACDXfer")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.settle(1)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def blind_transfer_back(stage: Stage) -> None:
    """The transfer's target is busy: the caller enters again, visit 2."""
    await stage.login()
    stage.actor.phone("a0002", status=486)
    await stage.talk()
    await stage.settle(1.8)
    stage.actor.blind("a0001", "a0002")
    await stage.until("UserEvent ACDXfer")
    await stage.until("UserEvent ACDEnter")
    await stage.settle(1)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def attended_transfer(stage: Stage) -> None:
    """The agent asks a colleague, joins the two, and the colleague ends the talk."""
    await stage.login()
    await stage.talk()
    await stage.settle(1)
    stage.actor.consult("a0001", "a0002")
    await stage.until("BridgeEnter")
    await stage.settle(1.2)
    stage.actor.attended("a0001")
    await stage.until("AttendedTransfer")
    await stage.settle(1)
    stage.actor.agent_leaves("a0002")
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def feature_code(stage: Stage) -> None:
    """A phone dials ``*11``; the ACD answers, the phone hears a tone and is let go."""
    await stage.login()
    stage.actor.dial("a0001", "*11")
    asked = await stage.until("UserEvent ACDAgent")
    await stage.act("Setvar", Channel=asked.get("Uniqueid"), Variable="ACD_REPLY", Value="ok")
    await stage.until("Hangup")
    await stage.settle()


@scene
async def prompt(stage: Stage) -> None:
    """A prompt is played and ends; the next one is stopped."""
    await stage.login()
    await stage.enter()
    await stage.order("beep", "say")
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.order("im-sorry", "say")
    await stage.until("UserEvent ACDOfferBegin")
    await stage.settle(0.3)
    await stage.act("ControlPlayback", Channel=stage.channel, Control="stop")
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.act("ControlPlayback", Channel=stage.channel, Control="stop")
    await stage.act("Setvar", Channel=stage.channel, Variable="ACD_ORDER", Value=stage.bye())
    await stage.kick(stage.bridge, stage.channel)
    await stage.until("UserEvent ACDEnd")
    await stage.settle()
