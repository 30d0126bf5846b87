"""Who may use the API: hashes of secrets, never a secret."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.errors import Conflict, NotFound
from acd.store.records import TokenRecord
from acd.store.rows import from_rows, to_row
from acd.store.schema import tokens

__all__ = ["add", "read", "revoke"]


async def read(connection: AsyncConnection) -> tuple[TokenRecord, ...]:
    """All of them, oldest first."""
    rows = await connection.execute(sa.select(tokens).order_by(tokens.c.created_ms, tokens.c.id))
    return tuple(from_rows(rows, TokenRecord))


async def add(connection: AsyncConnection, token: TokenRecord, now_ms: int) -> None:
    """Keep a new one.

    Raises:
        Conflict: Its name is taken by one that is still good, or its id or secret by any.
    """
    for other in await read(connection):
        if other.name == token.name and other.is_good(now_ms):
            raise Conflict(
                f"there is a token named '{token.name}' already ({other.id}); revoke it or take another name."
            )
        if other.id == token.id or other.sha256 == token.sha256:
            raise Conflict(f"the token {token.id} is there already; make a new one.")
    await connection.execute(sa.insert(tokens), to_row(token))


async def revoke(connection: AsyncConnection, token_id: str, now_ms: int) -> TokenRecord:
    """Close it for ever; when it was closed first stays.

    Raises:
        NotFound: There is none of this id.
    """
    is_it = tokens.c.id == token_id
    await connection.execute(
        sa.update(tokens).where(is_it, tokens.c.revoked_ms.is_(None)).values(revoked_ms=now_ms)
    )
    found = from_rows(await connection.execute(sa.select(tokens).where(is_it)), TokenRecord)
    if not found:
        raise NotFound(f"there is no token '{token_id}'; list them with 'acd token list'.")
    return found[0]
