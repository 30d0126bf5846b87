"""The API says what the centre says, and does only what the engine allows."""

from __future__ import annotations

import pytest

from acd.core.facts import AgentLoggedIn, AgentLoggedOut, AgentPaused, AgentReadied, WrapUpExtended
from acd.core.notes import AgentState


async def test_livez_needs_no_token(stranger):
    """A watchdog asks without a secret; a centre that is not ready is still alive."""
    answer = await stranger.get("/livez")
    assert (answer.status, await answer.json()) == (200, {"alive": True})


async def test_readyz_is_yes_while_calls_can_be_routed(stranger):
    """A load balancer sees 200."""
    answer = await stranger.get("/readyz")
    assert (answer.status, await answer.json()) == (200, {"ready": True})


async def test_readyz_says_why_not(stranger, centre):
    """Not ready is 503, and the reason is in the answer."""
    centre.why_not = "ast1: login refused; check manager.conf."
    answer = await stranger.get("/readyz")
    body = await answer.json()
    assert (answer.status, body["id"], body["detail"]) == (503, "not-ready", centre.why_not)


async def test_summary_tells_counts_links_and_revision(client):
    """One answer holds what a status screen needs."""
    body = await (await client.get("/api/v1/summary")).json()
    assert body["counts"]["entered"] == 10
    assert body["counts"]["agents"] == {"roma": {"ready": 30}}
    assert body["nodes"] == [{"id": "ast1", "state": "ready", "asterisk_version": "22.10.1", "since_ms": 5}]
    assert (body["not_ready"], body["revision"]) == (None, "0123abcd")


async def test_summary_merges_small_sites(client, centre):
    """The API keeps small groups to itself, as the metrics do."""
    centre.people = {
        "roma": {AgentState.READY: 30},
        "bari": {AgentState.READY: 12},
        "lecce": {AgentState.PAUSED: 2},
    }
    body = await (await client.get("/api/v1/summary")).json()
    assert body["counts"]["agents"] == {"roma": {"ready": 30}, "other": {"ready": 12, "paused": 2}}


async def test_queues_are_told_in_the_order_of_the_rules(client):
    """All queues, with their numbers now."""
    body = await (await client.get("/api/v1/queues")).json()
    assert [(queue["id"], queue["waiting"]) for queue in body["queues"]] == [("generale", 4), ("coda1", 0)]


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 5), ("?limit=2", 2), ("?queue=generale", 5), ("?queue=coda1", 0), ("?limit=1000", 5)],
)
async def test_calls_are_chosen_by_queue_and_limit(client, query, count):
    """Calls in progress, of one queue or of all, at most as many as asked."""
    answer = await client.get(f"/api/v1/calls{query}")
    assert answer.status == 200
    assert len((await answer.json())["calls"]) == count


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "", "1.5", "٣", "9" * 5000])
async def test_a_limit_that_is_none_is_refused(client, limit):
    """A bad limit is a 400 that says which limits there are."""
    answer = await client.get("/api/v1/calls", params={"limit": limit})
    body = await answer.json()
    assert (answer.status, body["id"]) == (400, "request")
    assert "from 1 to 1000" in body["detail"]


async def test_calls_of_an_unknown_queue_are_no_empty_list(client):
    """A mistyped queue is an error, not "nobody waits"."""
    answer = await client.get("/api/v1/calls?queue=general")
    assert (answer.status, (await answer.json())["id"]) == (404, "not-found")


async def test_a_parameter_nobody_reads_is_refused(client):
    """A mistyped parameter is an error that names those there are."""
    answer = await client.get("/api/v1/calls?limt=2")
    body = await answer.json()
    assert answer.status == 400
    assert body["detail"] == "/api/v1/calls does not know the parameter 'limt'; it reads queue, limit."


