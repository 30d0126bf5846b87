"""Tokens and personal codes: made once, shown once, kept as digests, closed at once."""

from __future__ import annotations

import base64

import pytest

from acd.store.records import Role
from acd.web.bearers import digest
from tests.web.conftest import DAY_MS, bearing
from tests.web.small_centre import NOW_MS

TOKENS = "/api/v1/tokens"


async def test_a_new_token_opens_what_its_role_allows_from_the_answer_on(client, stranger):
    """The secret is in this answer, works at once, and is of 256 bits."""
    answer = await client.post(TOKENS, json={"name": "board", "role": "viewer"})
    body = await answer.json()
    secret = body["secret"]
    assert answer.status == 201
    assert secret.startswith("acd_")
    assert len(base64.urlsafe_b64decode(secret[4:] + "=")) == 32
    assert body["token"]["expires_ms"] == NOW_MS + 90 * DAY_MS
    assert (await stranger.get("/api/v1/summary", headers=bearing(secret))).status == 200
    assert (await stranger.get("/api/v1/ledger", headers=bearing(secret))).status == 403


async def test_the_store_holds_the_digest_only(client, centre):
    """Neither the store nor a list holds what opens anything."""
    secret = (await (await client.post(TOKENS, json={"name": "board", "role": "viewer"})).json())["secret"]
    (record,) = [one for one in centre.small_store.records.values() if one.name == "board"]
    assert (record.sha256, record.role) == (digest(secret), Role.VIEWER)
    listed = await (await client.get(TOKENS)).text()
    assert secret not in listed
    assert "sha256" not in listed


async def test_a_revoked_token_opens_nothing_from_the_answer_on(client, client_of):
    """The next request with it is refused; revoking twice is once."""
    assert (await client_of("viewer").get("/api/v1/summary")).status == 200
    answer = await client.delete(f"{TOKENS}/id-viewer")
    assert (await answer.json())["revoked_ms"] == NOW_MS
    assert (await client_of("viewer").get("/api/v1/summary")).status == 401
    assert (await client.delete(f"{TOKENS}/id-viewer")).status == 200
    assert (await client.delete(f"{TOKENS}/id-nobody")).status == 404


async def test_a_token_is_closed_even_where_the_disk_will_not(client, client_of, centre):
    """A leaked one must not stay open until somebody frees the disk; the answer says what is still to do."""
    viewer = client_of("viewer")
    assert (await viewer.get("/api/v1/summary")).status == 200
    centre.small_store.broken = True
    answer = await client.delete(f"{TOKENS}/id-viewer")
    body = await answer.json(content_type=None)
    assert (answer.status, body["id"]) == (503, "store-unavailable")
    assert "revoke it again for good" in body["detail"]
    assert (await viewer.get("/api/v1/summary")).status == 401
    assert (await client.delete(f"{TOKENS}/id-nobody")).status == 503
    centre.small_store.broken = False
    assert (await client.delete(f"{TOKENS}/id-viewer")).status == 200
    assert (await viewer.get("/api/v1/summary")).status == 401


@pytest.mark.parametrize(
    "body",
    [
        {"role": "viewer"},
        {"name": "x y", "role": "viewer"},
        {"name": "", "role": "viewer"},
        {"name": "x", "role": "root"},
        {"name": "x", "role": "agent"},
        {"name": "x", "role": "viewer", "agent": "a0001"},
        {"name": "x", "role": "admin", "sites": ["bari"]},
        {"name": "x", "role": "agent", "agent": "a0001", "sites": ["bari"]},
        {"name": "x", "role": "viewer", "days": 0},
        {"name": "x", "role": "viewer", "days": 401},
        {"name": "x", "role": "viewer", "days": 1.5},
        {"name": "x", "role": "viewer", "expires_ms": 5},
    ],
)
async def test_a_token_that_makes_no_sense_is_not_made(client, centre, body):
    """Every token has a name, a role that fits its agent and sites, and an end."""
    before = len(centre.small_store.records)
    answer = await client.post(TOKENS, json=body)
    assert (answer.status, (await answer.json())["id"]) == (400, "request")
    assert len(centre.small_store.records) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x", "role": "agent", "agent": "nobody"}, 404),
        ({"name": "x", "role": "operator", "sites": ["nowhere"]}, 404),
        ({"name": "viewer", "role": "viewer"}, 409),
        ({"name": "test", "role": "viewer"}, 409),
    ],
)
async def test_a_token_for_nobody_or_of_a_taken_name_is_not_made(client, centre, body, status):
    """Agent and sites exist; a name means one bearer, those of the settings included."""
    before = len(centre.small_store.records)
    assert (await client.post(TOKENS, json=body)).status == status
    assert len(centre.small_store.records) == before


async def test_a_token_that_could_not_be_kept_opens_nothing(client, centre, clock):
    """The disk is full: no secret is given, and none would work."""
    centre.small_store.broken = True
    answer = await client.post(TOKENS, json={"name": "board", "role": "viewer"})
    assert (answer.status, "secret" in await answer.text()) == (503, False)


async def test_codes_are_kept_as_keyed_hashes_until_the_end_of_their_day(client, centre):
    """The same code twice is one; the day ends in Rome."""
    body = {
        "priority_class": "fragile",
        "codes": ["12345678", "87654321", "12345678"],
        "expires": "2026-03-31",
    }
    answer = await (await client.post("/api/v1/codes", json=body)).json()
    assert answer == {"kept": 2, "total": 2}
    assert set(centre.codes) == {centre.hash_code("12345678"), centre.hash_code("87654321")}
    (expires_ms,) = {code.expires_ms for code in centre.codes.values()}
    assert expires_ms == 1_774_994_400_000  # 2026-04-01 00:00 in Rome, which is in summer time
    assert "12345678" not in repr(centre.codes)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"priority_class": "none"}, 404),
        ({"expires": "2025-12-31"}, 409),
        ({"expires": "9999-12-31"}, 409),
        ({"expires": "soon"}, 400),
        ({"codes": []}, 400),
        ({"codes": ["12a4"]}, 400),
        ({"codes": ["1"]}, 400),
    ],
)
async def test_codes_that_cannot_be_are_refused_whole(client, centre, change, status):
    """A class of the rules, a day to come, digits."""
    body = {"priority_class": "fragile", "codes": ["12345678"], "expires": "2026-03-31", **change}
    answer = await client.post("/api/v1/codes", json=body)
    assert answer.status == status
    assert "12345678" not in await answer.text()
    assert centre.codes == {}


async def test_without_a_key_there_are_no_codes(client, centre):
    """Nothing could be kept but the codes themselves, so nothing is."""
    centre.key = None
    body = {"priority_class": "fragile", "codes": ["12345678"], "expires": "2026-03-31"}
    answer = await client.post("/api/v1/codes", json=body)
    assert (answer.status, "hash_key" in await answer.text()) == (409, True)
