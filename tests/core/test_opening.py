"""Queues and offices outside their hours: what a caller is offered, told, and counted as."""

from __future__ import annotations

import pytest

from acd.core.calls import CallState
from acd.core.facts import CallEntered, NodeLost, NodeResynced, Stage, TransferKind
from acd.core.ids import CallId
from acd.core.notes import CallFinished, CallToldClosed, Corrected, Outcome, Path, ServiceLevelCounted
from acd.core.orders import OfferCall, Say, SendToNet, SetNetMember, StopSaying
from acd.core.pictures import queues as queue_views
from acd.core.pictures import summary
from acd.core.policy import Office
from tests.core.builders import (
    CALENDARS,
    HOUR_MS,
    HOURS,
    NIGHT,
    NODE,
    START_MS,
    Centre,
    agent,
    office,
    queue,
    seen,
    step,
    to_offices,
)
from tests.core.stage import misses


def day(*offices: Office, at_ms: int = HOUR_MS, **changes: object) -> Centre:
    """One queue with hours and one without, anna in both; the time is ``at_ms`` after the start."""
    names = [each.id for each in offices]
    general = queue(calendar=HOURS, ladder=to_offices(*names, after_ms=30_000) if names else (), **changes)
    centre = Centre([general, queue("pensioni")], [agent("anna", generale=8, pensioni=8)], offices)
    centre.later(at_ms - (centre.now_ms - START_MS))
    return centre


# ── told ─────────────────────────────────────────────────────────────────────────────────────


def test_an_open_queue_rings_and_a_closed_one_says_when_it_opens() -> None:
    """Anna is free in both cases; outside the hours nobody is rung, the caller is told and the call ends."""
    centre = day(at_ms=60_000)
    centre.enters("open")
    assert centre.rung() == [("open", "anna")]
    centre.hangs_up("open")
    centre.later(HOUR_MS)
    centre.enters("closed", language="it")
    assert centre.rung() == [("open", "anna")]
    (say,) = centre.ordered(Say)
    assert say.then_hang_up
    assert say.sounds == ("acd/it/closed", "acd/it/festa", "acd/it/opens-mon")
    (told,) = centre.noted(CallToldClosed)
    assert told.opens_ms == START_MS + 2 * HOUR_MS
    assert centre.state("closed") is CallState.FAREWELL
    centre.later(9_000)
    centre.hangs_up("closed")
    assert centre.finished("closed").outcome is Outcome.CLOSED


def test_the_reason_and_the_day_are_said_where_they_are_known() -> None:
    """Before the holiday no reason; on the very day "today"; in German to who speaks German."""
    centre = day(at_ms=HOUR_MS + 1_000)
    centre.enters("c1", language="de")
    assert centre.ordered(Say)[-1].sounds == ("acd/de/closed", "acd/de/opens-mon")
    centre.later(40 * 60_000)
    centre.enters("c2", language="fr")
    assert centre.ordered(Say)[-1].sounds == ("acd/it/closed", "acd/it/festa", "acd/it/opens-today")


def test_a_closed_call_is_counted_entered_and_closed_and_never_in_the_service_level() -> None:
    """Entered = ended + in progress with it, and the threshold passes it by."""
    centre = day(threshold_ms=1_000)
    centre.enters("c1")
    centre.later(5_000)
    view = queue_views(centre.world)[0]
    assert (view.entered, view.waiting, view.closed) == (1, 0, 0)
    centre.hangs_up("c1")
    view = queue_views(centre.world)[0]
    assert (view.entered, view.closed, view.abandoned) == (1, 1, 0)
    total = summary(centre.world)
    assert (total.entered, total.ended, total.closed, total.unaccounted) == (1, 1, 1, 0)
    assert not centre.noted(ServiceLevelCounted)
    assert len(centre.noted(CallFinished)) == 1
    assert not [each for each in centre.world.deadlines._armed if "c1" in str(each)]


def test_who_waits_when_the_queue_closes_is_served_on() -> None:
    """The entry decides, not the moment somebody becomes free."""
    centre = day(at_ms=HOUR_MS - 5_000)
    centre.pauses("anna")
    centre.enters("c1")
    centre.later(60_000)
    assert not centre.ordered(Say)
    centre.readies("anna")
    assert centre.rung() == [("c1", "anna")]


def test_who_hangs_up_during_the_farewell_was_told() -> None:
    """Closed, not abandoned, however short it was listened to."""
    centre = day()
    centre.enters("c1")
    centre.later(200)
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.CLOSED


def test_a_farewell_that_was_refused_is_said_again() -> None:
    """The caller hears music for two seconds more; nobody is told twice of in the notes but as it happens."""
    centre = day()
    centre.enters("c1")
    centre.hears_out("c1", heard=False, refused=True)
    assert centre.state("c1") is CallState.WAITING
    centre.later(2_000)
    assert centre.state("c1") is CallState.FAREWELL
    assert len(centre.ordered(Say)) == 2


