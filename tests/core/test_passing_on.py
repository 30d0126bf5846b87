"""Callers passed on: asked for, on their way, answered, or back at their sender; every race by name."""

from __future__ import annotations

import pytest

from acd.core.calls import CallState
from acd.core.facts import (
    AgentReadied,
    Asker,
    CallSeen,
    CallTransferred,
    DeviceState,
    LegEnded,
    NodeLost,
    NodeResynced,
    OfferEnd,
    Stage,
    TalkBegan,
    TransferAsked,
    TransferKind,
    WrapUpExtended,
)
from acd.core.ids import AgentId, CallId, NodeId, OfficeId
from acd.core.notes import AgentState, CallFinished, Decision, Outcome
from acd.core.orders import AnswerAsker, OfferCall, PassOn, SendToNet, TargetKind
from acd.core.policy import QueueKind
from tests.core.builders import NODE, START_MS, Centre, agent, office, queue, seen
from tests.core.stage import misses

QUEUES = (
    queue("generale", return_ms=40_000),
    queue("pensioni", return_ms=60_000),
    queue("esperti", kind=QueueKind.SECOND_LEVEL, return_ms=30_000),
)
RING_MS = 20_000


def a_centre(*, wrap_up_ms: int = 10_000, logged_in: bool = True) -> Centre:
    """Anna serves the general queue, bruno pensions, carla is an expert; an office with one line."""
    first = queue("generale", return_ms=40_000, wrap_up_ms=wrap_up_ms)
    people = [agent("anna", generale=5), agent("bruno", "bari", pensioni=5), agent("carla", esperti=5)]
    return Centre((first, *QUEUES[1:]), people, [office("roma")], logged_in=logged_in)


def passed_on(centre: Centre, to: str = "pensioni", *, asked: bool = True, **more: object) -> None:
    """Anna talks with c1 and passes the caller on; the caller enters again."""
    if centre.state("c1") is None:
        centre.enters("c1")
    centre.talks("c1")
    centre.later(30_000)
    enters_again(centre, to, asked=asked, **more)


def enters_again(centre: Centre, to: str, *, asked: bool = True, by: str = "anna", **more: object) -> None:
    """What follows when the talk's caller is passed on to a queue."""
    attempt = centre.attempt("c1")
    if asked:
        assert centre.passes_on(by, to).refused is None
    centre.tell(CallTransferred(call=CallId("c1"), attempt=attempt))
    centre.tell(LegEnded(call=CallId("c1"), attempt=attempt))
    centre.enters("c1", to, visit=centre.call("c1").visit + 1, **more)


def to_office(centre: Centre, name: str = "roma") -> None:
    """Anna talks with c1 and passes the caller on to an office."""
    centre.enters("c1")
    centre.talks("c1")
    centre.later(30_000)
    attempt = centre.attempt("c1")
    assert centre.passes_on("anna", name, TransferKind.OFFICE).refused is None
    centre.tell(CallTransferred(call=CallId("c1"), attempt=attempt))
    centre.enters("c1", "generale", visit=2, office=name)


# ── asking ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "to", "extension"),
    [
        (TransferKind.QUEUE, "pensioni", "q-pensioni"),
        (TransferKind.QUEUE, "esperti", "q-esperti"),
        (TransferKind.QUEUE, "generale", "q-generale"),
        (TransferKind.OFFICE, "roma", "o-roma"),
    ],
)
def test_it_is_ordered_for_the_talk(kind: TransferKind, to: str, extension: str) -> None:
    """One order for the attempt of the talk, to an extension of the transfer context."""
    centre = a_centre()
    centre.enters("c1")
    centre.talks("c1")
    centre.passes_on("anna", to, kind)
    (order,) = centre.ordered(PassOn)
    assert (order.call, order.node, order.attempt, order.to) == (
        "c1",
        NODE,
        centre.attempt("c1"),
        extension,
    )
    assert centre.agent_state("anna") is AgentState.TALKING, "nothing moves before Asterisk says so"


