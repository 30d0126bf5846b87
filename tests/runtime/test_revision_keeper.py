"""The configuration changed while calls are routed: whole or not at all, kept, undone in time."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from acd.core.ids import OfficeId, QueueId
from acd.core.views import OfficeView, QueueView
from acd.errors import ConfigError, Conflict, NotFound, StoreUnavailable
from acd.revisions import starting
from acd.revisions.configuration import Configuration
from acd.revisions.refusals import Guarded, Stale
from acd.revisions.starting import Started, start
from acd.revisions.wishes import Wish
from acd.rules.privacy import Privacy
from acd.runtime import revision_keeper
from acd.runtime.revision_keeper import RevisionKeeper
from acd.store.records import RevisionOrigin, RosterState
from tests.revisions.made import NOW_MS, TODAY, Places, people
from tests.store.made import HandClock, revision
from tests.web.small_store import SmallStore

OFF = ("fallback.yaml", "roma: {mode: auto}", 'roma: {mode: forced_off, reason: "the line is down"}')
"""Half of the demo's offices."""


class SmallCentre:
    """Keeps what it was given."""

    def __init__(self, store: SmallStore | None) -> None:
        self.clock = HandClock(NOW_MS)
        self.small_store = store
        self.taken: list[Configuration] = []
        self.refused: list[str] = []
        self.news = asyncio.Event()
        self.fails = False
        self.breaker = "closed"

    async def take_configuration(self, configuration: Configuration) -> None:
        if self.fails:
            raise RuntimeError("no")
        self.taken.append(configuration)
        self.news.set()

    def refuse_rules(self, why: str) -> None:
        self.refused.append(why)
        self.news.set()

    def store(self) -> SmallStore | None:
        return self.small_store

    def roster(self) -> RosterState:
        return RosterState(revision=1, roster=people())

    def queues(self) -> tuple[QueueView, ...]:
        counts = dict.fromkeys(QueueView.__struct_fields__, 0)
        given = {**counts, "id": QueueId("generale"), "name": "Generale", "waiting": 4, "offered_now": 1}
        return (QueueView(**given),)

    def offices(self) -> tuple[OfficeView, ...]:
        view = OfficeView(
            id=OfficeId("bolzano"), name="", province="BZ", capacity=1, in_use=0, breaker=self.breaker
        )
        return (view,)

    def privacy(self) -> Privacy:
        return Privacy()


class Kept:
    """A keeper with all that is around it."""

    def __init__(self, places: Places, store: SmallStore | None, started: Started, **more) -> None:
        self.places = places
        self.store = store
        self.centre = SmallCentre(store)
        self.clock = self.centre.clock
        self.keeper = RevisionKeeper(places, started, self.centre, today=lambda: TODAY, **more)

    def kept(self) -> list[tuple[int, str, int | None]]:
        return [(one.number, one.origin.value, one.of) for one in self.store.kept_revisions]

    def ring_s(self) -> int:
        return self.keeper.configuration.read.today.rules.queues["generale"].ring_s

    def said(self) -> list[tuple[str, str]]:
        return [(entry.who, entry.action) for entry in self.store.entries]

    async def told(self) -> str:
        """Wait for what `refuse_rules` says next."""
        async with asyncio.timeout(20):
            while not self.centre.refused:
                self.centre.news.clear()
                await self.centre.news.wait()
        return self.centre.refused.pop(0)

    async def number(self, wanted: int) -> None:
        """Wait until this revision runs."""
        await until(lambda: self.keeper.number == wanted)


async def until(comes_true: Callable[[], bool]) -> None:
    """Look often; nobody tells of what the keeper does by itself."""
    async with asyncio.timeout(20):
        while not comes_true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def wish(**fields) -> Wish:
    return Wish(author="token:desk", **fields)


async def made(places: Places, store: SmallStore | None = None, **more) -> Kept:
    store = store or SmallStore()
    return Kept(places, store, await start(places, store, NOW_MS, TODAY), **more)


@contextlib.asynccontextmanager
async def keeping(kept: Kept) -> AsyncIterator[Kept]:
    task = asyncio.create_task(kept.keeper.keep())
    try:
        yield kept
    finally:
        task.cancel()


@pytest.fixture
def places(tmp_path):
    return Places(tmp_path)


# ── applied ──────────────────────────────────────────────────────────────────────────────────


