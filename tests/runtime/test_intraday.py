"""The numbers of the day: exact, nothing twice, nothing lost, whatever restarts and midnights there are."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acd.core.facts import CallSeen, DeadlineReached, NodeResynced, Stage
from acd.core.ids import CallId, NodeId, QueueId
from acd.core.notes import (
    CallAnswered,
    CallFinished,
    CallOffered,
    MenuLeft,
    Outcome,
    Path,
    ServiceLevel,
    ServiceLevelCounted,
)
from acd.figures.counts import Counts, total
from acd.figures.days import HALF_HOUR_MS, MENU, MINUTE_MS, ROME, midnight_before
from acd.runtime.intraday import IntradayCounters
from acd.store.records import Intraday, Span
from acd.store.sql import SqlStore
from tests.runtime.counting_until_killed import TALKS
from tests.store.made import HandClock, opened

QUEUES = (QueueId("generale"), QueueId("pensioni"))
NODES = (NodeId("ast1"), NodeId("ast2"))


def at(text: str) -> int:
    """Milliseconds of a local time in Rome."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ROME).timestamp() * 1000)


def hear(counters: IntradayCounters, *notes) -> None:
    """Let it hear the notes of one fact."""
    counters.observe(DeadlineReached(), (), notes, 0.0)


def offered(call: str, queue: str = "generale", node: str = "ast1", **more) -> CallOffered:
    return CallOffered(call=CallId(call), queue=QueueId(queue), node=node, **more)


def level(call: str, result: ServiceLevel, queue: str = "generale") -> ServiceLevelCounted:
    return ServiceLevelCounted(call=CallId(call), queue=QueueId(queue), result=result)


def answered(call: str, wait_ms: int, path: Path = Path.PRIMARY, queue: str = "generale") -> CallAnswered:
    return CallAnswered(call=CallId(call), queue=QueueId(queue), wait_ms=wait_ms, path=path)


def finished(call: str, outcome: Outcome, queue: str = "generale", **more) -> CallFinished:
    given = {"path": Path.PRIMARY, "wait_ms": 0} | more
    return CallFinished(call=CallId(call), queue=QueueId(queue), outcome=outcome, **given)


def resynced(*calls: str, node: str = "ast1") -> NodeResynced:
    seen = (CallSeen(call=CallId(c), queue="generale", entered_ms=0, stage=Stage.HOLDING) for c in calls)
    return NodeResynced(node=NodeId(node), calls=tuple(seen))


def today(counters: IntradayCounters, queue: str = "generale") -> Counts:
    return counters.today(QUEUES)[QueueId(queue)].today


# ── one call ─────────────────────────────────────────────────────────────────────────────────


def test_each_event_is_counted_when_it_happens():
    """Offered in one half hour, missed and answered in the next, ended in a third."""
    clock = HandClock(at("2022-12-01T09:29:50"))
    counters = IntradayCounters(clock)
    hear(counters, offered("1"))
    clock.ms += 20_000
    hear(counters, level("1", ServiceLevel.MISSED))
    clock.ms += 40_000
    hear(counters, answered("1", 60_000, Path.FALLBACK))
    clock.ms = at("2022-12-01T10:00")
    hear(counters, finished("1", Outcome.ANSWERED, handle_ms=1_749_000))
    day = counters.today(QUEUES)[QUEUES[0]]
    assert day.began_ms == at("2022-12-01T00:00")
    assert day.half_hours == {
        at("2022-12-01T09:00"): Counts(offered=1),
        at("2022-12-01T09:30"): Counts(
            missed=1, answered=1, answered_by_offices=1, answered_late=1, wait_answered_ms=60_000
        ),
        at("2022-12-01T10:00"): Counts(ended=1, handled=1, handle_ms=1_749_000),
    }
    assert day.today == total(day.half_hours.values())


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.ABANDONED, Counts(offered=1, ended=1, abandoned=1, wait_abandoned_ms=9_000)),
        (Outcome.SHORT_ABANDONED, Counts(offered=1, ended=1, short_abandoned=1)),
        (Outcome.CLOSED, Counts(offered=1, ended=1, closed=1)),
        (Outcome.SAFETY_NET, Counts(offered=1, ended=1, safety_net=1)),
        (Outcome.LOST, Counts(offered=1, ended=1, lost=1)),
    ],
)
def test_each_end_has_its_counter(outcome, expected):
    """Exactly one beside ``ended``."""
    counters = IntradayCounters(HandClock(at("2022-12-01T09:00")))
    hear(counters, offered("1"), finished("1", outcome, wait_ms=9_000))
    assert today(counters) == expected


