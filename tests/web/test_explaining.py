"""A call's story and why-not: for a purpose, audited; sites for supervisors, agents for operators."""

from __future__ import annotations

import pytest

from acd.errors import JournalError
from tests.web.small_centre import NOW_MS

PURPOSE = {"X-Purpose": "the caller complained of a long wait"}
STORY = "/api/v1/calls/ast1-1.0/story"
WHY_NOT = "/api/v1/calls/ast1-1.0/why-not?agent=a0001"


def told(centre):
    """What the audit has."""
    return [(one.who, one.action, one.target, one.result, one.detail) for one in centre.small_store.entries]


async def test_a_supervisor_reads_a_story_for_a_purpose(client_of, centre):
    """In Italian unless asked otherwise; sites and no agents."""
    answer = await client_of("supervisor").get(STORY, headers=PURPOSE)
    assert answer.status == 200
    said = await answer.json()
    assert (said["call"], said["lang"], said["ended"]) == ("ast1-1.0", "it", False)
    assert said["events"] == [
        {"at_ms": NOW_MS, "kind": "rung", "sentence": "Somebody was rung.", "what": {"site": "roma"}}
    ]
    assert centre.small_journal.asked == [("ast1-1.0", "it", False)]
    purpose = "purpose: the caller complained of a long wait"
    assert told(centre) == [("token:supervisor", "call.story", "ast1-1.0", "done", purpose)]


@pytest.mark.parametrize("path", [STORY, WHY_NOT])
async def test_without_a_purpose_nothing_is_told_and_that_is_audited(client_of, centre, path):
    """Nobody has looked, but somebody tried."""
    answer = await client_of("supervisor").get(path)
    assert (answer.status, (await answer.json())["id"]) == (403, "purpose-missing")
    assert centre.small_journal.asked == []
    assert [entry[3] for entry in told(centre)] == ["refused: purpose-missing"]


async def test_a_purpose_may_stand_in_the_query_and_loses_its_numbers(client_of, centre):
    """As for a look at a person's state."""
    answer = await client_of("supervisor").get(f"{STORY}?purpose=complaint+of+3331234567&lang=en")
    assert answer.status == 200
    assert told(centre)[0][4] == "purpose: complaint of …"


@pytest.mark.parametrize(
    ("bearer", "status"), [("supervisor", 403), ("operator", 200), ("operator-bari", 403), ("admin", 200)]
)
async def test_agents_are_named_to_operators_of_all_sites(client_of, centre, bearer, status):
    """Others are told sites; that somebody asked is audited either way."""
    answer = await client_of(bearer).get(f"{STORY}?agents=true", headers=PURPOSE)
    assert answer.status == status
    if status == 200:
        assert (await answer.json())["events"][0]["what"]["agent"] == "a0001"
    assert len(told(centre)) == 1
    assert told(centre)[0][4].endswith("; with agents") == (status == 200)


async def test_why_not_answers_of_a_moment(client_of, centre):
    """Call, agent and purpose stand in the audit."""
    answer = await client_of("supervisor").get(f"{WHY_NOT}&at_ms=5&lang=en", headers=PURPOSE)
    assert answer.status == 200
    assert await answer.json() == {
        "call": "ast1-1.0",
        "agent": "a0001",
        "lang": "en",
        "at_ms": 5,
        "reason": "paused",
        "sentence": "a0001 was paused.",
        "agent_state": "paused",
        "step": 1,
        "step_needed": 0,
    }
    assert told(centre)[0][1:4] == ("call.why-not", "ast1-1.0 a0001", "done")


@pytest.mark.parametrize("agent", ["a0001", "nobody"])
async def test_people_of_other_sites_do_not_exist(client_of, centre, agent):
    """A supervisor of Bari asks about somebody of Rome, or about nobody: the same answer."""
    path = f"/api/v1/calls/ast1-1.0/why-not?agent={agent}"
    answer = await client_of("supervisor-bari").get(path, headers=PURPOSE)
    assert (answer.status, (await answer.json())["id"]) == (404, "not-found")
    assert centre.small_journal.asked == []


async def test_an_unknown_call_and_a_missing_journal_are_problems(client_of, centre):
    """404, and 503 with what to do."""
    client = client_of("supervisor")
    answer = await client.get("/api/v1/calls/zz-1.9/story", headers=PURPOSE)
    assert (answer.status, (await answer.json())["id"]) == (404, "not-found")
    centre.small_journal = None
    answer = await client.get(STORY, headers=PURPOSE)
    said = await answer.json()
    assert (answer.status, said["id"]) == (503, JournalError.id)
    assert "keeps no journal" in said["detail"]
    assert [entry[3] for entry in told(centre)] == ["refused: not-found", "refused: journal"]
