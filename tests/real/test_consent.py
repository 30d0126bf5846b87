"""A German caller is asked before somebody answers who speaks no German: keys, silence, who comes first."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from acd.core import hearing
from acd.core.facts import (
    CallEntered,
    CallerPressed,
    NodeLost,
    NodeResynced,
    OfferBegan,
    PromptEnded,
    Stage,
)
from acd.core.ids import AgentId, QueueId, SiteId, SkillId
from acd.core.notes import AgentState, ConsentGiven, Decision, LadderOpened
from acd.core.orders import OfferCall, Say, StopSaying
from acd.core.policy import Agent, Queue, Roster, RuleSet, SkillNeed, Step
from asterisk_lab import Lab
from asterisk_lab.user_agent import Call
from tests.real.asking import Supervisor
from tests.real.floor import SKILL, Floor, rule_set
from tests.real.phones import Phones

pytestmark = pytest.mark.real

GERMAN = SkillId("tedesco")
ITALIAN_SPEAKER, GERMAN_SPEAKER = "a0001", "a0002"
ASK_MS = 300
PROMPT_S_MAX = 15.0


def rules() -> RuleSet:
    """German calls need German; 0.3 s later the caller is asked whether Italian will do."""
    asks = Step(id="in-italiano", after_ms=ASK_MS, consent="consenso-italiano", waives=(GERMAN,))
    german = Queue(
        id=QueueId("tedesco"),
        name="Auskunft auf Deutsch",
        language="de",
        needs=(SkillNeed(skill=GERMAN), SkillNeed(skill=SKILL)),
        ladder=(asks,),
        ring_s=3,
        wrap_up_ms=1_000,
    )
    spoken = {"consenso-italiano": {"de": ("acd/de/consenso-italiano",)}}
    return msgspec.structs.replace(rule_set(more=[german]), sounds=spoken)


def people() -> Roster:
    """One speaks Italian only, one German too."""
    skills = {ITALIAN_SPEAKER: {SKILL: 8}, GERMAN_SPEAKER: {SKILL: 8, GERMAN: 8}}
    agents = {
        AgentId(name): Agent(id=AgentId(name), site=SiteId("roma"), endpoint=name, skills=held)
        for name, held in skills.items()
    }
    return Roster(agents=agents)


async def is_asked(floor: Floor, phones: Phones) -> Call:
    """A German caller waits, nobody who speaks German is free, and the question is being said."""
    await phones.agent(ITALIAN_SPEAKER)
    await phones.agent(GERMAN_SPEAKER)
    await floor.pause(GERMAN_SPEAKER)
    caller = await phones.caller("q-tedesco")
    await floor.until(lambda: floor.of(Say), "the caller is asked")
    await floor.until(lambda: hears(floor), "the prompt is heard")
    assert not floor.of(OfferCall)
    return caller


def hears(floor: Floor) -> bool:
    """Whether Asterisk plays a prompt to somebody now."""
    rows = floor.lab.rx("core show channels concise").splitlines()
    return any("!acd-say!" in row and "!Playback!acd/de/consenso-italiano!" in row for row in rows)


def said(floor: Floor) -> list[bool]:
    """What callers said to the question."""
    return [note.granted for note in floor.of(ConsentGiven)]


async def test_key_one_brings_the_italian_speaker_at_once(lab: Lab, tmp_path: Path) -> None:
    """The prompt stops in the middle of a word, the phone rings, the step stands in the call's story."""
    async with (
        Floor(lab, people(), rules(), journal=tmp_path) as floor,
        Phones(floor) as phones,
        Supervisor(floor) as supervisor,
    ):
        caller = await is_asked(floor, phones)
        caller.press("1")
        await floor.rings(1)
        assert said(floor) == [True]
        assert [(note.id, note.why) for note in floor.of(LadderOpened)] == [("in-italiano", "consent")]
        pressed, began = floor.when(CallerPressed)[0][0], floor.when(OfferBegan)[0][0]
        assert began - pressed < 0.2
        assert not hears(floor)
        talk = await phones.agent_of(ITALIAN_SPEAKER).ringing()
        talk.answer()
        await floor.until(lambda: floor.state(ITALIAN_SPEAKER) is AgentState.TALKING, "they talk")
        await floor.until(lambda: floor.of(PromptEnded), "the prompt's end is told")
        assert [note.target for note in floor.of(Decision)] == [ITALIAN_SPEAKER]
        told = await supervisor.story(floor.of(CallEntered)[0].call, "--lang", "en")
        assert told[0].startswith("The caller entered the queue Auskunft auf Deutsch (")
        assert told[1:5] == [
            "The caller was played acd/de/consenso-italiano.",
            "The caller pressed 1.",
            "The caller agreed to step 1 of the ladder.",
            "Step 1 of the ladder (in-italiano) opened: the caller agreed.",
        ]
        assert "not possible: 1 paused" in told[5]
        assert told[-1].startswith("An agent of site Roma answered after a wait of ")