@pytest.mark.parametrize("stage", ["idle", "ringing", "wrap_up"])
def test_only_in_a_talk(stage: str) -> None:
    """Else there is no caller to pass on."""
    centre = a_centre()
    if stage != "idle":
        centre.enters("c1")
        centre.rings("c1")
    if stage == "wrap_up":
        centre.talks("c1")
        centre.agent_hangs_up("c1")
    told = centre.passes_on("anna", "pensioni")
    assert told.refused is not None
    assert "in no talk" in told.refused
    assert not centre.ordered(PassOn)


@pytest.mark.parametrize("kind", TransferKind)
def test_only_to_what_there_is(kind: TransferKind) -> None:
    """A name that is not in the rules is refused and named."""
    centre = a_centre()
    centre.enters("c1")
    centre.talks("c1")
    told = centre.passes_on("anna", "nowhere", kind)
    assert told.refused is not None
    assert "'nowhere'" in told.refused
    assert not centre.ordered(PassOn)


def test_the_phone_hears_yes_or_no() -> None:
    """A request by feature code is answered with a tone, like any other."""
    centre = a_centre()
    centre.enters("c1")
    centre.talks("c1")
    asker = Asker(node=NODE, channel="x-1.1")
    for to in ("nowhere", "pensioni"):
        centre.tell(TransferAsked(phone="phone-anna", kind=TransferKind.QUEUE, to=to, asker=asker))
    assert [order.done for order in centre.ordered(AnswerAsker)] == [False, True]


def test_twice_at_once_is_asked_once() -> None:
    """A second click, and a second thought, while the first is under way; later it may be asked again."""
    centre = a_centre()
    centre.enters("c1")
    centre.talks("c1")
    centre.passes_on("anna", "pensioni")
    assert centre.passes_on("anna", "esperti").refused is not None
    centre.later(2_000)
    assert centre.passes_on("anna", "esperti").refused is None
    assert [order.to for order in centre.ordered(PassOn)] == ["q-pensioni", "q-esperti"]


def test_not_while_the_link_is_lost() -> None:
    """Nobody could carry it out; nothing is kept for later."""
    centre = a_centre()
    centre.enters("c1")
    centre.talks("c1")
    centre.tell(NodeLost(node=NODE))
    told = centre.passes_on("anna", "pensioni")
    assert told.refused is not None
    assert not centre.ordered(PassOn)


# ── answered ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("asked", [True, False], ids=["asked of us", "by the phone"])
def test_it_goes_to_the_other_queue_and_is_answered_there(asked: bool) -> None:
    """Either way: the specialist rings at once, the age is kept, one call in the books."""
    centre = a_centre()
    centre.enters("c1")
    first_ms = centre.now_ms
    passed_on(centre, "esperti", asked=asked)
    assert centre.offered("c1") == "carla"
    assert centre.call("c1").key[0] == first_ms
    centre.talks("c1")
    centre.later(120_000)
    centre.agent_hangs_up("c1")
    end = centre.finished("c1")
    assert (end.queue, end.outcome, end.visits) == ("generale", Outcome.ANSWERED, 2)
    assert centre.rung() == [("c1", "anna"), ("c1", "carla")]


def test_the_age_is_kept_in_the_other_queue() -> None:
    """Who has waited and talked already stands before who came after them."""
    centre = a_centre()
    centre.pauses("bruno")
    centre.enters("c1")
    centre.talks("c1")
    centre.later(5_000)
    centre.enters("c2", "pensioni")
    enters_again(centre, "pensioni")
    centre.readies("bruno")
    assert centre.offered("c1") == "bruno"


def test_a_sender_who_serves_the_other_queue_too_is_left_out() -> None:
    """Passing on means somebody else, until the time of return."""
    centre = Centre(QUEUES, [agent("anna", generale=5, pensioni=5)])
    passed_on(centre)
    centre.readies("anna")
    assert centre.offered("c1") is None
    centre.enters("c2", "pensioni")
    assert centre.offered("c2") == "anna"


# ── back to the sender ───────────────────────────────────────────────────────────────────────


