"""Does every step of every ladder open, and add somebody?

A ladder is read from the top with what the steps before have opened already: a level that is no lower, a
site that serves already, volunteers twice are steps that somebody believes in and that do nothing. A step
has a time even when load may open it sooner, so that a call is never stuck below it; the times rise, and
lie before ``wait_s_max``, when the safety net takes the caller anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from acd.rules.book import Book, check_reference
from acd.rules.document import Loc
from acd.rules.queue_shape import QueueShape, StepShape

__all__ = ["check_ladders"]

Complain = Callable[[Loc, str], None]
"""Takes the place below the step, and the sentence."""


def check_ladders(book: Book) -> None:
    """Complain, in the documents, about every step that would not do what it says."""
    page = book.queues
    for name, queue in page.content.queues.items() if page.content else ():
        opened = _Opened(queue, frozenset(book.skills.declared("skills") or ()))
        for index, step in enumerate(queue.ladder):
            here: Loc = ("queues", name, "ladder", index)

            def complain(loc: Loc, sentence: str, here: Loc = here) -> None:
                page.document.complain(page.document.value_mark((*here, *loc)), sentence)

            _check_names(book, here, step)
            _check_when(queue, index, step, complain)
            opened.take(step, complain)
            _check_consent(book, queue, step, complain)
        if opened.preferences:
            mark = page.document.key_mark(("queues", name, "prefers"))
            sentence = (
                "no step of the ladder drops these, so they are needs; "
                "add a step with drop_preferences: true, or move them to needs."
            )
            page.document.complain(mark, sentence)


def _check_names(book: Book, here: Loc, step: StepShape) -> None:
    page = book.queues
    skills = book.skills.declared("skills")
    for skill in step.levels:
        check_reference(page, (*here, "levels", skill), skill, "skill", skills, by_key=True)
    lists = (
        ("waives", "skill", skills),
        ("sites", "site", book.sites.declared("sites")),
        ("offices", "office", book.offices.declared("offices")),
    )
    for key, kind, known in lists:
        for index, name in enumerate(getattr(step, key)):
            check_reference(page, (*here, key, index), name, kind, known)


def _check_when(queue: QueueShape, index: int, step: StepShape, complain: Complain) -> None:
    before = queue.ladder[:index]
    if any(step.step == one.step for one in before):
        complain(("step",), f"'{step.step}' is a step above already; give another name.")
    if step.after_s >= queue.wait_s_max:
        complain(("after_s",), f"nobody waits that long: wait_s_max is {queue.wait_s_max:g}; lower it.")
    elif before and step.after_s <= before[-1].after_s:
        sentence = (
            f"'{before[-1].step}' opens only at {before[-1].after_s:g}, and a step opens those above it; "
            "raise this time, or make one step of the two."
        )
        complain(("after_s",), sentence)


@dataclass
class _Opened:
    """What a queue and the steps so far have opened."""

    queue: QueueShape
    known: frozenset[str]
    """Skills there are: others are told of already."""
    levels: dict[str, int] = field(init=False)
    sites: set[str] = field(init=False)
    offices: set[str] = field(default_factory=set)
    volunteers: bool = False
    preferences: bool = field(init=False)

    def __post_init__(self) -> None:
        self.levels = dict(self.queue.needs)
        self.sites = set(self.queue.sites)
        self.preferences = bool(self.queue.prefers)

    def take(self, step: StepShape, complain: Complain) -> None:
        """Open a step, complaining about all that is open already or was never shut."""
        adds = (step.levels, step.drop_preferences, step.sites, step.volunteers, step.offices, step.waives)
        if not any(adds):
            sentence = (
                "this step adds nobody; lower levels, drop preferences, add sites, volunteers or offices, "
                "or remove it."
            )
            complain((), sentence)
        for skill, level in step.levels.items():
            self._lower(skill, level, complain)
        for index, skill in enumerate(step.waives):
            self._waive(index, skill, complain)
        if step.drop_preferences:
            if not self.preferences:
                complain(("drop_preferences",), "there is no preference left to drop; remove this.")
            self.preferences = False
        if step.volunteers:
            if self.volunteers:
                complain(("volunteers",), "volunteers answer from a step above on; remove this.")
            self.volunteers = True
        self._add("sites", step.sites, self.sites, complain)
        self._add("offices", step.offices, self.offices, complain)

    def _lower(self, skill: str, level: int, complain: Complain) -> None:
        now = self.levels.get(skill)
        if now is None and skill not in self.known:
            return
        if now is None:
            needed = ", ".join(self.levels)
            complain(("levels", skill), f"'{skill}' is not needed at this step; lower one of {needed}.")
        elif level >= now:
            complain(("levels", skill), f"'{skill}' is needed at {now} already; give a lower level.")
        else:
            self.levels[skill] = level

    def _waive(self, index: int, skill: str, complain: Complain) -> None:
        if skill not in self.levels and skill not in self.known:
            return
        if skill not in self.levels:
            complain(("waives", index), f"'{skill}' is not needed at this step; remove it.")
        elif len(self.levels) == 1:
            complain(("waives", index), "nothing would be needed any more, so anybody would do; keep a need.")
        else:
            del self.levels[skill]

    def _add(self, key: str, names: tuple[str, ...], already: set[str], complain: Complain) -> None:
        if key == "sites" and names and not self.queue.sites:
            complain((key,), "every site serves this queue anyway; remove this, or give the queue sites.")
            return
        for index, name in enumerate(names):
            if name in already:
                complain((key, index), f"'{name}' helps already; remove it here.")
            already.add(name)


def _check_consent(book: Book, queue: QueueShape, step: StepShape, complain: Complain) -> None:
    if step.consent is None:
        if step.waives:
            complain(
                ("waives",), "a need falls away only if the caller agrees; add consent, a prompt that asks."
            )
        return
    known = book.prompts.declared_or_none("prompts")
    if book.prompts.content is None or known is None:
        return
    prompts = book.prompts.content.prompts
    if step.consent not in known:
        complain(("consent",), f"no prompt '{step.consent}' to ask with; write it in prompts.yaml.")
    elif step.consent in prompts and queue.language not in prompts[step.consent].texts:
        complain(
            ("consent",),
            f"'{step.consent}' is not spoken in '{queue.language}', this queue's language; add the text.",
        )
