"""What agents ask for, by the API and from their own phones, at the wrong moment too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from acd.core.facts import CallEntered, LegEnded
from acd.core.notes import AgentMoved, AgentState, Decision, OfferClosed
from asterisk_lab import Lab
from tests.real.floor import Floor
from tests.real.phones import Phones, tone

pytestmark = pytest.mark.real

Ask = Callable[[Floor, str], Awaitable[None]]
LEAVING = [
    pytest.param(Floor.pause, AgentState.PAUSED, id="pause"),
    pytest.param(Floor.logout, AgentState.LOGGED_OUT, id="logout"),
]


@pytest.mark.parametrize(("ask", "after"), LEAVING)
async def test_leaving_during_a_ring_ends_it_without_a_miss(
    floor: Floor, phones: Phones, ask: Ask, after: AgentState
) -> None:
    """The phone falls silent at once, the caller keeps the place, the next agent has the call."""
    phone = await phones.agent("a0001")
    caller = await phones.caller()
    await phones.caller()
    rung = await phone.ringing()
    asked = time.time()
    await ask(floor, "a0001")
    await asyncio.wait_for(rung.ended.wait(), 2)
    assert rung.cancelled
    assert rung.got["CANCEL"] - asked < 0.2
    await floor.until(lambda: floor.state("a0001") is after, f"a0001 is {after}")
    closed = floor.of(OfferClosed)[0]
    assert (closed.end, closed.missed) == ("withdrawn", False)
    assert not caller.ended.is_set()
    await phones.answered(await phones.agent("a0002"))
    first = floor.of(CallEntered)[0].call
    assert [(note.call, note.target) for note in floor.of(Decision)] == [(first, "a0001"), (first, "a0002")]


@pytest.mark.parametrize(("ask", "after"), LEAVING)
async def test_leaving_during_a_talk_waits_for_its_end(
    floor: Floor, phones: Phones, ask: Ask, after: AgentState
) -> None:
    """The talk goes on; then the agent is away at once, without wrap-up and without another call."""
    phone = await phones.agent("a0001")
    caller = await phones.caller()
    await phones.caller()
    talk = await phones.answered(phone)
    await ask(floor, "a0001")
    await asyncio.sleep(0.3)
    assert floor.state("a0001") is AgentState.TALKING
    assert not talk.ended.is_set()
    await caller.bye()
    await floor.until(lambda: floor.state("a0001") is after, f"a0001 is {after}", 1)
    await asyncio.sleep(1.2)  # a wrap-up would be over
    assert floor.state("a0001") is after
    assert len(floor.of(Decision)) == 1


async def test_ready_takes_a_wish_back(floor: Floor, phones: Phones) -> None:
    """Pause and then ready, both during the talk: after it there is wrap-up and the next call."""
    phone = await phones.agent("a0001")
    caller = await phones.caller()
    await phones.caller()
    await phones.answered(phone)
    await floor.pause("a0001")
    await floor.ready("a0001")
    await caller.bye()
    await phones.answered(phone)
    assert floor.state("a0001") is AgentState.TALKING
    assert len(floor.of(Decision)) == 2


async def test_a_pause_that_crosses_the_answer(floor: Floor, phones: Phones) -> None:
    """Whichever wins, nobody is cut off and the agent is paused in the end."""
    phone = await phones.agent("a0001")
    for n in range(10):
        caller = await phones.caller()
        rung = await phone.ringing()
        if n % 2:
            rung.answer()
            await asyncio.sleep(0.001 * n)
            await floor.pause("a0001")
        else:
            paused = asyncio.create_task(floor.pause("a0001"))
            await asyncio.sleep(0.001 * n)
            rung.answer()
            await paused
        await asyncio.sleep(0.15)
        assert not caller.ended.is_set()
        await caller.bye()
        await floor.settled()
        await floor.until(lambda: floor.state("a0001") is AgentState.PAUSED, "a0001 is paused")
        await floor.ready("a0001")
    assert not any(note.missed for note in floor.of(OfferClosed))
    assert len(floor.outcomes()) == 10


# ── feature codes ────────────────────────────────────────────────────────────────────────────


def member(floor: Floor, name: str) -> str:
    """This agent's line in the safety net, empty for none."""
    lines = floor.lab.rx("queue show acd-net-it").splitlines()
    return next((line for line in lines if f"(PJSIP/{name})" in line), "")


