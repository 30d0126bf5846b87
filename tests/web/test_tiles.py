"""Italy in tiles: each province once, near its place, and the least sum of ways."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from acd.web.tiles import SCRIPT, assign, lay_out, script

COSTS = st.integers(1, 5).flatmap(
    lambda rows: st.integers(rows, 6).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 20), min_size=columns, max_size=columns), min_size=rows, max_size=rows
        )
    )
)


@given(COSTS)
def test_no_other_assignment_costs_less(costs):
    """Compared with all of them."""
    chosen = assign(costs)
    assert len(set(chosen)) == len(costs)
    least = min(
        sum(costs[row][column] for row, column in enumerate(each))
        for each in permutations(range(len(costs[0])), len(costs))
    )
    assert sum(costs[row][column] for row, column in enumerate(chosen)) == least


def test_the_module_is_what_the_provinces_make():
    """It is written, not edited."""
    assert SCRIPT.read_text(encoding="utf-8") == script()


def test_italy_is_recognised():
    """107 tiles, none on another; north is up, east is right, islands are apart."""
    place = {tile.province: (tile.column, tile.row) for tile in lay_out()}
    assert len(place) == len(set(place.values())) == 107
    assert all(column < 17 and row < 19 for column, row in place.values())
    for north, south in (("BZ", "BO"), ("BO", "RM"), ("RM", "NA"), ("NA", "RC"), ("CS", "SR"), ("SS", "CA")):
        assert place[north][1] < place[south][1]
    for west, east in (("TO", "MI"), ("MI", "VE"), ("SS", "RM"), ("RM", "PE"), ("NA", "LE"), ("TP", "CT")):
        assert place[west][0] < place[east][0]
