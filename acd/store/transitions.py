"""Steps of the transition: append only, numbered from 1; the newest tells where it stands."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.errors import Conflict
from acd.store.records import TransitionRecord
from acd.store.rows import from_rows, to_row
from acd.store.schema import transitions

__all__ = ["add", "recent"]


async def add(
    connection: AsyncConnection, record: TransitionRecord, expected: int | None
) -> TransitionRecord:
    """Keep it under the next number.

    Raises:
        Conflict: ``expected`` is given and is not the number of the newest.
    """
    said = await connection.execute(sa.select(sa.func.max(transitions.c.number)))
    newest = int(said.scalar() or 0)
    if expected is not None and expected != newest:
        raise Conflict(
            f"the transition is at step {newest}, not {expected}: somebody has moved it; "
            "see 'acd transition status' and decide again."
        )
    kept = msgspec.structs.replace(record, number=newest + 1)
    await connection.execute(sa.insert(transitions), to_row(kept))
    return kept


async def recent(connection: AsyncConnection, limit: int) -> tuple[TransitionRecord, ...]:
    """Give the newest first."""
    page = sa.select(transitions).order_by(transitions.c.number.desc()).limit(limit)
    return tuple(from_rows(await connection.execute(page), TransitionRecord))
