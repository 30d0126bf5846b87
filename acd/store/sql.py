"""The store: `open_store` gives it. Tables are in ``schema``, each with a room of its own beside it.

Asked writes go through `Database.unbroken`: done or not done, never half; told writes go through
the `Writer`. The file is ours alone while it is open (`Place`); the command reads and changes it
itself only while no ACD runs, and else asks the API.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.core.policy import RosterChange
from acd.errors import ConfigError, RequestError, StoreUnavailable
from acd.store import (
    audit,
    codes,
    intraday,
    ledger,
    line_checks,
    overrides,
    revisions,
    roster,
    sessions,
    slots,
    sqlite,
    tallies,
    tokens,
    transitions,
)
from acd.store.audit import Raw
from acd.store.database import Database
from acd.store.faults import Damaged, our_errors
from acd.store.intraday import IntradaySource
from acd.store.line import BEHIND_MAX, Line
from acd.store.place import Place
from acd.store.records import (
    AuditEntry,
    AuditRow,
    AuditVerdict,
    Intraday,
    LedgerRow,
    LineCheck,
    Override,
    PersonalCode,
    Revision,
    RosterState,
    Slot,
    StoreState,
    TokenRecord,
    TransitionRecord,
)
from acd.store.tallies import Part, Repeats, Tally, TallyBy
from acd.store.writer import Clock, Writer

__all__ = ["SqlStore", "StorePlace", "open_store"]

CLOSE_S: Final = 10.0

PURGED: Final = {
    "slots": slots.forget,
    "overrides": overrides.forget,
    "line_checks": line_checks.forget,
}

T = TypeVar("T")
log = structlog.get_logger()


class StorePlace(Protocol):
    """What of the settings the store wants to know."""

    @property
    def file(self) -> Path:
        """Where it lies."""


async def open_store(settings: StorePlace, clock: Clock, *, behind_max: int = BEHIND_MAX) -> SqlStore:
    """Open the store, make it if it is absent, bring its schema up to date.

    Raises:
        ConfigError: The file cannot be a store of this version; the sentence says what to do.
        StoreUnavailable: Another process has it, or the disk will not.
    """
    file = settings.file
    place = await asyncio.to_thread(Place.take, file)
    engine = sqlite.engine_for(file)
    try:
        await _prepare(engine, file)
    except BaseException:
        await engine.dispose()
        place.leave()
        raise
    return SqlStore(Database(place, engine), clock, behind_max=behind_max)


async def _prepare(engine: AsyncEngine, file: Path) -> None:
    from acd.store import migrate  # noqa: PLC0415  # Alembic takes 0.2 s to import: only who opens a store pays

    try:
        with our_errors(file):
            async with engine.begin() as connection:
                current = await connection.run_sync(migrate.is_current, file)
            if not current:
                async with sqlite.for_writing(engine).begin() as connection:
                    await connection.run_sync(migrate.upgrade)
    except Damaged as error:
        raise ConfigError((str(error),)) from error


class SqlStore:
    """`acd.store.port.Store` on SQLAlchemy; `open_store` makes it."""

    def __init__(self, database: Database, clock: Clock, *, behind_max: int) -> None:
        self._database = database
        self._clock = clock
        self._line = Line(behind_max)
        self._writer = Writer(database, clock, line=self._line)
        self._task = asyncio.create_task(self._writer.run(), name="store")
        self._task.add_done_callback(_tell_of_failure)
        self._closed = False

    async def close(self, limit_s: float = CLOSE_S) -> None:
        """Write what is in line, as far as the disk lets within the time, and close."""
        if self._closed:
            return
        self._closed = True
        self._writer.stop()
        why = ""
        try:
            async with asyncio.timeout(limit_s):
                await asyncio.wait({self._task})
                await self._writer.flush()
        except TimeoutError:
            why = self._database.why_not or f"the disk did not take it within {limit_s:.0f} s"
        except StoreUnavailable as error:
            why = str(error)
        if self._line:
            log.error("store.lost_at_close", behind=len(self._line), why=why)
        self._task.cancel()
        await self._database.close()

    def state(self) -> StoreState:
        """How it does; may be asked from another thread."""
        why_not = self._database.why_not
        if self._task.done() and not self._closed:
            why_not = "the task that writes has failed, a defect of ours; restart the ACD."
        return StoreState(
            writable=not why_not,
            behind=len(self._line),
            behind_max=self._line.behind_max,
            dropped=self._line.dropped,
            why_not=why_not,
        )

    async def flush(self) -> None:
        """Write what is in line now; `StoreUnavailable`: the disk will not, it stays in line."""
        await self._writer.flush()

    async def keep_logins(self) -> None:
        """Have the logins told so far on the disk; `StoreUnavailable`: it will not, they stay in line."""
        await self._writer.keep_logins()

    # ── roster ───────────────────────────────────────────────────────────────────────────────

    async def roster(self) -> RosterState:
        """Everybody, ordered by id."""
        async with self._database.reading() as connection:
            return await roster.read(connection)

    async def change_roster(self, change: RosterChange, *, expected: int | None = None) -> int:
        """Put in and take out, whole or not at all; returns the new revision."""
        return await self._write(lambda disk: roster.change(disk, change, expected))

    # ── sessions ─────────────────────────────────────────────────────────────────────────────

    async def sessions(self) -> tuple[Session, ...]:
        """Who was logged in when the last write was made, ordered by agent."""
        async with self._database.reading() as connection:
            return await sessions.read(connection)

    def tell_session(self, agent: AgentId, session: Session | None) -> None:
        """This is the agent's login from now on; None: logged out."""
        self._writer.tell_session(agent, session)

    # ── tokens ───────────────────────────────────────────────────────────────────────────────

    async def tokens(self) -> tuple[TokenRecord, ...]:
        """All of them, oldest first."""
        async with self._database.reading() as connection:
            return await tokens.read(connection)

    async def add_token(self, token: TokenRecord) -> None:
        """Keep a new token."""
        await self._write(lambda disk: tokens.add(disk, token, self._clock.now_ms()))

    async def revoke_token(self, token_id: str, now_ms: int) -> TokenRecord:
        """It opens nothing from now on; twice is once."""
        return await self._write(lambda disk: tokens.revoke(disk, token_id, now_ms))

    # ── personal codes ───────────────────────────────────────────────────────────────────────

    async def codes(self) -> tuple[PersonalCode, ...]:
        """All codes, expired ones too."""
        async with self._database.reading() as connection:
            return await codes.read(connection)

    async def put_codes(self, codes: Sequence[PersonalCode]) -> int:
        """Keep these, over earlier ones of the same hash; returns how many there are now."""
        return await self._put_codes(tuple(codes))

    async def _put_codes(self, kept: Sequence[PersonalCode]) -> int:
        return await self._write(lambda disk: codes.put(disk, kept))

    # ── audit ────────────────────────────────────────────────────────────────────────────────

    def tell_audit(self, entry: AuditEntry) -> None:
        """Add to the end of the chain."""
        self._writer.tell_audit(entry)

    async def audit(self, *, after: int = 0, limit: int = 100) -> tuple[AuditRow, ...]:
        """Entries with a number above ``after``, in order; what is in line is written first."""
        await self._writer.flush()
        async with self._database.reading() as connection:
            return audit.read(await audit.pages(connection, after, limit))

    async def verify_audit(self) -> AuditVerdict:
        """Go through the whole chain; what is in line is written first."""
        await self._writer.flush()
        return await audit.verify(self._audit_page)

    async def _audit_page(self, after: int, limit: int) -> list[Raw]:
        async with self._database.reading() as connection:
            return await audit.pages(connection, after, limit)

    # ── ledger ───────────────────────────────────────────────────────────────────────────────

    def tell_call(self, row: LedgerRow) -> None:
        """One call has ended; a repeat of the same call replaces nothing and is counted once."""
        self._writer.tell_ledger(row)

    def tell_code(self, call: str, code: str) -> None:
        """What became of a call's question, known after its end."""
        self._writer.tell_ledger(ledger.LateCode(call, code))

    def tell_intraday(self, source: IntradaySource) -> None:
        """Let it be asked for the counters that changed."""
        self._writer.tell_intraday(source)

    async def intraday(self) -> Intraday:
        """The day's counters and what was counted of calls in progress, as written last."""
        async with self._database.reading() as connection:
            return await intraday.read(connection)

    async def ledger(
        self, *, since_ms: int = 0, until_ms: int | None = None, after: str = "", limit: int = 100
    ) -> tuple[LedgerRow, ...]:
        """Ended calls from ``since_ms`` to before ``until_ms``, ordered by (``ended_ms``, call)."""
        async with self._database.reading() as connection:
            return await ledger.read(
                connection, since_ms=since_ms, until_ms=until_ms, after=after, limit=limit
            )

    async def tally(
        self,
        by: TallyBy,
        parts: Sequence[Part],
        ended: tuple[int, int],
        *,
        queue: str | None = None,
        settled: Sequence[str] = (),
    ) -> tuple[Tally, ...]:
        """Ended calls of the parts, added up; one slice by their ends."""
        async with self._database.reading() as connection:
            return await tallies.tally(connection, by, parts, ended, queue=queue, settled=settled)

    async def repeats(
        self,
        period: tuple[int, int],
        span_ms: int,
        topics: Mapping[str, str],
        now_ms: int,
        *,
        queue: str | None = None,
    ) -> tuple[Repeats, ...]:
        """How often callers came back, by topic."""
        async with self._database.reading() as connection:
            return await tallies.repeats(connection, period, span_ms, topics, now_ms, queue=queue)

    # ── configuration ────────────────────────────────────────────────────────────────────────

    async def add_revision(self, revision: Revision, *, expected: int | None) -> Revision:
        """Keep a new revision under the next number; returns it as kept."""
        return await self._write(lambda disk: revisions.add(disk, revision, expected))

    async def revision(self, number: int | None = None) -> Revision | None:
        """One revision whole, the newest if no number is given; None: there is none."""
        async with self._database.reading() as connection:
            return await revisions.read(connection, number)

    async def revisions(self, *, limit: int = 50) -> tuple[Revision, ...]:
        """The newest first, with no ``files``."""
        async with self._database.reading() as connection:
            return await revisions.recent(connection, limit)

    async def confirm_revision(self, number: int, now_ms: int) -> Revision:
        """It stays."""
        return await self._write(lambda disk: revisions.confirm(disk, number, now_ms))

    # ── overrides ────────────────────────────────────────────────────────────────────────────

    async def add_override(self, override: Override) -> Override:
        """Keep a new one under a new id."""
        return await self._write(lambda disk: overrides.add(disk, override))

    async def end_override(self, override_id: int, now_ms: int, by: str) -> Override:
        """It is over from now on; twice is once."""
        return await self._write(lambda disk: overrides.end(disk, override_id, now_ms, by))

    async def overrides(self, *, since_ms: int = 0) -> tuple[Override, ...]:
        """Those not over at ``since_ms``, oldest first."""
        async with self._database.reading() as connection:
            return await overrides.read(connection, since_ms)

    # ── transition and rehearsal ─────────────────────────────────────────────────────────────

    async def add_transition(self, record: TransitionRecord, *, expected: int | None) -> TransitionRecord:
        """Keep a step under the next number."""
        return await self._write(lambda disk: transitions.add(disk, record, expected))

    async def transitions(self, *, limit: int = 50) -> tuple[TransitionRecord, ...]:
        """The newest first."""
        async with self._database.reading() as connection:
            return await transitions.recent(connection, limit)

    async def put_line_checks(self, checks: Sequence[LineCheck]) -> None:
        """Keep what a rehearsal found, over what was found before at these numbers."""
        kept = tuple(checks)
        await self._write(lambda disk: line_checks.put(disk, kept))

    async def line_checks(self) -> tuple[LineCheck, ...]:
        """The newest of each number, by office and number."""
        async with self._database.reading() as connection:
            return await line_checks.read(connection)

    # ── volunteers ───────────────────────────────────────────────────────────────────────────

    async def add_slot(self, slot: Slot) -> Slot:
        """Keep a new one under a new id."""
        return await self._write(lambda disk: slots.add(disk, slot))

    async def withdraw_slot(self, slot_id: int, now_ms: int) -> Slot:
        """Opt out: nothing of it counts from now on; twice is once."""
        return await self._write(lambda disk: slots.withdraw(disk, slot_id, now_ms))

    async def confirm_slot(self, slot_id: int, now_ms: int) -> Slot:
        """Its person says the time is right; twice is once."""
        return await self._write(lambda disk: slots.confirm(disk, slot_id, now_ms))

    async def slots(
        self, *, agent: AgentId | None = None, since_ms: int = 0, until_ms: int | None = None
    ) -> tuple[Slot, ...]:
        """Those that overlap the time, by begin; of one person or of all."""
        async with self._database.reading() as connection:
            return await slots.read(connection, agent=agent, since_ms=since_ms, until_ms=until_ms)

    # ── retention ────────────────────────────────────────────────────────────────────────────

    async def purge(self, what: str, before_ms: int) -> int:
        """Remove what is older from ``ledger``, ``slots``, ``overrides``, ``line_checks``; how many."""
        if what == "ledger":
            return await self._writer.forget_calls_before(before_ms)
        forget = PURGED.get(what)
        if forget is None:
            known = ", ".join(("ledger", *PURGED))
            raise RequestError(f"'{what[:40]}' is not kept for a time; it is one of {known}.")
        return await self._write(lambda disk: forget(disk, before_ms))

    async def _write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do the work in a transaction of its own: on the disk when it ends, or never done."""

        async def whole() -> T:
            async with self._database.writing() as connection:
                return await work(connection)

        return await self._database.unbroken(whole())


def _tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("store.writer_failed", exc_info=task.exception())
