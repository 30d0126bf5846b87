"""A corpus of broken rule files, each with every line a person is told about it.

The cases stand in `mistakes_of_form`, `mistakes_of_sense`, `mistakes_of_routing`. The expected lines are
whole: place and sentence, and nothing else is said.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from acd.errors import ConfigError
from acd.rules import load_rules
from tests.rules import mistakes_of_form, mistakes_of_routing, mistakes_of_sense
from tests.rules.good import ROUTING, RULES, write_good_rules

TODAY = dt.date(2026, 9, 1)
CASES = {
    **{name: (RULES, *case) for name, case in mistakes_of_form.CASES.items()},
    **{name: (RULES, *case) for name, case in mistakes_of_sense.CASES.items()},
    **{name: (ROUTING, *case) for name, case in mistakes_of_routing.CASES.items()},
}


def test_the_good_rules_are_good(tmp_path: Path) -> None:
    """Else the cases below would prove nothing."""
    assert load_rules(write_good_rules(tmp_path / "rules"), TODAY).rules.queues
    assert load_rules(write_good_rules(tmp_path / "routing", ROUTING), TODAY).rules.queues


@pytest.mark.parametrize("case", CASES)
def test_each_mistake_is_told_at_its_place(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every mistake gives exactly the expected lines, in the file it stands in or in the one they name."""
    files, name, old, new, lines = CASES[case]
    text = files[f"{name}.yaml"]
    assert text.count(old) == 1, "the case must change one place"
    monkeypatch.chdir(tmp_path)
    write_good_rules(Path("rules"), files, **{name: text.replace(old, new)})
    with pytest.raises(ConfigError) as caught:
        load_rules(Path("rules"), TODAY)
    expected = [line if line[0].isalpha() else f"{name}.yaml:{line}" for line in lines]
    assert list(caught.value.findings) == [f"rules/{line}" for line in expected]
