"""Revisions, overrides, the transition, line checks, slots: what ops change stays, once and numbered."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from acd.core.ids import AgentId
from acd.errors import Conflict, NotFound, RequestError
from acd.store.records import OverrideMode, RevisionOrigin, SlotKind, SlotPlace
from tests.store.made import NOW_MS, call, line_check, opened, override, revision, slot, step

HOUR_MS = 3_600_000


async def test_a_revision_comes_back_whole_after_a_restart(store, file):
    """Every file to the letter, in whatever script, and the number the store gave it."""
    whole = revision(
        "# Übersicht — può\r\n\ttext: 'Straße'\n",
        origin=RevisionOrigin.ROLLBACK,
        of=7,
        confirm_by_ms=NOW_MS + 5,
    )
    kept = await store.add_revision(whole, expected=0)
    assert kept == msgspec.structs.replace(whole, number=1)
    await store.close()
    again = await opened(file)
    assert await again.revision() == kept
    assert await again.revision(1) == kept
    assert await again.revision(2) is None
    await again.close()


async def test_there_is_no_revision_at_first(store):
    """A new installation is told from one whose newest is the first."""
    assert await store.revision() is None
    assert await store.revisions() == ()


async def test_of_two_who_change_at_once_one_is_told_of_the_other(store):
    """Both read revision 1; the second learns that 2 came between."""
    await store.add_revision(revision(), expected=None)
    said = await asyncio.gather(
        *(store.add_revision(revision(who), expected=1) for who in ("a", "b")), return_exceptions=True
    )
    assert [type(one).__name__ for one in said] in (["Revision", "Conflict"], ["Conflict", "Revision"])
    with pytest.raises(Conflict, match="at revision 2, not 1"):
        await store.add_revision(revision(), expected=1)
    assert [one.number for one in await store.revisions()] == [2, 1]


async def test_history_is_newest_first_and_without_texts(store):
    """A page of it is small, however long the files are."""
    for number in range(4):
        await store.add_revision(revision(reason=f"change {number}"), expected=number)
    page = await store.revisions(limit=2)
    assert [(one.number, one.reason, dict(one.files)) for one in page] == [
        (4, "change 3", {}),
        (3, "change 2", {}),
    ]


async def test_a_confirmed_revision_stays_confirmed(store):
    """The first time counts; one that needs none is left as it is."""
    await store.add_revision(revision(confirm_by_ms=NOW_MS + 100), expected=0)
    assert (await store.confirm_revision(1, NOW_MS + 10)).confirmed_ms == NOW_MS + 10
    assert (await store.confirm_revision(1, NOW_MS + 900)).confirmed_ms == NOW_MS + 10
    await store.add_revision(revision(), expected=1)
    assert (await store.confirm_revision(2, NOW_MS)).confirmed_ms is None


async def test_a_revision_is_not_confirmed_too_late_or_when_another_runs(store):
    """Each with what to do instead."""
    await store.add_revision(revision(confirm_by_ms=NOW_MS + 100), expected=0)
    with pytest.raises(Conflict, match="time to confirm revision 1 is over"):
        await store.confirm_revision(1, NOW_MS + 100)
    with pytest.raises(NotFound, match="no revision 9"):
        await store.confirm_revision(9, NOW_MS)
    await store.add_revision(revision(), expected=1)
    with pytest.raises(Conflict, match="revision 2 came after it"):
        await store.confirm_revision(1, NOW_MS)


async def test_an_override_comes_back_whole_and_is_over_at_its_end(store):
    """Its end belongs to it no more; what is asked of the past shows it."""
    kept = await store.add_override(override("site:roma", ticket="T-12", mode=OverrideMode.FORCED_OFF))
    assert kept.id > 0
    assert await store.overrides(since_ms=kept.until_ms - 1) == (kept,)
    assert await store.overrides(since_ms=kept.until_ms) == ()
    assert await store.overrides() == (kept,)


async def test_an_override_is_ended_once(store):
    """Who ended it first stays, and a person does not end what the clock has ended."""
    one, other = await store.add_override(override()), await store.add_override(override("office:bari"))
    ended = await store.end_override(one.id, NOW_MS + 5, "uid:0")
    assert (ended.ended_ms, ended.ended_by) == (NOW_MS + 5, "uid:0")
    assert await store.end_override(one.id, NOW_MS + 9, "uid:1") == ended
    assert await store.overrides(since_ms=NOW_MS + 5) == (other,)
    assert await store.end_override(other.id, other.until_ms, "uid:1") == other
    with pytest.raises(NotFound, match="no override 99"):
        await store.end_override(99, NOW_MS, "uid:0")


async def test_the_transition_is_the_newest_of_its_steps(store):
    """Two who press 'next' at once take one step, not two."""
    assert await store.transitions() == ()
    first = await store.add_transition(step(), expected=0)
    assert first.number == 1
    second = await store.add_transition(step("next", step=1, automatic=True), expected=1)
    with pytest.raises(Conflict, match="at step 2, not 1: somebody has moved it"):
        await store.add_transition(step("next", step=1), expected=1)
    assert await store.transitions() == (second, first)
    assert await store.transitions(limit=1) == (second,)


async def test_the_newest_check_of_a_number_counts(store):
    """Of a rehearsal and the one before, and of two in one."""
    await store.put_line_checks(
        [line_check(result="busy"), line_check(number="2"), line_check("agrigento", detail="via carrier")]
    )
    await store.put_line_checks([line_check(result="failed"), line_check(at_ms=NOW_MS + 1)])
    await store.put_line_checks([])
    found = await store.line_checks()
    assert [(one.office, one.number, one.result) for one in found] == [
        ("agrigento", "0805550001", "pressed"),
        ("bari", "0805550001", "pressed"),
        ("bari", "2", "pressed"),
    ]
    assert found[1].at_ms == NOW_MS + 1


async def test_a_slot_comes_back_whole(store):
    """One's own, or all for the machine; those that overlap the time asked for."""
    mine = await store.add_slot(slot(kind=SlotKind.HOLIDAY, place=SlotPlace.HOME))
    theirs = await store.add_slot(slot("a0002", from_ms=NOW_MS - HOUR_MS, until_ms=NOW_MS))
    assert await store.slots() == (theirs, mine)
    assert await store.slots(agent=AgentId("a0001")) == (mine,)
    assert await store.slots(since_ms=NOW_MS) == (mine,)
    assert await store.slots(until_ms=NOW_MS) == (theirs,)


