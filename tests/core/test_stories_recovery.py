"""Stories of trouble: facts told twice, a link lost, a node seen again, our own restart, bulk in slices."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final

import pytest

from acd.core import invariants
from acd.core.calls import CallState
from acd.core.engine import SLICE_STEPS, Engine, Outcome
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    CallCoded,
    CallEnded,
    CallEntered,
    CallerPressed,
    CallerVerified,
    CallInSafetyNet,
    CallLeftMenu,
    CallLookedAt,
    CallSeen,
    CallTransferred,
    DeadlineReached,
    DeviceChanged,
    DeviceSeen,
    DeviceState,
    Fact,
    FallbackChanged,
    LegEnded,
    MemberSeen,
    NodeLost,
    NodeResynced,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    OptInTold,
    OrderFailed,
    PromptEnded,
    RosterChanged,
    RulesChanged,
    Session,
    SessionsRestored,
    Stage,
    TalkBegan,
    TransferAsked,
    TransferKind,
    WrapUpExtended,
)
from acd.core.ids import AgentId, AttemptId, CallId, NodeId, PauseReasonId, SiteId
from acd.core.notes import (
    AgentMoved,
    AgentState,
    Anomaly,
    CallAnswered,
    CallFinished,
    CallOffered,
    Corrected,
    Decision,
    Late,
    Path,
    ServiceLevel,
    ServiceLevelCounted,
)
from acd.core.notes import (
    Outcome as End,
)
from acd.core.orders import LookAgain, OfferCall, SendToNet, SetNetMember, WithdrawOffer
from acd.core.policy import Fallback
from tests.core.builders import (
    FAR,
    NODE,
    SOLVED,
    START_MS,
    Centre,
    agent,
    asking,
    office,
    queue,
    roster,
    rules,
    seen,
    to_offices,
)
from tests.core.stage import finishes, misses, picture

ANNA = AgentId("anna")
C1 = CallId("c1")
OLD = AttemptId("0000000006-00000001")
"""An attempt of the leadership before ours."""


def loses(centre: Centre, node: NodeId = NODE) -> None:
    """The link to a node breaks."""
    centre.tell(NodeLost(node=node))


def resyncs(centre: Centre, *calls: CallSeen, node: NodeId = NODE, **more: object) -> None:
    """The node is back and tells the whole truth; all the slices are done."""
    centre.tell(NodeResynced(node=node, calls=calls, **more))  # type: ignore[arg-type]
    centre.settle()


def corrections(centre: Centre) -> list[str]:
    """What was set right so far."""
    return [each.kind for each in centre.noted(Corrected)]


# ── facts told twice ─────────────────────────────────────────────────────────────────────────


def to(*strokes: str) -> Callable[[Centre], object]:
    """A call of anna's that has gone so far."""

    def reach(centre: Centre) -> None:
        centre.enters("c1")
        for stroke in strokes:
            getattr(centre, stroke)("c1")

    return reach


def after_a_talk(centre: Centre) -> None:
    """Anna is in wrap-up."""
    centre.enters("c1")
    finishes(centre, "c1")


def is_asked(centre: Centre) -> None:
    """A caller hears the question whether an Italian speaker will do; nobody is free."""
    german = queue("tedesco", language="de", ladder=(asking(5_000, "tedesco"),))
    centre.takes_rules([queue(), german])
    centre.pauses("anna")
    centre.enters("c1", "tedesco", language="de")
    centre.later(5_000)


ASK = AttemptId("0000000007-00000001")
"""The first attempt of a centre."""