async def test_changed_files_become_the_next_revision_and_are_in_force(places):
    """With who said so, why, and what lay on the disk."""
    kept = await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    standing = await kept.keeper.apply(wish(reason="longer rings"))
    assert kept.kept() == [(1, "start", None), (2, "apply", None)]
    newest = kept.store.kept_revisions[-1]
    assert (newest.author, newest.reason) == ("token:desk", "longer rings")
    assert newest.digest == newest.disk_digest == standing.digest == kept.keeper.configuration.digest
    assert "ring_s: 20" in newest.files["rules/queues.yaml"]
    assert kept.ring_s() == 20
    assert kept.centre.taken == [kept.keeper.configuration]
    assert standing.revision is not None
    assert standing.revision.files == {}, "who asks is not sent all texts"


async def test_nothing_is_made_of_files_that_are_what_runs(places):
    """SIGHUP twice is one revision."""
    kept = await made(places)
    assert (await kept.keeper.apply(wish())).number == 1
    assert kept.kept() == [(1, "start", None)]
    assert kept.centre.taken == []


async def test_a_mistake_changes_nothing_and_is_visible_until_it_is_mended(places):
    """Every finding to who asks; the first, and how many more, to everybody."""
    kept = await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
    places.change("queues.yaml", "language: de", "language: deutsch")
    with pytest.raises(ConfigError) as caught:
        await kept.keeper.apply(wish())
    assert len(caught.value.findings) == 2
    assert kept.centre.refused[-1].endswith("(and 1 more)")
    assert "queues.yaml:" in kept.keeper.standing().refused
    assert (kept.kept(), kept.centre.taken) == ([(1, "start", None)], [])
    places.change("queues.yaml", "ring_s: soon", "ring_s: 15")
    places.change("queues.yaml", "language: deutsch", "language: de")
    await kept.keeper.apply(wish())
    assert kept.centre.refused[-1] == ""
    assert kept.keeper.standing().refused == ""


async def test_a_case_that_does_not_hold_is_a_mistake(places):
    """What `acd check` refuses is not applied."""
    kept = await made(places)
    places.change("queues.yaml", "after_s: 20, offices: [roma, bolzano]", "after_s: 25, offices: [bolzano]")
    with pytest.raises(ConfigError, match=r"prova\.yaml"):
        await kept.keeper.apply(wish())


async def test_a_guard_refuses_and_is_overruled_with_a_reason_alone(places):
    """The sentence says what would happen; --force without a reason of ten characters is no force."""
    kept = await made(places)
    places.change(*OFF)
    with pytest.raises(
        Guarded, match=r"Refused, and nothing was changed: 1 of 2 offices would close \(roma\)"
    ):
        await kept.keeper.apply(wish(reason="the line is down"))
    with pytest.raises(Guarded, match=r"Rifiutato, nulla è cambiato: chiuderebbero 1 uffici su 2"):
        await kept.keeper.apply(wish(lang="it"))
    for reason in ("", "too short", "  short   "):
        with pytest.raises(Guarded, match="reason of at least 10 characters"):
            await kept.keeper.apply(wish(force=True, reason=reason))
    assert kept.kept() == [(1, "start", None)]
    assert kept.keeper.standing().refused.startswith("1 of 2 offices would close"), "in one language for all"
    await kept.keeper.apply(wish(force=True, reason="the carrier asked us"))
    assert kept.keeper.number == 2
    assert kept.keeper.standing().refused == ""


async def test_a_breaker_and_a_rehearsal_are_known_to_the_guards(places):
    """What the running ACD knows of a line."""
    kept = await made(places)
    kept.centre.breaker = "open"
    places.change("queues.yaml", "after_s: 40, offices: [roma]", "after_s: 40, offices: [roma, bolzano]")
    with pytest.raises(Guarded, match="'bolzano' cannot be reached"):
        await kept.keeper.apply(wish())
    kept.centre.breaker = "half_open"
    await kept.keeper.apply(wish())


