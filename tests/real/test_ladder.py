"""Who is rung when, on a real Asterisk: ladders that open by time and by load, precedence that ages."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import msgspec
import pytest

from acd.core.facts import CallEntered
from acd.core.ids import AgentId, QueueId, SiteId
from acd.core.notes import CallAnswered, Decision, LadderOpened
from acd.core.orders import OfferCall
from acd.core.policy import Agent, Queue, Roster, RuleSet, SkillNeed, Step
from acd.journal.telling import length
from asterisk_lab import Lab
from tests.real.asking import Supervisor, at
from tests.real.floor import SKILL, Floor, rule_set
from tests.real.phones import Phones

pytestmark = pytest.mark.real

JUNIORS = ("a0001", "a0002")
SENIOR = "a0003"
WHY_NOT_S_MAX = 5.0
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


def waited_ms(floor: Floor) -> int:
    """How long the first call that was answered had waited."""
    answered: CallAnswered = floor.of(CallAnswered)[0]
    return answered.wait_ms


def opened(floor: Floor) -> list[tuple[str, str]]:
    """Which steps opened, and why."""
    return [(note.id, note.why) for note in floor.of(LadderOpened)]


async def test_a_step_opens_after_its_time_and_not_before(lab: Lab, tmp_path: Path) -> None:
    """Nobody of the level is free for 1.5 s; then the first junior rings; whoever asks is told all of it."""
    async with (
        Floor(lab, people(), laddered(after_ms=1_500), journal=tmp_path) as floor,
        Phones(floor) as phones,
        Supervisor(floor) as supervisor,
    ):
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
        call = floor.of(CallEntered)[0]
        said = await supervisor.story(call.call)
        assert said[0].startswith("Chi chiama è entrato nella coda Generale (numero chiamato 803164")
        assert said[1] == "Si è aperto il gradino 1 della scala (ogni-livello): la chiamata lo ha atteso."
        assert re.fullmatch(
            r"Dopo un'attesa di 1 s è stato scelto e chiamato un operatore della sede Roma "
            r"\(libero da \d+ s; la scala era aperta al gradino 1; altri che avrebbero potuto: 1; "
            r"non potevano: 1 in pausa\)\.",
            said[2],
        )
        assert said[3:] == [
            "Squilla il telefono di un operatore della sede Roma.",
            f"Un operatore della sede Roma ha risposto dopo un'attesa di {length(waited_ms(floor))}.",
        ]
        asked = time.monotonic()
        paused = await supervisor.why_not(call.call, SENIOR)
        assert time.monotonic() - asked < WHY_NOT_S_MAX
        assert paused.endswith(f"{SENIOR} della sede Roma era in pausa.")
        earlier = await supervisor.why_not(call.call, JUNIORS[1], "--at", at(call.entered_ms + 300))
        assert earlier.endswith(
            f"{JUNIORS[1]} della sede Roma è aggiunto dal gradino 1 della scala (ogni-livello); "
            "era aperta al gradino 0, e quello si sarebbe aperto dopo 1 s."
        )


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


async def test_a_step_opens_by_load_for_all_who_wait(lab: Lab, tmp_path: Path) -> None:
    """Two wait for the senior; the third makes it three, and both juniors ring for the two oldest at once."""
    async with (
        Floor(lab, people(), laddered(waiting_min=3), journal=tmp_path) as floor,
        Phones(floor) as phones,
        Supervisor(floor) as supervisor,
    ):
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
        said = await supervisor.story(calls[0])
        assert (
            said[1] == "Si è aperto il gradino 1 della scala (ogni-livello): lo chiede il carico della coda."
        )
        assert (
            "; la scala era aperta al gradino 1; altri che avrebbero potuto: 1; non potevano: 1 in pausa)"
            in said[2]
        )


async def test_precedence_ages_a_call_that_has_waited_longer_than_the_credit_goes_first(
    lab: Lab, tmp_path: Path
) -> None:
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
    async with (
        Floor(lab, people(), rules, journal=tmp_path) as floor,
        Phones(floor) as phones,
        Supervisor(floor) as supervisor,
    ):
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
        said = await supervisor.story(credited)
        assert said[0].startswith("Chi chiama è entrato nella coda Urgente (")
        assert said[0].endswith("; conta come 2 s di attesa in più).")
        chosen_s = floor.when(Decision)[1][0]
        behind = await supervisor.why_not(second, SENIOR, "--at", at(round(chosen_s * 1_000)))
        assert behind.endswith(f"{SENIOR} della sede Roma era già chiamato per un'altra chiamata.")
