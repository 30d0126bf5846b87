"""Stories of agents: what they ask for and when it comes true, phones that are not there, wrap-up."""

from __future__ import annotations

from itertools import pairwise

import pytest

from acd.core.calls import CallState
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    Asker,
    DeviceState,
    OfferEnd,
    OfferRang,
    TalkBegan,
    WrapUpExtended,
)
from acd.core.ids import AgentId, CallId, PauseReasonId
from acd.core.notes import AgentMoved, AgentState, Late, OfferClosed
from acd.core.orders import AnswerAsker, LookAgain, SetNetMember, WithdrawOffer
from tests.core.builders import NODE, Centre, agent, office, queue, to_offices
from tests.core.stage import drops, finishes, misses, picture

ANNA = AgentId("anna")
ASKER = Asker(node=NODE, channel="PJSIP/phone-anna-00000001")


def talks_now(centre: Centre, call: str) -> None:
    """The phone is answered, whatever we believe of the ring."""
    centre.tell(TalkBegan(call=CallId(call), attempt=centre.attempt(call)))


# ── pause, logout and ready during a ring ────────────────────────────────────────────────────


@pytest.mark.parametrize("how_far", ["ordered", "dialling", "ringing"])
@pytest.mark.parametrize(
    ("asks", "after"), [("pauses", AgentState.PAUSED), ("logs_out", AgentState.LOGGED_OUT)]
)
def test_leaving_during_a_ring_takes_it_back(how_far: str, asks: str, after: AgentState) -> None:
    """The ring is withdrawn, no miss; the state changes when Asterisk confirms, and another agent rings."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    {"ordered": lambda _: None, "dialling": centre.begins, "ringing": centre.rings}[how_far]("c1")
    attempt = centre.attempt("c1")
    getattr(centre, asks)("anna")
    assert [order.attempt for order in centre.ordered(WithdrawOffer)] == [attempt]
    assert centre.agent_state("anna") in {AgentState.RESERVED, AgentState.RINGING}
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert (centre.agent_state("anna"), centre.person("anna").misses) == (after, 0)
    assert not centre.noted(OfferClosed)[0].missed
    assert centre.offered("c1") == "bruno"


def test_the_withdrawn_call_may_ring_the_same_agent_again() -> None:
    """It was not missed: once the agent is back the call is theirs, with its age."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.pauses("anna")
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    centre.later(1_000)
    centre.readies("anna")
    assert centre.rung() == [("c1", "anna")] * 2


def test_ready_during_the_withdrawal_takes_the_wish_back() -> None:
    """The ring ends all the same, but the agent stays ready and gets the call again."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.pauses("anna")
    centre.readies("anna")
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.rung() == [("c1", "anna")] * 2
    assert centre.agent_state("anna") is AgentState.RESERVED


def test_a_later_wish_replaces_the_earlier() -> None:
    """Pause, then logout, during one ring: logged out; and one withdrawal."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.pauses("anna")
    centre.logs_out("anna")
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.agent_state("anna") is AgentState.LOGGED_OUT
    assert len(centre.ordered(WithdrawOffer)) == 1


def test_an_answer_that_crosses_the_withdrawal_wins() -> None:
    """The agent took the call after all: the talk goes on, the pause comes after it."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.pauses("anna")
    talks_now(centre, "c1")
    assert (centre.state("c1"), centre.agent_state("anna")) == (CallState.TALKING, AgentState.TALKING)
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.PAUSED


def test_a_caller_who_hangs_up_during_the_withdrawal_grants_the_wish() -> None:
    """There is no end of the offer then; the pause comes with the caller's end."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.pauses("anna")
    centre.hangs_up("c1")
    assert (centre.agent_state("anna"), centre.person("anna").reason) == (AgentState.PAUSED, "pranzo")


