"""Totals for the person, sums for the others, and nobody singled out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.ids import AgentId
from acd.errors import Conflict, RequestError
from acd.store.records import Slot, SlotKind, SlotPlace
from acd.volunteering.living import next_begin_ms, opted_in_until_ms
from acd.volunteering.rome import moment_ms, month_span
from acd.volunteering.sums import OTHER, lent, lent_csv
from acd.volunteering.totals import slots_csv, totals

HOUR_MS = 3_600_000
SINCE_MS, UNTIL_MS = month_span("2026-11")
LATER_MS = UNTIL_MS + 1


def slot(agent: str, begin: str, hours: float, office: str = "roma", **more: object) -> Slot:
    given_: dict[str, object] = {"kind": SlotKind.ORDINARY, "place": SlotPlace.OFFICE} | more
    begin_ms = moment_ms(begin)
    return Slot(
        id=1,
        agent=AgentId(agent),
        office=office,
        from_ms=begin_ms,
        until_ms=begin_ms + round(hours * HOUR_MS),
        accepted_ms=0,
        **given_,  # type: ignore[arg-type]
    )


def test_touching_slots_are_one_time_and_a_gap_ends_it():
    slots = [
        slot("vera", "2026-11-24T09:00", 2),
        slot("vera", "2026-11-24T11:00", 1),
        slot("vera", "2026-11-24T13:00", 1),
    ]
    assert opted_in_until_ms(slots, moment_ms("2026-11-24T10:00")) == moment_ms("2026-11-24T12:00")
    assert opted_in_until_ms(slots, moment_ms("2026-11-24T08:59")) == 0
    assert opted_in_until_ms(slots, moment_ms("2026-11-24T12:00")) == 0
    assert next_begin_ms(slots, moment_ms("2026-11-24T12:00")) == moment_ms("2026-11-24T13:00")
    assert next_begin_ms(slots, moment_ms("2026-11-24T13:00")) is None


def test_what_was_worked_of_a_withdrawn_slot_stays():
    withdrawn = slot("vera", "2026-11-24T09:00", 4, withdrawn_ms=moment_ms("2026-11-24T10:30"))
    assert opted_in_until_ms([withdrawn], moment_ms("2026-11-24T10:00")) == moment_ms("2026-11-24T10:30")
    (total,) = totals([withdrawn], SINCE_MS, UNTIL_MS)
    assert total.counted_ms == 90 * 60_000
    never = slot("vera", "2026-11-25T09:00", 4, withdrawn_ms=moment_ms("2026-11-24T10:30"))
    assert totals([never], SINCE_MS, UNTIL_MS) == ()


def test_totals_by_kind_and_place_with_what_was_confirmed():
    slots = [
        slot("vera", "2026-11-24T09:00", 4, confirmed_ms=1),
        slot("vera", "2026-11-25T09:00", 2.5),
        slot("vera", "2026-11-26T09:00", 3, place=SlotPlace.HOME),
        slot("vera", "2026-10-31T23:00", 2, kind=SlotKind.HOLIDAY, confirmed_ms=1),
    ]
    told = {(each.kind, each.place): each for each in totals(slots, SINCE_MS, UNTIL_MS)}
    office = told[SlotKind.ORDINARY, SlotPlace.OFFICE]
    assert (office.slots, office.counted_ms, office.confirmed_ms) == (2, 6.5 * HOUR_MS, 4 * HOUR_MS)
    assert told[SlotKind.HOLIDAY, SlotPlace.OFFICE].counted_ms == HOUR_MS, "the part in the month"
    table = slots_csv(slots, SINCE_MS, UNTIL_MS).splitlines()
    assert table[0] == "begin,end,office,kind,place,hours,confirmed"
    assert "2026-11-24 09:00,2026-11-24 13:00,roma,ordinary,office,4.00,yes" in table
    assert "total,,,ordinary,office,4.00,yes" in table
    assert "total,,,ordinary,office,2.50,no" in table


def some(office: str, people: int, hours: float = 4) -> list[Slot]:
    return [slot(f"{office}-{number}", "2026-11-24T09:00", hours, office) for number in range(people)]


def test_small_offices_are_merged():
    told = lent([*some("roma", 12), *some("rieti", 6), *some("bari", 7)], "2026-11", LATER_MS, 10)
    assert [(each.office, each.counted_ms) for each in told.offices] == [
        ("roma", 48 * HOUR_MS),
        (OTHER, 52 * HOUR_MS),
    ]


def test_one_small_office_takes_another_with_it():
    """Alone it would be the total less the others."""
    told = lent([*some("roma", 12), *some("milano", 30), *some("rieti", 2)], "2026-11", LATER_MS, 10)
    assert [each.office for each in told.offices] == ["milano", OTHER]


def test_too_few_in_all_are_not_told():
    told = lent([*some("roma", 5), *some("rieti", 4)], "2026-11", LATER_MS, 10)
    assert (told.offices, told.kinds) == ((), ())


def test_a_month_that_goes_on_is_not_told():
    """Nor one that is none."""
    with pytest.raises(Conflict, match="told from 2026-12-01 00:00"):
        lent([], "2026-11", UNTIL_MS - 1, 10)
    for wrong in ("2026-13", "november", "2026-1", ""):
        with pytest.raises(RequestError, match="no month"):
            lent([], wrong, LATER_MS, 10)


def test_the_table_names_no_person():
    told = lent([*some("roma", 12), *some("bari", 11, 2)], "2026-11", LATER_MS, 10)
    assert lent_csv(told).splitlines() == [
        "month,office,kind,place,hours,confirmed_hours",
        "2026-11,bari,,,22.00,",
        "2026-11,roma,,,48.00,",
        "2026-11,,ordinary,office,70.00,0.00",
    ]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 14), max_size=8), st.integers(2, 12))
def test_no_sum_and_no_difference_of_sums_is_of_fewer_than_k(people: dict[str, int], k: int):
    """Everything shown, and the total less everything shown by name, stands for k people or for nobody."""
    slots = [each for office, count in people.items() for each in some(office, count)]
    told = lent(slots, "2026-11", LATER_MS, k)
    named = [each.office for each in told.offices if each.office != OTHER]
    assert all(people[office] >= k for office in named)
    hidden = sum(count for office, count in people.items() if office not in named)
    assert hidden == 0 or hidden >= k or not told.offices
    shown = sum(each.counted_ms for each in told.offices)
    assert shown in {0, 4 * HOUR_MS * sum(people.values())}
