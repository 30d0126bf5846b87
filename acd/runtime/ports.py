"""What the runtime asks of its surroundings. Adapters implement these; nothing here is Asterisk's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

from acd.core.facts import Fact
from acd.core.ids import NodeId
from acd.core.notes import Note
from acd.core.orders import Order


class Clock(Protocol):
    """Wall milliseconds that never go back."""

    def now_ms(self) -> int:
        """Now, in integer milliseconds since 1970."""


class Inbox(Protocol):
    """Where every adapter puts what it saw. Never blocks, never raises for a known fact."""

    def put(self, fact: Fact) -> None:
        """Take one fact, in order."""


class NodeState(StrEnum):
    """The link to one Asterisk, as ``readyz`` and ``acd status`` tell it."""

    CONNECTING = "connecting"
    SYNCING = "syncing"
    READY = "ready"
    REFUSED = "login refused"
    STOPPED = "stopped"


class Node(Protocol):
    """One Asterisk: carries out orders, reports facts to the inbox it was built with."""

    @property
    def id(self) -> NodeId:
        """Its name in the configuration."""

    @property
    def state(self) -> NodeState:
        """Where the link stands now."""

    @property
    def why_not(self) -> str:
        """Why it is not ready, as a sentence; empty while it is."""

    def carry_out(self, order: Order) -> None:
        """Begin to carry out one order; returns at once, never raises; the outcome comes as a fact."""

    async def run(self) -> None:
        """Keep the link alive until cancelled."""

    async def stop(self) -> None:
        """Say goodbye in order: extend the lease for a planned restart, then log off."""


class Observer(Protocol):
    """Hears each fact with what became of it: metrics, logs, the journal. Must be quick."""

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:
        """One fact was handled in ``took_s`` seconds."""

    def loop_lag(self, seconds: float) -> None:
        """The event loop came back this much late."""


Health = Callable[[], str | None]
"""None while the engine is healthy (loop lag, inbox age); else why not. The lease depends on it."""
