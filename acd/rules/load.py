"""From a folder of rule files to compiled rules, or to every complaint at once.

Three passes, each telling all it can:

1. each file is YAML of the plain kind (`acd.rules.reading`);
2. each file has its shape (`acd.rules.schema`); an entry that has not is left out, the others
   go on;
3. the files fit together (`acd.rules.checks`, `acd.rules.ladder_check`, `acd.rules.calendar_check`,
   `acd.rules.starvation`, `acd.rules.entry_check`).

Nothing is compiled while one finding stands: rules are applied whole or not at all.

The **revision** is a digest of what the files *say*: the validated content with its defaults,
in its order, without comments and layout. Two folders with one revision handle calls alike on one
day: how far calendars are known ahead is no part of it.
The roster is no part of it, nor of the folder: people come and go, the rules stay. A file
``roster.csv`` beside the rules is an import waiting to be made (`acd.rules.roster`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from acd.core.policy import RuleSet
from acd.errors import ConfigError
from acd.rules.book import Book, Page
from acd.rules.breaks import check_breaks, compile_breaks
from acd.rules.breaks_shape import BreaksFile
from acd.rules.calendar import Calendars, today_in_rome
from acd.rules.calendar_check import check_calendars
from acd.rules.calendar_shape import CalendarsFile, HolidaysFile
from acd.rules.checks import check_book
from acd.rules.compile import compile_rules
from acd.rules.document import Document, Finding
from acd.rules.entry import EntryPlan
from acd.rules.entry_check import check_entry
from acd.rules.entry_compile import compile_entry, queues_in_silence
from acd.rules.entry_shape import EntryFile, PromptsFile
from acd.rules.ladder_check import check_ladders
from acd.rules.office_check import check_offices
from acd.rules.office_shape import OfficesFile
from acd.rules.opening_words import with_openings
from acd.rules.queue_shape import QueuesFile
from acd.rules.reading import read_document
from acd.rules.schema import (
    BandsFile,
    OutcomeCodesFile,
    PauseReasonsFile,
    PriorityClassesFile,
    Shape,
    SitesFile,
    SkillsFile,
    TimingsFile,
)
from acd.rules.sentences import did_you_mean, validate_partly
from acd.rules.sources import Source
from acd.rules.starvation import check_starvation
from acd.rules.transition import TransitionPlan, compile_stand_in, compile_transition
from acd.rules.transition_check import check_transition
from acd.rules.transition_shape import TransitionFile
from acd.rules.volunteering import Volunteering, check_volunteering, compile_volunteering
from acd.rules.volunteering_shape import VolunteeringFile

__all__ = ["FILES", "LoadedRules", "ReadRules", "load_rules", "read_rules"]

FileT = TypeVar("FileT", bound=Shape)

FILES: Final = (
    "skills.yaml",
    "sites.yaml",
    "offices.yaml",
    "pause_reasons.yaml",
    "priority_classes.yaml",
    "outcome_codes.yaml",
    "holidays.yaml",
    "calendars.yaml",
    "bands.yaml",
    "queues.yaml",
    "entry.yaml",
    "prompts.yaml",
    "timings.yaml",
    "transition.yaml",
    "breaks.yaml",
    "volunteering.yaml",
)
"""What a rule folder holds …"""

MAY_BE_ABSENT: Final = frozenset(
    {
        "priority_classes.yaml",
        "outcome_codes.yaml",
        "holidays.yaml",
        "calendars.yaml",
        "bands.yaml",
        "prompts.yaml",
        "timings.yaml",
        "transition.yaml",
        "breaks.yaml",
        "volunteering.yaml",
    }
)
"""… and which of it may be left out."""


class LoadedRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule folder says: to the engine, and to the dialplan."""

    rules: RuleSet
    entry: EntryPlan
    transition: TransitionPlan
    volunteering: Volunteering = Volunteering()


def load_rules(folder: Path, today: dt.date | None = None) -> LoadedRules:
    """Read, check and compile a rule folder.

    Takes about half a second for the national rules: in a running process call it off the loop.

    Args:
        folder: Where the files are.
        today: The day from which calendars are known; None: the day it is in Rome.

    Raises:
        ConfigError: Something is wrong; ``findings`` holds every ``file:line:col: sentence``.
    """
    return read_rules(folder, today or today_in_rome()).today


def read_rules(folder: Source, today: dt.date) -> ReadRules:
    """Read and check a rule folder, to compile it for more than one day; else do as `load_rules`."""
    if not folder.is_dir():
        raise ConfigError((str(Finding(folder.as_posix(), 1, 1, "there is no such folder of rules.")),))
    book = _read_book(folder)
    check_book(book)
    check_offices(book)
    check_ladders(book)
    check_calendars(book, today)
    check_entry(book)
    check_transition(book)
    check_breaks(book)
    check_volunteering(book)
    _refuse(book, _strangers(folder))
    read = ReadRules(book, today)
    check_starvation(book, read.today.rules)  # a bound over mistyped rules would be a guess
    _refuse(book, [])
    return read


