"""What happens to one agent, as it happens: for the desktop that shows the caller's topic.

A stream keeps the last few events for its reader. One who reads slowly misses the older ones, never
the last, and holds nobody up: pushing is an append.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from acd.core.facts import Fact
from acd.core.ids import AgentId
from acd.core.notes import AgentMoved, AgentState, Note
from acd.core.orders import Order
from acd.core.views import AgentEvent, AgentEventKind, AgentView
from acd.runtime.ports import Clock

__all__ = ["AgentStreams", "Stream"]

HELD_MAX: Final = 8
"""Events a stream keeps for a reader who is slow."""

KINDS: Final = {
    AgentState.RINGING: AgentEventKind.OFFERED,
    AgentState.TALKING: AgentEventKind.TALKING,
    AgentState.WRAP_UP: AgentEventKind.WRAP_UP,
}
"""States with an event of their own; all others are ``state``."""


class Stream:
    """One reader; made by ``AgentStreams.listen``."""

    def __init__(self, leave: Callable[[Stream], None]) -> None:
        self._events: deque[AgentEvent] = deque(maxlen=HELD_MAX)
        self._filled = asyncio.Event()
        self._leave = leave

    def push(self, event: AgentEvent) -> None:
        """Hand one event to the reader."""
        self._events.append(event)
        self._filled.set()

    async def next(self) -> AgentEvent:
        """The oldest event not read yet; waits for one."""
        while not self._events:
            self._filled.clear()
            await self._filled.wait()
        return self._events.popleft()

    def close(self) -> None:
        """Nobody reads any more."""
        self._leave(self)


class AgentStreams:
    """Hears each change of state (the ``Observer`` port) and hands it to who listens to that agent."""

    def __init__(self, clock: Clock, picture: Callable[[AgentId], AgentView | None]) -> None:
        self._clock = clock
        self._picture = picture
        self._streams: dict[AgentId, list[Stream]] = {}

    def listen(self, agent: AgentId) -> Stream:
        """The changes of this agent from now on; the first event is how the agent stands now."""

        def leave(stream: Stream) -> None:
            readers = self._streams.get(agent, [])
            if stream in readers:
                readers.remove(stream)
            if not readers:
                self._streams.pop(agent, None)

        stream = Stream(leave)
        self._streams.setdefault(agent, []).append(stream)
        view = self._picture(agent)
        if view is not None:
            stream.push(self._event(view))
        return stream

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:  # noqa: ARG002  # the port's signature
        """Tell whoever listens what has changed, once per agent and fact."""
        if not self._streams:
            return
        moved = {note.agent: None for note in notes if isinstance(note, AgentMoved)}
        for agent in moved:
            readers = self._streams.get(agent)
            view = self._picture(agent) if readers else None
            if readers and view is not None and view.state is not AgentState.RESERVED:
                event = self._event(view)
                for stream in readers:
                    stream.push(event)

    def loop_lag(self, seconds: float) -> None:
        """Nothing to tell (the port's other half)."""

    def _event(self, view: AgentView) -> AgentEvent:
        kind = KINDS.get(view.state, AgentEventKind.STATE)
        return AgentEvent(kind=kind, at_ms=self._clock.now_ms(), agent=view)
