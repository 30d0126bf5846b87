"""What must happen by when: one heap, each deadline armed at most once per (kind, key).

Disarming is lazy: the heap keeps the stale entry until it surfaces, ``_armed`` says what is valid.
The heap is rebuilt when stale entries outnumber the valid ones, so arming and disarming stay
O(log n) amortised and memory stays proportional to what is armed. Equal times keep the order
of arming, so that two runs agree.
"""

from __future__ import annotations

from enum import StrEnum
from heapq import heapify, heappop, heappush


class Due(StrEnum):
    """The kinds of deadline; the key is a call, an attempt, an agent, or a pair of them."""

    THRESHOLD = "threshold"
    """A call reaches its queue's service-level threshold unanswered."""
    STEP = "step"
    """A step of the ladder opens for a call."""
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
    LOOK = "look"
    """A call in a state that Asterisk should have ended is looked at."""
    SLICE = "slice"
    """Bulk work goes on, now."""


Key = str | tuple[str, str]


class Deadlines:
    """All deadlines of the engine."""

    __slots__ = ("_armed", "_heap", "_number")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Due, Key]] = []
        self._armed: dict[tuple[Due, Key], tuple[int, int]] = {}
        self._number = 0

    def arm(self, kind: Due, key: Key, due_ms: int) -> None:
        """Set or move the deadline of this kind and key."""
        self._number += 1
        self._armed[kind, key] = (due_ms, self._number)
        heappush(self._heap, (due_ms, self._number, kind, key))
        if len(self._heap) > 2 * len(self._armed) + 1024:
            self._rebuild()

    def disarm(self, kind: Due, key: Key) -> None:
        """Forget this deadline, if it is armed."""
        self._armed.pop((kind, key), None)

    def due_at(self, kind: Due, key: Key) -> int | None:
        """When this deadline is due, None if it is not armed."""
        found = self._armed.get((kind, key))
        return None if found is None else found[0]

    def next_ms(self) -> int | None:
        """The earliest armed deadline, None for none."""
        heap, armed = self._heap, self._armed
        while heap:
            due_ms, number, kind, key = heap[0]
            if armed.get((kind, key)) == (due_ms, number):
                return due_ms
            heappop(heap)
        return None

    def take(self, now_ms: int) -> tuple[Due, Key] | None:
        """Remove and return one deadline that is due, in order of time, None when none is."""
        due_ms = self.next_ms()
        if due_ms is None or due_ms > now_ms:
            return None
        _, _, kind, key = heappop(self._heap)
        del self._armed[kind, key]
        return kind, key

    def __len__(self) -> int:
        """How many deadlines are armed."""
        return len(self._armed)

    def _rebuild(self) -> None:
        armed = self._armed
        self._heap = [
            entry for entry in self._heap if armed.get((entry[2], entry[3])) == (entry[0], entry[1])
        ]
        heapify(self._heap)