def test_short_abandons_of_a_closed_queue_are_told_apart():
    """Only those with a service-level event are taken out of a denominator."""
    counters = IntradayCounters(HandClock(at("2022-12-01T09:00")))
    hear(counters, offered("1"), level("1", ServiceLevel.ABANDONED_EARLY))
    hear(counters, finished("1", Outcome.SHORT_ABANDONED))
    hear(counters, offered("2", closed=True), finished("2", Outcome.SHORT_ABANDONED))
    assert today(counters) == Counts(
        offered=2, ended=2, short_abandoned=2, short_counted=1, abandoned_early=1
    )


def test_who_leaves_in_the_menu_is_counted_apart():
    """Under a name no queue has."""
    clock = HandClock(at("2022-12-01T09:00"))
    counters = IntradayCounters(clock)
    hear(counters, MenuLeft(call=CallId("1"), node=NODES[0], called="803164", arrived_ms=1, left_ms=2))
    days = counters.today(QUEUES)
    assert list(days) == [*QUEUES, MENU]
    assert days[MENU].today == Counts(left_in_menu=1)


def test_a_queue_gone_from_the_rules_keeps_its_day_until_midnight():
    """And is forgotten with it."""
    clock = HandClock(at("2022-12-01T23:00"))
    counters = IntradayCounters(clock)
    hear(counters, offered("1", "vecchia"))
    assert list(counters.today(QUEUES)) == [*QUEUES, QueueId("vecchia"), MENU]
    clock.ms = at("2022-12-02T00:00")
    assert list(counters.today(QUEUES)) == [*QUEUES, MENU]


def test_a_picture_does_not_change_afterwards():
    """Whoever holds a day may hand it on while calls go on."""
    counters = IntradayCounters(HandClock(at("2022-12-01T09:00")))
    hear(counters, offered("1"))
    before = counters.today(QUEUES)[QUEUES[0]]
    hear(counters, offered("2"))
    assert (before.today.offered, before.recent.offered) == (1, 1)
    assert [counts.offered for counts in before.half_hours.values()] == [1]


@pytest.mark.parametrize(("day", "half_hours"), [("2026-03-29", 46), ("2026-10-25", 50), ("2026-06-01", 48)])
def test_a_day_has_as_many_half_hours_as_it_has(day, half_hours):
    """On the night without an hour and on the one with an hour more, too; then all begins anew."""
    clock = HandClock(at(f"{day}T00:00"))
    counters = IntradayCounters(clock)
    for number in range(half_hours):
        hear(counters, offered(str(number)))
        shown = counters.today(QUEUES)[QUEUES[0]]
        assert (len(shown.half_hours), shown.today.offered) == (number + 1, number + 1)
        assert shown.recent.offered == 1
        clock.ms += HALF_HOUR_MS
    assert counters.today(QUEUES)[QUEUES[0]].today == Counts()


# ── restarts ─────────────────────────────────────────────────────────────────────────────────


class Disk:
    """What the store would hold, with no disk."""

    def __init__(self) -> None:
        self.cells: dict = {}
        self.calls: dict = {}

    def write(self, changes: Intraday) -> None:
        self.cells |= changes.cells
        self.calls |= changes.calls
        self.calls = {call: one for call, one in self.calls.items() if one is not None}

    def kept(self) -> Intraday:
        return Intraday(cells=dict(self.cells), calls=dict(self.calls))