def test_a_withdrawal_that_is_not_confirmed_is_looked_at() -> None:
    """After a second and a half, and every two seconds; the agent stays held so long."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.pauses("anna")
    centre.later(1_499)
    assert not centre.ordered(LookAgain)
    centre.later(1)
    assert len(centre.ordered(LookAgain)) == 1
    centre.later(4_000)
    assert len(centre.ordered(LookAgain)) == 3
    assert centre.agent_state("anna") is AgentState.RINGING


def test_a_ring_that_ends_on_its_own_during_the_withdrawal_is_what_it_is() -> None:
    """The agent pressed reject and pause: declined, and paused."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.pauses("anna")
    centre.ends_offer("c1", OfferEnd.DECLINED)
    assert centre.agent_state("anna") is AgentState.PAUSED
    assert centre.noted(OfferClosed)[0].end is OfferEnd.DECLINED


# ── pause, logout and ready during a talk ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asks", "after"), [("pauses", AgentState.PAUSED), ("logs_out", AgentState.LOGGED_OUT)]
)
@pytest.mark.parametrize("caller_first", [True, False])
def test_leaving_during_a_talk_comes_after_it(asks: str, after: AgentState, caller_first: bool) -> None:
    """Nothing is withdrawn; the wish replaces the wrap-up, whoever hangs up."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    getattr(centre, asks)("anna")
    assert centre.agent_state("anna") is AgentState.TALKING
    assert not centre.ordered(WithdrawOffer)
    assert not centre.noted(Late)
    if caller_first:
        centre.hangs_up("c1")
    else:
        centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is after
    centre.enters("c2")
    assert centre.offered("c2") is None


@pytest.mark.parametrize("asks", ["pauses", "logs_out"])
def test_ready_during_a_talk_takes_the_wish_back(asks: str) -> None:
    """After the talk comes the wrap-up, as ever."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    getattr(centre, asks)("anna")
    centre.readies("anna")
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_a_login_during_a_talk_takes_the_logout_back() -> None:
    """Logged out by mistake and in again: nothing has happened."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.logs_out("anna")
    centre.logs_in("anna")
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_a_wish_survives_a_talk_that_is_dropped() -> None:
    """Paused during a talk of a second: paused, and the drop is a miss all the same."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.pauses("anna")
    centre.ends_offer("c1", OfferEnd.DROPPED)
    assert (centre.agent_state("anna"), centre.state("c1")) == (AgentState.PAUSED, CallState.WAITING)
    assert centre.noted(OfferClosed)[0].missed


# ── pause, logout and ready between calls ────────────────────────────────────────────────────


def test_a_paused_agent_is_not_rung() -> None:
    """Paused with a reason, here and in the safety net; ready again, the waiting call rings at once."""
    centre = Centre(agents=["anna"])
    centre.pauses("anna", "corso")
    centre.enters("c1")
    assert not centre.rung()
    member = centre.ordered(SetNetMember)[-1]
    assert (member.endpoint, member.logged_in, member.paused, member.reason) == (
        *("phone-anna", True, True),
        "corso",
    )
    centre.readies("anna")
    assert centre.rung() == [("c1", "anna")]
    member = centre.ordered(SetNetMember)[-1]
    assert (member.logged_in, member.paused, member.reason) == (True, False, "")


def test_a_pause_may_change_its_reason() -> None:
    """From lunch to a course without being ready in between."""
    centre = Centre(agents=["anna"])
    centre.pauses("anna", "pranzo")
    centre.pauses("anna", "corso")
    assert (centre.agent_state("anna"), centre.person("anna").reason) == (AgentState.PAUSED, "corso")
    assert centre.ordered(SetNetMember)[-1].reason == "corso"


def test_an_agent_who_logs_out_is_no_member_of_the_net() -> None:
    """Logged out: not rung by us, not rung by Asterisk alone."""
    centre = Centre(agents=["anna"])
    centre.logs_out("anna")
    centre.enters("c1")
    assert not centre.rung()
    assert not centre.ordered(SetNetMember)[-1].logged_in


