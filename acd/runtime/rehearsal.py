"""A rehearsal: the offices' lines are tried one after the other, and what was found is kept.

One rehearsal at a time. `acd.transition.rehearsing` chooses the next line so that no caller notices; the node
that is ready places the call. Each result is in the store as soon as it is known, so a rehearsal that is
stopped, or a process that ends, loses nothing but the calls under way.

A line is *left* as it was when its office is closed, when no line of it became free in time, or when Asterisk
could not place the call: then nothing was learnt about it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import msgspec
import structlog

from acd.core.ids import OfficeId
from acd.core.policy import RuleSet
from acd.core.views import OfficeView
from acd.errors import AcdError, Conflict, NotFound, StoreUnavailable
from acd.rules.entry import REHEARSAL_PROMPT
from acd.rules.transition import Rehearsal
from acd.runtime.ports import Clock
from acd.store.port import Store
from acd.store.records import LineCheck
from acd.transition.readiness import LineState
from acd.transition.rehearsing import Line, Trial, Tried, Trier, lines_to_try, next_line

__all__ = ["LeftLine", "RehearsalRunner", "RehearsalState"]

LOOK_S: Final = 0.5
"""So often it is looked whether a line has become free."""
CLOSED: Final = "the office is closed"
NOT_FREE: Final = "no line became free in time"
STOPPED: Final = "the rehearsal was stopped"

log = structlog.get_logger(__name__)


class LeftLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of which nothing was learnt, and why."""

    office: str
    number: str
    why: str


class RehearsalState(msgspec.Struct, frozen=True, kw_only=True):
    """How the rehearsal does that runs, or how the last one ended."""

    running: bool = False
    begun_ms: int = 0
    """0: there was none since the process began."""
    author: str = ""
    lines: int = 0
    """How many it is for."""
    tried: tuple[LineCheck, ...] = ()
    left: tuple[LeftLine, ...] = ()
    calling: tuple[str, ...] = ()
    """Numbers that are called now."""


