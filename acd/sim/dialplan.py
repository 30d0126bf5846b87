"""A caller's way through our dialplan (``config/asterisk/extensions_acd.conf``), as a state machine.

Enter, hold in steps of a fresh holding bridge each, look for an order and at the lease before
every step, do the order, come back. As in Asterisk there is a short moment between reading
``ACD_ORDER`` and being in the next bridge: an order that lands in it, with a kick at the bridge
just left, waits for the whole step unless the kick is repeated.

A thread owns at most one timer, one dial and one stay in the net; when the caller hangs up all
three go and the end is told, once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from acd.sim.channels import UP, Bridge, Channel
from acd.sim.dialling import Dialling, Plan
from acd.sim.net import NetStay
from acd.sim.orders import NOT_IN_QUEUE, Order, digits

if TYPE_CHECKING:
    from acd.sim.asterisk import SimulatedAsterisk
    from acd.sim.timers import Timer

SHORT_TALK_MS = 1500
PROMPT_S = 2.0


class CallerThread:
    """One caller's dialplan thread."""

    def __init__(self, sim: SimulatedAsterisk, channel: Channel) -> None:
        self.sim = sim
        self.channel = channel
        self.timer: Timer | None = None
        self.dialling: Dialling | None = None
        self.stay: NetStay | None = None
        self.line = ""
        self._sounds: list[str] = []
        self._said = "SUCCESS"
        self.entered = False
        self._ended = False
        channel.owner = self
        self.timer = sim.later(sim.delay(0.6, 1.6), self.enter)

    def enter(self) -> None:
        """[acd-enter]."""
        sim, channel = self.sim, self.channel
        variables = channel.variables
        variables.update(
            ACD_HH="1", ACD_STATE="enter", ACD_ORDER="", ACD_ATT="", ACD_WD="", ACD_UP="", ACD_LEG=""
        )
        variables["ACD_T0"] = str(sim.clock.now_ms())
        variables["ACD_VISIT"] = str(digits(variables.get("ACD_VISIT", "")) + 1)
        variables["ACD_FIRST"] = variables.get("ACD_FIRST") or variables["ACD_T0"]
        variables["ACD_NUM"] = "".join(one for one in channel.number if one in "0123456789")
        variables["ACD_WANTED"], variables["ACD_NEXT"] = variables.get("ACD_NEXT", ""), ""
        self.leave_line()
        channel.language = variables.get("ACD_LANG", "it")
        channel.at("acd-enter", "s", 8)
        sim.events.user(
            channel,
            "ACDEnter",
            ("Visit", variables["ACD_VISIT"]),
            ("Queue", NOT_IN_QUEUE.sub("", variables.get("ACD_QUEUE", ""))),
            ("Lang", variables.get("ACD_LANG", "")),
            ("Prov", variables.get("ACD_PROV", "")),
            ("Num", variables["ACD_NUM"]),
            ("T0", variables["ACD_T0"]),
            ("First", variables["ACD_FIRST"]),
            ("Called", variables.get("ACD_CALLED", "")),
            ("Code", variables.get("ACD_CODE", "")),
            ("Office", variables["ACD_WANTED"]),
            ("Name", quote(channel.caller_name, safe="")),
        )
        if not self.entered:
            self.entered = True
            sim.entered_count += 1
            sim.told("enters", channel.uniqueid)
        self.timer = sim.later(sim.delay(0.2, 0.9), self._answered)

    def _answered(self) -> None:
        """Answered, and on to the first step: an order may be there already."""
        self.sim.become(self.channel, UP)
        self.hold()

    def hold(self) -> None:
        """[acd-hold]: an order, a lapsed lease, or one more step of music."""
        sim, channel = self.sim, self.channel
        if channel.variables.get("ACD_ORDER"):
            self._take_order()
        elif digits(sim.globals.get("ACD_LEASE", "")) <= sim.clock.now_ms() // 1000:
            self._net()
        else:
            channel.variables["ACD_STATE"] = "hold"
            channel.at("acd-hold", "s", 4)
            self.timer = sim.later(sim.delay(0.1, 0.5), self._step)

    def _step(self) -> None:
        sim, channel = self.sim, self.channel
        name = f"acd-{channel.uniqueid}"
        bridge = Bridge(sim.new_bridge_id(), "holding_bridge", "BridgeWait", name)
        channel.application, channel.data = "BridgeWait", f"{name},participant,e(m)m(acd)S(5)"
        sim.events.entered(channel, bridge)
        sim.told("holds", channel.uniqueid)
        self.timer = sim.later(sim.site.step_s, self._step_over)

    def _step_over(self) -> None:
        self.sim.events.left(self.channel)
        self.hold()

    def kicked(self, bridge: Bridge) -> None:
        """The manager takes the caller out of the bridge it is in."""
        if self.channel.bridge is not bridge:
            return
        if bridge.technology == "holding_bridge":
            self._stop_timer()
            self._step_over()
        elif self.dialling is not None:
            self.dialling.kicked()

    def _take_order(self) -> None:
        """[acd-offer]: taken once, refused whole when any field is wrong."""
        variables = self.channel.variables
        order = Order.parse(variables["ACD_ORDER"])
        variables["ACD_ORDER"] = ""
        variables["ACD_ATT"] = order.attempt
        now_s = self.sim.clock.now_ms() // 1000
        variables["ACD_VERB"] = order.verb
        if not order.acceptable(self.sim.globals.get("ACD_EPOCH", ""), now_s):
            self._refuse(order.attempt)
        elif order.verb in {"agent", "line"}:
            self._offer(order)
        elif order.verb == "net":
            self._net()
        elif order.verb == "bye":
            self._bye(order.attempt, order.target)
        else:
            self._say(order.attempt, order.target)

    def _end_of_offer(
        self, attempt: str, status: str, cause: int = 0, ring: str = "0", talk_ms: int = 0
    ) -> None:
        self.sim.events.user(
            self.channel,
            "ACDOfferEnd",
            ("Attempt", attempt),
            ("Verb", self.channel.variables["ACD_VERB"]),
            ("Status", status),
            ("Cause", cause),
            ("Ring", ring),
            ("TalkMs", talk_ms),
        )

    def _begin_of_offer(self, attempt: str, target: str) -> None:
        verb = self.channel.variables["ACD_VERB"]
        fields = (("Attempt", attempt), ("Verb", verb), ("Target", target))
        self.sim.events.user(self.channel, "ACDOfferBegin", *fields)

    def _refuse(self, attempt: str) -> None:
        self.channel.at("acd-offer", "bad", 1)
        self._end_of_offer(attempt, "REFUSED")
        self.sim.told("refused", self.channel.uniqueid)
        self.hold()

    def _offer(self, order: Order) -> None:
        channel, attempt = self.channel, order.attempt
        target, via = order.dialled, order.via if order.verb == "line" else ""
        channel.variables.update(ACD_STATE="ring", ACD_LEG=attempt, DIALSTATUS="", ACD_WD="", ACD_UP="")
        if via:
            self.take_line(order.office)
            if self.sim.lines[order.office] > order.calls_max:
                self._full(attempt)
                return
        channel.at("acd-offer", "dial", 5)
        self._begin_of_offer(attempt, target)
        channel.at("acd-offer", "dial", 6)
        channel.application = "Dial"
        where = f"{target}@{via}" if via else target
        auto = order.verb == "agent" and order.via == "auto"
        key = order.key if via and order.key != "-" else ""
        routine = "-auto" if auto else "-key" if key else ""
        asks = order.key if via else ""
        how = f"gim(acd){'b(acd-auto^s^1)' if auto else ''}U(acd-up{routine}^{channel.uniqueid}^{asks})"
        channel.data = f"PJSIP/{where},{order.seconds},{how}"
        from_ms = self.sim.clock.now_ms()

        def up(dialling: Dialling) -> None:
            if dialling.leg is not None:
                dialling.leg.end_told = True
            channel.variables.update(ACD_UP=str(self.sim.clock.now_ms()), ACD_STATE="talk")

        def over(status: str, _: Dialling) -> None:
            no_key = key and status == "ANSWER" and not channel.variables["ACD_UP"]
            self._offered(attempt, "NOKEY" if no_key else status, from_ms)

        self.dial(Plan(target, order.seconds, via, attempt, up, auto=auto, key=bool(key)), over)

    def _full(self, attempt: str) -> None:
        """The office carries as many calls as it can, by whichever path they came."""
        self.leave_line()
        self.channel.at("acd-offer", "v-line", 7)
        self._end_of_offer(attempt, "FULL")
        self.hold()

    def _offered(self, attempt: str, status: str, from_ms: int) -> None:
        variables = self.channel.variables
        till_ms, up_ms = self.sim.clock.now_ms(), digits(variables["ACD_UP"])
        talk_ms = till_ms - up_ms if up_ms else 0
        self.leave_line()
        variables["ACD_LEG"] = variables["ACD_ORDER"] = ""
        withdrawn = variables["ACD_WD"] == attempt
        self.channel.at("acd-offer", "dial", 13)
        ring = str((up_ms or till_ms) - from_ms)
        self._end_of_offer(attempt, "WITHDRAWN" if withdrawn else status, self.channel.cause, ring, talk_ms)
        if status != "ANSWER" or withdrawn or talk_ms < SHORT_TALK_MS:
            self.hold()
            return
        variables["ACD_STATE"] = "after"
        self.channel.at("acd-offer", "dial", 17)
        self.hung_up(self.channel, 16)

    def _say(self, attempt: str, sounds: str) -> None:
        channel = self.channel
        channel.variables["ACD_STATE"] = "say"
        channel.at("acd-say", "s", 2)
        self._begin_of_offer(attempt, sounds)
        self._sounds, self._said = sounds.replace(".", "/").split("+"), "SUCCESS"
        self._say_next()

    def _say_next(self) -> None:
        channel, sound = self.channel, self._sounds.pop(0)
        channel.at("acd-say", "s", 3)
        channel.application, channel.data = "Playback", sound
        known = not sound.startswith("no-such")
        self.timer = self.sim.later(PROMPT_S if known else 0.001, self._sound_over, known)

    def _sound_over(self, known: bool = True) -> None:
        channel = self.channel
        self._stop_timer()
        self._said = self._said if known else "FAILED"
        stopped = channel.variables["ACD_WD"] == channel.variables["ACD_ATT"]
        if self._sounds and not stopped:
            self._say_next()
            return
        channel.at("acd-say", "s", 6)
        self._end_of_offer(channel.variables["ACD_ATT"], "WITHDRAWN" if stopped else self._said)
        self.hold()

    def playback_stopped(self) -> None:
        """The manager ends the sound that is played, if one is."""
        if self.channel.context == "acd-say" and self.channel.exten == "s":
            self._sound_over()

    def _bye(self, attempt: str, sounds: str) -> None:
        self.channel.variables["ACD_STATE"] = "bye"
        self.channel.at("acd-say", "bye", 2)
        self._begin_of_offer(attempt, sounds)
        prompt_s = 0.0003 if sounds == "-" else PROMPT_S * (1 + sounds.count("+"))
        self.channel.at("acd-say", "bye", 4)
        self.timer = self.sim.later(prompt_s, self.hung_up, self.channel, 16)

    def _net(self) -> None:
        self.stay = NetStay(self)
        self.stay.begin()

    def dial(self, plan: Plan, over: Callable[[str, Dialling], None]) -> None:
        """Dial, then go on with ``over(DIALSTATUS, dial)``."""
        self.dialling = Dialling(self.sim, self.channel, plan, over)

    def take_line(self, office: str) -> None:
        """``GROUP(acdline)``: this call counts among the office's."""
        self.leave_line()
        self.line = office
        self.sim.lines[office] = self.sim.lines.get(office, 0) + 1

    def leave_line(self) -> None:
        """The call no longer counts."""
        if self.line:
            self.sim.lines[self.line] -= 1
            self.line = ""

    def transferred(self, to: str) -> None:
        """[acd-xfer], where a blind transfer sends the caller. The talk is taken apart already."""
        sim, channel = self.sim, self.channel
        self.dialling = None
        channel.variables.update(ACD_STATE="xfer", ACD_LEG="")
        self.leave_line()
        sim.told("transferred", channel.uniqueid)
        channel.at("acd-xfer", to, 3)
        sim.events.user(channel, "ACDXfer", ("To", to))
        if to == "800":
            self.enter()
        elif to.startswith("q-"):
            queue = NOT_IN_QUEUE.sub("", to[2:])
            channel.variables["ACD_QUEUE"] = queue
            channel.variables["ACD_LANG"] = sim.site.entry.get(to, (queue, channel.variables["ACD_LANG"]))[1]
            self.enter()
        elif to.startswith("o-"):
            channel.variables["ACD_NEXT"] = NOT_IN_QUEUE.sub("", to[2:])
            self.enter()
        else:
            channel.at("acd-xfer", to, 4)
            self.dial(Plan(to, 20.0), self._transfer_over)

    def _transfer_over(self, status: str, _: Dialling) -> None:
        if status == "ANSWER":
            self.hung_up(self.channel, 16)
        else:
            self.enter()

    def hung_up(self, channel: Channel, cause: int) -> None:
        """The caller's BYE or CANCEL, the manager's Hangup, or the dialplan's own: [acd-end], once."""
        if self._ended:
            return
        self._ended = True
        self._stop_timer()
        if self.stay is not None:
            self.stay.leave()
        if self.dialling is not None:
            self.dialling.caller_gone()
        if channel.bridge is not None:
            self.sim.events.left(channel)
        self.leave_line()
        channel.gone = True
        if self.entered:
            channel.cause = channel.cause or cause or 16
            self._tell_end()
            self.sim.ended_count += 1
            self.sim.told("ends", channel.uniqueid)
        elif self.sim.random.random() < 0.5:  # a CANCEL that crossed the 200: an end without an entry
            channel.variables["ACD_STATE"] = "enter"
            self._tell_end()
        self.sim.later(self.sim.delay(0.1, 0.7), self.sim.gone, channel)

    def _tell_end(self) -> None:
        channel, variables = self.channel, self.channel.variables
        where = (channel.context, channel.exten, channel.priority)
        channel.at("acd-end", "s", 1)
        self.sim.events.user(
            channel,
            "ACDEnd",
            ("State", variables.get("ACD_STATE", "")),
            ("Attempt", variables.get("ACD_ATT", "")),
            ("Dial", variables.get("DIALSTATUS", "")),
            ("Up", variables.get("ACD_UP", "")),
            ("Cause", channel.cause),
        )
        channel.at(*where)

    def _stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
