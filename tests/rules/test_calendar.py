"""From hours to spans: the clock of Rome, holidays, saints, half days, what is open or closed for once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.policy import Calendar
from acd.rules.calendar import KNOWN_DAYS, ROME, Calendars, today_in_rome
from acd.rules.calendar_shape import CalendarsFile, CalendarShape, HolidaysFile
from acd.rules.entry import HOLIDAY_PROMPT, PATRON_PROMPT
from acd.rules.holiday_days import AmbiguousPatron, HolidayDays
from acd.rules.load import load_rules
from acd.rules.provinces import provinces
from tests.rules.good import ROUTING, write_good_rules

NATIONAL = Path(__file__).parents[2] / "routing_rules"
TODAY = dt.date(2026, 9, 1)
WEEK = {"mon-fri": ("08:00-20:00",), "sat": ("08:00-14:00",)}
UNSURE = ("BI", "BT", "FC", "FM", "LT", "PG", "PN", "PO", "PU", "RG", "VE")


def shape(**said: object) -> CalendarShape:
    return CalendarShape.model_validate({"hours": WEEK, **said})


def compiled(today: dt.date = TODAY, corrected: HolidaysFile | None = None, **said: object) -> Calendar:
    file = CalendarsFile(calendars={"c": shape(**said)})
    return Calendars(file, corrected or HolidaysFile(), today).of_queue("c")


def at(moment: str) -> int:
    return round(dt.datetime.fromisoformat(moment).replace(tzinfo=ROME).timestamp() * 1_000)


def hours_of(calendar: Calendar, day: str) -> list[str]:
    """The clock when it opens and closes on a day, ``08:00-20:00``."""
    found = []
    for span in calendar.spans:
        begin, until = (dt.datetime.fromtimestamp(end / 1_000, tz=ROME) for end in span)
        if f"{begin:%Y-%m-%d}" == day:
            found.append(f"{begin:%H:%M}-{until:%H:%M}")
    return found


def test_hours_of_the_week() -> None:
    """Each weekday its own, Sunday none."""
    calendar = compiled()
    assert hours_of(calendar, "2026-09-07") == ["08:00-20:00"]
    assert hours_of(calendar, "2026-09-12") == ["08:00-14:00"]
    assert hours_of(calendar, "2026-09-13") == []
    assert [calendar.open_at(at(f"2026-09-07 {time}")) for time in ("07:59", "08:00", "19:59", "20:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert calendar.opens_next(at("2026-09-12 14:00")) == at("2026-09-14 08:00")


def test_the_clock_is_set_and_the_hours_stay() -> None:
    """8 o'clock is 8 o'clock in winter too; a night over the change is an hour longer or shorter."""
    calendar = compiled(hours={"mon-sun": ("00:00-24:00",)}, holidays=False)
    assert len(calendar.spans) == 1, "days that touch are one span"
    hours = compiled(hours={"mon-sun": ("00:00-12:00",)}, holidays=False)
    lengths = {
        dt.datetime.fromtimestamp(begin / 1_000, tz=ROME).date().isoformat(): (until - begin) / 3_600_000
        for begin, until in hours.spans
    }
    assert (lengths["2026-10-24"], lengths["2026-10-25"], lengths["2027-03-28"]) == (12, 13, 11)
    workdays = compiled()
    assert hours_of(workdays, "2026-10-26") == hours_of(workdays, "2026-10-23") == ["08:00-20:00"]


def test_an_hour_that_the_clock_skips_is_none() -> None:
    """From 2 to 3 in the night of the last Sunday of March there is nothing to be open."""
    calendar = compiled(hours={"mon-sun": ("02:00-03:00",)}, holidays=False)
    assert hours_of(calendar, "2027-03-28") == []
    assert hours_of(calendar, "2027-03-27") == ["02:00-03:00"]


def test_holidays_are_closed_and_say_so() -> None:
    """By law; 4 October is one from 2026 on."""
    calendar = compiled(today=dt.date(2026, 9, 20), hours={"mon-sun": ("08:00-20:00",)})
    for day in ("2026-10-04", "2026-12-25", "2026-12-26", "2027-01-06", "2027-03-29", "2027-06-02"):
        assert hours_of(calendar, day) == [], day
        assert calendar.why_closed(at(f"{day} 10:00")) == HOLIDAY_PROMPT
    assert calendar.why_closed(at("2026-10-05 07:00")) == ""
    assert hours_of(compiled(holidays=False), "2026-12-25") == ["08:00-20:00"]


def test_holidays_may_have_hours_of_their_own() -> None:
    """Then they are not closed, and no reason is said."""
    calendar = compiled(hours={**WEEK, "holiday": ("09:00-12:00",)})
    assert hours_of(calendar, "2026-12-25") == ["09:00-12:00"]
    assert calendar.why_closed(at("2026-12-25 08:00")) == ""


def test_a_half_day_closes_early_and_opens_nothing() -> None:
    """Every year; a day that is closed anyway stays so, and what begins later falls away."""
    halves = {"12-24": "13:00", "12-26": "13:00", "12-12": "07:00"}
    calendar = compiled(half_days=halves)
    assert hours_of(calendar, "2026-12-24") == ["08:00-13:00"]
    assert hours_of(calendar, "2026-12-26") == []
    assert hours_of(calendar, "2026-12-12") == []


def test_closed_for_once() -> None:
    """A piece of a day, or days; the reason is said if there is a prompt for it."""
    calendar = compiled(
        closings=(
            {"from": "2026-09-07 14:00", "until": "2026-09-07 16:30", "reason": "Guasto"},
            {"from": "2026-09-08", "until": "2026-09-09", "reason": "Sciopero", "say": "sciopero"},
        )
    )
    assert hours_of(calendar, "2026-09-07") == ["08:00-14:00", "16:30-20:00"]
    assert hours_of(calendar, "2026-09-08") == hours_of(calendar, "2026-09-09") == []
    assert hours_of(calendar, "2026-09-10") == ["08:00-20:00"]
    assert calendar.why_closed(at("2026-09-07 15:00")) == ""
    assert calendar.why_closed(at("2026-09-09 23:59")) == "sciopero"


def test_open_for_once() -> None:
    """On a Sunday, on a holiday, or longer than on other days."""
    calendar = compiled(
        openings=(
            {"from": "2026-09-13 09:00", "until": "2026-09-13 12:00", "reason": "Scadenza"},
            {"from": "2026-12-08 08:00", "until": "2026-12-08 14:00", "reason": "Scadenza"},
            {"from": "2026-09-14 20:00", "until": "2026-09-14 22:00", "reason": "Scadenza"},
        )
    )
    assert hours_of(calendar, "2026-09-13") == ["09:00-12:00"]
    assert hours_of(calendar, "2026-12-08") == ["08:00-14:00"]
    assert hours_of(calendar, "2026-09-14") == ["08:00-22:00"]


def test_the_saint_of_a_province() -> None:
    """Closed there, with its own reason; the rest of Italy works."""
    milan, rome = compiled(patron_saint="MI"), compiled(patron_saint="RM")
    assert hours_of(milan, "2026-12-07") == []
    assert milan.why_closed(at("2026-12-07 10:00")) == PATRON_PROMPT
    assert hours_of(rome, "2026-12-07") == ["08:00-20:00"]
    assert hours_of(rome, "2027-06-29") == []


def test_each_office_has_the_calendar_of_its_province() -> None:
    """One is made for each, and once."""
    calendars = Calendars(CalendarsFile(calendars={"c": shape(patron_saint="office")}), HolidaysFile(), TODAY)
    bari, lecce = calendars.of_office("c", "BA"), calendars.of_office("c", "LE")
    assert (bari.id, lecce.id) == ("c.ba", "c.le")
    assert calendars.of_office("c", "BA") is bari
    assert hours_of(lecce, "2027-08-26") == []
    assert hours_of(bari, "2027-08-26") == ["08:00-20:00"]


@pytest.mark.parametrize("province", UNSURE)
def test_a_saint_that_is_not_sure_must_be_said(province: str) -> None:
    """The library names none or several; nobody guesses which."""
    with pytest.raises(AmbiguousPatron, match=f"the patron saint of '{province}' is not sure"):
        HolidayDays(HolidaysFile(), (2026, 2027)).patron(province)


def test_all_others_are_sure() -> None:
    """96 provinces have one day a year, whatever the year."""
    days = HolidayDays(HolidaysFile(), range(2022, 2033))
    sure = [one.sigla for one in provinces() if one.sigla not in UNSURE]
    assert len(sure) == 96
    assert all(len(days.patron(sigla)) == 11 for sigla in sure)


def test_the_shipped_corrections() -> None:
    """What holidays.yaml of the INPS set makes of them."""
    calendars = load_rules(NATIONAL, TODAY).rules.calendars
    closed = {
        "uffici.pg": "2027-01-29",
        "uffici.fc": "2027-02-04",
        "uffici.pu": "2026-09-24",
        "uffici.lt": "2027-07-06",
        "uffici.pn": "2026-09-08",
        "uffici.fm": "2027-08-16",
        "uffici.bz": "2027-05-17",
    }
    for name, day in closed.items():
        assert calendars[name].why_closed(at(f"{day} 10:00")) == PATRON_PROMPT, name
    assert hours_of(calendars["uffici.pg"], "2027-08-11") == ["08:30-12:30"]
    assert hours_of(calendars["uffici.bi"], "2026-12-28") == ["08:30-12:30"]


def test_holidays_can_be_added_and_dropped() -> None:
    """A law that the library does not know yet, and one that it knows wrongly."""
    corrected = HolidaysFile(added={"2026-09-08": "Nuova festa"}, dropped=("2026-12-08",))
    calendar = compiled(corrected=corrected)
    assert hours_of(calendar, "2026-09-08") == []
    assert hours_of(calendar, "2026-12-08") == ["08:00-20:00"]


def test_days_are_known_so_far_ahead() -> None:
    """400 from the day it was made; after that it counts as open, so that nobody is turned away."""
    calendar = compiled()
    end = at(f"{TODAY + dt.timedelta(days=KNOWN_DAYS)} 00:00")
    assert calendar.known_until_ms == end
    assert calendar.spans[-1][1] <= end
    assert calendar.open_at(end + 3 * 3_600_000)
    assert calendar.open_at(at("2026-08-31 19:00")), "who called yesterday is still there after midnight"


def test_a_year_of_all_offices_is_quick() -> None:
    """107 calendars of 400 days in less than 0.3 s of the processor, also the first time."""
    calendars = CalendarsFile(calendars={"c": shape(patron_saint="office")})
    every = [one.sigla for one in provinces()]
    day = {"day": "03-03", "name": "Santo"}
    corrected = HolidaysFile.model_validate({"patrons": dict.fromkeys(UNSURE, day)})
    took_s = []
    for offset in range(3):
        began = process_time()
        made = Calendars(calendars, corrected, dt.date(2030 + offset, 1, 1))
        assert len({made.of_office("c", sigla).id for sigla in every}) == 107
        took_s.append(process_time() - began)
    assert min(took_s) < 0.3, took_s


def test_the_core_gets_what_the_files_say(tmp_path: Path) -> None:
    """Queues and offices name their calendars, and only those that are used are compiled."""
    rules = load_rules(write_good_rules(tmp_path / "rules", ROUTING), TODAY).rules
    assert {queue.calendar for queue in rules.queues.values()} == {"nazionale"}
    assert [office.calendar for office in rules.offices.values()] == [None, "uffici.bz"]
    assert set(rules.calendars) == {"nazionale", "uffici.bz"}
    national = rules.calendars["nazionale"]
    assert hours_of(national, "2026-09-01") == [], "added in holidays.yaml"
    assert hours_of(national, "2026-11-01") == ["08:00-12:00"]
    assert national.why_closed(at("2026-09-10 15:00")) == "assemblea"
    assert hours_of(rules.calendars["uffici.bz"], "2027-05-17") == ["09:00-10:00"]


def test_today_is_rome_s() -> None:
    """Near midnight the server's own zone would be another day."""
    assert abs((today_in_rome() - dt.datetime.now(tz=dt.UTC).date()).days) <= 1


