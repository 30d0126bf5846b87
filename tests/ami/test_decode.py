"""Events to facts: the recorded transcripts of a real Asterisk 22, and the cases no recording holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.ami.decode import Decoder, ending, endpoint_of, number
from acd.ami.offset import ClockOffset
from acd.ami.picture import Directory, Picture
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
    CallLeftMenu,
    DeviceChanged,
    DeviceState,
    LegEnded,
    OfferEnd,
    OfferEnded,
    PromptEnded,
    TalkBegan,
    WrapUpExtended,
)
from acd.core.orders import AnswerAsker
from tests.ami.fake import NOW_MS, StandingClock
from tests.ami.rules import ROSTER, RULES

TRANSCRIPTS = Path(__file__).parent.parent / "sim" / "transcripts"
RINGS = ["CallEntered", "OfferBegan", "OfferRang"]
SILENT = ["CallEntered", "OfferBegan"]


@pytest.fixture
def decoder() -> Decoder:
    return Decoder(
        "n1",
        picture=Picture(),
        directory=Directory(
            RULES,
            ROSTER,
            hash_number="#{}".format,
            class_of_code=lambda code: {"4321": "fragile"}.get(code, ""),
        ),
        offset=ClockOffset(),
        clock=StandingClock(NOW_MS),
    )


def replay(decoder: Decoder, name: str) -> list[str]:
    """The facts of one transcript by name, an ending by its kind; phones' states left out."""
    facts: list[str] = []
    for block in (TRANSCRIPTS / f"{name}.txt").read_text("utf-8", "replace").split("\n\n"):
        if not block.startswith(">"):
            fact = decoder.decode(Message.parse(block.strip("\n").replace("\n", "\r\n").encode()))
            if isinstance(fact, OfferEnded):
                facts.append(fact.end.value)
            elif isinstance(fact, PromptEnded):
                facts.append("heard" if fact.heard else "not heard")
            elif isinstance(fact, CallerPressed):
                facts.append(f"key {fact.key}")
            elif fact is not None and not isinstance(fact, DeviceChanged):
                facts.append(type(fact).__name__)
    return facts


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("caller_ends", [*RINGS, "TalkBegan", "CallEnded", "LegEnded"]),
        ("drops_at_once", [*RINGS, "TalkBegan", "dropped", "LegEnded", "CallEnded"]),
        ("leaves_waiting", ["CallEntered", "CallEnded"]),
        ("leaves_ringing", [*RINGS, "LegEnded", "CallEnded"]),
        ("rings_out", [*RINGS, "LegEnded", "no_answer", "CallEnded"]),
        ("busy", [*RINGS, "LegEnded", "busy", "CallEnded"]),
        ("declines", [*RINGS, "LegEnded", "declined", "CallEnded"]),
        ("unavailable", [*SILENT, "LegEnded", "declined", "CallEnded"]),
        ("forwards", [*SILENT, "LegEnded", "declined", "CallEnded"]),
        ("congested", [*SILENT, "LegEnded", "failed", "CallEnded"]),
        ("not_found", [*SILENT, "LegEnded", "unreachable", "CallEnded"]),
        ("dead_port", [*SILENT, "LegEnded", "unreachable", "CallEnded"]),
        ("unregistered", [*SILENT, "unreachable", "CallEnded"]),
        ("unknown_endpoint", [*SILENT, "unreachable", "CallEnded"]),
        ("withdrawn", [*RINGS, "LegEnded", "withdrawn", "CallEnded"]),
        ("net_at_entry", ["CallEntered", "CallInSafetyNet", "CallEnded"]),
        ("net_by_order", ["CallEntered", "CallInSafetyNet", "CallEnded"]),
        ("blind_transfer", [*RINGS, "TalkBegan", "CallTransferred", "LegEnded", "CallEnded"]),
        (
            "blind_transfer_back",
            [*RINGS, "TalkBegan", "CallTransferred", "LegEnded", "CallEntered", "CallEnded"],
        ),
        (
            "attended_transfer",
            [*RINGS, "TalkBegan", "CallTransferred", "LegEnded", "talked", "CallEnded"],
        ),
        (
            "blind_transfer_by_the_manager",
            [*RINGS, "TalkBegan", "CallTransferred", "LegEnded", "CallEntered", "CallEnded"],
        ),
        (
            "blind_transfer_to_an_office",
            [*RINGS, "TalkBegan", "CallTransferred", "LegEnded", "CallEntered", "CallEnded"],
        ),
        ("answers_by_itself", [*RINGS, "TalkBegan", "LegEnded", "talked", "CallEnded"]),
        ("prompt", ["CallEntered", "heard", "heard", "heard", "CallEnded"]),
        ("keys", ["CallEntered", "key 1", "not heard", *RINGS[1:], "TalkBegan", "CallEnded", "LegEnded"]),
        (
            "offered_while_hearing",
            ["CallEntered", "heard", *RINGS[1:], "TalkBegan", "LegEnded", "talked", "CallEnded"],
        ),
        ("feature_code", ["AgentLoggedIn"]),
        (
            "feature_codes",
            ["AgentLoggedIn", "AnswerAsker", "CallerVerified", "CallerVerified", "AnswerAsker"],
        ),
    ],
)
def test_a_recorded_call_gives_these_facts_and_leaves_nothing_behind(
    decoder: Decoder, name: str, facts: list[str]
):
    heard = replay(decoder, name)
    ends = {"LegEnded", *OfferEnd}
    assert [fact for fact in heard if fact not in ends] == [fact for fact in facts if fact not in ends]
    assert sorted(heard) == sorted(facts), "a leg's end and its offer's end come in either order"
    assert not decoder.picture.callers
    assert not decoder.picture.legs


