"""Do the rule files fit together?

The shape of each file is already known to be good, or its bad entries are left out and told.
Here the sentences between files are checked: whom a queue needs, which digit means what. Offices are
`acd.rules.office_check`, ladders `acd.rules.ladder_check`, opening hours `acd.rules.calendar_check`, who
could wait for ever `acd.rules.starvation`, what a caller meets before a queue `acd.rules.entry_check`; who
could serve whom is a question to the rules and the roster together (`acd.rules.people`).

Two mistakes cannot be written at all. A queue *without an exit*: ``wait_s_max`` has a default and a bound,
and the safety net takes whoever has waited so long. An *overflow that goes round*: no ladder leads to
another queue, a call that nobody takes on the second level goes back once, to where it came from. The one
loop there could be, an office whose number is our own, is refused in `acd.rules.office_check`.
"""

from __future__ import annotations

from collections.abc import Iterator

from acd.core.policy import Discipline
from acd.rules.book import Book, check_once, check_reference
from acd.rules.document import Loc
from acd.rules.queue_shape import QueueShape
from acd.rules.schema import BandShape, ends_of_range

__all__ = ["check_book"]


def check_book(book: Book) -> None:
    """Complain, in the documents, about everything that does not fit together."""
    _check_sites(book)
    _check_pause_reasons(book)
    _check_outcome_codes(book)
    _check_bands(book)
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


def _check_bands(book: Book) -> None:
    page = book.bands
    bands = page.content.bands if page.content and page.content.bands else ()
    for index, band in enumerate(bands):
        here: Loc = ("bands", index)
        for key, sentence in _odd_band(bands, index, band):
            page.document.complain(page.document.value_mark((*here, *key)), sentence)


def _odd_band(bands: tuple[BandShape, ...], index: int, band: BandShape) -> Iterator[tuple[Loc, str]]:
    """Yield the key and the sentence of what makes no order of bands, best first."""
    before = bands[index - 1] if index else None
    if before is not None and band.level_min >= before.level_min:
        yield ("level_min",), f"bands stand best first: this must be less than {before.level_min}."
    elif index == len(bands) - 1 and band.level_min != 1:
        yield ("level_min",), "the last band takes all the others, so it must begin at 1."
    for name in Discipline:
        seconds = band.handicap_s.get(name.value)
        least = before.handicap_s.get(name.value, 0) if before is not None else 0
        if seconds is None:
            yield ("handicap_s",), f"'{name}' is missing; each band says its handicap in every discipline."
        elif index == 0 and seconds:
            yield ("handicap_s", name.value), "the best band is the measure of the others; write 0."
        elif seconds < least:
            yield ("handicap_s", name.value), f"a lower band cannot cost less than {least:g}; raise it."


def _check_queues(book: Book) -> None:
    page = book.queues
    skills, sites = book.skills.declared("skills"), book.sites.declared("sites")
    for name, queue in page.content.queues.items() if page.content else ():
        here: Loc = ("queues", name)
        for key in ("needs", "prefers"):
            for skill in getattr(queue, key):
                check_reference(page, (*here, key, skill), skill, "skill", skills, by_key=True)
        for index, skill in enumerate(queue.excludes):
            check_reference(page, (*here, "excludes", index), skill, "skill", skills)
        for index, site in enumerate(queue.sites):
            check_reference(page, (*here, "sites", index), site, "site", sites)
        for loc, sentence in (*_odd_skills(queue), *_odd_times(queue), *_odd_targets(queue)):
            page.document.complain(page.document.value_mark((*here, *loc)), sentence)


def _odd_skills(queue: QueueShape) -> Iterator[tuple[Loc, str]]:
    """Yield the place and the sentence of each skill or site that contradicts another."""
    for skill, level in queue.prefers.items():
        if level <= queue.needs.get(skill, 0):
            sentence = (
                f"'{skill}' is needed at {queue.needs[skill]} anyway; prefer a higher level, or remove it."
            )
            yield ("prefers", skill), sentence
    for index, skill in enumerate(queue.excludes):
        if skill in queue.needs or skill in queue.prefers:
            sentence = f"'{skill}' is wanted and excluded, so nobody could serve; keep one of the two."
            yield ("excludes", index), sentence
    for key in ("excludes", "sites"):
        names = getattr(queue, key)
        for index, name in enumerate(names):
            if name in names[:index]:
                yield (key, index), f"'{name}' stands in this list already; keep one of the two."


def _odd_times(queue: QueueShape) -> Iterator[tuple[Loc, str]]:
    """Yield the key and the sentence of each time that contradicts another."""
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
