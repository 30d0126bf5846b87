"""Who may log in, and the number that grows with each change of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.core.ids import AgentId
from acd.core.policy import Agent, Roster, RosterChange
from acd.errors import Conflict
from acd.store.records import RosterState
from acd.store.rows import from_rows, to_row
from acd.store.schema import agents, meta, sessions

__all__ = ["change", "read"]

SLICE = 500
"""Rows made ready at a time: between two slices the event loop does other things."""


async def read(connection: AsyncConnection) -> RosterState:
    """Everybody and the revision, of one moment."""
    revision = await _revision(connection)
    everybody: dict[AgentId, Agent] = {}
    last = ""
    while True:
        page = sa.select(agents).where(agents.c.id > last).order_by(agents.c.id).limit(SLICE)
        some = from_rows(await connection.execute(page), Agent)
        everybody |= {agent.id: agent for agent in some}
        if len(some) < SLICE:
            return RosterState(revision=revision, roster=Roster(agents=everybody))
        last = some[-1].id


async def change(connection: AsyncConnection, wanted: RosterChange, expected: int | None) -> int:
    """Take out, put in, count one revision on; a removed agent's login goes with them.

    Raises:
        Conflict: ``expected`` is given and is not the present revision.
    """
    revision = await _revision(connection)
    if expected is not None and expected != revision:
        raise Conflict(
            f"the roster is at revision {revision}, not {expected}; read it anew and decide again."
        )
    gone = [{"gone": agent} for agent in wanted.removed]
    if gone:
        await connection.execute(sa.delete(sessions).where(sessions.c.agent == sa.bindparam("gone")), gone)
    gone += [{"gone": agent.id} for agent in wanted.upserts]
    if gone:
        await connection.execute(sa.delete(agents).where(agents.c.id == sa.bindparam("gone")), gone)
    for start in range(0, len(wanted.upserts), SLICE):
        some = [to_row(agent) for agent in wanted.upserts[start : start + SLICE]]
        await connection.execute(sa.insert(agents), some)
    counted = sa.update(meta).where(meta.c.key == "roster_revision").values(value=str(revision + 1))
    await connection.execute(counted)
    return revision + 1


async def _revision(connection: AsyncConnection) -> int:
    said = await connection.execute(sa.select(meta.c.value).where(meta.c.key == "roster_revision"))
    return int(said.scalar_one())
