"""The documents at one moment: the same text is checked, compared and kept."""

from __future__ import annotations

import pytest

from acd.errors import ConfigError
from acd.revisions.configuration import read_configuration
from acd.revisions.differing import differences, in_words
from acd.revisions.documents import documents_of, take_documents
from acd.rules.goals import Goals
from acd.store.records import OverrideMode
from tests.revisions.made import TODAY
from tests.store.made import revision


def test_the_set_holds_rules_cases_and_both_files(places, tmp_path):
    """By one name each, wherever they lie; people and strange files are no part of it."""
    (places.rules / "roster.csv").write_text("agent\n")
    places.privacy = tmp_path / "private.yaml"
    places.privacy.write_text("k_min: 12\n")
    names = set(take_documents(places).texts)
    assert {"rules/queues.yaml", "rules/cases/prova.yaml", "fallback.yaml", "privacy.yaml"} <= names
    assert not [name for name in names if "roster" in name]


def test_what_a_revision_kept_reads_as_the_files_did(places):
    """To the letter: umlauts, odd line ends, comments; with the same digest."""
    places.change("queues.yaml", "queues:", "# Übersicht\r\nqueues:")
    before = places.read()
    kept = documents_of(revision(number=7, files=before.documents.files()))
    assert kept.digest == before.digest
    again = read_configuration(kept, places, TODAY)
    assert again.read.today.rules == before.read.today.rules
    assert again.fallback == before.fallback


def test_a_mistake_in_a_revision_names_the_revision(places):
    """It may be one that this version reads otherwise."""
    files = places.read().documents.files() | {"rules/queues.yaml": "queues: {}\n"}
    with pytest.raises(ConfigError, match=r"revision 7: rules/queues\.yaml:1:"):
        read_configuration(documents_of(revision(number=7, files=files)), places, TODAY)


def test_every_mistake_of_every_file_is_told_at_once(places, tmp_path):
    """Rules, toggles, privacy; each with its own path and line."""
    places.privacy = tmp_path / "privacy.yaml"
    places.privacy.write_text("k_min: 1\n")
    places.fallback.write_text("national: {mode: perhaps}\n")
    places.change("offices.yaml", "capacity: 2", "capacity: two")
    with pytest.raises(ConfigError) as caught:
        places.read()
    told = "\n".join(caught.value.findings)
    for file in (places.file("offices.yaml"), places.privacy):
        assert f"{file}:" in told
    places.change("offices.yaml", "capacity: two", "capacity: 2")
    with pytest.raises(ConfigError) as caught:
        places.read()
    assert f"{places.fallback}:1:" in "\n".join(caught.value.findings)


def test_toggles_are_held_against_the_rules_they_come_with(places):
    """An office that goes while its toggle stays is a finding."""
    places.fallback.write_text("national: {mode: auto}\noffices:\n  aosta: {mode: auto}\n")
    with pytest.raises(ConfigError, match="there is no office 'aosta'"):
        places.read()


def test_a_file_that_is_not_there_or_is_no_text_is_a_finding(places):
    """Named in the settings and gone; bytes that are no UTF-8."""
    places.fallback.unlink()
    (places.rules / "queues.yaml").write_bytes(b"queues: \xff\n")
    with pytest.raises(ConfigError) as caught:
        places.read()
    told = "\n".join(caught.value.findings)
    assert "this file is missing" in told
    assert "is not UTF-8" in told


def test_a_case_that_does_not_hold_is_a_finding_where_cases_are_asked(places):
    """`acd check` says no, so `acd apply` does."""
    places.change("queues.yaml", "after_s: 20, offices: [roma, bolzano]", "after_s: 25, offices: [bolzano]")
    places.read(cases=False)
    with pytest.raises(ConfigError, match=r"cases/prova\.yaml:\d+:\d+: "):
        places.read(cases=True)


def test_toggles_are_read_without_reading_the_rules_again(places):
    """7:58: milliseconds, whatever the size of the rules."""
    before = places.read()
    places.fallback.write_text('national: {mode: forced_on, reason: "nobody is there"}\n')
    after = places.read(like=before)
    assert after.read is before.read
    assert after.fallback.toggles["national"].mode is OverrideMode.FORCED_ON
    places.change("queues.yaml", "ring_s: 15", "ring_s: 16")
    assert places.read(like=before).read is not before.read


def test_the_digest_tells_every_letter_and_every_name(places):
    """A comment, a moved file, a file that cannot be read."""
    seen = {take_documents(places).digest}
    places.change("queues.yaml", "queues:", "queues: # all")
    seen.add(take_documents(places).digest)
    (places.rules / "cases/prova.yaml").rename(places.rules / "cases/altra.yaml")
    seen.add(take_documents(places).digest)
    places.fallback.unlink()
    seen.add(take_documents(places).digest)
    assert len(seen) == 4
    assert take_documents(places).digest in seen


def test_goals_belong_to_the_set(places, tmp_path):
    """Read with the rules they name codes of; told of in words when they change."""
    before = places.read()
    assert before.goals == Goals()
    places.goals = tmp_path / "goals.yaml"
    places.goals.write_text('goals: [{from_day: "2025-01-01", ratio: 0.959}]\n')
    after = places.read(like=before)
    assert [goal.ratio for goal in after.goals.goals] == [0.959]
    (change,) = differences(before, after)
    assert (
        in_words(change, "it")
        == "obiettivo del servizio dal '2025-01-01': nuovo (from_day 2025-01-01, ratio 0.959)"
    )
    places.goals.write_text("solved: [mai]\n")
    with pytest.raises(ConfigError, match="no outcome code 'mai'"):
        places.read()
