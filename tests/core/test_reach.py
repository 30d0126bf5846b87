"""Who may answer, and from which step of the ladder on."""

from __future__ import annotations

import pytest

from acd.core.ids import SkillId
from acd.core.notes import Reason
from acd.core.policy import BANDS, Agent, Queue
from acd.core.reach import NEVER, Reach, demands_of, office_reach, reach_of
from tests.core.builders import agent, asking, need, office, queue, step, to_offices

LOWER = step("livello", levels={SkillId("pensioni"): 2})
DROP = step("preferenze", drop_preferences=True)
WIDER = step("sedi", sites=("bari",))
OPEN = step("volontari", volunteers=True)


def reach(rule: Queue, person: Agent) -> Reach:
    return reach_of(rule, demands_of(rule), BANDS, person)


@pytest.mark.parametrize(
    ("rule", "person", "first"),
    [
        (queue("pensioni"), agent("anna", pensioni=1), 0),
        (queue("pensioni", needs=(need("pensioni", 5),), ladder=(LOWER,)), agent("anna", pensioni=4), 1),
        (queue("pensioni", prefers=(need("tedesco"),), ladder=(LOWER, DROP)), agent("anna", pensioni=4), 2),
        (queue("pensioni", sites=("roma",), ladder=(WIDER,)), agent("anna", "bari", pensioni=4), 1),
        (queue("pensioni", ladder=(LOWER, OPEN)), agent("anna", volunteer=True, pensioni=4), 2),
        (queue("pensioni", sites=("roma",), ladder=(OPEN, WIDER)), agent("anna", "bari", pensioni=4), 2),
    ],
    ids=["at once", "a lower level", "a preference dropped", "a site", "volunteers", "two things wanting"],
)
def test_the_first_step_that_adds_somebody(rule: Queue, person: Agent, first: int) -> None:
    """A step opens those before it, so the first one is all there is to know."""
    assert reach(rule, person).firsts == (first,)


def test_a_need_may_be_waived_by_the_caller_only() -> None:
    """Without the caller's consent the need stays, however far the ladder is open."""
    rule = queue("tedesco", needs=(need("pensioni"), need("tedesco")), ladder=(asking(0, "tedesco"), OPEN))
    assert reach(rule, agent("anna", pensioni=5)).firsts == (NEVER, 1)
    assert reach(rule, agent("bruno", volunteer=True, pensioni=5)).firsts == (NEVER, 2)
    assert reach(rule, agent("carla", pensioni=5, tedesco=1)).firsts == (0, 0)


def test_each_question_stands_alone() -> None:
    """Two steps that ask: what was granted decides, not which is further down."""
    rule = queue("tedesco", ladder=(asking(0, "tedesco"), asking(1, name="volontari", volunteers=True)))
    assert reach(rule, agent("anna", volunteer=True, tedesco=5)).firsts == (NEVER, NEVER, 2, 2)
    assert reach(rule, agent("bruno", altro=5)).firsts == (NEVER, 1, NEVER, 1)


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (agent("anna", altro=9), Reason.SKILL_MISSING),
        (agent("anna", pensioni=9, corso=1), Reason.EXCLUDED_BY_SKILL),
        (agent("anna", pensioni=1), Reason.LEVEL_TOO_LOW),
        (agent("anna", "bari", pensioni=9), Reason.OUTSIDE_RING),
    ],
)
def test_why_nobody_adds_them(person: Agent, why: Reason) -> None:
    """What stands in the way when all steps are open."""
    rule = queue(
        "pensioni",
        needs=(need("pensioni", 5),),
        excludes=(SkillId("corso"),),
        sites=("roma",),
        ladder=(LOWER,),
    )
    assert reach(rule, person).never is why


@pytest.mark.parametrize(("level", "band"), [(10, 0), (8, 0), (7, 1), (5, 1), (4, 2), (1, 2)])
def test_the_band_is_the_level_in_the_first_need(level: int, band: int) -> None:
    """Primary from 8, secondary from 5, tertiary below; lowering a need changes no band."""
    rule = queue("pensioni", needs=(need("pensioni"), need("tedesco")), ladder=(LOWER,))
    assert reach(rule, agent("anna", pensioni=level, tedesco=10)).band == band


def test_who_lacks_the_first_need_is_in_the_last_band() -> None:
    """As when the caller has waived it."""
    rule = queue("tedesco", needs=(need("tedesco"), need("pensioni")), ladder=(asking(0, "tedesco"),))
    assert reach(rule, agent("anna", pensioni=10)).band == len(BANDS) - 1


def test_the_first_step_of_an_office() -> None:
    """An office behind a question is added by nothing but the consent."""
    rule = queue(ladder=(asking(0, offices=("bari",)), *to_offices("roma", after_ms=1)))
    assert office_reach(rule, office("roma").id) == (2, 2)
    assert office_reach(rule, office("bari").id) == (NEVER, 1)
