"""``transition.yaml``: what is compiled of it, and every mistake told at its place."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from acd.errors import ConfigError
from acd.rules import load_rules
from acd.rules.load import LoadedRules
from acd.rules.transition import moment_ms
from tests.rules.good import RULES, write_good_rules

TODAY = dt.date(2026, 9, 1)
ROOT = Path(__file__).resolve().parents[2]
PROMPTS = """\
prompts:
  rehearsal:
    texts: {it: Prema 1.}
"""
GOOD = """\
phases:
  - phase: uffici
    name: Uffici
    automatic: true
    begins: "2026-12-01 08:00"
    others: [0]
  - phase: rientro
    name: Rientro
    ramp: {terni: [0, 10]}
    others: [10, 50, 100]
guards:
  go_on: {answered_min: 0.8, wait_s_max: 60, agents_at_100: 9}
  step_back: {answered_min: 0.6, wait_s_max: 120, agents_at_100: 4}
stand_in: {own_after_s: 5, region_after_s: 6, neighbours_after_s: 7, national_after_s: 8, anywhere_after_s: 9}
"""


def load(folder: Path, text: str = GOOD, prompts: str = PROMPTS) -> LoadedRules:
    files = {**RULES, "transition.yaml": text, "prompts.yaml": prompts}
    return load_rules(write_good_rules(folder, files), TODAY)


def test_a_good_file_becomes_a_plan(tmp_path: Path):
    loaded = load(tmp_path / "rules")
    uffici, rientro = loaded.transition.phases
    assert (uffici.steps, rientro.steps) == (1, 3)
    assert uffici.begins_ms == moment_ms("2026-12-01 08:00") == 1_796_108_400_000
    sites = tuple(loaded.rules.sites)
    assert rientro.shares(2, sites) == {"roma": 100, "terni": 10}
    assert loaded.rules.stand_in.neighbours_after_ms == 7_000
    assert loaded.transition.guards.step_back.wait_ms_max == 120_000


def test_without_the_file_there_is_nothing_to_start(tmp_path: Path):
    loaded = load_rules(write_good_rules(tmp_path / "rules", RULES), TODAY)
    assert loaded.transition.phases == ()


def test_another_plan_is_another_revision(tmp_path: Path):
    one, other = load(tmp_path / "one"), load(tmp_path / "other", GOOD.replace("[10, 50, 100]", "[10, 100]"))
    assert one.rules.revision != other.rules.revision


@pytest.mark.parametrize("folder", ["routing_rules", "routing_rules/demo"])
def test_the_shipped_plans_begin_with_the_offices_and_end_with_the_agents(folder: str):
    loaded = load_rules(ROOT / folder, TODAY)
    first, last = loaded.transition.phases[0], loaded.transition.phases[-1]
    sites = tuple(loaded.rules.sites)
    assert set(first.shares(0, sites).values()) == {0}
    assert set(last.shares(last.steps - 1, sites).values()) == {100}
    assert not first.automatic, "a switch-off begins when a person says so"


MISTAKES = {
    "unknown-site": ("ramp: {terni:", "ramp: {trni:", "9:12: unknown site 'trni'; did you mean 'terni'?"),
    "phase-twice": ("phase: rientro", "phase: uffici", "7:12: the phase 'uffici' is already taken by"),
    "share-over-100": (
        "[10, 50, 100]",
        "[10, 50, 101]",
        "10:22: 'others' is 101: too large; the most is 100.",
    ),
    "empty-ramp": ("[10, 50, 100]", "[]", "'others' must not be empty"),
    "no-moment": ("2026-12-01 08:00", "1 dicembre", "5:13: '1 dicembre' is no moment"),
    "by-hand-at-a-time": ("    automatic: true\n", "", "begins when somebody says so"),
    "swings-by-answers": (
        "answered_min: 0.6",
        "answered_min: 0.8",
        "must be less than 0.8, where it goes on",
    ),
    "swings-by-waits": ("wait_s_max: 120", "wait_s_max: 60", "must be more than 60"),
    "swings-by-agents": ("agents_at_100: 4", "agents_at_100: 9", "must be less than 9"),
    "stages-in-disorder": ("national_after_s: 8", "national_after_s: 3", "a call widens step by step"),
    "unknown-key": ("  go_on: {", "  goon: {", "unknown key 'goon'; did you mean 'go_on'?"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_each_mistake_is_told_at_its_place(case: str, tmp_path: Path):
    old, new, told = MISTAKES[case]
    assert GOOD.count(old) == 1
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "rules", GOOD.replace(old, new))
    assert any(told in finding and "transition.yaml:" in finding for finding in caught.value.findings), (
        caught.value.findings
    )


def test_phases_begin_one_after_the_other(tmp_path: Path):
    text = GOOD.replace("name: Rientro\n", 'name: Rientro\n    automatic: true\n    begins: "2026-12-01"\n')
    with pytest.raises(ConfigError, match="phases stand in order"):
        load(tmp_path / "rules", text)


@pytest.mark.parametrize(
    ("prompts", "told"),
    [
        (PROMPTS.replace("rehearsal", "altro"), "the prompt 'rehearsal' is missing"),
        (PROMPTS.replace("it:", "de:"), "has no text in 'it'"),
    ],
)
def test_whoever_is_rung_must_understand(prompts: str, told: str, tmp_path: Path):
    with pytest.raises(ConfigError, match=told):
        load(tmp_path / "rules", prompts=prompts)