@pytest.mark.parametrize("name", ["agent_ends", "line", "kicked_without_bridge"])
def test_a_talk_that_the_target_ends(decoder: Decoder, name: str):
    facts = replay(decoder, name)
    assert facts[:4] == [*RINGS, "TalkBegan"]
    assert sorted(facts[4:]) == ["CallEnded", "LegEnded", "talked"]


def digit(context: str, key: str = "1", uniqueid: str = "7.1") -> Message:
    return Message({"Event": "DTMFEnd", "Uniqueid": uniqueid, "Context": context, "Digit": key})


def test_a_key_is_told_of_a_caller_who_waits_and_of_nobody_else(decoder: Decoder):
    decoder.picture.caller("7.1")
    for context in ("acd-hold", "acd-say"):
        assert decoder.decode(digit(context, "#")) == CallerPressed(call="7.1", key="#")
    assert decoder.decode(digit("acd-offer")) is None, "in a talk it may be of a card number"
    assert decoder.decode(digit("acd-hold", "A")) is None
    assert decoder.decode(digit("acd-hold", uniqueid="7.2")) is None


def test_a_refused_prompt_says_so(decoder: Decoder):
    end = {"Event": "UserEvent", "UserEvent": "ACDOfferEnd", "Uniqueid": "7.1", "Attempt": "a1"}
    refused = decoder.decode(Message(end | {"Verb": "say", "Status": "REFUSED"}))
    assert refused == PromptEnded(call="7.1", attempt="a1", heard=False, refused=True)


def test_a_refused_order_is_an_end_of_its_own(decoder: Decoder):
    facts = replay(decoder, "refused_orders")
    assert set(facts[1:-1]) == {"refused"}


