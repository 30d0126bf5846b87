"""A person's own totals: hours by kind and place, for the person, who confirms them.

Made of slots alone, never of calls. What was confirmed is what payroll gets, in sums
(``acd.volunteering.sums``).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

import msgspec

from acd.store.records import Slot, SlotKind, SlotPlace
from acd.volunteering.living import counted_ms, counts, ends_ms
from acd.volunteering.rome import moment_told

__all__ = ["COLUMNS", "Total", "hours", "slots_csv", "totals"]

HOUR_MS: Final = 3_600_000
COLUMNS: Final = ("begin", "end", "office", "kind", "place", "hours", "confirmed")


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """Slots of one kind and place in a time."""

    kind: SlotKind
    place: SlotPlace
    slots: int
    counted_ms: int
    confirmed_ms: int
    """Of these, what the person has confirmed."""


def hours(ms: int) -> float:
    """Hours, to the hundredth, as payroll writes them."""
    return round(ms / HOUR_MS, 2)


def totals(slots: Iterable[Slot], since_ms: int, until_ms: int) -> tuple[Total, ...]:
    """Totals of what lies in a time, in the order of kinds and places; what came to nothing is left out."""
    found: dict[tuple[SlotKind, SlotPlace], Total] = {}
    for slot in slots:
        counted = counted_ms(slot, since_ms, until_ms)
        if not counted:
            continue
        key = (slot.kind, slot.place)
        before = found.get(key) or Total(
            kind=slot.kind, place=slot.place, slots=0, counted_ms=0, confirmed_ms=0
        )
        confirmed = counted if slot.confirmed_ms is not None else 0
        found[key] = msgspec.structs.replace(
            before,
            slots=before.slots + 1,
            counted_ms=before.counted_ms + counted,
            confirmed_ms=before.confirmed_ms + confirmed,
        )
    order = [(kind, place) for kind in SlotKind for place in SlotPlace]
    return tuple(found[key] for key in order if key in found)


def slots_csv(slots: Iterable[Slot], since_ms: int, until_ms: int) -> str:
    """A person's slots in a time as a table that any spreadsheet opens, and below them the totals."""
    chosen = [slot for slot in slots if counts(slot) and counted_ms(slot, since_ms, until_ms)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for slot in chosen:
        begin, end = max(slot.from_ms, since_ms), min(ends_ms(slot), until_ms)
        said = "no" if slot.confirmed_ms is None else "yes"
        told = (moment_told(begin), moment_told(end), slot.office, slot.kind.value, slot.place.value)
        writer.writerow((*told, f"{hours(end - begin):.2f}", said))
    for total in totals(chosen, since_ms, until_ms):
        for said, ms in (("yes", total.confirmed_ms), ("no", total.counted_ms - total.confirmed_ms)):
            if ms:
                row = ("total", "", "", total.kind.value, total.place.value, f"{hours(ms):.2f}", said)
                writer.writerow(row)
    return out.getvalue()