def test_unanswered_it_goes_back_to_its_sender() -> None:
    """Nobody there: at the target's time of return the sender is rung, out of the wrap-up."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.later(59_999)
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    assert centre.offered("c1") is None
    centre.later(1)
    assert centre.offered("c1") == "anna"
    assert centre.call("c1").queue.id == "generale"
    centre.talks("c1")
    centre.agent_hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.ANSWERED


def test_its_sender_comes_before_who_waits() -> None:
    """A named rule: the sender knows the question, so the return goes ahead of an older call."""
    centre = a_centre()
    centre.pauses("bruno")
    centre.enters("c0")
    centre.hangs_up("c0")
    centre.later(60_000)
    centre.enters("c1")
    passed_on(centre)
    centre.enters("c2", first_entered_ms=START_MS, visit=2)
    assert centre.call("c2").key < centre.call("c1").key
    centre.later(60_000)
    assert (centre.offered("c1"), centre.offered("c2")) == ("anna", None)


def test_a_ring_is_never_cut_for_it() -> None:
    """The return is due while the target's phone rings: it happens when the ring ends unanswered."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.later(50_000)
    centre.readies("bruno")
    centre.rings("c1")
    centre.later(15_000)
    assert centre.offered("c1") == "bruno"
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert centre.offered("c1") == "anna"


def test_an_answer_as_the_return_is_due_wins() -> None:
    """The target answers in the very moment: talk, no return, and the sender is free."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.later(50_000)
    centre.readies("bruno")
    centre.rings("c1")
    centre.later(10_000)
    centre.tell(TalkBegan(call=CallId("c1"), attempt=centre.attempt("c1")))
    centre.later(120_000)
    assert centre.state("c1") is CallState.TALKING
    assert centre.agent_state("anna") is AgentState.READY


def test_dropped_at_once_is_not_answered() -> None:
    """The target picks up and hangs up: the way back stays open."""
    centre = a_centre()
    passed_on(centre)
    centre.talks("c1")
    centre.later(300)
    centre.ends_offer("c1", OfferEnd.DROPPED, talk_ms=300)
    centre.later(60_000)
    assert centre.offered("c1") == "anna"


@pytest.mark.parametrize("does", ["pauses", "logs_out", "talks", "phone", "in use", "removed"])
def test_a_sender_who_cannot_be_rung(does: str) -> None:
    """Paused, gone, in another talk, phone gone or in use, removed: back to the queue, at its age."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    match does:
        case "pauses":
            centre.pauses("anna")
        case "logs_out":
            centre.logs_out("anna")
        case "talks":
            centre.readies("anna")
            centre.enters("c2")
            centre.talks("c2")
        case "phone":
            centre.phone("anna", DeviceState.UNAVAILABLE)
        case "in use":
            centre.phone("anna", DeviceState.BUSY)
        case _:
            centre.changes(removed=["anna"])
    centre.later(60_000)
    assert (centre.state("c1"), centre.call("c1").queue.id) == (CallState.WAITING, "generale")
    centre.changes(agent("dora", generale=5))
    centre.logs_in("dora")
    assert centre.offered("c1") == "dora"


def test_a_sender_who_does_not_answer_is_no_dead_end() -> None:
    """The call waits in the queue it came from; the sender has a miss like any other."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.later(60_000)
    misses(centre, "c1")
    assert centre.state("c1") is CallState.WAITING
    assert centre.person("anna").misses == 1
    centre.later(60_000)
    assert centre.offered("c1") == "anna", "the bar on who missed it is over"


def test_a_caller_who_hangs_up_while_the_sender_rings() -> None:
    """The sender is free without a miss, and nothing is left."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.later(60_000)
    centre.rings("c1")
    centre.hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.READY
    assert centre.person("anna").misses == 0
    assert not len(centre.world.deadlines)


def test_back_in_the_first_queue_its_rules_hold() -> None:
    """The maximum wait is that queue's, from this visit's entry: the clock alone ends the wait."""
    first = queue("generale", return_ms=40_000, wait_ms_max=90_000)
    centre = Centre((first, *QUEUES[1:]), [agent("anna", generale=5)])
    passed_on(centre)
    centre.logs_out("anna")
    centre.later(89_999)
    assert not centre.ordered(SendToNet)
    centre.later(1)
    assert centre.ordered(SendToNet)


