"""Writes what was told, in batches, and goes on trying while the disk will not.

One batch is one transaction of at most 500 rows, begun at the latest a quarter of a second after the
first of them was told, a login or logout 20 ms after: a process that is killed must not leave somebody
who has just logged in without calls. A batch is on the disk whole or not at all. While the disk is
full, locked or gone, the batch stays in the line and is tried again after 0.5 s, then twice as long, up
to 15 s; an empty line is tried too, with a write that changes nothing, so that the state shows when the
disk is back. Whoever asks for the audit, and `flush`, tries at once.

A value that the database refuses for ever (a defect of ours) must not hold up all that stands behind
it: batches are halved until it is alone, then it is given up, counted and logged.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final, Protocol

import sqlalchemy as sa
import structlog

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.errors import StoreUnavailable
from acd.store import audit, intraday, ledger, sessions
from acd.store.database import Database
from acd.store.faults import ValueRefused
from acd.store.line import Batch, Line
from acd.store.records import AuditEntry, LedgerRow
from acd.store.schema import meta

__all__ = ["Clock", "Writer"]

ROWS_MAX: Final = 500
GATHER_S: Final = 0.25
GATHER_LOGINS_S: Final = 0.02
BACK_OFF_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
LOOK_EVERY_S: Final = 5.0
"""An idle store looks this often whether an asked write met trouble that may be over."""

log = structlog.get_logger()


class Clock(Protocol):
    """Wall milliseconds that never go back."""

    def now_ms(self) -> int:
        """Now, in integer milliseconds since 1970."""


class Writer:
    """The one task that writes what was told."""

    def __init__(self, database: Database, clock: Clock, *, line: Line) -> None:
        self.line = line
        self._database = database
        self._clock = clock
        self._one = asyncio.Lock()
        self._rows = ROWS_MAX
        self._told = asyncio.Event()
        self._now = asyncio.Event()
        self._stopping = False

    # ── told ─────────────────────────────────────────────────────────────────────────────────

    def tell_session(self, agent: AgentId, session: Session | None) -> None:
        """Put it in line."""
        first = not self.line.has_logins
        self.line.tell_session(agent, session)
        self._wake()
        if first and not self._database.why_not:
            self._soon()

    def tell_audit(self, entry: AuditEntry) -> None:
        """Put it in line."""
        self.line.tell_audit(entry)
        self._wake()

    def tell_ledger(self, told: LedgerRow | ledger.LateCode) -> None:
        """Put it in line."""
        self.line.tell_ledger(told)
        self._wake()

    def tell_intraday(self, source: intraday.IntradaySource) -> None:
        """Let it be asked."""
        self.line.tell_intraday(source)
        self._wake()

    def _soon(self) -> None:
        """Cut a longer gathering short."""
        asyncio.get_running_loop().call_later(GATHER_LOGINS_S, self._now.set)

    def _wake(self) -> None:
        self._told.set()
        if len(self.line) >= ROWS_MAX and not self._database.why_not:
            self._now.set()

    # ── written ──────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Write until `stop`."""
        failures = 0
        while not self._stopping:
            await self._wait(failures)
            try:
                if self.line or self._database.why_not:
                    await self._database.unbroken(self._write(), limit_s=None)
                failures = 0
            except ValueRefused:
                failures = 0
            except StoreUnavailable:
                failures += 1

    def stop(self) -> None:
        """Have `run` end after the batch it writes."""
        self._stopping = True
        self._told.set()
        self._now.set()

    async def flush(self) -> None:
        """Write all that is in line.

        Raises:
            StoreUnavailable: The disk will not; the rest stays in line.
        """
        await self._database.unbroken(self._flush())

    async def keep_logins(self) -> None:
        """Write the logins told so far, or find that somebody has: they stand first in each batch.

        Many who ask at once share few batches, and none waits for what was told after them.

        Raises:
            StoreUnavailable: The disk will not; they stay in line.
        """
        await self._database.unbroken(self._keep_logins(self.line.logins_told))

    async def _keep_logins(self, told: int) -> None:
        while self.line.logins_written < told:
            await self._write(logins_told=told)

    async def _flush(self) -> None:
        while self.line:
            with contextlib.suppress(ValueRefused):
                await self._write()

    async def forget_calls_before(self, before_ms: int) -> int:
        """Remove calls that ended before from the ledger, some at a time; how many."""
        removed = 0
        while not self._stopping:
            some = await self._database.unbroken(self._forget(before_ms))
            removed += some
            if some < ledger.FORGET_AT_ONCE:
                break
        return removed

    async def _forget(self, before_ms: int) -> int:
        async with self._database.writing() as connection:
            return await ledger.forget(connection, before_ms)

    async def _wait(self, failures: int) -> None:
        """Wait for something told and then for more of it; or for the disk to have had a rest."""
        if failures:
            await _first(self._now, BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1])
        else:
            if not self.line:
                await _first(self._told, LOOK_EVERY_S)
            if self.line and len(self.line) < ROWS_MAX and self._rows == ROWS_MAX:
                await _first(self._now, GATHER_LOGINS_S if self.line.has_logins else GATHER_S)
        if not self._stopping:
            self._told.clear()
            self._now.clear()

    async def _write(self, *, logins_told: int | None = None) -> None:
        """Write one batch; with nothing in line, see whether the disk takes a write.

        Args:
            logins_told: do nothing if so many logins have been written meanwhile.
        """
        async with self._one:
            if logins_told is not None and self.line.logins_written >= logins_told:
                return
            batch = self.line.take(self._rows)
            try:
                async with self._database.writing() as connection:
                    await sessions.put(connection, batch.sessions)
                    await audit.append(connection, (*self._losses(batch), *batch.audit))
                    await ledger.append(connection, batch.ledger)
                    if batch.intraday is not None:
                        await intraday.put(connection, batch.intraday)
                    if not batch:
                        tried = {"key": "tried_ms", "value": str(self._clock.now_ms())}
                        await connection.execute(sa.delete(meta).where(meta.c.key == "tried_ms"))
                        await connection.execute(sa.insert(meta), tried)
            except ValueRefused as error:
                self._narrow(batch, error)
                raise
            except BaseException:
                self.line.put_back(batch)
                raise
            self.line.written()
            self._rows = min(ROWS_MAX, self._rows * 2)

    def _narrow(self, batch: Batch, error: ValueRefused) -> None:
        if len(batch) <= 1:
            self.line.give_up(batch)
            log.error("store.write_given_up", why=str(error))
        else:
            self.line.put_back(batch)
            self._rows = max(1, min(len(batch), self._rows) // 2)

    def _losses(self, batch: Batch) -> tuple[AuditEntry, ...]:
        """Tell in the chain itself what could not be held, where it would have stood."""
        if not batch.lost_audit and not batch.lost_ledger:
            return ()
        lost = f"audit entries: {batch.lost_audit}, calls of the ledger: {batch.lost_ledger}"
        return (
            AuditEntry(
                at_ms=self._clock.now_ms(),
                who="system",
                action="store.lose",
                target="store",
                result="done",
                detail=f"the disk was away longer than memory could hold; lost {lost}",
            ),
        )


async def _first(event: asyncio.Event, limit_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), limit_s)
