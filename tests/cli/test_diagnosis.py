"""How ``acd doctor`` shows what it found."""

from __future__ import annotations

from rich.console import Console

from acd.ami.doctor import Finding, Level, Report
from acd.cli.diagnosis import INDENT, show_reports

SENTENCE = "The first of many words that fill more than a line of a narrow terminal, and the last."


def test_a_long_finding_stays_in_its_column():
    """Sentence and cure go on below where they began; nothing is wider than the terminal, no word is lost."""
    finding = Finding(level=Level.WARNING, check="filter", saw=SENTENCE, change=SENTENCE)
    console = Console(width=70, no_color=True, highlight=False)
    with console.capture() as captured:
        show_reports([Report(node="ast1", findings=(finding,))], console)
    heading, first, *more, _ = captured.get().splitlines()
    assert heading == "Asterisk ast1"
    assert first[:INDENT].split() == ["warning", "filter"]
    assert {line[:INDENT].strip() for line in more} == {""}
    assert all(len(line) <= 70 for line in (first, *more))
    said = " ".join(line[INDENT:] for line in (first, *more))
    assert said == f"{SENTENCE} -> {SENTENCE}"