def test_the_net_member_has_the_languages_of_the_queues() -> None:
    """The safety net has one queue per language; an agent is a member where they can serve."""
    queues = (queue("generale"), queue("tedesco", language="de"), queue("sloveno", language="sl"))
    centre = Centre(queues, [agent("elena", generale=5, tedesco=5)])
    (member,) = centre.ordered(SetNetMember)
    assert member.languages == ("it", "de")


def test_logging_in_twice_is_once() -> None:
    """Neither the state, nor the place in the row, nor the net changes."""
    centre = Centre(agents=["anna", "bruno"])
    before = picture(centre.world)
    centre.later(1_000)
    told = centre.logs_in("anna")
    assert (told.orders, told.refused) == ([], None)
    assert picture(centre.world) == before


def test_a_login_starts_the_idle_clock() -> None:
    """Out and in again is behind whoever stayed."""
    centre = Centre(agents=["anna", "bruno"])
    centre.logs_out("anna")
    centre.later(1)
    centre.logs_in("anna")
    centre.enters("c1")
    assert centre.offered("c1") == "bruno"


def test_ready_when_ready_keeps_the_place_in_the_row() -> None:
    """Pressing the key again costs nothing."""
    centre = Centre(agents=["anna", "bruno"])
    centre.readies("anna")
    centre.enters("c1")
    assert centre.offered("c1") == "anna"


def test_a_withdrawn_ring_keeps_the_place_in_the_row() -> None:
    """Pause taken back during the ring: the agent is still the one idle longest."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    idle_since_ms = centre.person("anna").idle_since_ms
    centre.pauses("anna")
    centre.readies("anna")
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.person("anna").idle_since_ms == idle_since_ms


def test_every_change_of_state_is_noted_with_the_site() -> None:
    """One walk through a working hour, for whoever counts agents per state."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    finishes(centre, "c1")
    centre.later(10_000)
    centre.logs_out("anna")
    names = "logged_out ready reserved ringing talking wrap_up ready logged_out"
    walk = [AgentState(name) for name in names.split()]
    moves = centre.noted(AgentMoved)
    assert [(each.before, each.after) for each in moves] == list(pairwise(walk))
    assert {each.site for each in moves} == {"roma"}


# ── what is refused, and what a phone hears ──────────────────────────────────────────────────


def wraps_up(centre: Centre) -> None:
    """Anna has just finished a call."""
    centre.logs_in("anna")
    centre.enters("c1")
    finishes(centre, "c1")


def wraps_up_to_the_cap(centre: Centre) -> None:
    """Anna has extended as often as she may."""
    wraps_up(centre)
    for _ in range(2):
        centre.tell(WrapUpExtended(agent=ANNA))


def logs_in(centre: Centre) -> None:
    """Anna is logged in."""
    centre.logs_in("anna")


def nothing(_: Centre) -> None:
    """Nobody is logged in."""


PRANZO = PauseReasonId("pranzo")

GRANTED = [
    pytest.param(nothing, AgentLoggedIn(agent=ANNA, asker=ASKER), id="login"),
    pytest.param(logs_in, AgentLoggedIn(agent=ANNA, asker=ASKER), id="login twice"),
    pytest.param(logs_in, AgentLoggedOut(agent=ANNA, asker=ASKER), id="logout"),
    pytest.param(nothing, AgentLoggedOut(agent=ANNA, asker=ASKER), id="logout twice"),
    pytest.param(logs_in, AgentPaused(agent=ANNA, reason=PRANZO, asker=ASKER), id="pause"),
    pytest.param(logs_in, AgentReadied(agent=ANNA, asker=ASKER), id="ready"),
    pytest.param(wraps_up, WrapUpExtended(agent=ANNA, asker=ASKER), id="extension"),
]

