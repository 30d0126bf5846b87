"""The bounds that the rest counts on, on the disk at hand; the best of three, as neighbours are many."""

from __future__ import annotations

import time

from acd.core.facts import Session
from acd.core.policy import RosterChange
from tests.store.made import call, people

EVERYBODY = people(3_100)


async def test_everybody_is_put_in_within_a_second(store):
    """The day everybody changes employer."""
    took = []
    for _ in range(3):
        began = time.perf_counter()
        await store.change_roster(RosterChange(upserts=EVERYBODY))
        took.append(time.perf_counter() - began)
    assert min(took) < 1.0


async def test_everybody_logs_in_and_nobody_waits_for_the_disk(store):
    """Telling 3,100 logins takes under 20 ms of the loop; within a second they are on disk."""
    told, there = [], []
    for turn in range(3):
        began = time.perf_counter()
        for one in EVERYBODY:
            store.tell_session(one.id, Session(agent=one.id, phone=f"p{turn}"))
        told.append(time.perf_counter() - began)
        await store.flush()
        there.append(time.perf_counter() - began)
    assert min(told) < 0.020
    assert min(there) < 1.0


async def test_the_ledger_takes_ten_times_the_bad_day(store):
    """100 calls a second are the worst; a second's worth of ten such days is written within a second."""
    took = []
    for turn in range(3):
        began = time.perf_counter()
        for number in range(1_000):
            store.tell_call(call(1_000 * turn + number))
        await store.flush()
        took.append(time.perf_counter() - began)
    assert min(took) < 1.0
