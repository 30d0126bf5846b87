"""The bound is what the theory says: no more, and no less than some agent could do."""

from __future__ import annotations

from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from acd.core.ids import AgentId, OfficeId, PriorityClassId, QueueId, SiteId, SkillId
from acd.core.policy import (
    BANDS,
    Agent,
    Discipline,
    PriorityClass,
    Queue,
    Roster,
    RuleSet,
    SkillNeed,
    Step,
)
from acd.core.reach import demands_of, reach_of
from acd.rules import load_rules
from acd.rules.reach import may_serve
from acd.rules.starvation import describe_starvation, starvation_bounds, worst_overtakings
from tests.rules.good import write_good_rules

SKILLS = ("a", "b", "c")
SITES = ("roma", "bari")


@st.composite
def queues(draw: st.DrawFn, name: str) -> Queue:
    needs = draw(st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 10), min_size=1, max_size=2))
    topic = next(iter(needs))
    steps = []
    if draw(st.booleans()):
        steps.append(Step(id="low", after_ms=1, levels={SkillId(topic): draw(st.integers(1, needs[topic]))}))
    if len(needs) > 1 and draw(st.booleans()):
        steps.append(
            Step(id="yes", after_ms=2, consent="ask", waives=(SkillId(draw(st.sampled_from(list(needs)))),))
        )
    if draw(st.booleans()):
        steps.append(Step(id="office", after_ms=3, offices=(OfficeId("roma"),)))
    if draw(st.booleans()):
        steps.append(Step(id="help", after_ms=4, volunteers=True, sites=(SiteId("bari"),)))
    excludes = draw(st.sets(st.sampled_from([skill for skill in SKILLS if skill not in needs]), max_size=1))
    return Queue(
        id=QueueId(name),
        name=name,
        language="it",
        needs=tuple(SkillNeed(skill=SkillId(skill), level_min=level) for skill, level in needs.items()),
        excludes=tuple(map(SkillId, excludes)),
        sites=tuple(map(SiteId, draw(st.sets(st.sampled_from(SITES), max_size=1)))),
        discipline=draw(st.sampled_from(Discipline)),
        credit_ms=draw(st.integers(0, 600)) * 1_000,
        threshold_ms=draw(st.integers(0, 300)) * 1_000,
        ladder=tuple(steps),
    )


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    made = [draw(queues(f"q{number}")) for number in range(draw(st.integers(1, 4)))]
    seconds = draw(st.lists(st.integers(1, 600), max_size=2))
    return RuleSet(
        revision="",
        queues={queue.id: queue for queue in made},
        skills={},
        sites={},
        offices={},
        pause_reasons={},
        entry={},
        queue_by_default=made[0].id,
        missed_reason="",
        priority_classes={
            PriorityClassId(f"c{credit}"): PriorityClass(
                id=PriorityClassId(f"c{credit}"), name="c", credit_ms=credit * 1_000
            )
            for credit in seconds
        },
    )


agents = st.builds(
    Agent,
    id=st.integers(1, 99).map(lambda number: AgentId(f"a{number}")),
    site=st.sampled_from(SITES).map(SiteId),
    endpoint=st.just("x"),
    skills=st.dictionaries(st.sampled_from(SKILLS).map(SkillId), st.integers(1, 10), max_size=3),
    volunteer=st.booleans(),
)


def handicap(queue: Queue, agent: Agent) -> int:
    level = agent.skills.get(queue.needs[0].skill, 0)
    return next((band for band in BANDS if level >= band.level_min), BANDS[-1]).handicap_ms[queue.discipline]


def by_force(rules: RuleSet, agent: Agent) -> dict[QueueId, int]:
    """The longest by which a later call goes first at this agent, from the score itself."""
    credit = max((one.credit_ms for one in rules.priority_classes.values()), default=0)
    served = [queue for queue in rules.queues.values() if may_serve(agent, queue)]
    return {
        mine.id: max(
            (mine.threshold_ms - mine.credit_ms + handicap(mine, agent))
            - (other.threshold_ms - other.credit_ms - credit + handicap(other, agent))
            for other in served
        )
        for mine in served
    }


@given(rules=rule_sets(), people=st.lists(agents, max_size=6, unique_by=lambda one: one.id))
def test_nobody_overtakes_by_more(rules: RuleSet, people: list[Agent]) -> None:
    """Neither among the people of a roster, nor among all there could be; and a roster only lowers it."""
    roster = Roster(agents={agent.id: agent for agent in people})
    could, can = starvation_bounds(rules), starvation_bounds(rules, roster)
    for agent in people:
        for queue, ms in by_force(rules, agent).items():
            assert ms <= can[queue]
    assert all(can[queue] <= could[queue] for queue in rules.queues)


def _without_offices(queue: Queue) -> Queue:
    return msgspec.structs.replace(queue, ladder=tuple(step for step in queue.ladder if not step.offices))


@given(rules=rule_sets(), people=st.lists(agents, min_size=1, max_size=6, unique_by=lambda one: one.id))
def test_the_bound_of_a_roster_is_reached(rules: RuleSet, people: list[Agent]) -> None:
    """Without offices it is not a second longer than what one of them could do."""
    plain = msgspec.structs.replace(
        rules, queues={name: _without_offices(queue) for name, queue in rules.queues.items()}
    )
    credit = max((one.credit_ms for one in rules.priority_classes.values()), default=0)
    told = starvation_bounds(plain, Roster(agents={agent.id: agent for agent in people}))
    forced = [by_force(plain, agent) for agent in people]
    assert told == {
        queue: max([credit, *(one[queue] for one in forced if queue in one)]) for queue in plain.queues
    }


@given(queue=queues("q"), agent=agents)
def test_the_rules_reach_whom_the_engine_reaches(queue: Queue, agent: Agent) -> None:
    """Who could be rung is the same to both."""
    never = reach_of(queue, demands_of(queue), BANDS, agent).never
    assert may_serve(agent, queue) == (never is None)


def test_two_queues_that_share_nobody_do_not_meet(tmp_path: Path) -> None:
    """A queue that excludes what the other needs is no rival, whatever its credit."""
    apart = """\
queues:
  generale: {name: G, language: it, needs: {generale: 1}, excludes: [tedesco]}
  tedesco: {name: D, language: de, needs: {tedesco: 8}, credit_s: 600, threshold_s: 0}
"""
    rules = load_rules(write_good_rules(tmp_path / "rules", queues=apart)).rules
    assert starvation_bounds(rules) == {"generale": 600_000, "tedesco": 600_000}
    together = apart.replace(", excludes: [tedesco]", "")
    rules = load_rules(write_good_rules(tmp_path / "more", queues=together)).rules
    assert starvation_bounds(rules) == {"generale": 1_280_000, "tedesco": 600_000}
    assert worst_overtakings(rules)["generale"].by == "tedesco"
    assert describe_starvation(rules)[0] == (
        "generale: a later call can go first by 1280 s at most (of tedesco); wait_s_max is 1800 s."
    )