TWO_HALF_HOURS = st.lists(st.integers(0, 47), min_size=2, max_size=2, unique=True)
RANGES = st.lists(TWO_HALF_HOURS.map(lambda ends: (min(ends), max(ends))), max_size=3)


@given(
    week=st.lists(RANGES, min_size=7, max_size=7),
    closings=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 90)), max_size=3),
    openings=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 90)), max_size=3),
    minute=st.integers(0, 14 * 24 * 60 - 1),
)
def test_spans_say_what_the_clock_says(
    week: list[list[tuple[int, int]]],
    closings: list[tuple[int, int]],
    openings: list[tuple[int, int]],
    minute: int,
) -> None:
    """In order, apart from each other, and open at a minute just when the hours of that day say so."""
    first = dt.datetime(2026, 9, 7, tzinfo=ROME)

    def half_hours(number: int) -> str:
        return f"{number // 2:02}:{number % 2 * 30:02}"

    def once(begin: int, length: int) -> dict[str, str]:
        ends = [first + dt.timedelta(minutes=30 * each) for each in (begin, begin + length)]
        return {"from": f"{ends[0]:%Y-%m-%d %H:%M}", "until": f"{ends[1]:%Y-%m-%d %H:%M}", "reason": "x"}

    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    calendar = compiled(
        hours={
            day: tuple(f"{half_hours(a)}-{half_hours(b)}" for a, b in ranges)
            for day, ranges in zip(days, week, strict=True)
        },
        closings=tuple(once(*each) for each in closings),
        openings=tuple(once(*each) for each in openings),
    )
    ends = [end for span in calendar.spans for end in span]
    assert ends == sorted(set(ends))
    at_day, at_minute = divmod(minute, 24 * 60)
    hours = any(a * 30 <= at_minute < b * 30 for a, b in week[at_day % 7])
    closed = any(begin * 30 <= minute < (begin + length) * 30 for begin, length in closings)
    opened = any(begin * 30 <= minute < (begin + length) * 30 for begin, length in openings)
    moment_ms = round((first + dt.timedelta(minutes=minute)).timestamp() * 1_000)
    assert calendar.open_at(moment_ms) == (opened or (hours and not closed))
