"""Phones: one that is not there, one that is in use, and how both come back."""

from __future__ import annotations

import pytest

from acd.core.facts import DeviceState, OfferEnd
from acd.core.notes import AgentState
from acd.core.orders import WithdrawOffer
from tests.core.builders import Centre


def ghost(centre: Centre) -> None:
    """Anna's phone does not ring within the ghost limit."""
    centre.enters("c1")
    centre.begins("c1")
    centre.later(4_000)


def test_a_phone_that_never_rings_is_unreachable() -> None:
    """No 180 within 4 s: withdrawn, the agent unreachable without a miss, the call to the next agent."""
    centre = Centre(agents=["anna", "bruno"])
    ghost(centre)
    assert len(centre.ordered(WithdrawOffer)) == 1
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.agent_state("anna") is AgentState.UNREACHABLE
    assert centre.person("anna").misses == 0
    assert centre.offered("c1") == "bruno"


def test_a_phone_that_rings_in_time_is_left_alone() -> None:
    """With a 180 the ring time is the limit, not the ghost's."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.later(19_000)
    assert not centre.ordered(WithdrawOffer)


def test_a_phone_that_fails_at_once_is_unreachable() -> None:
    """Not registered or unknown: unreachable, no miss."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.ends_offer("c1", OfferEnd.UNREACHABLE)
    assert centre.agent_state("anna") is AgentState.UNREACHABLE
    assert centre.person("anna").misses == 0


def test_it_is_tried_again_by_the_clock() -> None:
    """Without any news the agent is ready again after a while."""
    centre = Centre(agents=["anna"])
    ghost(centre)
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    centre.hangs_up("c1")
    centre.later(60_000)
    assert centre.agent_state("anna") is AgentState.READY


def test_it_is_back_when_the_phone_is_seen() -> None:
    """A phone that registers again makes its agent ready at once, and rings for who waits."""
    centre = Centre(agents=["anna"])
    centre.phone("anna", DeviceState.UNAVAILABLE)
    assert centre.agent_state("anna") is AgentState.UNREACHABLE
    centre.enters("c1")
    centre.phone("anna", DeviceState.IDLE)
    assert centre.offered("c1") == "anna"


def test_a_phone_known_to_be_gone_is_not_retried() -> None:
    """While Asterisk says it is not registered there is nothing to try; it will say when it is back."""
    centre = Centre(agents=["anna"])
    centre.phone("anna", DeviceState.UNAVAILABLE)
    centre.later(600_000)
    assert centre.agent_state("anna") is AgentState.UNREACHABLE


def test_the_agent_knows_better() -> None:
    """Ready, said by the agent, ends unreachable at once."""
    centre = Centre(agents=["anna"])
    centre.phone("anna", DeviceState.UNAVAILABLE)
    centre.readies("anna")
    assert centre.agent_state("anna") is AgentState.READY


def test_a_private_call_is_a_veto_until_it_ends() -> None:
    """A phone in use gets no call; the moment it is free it does."""
    centre = Centre(agents=["anna"])
    centre.phone("anna", DeviceState.BUSY)
    centre.enters("c1")
    assert centre.offered("c1") is None
    centre.phone("anna", DeviceState.IDLE)
    assert centre.offered("c1") == "anna"


def test_our_own_ring_is_no_veto() -> None:
    """The phone is busy with our own offer: that says nothing once it is over."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.phone("anna", DeviceState.BUSY)
    centre.hangs_up("c1")
    centre.enters("c2")
    assert centre.offered("c2") == "anna"


@pytest.mark.parametrize("while_", ["ringing", "wrap_up"])
def test_a_phone_lost_while_held_makes_the_agent_unreachable_after(while_: str) -> None:
    """The agent is freed into unreachable, not into a ready that nobody would ever ring.

    Found by reading: the agent stood there as ready, without a deadline, for as long as it took.
    """
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    if while_ == "wrap_up":
        centre.talks("c1")
        centre.agent_hangs_up("c1")
    centre.phone("anna", DeviceState.UNAVAILABLE)
    if while_ == "ringing":
        centre.hangs_up("c1")
    else:
        centre.later(10_000)
    assert centre.agent_state("anna") is AgentState.UNREACHABLE


def test_logging_in_with_a_phone_that_is_gone() -> None:
    """The login is granted; the agent is unreachable until the phone is there."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.phone("anna", DeviceState.UNAVAILABLE)
    centre.logs_in("anna")
    assert centre.agent_state("anna") is AgentState.UNREACHABLE


def test_a_pause_asked_during_a_ghost_ring_comes_true() -> None:
    """The phone is gone and the agent had asked for a pause: paused, not tried again."""
    centre = Centre(agents=["anna"])
    ghost(centre)
    centre.pauses("anna")
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.agent_state("anna") is AgentState.PAUSED
    assert centre.offered("c1") is None