TWICE: Final[Sequence[tuple[Callable[[Centre], object], Fact]]] = [
    (lambda _: None, CallEntered(call=C1, node=NODE, queue="generale", entered_ms=START_MS)),
    (
        to("talks", "transferred"),
        CallEntered(call=C1, node=NODE, queue="generale", entered_ms=START_MS, visit=2),
    ),
    (to(), OfferBegan(call=C1, attempt=ASK)),
    (to("begins"), OfferRang(call=C1, attempt=ASK)),
    (to("rings"), TalkBegan(call=C1, attempt=ASK)),
    *((to("rings"), OfferEnded(call=C1, attempt=ASK, end=end)) for end in OfferEnd),
    *((to("talks"), OfferEnded(call=C1, attempt=ASK, end=end, talk_ms=100)) for end in OfferEnd),
    (to("talks"), LegEnded(call=C1, attempt=ASK)),
    (to("rings"), LegEnded(call=C1, attempt=ASK)),
    (is_asked, CallerPressed(call=C1, key="1")),
    (is_asked, CallerPressed(call=C1, key="2")),
    *((is_asked, PromptEnded(call=C1, attempt=ASK, heard=heard)) for heard in (True, False)),
    (is_asked, PromptEnded(call=C1, attempt=ASK, heard=False, refused=True)),
    (to("rings"), RulesChanged(rules=rules([queue(needs=())]))),
    (to("talks"), CallTransferred(call=C1, attempt=ASK)),
    (to("rings"), CallInSafetyNet(call=C1)),
    (to("rings"), CallEnded(call=C1)),
    (to("talks"), CallEnded(call=C1)),
    (to(), OrderFailed(call=C1, attempt=ASK, unknown=False, why="no such channel")),
    (to(), OrderFailed(call=C1, attempt=ASK, unknown=True, why="no answer")),
    (lambda c: c.logs_out("anna"), AgentLoggedIn(agent=ANNA)),
    (lambda _: None, AgentLoggedOut(agent=ANNA)),
    (to("rings"), AgentLoggedOut(agent=ANNA)),
    (lambda _: None, AgentPaused(agent=ANNA, reason=PauseReasonId("pranzo"))),
    (to("rings"), AgentPaused(agent=ANNA, reason=PauseReasonId("pranzo"))),
    (lambda c: c.pauses("anna"), AgentReadied(agent=ANNA)),
    (lambda _: None, DeviceChanged(endpoint="phone-anna", state=DeviceState.BUSY)),
    (lambda _: None, DeviceChanged(endpoint="phone-anna", state=DeviceState.UNAVAILABLE)),
    (
        lambda c: c.phone("anna", DeviceState.UNAVAILABLE),
        DeviceChanged(endpoint="phone-anna", state=DeviceState.IDLE),
    ),
    (to("rings"), NodeLost(node=NODE)),
    (lambda c: (c.pauses("anna"), c.enters("c1")), NodeLost(node=NODE)),
    *(
        (loses, NodeResynced(node=NODE, calls=(seen("c1", stage, attempt=OLD, target="phone-anna"),)))
        for stage in Stage
    ),
    (to("rings"), NodeResynced(node=NODE, calls=(), restarted=True)),
    *(
        (to(), CallLookedAt(call=C1, seen=seen("c1", stage, attempt=ASK, target="phone-anna")))
        for stage in Stage
    ),
    (to(), CallLookedAt(call=C1, seen=None)),
    (to("rings"), DeadlineReached()),
    (
        lambda _: None,
        CallLeftMenu(call=C1, node=NODE, called="06164164", arrived_ms=START_MS, left_ms=START_MS),
    ),
    (to("talks"), CallCoded(agent=ANNA, code=SOLVED)),
    (to("talks"), CallerVerified(agent=ANNA, verified=True, method="codice")),
    (to("talks"), TransferAsked(agent=ANNA, kind=TransferKind.QUEUE, to="generale")),
    (lambda c: c.logs_out("anna"), AgentLoggedIn(agent=ANNA, phone="roma-1")),
    (lambda _: None, AgentLoggedIn(agent=ANNA, phone="roma-1")),
    (lambda _: None, SessionsRestored(sessions=(Session(agent=ANNA, phone="roma-2", paused=True),))),
    (to("rings"), RosterChanged(upserts=(agent("anna", endpoint="phone-x"), agent("dario")))),
    (to("rings"), RosterChanged(removed=(ANNA,))),
    *(
        (to("rings"), FallbackChanged(fallback=Fallback(on=on, shares={SiteId("roma"): 30})))
        for on in (True, False)
    ),
    (to("rings"), OptInTold(agent=ANNA, until_ms=START_MS + 60_000)),
]

HARMLESS: Final = (LookAgain, SetNetMember)
"""Orders that may be given twice: both say how things are, not what to do next."""


def name_of(value: object) -> str:
    """How a case is called in the list of tests."""
    if isinstance(value, OfferEnded):
        return f"OfferEnded-{value.end}"
    if isinstance(value, CallLookedAt):
        return f"CallLookedAt-{value.seen and value.seen.stage}"
    if isinstance(value, NodeResynced):
        return f"NodeResynced-{[row.stage.value for row in value.calls]}"
    return type(value).__name__ if isinstance(value, Fact) else ""


@pytest.mark.parametrize(("reach", "fact"), TWICE, ids=name_of)
@pytest.mark.parametrize("later_ms", [0, 40])
def test_a_fact_told_twice_is_told_once(reach, fact: Fact, later_ms: int) -> None:
    """The second time nothing moves, nothing is counted, and no ring is ordered or withdrawn."""
    centre = Centre(agents=["anna", "bruno"])
    centre.pauses("bruno")
    reach(centre)
    centre.tell(fact)
    centre.settle()
    centre.later(later_ms)
    before = picture(centre.world, times=later_ms == 0)
    notes = len(centre.notes)
    told = centre.tell(fact)
    assert not [order for order in told.orders if not isinstance(order, HARMLESS)]
    centre.settle()
    assert picture(centre.world, times=later_ms == 0) == before
    counted = (CallFinished, CallOffered, CallAnswered, ServiceLevelCounted, Decision, Anomaly, AgentMoved)
    assert not [note for note in centre.notes[notes:] if isinstance(note, counted)]


def test_every_kind_of_fact_is_told_twice() -> None:
    """All but the extension of a wrap-up, which asks for more each time; its cap is what bounds it."""
    assert {type(fact) for _, fact in TWICE} == set(Fact.__args__) - {WrapUpExtended}


def test_an_extension_told_twice_stays_within_the_cap() -> None:
    """However often it is repeated."""
    centre = Centre(agents=["anna"])
    after_a_talk(centre)
    for _ in range(10):
        centre.tell(WrapUpExtended(agent=ANNA))
    centre.later(25_000)
    assert centre.agent_state("anna") is AgentState.READY


# ── a lost link ──────────────────────────────────────────────────────────────────────────────


def test_a_lost_node_parks_its_waiting_calls() -> None:
    """Nothing is offered to them: nobody could carry it out."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    loses(centre)
    centre.logs_in("anna")
    assert not centre.rung()
    assert list(centre.world.parked) == ["c1"]


def test_calls_of_another_node_go_on() -> None:
    """One order of waiting callers over all nodes, less the one that is lost."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    centre.enters("c2", node=FAR)
    loses(centre)
    centre.logs_in("anna")
    assert centre.rung() == [("c2", "anna")]


