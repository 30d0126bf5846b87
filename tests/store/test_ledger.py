"""The ledger: each call once, one outcome, no longer than allowed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.errors import RequestError
from acd.store import ledger
from acd.store.sql import open_store
from tests.store.made import DAY_MS, HandClock, call, opened, place


async def test_a_call_comes_back_whole(store):
    """Every field survives, yes, no and nobody said among them."""
    told = [call(1, verified=True, code="solved"), call(2, verified=False), call(3, verified=None)]
    for row in told:
        store.tell_call(row)
    await store.flush()
    assert list(await store.ledger()) == told


async def test_a_call_told_twice_is_counted_once_with_its_first_outcome(store):
    """In one batch, in the next, and in the next process's."""
    first = call(1)
    store.tell_call(first)
    store.tell_call(call(1, outcome="lost"))
    await store.flush()
    store.tell_call(call(1, outcome="abandoned"))
    await store.flush()
    assert await store.ledger() == (first,)


async def test_a_code_said_after_the_end_finds_its_call(store):
    """In the same batch and later; the last one said holds; for a call that is not there it is nothing."""
    store.tell_call(call(1))
    store.tell_code(call(1).call, "solved")
    await store.flush()
    assert (await store.ledger())[0].code == "solved"
    store.tell_code(call(1).call, "back_office")
    store.tell_code(call(1).call, "handed_over")
    store.tell_code("pbx1-9.9", "solved")
    await store.flush()
    assert [row.code for row in await store.ledger()] == ["handed_over"]


@settings(max_examples=15, deadline=None)
@given(
    ends=st.lists(st.integers(0, 6), max_size=12),
    limit=st.integers(1, 5),
    since=st.integers(0, 6),
    until=st.none() | st.integers(0, 7),
)
async def test_pages_put_together_are_the_whole(tmp_path_factory, ends, limit, since, until):
    """No call is shown twice or left out, though many end in the same millisecond."""
    store = await opened(tmp_path_factory.mktemp("ledger") / "acd.db", HandClock(0))
    told = [call(number, ended_ms=end) for number, end in enumerate(ends)]
    seen = []
    try:
        for row in told:
            store.tell_call(row)
        await store.flush()
        after = ""
        while page := await store.ledger(since_ms=since, until_ms=until, after=after, limit=limit):
            assert len(page) <= limit
            seen += page
            after = f"{page[-1].ended_ms}/{page[-1].call}"
    finally:
        await store.close()
    wanted = [row for row in told if since <= row.ended_ms < (99 if until is None else until)]
    assert seen == sorted(wanted, key=lambda row: (row.ended_ms, row.call))


@pytest.mark.parametrize("after", ["x", "12", "-1/a", "1.5/a", "٣/a", "9" * 30 + "/a"])
async def test_a_place_that_is_none_is_refused(store, after):
    """Not guessed at, and not the database's error."""
    with pytest.raises(RequestError, match="is no place in the ledger"):
        await store.ledger(after=after)


async def test_calls_older_than_allowed_are_removed_in_small_steps(file, clock, monkeypatch):
    """Those at the edge stay; what was removed is not to be found in the file."""
    monkeypatch.setattr(ledger, "FORGET_AT_ONCE", 10)
    store = await open_store(place(file), clock)
    edge = clock.ms - 30 * DAY_MS
    for number in range(35):
        store.tell_call(call(number, ended_ms=edge - 1 - number, caller="ab12-" + "f" * 32))
    store.tell_call(call(100, ended_ms=edge))
    await store.flush()
    assert await store.purge("ledger", edge) == 35
    assert [row.call for row in await store.ledger()] == [call(100).call]
    assert await store.purge("ledger", edge) == 0
    await store.close()
    assert b"f" * 32 not in file.read_bytes()
