"""One ``Dial``: a caller's thread rings one phone and, if it answers, talks.

The order of events within a channel is Asterisk's; between the two channels of a dial, which
are threads of their own, it varies by chance as it does there. A phone that never answers the
INVITE is silent for the whole ring; a phone without a contact makes no leg at all. What a
refusal looks like is ``REFUSALS``; causes come from transcripts, not from the SIP standard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from acd.sim.channels import RINGING, UP, Bridge, Channel

if TYPE_CHECKING:
    from acd.sim.agents import Phone
    from acd.sim.asterisk import SimulatedAsterisk


class Refusal(NamedTuple):
    """What one SIP status becomes."""

    ends: tuple[str, ...]
    """``DialStatus`` of the ``DialEnd`` events, one each."""
    status: str
    cause: int
    """Of the caller's channel."""
    leg_cause: int


REFUSALS = {
    486: Refusal(("BUSY",), "BUSY", 17, 17),
    600: Refusal(("BUSY",), "BUSY", 17, 17),
    603: Refusal(("NOANSWER",), "CHANUNAVAIL", 21, 21),
    480: Refusal(("NOANSWER",), "NOANSWER", 19, 19),
    404: Refusal(("NOANSWER",), "CHANUNAVAIL", 1, 1),
    503: Refusal(("CONGESTION",), "CONGESTION", 34, 34),
    302: Refusal(("CANCEL", "BUSY"), "BUSY", 16, 23),
}
FORWARDED_TO = "a0004"
TONE_S = 0.43
"""The beep which an agent whose phone answers by itself hears before the caller."""
KEY_S = 10.0
"""A line that must press 1 hears the prompt twice, with three seconds after each."""
UNKNOWN_REFUSAL = REFUSALS[503]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the dialplan asks of ``Dial``."""

    target: str
    seconds: float
    via: str = ""
    attempt: str = ""
    """Of an order; its leg inherits it as ``ACD_LEG``."""
    answered: Callable[[Dialling], None] | None = None
    """The ``U()`` routine: runs on the leg before the two are joined."""
    key: bool = False
    """Who answers must press 1 before the two are joined."""
    auto: bool = False
    """The phone is asked to answer by itself: ``b()`` before the INVITE, a tone before the talk."""
    by_queue: bool = False
    """``Queue`` dials, not ``Dial``: other words in some headers, no DIALSTATUS."""
    freed: Callable[[], None] | None = None
    """Told once when the phone is free of this dial."""


class Dialling:
    """From the INVITE to the end of the talk."""

    def __init__(
        self, sim: SimulatedAsterisk, caller: Channel, plan: Plan, then: Callable[[str, Dialling], None]
    ) -> None:
        self.sim = sim
        self.caller = caller
        self.plan = plan
        self.leg: Channel | None = None
        self.phone: Phone | None = None
        self.bridge: Bridge | None = None
        self.over = False
        self.accepted = False
        self.talking = False
        self.ring_ms: int | None = None
        self.number = plan.target
        self._then = then
        self._began_s = 0.0
        self._timer = sim.later(sim.delay(0.3, 0.6), self._begin)

    @property
    def endpoint(self) -> str:
        """The PJSIP endpoint that carries the leg."""
        return self.plan.via or self.plan.target

    def _begin(self) -> None:
        sim, caller = self.sim, self.caller
        device = sim.devices.get(self.endpoint)
        if device is None or not device.registered:
            caller.cause, caller.tech_cause = 3, 404
            self._return("CHANUNAVAIL")
            return
        leg = self.leg = sim.new_channel(self.endpoint, caller)
        leg.owner = self
        leg.application, leg.data = "AppDial", "(Outgoing Line)"
        context = "from-agent" if not self.plan.via else "from-trunk"
        if self.plan.attempt:
            leg.variables["ACD_LEG"] = self.plan.attempt
        leg.at(context, caller.exten, 1)
        self._began_s = sim.loop.time()
        leg.number = (
            leg.number or caller.exten
        )  # an endpoint without callerid= shows the dialplan's own exten
        connected = leg.connected
        if self.plan.by_queue:
            leg.connected = ("", "")
        if self.plan.auto:
            leg.at("acd-auto", "s", 3)
        sim.events.dial("DialBegin", caller, leg, ("DialString", self._dial_string()))
        leg.connected = connected
        caller.connected = (leg.number, leg.caller_name)
        leg.at(context, caller.exten, 1)
        self.phone = sim.phone(self.plan.target)
        self._timer = sim.later(self.plan.seconds, self._rang_out)
        self.phone.rung(self)

    def _dial_string(self) -> str:
        if self.plan.by_queue:
            return f"PJSIP/{self.plan.target}"
        return f"{self.plan.target}@{self.plan.via}" if self.plan.via else self.plan.target

    # ── what the phone does ──────────────────────────────────────────────────────────────────

    def ring(self) -> None:
        """180."""
        leg = self.leg
        if self.over or self.accepted or leg is None or self.ring_ms is not None:
            return
        self.ring_ms = int((self.sim.loop.time() - self._began_s) * 1000)
        self.sim.become(leg, RINGING)
        self.sim.told("rings", self.caller.uniqueid, self.number)
        self.sim.device_of(leg).changed()
        self.sim.events.dial("DialState", self.caller, leg, ("DialStatus", "RINGING"))

    def answer(self, key_ms: float | None = 0.0) -> None:
        """200: a few milliseconds later the two are joined; where a key is asked, when that is pressed."""
        leg = self.leg
        if self.over or self.accepted or leg is None:
            return
        self.accepted = True
        self._timer.cancel()
        self.sim.become(leg, UP)
        self.sim.device_of(leg).changed()
        if self.plan.key and key_ms is None:
            self._timer = self.sim.later(KEY_S, self._no_key)
            return
        first_s = TONE_S if self.plan.auto else (key_ms or 0.0) / 1_000 if self.plan.key else 0.0
        self._timer = self.sim.later(first_s + self.sim.delay(0.8, 2.5), self._join)

    def _no_key(self) -> None:
        assert self.leg is not None
        self.leg.exten = ""
        self.caller.cause, self.caller.tech_cause = 16, 0
        self._not_answered(("CONTINUE",), "ANSWER", 16, 0)

    def _join(self) -> None:
        leg = self.leg
        if self.over or leg is None:
            return
        sim, caller = self.sim, self.caller
        if self.plan.answered is not None:
            self.plan.answered(self)
        if not self.plan.by_queue:
            leg.exten = ""
        self._status("ANSWER")
        sim.events.dial("DialEnd", caller, leg, ("DialStatus", "ANSWER"))
        sim.become(caller, UP)
        bridge = self.bridge = Bridge(sim.new_bridge_id(), "simple_bridge")
        self.talking = True
        sim.events.entered(leg, bridge)
        sim.events.entered(caller, bridge)
        bridge.technology = "native_rtp"
        sim.told("talks", caller.uniqueid, self.number)
        if self.phone is not None:
            self.phone.joined(self)

    def refuse(self, sip: int) -> None:
        """A final answer that is none."""
        leg = self.leg
        if self.over or self.accepted or leg is None:
            return
        refusal = REFUSALS.get(sip, UNKNOWN_REFUSAL)
        self.caller.cause = refusal.cause
        self.caller.tech_cause = 0 if refusal.cause == 16 else {603: 403, 600: 486}.get(sip, sip)
        self._not_answered(refusal.ends, refusal.status, refusal.leg_cause, sip)

    def hung_up(self, channel: Channel, cause: int) -> None:
        """The leg ends: the phone's BYE, or the manager's Hangup."""
        leg = self.leg
        if leg is None or channel is not leg or self.over:
            return
        if self.talking:
            self.caller.cause, self.caller.tech_cause = 16, 0
            self._talk_over(leg, self.caller)
            self._end_leg(cause or 16)
            self.sim.later(self.sim.delay(0.1, 0.7), self._return, "ANSWER")
        elif self.accepted:
            self.caller.cause, self.caller.tech_cause = 16, 0
            self._not_answered(("ANSWER",), "ANSWER", cause or 16, 0)
        else:
            self.caller.cause, self.caller.tech_cause = cause or 16, 0
            self._not_answered(("NOANSWER",), "CHANUNAVAIL", cause or 16, 0)

    # ── what else may end it ─────────────────────────────────────────────────────────────────

    def _rang_out(self) -> None:
        self.caller.cause, self.caller.tech_cause = 16, 0
        self._not_answered(("NOANSWER",), "NOANSWER", 0, 0)

    def caller_gone(self) -> None:
        """The caller hung up while it rang or talked: the leg goes with it."""
        if self.over:
            return
        leg = self.leg
        if self.talking and leg is not None:
            self._talk_over(self.caller, leg)
            self._end_leg(16)
        elif leg is not None:
            self._close(("CANCEL",), 16, 0)
            self._status("CANCEL")
        self._finish()

    def kicked(self) -> None:
        """Somebody took the caller out of the talk's bridge: the talk is over."""
        leg = self.leg
        if self.talking and leg is not None and not self.over:
            self.caller.cause, self.caller.tech_cause = 16, 0
            self._talk_over(self.caller, leg)
            self._end_leg(16)
            self.sim.later(self.sim.delay(0.1, 0.7), self._return, "ANSWER")

    def adopt(self, other: Dialling, leg: Channel, bridge: Bridge) -> None:
        """An attended transfer put another leg in the place of this dial's own."""
        self.sim.told("free", self.caller.uniqueid, self.number)
        self.leg, self.bridge, self.phone, self.number = leg, bridge, other.phone, other.number
        self.caller.connected = (leg.number, leg.caller_name)
        leg.connected = (self.caller.number, self.caller.caller_name)
        leg.owner = self
        if self.phone is not None:
            self.phone.calls = [self if one is other else one for one in self.phone.calls]

    def release(self) -> Channel:
        """A transfer takes the talk apart: leg and caller leave their bridge, nothing returns."""
        assert self.leg is not None
        self.talking = False
        self._finish()
        return self.leg

    # ── ends ─────────────────────────────────────────────────────────────────────────────────

    def _not_answered(self, ends: tuple[str, ...], status: str, leg_cause: int, sip: int) -> None:
        self._close(ends, leg_cause, sip)
        self._finish()
        self.sim.later(self.sim.delay(0.1, 0.8), self._return, status)

    def _close(self, ends: tuple[str, ...], leg_cause: int, sip: int) -> None:
        leg = self.leg
        assert leg is not None
        for index, status in enumerate(ends):
            forward = (("Forward", FORWARDED_TO),) if sip == 302 and index == 0 else ()
            self.sim.events.dial("DialEnd", self.caller, leg, *forward, ("DialStatus", status))
        leg.tech_cause = sip
        if self.phone is not None:
            self.phone.ended(self)
        self._end_leg(leg_cause)

    def _talk_over(self, first: Channel, second: Channel) -> None:
        self.sim.events.left(first)
        self.sim.events.left(second)
        self.talking = False
        self._finish()
        if self.phone is not None:
            self.phone.ended(self)

    def _end_leg(self, cause: int) -> None:
        assert self.leg is not None
        self.sim.end_leg(self.leg, cause)

    def _finish(self) -> None:
        self._timer.cancel()
        if not self.over:
            self.over = True
            self.sim.told("free", self.caller.uniqueid, self.number)
            if self.plan.freed is not None:
                self.plan.freed()

    def _return(self, status: str) -> None:
        self._finish()
        if not self.caller.gone:
            self._status(status)
            self._then(status, self)

    def _status(self, status: str) -> None:
        if not self.plan.by_queue:
            self.caller.variables["DIALSTATUS"] = status
