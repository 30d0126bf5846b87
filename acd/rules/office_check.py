"""Do the offices fit together?

- each number stands once and is an office's own, no emergency number, and none that is called to reach us:
  that is the one loop there could be;
- a limit is given of trunks that lead somewhere;
- the bounds of health leave an office a chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acd.rules.book import Book, check_once
from acd.rules.document import Loc
from acd.rules.office_shape import HealthShape, OfficesFile, OfficeShape

__all__ = ["check_offices"]

EMERGENCY_NUMBERS: Final = frozenset({"112", "113", "114", "115", "116117", "117", "118", "1515", "1530"})
"""Numbers that no queue may ever ring by mistake."""


def check_offices(book: Book) -> None:
    """Complain, in the document, about numbers, trunks and bounds that make no sense."""
    page = book.offices
    if page.content is None:
        return
    _check_numbers(book, page.content)
    for loc, sentence in (*_odd_lists(page.content.offices), *_idle_trunks(page.content)):
        page.document.complain(page.document.value_mark(loc), sentence)
    for key, sentence in _odd_health(page.content.health):
        page.document.complain(page.document.value_mark(("health", key)), sentence)


def _numbers(offices: dict[str, OfficeShape]) -> Iterator[tuple[Loc, str]]:
    for name, office in offices.items():
        yield ("offices", name, "number"), office.number
        for index, number in enumerate(office.more_numbers):
            yield ("offices", name, "more_numbers", index), number


def _check_numbers(book: Book, file: OfficesFile) -> None:
    page = book.offices
    numbers = list(_numbers(file.offices))
    check_once(page, numbers, "the number")
    ours = book.entry.declared("entry") or []
    for loc, number in numbers:
        mark = page.document.value_mark(loc)
        if number in EMERGENCY_NUMBERS:
            page.document.complain(mark, f"'{number}' is an emergency number; give the office's own.")
        elif _as_at_home(number) in ours:
            sentence = (
                f"'{number}' is called to reach us, so the call would come back; give the office's own."
            )
            page.document.complain(mark, sentence)


def _as_at_home(number: str) -> str:
    """Return a number as it is dialled in Italy."""
    for abroad in ("+39", "0039"):
        if number.startswith(abroad):
            return number.removeprefix(abroad)
    return number


def _odd_lists(offices: dict[str, OfficeShape]) -> Iterator[tuple[Loc, str]]:
    """Yield each province or language that stands twice in its list."""
    for name, office in offices.items():
        for key in ("provinces", "languages"):
            listed = getattr(office, key)
            for index, each in enumerate(listed):
                if each in listed[:index]:
                    sentence = f"'{each}' stands in this list already; keep one of the two."
                    yield ("offices", name, key, index), sentence


def _idle_trunks(file: OfficesFile) -> Iterator[tuple[Loc, str]]:
    used = {office.trunk for office in file.offices.values()}
    for trunk in file.trunks:
        if trunk not in used:
            yield ("trunks", trunk), f"no office is reached by '{trunk}'; correct its name, or remove it."


def _odd_health(health: HealthShape) -> Iterator[tuple[str, str]]:
    """Yield the key and the sentence of each bound that contradicts another."""
    if health.window_min > health.window:
        yield "window_min", f"only {health.window} offers are looked at (window); lower it."
    if health.in_a_row > health.window:
        yield "in_a_row", f"only {health.window} offers are looked at (window); lower it."
    if health.open_s > health.open_s_max:
        yield "open_s", f"open_s is more than open_s_max ({health.open_s_max:g}); lower it."
