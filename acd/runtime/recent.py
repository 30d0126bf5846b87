"""How the calls of the last minutes ended, queue by queue: what the guards of the transition look at.

Counted in slots of ten seconds, so that a busy hour costs a few additions per call and a look some hundred.
In memory only: after a start nothing is known for a while, and nothing is decided on it.

Not counted: who found the queue closed, and who hung up within seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from acd.core.facts import Fact
from acd.core.ids import QueueId
from acd.core.notes import CallFinished, Note, Outcome
from acd.core.orders import Order
from acd.runtime.ports import Clock
from acd.transition.deciding import QueueMinutes

__all__ = ["RecentCalls"]

SLOT_MS: Final = 10_000
SLOTS: Final = 3_600_000 // SLOT_MS
COUNTED: Final = frozenset({Outcome.ANSWERED, Outcome.ABANDONED, Outcome.SAFETY_NET, Outcome.LOST})


class _Slot:
    """Ten seconds of one queue."""

    __slots__ = ("answered", "ended", "number", "waited_ms")

    def __init__(self, number: int) -> None:
        self.number = number
        self.ended = self.answered = self.waited_ms = 0


class RecentCalls:
    """Hears each call's end (the ``Observer`` port)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._slots: dict[QueueId, deque[_Slot]] = {}

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:  # noqa: ARG002  # the port's signature
        """Count the calls that ended."""
        for note in notes:
            if isinstance(note, CallFinished) and note.outcome in COUNTED:
                slot = self._slot(note.queue)
                slot.ended += 1
                slot.answered += note.outcome is Outcome.ANSWERED
                slot.waited_ms += note.wait_ms

    def loop_lag(self, seconds: float) -> None:
        """Nothing to count (the port's other half)."""

    def of(self, window_ms: int) -> tuple[QueueMinutes, ...]:
        """The calls of the last so many milliseconds, an hour at most, rounded up to whole slots."""
        first = (self._clock.now_ms() - window_ms) // SLOT_MS
        found = []
        for queue, slots in self._slots.items():
            within = [slot for slot in slots if slot.number >= first]
            ended = sum(slot.ended for slot in within)
            if ended:
                answered = sum(slot.answered for slot in within)
                waited_ms = sum(slot.waited_ms for slot in within)
                found.append(
                    QueueMinutes(queue=queue, ended=ended, answered=answered, wait_ms=waited_ms // ended)
                )
        return tuple(found)

    def _slot(self, queue: QueueId) -> _Slot:
        number = self._clock.now_ms() // SLOT_MS
        slots = self._slots.setdefault(queue, deque(maxlen=SLOTS))
        if not slots or slots[-1].number != number:
            slots.append(_Slot(number))
        return slots[-1]
