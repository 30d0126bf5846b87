"""Sums over many people: hours lent by each office, and hours by kind for payroll. Never a person.

A group is shown by itself only if at least ``k`` people stand behind its sum. All smaller ones are merged
into ``other``; should those not reach ``k`` together, or be one group alone (the total less the rest would
give it back), the smallest group shown joins them, and so on. If all of them together do not reach ``k``,
nothing is shown at all. How many people stand behind a sum is not told.

Sums are told of months that are over. Asked for day by day they would give each person's hours as
differences.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Hashable, Iterable
from typing import Final, TypeVar

import msgspec

from acd.errors import Conflict
from acd.store.records import Slot, SlotKind, SlotPlace
from acd.volunteering.living import counted_ms
from acd.volunteering.rome import moment_told, month_span
from acd.volunteering.totals import hours

__all__ = ["OTHER", "Hours", "KindHours", "Lent", "lent", "lent_csv"]

OTHER: Final = "other"
KeyT = TypeVar("KeyT", bound=Hashable)


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Hours lent by one office, or by several small ones together."""

    office: str
    """``other``: the small ones."""
    counted_ms: int


class KindHours(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of one kind and place, of all offices."""

    kind: SlotKind | None
    place: SlotPlace | None
    """None: small groups together."""
    counted_ms: int
    confirmed_ms: int
    """What people have confirmed of them."""


class Lent(msgspec.Struct, frozen=True, kw_only=True):
    """A month."""

    month: str
    offices: tuple[Hours, ...]
    """To correct what is expected of the offices: hours, not calls."""
    kinds: tuple[KindHours, ...]
    """For payroll."""


class _Group:
    """One sum and who stands behind it."""

    def __init__(self) -> None:
        self.people: set[str] = set()
        self.counted_ms = self.confirmed_ms = 0

    def add(self, slot: Slot, counted: int) -> None:
        self.people.add(slot.agent)
        self.counted_ms += counted
        self.confirmed_ms += counted if slot.confirmed_ms is not None else 0

    def join(self, other: _Group) -> None:
        self.people |= other.people
        self.counted_ms += other.counted_ms
        self.confirmed_ms += other.confirmed_ms


def lent(slots: Iterable[Slot], month: str, now_ms: int, k: int) -> Lent:
    """Sums of a month that is over.

    Args:
        slots: Everybody's slots that touch the month.
        month: Such as ``2026-11``.
        now_ms: The time.
        k: The least number of people behind a sum.

    Raises:
        RequestError: It is no month.
        Conflict: It is not over.
    """
    since_ms, until_ms = month_span(month)
    if now_ms < until_ms:
        raise Conflict(
            f"{month} is not over; its sums are told from {moment_told(until_ms)} on, so that nobody's hours "
            "can be worked out by asking again each day."
        )
    mine = [(slot, counted_ms(slot, since_ms, until_ms)) for slot in slots]
    worked = [(slot, counted) for slot, counted in mine if counted]
    offices = _merged(worked, lambda slot: slot.office, k)
    kinds = _merged(worked, lambda slot: (slot.kind, slot.place), k)
    return Lent(
        month=month,
        offices=tuple(
            Hours(office=OTHER if office is None else office, counted_ms=group.counted_ms)
            for office, group in offices
        ),
        kinds=tuple(
            KindHours(
                kind=None if key is None else key[0],
                place=None if key is None else key[1],
                counted_ms=group.counted_ms,
                confirmed_ms=group.confirmed_ms,
            )
            for key, group in kinds
        ),
    )


def _merged(
    worked: list[tuple[Slot, int]], key: Callable[[Slot], KeyT], k: int
) -> list[tuple[KeyT | None, _Group]]:
    """Groups that are large enough, by name, and all the others as one; None is the name of that."""
    groups: dict[KeyT, _Group] = {}
    for slot, counted in worked:
        groups.setdefault(key(slot), _Group()).add(slot, counted)
    small = [name for name, group in groups.items() if len(group.people) < k]
    rest = _Group()
    for name in small:
        rest.join(groups.pop(name))
    merged = len(small)
    by_size = sorted(groups, key=lambda name: (len(groups[name].people), str(name)), reverse=True)
    while merged and by_size and (merged < 2 or len(rest.people) < k):
        rest.join(groups.pop(by_size.pop()))
        merged += 1
    shown: list[tuple[KeyT | None, _Group]] = [(name, groups[name]) for name in sorted(groups, key=str)]
    if merged and len(rest.people) >= k:
        shown.append((None, rest))
    return shown


def lent_csv(told: Lent) -> str:
    """The sums as one table that any spreadsheet opens."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("month", "office", "kind", "place", "hours", "confirmed_hours"))
    for row in told.offices:
        writer.writerow((told.month, row.office, "", "", f"{hours(row.counted_ms):.2f}", ""))
    for each in told.kinds:
        kind = OTHER if each.kind is None else each.kind.value
        place = OTHER if each.place is None else each.place.value
        said = (f"{hours(each.counted_ms):.2f}", f"{hours(each.confirmed_ms):.2f}")
        writer.writerow((told.month, "", kind, place, *said))
    return out.getvalue()
