"""Why one agent did not get one call: each reason, with what it takes to say it."""

from __future__ import annotations

import pytest

from acd.core.calls import CallState
from acd.core.facts import DeviceState, NodeLost, OfferEnd
from acd.core.ids import AgentId, CallId, SkillId
from acd.core.notes import AgentState, Reason
from acd.core.policy import SkillNeed
from acd.core.why_not import WhyNot, why_not
from tests.core.builders import NODE, Centre, agent, office, queue, step, to_offices

CALL = CallId("c-1.1")


def asked(centre: Centre, name: str, call: str = CALL) -> WhyNot:
    """The answer now."""
    centre.world.now_ms = centre.now_ms
    return why_not(centre.world, CallId(call), centre.world.agents[AgentId(name)])


def test_who_is_rung_is_not_asked_about() -> None:
    """None stands for: this very call."""
    centre = Centre(agents=["anna"])
    centre.enters(CALL)
    assert asked(centre, "anna").reason is None
    centre.talks(CALL)
    assert asked(centre, "anna").reason is None


def test_the_other_came_second() -> None:
    """The usual question: while it rings at one, why not at another who was free as well."""
    centre = Centre(agents=[agent("anna", generale=9)])
    centre.later(60_000)
    centre.changes(agent("bruno", "bari", generale=9))
    centre.logs_in("bruno")
    centre.later(10_000)
    centre.enters(CALL)
    assert centre.offered(CALL) == "anna"
    found = asked(centre, "bruno")
    assert (found.reason, found.rung_site, found.rung_office) == (Reason.LOWER_SCORE, "roma", "")
    assert found.behind_ms == pytest.approx(60_000, abs=10)
    assert found.call_state is CallState.OFFERED


def test_a_band_counts_as_idle_time() -> None:
    """Somebody of a lower band is behind by what the band costs."""
    centre = Centre(agents=[agent("anna", generale=9), agent("bruno", generale=6)])
    centre.later(30_000)
    centre.enters(CALL)
    assert centre.offered(CALL) == "anna"
    assert asked(centre, "bruno").behind_ms == pytest.approx(33_333, abs=10)


@pytest.mark.parametrize("reason", ["logged out", "paused", "talking", "wrap-up", "rung", "gone", "busy"])
def test_what_the_agent_does(reason: str) -> None:
    """The state of the agent, whoever the call rings at."""
    centre = Centre(agents=["anna"])
    match reason:
        case "logged out":
            centre.logs_out("anna")
            expected = Reason.LOGGED_OUT
        case "paused":
            centre.pauses("anna")
            expected = Reason.PAUSED
        case "gone":
            centre.phone("anna", DeviceState.UNAVAILABLE)
            expected = Reason.UNREACHABLE
        case "busy":
            centre.phone("anna", DeviceState.BUSY)
            expected = Reason.PHONE_BUSY
        case _:
            centre.enters("c-0.1")
            expected = Reason.RESERVED_ELSEWHERE
            if reason != "rung":
                centre.talks("c-0.1")
                expected = Reason.TALKING
            if reason == "wrap-up":
                centre.agent_hangs_up("c-0.1")
                expected = Reason.WRAP_UP
    centre.enters(CALL)
    found = asked(centre, "anna")
    assert found.reason is expected
    assert found.agent_state is centre.agent_state("anna")
    assert (found.call_state, found.queue, found.site) == (CallState.WAITING, "generale", "roma")


def test_skills() -> None:
    """Missing, too low even at the end of the ladder, excluded: which one, and how much."""
    needs = (SkillNeed(skill=SkillId("generale"), level_min=8),)
    ladder = (step(levels={SkillId("generale"): 5}),)
    people = [agent("anna", altro=5), agent("bruno", generale=3), agent("carla", generale=9, prova=1)]
    centre = Centre([queue(needs=needs, ladder=ladder, excludes=(SkillId("prova"),))], people)
    centre.enters(CALL)
    missing, low, excluded = (asked(centre, name) for name in ("anna", "bruno", "carla"))
    assert (missing.reason, missing.skill, missing.level, missing.level_min) == (
        Reason.SKILL_MISSING,
        "generale",
        0,
        5,
    )
    assert (low.reason, low.skill, low.level, low.level_min) == (Reason.LEVEL_TOO_LOW, "generale", 3, 5)
    assert (excluded.reason, excluded.skill, excluded.level) == (Reason.EXCLUDED_BY_SKILL, "prova", 1)