async def test_a_slot_is_withdrawn_and_confirmed_once(store):
    """The first opt-out and the first confirmation stay."""
    kept = await store.add_slot(slot())
    assert (await store.withdraw_slot(kept.id, NOW_MS + 5)).withdrawn_ms == NOW_MS + 5
    assert (await store.withdraw_slot(kept.id, NOW_MS + 9)).withdrawn_ms == NOW_MS + 5
    assert (await store.confirm_slot(kept.id, NOW_MS + 7)).confirmed_ms == NOW_MS + 7
    assert (await store.confirm_slot(kept.id, NOW_MS + 8)).confirmed_ms == NOW_MS + 7
    for ask in (store.withdraw_slot, store.confirm_slot):
        with pytest.raises(NotFound, match="no slot 99"):
            await ask(99, NOW_MS)


async def test_what_is_older_is_purged_and_its_number_not_given_again(store):
    """Those at the edge stay; an id in the audit never means another thing later."""
    old = await store.add_override(override(until_ms=NOW_MS - 1))
    ended = await store.add_override(override())
    await store.end_override(ended.id, NOW_MS - 1, "uid:0")
    assert await store.purge("overrides", NOW_MS) == 2
    assert await store.overrides() == ()
    assert (await store.add_override(override())).id > max(old.id, ended.id)

    gone = await store.add_slot(slot(until_ms=NOW_MS - 1))
    assert await store.purge("slots", NOW_MS) == 1
    stays = await store.add_slot(slot(until_ms=NOW_MS))
    assert stays.id > gone.id
    assert await store.purge("slots", NOW_MS) == 0

    await store.put_line_checks([line_check(at_ms=NOW_MS - 1), line_check("roma")])
    assert await store.purge("line_checks", NOW_MS) == 1

    for number in range(3):
        store.tell_call(call(number, ended_ms=NOW_MS - 2 + number))
    await store.flush()
    assert await store.purge("ledger", NOW_MS) == 2


async def test_only_what_is_kept_for_a_time_is_purged(store):
    """The audit is for ever, and so are revisions."""
    for what in ("audit", "revisions", "agents"):
        with pytest.raises(RequestError, match="is not kept for a time; it is one of ledger, slots"):
            await store.purge(what, NOW_MS)