def test_an_adopted_call_is_counted_once():
    """Offered and missed before the restart, answered after it: one of each."""
    clock = HandClock(at("2022-12-01T09:00"))
    first, disk = IntradayCounters(clock), Disk()
    hear(first, offered("1"), level("1", ServiceLevel.MISSED))
    disk.write(first.take())
    second = IntradayCounters(clock, kept=disk.kept(), nodes=NODES)
    second.observe(resynced("1"), (), (offered("1", adopted=True),), 0.0)
    hear(second, level("1", ServiceLevel.MISSED), answered("1", 70_000))
    hear(second, finished("1", Outcome.ANSWERED, handle_ms=5))
    assert today(second) == Counts(
        offered=1,
        missed=1,
        answered=1,
        answered_late=1,
        wait_answered_ms=70_000,
        ended=1,
        handled=1,
        handle_ms=5,
    )


def test_a_caller_passed_on_over_a_restart_is_answered_once():
    """The next engine does not know the first answer, and notes one of its own."""
    clock = HandClock(at("2022-12-01T09:00"))
    first, disk = IntradayCounters(clock), Disk()
    hear(first, offered("1"), level("1", ServiceLevel.MET), answered("1", 4_000))
    disk.write(first.take())
    second = IntradayCounters(clock, kept=disk.kept(), nodes=NODES)
    second.observe(resynced("1"), (), (offered("1", adopted=True),), 0.0)
    hear(second, level("1", ServiceLevel.MISSED), answered("1", 90_000))
    assert today(second) == Counts(offered=1, met=1, answered=1, wait_answered_ms=4_000)


def test_a_call_that_ended_while_nobody_looked_has_an_end():
    """A waiting one is lost and missed, a talk was answered; another Asterisk's calls wait for its word."""
    clock = HandClock(at("2022-12-01T09:00"))
    first, disk = IntradayCounters(clock), Disk()
    hear(first, offered("1"), offered("2"), level("2", ServiceLevel.MET), answered("2", 4_000))
    hear(first, offered("3", node="ast2"), offered("4", closed=True))
    disk.write(first.take())
    clock.ms += 5_000
    second = IntradayCounters(clock, kept=disk.kept(), nodes=NODES)
    second.observe(resynced(), (), (), 0.0)
    assert today(second) == Counts(
        offered=4,
        met=1,
        answered=1,
        wait_answered_ms=4_000,
        missed=1,
        ended=3,
        lost=2,
        handled=1,
        handle_ms=5_000,
    )
    second.observe(resynced(node="ast2"), (), (), 0.0)
    assert today(second).ended == 4
    second.observe(resynced(), (), (), 0.0)
    assert today(second).ended == 4


def test_calls_of_an_asterisk_that_is_no_more_end_at_the_start():
    """Nobody will ever resync it."""
    clock = HandClock(at("2022-12-01T09:00"))
    first, disk = IntradayCounters(clock), Disk()
    hear(first, offered("1", node="old"))
    disk.write(first.take())
    second = IntradayCounters(clock, kept=disk.kept(), nodes=NODES)
    assert today(second) == Counts(offered=1, missed=1, lost=1, ended=1)
    disk.write(second.take())
    assert not disk.calls