REFUSED = [
    pytest.param(nothing, AgentPaused(agent=ANNA, reason=PRANZO, asker=ASKER), "not logged in", id="pause"),
    pytest.param(
        logs_in,
        AgentPaused(agent=ANNA, reason=PauseReasonId("siesta"), asker=ASKER),
        "'siesta' is no pause reason",
        id="pause for a reason nobody knows",
    ),
    pytest.param(nothing, AgentReadied(agent=ANNA, asker=ASKER), "not logged in", id="ready"),
    pytest.param(logs_in, WrapUpExtended(agent=ANNA, asker=ASKER), "not in wrap-up", id="extension"),
    pytest.param(
        wraps_up_to_the_cap, WrapUpExtended(agent=ANNA, asker=ASKER), "maximum", id="extension beyond the cap"
    ),
    *(
        pytest.param(nothing, fact, "not in the roster", id=f"stranger: {type(fact).__name__}")
        for fact in (
            AgentLoggedIn(agent=AgentId("zeno"), asker=ASKER),
            AgentLoggedOut(agent=AgentId("zeno"), asker=ASKER),
            AgentPaused(agent=AgentId("zeno"), reason=PRANZO, asker=ASKER),
            AgentReadied(agent=AgentId("zeno"), asker=ASKER),
            WrapUpExtended(agent=AgentId("zeno"), asker=ASKER),
        )
    ),
]


@pytest.mark.parametrize(("before", "fact"), GRANTED)
def test_what_is_granted_is_confirmed_to_the_phone(before, fact) -> None:
    """One tone of success on the channel that dialled the code."""
    centre = Centre(agents=["anna"], logged_in=False)
    before(centre)
    told = centre.tell(fact)
    answers = [order for order in told.orders if isinstance(order, AnswerAsker)]
    assert answers == [AnswerAsker(node=NODE, channel=ASKER.channel, done=True)]
    assert told.refused is None


@pytest.mark.parametrize(("before", "fact", "why"), REFUSED)
def test_what_is_refused_says_why_and_moves_nothing(before, fact, why: str) -> None:
    """A sentence for the API, the other tone for the phone."""
    centre = Centre(agents=["anna"], logged_in=False)
    before(centre)
    shown = picture(centre.world)
    told = centre.tell(fact)
    assert told.orders == [AnswerAsker(node=NODE, channel=ASKER.channel, done=False)]
    assert why in (told.refused or "")
    assert picture(centre.world) == shown


def test_a_request_without_a_phone_orders_no_tone() -> None:
    """The API reads ``refused``; no channel waits."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.logs_in("anna")
    centre.pauses("zeno")
    assert not centre.ordered(AnswerAsker)


def test_a_refusal_is_not_remembered() -> None:
    """The next request is judged on its own."""
    centre = Centre(agents=["anna"], logged_in=False)
    assert centre.pauses("anna").refused is not None
    assert centre.logs_in("anna").refused is None


def test_a_pause_during_a_ring_is_confirmed_at_once() -> None:
    """The tone does not wait for the end of the ring."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    told = centre.tell(AgentPaused(agent=ANNA, reason=PRANZO, asker=ASKER))
    assert AnswerAsker(node=NODE, channel=ASKER.channel, done=True) in told.orders


# ── phones that are not there ────────────────────────────────────────────────────────────────


def is_a_ghost(centre: Centre, call: str) -> None:
    """The order is taken up and no phone rings; our withdrawal is confirmed."""
    centre.begins(call)
    centre.later(4_000)
    centre.ends_offer(call, OfferEnd.WITHDRAWN)


def test_a_phone_that_does_not_ring_is_unreachable() -> None:
    """No 180 within four seconds: taken back, unreachable, no miss, and another agent rings."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.begins("c1")
    attempt = centre.attempt("c1")
    centre.later(3_999)
    assert not centre.ordered(WithdrawOffer)
    centre.later(1)
    assert [order.attempt for order in centre.ordered(WithdrawOffer)] == [attempt]
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert (centre.agent_state("anna"), centre.person("anna").misses) == (AgentState.UNREACHABLE, 0)
    (closed,) = centre.noted(OfferClosed)
    assert (closed.end, closed.missed) == (OfferEnd.UNREACHABLE, False)
    assert centre.offered("c1") == "bruno"


def test_a_phone_that_rings_in_time_is_not_a_ghost() -> None:
    """The limit is for the first sign, the ring time for the rest."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.begins("c1")
    centre.later(3_999)
    centre.tell(OfferRang(call=CallId("c1"), attempt=centre.attempt("c1")))
    centre.later(16_000)
    assert not centre.ordered(WithdrawOffer)


