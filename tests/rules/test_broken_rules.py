"""A corpus of broken rule files, each with every line a person is told about it.

The cases stand in `mistakes_of_form` and `mistakes_of_sense`. The expected lines are whole: place
and sentence, and nothing else is said.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.errors import ConfigError
from acd.rules import load_rules
from tests.rules import mistakes_of_form, mistakes_of_sense
from tests.rules.good import RULES, write_good_rules

CASES = {**mistakes_of_form.CASES, **mistakes_of_sense.CASES}


@pytest.mark.parametrize("case", CASES)
def test_each_mistake_is_told_at_its_place(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every mistake gives exactly the expected lines, in the file it stands in."""
    name, old, new, lines = CASES[case]
    text = RULES[f"{name}.yaml"]
    assert text.count(old) == 1, "the case must change one place"
    monkeypatch.chdir(tmp_path)
    write_good_rules(Path("rules"), **{name: text.replace(old, new)})
    with pytest.raises(ConfigError) as caught:
        load_rules(Path("rules"))
    assert list(caught.value.findings) == [f"rules/{name}.yaml:{line}" for line in lines]
