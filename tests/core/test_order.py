"""Who is next: the oldest call, the agent idle longest, and ties by rule."""

from __future__ import annotations

import pytest

from acd.core.calls import order_key
from acd.core.facts import OfferEnd
from acd.core.ids import CallId
from acd.core.notes import Decision
from tests.core.builders import FAR, NODE, START_MS, Centre, agent, queue


def test_the_oldest_call_goes_first() -> None:
    """A free agent gets the call that has waited longest."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("old")
    centre.enters("young")
    centre.logs_in("anna")
    assert centre.offered("old") == "anna"
    assert centre.offered("young") is None


def test_age_counts_not_the_order_of_news() -> None:
    """A call that entered earlier but was told later is still served first."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("told-first", entered_ms=START_MS)
    centre.enters("entered-first", entered_ms=START_MS - 500)
    centre.logs_in("anna")
    assert centre.rung() == [("entered-first", "anna")]


def test_the_longest_idle_agent_rings_first() -> None:
    """Among free agents the one idle longest is rung, whatever their skills beyond the band."""
    centre = Centre(agents=[agent("anna", generale=8), agent("bruno", generale=9, altro=3)])
    centre.enters("c1")
    centre.talks("c1")
    centre.agent_hangs_up("c1")
    centre.later(10_000)
    centre.enters("c2")
    assert centre.rung() == [("c1", "anna"), ("c2", "bruno")]


def test_agents_idle_equally_long_go_by_the_roster() -> None:
    """The last tie-break is the order of the roster file."""
    centre = Centre(agents=["bruno", "anna"], logged_in=False)
    centre.logs_in("anna")
    centre.logs_in("bruno")
    centre.enters("c1")
    assert centre.offered("c1") == "bruno"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("x-1.9", NODE, START_MS), ("x-1.10", NODE, START_MS)),
        (("x-1.99", FAR, START_MS - 1), ("x-1.1", NODE, START_MS)),
        (("x-1.99", NODE, START_MS), ("x-1.1", FAR, START_MS)),
    ],
    ids=["the sequence is a number", "age before node", "node before sequence"],
)
def test_calls_equally_old_go_by_node_and_sequence(first, second) -> None:
    """Ties go by node, then by Asterisk's own sequence, compared as a number."""
    (one, node_one, ms_one), (two, node_two, ms_two) = first, second
    assert order_key(CallId(one), node_one, ms_one) < order_key(CallId(two), node_two, ms_two)


def test_a_skill_below_its_level_does_not_count() -> None:
    """Required skills have a minimum level; below it the agent does not serve the queue."""
    need = queue("pensioni", needs=(queue("pensioni").needs[0].__class__(skill="pensioni", level_min=4),))
    centre = Centre((need,), agents=[agent("anna", pensioni=3), agent("bruno", pensioni=4)])
    centre.enters("c1", "pensioni")
    assert centre.offered("c1") == "bruno"


def test_a_call_with_an_unknown_queue_is_not_lost() -> None:
    """Nobody is lost over a name: the call waits in the default queue."""
    centre = Centre(agents=["anna"])
    centre.enters("c1", "typo")
    assert centre.offered("c1") == "anna"


def test_a_decision_names_the_runners_up() -> None:
    """The decision record holds who else could have had the call, at most five."""
    people = [agent("anna"), *(agent(f"b{number}", generale=5, **{f"s{number}": 1}) for number in range(7))]
    queues = (queue("generale"), *(queue(f"s{number}") for number in range(7)))
    centre = Centre(queues, agents=people)
    centre.enters("c1")
    (decision,) = centre.noted(Decision)
    assert decision.target == "anna"
    assert decision.runners_up == ("b0", "b1", "b2", "b3", "b4")


def test_a_caller_who_hangs_up_costs_the_agent_no_place() -> None:
    """A ring that the caller ended does not reset the idle clock."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.rings("c1")
    centre.hangs_up("c1")
    centre.enters("c2")
    assert centre.rung() == [("c1", "anna"), ("c2", "anna")]


def test_a_missed_ring_costs_the_agent_the_place() -> None:
    """Who misses a ring goes to the end of the idle."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.rings("c1")
    centre.later(20_000)
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    centre.hangs_up("c1")
    centre.enters("c2")
    assert centre.rung() == [("c1", "anna"), ("c1", "bruno"), ("c2", "bruno")]