async def test_the_store_gives_back_what_was_counted(file):
    """Through the real store, closed in order and opened again; cells of yesterday are gone from it."""
    clock = HandClock(at("2022-12-01T23:59"))
    store: SqlStore = await opened(file, clock)
    counters = IntradayCounters(clock, store)
    hear(counters, offered("0"))
    await store.flush()
    clock.ms += MINUTE_MS
    hear(counters, offered("1"), offered("2"), level("1", ServiceLevel.MET), answered("1", 3_000))
    hear(counters, finished("2", Outcome.ABANDONED, wait_ms=4_000))
    await store.close()
    assert not counters
    store = await opened(file, clock)
    kept = await store.intraday()
    await store.close()
    assert set(kept.calls) == {"0", "1"}
    assert {begin for span, begin, _ in kept.cells if span == "half_hour"} == {clock.ms}
    again = IntradayCounters(clock, kept=kept, nodes=NODES)
    assert again.today(QUEUES) == counters.today(QUEUES)


async def test_what_could_not_be_written_is_written_later(file):
    """Changes taken for a write that failed are taken again, as they stand then."""
    clock = HandClock(at("2022-12-01T09:00"))
    counters, disk = IntradayCounters(clock), Disk()
    hear(counters, offered("1"), offered("2"))
    taken = counters.take()
    hear(counters, finished("1", Outcome.ABANDONED))
    counters.put_back(taken)
    assert counters
    disk.write(counters.take())
    assert set(disk.calls) == {"2"}
    again = IntradayCounters(clock, kept=disk.kept(), nodes=NODES)
    assert today(again) == today(counters) == Counts(offered=2, ended=1, abandoned=1)


