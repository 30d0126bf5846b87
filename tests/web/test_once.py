"""A request that is sent twice is done once."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from acd.core.facts import AgentLoggedIn
from acd.errors import Conflict, StoreUnavailable
from acd.web.once import KEPT_MS, Once
from acd.web.problems import KeyReused
from tests.web.conftest import bearing
from tests.web.small_centre import HandClock

KEY = {"Idempotency-Key": "key-1"}
LOGIN = "/api/v1/agents/a0001/login"


async def test_the_same_again_is_answered_and_not_done(client, centre):
    """One fact, two equal answers, one entry of the audit."""
    first = await client.post(LOGIN, headers=KEY)
    second = await client.post(LOGIN, headers=KEY)
    assert (first.status, await first.read()) == (second.status, await second.read())
    assert centre.facts == [AgentLoggedIn(agent="a0001")]
    assert len(centre.small_store.entries) == 1


async def test_a_refusal_is_remembered_too(client, centre):
    """What the engine said to the first stands, though it would say something else now."""
    centre.refusal = "Agent a0001 is logged out; log in first."
    first = await client.post("/api/v1/agents/a0001/ready", headers=KEY)
    centre.refusal = None
    second = await client.post("/api/v1/agents/a0001/ready", headers=KEY)
    assert (first.status, await first.text()) == (second.status, await second.text())
    assert second.content_type == "application/problem+json"
    assert first.status == 409


@pytest.mark.parametrize(
    ("path", "body"),
    [(LOGIN, {"phone": "a0009"}), ("/api/v1/agents/a0001/ready", None), ("/api/v1/agents/a0002/login", None)],
)
async def test_a_key_with_another_request_is_refused(client, centre, path, body):
    """A key that a program reuses by mistake does nothing."""
    await client.post(LOGIN, headers=KEY)
    answer = await client.post(path, json=body, headers=KEY)
    assert (answer.status, (await answer.json())["id"]) == (409, "idempotency-key-reused")
    assert len(centre.facts) == 1


async def test_a_key_belongs_to_its_bearer(client, client_of, centre):
    """Somebody else's equal key is another key."""
    await client.post(LOGIN, headers=KEY)
    await client_of("operator").post(LOGIN, headers=KEY)
    assert len(centre.facts) == 2


async def test_a_new_token_of_an_old_name_has_keys_of_its_own(client, stranger, centre):
    """A revoked token's answers are not for whoever has its name now."""
    body, secrets = {"name": "board", "role": "operator"}, []
    for _ in range(2):
        made = await (await client.post("/api/v1/tokens", json=body)).json()
        secrets.append(made["secret"])
        await stranger.post(LOGIN, headers={**bearing(secrets[-1]), **KEY})
        await client.delete(f"/api/v1/tokens/{made['token']['id']}")
    assert len(centre.facts) == 2


async def test_after_a_day_a_key_is_new(client, centre, clock):
    """24 hours, and not a moment more."""
    await client.post(LOGIN, headers=KEY)
    clock.ms += KEPT_MS - 1
    await client.post(LOGIN, headers=KEY)
    assert len(centre.facts) == 1
    clock.ms += 1
    await client.post(LOGIN, headers=KEY)
    assert len(centre.facts) == 2


@pytest.mark.parametrize("key", ["", "x" * 129, "with space", "\u00e8"])
async def test_a_key_that_is_none_is_told(client, centre, key):
    """Keys are visible ASCII and bounded."""
    answer = await client.post(LOGIN, headers={"Idempotency-Key": key})
    assert (answer.status, (await answer.json())["id"]) == (400, "request")
    assert centre.facts == []


async def test_a_tokens_secret_is_not_kept_for_the_second(client, centre):
    """The second request learns that the first was done, and gets no secret."""
    body = {"name": "board", "role": "viewer"}
    assert (await client.post("/api/v1/tokens", json=body, headers=KEY)).status == 201
    answer = await client.post("/api/v1/tokens", json=body, headers=KEY)
    assert (answer.status, (await answer.json())["id"]) == (409, "idempotency-key-reused")
    assert sum(one.name == "board" for one in centre.small_store.records.values()) == 1


def respond(text: str = "done"):
    async def do() -> web.Response:
        return web.Response(text=text)

    return do


async def test_two_at_once_are_done_once():
    """The second waits for the first, and gets its answer."""
    once, go_on, count = Once(HandClock()), asyncio.Event(), 0

    async def slow() -> web.Response:
        nonlocal count
        count += 1
        await go_on.wait()
        return web.Response(text=str(count))

    both = [asyncio.create_task(once.answer(("me", "key"), b"1", slow)) for _ in range(2)]
    await asyncio.sleep(0)
    go_on.set()
    assert [answer.text for answer in await asyncio.gather(*both)] == ["1", "1"]
    assert count == 1


@pytest.mark.parametrize("error", [StoreUnavailable("The disk is full."), RuntimeError("a defect")])
async def test_a_failure_of_ours_is_forgotten(error):
    """Trying again helps; whoever waited for the first is told to look."""
    once, go_on = Once(HandClock()), asyncio.Event()

    async def fail() -> web.Response:
        await go_on.wait()
        raise error

    first = asyncio.create_task(once.answer(("me", "key"), b"1", fail))
    await asyncio.sleep(0)
    second = asyncio.create_task(once.answer(("me", "key"), b"1", fail))
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(type(error)):
        await first
    if isinstance(error, RuntimeError):
        with pytest.raises(KeyReused):
            await second
    else:
        assert (await second).status == 503
    assert (await once.answer(("me", "key"), b"1", respond())).text == "done"


async def test_the_memory_is_bounded_in_answers_and_bytes():
    """The oldest go; what is left is still remembered."""
    few = Once(HandClock(), answers_max=3)
    for n in range(10):
        await few.answer(("me", str(n)), b"1", respond())
    assert len(few) == 3
    small = Once(HandClock(), bytes_max=1_000)
    for n in range(10):
        await small.answer(("me", str(n)), b"1", respond("x" * 400))
    assert len(small) <= 4
    assert (await small.answer(("me", "9"), b"1", respond("new"))).text == "x" * 400


async def test_a_refusal_keeps_its_form():
    """The error goes to the first as it is, to the second as its answer."""
    once = Once(HandClock())

    async def refuse() -> web.Response:
        raise Conflict("Not now.")

    with pytest.raises(Conflict):
        await once.answer(("me", "key"), b"1", refuse)
    again = await once.answer(("me", "key"), b"1", respond())
    assert (again.status, again.content_type) == (409, "application/problem+json")
