"""The counters of the day, cell by cell, and what was counted of calls in progress: overwritten."""

from __future__ import annotations

from typing import Protocol

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.figures.counts import Counts
from acd.store.records import CountedCall, Intraday, Span
from acd.store.rows import fit, from_rows, to_row
from acd.store.schema import intraday, intraday_calls

__all__ = ["IntradaySource", "put", "read"]


class IntradaySource(Protocol):
    """Who counts. It is asked for what has changed when the store writes."""

    def __bool__(self) -> bool:
        """Whether there is something to write."""

    def take(self) -> Intraday:
        """What has changed since it was taken last."""

    def put_back(self, changes: Intraday) -> None:
        """It could not be written; it is taken again."""


async def read(connection: AsyncConnection) -> Intraday:
    """All there is."""
    cells = await connection.execute(sa.select(intraday))
    calls = from_rows(await connection.execute(sa.select(intraday_calls)), CountedCall)
    return Intraday(
        cells={
            (Span(row.span), row.begin_ms, row.queue): msgspec.convert(row.counts, Counts) for row in cells
        },
        calls={call.call: call for call in calls},
    )


async def put(connection: AsyncConnection, changes: Intraday) -> None:
    """Make the changed cells and calls what they are now; forget cells that are no longer wanted."""
    wanted_from = {Span.HALF_HOUR: changes.half_hours_from_ms, Span.MINUTE: changes.minutes_from_ms}
    for span, from_ms in wanted_from.items():
        old = sa.and_(intraday.c.span == span.value, intraday.c.begin_ms < from_ms)
        await connection.execute(sa.delete(intraday).where(old))
    cells = [
        {"of": span.value, "at": begin_ms, "whose": fit(queue), "is": msgspec.to_builtins(counts)}
        for (span, begin_ms, queue), counts in changes.cells.items()
    ]
    if cells:
        same = sa.and_(
            intraday.c.span == sa.bindparam("of"),
            intraday.c.begin_ms == sa.bindparam("at"),
            intraday.c.queue == sa.bindparam("whose"),
        )
        keys = [{name: cell[name] for name in ("of", "at", "whose")} for cell in cells]
        await connection.execute(sa.delete(intraday).where(same), keys)
        new = [{"span": c["of"], "begin_ms": c["at"], "queue": c["whose"], "counts": c["is"]} for c in cells]
        await connection.execute(sa.insert(intraday), new)
    await _put_calls(connection, changes)


async def _put_calls(connection: AsyncConnection, changes: Intraday) -> None:
    if not changes.calls:
        return
    gone = sa.delete(intraday_calls).where(intraday_calls.c.call == sa.bindparam("which"))
    await connection.execute(gone, [{"which": fit(call)} for call in changes.calls])
    now = [to_row(call) for call in changes.calls.values() if call is not None]
    if now:
        await connection.execute(sa.insert(intraday_calls), now)
