"""What is in force for each scope: overrides over the file over auto, and the country over the sites."""

from __future__ import annotations

import pytest

from acd.core.policy import Fallback
from acd.fallback.resolving import Source, TransitionNow, Word
from tests.fallback.made import AUTO, NOW, OFF, ON, at, effective, override

HALF = TransitionNow(on=True, shares={"bari": 25, "lecce": 100, "roma": 0}, phase="mattina", step=2)
FORCED = """
national:
  mode: forced_on
  reason: "spegnimento nazionale"
  until: "2026-12-01 14:30"
"""


def test_where_nobody_says_anything_nothing_stands_in():
    """No file, no override, no transition: normal mode, with nothing for the engine to obey."""
    found = effective()
    assert (found.fallback.on, found.fallback.shares, found.fallback.offices) == (False, {}, {})
    assert found.decisions["national"].by.source is Source.TRANSITION
    assert found.changes_next_ms is None


def test_forced_on_for_the_country_takes_every_site_that_is_not_forced_off():
    """All sites at share 0, but for one whose agents are there."""
    found = effective(override(1, "national", ON), override(2, "site:bari", OFF))
    assert found.fallback.on
    assert found.fallback.shares == {"lecce": 0, "roma": 0}
    assert found.decisions["site:lecce"].by.override.id == 1
    assert found.decisions["site:bari"].by.override.id == 2


def test_forced_off_for_the_country_ends_it_all():
    """Whatever transition and sites say, nothing stands in; the site's own toggle is told as idle."""
    found = effective(override(1, "national", OFF), override(2, "site:bari", ON), transition=HALF)
    assert (found.fallback.on, found.fallback.shares) == (False, {})
    bari = found.decisions["site:bari"]
    assert (bari.value.word, bari.by.override.id, bari.idle.override.id) == (Word.OFF, 1, 2)


def test_auto_follows_the_transition():
    """On in a phase that says so, each site with its share; 100 % is everybody's and not named."""
    found = effective(transition=HALF)
    assert found.fallback.on
    assert found.fallback.shares == {"bari": 25, "roma": 0}
    assert found.decisions["site:bari"].value.word is Word.SHARE


def test_a_site_that_is_forced_on_switches_the_fallback_on_for_itself():
    """Offices stand in for this site alone; the country names the site that decides."""
    found = effective(override(1, "site:bari", ON))
    assert (found.fallback.on, found.fallback.shares) == (True, {"bari": 0})
    country = found.decisions["national"]
    assert (country.value.word, country.by.scope, country.without.value.word) == (
        Word.ON,
        "site:bari",
        Word.OFF,
    )


def test_a_site_that_is_forced_off_has_its_agents_whatever_the_step():
    """Share 100, where the transition would give it nothing."""
    found = effective(override(1, "site:roma", OFF), transition=HALF)
    assert found.fallback.shares == {"bari": 25}


def test_offices_are_forced_or_left_to_themselves():
    """Forced on and off go to the engine; auto tells the hours and does not."""
    found = effective(override(1, "office:udine", ON))
    assert found.fallback.offices == {"udine": True}
    assert found.decisions["office:udine"].without.value.word is Word.CLOSED
    assert found.decisions["office:aosta"].by.source is Source.HOURS
    assert effective(override(1, "office:udine", OFF)).fallback.offices == {"udine": False}


def test_the_newer_override_counts_and_the_older_again_after_it():
    """The newest live one of a scope is obeyed; when it ends first, the older one is."""
    older, newer = override(1, "national", ON), override(2, "national", OFF, until_ms=NOW + 60_000)
    assert effective(older, newer).decisions["national"].by.override.id == 2
    assert effective(older, newer, now_ms=NOW + 60_000).decisions["national"].by.override.id == 1


def test_an_override_says_nothing_before_its_time_after_it_and_once_ended():
    """From its begin to its end, both by the clock and by hand."""
    one = override(1, "national", ON)
    assert not effective(one, now_ms=one.from_ms - 1).fallback.on
    assert effective(one, now_ms=one.from_ms).fallback.on
    assert effective(one, now_ms=one.until_ms - 1).fallback.on
    assert not effective(one, now_ms=one.until_ms).fallback.on
    assert not effective(override(1, "national", ON, ended_ms=NOW)).fallback.on


def test_the_file_holds_until_its_moment_and_is_auto_after_it():
    """Rome's clock; the file still says otherwise."""
    assert effective(file=FORCED, now_ms=at("14:29")).fallback.on
    assert not effective(file=FORCED, now_ms=at("14:30")).fallback.on
    assert effective(file=FORCED).changes_next_ms == at("14:30")


def test_an_override_that_says_auto_hands_the_word_to_the_transition():
    """Over a file that forces; the override decides, the transition fills in."""
    country = effective(override(1, "national", AUTO), file=FORCED).decisions["national"]
    assert (country.value.word, country.by.override.id) == (Word.OFF, 1)
    assert country.filled.source is Source.TRANSITION
    assert (country.without.value.word, country.without.by.source) == (Word.ON, Source.FILE)


def test_a_site_without_its_own_word_under_a_forced_country_is_decided_by_the_country():
    """Also where its own override says auto: that one decides, and the country fills in."""
    found = effective(override(1, "site:bari", AUTO), file=FORCED)
    assert found.decisions["site:lecce"].by.scope == "national"
    assert found.decisions["site:bari"].by.override.id == 1
    assert found.decisions["site:bari"].filled.scope == "national"
    assert found.fallback.shares == {"bari": 0, "lecce": 0, "roma": 0}


def test_what_would_be_without_is_the_next_that_says_something():
    """The older override under the newer one, the file under that, auto under that."""
    old, new = override(1, "national", OFF), override(2, "national", ON)
    assert effective(old, new, file=FORCED).decisions["national"].without.by.override.id == 1
    assert effective(old, file=FORCED).decisions["national"].without.by.line == 3
    assert effective(file=FORCED).decisions["national"].without.by.source is Source.TRANSITION


def test_the_revision_is_of_what_the_engine_obeys():
    """Two ways to one thing have one digest: nobody is told twice."""
    by_file = effective(file=FORCED).fallback
    by_hand = effective(override(1, "national", ON)).fallback
    assert by_file == by_hand
    assert by_file.revision != effective().fallback.revision != Fallback().revision


@pytest.mark.parametrize("scope", ["site:gone", "office:gone"])
def test_a_toggle_of_somebody_who_is_gone_does_no_harm(scope):
    """The rules lost a site that an override still names."""
    found = effective(override(1, scope, ON))
    assert not found.fallback.on
    assert found.fallback.offices == {}
