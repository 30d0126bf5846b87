"""Current logins: one row each, overwritten, gone at logout. There is no history to ask for."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.store.rows import from_rows, to_row
from acd.store.schema import sessions

__all__ = ["put", "read"]


async def read(connection: AsyncConnection) -> tuple[Session, ...]:
    """Who is logged in, ordered by agent."""
    rows = await connection.execute(sa.select(sessions).order_by(sessions.c.agent))
    return tuple(from_rows(rows, Session))


async def put(connection: AsyncConnection, told: Mapping[AgentId, Session | None]) -> None:
    """Make these agents' logins what they are now; None: there is none."""
    if not told:
        return
    old = [{"whose": agent} for agent in told]
    await connection.execute(sa.delete(sessions).where(sessions.c.agent == sa.bindparam("whose")), old)
    new = [to_row(session) for session in told.values() if session is not None]
    if new:
        await connection.execute(sa.insert(sessions), new)
