"""Offers that come to nothing: the caller never notices, and only who ignored a ring has missed one."""

from __future__ import annotations

import asyncio

import pytest

from acd.core.facts import CallEntered
from acd.core.notes import AgentState, Decision, OfferClosed
from asterisk_lab import Lab
from asterisk_lab.user_agent import UserAgent
from tests.real.floor import Floor, rule_set
from tests.real.phones import Phones

pytestmark = pytest.mark.real

RING_S_LONG = 15


def served(floor: Floor) -> list[tuple[int, str]]:
    """Which caller (from 0, by entry) was offered to whom, in order."""
    calls = [fact.call for fact in floor.of(CallEntered)]
    return [(calls.index(note.call), note.target) for note in floor.of(Decision)]


async def test_no_answer_goes_to_the_next_agent_and_keeps_the_place(lab: Lab) -> None:
    """The call comes back with its own age, before younger ones, and not to the same agent again."""
    async with Floor(lab, ["a0001", "a0002"], rule_set(ring_s=1)) as floor, Phones(floor) as phones:
        idle = await phones.agent("a0001")
        await phones.caller()
        ignored = await idle.ringing()
        await phones.caller()
        await asyncio.wait_for(ignored.ended.wait(), 2)
        assert ignored.cancelled
        assert ignored.got["CANCEL"] - ignored.got["INVITE"] == pytest.approx(1.0, abs=0.2)
        await idle.ringing()  # the younger caller; the older one has just been missed here
        await phones.answered(await phones.agent("a0002"))
        assert served(floor) == [(0, "a0001"), (1, "a0001"), (0, "a0002")]
        back = floor.of(Decision)[2]
        entered = floor.when(CallEntered)[0][1].entered_ms
        offered_at = next(at for at, note in floor.when(Decision) if note is back)
        assert back.wait_ms == pytest.approx(offered_at * 1000 - entered, abs=50)
        missed = floor.of(OfferClosed)[0]
        assert (missed.end, missed.missed) == ("no_answer", True)


@pytest.mark.parametrize(
    ("code", "end", "missed", "state"),
    [
        pytest.param(486, "busy", True, AgentState.READY, id="busy"),
        pytest.param(603, "declined", True, AgentState.READY, id="declined"),
        pytest.param(480, "declined", True, AgentState.READY, id="do-not-disturb"),
        pytest.param(404, "unreachable", False, AgentState.UNREACHABLE, id="unknown-there"),
        pytest.param(503, "failed", False, AgentState.READY, id="failing"),
    ],
)
async def test_a_refusal_sends_the_call_on(
    floor: Floor, phones: Phones, code: int, end: str, missed: bool, state: AgentState
) -> None:
    """The next agent rings at once, and the first is judged by what the phone said."""
    refusing = await phones.agent("a0001")
    taking = await phones.agent("a0002")
    caller = await phones.caller()
    first = await refusing.ringing()
    first.refuse(code)
    second = await taking.ringing()
    assert second.got["INVITE"] - first.sent[str(code)] < 0.5
    second.answer()
    await floor.until(lambda: floor.state("a0002") is AgentState.TALKING, "a0002 talks")
    await asyncio.sleep(0.1)  # the phone's own news comes late, and must not undo it
    closed = floor.of(OfferClosed)[0]
    assert (closed.end, closed.missed, floor.state("a0001")) == (end, missed, state)
    await caller.bye()
    await floor.settled()
    assert floor.outcomes() == ["answered"]


async def test_a_phone_that_forwards_is_not_followed(floor: Floor, phones: Phones) -> None:
    """302 is a refusal like any other: nothing is dialled outside, the next agent has the call."""
    outside = await phones.office()
    forwarding = await phones.agent("a0001")
    taking = await phones.agent("a0002")
    await phones.caller()
    lab = floor.lab
    (await forwarding.ringing()).refuse(302, contact=f"sip:0899111111@{lab.trunk_ip}:{lab.trunk_port}")
    await phones.answered(taking)
    assert outside.calls == {}
    assert floor.ends() == ["declined"]
    assert "0899111111" not in lab.rx("core show channels concise")


