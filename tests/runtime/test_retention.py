"""What is older than the profile allows goes by itself, and it is told what went."""

from __future__ import annotations

import asyncio

import pytest

from acd.errors import StoreUnavailable
from acd.rules.privacy import Privacy, Retention
from acd.runtime import retention
from acd.runtime.retention import Removed, deadlines, told
from acd.store.records import AuditEntry

NOW_MS = 1_800_000_000_000
DAY_MS = 86_400_000


class FakeStore:
    """Has so many rows of each kind, and may refuse."""

    def __init__(self) -> None:
        self.rows = {"ledger": 5, "slots": 0, "overrides": 1, "line_checks": 0}
        self.asked: list[tuple[str, int]] = []
        self.broken = ""
        self.told: list[AuditEntry] = []
        self.news: asyncio.Queue[str] = asyncio.Queue()

    async def purge(self, what: str, before_ms: int) -> int:
        if what == self.broken:
            raise StoreUnavailable("The disk is full; make room.")
        self.asked.append((what, before_ms))
        self.news.put_nowait(what)
        found, self.rows[what] = self.rows[what], 0
        return found

    def tell_audit(self, entry: AuditEntry) -> None:
        self.told.append(entry)
        self.news.put_nowait("told")


class Clock:
    """It is always now."""

    def now_ms(self) -> int:
        return NOW_MS


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def job(store):
    job = retention.Retention(store, Clock(), lambda: job.profile, forget)
    job.profile = Privacy(retention=Retention(ledger_days=1, slots_days=2, overrides_days=3, journal_hours=4))
    return job


async def forget(before_ms: int) -> int:
    assert before_ms == NOW_MS - 4 * 3_600_000
    return 2


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture
async def running(job):
    task = asyncio.create_task(job.run())
    await turns()
    yield task
    assert not task.done(), "nothing ends it"
    task.cancel()


async def test_each_kind_goes_by_its_own_time_at_the_start(store, running):
    """Without being asked; kinds and numbers are in the audit, under system."""
    assert store.asked == [
        ("ledger", NOW_MS - DAY_MS),
        ("slots", NOW_MS - 2 * DAY_MS),
        ("overrides", NOW_MS - 3 * DAY_MS),
        ("line_checks", NOW_MS - 90 * DAY_MS),
    ]
    (entry,) = store.told
    assert (entry.who, entry.action, entry.result) == ("system", "privacy.purge", "done")
    assert entry.detail == "ledger 5, overrides 1, journal 2"


async def test_another_profile_is_obeyed_at_once(store, job, running):
    """Not after a day."""
    job.profile = Privacy(retention=Retention(ledger_days=7, journal_hours=4))
    job.ask()
    await turns()
    assert ("ledger", NOW_MS - 7 * DAY_MS) in store.asked


async def test_it_is_done_again_every_day(store, job, monkeypatch):
    """Whether or not anything was found."""
    monkeypatch.setattr(retention, "DAY_S", 0.01)
    task = asyncio.create_task(job.run())
    async with asyncio.timeout(5):
        for _ in range(3):
            while await store.news.get() != "line_checks":
                pass
    task.cancel()
    assert [kind for kind, _ in store.asked].count("ledger") == 3


async def test_a_disk_that_will_not_is_tried_again(store, job, monkeypatch):
    """What went before it failed is told all the same; then the rest goes."""
    monkeypatch.setattr(retention, "AGAIN_S", 0.01)
    store.broken = "slots"
    task = asyncio.create_task(job.run())
    async with asyncio.timeout(5):
        assert [await store.news.get() for _ in range(2)] == ["ledger", "told"]
        assert store.told[0].detail == "ledger 5"
        store.broken = ""
        while await store.news.get() != "told":
            pass
    assert store.told[1].detail == "overrides 1, journal 2"
    task.cancel()


async def test_a_defect_does_not_end_it(store, job, running, monkeypatch):
    """It is tried again, and done when it can be."""
    monkeypatch.setattr(retention, "AGAIN_S", 0.01)
    done = len(store.asked)
    with monkeypatch.context() as broken:
        broken.setattr(store, "purge", None)
        job.ask()
        await turns()
        assert len(store.asked) == done
    async with asyncio.timeout(5):
        while len(store.asked) < done + 4:
            await store.news.get()
    assert [kind for kind, _ in store.asked[done:]] == ["ledger", "slots", "overrides", "line_checks"]


def test_every_kind_has_a_moment():
    """None is forgotten for ever."""
    assert tuple(deadlines(Privacy(), NOW_MS)) == retention.KINDS


def test_what_went_is_told_on_one_line():
    """For the audit."""
    assert told(
        [Removed(kind="ledger", before_ms=1, count=2), Removed(kind="journal", before_ms=1, count=0)]
    ) == ("ledger 2, journal 0")
