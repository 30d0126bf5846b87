"""One page of a list: at most so many items, and a cursor for the next.

The cursor is the id of the last item. A list in the order of its ids goes on behind it even when that item
is gone; a list in another order (the rules', the age of calls) cannot, and says so: begin anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

from acd.web.models import PageQuery
from acd.web.problems import CursorGone

T = TypeVar("T")


def page_by_id(
    items: Sequence[T], id_of: Callable[[T], str], query: PageQuery
) -> tuple[Sequence[T], str | None]:
    """A page of a list that is in the order of its ids."""
    begin = 0 if query.after is None else bisect_right(items, query.after, key=id_of)
    return _cut(items, begin, id_of, query.limit)


def page_in_order(
    items: Sequence[T], id_of: Callable[[T], str], query: PageQuery
) -> tuple[Sequence[T], str | None]:
    """A page of a list that has an order of its own.

    Raises:
        CursorGone: the item of the cursor is not in the list.
    """
    begin = 0
    if query.after is not None:
        ids = [id_of(item) for item in items]
        if query.after not in ids:
            raise CursorGone("What the cursor names is no longer in the list.")
        begin = ids.index(query.after) + 1
    return _cut(items, begin, id_of, query.limit)


def page_of(items: Sequence[T], cursor_of: Callable[[T], str], limit: int) -> tuple[Sequence[T], str | None]:
    """A page of ``limit`` items, of which the list holds one more if there is a next page."""
    return _cut(items, 0, cursor_of, limit)


def _cut(
    items: Sequence[T], begin: int, cursor_of: Callable[[T], str], limit: int
) -> tuple[Sequence[T], str | None]:
    found = items[begin : begin + limit]
    more = len(items) > begin + limit
    return found, cursor_of(found[-1]) if more else None