def test_passed_on_to_the_same_queue() -> None:
    """Somebody else of the same topic; nobody there, and it is the sender's again after the time."""
    centre = a_centre()
    passed_on(centre, "generale")
    centre.readies("anna")
    assert centre.offered("c1") is None
    centre.later(40_000)
    assert centre.offered("c1") == "anna"


def test_a_colleague_who_does_not_answer() -> None:
    """Passed on to a phone that rings in vain, the caller enters the same queue again: back at once."""
    centre = a_centre()
    centre.enters("c1")
    centre.talks("c1")
    centre.transferred("c1")
    centre.later(20_000)
    assert centre.agent_state("anna") is AgentState.READY
    centre.enters("c2")
    centre.hangs_up("c2")
    centre.enters("c1", visit=2)
    assert centre.offered("c1") == "anna"


def test_a_second_transfer_has_a_new_sender() -> None:
    """Bruno took it and passes it on: back means back to him."""
    centre = a_centre()
    centre.pauses("carla")
    passed_on(centre)
    centre.talks("c1")
    centre.later(5_000)
    enters_again(centre, "esperti", by="bruno")
    assert centre.call("c1").from_site == "bari"
    centre.later(30_000)
    assert centre.offered("c1") == "bruno"
    assert centre.call("c1").queue.id == "pensioni"


def test_an_unknown_sender_means_no_return() -> None:
    """A second visit of a call that entered while we were away stays where it was sent."""
    centre = a_centre()
    centre.pauses("bruno")
    centre.enters("c1", "pensioni", visit=2)
    centre.later(600_000)
    assert (centre.state("c1"), centre.call("c1").queue.id) == (CallState.WAITING, "pensioni")


# ── the sender's wrap-up ─────────────────────────────────────────────────────────────────────


def test_the_wrap_up_waits_for_the_news() -> None:
    """Longer than its own time, until the call is answered; then the sender is ready."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.later(45_000)
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.readies("bruno")
    centre.talks("c1")
    centre.settle()
    assert centre.agent_state("anna") is AgentState.READY


def test_its_own_time_is_not_cut() -> None:
    """Answered at once: the sender's notes still have their ten seconds."""
    centre = a_centre()
    passed_on(centre)
    centre.talks("c1")
    centre.later(9_000)
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(1_000)
    assert centre.agent_state("anna") is AgentState.READY


def test_a_caller_who_gives_up_frees_the_sender() -> None:
    """There is nothing to wait for any more."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.later(30_000)
    centre.hangs_up("c1")
    centre.settle()
    assert centre.agent_state("anna") is AgentState.READY


def test_at_most_until_the_return() -> None:
    """A ring goes on past the moment of return: the sender is not kept, and gets it if still free."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.later(50_000)
    centre.readies("bruno")
    centre.rings("c1")
    centre.later(10_001)
    assert centre.agent_state("anna") is AgentState.READY
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert centre.offered("c1") == "anna"


def test_ready_at_once_is_the_senders_choice() -> None:
    """Nobody is kept in a wrap-up against their will; the return finds them if they are free."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.tell(AgentReadied(agent=AgentId("anna")))
    assert centre.agent_state("anna") is AgentState.READY
    centre.later(60_000)
    assert centre.offered("c1") == "anna"


def test_more_wrap_up_counts_from_its_own_end() -> None:
    """A step of extension during the hold is the sender's own, within the cap."""
    centre = a_centre()
    passed_on(centre)
    centre.tell(WrapUpExtended(agent=AgentId("anna")))
    centre.talks("c1")
    centre.later(19_000)
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(1_000)
    assert centre.agent_state("anna") is AgentState.READY


def test_without_a_wrap_up_of_its_own_it_waits_all_the_same() -> None:
    """We ordered the transfer, so the sender waits for its news even where wrap-up lasts no time."""
    centre = a_centre(wrap_up_ms=0)
    centre.pauses("bruno")
    passed_on(centre)
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(60_000)
    assert centre.offered("c1") == "anna"