async def mirrored(floor: Floor, name: str, words: str) -> None:
    """Wait until the safety net says this of an agent; the mirror is a moment behind."""
    await floor.until(lambda: words in member(floor, name), f"{name} is {words!r} in the net", 1)


async def test_a_day_at_the_phone(floor: Floor, phones: Phones) -> None:
    """Login, pause with a reason, ready, logout: done, confirmed by a tone, and known to the safety net."""
    phone = await phones.agent("a0001", login=False)
    assert await tone(phone, "*11") == "beep"
    assert floor.state("a0001") is AgentState.READY
    await mirrored(floor, "a0001", "PJSIP/a0001")
    assert await tone(phone, "*143") == "beep"
    view = floor.centre.agent("a0001")
    assert view is not None
    assert (view.state, view.reason) == (AgentState.PAUSED, "riunione")
    await mirrored(floor, "a0001", "paused:riunione")
    assert await tone(phone, "*141") == "beep"  # another reason
    await mirrored(floor, "a0001", "paused:pausa")
    assert await tone(phone, "*13") == "beep"
    assert floor.state("a0001") is AgentState.READY
    await floor.until(lambda: "paused" not in member(floor, "a0001"), "a0001 is not paused in the net", 1)
    assert member(floor, "a0001")
    assert await tone(phone, "*12") == "beep"
    assert floor.state("a0001") is AgentState.LOGGED_OUT
    await floor.until(lambda: not member(floor, "a0001"), "a0001 has left the net", 1)


async def test_who_may_not_is_told_so(lab: Lab) -> None:
    """A phone that is nobody's, a digit that means nothing, a request out of place: the other tone."""
    async with Floor(lab, ["a0001"]) as floor, Phones(floor) as phones:
        stranger = await phones.agent("a0002", login=False)
        assert await tone(stranger, "*11") == "beeperr"
        assert member(floor, "a0002") == ""
        phone = await phones.agent("a0001", login=False)
        for code in ("*12", "*11"):
            assert await tone(phone, code) == "beep"
        for code in ("*149", "*15"):
            assert await tone(phone, code) == "beeperr"
        assert floor.state("a0001") is AgentState.READY
        assert await tone(phone, "*12") == "beep"
        for code in ("*141", "*13", "*15"):
            assert await tone(phone, code) == "beeperr"
        assert floor.state("a0001") is AgentState.LOGGED_OUT
        assert (await phone.invite("*99")).final == 404
        assert (await phone.invite("0612345678")).final == 404


async def test_more_wrap_up_up_to_the_cap(floor: Floor, phones: Phones) -> None:
    """One second, two more by *15, the next is refused; then, by the clock, ready."""
    phone = await phones.agent("a0001")
    caller = await phones.caller()
    await phones.answered(phone)
    await caller.bye()
    await floor.until(lambda: floor.state("a0001") is AgentState.WRAP_UP, "a0001 is in wrap-up")
    assert [await tone(phone, "*15") for _ in range(3)] == ["beep", "beep", "beeperr"]
    await floor.until(lambda: floor.state("a0001") is AgentState.READY, "a0001 is ready", 4)
    began = floor.when(LegEnded)[0][0]
    ended = next(at for at, note in floor.when(AgentMoved) if note.before is AgentState.WRAP_UP)
    assert ended - began == pytest.approx(3.0, abs=0.2)


async def test_ready_ends_the_wrap_up(floor: Floor, phones: Phones) -> None:
    """*13 from the phone: the next call rings as soon as the phone is on the hook again."""
    phone = await phones.agent("a0001")
    caller = await phones.caller()
    await phones.caller()
    await phones.answered(phone)
    await caller.bye()
    await floor.until(lambda: floor.state("a0001") is AgentState.WRAP_UP, "a0001 is in wrap-up")
    code = await phone.invite("*13")
    await asyncio.wait_for(code.ended.wait(), 3)
    rung = await phone.ringing(0.5)
    assert rung.got["INVITE"] - code.got["BYE"] < 0.2
    rung.answer()
    await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks")
