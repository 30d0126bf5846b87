"""Bytes to messages wherever TCP cuts them, and no value that changes what an action means."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.ami.wire import ALLOWED, Action, Message, Splitter, encode
from acd.errors import AsteriskError, UnsafeValue

STREAM = (
    b"Asterisk Call Manager/11.0.0\r\n"
    b"Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n"
    b"Event: UserEvent\r\nUniqueid: 7.1\r\nUserEvent: ACDEnter\r\nName: \xc5\xbdofie \xf0\x9f\x98\x80\r\n"
    b"Uniqueid: 9.9\r\n\r\n"
    b"Event: Hangup\r\nCause-txt: \xff\xfe: odd\r\nEmpty: \r\n\r\n"
)


def read(chunks: list[bytes]) -> list[dict[str, list[str]]]:
    splitter = Splitter()
    messages = [message for chunk in chunks for message in splitter.feed(chunk)]
    assert splitter.version == "11.0.0"
    return [{name: message.all(name) for name in message.headers} for message in messages]


WHOLE = read([STREAM])


def test_a_message_keeps_repeated_headers_and_the_first_one_counts():
    message = list(Splitter().feed(STREAM))[1]
    assert message["Uniqueid"] == "7.1", "a header forged behind Asterisk's own loses"
    assert message.all("Uniqueid") == ["7.1", "9.9"]
    assert message["Name"] == "Žofie 😀"
    assert message["Nothing"] == ""


def test_a_foreign_byte_harms_only_itself():
    message = list(Splitter().feed(STREAM))[2]
    assert message["Cause-txt"] == "\ufffd\ufffd: odd"
    assert message["Empty"] == ""


@pytest.mark.parametrize("at", range(1, len(STREAM)))
def test_the_stream_may_be_cut_at_every_byte(at: int):
    assert read([STREAM[:at], STREAM[at:]]) == WHOLE


def test_the_stream_may_come_byte_by_byte_or_in_any_pieces():
    assert read([bytes([byte]) for byte in STREAM]) == WHOLE
    draw = random.Random(7)
    for _ in range(300):
        cuts = sorted(draw.sample(range(len(STREAM)), draw.randint(1, 9)))
        assert read([STREAM[a:b] for a, b in zip([0, *cuts], [*cuts, len(STREAM)], strict=True)]) == WHOLE


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_no_bytes_break_the_splitter_but_with_its_own_error(chunks: list[bytes]):
    splitter = Splitter()
    list(splitter.feed(b"Asterisk Call Manager/11.0.0\r\n"))
    for chunk in chunks:
        for message in splitter.feed(chunk):
            assert isinstance(message, Message)


def test_another_service_on_the_port_is_told_by_its_greeting():
    with pytest.raises(AsteriskError, match="not as an Asterisk manager port"):
        Splitter().feed(b"SSH-2.0-OpenSSH_9.2\r\n")
    with pytest.raises(AsteriskError):
        Splitter().feed(b"Asterisk Call Manager/" + b"1" * 400)


def test_a_message_without_end_is_refused():
    splitter = Splitter()
    splitter.feed(b"Asterisk Call Manager/11.0.0\r\n")
    with pytest.raises(AsteriskError, match="without an end"):
        splitter.feed(b"x" * 70_000)


def test_an_action_is_encoded_in_the_order_given():
    action = Action.of("Setvar", Channel="7.1", Variable="ACD_ORDER", Value="é")
    assert encode(action, "a/1") == (
        "Action: Setvar\r\nActionID: a/1\r\nChannel: 7.1\r\nVariable: ACD_ORDER\r\nValue: é\r\n\r\n".encode()
    )


REHEARSAL = {
    "Channel": "Local/s@acd-rehearse/n",
    "Context": "acd-rehearse",
    "Exten": "done",
    "Priority": "1",
    "Async": "true",
    "Timeout": "60000",
    "Variable": "ACD_TRY=7/roma/0612345678/trunk/2/30/2/6/acd.it.rehearsal",
}


def originate(**changed: str) -> Action:
    """The one call we may begin, with something else in it."""
    return Action.of("Originate", **(REHEARSAL | changed))


def test_a_rehearsal_is_the_one_call_we_begin():
    assert b"Channel: Local/s@acd-rehearse/n" in encode(originate(), "a/1")


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (Action.of("Setvar", Variable="X", Value="1\r\nAction: Command"), "control character"),
        (Action.of("Setvar", Variable="X", Value="1\n"), "control character"),
        (Action.of("Setvar", Variable="X", Value="\x00"), "control character"),
        (Action.of("Setvar", Variable="X", Value="\x85"), "control character"),
        (Action.of("Setvar", Variable="X", Value="\u2028"), "control character"),
        (Action.of("Setvar", Variable="X", Value="\udc80"), "half a character"),
        (Action.of("Setvar", Variable="X", Value="é" * 501), "1002 bytes long"),
        (Action.of("Setvar", Variable="X,__TARGET", Value="1"), "no plain variable name"),
        (Action.of("Setvar", Variable="SHELL(rm)", Value="1"), "no plain variable name"),
        (Action("Setvar", (("Va\r\nlue", "1"),)), "no header name"),
        (Action.of("Hangup", Channel="/^PJSIP/"), "regular expression"),
        (Action.of("Hangup", Cause=26), "without Channel"),
        (Action.of("BridgeKick", BridgeUniqueid="", Channel="7.1"), "without BridgeUniqueid"),
        (Action.of("BridgeKick", Channel="7.1"), "without BridgeUniqueid"),
        (Action.of("Command", Command="core stop now"), "none we send"),
        (Action.of("Originate", Channel="PJSIP/a0001"), "another Channel"),
        (originate(Context="from-agent"), "another Context"),
        (originate(Application="System", Data="id"), "no rehearsal needs"),
        (originate(Variable="ACD_TRY=1/roma,__X=2"), "no plain variable name"),
        (originate(Variable="SHELL(rm)=1"), "no plain variable name"),
    ],
)
def test_what_would_mean_something_else_never_reaches_the_wire(action: Action, why: str):
    with pytest.raises(UnsafeValue, match=why):
        encode(action, "a/1")


@given(st.text(), st.sampled_from(sorted(ALLOWED)))
def test_whatever_the_value_one_action_stays_one_action(value: str, name: str):
    action = Action(name, (("BridgeUniqueid", "b"), ("Channel", "7.1"), ("Value", value)))
    try:
        raw = encode(action, "a/1")
    except UnsafeValue:
        return
    lines = raw.decode().split("\r\n")
    assert len(lines) == 7
    assert Message.parse(raw)["Value"] == value
