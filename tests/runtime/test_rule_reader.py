"""Rules read again while calls are routed: taken whole or refused whole, and never on the loop."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.errors import ConfigError
from acd.rules.calendar import today_in_rome
from acd.rules.load import LoadedRules, read_rules
from acd.runtime import rule_reader
from acd.runtime.rule_reader import RuleReader

DEMO = Path(__file__).resolve().parents[2] / "routing_rules/demo"


class Taker:
    """Keeps what it was given."""

    def __init__(self) -> None:
        self.taken: list[LoadedRules] = []
        self.refused: list[str] = []
        self.news = asyncio.Event()
        self.fails = False

    async def take_rules(self, loaded: LoadedRules) -> None:
        if self.fails:
            raise RuntimeError("no")
        self.taken.append(loaded)

    def refuse_rules(self, why: str) -> None:
        self.refused.append(why)
        self.news.set()


@contextlib.asynccontextmanager
async def reading(folder: Path, *, day_s: float = 3_600.0) -> AsyncIterator[tuple[RuleReader, Taker]]:
    taker = Taker()
    reader = RuleReader(folder, read_rules(folder, today_in_rome()), taker, day_s=day_s)
    task = asyncio.create_task(reader.keep())
    try:
        yield reader, taker
    finally:
        task.cancel()


async def told(taker: Taker) -> str:
    async with asyncio.timeout(20):
        await taker.news.wait()
    taker.news.clear()
    return taker.refused[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "rules"))


def change(folder: Path, old: str, new: str) -> None:
    file = folder / "queues.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


async def test_a_changed_folder_is_taken_when_asked_for_and_not_before(folder: Path):
    async with reading(folder) as (reader, taker):
        change(folder, "threshold_s: 20", "threshold_s: 25")
        await asyncio.sleep(0.05)
        assert not taker.taken
        reader.ask()
        assert await told(taker) == ""
        assert taker.taken[0].rules.queues["generale"].threshold_ms == 25_000


async def test_findings_refuse_the_whole_folder_until_it_is_mended(folder: Path):
    """The first finding with its place stands in the sentence, and how many more there are."""
    async with reading(folder) as (reader, taker):
        change(folder, "threshold_s: 20", "threshold_s: maybe")
        change(folder, "language: de", "language: deutsch")
        reader.ask()
        why = await told(taker)
        assert "queues.yaml:" in why
        assert why.endswith("(and 1 more)")
        assert not taker.taken
        change(folder, "threshold_s: maybe", "threshold_s: 30")
        change(folder, "language: deutsch", "language: de")
        reader.ask()
        assert await told(taker) == ""
        assert len(taker.taken) == 1


async def test_a_folder_that_is_gone_is_a_finding_too(folder: Path):
    async with reading(folder) as (reader, taker):
        shutil.move(folder, folder.with_name("elsewhere"))
        reader.ask()
        assert "no such folder" in await told(taker)


async def test_once_a_day_what_was_read_is_compiled_anew_and_not_what_lies_there(folder: Path):
    """Somebody is in the middle of editing: the calendars go on, the edit waits for its word."""
    async with reading(folder, day_s=0.05) as (_, taker):
        before = read_rules(folder, today_in_rome()).today.rules.revision
        change(folder, "threshold_s: 20", "threshold_s: maybe")
        assert await told(taker) == ""
        assert await told(taker) == ""
        assert {loaded.rules.revision for loaded in taker.taken} == {before}


async def test_a_defect_ends_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Whatever goes wrong is told, and the next word is heard."""
    async with reading(folder) as (reader, taker):
        taker.fails = True
        reader.ask()
        assert "our own defect" in await told(taker)

        def unreadable(*_: object) -> None:
            raise PermissionError(13, "Permission denied", "queues.yaml")

        with monkeypatch.context() as patch:
            patch.setattr(rule_reader, "read_rules", unreadable)
            reader.ask()
            assert await told(taker) == "queues.yaml: Permission denied."
        taker.fails = False
        reader.ask()
        assert await told(taker) == ""


async def test_the_loop_turns_while_rules_are_read(folder: Path):
    """In a thread that gives the interpreter's lock away often; afterwards as usual."""
    usual_s = sys.getswitchinterval()
    async with reading(folder) as (reader, taker):
        reader.ask()
        turns, since = [], time.perf_counter()
        while not taker.news.is_set():
            await asyncio.sleep(0)
            now = time.perf_counter()
            turns.append(now - since)
            since = now
        turns.sort()
        assert len(turns) > 50
        assert turns[len(turns) * 9 // 10] < 0.010
    assert sys.getswitchinterval() == usual_s


def test_what_is_refused_at_the_start_never_gets_here(folder: Path):
    change(folder, "threshold_s: 20", "threshold_s: maybe")
    with pytest.raises(ConfigError):
        read_rules(folder, today_in_rome())
