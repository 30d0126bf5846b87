"""Stories of calls: whose turn it is, missed rings, offices, the longest wait, transfers and ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acd.core import pictures
from acd.core.calls import CallState
from acd.core.facts import (
    CallEnded,
    CallEntered,
    CallTransferred,
    LegEnded,
    OfferBegan,
    OfferEnd,
    OfferRang,
    Stage,
    TalkBegan,
)
from acd.core.ids import CallId
from acd.core.notes import (
    AgentState,
    CallAnswered,
    CallFinished,
    CallOffered,
    Decision,
    Late,
    OfferClosed,
    Outcome,
    Path,
    ServiceLevel,
    ServiceLevelCounted,
)
from acd.core.orders import LookAgain, OfferCall, SendToNet, SetNetMember, TargetKind, WithdrawOffer
from acd.core.policy import SkillNeed
from tests.core.builders import FAR, NODE, START_MS, Centre, agent, levels, office, queue, seen, to_offices
from tests.core.stage import drops, finishes, logs_in_at_once, misses, picture

TWO_QUEUES = (queue("generale"), queue("pensioni"))
BOTH = agent("dario", generale=5, pensioni=5)


# ── whose turn it is ─────────────────────────────────────────────────────────────────────────


def test_the_oldest_call_of_all_queues_is_served_first() -> None:
    """A free agent gets the oldest call among the queues they serve, not the oldest of one queue."""
    centre = Centre(TWO_QUEUES, [BOTH], logged_in=False)
    for call, name in (("c1", "pensioni"), ("c2", "generale"), ("c3", "pensioni"), ("c4", "generale")):
        centre.enters(call, name)
    centre.logs_in("dario")
    for call in ("c1", "c2", "c3", "c4"):
        assert centre.offered(call) == "dario"
        finishes(centre, call)
        centre.later(10_000)
    assert centre.rung() == [(call, "dario") for call in ("c1", "c2", "c3", "c4")]


def test_a_credit_of_the_queue_goes_before_age() -> None:
    """The younger call of a queue with a credit is served first, oldest first within it."""
    queues = (queue("generale"), queue("tedesco", credit_ms=60_000))
    centre = Centre(queues, [agent("elena", generale=5, tedesco=5)], logged_in=False)
    for call, name in (("c1", "generale"), ("c2", "tedesco"), ("c3", "tedesco")):
        centre.enters(call, name)
    centre.logs_in("elena")
    assert centre.rung() == [("c2", "elena")]
    finishes(centre, "c2")
    centre.later(10_000)
    assert centre.rung()[-1] == ("c3", "elena")


def test_the_entry_time_decides_not_the_order_of_the_news() -> None:
    """A call whose entry is told late stands where its age puts it."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c-1.1")
    centre.enters("c-1.2", entered_ms=centre.now_ms - 5_000)
    centre.logs_in("anna")
    assert centre.rung() == [("c-1.2", "anna")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("m-1.9", NODE), ("m-1.10", NODE), id="the sequence is a number: .9 before .10"),
        pytest.param(("m-1.99", NODE), ("m-1.100", NODE), id=".99 before .100"),
        pytest.param(("m-1.500", NODE), ("p-1.2", FAR), id="the node goes before the sequence"),
    ],
)
@pytest.mark.parametrize("told_in_order", [True, False])
def test_calls_of_one_millisecond_go_by_node_and_sequence(first, second, told_in_order: bool) -> None:
    """Ties of age are decided by rule, whichever news came first."""
    centre = Centre(agents=["anna"], logged_in=False)
    entered_ms = centre.now_ms
    for call, node in (first, second) if told_in_order else (second, first):
        centre.enters(call, entered_ms=entered_ms, node=node)
    centre.logs_in("anna")
    assert centre.rung() == [(first[0], "anna")]


def test_the_agent_who_is_idle_longest_is_rung_first() -> None:
    """Whoever has just finished goes to the end of the row."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    assert centre.offered("c1") == "anna"
    finishes(centre, "c1")
    centre.later(10_000)
    centre.enters("c2")
    assert centre.offered("c2") == "bruno"
    finishes(centre, "c2")
    centre.later(10_000)
    centre.enters("c3")
    assert centre.offered("c3") == "anna"


def test_the_longest_idle_is_sought_among_all_who_can() -> None:
    """Different sets of skills do not matter, only how long each has been idle."""
    people = [agent("anna", pensioni=5), agent("bruno", generale=5, pensioni=5), agent("carla", generale=7)]
    centre = Centre(TWO_QUEUES, people)
    for call in ("c1", "c2"):
        centre.enters(call)
    assert centre.rung() == [("c1", "bruno"), ("c2", "carla")]


def test_agents_idle_since_the_same_moment_go_by_the_roster() -> None:
    """The roster's order is the last tie-break, not who was told first."""
    centre = Centre(agents=["anna", "bruno", "carla"], logged_in=False)
    logs_in_at_once(centre, "carla", "bruno", "anna")
    for call in ("c1", "c2", "c3"):
        centre.enters(call)
    assert [name for _, name in centre.rung()] == ["anna", "bruno", "carla"]


@pytest.mark.parametrize(("level", "rung"), [(3, False), (4, True), (10, True)])
def test_a_skill_counts_from_its_minimum_level(level: int, rung: bool) -> None:
    """An agent below the level a queue asks for never gets its calls."""
    need = SkillNeed(skill=next(iter(levels(pensioni=1))), level_min=4)
    centre = Centre([queue("pensioni", needs=(need,))], [agent("anna", pensioni=level)])
    centre.enters("c1", "pensioni")
    assert (centre.offered("c1") == "anna") is rung


