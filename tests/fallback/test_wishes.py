"""Every override that should not be is refused, with a sentence that says what to do."""

from __future__ import annotations

import pytest

from acd.errors import Conflict, Forbidden, NotFound, RequestError
from acd.fallback.wishes import Wish, check_right, check_wish, longer, overlapped
from tests.fallback.made import NOW, OFF, OFFICES, ON, SITES, override

HOUR = 3_600_000
GOOD = Wish(scope="national", mode=ON, reason="ten letters", until_ms=NOW + HOUR)


def check(**changes: object) -> tuple[int, int]:
    fields = {name: getattr(GOOD, name) for name in GOOD.__struct_fields__}
    return check_wish(Wish(**{**fields, **changes}), 24, SITES, [*OFFICES], NOW)


def test_a_good_wish_says_from_when_until_when():
    """From now unless it says later; a begin that is over is now."""
    assert check() == (NOW, NOW + HOUR)
    assert check(from_ms=NOW - HOUR) == (NOW, NOW + HOUR)
    assert check(from_ms=NOW + HOUR, until_ms=NOW + 25 * HOUR) == (NOW + HOUR, NOW + 25 * HOUR)
    assert check(until_ms=NOW + 24 * HOUR) == (NOW, NOW + 24 * HOUR)


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"reason": "too short"}, RequestError, "10 to 200 characters on one line, and this has 9: say why"),
        ({"reason": ""}, RequestError, "this has 0"),
        ({"reason": " " * 12}, RequestError, "on one line"),
        ({"reason": "two\nlines of it"}, RequestError, "on one line"),
        ({"reason": "x" * 201}, RequestError, "this has 201"),
        ({"until_ms": None}, RequestError, "needs its end: say until when"),
        ({"until_ms": NOW - 1}, Conflict, "which is over; give a later end"),
        ({"until_ms": NOW}, Conflict, "which is over"),
        ({"until_ms": NOW + 24 * HOUR + 1}, Conflict, "at most 24 hours (fallback.yaml, policy: hours_max)"),
        ({"from_ms": NOW + 2 * HOUR}, Conflict, "would end before it begins"),
        ({"from_ms": NOW + 800 * HOUR, "until_ms": NOW + 801 * HOUR}, Conflict, "begins within 31 days"),
        ({"scope": "site:barri"}, NotFound, "There is no site 'barri' in the rules; did you mean 'bari'?"),
        ({"scope": "office:osta"}, NotFound, "There is no office 'osta' in the rules; did you mean 'aosta'?"),
        ({"scope": "sites:bari"}, RequestError, "'sites:bari' is no scope; did you mean 'site'?"),
        ({"scope": "bari"}, RequestError, "Write national, site:<name> or office:<name>."),
        ({"scope": "national:bari"}, RequestError, "is no scope"),
        ({"scope": "site:"}, RequestError, "is no scope"),
        ({"scope": ""}, RequestError, "is no scope"),
    ],
)
def test_what_should_not_be_is_refused(changes, error, sentence):
    """Nothing comes of it, and the sentence says what to do."""
    with pytest.raises(error) as refused:
        check(**changes)
    assert sentence in str(refused.value)


def test_the_country_is_for_an_admin_or_for_an_operator_with_a_ticket():
    """One site or office is any operator's."""
    check_right("national", is_admin=True, sites=(), ticket="")
    check_right("national", is_admin=False, sites=(), ticket="INC-7")
    check_right("site:bari", is_admin=False, sites=(), ticket="")
    with pytest.raises(Forbidden, match="names the ticket"):
        check_right("national", is_admin=False, sites=(), ticket="")


@pytest.mark.parametrize("scope", ["national", "site:roma", "office:bari"])
def test_who_is_bound_to_sites_switches_these_alone(scope):
    """Not the country, not another site, not an office."""
    check_right("site:bari", is_admin=False, sites=("bari",), ticket="")
    with pytest.raises(Forbidden, match="for the sites bari"):
        check_right(scope, is_admin=False, sites=("bari",), ticket="INC-7")


def test_an_override_grows_longer_by_a_new_one():
    """Same scope and mode, new end, new reason; the ticket stays unless another is given."""
    old = override(1, "site:bari", ON, ticket="INC-7")
    wish = longer(old, old.until_ms + HOUR, "it takes longer", "")
    assert (wish.scope, wish.mode, wish.ticket, wish.until_ms) == (
        "site:bari",
        ON,
        "INC-7",
        old.until_ms + HOUR,
    )
    with pytest.raises(Conflict, match="not later than the present one"):
        longer(old, old.until_ms, "it takes longer", "")


def test_a_second_override_knows_the_first_ones_it_takes_the_place_of():
    """Of the same scope, at the same time, older, and not ended before."""
    new = override(5, "national", OFF)
    others = (
        override(1, "national", ON),
        override(2, "site:bari", ON),
        override(3, "national", ON, ended_ms=new.from_ms),
        override(4, "national", ON, from_ms=new.until_ms, until_ms=new.until_ms + HOUR),
        new,
        override(6, "national", ON),
    )
    assert [one.id for one in overlapped(new, others)] == [1]
