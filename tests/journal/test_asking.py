"""Questions to the journal: the answer is of the moment asked for, in a sentence, from another process."""

from __future__ import annotations

import asyncio
import string
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from acd.core.calls import CallState
from acd.core.facts import OfferEnd
from acd.core.ids import AgentId, CallId
from acd.core.notes import AgentState, Reason
from acd.core.why_not import WhyNot
from acd.errors import JournalError, NotFound
from acd.journal import asking
from acd.journal.asking import Question, Reader, ToldWhyNot, answered
from acd.journal.telling import LANGUAGES
from acd.journal.verdicts import VERDICTS, verdict
from tests.core.builders import START_MS, agent, queue, rules
from tests.journal.made import RecordedCentre

CALL = CallId("milano-1700000000.7")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[RecordedCentre]:
    """Anna misses a call and Bruno, who was paused, answers it."""
    centre = RecordedCentre(tmp_path, agents=[agent("anna"), agent("bruno", "bari")])
    centre.pauses("bruno")
    centre.later(1_000)
    centre.enters(CALL)
    centre.rings(CALL)
    centre.later(20_000)
    centre.ends_offer(CALL, OfferEnd.NO_ANSWER)
    centre.later(10_000)
    centre.readies("bruno")
    centre.talks(CALL)
    centre.later(5_000)
    centre.agent_hangs_up(CALL)
    centre.written.recorder.flush()
    yield centre
    centre.close()


def ask(centre: RecordedCentre, agent_id: str, after_ms: int | None, language: str = "en") -> ToldWhyNot:
    """Ask in this process; the moment counts from the entry."""
    entered_ms = START_MS + 1_003
    at_ms = None if after_ms is None else entered_ms + after_ms
    question = Question(
        folder=str(centre.folder), call=CALL, language=language, agent=AgentId(agent_id), at_ms=at_ms
    )
    answer = answered(question)
    assert answer.why_not is not None, answer
    return answer.why_not


def test_the_answer_is_of_the_moment(scene: RecordedCentre) -> None:
    """The same question, three moments, three answers."""
    assert ask(scene, "bruno", 5_000).reason is Reason.PAUSED
    assert ask(scene, "anna", 5_000).reason is None
    assert ask(scene, "anna", 25_000).reason is Reason.EXCLUDED_AFTER_NO_ANSWER
    assert ask(scene, "anna", -900).detail.call_state is None


def test_without_a_moment_it_is_the_last_decision(scene: RecordedCentre) -> None:
    """When Bruno was rung, Anna had missed the call a moment ago."""
    found = ask(scene, "anna", None)
    assert found.reason is Reason.EXCLUDED_AFTER_NO_ANSWER
    said = "anna of site roma had missed this call a moment ago, and gets it again in 50 s."
    assert found.sentence == f"At 2023-11-14 23:13:51 {said}"
    assert ask(scene, "anna", None, "it").sentence.startswith(
        "Alle 2023-11-14 23:13:51 anna della sede roma non"
    )


def test_nobody_we_know(scene: RecordedCentre) -> None:
    """An agent who was not in the roster, a call that never was, a moment before the journal."""

    def refused(**changes: object) -> tuple[str, str]:
        given: dict[str, object] = {
            "folder": str(scene.folder),
            "call": CALL,
            "language": "en",
            "agent": "anna",
        }
        answer = answered(Question(**(given | changes)))  # type: ignore[arg-type]
        return answer.error, answer.refused

    assert refused(agent="zoe")[0] == NotFound.id
    assert refused(call="milano-1700000000.8")[0] == NotFound.id
    assert refused(at_ms=5)[0] == JournalError.id
    assert refused(folder=str(scene.folder / "none"))[0] == JournalError.id