def test_a_queue_may_ask_for_two_skills() -> None:
    """One of two required skills is not enough."""
    needs = tuple(SkillNeed(skill=skill) for skill in levels(pensioni=1, tedesco=1))
    people = [agent("anna", pensioni=9), agent("elena", pensioni=1, tedesco=1)]
    centre = Centre([queue("entrambe", needs=needs)], people)
    centre.enters("c1", "entrambe")
    assert centre.rung() == [("c1", "elena")]


def test_an_unknown_queue_name_waits_in_the_default_queue() -> None:
    """Nobody is lost over a name."""
    centre = Centre(agents=["anna"])
    centre.enters("c1", "no-such-queue")
    assert centre.offered("c1") == "anna"
    assert centre.call("c1").queue.id == "generale"


def test_an_entry_from_the_future_has_just_entered() -> None:
    """A node's clock may be ahead of ours; no wait is ever negative."""
    centre = Centre(agents=["anna"])
    centre.enters("c1", entered_ms=START_MS + 90_000)
    assert [each.wait_ms for each in centre.noted(Decision)] == [0]


def test_the_order_says_everything_the_dialplan_needs() -> None:
    """Target, ring time and the moment after which the order is void."""
    centre = Centre([queue(ring_s=15)], ["anna"])
    centre.enters("c1")
    (order,) = centre.ordered(OfferCall)
    assert (order.node, order.kind, order.target, order.via) == (NODE, TargetKind.AGENT, "phone-anna", "")
    assert (order.ring_s, order.not_after_ms) == (15, centre.now_ms + 3_000)


def test_the_names_of_attempts_have_a_fixed_length_and_the_epoch() -> None:
    """Asterisk compares some names by prefix, and an old leader's order must be told apart."""
    centre = Centre(agents=["anna", "bruno"])
    for call in ("c1", "c2"):
        centre.enters(call)
    assert [order.attempt for order in centre.ordered(OfferCall)] == [
        "0000000007-00000001",
        "0000000007-00000002",
    ]


def test_the_decision_names_the_runners_up() -> None:
    """Why this agent: the note says who else could have had the call."""
    people = [agent("bruno", generale=5, pensioni=5), agent("carla", generale=7)]
    centre = Centre(TWO_QUEUES, people)
    centre.enters("c1")
    (decision,) = centre.noted(Decision)
    assert (decision.target, decision.runners_up) == ("bruno", ("carla",))


# ── ring, no answer ──────────────────────────────────────────────────────────────────────────


def test_a_missed_call_rings_another_agent_next() -> None:
    """Ring-no-answer: the next idle agent is rung at once, with the original age."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    misses(centre, "c1")
    assert centre.rung() == [("c1", "anna"), ("c1", "bruno")]
    assert [each.wait_ms for each in centre.noted(Decision)] == [0, 20_000]


def test_a_missed_call_goes_back_to_the_head() -> None:
    """Calls that came during the ring stay behind it."""
    centre = Centre(agents=["anna", "bruno"])
    centre.pauses("bruno")
    for call in ("c1", "c2", "c3"):
        centre.enters(call)
    misses(centre, "c1")
    assert centre.offered("c2") == "anna"
    centre.readies("bruno")
    assert centre.offered("c1") == "bruno"


def test_a_missed_call_does_not_ring_the_same_agent_again() -> None:
    """The only agent missed the call: it waits, and the agent gets the next one."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    misses(centre, "c1")
    assert centre.state("c1") is CallState.WAITING
    centre.enters("c2")
    assert centre.rung() == [("c1", "anna"), ("c2", "anna")]


def test_the_bar_expires() -> None:
    """After ``not_again_ms`` the same agent may have the call again, to the millisecond."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    misses(centre, "c1")
    centre.later(59_999)
    assert len(centre.rung()) == 1
    centre.later(1)
    assert centre.rung() == [("c1", "anna")] * 2


def test_a_missed_ring_starts_the_idle_clock_anew() -> None:
    """An agent who did not answer goes to the end of the row."""
    centre = Centre(agents=["anna", "bruno", "carla"])
    centre.enters("c1")
    misses(centre, "c1")
    centre.enters("c2")
    centre.enters("c3")
    assert centre.rung()[1:] == [("c1", "bruno"), ("c2", "carla"), ("c3", "anna")]


@pytest.mark.parametrize("end", [OfferEnd.NO_ANSWER, OfferEnd.BUSY, OfferEnd.DECLINED])
def test_ends_that_are_a_miss(end: OfferEnd) -> None:
    """Not answered, busy, rejected: the agent's, and another agent is rung."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.rings("c1")
    centre.ends_offer("c1", end)
    assert centre.person("anna").misses == 1
    assert centre.noted(OfferClosed)[0].missed
    assert centre.offered("c1") == "bruno"


@pytest.mark.parametrize("end", [OfferEnd.UNREACHABLE, OfferEnd.FAILED, OfferEnd.REFUSED])
def test_ends_that_are_not_a_miss(end: OfferEnd) -> None:
    """The network's faults and ours are nobody's miss; another agent is rung all the same."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.begins("c1")
    centre.ends_offer("c1", end)
    assert centre.person("anna").misses == 0
    assert not centre.noted(OfferClosed)[0].missed
    assert centre.offered("c1") == "bruno"


def test_a_refused_order_is_tried_again_soon() -> None:
    """A refusal says nothing of the agent: the bar lasts only as long as an order."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.ends_offer("c1", OfferEnd.REFUSED)
    assert (centre.offered("c1"), centre.agent_state("anna")) == (None, AgentState.READY)
    centre.later(3_000)
    assert centre.rung() == [("c1", "anna")] * 2