def test_a_phone_that_rings_too_late_is_still_taken_back() -> None:
    """The ring crossed our withdrawal: it ends, and the phone counts as not there."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.begins("c1")
    centre.later(4_000)
    centre.tell(OfferRang(call=CallId("c1"), attempt=centre.attempt("c1")))
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.agent_state("anna") is AgentState.UNREACHABLE


def test_a_ghost_that_answers_is_none() -> None:
    """The answer crossed our withdrawal and won."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.begins("c1")
    centre.later(4_000)
    talks_now(centre, "c1")
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_a_phone_that_fails_at_once_is_unreachable() -> None:
    """Not registered: no miss, another agent rings, and nothing more goes to this phone."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.begins("c1")
    centre.ends_offer("c1", OfferEnd.UNREACHABLE)
    assert (centre.agent_state("anna"), centre.person("anna").misses) == (AgentState.UNREACHABLE, 0)
    centre.enters("c2")
    assert centre.rung() == [("c1", "anna"), ("c1", "bruno")]


def test_a_caller_who_hangs_up_on_a_ghost_leaves_it_unreachable() -> None:
    """The phone is not there, whoever ended the ring."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.begins("c1")
    centre.later(4_000)
    centre.hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.UNREACHABLE


def test_an_unreachable_phone_is_tried_again() -> None:
    """After a minute without news, to the millisecond; then the next waiting call rings it."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    is_a_ghost(centre, "c1")
    centre.hangs_up("c1")
    centre.enters("c2")
    centre.later(59_998)
    assert centre.offered("c2") is None
    centre.later(1)
    assert centre.offered("c2") == "anna"


def test_a_phone_known_to_be_gone_is_not_tried() -> None:
    """While Asterisk says it has no contact a retry would ring nobody."""
    centre = Centre(agents=["anna"])
    centre.phone("anna", DeviceState.UNAVAILABLE)
    assert centre.agent_state("anna") is AgentState.UNREACHABLE
    centre.enters("c1")
    moves = len(centre.noted(AgentMoved))
    centre.later(300_000)
    assert not centre.rung()
    assert len(centre.noted(AgentMoved)) == moves
    centre.phone("anna", DeviceState.IDLE)
    assert centre.rung() == [("c1", "anna")]


def test_the_end_of_our_own_ring_does_not_bring_a_phone_back() -> None:
    """Asterisk says idle when the ring ends, also of a phone that never rang."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    is_a_ghost(centre, "c1")
    centre.phone("anna", DeviceState.IDLE)
    assert centre.agent_state("anna") is AgentState.UNREACHABLE


def test_a_phone_that_was_gone_and_is_seen_again_is_back() -> None:
    """Unregistered, unreachable, registered: ready without a word of the agent."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.begins("c1")
    centre.phone("anna", DeviceState.UNAVAILABLE)
    centre.ends_offer("c1", OfferEnd.UNREACHABLE)
    centre.phone("anna", DeviceState.IDLE)
    assert centre.agent_state("anna") is AgentState.READY


def test_the_agent_says_that_the_phone_is_there() -> None:
    """Ready ends unreachable at once: who stands at the phone knows better."""
    centre = Centre(agents=["anna"])
    centre.phone("anna", DeviceState.UNAVAILABLE)
    centre.readies("anna")
    assert centre.agent_state("anna") is AgentState.READY
    centre.enters("c1")
    assert centre.offered("c1") == "anna"


@pytest.mark.parametrize(
    ("asks", "after"), [("pauses", AgentState.PAUSED), ("logs_out", AgentState.LOGGED_OUT)]
)
def test_an_unreachable_agent_may_leave(asks: str, after: AgentState) -> None:
    """Pause and logout need no phone; no retry brings the agent back."""
    centre = Centre(agents=["anna"])
    centre.phone("anna", DeviceState.UNAVAILABLE)
    getattr(centre, asks)("anna")
    assert centre.agent_state("anna") is after
    centre.phone("anna", DeviceState.IDLE)
    centre.later(120_000)
    assert centre.agent_state("anna") is after


def test_a_pause_asked_of_a_ghost_is_granted() -> None:
    """The phone was not there and the agent asked for a pause meanwhile: paused."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.begins("c1")
    centre.later(4_000)
    centre.pauses("anna")
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.agent_state("anna") is AgentState.PAUSED


