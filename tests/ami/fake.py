"""A tiny manager port for tests of the link alone (the shipped simulator serves everything above it).

It answers what ``answers`` says, action by action, and remembers every action that reached it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Self

from acd.ami.link import Link
from acd.ami.settings import AmiSettings
from acd.ami.wire import Message
from acd.core.ids import NodeId

Heard = dict[str, str]
NOW_MS = 1_800_000_000_000


class StandingClock:
    """Wall time that moves only when told."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.ms = now_ms

    def now_ms(self) -> int:
        """Where the hands stand."""
        return self.ms


def success(heard: Heard, *more: str) -> bytes:
    return block("Response: Success", f"ActionID: {heard['ActionID']}", *more)


def error(heard: Heard, text: str = "no") -> bytes:
    return block("Response: Error", f"ActionID: {heard['ActionID']}", f"Message: {text}")


def block(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def usual(heard: Heard) -> bytes | None:
    """Login and the rest succeed; Ping tells a time one second before ours."""
    if heard["Action"] == "Ping":
        return success(heard, "Ping: Pong", f"Timestamp: {NOW_MS // 1000 - 1}.000000")
    return success(heard)


class FakeAsterisk:
    """One listening port; several connections one after the other."""

    def __init__(
        self, answers: Callable[[Heard], bytes | None] = usual, tls: ssl.SSLContext | None = None
    ) -> None:
        self.answers = answers
        self.tls = tls
        self.heard: list[Heard] = []
        self.connections = 0
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []

    def names(self) -> list[str]:
        """The actions that came, in order."""
        return [heard["Action"] for heard in self.heard]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.drop()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                heard: Heard = {}
                for line in raw.decode().strip().split("\r\n"):
                    name, _, value = line.partition(": ")
                    heard.setdefault(name, value)
                self.heard.append(heard)
                answer = self.answers(heard)
                if answer is not None:
                    writer.write(answer)
        writer.close()

    def send(self, raw: bytes) -> None:
        """Say something unasked."""
        self._writers[-1].write(raw)

    def drop(self) -> None:
        """Close every connection."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()


async def until(true: Callable[[], object], within_s: float = 3.0) -> None:
    """Let the loop run until something holds."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110  # a condition of several objects has no event
            await asyncio.sleep(0.002)


def settings(port: int, **other: object) -> AmiSettings:
    quick = {"backoff_s": 0.001, "backoff_s_max": 0.002, "login_backoff_s": 0.001, "booted_s": 0.01}
    return AmiSettings(
        id=NodeId("n1"), host="127.0.0.1", port=port, username="acd", secret="secret", **(quick | other)
    )


@contextlib.asynccontextmanager
async def linked(
    asterisk: FakeAsterisk, on_event: Callable[[Message], None] = lambda _: None, **other: object
) -> AsyncIterator[Link]:
    """A link of ours that is logged in."""
    link = Link(
        settings(asterisk.port, **other),
        clock=StandingClock(),
        on_event=on_event,
        on_down=lambda: None,
        draw=lambda: 1.0,
    )
    running = asyncio.ensure_future(link.run(asyncio.Event().wait))
    try:
        await until(lambda: link.up)
        yield link
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