async def test_a_process_of_its_own_answers(scene: RecordedCentre) -> None:
    """What is still in memory is written first; two who ask at once both get their answer."""
    reader = Reader(scene.folder, scene.written.recorder)
    story, found = await asyncio.gather(
        reader.story(CALL, "it", agents=True), reader.why_not(CALL, AgentId("anna"), None, "it")
    )
    assert story.ended
    assert story.events[0].sentence.startswith("Chi chiama è entrato")
    assert any(event.what.get("agent") == "bruno" for event in story.events)
    assert found.reason is Reason.EXCLUDED_AFTER_NO_ANSWER
    with pytest.raises(NotFound, match="nothing of a call"):
        await reader.story(CallId("milano-1700000000.8"), "it", agents=False)
    with pytest.raises(JournalError, match="begins later"):
        await reader.why_not(CALL, AgentId("anna"), 5, "it")


async def test_a_process_that_fails_or_never_ends_is_an_error(
    scene: RecordedCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sentence; it is not left behind."""
    monkeypatch.setattr(asking, "LIMIT_S", 0.01)
    with pytest.raises(JournalError, match="without an answer"):
        await Reader(scene.folder).story(CALL, "it", agents=False)
    monkeypatch.undo()
    monkeypatch.setattr(asking.sys, "executable", "/bin/false")
    with pytest.raises(JournalError, match="could not be searched"):
        await Reader(scene.folder).story(CALL, "it", agents=False)


async def test_a_reader_that_is_closed_stops_its_process(scene: RecordedCentre) -> None:
    """The ACD does not wait for an answer when it stops."""
    reader = Reader(scene.folder)
    asked = asyncio.create_task(reader.story(CALL, "it", agents=False))
    while reader._running is None:  # noqa: ASYNC110  # a thread of its own starts it, and tells nobody
        await asyncio.sleep(0.001)
    reader.close()
    with pytest.raises(JournalError, match="could not be searched"):
        await asked


# ── the sentences ────────────────────────────────────────────────────────────────────────────


def places(text: str) -> set[str]:
    """The places of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_answer_the_same() -> None:
    """Same keys, same places."""
    assert VERDICTS["it"].keys() == VERDICTS["en"].keys()
    for key, text in VERDICTS["en"].items():
        assert places(text) == places(VERDICTS["it"][key]), key


def found(reason: Reason | None, **more: object) -> WhyNot:
    """An answer with this reason."""
    given: dict[str, object] = {
        "site": "roma",
        "agent_state": AgentState.READY,
        "call_state": CallState.WAITING,
        "queue": "generale",
        "skill": "generale",
    }
    return WhyNot(reason=reason, **(given | more))  # type: ignore[arg-type]


EVERY = [
    *(found(reason, step_needed=1, step_name="bari") for reason in (None, *Reason)),
    found(Reason.OUTSIDE_RING),
    found(Reason.OUTSIDE_RING, step_needed=2, opens_in_ms=5_000),
    found(Reason.LOWER_SCORE, rung_site="bari"),
    found(Reason.LOWER_SCORE, rung_site="bari", behind_ms=9_000),
    found(Reason.LOWER_SCORE, rung_office="lecce"),
    found(Reason.NOT_WAITING, call_state=None),
    *(found(Reason.NOT_WAITING, call_state=state) for state in CallState),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_has_a_sentence(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole, on Rome's clock, and no text is kept that nothing says."""
    used: list[str] = []

    class Noting(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            used.append(key)
            return super().__getitem__(key)

    monkeypatch.setattr("acd.journal.verdicts.VERDICTS", {language: Noting(VERDICTS[language])})
    for each in EVERY:
        said = verdict(each, "anna", rules([queue()]), START_MS, language)
        assert "2023-11-14 23:13:20" in said
        assert said.endswith(".")
        assert "{" not in said
    assert set(used) == set(VERDICTS[language])


def test_a_question_survives_its_codec() -> None:
    """It crosses to another process."""
    question = Question(folder="/x", call=CALL, language="it", agent=AgentId("anna"), at_ms=5)
    assert msgspec.json.decode(msgspec.json.encode(question), type=Question) == question
