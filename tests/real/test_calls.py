"""How a call goes when nothing is refused: who hangs up when, holds, names, office lines."""

from __future__ import annotations

import asyncio
import re
import statistics
from urllib.parse import unquote

import pytest

from acd.ami.wire import Message
from acd.core.facts import CallEnded, CallEntered, LegEnded, OfferEnd, TalkBegan
from acd.core.notes import AgentState, CallAnswered, CallFinished, Decision, OfferClosed, Path
from acd.core.orders import TargetKind
from asterisk_lab import Lab
from asterisk_lab.phones import Sipp
from asterisk_lab.user_agent import UserAgent
from tests.real.floor import Floor, rule_set
from tests.real.phones import Phones

pytestmark = pytest.mark.real


async def test_the_agent_hangs_up(floor: Floor, phones: Phones) -> None:
    """The caller is hung up too, the call was answered, the agent is in wrap-up."""
    phone = await phones.agent("a0001")
    caller = await phones.caller()
    talk = await phones.answered(phone)
    await asyncio.sleep(1.6)  # beyond a short talk
    await talk.bye()
    await asyncio.wait_for(caller.ended.wait(), 2)
    await floor.settled()
    assert floor.state("a0001") is AgentState.WRAP_UP
    assert floor.outcomes() == ["answered"]
    assert floor.ends() == ["talked"]


async def test_the_caller_hangs_up(floor: Floor, phones: Phones) -> None:
    """However short the talk was, it was one: answered, wrap-up, no miss."""
    phone = await phones.agent("a0001")
    caller = await phones.caller()
    talk = await phones.answered(phone)
    await caller.bye()
    await asyncio.wait_for(talk.ended.wait(), 2)
    await floor.settled()
    assert floor.state("a0001") is AgentState.WRAP_UP
    assert floor.outcomes() == ["answered"]
    assert floor.ends() == ["talked"]


async def test_the_caller_leaves_while_waiting(floor: Floor, phones: Phones) -> None:
    """Abandoned, counted once, and nobody is rung for a caller who has gone."""
    caller = await phones.caller()
    await caller.bye()
    await floor.settled()
    await phones.agent("a0001")
    await asyncio.sleep(0.2)
    assert floor.state("a0001") is AgentState.READY
    assert floor.outcomes() == ["short_abandoned"]
    assert floor.ends() == []


async def test_the_ring_stops_the_moment_the_caller_leaves(floor: Floor, lab: Lab) -> None:
    """The phone is cancelled some milliseconds after the BYE; nothing is held against the agent."""
    count = 6
    agents = [f"a{n:04}" for n in range(10, 10 + count)]
    await floor.login(*agents)
    with (
        Sipp.agent(lab, "ring", log_messages=True) as ringing,
        Sipp.callers(lab, count=count, stay_ms=[600 + 110 * n for n in range(count)]) as callers,
    ):
        await floor.entered(count)
        await floor.settled()
        await asyncio.sleep(0.1)
        left = {each.call_number: each.at for each in callers.messages() if each.first_line.startswith("BYE")}
        caller_of = {each.call_id: int(each.from_number.removeprefix("061")) for each in ringing.invites()}
        cancelled = {
            caller_of[each.call_id]: each.at
            for each in ringing.messages()
            if each.first_line.startswith("CANCEL")
        }
    gaps_ms = [(cancelled[n] - left[n]) * 1000 for n in range(1, count + 1)]
    assert statistics.median(gaps_ms) < 50, gaps_ms
    assert floor.ends() == ["gone"] * count
    assert not any(note.missed for note in floor.of(OfferClosed))
    assert {floor.state(name) for name in agents} == {AgentState.READY}
    assert set(floor.outcomes()) == {"short_abandoned"}


async def test_the_oldest_call_goes_to_the_longest_idle_agent(floor: Floor, phones: Phones) -> None:
    """Both orders at once: three wait, two agents log in, one agent comes back."""
    for _ in range(3):
        await phones.caller()
    first = await phones.agent("a0001")
    second = await phones.agent("a0002")
    talk = await phones.answered(first)
    await phones.answered(second)
    await asyncio.sleep(1.6)
    await talk.bye()
    await phones.answered(first)
    calls = [fact.call for fact in floor.of(CallEntered)]
    assert [(note.call, note.target) for note in floor.of(Decision)] == [
        (calls[0], "a0001"),
        (calls[1], "a0002"),
        (calls[2], "a0001"),
    ]


