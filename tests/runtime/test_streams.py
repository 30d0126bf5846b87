"""What happens to an agent reaches whoever listens to that agent, and nobody else."""

from __future__ import annotations

import asyncio

from acd.core.facts import DeadlineReached
from acd.core.ids import AgentId, SiteId
from acd.core.notes import AgentMoved, AgentState
from acd.core.views import AgentEventKind, AgentView
from acd.runtime.streams import HELD_MAX, AgentStreams

ANNA, BRUNO = AgentId("a0001"), AgentId("a0002")


class Still:
    """A clock that stands."""

    def now_ms(self) -> int:
        return 7


class Stage:
    """Two agents whose state a test sets."""

    def __init__(self) -> None:
        self.states = {ANNA: AgentState.LOGGED_OUT, BRUNO: AgentState.LOGGED_OUT}
        self.streams = AgentStreams(Still(), self.view)

    def view(self, agent: AgentId) -> AgentView | None:
        state = self.states.get(agent)
        if state is None:
            return None
        return AgentView(id=agent, site=SiteId("roma"), state=state, since_ms=0, reason="", until_ms=0)

    def move(self, agent: AgentId, after: AgentState) -> None:
        before, self.states[agent] = self.states[agent], after
        note = AgentMoved(agent=agent, site=SiteId("roma"), before=before, after=after)
        self.streams.observe(DeadlineReached(), (), (note,), 0.0)


async def test_the_first_event_is_how_the_agent_stands_now():
    """A desktop that connects in the middle of the day shows the truth at once."""
    stage = Stage()
    stage.states[ANNA] = AgentState.PAUSED
    event = await stage.streams.listen(ANNA).next()
    assert (event.kind, event.agent.state, event.at_ms) == (AgentEventKind.STATE, AgentState.PAUSED, 7)


async def test_ring_talk_and_wrap_up_have_their_own_events_and_a_reservation_none():
    """What the desktop shows follows the phone, not our own bookkeeping."""
    stage = Stage()
    stream = stage.streams.listen(ANNA)
    for state in (
        AgentState.READY,
        AgentState.RESERVED,
        AgentState.RINGING,
        AgentState.TALKING,
        AgentState.WRAP_UP,
    ):
        stage.move(ANNA, state)
    kinds = [(await stream.next()).kind for _ in range(5)]
    assert kinds[1:] == [
        AgentEventKind.STATE,
        AgentEventKind.OFFERED,
        AgentEventKind.TALKING,
        AgentEventKind.WRAP_UP,
    ]


async def test_nobody_hears_of_somebody_else():
    """A stream is one agent's."""
    stage = Stage()
    stream = stage.streams.listen(ANNA)
    await stream.next()
    stage.move(BRUNO, AgentState.READY)
    waiting = asyncio.ensure_future(stream.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_a_slow_reader_misses_the_older_never_the_last():
    """Nothing is held up and nothing grows; the end of what is read is the present state."""
    stage = Stage()
    stream = stage.streams.listen(ANNA)
    for _ in range(20):
        stage.move(ANNA, AgentState.READY)
        stage.move(ANNA, AgentState.PAUSED)
    states = [(await stream.next()).agent.state for _ in range(HELD_MAX)]
    assert states[-1] is AgentState.PAUSED


async def test_a_closed_stream_is_forgotten():
    """Closing twice is once; what happens afterwards costs nothing."""
    stage = Stage()
    first, second = stage.streams.listen(ANNA), stage.streams.listen(ANNA)
    first.close()
    first.close()
    stage.move(ANNA, AgentState.READY)
    await second.next()
    assert (await second.next()).agent.state is AgentState.READY
    second.close()
    assert not stage.streams._streams