def test_a_farewell_nobody_took_up_is_looked_for() -> None:
    """The order was lost: past its time it is void, and given again."""
    centre = day()
    centre.enters("c1")
    centre.later(5_000)
    centre.looked_at("c1", seen("c1"))
    centre.later(2_000)
    assert len(centre.ordered(Say)) == 2
    centre.looked_at("c1", None)
    assert centre.finished("c1").outcome is Outcome.CLOSED


def test_a_calendar_that_knows_no_more_turns_nobody_away() -> None:
    """Past what is known the queue is open."""
    centre = day(at_ms=100 * HOUR_MS)
    centre.enters("c1")
    assert centre.rung() == [("c1", "anna")]


# ── what is possible ─────────────────────────────────────────────────────────────────────────


def test_an_office_that_is_open_rings_at_once_its_own_province_first() -> None:
    """No step is waited for; who talks with the office was answered by it."""
    centre = day(office("roma", "RM"), office("bari", "BA"))
    centre.enters("c1", province="BA")
    assert centre.offered("c1") == "bari"
    centre.talks("c1")
    centre.later(60_000)
    centre.agent_hangs_up("c1")
    end = centre.finished("c1")
    assert (end.outcome, end.path, end.office) == (Outcome.ANSWERED, Path.FALLBACK, "bari")
    assert not centre.noted(ServiceLevelCounted)


def test_the_next_office_rings_when_nobody_answers_and_then_the_caller_is_told() -> None:
    """Each office has its chance once; agents are not asked at all."""
    centre = day(office("roma", "RM"), office("bari", "BA"))
    centre.enters("c1", province="RM")
    for name in ("roma", "bari"):
        assert centre.offered("c1") == name
        misses(centre, "c1")
    assert centre.state("c1") is CallState.FAREWELL
    assert [target for _, target in centre.rung() if "phone" in target] == []


def test_nobody_waits_for_a_busy_line() -> None:
    """The office talks: the next caller is told."""
    centre = day(office("roma"))
    centre.enters("c1")
    centre.talks("c1")
    centre.enters("c2")
    assert centre.state("c2") is CallState.FAREWELL
    centre.later(60_000)
    centre.agent_hangs_up("c1")
    assert [order.call for order in centre.ordered(OfferCall)] == ["c1"]


def test_an_office_behind_a_question_is_not_offered() -> None:
    """Nobody is asked in a closed queue."""
    ladder = (step("uffici", 0, consent="consenso", offices=("roma",)),)
    centre = Centre([queue(calendar=NIGHT, ladder=ladder)], offices=[office("roma")])
    centre.settle()
    centre.enters("c1")
    assert centre.state("c1") is CallState.FAREWELL


# ── offices with hours ───────────────────────────────────────────────────────────────────────


def test_an_office_outside_its_hours_is_rung_by_nobody_and_opens_by_the_clock() -> None:
    """It opens at its hour and takes whoever waits for it; at its end it takes nobody more."""
    centre = Centre(
        [queue(ladder=to_offices("roma", after_ms=1_000))], offices=[office("roma", calendar=NIGHT)]
    )
    centre.settle()
    centre.later(HOUR_MS - 60_000)
    centre.enters("c1")
    centre.later(30_000)
    assert not centre.rung()
    centre.later(30_000)
    assert centre.offered("c1") == "roma"
    centre.talks("c1")
    centre.later(HOUR_MS)
    centre.agent_hangs_up("c1")
    centre.enters("c2")
    centre.later(10_000)
    assert centre.offered("c2") is None


def test_an_office_that_is_shut_is_passed_over_and_waited_for_again_when_it_opens() -> None:
    """A step with nobody but a shut office opens the next one at once."""
    ladder = (step("roma", 5_000, offices=("roma",)), step("bari", 50_000, offices=("bari",)))
    offices = [office("roma", calendar=HOURS), office("bari", "BA")]
    centre = Centre([queue(ladder=ladder)], [], offices)
    centre.later(HOUR_MS + 1_000)
    centre.enters("c1")
    assert centre.offered("c1") == "bari"
    centre.hangs_up("c1")
    centre.later(HOUR_MS)
    centre.enters("c2")
    assert centre.offered("c2") == "roma"


# ── transfers, restarts ──────────────────────────────────────────────────────────────────────


def test_an_agent_is_told_that_the_queue_is_closed() -> None:
    """Asked by API or feature code: refused before the caller moves."""
    centre = day(at_ms=60_000)
    centre.enters("c1", "pensioni")
    centre.talks("c1")
    centre.later(HOUR_MS)
    assert "is closed now" in (centre.passes_on("anna", "generale").refused or "")
    assert centre.passes_on("anna", "pensioni").refused is None


def test_a_call_passed_on_to_a_closed_queue_goes_back_at_once() -> None:
    """By REFER of the phone, which asks nobody: the sender rings again."""
    centre = day(at_ms=HOUR_MS + 1_000)
    centre.enters("c1", "pensioni")
    centre.talks("c1")
    centre.later(10_000)
    centre.transferred("c1")
    centre.later(100)
    centre.tell(
        CallEntered(call=CallId("c1"), node=NODE, queue="generale", entered_ms=centre.now_ms, visit=2)
    )
    assert centre.offered("c1") == "anna"
    assert centre.call("c1").queue.id == "pensioni"
    assert not centre.ordered(Say)


