"""Personal codes: keyed hashes that name a priority class, and nobody."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.records import PersonalCode
from acd.store.rows import from_rows, to_row
from acd.store.schema import codes

__all__ = ["put", "read"]

SLICE = 500


async def read(connection: AsyncConnection) -> tuple[PersonalCode, ...]:
    """All of them, ordered by hash."""
    found: list[PersonalCode] = []
    while True:
        last = found[-1].hash if found else ""
        page = sa.select(codes).where(codes.c.hash > last).order_by(codes.c.hash).limit(SLICE)
        some = from_rows(await connection.execute(page), PersonalCode)
        found += some
        if len(some) < SLICE:
            return tuple(found)


async def put(connection: AsyncConnection, wanted: Sequence[PersonalCode]) -> int:
    """Keep these, over earlier ones of the same hash, the last of two alike; how many there are now."""
    last = list({code.hash: code for code in wanted}.values())
    for start in range(0, len(last), SLICE):
        some = last[start : start + SLICE]
        old = [{"which": code.hash} for code in some]
        await connection.execute(sa.delete(codes).where(codes.c.hash == sa.bindparam("which")), old)
        await connection.execute(sa.insert(codes), [to_row(code) for code in some])
    return int((await connection.execute(sa.select(sa.func.count()).select_from(codes))).scalar_one())