def _refuse(book: Book, strangers: list[Finding]) -> None:
    findings = [*strangers, *(f for document in book.documents() for f in sorted(document.findings))]
    if findings:
        raise ConfigError(tuple(str(finding) for finding in findings))


class ReadRules:
    """A rule folder with nothing wrong in it."""

    def __init__(self, book: Book, today: dt.date) -> None:
        self.book = book
        self.day = today
        self.today = self.on(today)

    def on(self, day: dt.date) -> LoadedRules:
        """Compile it with the calendars known from this day on."""
        book = self.book
        skills, sites, offices = _whole(book.skills), _whole(book.sites), _whole(book.offices)
        pause_reasons, queues, entry = _whole(book.pause_reasons), _whole(book.queues), _whole(book.entry)
        classes, codes = _whole(book.priority_classes), _whole(book.outcome_codes)
        prompts, timings, bands = _whole(book.prompts), _whole(book.timings), _whole(book.bands)
        calendars, holidays = _whole(book.calendars), _whole(book.holidays)
        transition, breaks = _whole(book.transition), _whole(book.breaks)
        volunteering = _whole(book.volunteering)
        files = (skills, sites, offices, pause_reasons, classes, codes, holidays, calendars, bands, queues)
        rules = compile_rules(
            revision=_revision(*files, entry, prompts, timings, transition, breaks, volunteering),
            skills=skills,
            sites=sites,
            offices=offices,
            pause_reasons=pause_reasons,
            priority_classes=classes,
            outcome_codes=codes,
            queues=queues,
            entry=queues_in_silence(entry),
            queue_by_default=entry.queue_by_default,
            bands=bands,
            calendars=Calendars(calendars, holidays, day),
            timings=timings,
            stand_in=compile_stand_in(transition.stand_in),
            breaks=compile_breaks(breaks),
        )
        rules, plan = with_openings(rules, compile_entry(entry, prompts, rules))
        return LoadedRules(
            rules=rules,
            entry=plan,
            transition=compile_transition(transition),
            volunteering=compile_volunteering(volunteering),
        )


def _whole(page: Page[FileT]) -> FileT:
    assert page.content is not None, f"{page.document.file} has no content, and no finding says why"
    return page.content


def _read_book(folder: Source) -> Book:
    return Book(
        skills=_read_page(folder, "skills.yaml", SkillsFile),
        sites=_read_page(folder, "sites.yaml", SitesFile),
        offices=_read_page(folder, "offices.yaml", OfficesFile),
        pause_reasons=_read_page(folder, "pause_reasons.yaml", PauseReasonsFile),
        priority_classes=_read_page(folder, "priority_classes.yaml", PriorityClassesFile),
        outcome_codes=_read_page(folder, "outcome_codes.yaml", OutcomeCodesFile),
        holidays=_read_page(folder, "holidays.yaml", HolidaysFile),
        calendars=_read_page(folder, "calendars.yaml", CalendarsFile),
        bands=_read_page(folder, "bands.yaml", BandsFile),
        queues=_read_page(folder, "queues.yaml", QueuesFile),
        entry=_read_page(folder, "entry.yaml", EntryFile),
        prompts=_read_page(folder, "prompts.yaml", PromptsFile),
        timings=_read_page(folder, "timings.yaml", TimingsFile),
        transition=_read_page(folder, "transition.yaml", TransitionFile),
        breaks=_read_page(folder, "breaks.yaml", BreaksFile),
        volunteering=_read_page(folder, "volunteering.yaml", VolunteeringFile),
    )


def _read_page(folder: Source, name: str, shape: type[FileT]) -> Page[FileT]:
    path = folder / name
    if name in MAY_BE_ABSENT and not path.exists():
        return Page(Document(file=path.as_posix()), shape())
    document = read_document(path)
    return Page(document, validate_partly(document, shape))


def _strangers(folder: Source) -> list[Finding]:
    """Complain about YAML files that nobody reads: a rule in there would be a rule lost."""
    there = (path for pattern in ("*.yaml", "*.yml") for path in folder.glob(pattern))
    strange = sorted(there, key=lambda path: path.name)
    return [
        Finding(path.as_posix(), 1, 1, _why_strange(path.name)) for path in strange if path.name not in FILES
    ]


def _why_strange(name: str) -> str:
    if name == "agents.yaml":
        return "people no longer stand in the rules; write them as CSV and import the roster."
    return f"nobody reads a file of this name;{did_you_mean(name, FILES)}"


def _revision(*files: Shape) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(type(file).__name__.encode())
        digest.update(file.model_dump_json().encode())
    return digest.hexdigest()[:16]
