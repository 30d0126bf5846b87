"""A simulated stretch of a day, whole application and all, replays byte for byte from its journal."""

from __future__ import annotations

from pathlib import Path

from acd.demo.simulated import run
from acd.journal.replaying import replay
from acd.journal.segments import Journal
from acd.journal.stories import Kind, story_of

RULES = Path(__file__).parents[2] / "routing_rules" / "demo"


def test_twenty_simulated_minutes_replay_to_the_byte(tmp_path: Path) -> None:
    """AMI, links, engine, people and trouble as in service; then the journal alone, and a story out of it."""
    figures = run(RULES, 1_200, quiet=True, journal=tmp_path)
    journal = Journal([tmp_path])
    replayed = replay(journal)
    assert replayed.difference is None
    assert replayed.facts > 5_000
    assert replayed.orders > figures["answered"]
    call = next(
        each.entry.fact.call  # type: ignore[union-attr]
        for each in journal.runs[0].entries()
        if type(each.entry.fact).__name__ == "TalkBegan"
    )
    story = story_of(journal, call)
    assert story.ended
    assert story.events[0].kind is Kind.ENTERED
    assert Kind.ANSWERED in [event.kind for event in story.events]