@pytest.mark.parametrize("lines", [1, 12, 40])
async def test_killed_at_any_moment_the_counters_and_the_ledger_agree(file, lines):
    """SIGKILL: each call is in the ledger and ended, or known to be in progress, or wholly gone."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.runtime.counting_until_killed", str(file), stdout=subprocess.PIPE
    )
    for _ in range(lines):
        await child.stdout.readline()
    child.kill()
    await child.communicate()
    store = await opened(file, HandClock())
    kept, calls = await store.intraday(), []
    while page := await store.ledger(after=calls[-1] if calls else "", limit=1_000):
        calls += [f"{row.ended_ms}/{row.call}" for row in page]
    await store.close()
    counts = total(counts for (span, *_), counts in kept.cells.items() if span is Span.HALF_HOUR)
    assert counts.ended == counts.handled >= len(calls)
    assert counts.offered == counts.answered == counts.met == counts.ended + len(kept.calls)
    assert len(kept.calls) == min(TALKS, counts.offered)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "acd.db"


# ── any order of everything ──────────────────────────────────────────────────────────────────


@dataclass
class Caller:
    """A call as Asterisk has it."""

    id: str
    queue: str
    node: str
    closed: bool
    level: ServiceLevel | None = None
    talking: bool = False
    answer_known: bool = False
    """The present engine has noted the first answer."""


@dataclass(frozen=True)
class Event:
    """One thing to be counted, once for each call and kind."""

    at_ms: int
    queue: str
    call: str
    kind: str
    amounts: tuple[tuple[str, int], ...]


STARTS = ("2026-03-28T22:40", "2026-10-24T22:40", "2026-10-25T01:10", "2026-03-29T00:50", "2026-06-01T08:00")
STEPS_MS = (0, 1, 7_000, 59_999, 60_000, 61_000, 1_800_000, 3_600_000, 7_190_000, 86_400_000)


class Days(RuleBasedStateMachine):
    """Notes as an engine makes them, crashes, restarts; beside them a list of events to be recounted."""

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start):
        self.clock = HandClock(at(start))
        self.counters = IntradayCounters(self.clock)
        self.disk = Disk()
        self.callers: dict[str, Caller] = {}
        self.events: list[Event] = []
        self.written = 0
        self.number = 0

    # what is to be counted

    def book(self, caller: Caller, kind: str, **amounts: int) -> None:
        """Count it in the list, unless this call has had it."""
        if not self.had(caller.id, kind):
            event = Event(self.clock.ms, caller.queue, caller.id, kind, tuple(amounts.items()))
            self.events.append(event)

    def had(self, call: str, kind: str) -> bool:
        return any(event.call == call and event.kind == kind for event in self.events)

    def amount_of(self, call: str, name: str) -> bool:
        return any(event.call == call and dict(event.amounts).get(name) for event in self.events)

    def count_level(self, caller: Caller, result: ServiceLevel) -> None:
        caller.level = result
        self.book(caller, "level", **{result.value: 1})

    # what happens

    @rule(queue=st.sampled_from(QUEUES), node=st.sampled_from(NODES), closed=st.booleans())
    def enter(self, queue, node, closed):
        self.number += 1
        caller = Caller(f"{self.number}", queue, node, closed)
        self.callers[caller.id] = caller
        self.book(caller, "offered", offered=1)
        hear(self.counters, offered(caller.id, queue, node, closed=closed))

    @rule(ms=st.sampled_from(STEPS_MS))
    def time_passes(self, ms):
        self.clock.ms += ms

    @precondition(lambda self: self.callers)
    @rule(data=st.data())
    def threshold(self, data):
        caller = data.draw(st.sampled_from(list(self.callers.values())))
        if not caller.closed and caller.level is None and not caller.talking:
            self.count_level(caller, ServiceLevel.MISSED)
            hear(self.counters, level(caller.id, ServiceLevel.MISSED, caller.queue))

    @precondition(lambda self: self.callers)
    @rule(data=st.data(), path=st.sampled_from(Path), wait_ms=st.integers(0, 100_000))
    def answer(self, data, path, wait_ms):
        caller = data.draw(st.sampled_from(list(self.callers.values())))
        if caller.talking:
            return
        notes = []
        if not caller.closed and caller.level is None:
            # missed by the process before us, though this one does not know: not met any more
            self.count_level(caller, ServiceLevel.MET)
            notes.append(level(caller.id, ServiceLevel.MET, caller.queue))
        caller.talking = True
        if caller.answer_known:
            hear(self.counters, *notes)
            return
        caller.answer_known = True
        late = self.amount_of(caller.id, "missed")
        by_office = path is Path.FALLBACK
        self.book(
            caller,
            "answered",
            answered=1,
            wait_answered_ms=wait_ms,
            answered_late=int(late),
            answered_by_offices=int(by_office),
            since=self.clock.ms,
        )
        hear(self.counters, *notes, answered(caller.id, wait_ms, path, caller.queue))

    @precondition(lambda self: self.callers)
    @rule(data=st.data())
    def pass_on(self, data):
        """An agent sends the caller into a queue again: answered once, whoever answers next."""
        data.draw(st.sampled_from(list(self.callers.values()))).talking = False

    @precondition(lambda self: self.callers)
    @rule(data=st.data(), lost=st.booleans(), short=st.booleans(), handle_ms=st.integers(0, 10**6))
    def hang_up(self, data, lost, short, handle_ms):
        caller = data.draw(st.sampled_from(list(self.callers.values())))
        del self.callers[caller.id]
        notes = []
        if caller.talking:
            self.book(caller, "ended", ended=1, handled=1, handle_ms=handle_ms)
            end = finished(caller.id, Outcome.ANSWERED, caller.queue, handle_ms=handle_ms)
        else:
            if not caller.closed and caller.level is None:
                result = ServiceLevel.MISSED if lost else ServiceLevel.ABANDONED_EARLY
                self.count_level(caller, result)
                notes.append(level(caller.id, result, caller.queue))
            if lost:
                self.book(caller, "ended", ended=1, lost=1)
                end = finished(caller.id, Outcome.LOST, caller.queue)
            elif short:
                leveled = self.had(caller.id, "level")
                self.book(caller, "ended", ended=1, short_abandoned=1, short_counted=int(leveled))
                end = finished(caller.id, Outcome.SHORT_ABANDONED, caller.queue)
            else:
                self.book(caller, "ended", ended=1, abandoned=1, wait_abandoned_ms=3)
                end = finished(caller.id, Outcome.ABANDONED, caller.queue, wait_ms=3)
        hear(self.counters, *notes, end)

    @rule(fails=st.booleans())
    def store_writes(self, fails):
        changes = self.counters.take()
        if fails:
            self.counters.put_back(changes)
        else:
            self.disk.write(changes)
            self.written = len(self.events)

    @rule(in_order=st.booleans(), away_ms=st.sampled_from(STEPS_MS), data=st.data())
    def restart(self, in_order, away_ms, data):
        """Stop in order or fall over; some callers go meanwhile; the next process resyncs each Asterisk."""
        if in_order:
            self.store_writes(False)
        del self.events[self.written :]
        self.clock.ms += away_ms
        gone = data.draw(st.sets(st.sampled_from(list(self.callers)))) if self.callers else set()
        known = {event.call for event in self.events if event.kind == "offered"}
        known -= {event.call for event in self.events if event.kind == "ended"}
        queues = {event.call: event.queue for event in self.events}
        closed = {one: call.closed for one, call in self.callers.items()} | self.closed_before
        self.callers = {one: call for one, call in self.callers.items() if one not in gone}
        self.counters = IntradayCounters(self.clock, kept=self.disk.kept(), nodes=NODES)
        for node in NODES:
            there = [call for call in self.callers.values() if call.node == node]
            notes = []
            for call in there:
                call.level = (
                    ServiceLevel.MISSED if call.talking else None
                )  # as the engine: not ours to make up
                call.answer_known = call.talking
                self.book(call, "offered", offered=1)
                notes.append(offered(call.id, call.queue, node, adopted=True, closed=call.closed))
            self.counters.observe(resynced(*(c.id for c in there), node=node), (), notes, 0.0)
        for one in sorted(known - set(self.callers)):
            self.end_unseen(Caller(one, queues[one], "", closed[one]))

    def end_unseen(self, caller: Caller) -> None:
        """A call that was counted and is no more."""
        if not caller.closed:
            self.book(caller, "level", missed=1)
        since = [
            dict(e.amounts)["since"] for e in self.events if e.call == caller.id and e.kind == "answered"
        ]
        if since:
            self.book(caller, "ended", ended=1, handled=1, handle_ms=self.clock.ms - since[0])
        else:
            self.book(caller, "ended", ended=1, lost=1)

    @property
    def closed_before(self) -> dict[str, bool]:
        """Whether calls that have ended since the last write had found the queue closed."""
        return {call: kept.closed for call, kept in self.disk.calls.items()}

    # what must be true

    @invariant()
    def sums_equal_a_plain_recount(self):
        if not hasattr(self, "counters"):
            return
        days = self.counters.today(QUEUES)
        now_ms = self.clock.ms
        date = datetime.fromtimestamp(now_ms / 1000, ROME).date()
        for queue in QUEUES:
            mine = [event for event in self.events if event.queue == queue]
            of_today = [e for e in mine if datetime.fromtimestamp(e.at_ms / 1000, ROME).date() == date]
            recent = [e for e in mine if e.at_ms // MINUTE_MS > now_ms // MINUTE_MS - 30]
            assert days[queue].began_ms == midnight_before(now_ms)
            assert days[queue].today == counted(of_today)
            assert days[queue].recent == counted(recent)
            halves = {e.at_ms - e.at_ms % HALF_HOUR_MS for e in of_today}
            for begin_ms in halves:
                of_half = [e for e in of_today if e.at_ms - e.at_ms % HALF_HOUR_MS == begin_ms]
                assert days[queue].half_hours[begin_ms] == counted(of_half)
            assert set(days[queue].half_hours) == halves
            assert list(days[queue].half_hours) == sorted(halves)


def counted(events) -> Counts:
    """A plain recount."""
    sums: Counter[str] = Counter()
    for event in events:
        sums.update(dict(event.amounts))
    del sums["since"]
    return Counts(**sums)


Days.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestDays = Days.TestCase
