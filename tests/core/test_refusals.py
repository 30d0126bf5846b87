"""A dialplan that refuses is not hammered: a call rests after a few refusals in a row, by the clock."""

from __future__ import annotations

import pytest

from acd.core.calls import CallState
from acd.core.facts import CallLookedAt, NodeLost, NodeResynced, OfferEnd
from acd.core.ids import CallId
from acd.core.orders import OfferCall, SendToNet
from tests.core.builders import NODE, Centre, queue, seen

MANY = [f"a{number}" for number in range(50)]


def refuses(centre: Centre, call: str, end: OfferEnd = OfferEnd.REFUSED) -> None:
    """Every order of this call is refused the moment it comes."""
    while centre.offered(call) is not None:
        centre.ends_offer(call, end)


@pytest.mark.parametrize("end", [OfferEnd.REFUSED, OfferEnd.FAILED])
def test_three_refusals_and_a_pause(end: OfferEnd) -> None:
    """Fifty idle agents and a broken dialplan: three orders, not fifty, and three more after the pause.

    Found by reading: the call ran through all agents at the speed of the network.
    """
    centre = Centre(agents=MANY)
    centre.enters("c1")
    refuses(centre, "c1", end)
    assert len(centre.ordered(OfferCall)) == 3
    centre.later(1_999)
    assert len(centre.ordered(OfferCall)) == 3
    centre.later(1)
    refuses(centre, "c1", end)
    assert len(centre.ordered(OfferCall)) == 6


def test_an_order_that_cannot_be_written_is_a_refusal() -> None:
    """The channel refuses the variable: the same pause."""
    centre = Centre(agents=MANY)
    centre.enters("c1")
    for _ in range(3):
        centre.order_fails("c1", unknown=False)
    assert centre.offered("c1") is None
    centre.tell(CallLookedAt(call=CallId("c1"), seen=seen("c1", entered_ms=centre.now_ms)))
    assert centre.offered("c1") is None, "a look does not end the pause"
    centre.later(2_000)
    assert centre.offered("c1") is not None


def test_a_ring_between_them_counts_anew() -> None:
    """Only refusals in a row say that something is wrong with the dialplan."""
    centre = Centre(agents=MANY)
    centre.enters("c1")
    for end in (OfferEnd.REFUSED, OfferEnd.REFUSED, OfferEnd.NO_ANSWER, OfferEnd.REFUSED, OfferEnd.REFUSED):
        centre.ends_offer("c1", end)
    assert centre.offered("c1") is not None


def test_others_do_not_wait_for_one_who_rests() -> None:
    """The line goes on: a free agent gets the next call."""
    centre = Centre(agents=MANY)
    centre.enters("c1")
    refuses(centre, "c1")
    centre.enters("c2")
    assert centre.offered("c2") is not None
    assert centre.state("c1") is CallState.WAITING


def test_a_resting_call_still_has_its_maximum_wait() -> None:
    """Whatever the dialplan refuses, the net is asked when the time is over."""
    centre = Centre((queue(wait_ms_max=1_000),), agents=MANY)
    centre.enters("c1")
    refuses(centre, "c1")
    centre.later(1_500)
    assert centre.ordered(SendToNet)


def test_a_hang_up_during_the_rest_leaves_nothing() -> None:
    """Not a deadline either."""
    centre = Centre(agents=MANY)
    centre.enters("c1")
    refuses(centre, "c1")
    centre.hangs_up("c1")
    assert not len(centre.world.deadlines)


def test_a_lost_link_during_the_rest() -> None:
    """Back from the lost link the call is served, rest or no rest."""
    centre = Centre(agents=MANY)
    centre.enters("c1")
    refuses(centre, "c1")
    centre.tell(NodeLost(node=NODE))
    centre.later(60_000)
    centre.tell(NodeResynced(node=NODE, calls=(seen("c1"),)))
    centre.settle()
    assert centre.offered("c1") is not None
