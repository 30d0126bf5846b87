"""A transferred caller: the agent is free, the call is counted until the caller's end."""

from __future__ import annotations

from acd.core.calls import CallState
from acd.core.facts import CallTransferred, OfferEnd, Stage
from acd.core.ids import AttemptId, CallId
from acd.core.notes import AgentState, CallOffered, Late, Outcome
from tests.core.builders import Centre, agent, office, queue, seen, to_offices

QUEUES = (queue("generale"), queue("pensioni", wrap_up_ms=3_000))


def talking(**more) -> Centre:
    """Anna talks with c1; bruno serves the other queue."""
    people = [agent("anna", generale=5), agent("bruno", pensioni=5)]
    centre = Centre(more.pop("queues", QUEUES), agents=people, **more)
    centre.enters("c1")
    centre.talks("c1")
    return centre


def test_after_a_blind_transfer_the_call_is_counted_until_its_end() -> None:
    """The agent goes to wrap-up; the call stays in progress until the caller hangs up, once answered."""
    centre = talking()
    centre.transferred("c1")
    centre.leg_ends("c1")
    assert centre.state("c1") is CallState.TRANSFERRED
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(120_000)
    assert centre.agent_state("anna") is AgentState.READY
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.ANSWERED


def test_after_an_attended_transfer_the_end_of_the_offer_is_the_targets() -> None:
    """Asterisk reports the offer's end only when the target hangs up: the agent is long free by then."""
    centre = talking()
    attempt = centre.attempt("c1")
    centre.leg_ends("c1")
    centre.transferred("c1")
    centre.later(30_000)
    assert centre.agent_state("anna") is AgentState.READY
    centre.ends_offer("c1", OfferEnd.TALKED, attempt=attempt)
    assert centre.state("c1") is CallState.LEAVING
    centre.hangs_up("c1")
    assert centre.state("c1") is None


def test_back_into_a_queue_it_is_the_next_visit() -> None:
    """The same call waits again, at the place of its first entry, booked where it first came."""
    centre = talking()
    centre.transferred("c1")
    centre.later(1_000)
    centre.enters("c1", "pensioni", visit=2)
    assert centre.offered("c1") == "bruno"
    assert centre.call("c1").booked == "generale"
    assert len(centre.noted(CallOffered)) == 1, "entered once"
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_the_next_visit_may_come_before_the_news_of_the_transfer() -> None:
    """Whatever we still believed of the visit before is over; the transfer's own news is late."""
    centre = talking()
    attempt = centre.attempt("c1")
    centre.enters("c1", "pensioni", visit=2)
    assert centre.offered("c1") == "bruno"
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.tell(CallTransferred(call=CallId("c1"), attempt=attempt))
    assert centre.offered("c1") == "bruno"


def test_a_late_transfer_does_not_end_the_next_talk() -> None:
    """News of the first agent's transfer, repeated, does not touch the second agent's talk.

    Found by reading: it sent the second agent to wrap-up in the middle of the talk.
    """
    centre = talking()
    first = centre.attempt("c1")
    centre.enters("c1", "pensioni", visit=2)
    centre.talks("c1")
    centre.tell(CallTransferred(call=CallId("c1"), attempt=AttemptId(first)))
    assert centre.state("c1") is CallState.TALKING
    assert centre.agent_state("bruno") is AgentState.TALKING


def test_a_next_visit_is_believed_even_during_a_ring() -> None:
    """When the news of talk and transfer were lost, the next entry tells enough.

    Found by reading: in waiting and offered it was ignored, and the call stood in the wrong queue.
    """
    centre = Centre(QUEUES, agents=[agent("anna", generale=5), agent("bruno", pensioni=5)])
    centre.enters("c1")
    centre.rings("c1")
    centre.enters("c1", "pensioni", visit=2)
    assert centre.offered("c1") == "bruno"
    assert centre.agent_state("anna") is AgentState.READY


def test_a_talk_of_an_earlier_visit_is_not_measured_from_the_later_entry() -> None:
    """A next visit found in somebody's talk begins its own count.

    Found by the machine: the wait was negative.
    """
    centre = talking()
    centre.later(50)
    centre.looked_at("c1", seen("c1", Stage.TRANSFERRED, visit=2, entered_ms=centre.now_ms))
    centre.hangs_up("c1")
    assert centre.finished("c1").wait_ms == 0


def test_a_repeated_entry_is_late() -> None:
    """The same visit told twice changes nothing and is counted."""
    centre = talking()
    centre.enters("c1", visit=1)
    assert centre.state("c1") is CallState.TALKING
    assert [note.fact for note in centre.last.notes if isinstance(note, Late)] == ["CallEntered"]


def test_the_rules_of_the_queue_left_behind_do_not_follow() -> None:
    """The time at which the first queue would have opened the offices means nothing in the second.

    Found by reading: the old deadline opened offices that the new queue never asks.
    """
    queues = (
        queue("generale", ladder=to_offices("roma", after_ms=30_000)),
        queue("pensioni"),
    )
    centre = Centre(queues, agents=[agent("anna", generale=5)], offices=[office("roma")])
    centre.enters("c1")
    centre.talks("c1")
    centre.enters("c1", "pensioni", visit=2)
    centre.later(59_000)
    assert centre.rung() == [("c1", "anna")]
