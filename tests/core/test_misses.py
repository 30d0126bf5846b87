"""Ring-no-answer and its kin: the caller keeps the place, the agent is given a rest."""

from __future__ import annotations

import pytest

from acd.core.calls import CallState
from acd.core.facts import OfferEnd
from acd.core.notes import AgentState, OfferClosed
from acd.core.orders import SetNetMember
from acd.core.policy import Timings
from tests.core.builders import Centre, queue

MISSES = [OfferEnd.NO_ANSWER, OfferEnd.BUSY, OfferEnd.DECLINED]


@pytest.mark.parametrize("end", MISSES)
def test_a_missed_call_goes_to_another_agent(end: OfferEnd) -> None:
    """The call goes on to the next agent at once, not to the one who missed it."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.rings("c1")
    centre.ends_offer("c1", end)
    assert centre.rung() == [("c1", "anna"), ("c1", "bruno")]
    assert centre.agent_state("anna") is AgentState.READY
    assert [note.missed for note in centre.noted(OfferClosed)] == [True]


def test_a_missed_call_returns_to_the_head_with_its_age() -> None:
    """Ring-no-answer takes nothing from the caller: the next free agent gets this call first."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("busy-bruno")  # rings anna
    centre.rings("busy-bruno")
    centre.enters("missed")  # rings bruno
    centre.rings("missed")
    centre.enters("younger")
    centre.later(15_000)
    centre.ends_offer("missed", OfferEnd.NO_ANSWER)
    assert centre.offered("younger") == "bruno", "bruno is free, and the missed call is not for him"
    assert centre.state("missed") is CallState.WAITING
    centre.hangs_up("busy-bruno")
    assert centre.offered("missed") == "anna"


def test_not_again_expires() -> None:
    """After ``not_again_ms`` the call may ring the agent who missed it, without any other news."""
    centre = Centre(agents=["anna"], timings=Timings(not_again_ms=30_000))
    centre.enters("c1")
    centre.rings("c1")
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    centre.later(29_999)
    assert centre.offered("c1") is None
    centre.later(1)
    assert centre.offered("c1") == "anna"


def test_too_many_misses_pause_the_agent_with_a_reason() -> None:
    """After ``misses_max`` misses in a row the agent is paused, here and in the safety net."""
    centre = Centre(agents=["anna"], timings=Timings(misses_max=2, not_again_ms=1_000))
    for call in ("c1", "c2"):
        centre.enters(call)
        centre.rings(call)
        centre.ends_offer(call, OfferEnd.NO_ANSWER)
    assert centre.agent_state("anna") is AgentState.PAUSED
    assert centre.person("anna").reason == "mancate"
    assert centre.ordered(SetNetMember)[-1].paused


def test_a_talk_forgives_the_misses() -> None:
    """Only misses in a row count."""
    centre = Centre(agents=["anna"], timings=Timings(misses_max=2))
    centre.enters("c1")
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    centre.enters("c2")
    centre.talks("c2")
    centre.agent_hangs_up("c2")
    assert centre.person("anna").misses == 0


def test_ready_after_a_pause_forgives_the_misses() -> None:
    """Who comes back from the pause starts anew."""
    centre = Centre(agents=["anna"], timings=Timings(misses_max=1))
    centre.enters("c1")
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    centre.readies("anna")
    assert centre.person("anna").misses == 0
    assert centre.agent_state("anna") is AgentState.READY


def test_a_call_dropped_at_once_returns_to_the_head() -> None:
    """An agent who answers and drops the call has missed it; the caller keeps the place."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.talks("c1")
    centre.ends_offer("c1", OfferEnd.DROPPED, talk_ms=300)
    assert centre.offered("c1") == "bruno"
    assert centre.person("anna").misses == 1
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_the_leg_that_ends_before_the_drop_is_told_changes_nothing() -> None:
    """The leg's end comes first on a real Asterisk; the miss is counted all the same."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.talks("c1")
    centre.leg_ends("c1")
    centre.ends_offer("c1", OfferEnd.DROPPED, talk_ms=300)
    assert (centre.offered("c1"), centre.person("anna").misses) == ("bruno", 1)


@pytest.mark.parametrize("end", [OfferEnd.FAILED, OfferEnd.REFUSED, OfferEnd.UNREACHABLE, OfferEnd.WITHDRAWN])
def test_what_is_not_the_agents_doing_is_no_miss(end: OfferEnd) -> None:
    """Network failures, refused orders, absent phones and our own withdrawals count against nobody."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.ends_offer("c1", end)
    assert centre.person("anna").misses == 0


def test_drops_pause_even_an_agent_without_wrap_up() -> None:
    """Without wrap-up the agent would be ready at once: the count comes before the next call.

    Found by reading: the last miss was counted after the next offer was made.
    """
    centre = Centre((queue(wrap_up_ms=0),), agents=["anna"], timings=Timings(misses_max=1))
    centre.enters("c1")
    centre.enters("c2")
    centre.talks("c1")
    centre.ends_offer("c1", OfferEnd.DROPPED)
    assert centre.agent_state("anna") is AgentState.PAUSED
    assert centre.offered("c2") is None