async def test_wrap_up_lasts_as_long_as_the_queue_says(floor: Floor, phones: Phones) -> None:
    """From the end of one talk to the ring of the next call: 1,000 ms, give or take 200."""
    phone = await phones.agent("a0001")
    for _ in range(3):
        await phones.caller()
    for caller in phones.callers[:2]:
        talk = await phones.answered(phone)
        await caller.bye()
        await asyncio.wait_for(talk.ended.wait(), 2)
        waited = await phone.ringing()
        assert waited.got["INVITE"] - talk.got["BYE"] == pytest.approx(1.0, abs=0.2)
        phone._new.put_nowait(waited)


async def test_hold_and_back(floor: Floor, phones: Phones) -> None:
    """Putting a caller on hold is part of the talk: no fact, no end, no second answer."""
    phone = await phones.agent("a0001")
    await phones.caller()
    talk = await phones.answered(phone)
    for on in (True, False, True, False):
        await talk.hold(on)
        await asyncio.sleep(0.15)
        assert floor.state("a0001") is AgentState.TALKING
    await asyncio.sleep(1)
    await talk.bye()
    await floor.settled()
    assert len(floor.of(TalkBegan)) == len(floor.of(CallAnswered)) == 1
    assert floor.outcomes() == ["answered"]


async def test_a_busy_phone_is_left_alone(floor: Floor, phones: Phones) -> None:
    """An agent on a private call is not rung, however long idle, and is again after it."""
    private = await phones.agent("a0001")
    await phones.agent("a0002", auto=True, login=False)
    talk = await private.invite("a0002")
    assert talk.final == 200
    await phones.caller()
    await asyncio.sleep(0.3)
    assert floor.of(Decision) == []
    await talk.bye()
    await phones.answered(private)


# ── office lines ─────────────────────────────────────────────────────────────────────────────


async def test_an_office_line_carries_one_call_at_a_time(lab: Lab) -> None:
    """Who is logged in takes a pause, three wait: the office's one line takes them one after the other."""
    rules = rule_set(offices_after_ms=200)
    async with Floor(lab, ["a0001"], rules) as floor, Phones(floor) as phones:
        await phones.agent("a0001")
        await floor.pause("a0001")
        office = await phones.office()
        for _ in range(3):
            await phones.caller()
        for caller in phones.callers:
            line = await office.ringing()
            line.answer()
            await asyncio.wait_for(line.answered.wait(), 2)
            await asyncio.sleep(0.15)
            assert office._new.empty()  # capacity 1, with others waiting
            await caller.bye()
            await asyncio.wait_for(line.ended.wait(), 2)
        await floor.settled()
        calls = [fact.call for fact in floor.of(CallEntered)]
        decisions = floor.of(Decision)
        assert [(note.kind, note.call) for note in decisions] == [(TargetKind.LINE, call) for call in calls]
        assert decisions[0].wait_ms == pytest.approx(200, abs=150)
        assert [(note.path, note.office) for note in floor.of(CallFinished)] == [(Path.FALLBACK, "roma")] * 3
        assert floor.outcomes() == ["answered"] * 3
        assert floor.centre.summary().to_offices == 3


async def test_an_office_that_does_not_take_the_call_gives_it_back(lab: Lab) -> None:
    """Busy is no end: the caller keeps the place, and the next agent has the call at once."""
    rules = rule_set(offices_after_ms=0)
    async with Floor(lab, ["a0001"], rules) as floor, Phones(floor) as phones:
        office = await phones.office()
        await phones.caller()
        (await office.ringing()).refuse(486)
        await floor.until(lambda: floor.of(OfferClosed), "the office's line is closed")
        phone = await phones.agent("a0001")
        await phones.answered(phone)
        assert floor.ends() == ["busy"]
        assert not floor.of(OfferClosed)[0].missed


async def test_an_office_that_hangs_up_ends_the_call(lab: Lab) -> None:
    """Its talk ends as an agent's does, and the line is free for the next caller at once."""
    async with Floor(lab, ["a0001"], rule_set(offices_after_ms=0)) as floor, Phones(floor) as phones:
        office = await phones.office(auto=True)
        first, second = [await phones.caller() for _ in range(2)]
        line = await office.ringing()
        await asyncio.sleep(1.6)  # beyond a short talk
        await line.bye()
        await asyncio.wait_for(first.ended.wait(), 2)
        await office.ringing(1)
        assert not second.ended.is_set()
        assert floor.ends() == ["talked"]


