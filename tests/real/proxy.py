"""A TCP proxy between the ACD and Asterisk's manager port, which a test can cut or make deaf."""

from __future__ import annotations

import asyncio
from typing import Self


class Proxy:
    """Forwards bytes both ways, until told otherwise.

    ``cut_at`` ends every connection the moment these bytes come from the ACD: with ``forward`` they
    still reach Asterisk (its answer is lost), else they do not.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._flow = asyncio.Event()
        self._flow.set()
        self._open = True
        self.cut_at = b""
        self.forward = True
        self.cuts = 0
        self.connections = 0
        self.sent = b""
        """Everything the ACD said, over all connections."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ── what a test does ─────────────────────────────────────────────────────────────────────

    async def cut(self) -> None:
        """End every connection, on both sides, without a word."""
        self.cuts += 1
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        await asyncio.sleep(0)

    def go_deaf(self) -> None:
        """Forward nothing any more on the connections there are; new ones work."""
        self._flow.clear()
        self._flow = asyncio.Event()
        self._flow.set()

    def close_door(self) -> None:
        """Refuse new connections until ``open_door``."""
        self._open = False

    def open_door(self) -> None:
        """Take connections again."""
        self._open = True

    # ── how ──────────────────────────────────────────────────────────────────────────────────

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            writer.transport.abort()
            return
        self.connections += 1
        there_reader, there = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers |= {writer, there}
        flow = self._flow
        for source, sink, ours in ((reader, there, True), (there_reader, writer, False)):
            task = asyncio.create_task(self._pipe(source, sink, flow, ours=ours))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pipe(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, flow: asyncio.Event, *, ours: bool
    ) -> None:
        try:
            while data := await source.read(65_536):
                await flow.wait()
                if ours:
                    self.sent += data
                    if self.cut_at and self.cut_at in data:
                        self.cut_at = b""
                        if self.forward:
                            sink.write(data)
                            await sink.drain()
                            await asyncio.sleep(0.02)
                        await self.cut()
                        return
                sink.write(data)
                await sink.drain()
        except (ConnectionError, OSError):
            pass
        finally:
            sink.transport.abort()
            self._writers.discard(sink)
