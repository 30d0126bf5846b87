"""The goals of the service and the declared emergencies: what the file says, and what it refuses."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from acd.figures.formulas import Formula
from acd.rules.goals import Goals, check_goals
from acd.rules.goals_shape import Measure
from acd.rules.reading import read_document

SHIPPED = Path(__file__).parents[2] / "config" / "goals.yaml"


def row(begins: str, ends: str, more: str, name: str = "e1") -> str:
    told = f'id: {name}, reason: "linee interrotte", act: "Determina 1 del 1 giugno"'
    return f'- {{{told}, begins: "{begins}", ends: "{ends}", {more}}}\n'


def read(folder: Path, text: str) -> tuple[Goals | None, list[str]]:
    (folder / "goals.yaml").write_text(text, encoding="utf-8")
    document = read_document(folder / "goals.yaml")
    goals = check_goals(document, ["risolta"])
    return goals, [str(finding).partition("goals.yaml:")[2] for finding in document.findings]


def rome(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Rome")).timestamp() * 1_000)


def test_the_shipped_goals_rise_by_the_year():
    """93.2, 94.5, 95.9, each from midnight in Rome; none before the first."""
    goals = check_goals(read_document(SHIPPED), ["risolta"])
    assert goals is not None
    days = ("2022-12-31T23:59", "2023-01-01", "2023-12-31T23:59", "2024-01-01", "2025-06-01")
    assert [goals.ratio_at(rome(day)) for day in days] == [None, 0.932, 0.932, 0.945, 0.959]
    assert goals.emergencies == ()


def test_an_emergency_holds_from_its_first_minute_to_the_end_of_its_last_day(tmp_path):
    """On Rome's clock, on the day the clocks go back too."""
    goals, findings = read(tmp_path, "emergencies:\n" + row("2026-10-24 08:00", "2026-10-25", "ratio: 0.8"))
    assert goals is not None
    assert not findings
    held = [goals.emergency_at(rome(at)) is not None for at in ("2026-10-24T07:59", "2026-10-24T08:00")]
    assert held == [False, True]
    one = goals.emergencies[0]
    assert one.until_ms - one.from_ms == (16 + 25) * 3_600_000
    assert (one.ratio, one.threshold_ms, one.suspended) == (0.8, 0, False)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (
            'goals: [{from_day: "2024-01-01", ratio: 0.9}, {from_day: "2023-01-01", ratio: 0.8}]\n',
            "1:58: this is not after 2024-01-01, of the goal above; goals stand in order, oldest first.",
        ),
        (
            "emergencies:\n" + row("2026-06-02", "2026-06-01", "suspended: true"),
            "this is not after 2026-06-02, when it begins.",
        ),
        (
            "emergencies:\n" + row("2026-06-02", "2026-06-02", "suspended: false"),
            "this emergency changes nothing; write 'suspended: true', or 'ratio', or 'threshold_s'.",
        ),
        (
            "emergencies:\n" + row("2026-06-02", "2026-06-02", "suspended: true, ratio: 0.5"),
            "a suspended goal has no other in its place; remove 'ratio', or 'suspended'.",
        ),
        ("solved: [risolto]\n", "there is no outcome code 'risolto' in the rules; did you mean 'risolta'?"),
        ("measure: answered\n", "'measure' cannot be 'answered';"),
        ("goals:\n- {from_day: 2024-01-01, ratio: 0.9}\n", "2:14: "),
    ],
)
def test_what_leads_nowhere_is_told_with_its_place(tmp_path, text, finding):
    """One finding, at what is wrong."""
    goals, findings = read(tmp_path, text)
    assert goals is None
    assert len(findings) == 1
    assert finding in findings[0]


def test_two_emergencies_never_share_a_moment_or_a_name(tmp_path):
    """In whatever order they stand; one may begin where another ends."""
    late = row("2026-06-05", "2026-06-08", "suspended: true")
    early = row("2026-06-01", "2026-06-05", "suspended: true", "e2")
    goals, findings = read(tmp_path, "emergencies:\n" + late + early.replace("06-05", "06-06"))
    assert goals is None
    assert findings == ["2:81: 'e2' is not over then; a moment has one emergency at most."]
    _, findings = read(tmp_path, "emergencies:\n" + late + row("2026-06-01", "2026-06-04", "suspended: true"))
    assert ["an emergency is named 'e1'" in finding for finding in findings] == [True]
    goals, findings = read(tmp_path, "emergencies:\n" + late + early.replace("06-05", "06-05 00:00"))
    assert goals is not None
    assert [one.id for one in goals.emergencies] == ["e2", "e1"]


def test_the_goals_speak_of_a_known_formula():
    """The words of the file are those of the formulas, and one more."""
    assert set(get_args(Measure)) == {*Formula, "answered_share"}
