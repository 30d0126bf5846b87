"""Questions to callers who wait: who is asked, what a key and silence mean; nothing waits for a prompt."""

from __future__ import annotations

import pytest

from acd.core.calls import CallState
from acd.core.facts import CallerPressed, NodeLost, NodeResynced, PromptEnded, Stage
from acd.core.ids import CallId
from acd.core.notes import AgentState, Anomaly, ConsentGiven, Corrected, LadderOpened, Late, Outcome
from acd.core.orders import LookAgain, OfferCall, Say, SendToNet, StopSaying
from acd.core.policy import Queue
from tests.core.builders import NODE, START_MS, Centre, agent, asking, queue, seen, step
from tests.core.stage import misses


def german(*ladder, **changes: object) -> Queue:
    """The German queue; whoever speaks it holds the skill."""
    return queue("tedesco", language="de", ladder=ladder or (asking(10_000, "tedesco"),), **changes)


def a_centre(**changes: object) -> Centre:
    """Greta speaks German, anna Italian only; greta takes a pause."""
    people = [agent("greta", tedesco=8), agent("anna", generale=8)]
    centre = Centre([queue(), german(**changes)], people)
    centre.pauses("greta")
    return centre


def asked(centre: Centre) -> None:
    """A German call has come to the question; anna is free for whoever consents."""
    centre.enters("c1", "tedesco", language="de")
    centre.later(10_000)


def consents(centre: Centre) -> list[bool]:
    return [note.granted for note in centre.noted(ConsentGiven)]


# ── asked, and answered ──────────────────────────────────────────────────────────────────────


def test_nobody_is_rung_who_speaks_no_german_before_the_caller_was_asked() -> None:
    """The step's time opens the question, in the caller's language, and rings nobody."""
    centre = a_centre()
    asked(centre)
    (say,) = centre.ordered(Say)
    assert (say.call, say.sounds, say.then_hang_up) == ("c1", ("acd/de/consenso",), False)
    assert centre.state("c1") is CallState.HEARING
    centre.later(5_000)
    assert not centre.rung()


@pytest.mark.parametrize("when", ["while it is said", "just after it"])
def test_one_means_yes_and_the_italian_speaker_rings(when: str) -> None:
    """Key 1 opens the step at once, during the prompt (which is stopped) or within the seconds after it."""
    centre = a_centre()
    asked(centre)
    if when == "just after it":
        centre.hears_out("c1")
        centre.later(5_900)
    centre.presses("c1", "1")
    assert centre.rung() == [("c1", "anna")]
    assert consents(centre) == [True]
    (opened,) = centre.noted(LadderOpened)
    assert (opened.id, opened.why) == ("in-italiano", "consent")
    assert bool(centre.ordered(StopSaying)) == (when == "while it is said")
    assert centre.call("c1").entered_ms < centre.now_ms - 9_000, "the age is kept"


@pytest.mark.parametrize("key", ["0", "2", "9", "*", "#"])
def test_any_other_key_means_no(key: str) -> None:
    """The step stays shut, the prompt stops, the caller waits on for German and is not asked again."""
    centre = a_centre()
    asked(centre)
    centre.presses("c1", key)
    centre.later(60_000)
    assert not centre.rung()
    assert consents(centre) == [False]
    assert len(centre.ordered(Say)) == 1
    centre.presses("c1", "1")
    assert not centre.rung(), "too late: there is no question any more"
    centre.readies("greta")
    assert centre.rung() == [("c1", "greta")]


def test_silence_means_no_six_seconds_after_the_prompt() -> None:
    """Until then the question stands; afterwards a key means nothing."""
    centre = a_centre()
    asked(centre)
    centre.later(8_000)
    centre.hears_out("c1")
    assert centre.state("c1") is CallState.WAITING
    centre.later(5_999)
    assert not consents(centre)
    centre.later(1)
    assert consents(centre) == [False]
    centre.presses("c1", "1")
    assert not centre.rung()


def test_a_prompt_that_cannot_be_played_is_no_yes() -> None:
    """A missing sound: the caller was asked nothing, and consented to nothing."""
    centre = a_centre()
    asked(centre)
    centre.hears_out("c1", heard=False)
    assert consents(centre) == [False]
    centre.later(60_000)
    assert len(centre.ordered(Say)) == 1


def test_a_refused_order_is_given_again_and_a_lost_one_too() -> None:
    """The dialplan would not take it, or it was never written: the caller has not been asked yet."""
    centre = a_centre()
    asked(centre)
    centre.hears_out("c1", heard=False, refused=True)
    assert (centre.state("c1"), consents(centre)) == (CallState.WAITING, [])
    centre.later(2_000)
    assert len(centre.ordered(Say)) == 2
    prompt = centre.call("c1").prompt
    assert prompt is not None
    centre.order_fails("c1", unknown=False, attempt=prompt.attempt)
    centre.looked_at("c1", seen("c1", queue="tedesco", language="de"))
    centre.later(2_000)
    assert len(centre.ordered(Say)) == 3
    centre.presses("c1", "1")
    assert centre.rung() == [("c1", "anna")]