async def test_an_agent_is_told(client):
    """The agent's own state."""
    body = await (await client.get("/api/v1/agents/a0001")).json()
    assert body == {
        "id": "a0001",
        "site": "roma",
        "state": "logged_out",
        "since_ms": 1,
        "reason": "",
        "until_ms": 0,
    }


@pytest.mark.parametrize(
    ("word", "fact", "state"),
    [
        ("login", AgentLoggedIn(agent="a0001"), "ready"),
        ("logout", AgentLoggedOut(agent="a0001"), "logged_out"),
        ("ready", AgentReadied(agent="a0001"), "ready"),
        ("wrapup", WrapUpExtended(agent="a0001"), "wrap_up"),
    ],
)
async def test_a_move_is_one_fact_and_answers_with_the_agent_afterwards(client, centre, word, fact, state):
    """Each word makes the fact the feature code makes, and the answer shows its effect."""
    answer = await client.post(f"/api/v1/agents/a0001/{word}")
    assert (answer.status, (await answer.json())["state"]) == (200, state)
    assert centre.facts == [fact]


async def test_a_pause_has_its_reason(client, centre):
    """The reason comes from the rules and is in the answer."""
    answer = await client.post("/api/v1/agents/a0001/pause", json={"reason": "pausa"})
    body = await answer.json()
    assert (answer.status, body["state"], body["reason"]) == (200, "paused", "pausa")
    assert centre.facts == [AgentPaused(agent="a0001", reason="pausa")]


async def test_an_unknown_reason_names_those_there_are(client, centre):
    """A reason the rules do not know changes nothing."""
    answer = await client.post("/api/v1/agents/a0001/pause", json={"reason": "caffè"})
    body = await answer.json()
    assert (answer.status, body["id"]) == (400, "request")
    assert body["detail"] == "There is no pause reason 'caffè'; the rules know pausa, squilli."
    assert centre.facts == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"reason", "malformed"),
        (b"[]", "Expected `object`"),
        (b"{}", "missing required field `reason`"),
        (b'{"reason": 1}', "Expected `str`"),
        (b'{"reason": "pausa", "why": 1}', "unknown field `why`"),
        (b'{"reason": "\xff"}', "UTF-8"),
    ],
)
async def test_a_bad_body_is_told_what_is_wrong(client, centre, body, why):
    """Bad JSON is a 400 that shows the right form and what is wrong with this one."""
    answer = await client.post(
        "/api/v1/agents/a0001/pause", data=body, headers={"Content-Type": "application/json"}
    )
    told = await answer.json()
    assert (answer.status, told["id"]) == (400, "request")
    assert '{"reason": "..."}' in told["detail"]
    assert why.lower() in told["detail"].lower()
    assert centre.facts == []


async def test_a_form_is_no_json(client):
    """A body of another kind is refused as such."""
    answer = await client.post("/api/v1/agents/a0001/pause", data={"reason": "pausa"})
    assert (answer.status, (await answer.json())["id"]) == (415, "media-type")


@pytest.mark.parametrize("path", ["/api/v1/agents/nobody", "/api/v1/agents/a0001%2F..", "/api/v1/agents/%00"])
async def test_an_unknown_agent_is_not_found(client, path):
    """A name the roster does not know is 404, whatever it is made of."""
    assert (await client.get(path)).status == 404


async def test_moving_an_unknown_agent_reaches_no_engine(client, centre):
    """The engine is not bothered with names nobody has."""
    answer = await client.post("/api/v1/agents/nobody/login")
    assert answer.status == 404
    assert (await answer.json())["detail"] == "There is no agent 'nobody' in the roster."
    assert centre.facts == []


async def test_what_the_engine_refuses_is_a_conflict_with_its_reason(client, centre):
    """The engine's own sentence reaches the person who asked."""
    centre.refusal = "Agent a0001 is logged out; log in first."
    answer = await client.post("/api/v1/agents/a0001/ready")
    body = await answer.json()
    assert (answer.status, body["id"], body["detail"]) == (409, "conflict", centre.refusal)
