"""Where music plays or somebody is held, the clock alone leads out: not one fact after the last.

The tables promise the exit (``test_tables.py``); here every such state is entered for real and then
nothing but ``DeadlineReached`` is told.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acd.core.calls import CallState
from acd.core.facts import NodeLost, NodeResynced, OfferEnd
from acd.core.notes import AgentState
from acd.core.offers import OfferState
from acd.core.orders import LookAgain, Order, SendToNet, WithdrawOffer
from tests.core.builders import NODE, Centre, queue, seen

SILENCE_MS = 120_000


def ringing(centre: Centre) -> None:
    centre.rings("c1")


def withdrawing(centre: Centre) -> None:
    centre.rings("c1")
    centre.pauses("anna")


@pytest.mark.parametrize(
    ("enter", "state", "way_out"),
    [
        (lambda _: None, OfferState.ORDERED, LookAgain),
        (lambda centre: centre.begins("c1"), OfferState.DIALLING, WithdrawOffer),
        (ringing, OfferState.RINGING, LookAgain),
        (withdrawing, OfferState.WITHDRAWING, LookAgain),
    ],
    ids=["ordered", "dialling", "ringing", "withdrawing"],
)
def test_an_offer_leads_out(
    enter: Callable[[Centre], object], state: OfferState, way_out: type[Order]
) -> None:
    """Each state of an open offer acts by itself within its bound, and again until it is over."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    enter(centre)
    offer = centre.call("c1").offer
    assert offer is not None
    assert offer.state is state
    before = len(centre.ordered(way_out))
    centre.later(SILENCE_MS)
    assert len(centre.ordered(way_out)) > before


def test_a_waiting_call_leads_out() -> None:
    """Nobody there, no news: the net is asked to take the caller."""
    centre = Centre((queue(wait_ms_max=60_000),))
    centre.enters("c1")
    centre.later(SILENCE_MS)
    assert centre.ordered(SendToNet)


@pytest.mark.parametrize("stage", ["wrap-up", "unreachable"])
def test_an_agent_leads_out(stage: str) -> None:
    """Wrap-up and unreachable end by themselves."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    if stage == "wrap-up":
        centre.talks("c1")
        centre.agent_hangs_up("c1")
    else:
        centre.ends_offer("c1", OfferEnd.UNREACHABLE)
        centre.hangs_up("c1")
    assert centre.agent_state("anna") is not AgentState.READY
    centre.later(SILENCE_MS)
    assert centre.agent_state("anna") is AgentState.READY


@pytest.mark.parametrize(
    "state", [CallState.LEAVING, CallState.TRANSFERRED, CallState.IN_NET, CallState.TALKING]
)
def test_a_call_that_is_asterisks_business_is_looked_at(state: CallState) -> None:
    """Should the news of its end be lost it is found out: nobody is counted in progress for ever."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    attempt = centre.attempt("c1")
    match state:
        case CallState.LEAVING:
            centre.ends_offer("c1", OfferEnd.TALKED, attempt=attempt)
        case CallState.TRANSFERRED:
            centre.transferred("c1")
        case CallState.IN_NET:
            centre.net_takes("c1")
    assert centre.state("c1") is state
    centre.later(2_000 if state is CallState.LEAVING else 14_400_000)
    assert [order.call for order in centre.ordered(LookAgain)] == ["c1"]
    centre.looked_at("c1", None)
    assert centre.state("c1") is None


def test_a_call_that_keeps_leaving_is_looked_at_again_soon() -> None:
    """The first answer was lost: the next look comes as soon as the first.

    Found by reading: it came four hours later.
    """
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.ends_offer("c1", OfferEnd.TALKED)
    centre.later(10_000)
    assert len(centre.ordered(LookAgain)) == 5


def test_a_lost_node_keeps_nobody_for_ever() -> None:
    """Even without a link the deadlines are kept, so that the first moment after it acts."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.tell(NodeLost(node=NODE))
    centre.later(60_000)
    assert not centre.ordered(LookAgain), "nothing can be asked there now"
    centre.tell(NodeResynced(node=NODE, calls=(seen("c1"),)))
    centre.settle()
    assert centre.agent_state("anna") is AgentState.READY, "the order ran out long ago"
    centre.later(3_000)
    assert centre.offered("c1") == "anna"
