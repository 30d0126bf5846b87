"""Every write is in the audit with what came of it; no secret, no number, no history of a person."""

from __future__ import annotations

import pytest

from tests.web.conftest import secret_of
from tests.web.small_centre import NOW_MS


def told(centre):
    """Who, what, whom, what came of it."""
    return [(one.who, one.action, one.target, one.result) for one in centre.small_store.entries]


async def test_a_write_is_audited_with_name_and_time(client, centre):
    """Who did what to whom, and when."""
    await client.post("/api/v1/agents/a0001/login")
    assert told(centre) == [("token:test", "agent.login", "a0001", "done")]
    assert centre.small_store.entries[0].at_ms == NOW_MS


@pytest.mark.parametrize(
    ("bearer", "path", "body", "result"),
    [
        ("viewer", "/api/v1/agents/a0001/login", None, "refused: forbidden"),
        ("operator", "/api/v1/agents/nobody/login", None, "refused: not-found"),
        ("operator", "/api/v1/agents/a0001/pause", {"reason": 5}, "refused: request"),
        ("operator", "/api/v1/agents/a0001/pause", {"reason": "boh"}, "refused: not-found"),
        ("operator", "/api/v1/codes", {"codes": ["12345678"]}, "refused: forbidden"),
        ("agent", "/api/v1/agents/a0003/logout", None, "refused: forbidden"),
    ],
)
async def test_a_refused_write_is_audited_too(client_of, centre, bearer, path, body, result):
    """Who tried what they may not, or asked what cannot be."""
    await client_of(bearer).post(path, json=body)
    assert [(who, came) for who, _, _, came in told(centre)] == [(f"token:{bearer}", result)]


async def test_a_conflict_is_audited_with_its_sentence(client, centre):
    """The reason, on one line, where it speaks of no person."""
    await client.post("/api/v1/tokens", json={"name": "viewer", "role": "viewer"})
    result = "refused: conflict: there is a token named 'viewer' already."
    assert told(centre) == [("token:test", "token.create", "token viewer", result)]


@pytest.mark.parametrize(
    ("bearer", "who", "whom"), [("operator", "token:operator", "a0001"), ("agent", "agent", "self")]
)
async def test_how_somebody_stood_is_not_in_the_audit(client_of, centre, bearer, who, whom):
    """The engine's "is not logged in" is the live state of a person: it is answered, and not kept."""
    centre.refusal = "agent 'a0001' is not logged in; log in instead"
    answer = await client_of(bearer).post("/api/v1/agents/a0001/ready")
    assert "not logged in" in (await answer.json(content_type=None))["detail"]
    assert told(centre) == [(who, "agent.ready", whom, "refused: conflict")]


async def test_whose_token_was_made_is_audited(client, centre):
    """The token of an agent shows that agent's day: who had it made, and of whom, can be looked up."""
    await client.post("/api/v1/tokens", json={"name": "desk", "role": "agent", "agent": "a0003"})
    assert "role agent of a0003, 90 days" in centre.small_store.entries[0].detail


async def test_a_secret_in_a_path_is_not_kept(client, centre):
    """Somebody revokes a leaked token by its secret: it is not found and still opens."""
    secret = secret_of("viewer")
    assert (await client.delete(f"/api/v1/tokens/{secret}")).status == 404
    assert told(centre) == [("token:test", "token.revoke", "a secret", "refused: not-found")]


async def test_a_defect_is_audited_as_one(client, centre):
    """What broke on our side may have happened: it is not told as done."""
    centre.error = RuntimeError("secret path")
    await client.post("/api/v1/agents/a0001/ready")
    assert told(centre) == [("token:test", "agent.ready", "a0001", "refused: error")]


async def test_strangers_and_reads_of_numbers_are_not_audited(stranger, client, centre):
    """The audit is of people we know and of what they change."""
    await stranger.post("/api/v1/agents/a0001/login", headers={"Authorization": "Bearer wrong"})
    await client.get("/api/v1/summary")
    assert told(centre) == []