def test_three_misses_in_a_row_pause_the_agent() -> None:
    """Paused with the reason of the rules, in the safety net too."""
    centre = Centre(agents=["anna"])
    for call in ("c1", "c2", "c3"):
        centre.enters(call)
        misses(centre, call)
    assert (centre.agent_state("anna"), centre.person("anna").reason) == (AgentState.PAUSED, "mancate")
    member = centre.ordered(SetNetMember)[-1]
    assert (member.agent, member.logged_in, member.paused, member.reason) == ("anna", True, True, "mancate")


def test_a_talk_clears_the_misses() -> None:
    """Only misses in a row count."""
    centre = Centre(agents=["anna"])
    for call in ("c1", "c2"):
        centre.enters(call)
        misses(centre, call)
        centre.hangs_up(call)
    centre.enters("c3")
    finishes(centre, "c3")
    assert centre.person("anna").misses == 0
    centre.later(10_000)
    centre.enters("c4")
    misses(centre, "c4")
    assert centre.agent_state("anna") is AgentState.READY


def test_a_pause_clears_the_misses() -> None:
    """Back from the pause for misses the agent begins anew."""
    centre = Centre(agents=["anna"])
    for call in ("c1", "c2", "c3"):
        centre.enters(call)
        misses(centre, call)
        centre.hangs_up(call)
    centre.readies("anna")
    centre.enters("c4")
    misses(centre, "c4")
    assert centre.agent_state("anna") is AgentState.READY


# ── short talk ───────────────────────────────────────────────────────────────────────────────


def test_a_dropped_call_goes_back_to_the_head() -> None:
    """Answered and hung up at once: the caller keeps place and age, another agent is rung."""
    centre = Centre(agents=["anna", "bruno"])
    centre.pauses("bruno")
    centre.enters("c1")
    centre.enters("c2")
    drops(centre, "c1")
    centre.readies("bruno")
    assert centre.offered("c1") == "bruno"
    assert centre.noted(Decision)[-1].wait_ms == centre.now_ms - centre.call("c1").entered_ms


@pytest.mark.parametrize("leg_first", [True, False])
def test_a_dropped_call_is_a_miss(leg_first: bool) -> None:
    """And three of them pause the agent like any others, whether wrap-up has begun or not."""
    centre = Centre(agents=["anna"])
    for call in ("c1", "c2", "c3"):
        centre.enters(call)
        if leg_first:
            drops(centre, call)
        else:
            centre.talks(call)
            centre.ends_offer(call, OfferEnd.DROPPED)
        centre.hangs_up(call)
        if centre.agent_state("anna") is AgentState.WRAP_UP:
            centre.later(10_000)
    assert (centre.agent_state("anna"), centre.person("anna").reason) == (AgentState.PAUSED, "mancate")


@pytest.mark.parametrize("end", [OfferEnd.NO_ANSWER, OfferEnd.FAILED, OfferEnd.UNREACHABLE])
def test_an_answer_that_crossed_the_end_of_the_ring_was_dropped(end: OfferEnd) -> None:
    """Answered, and the dialplan reports the ring's end: the agent had the call and lost it."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.talks("c1")
    centre.ends_offer("c1", end)
    (closed,) = centre.noted(OfferClosed)
    assert (closed.end, closed.missed) == (OfferEnd.DROPPED, True)
    assert (centre.agent_state("anna"), centre.offered("c1")) == (AgentState.WRAP_UP, "bruno")


def test_the_wait_of_a_dropped_call_goes_on() -> None:
    """Whoever looks sees the wait from the entry, not the one until the short answer."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    drops(centre, "c1")
    centre.later(15_000)
    (view,) = pictures.calls(centre.world, None, 9)
    assert view.wait_ms == centre.world.now_ms - centre.call("c1").entered_ms


def test_a_dropped_call_that_is_given_up_was_not_answered() -> None:
    """The caller who hangs up after the drop counts as abandoned."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    drops(centre, "c1")
    centre.later(10_000)
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.ABANDONED


# ── offices ──────────────────────────────────────────────────────────────────────────────────


def with_offices(*offices, after_ms: int = 8_000, agents=()) -> Centre:
    """A queue that overflows to these offices after a wait."""
    names = tuple(each.id for each in offices)
    overflowing = queue("generale", ladder=to_offices(*names, after_ms=after_ms))
    return Centre([overflowing], agents, offices)


def test_offices_are_asked_only_after_their_time() -> None:
    """Until the step opens a free line is not for this call."""
    centre = with_offices(office("roma"), agents=["anna"])
    centre.pauses("anna")
    centre.enters("c1")
    centre.later(7_999)
    assert not centre.rung()
    centre.later(1)
    (order,) = centre.ordered(OfferCall)
    line = office("roma")
    assert (order.kind, order.target, order.via) == (TargetKind.LINE, line.number, "trunk")


def test_offices_may_be_asked_at_once() -> None:
    """A step after no time at all: transition mode."""
    centre = with_offices(office("roma"), after_ms=0)
    centre.enters("c1")
    assert centre.offered("c1") == "roma"


def test_a_free_agent_goes_before_an_office() -> None:
    """Offices carry what nobody else can."""
    centre = with_offices(office("roma"), after_ms=0, agents=["anna"])
    centre.enters("c1")
    centre.enters("c2")
    assert (centre.offered("c1"), centre.offered("c2")) == ("anna", "roma")


def test_an_office_carries_as_many_calls_as_it_has_lines() -> None:
    """Capacity 2: the third call waits, and rings as soon as a line is free."""
    centre = with_offices(office("roma", capacity=2), after_ms=0)
    for call in ("c1", "c2", "c3", "c4"):
        centre.enters(call)
    assert [centre.offered(call) for call in ("c1", "c2", "c3", "c4")] == ["roma", "roma", None, None]
    for call in ("c1", "c2"):
        centre.talks(call)
    centre.agent_hangs_up("c1")
    assert [centre.offered(call) for call in ("c3", "c4")] == ["roma", None]


def test_the_own_province_is_asked_first() -> None:
    """The caller's province goes before the order of the list."""
    centre = with_offices(office("roma", "RM"), office("bari", "BA"), after_ms=0)
    centre.enters("c1", province="BA")
    assert centre.offered("c1") == "bari"