def test_keys_without_a_question_mean_nothing() -> None:
    """A caller plays with the keys while the music plays."""
    centre = a_centre()
    centre.enters("c1", "tedesco", language="de")
    for key in "1*#0":
        told = centre.presses("c1", key)
        assert (told.orders, told.notes) == ([], [])
    centre.hangs_up("c1")
    centre.presses("c1", "1")
    assert isinstance(centre.last.notes[0], Late)


def test_nobody_is_asked_for_what_helps_nobody() -> None:
    """No Italian speaker is logged in: the question waits until there is one, busy or free."""
    centre = a_centre()
    centre.logs_out("anna")
    asked(centre)
    centre.later(30_000)
    assert not centre.ordered(Say)
    centre.logs_in("anna")
    centre.pauses("anna")
    centre.later(5_000)
    assert len(centre.ordered(Say)) == 1


def test_two_questions_come_one_after_the_other() -> None:
    """The second follows the answer to the first, whatever that was."""
    ladder = (asking(10_000, "tedesco", name="uno"), asking(10_000, "altro", name="due"))
    needs = (*german().needs, *queue("altro").needs)
    centre = Centre(
        [queue(), german(*ladder, needs=needs)], [agent("anna", altro=8), agent("ugo", tedesco=8)]
    )
    centre.enters("c1", "tedesco", language="de")
    centre.later(10_000)
    assert centre.call("c1").question == "uno"
    centre.presses("c1", "2")
    assert centre.call("c1").question == "due"
    centre.presses("c1", "1")
    assert centre.rung() == [("c1", "ugo")]
    assert consents(centre) == [False, True]


def test_a_later_step_opens_though_the_question_was_answered_with_no() -> None:
    """No to Italian is no answer to an office in Bolzano."""
    ladder = (asking(10_000, "tedesco"), step("livello", 20_000, levels={"tedesco": 1}))
    people = [agent("anna", generale=8), agent("lena", tedesco=2)]
    centre = Centre([queue(), german(*ladder, needs=_needs(5))], people)
    centre.enters("c1", "tedesco", language="de")
    centre.later(10_000)
    centre.presses("c1", "2")
    centre.later(10_000)
    assert centre.rung() == [("c1", "lena")]


def _needs(level: int):
    need = german().needs[0]
    return (type(need)(skill=need.skill, level_min=level),)


# ── nothing waits for a prompt ───────────────────────────────────────────────────────────────


def test_who_becomes_free_during_the_prompt_takes_the_call_at_once() -> None:
    """The offer is ordered, then the prompt stopped: in this order the dialplan finds it in time."""
    centre = a_centre()
    asked(centre)
    (say,) = centre.ordered(Say)
    orders = centre.readies("greta").orders
    ring, stop = [order for order in orders if isinstance(order, OfferCall | StopSaying)]
    assert isinstance(ring, OfferCall)
    assert isinstance(stop, StopSaying)
    assert (ring.target, stop.attempt) == ("phone-greta", say.attempt)
    centre.talks("c1")
    centre.later(10_000)
    assert not consents(centre)
    assert centre.agent_state("anna") is AgentState.READY


def test_the_end_of_a_prompt_that_was_cut_short_is_late_and_moves_nothing() -> None:
    """The dialplan reports it between the order and the ring."""
    centre = a_centre()
    asked(centre)
    prompt = centre.call("c1").prompt
    assert prompt is not None
    centre.readies("greta")
    centre.tell(PromptEnded(call=CallId("c1"), attempt=prompt.attempt, heard=True))
    assert [note.fact for note in centre.noted(Late)] == ["PromptEnded"]
    centre.talks("c1")
    assert not centre.noted(Anomaly)


@pytest.mark.parametrize("when", ["while it is said", "in the time to answer"])
def test_a_question_a_ring_fell_into_is_asked_again(when: str) -> None:
    """Keys are not heard during a ring: who was rung for in vain has not answered."""
    centre = a_centre()
    asked(centre)
    if when == "in the time to answer":
        centre.hears_out("c1")
    centre.readies("greta")
    misses(centre, "c1")
    assert len(centre.ordered(Say)) == 2
    centre.presses("c1", "1")
    assert ("c1", "anna") in centre.rung()


def test_the_caller_keeps_the_place_while_hearing() -> None:
    """A younger call does not overtake who is being asked."""
    centre = a_centre()
    asked(centre)
    centre.enters("c2", "tedesco", language="de")
    centre.readies("greta")
    assert centre.rung() == [("c1", "greta")]


def test_the_maximum_wait_ends_a_prompt_too() -> None:
    """The net takes the caller in the middle of a question."""
    centre = Centre([queue(), german(wait_ms_max=12_000)], [agent("anna", generale=8)])
    centre.enters("c1", "tedesco", language="de")
    centre.later(12_000)
    assert [type(order) for order in centre.orders[-2:]] == [StopSaying, SendToNet]
    centre.net_takes("c1")
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.SAFETY_NET


