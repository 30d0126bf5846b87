"""Which call is next, which agent is rung: waits, credits, bands, idle time, affinity."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from acd.core.notes import Decision
from acd.core.policy import Affinity, Discipline, Queue
from tests.core.builders import CREDIT_MS, Centre, agent, office, queue, to_offices

TWO = (queue("generale"), queue("pensioni"))


def takes(queues: tuple[Queue, ...], later_ms: int, **skills: int) -> str:
    """Which call an agent takes: the one of generale, or the one of pensioni so much later."""
    centre = Centre(queues, [agent("anna", **skills)], logged_in=False)
    centre.enters("older", "generale")
    centre.later(later_ms - 1)
    centre.enters("younger", "pensioni")
    centre.logs_in("anna")
    return "older" if centre.offered("older") else "younger"


# ── an agent's choice ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("generale", "pensioni", "handicap_ms"),
    [(5, 9, 30_000), (1, 9, 60_000), (1, 5, 30_000)],
)
def test_a_band_is_worth_so_many_seconds_of_waiting(generale: int, pensioni: int, handicap_ms: int) -> None:
    """The call of the better band goes first unless the other is older by more than the handicap."""
    assert takes(TWO, handicap_ms - 1, generale=generale, pensioni=pensioni) == "younger"
    assert takes(TWO, handicap_ms + 1, generale=generale, pensioni=pensioni) == "older"
    assert takes(TWO, 1, generale=pensioni, pensioni=generale) == "older"


def test_a_queue_tuned_for_the_threshold_has_larger_handicaps() -> None:
    """``sl20``: 120 s for secondary agents, 240 s for tertiary."""
    queues = (queue("generale", discipline=Discipline.SL20), queue("pensioni"))
    assert takes(queues, 119_999, generale=5, pensioni=9) == "younger"
    assert takes(queues, 120_001, generale=5, pensioni=9) == "older"
    assert takes(queues, 239_999, generale=1, pensioni=9) == "younger"


@pytest.mark.parametrize("change", [{"credit_ms": 45_000}, {"threshold_ms": -25_000}])
def test_credit_and_threshold_of_a_queue_are_seconds_of_waiting(change: dict[str, int]) -> None:
    """45 s more credit, or a threshold 45 s shorter: its calls count as so much older, and no more."""
    queues = (queue("generale"), queue("pensioni", **change))
    assert takes(queues, 44_999, generale=9, pensioni=9) == "younger"
    assert takes(queues, 45_001, generale=9, pensioni=9) == "older"


def test_a_class_credit_ages_and_ends() -> None:
    """Precedence is so many seconds: whoever has waited longer than that goes first all the same."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("plain")
    centre.later(CREDIT_MS + 10)
    centre.enters("fragile", priority_class="fragile")
    centre.enters("later")
    centre.logs_in("anna")
    assert centre.offered("plain") == "anna"
    centre.hangs_up("plain")
    assert centre.offered("fragile") == "anna"


def test_nobody_is_overtaken_by_more_than_the_bound() -> None:
    """Calls of a favoured queue go first if they entered within 270 s after the old one, and no others.

    (threshold + greatest handicap) of the one less (threshold + least handicap - credit) of the other.
    """
    queues = (queue("generale", discipline=Discipline.SL20), queue("pensioni", credit_ms=30_000))
    centre = Centre(queues, [agent("anna", generale=1, pensioni=9)], logged_in=False)
    centre.enters("old", "generale")
    for number in range(1, 41):
        centre.later(9_999)
        centre.enters(f"c-1.{number}", "pensioni")
    centre.logs_in("anna")
    while not centre.offered("old"):
        centre.hangs_up(centre.rung()[-1][0])
    assert [call for call, _ in centre.rung()] == [*(f"c-1.{number}" for number in range(1, 27)), "old"]


def test_the_score_is_noted() -> None:
    """Entry, threshold, less credits, plus the handicap of the winner's band."""
    rule = queue(threshold_ms=20_000, credit_ms=7_000)
    centre = Centre([rule], [agent("anna", generale=5)])
    centre.enters("c1", priority_class="fragile")
    (decision,) = centre.noted(Decision)
    entered_ms = centre.call("c1").first_entered_ms
    assert decision.score_ms == entered_ms + 20_000 - 7_000 - CREDIT_MS + 30_000


# ── a call's choice ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("ahead_ms", "who"), [(33_332, "prima"), (33_334, "seconda")])
def test_a_band_is_worth_so_many_seconds_of_idling(ahead_ms: int, who: str) -> None:
    """A third of a minute and more: 1 / 0.03 s, then the secondary agent who idles so long is rung."""
    people = [agent("seconda", generale=7), agent("prima", generale=8)]
    centre = Centre(agents=people, logged_in=False)
    centre.logs_in("seconda")
    centre.later(ahead_ms)
    centre.logs_in("prima")
    centre.enters("c1")
    assert centre.offered("c1") == who