async def test_what_agents_do_themselves_is_no_history_of_a_person(client_of, centre):
    """That a pause was taken is kept, whose it was is not."""
    client = client_of("agent")
    await client.post("/api/v1/agents/a0001/login")
    await client.post("/api/v1/agents/a0001/pause", json={"reason": "pausa"})
    assert told(centre) == [
        ("agent", "agent.login", "self", "done"),
        ("agent", "agent.pause", "self", "done"),
    ]
    assert not any("a0001" in repr(one) or "token:agent" in repr(one) for one in centre.small_store.entries)


async def test_a_login_of_many_is_one_entry_with_counts(client, centre):
    """A morning is one act of its operator, not three thousand lines about people."""
    await client.post("/api/v1/agents/login", json={"agents": ["a0001", "a0002", "nobody"]})
    assert told(centre) == [("token:test", "agent.login", "3 agents", "done")]
    assert centre.small_store.entries[0].detail == "2 logged in, 1 refused"


async def test_looking_at_somebody_needs_a_purpose_and_is_audited(client_of, centre):
    """Without a reason of ten characters nothing is shown; with one it is, and the reason stays."""
    client = client_of("operator")
    for headers in ({}, {"X-Purpose": "why not"}, {"X-Purpose": " " * 20}):
        answer = await client.get("/api/v1/agents/a0001", headers=headers)
        assert (answer.status, (await answer.json())["id"]) == (403, "purpose-missing")
    assert told(centre) == []
    answer = await client.get("/api/v1/agents/a0001?purpose=the+phone+does+not+ring")
    assert answer.status == 200
    assert told(centre) == [("token:operator", "agent.look", "a0001", "done")]
    assert centre.small_store.entries[0].detail == "purpose: the phone does not ring"


@pytest.mark.parametrize("number", ["+39 06 1234567", "3331234567", "06/123 45 67", "333-1234567"])
async def test_a_callers_number_in_a_purpose_is_not_kept(client, centre, number):
    """People write numbers anywhere; the audit does not take them."""
    await client.get("/api/v1/agents/a0001", headers={"X-Purpose": f"lost the call of {number} just now"})
    assert centre.small_store.entries[0].detail == "purpose: lost the call of … just now"


async def test_looking_at_oneself_is_nobodys_business(client_of, centre):
    """The agent needs no purpose, and leaves no trace."""
    assert (await client_of("agent").get("/api/v1/agents/a0001")).status == 200
    assert told(centre) == []


async def test_reading_the_audit_is_audited(client, centre):
    """Who reads it stands in it; the chain's verdict too."""
    first = await (await client.get("/api/v1/audit")).json()
    verdict = await (await client.get("/api/v1/audit/verify")).json()
    assert first["items"] == []
    assert [(action, came) for _, action, _, came in told(centre)] == [
        ("audit.read", "done"),
        ("audit.verify", "done"),
    ]
    assert (verdict["entries"], verdict["broken_at"]) == (1, None)
    again = await (await client.get("/api/v1/audit?limit=1")).json()
    assert (again["items"][0]["seq"], again["items"][0]["entry"]["action"]) == (1, "audit.read")
    assert again["next"] == "1"


async def test_no_secret_and_no_code_is_in_the_audit(client, centre):
    """Making a token and keeping codes leaves names and counts, and nothing that opens anything."""
    made = await client.post("/api/v1/tokens", json={"name": "board", "role": "viewer"})
    secret = (await made.json())["secret"]
    codes = {"priority_class": "fragile", "codes": ["87654321", "11112222"], "expires": "2026-12-31"}
    assert (await client.post("/api/v1/codes", json=codes)).status == 200
    await client.post("/api/v1/codes", json={**codes, "codes": ["8765432x"]})
    text = repr(centre.small_store.entries)
    for hidden in (secret, secret[4:], "87654321", "8765432x", "11112222", secret_of("admin")):
        assert hidden not in text
    assert [one.detail for one in centre.small_store.entries][1] == "2 codes, good until 2026-12-31"


async def test_odd_names_cannot_forge_lines_of_the_audit(client, centre):
    """A target is printable, on one line, and bounded."""
    await client.post("/api/v1/agents/a%0Atoken:root%20done" + "x" * 300 + "/login")
    (target,) = [one.target for one in centre.small_store.entries]
    assert "\n" not in target
    assert len(target) <= 80
