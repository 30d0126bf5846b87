"""Do the rule files fit together?

The shape of each file is already known to be good, or its bad entries are left out and told.
Here the sentences between files are checked: whom a queue needs, whom an agent belongs to,
where a number leads.

Two kinds of check. *References* run on whatever entries are good, against the names that the
other file declares (a bad entry still declares its name: it would be unkind to call it unknown
as well). *Coverage* (who could serve whom) waits until all else is right, because one mistyped
skill would make a queue look forsaken and agents look idle.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from acd.rules.document import Document, Loc
from acd.rules.schema import (
    AgentsFile,
    AgentShape,
    EntryFile,
    OfficesFile,
    PauseReasonsFile,
    QueuesFile,
    QueueShape,
    SitesFile,
    SkillsFile,
    TimingsFile,
)
from acd.rules.sentences import did_you_mean, shown

__all__ = ["Book", "Page", "check_book", "serves"]

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


@dataclass(frozen=True, slots=True)
class Book:
    """All the files of one folder."""

    skills: Page[SkillsFile]
    sites: Page[SitesFile]
    offices: Page[OfficesFile]
    pause_reasons: Page[PauseReasonsFile]
    queues: Page[QueuesFile]
    entry: Page[EntryFile]
    agents: Page[AgentsFile]
    timings: Page[TimingsFile]

    def documents(self) -> tuple[Document, ...]:
        """Return the documents, in the order findings are told."""
        pages = (self.skills, self.sites, self.offices, self.pause_reasons)
        more = (self.queues, self.entry, self.agents, self.timings)
        return tuple(page.document for page in (*pages, *more))


def check_book(book: Book) -> None:
    """Complain, in the documents, about everything that does not fit together."""
    _check_queues(book)
    _check_offices(book)
    _check_pause_reasons(book)
    _check_entry(book)
    _check_agents(book)
    if not any(document.findings for document in book.documents()):
        _check_coverage(book)


def serves(agent: AgentShape, queue: QueueShape) -> bool:
    """Whether the agent holds every skill the queue needs, at its level."""
    return all(agent.skills.get(skill, 0) >= level for skill, level in queue.needs.items())


def _check_reference(
    page: Page[FileT], loc: Loc, name: str, kind: str, known: list[str] | None, *, by_key: bool = False
) -> None:
    """Complain if ``name``, at ``loc``, is no ``kind`` that was declared."""
    if known is None or name in known:
        return
    document = page.document
    mark = document.key_mark(loc) if by_key else document.value_mark(loc)
    document.complain(mark, f"unknown {kind} '{shown(name)}';{did_you_mean(name, known)}")


def _check_once(page: Page[FileT], values: Iterable[tuple[Loc, str]], what: str) -> None:
    """Complain about each value that stands twice."""
    first: dict[str, Loc] = {}
    for loc, value in values:
        if value not in first:
            first[value] = loc
            continue
        line = page.document.value_mark(first[value]).line
        sentence = f"{what} '{value}' is already taken by '{first[value][1]}' in line {line}; give another."
        page.document.complain(page.document.value_mark(loc), sentence)


def _check_queues(book: Book) -> None:
    page = book.queues
    skills = book.skills.declared("skills")
    offices = book.offices.declared("offices")
    for name, queue in page.content.queues.items() if page.content else ():
        here: Loc = ("queues", name)
        for skill in queue.needs:
            _check_reference(page, (*here, "needs", skill), skill, "skill", skills, by_key=True)
        for index, office in enumerate(queue.offices):
            _check_reference(page, (*here, "offices", index), office, "office", offices)
            if office in queue.offices[:index]:
                mark = page.document.value_mark((*here, "offices", index))
                page.document.complain(mark, f"'{office}' stands in this list already; keep one of the two.")
        _check_queue_times(page, here, queue)


def _check_queue_times(page: Page[QueuesFile], here: Loc, queue: QueueShape) -> None:
    def complain(key: str, sentence: str) -> None:
        page.document.complain(page.document.value_mark((*here, key)), sentence)

    after_s = queue.offices_after_s
    if queue.offices and after_s is None:
        complain("offices", "offices are named, but not when they may help; add offices_after_s.")
    if after_s is not None and not queue.offices:
        complain("offices_after_s", "no office is named that could help; add offices, or remove this key.")
    if after_s is not None and after_s >= queue.wait_s_max:
        complain("offices_after_s", f"nobody waits that long: wait_s_max is {queue.wait_s_max:g}; lower it.")
    if queue.wrap_up_s > queue.wrap_up_s_max:
        complain("wrap_up_s", f"wrap_up_s is more than wrap_up_s_max ({queue.wrap_up_s_max:g}); lower it.")


def _check_offices(book: Book) -> None:
    page = book.offices
    offices = page.content.offices if page.content else {}
    numbers = ((("offices", name, "number"), office.number) for name, office in offices.items())
    _check_once(page, numbers, "the number")


def _check_pause_reasons(book: Book) -> None:
    page = book.pause_reasons
    if page.content is None:
        return
    reasons = page.content.pause_reasons
    digits = ((("pause_reasons", name, "digit"), reason.digit) for name, reason in reasons.items())
    _check_once(page, ((loc, digit) for loc, digit in digits if digit), "the digit")
    missed = page.content.missed_reason
    known = page.declared("pause_reasons")
    _check_reference(page, ("missed_reason",), missed, "pause reason", known)
    if missed in reasons and reasons[missed].digit:
        mark = page.document.value_mark(("pause_reasons", missed, "digit"))
        sentence = (
            f"'{missed}' is given by the system alone; remove its digit, or agents could hide behind it."
        )
        page.document.complain(mark, sentence)


def _check_entry(book: Book) -> None:
    page = book.entry
    if page.content is None:
        return
    queues = book.queues.declared("queues")
    for number, queue in page.content.entry.items():
        _check_reference(page, ("entry", number), queue, "queue", queues)
    _check_reference(page, ("queue_by_default",), page.content.queue_by_default, "queue", queues)


def _check_agents(book: Book) -> None:
    page = book.agents
    skills = book.skills.declared("skills")
    sites = book.sites.declared("sites")
    agents = page.content.agents if page.content else {}
    for name, agent in agents.items():
        here: Loc = ("agents", name)
        _check_reference(page, (*here, "site"), agent.site, "site", sites)
        for skill in agent.skills:
            _check_reference(page, (*here, "skills", skill), skill, "skill", skills, by_key=True)
    endpoints = (
        (("agents", name, "endpoint"), agent.endpoint if agent.endpoint is not None else name)
        for name, agent in agents.items()
    )
    _check_once(page, endpoints, "the endpoint")


def _check_coverage(book: Book) -> None:
    """Complain about skills nobody holds, queues nobody serves, agents who serve none."""
    skills, queues, agents = book.skills.content, book.queues.content, book.agents.content
    if skills is None or queues is None or agents is None:
        return
    held = {skill for agent in agents.agents.values() for skill in agent.skills}
    for skill in skills.skills:
        if skill not in held:
            mark = book.skills.document.key_mark(("skills", skill))
            sentence = f"nobody holds the skill '{skill}'; give it to an agent, or remove it."
            book.skills.document.complain(mark, sentence)
    # Many agents share one set of skills: ask once per set.
    kinds = {tuple(agent.skills.items()): agent for agent in agents.agents.values()}
    for name, queue in queues.queues.items():
        if not queue.offices and not any(serves(agent, queue) for agent in kinds.values()):
            mark = book.queues.document.key_mark(("queues", name))
            sentence = (
                f"nobody can serve the queue '{name}'; lower its needs, train an agent, or name an office."
            )
            book.queues.document.complain(mark, sentence)
    idle = {
        kind for kind, agent in kinds.items() if not any(serves(agent, q) for q in queues.queues.values())
    }
    for name, agent in agents.agents.items():
        if tuple(agent.skills.items()) in idle:
            mark = book.agents.document.key_mark(("agents", name))
            sentence = f"the agent '{name}' can serve no queue; give a skill a queue needs, at its level."
            book.agents.document.complain(mark, sentence)
