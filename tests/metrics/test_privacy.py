"""A number never speaks of a person."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from acd.core.ids import SiteId
from acd.core.notes import AgentState
from acd.metrics.privacy import protect

READY, TALKING, OUT = AgentState.READY, AgentState.TALKING, AgentState.LOGGED_OUT


def sites(**counts: int) -> dict[SiteId, dict[AgentState, int]]:
    return {SiteId(site): {READY: count, OUT: 40} for site, count in counts.items()}


def totals(shown) -> dict[str, int]:
    return {site: sum(states.values()) for site, states in shown.groups.items()}


def test_large_sites_are_shown_each():
    """Nothing is merged where nothing is small."""
    shown = protect(sites(roma=50, bari=10))
    assert totals(shown) == {"roma": 50, "bari": 10}
    assert shown.merged == 0


def test_small_sites_become_other():
    """Two small groups that make ten together stand under ``other``."""
    shown = protect(sites(roma=50, bari=6, lecce=7))
    assert totals(shown) == {"roma": 50, "other": 13}
    assert shown.merged == 2


def test_one_small_site_takes_the_smallest_large_one_with_it():
    """A single merged group could be had by subtraction, so the smallest large one joins it."""
    shown = protect(sites(roma=50, bari=20, lecce=3))
    assert totals(shown) == {"roma": 50, "other": 23}
    assert shown.merged == 2


def test_merged_group_is_never_small_itself():
    """Two tiny offices are not ten people: a large site joins them."""
    assert totals(protect(sites(roma=50, bari=2, lecce=3))) == {"other": 55}


def test_nothing_is_shown_of_fewer_than_k_in_all():
    """Where all together are fewer than k, there is no number at all."""
    shown = protect(sites(roma=4, bari=2))
    assert shown.groups == {}
    assert shown.merged == 2


def test_an_empty_large_house_is_shown_as_empty():
    """Nobody on duty out of forty tells nothing of anyone."""
    assert totals(protect(sites(roma=50, bari=0))) == {"roma": 50, "bari": 0}


def test_an_empty_small_office_is_hidden_like_a_full_one():
    """Nobody on duty out of three tells that each of the three is away."""
    away = protect({**sites(roma=50, bari=20), SiteId("lecce"): {OUT: 3}})
    there = protect({**sites(roma=50, bari=20), SiteId("lecce"): {READY: 3}})
    assert totals(away) == {"roma": 50, "other": 20}
    assert totals(there) == {"roma": 50, "other": 23}


def test_those_logged_out_are_not_shown():
    """Who is not at work has no state."""
    assert protect(sites(roma=50)).groups == {"roma": {READY: 50}}


def test_a_group_of_one_may_be_shown_only_on_purpose():
    """K = 1 (an agreement, a demo) shows everything."""
    assert totals(protect(sites(roma=1, bari=0), k=1)) == {"roma": 1, "bari": 0}


@given(
    st.dictionaries(
        st.sampled_from([SiteId(f"s{n}") for n in range(8)]),
        st.fixed_dictionaries(
            {READY: st.integers(0, 15), TALKING: st.integers(0, 15), OUT: st.integers(0, 15)}
        ),
    ),
    st.integers(2, 20),
)
def test_no_group_shown_has_one_to_k_less_one_people(agents, k):
    """Whatever the sites, every number shown stands for at least k people, or for an empty large house."""
    shown = protect(agents, k)
    for site, total in totals(shown).items():
        assert total >= k or (total == 0 and sum(agents[site].values()) >= k)
    hidden = set(agents) - set(shown.groups)
    assert len(hidden) == shown.merged
    if "other" in shown.groups:
        assert len(hidden) >= 2
        assert totals(shown)["other"] == sum(agents[site][READY] + agents[site][TALKING] for site in hidden)