def test_without_a_province_the_list_decides() -> None:
    """A caller of another province, or of none, goes down the queue's list."""
    centre = with_offices(office("roma", "RM"), office("bari", "BA"), after_ms=0)
    centre.enters("c1", province="TO")
    centre.enters("c2")
    assert (centre.offered("c1"), centre.offered("c2")) == ("roma", "bari")


def test_an_office_that_does_not_answer_is_followed_by_the_next() -> None:
    """And has no misses: nobody is paused there."""
    centre = with_offices(office("roma"), office("bari"), after_ms=0)
    centre.enters("c1")
    misses(centre, "c1")
    assert centre.offered("c1") == "bari"
    assert not centre.noted(OfferClosed)[0].missed


def test_a_free_line_waits_for_calls_that_are_old_enough() -> None:
    """A line that becomes free does not take a call whose time for offices has not come."""
    centre = with_offices(office("roma"), agents=["anna"])
    centre.pauses("anna")
    centre.enters("c1")
    centre.later(8_000)
    centre.talks("c1")
    centre.later(5_000)
    centre.enters("c2")
    centre.agent_hangs_up("c1")
    assert centre.offered("c2") is None
    centre.later(8_000)
    assert centre.offered("c2") == "roma"


def test_a_public_line_may_be_silent_before_it_rings() -> None:
    """The ghost limit is for phones; a trunk has the whole ring time."""
    centre = with_offices(office("roma"), after_ms=0)
    centre.enters("c1")
    centre.begins("c1")
    centre.later(19_000)
    assert not centre.ordered(WithdrawOffer)
    centre.tell(TalkBegan(call=CallId("c1"), attempt=centre.attempt("c1")))
    assert centre.state("c1") is CallState.TALKING


def test_a_call_carried_by_an_office_stays_booked_in_its_queue() -> None:
    """Answered, by the fallback path, by that office; no person and no site."""
    centre = with_offices(office("roma"), after_ms=0)
    centre.enters("c1")
    finishes(centre, "c1")
    end = centre.finished("c1")
    assert (end.outcome, end.path, end.office, end.site) == (Outcome.ANSWERED, Path.FALLBACK, "roma", None)
    tally = centre.world.tally[end.queue]
    assert (tally.entered, tally.answered, tally.answered_by_offices) == (1, 1, 1)


def test_an_agent_who_becomes_free_takes_a_call_that_offices_may_have_too() -> None:
    """Once open for offices a call is still anybody's."""
    centre = with_offices(office("roma"), after_ms=0, agents=["anna"])
    centre.pauses("anna")
    centre.enters("c1")
    centre.enters("c2")
    centre.readies("anna")
    assert (centre.offered("c1"), centre.offered("c2")) == ("roma", "anna")


# ── nobody waits for ever ────────────────────────────────────────────────────────────────────


def test_after_the_maximum_wait_the_net_takes_the_call() -> None:
    """Ordered at the maximum, again for as long as it has not happened, and then no more."""
    centre = Centre([queue(wait_ms_max=60_000)])
    centre.enters("c1")
    centre.later(59_999)
    assert not centre.ordered(SendToNet)
    centre.later(1)
    (order,) = centre.ordered(SendToNet)
    assert (order.call, order.not_after_ms) == ("c1", centre.now_ms + 3_000)
    centre.later(5_000)
    assert len(centre.ordered(SendToNet)) == 2
    centre.net_takes("c1")
    centre.later(60_000)
    assert (len(centre.ordered(SendToNet)), centre.state("c1")) == (2, CallState.IN_NET)


def test_an_order_to_the_net_that_fails_is_not_repeated_at_once() -> None:
    """The next order to the net keeps its distance, whatever a look has found meanwhile."""
    centre = Centre([queue(wait_ms_max=30_000)])
    centre.enters("c1")
    entered_ms = centre.now_ms
    centre.later(30_000)
    for _ in range(20):
        centre.order_fails("c1", unknown=False, attempt=centre.ordered(SendToNet)[-1].attempt)
        centre.looked_at("c1", seen("c1", entered_ms=entered_ms))
        centre.later(1)
    assert len(centre.ordered(SendToNet)) == 1


def test_each_order_to_the_net_has_its_own_name() -> None:
    """So that a late failure of the first is not taken for one of the second."""
    centre = Centre([queue(wait_ms_max=60_000)])
    centre.enters("c1")
    centre.later(70_000)
    names = [order.attempt for order in centre.ordered(SendToNet)]
    assert len(names) == len(set(names)) == 3


