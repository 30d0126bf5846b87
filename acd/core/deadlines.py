"""What must happen by when: each deadline armed at most once per (kind, key).

Most deadlines never come: a ring is answered, a talk ends hours before anybody would look. So only what is
due soon is kept in order, in a heap; the rest lies unsorted in one bucket per quarter of a second, and joins
the heap when that is next, if it is still armed then. Disarming is lazy: an entry stays where it is, and
``_armed`` says what is valid. When stale entries outnumber the valid ones, each arming throws a few of them
out. So arming and disarming are O(1) amortised but for what comes at once, and memory stays proportional to
what is armed. Equal times keep the order of arming, so that two runs agree.
"""

from __future__ import annotations

from enum import StrEnum
from heapq import heapify, heappop, heappush
from typing import Final


class Due(StrEnum):
    """The kinds of deadline; the key is a call, an attempt, an agent, or a pair of them."""

    THRESHOLD = "threshold"
    """A call reaches its queue's service-level threshold unanswered."""
    STEP = "step"
    """A step of the ladder opens for a call."""
    STAGE = "stage"
    """In transition mode: a stage of the stand-in opens for a call."""
    MAX_WAIT = "max_wait"
    """A waiting call goes to the safety net."""
    OFFER = "offer"
    """An open offer's present state has lasted as long as it may."""
    WRAP_UP = "wrap_up"
    RETRY = "retry"
    """An unreachable agent's phone is tried again."""
    RETURN = "return"
    """A call passed on and not answered goes back to its sender."""
    REST = "rest"
    """A call that rests, in no line, is offered again."""
    AGAIN = "again"
    """A call may be offered again to a target that missed it."""
    PROMPT = "prompt"
    """The end of a prompt that a caller hears has not been told."""
    ANSWER = "answer"
    """The time to answer a question is over, or a question that could not be put is considered again."""
    HOURS = "hours"
    """An office opens or closes."""
    LEAVE = "leave"
    """A break of an agent is due, or a volunteer's opt-in ends."""
    BREAK_OVER = "break_over"
    HEALTH = "health"
    """An office has been left alone long enough."""
    ROOM = "room"
    """An office that the dialplan called full is asked again."""
    CARRIER = "carrier"
    """One call may try a trunk whose carrier is out."""
    LOOK = "look"
    """A call in a state that Asterisk should have ended is looked at."""
    SLICE = "slice"
    """Bulk work goes on, now."""


Key = str | tuple[str, str]


Entry = tuple[int, int, Due, Key]
"""(due, number of the arming, kind, key)."""
BUCKET_BITS: Final = 8
"""A bucket is 256 ms."""
SWEEP_ENTRIES: Final = 64
NEVER: Final = (0, 0)


class Deadlines:
    """All deadlines of the engine."""

    __slots__ = (
        "_armed",
        "_buckets",
        "_count",
        "_next_buckets",
        "_number",
        "_soon",
        "_soon_until",
        "_unswept",
    )

    def __init__(self) -> None:
        self._armed: dict[tuple[Due, Key], tuple[int, int]] = {}
        self._number = 0
        self._soon: list[Entry] = []
        """The heap: all that is in this bucket or an earlier one."""
        self._soon_until = 0
        self._buckets: dict[int, list[Entry]] = {}
        self._next_buckets: list[int] = []
        """A heap of their numbers."""
        self._count = 0
        """Entries everywhere, stale ones too."""
        self._unswept: list[int] = []
        """Buckets still to be looked through for what is stale."""

    def arm(self, kind: Due, key: Key, due_ms: int) -> None:
        """Set or move the deadline of this kind and key."""
        self._number = number = self._number + 1
        self._armed[kind, key] = (due_ms, number)
        self._count += 1
        bucket = due_ms >> BUCKET_BITS
        if bucket <= self._soon_until:
            heappush(self._soon, (due_ms, number, kind, key))
        elif (entries := self._buckets.get(bucket)) is not None:
            entries.append((due_ms, number, kind, key))
        else:
            self._buckets[bucket] = [(due_ms, number, kind, key)]
            heappush(self._next_buckets, bucket)
        if self._count > 2 * len(self._armed) + 1024:
            self._sweep()

    def disarm(self, kind: Due, key: Key) -> None:
        """Forget this deadline, if it is armed."""
        self._armed.pop((kind, key), None)

    def due_at(self, kind: Due, key: Key) -> int | None:
        """When this deadline is due, None if it is not armed."""
        found = self._armed.get((kind, key))
        return None if found is None else found[0]

    def next_ms(self) -> int | None:
        """The earliest armed deadline, None for none."""
        soon, armed = self._soon, self._armed
        while True:
            while soon:
                due_ms, number, kind, key = soon[0]
                found = armed.get((kind, key))
                if found is not None and found[1] == number:
                    return due_ms
                heappop(soon)
                self._count -= 1
            if not self._next_buckets:
                return None
            self._soon_until = heappop(self._next_buckets)
            entries = self._buckets.pop(self._soon_until)
            self._count -= len(entries)
            soon += self._valid(entries)
            self._count += len(soon)
            heapify(soon)

    def take(self, now_ms: int) -> tuple[Due, Key] | None:
        """Remove and return one deadline that is due, in order of time, None when none is."""
        due_ms = self.next_ms()
        if due_ms is None or due_ms > now_ms:
            return None
        _, _, kind, key = heappop(self._soon)
        self._count -= 1
        del self._armed[kind, key]
        return kind, key

    def __len__(self) -> int:
        """How many deadlines are armed."""
        return len(self._armed)

    def _valid(self, entries: list[Entry]) -> list[Entry]:
        armed = self._armed
        return [entry for entry in entries if armed.get((entry[2], entry[3]), NEVER)[1] == entry[1]]

    def _sweep(self) -> None:
        """Throw out some of what is stale: a few buckets at a time, so that nobody waits for it."""
        if not self._unswept:
            self._unswept = list(self._buckets)
            self._count -= len(self._soon)
            self._soon = self._valid(self._soon)
            self._count += len(self._soon)
            heapify(self._soon)
        seen = 0
        while self._unswept and seen < SWEEP_ENTRIES:
            number = self._unswept.pop()
            entries = self._buckets.get(number, [])
            seen += len(entries) + 1
            if entries:
                kept = self._buckets[number] = self._valid(entries)
                self._count -= len(entries) - len(kept)
