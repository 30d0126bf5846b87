"""Toggles by people, each with an end."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.errors import NotFound
from acd.store.records import Override
from acd.store.rows import added, from_rows
from acd.store.schema import overrides

__all__ = ["add", "end", "forget", "read"]


async def add(connection: AsyncConnection, override: Override) -> Override:
    """Keep it under a new id."""
    return msgspec.structs.replace(override, id=await added(connection, overrides, override))


async def end(connection: AsyncConnection, override_id: int, now_ms: int, by: str) -> Override:
    """It is over from now on; whoever ended it first stays, and so does an end by the clock.

    Raises:
        NotFound: There is none of this id.
    """
    is_it = overrides.c.id == override_id
    still = (overrides.c.ended_ms.is_(None), overrides.c.until_ms > now_ms)
    await connection.execute(sa.update(overrides).where(is_it, *still).values(ended_ms=now_ms, ended_by=by))
    found = from_rows(await connection.execute(sa.select(overrides).where(is_it)), Override)
    if not found:
        raise NotFound(f"there is no override {override_id}; list them with 'acd fallback list'.")
    return found[0]


async def read(connection: AsyncConnection, since_ms: int) -> tuple[Override, ...]:
    """Those not over at ``since_ms``, oldest first."""
    ended = overrides.c.ended_ms
    lives = (overrides.c.until_ms > since_ms, sa.or_(ended.is_(None), ended > since_ms))
    wanted = sa.select(overrides).where(*lives).order_by(overrides.c.id)
    return tuple(from_rows(await connection.execute(wanted), Override))


async def forget(connection: AsyncConnection, before_ms: int) -> int:
    """Remove those that were over before, by the clock or by a person; how many."""
    over = sa.or_(overrides.c.until_ms < before_ms, overrides.c.ended_ms < before_ms)
    return (await connection.execute(sa.delete(overrides).where(over))).rowcount
