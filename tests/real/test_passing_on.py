"""Callers passed on with their context: to another queue and to an office, and back to the sender.

By the phone's REFER or asked of the ACD, it is the same to everybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest

from acd.core.facts import (
    CallEntered,
    CallerVerified,
    CallTransferred,
    NodeResynced,
    TransferAsked,
    TransferKind,
)
from acd.core.ids import AgentId, OfficeId, QueueId, SiteId, SkillId
from acd.core.notes import AgentState, CallFinished, Decision, Path
from acd.core.orders import PassOn
from acd.core.policy import Agent, Queue, QueueKind, Roster, RuleSet, Site, SkillNeed
from acd.core.views import CallContext
from asterisk_lab import Lab
from asterisk_lab.user_agent import Call, UserAgent
from tests.real.floor import SKILL, Floor, rule_set
from tests.real.phones import Phones

pytestmark = pytest.mark.real

LEGAL = SkillId("legale")
RETURN_S = 1.5


def rules() -> RuleSet:
    """Beside the queue of all a second level, ``legale``, whose calls go back after 1.5 s."""
    base = rule_set()
    legal = Queue(
        id=QueueId("legale"),
        name="Legale",
        language="it",
        needs=(SkillNeed(skill=LEGAL),),
        ring_s=3,
        wrap_up_ms=1_000,
        kind=QueueKind.SECOND_LEVEL,
        return_ms=round(RETURN_S * 1000),
    )
    lecce = SiteId("lecce")
    return msgspec.structs.replace(
        base,
        queues={**base.queues, legal.id: legal},
        skills={**base.skills, LEGAL: "Legale"},
        sites={**base.sites, lecce: Site(id=lecce, name="Lecce")},
    )


def people() -> Roster:
    """a0001 and a0003 of Rome answer first, a0002 of Lecce knows the law."""
    known = {"a0001": ("roma", SKILL), "a0002": ("lecce", LEGAL), "a0003": ("roma", SKILL)}
    return Roster(
        agents={
            AgentId(name): Agent(id=AgentId(name), site=SiteId(site), endpoint=name, skills={skill: 5})
            for name, (site, skill) in known.items()
        }
    )


@pytest.fixture
async def floor(lab: Lab) -> AsyncIterator[Floor]:
    async with Floor(lab, people(), rules()) as made:
        yield made


# ── the two ways ─────────────────────────────────────────────────────────────────────────────

PassesOn = Callable[[Floor, Call, str], Awaitable[None]]
"""The talk's call of the agent's phone, and where the caller goes: ``q-…`` or ``o-…``."""


async def by_refer(_floor: Floor, talk: Call, to: str) -> None:
    """The phone's own transfer."""
    assert await talk.refer(to) == 202


async def by_asking(floor: Floor, talk: Call, to: str) -> None:
    """The API's."""
    kind = {"q": TransferKind.QUEUE, "o": TransferKind.OFFICE}[to[0]]
    asked = TransferAsked(agent=AgentId(talk.phone.name), kind=kind, to=to[2:])
    assert (await floor.centre.submit(asked)).refused is None


WAYS = pytest.mark.parametrize("pass_on", [by_refer, by_asking])


async def talk(phones: Phones) -> tuple[UserAgent, Call, Call]:
    """a0001 talks with a caller: the phone, its call, the caller's call."""
    phone = await phones.agent("a0001")
    caller = await phones.caller()
    return phone, await phones.answered(phone), caller


def context(floor: Floor, name: str) -> CallContext:
    """What an agent is told of the call."""
    view = floor.centre.agent(AgentId(name))
    assert view is not None
    assert view.call is not None
    return view.call


def rung(floor: Floor) -> list[str]:
    """Who was to be rung, in order."""
    return [note.target for note in floor.of(Decision)]


# ── to a queue ───────────────────────────────────────────────────────────────────────────────


