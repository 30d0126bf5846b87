"""The drill without Asterisk: its books see what is missing, its plans can be lived, its rules are right."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest

from acd.core.ids import AgentId
from acd.rules.load import load_rules
from acd.rules.roster import read_roster
from acd.store.hashing import KeyedHash
from acd_drill.books import Played, compared
from acd_drill.country import AGENTS, CLOSED_BY_SAINT, OFFICES, SITES, VOLUNTEER, roster, write_rules
from acd_drill.days import FULL, SHORT, Days, Plan, moment
from acd_drill.desk import EFFECT_S_MAX, Step, pace_of

KEY = "key-of-the-tests-only-0123456789"
COUNTS = {"entered": 2, "ended": 2, "in_progress": 0, "unaccounted": 0}


def row(number: str, office: str = "roma") -> dict[str, object]:
    return {
        "caller": KeyedHash(KEY).number(number),
        "outcome": "answered",
        "office": office,
        "wait_ms": 1_500,
    }


def unaccounted(numbers: list[str], rows: list[dict[str, object]], **counts: int) -> int:
    return compared(len(numbers), numbers, {**COUNTS, **counts}, rows, KEY).unaccounted


def test_books_that_agree() -> None:
    """Each caller once, on both sides."""
    told = compared(2, ["061", "062"], COUNTS, [row("061"), row("062", "")], KEY)
    assert (told.unaccounted, told.rows, told.by_agents) == (0, 2, 1)
    assert told.by_office == {"roma": 1}
    assert told.wait_s == {"p50": 1.5, "p95": 1.5}


@pytest.mark.parametrize(
    ("numbers", "rows", "counts"),
    [
        (["061", "062"], [row("061")], {}),
        (["061", "062"], [row("061"), row("061")], {}),
        (["061", "062"], [row("061"), row("063")], {}),
        (["061", "062", "063"], [row("061"), row("062")], {}),
        (["061", "062"], [row("061"), row("062")], {"in_progress": 1}),
        (["061", "062"], [row("061"), row("062")], {"unaccounted": 1}),
        (["061", "062"], [row("061"), row("062")], {"ended": 3}),
    ],
)
def test_books_that_do_not(numbers: list[str], rows: list[dict[str, object]], counts: dict[str, int]) -> None:
    """A call missing, told twice, of a stranger, never entered, never ended: each is seen."""
    assert unaccounted(numbers, rows, **counts) > 0


def test_a_step_is_well_only_in_time_and_with_its_status() -> None:
    """What starting a command takes is left out, and nothing else is."""
    assert Step("acd", 0.0, status=0).well(0.7)
    assert not Step("acd", 0.0, status=1).well(0.7)
    assert Step("acd", 0.0, status=1, expected=1).well(0.7)
    assert not Step("acd", 0.0, status=0, timed=True).well(0.7), "no effect came"
    assert Step("acd", 0.0, status=0, timed=True, effect_s=EFFECT_S_MAX + 0.6).well(0.7)
    assert not Step("acd", 0.0, status=0, timed=True, effect_s=EFFECT_S_MAX + 0.8).well(0.7)
    assert Step("acd", 0.0, status=0, timed=True, effect_s=EFFECT_S_MAX * 2 + 1.5).well(1.6), "a busy machine"


def test_on_a_busy_machine_the_days_are_longer() -> None:
    """By as much as commands are slower, up to a bound; on an idle one nothing is changed."""
    assert SHORT.at_pace(pace_of(0.5)) == SHORT
    twice = SHORT.at_pace(pace_of(1.6))
    assert (twice.day_s, twice.override_s, twice.acts) == (80, 16, SHORT.acts)
    assert SHORT.at_pace(100).day_s == SHORT.day_s * 4


def test_what_the_engine_went_by_next() -> None:
    """The first moment from Enter on."""
    assert Played().after([900, 2_500], 1.0) == 1.5
    assert Played().after([900], 1.0) is None


@pytest.mark.parametrize("plan", [FULL, SHORT])
def test_a_plan_can_be_lived(plan: Plan) -> None:
    """Acts stand in order between the first caller and the last, and each is one."""
    moments = [moment(plan.begins), *(moment(at) for at, _ in plan.acts), moment(plan.ends)]
    assert all(before < after for before, after in pairwise(moments))
    assert all(hasattr(Days, f"_{act}") for _, act in plan.acts)
    assert {act for _, act in plan.acts} == {act for _, act in FULL.acts}, "short leaves nothing out"


def test_the_rules_of_the_drill_are_right(tmp_path: Path) -> None:
    """They load as on the first day; its office is closed by its saint; the people fit them."""
    numbers = write_rules(tmp_path / "rules")
    loaded = load_rules(tmp_path / "rules", dt.date.fromisoformat(FULL.day))
    assert set(numbers) == {place.office for place in OFFICES}
    calendars = loaded.rules.calendars
    open_at = {
        office.id: calendars[office.calendar].open_at(moment("2022-12-01 10:00"))
        for office in loaded.rules.offices.values()
        if office.calendar is not None
    }
    assert [office for office, is_open in open_at.items() if not is_open] == [CLOSED_BY_SAINT]
    (tmp_path / "roster.csv").write_text(roster())
    people = read_roster(tmp_path / "roster.csv", loaded.rules).agents
    assert len(people) == AGENTS
    assert {agent.site for agent in people.values()} == set(SITES)
    assert [agent.id for agent in people.values() if agent.volunteer] == [AgentId(VOLUNTEER)]