@pytest.mark.parametrize(
    ("status", "cause", "tech", "rang", "talk_ms", "end"),
    [
        ("ANSWER", "16", "", True, 1_500, OfferEnd.TALKED),
        ("ANSWER", "16", "", True, 1_499, OfferEnd.DROPPED),
        ("ANSWER", "16", "", True, 0, OfferEnd.DROPPED),
        ("BUSY", "17", "486", True, 0, OfferEnd.BUSY),
        ("BUSY", "16", "302", False, 0, OfferEnd.DECLINED),
        ("BUSY", "16", "", False, 0, OfferEnd.DECLINED),
        ("BUSY", "0", "", True, 0, OfferEnd.DECLINED),
        ("CHANUNAVAIL", "21", "", True, 0, OfferEnd.DECLINED),
        ("CHANUNAVAIL", "3", "", False, 0, OfferEnd.UNREACHABLE),
        ("CHANUNAVAIL", "1", "", False, 0, OfferEnd.UNREACHABLE),
        ("CHANUNAVAIL", "20", "", False, 0, OfferEnd.UNREACHABLE),
        ("NOANSWER", "16", "", True, 0, OfferEnd.NO_ANSWER),
        ("NOANSWER", "0", "", True, 0, OfferEnd.NO_ANSWER),
        ("NOANSWER", "16", "", False, 0, OfferEnd.UNREACHABLE),
        ("NOANSWER", "19", "", True, 0, OfferEnd.DECLINED),
        ("NOANSWER", "19", "480", True, 0, OfferEnd.DECLINED),
        ("CONGESTION", "34", "", False, 0, OfferEnd.FAILED),
        ("CONGESTION", "38", "", False, 0, OfferEnd.FAILED),
        ("CONGESTION", "42", "", False, 0, OfferEnd.FAILED),
        ("WITHDRAWN", "19", "", True, 0, OfferEnd.WITHDRAWN),
        ("REFUSED", "0", "", False, 0, OfferEnd.REFUSED),
        ("", "", "", False, 0, OfferEnd.FAILED),
        ("FULL", "0", "", False, 0, OfferEnd.FULL),
        ("NOKEY", "16", "", True, 0, OfferEnd.NO_KEY),
    ],
)
def test_how_an_offer_ended(status: str, cause: str, tech: str, rang: bool, talk_ms: int, end: OfferEnd):
    assert ending(status, cause, tech, rang=rang, talk_ms=talk_ms) is end


def say(decoder: Decoder, event: str, **headers: str):
    return decoder.decode(Message({"Event": event, **headers}))


def user(decoder: Decoder, event: str, uniqueid: str = "7.1", **headers: str):
    return say(decoder, "UserEvent", UserEvent=event, Uniqueid=uniqueid, **headers)


def test_the_entry_time_is_on_our_clock_and_never_in_the_future(decoder: Decoder):
    decoder._offset.offset_ms = 250
    past = user(decoder, "ACDEnter", Queue="q", T0=str(NOW_MS - 1_000), Visit="2", Lang="de", Prov="BZ")
    assert past == CallEntered(
        call="7.1", node="n1", queue="q", entered_ms=NOW_MS - 750, visit=2, language="de", province="BZ"
    )
    assert user(decoder, "ACDEnter", T0=str(NOW_MS + 9_999)).entered_ms == NOW_MS
    assert user(decoder, "ACDEnter", T0="").entered_ms == NOW_MS


def test_a_caller_is_a_hash_and_a_class_and_a_second_visit_keeps_the_first_ones_age(decoder: Decoder):
    said = {"T0": str(NOW_MS - 1_000), "First": str(NOW_MS - 9_000), "Num": "0612", "Called": "803164"}
    first = user(decoder, "ACDEnter", **said, Visit="1", Code="4321")
    assert (first.caller, first.called, first.priority_class) == ("#0612", "803164", "fragile")
    assert (first.first_entered_ms, first.office) == (0, "")
    second = user(decoder, "ACDEnter", **said, Visit="2", Code="", Office="roma")
    assert (second.first_entered_ms, second.office) == (NOW_MS - 9_000, "roma")
    assert second.priority_class == ""


@pytest.mark.parametrize("number", ["", "803164"])
def test_no_number_and_our_own_are_nobodys(decoder: Decoder, number: str):
    assert user(decoder, "ACDEnter", Num=number).caller == ""


def test_who_keeps_no_key_keeps_nothing_of_a_caller(decoder: Decoder):
    decoder.directory = Directory(RULES, ROSTER)
    entered = user(decoder, "ACDEnter", Num="0612", Code="4321")
    assert (entered.caller, entered.priority_class) == ("", "")


