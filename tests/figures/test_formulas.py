"""Each formula gives the number its name promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.figures.counts import Counts, total
from acd.figures.formulas import HEADLINE, WORDS, Formula

EXAMPLE = Counts(
    offered=1060,
    ended=1060,
    answered=1000,
    answered_late=140,
    handled=1000,
    met=860,
    missed=140 + 40,
    abandoned_early=20,
    abandoned=50,
    short_abandoned=10,
    short_counted=10,
    wait_answered_ms=12_000_000,
    handle_ms=300_000_000,
)
"""The worked example: 1,000 answered, 860 of them within T; 60 abandoned, 20 within T, 10 within s."""


@pytest.mark.parametrize(
    ("formula", "good", "counted", "percent"),
    [
        (Formula.ALL_IN, 860, 1060, 81.1),
        (Formula.EARLY_ABANDONS_EXCLUDED, 860, 1040, 82.7),
        (Formula.EARLY_ABANDONS_GOOD, 880, 1060, 83.0),
        (Formula.SHORT_ABANDONS_EXCLUDED, 860, 1050, 81.9),
        (Formula.ANSWERED_ONLY, 860, 1000, 86.0),
    ],
)
def test_the_worked_example(formula, good, counted, percent):
    """Five service levels of one day, to a tenth of a point."""
    assert formula.numerator(EXAMPLE) == good
    assert formula.denominator(EXAMPLE) == counted
    assert round(100 * formula.ratio(EXAMPLE), 1) == percent


def test_the_other_ratios_of_the_worked_example():
    """Average wait, average handling time, abandonment."""
    assert EXAMPLE.wait_mean_ms == 12_000
    assert EXAMPLE.handle_mean_ms == 300_000
    assert EXAMPLE.abandonment == 50 / 1060


@pytest.mark.parametrize("formula", Formula)
def test_no_calls_have_no_service_level(formula):
    """Nothing by nothing is not a hundred percent, nor zero."""
    assert formula.ratio(Counts()) is None
    assert (Counts().wait_mean_ms, Counts().handle_mean_ms, Counts().abandonment) == (None, None, None)


def test_a_jam_shows_before_anybody_hangs_up():
    """Ten calls answered at once, ninety wait beyond the threshold: ten percent, now."""
    jam = Counts(offered=100, answered=10, met=10, missed=90)
    assert HEADLINE.ratio(jam) == 0.1
    assert Formula.ANSWERED_ONLY.ratio(jam) == 1.0  # why it is not the headline


def test_who_found_the_queue_closed_changes_no_service_level():
    """A call of a closed queue is offered and ended, and has no service-level event."""
    closed = total((EXAMPLE, Counts(offered=30, ended=30, closed=25, short_abandoned=5)))
    for formula in Formula:
        assert formula.ratio(closed) == formula.ratio(EXAMPLE)


@pytest.mark.parametrize("language", ["it", "en"])
def test_each_formula_has_its_words(language):
    """Title, definition and denominator, each of its own."""
    told = [formula.words(language) for formula in Formula]
    assert set(WORDS[language]) == set(Formula)
    assert len({words.title for words in told}) == len(Formula)
    assert len({words.definition for words in told}) == len(Formula)
    assert all(words.denominator for words in told)


def test_an_unknown_language_is_told_in_italian():
    """A browser's language never makes an error."""
    assert HEADLINE.words("de") == HEADLINE.words("it")


counted = st.integers(0, 10_000)


@given(met=counted, late=counted, waiting=counted, early=counted, short=counted)
def test_every_service_level_lies_between_none_and_all(met, late, waiting, early, short):
    """And the formulas stand in their known order, whatever the calls."""
    counts = Counts(
        met=met,
        missed=late + waiting,
        answered_late=late,
        abandoned_early=early,
        short_counted=min(short, early),
    )
    levels = {formula: formula.ratio(counts) for formula in Formula}
    assert all(level is None or 0 <= level <= 1 for level in levels.values())
    if met + late + waiting:
        assert levels[Formula.ALL_IN] <= levels[Formula.SHORT_ABANDONS_EXCLUDED]
        assert levels[Formula.SHORT_ABANDONS_EXCLUDED] <= levels[Formula.EARLY_ABANDONS_EXCLUDED]
        assert levels[Formula.ALL_IN] <= levels[Formula.EARLY_ABANDONS_GOOD]
    if met + late:
        assert levels[Formula.EARLY_ABANDONS_EXCLUDED] <= levels[Formula.ANSWERED_ONLY]


def test_a_total_is_the_sum_field_by_field():
    """Nothing of a counter is left out when days are added up."""
    names = Counts.__struct_fields__
    one = Counts(**{name: place + 1 for place, name in enumerate(names)})
    two = one.copy()
    two.add(one)
    assert two == total((one, one)) == Counts(**{name: 2 * (place + 1) for place, name in enumerate(names)})
    assert one.lost == names.index("lost") + 1
    assert total(()) == Counts()