def test_a_later_step_of_the_ladder() -> None:
    """Which one, and when it opens by waiting; somebody of no step at all."""
    people = [agent("anna", "roma"), agent("bruno", "bari"), agent("carla", "nowhere")]
    ladder = (step("bari", 30_000, sites=("bari",)),)
    centre = Centre([queue(sites=("roma",), ladder=ladder)], people)
    centre.enters("c-0.1")
    centre.talks("c-0.1")
    centre.enters(CALL)
    centre.later(10_000)
    found = asked(centre, "bruno")
    assert (found.reason, found.step, found.step_needed, found.step_name, found.opens_in_ms) == (
        Reason.OUTSIDE_RING,
        0,
        1,
        "bari",
        20_000,
    )
    never = asked(centre, "carla")
    assert (never.reason, never.step_needed, never.opens_in_ms) == (Reason.OUTSIDE_RING, 0, None)


def test_what_the_caller_has_not_agreed_to() -> None:
    """The step that asks is named."""
    needs = (SkillNeed(skill=SkillId("generale")), SkillNeed(skill=SkillId("tedesco")))
    ladder = (step("altri", 5_000, consent="offer", waives=(SkillId("tedesco"),)),)
    centre = Centre([queue(language="de", needs=needs, ladder=ladder)], ["anna"])
    centre.enters(CALL, language="de")
    centre.later(6_000)
    found = asked(centre, "anna")
    assert (found.reason, found.step_needed, found.step_name) == (Reason.NO_CONSENT, 1, "altri")
    assert found.call_state is CallState.HEARING


def test_who_missed_it_a_moment_ago() -> None:
    """And for how long the bar lasts."""
    centre = Centre(agents=["anna"])
    centre.enters(CALL)
    centre.rings(CALL)
    centre.later(20_000)
    centre.ends_offer(CALL, OfferEnd.NO_ANSWER)
    centre.later(15_000)
    found = asked(centre, "anna")
    assert (found.reason, found.again_in_ms) == (Reason.EXCLUDED_AFTER_NO_ANSWER, 45_000)


def test_a_call_that_does_not_wait() -> None:
    """Not there yet or over, in a talk, parked."""
    centre = Centre(agents=["anna", "bruno"])
    assert asked(centre, "anna").call_state is None
    assert asked(centre, "anna").reason is Reason.NOT_WAITING
    centre.enters(CALL)
    centre.talks(CALL)
    other = "bruno" if centre.offered(CALL) == "anna" else "anna"
    found = asked(centre, other)
    assert (found.reason, found.call_state) == (Reason.NOT_WAITING, CallState.TALKING)
    assert found.agent_state is AgentState.READY
    centre.hangs_up(CALL)
    assert asked(centre, other).call_state is None


def test_a_lost_node() -> None:
    """Its waiting calls are offered to nobody."""
    centre = Centre()
    centre.enters(CALL)
    centre.tell(NodeLost(node=NODE))
    centre.changes(agent("anna"))
    centre.logs_in("anna")
    assert asked(centre, "anna").reason is Reason.PICTURE_UNSURE


def test_an_office_was_rung_instead() -> None:
    """It is named."""
    ladder = to_offices("lecce", after_ms=0)
    centre = Centre([queue(ladder=ladder)], ["anna"], [office("lecce")])
    centre.pauses("anna")
    centre.enters(CALL)
    centre.readies("anna")
    assert centre.offered(CALL) == "lecce"
    found = asked(centre, "anna")
    assert (found.reason, found.rung_office, found.rung_site) == (Reason.LOWER_SCORE, "lecce", "")
