"""Offices that do not answer, trunks that are full, carriers that are out: left alone, tried, asked again."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from acd.core.facts import OfferEnd, RulesChanged
from acd.core.ids import OfficeId
from acd.core.notes import BreakerMoved, CarrierMoved, Reason
from acd.core.orders import OfferCall
from acd.core.policy import Health, Office, Timings, Trunk
from acd.core.reasons import classify_office
from tests.core.builders import Centre, office, queue, rules, to_offices

HEALTH = Health(
    in_a_row=2, window=6, window_min=4, open_ms=10_000, open_ms_max=30_000, carrier_probe_ms=5_000
)
PAIR = (office("roma"), office("bari", "BA"))


def centre(*offices: Office, trunk: int = 0, health: Health = HEALTH, again_ms: int = 100) -> Centre:
    """A queue that goes to these offices at once; ``trunk``: calls their trunk carries, 0: any number."""
    names = tuple(each.id for each in offices)
    timings = Timings(not_again_ms=again_ms)
    queues = (queue(ladder=to_offices(*names, after_ms=0)),)
    made = Centre(queues, offices=offices, timings=timings)
    limits = {"trunk": Trunk(id="trunk", capacity=trunk)} if trunk else {}
    made.tell(RulesChanged(rules=replace(rules(queues, offices, timings), trunks=limits, health=health)))
    made.settle()
    return made


def moved(made: Centre) -> list[tuple[str, str, str]]:
    """How breakers moved, and why."""
    return [(note.before, note.after, note.why) for note in made.notes if isinstance(note, BreakerMoved)]


def events(made: Centre) -> list[bool]:
    """What was told of carriers: out, or back."""
    return [note.out for note in made.notes if isinstance(note, CarrierMoved)]


def fails(made: Centre, call: str, *ends: OfferEnd) -> None:
    """One offer after the other ends so."""
    for end in ends:
        made.begins(call)
        made.later(50)
        made.ends_offer(call, end)
        made.later(200)


@pytest.mark.parametrize("end", [OfferEnd.NO_ANSWER, OfferEnd.NO_KEY, OfferEnd.BUSY, OfferEnd.FAILED])
def test_an_office_that_fails_in_a_row_is_left_alone_and_tried_by_one_call(end: OfferEnd) -> None:
    """No call goes there until its time is over; then one probe, though two wait and two lines are free."""
    made = centre(office("roma", capacity=2))
    made.enters("c1")
    fails(made, "c1", end, end)
    made.enters("c2")
    made.later(9_000)
    assert (made.offered("c1"), made.offered("c2")) == (None, None)
    made.later(1_000)
    assert (made.offered("c1"), made.offered("c2")) == ("roma", None)
    made.talks("c1")
    assert made.offered("c2") == "roma"
    assert moved(made) == [
        ("closed", "open", end.value),
        ("open", "half_open", "time"),
        ("half_open", "closed", "answered"),
    ]


def test_a_probe_that_fails_doubles_the_time_up_to_a_bound() -> None:
    """10 s, 20 s, 30 s, 30 s."""
    made = centre(office("roma"))
    made.enters("c1")
    fails(made, "c1", OfferEnd.NO_ANSWER, OfferEnd.NO_ANSWER)
    for seconds in (10, 20, 30, 30):
        made.later(seconds * 1_000 - 400)
        assert made.offered("c1") is None, seconds
        made.later(400)
        assert made.offered("c1") == "roma", seconds
        made.begins("c1")
        made.ends_offer("c1", OfferEnd.NO_ANSWER)


def test_a_caller_who_hangs_up_in_the_probe_says_nothing_and_the_next_one_tries() -> None:
    """Half open still: the second caller is the probe."""
    made = centre(office("roma"))
    made.enters("c1")
    fails(made, "c1", OfferEnd.NO_ANSWER, OfferEnd.NO_ANSWER)
    made.enters("c2")
    made.later(10_000)
    assert made.offered("c1") == "roma"
    made.hangs_up("c1")
    assert made.offered("c2") == "roma"
    assert moved(made)[-1][1] == "half_open"


def test_too_few_answers_in_all_open_it_too() -> None:
    """One of four, never two failures in a row at the end of which nobody answered … but too few."""
    health = replace(HEALTH, in_a_row=5, answered_min=0.5)
    made = centre(office("roma"), health=health)
    made.enters("c1")
    fails(made, "c1", OfferEnd.NO_ANSWER, OfferEnd.NO_ANSWER, OfferEnd.NO_ANSWER)
    assert moved(made) == []
    fails(made, "c1", OfferEnd.NO_ANSWER)
    assert moved(made) == [("closed", "open", "no_answer")]


def test_busy_beside_calls_of_ours_is_nobodys_fault() -> None:
    """The office answers two calls and its third line is busy, again and again."""
    made = centre(office("roma", capacity=3))
    for call in ("c1", "c2"):
        made.enters(call)
        made.talks(call)
    made.enters("c3")
    fails(made, "c3", OfferEnd.BUSY, OfferEnd.BUSY, OfferEnd.BUSY)
    assert moved(made) == []


@pytest.mark.parametrize("end", [OfferEnd.REFUSED, OfferEnd.FULL])
def test_what_the_dialplan_refuses_is_not_the_office_s_fault(end: OfferEnd) -> None:
    """It is asked again when an order would have run out, and its breaker stays closed."""
    made = centre(office("roma"))
    made.enters("c1")
    for _ in range(2):
        made.ends_offer("c1", end)
        assert made.offered("c1") is None
        made.later(5_000)
        assert made.offered("c1") == "roma"
    assert moved(made) == []


def test_a_full_office_is_asked_by_nobody_for_a_moment() -> None:
    """The dialplan counts a call there that we do not know: not every waiting caller runs into it."""
    made = centre(office("roma", capacity=2))
    made.enters("c1")
    made.ends_offer("c1", OfferEnd.FULL)
    made.enters("c2")
    assert made.offered("c2") is None
    call = made.world.calls[next(iter(made.world.calls))]
    assert classify_office(made.world, call, made.world.lines[OfficeId("roma")]) is Reason.CAPACITY
    made.later(5_000)
    assert (made.offered("c1"), made.offered("c2")) == ("roma", "roma")


def test_a_trunk_carries_so_many_calls_and_the_next_goes_to_the_most_urgent() -> None:
    """Two offices have a line each, their trunk carries one: the age counts, not whose line is free."""
    made = centre(*PAIR, trunk=1)
    made.enters("c1")
    made.enters("c2", province="BA")
    made.enters("c3")
    assert [made.offered(each) for each in ("c1", "c2", "c3")] == ["roma", None, None]
    made.hangs_up("c1")
    assert (made.offered("c2") is None, made.offered("c3")) == (False, None)


def test_a_carrier_that_fails_everywhere_is_one_event_and_no_breaker_opens() -> None:
    """Four offices; in between one call each five seconds; the first sign of life asks everybody again."""
    offices = tuple(office(f"u{n}") for n in range(1, 5))
    made = centre(*offices, health=replace(HEALTH, in_a_row=1), again_ms=60_000)
    for n in range(1, 5):
        made.enters(f"c{n}")
    for n in range(1, 5):
        made.begins(f"c{n}")
        made.ends_offer(f"c{n}", OfferEnd.FAILED)
    assert events(made) == [True]
    states = {line.breaker.state.value for line in made.world.lines.values()}
    assert states == {"closed"}
    made.orders.clear()
    made.enters("new")
    made.later(4_900)
    assert made.ordered(OfferCall) == []
    made.later(200)
    assert len(made.ordered(OfferCall)) == 1
    probe = made.ordered(OfferCall)[0].call
    made.begins(probe)
    made.ends_offer(probe, OfferEnd.NO_ANSWER)
    made.settle()
    assert events(made) == [True, False]
    assert len(made.ordered(OfferCall)) > 1


def test_one_office_alone_is_no_carrier() -> None:
    """Its network failures open its own breaker."""
    made = centre(*PAIR)
    made.enters("c1", province="RM")
    made.talks("c1")
    made.enters("c2")
    fails(made, "c2", OfferEnd.UNREACHABLE, OfferEnd.UNREACHABLE)
    assert events(made) == []
    assert moved(made) == [("closed", "open", "unreachable")]


def test_new_rules_leave_breakers_carriers_and_counts_as_they_are() -> None:
    """An open breaker stays open, and its time goes on; the number of calls is what it was."""
    made = centre(*PAIR)
    made.enters("c1", province="BA")
    made.talks("c1")
    made.enters("c2")
    fails(made, "c2", OfferEnd.NO_ANSWER, OfferEnd.NO_ANSWER)
    made.tell(RulesChanged(rules=replace(made.world.rules, revision="next")))
    made.settle()
    roma, bari = (made.world.lines[OfficeId(each)] for each in ("roma", "bari"))
    assert (roma.breaker.state.value, bari.in_use, bari.trunk.in_use) == ("open", 1, 1)
    made.later(10_000)
    assert made.offered("c2") == "roma"


def test_numbers_of_an_office_take_turns_and_are_one_office() -> None:
    """Two numbers, capacity two: the orders name both, the count is the office's."""
    made = centre(replace(office("roma", capacity=2), more_numbers=("991", "992")))
    for call in ("c1", "c2", "c3"):
        made.enters(call)
    orders = made.ordered(OfferCall)
    assert [order.target for order in orders] == [office("roma").number, "991"]
    assert {(order.group, order.group_max) for order in orders} == {("roma", 2)}
    assert made.offered("c3") is None
