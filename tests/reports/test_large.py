"""Many calls: the memory of a report depends on what it shows, and the loop goes on meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
import tracemalloc

import msgspec
import pytest

from acd.reports import Kind, make_report
from acd.store.records import LedgerRow
from tests.reports.made import CALLS, MONDAY, given, rome
from tests.reports.test_making import asked
from tests.store.made import opened

CALLS_COUNT = 60_000
PEAK_BYTES_MAX = 12_000_000
TURN_S_MAX = 0.05
COLUMNS = LedgerRow.__struct_fields__


@pytest.fixture
async def large(tmp_path):
    """60,000 calls of a week, put in beside the store."""
    store = await opened(tmp_path / "acd.db")
    places = ", ".join("?" * len(COLUMNS))
    week = 7 * 86_400_000
    first = rome(MONDAY)

    def rows():
        for number in range(CALLS_COUNT):
            like = msgspec.structs.asdict(CALLS[number % 9])
            at = first + number * week // CALLS_COUNT
            like |= {"call": f"x{number}", "entered_ms": at, "ended_ms": at + 60_000}
            yield tuple(like[name] for name in COLUMNS)

    with contextlib.closing(sqlite3.connect(tmp_path / "acd.db")) as connection:
        connection.executemany(f"INSERT INTO ledger ({', '.join(COLUMNS)}) VALUES ({places})", rows())
        connection.commit()
    yield store
    await store.close()


@pytest.mark.parametrize("kind", Kind)
async def test_a_report_of_many_calls_takes_little_memory_and_holds_no_loop(large, kind):
    """Python holds sums, not calls; no turn of the loop takes longer than 50 ms of processor."""
    turns = []

    async def watch() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.001)
            turns.append(time.thread_time() - before)

    watching = asyncio.create_task(watch())
    tracemalloc.start()
    try:
        report = await make_report(large, asked(kind, MONDAY, "2026-03-08"), given())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        watching.cancel()
    assert report.total.counts.offered == CALLS_COUNT
    assert peak < PEAK_BYTES_MAX
    assert max(turns) < TURN_S_MAX