def test_who_hangs_up_during_the_question_abandons() -> None:
    """One end, no answer, nothing left behind."""
    centre = a_centre()
    asked(centre)
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.ABANDONED
    assert not consents(centre)
    assert not len(centre.world.deadlines)


def test_the_net_may_take_who_hears_a_prompt() -> None:
    """The lease lapsed while the prompt was played."""
    centre = a_centre()
    asked(centre)
    centre.net_takes("c1")
    assert centre.state("c1") is CallState.IN_NET


# ── lost news ────────────────────────────────────────────────────────────────────────────────


def test_a_lost_end_of_a_prompt_is_looked_for_and_the_question_stands() -> None:
    """Five seconds after the order the call is looked at, then every two; back in hold it has been heard."""
    centre = a_centre()
    asked(centre)
    prompt = centre.call("c1").prompt
    assert prompt is not None
    centre.later(5_000)
    assert len(centre.ordered(LookAgain)) == 1
    centre.looked_at("c1", seen("c1", Stage.HEARING, queue="tedesco", attempt=prompt.attempt))
    assert centre.state("c1") is CallState.HEARING
    centre.later(2_000)
    assert len(centre.ordered(LookAgain)) == 2
    centre.looked_at("c1", seen("c1", Stage.HOLDING, queue="tedesco", attempt=prompt.attempt))
    assert centre.state("c1") is CallState.WAITING
    assert [note.kind for note in centre.noted(Corrected)] == ["lost_report"]
    centre.presses("c1", "1")
    assert centre.rung() == [("c1", "anna")]


def test_an_order_nobody_took_up_is_given_again() -> None:
    """Past its time and still in hold with another attempt: the caller heard nothing."""
    centre = a_centre()
    asked(centre)
    centre.later(4_000)
    centre.looked_at("c1", seen("c1", queue="tedesco"))
    assert centre.state("c1") is CallState.HEARING, "it may still be taken up"
    centre.later(1_000)
    centre.looked_at("c1", seen("c1", queue="tedesco"))
    assert not consents(centre)
    centre.later(2_000)
    assert len(centre.ordered(Say)) == 2


def test_a_node_lost_during_the_question_parks_the_call_and_asks_again() -> None:
    """What was pressed meanwhile nobody heard."""
    centre = a_centre()
    asked(centre)
    prompt = centre.call("c1").prompt
    assert prompt is not None
    centre.tell(NodeLost(node=NODE))
    centre.readies("greta")
    assert not centre.rung()
    centre.pauses("greta")
    holding = seen("c1", queue="tedesco", language="de", attempt=prompt.attempt, entered_ms=START_MS)
    centre.later(30_000)
    centre.tell(NodeResynced(node=NODE, calls=(holding,)))
    centre.later(6_000)
    assert consents(centre) == [False], "it was heard out, and the time to answer is over"
    centre.readies("greta")
    assert centre.rung() == [("c1", "greta")]


def test_a_question_whose_answer_was_awaited_when_the_node_was_lost_is_asked_again() -> None:
    """The time to answer passed unheard."""
    centre = a_centre()
    asked(centre)
    centre.hears_out("c1")
    centre.tell(NodeLost(node=NODE))
    centre.later(30_000)
    assert not consents(centre)
    centre.tell(NodeResynced(node=NODE, calls=(seen("c1", queue="tedesco", language="de"),)))
    centre.later(5_000)
    assert len(centre.ordered(Say)) == 2


def test_a_resync_that_finds_the_prompt_still_heard_goes_on() -> None:
    """The same attempt: the question stands, and who becomes free cuts it short."""
    centre = a_centre()
    asked(centre)
    prompt = centre.call("c1").prompt
    assert prompt is not None
    centre.tell(NodeLost(node=NODE))
    hearing = seen("c1", Stage.HEARING, queue="tedesco", language="de", attempt=prompt.attempt)
    centre.tell(NodeResynced(node=NODE, calls=(hearing,)))
    centre.settle()
    assert (centre.state("c1"), centre.call("c1").question) == (CallState.HEARING, "in-italiano")
    centre.readies("greta")
    assert centre.rung() == [("c1", "greta")]


def test_a_prompt_of_the_process_before_us_is_cut_short_by_an_offer() -> None:
    """We do not know what is said; the caller waits, and whoever is free is rung."""
    centre = Centre([queue(), german()], [agent("greta", tedesco=8)])
    centre.pauses("greta")
    hearing = seen("c1", Stage.HEARING, queue="tedesco", language="de", attempt="0000000003-00000009")
    centre.tell(NodeResynced(node=NODE, calls=(hearing,)))
    centre.settle()
    assert centre.state("c1") is CallState.HEARING
    centre.readies("greta")
    assert centre.rung() == [("c1", "greta")]
    assert [order.attempt for order in centre.ordered(StopSaying)] == ["0000000003-00000009"]


def test_a_key_of_a_caller_nobody_knows_is_an_anomaly() -> None:
    """Reported, and nothing more."""
    centre = a_centre()
    centre.tell(CallerPressed(call=CallId("nobody"), key="1"))
    assert [note.fact for note in centre.noted(Anomaly)] == ["CallerPressed"]
