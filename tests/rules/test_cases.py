"""Worked cases: those that ship hold, each feature has one, and one that does not hold says where and why."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import get_args

import pytest

from acd.rules.case_shape import Feature
from acd.rules.cases import Played, run_cases
from acd.rules.load import read_rules
from tests.rules.good import write_good_rules

ROOT = Path(__file__).parents[2]
TODAY = dt.date(2026, 9, 1)

GOOD = """\
cases:
  prima-il-migliore:
    shows: bands
    because: Il migliore è nella fascia alta.
    for_s: 20
    agents:
      anna: {site: roma, skills: {generale: 9}, idle_s: 10, answers: false}
      bruno: {site: terni, skills: {generale: 3}, idle_s: 10}
    calls:
      c: {queue: generale}
    expect:
      - {call: c, to: anna, step: null}
      - {call: c, to: bruno, waited_s: 15}
"""


def played(folder: Path, **files: str) -> Played:
    rules = write_good_rules(folder / "rules")
    (rules / "cases").mkdir()
    for name, text in files.items():
        (rules / "cases" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return run_cases(rules, read_rules(rules, TODAY))


def told(folder: Path, text: str) -> list[str]:
    file = f"{folder}/rules/cases/caso.yaml:"
    return [finding.removeprefix(file) for finding in played(folder, caso=text).findings]


@pytest.mark.parametrize("folder", ["routing_rules", "routing_rules/demo"])
def test_the_shipped_cases_hold(folder: str) -> None:
    """On the engine as it is, with the rules as they are."""
    rules = ROOT / folder
    result = run_cases(rules, read_rules(rules, TODAY))
    assert result.findings == ()
    assert len(result.held) >= (40 if folder == "routing_rules" else 4)


def test_every_feature_has_a_case() -> None:
    """What the rules can say is shown by at least one, with a reason."""
    rules = ROOT / "routing_rules"
    assert run_cases(rules, read_rules(rules, TODAY)).shown == set(get_args(Feature))


def test_a_case_that_holds(tmp_path: Path) -> None:
    """It says nothing, and is counted with what it shows."""
    result = played(tmp_path, caso=GOOD.replace(", step: null", ""))
    assert result == Played(findings=(), held=("prima-il-migliore",), shown=frozenset({"bands"}))


def test_no_cases_are_no_mistake(tmp_path: Path) -> None:
    """A folder without them is as good."""
    rules = write_good_rules(tmp_path / "rules")
    assert run_cases(rules, read_rules(rules, TODAY)) == Played(findings=(), held=(), shown=frozenset())


REASON = "Expected because: Il migliore è nella fascia alta."

ODD: dict[str, tuple[str, str, list[str]]] = {
    "another-agent": (
        "to: anna, step: null",
        "to: bruno",
        [f"12:9: 'c' should come to this: rings bruno, but it rings anna after 0 s. {REASON}"],
    ),
    "another-time": (
        "waited_s: 15",
        "waited_s: 40",
        [f"13:9: 'c' should come to this: rings bruno after 40 s, but it rings bruno after 15 s. {REASON}"],
    ),
    "not-at-the-moment": (
        "to: bruno, waited_s: 15",
        "to: bruno",
        [
            (
                "13:9: 'c' should come to this: rings bruno, but it rings bruno after 15 s, "
                f"not at the moment of the case. {REASON}"
            ),
        ],
    ),
    "less-than-happens": (
        "      - {call: c, to: bruno, waited_s: 15}\n",
        "",
        [f"12:9: 'c' should come to no more, but it rings bruno after 15 s. {REASON}"],
    ),
    "more-than-happens": (
        "for_s: 20",
        "for_s: 0",
        [
            (
                "13:9: 'c' should come to this: rings bruno after 15 s, "
                f"but nothing happens to it any more. {REASON}"
            ),
        ],
    ),
    "nobody-but-somebody": (
        "{call: c, to: anna, step: null}\n      - {call: c, to: bruno, waited_s: 15}",
        "{call: c, nobody: true}",
        [f"12:9: 'c' should come to no more, but it rings anna after 0 s. {REASON}"],
    ),
    "another-reason": (
        "to: anna, step: null",
        "to: anna, passed_over: {paused: 1}",
        [f"12:9: 'c' should come to this: rings anna, but passed over were lower_score 1. {REASON}"],
    ),
    "another-step": (
        "to: anna, step: null",
        "to: anna, step: uffici",
        [f"12:9: 'c' should come to this: rings anna, but the ladder was open to 'the beginning'. {REASON}"],
    ),
    "unknown-site": ("site: terni", "site: tern", ["8:21: unknown site 'tern'; did you mean 'terni'?"]),
    "unknown-skill": (
        "{generale: 3}",
        "{general: 3}",
        ["8:46: unknown skill 'general'; did you mean 'generale'?"],
    ),
    "unknown-queue": (
        "{queue: generale}",
        "{queue: general}",
        ["10:18: unknown queue 'general'; did you mean 'generale'?"],
    ),
    "unknown-class": (
        "{queue: generale}",
        "{queue: generale, class: fragili}",
        ["10:35: unknown priority class 'fragili'; did you mean 'fragile'?"],
    ),
    "unknown-call": (
        "{call: c, to: anna, step: null}",
        "{call: d, to: anna}",
        ["12:16: unknown call 'd'; there is c."],
    ),
    "unknown-agent": (
        "to: anna, step: null",
        "to: ana",
        ["12:23: unknown agent 'ana'; did you mean 'anna'?"],
    ),
    "unknown-office": (
        "to: anna, step: null",
        "office: rom",
        ["12:27: unknown office 'rom'; did you mean 'roma'?"],
    ),
    "unknown-step": (
        "step: null",
        "step: ufici",
        ["12:35: unknown step 'ufici'; did you mean 'uffici'?"],
    ),
    "unknown-queue-passed-on-to": (
        "{queue: generale}",
        "{queue: generale, passed_on: {to: espert}}",
        ["10:44: unknown queue 'espert'; did you mean 'esperti'?"],
    ),
    "two-things-at-once": (
        "to: anna, step: null",
        "to: anna, office: roma",
        ["12:9: say one thing that happens: to, office, says, ends or nobody."],
    ),
    "no-reason": (
        "    because: Il migliore è nella fascia alta.\n",
        "",
        ["2:3: the key 'because' is missing; add it."],
    ),
    "no-feature": (
        "shows: bands",
        "shows: band",
        ["3:12: 'shows' cannot be 'band'; did you mean 'bands'?"],
    ),
    "no-moment": (
        "for_s: 20",
        'at: "5/10/2026"',
        ["5:9: '5/10/2026' is no moment: write a day and a time, 2026-10-05 10:00."],
    ),
    "no-outcome": (
        "to: anna, step: null",
        "ends: gone",
        [
            "12:25: 'gone' is none of answered, abandoned, short_abandoned, safety_net, closed, lost.",
        ],
    ),
    "unknown-key": (
        "idle_s: 10}",
        "idle: 10}",
        ["8:51: unknown key 'idle'; did you mean 'idle_s'?"],
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_what_does_not_hold_is_told_at_its_place(case: str, tmp_path: Path) -> None:
    """What should have come, what came, and why it was expected; or what is no case of these rules."""
    old, new, lines = ODD[case]
    assert GOOD.count(old) == 1, "the case must change one place"
    text = GOOD.replace(old, new).replace(", step: null", "")
    assert told(tmp_path, text) == lines


def test_a_name_stands_once(tmp_path: Path) -> None:
    """In all files together: people speak of a case by its name."""
    text = GOOD.replace(", step: null", "")
    result = played(tmp_path, caso=text, altro=text)
    file = f"{tmp_path}/rules/cases/caso.yaml"
    assert result.findings == (
        f"{file}:2:3: 'prima-il-migliore' is a case of altro.yaml already; give another name.",
    )
    assert result.held == ("prima-il-migliore",)
