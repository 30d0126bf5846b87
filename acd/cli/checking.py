"""``acd check``: rules, people and settings held against each other, in one list of findings.

A *finding* is a mistake: what has one is not taken. A *warning* is right in itself and surely not
meant, such as a queue that nobody of the roster can serve.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from acd.cli.words import count
from acd.errors import ConfigError
from acd.fallback.base import check_fallback
from acd.rules.calendar import today_in_rome
from acd.rules.cases import run_cases
from acd.rules.entry_prompts import MANIFEST, check_prompts, check_sounds
from acd.rules.entry_ways import describe_entry
from acd.rules.goals import check_goals
from acd.rules.load import LoadedRules, read_rules
from acd.rules.privacy import check_privacy
from acd.rules.reading import read_document
from acd.rules.roster import check_people, read_roster
from acd.rules.settings import Settings, load_settings
from acd.rules.starvation import describe_starvation

__all__ = ["Checked", "check_all"]

ROSTER_BESIDE = "roster.csv"


class Checked(msgspec.Struct):
    """What was found."""

    findings: list[str]
    warnings: list[str]
    revision: str = ""
    """Of the rules; empty if they have findings."""
    entry_revision: str = ""
    """Of what the dialplan must know of them."""
    queues: int = 0
    offices: int = 0
    agents: int | None = None
    """None: no roster was read."""
    ways: tuple[str, ...] = ()
    """Where each called number leads, and how long that takes."""
    starvation: tuple[str, ...] = ()
    """For each queue, by how much a later call can go first; with the roster, if one was read."""
    cases: int = 0
    """Worked cases that hold; others are findings."""
    told: str = ""
    """All of it in a line."""

    def as_json(self) -> dict[str, object]:
        """What ``--json`` shows."""
        return {name: getattr(self, name) for name in self.__struct_fields__ if name != "told"}


def check_all(
    rules: Path,
    roster: Path | None,
    config: Path | None,
    env: Mapping[str, str],
    prompts: Path | None = None,
) -> Checked:
    """Check whatever is given; every finding of all of it.

    Args:
        rules: The rule folder.
        roster: CSV of people; None: ``roster.csv`` in the rule folder, if it is there.
        config: The process settings; None: not checked.
        env: The environment, for the secrets of the settings.
        prompts: The directory of spoken prompts on this host (``sounds/acd``); None: not looked at.
    """
    checked = Checked(findings=[], warnings=[])
    loaded: LoadedRules | None = None
    try:
        read = read_rules(rules, today_in_rome())
    except ConfigError as error:
        checked.findings += error.findings
    else:
        loaded = read.today
        played = run_cases(rules, read)
        checked.findings += played.findings
        checked.cases = len(played.held)
    if loaded is not None:
        _note_rules(checked, rules, loaded)
        if prompts is not None:
            unfit = check_prompts(loaded.entry, prompts / MANIFEST)
            checked.warnings += unfit or (check_sounds(prompts) if loaded.entry.prompts else ())
        beside = rules / ROSTER_BESIDE
        file = roster or (beside if beside.exists() else None)
        if file is not None:
            _check_people(checked, loaded, file)
    elif roster is not None:
        checked.findings.append(f"{roster}: not checked, for the rules have findings.")
    if config is not None:
        try:
            settings = load_settings(config, env)
        except ConfigError as error:
            checked.findings += error.findings
        else:
            checked.findings += _beside(settings, loaded)
    return checked


def _beside(settings: Settings, loaded: LoadedRules | None) -> list[str]:
    """What is wrong with the files that the settings name beside the rules."""
    documents = []
    if settings.fallback is not None and loaded is not None:
        documents.append(read_document(settings.fallback))
        check_fallback(documents[-1], loaded.rules.sites, loaded.rules.offices)
    if settings.privacy is not None:
        documents.append(read_document(settings.privacy))
        check_privacy(documents[-1], settings)
    if settings.goals is not None and loaded is not None:
        documents.append(read_document(settings.goals))
        check_goals(documents[-1], loaded.rules.outcome_codes)
    return [str(finding) for document in documents for finding in sorted(document.findings)]


def _note_rules(checked: Checked, folder: Path, loaded: LoadedRules) -> None:
    rules = loaded.rules
    checked.revision, checked.entry_revision = rules.revision, loaded.entry.revision
    checked.queues, checked.offices = len(rules.queues), len(rules.offices)
    checked.ways = describe_entry(loaded.entry)
    checked.starvation = describe_starvation(rules)
    checked.told = (
        f"{folder}: revision {rules.revision}, {count(checked.queues, 'queue')}, "
        f"{count(checked.offices, 'office')}, {count(checked.cases, 'worked case')}"
    )


def _check_people(checked: Checked, loaded: LoadedRules, file: Path) -> None:
    try:
        people = read_roster(file, loaded.rules)
    except ConfigError as error:
        checked.findings += error.findings
        return
    checked.agents = len(people.agents)
    checked.warnings += check_people(loaded.rules, people, loaded.entry, loaded.volunteering.profiles)
    checked.starvation = describe_starvation(loaded.rules, people)
    checked.told += f", {count(checked.agents, 'agent')}"
