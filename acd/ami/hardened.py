"""panoramisk, hardened: the only module that imports it.

panoramisk 1.4 gives the session (``Manager``), the protocol (``AMIProtocol``) and the actions with their
ids. These subclasses switch off what cannot be trusted: parsing per chunk, its guesses when an
action is complete, its list of actions to send again, its pings nobody checks, its endless
reconnects. What takes their place is in ``acd.ami.link``; the reasons, one by one, in
tests/ami/test_panoramisk_facts.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import Protocol as Port

from panoramisk.actions import Action as PanoramiskAction
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from acd.ami.wire import Action, Message, Splitter
from acd.errors import ActionRefused, ActionUnknown, AsteriskError

__all__ = ["Outcome", "Owner", "Pending", "Protocol", "Reply", "Session", "Then", "watch_the_network"]


class Reply:
    """Asterisk did it: its answer, and the rows when it answered with a list."""

    __slots__ = ("message", "rows")

    def __init__(self, message: Message, rows: list[Message]) -> None:
        self.message = message
        self.rows = rows


Outcome = Reply | ActionRefused | ActionUnknown
Then = Callable[[Outcome], None]
"""Told the outcome of one action, in the order of the stream; must be quick."""


class Owner(Port):
    """Who owns a session and decides all that panoramisk must not."""

    def take(self, session: Session, message: Message) -> None:
        """One whole message came."""

    def cut(self, why: str) -> None:
        """The stream makes no sense any more: drop the connection."""

    def lost(self, session: Session, exc: Exception | None) -> None:
        """The connection is gone."""


class Pending(PanoramiskAction):  # type: ignore[misc]  # panoramisk has no types
    """An action on its way: panoramisk gives the id, the outcome is ours to decide."""

    def __init__(self, wanted: Action, then: Then) -> None:
        # Not its own __init__: the future and the list of answers it makes are what we do not trust.
        self._store: dict[str, tuple[str, str]] = {}
        self["ActionID"] = self.action_id_generator()
        self.wanted = wanted
        self.then = then
        self.timer: asyncio.TimerHandle | None = None
        self.start: Message | None = None
        self.rows: list[Message] = []


class Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """Bytes to whole messages, in order; nothing else happens inside ``data_received``."""

    def __init__(self, factory: Session) -> None:
        self._factory = factory

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A fresh connection, a fresh parser."""
        super().connection_made(transport)
        self.factory = self._factory
        self.splitter = Splitter()

    def data_received(self, data: bytes) -> None:
        """Split and hand on; what makes no sense cuts the connection."""
        try:
            for message in self.splitter.feed(data):
                self.factory.dispatch(message)
        except AsteriskError as error:
            self.factory.owner.cut(str(error))

    def send(self, data: Sequence[tuple[Pending, bytes]], as_list: bool = False) -> None:  # noqa: ARG002  # its signature
        """Write several actions at once: they reach Asterisk in one packet and in this order."""
        for pending, _ in data:
            self._factory.pendings[pending.id] = pending
        self.transport.write(b"".join(raw for _, raw in data))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the session; nothing is kept for the next connection."""
        self.closed = True
        self._factory.connection_lost(exc)

    def close(self) -> None:
        """Close without panoramisk's list of actions to send again."""
        if not self.closed:
            self.closed = True
            self.transport.close()


class Session(Manager):  # type: ignore[misc]  # panoramisk has no types
    """One connection's session. Lives and dies with it, so that nothing can be kept for the next."""

    def __init__(self, owner: Owner, loop: asyncio.AbstractEventLoop) -> None:
        self.owner = owner
        self.pendings: dict[str, Pending] = {}
        super().__init__(loop=loop, encoding="utf-8", protocol_factory=lambda: Protocol(self))

    def dispatch(self, event: Message) -> None:
        """Hand one message on; nobody's callback runs here."""
        self.owner.take(self, event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Hand the end on; reconnecting is the link's business."""
        self.owner.lost(self, exc)

    def connect(self, *_: object, **__: object) -> None:
        """Reconnecting is the link's business."""

    def ping(self) -> None:
        """Pinging is the link's business."""

    async def send_awaiting_actions(self, *_: object) -> None:
        """Nothing is ever sent again."""
        self.awaiting_actions.clear()


def watch_the_network(transport: asyncio.BaseTransport) -> None:
    """Let the kernel notice a dead peer too, where the transport has a socket and the system can."""
    sock = transport.get_extra_info("socket")
    if sock is None:
        return
    with contextlib.suppress(OSError, AttributeError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 5)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 8_000)
