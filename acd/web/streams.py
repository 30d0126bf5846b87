"""Server-sent events of one agent, for that agent's desktop (WHATWG HTML, section 9.2).

A stream begins with how the agent stands, then tells each change. While nothing changes a comment goes out
every 15 seconds, so that proxies keep the connection and we learn that the reader has gone. A reader who
is slow misses older events, never the last (the centre's stream keeps few); one who reads nothing at all
costs one buffer. At most three streams of an agent are open: the oldest is closed for the fourth.

An open stream must not hold up a stop (aiohttp would wait for it): each has a bell that ends it at once,
rung at shutdown, when its token is revoked, and when a fourth is opened.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from http import HTTPStatus
from typing import Final

from aiohttp import web

from acd.core.ids import AgentId
from acd.web.answers import AgentEventAnswer
from acd.web.bearers import Bearer
from acd.web.centre import AgentStream
from acd.web.models import shown

STREAMS_MAX: Final = 3
"""Of one agent at a time."""
HEARTBEAT_S = 15.0
RETRY_MS: Final = 2_000
"""After this a desktop that lost us comes back."""
EVENT_HEADERS: Final = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
"""The second: a proxy must not hold events back."""


class OpenStream:
    """One reader."""

    def __init__(self, bearer: Bearer) -> None:
        self.bearer = bearer
        self.bell = asyncio.Event()
        """Rung: end now."""


class OpenStreams:
    """All readers of one application."""

    def __init__(self) -> None:
        self._open: dict[AgentId, list[OpenStream]] = {}
        self._stopping = False

    def __len__(self) -> int:
        return sum(len(streams) for streams in self._open.values())

    def enter(self, agent: AgentId, stream: OpenStream) -> None:
        """A reader has come; the oldest goes where there are too many."""
        streams = self._open.setdefault(agent, [])
        streams.append(stream)
        for oldest in streams[:-STREAMS_MAX]:
            oldest.bell.set()
        if self._stopping:
            stream.bell.set()

    def leave(self, agent: AgentId, stream: OpenStream) -> None:
        """A reader has gone."""
        streams = self._open.get(agent, [])
        if stream in streams:
            streams.remove(stream)
        if not streams:
            self._open.pop(agent, None)

    def end_token(self, token_id: str) -> None:
        """The token was revoked."""
        for streams in self._open.values():
            for stream in streams:
                if stream.bearer.record is not None and stream.bearer.record.id == token_id:
                    stream.bell.set()

    def end_session(self, session: bytes) -> None:
        """The browser has logged out."""
        for streams in self._open.values():
            for stream in streams:
                if stream.bearer.session == session:
                    stream.bell.set()

    async def end_all(self, _: web.Application) -> None:
        """We stop (aiohttp's ``on_shutdown``)."""
        self._stopping = True
        for streams in self._open.values():
            end_all(streams)


def end_all(streams: Iterable[OpenStream]) -> None:
    """End these now."""
    for stream in streams:
        stream.bell.set()


async def run(request: web.Request, reader: OpenStream, writing: Coroutine[None, None, None]) -> None:
    """Write to a reader until that ends or the bell rings, and wait for nobody who does not read.

    Args:
        request: the reader's request.
        reader: the reader.
        writing: writes; it is cancelled when the bell rings.
    """
    telling = asyncio.create_task(writing, name="events")
    bell = asyncio.create_task(reader.bell.wait())
    try:
        await asyncio.wait({telling, bell}, return_when=asyncio.FIRST_COMPLETED)
        if telling.done():
            telling.result()
    finally:
        telling.cancel()
        bell.cancel()
        await asyncio.gather(telling, bell, return_exceptions=True)
        _drop_the_unread(request)


async def tell(
    request: web.Request,
    reader: OpenStream,
    *,
    where: OpenStreams,
    agent: AgentId,
    events: AgentStream,
    may_read: Callable[[], bool],
) -> web.StreamResponse:
    """Tell the events of one agent to one reader, until the reader goes or the bell rings.

    Args:
        request: the reader's request.
        reader: the reader.
        where: the readers there are.
        agent: whose events.
        events: what happens to the agent.
        may_read: whether the reader may still read; asked before each event.
    """
    response = web.StreamResponse(status=HTTPStatus.OK, headers=EVENT_HEADERS)
    where.enter(agent, reader)
    try:
        await run(request, reader, _write(request, response, events, may_read))
    finally:
        where.leave(agent, reader)
        events.close()
    return response


async def _write(
    request: web.Request, response: web.StreamResponse, events: AgentStream, may_read: Callable[[], bool]
) -> None:
    with contextlib.suppress(ConnectionError):
        await response.prepare(request)
        await response.write(f"retry: {RETRY_MS}\n\n".encode())
        while True:
            chunk = await _next(events)
            if not may_read():
                return
            await response.write(chunk)


async def _next(events: AgentStream) -> bytes:
    """The next thing to write: an event, or a comment while nothing changes."""
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            event = await events.next()
    except TimeoutError:
        return b": nothing new\n\n"
    told = shown(AgentEventAnswer, event)
    return f"event: {told.kind}\ndata: {told.model_dump_json()}\n\n".encode()


def _drop_the_unread(request: web.Request) -> None:
    """Do not wait for somebody who reads nothing: the end of the stream would wait for the buffer."""
    transport = request.transport
    if transport is not None and transport.get_write_buffer_size():
        transport.abort()