def test_a_transfer_that_fails_holds_nobody() -> None:
    """Asterisk could not; the talk goes on and ends as any other."""
    centre = a_centre(wrap_up_ms=0)
    centre.enters("c1")
    centre.talks("c1")
    centre.passes_on("anna", "pensioni")
    centre.order_fails("c1", unknown=False)
    centre.later(60_000)
    centre.agent_hangs_up("c1")
    centre.settle()
    assert centre.agent_state("anna") is AgentState.READY


def test_passed_on_to_a_phone_that_keeps_it() -> None:
    """The caller talks with somebody who is not ours: the sender's wrap-up ends by the clock."""
    centre = a_centre()
    centre.enters("c1")
    centre.talks("c1")
    centre.passes_on("anna", "pensioni")
    centre.transferred("c1")
    centre.later(60_000)
    assert centre.agent_state("anna") is AgentState.READY
    assert centre.state("c1") is CallState.TRANSFERRED


# ── offices ──────────────────────────────────────────────────────────────────────────────────


def test_to_an_office_its_line_rings_at_once() -> None:
    """No queue, no wait: the office's number, its trunk, its capacity counted."""
    centre = a_centre()
    to_office(centre)
    order = centre.ordered(OfferCall)[-1]
    assert (order.kind, order.target, order.via) == (TargetKind.LINE, office("roma").number, "trunk")
    assert centre.world.lines[OfficeId("roma")].in_use == 1
    centre.talks("c1")
    centre.later(10_000)
    assert centre.agent_state("anna") is AgentState.READY


@pytest.mark.parametrize("end", [OfferEnd.NO_ANSWER, OfferEnd.BUSY, OfferEnd.FAILED, OfferEnd.REFUSED])
def test_an_office_that_does_not_answer_sends_it_back(end: OfferEnd) -> None:
    """Closed, busy, out of order: the sender is rung at once."""
    centre = a_centre()
    to_office(centre)
    centre.ends_offer("c1", end)
    assert centre.offered("c1") == "anna"
    assert centre.world.lines[OfficeId("roma")].in_use == 0


def test_a_full_office_sends_it_back() -> None:
    """Its one line is taken: no wait for it."""
    centre = a_centre()
    centre.changes(agent("dora", generale=5))
    centre.logs_in("dora")
    centre.pauses("dora")
    to_office(centre)
    centre.talks("c1")
    centre.readies("dora")
    centre.enters("c2")
    (one,) = [name for name in ("anna", "dora") if centre.offered("c2") == name]
    centre.talks("c2")
    centre.passes_on(one, "roma", TransferKind.OFFICE)
    centre.tell(CallTransferred(call=CallId("c2"), attempt=centre.attempt("c2")))
    centre.enters("c2", visit=2, office="roma")
    assert centre.offered("c2") == one


def test_back_at_once_trusts_the_end_of_the_leg() -> None:
    """The phone's own idle lags behind by some ms: the sender is rung all the same."""
    centre = a_centre()
    centre.phone("anna", DeviceState.BUSY)
    centre.phone("anna", DeviceState.IDLE)
    centre.enters("c1")
    centre.talks("c1")
    centre.phone("anna", DeviceState.BUSY)
    attempt = centre.attempt("c1")
    centre.tell(CallTransferred(call=CallId("c1"), attempt=attempt))
    centre.enters("c1", visit=2, office="nowhere")
    assert centre.offered("c1") == "anna"


def test_an_office_nobody_knows_the_sender_of() -> None:
    """It is tried, and then the call waits in its queue."""
    centre = a_centre()
    centre.pauses("anna")
    centre.enters("c1", visit=2, office="roma")
    assert centre.offered("c1") == "roma"
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert (centre.state("c1"), centre.call("c1").queue.id) == (CallState.WAITING, "generale")
    centre.readies("anna")
    assert centre.offered("c1") == "anna"


