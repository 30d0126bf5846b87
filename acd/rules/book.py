"""All the files of one rule folder side by side, and the two questions every check asks of them.

*References*: is this name declared there? They run on whatever entries are good, against the names
that the other file declares (a bad entry still declares its name: it would be unkind to call it
unknown as well). *Once*: may this value stand here, or has somebody taken it?
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Generic, TypeVar

from pydantic import BaseModel

from acd.rules.breaks_shape import BreaksFile
from acd.rules.calendar_shape import CalendarsFile, HolidaysFile
from acd.rules.document import Document, Loc
from acd.rules.entry_shape import EntryFile, PromptsFile
from acd.rules.office_shape import OfficesFile
from acd.rules.queue_shape import QueuesFile
from acd.rules.schema import (
    BandsFile,
    OutcomeCodesFile,
    PauseReasonsFile,
    PriorityClassesFile,
    SitesFile,
    SkillsFile,
    TimingsFile,
)
from acd.rules.sentences import did_you_mean, shown
from acd.rules.transition_shape import TransitionFile
from acd.rules.volunteering_shape import VolunteeringFile

__all__ = ["Book", "Page", "check_once", "check_reference"]

FileT = TypeVar("FileT")


@dataclass(frozen=True, slots=True)
class Page(Generic[FileT]):
    """One file: the document, and its content as far as it is good."""

    document: Document
    content: FileT | None

    def declared(self, section: str) -> list[str] | None:
        """Return the names under ``section``, also of entries that are bad; None if it cannot be told."""
        data = self.document.data
        if (section,) in self.document.gaps or not isinstance(data, dict):
            return None  # a name that was refused may be the one that is looked for
        names = data.get(section)
        return list(names) if isinstance(names, dict) else None

    def declared_or_none(self, section: str) -> list[str] | None:
        """Do as `declared` for a section that may be absent: then there are no names."""
        names = self.declared(section)
        if names is None and not self.document.findings and (section,) not in self.document.gaps:
            return []
        return names


@dataclass(frozen=True, slots=True)
class Book:
    """All the files of one folder."""

    skills: Page[SkillsFile]
    sites: Page[SitesFile]
    offices: Page[OfficesFile]
    pause_reasons: Page[PauseReasonsFile]
    priority_classes: Page[PriorityClassesFile]
    outcome_codes: Page[OutcomeCodesFile]
    holidays: Page[HolidaysFile]
    calendars: Page[CalendarsFile]
    bands: Page[BandsFile]
    queues: Page[QueuesFile]
    entry: Page[EntryFile]
    prompts: Page[PromptsFile]
    timings: Page[TimingsFile]
    transition: Page[TransitionFile]
    breaks: Page[BreaksFile]
    volunteering: Page[VolunteeringFile]

    def documents(self) -> tuple[Document, ...]:
        """Return the documents, in the order findings are told."""
        pages = (self.skills, self.sites, self.offices, self.pause_reasons)
        more = (self.priority_classes, self.outcome_codes, self.holidays, self.calendars, self.bands)
        last = (self.queues, self.entry, self.prompts, self.timings, self.transition)
        people = (self.breaks, self.volunteering)
        return tuple(page.document for page in (*pages, *more, *last, *people))

    def contents(self) -> dict[str, BaseModel]:
        """Return what each file says with its defaults, by file; for a book with nothing wrong in it."""
        pages = ((one.name, getattr(self, one.name).content) for one in fields(self))
        return {f"{name}.yaml": content for name, content in pages if isinstance(content, BaseModel)}


def check_reference(
    page: Page[FileT], loc: Loc, name: str, kind: str, known: list[str] | None, *, by_key: bool = False
) -> None:
    """Complain if ``name``, at ``loc``, is no ``kind`` that was declared."""
    if known is None or name in known:
        return
    document = page.document
    mark = document.key_mark(loc) if by_key else document.value_mark(loc)
    document.complain(mark, f"unknown {kind} '{shown(name)}';{did_you_mean(name, known)}")


def check_once(page: Page[FileT], values: Iterable[tuple[Loc, str]], what: str) -> None:
    """Complain about each value that stands twice."""
    first: dict[str, Loc] = {}
    for loc, value in values:
        if value not in first:
            first[value] = loc
            continue
        line = page.document.value_mark(first[value]).line
        sentence = f"{what} '{value}' is already taken by '{first[value][1]}' in line {line}; give another."
        page.document.complain(page.document.value_mark(loc), sentence)
