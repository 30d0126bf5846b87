"""Transfers by the phone's own REFER: the agent is free at once, the caller is ours to the end."""

from __future__ import annotations

import asyncio

import pytest

from acd.core.facts import CallEntered, CallTransferred, NodeResynced
from acd.core.notes import AgentState, CallAnswered, CallFinished, Decision
from acd.core.orders import Resync
from asterisk_lab.user_agent import Call, UserAgent
from tests.real.floor import Floor
from tests.real.phones import Phones

pytestmark = pytest.mark.real


async def talk(phones: Phones) -> tuple[UserAgent, Call, Call]:
    """a0001 talks with a caller: the phone, its call, the caller's call."""
    phone = await phones.agent("a0001")
    caller = await phones.caller()
    return phone, await phones.answered(phone), caller


async def passed_on(floor: Floor) -> None:
    """The transferring agent is in wrap-up while the call goes on."""
    await floor.until(lambda: floor.state("a0001") is AgentState.WRAP_UP, "a0001 is in wrap-up", 2)
    assert floor.centre.summary().in_progress == 1
    assert floor.of(CallFinished) == []


async def counted_once(floor: Floor) -> None:
    """The books say one call, one answer, one end."""
    await floor.settled()
    assert floor.outcomes() == ["answered"]
    assert len(floor.of(CallAnswered)) == 1


async def test_blind_to_a_colleague(floor: Floor, phones: Phones) -> None:
    """The colleague's phone rings outside the queue; the call ends when the caller does."""
    _, call, caller = await talk(phones)
    colleague = await phones.agent("a0002", login=False)
    assert await call.refer("a0002") == 202
    rung = await colleague.ringing()
    rung.answer()
    await passed_on(floor)
    await asyncio.sleep(1.3)  # wrap-up is over, the talk is not
    assert floor.state("a0001") is AgentState.READY
    assert floor.centre.summary().in_progress == 1
    await caller.bye()
    await asyncio.wait_for(rung.ended.wait(), 2)
    await counted_once(floor)
    assert len(floor.of(CallTransferred)) == 1


async def test_a_colleague_on_a_transferred_call_is_not_rung(floor: Floor, phones: Phones) -> None:
    """The phone's state is the veto; when the transferred caller has gone, the next call rings."""
    _, call, caller = await talk(phones)
    colleague = await phones.agent("a0002")
    await call.refer("a0002")
    taken = await colleague.ringing()
    taken.answer()
    await passed_on(floor)
    await floor.pause("a0001")
    await phones.caller()
    await asyncio.sleep(0.3)
    assert len(floor.of(Decision)) == 1
    await caller.bye()
    await phones.answered(colleague)


async def test_blind_to_a_colleague_who_hangs_up(floor: Floor, phones: Phones) -> None:
    """The call ends with the colleague's talk; the caller is not left alone with the music."""
    _, call, caller = await talk(phones)
    colleague = await phones.agent("a0002", login=False)
    await call.refer("a0002")
    rung = await colleague.ringing()
    rung.answer()
    await passed_on(floor)
    await asyncio.sleep(0.3)
    await rung.bye()
    await asyncio.wait_for(caller.ended.wait(), 2)
    await counted_once(floor)


async def test_blind_to_a_colleague_who_does_not_take_it(floor: Floor, phones: Phones) -> None:
    """Refused there, the caller is back in the queue, and the next ready agent has the call."""
    _, call, caller = await talk(phones)
    colleague = await phones.agent("a0002", login=False)
    third = await phones.agent("a0003")
    await call.refer("a0002")
    (await colleague.ringing()).refuse(486)
    await phones.answered(third)
    assert [fact.visit for fact in floor.of(CallEntered)] == [1, 2]
    await caller.bye()
    await counted_once(floor)


@pytest.mark.parametrize("number", ["q-generale", "800"])
async def test_blind_back_into_a_queue(floor: Floor, phones: Phones, number: str) -> None:
    """The same call, on its second visit, waits for another agent and is answered there."""
    _, call, caller = await talk(phones)
    assert await call.refer(number) == 202
    await floor.entered(2)
    first, second = floor.of(CallEntered)
    assert (second.call, second.visit, second.queue) == (first.call, 2, "generale")
    await passed_on(floor)
    await phones.answered(await phones.agent("a0002"))
    assert [note.target for note in floor.of(Decision)] == ["a0001", "a0002"]
    await caller.bye()
    await counted_once(floor)


async def test_blind_to_where_nobody_may_be_sent(floor: Floor, phones: Phones) -> None:
    """An outside number is refused and the talk goes on."""
    _, call, caller = await talk(phones)
    for number in ("0612345678", "803164", "*11", "acd-net", "a99999"):
        call.notified.clear()
        assert await call.refer(number) == 202
        await floor.until(lambda: call.notified[-1:] == ["SIP/2.0 404 Not Found"], f"{number} is refused")
    await asyncio.sleep(0.2)
    assert not call.ended.is_set()
    assert floor.state("a0001") is AgentState.TALKING
    assert not caller.ended.is_set()
    assert floor.of(CallTransferred) == []