def test_a_phone_lost_during_a_talk_is_unreachable_after_it() -> None:
    """The wrap-up runs; then nobody is rung there."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.phone("anna", DeviceState.UNAVAILABLE)
    centre.hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(10_000)
    assert centre.agent_state("anna") is AgentState.UNREACHABLE


def test_a_phone_that_is_gone_at_login_is_not_rung() -> None:
    """Logged in by the API, the phone unplugged."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.phone("anna", DeviceState.UNAVAILABLE)
    centre.logs_in("anna")
    centre.enters("c1")
    assert not centre.rung()
    assert centre.agent_state("anna") is AgentState.UNREACHABLE


# ── the phone's veto ─────────────────────────────────────────────────────────────────────────


def test_a_busy_phone_is_not_rung() -> None:
    """A private call is a veto; its end rings the waiting call at once."""
    centre = Centre(agents=["anna"])
    centre.phone("anna", DeviceState.BUSY)
    centre.enters("c1")
    assert not centre.rung()
    centre.phone("anna", DeviceState.IDLE)
    assert centre.rung() == [("c1", "anna")]


def test_a_veto_keeps_the_place_in_the_row() -> None:
    """A private call does not send the agent to the end of the row."""
    centre = Centre(agents=["anna", "bruno"])
    centre.phone("anna", DeviceState.BUSY)
    centre.later(5_000)
    centre.phone("anna", DeviceState.IDLE)
    centre.enters("c1")
    assert centre.offered("c1") == "anna"


def test_a_veto_passes_to_the_next_agent() -> None:
    """Whoever is idle longest after the busy one is rung."""
    centre = Centre(agents=["anna", "bruno"])
    centre.phone("anna", DeviceState.BUSY)
    centre.enters("c1")
    assert centre.offered("c1") == "bruno"


def test_an_unknown_phone_state_is_no_veto() -> None:
    """Only a veto, never a reason: not knowing says nothing."""
    centre = Centre(agents=["anna"])
    centre.phone("anna", DeviceState.UNKNOWN)
    centre.enters("c1")
    assert centre.offered("c1") == "anna"


def test_a_private_call_during_wrap_up_is_a_veto_after_it() -> None:
    """Ready when the wrap-up ends, rung when the phone is free."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    finishes(centre, "c1")
    centre.phone("anna", DeviceState.BUSY)
    centre.enters("c2")
    centre.later(10_000)
    assert (centre.agent_state("anna"), centre.offered("c2")) == (AgentState.READY, None)
    centre.phone("anna", DeviceState.IDLE)
    assert centre.offered("c2") == "anna"


def test_our_own_ring_is_no_veto() -> None:
    """The phone is busy with our call; when the ring was missed the next call rings it at once."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.phone("anna", DeviceState.BUSY)
    centre.enters("c2")
    centre.later(20_000)
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert centre.offered("c2") == "anna"


def test_a_phone_of_nobody_says_nothing() -> None:
    """News of a phone that is in no roster moves nothing."""
    centre = Centre(agents=["anna"])
    before = picture(centre.world)
    told = centre.phone("zeno", DeviceState.BUSY)
    assert (told.orders, told.notes) == ([], [])
    assert picture(centre.world) == before


# ── wrap-up ──────────────────────────────────────────────────────────────────────────────────

