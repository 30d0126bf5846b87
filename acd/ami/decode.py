"""From Asterisk's events to the engine's facts.

One event gives one fact or none. Most events are none: they only move the node's picture (see
``acd.ami.picture``). Which event tells the truth, and why, is in docs/architecture.md; in short:

=====================================  ==================================================
``UserEvent ACDEnter``                 ``CallEntered`` (again with Visit > 1 after a transfer)
``UserEvent ACDMenuEnd``               ``CallLeftMenu``
``UserEvent ACDOfferBegin``            ``OfferBegan``; the next ``DialBegin`` binds the leg
``DialState RINGING`` of the leg       ``OfferRang``
both in one bridge that holds nobody   ``TalkBegan``, once
``UserEvent ACDOfferEnd``              ``OfferEnded``, decided by ``ending``; of a prompt ``PromptEnded``
``DTMFEnd`` of a caller who waits      ``CallerPressed``
``ACDLegEnd`` or ``Hangup`` of the leg  ``LegEnded``, the first of them
``BlindTransfer, AttendedTransfer``    ``CallTransferred`` when the leg is the transferer
``UserEvent ACDSafetyNet``             ``CallInSafetyNet``
``ACDEnd`` or ``Hangup`` of the caller  ``CallEnded``, the first of them
``DeviceStateChange`` of PJSIP         ``DeviceChanged``
``UserEvent ACDAgent``                 what the agent's phone asks for; nonsense is answered at once
=====================================  ==================================================

Asterisk's DIALSTATUS is not to be trusted for the reason (603 and a phone that is not registered
are both CHANUNAVAIL): cause and SIP status decide.

A caller's number and personal code are hashed and looked up here: no fact holds them.
"""

from __future__ import annotations

from collections.abc import Callable

from acd.ami.offset import ClockOffset
from acd.ami.picture import Caller, Directory, Leg, Picture
from acd.ami.wire import Message
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    Asker,
    CallCoded,
    CallEnded,
    CallEntered,
    CallerPressed,
    CallerVerified,
    CallInSafetyNet,
    CallLeftMenu,
    CallTransferred,
    DeviceChanged,
    DeviceState,
    Fact,
    LegEnded,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    PromptEnded,
    TalkBegan,
    WrapUpExtended,
)
from acd.core.ids import AttemptId, CallId, NodeId
from acd.core.orders import AnswerAsker
from acd.runtime.ports import Clock

__all__ = ["Decoder", "device_state", "ending", "endpoint_of", "number"]

SHORT_TALK_MS = 1_500
"""Answered and gone sooner than this: the dialplan puts the caller back (same number there)."""
SAID_BY_US = {"REFUSED": OfferEnd.REFUSED, "FULL": OfferEnd.FULL, "NOKEY": OfferEnd.NO_KEY}
"""Statuses of our dialplan's own."""
HOLDING = "holding_bridge"
SIGNS_OF_LIFE = frozenset({"RINGING", "PROGRESS"})
"""180, or 183 where a trunk plays the ringing itself."""

DECLINED_CAUSES = frozenset({"19", "21"})
UNREACHABLE_CAUSES = frozenset({"1", "2", "3", "18", "20", "27"})
DEVICE_STATES = {
    "NOT_INUSE": DeviceState.IDLE,
    "INUSE": DeviceState.BUSY,
    "BUSY": DeviceState.BUSY,
    "RINGING": DeviceState.BUSY,
    "RINGINUSE": DeviceState.BUSY,
    "ONHOLD": DeviceState.BUSY,
    "UNAVAILABLE": DeviceState.UNAVAILABLE,
    "INVALID": DeviceState.UNAVAILABLE,
}

PROMPTS = frozenset({"say", "bye"})
"""Verbs of orders that play something."""
HEARD = frozenset({"SUCCESS", "WITHDRAWN"})
WAITING = frozenset({"acd-hold", "acd-say"})
"""Contexts in which a key is ours to know; in a talk it may be of a card number."""
KEYS = frozenset("0123456789*#")

VERIFIED = {"0": False, "1": True}
"""The digit after the feature code."""

Decoded = Fact | AnswerAsker | None


def number(text: str) -> int:
    """A header's whole number; 0 for anything else (an empty one is usual)."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def device_state(state: str) -> DeviceState:
    """What Asterisk's device state means for an offer."""
    return DEVICE_STATES.get(state, DeviceState.UNKNOWN)


