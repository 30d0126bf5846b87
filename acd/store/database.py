"""The one door to the database: a transaction to read in, a transaction to write in, our errors.

Whoever writes has the turn alone in this process, so that nobody waits for a lock of our own. A write
that has begun is finished even when its asker has gone (`Database.unbroken`): a cancelled commit may
have happened, and what may have happened cannot be told or written again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from acd.errors import StoreUnavailable
from acd.store import sqlite
from acd.store.faults import ValueRefused, our_errors
from acd.store.place import Place

__all__ = ["Database"]

SLOW_S: Final = 5.0
"""A disk that has not taken a write after this is told of as one that cannot."""
ASKED_S: Final = 15.0
"""Nobody who asked waits longer than this."""
FINISH_S: Final = 3.0

T = TypeVar("T")
log = structlog.get_logger()


class Database:
    """An open database; ``close`` it."""

    def __init__(self, place: Place, engine: AsyncEngine) -> None:
        self._place = place
        self._engine = engine
        self._writer = sqlite.for_writing(engine)
        self._turn = asyncio.Lock()
        self._under_way: set[asyncio.Task[Any]] = set()
        self._writing_since: float | None = None
        self._why_not = ""
        self._open = True

    @property
    def why_not(self) -> str:
        """Why the last write failed, or the present one takes so long; empty while all is well."""
        since = self._writing_since
        waited_s = 0.0 if since is None else time.monotonic() - since
        if waited_s > SLOW_S and not self._why_not:
            return f"the disk of {self._place.file} has taken no write for {waited_s:.0f} s; look at it."
        return self._why_not

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the database throughout."""
        self._must_be_open()
        with our_errors(self._place.file):
            async with self._engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is on the disk when it ends without an error, and else never was."""
        async with self._turn:
            self._must_be_open()
            self._writing_since = time.monotonic()
            try:
                with our_errors(self._place.file):
                    await self._look_at_the_file()
                    async with self._writer.begin() as connection:
                        yield connection
            except ValueRefused:
                raise
            except StoreUnavailable as error:
                self._not_written(str(error))
                raise
            else:
                self._written()
            finally:
                self._writing_since = None

    async def unbroken(self, work: Coroutine[Any, Any, T], *, limit_s: float | None = ASKED_S) -> T:
        """Do the work to its end, even if whoever asked for it is cancelled meanwhile.

        Raises:
            StoreUnavailable: It has taken so long that nobody should wait; it may still happen.
        """
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)
        done, _ = await asyncio.wait({task}, timeout=limit_s)
        if not done:
            raise StoreUnavailable(
                f"the disk of {self._place.file} has not answered for {limit_s:.0f} s; it may still be done: "
                "look before you ask again."
            )
        return task.result()

    async def close(self) -> None:
        """Finish what has begun, as far as the disk lets within a moment, and close."""
        try:
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=FINISH_S)
            self._open = False
            with our_errors(self._place.file):
                async with asyncio.timeout(FINISH_S):
                    await self._engine.dispose()
        except StoreUnavailable as error:
            log.warning("store.not_closed", why=str(error))
        finally:
            self._place.leave()

    def _must_be_open(self) -> None:
        if not self._open:
            raise StoreUnavailable(f"{self._place.file} was closed: the ACD is ending.")

    async def _look_at_the_file(self) -> None:
        why_not = await asyncio.to_thread(self._place.why_not)
        if why_not:
            raise StoreUnavailable(why_not)

    def _not_written(self, why: str) -> None:
        if not self._why_not:
            log.error("store.cannot_write", why=why)
        self._why_not = why

    def _written(self) -> None:
        if self._why_not:
            log.info("store.written_again", why=self._why_not)
        self._why_not = ""

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, in case nobody waits any more
