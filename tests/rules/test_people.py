"""Rules and roster together: whoever cannot serve, be served or be rung is told of in a sentence."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from acd.core.ids import AgentId, SiteId, SkillId
from acd.core.policy import Agent, Roster
from acd.rules.load import LoadedRules, load_rules
from acd.rules.people import check_people
from tests.rules.good import RULES, write_good_rules


def agent(name: str, **changed: object) -> Agent:
    whole = Agent(
        id=AgentId(name),
        site=SiteId("roma"),
        endpoint=name,
        skills={SkillId("generale"): 9, SkillId("tedesco"): 8},
    )
    return msgspec.structs.replace(whole, **changed)


def roster(*agents: Agent) -> Roster:
    return Roster(agents={one.id: one for one in agents})


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedRules:
    return load_rules(write_good_rules(tmp_path / "rules"))


def test_people_who_fit_are_not_told_of(loaded: LoadedRules) -> None:
    """No sentence without a reason."""
    assert check_people(loaded.rules, roster(agent("a1")), loaded.entry) == ()


def test_a_skill_nobody_holds(loaded: LoadedRules) -> None:
    """And the queue that therefore nobody serves."""
    assert check_people(loaded.rules, roster(agent("a1", skills={"generale": 9}))) == (
        "nobody holds the skill 'tedesco'; give it to an agent, or remove it.",
        (
            "nobody can serve the queue 'tedesco', which needs tedesco:5; "
            "lower its needs, train an agent, or name an office."
        ),
    )


def test_a_queue_that_needs_more_than_anybody_has(loaded: LoadedRules) -> None:
    """The level counts, not the skill alone; a queue with an office is served by it."""
    people = roster(agent("a1", skills={"generale": 1, "tedesco": 8}))
    assert check_people(loaded.rules, people) == (
        (
            "nobody can serve the queue 'esperti', which needs generale:9; "
            "lower its needs, train an agent, or name an office."
        ),
    )


def test_an_office_serves_its_queue(tmp_path: Path) -> None:
    """Where offices carry the calls on purpose, no agent is missed."""
    queues = RULES["queues.yaml"].replace(
        "    needs: {tedesco: 5}\n",
        "    needs: {tedesco: 9}\n    ladder: [{step: uffici, after_s: 1, offices: [bolzano]}]\n",
    )
    loaded = load_rules(write_good_rules(tmp_path / "rules", queues=queues))
    assert check_people(loaded.rules, roster(agent("a1"))) == ()


def test_agents_who_can_serve_no_queue_are_told_of_together(loaded: LoadedRules) -> None:
    """One sentence for all who hold the same."""
    idle = [agent(f"b{n:02}", skills={"tedesco": 2}) for n in range(1, 11)]
    empty = agent("c1", skills={})
    assert check_people(loaded.rules, roster(agent("a1"), *idle, empty)) == (
        (
            "the agents b01, b02, b03, b04, b05, b06, b07, b08 and 2 more (10) can serve no queue "
            "with tedesco:2; give a skill a queue needs, at its level."
        ),
        "the agent c1 can serve no queue with no skill; give a skill a queue needs, at its level.",
    )


def test_names_that_the_rules_no_longer_know(loaded: LoadedRules) -> None:
    """A site or a skill may leave the rules while the store still has people there."""
    people = roster(agent("a1"), agent("a2", site="rma"), agent("a3", skills={"generale": 9, "tedsco": 4}))
    assert check_people(loaded.rules, people) == (
        "unknown site 'rma' of the agent a2; did you mean 'roma'?",
        "unknown skill 'tedsco' of the agent a3; did you mean 'tedesco'?",
    )


def test_phones_that_cannot_be_dialled(loaded: LoadedRules) -> None:
    """What no order may hold, and a trunk that would ring an office."""
    people = roster(agent("a1", endpoint="a/1"), agent("a2", endpoint="trunk"))
    assert check_people(loaded.rules, people) == (
        (
            "the phone of the agent a1: 'a/1' cannot be dialled: letters, digits and . _ + - only, "
            "as in pjsip.conf."
        ),
        "the phone 'trunk' of the agent a2 is the trunk of an office; give the agent's own.",
    )


@pytest.mark.parametrize(
    ("announced", "told"),
    [
        (
            "IT",
            ("the agent a2 would answer from RO, but callers are told IT; change entry.yaml or the roster.",),
        ),
        (
            "",
            (
                (
                    "the agent a2 would answer from RO, but callers are told no country; "
                    "change entry.yaml or the roster."
                ),
            ),
        ),
        (
            "RO",
            ("the agent a1 would answer from IT, but callers are told RO; change entry.yaml or the roster.",),
        ),
    ],
)
def test_a_country_callers_are_not_told(loaded: LoadedRules, announced: str, told: tuple[str, ...]) -> None:
    """The law asks that callers know where they are answered from."""
    entry = msgspec.structs.replace(loaded.entry, announce_country=announced)
    people = roster(agent("a1"), agent("a2", country="RO"))
    assert check_people(loaded.rules, people, entry) == told
    assert check_people(loaded.rules, people) == ()
