"""Revisions of the configuration: append only, numbered from 1; the newest is what runs."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.errors import Conflict, NotFound
from acd.store.records import Revision
from acd.store.rows import from_rows, to_row
from acd.store.schema import revisions

__all__ = ["add", "confirm", "read", "recent"]


async def add(connection: AsyncConnection, revision: Revision, expected: int | None) -> Revision:
    """Keep it under the next number.

    Raises:
        Conflict: ``expected`` is given and is not the number of the newest.
    """
    newest = await _newest(connection)
    if expected is not None and expected != newest:
        raise Conflict(
            f"the configuration is at revision {newest}, not {expected}; read it anew and decide again."
        )
    kept = msgspec.structs.replace(revision, number=newest + 1)
    await connection.execute(sa.insert(revisions), to_row(kept))
    return kept


async def read(connection: AsyncConnection, number: int | None) -> Revision | None:
    """One of them whole, the newest if no number is given."""
    wanted = sa.select(revisions).order_by(revisions.c.number.desc()).limit(1)
    if number is not None:
        wanted = wanted.where(revisions.c.number == number)
    found = from_rows(await connection.execute(wanted), Revision)
    return found[0] if found else None


async def recent(connection: AsyncConnection, limit: int) -> tuple[Revision, ...]:
    """Give the newest first, without their files."""
    shown: list[sa.ColumnElement[Any]] = [
        sa.literal({}, sa.JSON).label("files") if column is revisions.c.files else column
        for column in revisions.columns
    ]
    page = sa.select(*shown).order_by(revisions.c.number.desc()).limit(limit)
    return tuple(from_rows(await connection.execute(page), Revision))


async def confirm(connection: AsyncConnection, number: int, now_ms: int) -> Revision:
    """It stays; twice is once, and one that nobody has to confirm stays as it is.

    Raises:
        NotFound: There is none of this number.
        Conflict: Its time is over, or another has come after it.
    """
    found = await read(connection, number)
    if found is None:
        raise NotFound(f"there is no revision {number} of the configuration; see 'acd history'.")
    newest = await _newest(connection)
    if number != newest:
        raise Conflict(
            f"revision {number} is not what runs: revision {newest} came after it; see 'acd history'."
        )
    if found.confirm_by_ms is None or found.confirmed_ms is not None:
        return found
    if now_ms >= found.confirm_by_ms:
        raise Conflict(f"the time to confirm revision {number} is over: it is being undone; apply it again.")
    await connection.execute(
        sa.update(revisions).where(revisions.c.number == number).values(confirmed_ms=now_ms)
    )
    return msgspec.structs.replace(found, confirmed_ms=now_ms)


async def _newest(connection: AsyncConnection) -> int:
    said = await connection.execute(sa.select(sa.func.max(revisions.c.number)))
    return int(said.scalar() or 0)
