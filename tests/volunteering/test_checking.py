"""What is odd about a slot is told before it is accepted."""

from __future__ import annotations

import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.ids import AgentId, SiteId
from acd.core.policy import Agent
from acd.rules.volunteering import HourProfile, Volunteering
from acd.store.records import Slot, SlotKind, SlotPlace
from acd.volunteering.checking import check_slot, refuses
from acd.volunteering.rome import moment_ms
from acd.volunteering.words import TEXTS

HOUR_MS = 3_600_000
NOW_MS = moment_ms("2026-11-23T08:00")
PART_TIME = HourProfile(weekly_ms=20 * HOUR_MS, daily_ms=4 * HOUR_MS, overtime_weekly_ms=0)
RULES = Volunteering(profiles={"pt": PART_TIME})
VERA = Agent(id=AgentId("vera"), site=SiteId("roma"), endpoint="vera", skills={}, hours="pt", volunteer=True)


def slot(begin: str, end: str, **more: object) -> Slot:
    """A slot of Vera's, in the office, ordinary."""
    given_: dict[str, object] = {
        "office": "roma",
        "kind": SlotKind.ORDINARY,
        "place": SlotPlace.OFFICE,
    } | more
    return Slot(
        id=0,
        agent=VERA.id,
        from_ms=moment_ms(begin),
        until_ms=moment_ms(end),
        accepted_ms=NOW_MS,
        **given_,  # type: ignore[arg-type]
    )


def rules_broken(offered: Slot, *others: Slot, rules: Volunteering = RULES) -> list[str]:
    return [flag.rule for flag in check_slot(offered, others, VERA, rules, ["roma"], NOW_MS)]


def test_a_plain_slot_has_no_flag():
    assert rules_broken(slot("2026-11-24T09:00", "2026-11-24T13:00")) == []


@pytest.mark.parametrize(
    ("begin", "end", "rule"),
    [
        ("2026-11-24T13:00", "2026-11-24T09:00", "times"),
        ("2026-11-24T09:00", "2026-11-24T09:00", "times"),
        ("2026-11-24T09:00", "2026-11-26T09:00", "times"),
        ("2026-11-24T09:00", "2026-11-24T09:10", "length"),
        ("2026-11-23T07:00", "2026-11-23T09:00", "past"),
        ("2027-02-24T09:00", "2027-02-24T12:00", "ahead"),
    ],
)
def test_what_makes_no_sense_is_refused(begin: str, end: str, rule: str):
    flags = check_slot(slot(begin, end), (), VERA, RULES, ["roma"], NOW_MS)
    assert [flag.rule for flag in flags] == [rule]
    assert refuses(flags)


def test_a_slot_may_begin_now():
    assert rules_broken(slot("2026-11-23T07:57", "2026-11-23T10:00")) == []


def test_an_office_nobody_knows_and_a_time_that_is_taken():
    taken = slot("2026-11-24T09:00", "2026-11-24T12:00")
    assert rules_broken(slot("2026-11-25T09:00", "2026-11-25T12:00", office="nowhere")) == ["office"]
    assert rules_broken(slot("2026-11-24T11:30", "2026-11-24T12:30"), taken) == ["overlap"]
    assert rules_broken(slot("2026-11-24T12:00", "2026-11-24T13:00"), taken) == [], "they touch"
    withdrawn = msgspec.structs.replace(taken, withdrawn_ms=NOW_MS)
    assert rules_broken(slot("2026-11-24T11:30", "2026-11-24T12:30"), withdrawn) == []


def test_no_overtime_on_a_day_at_home():
    """Of one slot, or of two of a day in either order."""
    rules = Volunteering()
    home = slot("2026-11-24T09:00", "2026-11-24T12:00", place=SlotPlace.HOME)
    late = slot("2026-11-24T14:00", "2026-11-24T16:00", kind=SlotKind.OVERTIME)
    both = slot("2026-11-24T14:00", "2026-11-24T16:00", kind=SlotKind.OVERTIME, place=SlotPlace.HOME)
    assert rules_broken(both, rules=rules) == ["home_overtime"]
    assert rules_broken(late, home, rules=rules) == ["home_overtime"]
    assert rules_broken(home, late, rules=rules) == ["home_overtime"]
    another_day = slot("2026-11-25T14:00", "2026-11-25T16:00", kind=SlotKind.OVERTIME)
    assert rules_broken(another_day, home, rules=rules) == []
    plain = slot("2026-11-24T18:00", "2026-11-24T19:00")
    assert rules_broken(plain, home, late, rules=rules) == [], "the others' trouble is not its own"


