"""The pump: one inbox, one consumer, one timer.

Adapters put facts in; in the next turn of the loop the pump takes them in order, hands each to the
engine, sends the orders to their nodes and the notes to the observers. Decide, then act: the engine
awaits nothing, and an order is begun before the next fact is looked at.

A burst is cut: after ``TURN_MS_MAX`` the pump gives the loop back and goes on in its next turn.

**After a standstill nothing is believed.** A process that was stopped (SIGSTOP, a frozen machine, a
blocked loop) wakes to deadlines that are long over and to news it has not read. To act on the first
before the second would pull people out of talks. So the pump notes when it last breathed; after a gap
of ``STANDSTILL_MS`` it first declares every node lost (nothing is offered or withdrawn there any
more), asks each for a resync, and reports itself unhealthy until they have come, so that the
lease is not renewed on a stale picture either.

An exception out of the engine is a defect of ours and ends the process: Asterisk keeps the calls,
the dialplan the safety net, and a restart resyncs from the channels.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from time import perf_counter
from typing import Final

import structlog

from acd.core.engine import Engine
from acd.core.facts import DeadlineReached, Fact, NodeLost, NodeResynced
from acd.core.ids import NodeId
from acd.core.orders import Order, Resync, SetNetMember
from acd.runtime.ports import Clock, Node, Observer

__all__ = ["Pump"]

TURN_MS_MAX: Final = 5.0
"""So long may one turn handle facts before the loop gets its turn."""

BREATH_S: Final = 0.25
"""How often the pump notes that it is alive; also the resolution of the measured loop lag."""

STANDSTILL_MS: Final = 2_000
"""A gap between two breaths longer than this: the process stood still."""

INBOX_AGE_MS_MAX: Final = 1_000
"""A fact older than this in the inbox: the engine does not keep up."""

log = structlog.get_logger(__name__)


class Pump:
    """Feeds the engine and carries its orders out. Implements ``acd.runtime.ports.Inbox``."""

    def __init__(self, engine: Engine, clock: Clock, observers: Sequence[Observer] = ()) -> None:
        self.engine = engine
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Set with the exception when the engine has failed; the process must end."""
        self.standstills = 0
        self._clock = clock
        self._observers = tuple(observers)
        self._nodes: dict[NodeId, Node] = {}
        self._stale: dict[NodeId, None] = {}
        """Nodes whose picture is out of date since a standstill."""
        self._loop = asyncio.get_running_loop()
        self._inbox: deque[tuple[Fact, int, asyncio.Future[str | None] | None]] = deque()
        self._scheduled = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due_ms = 0
        self._breath_ms = clock.now_ms()
        self._lag_ms = 0

    def attach(self, node: Node) -> None:
        """Let orders for this node's calls go to it."""
        self._nodes[node.id] = node

    def observe_with(self, observer: Observer) -> None:
        """Let one more observer hear each fact from now on."""
        self._observers = (*self._observers, observer)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All attached nodes, in order."""
        return tuple(self._nodes.values())

    # ── in ───────────────────────────────────────────────────────────────────────────────────

    def put(self, fact: Fact) -> None:
        """Take one fact, in order (the ``Inbox`` port)."""
        self._inbox.append((fact, self._clock.now_ms(), None))
        self._schedule()

    async def submit(self, fact: Fact) -> str | None:
        """Let the engine handle one fact; returns when it has, with its reason if it refused."""
        done: asyncio.Future[str | None] = self._loop.create_future()
        self._inbox.append((fact, self._clock.now_ms(), done))
        self._schedule()
        return await done

    def health(self) -> str | None:
        """None while the engine keeps up; else why the lease must not be renewed."""
        if self.failed.done():
            return "the engine has failed"
        if self._stale:
            return f"the process stood still; the picture of {', '.join(self._stale)} is being renewed"
        now_ms = self._clock.now_ms()
        if self._inbox and now_ms - self._inbox[0][1] > INBOX_AGE_MS_MAX:
            return f"the oldest fact has waited {now_ms - self._inbox[0][1]} ms in the inbox"
        if now_ms - self._breath_ms > STANDSTILL_MS:
            return f"the event loop has not breathed for {now_ms - self._breath_ms} ms"
        return None

    async def breathe(self) -> None:
        """Note that the loop turns, for ever; tells the observers how late each turn was."""
        due_s = self._loop.time() + BREATH_S
        while True:
            await asyncio.sleep(max(0.0, due_s - self._loop.time()))
            lag_s = max(0.0, self._loop.time() - due_s)
            self._notice_standstill()
            self._breath_ms = self._clock.now_ms()
            for observer in self._observers:
                observer.loop_lag(lag_s)
            due_s = self._loop.time() + BREATH_S

    # ── the turn ─────────────────────────────────────────────────────────────────────────────

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """Handle what is in the inbox, for at most one turn's time."""
        self._scheduled = False
        if self.failed.done():
            return
        self._notice_standstill()
        until_s = perf_counter() + TURN_MS_MAX / 1000
        try:
            while self._inbox:
                fact, _, done = self._inbox.popleft()
                refused = self._handle(fact)
                if done is not None and not done.done():
                    done.set_result(refused)
                if perf_counter() > until_s:
                    break
        except BaseException as error:
            log.critical("engine.failed", fact=type(fact).__name__, exc_info=error)
            self._fail(error)
            return
        if self._inbox:
            self._schedule()
        self._set_timer()

    def _handle(self, fact: Fact) -> str | None:
        began_s = perf_counter()
        outcome = self.engine.handle(fact, self._clock.now_ms())
        for order in outcome.orders:
            self._carry_out(order)
        if isinstance(fact, NodeResynced | NodeLost):
            self._stale.pop(fact.node, None)
        took_s = perf_counter() - began_s
        for observer in self._observers:
            observer.observe(fact, outcome.orders, outcome.notes, took_s)
        return outcome.refused

    def _carry_out(self, order: Order) -> None:
        if isinstance(order, SetNetMember):
            for node in self._nodes.values():
                node.carry_out(order)
            return
        node_of_call = self._nodes.get(order.node)
        if node_of_call is not None:
            node_of_call.carry_out(order)

    def _fail(self, error: BaseException) -> None:
        if not self.failed.done():
            self.failed.set_exception(error)
        for _, _, done in self._inbox:
            if done is not None and not done.done():
                done.cancel()

    # ── time ─────────────────────────────────────────────────────────────────────────────────

    def _set_timer(self) -> None:
        due_ms = self.engine.next_deadline()
        if self._timer is not None:
            if due_ms == self._timer_due_ms:
                return
            self._timer.cancel()
            self._timer = None
        if due_ms is not None:
            self._timer_due_ms = due_ms
            delay_s = max(0, due_ms - self._clock.now_ms()) / 1000
            self._timer = self._loop.call_later(delay_s, self._deadline)

    def _deadline(self) -> None:
        self._timer = None
        self.put(DeadlineReached())

    def _notice_standstill(self) -> None:
        """After a gap: believe nothing until each node has been looked at anew."""
        now_ms = self._clock.now_ms()
        gap_ms = now_ms - self._breath_ms
        self._breath_ms = now_ms
        if gap_ms <= STANDSTILL_MS:
            return
        self.standstills += 1
        log.error("engine.stood_still", gap_ms=gap_ms)
        for node in self._nodes.values():
            # Straight to the engine, ahead of everything that waits in the inbox; observers hear of it.
            self._handle(NodeLost(node=node.id))
            self._stale[node.id] = None
            node.carry_out(Resync(node=node.id, why=f"the process stood still for {gap_ms} ms"))
