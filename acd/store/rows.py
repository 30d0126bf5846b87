"""Records to rows and back, the same way for every table: a column is named as its field.

What comes from outside is made fit to be kept: a lone surrogate (bytes that were no UTF-8) becomes a
question mark and a NUL goes, since one such text would stop every write behind it.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["added", "fit", "from_rows", "to_row"]

T = TypeVar("T")


def fit(text: str) -> str:
    """Give the text as a database takes it."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def to_row(record: msgspec.Struct) -> dict[str, Any]:
    """Give the record's fields as values a column takes."""
    row = msgspec.to_builtins(record, builtin_types=(bytes,))
    return {name: fit(value) if isinstance(value, str) else value for name, value in row.items()}


def from_rows(result: CursorResult[Any], record: type[T]) -> list[T]:
    """Give one record for each row.

    Raises:
        msgspec.ValidationError: A row holds what the record cannot; somebody else wrote it.
    """
    names = tuple(map(str, result.keys()))
    return [
        msgspec.convert(dict(zip(names, row, strict=True)), record, builtin_types=(bytes,)) for row in result
    ]


async def added(connection: AsyncConnection, table: sa.Table, record: msgspec.Struct) -> int:
    """Put the record in as a new row; the id the database gave it, whatever ``record.id`` says."""
    row = to_row(record)
    del row["id"]
    result = await connection.execute(sa.insert(table).returning(table.c.id), row)
    return int(result.scalar_one())
