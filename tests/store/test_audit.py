"""The chain: whole, or broken at a number."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.errors import StoreUnavailable
from acd.store import audit
from acd.store.records import AuditEntry
from acd.store.rows import fit
from tests.store.made import entry, opened


async def written(store, count: int):
    for number in range(1, count + 1):
        store.tell_audit(entry(number))
    await store.flush()


def change(file, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as other, other:
        for statement in statements:
            assert other.execute(statement).rowcount


async def test_entries_stand_in_the_order_they_were_told(store):
    """Asking for the audit writes what is in line first; pages go on after a number."""
    for number in range(1, 8):
        store.tell_audit(entry(number))
    rows = await store.audit(limit=5)
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert [row.entry for row in rows] == [entry(number) for number in range(1, 6)]
    assert [row.seq for row in await store.audit(after=5)] == [6, 7]


async def test_the_chain_goes_on_after_a_restart(store, file):
    """The first of the new process names the last of the old."""
    await written(store, 3)
    head = (await store.verify_audit()).head
    await store.close()
    again = await opened(file)
    again.tell_audit(entry(4))
    last = (await again.audit(after=3))[0]
    verdict = await again.verify_audit()
    await again.close()
    assert last.previous == head
    assert (verdict.entries, verdict.broken_at, verdict.head) == (4, None, last.digest)


async def test_an_empty_chain_is_whole(store):
    """There is nothing that could be broken."""
    verdict = await store.verify_audit()
    assert (verdict.entries, verdict.head, verdict.broken_at) == (0, "", None)


@pytest.mark.parametrize(
    ("statements", "broken_at", "why"),
    [
        (
            ["update audit set entry = replace(entry, 'a0011', 'a0012') where seq = 11"],
            11,
            "not what was written",
        ),
        (["delete from audit where seq = 9"], 9, "entry 9 is missing"),
        (["delete from audit where seq = 1"], 1, "entry 1 is missing"),
        (["update audit set digest = lower(hex(zeroblob(32))) where seq = 20"], 20, "not what was written"),
        (
            [
                "update audit set seq = 99 where seq = 5",
                "update audit set seq = 5 where seq = 6",
                "update audit set seq = 6 where seq = 99",
            ],
            5,
            "does not name the entry before",
        ),
    ],
    ids=["changed", "cut out", "beginning cut off", "digest", "exchanged"],
)
async def test_a_changed_chain_is_broken_at_the_number(store, file, monkeypatch, statements, broken_at, why):
    """Whatever is done to it between two entries, on whatever page it stands."""
    monkeypatch.setattr(audit, "PAGE", 7)
    await written(store, 25)
    assert (await store.verify_audit()).broken_at is None
    change(file, *statements)
    verdict = await store.verify_audit()
    assert verdict.broken_at == broken_at
    assert verdict.entries == broken_at - 1
    assert why in verdict.why


async def test_a_cut_end_shows_by_the_head(store, file):
    """The chain cannot know what followed; whoever wrote the head down can."""
    await written(store, 5)
    head = (await store.verify_audit()).head
    change(file, "delete from audit where seq = 5")
    verdict = await store.verify_audit()
    assert verdict.broken_at is None
    assert verdict.head != head


async def test_an_entry_that_is_none_is_said_when_it_is_read(store, file):
    """Reading does not answer with half of it."""
    await written(store, 2)
    change(file, "update audit set entry = '{}' where seq = 2")
    with pytest.raises(StoreUnavailable, match="holds what no ACD wrote"):
        await store.audit()


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.builds(
            AuditEntry,
            at_ms=st.integers(0, 2**53),
            who=st.text(),
            action=st.text(),
            target=st.text(),
            result=st.text(),
            detail=st.text(),
        ),
        max_size=8,
    )
)
async def test_whatever_is_told_can_be_read_and_verified(tmp_path_factory, told):
    """No text breaks the chain; what no database takes is made fit before it is hashed."""
    store = await opened(tmp_path_factory.mktemp("audit") / "acd.db")
    try:
        for one in told:
            store.tell_audit(one)
        rows = await store.audit()
        verdict = await store.verify_audit()
    finally:
        await store.close()
    assert (verdict.entries, verdict.broken_at) == (len(told), None)
    for row, one in zip(rows, told, strict=True):
        assert row.entry.detail == fit(one.detail)
        assert row.entry.target == fit(one.target)
