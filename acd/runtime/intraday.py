"""The numbers of the day: exact, counted from the engine's notes, whole again after a restart.

Each note moves counters of its queue (``acd.figures.counts``) in two cells: the half hour and the minute in
which it is heard. A day is the sum of its half hours, the last half hour that of its minutes; nothing is
extrapolated. At local midnight a new day begins: a call that entered yesterday and ends today is counted
as offered yesterday and as ended today.

**Nothing twice.** Calls outlive the process, and the next one adopts them. So beside the cells stands what
has been counted of each call in progress (``CountedCall``): an adopted call that is among them is not
offered, missed or answered once more. Cells and calls are handed to the store in one piece, and the store
writes them in the transaction that has the ledger's rows of the same moment, or before: what a crash loses
(a quarter of a second) is lost to both, and calls of that time still in progress are found by the resync. A
call that had been counted and that the first resync of its Asterisk no longer finds has ended while nobody
looked: answered, if it had been answered, else lost; missed, if it had no service level yet.

A note costs some microseconds. The store asks for the changes when it writes (``take``), so a disk that is
away costs no memory beyond what lives anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import assert_never

from acd.core.facts import Fact, NodeResynced
from acd.core.ids import QueueId
from acd.core.notes import (
    CallAnswered,
    CallFinished,
    CallOffered,
    MenuLeft,
    Note,
    Outcome,
    Path,
    ServiceLevel,
    ServiceLevelCounted,
)
from acd.core.orders import Order
from acd.figures.counts import Counts, total
from acd.figures.days import HOUR_MS, MENU, MINUTE_MS, RECENT_MINUTES, Day, half_hour_of, midnight_before
from acd.runtime.ports import Clock
from acd.store.port import Store
from acd.store.records import CountedCall, Intraday, Span

__all__ = ["IntradayCounters"]

Cell = tuple[Span, int, str]
COUNTED = CallOffered | ServiceLevelCounted | CallAnswered | CallFinished | MenuLeft


class _Past:
    """What of a queue's day no longer changes, summed up until its half hour or minute turns."""

    __slots__ = ("day", "recent", "today")

    def __init__(self, today: Counts, recent: Counts) -> None:
        self.today = today
        self.recent = recent
        self.day: Day | None = None


