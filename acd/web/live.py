"""Live pictures: made once a second, sent to everybody who looks (server-sent events).

A picture is made and written as JSON once for all readers who may see the same sites, however many they are;
nothing is made while nobody looks. Each reader has room for one: who reads slowly finds the newest there when
they come for the next, misses those between, and slows nobody. Who takes nothing for ``WRITE_S`` seconds is
let go. Readers are woken some at a time, so that hundreds of them do not hold the loop in one piece.

A browser that takes gzip gets each event as deflate blocks that refer to nothing before them (RFC 1951), so
the packed bytes too are the same for all readers, whenever they came: a fifth of the traffic.

Like the agents' streams an open one must not hold up a stop; each ends at once when we stop, when its token
is revoked, when its session ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, NamedTuple

import structlog
from aiohttp import web
from pydantic import BaseModel

from acd.core.ids import SiteId
from acd.web.bearers import Bearer
from acd.web.problems import SlowDown
from acd.web.streams import EVENT_HEADERS, RETRY_MS, OpenStream, end_all, run

__all__ = ["Live"]

EVERY_S: Final = 1.0
WRITE_S: Final = 20.0
READERS_MAX: Final = 1_000
AGAIN_S: Final = 30
WOKEN_AT_ONCE: Final = 20
BREATH_S: Final = 0.005
"""Between two handfuls."""
LEVEL: Final = 6
GZIP_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""RFC 1952: deflate, no name, no time, no system."""

Make = Callable[[frozenset[SiteId]], BaseModel]

log = structlog.get_logger(__name__)


class Frame(NamedTuple):
    """One event, as it goes out."""

    plain: bytes
    packed: bytes


class _Reader(OpenStream):
    """Somebody who looks, with room for one frame."""

    def __init__(self, bearer: Bearer) -> None:
        super().__init__(bearer)
        self._frame: Frame | None = None
        self._filled = asyncio.Event()

    def put(self, frame: Frame) -> None:
        """Hand over the newest."""
        self._frame = frame
        self._filled.set()

    async def take(self) -> Frame:
        """The newest that was not taken yet."""
        await self._filled.wait()
        self._filled.clear()
        assert self._frame is not None
        return self._frame


class Live:
    """One kind of picture and all who look at it.

    Args:
        name: of the event.
        make: makes the picture for readers of these sites; empty: of all.
        may_read: whether a reader may still read.
        readers_max: more are asked to come again later.
    """

    def __init__(
        self,
        name: str,
        make: Make,
        may_read: Callable[[Bearer], bool],
        *,
        readers_max: int = READERS_MAX,
    ) -> None:
        self._name = name
        self._make = make
        self._may_read = may_read
        self._readers_max = readers_max
        self._readers: list[_Reader] = []
        self._frames: dict[frozenset[SiteId], Frame] = {}
        """Of the last second."""
        self._ticking: asyncio.Task[None] | None = None
        self._stopping = False

    def __len__(self) -> int:
        return len(self._readers)

    async def tell(self, request: web.Request, bearer: Bearer) -> web.StreamResponse:
        """Tell one reader, until they go.

        Raises:
            SlowDown: there are too many.
        """
        if len(self._readers) >= self._readers_max:
            raise SlowDown(f"{len(self._readers)} readers look already; come again later.", AGAIN_S)
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        response = web.StreamResponse(status=HTTPStatus.OK, headers=EVENT_HEADERS)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        reader = _Reader(bearer)
        self._enter(reader)
        try:
            await run(request, reader, self._write(request, response, reader, packed=packed))
        finally:
            self._readers.remove(reader)
        return response

    def end_token(self, token_id: str) -> None:
        """The token was revoked."""
        for reader in self._readers:
            if reader.bearer.record is not None and reader.bearer.record.id == token_id:
                reader.bell.set()

    def end_session(self, session: bytes) -> None:
        """The browser has logged out."""
        for reader in self._readers:
            if reader.bearer.session == session:
                reader.bell.set()

    async def end_all(self, _: web.Application) -> None:
        """We stop (aiohttp's ``on_shutdown``)."""
        self._stopping = True
        end_all(self._readers)
        if self._ticking is not None:
            self._ticking.cancel()

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _enter(self, reader: _Reader) -> None:
        self._readers.append(reader)
        if self._stopping:
            reader.bell.set()
            return
        reader.put(self._frame(reader.bearer.sites))
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick(), name=f"live {self._name}")

    async def _tick(self) -> None:
        """Every second, while somebody looks."""
        loop = asyncio.get_running_loop()
        try:
            due_s = 0.0
            while self._readers:
                # a timer may fire a moment early: what is next is counted from what was due
                due_s = max(due_s, loop.time() // EVERY_S * EVERY_S) + EVERY_S
                await asyncio.sleep(due_s - loop.time())
                self._frames.clear()
                await self._wake()
            self._frames.clear()
        except Exception:
            log.exception("live.failed", picture=self._name)
            end_all(self._readers)

    async def _wake(self) -> None:
        for number, reader in enumerate(tuple(self._readers), start=1):
            if self._may_read(reader.bearer):
                reader.put(self._frame(reader.bearer.sites))
            else:
                reader.bell.set()
            if number % WOKEN_AT_ONCE == 0:
                await asyncio.sleep(BREATH_S)

    def _frame(self, sites: frozenset[SiteId]) -> Frame:
        """The frame of this second for readers of these sites."""
        found = self._frames.get(sites)
        if found is None:
            told = self._make(sites).model_dump_json()
            found = self._frames[sites] = frame(f"event: {self._name}\ndata: {told}\n\n".encode())
        return found

    async def _write(
        self, request: web.Request, response: web.StreamResponse, reader: _Reader, *, packed: bool
    ) -> None:
        first = frame(f"retry: {RETRY_MS}\n\n".encode())
        with contextlib.suppress(ConnectionError, TimeoutError):
            await response.prepare(request)
            await response.write(GZIP_HEAD + first.packed if packed else first.plain)
            while True:
                found = await reader.take()
                async with asyncio.timeout(WRITE_S):
                    await response.write(found.packed if packed else found.plain)


def frame(plain: bytes) -> Frame:
    """An event, as it is and as blocks of deflate that end on a byte and refer to nothing before them."""
    packing = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Frame(plain, packing.compress(plain) + packing.flush(zlib.Z_SYNC_FLUSH))