def test_parked_calls_keep_place_and_age() -> None:
    """Back from the lost link the oldest is first, with the wait it really had."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    entered_ms = centre.now_ms
    centre.enters("c2", node=FAR)
    loses(centre)
    centre.later(10_000)
    resyncs(centre, seen("c1", entered_ms=entered_ms))
    centre.logs_in("anna")
    assert centre.rung() == [("c1", "anna")]
    assert centre.noted(Decision)[-1].wait_ms == centre.now_ms - entered_ms


def test_a_call_of_a_lost_node_that_comes_back_to_wait_is_parked() -> None:
    """An offer whose order ran out meanwhile leaves no ring behind."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    loses(centre)
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert (centre.state("c1"), len(centre.rung())) == (CallState.WAITING, 1)
    assert list(centre.world.parked) == ["c1"]


@pytest.mark.parametrize("reach", [to(), to("begins"), to("rings")], ids=["ordered", "dialling", "ringing"])
def test_an_offer_of_a_lost_node_keeps_its_agent(reach) -> None:
    """We cannot know what the phone does; the resync will tell. No order goes there meanwhile."""
    centre = Centre(agents=["anna"])
    reach(centre)
    loses(centre)
    before = picture(centre.world, times=False)["offers"], centre.agent_state("anna")
    orders = len(centre.orders)
    centre.later(120_000)
    assert (picture(centre.world)["offers"], centre.agent_state("anna")) == before
    assert len(centre.orders) == orders


def test_no_call_of_a_lost_node_is_sent_to_the_net() -> None:
    """Asterisk does that by itself; back on the link the wait that is over is acted on at once."""
    centre = Centre([queue(wait_ms_max=60_000)])
    centre.enters("c1")
    entered_ms = centre.now_ms
    loses(centre)
    centre.later(120_000)
    assert not centre.ordered(SendToNet)
    resyncs(centre, seen("c1", entered_ms=entered_ms))
    centre.later(1)
    assert len(centre.ordered(SendToNet)) == 1


def test_a_caller_of_a_lost_node_still_counts_at_the_threshold() -> None:
    """The wait goes on for the caller."""
    centre = Centre()
    centre.enters("c1")
    loses(centre)
    centre.later(20_000)
    assert [each.result for each in centre.noted(ServiceLevelCounted)] == [ServiceLevel.MISSED]


def test_a_wish_during_a_ring_on_a_lost_node_orders_nothing_there() -> None:
    """The withdrawal waits for the truth: it is ordered again when the resync finds the ring."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    attempt = centre.attempt("c1")
    loses(centre)
    centre.pauses("anna")
    assert not centre.ordered(WithdrawOffer)
    resyncs(centre, seen("c1", Stage.DIALLING, attempt=attempt, target="phone-anna"))
    assert [order.attempt for order in centre.ordered(WithdrawOffer)] == [attempt]


# ── the node is back: calls we know ──────────────────────────────────────────────────────────


def test_a_call_that_is_not_there_has_ended() -> None:
    """A caller who hung up while we did not see: abandoned, once."""
    centre = Centre()
    centre.enters("c1")
    loses(centre)
    centre.later(30_000)
    resyncs(centre)
    assert centre.finished("c1").outcome is End.ABANDONED
    assert corrections(centre) == ["ghost_call"]


def test_a_talk_that_is_not_there_has_ended() -> None:
    """Answered; the agent goes to wrap-up."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    loses(centre)
    resyncs(centre)
    assert centre.finished("c1").outcome is End.ANSWERED
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_calls_of_another_node_are_not_missed() -> None:
    """A resync speaks for its own node only."""
    centre = Centre()
    centre.enters("c1", node=FAR)
    resyncs(centre)
    assert centre.state("c1") is CallState.WAITING


@pytest.mark.parametrize(
    ("reach", "outcome"),
    [
        pytest.param(to(), End.LOST, id="ordered"),
        pytest.param(to("rings"), End.LOST, id="ringing"),
        pytest.param(to("talks"), End.ANSWERED, id="talking"),
        pytest.param(to("talks", "transferred"), End.ANSWERED, id="transferred"),
        pytest.param(to("net_takes"), End.SAFETY_NET, id="in the net"),
    ],
)
def test_a_restart_of_asterisk_ends_its_calls(reach, outcome: End) -> None:
    """Callers who waited were lost to us; the others had what they came for. The agent is free."""
    centre = Centre(agents=["anna"])
    reach(centre)
    loses(centre)
    resyncs(centre, restarted=True)
    assert centre.finished("c1").outcome is outcome
    assert centre.person("anna").offer is None
    centre.later(10_000)
    assert centre.agent_state("anna") is AgentState.READY


def test_a_waiting_call_is_lost_by_a_restart() -> None:
    """Told apart from callers who gave up."""
    centre = Centre()
    centre.enters("c1")
    resyncs(centre, restarted=True)
    assert centre.finished("c1").outcome is End.LOST
    assert centre.world.tally[centre.finished("c1").queue].lost == 1


@pytest.mark.parametrize("stage", [Stage.ENTERING, Stage.HOLDING, Stage.HEARING])
def test_a_call_found_in_hold_is_served(stage: Stage) -> None:
    """Parked or not, it waits in its line again and rings the free agent."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    entered_ms = centre.now_ms
    loses(centre)
    centre.logs_in("anna")
    resyncs(centre, seen("c1", stage, entered_ms=entered_ms))
    assert centre.rung() == [("c1", "anna")]


def test_a_ring_whose_end_was_not_told_is_over() -> None:
    """The channel took the order and is back in hold: the offer ended, no miss, the next is rung."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.rings("c1")
    attempt = centre.attempt("c1")
    loses(centre)
    resyncs(centre, seen("c1", attempt=attempt, entered_ms=centre.call("c1").entered_ms))
    assert corrections(centre) == ["lost_report"]
    assert (centre.agent_state("anna"), centre.person("anna").misses) == (AgentState.READY, 0)
    assert centre.offered("c1") == "bruno"


