"""Volunteers' own times. There is no table of who did not volunteer, and none can be made of this one."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.core.ids import AgentId
from acd.errors import NotFound
from acd.store.records import Slot
from acd.store.rows import added, from_rows
from acd.store.schema import slots

__all__ = ["add", "confirm", "forget", "read", "withdraw"]


async def add(connection: AsyncConnection, slot: Slot) -> Slot:
    """Keep it under a new id."""
    return msgspec.structs.replace(slot, id=await added(connection, slots, slot))


async def withdraw(connection: AsyncConnection, slot_id: int, now_ms: int) -> Slot:
    """Nothing of it counts from now on; when it was withdrawn first stays."""
    return await _mark(connection, slot_id, slots.c.withdrawn_ms, now_ms)


async def confirm(connection: AsyncConnection, slot_id: int, now_ms: int) -> Slot:
    """Its person says the time is right; when they said so first stays."""
    return await _mark(connection, slot_id, slots.c.confirmed_ms, now_ms)


async def read(
    connection: AsyncConnection, *, agent: AgentId | None, since_ms: int, until_ms: int | None
) -> tuple[Slot, ...]:
    """Those that overlap the time, by begin, withdrawn ones too; of one person or of all."""
    wanted = sa.select(slots).where(slots.c.until_ms > since_ms).order_by(slots.c.from_ms, slots.c.id)
    if until_ms is not None:
        wanted = wanted.where(slots.c.from_ms < until_ms)
    if agent is not None:
        wanted = wanted.where(slots.c.agent == agent)
    return tuple(from_rows(await connection.execute(wanted), Slot))


async def forget(connection: AsyncConnection, before_ms: int) -> int:
    """Remove those that ended before; how many."""
    return (await connection.execute(sa.delete(slots).where(slots.c.until_ms < before_ms))).rowcount


async def _mark(
    connection: AsyncConnection, slot_id: int, column: sa.Column[int | None], now_ms: int
) -> Slot:
    is_it = slots.c.id == slot_id
    await connection.execute(sa.update(slots).where(is_it, column.is_(None)).values({column: now_ms}))
    found = from_rows(await connection.execute(sa.select(slots).where(is_it)), Slot)
    if not found:
        raise NotFound(f"there is no slot {slot_id}; list yours with 'acd slots list'.")
    return found[0]
