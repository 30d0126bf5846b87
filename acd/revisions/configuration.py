"""From a set of documents to a configuration that can be put in force, or to every complaint at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol, TypeVar

from pydantic import BaseModel

from acd.errors import ConfigError
from acd.fallback.base import Base, check_fallback
from acd.revisions.documents import FALLBACK, GOALS, PRIVACY, RULES, Documents
from acd.rules.cases import run_cases
from acd.rules.document import Document
from acd.rules.exercise import exercise_of, in_exercise
from acd.rules.fallback_shape import FallbackFile
from acd.rules.goals import Goals, check_goals
from acd.rules.goals_shape import GoalsFile
from acd.rules.load import ReadRules, read_rules
from acd.rules.privacy import KeepingSettings, Privacy, check_privacy, privacy_of
from acd.rules.privacy_shape import PrivacyFile
from acd.rules.reading import read_document
from acd.rules.settings import ExerciseSettings

__all__ = ["Configuration", "Given", "read_configuration"]

ShapeT = TypeVar("ShapeT", bound=BaseModel)


class Given(KeepingSettings, Protocol):
    """What of the process settings the configuration depends on."""

    @property
    def exercise(self) -> ExerciseSettings | None:
        """The clock of an exercise."""


class Configuration:
    """Everything that can be changed while calls are routed, with nothing wrong in it."""

    def __init__(
        self,
        documents: Documents,
        read: ReadRules,
        fallback: Base,
        privacy: Privacy,
        goals: Goals,
        contents: Mapping[str, BaseModel],
        exercise: ExerciseSettings | None = None,
    ) -> None:
        """Put the parts together.

        Args:
            documents: What it was read from.
            read: The rules.
            fallback: What ``fallback.yaml`` says; where there is none, everything is ``auto``.
            privacy: What ``privacy.yaml`` says, or what holds without.
            goals: What ``goals.yaml`` says; where there is none, there are none.
            contents: By file (``queues.yaml`` …), what stands there with its defaults, to be compared.
            exercise: The clock that ``read`` goes by, if it is not that of the day.
        """
        self.documents = documents
        self.read = read
        self.fallback = fallback
        self.privacy = privacy
        self.goals = goals
        self.contents = contents
        self._exercise = exercise

    def on(self, today: dt.date) -> Configuration:
        """The same with the calendars known from this day on."""
        if self.read.day == today:
            return self
        read = in_exercise(ReadRules(self.read.book, today), exercise_of(self._exercise))
        return Configuration(
            self.documents, read, self.fallback, self.privacy, self.goals, self.contents, self._exercise
        )

    @property
    def digest(self) -> str:
        """Of names and texts."""
        return self.documents.digest


def read_configuration(
    documents: Documents,
    settings: Given,
    today: dt.date,
    *,
    cases: bool = True,
    like: Configuration | None = None,
) -> Configuration:
    """Check the whole set.

    Takes more than a second of pure Python for the national rules: in a running process, beside the loop.
    Where the rules are to the letter those of ``like`` they are not read again, so a toggle by file takes
    milliseconds.

    Args:
        documents: What to read.
        settings: What holds where ``privacy.yaml`` is silent, and the clock of an exercise.
        today: The day from which calendars are known.
        cases: Whether the worked cases must hold too.
        like: What was read before and is good.

    Raises:
        ConfigError: Something is wrong; ``findings`` holds every ``file:line:col: sentence``.
    """
    findings: list[str] = []
    read: ReadRules | None = None
    if like is not None and like.read.day == today and _rules(like.documents) == _rules(documents):
        read = like.read
    else:
        try:
            read = in_exercise(_read(documents, today, cases=cases), exercise_of(settings.exercise))
        except ConfigError as error:
            findings += error.findings
    fallback_document, fallback = _fallback(documents, read)
    privacy_document, privacy = _privacy(documents, settings)
    goals_document, goals = _goals(documents, read)
    for document in (fallback_document, privacy_document, goals_document):
        findings += map(str, sorted(document.findings))
    if findings:
        raise ConfigError(tuple(findings))
    assert read is not None, "rules that cannot be read are a finding"
    assert fallback is not None, "a file of toggles that does not do is a finding"
    assert privacy is not None, "a privacy profile that does not do is a finding"
    assert goals is not None, "goals that do not do are a finding"
    contents: dict[str, BaseModel] = {
        **read.book.contents(),
        FALLBACK: _shaped(fallback_document, FallbackFile),
        PRIVACY: _shaped(privacy_document, PrivacyFile),
        GOALS: _shaped(goals_document, GoalsFile),
    }
    return Configuration(documents, read, fallback, privacy, goals, contents, settings.exercise)


def _rules(documents: Documents) -> dict[str, bytes | OSError]:
    return {name: text for name, text in documents.texts.items() if name.startswith(f"{RULES}/")}


def _read(documents: Documents, today: dt.date, *, cases: bool) -> ReadRules:
    rules = documents.path(RULES)
    read = read_rules(rules, today)
    findings = run_cases(rules, read).findings if cases else ()
    if findings:
        raise ConfigError(findings)
    return read


def _fallback(documents: Documents, read: ReadRules | None) -> tuple[Document, Base | None]:
    """What the toggles say; whether their names are known is asked of rules that could be read."""
    if FALLBACK not in documents.texts:
        return Document(file=FALLBACK), Base()
    document = read_document(documents.path(FALLBACK))
    rules = read.today.rules if read is not None else None
    if rules is None:
        return document, None
    return document, check_fallback(document, rules.sites, rules.offices)


def _privacy(documents: Documents, keeping: KeepingSettings) -> tuple[Document, Privacy | None]:
    if PRIVACY not in documents.texts:
        return Document(file=PRIVACY), privacy_of(keeping)
    document = read_document(documents.path(PRIVACY))
    return document, check_privacy(document, keeping)


def _goals(documents: Documents, read: ReadRules | None) -> tuple[Document, Goals | None]:
    """What the goals say; whether their outcome codes are known is asked of rules that could be read."""
    if GOALS not in documents.texts:
        return Document(file=GOALS), Goals()
    document = read_document(documents.path(GOALS))
    if read is None:
        return document, None
    return document, check_goals(document, read.today.rules.outcome_codes)


def _shaped(document: Document, shape: type[ShapeT]) -> ShapeT:
    return shape.model_validate(document.data if document.data is not None else {})
