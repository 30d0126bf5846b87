"""Whom a decision left out and why; the same word for one agent and for the count of all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acd.core.facts import DeviceState, NodeLost, OfferEnd
from acd.core.ids import AgentId, OfficeId, SkillId
from acd.core.ladder import open_by_consent, stay_shut
from acd.core.notes import Decision, Reason
from acd.core.reasons import classify, classify_office
from acd.core.why_not import why_not
from tests.core.builders import NODE, Centre, agent, asking, need, office, queue, step, to_offices

RULE = queue(
    "pensioni",
    needs=(need("pensioni", 3),),
    excludes=(SkillId("corso"),),
    sites=("roma",),
    ladder=(
        asking(5_000, "pensioni"),
        step("volontari", 60_000, volunteers=True),
        *to_offices("roma", after_ms=90_000),
    ),
)
PEOPLE = (
    agent("anna", pensioni=9),
    agent("bruno", pensioni=9),
    agent("low", pensioni=2),
    agent("excluded", pensioni=9, corso=1),
    agent("away", "bari", pensioni=9),
    agent("volunteer", volunteer=True, pensioni=9),
    agent("stranger", altro=9),
)


def waiting() -> Centre:
    """A call that waits because Anna and Bruno are paused; everybody else is ready."""
    centre = Centre([RULE, queue("altro")], PEOPLE, [office("roma"), office("bari")])
    for name in ("anna", "bruno"):
        centre.pauses(name)
    centre.enters("c1", "pensioni")
    return centre


def why(centre: Centre, name: str, call: str = "c1") -> Reason:
    return classify(centre.world, centre.call(call), centre.world.agents[AgentId(name)])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("anna", Reason.PAUSED),
        ("low", Reason.NO_CONSENT),
        ("excluded", Reason.EXCLUDED_BY_SKILL),
        ("away", Reason.OUTSIDE_RING),
        ("volunteer", Reason.OUTSIDE_RING),
        ("stranger", Reason.NO_CONSENT),
    ],
)
def test_what_stands_between_a_call_and_somebody(name: str, reason: Reason) -> None:
    """What only training changes first, then the agent's state, then the ladder."""
    centre = waiting()
    centre.later(5_000)
    assert why(centre, name) is reason


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (agent("x", altro=9), Reason.SKILL_MISSING),
        (agent("x", pensioni=2), Reason.LEVEL_TOO_LOW),
        (agent("x", "bari", pensioni=9), Reason.OUTSIDE_RING),
    ],
)
def test_who_is_never_asked(person, reason: Reason) -> None:
    """Without a ladder what is missing is missing."""
    rule = queue("pensioni", needs=(need("pensioni", 3),), sites=("roma",))
    centre = Centre([rule, queue("altro")], [person])
    centre.enters("c1", "pensioni")
    assert why(centre, "x") is reason


def _in_wrap_up(centre: Centre) -> None:
    centre.enters("other", "altro")
    centre.talks("other")
    centre.agent_hangs_up("other")


def _talking(centre: Centre) -> None:
    centre.enters("other", "altro")
    centre.talks("other")


STATES: list[tuple[Callable[[Centre], object], Reason]] = [
    (lambda centre: centre.logs_out("x"), Reason.LOGGED_OUT),
    (lambda centre: centre.pauses("x"), Reason.PAUSED),
    (lambda centre: centre.enters("other", "altro"), Reason.RESERVED_ELSEWHERE),
    (_talking, Reason.TALKING),
    (_in_wrap_up, Reason.WRAP_UP),
    (lambda centre: centre.phone("x", DeviceState.UNAVAILABLE), Reason.UNREACHABLE),
    (lambda centre: centre.phone("x", DeviceState.BUSY), Reason.PHONE_BUSY),
]


