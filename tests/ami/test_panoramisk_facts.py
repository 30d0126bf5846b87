"""Fourteen defects of panoramisk 1.4, each shown on panoramisk alone and then on our link.

The first test of each pair documents why the link is more than panoramisk: should a release mend
the defect, that test fails and the hardening can be reconsidered. Where two defects show
themselves in one exchange they still have a pair each.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from panoramisk import Manager
from panoramisk.message import Message as PanoramiskMessage

from acd.ami.decode import Decoder
from acd.ami.link import Link
from acd.ami.wire import Action, Message
from acd.errors import ActionUnknown, AsteriskUnreachable, LoginRefused, UnsafeValue
from tests.ami.fake import (
    FakeAsterisk,
    Heard,
    StandingClock,
    block,
    error,
    linked,
    settings,
    success,
    until,
    usual,
)

SETVAR = Action.of("Setvar", Variable="X", Value="1")


@contextlib.asynccontextmanager
async def bare(asterisk: FakeAsterisk) -> AsyncIterator[Manager]:
    """Log in with panoramisk alone."""
    manager = Manager(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=asterisk.port,
        username="acd",
        secret="secret",
        reconnect_timeout=0,
        ping_delay=1_000,
    )
    await manager.connect()
    try:
        await until(lambda: "Login" in asterisk.names())
        await asyncio.sleep(0.01)
        yield manager
    finally:
        manager.connect = lambda: None
        manager.close()
        await asyncio.sleep(0.005)


def deaf_to(*names: str, booted: bool = False):
    """Answer all but these; with ``booted`` say FullyBooted after each login."""

    def answers(heard: Heard) -> bytes | None:
        if heard["Action"] in names:
            return None
        return (usual(heard) or b"") + (
            block("Event: FullyBooted", "Status: Fully Booted")
            if booted and heard["Action"] == "Login"
            else b""
        )

    return answers


# ── 1 ────────────────────────────────────────────────────────────────────────────────────────


async def test_01_panoramisk_sends_an_unanswered_originate_again_after_a_reconnect():
    async with FakeAsterisk(deaf_to("Originate", booted=True)) as asterisk, bare(asterisk) as manager:
        manager.send_action({"Action": "Originate", "Channel": "PJSIP/a0001", "Async": "true"})
        await until(lambda: "Originate" in asterisk.names())
        asterisk.drop()
        await until(lambda: asterisk.names().count("Originate") == 2)


async def test_01_the_link_never_sends_anything_again():
    async with FakeAsterisk(deaf_to("Setvar", booted=True)) as asterisk, linked(asterisk) as link:
        asked = asyncio.ensure_future(link.act(SETVAR))
        await until(lambda: "Setvar" in asterisk.names())
        asterisk.drop()
        with pytest.raises(ActionUnknown):
            await asked
        await until(lambda: asterisk.connections == 2 and link.up)
        await link.act(Action.of("CoreStatus"))
        assert asterisk.names().count("Setvar") == 1


# ── 2 ────────────────────────────────────────────────────────────────────────────────────────


async def test_02_panoramisk_never_ends_an_action_that_was_under_way_when_the_link_went():
    async with FakeAsterisk(deaf_to("Setvar")) as asterisk, bare(asterisk) as manager:
        asked = manager.send_action({"Action": "Setvar", "Variable": "X", "Value": "1"})
        await until(lambda: "Setvar" in asterisk.names())
        asterisk.drop()
        await until(lambda: asterisk.names().count("Login") == 2)
        await asyncio.sleep(0.02)
        assert not asked.done(), "without FullyBooted nobody ever hears of it"


async def test_02_the_link_ends_it_at_once_as_unknown():
    async with FakeAsterisk(deaf_to("Setvar")) as asterisk, linked(asterisk) as link:
        asked = asyncio.ensure_future(link.act(SETVAR))
        await until(lambda: "Setvar" in asterisk.names())
        asterisk.drop()
        with pytest.raises(ActionUnknown, match="when the link went"):
            await asyncio.wait_for(asked, 1)


# ── 3 ────────────────────────────────────────────────────────────────────────────────────────


async def test_03_panoramisk_waits_for_ever_and_keeps_every_lost_answer():
    async with FakeAsterisk(deaf_to("Setvar")) as asterisk, bare(asterisk) as manager:
        asked = [manager.send_action({"Action": "Setvar", "Variable": "X"}) for _ in range(20)]
        await asyncio.sleep(0.05)
        assert not any(one.done() for one in asked)
        assert len(manager.responses) == 20


async def test_03_the_link_gives_up_at_the_deadline_and_forgets():
    async with FakeAsterisk(deaf_to("Setvar")) as asterisk, linked(asterisk) as link:
        with pytest.raises(ActionUnknown, match="not answered in time"):
            await link.act(SETVAR, deadline_s=0.01)
        assert link.counts["unknown"] == 1
        assert not [one for one in link._session.pendings.values() if one.wanted.name == "Setvar"]
        asterisk.send(success(asterisk.heard[-1]))
        await until(lambda: link.counts["late_answers"] == 1)


# ── 4 ────────────────────────────────────────────────────────────────────────────────────────


async def test_04_panoramisk_does_not_notice_that_nobody_answers_its_pings():
    async with FakeAsterisk(deaf_to("Ping")) as asterisk, bare(asterisk) as manager:
        for _ in range(5):
            manager.ping()
            manager.pinger.cancel()
        await until(lambda: asterisk.names().count("Ping") == 5)
        await asyncio.sleep(0.02)
        assert not manager.protocol.closed
        assert asterisk.connections == 1


async def test_04_the_link_aborts_after_two_pings_without_an_answer():
    async with FakeAsterisk(deaf_to("Ping")) as asterisk, linked(asterisk, ping_s=0.02) as link:
        await until(lambda: asterisk.connections == 2)
        assert asterisk.names()[:3] == ["Login", "Ping", "Ping"]
        assert link.counts["pings_missed"] == 2


# ── 5 ────────────────────────────────────────────────────────────────────────────────────────


async def test_05_panoramisk_loses_the_connection_when_a_callback_raises():
    async with FakeAsterisk() as asterisk, bare(asterisk) as manager:
        manager.register_event("Hangup", lambda *_: 1 / 0)
        asterisk.send(block("Event: Hangup", "Uniqueid: 1.1"))
        await until(lambda: asterisk.connections == 2)


async def test_05_the_link_goes_on_and_counts():
    heard: list[str] = []

    def on_event(message: Message) -> None:
        heard.append(message["Uniqueid"])
        if message["Uniqueid"] == "1.1":
            raise ZeroDivisionError

    async with FakeAsterisk() as asterisk, linked(asterisk, on_event) as link:
        asterisk.send(block("Event: Hangup", "Uniqueid: 1.1") + block("Event: Hangup", "Uniqueid: 1.2"))
        await until(lambda: heard == ["1.1", "1.2"])
        assert asterisk.connections == 1
        assert link.counts["callback_errors"] == 1


# ── 6 ────────────────────────────────────────────────────────────────────────────────────────

PAIR = block("Event: BridgeEnter", "Uniqueid: 1.1") + block("Event: Hangup", "Uniqueid: 1.1")


async def test_06_panoramisk_runs_coroutine_callbacks_at_once_and_loses_the_order():
    order: list[str] = []

    async def slow_first(_manager: Manager, message: PanoramiskMessage) -> None:
        await asyncio.sleep(0.02 if message.event == "BridgeEnter" else 0)
        order.append(message.event)

    async with FakeAsterisk() as asterisk, bare(asterisk) as manager:
        manager.register_event("*", slow_first)
        asterisk.send(PAIR)
        await until(lambda: len(order) == 2)
        assert order == ["Hangup", "BridgeEnter"]


async def test_06_the_link_hands_on_one_after_the_other_answers_and_events_alike():
    order: list[str] = []
    async with (
        FakeAsterisk(deaf_to("Setvar")) as asterisk,
        linked(asterisk, lambda message: order.append(message["Event"])) as link,
    ):
        link.submit((SETVAR, lambda _: order.append("answer")))
        await until(lambda: asterisk.names()[-1] == "Setvar")
        asterisk.send(block("Event: BridgeEnter") + success(asterisk.heard[-1]) + block("Event: Hangup"))
        await until(lambda: len(order) == 3)
        assert order == ["BridgeEnter", "answer", "Hangup"]


# ── 7 and 8 ──────────────────────────────────────────────────────────────────────────────────


def queued(heard: Heard) -> bytes | None:
    if heard["Action"] in {"Originate", "Setvar"}:
        return success(heard, "Message: Originate successfully queued")
    return usual(heard)


async def test_07_panoramisk_breaks_the_link_over_an_originate_without_async():
    async with FakeAsterisk(queued) as asterisk, bare(asterisk) as manager:
        manager.send_action({"Action": "Originate", "Channel": "PJSIP/a0001"})
        await until(lambda: asterisk.connections == 2)


async def test_07_the_link_takes_an_answer_by_its_headers_not_by_its_words():
    async with FakeAsterisk(queued) as asterisk, linked(asterisk) as link:
        answer = await link.act(SETVAR)
        assert answer["Message"] == "Originate successfully queued"
        assert asterisk.connections == 1


def originate_response(heard: Heard) -> bytes:
    return block(
        "Event: OriginateResponse", f"ActionID: {heard['ActionID']}", "Response: Failure", "Reason: 3"
    )


async def test_08_panoramisk_swallows_the_originate_response():
    seen: list[object] = []
    async with FakeAsterisk(queued) as asterisk, bare(asterisk) as manager:
        manager.register_event("OriginateResponse", lambda *event: seen.append(event))
        asked = manager.send_action({"Action": "Originate", "Channel": "PJSIP/a0001", "Async": "true"})
        await until(lambda: asterisk.names()[-1] == "Originate")
        asterisk.send(originate_response(asterisk.heard[-1]))
        await asyncio.wait_for(asked, 1)
        await asyncio.sleep(0.01)
        assert seen == []


async def test_08_the_link_hands_it_on_although_it_names_an_action_of_ours():
    seen: list[str] = []
    async with (
        FakeAsterisk(queued) as asterisk,
        linked(asterisk, lambda message: seen.append(message["Event"])) as link,
    ):
        await link.act(SETVAR)
        await until(lambda: asterisk.names()[-1] == "Setvar")
        asterisk.send(originate_response(asterisk.heard[-1]))
        await until(lambda: seen == ["OriginateResponse"])


# ── 9 ────────────────────────────────────────────────────────────────────────────────────────

ZOFIE = block("Event: UserEvent", "Name: Žofie")
CUT = ZOFIE.index("Ž".encode()) + 1


async def test_09_panoramisk_loses_a_letter_that_comes_in_two_packets():
    names: list[str] = []
    async with FakeAsterisk() as asterisk, bare(asterisk) as manager:
        manager.register_event("UserEvent", lambda _, message: names.append(message.name))
        asterisk.send(ZOFIE[:CUT])
        await asyncio.sleep(0.02)
        asterisk.send(ZOFIE[CUT:])
        await until(lambda: names)
        assert names == ["ofie"]


async def test_09_the_link_decodes_whole_messages():
    names: list[str] = []
    async with FakeAsterisk() as asterisk, linked(asterisk, lambda message: names.append(message["Name"])):
        asterisk.send(ZOFIE[:CUT])
        await asyncio.sleep(0.02)
        asterisk.send(ZOFIE[CUT:])
        await until(lambda: names)
        assert names == ["Žofie"]


# ── 10 ───────────────────────────────────────────────────────────────────────────────────────

EVIL = "1\r\n\r\nAction: Command\r\nActionID: 9\r\nCommand: core stop now"


async def test_10_panoramisk_lets_a_value_become_another_action():
    async with FakeAsterisk() as asterisk, bare(asterisk) as manager:
        manager.send_action({"Action": "Setvar", "Value": EVIL})
        await until(lambda: "Command" in asterisk.names())


async def test_10_the_link_refuses_it_before_the_wire():
    async with FakeAsterisk() as asterisk, linked(asterisk) as link:
        with pytest.raises(UnsafeValue, match="control character"):
            await link.act(Action.of("Setvar", Variable="X", Value=EVIL))
        await link.act(Action.of("CoreStatus"))
        assert "Setvar" not in asterisk.names()
        assert "Command" not in asterisk.names()


# ── 11 ───────────────────────────────────────────────────────────────────────────────────────


async def test_11_panoramisk_fails_oddly_before_the_connection_and_silently_after_it():
    manager = Manager(loop=asyncio.get_running_loop())
    with pytest.raises(AttributeError):
        manager.send_action({"Action": "Setvar"})
    async with FakeAsterisk() as asterisk, bare(asterisk) as manager:
        manager.connect = lambda: None
        asterisk.drop()
        await until(lambda: manager.protocol.closed)
        asked = manager.send_action({"Action": "Setvar"})
        await asyncio.sleep(0.02)
        assert not asked.done(), "sent to nobody, and nobody is told"


async def test_11_the_link_says_that_there_is_no_connection():
    async with FakeAsterisk() as asterisk, linked(asterisk, backoff_s=9, backoff_s_max=9) as link:
        asterisk.drop()
        await until(lambda: not link.up)
        with pytest.raises(AsteriskUnreachable, match="nothing was sent"):
            await link.act(SETVAR)


# ── 12 ───────────────────────────────────────────────────────────────────────────────────────


async def test_12_panoramisk_hammers_a_port_that_refuses_its_login():
    def refusing(heard: Heard) -> bytes | None:
        asyncio.get_running_loop().call_soon(asterisk.drop)
        return error(heard, "Authentication failed")

    async with FakeAsterisk(refusing) as asterisk, bare(asterisk):
        await until(lambda: asterisk.names().count("Login") >= 12)


async def test_12_the_link_stops_and_says_so():
    async with FakeAsterisk(lambda heard: error(heard, "Authentication failed")) as asterisk:
        link = Link(
            settings(asterisk.port, logins_refused_max=3),
            clock=StandingClock(),
            on_event=lambda _: None,
            on_down=lambda: None,
        )
        with pytest.raises(LoginRefused, match="check manager"):
            await asyncio.wait_for(link.run(asyncio.Event().wait), 2)
        assert asterisk.names() == ["Login"] * 3
        assert link.counts["refused_logins"] == 3


# ── 13 ───────────────────────────────────────────────────────────────────────────────────────


async def test_13_panoramisk_tries_every_pattern_on_every_event():
    tried: list[str] = []

    class Spy:
        def match(self, text: str) -> None:
            tried.append(text)

    async with FakeAsterisk() as asterisk, bare(asterisk) as manager:
        manager.patterns = [(str(n), Spy()) for n in range(50)]
        asterisk.send(block("Event: RTCPSent"))
        await until(lambda: tried)
        assert len(tried) == 50


async def test_13_our_side_looks_an_event_up_by_its_name_once():
    heard: list[str] = []
    async with FakeAsterisk() as asterisk, linked(asterisk, lambda message: heard.append(message["Event"])):
        asterisk.send(block("Event: RTCPSent"))
        await until(lambda: heard)
        assert heard == ["RTCPSent"]
    decoder = object.__new__(Decoder)
    decoder._by_event = {}
    assert decoder.decode(Message({"Event": "RTCPSent"})) is None


# ── 14 ───────────────────────────────────────────────────────────────────────────────────────

ENDLESS = b"Event: X\r\nFiller: " + b"x" * 300_000


async def test_14_panoramisk_buffers_without_end_and_changes_the_type_of_a_header():
    async with FakeAsterisk() as asterisk, bare(asterisk) as manager:
        asterisk.send(ENDLESS)
        await until(lambda: sum(map(len, manager.protocol.queue)) > 300_000)
        assert asterisk.connections == 1
    once = PanoramiskMessage.from_line("Event: Status\r\nVariable: A=1")
    twice = PanoramiskMessage.from_line("Event: Status\r\nVariable: A=1\r\nVariable: B=2")
    assert (type(once.variable), type(twice.variable)) == (str, list)
    assert PanoramiskMessage.from_line("Event: OriginateResponse\r\nResponse: Failure").success


async def test_14_the_link_cuts_what_never_ends_and_its_headers_have_one_type():
    async with FakeAsterisk() as asterisk, linked(asterisk):
        asterisk.send(ENDLESS)
        await until(lambda: asterisk.connections == 2)
    once = Message.parse(b"Event: Status\r\nVariable: A=1")
    twice = Message.parse(b"Event: Status\r\nVariable: A=1\r\nVariable: B=2")
    assert (once["Variable"], once.all("Variable")) == ("A=1", ["A=1"])
    assert (twice["Variable"], twice.all("Variable")) == ("A=1", ["A=1", "B=2"])
