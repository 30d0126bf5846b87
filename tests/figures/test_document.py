"""docs/observability.md says what the code does: formulas, example, counters, words."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from acd.figures.counts import Counts
from acd.figures.formulas import HEADLINE, Formula
from acd.metrics.names import METRICS
from tests.figures.test_formulas import EXAMPLE

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "observability.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
ENGLISH, _, ITALIAN = TEXT.partition("## Per i supervisori")
ROWS = [tuple(cell.strip() for cell in line.strip("| \n").split(" | ")) for line in TEXT.splitlines()]
NAMES = msgspec.structs.asdict(EXAMPLE)


def percent(text: str) -> float:
    return float(text.strip("* ").removesuffix(" %").replace(",", "."))


@pytest.mark.parametrize("formula", Formula)
def test_each_formula_is_told_as_it_is_taken(formula):
    """The expression over counters, worked out for the example, is the number beside it and the code's."""
    ((_, _, expression, told),) = [row for row in ROWS if row[0] == f"`{formula.value}`" and len(row) == 4]
    taken = eval(expression.replace("`", ""), {}, NAMES)
    assert taken == formula.ratio(EXAMPLE)
    assert percent(told) == round(100 * taken, 1)


@pytest.mark.parametrize("formula", Formula)
def test_supervisors_read_the_same_in_italian(formula):
    """Title, calculation and number."""
    title = formula.words("it").title
    (row,) = [row for row in ROWS if row[0].strip("*") == title]
    good, counted = (int(number.replace(".", "")) for number in row[1].split(" / "))
    assert (good, counted) == (formula.numerator(EXAMPLE), formula.denominator(EXAMPLE))
    assert percent(row[2]) == round(100 * good / counted, 1)
    assert row[0].startswith("**") == (formula is HEADLINE)


def test_each_counter_is_explained():
    """All of them, and none that is not there."""
    table = ENGLISH.split("## Counters")[1].split("| figure |")[0]
    told = [name for line in table.splitlines() if line.startswith("| `") for name in counters(line)]
    assert sorted(told) == sorted(Counts.__struct_fields__)


def counters(line: str) -> list[str]:
    return re.findall(r"`(\w+)`", line.strip("|").split("|")[0])


def test_every_metric_it_names_is_one():
    """A renamed metric is renamed here."""
    known = {metric.name for metric in METRICS}
    named = set(re.findall(r"acd_[a-z_]+", TEXT))
    assert {re.sub("_(count|sum|bucket)$", "", name) for name in named} <= known