async def test_a_key_just_after_the_prompt_counts_too(lab: Lab) -> None:
    """The caller thinks for a second, and music plays already."""
    async with Floor(lab, people(), rules()) as floor, Phones(floor) as phones:
        caller = await is_asked(floor, phones)
        await floor.until(lambda: floor.of(PromptEnded), "the prompt is over", PROMPT_S_MAX)
        assert floor.of(PromptEnded)[0].heard
        await asyncio.sleep(1.0)
        assert not floor.of(OfferCall)
        caller.press("1")
        await floor.rings(1)
        assert said(floor) == [True]


async def test_silence_means_no_and_the_caller_waits_on_for_german(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is rung who was not consented to; who speaks German is, as soon as they are free."""
    monkeypatch.setattr(hearing, "ANSWER_MS", 1_000)
    async with (
        Floor(lab, people(), rules(), journal=tmp_path) as floor,
        Phones(floor) as phones,
        Supervisor(floor) as supervisor,
    ):
        caller = await is_asked(floor, phones)
        await floor.until(lambda: said(floor), "silence has been understood", PROMPT_S_MAX)
        assert said(floor) == [False]
        await asyncio.sleep(1.0)
        caller.press("1")
        await floor.until(lambda: floor.of(CallerPressed), "the key is told")
        assert not floor.of(OfferCall)
        assert len(floor.of(Say)) == 1, "asked once"
        await floor.ready(GERMAN_SPEAKER)
        await floor.rings(1)
        assert [note.target for note in floor.of(Decision)] == [GERMAN_SPEAKER]
        told = await supervisor.story(floor.of(CallEntered)[0].call)
        assert told[1:4] == [
            "Chi chiama ha ascoltato acd/de/consenso-italiano.",
            "Chi chiama non ha acconsentito al gradino 1, che resta chiuso.",
            "Chi chiama ha premuto 1.",
        ]
        assert not [each for each in told if "Si è aperto il gradino" in each]
        assert "; non potevano: 1 senza il consenso di chi chiama)" in told[4]
        assert "la scala era aperta" not in told[4]


async def test_another_key_means_no_and_ends_the_prompt(lab: Lab) -> None:
    """Music again at once; the Italian speaker stays free."""
    async with Floor(lab, people(), rules()) as floor, Phones(floor) as phones:
        caller = await is_asked(floor, phones)
        caller.press("2")
        await floor.until(lambda: said(floor), "the answer")
        assert said(floor) == [False]
        await floor.until(lambda: not hears(floor), "the prompt has stopped", 1)
        assert floor.of(StopSaying)
        await asyncio.sleep(0.5)
        assert floor.state(ITALIAN_SPEAKER) is AgentState.READY
        assert not floor.of(OfferCall)


async def test_who_speaks_german_and_becomes_free_cuts_the_question_short(lab: Lab) -> None:
    """The prompt never delays the ring: from ready to the dialplan's dialling in under 0.1 s."""
    async with Floor(lab, people(), rules()) as floor, Phones(floor) as phones:
        await is_asked(floor, phones)
        await floor.ready(GERMAN_SPEAKER)
        await floor.rings(1)
        ordered, began = floor.when(OfferCall)[0][0], floor.when(OfferBegan)[0][0]
        assert began - ordered < 0.1
        ring = await phones.agent_of(GERMAN_SPEAKER).ringing()
        ring.answer()
        await floor.until(lambda: floor.state(GERMAN_SPEAKER) is AgentState.TALKING, "they talk")
        assert said(floor) == []
        assert [note.target for note in floor.of(Decision)] == [GERMAN_SPEAKER]


async def test_a_question_a_ring_fell_into_is_asked_again(lab: Lab) -> None:
    """The German speaker does not answer; now the caller may decide."""
    async with Floor(lab, people(), rules()) as floor, Phones(floor) as phones:
        caller = await is_asked(floor, phones)
        await floor.ready(GERMAN_SPEAKER)
        (await phones.agent_of(GERMAN_SPEAKER).ringing()).refuse(486)
        await floor.until(lambda: len(floor.of(Say)) == 2 and hears(floor), "asked again")
        caller.press("1")
        await floor.rings(2)
        assert [note.target for note in floor.of(Decision)] == [GERMAN_SPEAKER, ITALIAN_SPEAKER]


async def test_who_hangs_up_during_the_question_leaves_nothing_behind(lab: Lab) -> None:
    """An abandoned call like any other."""
    async with Floor(lab, people(), rules()) as floor, Phones(floor) as phones:
        caller = await is_asked(floor, phones)
        await caller.bye()
        await floor.settled()
        assert floor.outcomes() == ["short_abandoned"]
        assert said(floor) == []


async def test_a_link_lost_during_the_question_finds_the_caller_hearing(lab: Lab) -> None:
    """The resync sees the prompt, the question stands, and key 1 is still yes."""
    async with Floor(lab, people(), rules()) as floor, Phones(floor) as phones:
        caller = await is_asked(floor, phones)
        floor.centre.links[0].link.cut("a test cuts the link")
        await floor.until(lambda: floor.of(NodeLost), "the link is lost")
        await floor.until(lambda: len(floor.of(NodeResynced)) == 2, "the node is back")
        (seen,) = floor.of(NodeResynced)[1].calls
        assert seen.stage is Stage.HEARING
        assert hears(floor)
        caller.press("1")
        await floor.rings(1)
        assert said(floor) == [True]