@WAYS
async def test_a_caller_arrives_with_what_is_known_of_them(
    floor: Floor, phones: Phones, pass_on: PassesOn
) -> None:
    """The specialist sees where the caller comes from and that they were verified; one call in the books."""
    _, call, caller = await talk(phones)
    checked = CallerVerified(agent=AgentId("a0001"), verified=True, method="spid")
    assert (await floor.centre.submit(checked)).refused is None
    specialist = await phones.agent("a0002")
    await pass_on(floor, call, "q-legale")
    taken = await specialist.ringing()
    told = context(floor, "a0002")
    assert (told.queue, told.from_site, told.passed_on) == ("legale", "roma", 1)
    assert (told.verified, told.verified_by) == (True, "spid")
    await asyncio.wait_for(call.ended.wait(), 2)
    taken.answer()
    await floor.until(lambda: floor.state("a0002") is AgentState.TALKING, "a0002 talks")
    first, second = floor.of(CallEntered)
    assert (second.call, second.visit, second.queue) == (first.call, 2, "legale")
    assert second.first_entered_ms == pytest.approx(first.entered_ms, abs=20)
    await floor.until(lambda: floor.state("a0001") is AgentState.READY, "the sender is free", 3)
    await caller.bye()
    await floor.settled()
    assert [(note.outcome, note.visits) for note in floor.of(CallFinished)] == [("answered", 2)]
    assert len(floor.of(CallTransferred)) == 1
    assert len(floor.of(PassOn)) == (pass_on is by_asking)


@WAYS
async def test_a_caller_passed_on_keeps_their_age(floor: Floor, phones: Phones, pass_on: PassesOn) -> None:
    """Who called first is served first, though another came into that queue before them."""
    _, call, _ = await talk(phones)
    await phones.caller("q-legale")
    await pass_on(floor, call, "q-legale")
    await floor.entered(3)
    old, young, again = floor.of(CallEntered)
    assert again.call == old.call
    await phones.answered(await phones.agent("a0002"))
    assert floor.of(Decision)[-1].call == old.call != young.call


@WAYS
async def test_whom_nobody_answers_comes_back_to_the_sender(
    floor: Floor, phones: Phones, pass_on: PassesOn
) -> None:
    """After the queue's time of return the sender's phone rings again, and no other agent's."""
    phone, call, caller = await talk(phones)
    await phones.agent("a0003")
    await pass_on(floor, call, "q-legale")
    await floor.entered(2)
    passed = floor.when(CallEntered)[1][0]
    await floor.until(lambda: floor.state("a0001") is AgentState.WRAP_UP, "the sender is held", 1)
    back = await phone.ringing()
    assert back.got["INVITE"] - passed == pytest.approx(RETURN_S, abs=0.3)
    back.answer()
    await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks")
    assert rung(floor) == ["a0001", "a0001"]
    assert not caller.ended.is_set()
    await caller.bye()
    await floor.settled()
    assert floor.outcomes() == ["answered"]


async def test_a_sender_who_has_left_is_not_rung(floor: Floor, phones: Phones) -> None:
    """The caller waits in the queue they came from, at their age, for anybody."""
    _, call, _ = await talk(phones)
    await by_asking(floor, call, "q-legale")
    await floor.until(lambda: floor.state("a0001") is AgentState.WRAP_UP, "a0001 is in wrap-up", 1)
    await floor.logout("a0001")
    colleague = await phones.agent("a0003")
    await phones.answered(colleague)
    assert rung(floor) == ["a0001", "a0003"]
    assert context(floor, "a0003").queue == "generale"


async def test_what_cannot_be_is_refused_with_a_sentence(floor: Floor, phones: Phones) -> None:
    """No talk, no such queue, no such office: the talk is not touched."""
    phone = await phones.agent("a0001")
    me = AgentId("a0001")
    asked = TransferAsked(agent=me, kind=TransferKind.QUEUE, to="legale")
    assert "in no talk" in str((await floor.centre.submit(asked)).refused)
    await phones.caller()
    await phones.answered(phone)
    for kind in TransferKind:
        nowhere = TransferAsked(agent=me, kind=kind, to="nowhere")
        assert "'nowhere' is no" in str((await floor.centre.submit(nowhere)).refused)
    assert floor.state("a0001") is AgentState.TALKING
    assert floor.of(PassOn) == []


@pytest.mark.parametrize("who", ["agent", "caller"])
async def test_somebody_hangs_up_while_the_caller_is_passed_on(
    floor: Floor, phones: Phones, who: str
) -> None:
    """Whichever is first, the call has one end and the sender is free; a caller who is left waits on."""
    phone = await phones.agent("a0001")
    for n in range(8):
        caller = await phones.caller()
        call = await phones.answered(phone)
        hangs_up = asyncio.create_task((call if who == "agent" else caller).bye())
        await asyncio.sleep(0.0005 * n)
        asked = TransferAsked(agent=AgentId("a0001"), kind=TransferKind.QUEUE, to="legale")
        await floor.centre.submit(asked)  # granted, or refused because the talk is over
        await hangs_up
        await floor.until(lambda: floor.state("a0001") is not AgentState.TALKING, "a0001 is free", 3)
        await caller.bye()
        await floor.settled()
        await floor.until(lambda: floor.state("a0001") is not AgentState.RINGING, "a0001 is not rung", 3)
        await floor.ready("a0001")
    assert len(floor.of(CallFinished)) == 8


