"""A manager client for the tests of the lab: nothing of the ACD's, short enough to be believed."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from typing import Self


class Refused(Exception):
    """Asterisk answered with an error."""


class Message(dict):
    """Headers of one message; a repeated header keeps all values in ``every``."""

    def __init__(self, block: bytes) -> None:
        super().__init__()
        self.at = time.time()
        self.every: dict[str, list[str]] = {}
        for line in block.decode("utf-8", "replace").split("\r\n"):
            key, _, value = line.partition(": ")
            self.every.setdefault(key, []).append(value)
            self[key] = value


class Manager:
    """One AMI connection; ``events`` holds everything that came, in order."""

    def __init__(self, reader, writer) -> None:
        self.reader, self.writer = reader, writer
        self.events: list[Message] = []
        self._answers: dict[str, asyncio.Queue[Message]] = {}
        self._news = asyncio.Condition()
        self._ids = itertools.count(1)
        self._task = asyncio.create_task(self._read())

    @classmethod
    async def login(cls, lab) -> Self:
        """Connect and log in as the ACD."""
        reader, writer = await asyncio.open_connection(lab.sip_ip, lab.ami_port)
        await reader.readline()
        manager = cls(reader, writer)
        await manager.act("Login", Username=lab.ami_user, Secret=lab.ami_secret)
        return manager

    async def close(self) -> None:
        """Hang up the connection."""
        self._task.cancel()
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    async def _read(self) -> None:
        while True:
            try:
                message = Message((await self.reader.readuntil(b"\r\n\r\n"))[:-4])
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            if queue := self._answers.get(message.get("ActionID", "")):
                queue.put_nowait(message)
            elif "Event" in message:
                self.events.append(message)
                async with self._news:
                    self._news.notify_all()

    async def act(self, action: str, *, complete: str = "", **headers: str):
        """Send an action; return its answer, or with ``complete`` all events of the list up to that one."""
        number = str(next(self._ids))
        queue = self._answers[number] = asyncio.Queue()
        lines = [f"Action: {action}", f"ActionID: {number}", *(f"{k}: {v}" for k, v in headers.items())]
        self.writer.write("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        answer = await asyncio.wait_for(queue.get(), 5)
        if answer["Response"] not in {"Success", "Goodbye"}:
            raise Refused(answer.get("Message", ""))
        rows = []
        while complete:
            row = await asyncio.wait_for(queue.get(), 5)
            if row["Event"] == complete:
                return rows
            rows.append(row)
        return answer

    async def setvar(self, name: str, value: str, channel: str = "") -> None:
        """Set a variable of a channel, or a global one."""
        await self.act("Setvar", Variable=name, Value=value, **({"Channel": channel} if channel else {}))

    async def getvar(self, name: str, channel: str = "") -> str:
        """Return a variable of a channel, or a global one."""
        return (await self.act("Getvar", Variable=name, **({"Channel": channel} if channel else {})))["Value"]

    def seen(self, event: str, since: int = 0, **headers: str) -> list[Message]:
        """Return the events that have come with these headers (``event`` may be a UserEvent's name)."""
        return [
            message
            for message in self.events[since:]
            if event in (message["Event"], message.get("UserEvent")) and headers.items() <= message.items()
        ]

    async def until(self, event: str, limit_s: float = 5.0, since: int = 0, **headers: str) -> Message:
        """Wait for the first such event, counting those that have come already."""
        async with self._news:
            try:
                async with asyncio.timeout(limit_s):
                    while not (found := self.seen(event, since, **headers)):
                        await self._news.wait()
            except TimeoutError:
                tail = [(m["Event"], m.get("UserEvent", "")) for m in self.events[-12:]]
                raise AssertionError(f"no {event} {headers} within {limit_s} s; last came {tail}") from None
        return found[0]