def test_a_call_that_comes_back_into_its_own_queue_is_served_on() -> None:
    """The queue closed during the talk; 800 brings the caller back into it."""
    centre = day(at_ms=HOUR_MS - 5_000)
    centre.enters("c1")
    centre.talks("c1")
    centre.later(10_000)
    centre.transferred("c1")
    centre.pauses("anna")
    centre.later(100)
    centre.tell(
        CallEntered(call=CallId("c1"), node=NODE, queue="generale", entered_ms=centre.now_ms, visit=2)
    )
    assert centre.state("c1") in {CallState.WAITING, CallState.OFFERED}
    assert not centre.ordered(Say)


def test_after_a_restart_the_entry_decides_still() -> None:
    """Who entered an open queue is served on, who entered a closed one is told."""
    centre = day(at_ms=HOUR_MS + 10_000)
    centre.pauses("anna")
    calls = (
        seen("before", entered_ms=START_MS + HOUR_MS - 1_000),
        seen("after", entered_ms=START_MS + HOUR_MS + 1_000),
    )
    centre.tell(NodeResynced(node=NODE, calls=calls))
    centre.later(2_000)
    assert centre.state("before") is CallState.WAITING
    assert centre.state("after") is CallState.FAREWELL
    centre.readies("anna")
    assert centre.rung() == [("before", "anna")]


def test_a_farewell_of_the_process_before_us_ends_as_closed() -> None:
    """Adopted: nothing is said again, nothing counts in the service level."""
    centre = day()
    found = seen("c1", Stage.FAREWELL, attempt="0000000003-00000001", entered_ms=START_MS + HOUR_MS)
    centre.tell(NodeResynced(node=NODE, calls=(found,)))
    centre.settle()
    assert [note.kind for note in centre.noted(Corrected)] == ["adopted_farewell"]
    centre.later(30_000)
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.CLOSED
    assert not centre.ordered(Say)
    assert not centre.noted(ServiceLevelCounted)


def test_a_closed_call_found_hearing_something_else_is_told() -> None:
    """Whatever the process before us was saying is stopped first."""
    centre = day()
    found = seen("c1", Stage.HEARING, attempt="0000000003-00000001", entered_ms=START_MS + HOUR_MS)
    centre.tell(NodeResynced(node=NODE, calls=(found,)))
    centre.later(2_000)
    assert centre.state("c1") is CallState.FAREWELL
    assert [type(order) for order in centre.orders] == [SetNetMember, StopSaying, Say]


def test_a_closed_call_whose_node_is_lost_is_told_when_it_is_back() -> None:
    """Parked like any other; the net is never asked for it."""
    centre = day()
    centre.tell(NodeLost(node=NODE))
    centre.enters("c1")
    centre.later(10_000)
    assert not centre.ordered(Say)
    centre.tell(NodeResynced(node=NODE, calls=(seen("c1", entered_ms=centre.call("c1").entered_ms),)))
    centre.later(2_000)
    assert centre.state("c1") is CallState.FAREWELL
    assert not centre.ordered(SendToNet)


def test_who_hangs_up_while_an_office_rings_abandons() -> None:
    """Nobody told them anything."""
    centre = day(office("roma"))
    centre.enters("c1")
    centre.rings("c1")
    centre.later(8_000)
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.ABANDONED
    assert not centre.noted(ServiceLevelCounted)


# ── the calendar itself ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("after_ms", "is_open", "opens", "changes"),
    [
        (-1, False, 0, 0),
        (0, True, 2 * HOUR_MS, HOUR_MS),
        (HOUR_MS - 1, True, 2 * HOUR_MS, HOUR_MS),
        (HOUR_MS, False, 2 * HOUR_MS, 2 * HOUR_MS),
        (2 * HOUR_MS, True, None, 100 * HOUR_MS),
        (100 * HOUR_MS, True, None, None),
    ],
)
def test_a_calendar_at_its_edges(
    after_ms: int, is_open: bool, opens: int | None, changes: int | None
) -> None:
    """The first millisecond of a span is open, the last is closed."""
    calendar = CALENDARS[HOURS]
    at_ms = START_MS + after_ms
    assert calendar.open_at(at_ms) is is_open
    assert calendar.opens_next(at_ms) == (None if opens is None else START_MS + opens)
    assert calendar.changes_next(at_ms) == (None if changes is None else START_MS + changes)


def test_a_transfer_to_an_office_needs_no_open_queue() -> None:
    """The office is asked for by the agent; it has hours of its own."""
    centre = day(office("roma"), at_ms=60_000)
    centre.enters("c1")
    centre.talks("c1")
    assert centre.passes_on("anna", "roma", TransferKind.OFFICE).refused is None