def test_a_ring_not_yet_picked_up_is_left_alone() -> None:
    """The order may still be taken until it runs out: the agent is held as long."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    attempt = centre.attempt("c1")
    loses(centre)
    resyncs(centre, seen("c1", entered_ms=centre.call("c1").entered_ms))
    assert (centre.attempt("c1"), len(centre.rung())) == (attempt, 1)
    centre.later(5_000)
    assert centre.offered("c1") == "bruno"


def test_a_withdrawal_whose_end_was_not_told_is_a_withdrawal() -> None:
    """The pause asked for during the ring comes true."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    attempt = centre.attempt("c1")
    centre.pauses("anna")
    loses(centre)
    resyncs(centre, seen("c1", attempt=attempt, entered_ms=centre.call("c1").entered_ms))
    assert (centre.agent_state("anna"), centre.person("anna").misses) == (AgentState.PAUSED, 0)
    centre.readies("anna")
    assert centre.offered("c1") == "anna"


def test_an_order_whose_ring_was_not_told_rings() -> None:
    """Ordered, as far as we know; dialling in truth, and maybe ringing: no ghost is made of it."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    attempt = centre.attempt("c1")
    loses(centre)
    resyncs(centre, seen("c1", Stage.DIALLING, attempt=attempt, target="phone-anna"))
    assert centre.agent_state("anna") is AgentState.RINGING
    centre.later(10_000)
    assert not centre.ordered(WithdrawOffer)


def test_a_talk_whose_beginning_was_not_told_is_a_talk() -> None:
    """Ringing, as far as we knew; answered in truth."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    attempt = centre.attempt("c1")
    loses(centre)
    resyncs(centre, seen("c1", Stage.TALKING, attempt=attempt, target="phone-anna"))
    assert (centre.state("c1"), centre.agent_state("anna")) == (CallState.TALKING, AgentState.TALKING)


def test_a_talk_that_goes_on_is_not_touched() -> None:
    """The usual case after a cut of the link: nothing changes, nothing is ordered."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    attempt = centre.attempt("c1")
    loses(centre)
    before = picture(centre.world)
    orders = len(centre.orders)
    resyncs(centre, seen("c1", Stage.TALKING, attempt=attempt, target="phone-anna"))
    assert picture(centre.world) == before
    assert len(centre.orders) == orders


def test_a_call_found_talking_with_another_agent_is_theirs() -> None:
    """The channel's word wins: our agent is free, the other talks."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.rings("c1")
    resyncs(centre, seen("c1", Stage.TALKING, attempt=OLD, target="phone-bruno"))
    assert centre.agent_state("anna") is AgentState.READY
    assert (centre.agent_state("bruno"), centre.offered("c1")) == (AgentState.TALKING, "bruno")


def test_a_talk_found_back_in_hold_was_dropped() -> None:
    """The agent hung up at once and nobody told us: back to the head, another agent."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.talks("c1")
    attempt = centre.attempt("c1")
    loses(centre)
    resyncs(centre, seen("c1", attempt=attempt, entered_ms=centre.call("c1").entered_ms))
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    assert centre.offered("c1") == "bruno"


@pytest.mark.parametrize("reach", [to(), to("rings"), to("talks")], ids=["ordered", "ringing", "talking"])
def test_a_call_found_in_the_net_is_the_nets(reach) -> None:
    """Our lease had lapsed: the agent is free, the end is the safety net's."""
    centre = Centre(agents=["anna"])
    reach(centre)
    resyncs(centre, seen("c1", Stage.IN_NET))
    assert centre.state("c1") is CallState.IN_NET
    assert centre.person("anna").offer is None
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is End.SAFETY_NET


@pytest.mark.parametrize(
    ("stage", "state"),
    [(Stage.TRANSFERRED, CallState.TRANSFERRED), (Stage.LEAVING, CallState.LEAVING)],
)
def test_a_talk_found_over_frees_the_agent(stage: Stage, state: CallState) -> None:
    """Passed on, or on the way out: wrap-up, and the call counts until its end."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    attempt = centre.attempt("c1")
    loses(centre)
    resyncs(centre, seen("c1", stage, attempt=attempt))
    assert (centre.state("c1"), centre.agent_state("anna")) == (state, AgentState.WRAP_UP)
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is End.ANSWERED


def test_a_talk_with_a_stranger_was_passed_on() -> None:
    """Talking, but in no attempt of ours: somebody took the call from the agent."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    resyncs(centre, seen("c1", Stage.TALKING, target="phone-zeno"))
    assert (centre.state("c1"), centre.agent_state("anna")) == (CallState.TRANSFERRED, AgentState.WRAP_UP)


def test_a_new_visit_found_by_a_resync_begins() -> None:
    """Transferred back into a queue while we did not see: it waits there, the agent is free."""
    centre = Centre([queue("generale"), queue("pensioni")], ["anna"])
    centre.enters("c1")
    centre.talks("c1")
    loses(centre)
    centre.later(5_000)
    resyncs(centre, seen("c1", visit=2, queue="pensioni", entered_ms=centre.now_ms - 1_000))
    call = centre.call("c1")
    assert (call.state, call.visit, call.queue.id) == (CallState.WAITING, 2, "pensioni")
    assert call.entered_ms == centre.now_ms - 1_000
    assert centre.agent_state("anna") is AgentState.WRAP_UP


