"""Is every queue open some day, and can a closed one say so?

*Shapes*: hours that overlap, a day given twice, a closing that ends before it begins or lies over an
opening. *Names*: calendars that nobody declared, prompts that nobody wrote. *Days*: from today on, a queue
is open at least once within `HOLE_DAYS`, and each office knows its patron saint.

A closed queue must be able to end a call politely: it tells when it opens again (`CLOSED_PROMPT`), so that
prompt, and those of the reasons of its calendar, are spoken in the queue's language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from acd.rules.book import Book, check_reference
from acd.rules.calendar import Calendars
from acd.rules.calendar_shape import (
    CalendarShape,
    ClosingShape,
    HolidaysFile,
    OpeningShape,
    days_of,
    moment_of,
    range_of,
)
from acd.rules.document import Document, Loc
from acd.rules.entry import CLOSED_PROMPT, HOLIDAY_PROMPT, PATRON_PROMPT
from acd.rules.holiday_days import AmbiguousPatron
from acd.rules.provinces import provinces

__all__ = ["HOLE_DAYS", "check_calendars"]

HOLE_DAYS: Final = 30


def check_calendars(book: Book, today: dt.date) -> None:
    """Complain, in the documents, about hours that are none, and calendars that cannot be meant."""
    _check_shapes(book)
    _check_corrections(book)
    known = book.calendars.declared_or_none("calendars")
    for name, queue in book.queues.content.queues.items() if book.queues.content else ():
        if queue.calendar is not None:
            check_reference(book.queues, ("queues", name, "calendar"), queue.calendar, "calendar", known)
    for name, office in book.offices.content.offices.items() if book.offices.content else ():
        if office.calendar is not None:
            check_reference(book.offices, ("offices", name, "calendar"), office.calendar, "calendar", known)
    _check_spoken(book)
    if not any(page.findings for page in (book.calendars.document, book.holidays.document)):
        _Days(book, today).check()


def _check_shapes(book: Book) -> None:
    page = book.calendars
    siglas = {province.sigla for province in provinces()}
    for name, shape in page.content.calendars.items() if page.content else ():
        here: Loc = ("calendars", name)
        for loc, sentence in (*_odd_hours(shape), *_odd_once(shape)):
            page.document.complain(page.document.value_mark((*here, *loc)), sentence)
        if shape.patron_saint not in {None, "office", *siglas}:
            mark = page.document.value_mark((*here, "patron_saint"))
            page.document.complain(mark, f"'{shape.patron_saint}' is none of the 107 provinces; correct it.")


def _odd_hours(shape: CalendarShape) -> Iterator[tuple[Loc, str]]:
    told: dict[str, str] = {}
    for key, ranges in shape.hours.items():
        for day in days_of(key):
            if day in told:
                sentence = f"'{key}' gives hours for {day}, as '{told[day]}' does; keep one of the two."
                yield ("hours", key), sentence
                break
            told[day] = key
        ends = list(map(range_of, ranges))
        for index, (first, last) in enumerate(ends):
            if any(first < other_last and other_first < last for other_first, other_last in ends[:index]):
                yield ("hours", key, index), "these hours overlap others of the day; part them, or join them."
    if "holiday" in told and not shape.holidays:
        yield ("holidays",), "hours are given for holiday, and no day is one; remove this, or those hours."
    if shape.patron_saint is not None and not shape.holidays:
        yield ("patron_saint",), "holidays are days like any here, so the saint closes nothing; remove this."


def _odd_once(shape: CalendarShape) -> Iterator[tuple[Loc, str]]:
    for key in ("closings", "openings"):
        for index, once in enumerate(getattr(shape, key)):
            begin, until = _moments(once)
            if begin >= until:
                yield (
                    (key, index, "until"),
                    "this ends before it begins; a day alone ends with its last minute.",
                )
    for index, opening in enumerate(shape.openings):
        begin, until = _moments(opening)
        for closing in shape.closings:
            closed_begin, closed_until = _moments(closing)
            if begin < closed_until and closed_begin < until:
                sentence = f"this is also closed ({closing.reason}); shorten one of the two."
                yield ("openings", index, "from"), sentence
                break


def _moments(once: ClosingShape | OpeningShape) -> tuple[tuple[dt.date, int], tuple[dt.date, int]]:
    return moment_of(once.begin, end=False), moment_of(once.until, end=True)


def _check_corrections(book: Book) -> None:
    """Complain about patrons that say nothing, or two things."""
    page = book.holidays
    siglas = {province.sigla for province in provinces()}
    corrected = page.content or HolidaysFile()
    for province, patron in corrected.patrons.items():
        mark = page.document.value_mark(("patrons", province))
        if (patron.city is None) == (patron.day is None):
            page.document.complain(mark, "name a city, or a day of the year with the name of the saint.")
        if province not in siglas:
            page.document.complain(
                page.document.key_mark(("patrons", province)),
                f"'{province}' is none of the 107 provinces; correct it.",
            )


def _check_spoken(book: Book) -> None:
    """Complain about prompts that somebody who calls a closed queue would not hear."""
    if book.queues.content is None or book.calendars.content is None or book.prompts.content is None:
        return
    if book.prompts.document.findings:
        return
    prompts, document = book.prompts.content.prompts, book.prompts.document
    told: set[tuple[str, str]] = set()
    for name, queue in book.queues.content.queues.items():
        for prompt in _heard(book.calendars.content.calendars.get(queue.calendar or "")):
            shape = prompts.get(prompt)
            if shape is None and (prompt, "") not in told:
                told.add((prompt, ""))
                sentence = f"the prompt '{prompt}' is missing, which the closed queue '{name}' needs; add it."
                document.complain(document.key_mark(("prompts",)), sentence)
            elif shape is not None and queue.language not in shape.texts:
                if (prompt, queue.language) in told:
                    continue
                told.add((prompt, queue.language))
                sentence = (
                    f"'{prompt}' is heard in '{queue.language}' when the queue '{name}' is closed "
                    "and has no such text; add it."
                )
                document.complain(document.key_mark(("prompts", prompt)), sentence)


def _heard(calendar: CalendarShape | None) -> Iterator[str]:
    """Yield what callers of a queue with this calendar may hear."""
    if calendar is None:
        return
    yield CLOSED_PROMPT
    if calendar.holidays:
        yield HOLIDAY_PROMPT
    if calendar.patron_saint not in {None, "office"}:
        yield PATRON_PROMPT
    for closing in calendar.closings:
        if closing.say is not None:
            yield closing.say


class _Days:
    """Looks at the days that are coming."""

    def __init__(self, book: Book, today: dt.date) -> None:
        assert book.calendars.content is not None, "a calendar that is wrong was told of"
        assert book.holidays.content is not None, "a holiday that is wrong was told of"
        self.book = book
        self.shapes = book.calendars.content.calendars
        self.calendars = Calendars(book.calendars.content, book.holidays.content, today)

    def check(self) -> None:
        """Complain about holes, and about saints nobody knows."""
        queues, offices = self.book.queues, self.book.offices
        for name, queue in queues.content.queues.items() if queues.content else ():
            if queue.calendar in self.shapes:
                self._check_queue(queues.document, ("queues", name, "calendar"), queue.calendar)
        for name, office in offices.content.offices.items() if offices.content else ():
            if office.calendar in self.shapes:
                self._check_office(offices.document, ("offices", name), office.calendar, office.province)

    def _check_queue(self, document: Document, loc: Loc, name: str) -> None:
        mark = document.value_mark(loc)
        if self.shapes[name].patron_saint == "office":
            sentence = (
                f"'{name}' closes on the saint of an office, and a queue has none; use another calendar."
            )
            document.complain(mark, sentence)
            return
        try:
            calendar = self.calendars.of_queue(name)
        except AmbiguousPatron as error:
            document.complain(mark, error.sentence)
            return
        if not self.calendars.opens_within(calendar, HOLE_DAYS):
            document.complain(mark, f"by '{name}' it is closed for the next {HOLE_DAYS} days; give it hours.")

    def _check_office(self, document: Document, loc: Loc, name: str, province: str) -> None:
        try:
            calendar = self.calendars.of_office(name, province)
        except AmbiguousPatron as error:
            document.complain(document.value_mark((*loc, "province")), error.sentence)
            return
        if not self.calendars.opens_within(calendar, HOLE_DAYS):
            sentence = f"by '{name}' it is closed for the next {HOLE_DAYS} days; give it hours."
            document.complain(document.value_mark((*loc, "calendar")), sentence)
