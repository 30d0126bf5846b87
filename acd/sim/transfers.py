"""What phones start themselves: blind and attended transfers (REFER), feature codes, calls to colleagues.

A blind transfer by the manager (``BlindTransfer``) is told with the same events.

As the proof on a real Asterisk found: a blind transfer gives ``BlindTransfer`` and the end of
the agent's leg but no ``ACDOfferEnd``; an attended one frees the agent's leg at once while the
caller's own ``Dial`` returns only when the new partner hangs up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from acd.sim.channels import RING, UP, Channel
from acd.sim.dialling import Dialling, Plan

if TYPE_CHECKING:
    from acd.sim.agents import Phone
    from acd.sim.asterisk import SimulatedAsterisk

FEATURES = (
    (re.compile(r"\*11(\d*)"), "login"),
    (re.compile(r"\*12()"), "logout"),
    (re.compile(r"\*13()"), "ready"),
    (re.compile(r"\*14(\d)"), "pause"),
    (re.compile(r"\*15()"), "extend"),
    (re.compile(r"\*16(\d)"), "code"),
    (re.compile(r"\*17([01])"), "verified"),
)
REPLY_S_MAX = 3.0
POLL_S = 0.05
TONE_S = 0.4
_TARGET = re.compile(r"[ar]\d{4}|[qo]-[-a-z0-9]+|800")
_COLLEAGUE = re.compile(r"[ar]\d{4}")


class OwnCall:
    """A call which an agent's phone made itself."""

    def __init__(self, sim: SimulatedAsterisk, phone: Phone, number: str) -> None:
        self.sim = sim
        self.phone = phone
        channel = self.channel = sim.new_channel(phone.name)
        channel.owner = self
        channel.dialled = number
        self.dialling: Dialling | None = None
        self._deadline_s = 0.0
        self._begin(number)

    def _begin(self, number: str) -> None:
        for pattern, verb in FEATURES:
            found = pattern.fullmatch(number)
            if found is not None:
                self._feature(verb, found[1])
                return
        if _COLLEAGUE.fullmatch(number):
            self.sim.become(self.channel, RING)
            self.sim.device_of(self.channel).changed()
            self.channel.at("from-agent", number, 2)
            self.dialling = Dialling(self.sim, self.channel, Plan(number, 20.0), self._over)
        else:
            self.hung_up(self.channel, 1)

    def _over(self, status: str, _: Dialling) -> None:
        self.hung_up(self.channel, 16 if status == "ANSWER" else self.channel.cause)

    def _feature(self, verb: str, argument: str) -> None:
        channel = self.channel
        self.sim.become(channel, UP)
        self.sim.device_of(channel).changed()
        channel.variables["ACD_REPLY"] = ""
        channel.at("acd-feature", verb, 4)
        fields = (("Verb", verb), ("Arg", argument), ("Phone", self.phone.name))
        self.sim.events.user(channel, "ACDAgent", *fields)
        self._deadline_s = self.sim.loop.time() + REPLY_S_MAX
        self.sim.later(POLL_S, self._poll)

    def _poll(self) -> None:
        reply = self.channel.variables["ACD_REPLY"]
        if reply or self.sim.loop.time() >= self._deadline_s:
            self.phone.replies.append(reply)
            self.channel.at("acd-feature", self.channel.exten, 10)
            self.sim.later(TONE_S, self.hung_up, self.channel, 16)
        else:
            self.sim.later(POLL_S, self._poll)

    def hung_up(self, channel: Channel, cause: int) -> None:
        """The call ends."""
        if channel.gone:
            return
        channel.gone = True
        self.sim.transfers.calls.pop(self.phone.name, None)
        if self.dialling is not None:
            self.dialling.caller_gone()
        channel.cause = cause or 16
        self.sim.later(self.sim.delay(0.1, 0.6), self.sim.gone, channel)


class Transfers:
    """Transfers and own calls of one Asterisk's phones."""

    def __init__(self, sim: SimulatedAsterisk) -> None:
        self.sim = sim
        self.calls: dict[str, OwnCall] = {}

    def dialled(self, phone: Phone, number: str) -> None:
        """A phone dials a number by itself."""
        self.calls[phone.name] = OwnCall(self.sim, phone, number)

    def blind(self, talk: Dialling, to: str) -> None:
        """The caller goes to ``to``; a number that is not allowed leaves the talk as it is."""
        if _TARGET.fullmatch(to):
            self._send_on(talk, to)

    def by_manager(self, leg: Channel, to: str) -> bool:
        """``BlindTransfer``: the same by the manager; False when this channel talks with no caller."""
        talk = leg.owner
        if not isinstance(talk, Dialling) or talk.leg is not leg:
            return False
        return self._send_on(talk, to)

    def _send_on(self, talk: Dialling, to: str) -> bool:
        thread = self.sim.thread(talk.caller)
        if not talk.talking or talk.bridge is None or talk.leg is None or thread is None:
            return False
        sim, leg, caller, bridge = self.sim, talk.leg, talk.caller, talk.bridge
        sim.events.blind(leg, caller, bridge, "acd-xfer", to)
        bridge.technology = "simple_bridge"
        talk.release()
        caller.at("acd-xfer", to, 1)
        order = [caller, leg] if sim.random.random() < 0.5 else [leg, caller]
        for channel in order:
            sim.events.left(channel)
        if talk.phone is not None:
            talk.phone.ended(talk)
        sim.end_leg(leg, 16)
        sim.later(sim.delay(0.1, 0.6), self._go_on, caller, to)
        return True

    def _go_on(self, caller: Channel, to: str) -> None:
        thread = self.sim.thread(caller)
        if thread is not None and not caller.gone:
            thread.transferred(to)

    def attended(self, phone: Phone, talk: Dialling) -> None:
        """The caller takes the agent's place in the talk with whom the agent consulted."""
        own = self.calls.get(phone.name)
        consult = own.dialling if own is not None else None
        if own is None or consult is None or not consult.talking or not talk.talking:
            return
        first, second = talk.bridge, consult.bridge
        leg, target = talk.leg, consult.leg
        assert first is not None
        assert second is not None
        assert leg is not None
        assert target is not None
        events = self.sim.events
        events.left(talk.caller)
        consult.release()
        second_leg = own.channel
        events.left(second_leg)
        events.entered(talk.caller, second, swapped=second_leg.uniqueid)
        first.count, second_count = 2, second.count
        second.count = 2
        events.attended((leg, first), (second_leg, second), talk.caller, target)
        second.count = second_count
        first.count, first.technology = 1, "simple_bridge"
        events.left(leg)
        self.sim.end_leg(leg, 16)
        phone.ended(talk)
        self.calls.pop(phone.name, None)
        second_leg.gone, second_leg.cause = True, 16
        self.sim.later(self.sim.delay(0.1, 0.6), self.sim.gone, second_leg)
        talk.adopt(consult, target, second)