@pytest.mark.parametrize("stage", list(Stage))
def test_a_look_finds_what_a_resync_finds(stage: Stage) -> None:
    """One call looked at, or the whole node: the same picture of that call."""
    pictures = []
    for look in (True, False):
        centre = Centre(agents=["anna"])
        centre.enters("c1")
        centre.rings("c1")
        row = seen("c1", stage, attempt=centre.attempt("c1"), target="phone-anna", entered_ms=START_MS)
        if look:
            centre.looked_at("c1", row)
        else:
            resyncs(centre, row)
        pictures.append(picture(centre.world))
    assert pictures[0] == pictures[1]


# ── our own restart ──────────────────────────────────────────────────────────────────────────


def test_a_restart_of_ours_adopts_waiting_calls_with_their_age() -> None:
    """Place and wait as if we had never been away."""
    centre = Centre(agents=["anna"], logged_in=False)
    rows = [seen(f"m-1.{number}", entered_ms=START_MS - number * 1_000) for number in (3, 9, 5)]
    resyncs(centre, *rows, members=(MemberSeen(endpoint="phone-anna", paused=False),))
    assert centre.rung() == [("m-1.9", "anna")]
    assert centre.noted(Decision)[-1].wait_ms == 9_000
    assert all(each.adopted for each in centre.noted(CallOffered))


def test_a_restart_of_ours_adopts_talks_with_their_agents() -> None:
    """Nobody is pulled out of a talk, and no agent in one is rung."""
    centre = Centre(agents=["anna"], logged_in=False)
    resyncs(
        centre,
        seen("c1", Stage.TALKING, attempt=OLD, target="phone-anna"),
        seen("c2"),
        members=(MemberSeen(endpoint="phone-anna", paused=False),),
    )
    assert (centre.agent_state("anna"), centre.offered("c1")) == (AgentState.TALKING, "anna")
    assert not centre.rung()
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(10_000)
    assert centre.offered("c2") == "anna"


def test_a_restart_of_ours_adopts_rings() -> None:
    """The ring of the leadership before goes on; its facts are ours now."""
    centre = Centre(agents=["anna"], logged_in=False)
    resyncs(
        centre,
        seen("c1", Stage.DIALLING, attempt=OLD, target="phone-anna"),
        members=(MemberSeen(endpoint="phone-anna", paused=False),),
    )
    assert (centre.attempt("c1"), centre.agent_state("anna")) == (OLD, AgentState.RINGING)
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert (centre.agent_state("anna"), centre.state("c1")) == (AgentState.READY, CallState.WAITING)


def test_a_restart_of_ours_adopts_office_lines() -> None:
    """A line that talks is in use; the next call waits for it."""
    overflowing = queue(ladder=to_offices("roma", after_ms=0))
    centre = Centre([overflowing], offices=[office("roma")])
    resyncs(centre, seen("c1", Stage.TALKING, attempt=OLD, target=office("roma").number), seen("c2"))
    assert (centre.offered("c1"), centre.offered("c2")) == ("roma", None)
    centre.agent_hangs_up("c1")
    assert centre.offered("c2") == "roma"
    end = centre.finished("c1")
    assert (end.path, end.office) == (Path.FALLBACK, "roma")


def test_members_of_the_net_are_logged_in_again() -> None:
    """Who was logged in, who was paused and why: the net remembers; a member that is nobody's leaves it."""
    centre = Centre(agents=["anna", "bruno", "carla"], logged_in=False)
    members = (
        MemberSeen(endpoint="phone-anna", paused=False),
        MemberSeen(endpoint="phone-bruno", paused=True, reason="corso"),
        MemberSeen(endpoint="phone-zeno", paused=False),
    )
    resyncs(centre, members=members)
    assert [centre.agent_state(name) for name in ("anna", "bruno", "carla")] == [
        AgentState.READY,
        AgentState.PAUSED,
        AgentState.LOGGED_OUT,
    ]
    assert centre.person("bruno").reason == "corso"
    last = {order.agent: (order.paused, order.reason) for order in centre.ordered(SetNetMember)}
    assert last == {"anna": (False, ""), "bruno": (True, "corso"), "": (False, "")}
    (gone,) = [order for order in centre.ordered(SetNetMember) if not order.logged_in]
    assert gone.endpoint == "phone-zeno"


def test_a_paused_member_in_a_talk_is_paused_after_it() -> None:
    """Paused during the talk, then we restarted: the pause still comes after the talk."""
    centre = Centre(agents=["anna"], logged_in=False)
    resyncs(
        centre,
        seen("c1", Stage.TALKING, attempt=OLD, target="phone-anna"),
        members=(MemberSeen(endpoint="phone-anna", paused=True, reason="corso"),),
    )
    centre.agent_hangs_up("c1")
    assert (centre.agent_state("anna"), centre.person("anna").reason) == (AgentState.PAUSED, "corso")


def test_an_agent_in_a_talk_who_was_no_member_is_logged_out_after_it() -> None:
    """Logged out during the talk, then we restarted."""
    centre = Centre(agents=["anna"], logged_in=False)
    resyncs(centre, seen("c1", Stage.TALKING, attempt=OLD, target="phone-anna"))
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.LOGGED_OUT


