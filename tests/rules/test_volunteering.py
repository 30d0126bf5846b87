"""``breaks.yaml`` and ``volunteering.yaml``: what is compiled of them; every mistake told at its place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from acd.core.ids import AgentId, PauseReasonId, SiteId, SkillId
from acd.core.policy import Agent, Breaks, Roster
from acd.errors import ConfigError
from acd.rules import load_rules
from acd.rules.load import LoadedRules
from acd.rules.people import check_people
from acd.rules.volunteering import Volunteering
from tests.rules.good import RULES, write_good_rules

TODAY = dt.date(2026, 9, 1)
ROOT = Path(__file__).resolve().parents[2]
HOUR_MS = 3_600_000


def load(folder: Path, **files: str) -> LoadedRules:
    given = {f"{name}.yaml": text for name, text in files.items()}
    return load_rules(write_good_rules(folder, {**RULES, **given}), TODAY)


def test_breaks_are_the_laws_unless_the_file_says_otherwise(tmp_path: Path):
    """Only the reason must be named."""
    loaded = load(tmp_path / "rules", breaks="breaks: {reason: riunione}\n")
    assert loaded.rules.breaks == Breaks(after_ms=7_200_000, for_ms=900_000, reason=PauseReasonId("riunione"))


def test_without_files_nobody_is_sent_on_a_break_and_the_rules_for_slots_are_the_laws(tmp_path: Path):
    loaded = load(tmp_path / "rules")
    assert loaded.rules.breaks is None
    assert loaded.volunteering == Volunteering()


def test_less_than_the_law_takes_an_agreement(tmp_path: Path):
    rule = "breaks: {reason: riunione, after_s: 9000, for_s: 600"
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "bad", breaks=rule + "}\n")
    assert len(caught.value.findings) == 2
    assert all("name the agreement" in finding for finding in caught.value.findings)
    loaded = load(tmp_path / "good", breaks=rule + ", agreement: CCNL 2025 art. 12}\n")
    assert loaded.rules.breaks is not None
    assert loaded.rules.breaks.after_ms == 9_000_000


def test_a_break_may_begin_sooner_but_not_with_the_work(tmp_path: Path):
    """Half of the work at most: a break at its beginning is what the law forbids."""
    rule = "breaks: {reason: riunione, early_s: "
    loaded = load(tmp_path / "good", breaks=rule + "3600}\n")
    assert loaded.rules.breaks is not None
    assert loaded.rules.breaks.early_ms == 3_600_000
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "bad", breaks=rule + "3601}\n")
    assert caught.value.findings[0].startswith(
        f"{tmp_path}/bad/breaks.yaml:1:37: at most half of after_s, 3600"
    )


def test_hours_become_milliseconds(tmp_path: Path):
    loaded = load(
        tmp_path / "rules",
        volunteering="hours: {pt: {weekly_h: 20, daily_h: 4}}\nrules: {rest: {then: warn, hours: 9.5}}\n",
    )
    profile = loaded.volunteering.profiles["pt"]
    assert (profile.weekly_ms, profile.daily_ms, profile.overtime_weekly_ms) == (20 * HOUR_MS, 4 * HOUR_MS, 0)
    assert (loaded.volunteering.rest, loaded.volunteering.rest_ms) == ("warn", 34_200_000)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("breaks", "breaks: {reason: caffe}\n", "breaks.yaml:1:18: unknown pause reason 'caffe';"),
        ("breaks", "breaks: {reason: mancate}\n", "is for missed calls; a break is no fault"),
        ("breaks", "breaks: {reason: pausa, after_s: 10}\n", "breaks.yaml:1:34:"),
        ("volunteering", "hours: {pt: {weekly_h: 3, daily_h: 4}}\n", "more in a day than in a week (3)"),
        ("volunteering", "limits: {slot_h_min: 3, slot_h_max: 2}\n", "this is more than slot_h_max (2)"),
        ("volunteering", 'rules: {night: {begins: "06:00"}}\n', "the night ends when it begins"),
        ("volunteering", "rules: {rest: {then: forbid}}\n", "volunteering.yaml:1:22:"),
    ],
)
def test_every_mistake_is_told_at_its_place(tmp_path: Path, name: str, text: str, told: str):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "rules", **{name: text})
    assert any(told in finding and f"{name}.yaml:" in finding for finding in caught.value.findings), (
        caught.value.findings
    )


def test_the_shipped_files_say_what_the_law_has():
    """And the profiles that a drawn-up roster names are known."""
    loaded = load_rules(ROOT / "routing_rules", TODAY)
    assert loaded.rules.breaks is not None
    assert (loaded.rules.breaks.after_ms, loaded.rules.breaks.for_ms) == (7_200_000, 900_000)
    assert set(loaded.volunteering.profiles) == {
        "tempo-pieno",
        "parziale-20-mattina",
        "parziale-20-pomeriggio",
    }


def test_an_hour_profile_nobody_knows_is_told(tmp_path: Path):
    loaded = load(tmp_path / "rules", volunteering="hours: {pt-20: {weekly_h: 20, daily_h: 4}}\n")
    anna = Agent(
        id=AgentId("anna"),
        site=SiteId("roma"),
        endpoint="anna",
        skills={SkillId("generale"): 5},
        hours="pt-2o",
    )
    roster = Roster(agents={anna.id: anna})
    sentences = check_people(loaded.rules, roster, loaded.entry, loaded.volunteering.profiles)
    assert "unknown hour profile 'pt-2o' of the agent anna; did you mean 'pt-20'?" in sentences
    assert not any("hour profile" in each for each in check_people(loaded.rules, roster, loaded.entry))
