"""The clock of an exercise: one straight line, for what goes by the calendar and for nothing else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.errors import ConfigError
from acd.revisions.configuration import read_configuration
from acd.revisions.documents import take_documents
from acd.rules import Settings, load_settings
from acd.rules.exercise import Exercise, exercise_of, in_exercise, the_day
from acd.rules.load import read_rules
from acd.rules.settings import ExerciseSettings
from tests.rules.good import ENV, SETTINGS, write_good_rules
from tests.rules.test_calendar import at

CALENDARS = """\
calendars:
  uffici:
    hours: {mon-fri: ["08:30-12:30"]}
    patron_saint: office
    closings: [{from: "2022-12-07 10:00", until: "2022-12-07 11:00", reason: Sciopero, say: sciopero}]
"""
TRANSITION = """\
phases:
  - {phase: uffici, name: Uffici, automatic: true, begins: "2022-12-06 08:00", others: [0]}
  - {phase: rientro, name: Rientro, others: [50, 100]}
"""
TOLD = {"day": "2022-12-05", "begins": "2026-11-23 18:00:00", "day_s": 180}
SAID = ExerciseSettings.model_validate(TOLD)
EXERCISE = exercise_of(SAID)
assert EXERCISE is not None
SECOND = 1_000


def real(moment: str) -> int:
    return EXERCISE.real_ms(at(moment))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rules = tmp_path / "rules"
    write_good_rules(rules)
    offices = (rules / "offices.yaml").read_text().replace("capacity: 2", "capacity: 2\n    calendar: uffici")
    texts = "{texts: {it: Ascolti., de: Hören Sie.}}"
    prompts = f"prompts: {{sciopero: {texts}, rehearsal: {texts}}}\n"
    for name, text in (
        ("calendars.yaml", CALENDARS),
        ("transition.yaml", TRANSITION),
        ("offices.yaml", offices),
        ("prompts.yaml", prompts),
    ):
        (rules / name).write_text(text)
    return rules


def test_the_first_midnight_is_the_beginning() -> None:
    """Midnight of the day falls on ``begins``, and each later one comes ``day_s`` seconds after."""
    begins = at("2026-11-23 18:00:00")
    assert real("2022-12-05 00:00") == begins
    assert real("2022-12-06 00:00") == begins + 180 * SECOND
    assert real("2022-12-05 12:00") == begins + 90 * SECOND
    assert real("2022-12-04 00:00") == begins - 180 * SECOND
    assert EXERCISE.calendar_now(begins + 270 * SECOND) == "2022-12-06 12:00"


@given(st.integers(0, 2**42), st.integers(0, 2**42), st.floats(10, 86_400))
def test_it_keeps_the_order_and_comes_back(one: int, other: int, day_s: float) -> None:
    """Never a moment before an earlier one; there and back is less than a second of the calendar off."""
    clock = Exercise(day_ms=at("2022-12-05"), begins_ms=at("2026-11-23 18:00"), day_s=day_s)
    assert (clock.real_ms(one) <= clock.real_ms(other)) or one > other
    assert abs(clock.calendar_ms(clock.real_ms(one)) - one) <= 86_400 / day_s


def test_what_goes_by_the_calendar_goes_by_the_exercise(folder: Path) -> None:
    """Spans, closings, what is known, and the begin of a phase; lengths and all else stay."""
    read = read_rules(folder, the_day(SAID))
    there = in_exercise(read, EXERCISE)
    (name,) = read.today.rules.calendars
    before, after = read.today.rules.calendars[name], there.today.rules.calendars[name]
    assert after.open_at(real("2022-12-05 09:00"))
    assert not after.open_at(real("2022-12-05 13:00"))
    assert not after.open_at(real("2022-12-08 09:00")), "a holiday"
    assert after.why_closed(real("2022-12-07 10:30")) == "sciopero"
    assert after.opens_next(real("2022-12-05 13:00")) == real("2022-12-06 08:30")
    assert len(after.spans) == len(before.spans)
    assert after.known_until_ms == EXERCISE.real_ms(before.known_until_ms)
    assert there.today.transition.phases[0].begins_ms == real("2022-12-06 08:00")
    assert there.today.transition.phases[1] == read.today.transition.phases[1]
    assert there.today.transition.guards == read.today.transition.guards
    assert there.today.rules.queues == read.today.rules.queues
    assert there.today.rules.revision == read.today.rules.revision


def test_cases_are_played_by_the_real_calendar(folder: Path) -> None:
    """The rules themselves, and what is compiled for another day, know nothing of it."""
    read = read_rules(folder, the_day(SAID))
    there = in_exercise(read, EXERCISE)
    assert there.on(read.day).rules == read.today.rules
    assert in_exercise(read, None) is read


def settings_of(folder: Path, said: str) -> Settings:
    (folder.parent / "acd.yaml").write_text(f"{SETTINGS}{said}")
    return load_settings(folder.parent / "acd.yaml", ENV)


def test_a_configuration_is_read_under_the_settings_clock(folder: Path) -> None:
    """Today is the day of the exercise; compiled again, for the daily round, it is the same."""
    told = ", ".join(f"{key}: {value!r}" for key, value in TOLD.items())
    settings = settings_of(folder, f"exercise: {{{told}}}\n")
    day = the_day(settings.exercise)
    assert day == dt.date(2022, 12, 5)
    configuration = read_configuration(take_documents(settings), settings, day)
    (calendar,) = configuration.read.today.rules.calendars.values()
    assert calendar.open_at(real("2022-12-05 09:00"))
    again = configuration.on(day + dt.timedelta(days=1))
    (calendar,) = again.read.today.rules.calendars.values()
    assert calendar.open_at(real("2022-12-06 09:00"))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("{day: '2022-12-05'}", "begins"),
        ("{day: '2022-13-05', begins: '2026-11-23 18:00:00'}", "is not a day of the calendar"),
        ("{day: '2022-12-05', begins: '2026-11-23 18:00'}", "is no moment"),
        ("{day: '2022-12-05', begins: '2026-11-31 18:00:00'}", "is no moment"),
        ("{day: '2022-12-05', begins: '2026-11-23 18:00:00', day_s: 5}", "10"),
    ],
)
def test_a_clock_that_cannot_be_is_refused(folder: Path, said: str, why: str) -> None:
    """With the place and what is wrong."""
    with pytest.raises(ConfigError, match=why):
        settings_of(folder, f"exercise: {said}\n")


def test_without_it_the_day_is_today(folder: Path) -> None:
    """No section, no exercise."""
    settings = settings_of(folder, "")
    assert settings.exercise is None
    assert exercise_of(None) is None
