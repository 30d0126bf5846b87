"""One call, end to end, on a real Asterisk."""

from __future__ import annotations

import pytest

from acd.core.notes import AgentState
from asterisk_lab import Lab
from asterisk_lab.phones import Sipp
from tests.real.floor import Floor

pytestmark = pytest.mark.real


async def test_a_caller_reaches_the_agent_and_hangs_up(floor: Floor, lab: Lab) -> None:
    """The caller waits, the agent's phone rings, they talk, the caller leaves, wrap-up begins."""
    with Sipp.agent(lab, "answer", port=6001, ring_ms=200):
        await floor.login("a0001")
        with Sipp.callers(lab, stay_ms=1_500):
            await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks")
            await floor.until(lambda: floor.state("a0001") is AgentState.WRAP_UP, "a0001 is in wrap-up")
            await floor.settled()
    assert floor.outcomes() == ["answered"]
    assert floor.ends() == ["talked"]