@pytest.mark.parametrize(
    ("begin", "end", "at_night"),
    [
        ("2026-11-24T18:00", "2026-11-24T22:00", False),
        ("2026-11-24T18:00", "2026-11-24T22:01", True),
        ("2026-11-24T05:30", "2026-11-24T07:00", True),
        ("2026-11-24T06:00", "2026-11-24T07:00", False),
        ("2026-11-24T23:30", "2026-11-25T01:00", True),
    ],
)
def test_nobody_works_at_night(begin: str, end: str, at_night: bool):
    assert rules_broken(slot(begin, end), rules=Volunteering()) == (["night"] if at_night else [])


def test_eleven_hours_of_rest_between_two_days():
    """In both directions; two slots of one day need none."""
    evening = slot("2026-11-24T18:00", "2026-11-24T21:30")
    assert rules_broken(slot("2026-11-25T08:00", "2026-11-25T10:00"), evening) == ["rest"]
    assert rules_broken(slot("2026-11-25T08:30", "2026-11-25T10:00"), evening) == []
    morning = slot("2026-11-25T08:00", "2026-11-25T10:00")
    assert rules_broken(evening, morning) == ["rest"]
    assert rules_broken(slot("2026-11-24T13:00", "2026-11-24T13:30"), evening) == []


def test_part_time_hours_of_a_day_and_a_week():
    days = [slot(f"2026-11-{day}T09:00", f"2026-11-{day}T13:00") for day in range(23, 27)]
    assert rules_broken(slot("2026-11-27T09:00", "2026-11-27T13:00"), *days[1:]) == []
    assert rules_broken(slot("2026-11-27T09:00", "2026-11-27T13:30"), *days[1:]) == ["contract_hours"]
    assert rules_broken(slot("2026-11-28T09:00", "2026-11-28T13:00"), *days) == []
    friday = slot("2026-11-27T09:00", "2026-11-27T13:00")
    assert rules_broken(slot("2026-11-28T09:00", "2026-11-28T09:30"), *days, friday) == ["contract_hours"]
    monday = slot("2026-11-30T09:00", "2026-11-30T13:00")
    assert rules_broken(monday, *days, friday) == [], "another week"
    overtime = slot("2026-11-27T14:00", "2026-11-27T15:00", kind=SlotKind.OVERTIME)
    assert rules_broken(overtime) == ["contract_hours"]
    assert rules_broken(slot("2026-11-29T09:00", "2026-11-29T14:00", kind=SlotKind.HOLIDAY)) == []


def test_a_rule_that_warns_refuses_nothing():
    rules = Volunteering(night="warn", rest="warn", home_overtime="warn", contract_hours="warn")
    flags = check_slot(slot("2026-11-24T20:00", "2026-11-24T23:00"), (), VERA, rules, ["roma"], NOW_MS)
    assert [flag.rule for flag in flags] == ["night"]
    assert not refuses(flags)


def test_the_day_the_clock_changes_has_its_own_length():
    """The night before a Sunday in October is an hour longer, so rest is by time and not by the clock."""
    now_ms = moment_ms("2026-10-20T08:00")
    evening = slot("2026-10-24T19:00", "2026-10-24T21:30")
    morning = slot("2026-10-25T07:30", "2026-10-25T09:00")
    assert check_slot(morning, [evening], VERA, Volunteering(), ["roma"], now_ms) == ()


def test_every_sentence_is_there_in_both_languages():
    def places(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert TEXTS["it"].keys() == TEXTS["en"].keys()
    for key, text in TEXTS["it"].items():
        assert places(text) == places(TEXTS["en"][key]), key


TIMES = st.integers(NOW_MS // 900_000 - 100, NOW_MS // 900_000 + 1_000).map(lambda quarter: quarter * 900_000)
SLOTS = st.builds(
    lambda begin, quarters, kind, place: Slot(
        id=0,
        agent=VERA.id,
        office="roma",
        from_ms=begin,
        until_ms=begin + quarters * 900_000,
        kind=kind,
        place=place,
        accepted_ms=NOW_MS,
    ),
    TIMES,
    st.integers(1, 40),
    st.sampled_from(SlotKind),
    st.sampled_from(SlotPlace),
)


@given(st.lists(SLOTS, max_size=12))
def test_slots_accepted_one_by_one_keep_all_the_rules(offered: list[Slot]):
    """Whatever is offered in whatever order, what was accepted never breaks one."""
    accepted: list[Slot] = []
    for each in offered:
        if not refuses(check_slot(each, accepted, VERA, RULES, ["roma"], NOW_MS)):
            accepted.append(each)
    for each in accepted:
        others = [other for other in accepted if other is not each]
        assert check_slot(each, others, VERA, RULES, ["roma"], NOW_MS) == ()
