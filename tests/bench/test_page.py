"""docs/routing.md quotes the rules, the bounds and the figures as they are."""

import re
from itertools import chain

import pytest

from acd.rules.starvation import describe_starvation
from acd_bench import routing_table
from routing_pictures.scenes import RULES, rules
from tests.bench import DOCS

PAGE = (DOCS / "routing.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def follows(wanted, lines):
    """Whether all wanted lines stand among these, in this order."""
    rest = iter(lines)
    return all(line in rest for line in wanted)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.splitlines()[0].strip())
def test_what_it_quotes_stands_in_the_rules(snippet):
    """Line by line and in order; what lies between may be left out."""
    files = chain(RULES.glob("*.yaml"), RULES.glob("cases/*.yaml"))
    wanted = snippet.splitlines()
    assert any(follows(wanted, path.read_text(encoding="utf-8").splitlines()) for path in files)


def test_the_bounds_it_quotes_are_those_of_the_check():
    """What ``acd check`` prints for a queue."""
    quoted = re.findall(r"^.*a later call can go first by .*$", PAGE, re.MULTILINE)
    assert quoted
    assert set(quoted) <= set(describe_starvation(rules()))


def test_its_figures_are_those_that_were_measured():
    """``scripts/bench table`` would write what is there."""
    assert routing_table.fill_file(DOCS, check=True)