async def test_who_looked_at_another_revision_changes_nothing(places):
    """Two people at once: the second learns of the first."""
    kept = await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    looked = await kept.keeper.propose()
    await kept.keeper.apply(wish(expected=1, digest=looked.digest))
    places.change("queues.yaml", "ring_s: 20", "ring_s: 25")
    for call in (kept.keeper.apply(wish(expected=1)), kept.keeper.rollback(1, wish(expected=1))):
        with pytest.raises(Stale, match="at revision 2, not 1"):
            await call
    with pytest.raises(Stale, match="files on the disk have changed since you looked"):
        await kept.keeper.apply(wish(expected=2, digest=looked.digest))
    assert kept.keeper.number == 2


async def test_a_full_disk_changes_nothing(places):
    """What is not kept is not in force."""
    kept = await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    kept.store.broken = True
    with pytest.raises(StoreUnavailable):
        await kept.keeper.apply(wish())
    assert (kept.ring_s(), kept.centre.taken) == (15, [])
    kept.store.broken = False
    await kept.keeper.apply(wish())
    assert kept.ring_s() == 20


async def test_a_revision_that_came_late_is_found_and_put_in_force(places):
    """A slow disk kept what we had said it would not: the next who asks is refused, and all is one again."""
    kept = await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    late = places.read()
    await kept.store.add_revision(
        revision(number=0, files=late.documents.files(), digest=late.digest), expected=None
    )
    places.change("queues.yaml", "ring_s: 20", "ring_s: 25")
    with pytest.raises(Stale):
        await kept.keeper.apply(wish())
    assert (kept.keeper.number, kept.ring_s()) == (2, 20)
    await kept.keeper.apply(wish())
    assert (kept.keeper.number, kept.ring_s()) == (3, 25)


async def test_without_a_store_files_are_applied_and_nothing_is_kept(places):
    """A trial: no history, nothing to confirm or to go back to."""
    started = await start(places, None, NOW_MS, TODAY)
    kept = Kept(places, None, started)
    assert started.revision is None
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    standing = await kept.keeper.apply(wish())
    assert (standing.number, kept.ring_s()) == (0, 20)
    places.change("queues.yaml", "ring_s: 20", "ring_s: 25")
    for call in (
        kept.keeper.apply(wish(confirm_within_ms=1_000)),
        kept.keeper.confirm(wish()),
        kept.keeper.rollback(1, wish()),
        kept.keeper.propose(1),
    ):
        with pytest.raises(StoreUnavailable, match="without a store"):
            await call
    assert kept.ring_s() == 20


# ── compared ─────────────────────────────────────────────────────────────────────────────────


async def test_a_proposal_says_what_changes_for_whom_and_what_speaks_against_it(places):
    """And changes nothing."""
    kept = await made(places)
    places.change(*OFF)
    found = await kept.keeper.propose()
    assert [change.loc for change in found.changes] == [
        ("offices", "roma", "mode"),
        ("offices", "roma", "reason"),
    ]
    assert {one.queue: one.waiting for one in found.touched}["generale"] == 5
    assert [one.guard for one in found.objections] == ["closes"]
    assert (found.revision, found.findings, kept.keeper.number) == (1, (), 1)
    places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
    broken = await kept.keeper.propose()
    assert len(broken.findings) == 1
    assert broken.changes == ()
    assert kept.keeper.standing().refused == "", "looking is no attempt"


async def test_an_earlier_revision_is_compared_as_going_back_to_it_would(places):
    """Whatever lies on the disk."""
    kept = await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    await kept.keeper.apply(wish())
    (change,) = (await kept.keeper.propose(1)).changes
    assert (change.before, change.after) == (20, 15)
    with pytest.raises(NotFound, match="no revision 9"):
        await kept.keeper.propose(9)


# ── rolled back ──────────────────────────────────────────────────────────────────────────────


async def test_going_back_is_a_new_revision_that_a_restart_keeps(places):
    """The files on the disk still say otherwise, and do not come back by themselves."""
    kept = await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    await kept.keeper.apply(wish())
    await kept.keeper.rollback(1, wish(reason="it was too long"))
    assert kept.kept()[-1] == (3, "rollback", 1)
    assert kept.ring_s() == 15
    assert await kept.keeper.disk_differs()
    again = await made(places, kept.store)
    assert (again.keeper.number, again.ring_s()) == (3, 15)
    places.change("queues.yaml", "ring_s: 20", "ring_s: 25")
    later = await made(places, kept.store)
    assert (later.keeper.number, later.ring_s()) == (4, 25)