def endpoint_of(channel: str) -> str:
    """The PJSIP endpoint of a channel's name (``PJSIP/a0001-0000001f``), empty for other kinds."""
    kind, _, rest = channel.partition("/")
    return rest.rpartition("-")[0] if kind == "PJSIP" else ""


def ending(status: str, cause: str, tech_cause: str, *, rang: bool, talk_ms: int) -> OfferEnd:
    """How an offer ended, from the dialplan's status, the Q.850 cause and the SIP status if known.

    BUSY without cause 17 is a forward (302) that Dial did not follow; its SIP status may come late or
    never. A ring that we let run out carries cause 16 or 0; 19 is the phone's own 480 (do not disturb),
    whose SIP status only comes with the leg's Hangup, after the offer's end. A phone that gave no
    sign of life until the ring ran out is not there.
    """
    if status == "WITHDRAWN":
        return OfferEnd.WITHDRAWN
    if status in {"REFUSED", "FULL", "NOKEY"}:
        return SAID_BY_US[status]
    if status == "ANSWER":
        return OfferEnd.TALKED if talk_ms >= SHORT_TALK_MS else OfferEnd.DROPPED
    if tech_cause.startswith("3") or tech_cause == "480" or cause in DECLINED_CAUSES:
        return OfferEnd.DECLINED
    if cause in UNREACHABLE_CAUSES:
        return OfferEnd.UNREACHABLE
    if cause == "17":
        return OfferEnd.BUSY
    if status == "BUSY":
        return OfferEnd.DECLINED
    if status in {"NOANSWER", "CANCEL"}:
        return OfferEnd.NO_ANSWER if rang else OfferEnd.UNREACHABLE
    return OfferEnd.FAILED


