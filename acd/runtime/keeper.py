"""What must outlive the process is told to the store, as it happens.

Who is logged in follows the very orders that keep the safety net true (``SetNetMember``): one truth,
told to two keepers. A call is told once, at its end; a caller who left in the menu is told too, so that
no call leaves no trace. Telling never blocks: see ``acd.store.port``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from acd.core.facts import Fact, Session
from acd.core.notes import CallFinished, CallJudged, MenuLeft, Note
from acd.core.orders import Order, SetNetMember
from acd.store.port import Store
from acd.store.records import LedgerRow

__all__ = ["LEFT_IN_MENU", "StoreKeeper"]

LEFT_IN_MENU: Final = "left_in_menu"
"""Outcome of a caller who hung up before any queue."""


class StoreKeeper:
    """Hears everything (the ``Observer`` port) and tells the store what it must keep."""

    def __init__(self, store: Store, level_of: Callable[[str], str] = lambda _: "") -> None:
        """Tell this store.

        Args:
            store: what keeps it.
            level_of: a call's service-level event where the engine does not know it: the process before us
                counted it (``acd.runtime.intraday``).
        """
        self._store = store
        self._level_of = level_of

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:  # noqa: ARG002  # the port's signature
        """Tell logins, ended calls and what became of them."""
        for order in orders:
            if isinstance(order, SetNetMember) and order.agent:  # a member that is nobody's has no login
                self._store.tell_session(order.agent, _session(order))
        for note in notes:
            match note:
                case CallFinished():
                    self._store.tell_call(_ended(note, note.level or self._level_of(note.call)))
                case MenuLeft():
                    self._store.tell_call(_left(note))
                case CallJudged():
                    self._store.tell_code(note.call, note.code)
                case _:
                    pass

    def loop_lag(self, seconds: float) -> None:
        """Nothing to keep (the port's other half)."""


def _session(order: SetNetMember) -> Session | None:
    if not order.logged_in:
        return None
    return Session(
        agent=order.agent,
        phone=order.endpoint,
        paused=order.paused,
        reason=order.reason,
        worked_since_ms=order.worked_since_ms,
    )


def _ended(note: CallFinished, level: str) -> LedgerRow:
    return LedgerRow(
        call=note.call,
        node=note.node,
        queue=note.queue,
        called=note.called,
        caller=note.caller,
        language=note.language,
        province=note.province,
        priority_class=note.priority_class,
        entered_ms=note.entered_ms,
        ended_ms=note.ended_ms,
        wait_ms=note.wait_ms,
        handle_ms=note.handle_ms,
        outcome=note.outcome,
        path=note.path,
        site=note.site or "",
        office=note.office or "",
        visits=note.visits,
        verified=note.verified,
        code=note.code,
        level=level,
    )


def _left(note: MenuLeft) -> LedgerRow:
    return LedgerRow(
        call=note.call,
        node=note.node,
        queue="",
        called=note.called,
        caller="",
        language="",
        province="",
        priority_class="",
        entered_ms=note.arrived_ms,
        ended_ms=note.left_ms,
        wait_ms=0,
        handle_ms=0,
        outcome=LEFT_IN_MENU,
        path="",
        site="",
        office="",
        visits=0,
        verified=None,
        code="",
    )
