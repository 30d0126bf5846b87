"""Where start, next, back and finish lead, and when they are refused; what a place means for the sites."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.errors import Conflict, NotFound
from acd.transition.moves import NOWHERE, Move, Place, leads_to
from acd.transition.standing import NOT_STARTED, Standing, mode_now, shares_now
from tests.transition.plans import BARI, ROMA, plan

WAY = [
    Place("uffici", 0),
    Place("rientro", 0),
    Place("rientro", 1),
    Place("rientro", 2),
    Place("rientro", 3),
    Place("verifica", 0),
]


def standing(place: Place) -> Standing:
    return Standing(phase=place.phase, step=place.step, number=1)


def test_next_goes_the_whole_way_and_back_goes_it_back():
    for here, there in pairwise(WAY):
        assert leads_to(plan(), standing(here), Move.NEXT) == there
        assert leads_to(plan(), standing(there), Move.BACK) == here


def test_start_begins_at_the_first_phase_or_at_the_one_named():
    assert leads_to(plan(), NOT_STARTED, Move.START) == WAY[0]
    assert leads_to(plan(), NOT_STARTED, Move.START, "rientro") == WAY[1]


@pytest.mark.parametrize("place", WAY)
def test_finish_is_possible_everywhere(place: Place):
    assert leads_to(plan(), standing(place), Move.FINISH) == NOWHERE


REFUSED = [
    (Move.BACK, WAY[0], "first step"),
    (Move.NEXT, WAY[-1], "last step"),
    (Move.START, WAY[2], "runs already"),
    (Move.NEXT, NOWHERE, "does not run"),
    (Move.BACK, NOWHERE, "does not run"),
    (Move.FINISH, NOWHERE, "does not run"),
    (Move.NEXT, Place("gone", 0), "lost the phase"),
]


@pytest.mark.parametrize(("move", "place", "why"), REFUSED)
def test_what_leads_nowhere_is_refused_with_what_can_be_done(move: Move, place: Place, why: str):
    with pytest.raises(Conflict, match=why):
        leads_to(plan(), standing(place), move)


def test_an_unknown_phase_is_refused_with_those_there_are():
    with pytest.raises(NotFound, match="uffici, rientro, verifica"):
        leads_to(plan(), NOT_STARTED, Move.START, "rientr")


def test_without_phases_there_is_nothing_to_start():
    with pytest.raises(Conflict, match=r"transition\.yaml"):
        leads_to(plan(phases=()), NOT_STARTED, Move.START)


def test_the_shares_of_a_place():
    """A shorter ramp keeps its last value; a step beyond the last counts as the last."""
    shares = [shares_now(plan(), standing(place), (ROMA, BARI)) for place in WAY]
    assert [each[ROMA] for each in shares] == [0, 10, 25, 50, 100, 100]
    assert [each[BARI] for each in shares] == [0, 0, 25, 25, 25, 100]
    assert shares_now(plan(), standing(Place("rientro", 17)), (ROMA,)) == {ROMA: 100}
    assert shares_now(plan(), NOT_STARTED, (ROMA,)) == {}


def test_offices_stand_in_where_the_phase_says_so():
    assert [mode_now(plan(), standing(place)) for place in WAY] == [True, True, True, True, True, False]
    assert not mode_now(plan(), NOT_STARTED)


def test_a_lost_phase_keeps_the_offices_answering():
    gone = standing(Place("gone", 2))
    assert mode_now(plan(), gone)
    assert shares_now(plan(), gone, (ROMA, BARI)) == {ROMA: 0, BARI: 0}


@given(st.lists(st.sampled_from(list(Move)), max_size=40))
def test_whatever_is_asked_it_stands_on_the_way(moves: list[Move]):
    here = NOT_STARTED
    for move in moves:
        try:
            place = leads_to(plan(), here, move)
        except Conflict:
            continue
        assert place in {*WAY, NOWHERE}
        here = standing(place) if place.phase else NOT_STARTED
