"""All that is SQLite's own: how its connections are opened, and what its errors mean to a person.

**Transactions.** Python's driver would begin them by itself, too late for reads and not at all for
CREATE TABLE, so it is told to begin none, and each begins here: BEGIN IMMEDIATE for writing (the lock
is had or refused at once, never in the middle), BEGIN for reading. So a migration is whole or not at
all, too.

**Journal.** WAL: who reads never waits for who writes, and a backup reads beside a running ACD.
``synchronous`` is FULL: a write that was awaited is on the disk, not in its cache, and no power cut
takes the end of an audit chain whose last digest was written down elsewhere. It costs one fsync for
each transaction, of which the writer makes two to four a second at most.

**Forgetting.** ``secure_delete``: what was removed is overwritten with zeros, not only marked as free.

Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous,
https://www.sqlite.org/rescode.html
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

__all__ = ["engine_for", "for_writing", "is_damage", "sentence"]

BUSY_S: Final = 2.0
"""A file locked by another program (a backup, a person with sqlite3) is waited for so long."""
CONNECTIONS_MAX: Final = 4
WRITES: Final = "acd_writes"

_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOCKED: Final = "{file} is locked by another program; end it, or wait until it is done."
_NOT_OURS: Final = "{file} cannot be written; look at its owner, its mode and how its disk is mounted."
_DAMAGE: Final = (
    "{file} is damaged or no database; stop the ACD, keep the file, put the last backup in its place."
)
_MEANING: Final = {
    sqlite3.SQLITE_FULL: "the disk of {file} is full; free space there, the rest happens by itself.",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _NOT_OURS,
    sqlite3.SQLITE_PERM: _NOT_OURS,
    sqlite3.SQLITE_CANTOPEN: "{file} cannot be opened; look at its folder, its owner and its mode.",
    sqlite3.SQLITE_IOERR: "the disk of {file} fails ({name}); look at the disk and the system's log.",
    sqlite3.SQLITE_CORRUPT: _DAMAGE,
    sqlite3.SQLITE_NOTADB: _DAMAGE,
}


def engine_for(file: Path) -> AsyncEngine:
    """Give an engine for the file; nothing is opened yet. `for_writing` gives its other half."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(file)),
        connect_args={"isolation_level": None, "timeout": BUSY_S},
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_timeout=10,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _set_up)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def for_writing(engine: AsyncEngine) -> AsyncEngine:
    """Give the same engine, whose transactions have the lock from their beginning."""
    return engine.execution_options(**{WRITES: True})


def sentence(error: BaseException, file: Path) -> str | None:
    """Tell what an error of SQLite means and what to do; None for one that is not of the disk."""
    code = _code(error)
    meaning = None if code is None else _MEANING.get(code)
    if meaning is None:
        return None
    return meaning.format(file=file, name=getattr(_original(error), "sqlite_errorname", ""))


def is_damage(error: BaseException) -> bool:
    """Whether the file is no longer, or never was, a database."""
    return _code(error) in _DAMAGED


def _code(error: BaseException) -> int | None:
    """Give SQLite's primary result code, None for an error that has none."""
    code = getattr(_original(error), "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_IOERR_SHMSIZE:  # no room for the index of the journal
        return sqlite3.SQLITE_FULL
    return code & 0xFF if isinstance(code, int) else None


def _original(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error


def _set_up(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "journal_size_limit = 67108864",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