class RehearsalRunner:
    """Runs the rehearsals of one centre."""

    def __init__(
        self,
        *,
        rules: Callable[[], RuleSet],
        offices: Callable[[], Sequence[OfficeView]],
        limits: Callable[[], Rehearsal],
        triers: Callable[[], Sequence[Trier]],
        clock: Clock,
        store: Store | None,
    ) -> None:
        """Run nothing yet.

        Args:
            rules: The rules in force.
            offices: How the offices do now.
            limits: How lines are tried.
            triers: Who can place a call now, the best first.
            clock: Wall milliseconds.
            store: Where results are kept.
        """
        self._rules = rules
        self._offices = offices
        self._limits = limits
        self._triers = triers
        self._clock = clock
        self._store = store
        self._state = RehearsalState()
        self._pending: list[Line] = []
        self._calling: dict[asyncio.Task[Tried], Line] = {}
        self._task: asyncio.Task[None] | None = None

    def state(self) -> RehearsalState:
        """How it does."""
        calling = tuple(line.number for line in self._calling.values())
        return msgspec.structs.replace(self._state, calling=calling)

    def begin(
        self, author: str, *, offices: Collection[OfficeId] = (), skip: Collection[LineState] = ()
    ) -> RehearsalState:
        """Begin one; returns at once.

        Args:
            author: as in the audit.
            offices: only these offices; none named: all.
            skip: lines that need not be tried.

        Raises:
            Conflict: one runs already, there is nothing to try, or nobody can place a call.
            NotFound: one of the offices is not in the rules.
            StoreUnavailable: there is no store to keep the results in.
        """
        rules = self._rules()
        if self._store is None:
            raise StoreUnavailable("This ACD runs without a store; what a rehearsal finds could not be kept.")
        if self._state.running:
            raise Conflict(f"A rehearsal by {self._state.author} runs already; wait for its end, or stop it.")
        unknown = [office for office in offices if office not in rules.offices]
        if unknown:
            raise NotFound(f"There is no office {unknown[0][:64]!r} in the rules.")
        lines = lines_to_try(rules, offices, skip)
        if not lines:
            raise Conflict(
                "There is no line to try: the rules name no office, or all that were asked for are ready."
            )
        if not self._triers():
            raise Conflict("No Asterisk is connected, so nobody can be called; `acd status` says why.")
        self._pending = list(lines)
        self._state = RehearsalState(
            running=True, begun_ms=self._clock.now_ms(), author=author, lines=len(lines)
        )
        self._task = asyncio.create_task(self._run(), name="rehearsal")
        return self.state()

    async def stop(self) -> RehearsalState:
        """End it: calls under way are heard to their end, no other begins."""
        for line in self._pending:
            self._leave(line, STOPPED)
        self._pending.clear()
        if self._task is not None:
            await asyncio.wait({self._task})
        return self.state()

    def close(self) -> None:
        """The process ends: hear nothing to its end."""
        if self._task is not None:
            self._task.cancel()

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    async def _run(self) -> None:
        try:
            learnt, learnt_ms = 0, self._clock.now_ms()
            while self._pending or self._calling:
                if self._learnt() > learnt:
                    learnt, learnt_ms = self._learnt(), self._clock.now_ms()
                elif self._clock.now_ms() - learnt_ms > self._limits().wait_ms_max and not self._calling:
                    self._leave_all(NOT_FREE)
                self._call_some()
                await self._some_ended()
        except Exception:
            log.exception("rehearsal.failed")
        finally:
            for task in self._calling:
                task.cancel()
            self._calling.clear()
            self._state = msgspec.structs.replace(self._state, running=False)

    def _learnt(self) -> int:
        """How many lines are done with."""
        return len(self._state.tried) + len(self._state.left)

    def _call_some(self) -> None:
        """Begin every call that may begin now."""
        views: Mapping[OfficeId, OfficeView] = {view.id: view for view in self._offices()}
        while self._pending:
            pick = next_line(
                self._pending, tuple(self._calling.values()), views, self._rules(), self._limits()
            )
            for line in pick.closed:
                self._pending.remove(line)
                self._leave(line, CLOSED)
            if pick.line is None:
                return
            self._pending.remove(pick.line)
            self._calling[asyncio.create_task(self._call(pick.line))] = pick.line

    async def _call(self, line: Line) -> Tried:
        triers = self._triers()
        if not triers:
            raise Conflict("no Asterisk is connected")
        limits = self._limits()
        return await triers[0].try_line(
            Trial(
                line=line,
                ring_s=limits.ring_s,
                asks=limits.asks,
                key_s=limits.key_s,
                sound=self._sound(line.language),
            )
        )

    def _sound(self, language: str) -> str:
        """What is asked, in the office's language if that is spoken."""
        sounds = self._rules().sounds.get(REHEARSAL_PROMPT, {})
        return next(iter(sounds.get(language) or sounds.get("") or (f"acd/it/{REHEARSAL_PROMPT}",)))

    async def _some_ended(self) -> None:
        """Wait a moment for a call to end, and keep what was found."""
        if not self._calling:
            if self._pending:
                await asyncio.sleep(LOOK_S)
            return
        done, _ = await asyncio.wait(self._calling, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            line = self._calling.pop(task)
            try:
                tried = task.result()
            except AcdError as error:
                self._leave(line, str(error))
                continue
            if tried.result is None:
                self._pending.append(line)
                await asyncio.sleep(LOOK_S)
                continue
            await self._keep(line, tried)

    async def _keep(self, line: Line, tried: Tried) -> None:
        assert tried.result is not None
        assert self._store is not None
        check = LineCheck(
            office=line.office,
            number=line.number,
            at_ms=self._clock.now_ms(),
            result=tried.result.value,
            ring_ms=tried.ring_ms,
            detail=tried.detail,
        )
        try:
            await self._store.put_line_checks([check])
        except StoreUnavailable as error:
            self._leave(line, f"{tried.result}, and this could not be kept: {error}")
            return
        self._state = msgspec.structs.replace(self._state, tried=(*self._state.tried, check))

    def _leave(self, line: Line, why: str) -> None:
        left = LeftLine(office=line.office, number=line.number, why=why)
        self._state = msgspec.structs.replace(self._state, left=(*self._state.left, left))

    def _leave_all(self, why: str) -> None:
        for line in self._pending:
            self._leave(line, why)
        self._pending.clear()