async def test_a_caller_transfers_nobody(floor: Floor, phones: Phones) -> None:
    """REFER from outside is refused: no trunk moves our calls."""
    _, _, caller = await talk(phones)
    assert await caller.refer("a0002") >= 400
    await asyncio.sleep(0.2)
    assert floor.state("a0001") is AgentState.TALKING
    assert floor.of(CallTransferred) == []


async def consulted(phones: Phones) -> tuple[UserAgent, Call, Call, Call, Call]:
    """a0001 holds the caller and talks with a0002: phone, both calls of it, the caller's, a0002's."""
    phone, call, caller = await talk(phones)
    colleague = await phones.agent("a0002", auto=True, login=False)
    await call.hold(True)
    consultation = await phone.invite("a0002")
    assert consultation.final == 200
    return phone, call, consultation, caller, await colleague.ringing()


async def test_attended_until_the_caller_leaves(floor: Floor, phones: Phones) -> None:
    """After the consultation caller and colleague talk, the agent is in wrap-up."""
    _, call, consultation, caller, taken = await consulted(phones)
    assert floor.state("a0001") is AgentState.TALKING
    assert await call.refer("a0002", replaces=consultation) == 202
    await passed_on(floor)
    await asyncio.sleep(0.3)
    assert not taken.ended.is_set()
    await caller.bye()
    await asyncio.wait_for(taken.ended.wait(), 2)
    await counted_once(floor)
    assert len(floor.of(CallTransferred)) == 1


async def test_attended_until_the_colleague_leaves(floor: Floor, phones: Phones) -> None:
    """The colleague's end is the call's end, and late news of the first talk disturbs nobody."""
    phone, call, consultation, caller, taken = await consulted(phones)
    await asyncio.sleep(1)  # with the next wrap-up: beyond a short talk
    await call.refer("a0002", replaces=consultation)
    await passed_on(floor)
    await phones.caller()
    await phones.answered(phone)  # after wrap-up the agent has the next call already
    await taken.bye()
    await asyncio.wait_for(caller.ended.wait(), 2)
    await floor.until(lambda: floor.outcomes() == ["answered"], "the transferred call has ended")
    assert floor.state("a0001") is AgentState.TALKING


async def put_through_while_ringing(floor: Floor, phones: Phones) -> tuple[Call, Call]:
    """a0001 transfers before a0002 has answered: the caller's call, a0002's ring."""
    phone, call, caller = await talk(phones)
    colleague = await phones.agent("a0002", login=False)
    await call.hold(True)
    asking = asyncio.create_task(phone.invite("a0002"))
    rung = await colleague.ringing()
    consultation = next(each for each in phone.calls.values() if each is not call)
    await floor.until(lambda: "180" in consultation.got, "the consultation rings")
    assert await call.refer("a0002", replaces=consultation) == 202
    await passed_on(floor)
    assert (await asking).final >= 400
    assert not rung.ended.is_set()
    return caller, rung


async def test_put_through_to_a_ring_that_is_answered(floor: Floor, phones: Phones) -> None:
    """The ring goes on for the caller, who talks with the colleague then."""
    caller, rung = await put_through_while_ringing(floor, phones)
    rung.answer()
    await asyncio.wait_for(rung.answered.wait(), 2)
    await caller.bye()
    await asyncio.wait_for(rung.ended.wait(), 2)
    await counted_once(floor)


async def test_put_through_to_a_ring_that_is_not_answered(floor: Floor, phones: Phones) -> None:
    """The caller is back in the queue, on the second visit, not hung up."""
    caller, rung = await put_through_while_ringing(floor, phones)
    rung.refuse(486)
    await floor.entered(2)
    assert floor.of(CallEntered)[1].visit == 2
    await phones.answered(await phones.agent("a0003"))
    await caller.bye()
    await counted_once(floor)


async def test_a_look_at_the_node_knows_a_transferred_caller(floor: Floor, phones: Phones) -> None:
    """A resync between a transfer and its end invents no talk, holds no agent and ends no call."""
    _, call, consultation, caller, taken = await consulted(phones)
    await call.refer("a0002", replaces=consultation)
    await passed_on(floor)
    floor.centre.links[0].carry_out(Resync(node=floor.centre.links[0].id, why="a test"))
    await floor.until(lambda: len(floor.of(NodeResynced)) == 2, "the node was looked at again")
    assert floor.state("a0001") is AgentState.WRAP_UP
    assert floor.centre.summary().in_progress == 1
    await floor.until(lambda: floor.state("a0001") is AgentState.READY, "a0001 is ready", 3)
    await caller.bye()
    await asyncio.wait_for(taken.ended.wait(), 2)
    await counted_once(floor)


async def test_a_consultation_that_leads_to_nothing(floor: Floor, phones: Phones) -> None:
    """The agent takes the caller back: the talk has never ended."""
    _, call, consultation, caller, _ = await consulted(phones)
    await consultation.bye()
    await call.hold(False)
    await asyncio.sleep(0.2)
    assert floor.state("a0001") is AgentState.TALKING
    assert floor.of(CallTransferred) == []
    await caller.bye()
    await counted_once(floor)
