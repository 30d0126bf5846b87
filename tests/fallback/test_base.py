"""The file: what it may say, and each mistake with its place and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.fallback.base import Base, check_fallback
from acd.rules.load import load_rules
from acd.rules.reading import read_document
from tests.fallback.made import OFF, OFFICES, ON, SITES, at, base, document

ROOT = Path(__file__).resolve().parents[2]
ALL = """policy:
  hours_max: 12
national:
  mode: forced_on
  reason: "spegnimento nazionale"
  until: "2026-12-01 14:30"
sites:
  bari:
    mode: forced_off
    reason: "tutti presenti a Bari"
    until: "2026-12-01"
offices:
  aosta: {mode: forced_off, reason: "linea guasta da ieri"}
  udine: {mode: auto}
"""


def test_a_file_says_all_three_kinds_with_their_lines():
    """Each toggle knows its line; a day alone ends with its last minute; auto is not kept."""
    said = base(ALL)
    assert said.hours_max == 12
    assert {scope: (one.mode, one.line) for scope, one in said.toggles.items()} == {
        "national": (ON, 4),
        "site:bari": (OFF, 9),
        "office:aosta": (OFF, 13),
    }
    assert said.toggles["national"].until_ms == at("14:30")
    assert said.toggles["site:bari"].until_ms == at("2026-12-02 00:00")
    assert said.toggles["office:aosta"].until_ms is None


def test_the_shipped_file_leaves_everything_to_auto():
    """With the national rules."""
    rules = load_rules(ROOT / "routing_rules").rules
    shipped = read_document(ROOT / "config/fallback.yaml")
    assert check_fallback(shipped, rules.sites, rules.offices) == Base()


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (
            "national: {mode: on_please}",
            "1:18: 'mode' cannot be 'on_please'; there is auto, forced_on, forced_off.",
        ),
        ("national: {mode: forced_in, reason: 'perché sì, davvero'}", "did you mean 'forced_on'?"),
        ("national: {mode: forced_on}", "1:18: forced_on needs a 'reason'"),
        (
            "national: {mode: forced_on, reason: 'boh'}",
            "1:37: 'boh' is no reason: say why in 10 to 200 characters",
        ),
        ("national: {mode: forced_on, reason: '          '}", "is no reason"),
        (
            "national: {mode: auto, until: '2026-12-01'}",
            "1:24: auto is what holds when nobody says otherwise",
        ),
        ("national: {mode: auto, until: '14:30'}", "'14:30' is no moment: write a day"),
        ("national: {mode: auto, until: 2026-12-01}", "2026-12-01 is read as a date; quote it"),
        ("sites: {barri: {mode: auto}}", "1:9: there is no site 'barri' in the rules; did you mean 'bari'?"),
        (
            "offices: {aostta: {mode: auto}}",
            "1:11: there is no office 'aostta' in the rules; did you mean 'aosta'?",
        ),
        ("nazionale: {mode: auto}", "1:1: unknown key 'nazionale'; did you mean 'national'?"),
        ("policy: {hours_max: 0}", "1:21: 'hours_max' is 0: too small; the least is 1."),
        ("policy: {hours_max: 721}", "too large; the most is 720."),
        ("national: {}", "the key 'mode' is missing; add it."),
        ("", "this file is empty"),
    ],
)
def test_each_mistake_has_its_place_and_its_advice(text, finding):
    """Nothing of such a file is taken."""
    found = document(text)
    assert check_fallback(found, SITES, [*OFFICES]) is None
    assert finding in "\n".join(str(one) for one in found.findings)


def test_all_mistakes_are_told_at_once():
    """Names and toggles, each at its place."""
    found = document("sites: {barri: {mode: forced_on}}\noffices: {aosta: {mode: forced_off}}\n")
    assert check_fallback(found, SITES, [*OFFICES]) is None
    assert len(found.findings) == 3
