"""Provincial offices: lines that carry several calls, asked only after a while and only in order."""

from __future__ import annotations

import pytest

from acd.core.calls import CallState
from acd.core.facts import OfferEnd
from acd.core.notes import Outcome, Path
from acd.core.orders import OfferCall, TargetKind, WithdrawOffer
from acd.core.policy import Timings
from tests.core.builders import Centre, office, queue, to_offices


def centre_with(*offices, after_ms: int = 10_000, **more) -> Centre:
    """A queue that may go to these offices, in this order, after a while."""
    names = tuple(each.id for each in offices)
    return Centre((queue(ladder=to_offices(*names, after_ms=after_ms)),), offices=offices, **more)


def test_an_office_is_asked_only_after_its_time() -> None:
    """Until its step opens the call waits for an agent."""
    centre = centre_with(office("roma"), agents=["anna"])
    centre.pauses("anna")
    centre.enters("c1")
    centre.later(9_999)
    assert centre.offered("c1") is None
    centre.later(1)
    (order,) = centre.ordered(OfferCall)
    assert (order.kind, order.via, order.target) == (TargetKind.LINE, "trunk", office("roma").number)


def test_a_free_agent_comes_first() -> None:
    """An office is no target while an agent is."""
    centre = centre_with(office("roma"), after_ms=0, agents=["anna"])
    centre.enters("c1")
    assert centre.offered("c1") == "anna"


@pytest.mark.parametrize(
    ("province", "expected"), [("BA", "bari"), ("RM", "roma"), ("PA", "roma"), ("", "roma")]
)
def test_the_callers_own_province_first(province: str, expected: str) -> None:
    """Else the order of the step."""
    centre = centre_with(office("roma", "RM"), office("bari", "BA"), after_ms=0)
    centre.enters("c1", province=province)
    assert centre.offered("c1") == expected


def test_lines_carry_as_many_calls_as_they_can() -> None:
    """Two calls at once on two lines, the third waits, and has the line the moment one is free."""
    centre = centre_with(office("roma", capacity=2), after_ms=0)
    for call in ("c1", "c2", "c3"):
        centre.enters(call)
    assert [centre.offered(call) for call in ("c1", "c2", "c3")] == ["roma", "roma", None]
    centre.talks("c1")
    centre.leg_ends("c1")
    assert centre.offered("c3") == "roma"


def test_a_freed_line_takes_the_oldest() -> None:
    """Also here nobody is overtaken."""
    centre = centre_with(office("roma"), after_ms=0)
    centre.enters("first")
    centre.enters("second")
    centre.enters("third")
    centre.hangs_up("first")
    assert (centre.offered("second"), centre.offered("third")) == ("roma", None)


def test_a_line_that_does_not_answer_is_avoided_for_a_while() -> None:
    """The call goes to the next office, and back to the first when its time is over."""
    centre = centre_with(office("roma"), office("bari"), after_ms=0, timings=Timings(not_again_ms=5_000))
    centre.enters("c1")
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert centre.offered("c1") == "bari"
    centre.ends_offer("c1", OfferEnd.BUSY)
    assert centre.state("c1") is CallState.WAITING
    centre.later(5_000)
    assert centre.offered("c1") == "roma"


def test_a_silent_line_is_no_ghost() -> None:
    """A public line may be silent long before it rings: it has its whole ring time."""
    centre = centre_with(office("roma"), after_ms=0)
    centre.enters("c1")
    centre.begins("c1")
    centre.later(19_000)
    assert not centre.ordered(WithdrawOffer)


def test_a_call_an_office_answered_is_counted_as_such() -> None:
    """In the queue's figures it stays, with its path and its office: the switch flatters nothing."""
    centre = centre_with(office("roma"), after_ms=0)
    centre.enters("c1")
    centre.talks("c1")
    centre.agent_hangs_up("c1")
    end = centre.finished("c1")
    assert (end.outcome, end.path, end.office, end.site) == (Outcome.ANSWERED, Path.FALLBACK, "roma", None)
    assert centre.world.tally[end.queue].answered_by_offices == 1


def test_an_agent_takes_over_from_waiting_for_offices() -> None:
    """A call that may go to offices is still the agents' when one is free."""
    centre = centre_with(office("roma"), after_ms=0, agents=["anna"], logged_in=False)
    centre.enters("c1")
    centre.enters("c2")
    centre.logs_in("anna")
    assert (centre.offered("c1"), centre.offered("c2")) == ("roma", "anna")