def test_a_ringing_call_is_not_sent_to_the_net() -> None:
    """The maximum passes during a ring: first the ring, then, unanswered, the net."""
    centre = Centre([queue(wait_ms_max=30_000)], ["anna"], logged_in=False)
    centre.enters("c1")
    centre.later(25_000)
    centre.logs_in("anna")
    centre.rings("c1")
    centre.later(20_000)
    assert not centre.ordered(SendToNet)
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    centre.later(1)
    assert len(centre.ordered(SendToNet)) == 1


def test_a_call_in_the_net_is_the_nets_at_its_end() -> None:
    """Answered there or not, we do not know; it is counted as such."""
    centre = Centre([queue(wait_ms_max=60_000)])
    centre.enters("c1")
    centre.later(60_000)
    centre.net_takes("c1")
    centre.later(30_000)
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.SAFETY_NET


def test_the_net_takes_a_ringing_call_by_itself() -> None:
    """Our lease had lapsed: the agent is free of it, without a miss, for the next call."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.net_takes("c1")
    assert centre.agent_state("anna") is AgentState.READY
    assert centre.person("anna").misses == 0
    centre.enters("c2")
    assert centre.offered("c2") == "anna"


def test_a_call_in_the_net_is_looked_at_should_its_end_be_lost() -> None:
    """After four hours, and again as long as nothing is known."""
    centre = Centre()
    centre.enters("c1")
    centre.net_takes("c1")
    centre.later(14_400_000)
    assert len(centre.ordered(LookAgain)) == 1
    centre.later(14_400_000)
    assert len(centre.ordered(LookAgain)) == 2


# ── the service level ────────────────────────────────────────────────────────────────────────


def level_events(centre: Centre) -> list[ServiceLevel]:
    """What was counted so far."""
    return [each.result for each in centre.noted(ServiceLevelCounted)]


def test_a_miss_is_counted_at_the_threshold() -> None:
    """While the call waits, so that a jam shows while it lasts."""
    centre = Centre()
    centre.enters("c1")
    centre.later(19_999)
    assert level_events(centre) == []
    centre.later(1)
    assert level_events(centre) == [ServiceLevel.MISSED]
    assert centre.state("c1") is CallState.WAITING


def test_a_late_answer_is_not_counted_again() -> None:
    """Missed at the threshold; the answer and the end add nothing."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    centre.later(30_000)
    centre.logs_in("anna")
    finishes(centre, "c1")
    assert level_events(centre) == [ServiceLevel.MISSED]


