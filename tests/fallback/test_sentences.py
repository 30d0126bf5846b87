"""Each value explains itself, in Italian and English."""

from __future__ import annotations

import pytest

from acd.core.ids import OfficeId
from acd.fallback.resolving import Standing, TransitionNow
from acd.fallback.sentences import moment_told, overlap_told, sentence
from tests.fallback.made import AUTO, NOW, OFF, ON, at, effective, override

FILE = """
national:
  mode: forced_on
  reason: "spegnimento nazionale"
  until: "2026-12-02 14:30"
"""
HALF = TransitionNow(on=True, shares={"bari": 25}, phase="mattina", step=2)
ROSSI = {"author": "token:rossi", "reason": "postazioni non attive", "until_ms": at("14:30")}


def told(found, scope: str) -> tuple[str, str]:
    return sentence(found.decisions[scope], found, "it"), sentence(found.decisions[scope], found, "en")


def test_an_override_says_who_until_when_why_and_what_would_be():
    """The sentence of the issue."""
    found = effective(override(3, "national", ON, ticket="INC-7", **ROSSI))
    assert told(found, "national") == (
        (
            "nazionale: on, forced_on da token:rossi fino alle 14:30 perché «postazioni non attive» "
            "(override 3, ticket INC-7); senza: auto direbbe off."
        ),
        (
            "national: on, forced_on by token:rossi until 14:30 because “postazioni non attive” "
            "(override 3, ticket INC-7); without it: auto would say off."
        ),
    )


def test_a_line_of_the_file_is_named():
    """With its day where it is not today."""
    assert told(effective(file=FILE), "national") == (
        (
            "nazionale: on, forced_on in fallback.yaml, riga 3 fino alle 14:30 del 2 dicembre perché "
            "«spegnimento nazionale»; senza: auto direbbe off."
        ),
        (
            "national: on, forced_on in fallback.yaml, line 3 until 14:30 on 2 December because "
            "“spegnimento nazionale”; without it: auto would say off."
        ),
    )


def test_auto_names_the_transition_or_says_that_there_is_none():
    """And the share of a site."""
    assert told(effective(), "national") == (
        "nazionale: off, auto: nessuna transizione in corso.",
        "national: off, auto: no transition is running.",
    )
    assert told(effective(transition=HALF), "site:bari") == (
        (
            "sede bari: 25 % (di ogni 100 chiamate nuove 25 prima ai suoi operatori), "
            "auto: la transizione, fase mattina, passo 2."
        ),
        (
            "site bari: 25 % (of every 100 new calls 25 go to its agents first), "
            "auto: the transition, phase mattina, step 2."
        ),
    )


def test_an_override_that_says_auto_tells_both():
    """Whose word holds then, and what the file under it would say."""
    found = effective(override(4, "national", AUTO, **ROSSI), file=FILE)
    assert told(found, "national")[0] == (
        "nazionale: off, auto da token:rossi fino alle 14:30 perché «postazioni non attive» (override 4): "
        "nessuna transizione in corso; senza: forced_on in fallback.yaml, riga 3 direbbe on."
    )
    found = effective(override(4, "site:bari", AUTO, **ROSSI), file=FILE)
    assert told(found, "site:bari")[0] == (
        "sede bari: on (gli uffici al posto dei suoi operatori), auto da token:rossi fino alle 14:30 perché "
        "«postazioni non attive» (override 4): nazionale, forced_on in fallback.yaml, riga 3; "
        "senza: nazionale, forced_on in fallback.yaml, riga 3 direbbe on."
    )


def test_a_site_under_the_country_names_the_country():
    """And what its own toggle cannot do meanwhile."""
    found = effective(override(1, "national", OFF, **ROSSI), override(2, "site:bari", ON))
    assert told(found, "site:bari") == (
        (
            "sede bari: off (rispondono i suoi operatori), nazionale, forced_off da token:rossi "
            "fino alle 14:30 perché «postazioni non attive» (override 1); senza: forced_on da "
            "token:somebody-2 (override 2) "
            "direbbe on; il forced_on della sede non ha effetto finché il nazionale è forced_off."
        ),
        (
            "site bari: off (its agents answer), national, forced_off by token:rossi until 14:30 "
            "because “postazioni non attive” (override 1); without it: forced_on by token:somebody-2 "
            "(override 2) "
            "would say on; the site's forced_on has no effect while the country is forced_off."
        ),
    )


def test_the_country_that_is_on_for_a_site_names_the_site():
    """Nobody wonders who switched the country."""
    found = effective(override(1, "site:bari", ON, **ROSSI))
    assert told(found, "national")[1].startswith(
        "national: on, forced_on by token:rossi for site bari until 14:30 because"
    )


@pytest.mark.parametrize(
    ("standing", "it"),
    [
        (Standing(), "aperto"),
        (Standing(open=False), "chiuso"),
        (Standing(open=False, healthy=False), "chiuso"),
        (Standing(healthy=False), "a riposo (non rispondeva)"),
    ],
)
def test_an_office_is_told_as_it_stands(standing, it):
    """By its hours and its health, unless somebody forces it."""
    offices = {OfficeId("aosta"): standing}
    auto = f"ufficio aosta: {it}, auto: orario e salute dell'ufficio."
    assert told(effective(offices=offices), "office:aosta")[0] == auto
    forced = told(effective(override(1, "office:aosta", OFF, **ROSSI), offices=offices), "office:aosta")[0]
    assert forced.startswith("ufficio aosta: off (mai chiamato), forced_off da token:rossi fino alle 14:30")


def test_moments_are_told_as_people_say_them():
    """Today by the time, this year by the day, else whole; by the clock in Rome."""
    assert moment_told(at("14:30"), NOW, "it") == "14:30"
    assert moment_told(at("2026-12-02 09:00"), NOW, "it") == "09:00 del 2 dicembre"
    assert moment_told(at("2027-01-02 09:00"), NOW, "en") == "09:00 on 2 January 2027"


def test_a_new_override_says_whose_place_it_takes():
    """The older one stays, and counts again if the newer ends first."""
    assert overlap_told(override(3, "national", ON, **ROSSI), NOW, "en") == (
        "takes the place of: override 3, forced_on by token:rossi until 14:30, "
        "which counts again if this one ends first"
    )