@pytest.mark.parametrize(("does", "reason"), STATES)
def test_the_state_of_an_agent(does: Callable[[Centre], object], reason: Reason) -> None:
    """Each state has its word, and the count has the same."""
    rules = [queue("pensioni"), queue("altro")]
    centre = Centre(rules, [agent("x", pensioni=9, altro=9), agent("anna", pensioni=9)])
    centre.pauses("anna")
    does(centre)
    centre.enters("c1", "pensioni")
    assert why(centre, "x") is reason
    centre.readies("anna")
    decision = next(each for each in centre.noted(Decision) if each.call == "c1")
    assert (decision.target, decision.passed_over) == ("anna", {reason: 1})


def test_who_missed_it_and_who_was_worse() -> None:
    """Both could be rung now, but for the one bar and the one score."""
    centre = Centre(agents=["anna", "bruno", "carla"])
    centre.enters("c1")
    centre.ends_offer("c1", OfferEnd.BUSY)
    first, second = centre.noted(Decision)
    assert first.passed_over == {Reason.LOWER_SCORE: 2}
    assert (second.target, second.passed_over) == (
        "bruno",
        {Reason.LOWER_SCORE: 1, Reason.EXCLUDED_AFTER_NO_ANSWER: 1},
    )


def test_a_call_that_waits_for_nobody_now() -> None:
    """Offered, or in a node we cannot see: the call's own reason comes first."""
    centre = waiting()
    centre.readies("anna")
    assert why(centre, "bruno") is Reason.NOT_WAITING
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    centre.tell(NodeLost(node=NODE))
    assert why(centre, "bruno") is Reason.PICTURE_UNSURE


def test_the_consent_is_what_is_missing() -> None:
    """Until it is given; then the same people are simply among those who could."""
    centre = waiting()
    centre.pauses("stranger")
    centre.later(5_000)
    assert why(centre, "low") is Reason.NO_CONSENT
    centre.pauses("low")
    open_by_consent(centre.world, centre.call("c1"), 1)
    assert why(centre, "low") is Reason.PAUSED
    centre.readies("low")
    assert centre.offered("c1") == "low"


def test_a_step_the_caller_has_refused_is_not_told_as_open() -> None:
    """Neither in a decision nor in an answer; one that was agreed to is."""
    for agreed in (False, True):
        centre = waiting()
        centre.later(5_000)
        answer = open_by_consent if agreed else stay_shut
        answer(centre.world, centre.call("c1"), 1)
        low = centre.world.agents[AgentId("low")]
        assert why_not(centre.world, centre.call("c1").id, low).step == int(agreed)
        centre.readies("anna")
        assert [each.step for each in centre.noted(Decision)] == [int(agreed)]


def test_offices_have_their_words() -> None:
    """Not yet, all lines in use, missed a moment ago, outside their hours."""
    ladder = to_offices("roma", "bari", after_ms=5_000)
    centre = Centre([queue(ladder=ladder)], ["anna"], [office("roma"), office("bari")])
    centre.pauses("anna")
    centre.enters("c1")

    def of(name: str, call: str = "c1") -> Reason:
        return classify_office(centre.world, centre.call(call), centre.world.lines[OfficeId(name)])

    assert of("roma") is Reason.OUTSIDE_RING
    centre.later(5_000)
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert (centre.offered("c1"), of("roma"), of("bari")) == (
        "bari",
        Reason.EXCLUDED_AFTER_NO_ANSWER,
        Reason.CAPACITY,
    )
    centre.world.lines[OfficeId("bari")].shut = True
    assert of("bari") is Reason.CLOSED


def test_everybody_is_counted_once() -> None:
    """All who hold the skills, but the winner, however many there are."""
    people = [agent(f"a{number}", generale=1 + number % 10) for number in range(60)]
    centre = Centre([queue(needs=(need("generale", 3),))], people)
    for number in range(0, 60, 7):
        centre.pauses(f"a{number}")
    centre.enters("c1")
    (decision,) = centre.noted(Decision)
    assert sum(decision.passed_over.values()) == 59
    assert decision.passed_over[Reason.LEVEL_TOO_LOW] == 12
