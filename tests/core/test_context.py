"""What an agent is told of a caller, what an agent says of one, and what the ledger gets of both."""

from __future__ import annotations

import pytest

from acd.core import pictures
from acd.core.facts import CallCoded, CallerVerified, CallLeftMenu, CallTransferred
from acd.core.ids import AgentId, CallId
from acd.core.notes import CallFinished, CallJudged, Late, MenuLeft
from acd.core.views import CallContext
from tests.core.builders import (
    FRAGILE,
    HANDED_OVER,
    NODE,
    SOLVED,
    START_MS,
    Centre,
    agent,
    office,
    queue,
    to_offices,
)

QUEUES = (queue("generale"), queue("pensioni"))


def told(centre: Centre, name: str = "anna") -> CallContext | None:
    """What this agent's desktop shows of a call."""
    view = pictures.agent(centre.world, AgentId(name))
    assert view is not None
    return view.call


def code(centre: Centre, name: str = "anna", word: str = SOLVED) -> str | None:
    """The agent says what became of the question."""
    return centre.tell(CallCoded(agent=AgentId(name), code=word)).refused  # type: ignore[arg-type]


def a_talk(**more: object) -> Centre:
    """Anna talks with c1, who waited three seconds; bruno serves the other queue."""
    centre = Centre(QUEUES, [agent("anna"), agent("bruno", pensioni=5)], logged_in=False)
    centre.enters("c1", province="BZ", language="de", priority_class=FRAGILE, **more)
    centre.later(3_000)
    centre.logs_in("anna")
    centre.talks("c1")
    return centre


# ── told ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stage", ["rings", "talks", "wrap-up"])
def test_the_context_goes_with_the_call(stage: str) -> None:
    """From the first ring to the end of the wrap-up, and never who the caller is."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1", province="BZ", language="de", priority_class=FRAGILE, caller="hash")
    centre.later(3_000)
    centre.logs_in("anna")
    centre.rings("c1")
    if stage != "rings":
        centre.talks("c1")
    if stage == "wrap-up":
        centre.later(60_000)
        centre.agent_hangs_up("c1")
    assert told(centre) == CallContext(
        call=CallId("c1"),
        queue=queue().id,
        queue_name="Generale",
        language="de",
        province="BZ",
        priority_class=FRAGILE,
        verified=None,
        verified_by="",
        waited_ms=3_000,
        passed_on=0,
        from_site="",
        code="",
    )


def test_without_a_call_there_is_no_context() -> None:
    """Ready, paused, and after the wrap-up."""
    centre = a_talk()
    centre.agent_hangs_up("c1")
    centre.later(10_000)
    assert told(centre) is None


def test_the_next_agent_reads_what_the_first_found_out() -> None:
    """Passed on: verified, from which site, how often; the first agent's wrap-up still shows their own."""
    centre = a_talk()
    centre.tell(CallerVerified(agent=AgentId("anna"), verified=True, method="codice"))
    code(centre, word=HANDED_OVER)
    centre.logs_in("bruno")
    centre.tell(CallTransferred(call=CallId("c1"), attempt=centre.attempt("c1")))
    centre.enters("c1", "pensioni", visit=2)
    seen = told(centre, "bruno")
    assert seen is not None
    assert (seen.queue, seen.passed_on, seen.from_site) == ("pensioni", 1, "roma")
    assert (seen.verified, seen.verified_by, seen.code) == (True, "codice", HANDED_OVER)
    first = told(centre)
    assert first is not None
    assert (first.queue, first.waited_ms) == ("generale", 3_000)


# ── said ─────────────────────────────────────────────────────────────────────────────────────


def test_what_was_said_before_the_end_is_in_the_ledger() -> None:
    """The last word counts; nothing follows the end."""
    centre = a_talk(called="06164164", caller="hash")
    entered_ms = centre.call("c1").entered_ms
    code(centre, word=HANDED_OVER)
    code(centre)
    centre.tell(CallerVerified(agent=AgentId("anna"), verified=False, method=""))
    centre.agent_hangs_up("c1")
    end = centre.finished("c1")
    assert (end.code, end.verified, end.visits) == (SOLVED, False, 1)
    assert (end.node, end.called, end.caller, end.priority_class) == (NODE, "06164164", "hash", FRAGILE)
    assert (end.language, end.province) == ("de", "BZ")
    assert (end.entered_ms, end.ended_ms) == (entered_ms, centre.now_ms)
    assert not centre.noted(CallJudged)


