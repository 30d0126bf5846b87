"""Each agent's own day: how long in which state since local midnight, for that agent alone.

In memory only and gone with the process: a history of a person's states is what the law forbids
(docs/architecture.md, privacy). Nobody but the agent can ask for it; no sum over people is taken
from it. Costs one dictionary entry per agent and one addition per change of state.
"""

from __future__ import annotations

from collections.abc import Sequence

from acd.core.facts import Fact, RosterChanged
from acd.core.ids import AgentId
from acd.core.notes import AgentMoved, AgentState, Note
from acd.core.orders import Order
from acd.core.views import OwnTimes
from acd.figures.days import midnight_before
from acd.runtime.ports import Clock

__all__ = ["OwnDays"]


class _Day:
    """One agent since midnight."""

    __slots__ = ("began_ms", "since_ms", "spent_ms", "state", "talks")

    def __init__(self, began_ms: int) -> None:
        self.began_ms = began_ms
        self.state = AgentState.LOGGED_OUT
        self.since_ms = began_ms
        self.spent_ms: dict[AgentState, int] = {}
        self.talks = 0

    def turn(self, midnight_ms: int) -> None:
        """Begin anew if the day has changed; the present state goes on from midnight."""
        if self.began_ms < midnight_ms:
            self.began_ms, self.spent_ms, self.talks = midnight_ms, {}, 0
            self.since_ms = max(self.since_ms, midnight_ms)

    def move(self, state: AgentState, now_ms: int) -> None:
        """Book the state that ends and begin the next."""
        self.spent_ms[self.state] = self.spent_ms.get(self.state, 0) + max(0, now_ms - self.since_ms)
        self.state, self.since_ms = state, now_ms
        self.talks += state is AgentState.TALKING


class OwnDays:
    """Hears each change of state (the ``Observer`` port) and tells an agent their own day."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_ms = clock.now_ms()
        self._midnight_ms = midnight_before(self._began_ms)
        self._midnight_until_ms = 0
        self._days: dict[AgentId, _Day] = {}

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:  # noqa: ARG002  # the port's signature
        """Book what has changed; forget who has left: the next of this name is somebody else."""
        if isinstance(fact, RosterChanged):
            for agent in fact.removed:
                self._days.pop(agent, None)
        for note in notes:
            if isinstance(note, AgentMoved):
                now_ms = self._clock.now_ms()
                self._day(note.agent, now_ms).move(note.after, now_ms)

    def loop_lag(self, seconds: float) -> None:
        """Nothing to book (the port's other half)."""

    def of(self, agent: AgentId) -> OwnTimes:
        """The agent's day up to now."""
        now_ms = self._clock.now_ms()
        day = self._day(agent, now_ms)
        spent = dict(day.spent_ms)
        spent[day.state] = spent.get(day.state, 0) + max(0, now_ms - day.since_ms)
        return OwnTimes(since_ms=day.began_ms, spent_ms=spent, talks=day.talks)

    def _day(self, agent: AgentId, now_ms: int) -> _Day:
        if now_ms >= self._midnight_until_ms:
            self._midnight_ms = midnight_before(now_ms)
            self._midnight_until_ms = self._midnight_ms + 3_600_000 * (
                1 + (now_ms - self._midnight_ms) // 3_600_000
            )
        day = self._days.get(agent)
        if day is None:
            day = self._days[agent] = _Day(max(self._began_ms, self._midnight_ms))
        day.turn(self._midnight_ms)
        return day
