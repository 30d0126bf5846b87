"""``acd check`` of single files: what each of them is, and whether it is right in its place.

A rule file is never right by itself: it is read with its folder, and its own findings are told. Those of its
neighbours only count how many they are. ``fallback.yaml`` is held against the rules it names sites and
offices of, a table of people against the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from acd.cli.checking import Checked
from acd.cli.place import local_settings
from acd.cli.words import count
from acd.errors import ConfigError
from acd.fallback.base import check_fallback
from acd.revisions.documents import FALLBACK, GOALS, PRIVACY
from acd.rules.calendar import today_in_rome
from acd.rules.cases import CASES, run_cases
from acd.rules.document import Document
from acd.rules.goals import check_goals
from acd.rules.load import FILES, read_rules
from acd.rules.privacy import check_privacy
from acd.rules.reading import read_document
from acd.rules.roster import read_roster
from acd.rules.settings import load_settings

if TYPE_CHECKING:
    from acd.rules.privacy import KeepingSettings

__all__ = ["check_files"]

WITHOUT_SETTINGS = SimpleNamespace(store=None, journal=None)


def check_files(files: Sequence[Path], rules: Path, config: Path, env: Mapping[str, str]) -> Checked:
    """Check these files; every finding of all of them.

    Args:
        files: What to check.
        rules: The rules that toggles and people are held against where the settings name none.
        config: The settings, if they are there.
        env: The environment, for the secrets of settings.

    Raises:
        ConfigError: A file is not there, or nobody can say what it is.
    """
    checked = Checked(findings=[], warnings=[])
    sound: list[str] = []
    for file in files:
        findings = _findings(file, rules, config, env, checked)
        checked.findings += findings
        if not findings:
            sound.append(str(file))
    checked.told = f"{', '.join(sound)}: no finding" if sound else ""
    return checked


def _findings(
    file: Path, rules: Path, config: Path, env: Mapping[str, str], checked: Checked
) -> tuple[str, ...]:
    if not file.is_file():
        raise ConfigError((f"{file}: there is no such file; correct the path.",))
    if file.name in FILES:
        return _in_its_folder(file, file.parent, checked, cases=False)
    if file.parent.name == CASES:
        return _in_its_folder(file, file.parent.parent, checked, cases=True)
    if file.name == PRIVACY:
        document = read_document(file)
        check_privacy(document, _keeping(config, env))
        return _told(document)
    if file.name == GOALS:
        document = read_document(file)
        codes = read_rules(_rules(rules, config, env), today_in_rome()).today.rules.outcome_codes
        check_goals(document, codes)
        return _told(document)
    if file.name == FALLBACK:
        return _toggles(file, _rules(rules, config, env))
    if file.suffix == ".csv":
        return _people(file, _rules(rules, config, env))
    document = read_document(file)
    if isinstance(document.data, dict) and "nodes" not in document.data:
        known = ", ".join((*FILES, FALLBACK, PRIVACY, GOALS))
        raise ConfigError(
            (f"{file}: nobody can say what this is; settings have 'nodes', other files are named {known}.",)
        )
    try:
        load_settings(file, env)
    except ConfigError as error:
        return error.findings
    return ()


def _in_its_folder(file: Path, folder: Path, checked: Checked, *, cases: bool) -> tuple[str, ...]:
    try:
        read = read_rules(folder, today_in_rome())
        findings = run_cases(folder, read).findings if cases else ()
    except ConfigError as error:
        findings = error.findings
    own = tuple(finding for finding in findings if finding.startswith(f"{file.as_posix()}:"))
    if len(own) < len(findings):
        others = count(len(findings) - len(own), "finding")
        checked.warnings.append(f"{folder}: {others} in other files; see 'acd check {folder}'.")
    return own


def _toggles(file: Path, rules: Path) -> tuple[str, ...]:
    document = read_document(file)
    known = read_rules(rules, today_in_rome()).today.rules
    check_fallback(document, known.sites, known.offices)
    return _told(document)


def _people(file: Path, rules: Path) -> tuple[str, ...]:
    try:
        read_roster(file, read_rules(rules, today_in_rome()).today.rules)
    except ConfigError as error:
        return error.findings
    return ()


def _rules(rules: Path, config: Path, env: Mapping[str, str]) -> Path:
    return local_settings(config, env).rules if config.is_file() else rules


def _keeping(config: Path, env: Mapping[str, str]) -> KeepingSettings:
    return local_settings(config, env) if config.is_file() else WITHOUT_SETTINGS


def _told(document: Document) -> tuple[str, ...]:
    return tuple(map(str, sorted(document.findings)))
