"""A plain manager session for the doctor, beside the link and unlike it.

The link (``acd.ami.link``) sends only the actions of ``acd.ami.wire.ALLOWED``, plain variable names, and
reconnects by itself. The doctor must ask what the ACD never asks (``ListCommands``, dialplan functions),
must see the very refusal of a login, and wants a socket with a tiny buffer. So it has a session of its
own; what it sends are constants of this package and the account of the settings.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import socket
import ssl
from collections.abc import Callable
from typing import Final, Self

from acd.ami.settings import AmiSettings
from acd.ami.wire import Message, Splitter
from acd.errors import ActionUnknown, AsteriskError, AsteriskUnreachable, LoginRefused, UnsafeValue

__all__ = ["READ_BYTES", "Session", "action", "open_streams"]

READ_BYTES: Final = 65_536
CONTROL = re.compile("[\x00-\x1f\x7f]")

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def action(name: str, number: str, headers: dict[str, str]) -> bytes:
    """Write one action.

    Raises:
        UnsafeValue: a value would become another header.
    """
    for header, value in headers.items():
        if CONTROL.search(value):
            raise UnsafeValue(f"The header {header!r} of {name} holds a control character; nothing was sent.")
    lines = [f"Action: {name}", f"ActionID: {number}", *(f"{key}: {value}" for key, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def open_streams(node: AmiSettings, *, receive_bytes: int = 0) -> Streams:
    """Connect, with TLS where the settings say so; ``receive_bytes`` asks for a small receive buffer.

    Raises:
        AsteriskUnreachable: there is no such connection; the sentence says why.
    """
    where = f"{node.host}:{node.port}"
    context = node.ssl_context()
    name = (node.tls_server_name or node.host) if context else None
    try:
        async with asyncio.timeout(node.connect_s):
            sock = await _connect(node, receive_bytes)
            return await asyncio.open_connection(sock=sock, ssl=context, server_hostname=name)
    except TimeoutError:
        raise AsteriskUnreachable(f"No connection to {where} within {node.connect_s:g} s.") from None
    except ssl.SSLError as error:
        reason = error.reason or str(error)
        raise AsteriskUnreachable(f"TLS with {where} failed: {reason.replace('_', ' ').lower()}.") from None
    except OSError as error:
        raise AsteriskUnreachable(f"{where} cannot be reached: {error.strerror or error}.") from None


async def _connect(node: AmiSettings, receive_bytes: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    family, kind, protocol, _, address = (
        await loop.getaddrinfo(node.host, node.port, type=socket.SOCK_STREAM)
    )[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        if receive_bytes:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        await loop.sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


class Session:
    """One logged-in connection; keeps every event it hears."""

    def __init__(self, node: AmiSettings, streams: Streams) -> None:
        self.node = node
        self.events: list[Message] = []
        """Whatever came that was no answer, oldest first."""
        self._reader, self._writer = streams
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Queue[Message]] = {}
        self._news = asyncio.Event()
        self._ended: str = ""
        self._reading = asyncio.create_task(self._read(), name="doctor")

    @classmethod
    async def open(cls, node: AmiSettings) -> Self:
        """Connect and log in.

        Raises:
            AsteriskUnreachable: no connection.
            LoginRefused: Asterisk knows us not.
            AsteriskError: what answers there is no manager port.
        """
        session = cls(node, await open_streams(node))
        try:
            answer = await session.ask("Login", Username=node.username, Secret=node.secret, Events="on")
        except BaseException:
            await session.close()
            raise
        if answer["Response"] != "Success":
            await session.close()
            raise LoginRefused(f"Asterisk refused {node.username!r}: {answer['Message']}.")
        return session

    async def close(self) -> None:
        """End the connection."""
        self._reading.cancel()
        self._writer.close()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(self._reading, return_exceptions=True)
            await self._writer.wait_closed()

    async def ask(self, name: str, **headers: str) -> Message:
        """Send an action and return its answer, whatever it says.

        Raises:
            ActionUnknown: no answer came in time.
            AsteriskUnreachable: the connection ended.
        """
        return (await self._exchange(name, headers, rows=False))[0]

    async def rows(self, name: str, **headers: str) -> list[Message]:
        """Send an action that is answered with a list; return its rows (none if it is refused)."""
        return (await self._exchange(name, headers, rows=True))[1:]

    async def value(self, variable: str) -> str:
        """A global variable or a dialplan function; empty where there is none."""
        return (await self.ask("Getvar", Variable=variable))["Value"]

    async def hear(self, wanted: Callable[[Message], bool], within_s: float) -> Message | None:
        """The first event of this kind, of those that came already or that come in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while True:
                    for event in self.events:
                        if wanted(event):
                            return event
                    self._news.clear()
                    await self._news.wait()
        return None

    async def _exchange(self, name: str, headers: dict[str, str], *, rows: bool) -> list[Message]:
        number = f"doctor-{next(self._numbers)}"
        answers = self._waiting[number] = asyncio.Queue()
        self._writer.write(action(name, number, headers))
        got: list[Message] = []
        try:
            async with asyncio.timeout(self.node.action_s):
                while not got or rows:
                    if self._ended and answers.empty():
                        raise AsteriskUnreachable(self._ended)
                    message = await answers.get()
                    if not message.headers:
                        raise AsteriskUnreachable(self._ended)
                    if message["EventList"].lower() == "complete" or (got and not rows):
                        break
                    got.append(message)
                    rows = rows and got[0]["Response"] == "Success"
        except TimeoutError:
            raise ActionUnknown(f"{name} was not answered within {self.node.action_s:g} s.") from None
        finally:
            del self._waiting[number]
        return got

    async def _read(self) -> None:
        splitter = Splitter()
        try:
            while data := await self._reader.read(READ_BYTES):
                for message in splitter.feed(data):
                    self._take(message)
            self._end("Asterisk closed the connection.")
        except OSError as error:
            self._end(f"The connection was lost: {error.strerror or error}.")
        except AsteriskError as error:
            self._end(str(error))

    def _take(self, message: Message) -> None:
        answers = self._waiting.get(message["ActionID"])
        if answers is not None:
            answers.put_nowait(message)
        elif "Event" in message:
            self.events.append(message)
            self._news.set()

    def _end(self, why: str) -> None:
        self._ended = why
        for answers in self._waiting.values():
            answers.put_nowait(Message({}))