def test_the_runners_up_are_the_next_best() -> None:
    """At most five, best first, of one band or of several."""
    people = [agent(f"a{number}", generale=9 if number % 2 else 6) for number in range(9)]
    centre = Centre(agents=people)
    centre.enters("c1")
    (decision,) = centre.noted(Decision)
    assert (decision.target, *decision.runners_up) == ("a1", "a3", "a5", "a7", "a0", "a2")


def test_who_was_chosen_leaves_no_trace_among_the_idle() -> None:
    """A hundred rings later the runners-up are still those who are idle."""
    centre = Centre(agents=[f"a{number}" for number in range(8)])
    for number in range(100):
        centre.enters(f"c-1.{number}")
        centre.hangs_up(f"c-1.{number}")
        centre.pauses("a3")
        centre.readies("a3")
    decision = centre.noted(Decision)[-1]
    assert (decision.target, *decision.runners_up) == ("a0", "a1", "a2", "a4", "a5", "a6")


# ── affinity ─────────────────────────────────────────────────────────────────────────────────

REMEMBERED = Affinity(within_ms=3_600_000)


@pytest.mark.parametrize(
    ("affinity", "ahead_ms", "caller", "who"),
    [
        (REMEMBERED, 29_999, "h1", "bruno"),
        (REMEMBERED, 30_001, "h1", "anna"),
        (Affinity(within_ms=3_600_000, worth_ms=50_000), 49_999, "h1", "bruno"),
        (REMEMBERED, 10_000, "h2", "anna"),
        (REMEMBERED, 10_000, "", "anna"),
        (Affinity(within_ms=60_000), 10_000, "h1", "anna"),
        (None, 10_000, "h1", "anna"),
    ],
    ids=[
        "half a minute",
        "and no more",
        "as the rules say",
        "somebody else",
        "no number",
        "too long ago",
        "off",
    ],
)
def test_a_caller_is_brought_to_the_site_of_the_last_talk(
    affinity: Affinity | None, ahead_ms: int, caller: str, who: str
) -> None:
    """Its agents count as idle for so much longer, for this caller."""
    people = [agent("anna", "roma"), agent("bruno", "bari")]
    centre = Centre(agents=people, affinity=affinity, logged_in=False)
    centre.logs_in("bruno")
    centre.enters("first", caller="h1")
    centre.talks("first")
    centre.agent_hangs_up("first")
    centre.later(90_000)
    centre.logs_in("anna")
    centre.later(ahead_ms)
    centre.pauses("bruno")
    centre.readies("bruno")
    centre.enters("again", caller=caller)
    assert centre.offered("again") == who


def test_a_caller_is_brought_to_the_office_of_the_last_talk() -> None:
    """Before the own province; only if the ladder has come to offices and a line is free."""
    offices = [office("roma", "RM"), office("bari", "BA")]
    rule = queue(ladder=to_offices("roma", "bari", after_ms=0))
    centre = Centre([rule], offices=offices, affinity=REMEMBERED)
    centre.enters("first", province="BA", caller="h1")
    centre.talks("first")
    centre.agent_hangs_up("first")
    centre.enters("again", province="RM", caller="h1")
    centre.enters("third", province="BA", caller="h1")
    assert (centre.offered("again"), centre.offered("third")) == ("bari", "roma")


def test_only_so_many_callers_are_remembered() -> None:
    """The longest ago are forgotten first; who calls again is the latest."""
    with patch("acd.core.affinity.CALLERS_MAX", 3):
        centre = Centre(agents=["anna"], affinity=REMEMBERED)
        for caller in ("h1", "h2", "h3", "h1", "h4"):
            centre.enters(f"of-{caller}", caller=caller, visit=1)
            centre.talks(f"of-{caller}")
            centre.agent_hangs_up(f"of-{caller}")
            centre.later(10_000)
            centre.world.tombstones.clear()
    assert list(centre.world.lately) == ["h3", "h1", "h4"]


def test_without_affinity_nothing_is_remembered() -> None:
    """Nor anything of a caller whose number is not known, or who talked with nobody."""
    for affinity, caller, talked in ((None, "h1", True), (REMEMBERED, "", True), (REMEMBERED, "h1", False)):
        centre = Centre(agents=["anna"], affinity=affinity)
        centre.enters("c1", caller=caller)
        if talked:
            centre.talks("c1")
        centre.hangs_up("c1")
        assert not centre.world.lately