@pytest.mark.parametrize(
    ("wait_ms", "result"),
    [(0, ServiceLevel.MET), (19_999, ServiceLevel.MET), (20_001, ServiceLevel.MISSED)],
)
def test_an_answer_is_met_within_the_threshold(wait_ms: int, result: ServiceLevel) -> None:
    """Counted at the answer, by the wait from the entry; ringing is waiting."""
    centre = Centre([queue(ring_s=60)], ["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.later(wait_ms)
    centre.tell(TalkBegan(call=CallId("c1"), attempt=centre.attempt("c1")))
    assert level_events(centre) == [result]


def test_an_answer_handled_before_the_threshold_that_is_over_is_missed() -> None:
    """The process stood still and the answer comes in before the deadline: the wait decides."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.now_ms += 20_001
    centre.tell(TalkBegan(call=CallId("c1"), attempt=centre.attempt("c1")))
    assert level_events(centre) == [ServiceLevel.MISSED]


def test_a_caller_who_leaves_before_the_threshold_is_apart() -> None:
    """Neither met nor missed: abandoned early."""
    centre = Centre()
    centre.enters("c1")
    centre.later(19_000)
    centre.hangs_up("c1")
    assert level_events(centre) == [ServiceLevel.ABANDONED_EARLY]


def test_a_caller_who_leaves_after_the_threshold_was_missed() -> None:
    """Once, at the threshold."""
    centre = Centre()
    centre.enters("c1")
    centre.later(25_000)
    centre.hangs_up("c1")
    assert level_events(centre) == [ServiceLevel.MISSED]


def test_a_missed_ring_and_a_drop_do_not_count_twice() -> None:
    """Whatever becomes of the call, one event."""
    centre = Centre(agents=["anna", "bruno", "carla"])
    centre.enters("c1")
    centre.rings("c1")
    centre.ends_offer("c1", OfferEnd.DECLINED)
    drops(centre, "c1")
    finishes(centre, "c1")
    assert level_events(centre) == [ServiceLevel.MET]
    assert len(centre.noted(CallAnswered)) == 1


def test_a_second_visit_does_not_count_again() -> None:
    """A call has one service-level event in its life, in the queue of its first visit."""
    centre = Centre(TWO_QUEUES, [BOTH])
    centre.enters("c1")
    centre.talks("c1")
    centre.transferred("c1")
    centre.enters("c1", "pensioni", visit=2)
    centre.later(120_000)
    centre.hangs_up("c1")
    assert [(each.queue, each.result) for each in centre.noted(ServiceLevelCounted)] == [
        ("generale", ServiceLevel.MET)
    ]


# ── how a call ends ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wait_ms", "outcome"), [(4_999, Outcome.SHORT_ABANDONED), (5_000, Outcome.ABANDONED)]
)
def test_a_short_abandon_is_told_apart(wait_ms: int, outcome: Outcome) -> None:
    """Callers who hang up at once are no verdict on the wait."""
    centre = Centre()
    centre.enters("c1")
    centre.later(wait_ms)
    centre.hangs_up("c1")
    end = centre.finished("c1")
    assert (end.outcome, end.wait_ms, end.handle_ms) == (outcome, wait_ms, 0)


def test_the_ledger_has_wait_handle_and_site() -> None:
    """The wait ends with the answer; the handling with the caller's end; a site, never a person."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.later(7_000)
    centre.tell(TalkBegan(call=CallId("c1"), attempt=centre.attempt("c1")))
    centre.later(90_000)
    centre.agent_hangs_up("c1")
    end = centre.finished("c1")
    assert (end.outcome, end.path) == (Outcome.ANSWERED, Path.PRIMARY)
    assert (end.wait_ms, end.handle_ms, end.site, end.office) == (7_000, 90_000, "roma", None)


def test_a_talk_whose_beginning_was_lost_still_counts_as_answered() -> None:
    """The end reports how long was talked: wait and handling are right all the same."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.later(15_000)
    centre.ends_offer("c1", OfferEnd.TALKED, talk_ms=10_000)
    centre.hangs_up("c1")
    end = centre.finished("c1")
    assert (end.outcome, end.wait_ms, end.handle_ms) == (Outcome.ANSWERED, 5_000, 10_000)
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_a_hang_up_we_miss_after_a_talk_is_looked_for() -> None:
    """The talk is over and the caller's end does not come: look, again and again."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.leg_ends("c1")
    centre.ends_offer("c1", OfferEnd.TALKED)
    assert centre.state("c1") is CallState.LEAVING
    centre.later(4_000)
    assert len(centre.ordered(LookAgain)) == 2
    centre.looked_at("c1", None)
    assert centre.finished("c1").outcome is Outcome.ANSWERED


def rung_to_its_limit(centre: Centre) -> None:
    """The ghost limit has passed: we are withdrawing."""
    centre.begins("c1")
    centre.later(4_000)


def talked_out(centre: Centre) -> None:
    """The agent has hung up, Asterisk is hanging up on the caller."""
    centre.talks("c1")
    attempt = centre.attempt("c1")
    centre.leg_ends("c1")
    centre.ends_offer("c1", OfferEnd.TALKED, attempt=attempt)


def passed_on(centre: Centre) -> None:
    """The caller talks with somebody else."""
    centre.talks("c1")
    centre.transferred("c1")


def expired(centre: Centre) -> None:
    """The order was never picked up: the caller waits again."""
    centre.later(5_000)


STATES = [
    pytest.param(expired, Outcome.ABANDONED, AgentState.READY, id="waiting"),
    pytest.param(lambda _: None, Outcome.SHORT_ABANDONED, AgentState.READY, id="ordered"),
    pytest.param(lambda c: c.begins("c1"), Outcome.SHORT_ABANDONED, AgentState.READY, id="dialling"),
    pytest.param(lambda c: c.rings("c1"), Outcome.SHORT_ABANDONED, AgentState.READY, id="ringing"),
    pytest.param(rung_to_its_limit, Outcome.SHORT_ABANDONED, AgentState.UNREACHABLE, id="withdrawing"),
    pytest.param(lambda c: c.talks("c1"), Outcome.ANSWERED, AgentState.WRAP_UP, id="talking"),
    pytest.param(talked_out, Outcome.ANSWERED, AgentState.WRAP_UP, id="leaving"),
    pytest.param(passed_on, Outcome.ANSWERED, AgentState.WRAP_UP, id="transferred"),
    pytest.param(lambda c: c.net_takes("c1"), Outcome.SAFETY_NET, AgentState.READY, id="in_net"),
]


@pytest.mark.parametrize(("reach", "outcome", "after"), STATES)
def test_a_caller_gone_frees_what_the_call_held(
    reach: Callable[[Centre], object], outcome: Outcome, after: AgentState
) -> None:
    """In every state: one end, no offer left, the agent free without a miss, no deadline of the call."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    reach(centre)
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is outcome
    assert not centre.world.calls
    assert not centre.world.offers
    assert (centre.agent_state("anna"), centre.person("anna").misses) == (after, 0)
    left = {kind for kind, _ in centre.world.deadlines._armed}
    assert left <= {"wrap_up", "retry"}


@pytest.mark.parametrize(("reach", "outcome", "after"), STATES)
def test_what_is_still_told_of_a_call_that_is_over_is_late(
    reach: Callable[[Centre], object], outcome: Outcome, after: AgentState
) -> None:
    """Whatever arrives behind the end moves nothing and orders nothing."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    attempt = centre.attempt("c1")
    reach(centre)
    centre.hangs_up("c1")
    before = picture(centre.world)
    call = CallId("c1")
    for kind in (OfferBegan, OfferRang, TalkBegan, LegEnded, CallTransferred):
        told = centre.tell(kind(call=call, attempt=attempt))
        assert (told.orders, [type(note) for note in told.notes]) == ([], [Late])
    for end in OfferEnd:
        told = centre.ends_offer("c1", end, attempt=attempt)
        assert (told.orders, [type(note) for note in told.notes]) == ([], [Late])
    assert centre.hangs_up("c1").orders == []
    assert centre.net_takes("c1").orders == []
    assert centre.looked_at("c1", None).orders == []
    assert centre.looked_at("c1", seen("c1", Stage.HOLDING)).orders == []
    assert centre.order_fails("c1", unknown=True, attempt=attempt).orders == []
    assert picture(centre.world) == before


def test_a_hang_up_that_overtook_the_entry_is_no_call() -> None:
    """The entry that comes behind it does not wait for ever: nobody is there."""
    centre = Centre(agents=["anna"])
    centre.hangs_up("c1")
    centre.enters("c1")
    assert not centre.world.calls
    assert not centre.rung()


def test_hanging_up_keeps_the_agents_place_in_the_row() -> None:
    """A ring the caller ended does not send the agent to the end of the row."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.rings("c1")
    centre.later(5_000)
    centre.hangs_up("c1")
    centre.enters("c2")
    assert centre.offered("c2") == "anna"


# ── transfer ─────────────────────────────────────────────────────────────────────────────────


def test_a_blind_transfer_frees_the_agent_and_keeps_the_call() -> None:
    """The agent goes to wrap-up; the call counts until the caller's end, and was answered."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    attempt = centre.attempt("c1")
    centre.later(30_000)
    centre.transferred("c1")
    centre.tell(LegEnded(call=CallId("c1"), attempt=attempt))
    assert (centre.state("c1"), centre.agent_state("anna")) == (CallState.TRANSFERRED, AgentState.WRAP_UP)
    assert not centre.noted(CallFinished)
    centre.later(300_000)
    centre.hangs_up("c1")
    end = centre.finished("c1")
    assert (end.outcome, end.handle_ms) == (Outcome.ANSWERED, 330_000)


def test_an_attended_transfer_ends_when_its_target_hangs_up() -> None:
    """The dialplan then reports the end of the talk: the caller is leaving, the agent long free."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    attempt = centre.attempt("c1")
    centre.transferred("c1")
    centre.tell(LegEnded(call=CallId("c1"), attempt=attempt))
    centre.later(60_000)
    assert centre.agent_state("anna") is AgentState.READY
    centre.enters("c2")
    centre.talks("c2")
    centre.ends_offer("c1", OfferEnd.TALKED, attempt=attempt, talk_ms=60_000)
    assert centre.state("c1") is CallState.LEAVING
    assert (centre.state("c2"), centre.agent_state("anna")) == (CallState.TALKING, AgentState.TALKING)
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.ANSWERED


def test_the_leg_may_end_before_the_news_of_the_transfer() -> None:
    """Either order of the two leads to the same picture."""
    pictures = []
    for leg_first in (True, False):
        centre = Centre(agents=["anna"])
        centre.enters("c1")
        centre.talks("c1")
        transfer = CallTransferred(call=CallId("c1"), attempt=centre.attempt("c1"))
        leg = LegEnded(call=CallId("c1"), attempt=centre.attempt("c1"))
        for fact in (leg, transfer) if leg_first else (transfer, leg):
            centre.tell(fact)
        pictures.append(picture(centre.world))
    assert pictures[0] == pictures[1]


def test_a_transfer_into_a_queue_is_a_second_visit() -> None:
    """It waits there at the age of its first entry, is booked where it began, and ends once."""
    centre = Centre(TWO_QUEUES, [agent("anna"), agent("carla", pensioni=5)])
    centre.pauses("carla")
    centre.enters("c1")
    centre.talks("c1")
    centre.later(60_000)
    centre.enters("c2", "pensioni")
    centre.transferred("c1")
    centre.enters("c1", "pensioni", visit=2)
    assert (centre.state("c1"), centre.call("c1").queue.id) == (CallState.WAITING, "pensioni")
    centre.readies("carla")
    assert (centre.offered("c1"), centre.offered("c2")) == ("carla", None)
    finishes(centre, "c1")
    end = centre.finished("c1")
    assert (end.queue, end.outcome) == ("generale", Outcome.ANSWERED)
    assert len([each for each in centre.noted(CallOffered) if each.call == "c1"]) == 1


def test_a_second_visit_proves_that_the_first_is_over() -> None:
    """Its news may overtake that of the transfer: the agent is free at once, the news is late."""
    centre = Centre(TWO_QUEUES, [agent("anna")])
    centre.enters("c1")
    centre.talks("c1")
    attempt = centre.attempt("c1")
    centre.enters("c1", "pensioni", visit=2)
    assert (centre.state("c1"), centre.agent_state("anna")) == (CallState.WAITING, AgentState.WRAP_UP)
    before = picture(centre.world)
    centre.tell(CallTransferred(call=CallId("c1"), attempt=attempt))
    centre.tell(LegEnded(call=CallId("c1"), attempt=attempt))
    centre.ends_offer("c1", OfferEnd.TALKED, attempt=attempt)
    assert picture(centre.world) == before


def test_a_second_visit_given_up_is_abandoned() -> None:
    """What was answered was the visit before; this wait ended without an answer."""
    centre = Centre(TWO_QUEUES, [agent("anna")])
    centre.enters("c1")
    centre.talks("c1")
    centre.transferred("c1")
    centre.enters("c1", "pensioni", visit=2)
    centre.later(30_000)
    centre.hangs_up("c1")
    end = centre.finished("c1")
    assert (end.outcome, end.wait_ms) == (Outcome.ABANDONED, 30_000)


def test_a_second_visit_forgets_the_bars_of_the_first() -> None:
    """Who missed the call then may have it now."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    misses(centre, "c1")
    centre.talks("c1")
    centre.transferred("c1")
    centre.enters("c1", visit=2)
    assert centre.rung()[-1] == ("c1", "anna")


def test_a_repeated_visit_is_late() -> None:
    """An entry told twice, or an older one, does not begin anew."""
    centre = Centre(TWO_QUEUES, [agent("anna")])
    centre.enters("c1")
    centre.talks("c1")
    centre.transferred("c1")
    centre.enters("c1", "pensioni", visit=2)
    before = picture(centre.world)
    for visit in (1, 2):
        told = centre.tell(
            CallEntered(call=CallId("c1"), node=NODE, queue="generale", entered_ms=START_MS, visit=visit)
        )
        assert (told.orders, [type(note) for note in told.notes]) == ([], [Late])
    assert picture(centre.world) == before


def test_a_transferred_call_is_looked_at_should_its_end_be_lost() -> None:
    """After four hours."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.transferred("c1")
    centre.later(14_399_999)
    assert not centre.ordered(LookAgain)
    centre.later(1)
    assert len(centre.ordered(LookAgain)) == 1


# ── orders that fail, facts that come too late ───────────────────────────────────────────────


def test_a_failed_order_frees_the_agent() -> None:
    """The channel is gone: no miss, and the node is asked whether the caller is still there."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.order_fails("c1", unknown=False)
    assert (centre.agent_state("anna"), centre.person("anna").misses) == (AgentState.READY, 0)
    assert [order.call for order in centre.ordered(LookAgain)] == ["c1"]
    centre.looked_at("c1", None)
    assert centre.finished("c1").outcome is Outcome.SHORT_ABANDONED


def test_an_order_that_may_have_arrived_keeps_the_agent() -> None:
    """Unknown: hold the agent and look; the offer goes on if the dialplan has it."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.order_fails("c1", unknown=True)
    assert centre.agent_state("anna") is AgentState.RESERVED
    assert len(centre.ordered(LookAgain)) == 1
    centre.talks("c1")
    assert centre.state("c1") is CallState.TALKING


def test_an_unknown_order_that_never_began_expires() -> None:
    """The lease ends: the agent is free when the dialplan would refuse the order."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.order_fails("c1", unknown=True)
    centre.later(4_999)
    assert centre.agent_state("anna") is AgentState.RESERVED
    centre.later(1)
    assert (centre.agent_state("anna"), centre.state("c1")) == (AgentState.READY, CallState.WAITING)


def test_an_order_that_failed_after_it_began_did_not_fail() -> None:
    """The dialplan has it, whatever the link says."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.order_fails("c1", unknown=False)
    assert centre.agent_state("anna") is AgentState.RINGING


def test_a_failed_order_to_the_net_is_looked_at() -> None:
    """Is the caller still there?"""
    centre = Centre([queue(wait_ms_max=30_000)])
    centre.enters("c1")
    centre.later(30_000)
    (order,) = centre.ordered(SendToNet)
    centre.order_fails("c1", unknown=False, attempt=order.attempt)
    assert len(centre.ordered(LookAgain)) == 1


def test_an_order_nobody_picks_up_expires() -> None:
    """No miss, age kept, the next agent is rung, and the call is looked at."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.later(5_000)
    assert centre.rung() == [("c1", "anna"), ("c1", "bruno")]
    assert (centre.person("anna").misses, centre.noted(Decision)[-1].wait_ms) == (0, 5_000)
    assert len(centre.ordered(LookAgain)) == 1


@pytest.mark.parametrize("kind", [OfferBegan, OfferRang, TalkBegan])
def test_a_sign_of_life_after_the_expiry_is_looked_into(kind) -> None:
    """The dialplan goes on with an order we gave up: late, and one look."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    attempt = centre.attempt("c1")
    centre.later(5_000)
    looks = len(centre.ordered(LookAgain))
    before = picture(centre.world)
    told = centre.tell(kind(call=CallId("c1"), attempt=attempt))
    assert [type(note) for note in told.notes] == [Late]
    assert len(centre.ordered(LookAgain)) == looks + 1
    assert picture(centre.world) == before


def test_an_end_after_the_expiry_is_only_late() -> None:
    """The dialplan refused the order, as we thought: nothing to look at."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    attempt = centre.attempt("c1")
    centre.later(5_000)
    for told in (
        centre.tell(LegEnded(call=CallId("c1"), attempt=attempt)),
        centre.ends_offer("c1", OfferEnd.REFUSED, attempt=attempt),
    ):
        assert (told.orders, [type(note) for note in told.notes]) == ([], [Late])


def test_the_look_finds_the_talk_we_gave_up() -> None:
    """The channel's word wins: caller and agent do talk, and the agent is not rung for another."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    attempt = centre.attempt("c1")
    centre.later(5_000)
    centre.tell(TalkBegan(call=CallId("c1"), attempt=attempt))
    centre.looked_at("c1", seen("c1", Stage.TALKING, attempt=attempt, target="phone-anna"))
    assert (centre.state("c1"), centre.agent_state("anna")) == (CallState.TALKING, AgentState.TALKING)
    centre.agent_hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.ANSWERED


def test_an_end_for_another_call_touches_nobody() -> None:
    """A failed order that names an attempt of another call is late."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.enters("c2")
    before = picture(centre.world)
    centre.order_fails("c2", unknown=False, attempt=centre.attempt("c1"))
    assert picture(centre.world) == before


def test_a_call_nobody_knows_is_an_anomaly_not_an_accident() -> None:
    """News of a call we never saw: reported, nothing moves."""
    centre = Centre(agents=["anna"])
    before = picture(centre.world)
    told = centre.net_takes("c9")
    assert (told.orders, [type(note).__name__ for note in told.notes]) == ([], ["Anomaly"])
    assert picture(centre.world) == before


def test_the_end_of_a_call_we_never_saw_is_not_counted() -> None:
    """Entered = ended + in progress holds for what entered."""
    centre = Centre()
    centre.tell(CallEnded(call=CallId("c9")))
    assert sum(tally.ended for tally in centre.world.tally.values()) == 0
