"""One line of the log for each call, at its end: ``call.finished``.

It holds what is asked of a call afterwards, and knows queue, site and office, never a person; no number of
the caller's and no hash of it; sites as ``acd.metrics.sites`` names them. Callers who left in a menu have
theirs too, so that lines and callers agree in number. Fields: docs/logs.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from acd.core.facts import Fact
from acd.core.ids import CallId
from acd.core.notes import CallFinished, Decision, LadderOpened, MenuLeft, Note, OfferClosed
from acd.core.orders import Order
from acd.metrics.sites import SiteNames
from acd.runtime.keeper import LEFT_IN_MENU

__all__ = ["CallLog"]

log = structlog.get_logger(__name__)


class _Tried:
    """What happened to a call before its end."""

    __slots__ = ("misses", "offers", "revision", "step")

    def __init__(self) -> None:
        self.offers = self.misses = self.step = 0
        self.revision = ""


_UNTRIED: Final = _Tried()


class CallLog:
    """Hears everything (the ``Observer`` port) and logs each call's end."""

    def __init__(self, sites: SiteNames) -> None:
        self._sites = sites
        self._tried: dict[CallId, _Tried] = {}

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:  # noqa: ARG002  # the port's signature
        """Count what was tried, and tell who has left."""
        self._sites.hear(fact)
        left = []
        for note in notes:
            match note:
                case Decision():
                    tried = self._of(note.call)
                    tried.offers += 1
                    tried.step = max(tried.step, note.step)
                    tried.revision = note.revision
                case LadderOpened():
                    tried = self._of(note.call)
                    tried.step = max(tried.step, note.step)
                case OfferClosed() if note.missed:
                    self._of(note.call).misses += 1
                case CallFinished():
                    left.append(note)  # the end of its last offer is noted behind it
                case MenuLeft():
                    _tell_left_in_menu(note)
                case _:
                    pass
        for ended in left:
            self._tell(ended, self._tried.pop(ended.call, _UNTRIED))

    def loop_lag(self, seconds: float) -> None:
        """Nothing to log (the port's other half)."""

    def _of(self, call: CallId) -> _Tried:
        return self._tried.setdefault(call, _Tried())

    def _tell(self, note: CallFinished, tried: _Tried) -> None:
        log.info(
            "call.finished",
            call=note.call,
            node=note.node,
            queue=note.queue,
            outcome=note.outcome.value,
            path=note.path.value,
            site=self._sites.of(note.site),
            office=note.office or "",
            called=note.called,
            language=note.language,
            province=note.province,
            entered_ms=note.entered_ms,
            wait_ms=note.wait_ms,
            handle_ms=note.handle_ms,
            visits=note.visits,
            offers=tried.offers,
            misses=tried.misses,
            step=tried.step,
            code=note.code,
            rules=tried.revision,
        )


def _tell_left_in_menu(note: MenuLeft) -> None:
    log.info(
        "call.finished",
        call=note.call,
        node=note.node,
        queue="",
        outcome=LEFT_IN_MENU,
        called=note.called,
        entered_ms=note.arrived_ms,
        wait_ms=note.left_ms - note.arrived_ms,
    )
