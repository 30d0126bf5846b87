"""What people ask of the journal, answered by a process of its own at low priority.

To search gigabytes, or to replay five minutes of a centre, takes seconds of a processor, and a thread would
take them from the loop that routes. So the question goes to ``python -m acd.journal.asking`` as JSON on stdin
and the answer comes back the same way; one at a time, the others wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

import acd
from acd.core.ids import AgentId, CallId
from acd.core.notes import Reason
from acd.core.why_not import WhyNot, why_not
from acd.errors import AcdError, JournalError, NotFound
from acd.journal.recorder import Recorder
from acd.journal.replaying import begin, until
from acd.journal.segments import Journal
from acd.journal.stories import story_of
from acd.journal.telling import sentence
from acd.journal.verdicts import verdict

__all__ = [
    "Answer",
    "JournalReader",
    "Question",
    "Reader",
    "ToldEvent",
    "ToldStory",
    "ToldWhyNot",
    "answered",
]

LIMIT_S: Final = 120.0
NICE: Final = 10


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: the story of a call, or with an agent why not that one."""

    folder: str
    call: CallId
    language: str
    agents: bool = False
    agent: AgentId = AgentId("")
    at_ms: int | None = None
    """None: when somebody was last chosen for the call."""


class ToldEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event with its sentence."""

    at_ms: int
    kind: str
    sentence: str
    what: dict[str, Any]


class ToldStory(msgspec.Struct, frozen=True, kw_only=True):
    """A call's story."""

    call: str
    language: str
    ended: bool
    events: tuple[ToldEvent, ...]


class ToldWhyNot(msgspec.Struct, frozen=True, kw_only=True):
    """Why an agent did not get a call."""

    call: str
    agent: str
    language: str
    at_ms: int
    reason: Reason | None
    """None: the agent was rung with it."""
    sentence: str
    detail: WhyNot


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What comes back: one of these."""

    story: ToldStory | None = None
    why_not: ToldWhyNot | None = None
    refused: str = ""
    error: str = ""
    """Id of the error whose sentence ``refused`` is."""


class JournalReader(Protocol):
    """What the web and the terminal ask."""

    async def story(self, call: CallId, language: str, *, agents: bool) -> ToldStory:
        """The story of a call.

        Raises:
            NotFound: the journal has nothing of it.
            JournalError: it cannot be read.
        """

    async def why_not(self, call: CallId, agent: AgentId, at_ms: int | None, language: str) -> ToldWhyNot:
        """Why an agent did not get a call; raises as ``story`` does."""


class Reader:
    """Asks the process (``JournalReader``)."""

    def __init__(self, folder: Path, recorder: Recorder | None = None) -> None:
        """Ask of a folder; what a recorder still holds of it is written first."""
        self._folder = str(folder)
        self._recorder = recorder
        self._one = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal-asking")
        self._running: subprocess.Popen[bytes] | None = None

    async def story(self, call: CallId, language: str, *, agents: bool) -> ToldStory:
        """The story of a call."""
        told = await self._ask(Question(folder=self._folder, call=call, language=language, agents=agents))
        assert told.story is not None
        return told.story

    async def why_not(self, call: CallId, agent: AgentId, at_ms: int | None, language: str) -> ToldWhyNot:
        """Why an agent did not get a call."""
        told = await self._ask(
            Question(folder=self._folder, call=call, language=language, agent=agent, at_ms=at_ms)
        )
        assert told.why_not is not None
        return told.why_not

    def close(self) -> None:
        """Answer no more; whoever still waits is told so."""
        self._one.shutdown(wait=False, cancel_futures=True)
        if self._running is not None:
            self._running.kill()

    async def _ask(self, question: Question) -> Answer:
        loop = asyncio.get_running_loop()
        said = await loop.run_in_executor(self._one, self._in_a_process, msgspec.json.encode(question))
        answer = msgspec.json.decode(said, type=Answer)
        if answer.error == NotFound.id:
            raise NotFound(answer.refused)
        if answer.error:
            raise JournalError(answer.refused)
        return answer

    def _in_a_process(self, question: bytes) -> bytes:
        """Ask, in a thread: to start a process from the loop itself would fork and hold it for 100 ms."""
        if self._recorder is not None:
            self._recorder.flush()
        home = str(Path(acd.__file__).parent.parent)
        path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH", ""))))
        with subprocess.Popen(  # our own interpreter and our own module
            [sys.executable, "-P", "-m", "acd.journal.asking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        ) as process:
            self._running = process
            try:
                said, complaint = process.communicate(question, timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise JournalError(
                    f"the journal was searched for {LIMIT_S:g} s without an answer; ask for less"
                ) from None
            finally:
                self._running = None
        if process.returncode:
            last = complaint.decode(errors="replace").strip().splitlines()[-1:]
            raise JournalError(f"the journal could not be searched: {''.join(last) or process.returncode}")
        return said


def answered(question: Question) -> Answer:
    """Answer a question, in this process."""
    try:
        journal = Journal([Path(question.folder)])
        if question.agent:
            return Answer(why_not=_why_not(journal, question))
        return Answer(story=_story(journal, question))
    except AcdError as error:
        return Answer(refused=str(error), error=error.id)


def _story(journal: Journal, question: Question) -> ToldStory:
    story = story_of(journal, question.call, agents=question.agents)
    return ToldStory(
        call=question.call,
        language=question.language,
        ended=story.ended,
        events=tuple(
            ToldEvent(
                at_ms=event.at_ms,
                kind=event.kind.value,
                sentence=sentence(event, question.language),
                what=dict(event.what),
            )
            for event in story.events
        ),
    )


def _why_not(journal: Journal, question: Question) -> ToldWhyNot:
    story = story_of(journal, question.call)
    at_ms, decision = question.at_ms, None
    if at_ms is None:
        at_ms, decision = story.decided_ms or story.events[-1].at_ms, story.decided
    run = journal.chain_to(at_ms)
    engine = begin(run.segments[0])
    until(engine, run, at_ms, decision)
    world = engine.world
    record = world.agents.get(question.agent)
    if record is None:
        raise NotFound(f"There was no agent {question.agent[:64]!r} in the roster at that moment.")
    detail = why_not(world, question.call, record)
    return ToldWhyNot(
        call=question.call,
        agent=question.agent,
        language=question.language,
        at_ms=at_ms,
        reason=detail.reason,
        sentence=verdict(detail, question.agent, world.rules, at_ms, question.language),
        detail=detail,
    )


def main() -> int:
    """Answer one question: JSON on stdin, JSON on stdout."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    gc.disable()
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    sys.stdout.buffer.write(msgspec.json.encode(answered(question)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