LONG_AND_SHORT = (
    queue("generale", wrap_up_ms=10_000),
    queue("tedesco", wrap_up_ms=3_000),
    queue("veloce", wrap_up_ms=0),
)


@pytest.mark.parametrize(("name", "wrap_up_ms"), [("generale", 10_000), ("tedesco", 3_000)])
def test_each_queue_has_its_own_wrap_up(name: str, wrap_up_ms: int) -> None:
    """To the millisecond; the next call rings when it ends."""
    centre = Centre(LONG_AND_SHORT, [agent("elena", generale=5, tedesco=5, veloce=5)])
    centre.enters("c1", name)
    finishes(centre, "c1")
    ends_ms = centre.now_ms + wrap_up_ms
    centre.enters("c2")
    centre.later(ends_ms - centre.now_ms - 1)
    assert (centre.agent_state("elena"), centre.offered("c2")) == (AgentState.WRAP_UP, None)
    centre.later(1)
    assert centre.offered("c2") == "elena"


def test_a_queue_may_have_no_wrap_up() -> None:
    """The next call rings at the end of the leg, also while the phone still says busy."""
    centre = Centre(LONG_AND_SHORT, [agent("elena", generale=5, tedesco=5, veloce=5)])
    centre.enters("c1", "veloce")
    centre.talks("c1")
    centre.phone("elena", DeviceState.BUSY)
    centre.enters("c2")
    centre.leg_ends("c1")
    assert centre.offered("c2") == "elena"


def test_ready_ends_the_wrap_up() -> None:
    """Early, when the agent says so; the old deadline means nothing then."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    finishes(centre, "c1")
    centre.readies("anna")
    assert centre.agent_state("anna") is AgentState.READY
    idle_since_ms = centre.person("anna").idle_since_ms
    centre.later(60_000)
    assert centre.person("anna").idle_since_ms == idle_since_ms


def test_the_wrap_up_is_extended_up_to_the_cap() -> None:
    """10 s, one step of 10 s more, and a last one cut at the cap of 25 s."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    finishes(centre, "c1")
    ends_ms = [centre.now_ms + after_ms for after_ms in (20_000, 25_000)]
    for each_ms in ends_ms:
        assert centre.tell(WrapUpExtended(agent=ANNA)).refused is None
        assert centre.world.deadlines.due_at("wrap_up", ANNA) == each_ms  # type: ignore[arg-type]
    centre.later(24_999)
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(1)
    assert centre.agent_state("anna") is AgentState.READY


@pytest.mark.parametrize(
    ("asks", "after"), [("pauses", AgentState.PAUSED), ("logs_out", AgentState.LOGGED_OUT)]
)
def test_leaving_during_the_wrap_up_is_at_once(asks: str, after: AgentState) -> None:
    """No talk to wait for; the wrap-up's deadline does not bring the agent back."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    finishes(centre, "c1")
    getattr(centre, asks)("anna")
    centre.later(60_000)
    assert centre.agent_state("anna") is after


def test_no_wrap_up_after_a_ring() -> None:
    """Wrap-up follows a talk, not a missed call."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    misses(centre, "c1")
    assert centre.agent_state("anna") is AgentState.READY


def test_the_wrap_up_begins_with_the_agents_leg_not_the_callers_end() -> None:
    """A caller who stays on does not keep the agent."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.leg_ends("c1")
    centre.later(10_000)
    assert centre.agent_state("anna") is AgentState.READY


def test_a_dropped_call_has_its_wrap_up_too() -> None:
    """Answered is answered: time to see what went wrong with the headset."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    drops(centre, "c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_an_office_line_has_no_wrap_up() -> None:
    """A line that ended a call takes the next at once."""
    overflowing = queue(ladder=to_offices("roma", after_ms=0))
    centre = Centre([overflowing], offices=[office("roma")])
    centre.enters("c1")
    centre.talks("c1")
    centre.enters("c2")
    centre.leg_ends("c1")
    assert centre.offered("c2") == "roma"
