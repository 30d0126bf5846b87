"""The privacy profile: what it says, what it refuses, and what holds where it is silent."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from acd.errors import ConfigError
from acd.rules.privacy import Agreement, Privacy, Retention, read_privacy

SHIPPED = Path(__file__).parents[2] / "config" / "privacy.yaml"
SETTINGS = SimpleNamespace(store=SimpleNamespace(ledger_days=30), journal=SimpleNamespace(hours=48))
AGREEMENT = """\
agreement:
  reference: "Accordo 1/2026"
  date: "2026-01-31"
  scope: "Tutte le sedi"
  unlocks: [%s]
"""


def read(folder: Path, text: str, settings: SimpleNamespace = SETTINGS) -> Privacy:
    (folder / "privacy.yaml").write_text(text, encoding="utf-8")
    return read_privacy(folder / "privacy.yaml", settings)


def test_without_a_file_the_settings_hold():
    """As before there was such a file; nothing is unlocked."""
    assert read_privacy(None, SETTINGS) == Privacy(retention=Retention(ledger_days=30, journal_hours=48))
    bare = SimpleNamespace(store=None, journal=None)
    assert read_privacy(None, bare) == Privacy()


def test_the_shipped_file_states_the_defaults():
    """What it writes out is what holds without it; it names no agreement."""
    shipped = read_privacy(SHIPPED, SimpleNamespace(store=None, journal=None))
    assert shipped == Privacy(from_file=True)


def test_what_the_file_leaves_out_the_settings_say(tmp_path):
    """And what it says goes before them."""
    assert read(tmp_path, "k_min: 12\n").retention == Retention(ledger_days=30, journal_hours=48)
    kept = read(tmp_path, "retention: {ledger_days: 100, journal_hours: 10}\n").retention
    assert (kept.ledger_days, kept.journal_hours) == (100, 10)


def test_an_agreement_unlocks_what_it_names(tmp_path):
    """With its reference, date and scope."""
    text = AGREEMENT % "smaller-groups, longer-journal" + "k_min: 5\nretention: {journal_hours: 200}\n"
    privacy = read(tmp_path, text)
    assert (privacy.k_min, privacy.retention.journal_hours) == (5, 200)
    assert privacy.agreement == Agreement(
        reference="Accordo 1/2026",
        date="2026-01-31",
        scope="Tutte le sedi",
        unlocks=("smaller-groups", "longer-journal"),
    )


SMALL = "groups under 10 take an agreement that unlocks smaller-groups; write 10 or more."
LONG = (
    "a journal of more than 72 hours takes an agreement that unlocks longer-journal; "
    "write journal_hours: 72 or less."
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("k_min: 9\n", [f"1:8: {SMALL}"]),
        (AGREEMENT % "longer-journal" + "k_min: 9\n", [f"6:8: {SMALL}"]),
        ("retention:\n  journal_hours: 73\n", [f"2:18: {LONG}"]),
        (AGREEMENT % "smaller-groups" + "retention: {journal_hours: 73}\n", [f"6:28: {LONG}"]),
        ("k_min: 2\n", ["1:8: 'k_min' is 2: too small; the least is 3."]),
        ("k_min: '10'\n", ["1:8: 'k_min' is text because of its quotes; write 10 without them."]),
        ("k_max: 10\n", ["1:1: unknown key 'k_max'; did you mean 'k_min'?"]),
        ("retention: {ledger_days: 0}\n", ["1:26: 'ledger_days' is 0: too small; the least is 1."]),
        (
            "retention: {agents_days: 3}\n",
            [
                "1:13: unknown key 'agents_days'; did you mean 'slots_days'?",
            ],
        ),
        (
            AGREEMENT % "everything",
            [
                (
                    "5:13: 'unlocks' cannot be 'everything'; there is smaller-groups, longer-journal, "
                    "agents-in-queue-log."
                )
            ],
        ),
        (
            'agreement: {reference: "x", date: "31.1.2026", scope: "y"}\n',
            ["1:35: '31.1.2026' is not a day of the calendar: write year-month-day, such as 2026-01-31."],
        ),
        ('agreement: {reference: "x", scope: "y"}\n', ["1:1: the key 'date' is missing; add it."]),
        ("", ["1:1: this file is empty; write its keys or restore it."]),
    ],
)
def test_each_mistake_is_told_at_its_place(tmp_path, text, told):
    """File, line, column, and what to write."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    file = (tmp_path / "privacy.yaml").as_posix()
    assert list(caught.value.findings) == [f"{file}:{line}" for line in told]


def test_settings_that_keep_the_journal_longer_are_told_where_the_file_is_silent(tmp_path):
    """The file would else allow by its silence what it may not say."""
    settings = SimpleNamespace(store=None, journal=SimpleNamespace(hours=200))
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "k_min: 10\n", settings)
    assert "the settings say 200, journal: hours" in caught.value.findings[0]


def test_a_missing_file_is_told(tmp_path):
    """It is named in the settings, so it should be there."""
    with pytest.raises(ConfigError, match="this file is missing"):
        read_privacy(tmp_path / "privacy.yaml", SETTINGS)
