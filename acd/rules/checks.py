"""Do the rule files fit together?

The shape of each file is already known to be good, or its bad entries are left out and told.
Here the sentences between files are checked: whom a queue needs, which office helps it, which digit
means what. What a caller meets before a queue is `acd.rules.entry_check`; who could serve whom is a
question to the rules and the roster together (`acd.rules.people`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acd.rules.book import Book, check_once, check_reference
from acd.rules.document import Loc
from acd.rules.schema import QueueShape, ends_of_range

__all__ = ["check_book"]

EMERGENCY_NUMBERS: Final = frozenset({"112", "113", "114", "115", "116117", "117", "118", "1515", "1530"})
"""Numbers that no queue may ever ring by mistake."""


def check_book(book: Book) -> None:
    """Complain, in the documents, about everything that does not fit together."""
    _check_sites(book)
    _check_offices(book)
    _check_pause_reasons(book)
    _check_outcome_codes(book)
    _check_queues(book)


def _check_sites(book: Book) -> None:
    """Complain about a shared phone that would belong to two sites."""
    page = book.sites
    seen: list[tuple[str, str, str, int]] = []
    for name, site in page.content.sites.items() if page.content else ():
        for index, phones in enumerate(site.phones):
            first, last = ends_of_range(phones)
            mark = page.document.value_mark(("sites", name, "phones", index))
            for other_first, other_last, other, line in seen:
                if len(first) == len(other_first) and first <= other_last and other_first <= last:
                    shared = max(first, other_first)
                    sentence = f"the phone '{shared}' already belongs to '{other}' in line {line}; part them."
                    page.document.complain(mark, sentence)
                    break
            seen.append((first, last, name, mark.line))


def _check_offices(book: Book) -> None:
    page = book.offices
    offices = page.content.offices if page.content else {}
    numbers = [(("offices", name, "number"), office.number) for name, office in offices.items()]
    check_once(page, numbers, "the number")
    ours = book.entry.declared("entry") or []
    for loc, number in numbers:
        mark = page.document.value_mark(loc)
        if number in EMERGENCY_NUMBERS:
            page.document.complain(mark, f"'{number}' is an emergency number; give the office's own.")
        elif number in ours:
            sentence = (
                f"'{number}' is called to reach us, so the call would come back; give the office's own."
            )
            page.document.complain(mark, sentence)


def _check_pause_reasons(book: Book) -> None:
    page = book.pause_reasons
    if page.content is None:
        return
    reasons = page.content.pause_reasons
    digits = ((("pause_reasons", name, "digit"), reason.digit) for name, reason in reasons.items())
    check_once(page, ((loc, digit) for loc, digit in digits if digit), "the digit")
    missed = page.content.missed_reason
    known = page.declared("pause_reasons")
    check_reference(page, ("missed_reason",), missed, "pause reason", known)
    if missed in reasons and reasons[missed].digit:
        mark = page.document.value_mark(("pause_reasons", missed, "digit"))
        sentence = (
            f"'{missed}' is given by the system alone; remove its digit, or agents could hide behind it."
        )
        page.document.complain(mark, sentence)


def _check_outcome_codes(book: Book) -> None:
    page = book.outcome_codes
    codes = page.content.outcome_codes if page.content else {}
    digits = ((("outcome_codes", name, "digit"), code.digit) for name, code in codes.items())
    check_once(page, ((loc, digit) for loc, digit in digits if digit), "the digit")


def _check_queues(book: Book) -> None:
    page = book.queues
    skills = book.skills.declared("skills")
    offices = book.offices.declared("offices")
    for name, queue in page.content.queues.items() if page.content else ():
        here: Loc = ("queues", name)
        for skill in queue.needs:
            check_reference(page, (*here, "needs", skill), skill, "skill", skills, by_key=True)
        for index, office in enumerate(queue.offices):
            check_reference(page, (*here, "offices", index), office, "office", offices)
            if office in queue.offices[:index]:
                mark = page.document.value_mark((*here, "offices", index))
                page.document.complain(mark, f"'{office}' stands in this list already; keep one of the two.")
        for key, sentence in (*_odd_times(queue), *_odd_targets(queue)):
            page.document.complain(page.document.value_mark((*here, *key)), sentence)


def _odd_times(queue: QueueShape) -> Iterator[tuple[Loc, str]]:
    """Yield the key and the sentence of each time that contradicts another."""
    after_s = queue.offices_after_s
    if queue.offices and after_s is None:
        yield ("offices",), "offices are named, but not when they may help; add offices_after_s."
    if after_s is not None and not queue.offices:
        yield ("offices_after_s",), "no office is named that could help; add offices, or remove this key."
    if after_s is not None and after_s >= queue.wait_s_max:
        yield ("offices_after_s",), f"nobody waits that long: wait_s_max is {queue.wait_s_max:g}; lower it."
    if queue.wrap_up_s > queue.wrap_up_s_max:
        yield ("wrap_up_s",), f"wrap_up_s is more than wrap_up_s_max ({queue.wrap_up_s_max:g}); lower it."
    if queue.return_s >= queue.wait_s_max:
        yield ("return_s",), f"nobody waits that long: wait_s_max is {queue.wait_s_max:g}; lower it."


def _odd_targets(queue: QueueShape) -> Iterator[tuple[Loc, str]]:
    """Yield the key and the sentence of each target that does not come after the one before it."""
    for index, target in enumerate(queue.targets[1:], start=1):
        before = queue.targets[index - 1].from_day
        if target.from_day <= before:
            sentence = (
                f"targets stand by day, oldest first, and {before} is before this one; put it in order."
            )
            yield ("targets", index, "from_day"), sentence
