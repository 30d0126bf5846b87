"""Journals made for tests: a history of chance, recorded as the pump would."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from acd.core.engine import Engine, Outcome
from acd.core.facts import Fact
from acd.core.policy import Roster
from acd.journal.picturing import make_picture
from acd.journal.recorder import Recorder
from acd.journal.segments import Journal
from tests.core.builders import Centre
from tests.core.stage import a_centre, history

EPOCH = 3
"""Of ``a_centre``."""


class PaintsHere:
    """Makes pictures at once, in the recorder's own thread."""

    def __init__(self) -> None:
        self.made = self.failed = 0
        self.differs = False

    def order(self, segment: Path, following: Path) -> None:
        make_picture(segment, following)
        self.made += 1

    def look(self) -> None:
        """It is done already."""

    def close(self) -> None:
        """Nothing runs."""


class Written:
    """An engine and the recorder beside it."""

    def __init__(self, folder: Path, engine: Engine | None = None, **settings: object) -> None:
        self.engine = engine or a_centre()
        world = self.engine.world
        people = {name: record.agent for name, record in world.agents.items()}
        given: dict[str, object] = {"segment_ms": 60_000, "gather_s": 0.001} | settings
        self.recorder = Recorder(
            folder,
            rules=world.rules,
            roster=Roster(agents=people),
            epoch=world.epoch,
            version="test",
            now_ms=lambda: self.engine.world.now_ms,
            **given,  # type: ignore[arg-type]
        )
        self.recorder.start()

    def tell(self, told: Iterable[tuple[Fact, int]], *, each: bool = False) -> None:
        """Hand facts in; ``each``: every one is a frame of its own."""
        for fact, now_ms in told:
            outcome = self.engine.handle(fact, now_ms)
            self.recorder.observe(fact, outcome.orders, outcome.notes, 0.0)
            if each:
                assert self.recorder.flush()


class RecordedCentre(Centre):
    """The small centre of the core's stories, with a journal beside it."""

    def __init__(self, folder: Path, *story: object, **settings: object) -> None:
        super().__init__(*story, logged_in=False, **settings)  # type: ignore[arg-type]
        self.folder = folder
        self.written = Written(folder, self.engine, segment_ms=3_600_000)
        for name in self.world.agents:
            self.later(1)
            self.logs_in(name)

    def tell(self, fact: Fact) -> Outcome:
        """Hand one fact in, and record it."""
        outcome = super().tell(fact)
        self.written.recorder.observe(fact, outcome.orders, outcome.notes, 0.0)
        return outcome

    def journal(self) -> Journal:
        """All that was recorded so far."""
        assert self.written.recorder.flush()
        return Journal([self.folder])

    def close(self) -> None:
        """Stop recording."""
        self.written.recorder.close()


def journal_of(folder: Path, seed: int = 7, count: int = 400, *, each: int = 5, **settings: object) -> Path:
    """A finished journal of a history; a frame holds ``each`` facts."""
    written = Written(folder, **settings)
    told, _ = history(seed, count)
    for start in range(0, len(told), each):
        written.tell(told[start : start + each])
        assert written.recorder.flush()
    written.recorder.close()
    return folder


def segments(folder: Path) -> list[Path]:
    """The files of the segments, in order."""
    return sorted(folder.glob("*.journal"))


def write_until_killed(folder: Path) -> None:
    """Write for ever; say how many facts are on the disk."""
    written = Written(folder, segment_ms=20_000)
    told, _ = history(5, 3_000)
    for number in range(0, len(told), 10):
        written.tell(told[number : number + 10])
        written.recorder.flush()
        print(number + 10, flush=True)  # noqa: T201


if __name__ == "__main__":
    write_until_killed(Path(sys.argv[1]))
