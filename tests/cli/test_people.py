"""``acd agents``: the list without live states; moving many, one refusal at a time."""

from __future__ import annotations

import json

import pytest

from acd.core.facts import AgentLoggedIn, AgentLoggedOut, AgentPaused, AgentReadied


def test_the_list_is_the_roster(run, living):
    """Filters narrow it; nobody's state stands in it."""
    told = run("agents")
    assert told.exit_code == 0, told.output
    assert "12 agents" in told.stderr
    assert max(map(len, told.stdout.splitlines())) <= 80
    assert "ready" not in told.stdout
    everybody = json.loads(run("agents", "--json").stdout)["items"]
    of_roma = json.loads(run("agents", "--site", "roma", "--json").stdout)["items"]
    assert len(everybody) == 12
    assert of_roma == [one for one in everybody if one["site"] == "roma"]
    skill = next(iter(of_roma[0]["skills"]))
    holders = json.loads(run("agents", "--skill", skill, "--json").stdout)["items"]
    assert holders == [one for one in everybody if skill in one["skills"]]
    home = json.loads(run("agents", "--home", "--json").stdout)["items"]
    assert home == [one for one in everybody if one["home"]]


def test_nobody_is_like_that(run, living):
    """A sentence, not an empty table."""
    assert run("agents", "--skill", "none").stdout == "Nobody in the roster is like that.\n"


def test_one_agents_state_needs_a_purpose(run, living):
    """It is shown to who says why, and refused with a sentence to who mumbles."""
    told = run("agents", "show", "a0001", "--purpose", "the agent asked me to look")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("a0001, roma: logged out for ")
    assert "phone roma-7" in told.stdout
    short = run("agents", "show", "a0001", "--purpose", "so")
    assert short.exit_code == 1
    assert run("agents", "show", "a0001").exit_code == 2
    unknown = run("agents", "show", "nobody", "--purpose", "the agent asked me to look")
    assert unknown.exit_code == 1
    assert "no agent 'nobody'" in unknown.stderr


def test_many_log_in_at_once(run, living):
    """One request for all; who is refused is told, the others are in; exit 1."""
    living.centre.refusals["a0002"] = "a0002 has no phone that answers; look at it."
    told = run("agents", "login", "a0001", "a0002", "a0003")
    assert told.exit_code == 1
    assert told.stdout == "2 agents logged in, 1 refusal\n"
    assert "a0002: a0002 has no phone that answers" in told.stderr
    assert {fact.agent for fact in living.centre.facts} == {"a0001", "a0003"}
    assert all(isinstance(fact, AgentLoggedIn) for fact in living.centre.facts)


def test_names_from_stdin(run, living):
    """As another command gives them."""
    told = run("agents", "login", "-", "--json", stdin="a0001\na0002 a0003\n")
    assert told.exit_code == 0, told.output
    said = json.loads(told.stdout)
    assert said == {"items": [{"agent": f"a000{n}", "refused": None} for n in (1, 2, 3)]}
    assert run("agents", "login", "-", stdin=" \n").exit_code == 2


def test_a_phone_is_for_one(run, living):
    """Two people on one phone are refused before anybody is asked."""
    assert run("agents", "login", "a0001", "a0002", "--phone", "roma-7").exit_code == 2
    assert living.centre.facts == []
    assert run("agents", "login", "a0001", "--phone", "roma-7").exit_code == 0
    assert living.centre.facts == [AgentLoggedIn(agent="a0001", phone="roma-7")]


@pytest.mark.parametrize(
    ("words", "kind", "done"),
    [
        (("logout",), AgentLoggedOut, "logged out"),
        (("pause", "--reason", "pausa"), AgentPaused, "paused"),
        (("ready",), AgentReadied, "ready"),
    ],
)
def test_the_other_moves(run, living, words, kind, done):
    """One after the other; a refusal of one does not stop the rest."""
    living.centre.refusals["a0001"] = "a0001 is in no state for that."
    told = run("agents", words[0], "a0001", "a0002", "nobody", *words[1:])
    assert told.exit_code == 1
    assert told.stdout == f"1 agent {done}, 2 refusals\n"
    assert [(type(fact), fact.agent) for fact in living.centre.facts] == [(kind, "a0002")]
    well = run("agents", words[0], "a0003", *words[1:], "--json")
    assert (well.exit_code, json.loads(well.stdout)) == (0, {"items": [{"agent": "a0003", "refused": None}]})


def test_an_unknown_reason_is_refused_with_those_there_are(run, living):
    """Exit 1."""
    told = run("agents", "pause", "a0001", "--reason", "holiday")
    assert told.exit_code == 1
    assert "pausa" in told.stderr


def test_without_an_acd_nobody_moves(run):
    """Exit 2: there is no engine to ask."""
    told = run("agents", "login", "a0001")
    assert told.exit_code == 2
    assert "nobody listens there" in told.stderr