def test_members_are_adopted_only_once() -> None:
    """From the first resync on our own picture is the truth: a later one logs nobody in again."""
    centre = Centre(agents=["anna"], logged_in=False)
    members = (MemberSeen(endpoint="phone-anna", paused=False),)
    resyncs(centre, members=members)
    centre.logs_out("anna")
    resyncs(centre, members=members)
    assert centre.agent_state("anna") is AgentState.LOGGED_OUT


def test_a_logout_during_the_adoption_wins() -> None:
    """The agent's own word is newer than the membership that still stands in the work list."""
    people = [f"a{number}" for number in range(SLICE_STEPS + 2)]
    centre = Centre(agents=people, logged_in=False)
    members = tuple(MemberSeen(endpoint=f"phone-{name}", paused=False) for name in people)
    centre.tell(NodeResynced(node=NODE, calls=(), members=members))
    assert centre.agent_state(people[-1]) is AgentState.LOGGED_OUT
    centre.logs_out(people[-1])
    centre.settle()
    assert centre.agent_state(people[-1]) is AgentState.LOGGED_OUT


def test_a_phone_that_goes_during_the_slices_is_gone() -> None:
    """Its own news is newer than what the resync saw and has not come to yet."""
    people = [f"a{number}" for number in range(SLICE_STEPS + 2)]
    centre = Centre(agents=people)
    idle = tuple(DeviceSeen(endpoint=f"phone-{name}", state=DeviceState.IDLE) for name in people)
    centre.tell(NodeResynced(node=NODE, calls=(), devices=idle))
    centre.phone(people[-1], DeviceState.UNAVAILABLE)
    centre.settle()
    assert centre.agent_state(people[-1]) is AgentState.UNREACHABLE


def test_a_phone_seen_gone_by_the_resync_is_not_rung() -> None:
    """Devices belong to the whole picture."""
    centre = Centre(agents=["anna", "bruno"], logged_in=False)
    resyncs(
        centre,
        seen("c1"),
        devices=(
            DeviceSeen(endpoint="phone-anna", state=DeviceState.UNAVAILABLE),
            DeviceSeen(endpoint="phone-bruno", state=DeviceState.IDLE),
        ),
        members=tuple(MemberSeen(endpoint=f"phone-{name}", paused=False) for name in ("anna", "bruno")),
    )
    assert centre.rung() == [("c1", "bruno")]
    assert centre.agent_state("anna") is AgentState.UNREACHABLE


# ── bulk in slices ───────────────────────────────────────────────────────────────────────────

CALLS: Final = 5_000
MEMBERS: Final = 3_100


class Bulk:
    """A resync of the whole centre: what each step did, and what was offered when."""

    def __init__(self, calls: int, members: int) -> None:
        names = [f"a{number:04d}" for number in range(members)]
        # Thresholds and waits that are still to come: the slices do the resync and nothing else.
        patient = queue(threshold_ms=600_000)
        self.engine = Engine(rules([patient]), roster(agent(name) for name in names), epoch=7)
        self.steps: list[Outcome] = []
        self.offered: list[CallId] = []
        self.unfinished: list[int] = []
        rows = [seen(f"m-1.{number}", entered_ms=START_MS - 10 * number) for number in range(1, calls + 1)]
        random.Random(7).shuffle(rows)
        self.resync = NodeResynced(
            node=NODE,
            calls=tuple(rows),
            devices=tuple(DeviceSeen(endpoint=f"phone-{name}", state=DeviceState.IDLE) for name in names),
            members=tuple(MemberSeen(endpoint=f"phone-{name}", paused=False) for name in names),
        )

    def tell(self, fact: Fact) -> Outcome:
        """One step; the first in which something is offered knows what was still to be settled."""
        outcome = self.engine.handle(fact, START_MS)
        world = self.engine.world
        offers = [order.call for order in outcome.orders if isinstance(order, OfferCall)]
        if offers:
            self.unfinished.append(len(world.pending_seen) + len(world.pending_members))
        self.offered += offers
        self.steps.append(outcome)
        return outcome

    def run(self) -> None:
        """The resync and all its slices, within one moment of the clock."""
        self.tell(self.resync)
        while (due_ms := self.engine.next_deadline()) is not None and due_ms <= START_MS:
            self.tell(DeadlineReached())


@pytest.fixture(scope="module")
def bulk() -> Bulk:
    """The daily size: 5,000 waiting callers and 3,100 agents logged in."""
    told = Bulk(CALLS, MEMBERS)
    told.run()
    return told


def test_no_step_of_a_big_resync_does_more_than_a_slice(bulk: Bulk) -> None:
    """Calls and members settled, and rings ordered, are at most ``SLICE_STEPS`` for each fact."""
    for outcome in bulk.steps:
        settled = [note for note in outcome.notes if isinstance(note, Corrected | Decision)]
        assert len(settled) <= SLICE_STEPS
    least = (CALLS + MEMBERS * 3) // SLICE_STEPS
    assert least <= len(bulk.steps) <= least + 5


def test_a_big_resync_adopts_everybody(bulk: Bulk) -> None:
    """At its end the books are right, nobody is idle beside a waiting call, and no work is left."""
    invariants.check(bulk.engine.world)
    assert not bulk.engine.world.work
    assert len(bulk.engine.world.calls) == CALLS
    assert len(bulk.offered) == min(CALLS, MEMBERS)


def test_nothing_is_offered_before_the_picture_is_whole(bulk: Bulk) -> None:
    """An early slice would let a younger caller overtake one who is not yet adopted."""
    assert bulk.unfinished
    assert set(bulk.unfinished) == {0}


