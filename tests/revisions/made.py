"""What the tests of the configuration are made of: a folder of files, edited as people do."""

from __future__ import annotations

import datetime as dt
import shutil
from functools import cache
from pathlib import Path

from acd.core.ids import AgentId, SiteId, SkillId
from acd.core.policy import Agent, Roster
from acd.revisions.configuration import Configuration, read_configuration
from acd.revisions.documents import take_documents
from acd.rules.load import read_rules
from acd.rules.roster import read_roster

DEMO = Path(__file__).resolve().parents[2] / "routing_rules/demo"
TODAY = dt.date(2026, 3, 2)
NOW_MS = 1_772_445_600_000
"""That day at eleven in Rome."""
TOGGLES = "national: {mode: auto}\noffices:\n  roma: {mode: auto}\n"


class Places:
    """Settings with files of the demo, whose texts a test changes."""

    store = None
    journal = None
    exercise = None

    def __init__(self, folder: Path) -> None:
        self.rules = folder / "rules"
        shutil.copytree(DEMO, self.rules, ignore=shutil.ignore_patterns("*.csv"))
        self.fallback: Path | None = folder / "fallback.yaml"
        self.fallback.write_text(TOGGLES)
        self.privacy: Path | None = None
        self.goals: Path | None = None

    def file(self, name: str) -> Path:
        """One of the files."""
        return self.rules.parent / name if name == "fallback.yaml" else self.rules / name

    def change(self, name: str, old: str, new: str) -> None:
        """Edit a file in one place."""
        file = self.file(name)
        text = file.read_text()
        assert old in text, (name, old)
        file.write_text(text.replace(old, new, 1))

    def read(self, *, cases: bool = False, like: Configuration | None = None) -> Configuration:
        """Read what lies there now."""
        return read_configuration(take_documents(self), self, TODAY, cases=cases, like=like)


@cache
def people() -> Roster:
    """Those of the demo."""
    return read_roster(DEMO / "roster.csv", read_rules(DEMO, TODAY).today.rules)


def nobody() -> Roster:
    """An empty roster."""
    return Roster(agents={})


def many(count: int, site: str, **skills: int) -> Roster:
    """So many alike."""
    return Roster(
        agents={
            AgentId(f"{site}{n}"): Agent(
                id=AgentId(f"{site}{n}"),
                site=SiteId(site),
                endpoint=f"{site}{n}",
                skills={SkillId(skill): level for skill, level in skills.items()},
            )
            for n in range(count)
        }
    )


def together(*rosters: Roster) -> Roster:
    """All of them."""
    return Roster(agents={name: one for roster in rosters for name, one in roster.agents.items()})