class IntradayCounters:
    """Hears everything (the ``Observer`` port), counts it, and is asked for what has changed.

    Args:
        clock: the wall clock.
        store: where it is kept; None: gone with the process.
    """

    def __init__(self, clock: Clock, store: Store | None = None) -> None:
        self._clock = clock
        self._store = store
        self._cells: dict[str, dict[Span, dict[int, Counts]]] = {}
        """By queue, span and begin; oldest first."""
        self._now: dict[str, tuple[Counts, Counts]] = {}
        """Half hour and minute of each queue in which something was counted in the present minute."""
        self._calls: dict[str, CountedCall] = {}
        self._unseen: dict[str, None] = {}
        """Calls counted by the process before us that nobody has met since."""
        self._past: dict[str, _Past] = {}
        self._changed: dict[Cell, None] = {}
        self._changed_calls: dict[str, None] = {}
        self._day_ms = self._day_until_ms = self._minute_ms = 0
        self._turn(clock.now_ms())

    # ── counted ──────────────────────────────────────────────────────────────────────────────

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:  # noqa: ARG002  # the port's signature
        """Count what one fact brought."""
        for note in notes:
            if isinstance(note, COUNTED):
                self._count(note)
        if isinstance(fact, NodeResynced) and self._unseen:
            self._miss(fact)
        if self and self._store is not None:
            self._store.tell_intraday(self)

    def loop_lag(self, seconds: float) -> None:
        """Nothing to count (the port's other half)."""

    def _count(self, note: COUNTED) -> None:
        now_ms = self._clock.now_ms()
        if now_ms >= self._minute_ms + MINUTE_MS:
            self._turn(now_ms)
        match note:
            case CallOffered():
                self._offered(note)
            case ServiceLevelCounted():
                self._level(note.call, note.queue, note.result)
            case CallAnswered():
                self._answered(note, now_ms)
            case CallFinished():
                self._finished(note)
            case MenuLeft():
                for counts in self._cells_of(MENU):
                    counts.left_in_menu += 1
            case _:
                assert_never(note)

    def _offered(self, note: CallOffered) -> None:
        self._unseen.pop(note.call, None)
        if note.call in self._calls:
            return
        self._calls[note.call] = CountedCall(
            call=note.call, node=note.node, queue=note.queue, closed=note.closed
        )
        self._changed_calls[note.call] = None
        for counts in self._cells_of(note.queue):
            counts.offered += 1

    def _level(self, call_id: str, queue: str, result: ServiceLevel) -> None:
        call = self._calls.get(call_id)
        if call is not None:
            if call.level:
                return
            call.level = result
            self._changed_calls[call_id] = None
        for counts in self._cells_of(queue):
            match result:
                case ServiceLevel.MET:
                    counts.met += 1
                case ServiceLevel.MISSED:
                    counts.missed += 1
                case ServiceLevel.ABANDONED_EARLY:
                    counts.abandoned_early += 1
                case _:
                    assert_never(result)

    def _answered(self, note: CallAnswered, now_ms: int) -> None:
        call = self._calls.get(note.call)
        late = call is not None and call.level == ServiceLevel.MISSED
        if call is not None:
            if call.answered_ms:
                return
            call.answered_ms = now_ms
            self._changed_calls[note.call] = None
        for counts in self._cells_of(note.queue):
            counts.answered += 1
            counts.answered_by_offices += note.path is Path.FALLBACK
            counts.answered_late += late
            counts.wait_answered_ms += note.wait_ms

    def _finished(self, note: CallFinished) -> None:
        call = self._forget(note.call)
        for counts in self._cells_of(note.queue):
            counts.ended += 1
            match note.outcome:
                case Outcome.ANSWERED:
                    counts.handled += 1
                    counts.handle_ms += note.handle_ms
                case Outcome.ABANDONED:
                    counts.abandoned += 1
                    counts.wait_abandoned_ms += note.wait_ms
                case Outcome.SHORT_ABANDONED:
                    counts.short_abandoned += 1
                    counts.short_counted += call is not None and bool(call.level)
                case Outcome.CLOSED:
                    counts.closed += 1
                case Outcome.SAFETY_NET:
                    counts.safety_net += 1
                case Outcome.LOST:
                    counts.lost += 1
                case _:
                    assert_never(note.outcome)

    def _forget(self, call_id: str) -> CountedCall | None:
        self._unseen.pop(call_id, None)
        call = self._calls.pop(call_id, None)
        if call is not None:
            self._changed_calls[call_id] = None
        return call

    def _miss(self, fact: NodeResynced) -> None:
        """End what was counted of this Asterisk before us and is not there any more."""
        there = {seen.call for seen in fact.calls}
        for call_id in list(self._unseen):
            if self._calls[call_id].node == fact.node:
                del self._unseen[call_id]
                if call_id not in there:
                    self._end_unseen(call_id)

    def _end_unseen(self, call_id: str) -> None:
        now_ms = self._clock.now_ms()
        if now_ms >= self._minute_ms + MINUTE_MS:
            self._turn(now_ms)
        call = self._calls[call_id]
        if not call.level and not call.closed:
            self._level(call_id, call.queue, ServiceLevel.MISSED)
        self._forget(call_id)
        for counts in self._cells_of(call.queue):
            counts.ended += 1
            if call.answered_ms:
                counts.handled += 1
                counts.handle_ms += max(0, now_ms - call.answered_ms)
            else:
                counts.lost += 1

    # ── cells ────────────────────────────────────────────────────────────────────────────────

    def _cells_of(self, queue: str) -> tuple[Counts, Counts]:
        """The queue's half hour and minute of now, to be moved."""
        past = self._past.get(queue)
        if past is not None:
            past.day = None
        half_hour_ms = half_hour_of(self._minute_ms)
        self._changed[Span.HALF_HOUR, half_hour_ms, queue] = None
        self._changed[Span.MINUTE, self._minute_ms, queue] = None
        known = self._now.get(queue)
        if known is None:
            known = self._now[queue] = (
                self._cell(Span.HALF_HOUR, half_hour_ms, queue),
                self._cell(Span.MINUTE, self._minute_ms, queue),
            )
        return known

    def _cell(self, span: Span, begin_ms: int, queue: str) -> Counts:
        spans = self._cells.setdefault(queue, {each: {} for each in Span})
        return spans[span].setdefault(begin_ms, Counts())

    def _turn(self, now_ms: int) -> None:
        """Another minute: close the cells; at midnight forget the day."""
        self._minute_ms = now_ms - now_ms % MINUTE_MS
        self._now.clear()
        self._past.clear()
        if now_ms >= self._day_until_ms:
            self._day_ms = midnight_before(now_ms)
            self._day_until_ms = midnight_before(self._day_ms + 26 * HOUR_MS)
        for spans in self._cells.values():
            _drop_before(spans[Span.HALF_HOUR], self._day_ms)
            _drop_before(spans[Span.MINUTE], self._minutes_from_ms)

    @property
    def _minutes_from_ms(self) -> int:
        """The first minute of the last half hour."""
        return self._minute_ms - (RECENT_MINUTES - 1) * MINUTE_MS

    # ── read ─────────────────────────────────────────────────────────────────────────────────

    def today(self, queues: Sequence[QueueId]) -> Mapping[QueueId, Day]:
        """The day so far: these queues in this order, then others with calls today, ``MENU`` last."""
        now_ms = self._clock.now_ms()
        if now_ms >= self._minute_ms + MINUTE_MS:
            self._turn(now_ms)
        others = [QueueId(queue) for queue, spans in self._cells.items() if queue and spans[Span.HALF_HOUR]]
        return {queue: self._day(queue) for queue in (*dict.fromkeys((*queues, *others)), MENU)}

    def _day(self, queue: QueueId) -> Day:
        spans = self._cells.get(queue) or {each: {} for each in Span}
        half_hours, minutes = spans[Span.HALF_HOUR], spans[Span.MINUTE]
        half_hour_ms = half_hour_of(self._minute_ms)
        past = self._past.get(queue)
        if past is None:
            past = self._past[queue] = _Past(
                total(counts for begin_ms, counts in half_hours.items() if begin_ms != half_hour_ms),
                total(counts for begin_ms, counts in minutes.items() if begin_ms != self._minute_ms),
            )
        if past.day is None:
            half_hour = half_hours.get(half_hour_ms, Counts())
            shown = dict(half_hours)
            if half_hour_ms in shown:
                shown[half_hour_ms] = half_hour.copy()
            past.day = Day(
                began_ms=self._day_ms,
                today=total((past.today, half_hour)),
                recent=total((past.recent, minutes.get(self._minute_ms, Counts()))),
                half_hours=shown,
            )
        return past.day

    # ── kept ─────────────────────────────────────────────────────────────────────────────────

    def restore(self, kept: Intraday, nodes: Sequence[str]) -> None:
        """Go on from what the process before us kept, before the first fact.

        Args:
            kept: all of it; what is of another day or no longer recent is left.
            nodes: the Asterisks there are; calls of others have ended.
        """
        for (span, begin_ms, queue), counts in sorted(kept.cells.items()):
            if begin_ms >= (self._day_ms if span is Span.HALF_HOUR else self._minutes_from_ms):
                self._cell(span, begin_ms, queue).add(counts)
        for call_id, call in kept.calls.items():
            if call is not None:
                self._calls[call_id] = call
                self._unseen[call_id] = None
        for call_id in [each for each in self._unseen if self._calls[each].node not in nodes]:
            self._end_unseen(call_id)

    def __bool__(self) -> bool:
        """Whether there is something to write."""
        return bool(self._changed or self._changed_calls)

    def take(self) -> Intraday:
        """What has changed since it was taken last, to be written in one transaction."""
        wanted = {Span.HALF_HOUR: self._day_ms, Span.MINUTE: self._minutes_from_ms}
        changes = Intraday(
            cells={
                (span, begin_ms, queue): self._cells[queue][span][begin_ms].copy()
                for span, begin_ms, queue in self._changed
                if begin_ms >= wanted[span]
            },
            calls={call: copy(self._calls.get(call)) for call in self._changed_calls},
            half_hours_from_ms=self._day_ms,
            minutes_from_ms=self._minutes_from_ms,
        )
        self._changed.clear()
        self._changed_calls.clear()
        return changes

    def put_back(self, changes: Intraday) -> None:
        """It could not be written: it is taken again, as it stands then."""
        self._changed = dict.fromkeys((*changes.cells, *self._changed))
        self._changed_calls = dict.fromkeys((*changes.calls, *self._changed_calls))


def _drop_before(cells: dict[int, Counts], from_ms: int) -> None:
    for begin_ms in [each for each in cells if each < from_ms]:
        del cells[begin_ms]
