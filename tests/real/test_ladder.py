"""Who is rung when, on a real Asterisk: ladders that open by time and by load, precedence that ages."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from acd.core.facts import CallEntered
from acd.core.ids import AgentId, QueueId, SiteId
from acd.core.notes import Decision, LadderOpened
from acd.core.orders import OfferCall
from acd.core.policy import Agent, Queue, Roster, RuleSet, SkillNeed, Step
from asterisk_lab import Lab
from tests.real.floor import SKILL, Floor, rule_set
from tests.real.phones import Phones

pytestmark = pytest.mark.real

JUNIORS = ("a0001", "a0002")
SENIOR = "a0003"
GENERAL, URGENT = QueueId("generale"), QueueId("tedesco")


def people() -> Roster:
    """Two of level 3, and one of level 9 who takes a pause: somebody whom the queue begins with."""
    levels = {**dict.fromkeys(JUNIORS, 3), SENIOR: 9}
    agents = {
        AgentId(name): Agent(id=AgentId(name), site=SiteId("roma"), endpoint=name, skills={SKILL: level})
        for name, level in levels.items()
    }
    return Roster(agents=agents)


def laddered(**step: int) -> RuleSet:
    """A queue for level 7 whose one step lowers it to 1."""
    ladder = (Step(id="ogni-livello", levels={SKILL: 1}, **{"after_ms": 600_000, **step}),)
    return rule_set(needs=(SkillNeed(skill=SKILL, level_min=7),), ladder=ladder)


async def everybody(floor: Floor, phones: Phones) -> None:
    """All are logged in, the senior is on pause."""
    for name in (*JUNIORS, SENIOR):
        await phones.agent(name)
    await floor.pause(SENIOR)


def entered_s(floor: Floor) -> list[float]:
    """When each call entered, seconds since the epoch."""
    return [fact.entered_ms / 1_000 for fact in floor.of(CallEntered)]


def opened(floor: Floor) -> list[tuple[str, str]]:
    """Which steps opened, and why."""
    return [(note.id, note.why) for note in floor.of(LadderOpened)]


async def test_a_step_opens_after_its_time_and_not_before(lab: Lab) -> None:
    """Nobody of the level is free for 1.5 s; then the first junior rings, and the decision says so."""
    async with Floor(lab, people(), laddered(after_ms=1_500)) as floor, Phones(floor) as phones:
        await everybody(floor, phones)
        await phones.caller()
        await asyncio.sleep(1.0)
        assert not floor.of(OfferCall)
        ring = await phones.agent_of(JUNIORS[0]).ringing(2)
        assert floor.when(OfferCall)[0][0] - entered_s(floor)[0] == pytest.approx(1.5, abs=0.15)
        assert opened(floor) == [("ogni-livello", "waited")]
        assert [(note.target, note.step) for note in floor.of(Decision)] == [(JUNIORS[0], 1)]
        ring.answer()
        await floor.until(lambda: floor.state(JUNIORS[0]).value == "talking", "they talk")


async def test_a_ring_is_not_cut_for_whom_a_later_step_brings_and_it_counts_when_it_ends(lab: Lab) -> None:
    """The senior rings in vain while the step opens; the junior rings when that is over."""
    rules = laddered(after_ms=1_000)
    general = msgspec.structs.replace(rules.queues[GENERAL], ring_s=3)
    rules = msgspec.structs.replace(rules, queues={GENERAL: general})
    async with Floor(lab, people(), rules) as floor, Phones(floor) as phones:
        await everybody(floor, phones)
        await floor.ready(SENIOR)
        await phones.caller()
        ring = await phones.agent_of(SENIOR).ringing()
        await asyncio.sleep(1.5)
        assert [note.target for note in floor.of(Decision)] == [SENIOR]
        ring.refuse(486)
        await phones.agent_of(JUNIORS[0]).ringing(2)
        assert [(note.target, note.step) for note in floor.of(Decision)] == [(SENIOR, 0), (JUNIORS[0], 1)]


async def test_a_step_opens_by_load_for_all_who_wait(lab: Lab) -> None:
    """Two wait for the senior; the third makes it three, and both juniors ring for the two oldest at once."""
    async with Floor(lab, people(), laddered(waiting_min=3)) as floor, Phones(floor) as phones:
        await everybody(floor, phones)
        for _ in range(2):
            await phones.caller()
        await asyncio.sleep(0.8)
        assert not floor.of(OfferCall)
        await phones.caller()
        await floor.rings(2)
        calls = [fact.call for fact in floor.of(CallEntered)]
        assert [note.call for note in floor.of(Decision)] == calls[:2]
        assert {note.target for note in floor.of(Decision)} == set(JUNIORS)
        assert floor.when(OfferCall)[1][0] - entered_s(floor)[2] < 0.3
        assert set(opened(floor)) == {("ogni-livello", "load")}


async def test_precedence_ages_a_call_that_has_waited_longer_than_the_credit_goes_first(lab: Lab) -> None:
    """Two seconds of credit: ahead of who came a second before, behind who came three seconds before."""
    urgent = Queue(
        id=URGENT,
        name="Urgente",
        language="de",
        needs=(SkillNeed(skill=SKILL),),
        credit_ms=2_000,
        ring_s=3,
        wrap_up_ms=0,
    )
    rules = rule_set(more=[urgent], wrap_up_ms=0)
    async with Floor(lab, people(), rules) as floor, Phones(floor) as phones:
        phone = await phones.agent(SENIOR)
        await floor.pause(SENIOR)
        await phones.caller()
        await asyncio.sleep(2.0)
        await phones.caller()
        await asyncio.sleep(1.0)
        await phones.caller("q-tedesco")
        first, second, credited = (fact.call for fact in floor.of(CallEntered))
        await floor.ready(SENIOR)
        for count in range(1, 4):
            talk = await phone.ringing()
            talk.answer()
            await floor.until(lambda: floor.state(SENIOR).value == "talking", "they talk")
            assert len(floor.of(Decision)) == count
            await asyncio.sleep(1.6)  # beyond a short talk
            await talk.bye()
        assert [note.call for note in floor.of(Decision)] == [first, credited, second]