def test_who_hangs_up_in_a_menu_is_told_of_and_no_caller_of_ours(decoder: Decoder):
    left = user(decoder, "ACDMenuEnd", "7.3", Called="803164", T00=str(NOW_MS - 4_000))
    assert left == CallLeftMenu(
        call="7.3", node="n1", called="803164", arrived_ms=NOW_MS - 4_000, left_ms=NOW_MS
    )
    assert say(decoder, "Hangup", Uniqueid="7.3") is None


def test_only_the_first_dial_after_an_offer_began_binds_a_leg(decoder: Decoder):
    user(decoder, "ACDEnter")
    say(decoder, "DialBegin", Uniqueid="7.1", DestUniqueid="7.8")
    assert decoder.picture.leg_of("7.1", "a1") == ""
    user(decoder, "ACDOfferBegin", Attempt="a1", Target="a0001")
    say(decoder, "DialBegin", Uniqueid="7.1", DestUniqueid="7.2")
    say(decoder, "DialBegin", Uniqueid="7.1", DestUniqueid="7.3")
    assert decoder.picture.leg_of("7.1", "a1") == "7.2"
    assert decoder.picture.leg_of("7.1", "a2") == ""


def offered(decoder: Decoder) -> None:
    user(decoder, "ACDEnter")
    user(decoder, "ACDOfferBegin", Attempt="a1", Target="a0001")
    say(decoder, "DialBegin", Uniqueid="7.1", DestUniqueid="7.2")


def enter(decoder: Decoder, uniqueid: str, bridge: str, technology: str = "simple_bridge"):
    return say(decoder, "BridgeEnter", Uniqueid=uniqueid, BridgeUniqueid=bridge, BridgeTechnology=technology)


def test_a_talk_begins_once_and_only_when_both_are_in_one_bridge_that_does_not_hold(decoder: Decoder):
    offered(decoder)
    assert enter(decoder, "7.1", "h1", "holding_bridge") is None
    assert enter(decoder, "7.2", "b1") is None
    assert enter(decoder, "7.1", "b2") is None
    assert enter(decoder, "7.1", "b1", "native_rtp") == TalkBegan(call="7.1", attempt="a1")
    say(decoder, "BridgeLeave", Uniqueid="7.1", BridgeUniqueid="b1")
    assert enter(decoder, "7.1", "b1") is None


def test_a_leg_that_leaves_before_the_caller_comes_makes_no_talk(decoder: Decoder):
    offered(decoder)
    enter(decoder, "7.2", "b1")
    say(decoder, "BridgeLeave", Uniqueid="7.2", BridgeUniqueid="b1")
    assert enter(decoder, "7.1", "b1") is None


def test_after_a_transfer_the_callers_next_dial_is_not_ours(decoder: Decoder):
    offered(decoder)
    assert say(decoder, "BlindTransfer", TransfererUniqueid="7.2", Result="Fail") is None
    assert say(decoder, "BlindTransfer", TransfererUniqueid="7.2", Result="Success") is not None
    say(decoder, "DialBegin", Uniqueid="7.1", DestUniqueid="7.5")
    assert "7.5" not in decoder.picture.legs


def test_a_leg_ends_once(decoder: Decoder):
    offered(decoder)
    assert user(decoder, "ACDLegEnd", "7.2", Attempt="a1") == LegEnded(call="7.1", attempt="a1")
    assert say(decoder, "Hangup", Uniqueid="7.2") is None
    offered(decoder)
    assert say(decoder, "Hangup", Uniqueid="7.2") == LegEnded(call="7.1", attempt="a1")


def test_the_end_of_a_leg_nobody_saw_begin_is_told_by_its_linkedid(decoder: Decoder):
    user(decoder, "ACDEnter")
    ended = user(decoder, "ACDLegEnd", "7.2", Attempt="a1", Linkedid="7.1")
    assert ended == LegEnded(call="7.1", attempt="a1")
    assert user(decoder, "ACDLegEnd", "7.4", Attempt="a1", Linkedid="7.9") is None


