"""The audit: every write of a person or program, in a chain of hashes.

Each entry's digest is SHA-256 over its number, the digest before it and the entry itself, so none can
be changed, put in or taken out between others without a break behind it. What no chain can show by
itself is that its end was cut off: write the head (`AuditVerdict.head`) down elsewhere now and then.

The entry is kept as the very text that was hashed: JSON with sorted keys, no spaces, ASCII.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.records import AuditEntry, AuditRow, AuditVerdict
from acd.store.rows import to_row
from acd.store.schema import audit

__all__ = ["Raw", "append", "pages", "read", "verify"]

BEGINNING: Final = "0" * 64
PAGE: Final = 1_000


class Raw(msgspec.Struct, frozen=True):
    """A row as it stands on the disk, believed in nothing."""

    seq: int
    entry: str
    previous: str
    digest: str


async def append(connection: AsyncConnection, entries: Sequence[AuditEntry]) -> None:
    """Put entries at the end of the chain, in order."""
    if not entries:
        return
    last = (
        (await connection.execute(sa.select(audit).order_by(audit.c.seq.desc()).limit(1))).mappings().first()
    )
    seq, previous = (last["seq"], last["digest"]) if last else (0, BEGINNING)
    rows = []
    for seq, entry in enumerate(entries, seq + 1):  # noqa: B020  # goes on from the last
        text = canonical(entry)
        digest = digest_of(seq, previous, text)
        rows.append({"seq": seq, "entry": text, "previous": previous, "digest": digest})
        previous = digest
    await connection.execute(sa.insert(audit), rows)


async def pages(connection: AsyncConnection, after: int, limit: int) -> list[Raw]:
    """Rows with a number above ``after``, in order, as they stand."""
    page = sa.select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit)
    rows = (await connection.execute(page)).all()
    return [Raw(*row) for row in rows]


def read(rows: Sequence[Raw]) -> tuple[AuditRow, ...]:
    """Give entries as records.

    Raises:
        msgspec.ValidationError: One is no entry; `verify` says which.
    """
    return tuple(
        AuditRow(
            seq=raw.seq,
            entry=msgspec.json.decode(raw.entry, type=AuditEntry),
            previous=raw.previous,
            digest=raw.digest,
        )
        for raw in rows
    )


async def verify(page_after: Callable[[int, int], Awaitable[list[Raw]]]) -> AuditVerdict:
    """Go through the chain page by page; ``page_after(seq, limit)`` gives the rows."""
    seq, head = 0, BEGINNING
    while True:
        rows = await page_after(seq, PAGE)
        for raw in rows:
            why = _misfit(raw, seq + 1, head)
            if why:
                return AuditVerdict(entries=seq, head=head, broken_at=seq + 1, why=why)
            seq, head = raw.seq, raw.digest
        if len(rows) < PAGE:
            return AuditVerdict(entries=seq, head=head if seq else "")
        await asyncio.sleep(0)


def canonical(entry: AuditEntry) -> str:
    """Give the one text of an entry."""
    return json.dumps(to_row(entry), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest_of(seq: int, previous: str, text: str) -> str:
    """Give what the next entry will hold of this one."""
    return hashlib.sha256(f"{seq}\n{previous}\n{text}".encode()).hexdigest()


def _misfit(raw: Raw, seq: int, head: str) -> str:
    """Tell why this row is not entry ``seq`` after ``head``; empty if it is."""
    if raw.seq != seq:
        return f"entry {seq} is missing; {raw.seq} follows."
    if raw.previous != head:
        return f"entry {seq} does not name the entry before it: one of the two was exchanged."
    if raw.digest != digest_of(seq, head, str(raw.entry)):
        return f"entry {seq} is not what was written: its digest does not fit."
    return ""