def test_a_code_in_the_wrap_up_follows_the_end() -> None:
    """The ledger's row is written: the word comes after it, under the queue of the first visit."""
    centre = a_talk()
    centre.agent_hangs_up("c1")
    assert centre.finished("c1").code == ""
    assert code(centre) is None
    (judged,) = centre.noted(CallJudged)
    assert (judged.call, judged.queue, judged.code) == ("c1", "generale", SOLVED)


def test_a_code_in_the_senders_wrap_up_is_of_the_call_that_goes_on() -> None:
    """The call has not ended: the word is kept for its end."""
    centre = a_talk()
    centre.tell(CallTransferred(call=CallId("c1"), attempt=centre.attempt("c1")))
    centre.enters("c1", "pensioni", visit=2)
    assert code(centre, word=HANDED_OVER) is None
    assert not centre.noted(CallJudged)
    centre.hangs_up("c1")
    assert centre.noted(CallFinished)[-1].code == HANDED_OVER


@pytest.mark.parametrize("stage", ["ready", "rings", "paused", "logged out"])
def test_only_of_the_own_call_and_only_in_time(stage: str) -> None:
    """Outside talk and wrap-up there is no call to speak of."""
    centre = Centre(agents=["anna"])
    match stage:
        case "rings":
            centre.enters("c1")
            centre.rings("c1")
        case "paused":
            centre.pauses("anna")
        case "logged out":
            centre.logs_out("anna")
    refused = code(centre)
    assert refused is not None
    assert "no talk" in refused
    verified = centre.tell(CallerVerified(agent=AgentId("anna"), verified=True))
    assert verified.refused is not None


def test_only_words_of_the_rule_set() -> None:
    """The refusal says which there are."""
    centre = a_talk()
    refused = code(centre, word="nonsense")
    assert refused is not None
    assert "risolto, passato" in refused
    assert centre.call("c1").code == ""


def test_by_the_phone_too() -> None:
    """A feature code names the phone, not the agent."""
    centre = a_talk()
    centre.tell(CallCoded(phone="phone-anna", code=SOLVED))
    assert centre.call("c1").code == SOLVED


# ── the menu, the offices ────────────────────────────────────────────────────────────────────


def test_who_leaves_in_the_menu_is_counted_once() -> None:
    """No call, but never unseen; a repeat is late."""
    centre = Centre()
    left = CallLeftMenu(
        call=CallId("m-1.1"), node=NODE, called="06164164", arrived_ms=START_MS, left_ms=START_MS + 7_000
    )
    centre.tell(left)
    centre.tell(left)
    (note,) = centre.noted(MenuLeft)
    assert (note.called, note.left_ms - note.arrived_ms) == ("06164164", 7_000)
    assert [late.fact for late in centre.noted(Late)] == ["CallLeftMenu"]
    assert pictures.summary(centre.world).entered == 0


def test_offices_are_shown_with_what_they_carry() -> None:
    """Name, province, lines and how many are taken, in the order of the rules."""
    lines = [office("roma", capacity=2), office("bari", "BA")]
    centre = Centre((queue(ladder=to_offices("roma", after_ms=0)),), offices=lines)
    centre.enters("c1")
    first, second = pictures.offices(centre.world)
    assert (first.id, first.province, first.capacity, first.in_use) == ("roma", "RM", 2, 1)
    assert (second.id, second.in_use) == ("bari", 0)


def test_a_wish_is_shown() -> None:
    """The agent sees what will be granted after the talk."""
    centre = a_talk()
    for ask, word in ((centre.pauses, "pause"), (centre.logs_out, "logout"), (centre.readies, "")):
        ask("anna")
        view = pictures.agent(centre.world, AgentId("anna"))
        assert view is not None
        assert view.wish == word
