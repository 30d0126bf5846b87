"""Another privacy profile is obeyed at once by the whole running centre."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.centre import RunningCentre
from acd.journal.recorder import HOUR_MS
from acd.journal.segments import segment_name
from acd.rules.load import load_rules
from acd.rules.privacy import Privacy, Retention
from acd.rules.roster import read_roster
from acd.rules.settings import Settings
from tests.web.small_store import SmallStore

RULES = Path(__file__).parents[2] / "routing_rules" / "demo"
START_MS = 1_800_000_000_000


@pytest.fixture
async def centre(tmp_path):
    """A centre that was built and never started, with a journal folder."""
    rules = load_rules(RULES).rules
    settings = Settings.model_validate(
        {
            "nodes": [{"id": "n1", "host": "127.0.0.1", "secret": "x"}],
            "rules": Path("/"),
            "journal": {"folder": tmp_path / "journal", "hours": 48},
        },
        strict=False,
    )
    roster = read_roster(RULES / "roster.csv", rules)
    return RunningCentre(settings, rules, roster, store=SmallStore())


def shown(centre: RunningCentre) -> bytes:
    """The metrics of now, whatever a scrape a moment ago was given."""
    centre._take_picture()
    return centre.metrics.render()


async def test_without_a_profile_the_settings_hold(centre):
    """As many hours as the section of the journal says."""
    assert centre.privacy() == Privacy(retention=Retention(journal_hours=48))


async def test_the_metrics_show_groups_by_the_profile_in_force(centre):
    """Sites of four people appear by themselves only where an agreement has unlocked that."""
    assert b"acd_agents{" not in shown(centre)
    centre.take_privacy(Privacy(k_min=3))
    assert b'acd_agents{site="bolzano"' in shown(centre)


async def test_the_journal_forgets_by_the_profile_in_force(centre, tmp_path):
    """From the next segment on."""
    centre.take_privacy(Privacy(retention=Retention(journal_hours=3)))
    assert centre.recorder._writer.keep_ms == 3 * HOUR_MS


async def test_segments_of_the_journal_go_when_they_ended_before(centre, tmp_path):
    """The newest stays; where there is no folder there is nothing to remove."""
    assert await centre.forget_journal(START_MS) == 0
    folder = tmp_path / "journal"
    folder.mkdir()
    for hour in range(4):
        (folder / segment_name(START_MS + hour * HOUR_MS)).write_bytes(b"x")
    assert await centre.forget_journal(START_MS + 2 * HOUR_MS) == 2
    assert await centre.forget_journal(START_MS + 100 * HOUR_MS) == 1
    assert [path.name for path in folder.iterdir()] == [segment_name(START_MS + 3 * HOUR_MS)]
