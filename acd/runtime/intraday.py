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


class _Numbers:
    """One queue's cells, and the sums of those that are closed, so that a look adds two numbers."""

    __slots__ = ("day", "half_hours", "minutes", "recent", "today")

    def __init__(self) -> None:
        self.half_hours: dict[int, Counts] = {}
        self.minutes: dict[int, Counts] = {}
        """Both by begin, oldest first."""
        self.today = Counts()
        self.recent = Counts()
        """Without the half hour and the minute of now."""
        self.day: Day | None = None
        """As it was shown last; None: something has changed since."""

    def cells(self, span: Span) -> dict[int, Counts]:
        """The half hours or the minutes."""
        return self.half_hours if span is Span.HALF_HOUR else self.minutes

    def sum_up(self, minute_ms: int) -> None:
        """Sum up what is closed at this minute."""
        half_hour_ms = half_hour_of(minute_ms)
        self.today = total(counts for at_ms, counts in self.half_hours.items() if at_ms < half_hour_ms)
        self.recent = total(counts for at_ms, counts in self.minutes.items() if at_ms < minute_ms)

    def close_minute(self, minute_ms: int, from_ms: int) -> None:
        """This minute is over; those before ``from_ms`` are no longer recent."""
        closed = self.minutes.get(minute_ms)
        if closed is not None:
            self.recent.add(closed)
        for begin_ms in [each for each in self.minutes if each < from_ms]:
            self.recent.take_away(self.minutes.pop(begin_ms))

    def close_half_hour(self, half_hour_ms: int, day_ms: int) -> None:
        """This half hour is over, and the day too if another has begun."""
        closed = self.half_hours.get(half_hour_ms)
        if closed is not None:
            self.today.add(closed)
        for begin_ms in [each for each in self.half_hours if each < day_ms]:
            self.today.take_away(self.half_hours.pop(begin_ms))


class IntradayCounters:
    """Hears everything (the ``Observer`` port), counts it, and is asked for what has changed.

    Args:
        clock: the wall clock.
        store: where it is kept; None: gone with the process.
        kept: what the process before us kept, to go on from.
        nodes: the Asterisks there are; calls in progress of others have ended.
    """

    def __init__(
        self,
        clock: Clock,
        store: Store | None = None,
        *,
        kept: Intraday | None = None,
        nodes: Sequence[str] = (),
    ) -> None:
        self._clock = clock
        self._store = store
        self._numbers: dict[str, _Numbers] = {}
        self._now: dict[str, tuple[Counts, Counts]] = {}
        """Half hour and minute of each queue in which something was counted in the present minute."""
        self._calls: dict[str, CountedCall] = {}
        self._unseen: dict[str, None] = {}
        """Calls counted by the process before us that nobody has met since."""
        self._changed: dict[Cell, None] = {}
        self._changed_calls: dict[str, None] = {}
        self._day_ms = self._day_until_ms = self._minute_ms = 0
        self._turn(clock.now_ms())
        if kept is not None:
            self._restore(kept, nodes)

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
        half_hour_ms = half_hour_of(self._minute_ms)
        self._changed[Span.HALF_HOUR, half_hour_ms, queue] = None
        self._changed[Span.MINUTE, self._minute_ms, queue] = None
        numbers = self._of(queue)
        numbers.day = None
        known = self._now.get(queue)
        if known is None:
            known = self._now[queue] = (
                numbers.half_hours.setdefault(half_hour_ms, Counts()),
                numbers.minutes.setdefault(self._minute_ms, Counts()),
            )
        return known

    def _of(self, queue: str) -> _Numbers:
        numbers = self._numbers.get(queue)
        if numbers is None:
            numbers = self._numbers[queue] = _Numbers()
        return numbers

    def _turn(self, now_ms: int) -> None:
        """Another minute: close the cells of the last; at midnight forget the day."""
        before_ms, self._minute_ms = self._minute_ms, now_ms - now_ms % MINUTE_MS
        self._now.clear()
        if now_ms >= self._day_until_ms:
            self._day_ms = midnight_before(now_ms)
            self._day_until_ms = midnight_before(self._day_ms + 26 * HOUR_MS)
        half_hour_over = half_hour_of(before_ms) != half_hour_of(self._minute_ms)
        for numbers in self._numbers.values():
            numbers.close_minute(before_ms, self._minutes_from_ms)
            if half_hour_over:
                numbers.close_half_hour(half_hour_of(before_ms), self._day_ms)
            numbers.day = None

    @property
    def _minutes_from_ms(self) -> int:
        """The first minute of the last half hour."""
        return self._minute_ms - (RECENT_MINUTES - 1) * MINUTE_MS

    def level_of(self, call: str) -> str:
        """The service-level event of a call in progress, by whichever process it was counted; else empty."""
        known = self._calls.get(call)
        return known.level if known is not None else ""

    # ── read ─────────────────────────────────────────────────────────────────────────────────

    def today(self, queues: Sequence[QueueId]) -> Mapping[QueueId, Day]:
        """The day so far: these queues in this order, then others with calls today, ``MENU`` last."""
        now_ms = self._clock.now_ms()
        if now_ms >= self._minute_ms + MINUTE_MS:
            self._turn(now_ms)
        others = [QueueId(queue) for queue, numbers in self._numbers.items() if queue and numbers.half_hours]
        return {queue: self._day(self._of(queue)) for queue in (*dict.fromkeys((*queues, *others)), MENU)}

    def _day(self, numbers: _Numbers) -> Day:
        if numbers.day is None:
            half_hour_ms = half_hour_of(self._minute_ms)
            shown = dict(numbers.half_hours)
            today, recent = numbers.today.copy(), numbers.recent.copy()
            if half_hour_ms in shown:
                shown[half_hour_ms] = shown[half_hour_ms].copy()
                today.add(shown[half_hour_ms])
            if self._minute_ms in numbers.minutes:
                recent.add(numbers.minutes[self._minute_ms])
            numbers.day = Day(began_ms=self._day_ms, today=today, recent=recent, half_hours=shown)
        return numbers.day

    # ── kept ─────────────────────────────────────────────────────────────────────────────────

    def _restore(self, kept: Intraday, nodes: Sequence[str]) -> None:
        """Go on from it; what is of another day or no longer recent is left."""
        for (span, begin_ms, queue), counts in sorted(kept.cells.items()):
            if begin_ms >= (self._day_ms if span is Span.HALF_HOUR else self._minutes_from_ms):
                self._of(queue).cells(span)[begin_ms] = counts.copy()
        for numbers in self._numbers.values():
            numbers.sum_up(self._minute_ms)
        for call_id, call in kept.calls.items():
            if call is not None:
                self._calls[call_id] = copy(call)
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
                (span, begin_ms, queue): self._numbers[queue].cells(span)[begin_ms].copy()
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