# ── to an office ─────────────────────────────────────────────────────────────────────────────


@WAYS
async def test_a_caller_is_passed_on_to_an_offices_line(
    floor: Floor, phones: Phones, pass_on: PassesOn
) -> None:
    """The office's number rings through the trunk; the call is the office's in the books."""
    _, call, caller = await talk(phones)
    office = await phones.office()
    await phones.agent("a0003")
    await pass_on(floor, call, "o-roma")
    ring = await office.ringing()
    assert ring.invite is not None
    assert ring.invite.first.startswith("INVITE sip:0612345678@")
    ring.answer()
    await floor.until(lambda: floor.state("a0001") is AgentState.READY, "the sender is free", 3)
    assert rung(floor) == ["a0001", "roma"]
    await caller.bye()
    await asyncio.wait_for(ring.ended.wait(), 2)
    await floor.settled()
    finished = floor.of(CallFinished)[0]
    assert (finished.office, finished.path, finished.visits) == (OfficeId("roma"), Path.FALLBACK, 2)


@WAYS
async def test_an_office_that_does_not_take_the_call_gives_it_back(
    floor: Floor, phones: Phones, pass_on: PassesOn
) -> None:
    """Busy there: the sender's phone rings at once."""
    phone, call, caller = await talk(phones)
    office = await phones.office()
    await pass_on(floor, call, "o-roma")
    (await office.ringing()).refuse(486)
    (await phone.ringing(1)).answer()
    await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks")
    assert rung(floor) == ["a0001", "roma", "a0001"]
    await caller.bye()
    await floor.settled()
    assert floor.outcomes() == ["answered"]


async def test_an_office_whose_line_is_taken_is_not_rung(floor: Floor, phones: Phones) -> None:
    """The second caller comes back at once; the first talks on with the office."""
    phone, call, _ = await talk(phones)
    office = await phones.office(auto=True)
    await by_asking(floor, call, "o-roma")
    await floor.until(lambda: floor.state("a0001") is AgentState.READY, "a0001 is ready", 5)
    first = await office.ringing()
    await phones.caller()
    await by_asking(floor, await phones.answered(phone), "o-roma")
    (await phone.ringing(1)).answer()
    await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks")
    assert rung(floor) == ["a0001", "roma", "a0001", "a0001"]
    assert len(office.calls) == 1
    assert not first.ended.is_set()


async def test_an_office_nobody_knows_is_no_dead_end(floor: Floor, phones: Phones) -> None:
    """A phone may REFER to any name: the caller comes back to the sender."""
    phone, call, _ = await talk(phones)
    await by_refer(floor, call, "o-nowhere")
    (await phone.ringing(1)).answer()
    await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks")
    assert rung(floor) == ["a0001", "a0001"]


# ── in between the ACD is started anew ───────────────────────────────────────────────────────


async def test_a_restart_on_the_way_loses_neither_caller_nor_age(lab: Lab) -> None:
    """The next ACD finds the caller in the new queue, older than one who entered it before them."""
    earlier = await Floor(lab, people(), rules()).__aenter__()
    async with Phones(earlier) as phones:
        _, call, _ = await talk(phones)
        young = await phones.caller("q-legale")
        await by_asking(earlier, call, "q-legale")
        await earlier.entered(3)
        await earlier.centre.stop()
        old, later, _ = earlier.of(CallEntered)
        async with Floor(lab, people(), rules()) as floor:
            phones.floor = floor
            found = {seen.call: seen for seen in floor.of(NodeResynced)[0].calls}
            assert set(found) == {old.call, later.call}
            assert (found[old.call].visit, found[old.call].queue) == (2, "legale")
            assert found[old.call].first_entered_ms == pytest.approx(old.entered_ms, abs=20)
            specialist = await phones.agent("a0002")
            await phones.answered(specialist)
            assert floor.of(Decision)[-1].call == old.call
            await young.bye()
            await phones.callers[0].bye()
            await floor.settled()
            assert sorted(floor.outcomes()) == ["answered", "short_abandoned"]