async def test_going_back_to_what_runs_is_refused(places):
    """It would say nothing."""
    kept = await made(places)
    with pytest.raises(Conflict, match="Revision 1 says the same as what runs"):
        await kept.keeper.rollback(1, wish())
    with pytest.raises(NotFound, match="no revision 7"):
        await kept.keeper.rollback(7, wish())


async def test_the_guards_look_at_going_back_too(places):
    """What was right then may close offices now."""
    places.change(*OFF)
    kept = await made(places)
    places.change("fallback.yaml", "forced_off", "auto")
    places.change("fallback.yaml", ', reason: "the line is down"', "")
    await kept.keeper.apply(wish())
    with pytest.raises(Guarded):
        await kept.keeper.rollback(1, wish())
    await kept.keeper.rollback(1, wish(force=True, reason="as agreed with Rome"))
    assert kept.kept()[-1] == (3, "rollback", 1)


async def test_a_revision_that_this_version_cannot_read_is_refused(places):
    """With its number in each finding; what runs stays."""
    kept = await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    await kept.keeper.apply(wish())
    first = kept.store.kept_revisions[0]
    kept.store.kept_revisions[0] = msgspec.structs.replace(first, files={"rules/queues.yaml": "queues: {}"})
    with pytest.raises(ConfigError, match="revision 1: rules/"):
        await kept.keeper.rollback(1, wish())
    assert kept.ring_s() == 20


# ── to be confirmed ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def quick(monkeypatch):
    """A keeper that looks often."""
    monkeypatch.setattr(revision_keeper, "LOOK_S", 0.01)
    monkeypatch.setattr(revision_keeper, "RETRY_S", 0.05)


async def waiting(places: Places) -> Kept:
    """Revision 2 waits to be confirmed for a minute."""
    kept = await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    await kept.keeper.apply(wish(confirm_within_ms=60_000))
    return kept


async def test_what_nobody_confirms_is_undone_and_stays_so(places, quick):
    """A new revision by the system, audited; the files on the disk do not come back by a restart."""
    async with keeping(await waiting(places)) as kept:
        assert kept.keeper.confirm_by_ms == NOW_MS + 60_000
        kept.clock.ms += 59_999
        await asyncio.sleep(0.1)
        assert kept.keeper.number == 2
        kept.clock.ms += 1
        await kept.number(3)
    assert kept.kept()[-1] == (3, "undo", 1)
    assert (kept.ring_s(), kept.keeper.confirm_by_ms) == (15, None)
    assert ("system", "config.undo") in kept.said()
    again = await made(places, kept.store)
    assert (again.keeper.number, again.ring_s()) == (3, 15)


async def test_what_is_confirmed_stays(places, quick):
    """However long after."""
    async with keeping(await waiting(places)) as kept:
        kept.clock.ms += 59_999
        standing = await kept.keeper.confirm(wish(expected=2))
        assert standing.revision is not None
        assert standing.revision.confirmed_ms == kept.clock.ms
        kept.clock.ms += 3_600_000
        await asyncio.sleep(0.1)
        assert (kept.keeper.number, kept.keeper.confirm_by_ms) == (2, None)


async def test_the_undoing_happens_across_a_restart(places):
    """The time ran out while the ACD was down."""
    kept = await waiting(places)
    started = await start(places, kept.store, NOW_MS + 60_000, TODAY)
    assert started.revision is not None
    assert (started.revision.number, started.revision.origin, started.revision.of) == (
        3,
        RevisionOrigin.UNDO,
        1,
    )
    assert started.configuration.read.today.rules.queues["generale"].ring_s == 15
    assert kept.said()[-1] == ("system", "config.undo")


async def test_a_restart_in_time_goes_on_waiting(places, quick):
    """With what was applied, and files edited besides are left for later."""
    kept = await waiting(places)
    places.change("queues.yaml", "ring_s: 20", "ring_s: 25")
    again = await made(places, kept.store)
    assert (again.keeper.number, again.ring_s()) == (2, 20)
    again.clock.ms = NOW_MS + 60_000
    async with keeping(again):
        await again.number(3)
    assert again.ring_s() == 15


