"""After the talk: wrap-up per queue, more of it on request, never beyond the cap."""

from __future__ import annotations

from acd.core.facts import WrapUpExtended
from acd.core.ids import AgentId
from acd.core.notes import AgentState
from tests.core.builders import Centre, agent, queue


def after_a_talk(**timing: int) -> Centre:
    """Anna has just ended a talk in a queue with these times."""
    centre = Centre((queue(**timing),), agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.agent_hangs_up("c1")
    return centre


def test_wrap_up_lasts_as_long_as_the_queue_says() -> None:
    """To the millisecond, and the next caller rings the moment it is over."""
    centre = after_a_talk(wrap_up_ms=10_000)
    centre.enters("c2")
    centre.later(9_998)
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(1)
    assert centre.offered("c2") == "anna"


def test_each_queue_has_its_own() -> None:
    """Wrap-up is that of the queue whose call was answered."""
    queues = (queue("generale", wrap_up_ms=5_000), queue("pensioni", wrap_up_ms=60_000))
    centre = Centre(queues, agents=[agent("anna", generale=1, pensioni=1)])
    centre.enters("c1", "pensioni")
    centre.talks("c1")
    centre.agent_hangs_up("c1")
    centre.later(59_999)
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(1)
    assert centre.agent_state("anna") is AgentState.READY


def test_a_queue_without_wrap_up_makes_ready_at_once() -> None:
    """Zero is zero: the next caller rings with the end of the leg."""
    centre = Centre((queue(wrap_up_ms=0),), agents=["anna"])
    centre.enters("c1")
    centre.enters("c2")
    centre.talks("c1")
    centre.leg_ends("c1")
    assert centre.offered("c2") == "anna"


def test_it_can_be_extended_up_to_the_cap() -> None:
    """Each request adds a step; at the cap the next one is refused with what to do instead."""
    centre = after_a_talk(wrap_up_ms=10_000, wrap_up_extend_ms=10_000, wrap_up_ms_max=25_000)
    more = WrapUpExtended(agent=AgentId("anna"))
    assert centre.tell(more).refused is None
    assert centre.tell(more).refused is None
    assert "pause instead" in (centre.tell(more).refused or "")
    centre.later(24_999)
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(1)
    assert centre.agent_state("anna") is AgentState.READY


def test_ready_ends_it_early() -> None:
    """The agent may be done sooner."""
    centre = after_a_talk(wrap_up_ms=10_000)
    centre.readies("anna")
    assert centre.agent_state("anna") is AgentState.READY


def test_pause_and_logout_end_it() -> None:
    """Neither waits for the end of the wrap-up, and its deadline is forgotten."""
    for ask, after in ((Centre.pauses, AgentState.PAUSED), (Centre.logs_out, AgentState.LOGGED_OUT)):
        centre = after_a_talk(wrap_up_ms=10_000)
        ask(centre, "anna")
        centre.later(60_000)
        assert centre.agent_state("anna") is after


def test_the_callers_end_begins_it_too() -> None:
    """Whoever hangs up first, wrap-up begins with the end of the talk, once."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(10_000)
    assert centre.agent_state("anna") is AgentState.READY