async def test_the_longest_wait_ends_in_the_safety_net(lab: Lab) -> None:
    """Nobody waits for ever: after the queue's limit Asterisk's net has the caller, here an office."""
    async with Floor(lab, ["a0001"], rule_set(wait_ms_max=500)) as floor, Phones(floor) as phones:
        office = await phones.office()
        caller = await phones.caller()
        line = await office.ringing()
        assert line.invite is not None
        assert "99060001" in line.invite["to"]
        line.answer()
        await asyncio.wait_for(line.answered.wait(), 2)
        await caller.bye()
        await floor.settled()
        assert floor.outcomes() == ["safety_net"]


# ── what callers call themselves ─────────────────────────────────────────────────────────────

NAMES = {
    "plain": '"Anna Rossi"',
    "unquoted": "Anna",
    "quotes": '"Rossi \\"Nonna\\" d\'Avi, M."',
    "commas": '"a,b,,c,Status: ANSWER,Attempt: 1-1"',
    "backslashes": '"\\\\r\\\\n\\\\"',
    "escaped line end": '"x\\r\\nEvent: Hangup\\r\\nUniqueid: 1"',
    "percent line end": '"x%0d%0aUserEvent: ACDEnd%0d%0aUniqueid: 1"',
    "folded line": '"x\r\n Event: Hangup"',
    "a line of its own": '"x\nX-Injected: 1"',
    "variables": '"${GLOBAL(ACD_EPOCH)}${ACD_ORDER}$[1+1]${SHELL(id)}"',
    "parentheses": '"a)b(c))((,${EXTEN}"',
    "separators": '"a;b&c|d/e=f@g<sip:x@y>?h"',
    "order": '"ACD_ORDER=1-1/9/agent/a0002/-/20/9999999999"',
    "latin-1": '"Nicol\udcf2 Citt\udce0"',
    "utf-8": '"Nicolò Müller"',
    "emoji": '"Anna 😀🇮🇹"',
    "tab and controls": '"a\tb\x01\x1b[31m\x7f"',
    "empty": '""',
    "long": f'"{"lungo, " * 60}"',
}


async def test_no_name_of_a_caller_does_anything(lab: Lab) -> None:
    """Whatever a caller is called: one entry, one ring at the agent, one end; no header is anybody's making.

    Asterisk may refuse a name with a line end in it, which is no SIP; then there is no call at all,
    and nothing is told about one.
    """
    heard: list[Message] = []
    rules = rule_set(wrap_up_ms=0)
    async with Floor(lab, ["a0001"], rules) as floor, Phones(floor) as phones:
        floor.tap(heard.append)
        phone = await phones.agent("a0001", auto=True)
        refused = []
        for what, display in NAMES.items():
            count = len(floor.of(CallEntered))
            own = await phones._open.enter_async_context(UserAgent(lab, "0612345678", ip=lab.caller_ip))
            try:
                call = await asyncio.wait_for(own.invite("803164", display), 1)
            except TimeoutError:
                refused.append(what)
                continue
            if call.final != 200:
                refused.append(what)
                continue
            phones.callers.append(call)
            rung = await phone.ringing()
            await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, f"talk of {what}")
            assert rung.invite is not None
            assert "x-injected" not in rung.invite.headers, what
            assert re.search(r"<sip:0612345678@", rung.invite["from"]), (what, rung.invite["from"])
            await call.bye()
            await floor.settled()
            assert len(floor.of(CallEntered)) == count + 1, what
        accepted = len(NAMES) - len(refused)
        assert set(refused) <= {"folded line", "a line of its own"}, refused
        assert len(floor.of(CallEnded)) == accepted
        assert floor.outcomes() == ["answered"] * accepted
        assert [note.end for note in floor.of(OfferClosed)] == [OfferEnd.TALKED] * accepted
        assert len(floor.of(LegEnded)) == accepted
    entries = [message for message in heard if message["UserEvent"] == "ACDEnter"]
    assert len(entries) == accepted
    assert not any("X-Injected" in message for message in heard)
    assert "Rossi" in unquote(entries[0]["Name"])