async def test_no_second_change_while_one_waits(places):
    """Or it would confirm the first by the way; going back is always open."""
    kept = await waiting(places)
    places.change("queues.yaml", "ring_s: 20", "ring_s: 25")
    for more in ({}, {"force": True, "reason": "I know what I do"}):
        with pytest.raises(Conflict, match="Revision 2 waits to be confirmed"):
            await kept.keeper.apply(wish(**more))
    await kept.keeper.rollback(1, wish())
    assert (kept.keeper.number, kept.ring_s(), kept.keeper.confirm_by_ms) == (3, 15, None)
    await kept.keeper.apply(wish())
    assert kept.ring_s() == 25


async def test_too_late_is_too_late(places):
    """The time is over though nobody has undone it yet."""
    kept = await waiting(places)
    kept.clock.ms += 60_000
    with pytest.raises(Conflict):
        await kept.keeper.confirm(wish())


async def test_what_was_not_confirmed_is_out_of_force_even_if_the_disk_is_full(places, quick):
    """And is written down as soon as the store takes it."""
    async with keeping(await waiting(places)) as kept:
        add = kept.store.add_revision

        async def full(*_: object, **__: object) -> None:
            raise StoreUnavailable("The disk is full; make room.")

        kept.store.add_revision = full
        kept.clock.ms += 60_000
        await until(lambda: kept.ring_s() == 15)
        assert kept.keeper.number == 2
        kept.store.add_revision = add
        await kept.number(3)
    assert kept.kept()[-1] == (3, "undo", 1)


# ── started ──────────────────────────────────────────────────────────────────────────────────


async def test_files_that_changed_before_a_start_become_a_revision(places):
    """Audited, as by the system."""
    store = (await made(places)).store
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    kept = await made(places, store)
    assert kept.kept() == [(1, "start", None), (2, "start", None)]
    assert kept.ring_s() == 20
    assert [entry.target for entry in store.entries if entry.action == "config.start"] == [
        "revision 1",
        "revision 2",
    ]


@pytest.mark.parametrize(
    "broken", [("queues.yaml", "ring_s: 15", "ring_s: soon"), OFF], ids=["mistake", "guard"]
)
async def test_broken_files_keep_nothing_from_starting(places, broken):
    """The last good revision runs, and everybody sees why."""
    store = (await made(places)).store
    places.change(*broken)
    kept = await made(places, store)
    assert (kept.keeper.number, kept.ring_s()) == (1, 15)
    assert kept.centre.refused[-1] != ""
    assert kept.keeper.standing().refused == kept.centre.refused[-1]


@pytest.mark.parametrize("first", [True, False], ids=["first start", "later"])
async def test_a_full_disk_keeps_nothing_from_starting(places, first):
    """The newest revision runs; where there is none, the files, kept as soon as they are applied."""
    store = SmallStore() if first else (await made(places)).store
    if not first:
        places.change("queues.yaml", "ring_s: 15", "ring_s: 20")

    async def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("The disk is full; make room.")

    store.add_revision, add = full, store.add_revision
    kept = await made(places, store)
    assert (kept.keeper.number, kept.ring_s()) == (0 if first else 1, 15)
    assert "The disk is full" in kept.keeper.standing().refused
    store.add_revision = add
    await kept.keeper.apply(wish())
    assert kept.keeper.number == (1 if first else 2)
    assert kept.keeper.standing().refused == ""


async def test_a_full_disk_does_not_bring_back_what_nobody_confirmed(places, quick):
    """The time ran out while the ACD was down: out of force at once, written down when there is room."""
    store = (await waiting(places)).store

    async def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("The disk is full; make room.")

    store.add_revision, add = full, store.add_revision
    kept = Kept(places, store, await start(places, store, NOW_MS + 60_000, TODAY))
    kept.clock.ms += 60_000
    assert (kept.keeper.number, kept.ring_s()) == (2, 15)
    store.add_revision = add
    async with keeping(kept):
        await kept.number(3)
    assert (kept.kept()[-1], kept.ring_s()) == ((3, "undo", 1), 15)


async def test_files_that_are_gone_keep_nothing_from_starting(places):
    """Not even the folder is needed."""
    store = (await made(places)).store
    shutil.rmtree(places.rules)
    places.fallback.unlink()
    kept = await made(places, store)
    assert kept.keeper.number == 1
    assert "no such folder" in kept.keeper.standing().refused


