"""Does every caller reach a queue, and understand the way there?

Two passes. *Names*: each queue, menu, prompt and class exists, a key leads to one thing, silence
counts as one of the keys. *Ways*: menus form no circle and lie at most `MENUS_DEEP_MAX` deep, every
menu can be reached, only queues of kind ``entry`` are reached, and whatever is said on a way is
spoken in the language the caller has there. The second pass waits until the first finds nothing in
``entry.yaml``: ways over mistyped names would be guesses.

So there is no dead end by construction: a key leads on, silence and a wrong key count as a key, and
no way is longer than the sum that `acd.rules.entry_ways` tells.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from acd.core.policy import QueueKind
from acd.rules.book import Book, Page, check_reference
from acd.rules.document import Loc
from acd.rules.entry import COUNTRY_PROMPT, PROMPT_OF_ASK, WRONG_KEY_PROMPT, Ask
from acd.rules.entry_shape import ANY, EntryFile, GoShape, MenuShape, PromptsFile

__all__ = ["MENUS_DEEP_MAX", "check_entry"]

MENUS_DEEP_MAX: Final = 4


def check_entry(book: Book) -> None:
    """Complain, in the documents, about every way that is none."""
    entry, prompts = book.entry, book.prompts
    if entry.content is None:
        return
    _check_names(book, entry, entry.content)
    _check_dashes(book)
    if prompts.content is not None:
        _check_in_turn(prompts, prompts.content)
    if entry.document.findings or prompts.document.findings or prompts.content is None:
        return
    if _check_circles(entry, entry.content):
        _Walk(book, entry.content, prompts.content).check()


def _gos(entry: EntryFile) -> Iterator[tuple[Loc, GoShape]]:
    """Yield whatever leads on, with its place: numbers, then keys."""
    for number, go in entry.entry.items():
        yield ("entry", number), go
    for name, menu in entry.menus.items():
        for key, go in menu.keys.items():
            yield ("menus", name, "keys", key), go


def _check_names(book: Book, page: Page[EntryFile], entry: EntryFile) -> None:
    queues, menus = book.queues.declared("queues"), page.declared_or_none("menus")
    prompts = book.prompts.declared_or_none("prompts")
    check_reference(page, ("queue_by_default",), entry.queue_by_default, "queue", queues)
    _check_kind(book, ("queue_by_default",), entry.queue_by_default)
    for loc, go in _gos(entry):
        if (go.menu is None) == (go.queue is None):
            both = "leads to a menu and to a queue; keep one of the two."
            neither = "leads nowhere; give it a menu or a queue."
            page.document.complain(
                page.document.value_mark(loc), f"'{loc[-1]}' {both if go.menu else neither}"
            )
        if go.menu is not None:
            check_reference(page, (*loc, "menu"), go.menu, "menu", menus)
        for language, queue in (go.queue or {}).items():
            check_reference(page, (*loc, "queue", language or "other"), queue, "queue", queues)
            _check_kind(book, (*loc, "queue", language or "other"), queue)
    for name, menu in entry.menus.items():
        for listener, prompt in menu.say.items():
            place: Loc = ("menus", name, "say", listener or "other")
            check_reference(page, place, prompt, "prompt", prompts)
        if menu.default not in menu.keys:
            sentence = (
                f"silence counts as '{menu.default}', which is no key of '{name}'; name one of its keys."
            )
            page.document.complain(page.document.value_mark(("menus", name, "default")), sentence)
    _check_code_class(book, page, entry)


def _check_kind(book: Book, loc: Loc, queue: str) -> None:
    shape = book.queues.content.queues.get(queue) if book.queues.content else None
    if shape is not None and shape.kind == QueueKind.SECOND_LEVEL.value:
        document = book.entry.document
        sentence = f"the queue '{queue}' is second_level: only agents pass calls on to it; name another."
        document.complain(document.value_mark(loc), sentence)


def _check_code_class(book: Book, page: Page[EntryFile], entry: EntryFile) -> None:
    if entry.code_class is not None:
        known = book.priority_classes.declared_or_none("priority_classes")
        check_reference(page, ("code_class",), entry.code_class, "priority class", known)
        return
    for loc, go in _gos(entry):
        if Ask.PERSONAL_CODE in go.ask:
            sentence = "a personal code is asked, and no class is given for a good one; add code_class."
            page.document.complain(page.document.value_mark((*loc, "ask")), sentence)


def _check_dashes(book: Book) -> None:
    """Complain about queues that Asterisk, which ignores dashes in extensions, cannot tell apart."""
    first: dict[str, str] = {}
    for name in book.queues.declared("queues") or ():
        other = first.setdefault(name.replace("-", ""), name)
        if other != name:
            sentence = f"'{name}' and '{other}' are one name to Asterisk, which ignores dashes; rename one."
            book.queues.document.complain(book.queues.document.key_mark(("queues", name)), sentence)


def _check_in_turn(page: Page[PromptsFile], prompts: PromptsFile) -> None:
    for name, prompt in prompts.prompts.items():
        for index, language in enumerate(prompt.in_turn):
            mark = page.document.value_mark(("prompts", name, "in_turn", index))
            if language not in prompt.texts:
                page.document.complain(mark, f"'{name}' has no text in '{language}'; add one to texts.")
            elif language in prompt.in_turn[:index]:
                page.document.complain(
                    mark, f"'{language}' stands in this list already; keep one of the two."
                )


def _check_circles(page: Page[EntryFile], entry: EntryFile) -> bool:
    """Complain about each key that leads back, and about ways too deep; True when there is none."""
    before = len(page.document.findings)
    told: set[Loc] = set()
    done: set[str] = set()

    def complain(loc: Loc, sentence: str) -> None:
        if loc not in told:
            told.add(loc)
            page.document.complain(page.document.value_mark(loc), sentence)

    def follow(name: str, way: tuple[str, ...]) -> None:
        for key, go in entry.menus[name].keys.items():
            loc: Loc = ("menus", name, "keys", key, "menu")
            if go.menu is None:
                continue
            if go.menu in way:
                circle = " → ".join((*way[way.index(go.menu) :], go.menu))
                complain(loc, f"this leads back ({circle}), and a caller might never reach a queue; lead on.")
            elif len(way) == MENUS_DEEP_MAX:
                complain(loc, f"this is menu {MENUS_DEEP_MAX + 1} on its way; the most is {MENUS_DEEP_MAX}.")
            else:
                follow(go.menu, (*way, go.menu))
        done.add(name)

    for go in entry.entry.values():
        if go.menu is not None:
            follow(go.menu, (go.menu,))
    for name in entry.menus:
        if name not in done and len(page.document.findings) == before:
            mark = page.document.key_mark(("menus", name))
            page.document.complain(mark, f"nobody reaches the menu '{name}'; lead a key to it, or remove it.")
    return len(page.document.findings) == before


class _Walk:
    """Goes every way in every language it may be gone in; complains once about each thing missing."""

    def __init__(self, book: Book, entry: EntryFile, prompts: PromptsFile) -> None:
        self.page, self.prompts_page = book.entry, book.prompts
        self.entry, self.prompts = entry, prompts
        self.queues = book.queues.content.queues if book.queues.content else {}
        self.told: set[tuple[Loc, str]] = set()
        self.seen: set[tuple[str, str]] = set()
        self.ahead: deque[tuple[str, str]] = deque()

    def check(self) -> None:
        for number, go in self.entry.entry.items():
            self._follow(("entry", number), go, self._first_language(go), f"the number {number}")
        while self.ahead:
            name, language = self.ahead.popleft()
            menu = self.entry.menus[name]
            self._check_said(name, menu, language)
            for key, go in menu.keys.items():
                self._follow(("menus", name, "keys", key), go, go.language or language, f"the menu '{name}'")

    def _first_language(self, go: GoShape) -> str:
        """A number that leads to a queue at once speaks the queue's language."""
        queue = self.queues.get((go.queue or {}).get(ANY, ""))
        return go.language or (queue.language if queue is not None else "it")

    def _follow(self, loc: Loc, go: GoShape, language: str, where: str) -> None:
        for ask in go.ask:
            self._need(PROMPT_OF_ASK[Ask(ask)], language, where)
        if go.menu is not None:
            if (go.menu, language) not in self.seen:
                self.seen.add((go.menu, language))
                self.ahead.append((go.menu, language))
            return
        assert go.queue is not None, "the names were checked"
        if language not in go.queue and ANY not in go.queue:
            sentence = f"no queue for callers in '{language}', who come here too; add {language}, or other."
            self._complain((*loc, "queue"), sentence)
        if self.entry.announce_country is not None:
            self._need(COUNTRY_PROMPT.format(self.entry.announce_country.lower()), language, where)

    def _check_said(self, name: str, menu: MenuShape, language: str) -> None:
        heard = {prompt for to, prompt in menu.say.items() if to in {language, ANY} or to.isupper()}
        if language not in menu.say and ANY not in menu.say:
            sentence = (
                f"nothing is said to callers in '{language}', who come here too; add {language}, or other."
            )
            self._complain(("menus", name, "say"), sentence)
        elif language in menu.say and ANY in menu.say:
            heard.discard(menu.say[ANY])
            heard.add(menu.say[language])
        for prompt in sorted(heard):
            self._need(prompt, language, f"the menu '{name}'")
        self._need(WRONG_KEY_PROMPT, language, f"the menu '{name}'")

    def _need(self, prompt: str, language: str, where: str) -> None:
        """Complain unless a caller of this language understands the prompt."""
        shape = self.prompts.prompts.get(prompt)
        document = self.prompts_page.document
        if shape is None:
            if (("prompts",), prompt) not in self.told:
                self.told.add((("prompts",), prompt))
                sentence = f"the prompt '{prompt}' is missing, which {where} needs; add it."
                document.complain(document.key_mark(("prompts",)), sentence)
        elif not shape.in_turn and language not in shape.texts:
            loc: Loc = ("prompts", prompt)
            if (loc, language) not in self.told:
                self.told.add((loc, language))
                sentence = f"'{prompt}' is heard in '{language}' at {where} and has no such text; add it."
                document.complain(document.key_mark(loc), sentence)

    def _complain(self, loc: Loc, sentence: str) -> None:
        if (loc, sentence) not in self.told:
            self.told.add((loc, sentence))
            self.page.document.complain(self.page.document.value_mark(loc), sentence)
