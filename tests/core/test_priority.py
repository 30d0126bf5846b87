"""Priority classes: a credit of waiting time moves a caller ahead, and nobody waits for ever by it."""

from __future__ import annotations

from acd.core import pictures
from acd.core.facts import NodeLost, NodeResynced
from acd.core.notes import Decision
from tests.core.builders import CREDIT_MS, FRAGILE, NODE, Centre, office, queue, seen, to_offices


def test_a_credit_counts_as_waited() -> None:
    """A fragile caller is served before one who has waited less than the credit."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    centre.later(60_000)
    centre.enters("c2", priority_class=FRAGILE)
    centre.logs_in("anna")
    assert centre.offered("c2") == "anna"


def test_a_credit_is_bounded() -> None:
    """Who has waited longer than the credit stays ahead: nobody starves."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    centre.later(CREDIT_MS + 1)
    centre.enters("c2", priority_class=FRAGILE)
    centre.logs_in("anna")
    assert centre.offered("c1") == "anna"


def test_waits_are_told_as_they_are() -> None:
    """The credit moves the place in the line, no wait and no deadline."""
    centre = Centre((queue(wait_ms_max=60_000),), agents=["anna"], logged_in=False)
    centre.enters("c1", priority_class=FRAGILE)
    centre.later(5_000)
    centre.logs_in("anna")
    assert centre.noted(Decision)[-1].wait_ms == 5_000
    assert centre.call("c1").priority_class == FRAGILE


def test_a_class_nobody_knows_gives_nothing() -> None:
    """A name the rules do not hold is no name at all, in the ledger neither."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    centre.enters("c2", priority_class="president")
    centre.logs_in("anna")
    assert centre.offered("c1") == "anna"
    assert centre.call("c2").priority_class == ""


def test_a_found_call_has_its_credit_too() -> None:
    """After a restart of ours the channel's variables say the class."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.tell(NodeLost(node=NODE))
    rows = (
        seen("c1", entered_ms=centre.now_ms - 60_000),
        seen("c2", entered_ms=centre.now_ms - 1_000, priority_class=FRAGILE),
    )
    centre.tell(NodeResynced(node=NODE, calls=rows))
    centre.settle()
    centre.logs_in("anna")
    assert centre.offered("c2") == "anna"


def test_an_office_is_not_kept_idle_by_a_young_call_with_a_credit() -> None:
    """The head of the line may not go to the office yet: the one behind it, who may, is not held up.

    Found by reading: the search for an office's call ended at the first that was not open.
    """
    line = office("roma")
    centre = Centre(
        (queue(ladder=to_offices("roma", after_ms=30_000)),),
        agents=["anna"],
        offices=[line],
    )
    centre.pauses("anna")  # somebody is there, so the office waits its time
    centre.enters("c0")
    centre.later(30_000)
    assert centre.offered("c0") == "roma"
    centre.enters("c1")
    centre.later(40_000)
    centre.enters("c2", priority_class=FRAGILE)
    centre.hangs_up("c0")
    assert centre.offered("c1") == "roma"
    assert centre.offered("c2") is None


def test_the_age_of_the_first_entry_is_the_place() -> None:
    """A caller who comes back after a transfer stands where the first entry puts them."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.later(300_000)
    centre.enters("c1")
    centre.enters("c2", visit=2, first_entered_ms=centre.now_ms - 200_000)
    centre.logs_in("anna")
    assert centre.offered("c2") == "anna"
    assert centre.noted(Decision)[-1].wait_ms == 0, "the wait is that of this visit"


def test_the_list_of_calls_is_by_age() -> None:
    """Whoever looks sees the oldest first; the credit is no age."""
    centre = Centre()
    centre.enters("c1")
    centre.enters("c2", priority_class=FRAGILE)
    assert [view.id for view in pictures.calls(centre.world, None, 10)] == ["c1", "c2"]