async def test_a_phone_that_says_nothing_is_given_up_after_four_seconds(lab: Lab) -> None:
    """A dead port and a dumb phone: taken back long before the ring is over, unreachable, no miss."""
    rules = rule_set(ring_s=RING_S_LONG)
    names = ["a0008", "a0009", "a0001"]
    async with Floor(lab, names, rules) as floor, Phones(floor) as phones:
        # These two are used by no other test: Asterisk goes on sending to them for 32 s.
        port = lab.settings.port(6008)
        dumb, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, (lab.agent_ip, port)
        )
        await floor.login("a0008", "a0009")
        await phones.caller()
        await phones.caller()
        await floor.until(lambda: len(floor.of(OfferClosed)) == 2, "both are given up", 8)
        dumb.close()
        made = [at for at, _ in floor.when(Decision)]
        for (at, closed), began in zip(floor.when(OfferClosed), made, strict=True):
            assert at - began == pytest.approx(4.2, abs=0.6)
            assert (closed.end, closed.missed) == ("unreachable", False)
            assert floor.state(closed.target) is AgentState.UNREACHABLE
        await phones.answered(await phones.agent("a0001"))
        assert served(floor)[2] == (0, "a0001")


async def test_an_agent_who_drops_the_call_at_once(floor: Floor, phones: Phones) -> None:
    """Gone within a second: the caller stays, at the head of the line, and the next agent has the call."""
    dropping = await phones.agent("a0001")
    caller = await phones.caller()
    await phones.caller()
    talk = await phones.answered(dropping)
    await asyncio.sleep(0.5)
    await talk.bye()
    await floor.until(lambda: floor.of(OfferClosed), "the offer is closed")
    assert not caller.ended.is_set()
    await phones.answered(await phones.agent("a0002"))
    assert served(floor) == [(0, "a0001"), (0, "a0002")]
    closed = floor.of(OfferClosed)[0]
    assert (closed.end, closed.missed) == ("dropped", True)
    await caller.bye()
    await floor.until(lambda: floor.outcomes() == ["answered"], "one call has ended, answered")


async def test_an_agent_who_misses_too_often_is_paused(floor: Floor, phones: Phones) -> None:
    """Three rings refused in a row: paused, with a reason of ours that no digit gives."""
    phone = await phones.agent("a0001")
    for _ in range(4):
        await phones.caller()
    for _ in range(3):
        (await phone.ringing()).refuse(486)
    await floor.until(lambda: floor.state("a0001") is AgentState.PAUSED, "a0001 is paused")
    view = floor.centre.agent("a0001")
    assert view is not None
    assert view.reason == "mancate-risposte"
    assert served(floor) == [(0, "a0001"), (1, "a0001"), (2, "a0001")]
    await floor.ready("a0001")
    assert (await phone.ringing()).invite is not None
    assert served(floor)[-1] == (3, "a0001")


# ── phones that come and go ──────────────────────────────────────────────────────────────────


def unreachable(floor: Floor) -> bool:
    return floor.state("r0001") is AgentState.UNREACHABLE


async def test_a_phone_that_is_not_registered_is_unreachable_until_it_is(
    floor: Floor, phones: Phones
) -> None:
    """Nobody rings it; the moment it registers its agent has the waiting call; gone again, the same."""
    phone = await phones.agent("r0001")
    assert unreachable(floor)
    caller = await phones.caller()
    await asyncio.sleep(0.2)
    assert floor.of(Decision) == []
    await phone.register()
    await phones.answered(phone)
    await caller.bye()
    await floor.until(lambda: floor.state("r0001") is AgentState.READY, "wrap-up is over", 3)
    await phone.register(expires_s=0)
    await floor.until(lambda: unreachable(floor), "r0001 is unreachable")
    await phones.caller()
    await asyncio.sleep(0.2)
    assert len(floor.of(Decision)) == 1
    await phone.register()
    await phones.answered(phone)
    await phone.register(expires_s=0)


async def test_a_phone_that_only_seems_to_be_there_costs_no_time(floor: Floor, phones: Phones) -> None:
    """An agent says ready with the phone unplugged: the next one rings within half a second, no miss."""
    await phones.agent("r0001")
    await floor.ready("r0001")
    assert floor.state("r0001") is AgentState.READY
    await asyncio.sleep(0.01)  # idle longer, by some milliseconds
    taking: UserAgent = await phones.agent("a0001")
    await phones.caller()
    rung = await taking.ringing()
    assert served(floor) == [(0, "r0001"), (0, "a0001")]
    first, second = (at for at, _ in floor.when(Decision))
    assert second - first < 0.5
    closed = floor.of(OfferClosed)[0]
    assert (closed.end, closed.missed) == ("unreachable", False)
    assert unreachable(floor)
    rung.answer()
    await asyncio.wait_for(rung.answered.wait(), 2)
