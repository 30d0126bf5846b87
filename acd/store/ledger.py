"""The ledger: one row for each call, told once, kept for the days of the privacy profile.

A call that is told twice (a resync, a repeat after a crash) keeps its first row: its one outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.errors import RequestError
from acd.store.records import LedgerRow
from acd.store.rows import fit, from_rows, to_row
from acd.store.schema import ledger

__all__ = ["LateCode", "append", "forget", "read"]

FORGET_AT_ONCE: Final = 500


class LateCode(msgspec.Struct, frozen=True):
    """What became of a call's question, said after its end."""

    call: str
    code: str


async def append(connection: AsyncConnection, told: Sequence[LedgerRow | LateCode]) -> None:
    """Put calls in that are not there yet, then codes to their calls."""
    rows: dict[str, dict[str, Any]] = {}
    for one in told:
        if isinstance(one, LedgerRow):
            row = to_row(one)
            rows.setdefault(row["call"], row)
    if rows:
        there = sa.select(ledger.c.call).where(ledger.c.call.in_(list(rows)))
        known = set((await connection.execute(there)).scalars())
        new = [row for call, row in rows.items() if call not in known]
        if new:
            await connection.execute(sa.insert(ledger), new)
    late = [{"which": fit(one.call), "said": fit(one.code)} for one in told if isinstance(one, LateCode)]
    if late:
        said = (
            sa.update(ledger).where(ledger.c.call == sa.bindparam("which")).values(code=sa.bindparam("said"))
        )
        await connection.execute(said, late)


async def read(
    connection: AsyncConnection, *, since_ms: int, until_ms: int | None, after: str, limit: int
) -> tuple[LedgerRow, ...]:
    """Calls that ended at ``since_ms`` or later and before ``until_ms``, by their end, then by call.

    Raises:
        RequestError: ``after`` is no place in the ledger.
    """
    ended, call = ledger.c.ended_ms, ledger.c.call
    wanted = sa.select(ledger).where(ended >= since_ms).order_by(ended, call).limit(limit)
    if until_ms is not None:
        wanted = wanted.where(ended < until_ms)
    if after:
        last_ms, last_call = _place(after)
        wanted = wanted.where(ended >= last_ms, sa.or_(ended > last_ms, call > last_call))
    return tuple(from_rows(await connection.execute(wanted), LedgerRow))


async def forget(connection: AsyncConnection, before_ms: int) -> int:
    """Remove some calls that ended before, oldest first; how many: fewer than 500 means no more."""
    old = (
        sa.select(ledger.c.call)
        .where(ledger.c.ended_ms < before_ms)
        .order_by(ledger.c.ended_ms)
        .limit(FORGET_AT_ONCE)
    )
    return (await connection.execute(sa.delete(ledger).where(ledger.c.call.in_(old)))).rowcount


def _place(after: str) -> tuple[int, str]:
    ended, slash, call = after.partition("/")
    if not slash or not ended.isascii() or not ended.isdigit() or len(ended) > 18:
        raise RequestError(f"'{after[:40]}' is no place in the ledger; take it from the page before.")
    return int(ended), call
