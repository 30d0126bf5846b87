"""Waiting has an end, and every end is counted once: by the clock, by the caller, by the net."""

from __future__ import annotations

import pytest

from acd.core import pictures
from acd.core.calls import CallState
from acd.core.facts import DeadlineReached, OfferEnd
from acd.core.notes import AgentState, CallAnswered, CallFinished, Outcome, ServiceLevel, ServiceLevelCounted
from acd.core.orders import SendToNet
from tests.core.builders import Centre, queue


def levels(centre: Centre) -> list[ServiceLevel]:
    return [note.result for note in centre.noted(ServiceLevelCounted)]


# ── the clock ────────────────────────────────────────────────────────────────────────────────


def test_nobody_waits_for_ever() -> None:
    """At the maximum wait the net is ordered to take the caller, and again until it did."""
    centre = Centre((queue(wait_ms_max=60_000),))
    centre.enters("c1")
    centre.later(59_999)
    assert not centre.ordered(SendToNet)
    centre.later(1)
    assert len(centre.ordered(SendToNet)) == 1
    centre.later(10_000)
    assert len(centre.ordered(SendToNet)) == 3
    centre.net_takes("c1")
    centre.later(60_000)
    assert len(centre.ordered(SendToNet)) == 3
    assert centre.state("c1") is CallState.IN_NET


def test_a_ring_is_finished_before_the_net_takes_over() -> None:
    """The maximum wait does not break into a ring; it comes with its end, unless another agent is free."""
    centre = Centre((queue(wait_ms_max=10_000),), agents=["anna"])
    centre.enters("c1")
    centre.later(4_000)
    centre.rings("c1")
    centre.later(15_000)
    assert not centre.ordered(SendToNet)
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    centre.later(1)
    assert len(centre.ordered(SendToNet)) == 1


def test_the_threshold_is_told_while_the_call_waits() -> None:
    """A jam shows while it lasts: the miss is counted at the threshold, not at the end of the call."""
    centre = Centre((queue(threshold_ms=20_000),))
    centre.enters("c1")
    centre.later(19_999)
    assert levels(centre) == []
    centre.later(1)
    assert levels(centre) == [ServiceLevel.MISSED]
    centre.hangs_up("c1")
    assert levels(centre) == [ServiceLevel.MISSED], "once in a call's life"


def test_an_answer_in_time_meets_it() -> None:
    """Met is counted at the answer."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.later(60_000)
    assert levels(centre) == [ServiceLevel.MET]


def test_who_leaves_before_it_is_told_apart() -> None:
    """A caller who hangs up before the threshold is neither met nor missed."""
    centre = Centre()
    centre.enters("c1")
    centre.later(1_000)
    centre.hangs_up("c1")
    assert levels(centre) == [ServiceLevel.ABANDONED_EARLY]


# ── the caller goes, in each state ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("steps", "outcome", "agent"),
    [
        ([], Outcome.SHORT_ABANDONED, AgentState.READY),
        (["begins"], Outcome.SHORT_ABANDONED, AgentState.READY),
        (["rings"], Outcome.SHORT_ABANDONED, AgentState.READY),
        (["talks"], Outcome.ANSWERED, AgentState.WRAP_UP),
        (["talks", "leg_ends"], Outcome.ANSWERED, AgentState.WRAP_UP),
        (["talks", "transferred"], Outcome.ANSWERED, AgentState.WRAP_UP),
        (["net_takes"], Outcome.SAFETY_NET, AgentState.READY),
        (["talks", "net_takes"], Outcome.SAFETY_NET, AgentState.WRAP_UP),
    ],
    ids=[
        "ordered",
        "dialling",
        "ringing",
        "talking",
        "leg gone",
        "transferred",
        "in the net",
        "net after talk",
    ],
)
def test_a_caller_may_go_at_any_moment(steps: list[str], outcome: Outcome, agent: AgentState) -> None:
    """In whatever state: one end, the agent free without a miss, no deadline left behind."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    for step in steps:
        getattr(centre, step)("c1")
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is outcome
    assert (centre.agent_state("anna"), centre.person("anna").misses) == (agent, 0)
    assert not centre.world.offers
    assert len(centre.world.deadlines) == (1 if agent is AgentState.WRAP_UP else 0)


def test_a_long_wait_is_an_abandoned_call() -> None:
    """After ``short_abandon_ms`` leaving counts."""
    centre = Centre((queue(short_abandon_ms=5_000),))
    centre.enters("c1")
    centre.later(5_000)
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.ABANDONED


def test_the_end_tells_wait_and_talk() -> None:
    """The ledger's row: how long waited, how long talked, where."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    centre.later(7_000)
    centre.logs_in("anna")
    centre.talks("c1")
    centre.later(90_000)
    centre.agent_hangs_up("c1")
    end = centre.finished("c1")
    assert (end.wait_ms, end.handle_ms, end.site) == (7_000, 90_000, "roma")


def test_a_talk_whose_beginning_was_lost_is_counted_with_its_length() -> None:
    """The end of the offer says it was a talk, and how long: wait and talk are true all the same.

    Found by reading: the wait was counted from the year 1970, and the agent had no wrap-up.
    """
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.later(65_000)
    centre.ends_offer("c1", OfferEnd.TALKED, talk_ms=60_000)
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.hangs_up("c1")
    end = centre.finished("c1")
    assert (end.outcome, end.wait_ms, end.handle_ms) == (Outcome.ANSWERED, 5_000, 60_000)


def test_a_dropped_call_waits_on_and_is_answered_once() -> None:
    """The first answer is told once; the wait goes on from the entry."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.talks("c1")
    centre.ends_offer("c1", OfferEnd.DROPPED)
    centre.later(3_000)
    centre.talks("c1")
    centre.agent_hangs_up("c1")
    assert len(centre.noted(CallAnswered)) == 1
    assert [note.wait_ms for note in centre.noted(CallFinished)] == [3_000]


def test_a_dropped_call_is_seen_waiting() -> None:
    """Who looks sees the wait go on, not stand still at the answer that did not last."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.ends_offer("c1", OfferEnd.DROPPED)
    centre.later(8_000)
    centre.tell(DeadlineReached())
    (view,) = pictures.calls(centre.world, None, 10)
    assert view.wait_ms == 8_000


def test_an_end_without_an_entry_is_late_and_so_is_the_entry_after_it() -> None:
    """A hang-up that crossed the entry is nothing to report, and nobody waits for a caller who is gone.

    Found by reading: the entry that came after it waited for ever.
    """
    centre = Centre()
    centre.hangs_up("c1")
    centre.enters("c1")
    assert centre.state("c1") is None
    assert not centre.noted(CallFinished)