def test_for_an_office_in_the_middle_of_a_resync() -> None:
    """Nothing may be offered yet: the call rests a moment, then its line rings."""
    centre = Centre(QUEUES, [agent("anna", generale=5)], [office("roma")])
    centre.enters("c1")
    centre.talks("c1")
    attempt = centre.attempt("c1")
    far = NodeId("palermo")
    rows = tuple(seen(f"f-1.{number}", queue="esperti") for number in range(400))
    centre.tell(NodeResynced(node=far, calls=rows))
    assert centre.world.recovering
    centre.tell(CallTransferred(call=CallId("c1"), attempt=attempt))
    centre.enters("c1", visit=2, office="roma")
    centre.later(2_000)
    assert centre.offered("c1") == "roma"


# ── lost links ───────────────────────────────────────────────────────────────────────────────


def test_a_return_due_while_the_node_is_lost_happens_after_it() -> None:
    """Parked it keeps its place; back again it goes to its sender, who is long ready."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.tell(NodeLost(node=NODE))
    centre.later(300_000)
    assert centre.agent_state("anna") is AgentState.READY
    row = seen("c1", queue="pensioni", visit=2)
    centre.tell(NodeResynced(node=NODE, calls=(row,)))
    centre.later(2_000)
    assert centre.offered("c1") == "anna"
    assert centre.noted(Decision)[-1].queue == "generale"


def visit_found(**more: object) -> CallSeen:
    """The next visit as a resync finds it."""
    return seen("c1", queue="pensioni", entered_ms=START_MS + 40_000, **more)


def test_a_transfer_during_a_lost_link_knows_its_sender() -> None:
    """The very next visit after a talk we knew: who talked has passed it on."""
    centre = a_centre()
    centre.pauses("bruno")
    centre.enters("c1")
    centre.talks("c1")
    centre.tell(NodeLost(node=NODE))
    centre.later(40_000)
    centre.tell(NodeResynced(node=NODE, calls=(visit_found(visit=2),)))
    centre.settle()
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    centre.later(62_000)
    assert centre.offered("c1") == "anna"


def test_a_later_visit_than_the_next_has_no_known_sender() -> None:
    """Somebody else had it in between: it stays where it is."""
    centre = a_centre()
    centre.pauses("bruno")
    centre.enters("c1")
    centre.talks("c1")
    centre.tell(NodeLost(node=NODE))
    centre.later(40_000)
    centre.tell(NodeResynced(node=NODE, calls=(visit_found(visit=3),)))
    centre.later(600_000)
    assert (centre.state("c1"), centre.call("c1").queue.id) == (CallState.WAITING, "pensioni")


def test_after_our_restart_it_stays_where_it_is() -> None:
    """An adopted visit has no sender; an office that was tried before is not tried again."""
    centre = a_centre()
    for name in ("anna", "bruno"):
        centre.pauses(name)
    centre.tell(NodeLost(node=NODE))
    centre.tell(NodeResynced(node=NODE, calls=(visit_found(visit=2, office="roma"),)))
    centre.later(600_000)
    assert (centre.state("c1"), centre.call("c1").queue.id) == (CallState.WAITING, "pensioni")
    assert not centre.rung()
    centre.readies("bruno")
    assert centre.offered("c1") == "bruno"


def test_an_office_that_rang_before_we_knew_has_had_its_chance() -> None:
    """Found ringing there, unanswered: back to the sender, not to the office once more.

    Found by the machine: the line was rung again at once.
    """
    centre = a_centre()
    centre.enters("c1")
    centre.talks("c1")
    centre.tell(NodeLost(node=NODE))
    row = visit_found(
        visit=2,
        office="roma",
        stage=Stage.DIALLING,
        attempt="0000000006-00000001",
        target=office("roma").number,
    )
    centre.tell(NodeResynced(node=NODE, calls=(row,)))
    centre.settle()
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert centre.offered("c1") == "anna"


def test_the_end_is_told_once_whatever_the_way() -> None:
    """Passed on, back, missed, passed on again, gone: one end in the books."""
    centre = a_centre()
    centre.pauses("bruno")
    passed_on(centre)
    centre.later(60_000)
    centre.talks("c1")
    enters_again(centre, "esperti")
    centre.rings("c1")
    centre.later(RING_MS)
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    centre.later(30_000)
    centre.hangs_up("c1")
    assert [note.call for note in centre.noted(CallFinished)] == ["c1"]
