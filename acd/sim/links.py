"""Two ways to a simulated Asterisk: an in-memory pair, and TCP.

The in-memory transport behaves as asyncio's socket transport does towards its protocol
(``connection_made``, ``data_received``, ``eof_received``, ``connection_lost``, each from the
loop, never from within a call) and can be cut, stalled or made to lose bytes. It carries bytes
without a delay of its own: the delays are Asterisk's. It works on any loop; on an autojump
loop it is repeatable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from acd.sim.session import Session

if TYPE_CHECKING:
    from acd.sim.asterisk import SimulatedAsterisk

EOF_S = 0.000_1


class MemoryTransport(asyncio.Transport):
    """The client's end of an in-memory link; ``session`` is the server's."""

    def __init__(self, sim: SimulatedAsterisk, protocol: asyncio.Protocol) -> None:
        super().__init__({"peername": ("simulated", 5038), "sockname": ("simulated", 0)})
        self._loop = asyncio.get_running_loop()
        self._protocol = protocol
        self._closing = self._lost = False
        self._paused = self.stalled = False
        self._held_in: list[bytes] = []
        self._held_out: list[bytes] = []
        self._coming: list[bytes] = []
        self.drop_bytes = 0
        """So many of the next bytes to the client never arrive."""
        self._sim = sim
        self._loop.call_soon(protocol.connection_made, self)
        self.session = Session(sim, self)
        sim.links.append(self)

    # ── the client's side: asyncio.Transport ─────────────────────────────────────────────────

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send to Asterisk."""
        if not self._closing:
            if self.stalled:
                self._held_out.append(bytes(data))
            else:
                self._loop.call_soon(self._to_server, bytes(data))

    def is_closing(self) -> bool:
        """Whether ``close`` or ``abort`` was called, or the link is lost."""
        return self._closing

    def close(self) -> None:
        """Close after what was written has left."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._end, None)

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self._loop.call_soon(self._end, None)

    def can_write_eof(self) -> bool:
        """No half-closed links here."""
        return False

    def get_write_buffer_size(self) -> int:
        """Bytes a stalled link still holds."""
        return sum(map(len, self._held_out))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Accepted and ignored: memory does not push back."""

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who gets the bytes."""
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give the bytes to another protocol from now on."""
        self._protocol = cast("asyncio.Protocol", protocol)

    def is_reading(self) -> bool:
        """Whether bytes are delivered."""
        return not self._paused and not self._closing

    def pause_reading(self) -> None:
        """Hold what comes."""
        self._paused = True

    def resume_reading(self) -> None:
        """Deliver what was held."""
        self._paused = False
        self._release_in()

    # ── the server's side: session.Wire ──────────────────────────────────────────────────────

    def send(self, data: bytes) -> None:
        """Bytes of the session to the client."""
        if self.drop_bytes:
            dropped = min(self.drop_bytes, len(data))
            self.drop_bytes -= dropped
            data = data[dropped:]
        if data:
            if not self._coming:
                self._loop.call_soon(self._to_client)
            self._coming.append(data)

    def hang_up(self) -> None:
        """The server closes: the client reads what was sent, then EOF."""
        self._loop.call_later(EOF_S, self._eof)

    # ── faults ───────────────────────────────────────────────────────────────────────────────

    def cut(self, error: Exception | None = None) -> None:
        """The link breaks now: EOF for the client, or this error; what was under way is lost."""
        self._coming.clear()
        self._closing = True
        self._loop.call_soon(self._end, error)

    def stall(self) -> None:
        """Nothing passes in either direction, nobody is told."""
        self.stalled = True

    def unstall(self) -> None:
        """Whatever was held passes now."""
        self.stalled = False
        held, self._held_out = self._held_out, []
        for data in held:
            self._loop.call_soon(self._to_server, data)
        self._release_in()

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _to_server(self, data: bytes) -> None:
        if self._lost:
            return
        if self.stalled:
            self._held_out.append(data)
        else:
            self.session.feed(data)

    def _to_client(self) -> None:
        data, self._coming = b"".join(self._coming), []
        if self._lost or not data:
            return
        if self.stalled or self._paused:
            self._held_in.append(data)
        else:
            self._protocol.data_received(data)

    def _release_in(self) -> None:
        if not (self.stalled or self._paused):
            held, self._held_in = self._held_in, []
            if held:
                self._coming[:0] = held
                self._loop.call_soon(self._to_client)

    def _eof(self) -> None:
        if not self._lost:
            self._closing = True
            if self.stalled:
                return
            self._protocol.eof_received()
            self._end(None)

    def _end(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            self.session.lost()
            if self in self._sim.links:
                self._sim.links.remove(self)
            self._protocol.connection_lost(error)


class TcpServerProtocol(asyncio.Protocol):
    """The server's end of a TCP connection."""

    def __init__(self, sim: SimulatedAsterisk) -> None:
        self._sim = sim
        self._transport: asyncio.Transport | None = None
        self.session: Session | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connects; while Asterisk is down it is closed at once."""
        self._transport = cast("asyncio.Transport", transport)
        if self._sim.up:
            self.session = Session(self._sim, self)
            self._sim.links.append(self)
        else:
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Bytes of the client."""
        if self.session is not None:
            self.session.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """The client is gone."""
        if self.session is not None:
            self.session.lost()
        if self in self._sim.links:
            self._sim.links.remove(self)

    def send(self, data: bytes) -> None:
        """Bytes of the session to the client."""
        if self._transport is not None:
            self._transport.write(data)

    def hang_up(self) -> None:
        """Close after what was sent."""
        if self._transport is not None:
            self._transport.close()

    def cut(self, error: Exception | None = None) -> None:
        """Break the connection."""
        del error
        if self._transport is not None:
            self._transport.abort()


Link = MemoryTransport | TcpServerProtocol
ProtocolFactory = Callable[[], asyncio.Protocol]
