"""What of a slot counts, and until when its person is opted in.

A slot counts from its begin to its end, or to the moment it was withdrawn; one withdrawn before it began
never counts. Slots that touch are one time: nobody is logged out between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from acd.store.records import Slot

__all__ = ["counted_ms", "counts", "ends_ms", "is_over", "next_begin_ms", "opted_in_until_ms"]


def ends_ms(slot: Slot) -> int:
    """When it ends, or was withdrawn."""
    return slot.until_ms if slot.withdrawn_ms is None else min(slot.until_ms, slot.withdrawn_ms)


def counts(slot: Slot) -> bool:
    """Whether any of it counts."""
    return ends_ms(slot) > slot.from_ms


def is_over(slot: Slot, now_ms: int) -> bool:
    """Whether nothing more of it is to come."""
    return ends_ms(slot) <= now_ms


def counted_ms(slot: Slot, since_ms: int, until_ms: int) -> int:
    """How much of it lies in a time."""
    return max(0, min(ends_ms(slot), until_ms) - max(slot.from_ms, since_ms))


def opted_in_until_ms(slots: Sequence[Slot], now_ms: int) -> int:
    """Until when the person of these slots is opted in without a gap; 0: not now."""
    until_ms = now_ms
    for slot in sorted(filter(counts, slots), key=lambda slot: slot.from_ms):
        if slot.from_ms <= until_ms:
            until_ms = max(until_ms, ends_ms(slot))
    return until_ms if until_ms > now_ms else 0


def next_begin_ms(slots: Iterable[Slot], now_ms: int) -> int | None:
    """When the next of these slots begins; None: none is ahead."""
    ahead = (slot.from_ms for slot in slots if counts(slot) and slot.from_ms > now_ms)
    return min(ahead, default=None)