def test_a_big_resync_offers_in_order_of_age(bulk: Bulk) -> None:
    """However the rows came, the oldest callers ring first; and no call twice."""
    ages = [bulk.engine.world.calls[call].entered_ms for call in bulk.offered]
    assert ages == [START_MS - 10 * number for number in range(CALLS, CALLS - MEMBERS, -1)]


def test_the_end_of_many_calls_is_cut_in_slices() -> None:
    """A restart of Asterisk ends 1,000 calls: no step ends more than a slice."""
    told = Bulk(1_000, 0)
    told.run()
    told.steps.clear()
    told.resync = NodeResynced(node=NODE, calls=(), restarted=True)
    told.run()
    ends = [sum(isinstance(note, CallFinished) for note in outcome.notes) for outcome in told.steps]
    assert (sum(ends), max(ends)) == (1_000, SLICE_STEPS)


def test_many_deadlines_at_once_are_cut_in_slices() -> None:
    """1,000 calls reach their threshold in the same millisecond."""
    told = Bulk(0, 0)
    for number in range(1_000):
        call = CallId(f"m-1.{number}")
        told.tell(CallEntered(call=call, node=NODE, queue="generale", entered_ms=START_MS))
    due_ms = told.engine.next_deadline()
    assert due_ms == START_MS + 600_000
    counted = []
    while told.engine.next_deadline() == due_ms:
        counted.append(len(told.engine.handle(DeadlineReached(), due_ms).notes))
    assert counted == [SLICE_STEPS] * (1_000 // SLICE_STEPS)


def test_any_fact_carries_the_work_on() -> None:
    """Under load the slices do not wait for the timer, and the timer is set as long as work is left."""
    told = Bulk(3 * SLICE_STEPS, 0)
    told.tell(told.resync)
    assert told.engine.next_deadline() == START_MS
    left = len(told.engine.world.work)
    told.tell(DeviceChanged(endpoint="phone-zeno", state=DeviceState.IDLE))
    assert len(told.engine.world.work) == left - SLICE_STEPS


def waits_in_the_work_list(told: Bulk) -> CallId:
    """A call the resync saw and the slices have not come to."""
    told.tell(told.resync)
    return told.resync.calls[-1].call


def test_a_hang_up_during_the_slices_ends_the_call_once() -> None:
    """A fact for a call that still stands in the work list settles that call first."""
    told = Bulk(2 * SLICE_STEPS, 0)
    call = waits_in_the_work_list(told)
    assert call not in told.engine.world.calls
    ended = told.tell(CallEnded(call=call))
    assert call in [note.call for note in ended.notes if isinstance(note, CallFinished)]
    while told.engine.world.work:
        told.tell(DeadlineReached())
    assert call not in told.engine.world.calls
    invariants.check(told.engine.world)


def test_a_caller_who_enters_during_the_slices_waits_behind() -> None:
    """Nobody new overtakes those who are being adopted, although agents are free."""
    told = Bulk(2 * SLICE_STEPS, 3)
    told.tell(told.resync)
    young = CallId("m-1.9999")
    told.tell(CallEntered(call=young, node=NODE, queue="generale", entered_ms=START_MS))
    while told.engine.world.work:
        told.tell(DeadlineReached())
    oldest = [f"m-1.{number}" for number in range(2 * SLICE_STEPS, 2 * SLICE_STEPS - 3, -1)]
    assert told.offered == oldest


def test_an_agent_who_was_idle_before_the_resync_waits_for_its_end() -> None:
    """The first call that is adopted does not ring at once: an older one may come."""
    told = Bulk(2 * SLICE_STEPS, 1)
    told.tell(AgentLoggedIn(agent=AgentId("a0000")))
    told.run()
    assert told.offered == [f"m-1.{2 * SLICE_STEPS}"]


def test_after_a_resync_the_agent_idle_longest_chooses_first() -> None:
    """Not the first of the roster: the row of the idle outlives the resync."""
    centre = Centre(agents=["anna", "bruno", "carla"], logged_in=False)
    for name in ("bruno", "anna", "carla"):
        centre.later(1)
        centre.logs_in(name)
    resyncs(centre, *(seen(f"m-1.{number}", entered_ms=START_MS - number) for number in range(3)))
    assert centre.rung() == [("m-1.2", "bruno"), ("m-1.1", "anna"), ("m-1.0", "carla")]


def test_an_agent_who_logs_in_between_two_resyncs_waits_for_both() -> None:
    """The first node's last step does not open the doors while the second's calls are being adopted."""
    told = Bulk(SLICE_STEPS, 1)
    told.tell(told.resync)
    told.tell(AgentLoggedOut(agent=AgentId("a0000")))
    told.resync = NodeResynced(node=NODE, calls=told.resync.calls)
    told.tell(told.resync)
    rows = [seen(f"p-1.{number}", entered_ms=START_MS - 60_000 - number) for number in range(2 * SLICE_STEPS)]
    told.tell(NodeResynced(node=FAR, calls=tuple(rows)))
    told.tell(AgentLoggedIn(agent=AgentId("a0000")))
    while told.engine.world.work:
        told.tell(DeadlineReached())
    assert told.offered == [rows[-1].call]


def test_an_office_has_the_choice_of_all_who_wait_before_a_new_caller() -> None:
    """Between the resync and the line's turn a call that enters does not take the line."""
    people = [agent(f"a{number}", pensioni=5) for number in range(2 * SLICE_STEPS)]
    overflowing = queue(ladder=to_offices("roma", after_ms=0))
    centre = Centre([overflowing, queue("pensioni")], people, [office("roma")], logged_in=False)
    members = tuple(MemberSeen(endpoint=each.endpoint, paused=False) for each in people)
    centre.tell(NodeResynced(node=NODE, calls=(seen("old"),), members=members))
    while centre.world.recovering:
        centre.tell(DeadlineReached())
    assert centre.world.lines[office("roma").id].resting
    centre.tell(CallEntered(call=CallId("young"), node=NODE, queue="generale", entered_ms=centre.now_ms))
    centre.settle()
    assert [call for call, _ in centre.rung()] == ["old"]


def test_a_second_resync_during_the_slices_is_the_newer_truth() -> None:
    """What the first saw and the second does not is over; nothing is adopted twice."""
    told = Bulk(2 * SLICE_STEPS, 1)
    told.tell(told.resync)
    kept = told.resync.calls[:10] + told.resync.calls[-10:]
    told.resync = NodeResynced(node=NODE, calls=kept)
    told.run()
    assert sorted(told.engine.world.calls) == sorted(row.call for row in kept)
    oldest = min(kept, key=lambda row: row.entered_ms)
    assert told.offered == [oldest.call]
    invariants.check(told.engine.world)


def test_two_nodes_that_come_back_together_are_one_order() -> None:
    """The first node's calls wait for the second's: offered in age over both."""
    told = Bulk(SLICE_STEPS, 2)
    told.tell(told.resync)
    old = seen("p-1.1", entered_ms=START_MS - 60_000)
    told.resync = NodeResynced(node=FAR, calls=(old,))
    told.run()
    assert told.offered == ["p-1.1", f"m-1.{SLICE_STEPS}"]


def test_a_link_lost_again_during_the_slices_parks_what_is_adopted() -> None:
    """The work goes on with what was seen, but nothing is offered to a node that is gone."""
    told = Bulk(2 * SLICE_STEPS, 1)
    told.tell(told.resync)
    told.tell(NodeLost(node=NODE))
    while told.engine.world.work:
        told.tell(DeadlineReached())
    assert told.offered == []
    assert len(told.engine.world.parked) == 2 * SLICE_STEPS
    invariants.check(told.engine.world)


# ── what the past has left ───────────────────────────────────────────────────────────────────


def test_a_second_visit_of_a_call_we_gave_up_is_a_call() -> None:
    """Its end was a mistake of ours; the caller is there and waits like anybody."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.looked_at("c1", None)
    centre.enters("c1", visit=2)
    assert centre.offered("c1") == "anna"


def test_a_second_visit_told_again_after_the_end_is_late() -> None:
    """The call had its second visit and is over; its entry told once more is late."""
    centre = Centre(agents=["anna"])
    to("talks", "transferred")(centre)
    entry = CallEntered(call=C1, node=NODE, queue="generale", entered_ms=centre.now_ms, visit=2)
    centre.tell(entry)
    centre.hangs_up("c1")
    assert [type(note) for note in centre.tell(entry).notes] == [Late]
    assert not centre.world.calls


def test_a_talk_and_its_end_that_nobody_told_was_an_answer() -> None:
    """Ringing when the link broke, on the way out when it is back: answered there, by that site."""
    centre = Centre(agents=["anna"])
    to("rings")(centre)
    attempt = centre.attempt("c1")
    loses(centre)
    centre.later(8_000)
    entered_ms = centre.call("c1").entered_ms
    resyncs(centre, seen("c1", Stage.LEAVING, attempt=attempt, entered_ms=entered_ms))
    centre.hangs_up("c1")
    assert [each.result for each in centre.noted(ServiceLevelCounted)] == [ServiceLevel.MET]
    assert len(centre.noted(CallAnswered)) == 1
    assert (centre.finished("c1").outcome, centre.finished("c1").site) == (End.ANSWERED, "roma")


def test_an_adopted_transfer_has_no_site() -> None:
    """Passed on by somebody before we started: the ledger says that it does not know the site."""
    centre = Centre()
    resyncs(centre, seen("c1", Stage.TRANSFERRED, attempt=OLD))
    centre.hangs_up("c1")
    assert centre.finished("c1").site is None


def test_an_adopted_talk_is_not_counted_as_missed() -> None:
    """When it was answered we do not know: no wait is told and no service-level event is made up."""
    centre = Centre(agents=["anna"], logged_in=False)
    resyncs(
        centre,
        seen("c1", Stage.TALKING, attempt=OLD, target="phone-anna", entered_ms=START_MS - 600_000),
        members=(MemberSeen(endpoint="phone-anna", paused=False),),
    )
    centre.later(1_000)
    assert not centre.noted(ServiceLevelCounted)
    assert not centre.noted(CallAnswered)


def test_a_node_without_members_does_not_hide_those_of_another() -> None:
    """Both nodes come back after our restart; only the second remembers who was logged in."""
    centre = Centre(agents=["anna"], logged_in=False)
    resyncs(centre)
    resyncs(centre, node=FAR, members=(MemberSeen(endpoint="phone-anna", paused=False),))
    assert centre.agent_state("anna") is AgentState.READY


def test_a_bar_does_not_survive_its_call() -> None:
    """Deadlines of a call that is over leave nothing behind."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    misses(centre, "c1")
    centre.hangs_up("c1")
    assert not len(centre.world.deadlines)


def test_what_is_late_is_counted_by_its_name() -> None:
    """Whoever watches the stream sees which facts come too late."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.hangs_up("c1")
    centre.hangs_up("c1")
    assert [(each.fact, each.key) for each in centre.noted(Late)] == [("CallEnded", "c1")]