class Decoder:
    """Turns the events of one node into facts, in order."""

    def __init__(
        self, node: NodeId, *, picture: Picture, directory: Directory, offset: ClockOffset, clock: Clock
    ) -> None:
        self.picture = picture
        self.directory = directory
        self._node = node
        self._offset = offset
        self._clock = clock
        self._by_event: dict[str, Callable[[Message], Decoded]] = {
            "UserEvent": self._user_event,
            "DialBegin": self._dial_begin,
            "DialState": self._dial_state,
            "DialEnd": self._dial_end,
            "BridgeEnter": self._bridge_enter,
            "BridgeLeave": self._bridge_leave,
            "Hangup": self._hangup,
            "DTMFEnd": self._pressed,
            "BlindTransfer": self._blind_transfer,
            "AttendedTransfer": self._attended_transfer,
            "DeviceStateChange": self._device_state,
        }
        self._by_user_event: dict[str, Callable[[Message], Decoded]] = {
            "ACDEnter": self._entered,
            "ACDMenuEnd": self._left_menu,
            "ACDOfferBegin": self._offer_began,
            "ACDOfferEnd": self._offer_ended,
            "ACDLegEnd": self._leg_ended,
            "ACDSafetyNet": self._in_net,
            "ACDXfer": self._moved_on,
            "ACDEnd": self._ended,
            "ACDAgent": self._agent,
        }

    def decode(self, message: Message) -> Decoded:
        """The fact of this event, or None; an unknown asker is answered without the engine."""
        known = self._by_event.get(message["Event"])
        return known(message) if known is not None else None

    def _user_event(self, message: Message) -> Decoded:
        known = self._by_user_event.get(message["UserEvent"])
        return known(message) if known is not None and message["Uniqueid"] else None

    # ── the caller ───────────────────────────────────────────────────────────────────────────

    def _entered(self, message: Message) -> Decoded:
        caller = self.picture.caller(message["Uniqueid"])
        caller.clear()
        visit, first = number(message["Visit"]) or 1, message["First"]
        return CallEntered(
            call=caller.call,
            node=self._node,
            queue=message["Queue"],
            entered_ms=self.entered_ms(message["T0"]),
            visit=visit,
            language=message["Lang"] or "it",
            province=message["Prov"],
            first_entered_ms=self.entered_ms(first) if visit > 1 and first else 0,
            called=message["Called"],
            caller=self.directory.caller(message["Num"]),
            priority_class=self.directory.priority_class(message["Code"]),
            office=message["Office"],
        )

    def _left_menu(self, message: Message) -> Decoded:
        return CallLeftMenu(
            call=CallId(message["Uniqueid"]),
            node=self._node,
            called=message["Called"],
            arrived_ms=self.entered_ms(message["T00"]),
            left_ms=self._clock.now_ms(),
        )

    def entered_ms(self, t0: str) -> int:
        """The entry time on our clock from Asterisk's; now, when it says none; never in the future."""
        now_ms = self._clock.now_ms()
        theirs_ms = number(t0)
        return min(self._offset.to_ours(theirs_ms), now_ms) if theirs_ms else now_ms

    def _in_net(self, message: Message) -> Decoded:
        caller = self.picture.caller(message["Uniqueid"])
        caller.clear()
        return CallInSafetyNet(call=caller.call)

    def _moved_on(self, message: Message) -> Decoded:
        caller = self.picture.callers.get(message["Uniqueid"])
        if caller is not None:
            caller.clear()
        return None

    def _ended(self, message: Message) -> Decoded:
        caller = self.picture.caller(message["Uniqueid"])
        if caller.ended:
            return None
        caller.ended = True
        return CallEnded(call=caller.call)

    # ── the offer ────────────────────────────────────────────────────────────────────────────

    def _offer_began(self, message: Message) -> Decoded:
        caller = self.picture.caller(message["Uniqueid"])
        if message["Verb"] in PROMPTS:
            caller.hears = message["Attempt"]
            return None
        caller.begin(message["Attempt"], message["Target"])
        return OfferBegan(call=caller.call, attempt=AttemptId(message["Attempt"]))

    def _dial_begin(self, message: Message) -> Decoded:
        caller = self.picture.callers.get(message["Uniqueid"])
        leg = message["DestUniqueid"]
        if caller is not None and leg and caller.attempt and not caller.leg:
            caller.leg = leg
            self.picture.legs[leg] = Leg(leg, caller.call, AttemptId(caller.attempt), caller.target)
        return None

    def _dial_state(self, message: Message) -> Decoded:
        caller = self._caller_of_leg(message["DestUniqueid"])
        if caller is None or caller.rang or message["DialStatus"] not in SIGNS_OF_LIFE:
            return None
        caller.rang = True
        return OfferRang(call=caller.call, attempt=AttemptId(caller.attempt))

    def _dial_end(self, message: Message) -> Decoded:
        self._note_tech_cause(self._caller_of_leg(message["DestUniqueid"]), message)
        return None

    def _offer_ended(self, message: Message) -> Decoded:
        caller = self.picture.caller(message["Uniqueid"])
        attempt = message["Attempt"]
        if message["Verb"] in PROMPTS:
            return self._prompt_ended(caller, AttemptId(attempt), message["Status"])
        ring_ms, talk_ms = number(message["Ring"]), number(message["TalkMs"])
        tech_cause, rang = "", ring_ms > 0
        if caller.attempt == attempt:
            tech_cause, rang = caller.tech_cause, caller.rang
            caller.clear()
        return OfferEnded(
            call=caller.call,
            attempt=AttemptId(attempt),
            end=ending(message["Status"], message["Cause"], tech_cause, rang=rang, talk_ms=talk_ms),
            ring_ms=ring_ms,
            talk_ms=talk_ms,
        )

    @staticmethod
    def _prompt_ended(caller: Caller, attempt: AttemptId, status: str) -> Decoded:
        if caller.hears == attempt:
            caller.hears = ""
        refused = status == "REFUSED"
        return PromptEnded(call=caller.call, attempt=attempt, heard=status in HEARD, refused=refused)

    def _pressed(self, message: Message) -> Decoded:
        caller = self.picture.callers.get(message["Uniqueid"])
        if caller is None or message["Context"] not in WAITING or message["Digit"] not in KEYS:
            return None
        return CallerPressed(call=caller.call, key=message["Digit"])

    def _leg_ended(self, message: Message) -> Decoded:
        uniqueid = message["Uniqueid"]
        leg = self.picture.legs.get(uniqueid)
        if leg is None:
            attempt, call = message["Attempt"], message["Linkedid"]
            if not attempt or call not in self.picture.callers:
                return None
            leg = self.picture.legs[uniqueid] = Leg(uniqueid, CallId(call), AttemptId(attempt), "")
        if leg.ended:
            return None
        leg.ended = True
        return LegEnded(call=leg.call, attempt=leg.attempt)

    def _blind_transfer(self, message: Message) -> Decoded:
        return self._transferred(message, message["TransfererUniqueid"])

    def _attended_transfer(self, message: Message) -> Decoded:
        for header in ("OrigTransfererUniqueid", "SecondTransfererUniqueid"):
            fact = self._transferred(message, message[header])
            if fact is not None:
                return fact
        return None

    def _transferred(self, message: Message, transferer: str) -> Decoded:
        leg = self.picture.legs.get(transferer)
        if leg is None or message["Result"] != "Success":
            return None
        caller = self.picture.callers.get(leg.call)
        if caller is not None and caller.attempt == leg.attempt:
            caller.clear()
        return CallTransferred(call=leg.call, attempt=leg.attempt)

    # ── channels ─────────────────────────────────────────────────────────────────────────────

    def _bridge_enter(self, message: Message) -> Decoded:
        uniqueid, bridge = message["Uniqueid"], message["BridgeUniqueid"]
        caller = self.picture.callers.get(uniqueid)
        if message["BridgeTechnology"] == HOLDING:
            if caller is not None:
                caller.holding, caller.bridge = bridge, ""
            return None
        if caller is not None:
            caller.holding, caller.bridge = "", bridge
        else:
            caller = self._caller_of_leg(uniqueid)
            if caller is None:
                return None
            caller.leg_bridge = bridge
        if caller.talking or not caller.leg or not bridge or caller.bridge != caller.leg_bridge:
            return None
        caller.talking = True
        return TalkBegan(call=caller.call, attempt=AttemptId(caller.attempt))

    def _bridge_leave(self, message: Message) -> Decoded:
        uniqueid, bridge = message["Uniqueid"], message["BridgeUniqueid"]
        caller = self.picture.callers.get(uniqueid)
        if caller is not None:
            if caller.holding == bridge:
                caller.holding = ""
            if caller.bridge == bridge:
                caller.bridge = ""
        else:
            caller = self._caller_of_leg(uniqueid)
            if caller is not None and caller.leg_bridge == bridge:
                caller.leg_bridge = ""
        return None

    def _hangup(self, message: Message) -> Decoded:
        uniqueid = message["Uniqueid"]
        caller = self.picture.callers.pop(uniqueid, None)
        if caller is not None:
            return None if caller.ended else CallEnded(call=caller.call)
        self._note_tech_cause(self._caller_of_leg(uniqueid), message)
        leg = self.picture.legs.pop(uniqueid, None)
        if leg is None or leg.ended:
            return None
        return LegEnded(call=leg.call, attempt=leg.attempt)

    def _device_state(self, message: Message) -> Decoded:
        kind, _, endpoint = message["Device"].partition("/")
        if kind != "PJSIP" or not self.directory.knows(endpoint):
            return None  # a trunk, say: its state says nothing of anybody we could offer a call
        return DeviceChanged(endpoint=endpoint, state=device_state(message["State"]))

    def _caller_of_leg(self, uniqueid: str) -> Caller | None:
        """The caller whose present attempt this leg serves."""
        leg = self.picture.legs.get(uniqueid)
        caller = self.picture.callers.get(leg.call) if leg is not None else None
        return caller if caller is not None and caller.leg == uniqueid else None

    def _note_tech_cause(self, caller: Caller | None, message: Message) -> None:
        if caller is None:
            return
        words = message["TechCause"].removeprefix("SIP ").split()
        if words and words[0] not in {"0", "200", "487"}:
            caller.tech_cause = words[0]

    # ── agents' phones ───────────────────────────────────────────────────────────────────────

    def _agent(self, message: Message) -> Decoded:
        """What a phone dialled, for whoever is logged in there; only a login by code names the agent."""
        channel, phone = message["Uniqueid"], message["Phone"]
        asker = Asker(node=self._node, channel=channel)
        asked = self._asked(message["Verb"], message["Arg"], phone, asker)
        if asked is None or not self.directory.knows(phone):
            return AnswerAsker(node=self._node, channel=channel, done=False)
        return asked

    def _asked(self, verb: str, argument: str, phone: str, asker: Asker) -> Fact | None:
        match verb:
            case "login" if not argument:
                return AgentLoggedIn(phone=phone, asker=asker)
            case "login" if argument in self.directory.by_code:
                return AgentLoggedIn(agent=self.directory.by_code[argument], phone=phone, asker=asker)
            case "logout":
                return AgentLoggedOut(phone=phone, asker=asker)
            case "ready":
                return AgentReadied(phone=phone, asker=asker)
            case "extend":
                return WrapUpExtended(phone=phone, asker=asker)
            case "pause" if argument in self.directory.reasons:
                return AgentPaused(phone=phone, reason=self.directory.reasons[argument], asker=asker)
            case "code" if argument in self.directory.outcomes:
                return CallCoded(phone=phone, code=self.directory.outcomes[argument], asker=asker)
            case "verified" if argument in VERIFIED:
                return CallerVerified(phone=phone, verified=VERIFIED[argument], method="phone", asker=asker)
            case _:
                return None
