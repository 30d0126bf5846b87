"""What a rehearsal found at each number of an office: the newest alone."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.records import LineCheck
from acd.store.rows import fit, from_rows, to_row
from acd.store.schema import line_checks

__all__ = ["forget", "put", "read"]


async def put(connection: AsyncConnection, checks: Sequence[LineCheck]) -> None:
    """Keep these, over what was found at the same numbers before; the last of two alike."""
    last = {(fit(check.office), fit(check.number)): check for check in checks}
    if not last:
        return
    is_it = (
        line_checks.c.office == sa.bindparam("at_office"),
        line_checks.c.number == sa.bindparam("at_number"),
    )
    old = [{"at_office": office, "at_number": number} for office, number in last]
    await connection.execute(sa.delete(line_checks).where(*is_it), old)
    await connection.execute(sa.insert(line_checks), [to_row(check) for check in last.values()])


async def read(connection: AsyncConnection) -> tuple[LineCheck, ...]:
    """All of them, by office and number."""
    wanted = sa.select(line_checks).order_by(line_checks.c.office, line_checks.c.number)
    return tuple(from_rows(await connection.execute(wanted), LineCheck))


async def forget(connection: AsyncConnection, before_ms: int) -> int:
    """Remove what was found before; how many."""
    old = sa.delete(line_checks).where(line_checks.c.at_ms < before_ms)
    return (await connection.execute(old)).rowcount
