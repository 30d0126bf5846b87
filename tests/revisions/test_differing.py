"""What changes, in the words of whoever edits the files."""

from __future__ import annotations

from string import Formatter

import pytest

from acd.cli.revision_words import TEXTS as TERMINAL
from acd.revisions.differing import differences, in_words
from acd.revisions.wording import NOUNS, TEXTS


@pytest.fixture
def told(places):
    """Change files, and say what is different in a language."""
    before = places.read()

    def say(*changes, lang="en"):
        for name, old, new in changes:
            places.change(name, old, new)
        return [in_words(one, lang) for one in differences(before, places.read())]

    return say


@pytest.mark.parametrize(
    ("change", "english", "italian"),
    [
        (
            ("queues.yaml", "ring_s: 15", "ring_s: 20"),
            "queue 'generale', ring_s: 15 → 20",
            "coda 'generale', ring_s: 15 → 20",
        ),
        (
            ("queues.yaml", "step: uffici, after_s: 20", "step: uffici, after_s: 30"),
            "queue 'generale', step 'uffici', after_s: 20 → 30",
            "coda 'generale', passo 'uffici', after_s: 20 → 30",
        ),
        (
            ("queues.yaml", "offices: [roma, bolzano]", "offices: [bolzano]"),
            "queue 'generale', step 'uffici', offices: roma, bolzano → bolzano",
            "coda 'generale', passo 'uffici', offices: roma, bolzano → bolzano",
        ),
        (
            ("offices.yaml", "capacity: 2", "capacity: 3"),
            "office 'roma', capacity: 2 → 3",
            "ufficio 'roma', capacity: 2 → 3",
        ),
        (
            ("fallback.yaml", "{mode: auto}", '{mode: forced_on, reason: "nobody is there"}'),
            "national fallback, mode: auto → forced_on",
            "fallback nazionale, mode: auto → forced_on",
        ),
        (
            ("fallback.yaml", "roma: {mode: auto}", 'roma: {mode: forced_off, reason: "the line is down"}'),
            "fallback of office 'roma', mode: auto → forced_off",
            "fallback dell'ufficio 'roma', mode: auto → forced_off",
        ),
        (
            ("skills.yaml", "tedesco: Lingua tedesca", "tedesco: Deutsch"),
            "skill 'tedesco': Lingua tedesca → Deutsch",
            "competenza 'tedesco': Lingua tedesca → Deutsch",
        ),
    ],
)
def test_a_change_is_told_in_both_languages(places, change, english, italian):
    """The noun is translated, the key stands as in the file."""
    before = places.read()
    places.change(*change)
    changes = differences(before, places.read())
    assert in_words(changes[0], "en") == english
    assert in_words(changes[0], "it") == italian


def test_nothing_is_told_where_nothing_changed(told):
    """Not even that."""
    assert told() == []


def test_a_default_that_is_written_out_and_a_comment_are_only_layout(told):
    """The file is another, what it says is the same."""
    assert told(("queues.yaml", "threshold_s: 20", "discipline: fair  # as ever\n    threshold_s: 20")) == [
        "queues.yaml: only comments or layout"
    ]


def test_a_step_put_in_at_the_top_is_one_change(told):
    """Steps are laid side by side by their names."""
    first = "      - {step: uffici, after_s: 40, offices: [roma]}"
    new = "      - {step: prima, after_s: 5, offices: [bolzano]}\n"
    assert told(("queues.yaml", first, new + first)) == [
        "queue 'pensioni', step 'prima': new (step prima, after_s 5, offices bolzano)"
    ]


def test_steps_that_change_places_are_told_as_such(told):
    """With the time that moved one of them, their order."""
    first = "      - {step: uffici, after_s: 20, offices: [bolzano]}\n"
    second = "      - {step: in-italiano, after_s: 60, consent: consenso-italiano, waives: [tedesco]}\n"
    assert told(("queues.yaml", first + second, second.replace("60", "10") + first)) == [
        "queue 'tedesco', step 'in-italiano', after_s: 60 → 10",
        "queue 'tedesco', ladder: another order: in-italiano, uffici",
    ]


def test_what_is_new_says_something_of_itself_and_what_goes_is_named(told):
    """Not every field: the first that say anything."""
    office = '  trento: {name: Trento, province: TN, number: "99046101", trunk: trunk, capacity: 4}\n'
    said = told(
        ("offices.yaml", "  bolzano:", office + "  bolzano:"),
        ("queues.yaml", "      - {step: uffici, after_s: 40, offices: [roma]}\n", "      []\n"),
        lang="it",
    )
    assert any(
        one.startswith("ufficio 'trento': nuovo (name Trento, province TN, number 99046101") for one in said
    )
    assert "coda 'pensioni', passo 'uffici': tolto" in said


def test_changed_cases_are_told_by_their_file(told):
    """What was promised is another, though no rule is."""
    assert told(("cases/prova.yaml", "cases:", "cases:  # of the demo")) == [
        "worked cases in cases/prova.yaml: changed"
    ]


@pytest.mark.parametrize("tables", [TEXTS, NOUNS, TERMINAL], ids=["texts", "nouns", "terminal"])
def test_both_languages_say_the_same_things(tables):
    """The same keys with the same places, so that no sentence lacks a number in one of them."""
    assert list(tables["it"]) == list(tables["en"])
    for key in tables["en"]:
        places = [
            {place for _, place, _, _ in Formatter().parse(tables[lang][key]) if place}
            for lang in ("en", "it")
        ]
        assert places[0] == places[1], key
