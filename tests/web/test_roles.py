"""Nothing without its role: every route, with every kind of bearer and with none.

The table is written here by hand, so that a slip in the route table is seen.
"""

from __future__ import annotations

import pytest

from acd.core.notes import AgentState
from acd.web.table import ROUTES
from tests.web.conftest import bearing, secret_of

PURPOSE = {"X-Purpose": "the caller asked for this agent"}
OWN = "agent"
LADDER = ("viewer", "supervisor", "operator", "admin")

NEEDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "/openapi.json"): ("anybody",),
    ("GET", "/me"): ("anybody",),
    ("GET", "/summary"): ("viewer",),
    ("GET", "/queues"): ("viewer",),
    ("GET", "/queues/{queue}"): ("viewer",),
    ("GET", "/offices"): ("viewer",),
    ("GET", "/board"): ("viewer",),
    ("GET", "/board/stream"): ("viewer",),
    ("GET", "/map"): ("viewer",),
    ("GET", "/map/stream"): ("viewer",),
    ("GET", "/calls"): ("supervisor",),
    ("GET", "/calls/{call}"): ("supervisor",),
    ("GET", "/calls/{call}/story"): ("supervisor",),
    ("GET", "/calls/{call}/why-not"): ("supervisor",),
    ("GET", "/ledger"): ("supervisor",),
    ("GET", "/reports/{report}"): ("supervisor",),
    ("GET", "/fallback"): ("supervisor",),
    ("GET", "/fallback/{scope}"): ("supervisor",),
    ("GET", "/overrides"): ("supervisor",),
    ("POST", "/overrides"): ("operator",),
    ("POST", "/overrides/{override}/extend"): ("operator",),
    ("DELETE", "/overrides/{override}"): ("operator",),
    ("GET", "/transition"): ("supervisor",),
    ("POST", "/transition"): ("operator",),
    ("GET", "/forecast"): ("supervisor",),
    ("GET", "/rehearsal"): ("supervisor",),
    ("POST", "/rehearsal"): ("operator",),
    ("DELETE", "/rehearsal"): ("operator",),
    ("GET", "/privacy"): ("admin",),
    ("POST", "/privacy/purge"): ("admin",),
    ("GET", "/transparency"): ("anybody",),
    ("GET", "/config"): ("supervisor",),
    ("GET", "/config/diff"): ("supervisor",),
    ("GET", "/config/revisions"): ("supervisor",),
    ("GET", "/config/revisions/{revision}"): ("supervisor",),
    ("POST", "/config/apply"): ("admin",),
    ("POST", "/config/confirm"): ("admin",),
    ("POST", "/config/rollback"): ("admin",),
    ("GET", "/agents"): ("supervisor",),
    ("POST", "/agents/login"): ("operator",),
    ("GET", "/agents/{agent}"): (OWN, "operator"),
    ("GET", "/agents/{agent}/times"): (OWN,),
    ("GET", "/agents/{agent}/events"): (OWN,),
    ("GET", "/agents/{agent}/choices"): (OWN,),
    ("POST", "/agents/{agent}/login"): (OWN, "operator"),
    ("POST", "/agents/{agent}/logout"): (OWN, "operator"),
    ("POST", "/agents/{agent}/pause"): (OWN, "operator"),
    ("POST", "/agents/{agent}/ready"): (OWN, "operator"),
    ("POST", "/agents/{agent}/wrapup"): (OWN, "operator"),
    ("POST", "/agents/{agent}/outcome"): (OWN, "operator"),
    ("POST", "/agents/{agent}/verified"): (OWN, "operator"),
    ("POST", "/agents/{agent}/transfer"): (OWN, "operator"),
    ("GET", "/agents/{agent}/slots"): (OWN,),
    ("GET", "/agents/{agent}/slots/check"): (OWN,),
    ("POST", "/agents/{agent}/slots"): (OWN,),
    ("POST", "/agents/{agent}/slots/{slot}/withdraw"): (OWN,),
    ("POST", "/agents/{agent}/slots/{slot}/confirm"): (OWN,),
    ("GET", "/agents/{agent}/slots/totals"): (OWN,),
    ("GET", "/agents/{agent}/slots.csv"): (OWN,),
    ("GET", "/volunteers/hours"): ("operator",),
    ("GET", "/roster"): ("admin",),
    ("GET", "/roster.csv"): ("admin",),
    ("POST", "/roster/import"): ("admin",),
    ("GET", "/tokens"): ("admin",),
    ("POST", "/tokens"): ("admin",),
    ("DELETE", "/tokens/{token}"): ("admin",),
    ("POST", "/codes"): ("admin",),
    ("GET", "/audit"): ("admin",),
    ("GET", "/audit/verify"): ("admin",),
}
BEARERS = ("agent", "other-agent", *LADDER, "admin-bari")
CASES = [(method, path, bearer) for method, path in NEEDS for bearer in BEARERS]