def test_a_call_ends_once_even_one_that_never_entered(decoder: Decoder):
    assert user(decoder, "ACDEnd", "7.6") == CallEnded(call="7.6")
    assert say(decoder, "Hangup", Uniqueid="7.6") is None
    assert say(decoder, "Hangup", Uniqueid="7.7") is None


@pytest.mark.parametrize(
    ("device", "state", "fact"),
    [
        ("PJSIP/a0001", "NOT_INUSE", DeviceChanged(endpoint="a0001", state=DeviceState.IDLE)),
        ("PJSIP/a0001", "ONHOLD", DeviceChanged(endpoint="a0001", state=DeviceState.BUSY)),
        ("PJSIP/a0001", "INVALID", DeviceChanged(endpoint="a0001", state=DeviceState.UNAVAILABLE)),
        ("PJSIP/s0009", "NOT_INUSE", DeviceChanged(endpoint="s0009", state=DeviceState.IDLE)),
        ("PJSIP/s0010", "NOT_INUSE", None),
        ("PJSIP/a0001", "what", DeviceChanged(endpoint="a0001", state=DeviceState.UNKNOWN)),
        ("Queue:acd-net-it", "INUSE", None),
        ("PJSIP/", "INUSE", None),
    ],
)
def test_device_states(decoder: Decoder, device: str, state: str, fact: DeviceChanged | None):
    assert say(decoder, "DeviceStateChange", Device=device, State=state) == fact


ASKER = Asker(node="n1", channel="7.9")


@pytest.mark.parametrize("phone", ["a0001", "s0003"])
@pytest.mark.parametrize(
    ("verb", "arg", "kind", "more"),
    [
        ("login", "", AgentLoggedIn, {}),
        ("login", "4711", AgentLoggedIn, {"agent": "anna"}),
        ("logout", "", AgentLoggedOut, {}),
        ("ready", "", AgentReadied, {}),
        ("extend", "", WrapUpExtended, {}),
        ("pause", "1", AgentPaused, {"reason": "lunch"}),
        ("code", "1", CallCoded, {"code": "solved"}),
        ("verified", "0", CallerVerified, {"verified": False, "method": "phone"}),
        ("verified", "1", CallerVerified, {"verified": True, "method": "phone"}),
    ],
)
def test_a_phone_asks_for_whoever_is_logged_in_there_and_only_a_code_names_somebody(
    decoder: Decoder, phone: str, verb: str, arg: str, kind: type, more: dict[str, object]
):
    asked = user(decoder, "ACDAgent", "7.9", Verb=verb, Arg=arg, Phone=phone)
    assert asked == kind(phone=phone, asker=ASKER, **more)


@pytest.mark.parametrize(
    ("verb", "arg", "phone"),
    [
        ("login", "", "a9999"),
        ("login", "4712", "a0001"),
        ("pause", "7", "a0001"),
        ("code", "2", "a0001"),
        ("verified", "2", "a0001"),
        ("dance", "", "a0001"),
        ("logout", "", ""),
    ],
)
def test_nonsense_from_a_phone_is_answered_at_once(decoder: Decoder, verb: str, arg: str, phone: str):
    answer = user(decoder, "ACDAgent", "7.9", Verb=verb, Arg=arg, Phone=phone)
    assert answer == AnswerAsker(node="n1", channel="7.9", done=False)


def test_odd_events_are_no_facts(decoder: Decoder):
    assert say(decoder, "Newchannel", Uniqueid="7.1") is None
    assert user(decoder, "ACDEnter", "") is None
    assert user(decoder, "ACDUnheardOf") is None
    assert say(decoder, "UserEvent") is None


def test_small_words():
    assert (number("12"), number(""), number("-1"), number("²"), number("9" * 20)) == (12, 0, 0, 0, 0)
    assert endpoint_of("PJSIP/a0001-0000001f") == "a0001"
    assert endpoint_of("PJSIP/office-rm-0000001f") == "office-rm"
    assert endpoint_of("Local/x@y-0001;1") == ""