async def test_the_very_first_start_needs_good_files(places):
    """There is nothing else to run; a case that does not hold is no reason to route nobody."""
    places.change("queues.yaml", "after_s: 20, offices: [roma, bolzano]", "after_s: 25, offices: [bolzano]")
    await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
    store = SmallStore()
    with pytest.raises(ConfigError):
        await start(places, store, NOW_MS, TODAY)
    assert store.kept_revisions == []


async def test_a_revision_of_another_version_gives_way_to_good_files(places):
    """After an update of the ACD that reads files otherwise; and if these will not do either, all is told."""
    store = (await made(places)).store
    first = store.kept_revisions[0]
    old = first.files | {"rules/queues.yaml": "queues: {}\n"}
    store.kept_revisions[0] = msgspec.structs.replace(first, files=old)
    kept = await made(places, store)
    assert kept.kept()[-1] == (2, "start", None)
    store.kept_revisions[1:] = []
    places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
    with pytest.raises(ConfigError) as caught:
        await start(places, store, NOW_MS, TODAY)
    told = "\n".join(caught.value.findings)
    assert "revision 1: rules/queues.yaml" in told
    assert f"{places.file('queues.yaml')}:" in told


async def test_at_rest_nothing_is_made(places):
    """The command looks at what would run, while no ACD does."""
    store = SmallStore()
    assert (await starting.present(places, store, TODAY)).revision is None
    assert store.kept_revisions == []
    store = (await made(places)).store
    places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
    found = await starting.present(places, store, TODAY)
    assert found.revision is not None
    assert found.configuration.read.today.rules.queues["generale"].ring_s == 15


# ── by the signal, by the day ────────────────────────────────────────────────────────────────


async def test_the_signal_applies_and_not_before(places):
    """Audited as what it is: nobody is known by it."""
    async with keeping(await made(places)) as kept:
        places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
        await asyncio.sleep(0.05)
        assert kept.keeper.number == 1
        kept.keeper.ask()
        await kept.number(2)
        assert await kept.told() == ""
        assert kept.said()[-1] == ("signal", "config.apply")
        places.change("queues.yaml", "ring_s: 20", "ring_s: soon")
        kept.keeper.ask()
        assert "queues.yaml:" in await kept.told()
        assert kept.store.entries[-1].result == "refused"
        assert kept.keeper.number == 2


async def test_once_a_day_what_runs_is_compiled_anew_and_not_what_lies_there(places):
    """Somebody is in the middle of editing: the calendars go on, the edit waits for its word."""
    async with keeping(await made(places, day_s=0.05)) as kept:
        places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
        await until(lambda: len(kept.centre.taken) >= 2)
        assert {one.read.today.rules.queues["generale"].ring_s for one in kept.centre.taken} == {15}
        assert kept.kept() == [(1, "start", None)]


async def test_a_new_day_reads_the_calendars_from_that_day_on(places):
    """The next 400 days are known, not those of the start."""
    kept = await made(places, day_s=0.05)
    days = iter([TODAY.replace(day=3), *[TODAY.replace(day=4)] * 1_000])
    kept.keeper._today = lambda: next(days)
    async with keeping(kept):
        await until(lambda: len(kept.centre.taken) >= 2)
    assert kept.centre.taken[0].read.day == TODAY.replace(day=3)
    assert kept.centre.taken[1].read.day == TODAY.replace(day=4)


async def test_a_defect_ends_nothing(places):
    """Whatever goes wrong is told, and the next word is heard."""
    async with keeping(await made(places)) as kept:
        kept.centre.fails = True
        places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
        kept.keeper.ask()
        assert "our own defect" in await kept.told()
        kept.centre.fails = False
        kept.store.broken = True
        places.change("queues.yaml", "ring_s: 20", "ring_s: 25")
        kept.keeper.ask()
        assert await kept.told() == "The disk is full; make room."
        kept.store.broken = False
        kept.keeper.ask()
        assert await kept.told() == ""
        assert kept.ring_s() == 25


async def test_the_loop_turns_while_files_are_read(places):
    """In a thread that gives the interpreter's lock away often; afterwards as usual."""
    usual_s = sys.getswitchinterval()
    kept = await made(places)
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    applying = asyncio.create_task(kept.keeper.apply(wish()))
    turns, since = [], time.perf_counter()
    while not applying.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        turns.append(now - since)
        since = now
    turns.sort()
    assert len(turns) > 50
    assert turns[len(turns) * 9 // 10] < 0.010
    assert sys.getswitchinterval() == usual_s