def is_allowed(needs: tuple[str, ...], bearer: str) -> bool:
    if "anybody" in needs or (bearer == "agent" and OWN in needs):
        return True
    if bearer not in LADDER:
        return bearer == "admin-bari" and any(LADDER.index(need) < 3 for need in needs if need in LADDER)
    return any(LADDER.index(bearer) >= LADDER.index(need) for need in needs if need in LADDER)


def filled(path: str) -> str:
    names = {"agent": "a0001", "queue": "generale", "call": "ast1-1.0", "token": "id-other-agent"}
    names |= {"scope": "national", "override": "1", "revision": "1", "slot": "1", "report": "day"}
    return "/api/v1" + path.format(**names)


def test_the_table_is_whole():
    """A new route is put in here by hand, or this fails."""
    assert {(route.method, route.path) for route in ROUTES if not route.is_open} == set(NEEDS)


@pytest.mark.parametrize(("method", "path"), NEEDS)
async def test_without_a_token_nothing_opens(stranger, centre, method, path):
    """401, and the engine hears nothing."""
    answer = await stranger.request(method, filled(path), headers=PURPOSE)
    assert (answer.status, (await answer.json())["id"]) == (401, "unauthorized")
    assert centre.facts == []


@pytest.mark.parametrize(("method", "path", "bearer"), CASES)
async def test_each_bearer_gets_what_the_role_allows_and_no_more(stranger, centre, method, path, bearer):
    """403 below the role, whatever is sent; at the role whatever the request deserves."""
    headers = {**bearing(secret_of(bearer)), **PURPOSE}
    answer = await stranger.request(method, filled(path), headers=headers)
    if is_allowed(NEEDS[method, path], bearer):
        assert answer.status not in {401, 403}
    else:
        assert (answer.status, (await answer.json())["id"]) == (403, "forbidden")
        assert centre.facts == []
    answer.close()


@pytest.mark.parametrize("word", ["login", "logout", "ready", "wrapup"])
async def test_a_token_with_sites_moves_its_own_people_only(client_of, centre, word):
    """Others do not exist for it, and are told in the words of somebody who does not exist."""
    client = client_of("operator-bari")
    assert (await client.post(f"/api/v1/agents/a0003/{word}")).status == 200
    other = await (await client.post(f"/api/v1/agents/a0001/{word}")).json()
    nobody = await (await client.post(f"/api/v1/agents/nobody/{word}")).json()
    assert other["status"] == 404
    assert {**other, "detail": other["detail"].replace("a0001", "nobody")} == nobody
    assert [fact.agent for fact in centre.facts] == ["a0003"]


async def test_a_token_with_sites_sees_its_own_people_only(client_of, centre):
    """Lists, one agent, a login of many: the others are not there."""
    client = client_of("operator-bari")
    people = await (await client.get("/api/v1/agents")).json()
    assert [one["id"] for one in people["items"]] == ["a0003"]
    assert (await (await client.get("/api/v1/agents?site=roma")).json())["items"] == []
    assert (await client.get("/api/v1/agents/a0001", headers=PURPOSE)).status == 404
    many = await client.post("/api/v1/agents/login", json={"agents": ["a0001", "a0003"]})
    assert [one["refused"] is None for one in (await many.json())["items"]] == [False, True]
    assert [fact.agent for fact in centre.facts] == ["a0003"]


async def test_a_token_with_sites_is_shown_its_groups_and_only_if_all_are(client_of, centre):
    """Small sites stay merged for whoever asks; the sum of the others is not told at all."""
    centre.people = {
        "roma": {AgentState.READY: 30},
        "bari": {AgentState.READY: 12},
        "lecce": {AgentState.PAUSED: 2},
    }
    counts = (await (await client_of("supervisor-bari").get("/api/v1/summary")).json())["counts"]
    assert counts["agents"] == {}
    centre.people["lecce"] = {AgentState.PAUSED: 12}
    counts = (await (await client_of("supervisor-bari").get("/api/v1/summary")).json())["counts"]
    assert counts["agents"] == {"bari": {"ready": 12}}


async def test_an_agents_token_cannot_tell_who_else_there_is(client_of):
    """Somebody else and nobody are refused alike."""
    client = client_of("agent")
    other = await client.get("/api/v1/agents/a0003")
    nobody = await client.get("/api/v1/agents/nobody")
    assert other.status == nobody.status == 403
    assert await other.text() == await nobody.text()


async def test_an_agent_who_left_the_roster_has_nothing_more(client_of, centre):
    """The token is good, the agent is gone: not found, for reads and writes."""
    client = client_of("agent")
    del centre.agents["a0001"]
    for path in ("", "/times", "/events"):
        assert (await client.get(f"/api/v1/agents/a0001{path}")).status == 404
    assert (await client.post("/api/v1/agents/a0001/login")).status == 404
