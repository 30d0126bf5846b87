"""Who has no good token gets nothing but health; a good one says who it is, and may be revoked."""

from __future__ import annotations

import asyncio

import pytest

from acd.errors import StoreUnavailable
from acd.store.records import Role
from acd.web.bearers import AGAIN_MS, Bearers, digest
from acd.web.problems import Unauthorized
from tests.web.conftest import DAY_MS, RECORDS, SECRET, bearing, machines, secret_of
from tests.web.small_centre import HandClock
from tests.web.small_store import SmallStore


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {SECRET}",
        SECRET,
        f"Bearer {SECRET}x",
    ],
)
async def test_strangers_are_refused_everywhere_under_api(stranger, centre, authorization):
    """Reads, writes and unknown paths alike: 401 and how to authorise."""
    headers = {} if authorization is None else {"Authorization": authorization}
    for method, path in (
        ("GET", "/api/v1/summary"),
        ("POST", "/api/v1/agents/a0001/login"),
        ("GET", "/api/x"),
    ):
        answer = await stranger.request(method, path, headers=headers)
        body = await answer.json(content_type="application/problem+json")
        assert (answer.status, body["id"]) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="acd"'
    assert centre.facts == []


@pytest.mark.parametrize(
    "path",
    [
        "/API/v1/summary",
        "//api/v1/summary",
        "/./api/v1/summary",
        "/livez/../api/v1/summary",
        "/%61pi/v1/summary",
        "/livez%2f..%2fapi/v1/summary",
        "http://livez/api/v1/summary",
        "/api/v1/summary#/livez",
        "/livez;/../api/v1/queues",
    ],
)
async def test_no_spelling_of_a_path_gets_around_the_guard(stranger, path):
    """However a path is written on the wire, a stranger does not get what lies behind it."""
    reader, writer = await asyncio.open_connection(stranger.host, stranger.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: acd\r\nConnection: close\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    assert status in {400, 401, 404}


async def find(
    bearers: Bearers, secret: str, store: SmallStore | None = None, clock: HandClock | None = None
):
    return await bearers.find(f"Bearer {secret}", store, clock or HandClock())


async def test_a_bearer_is_known_by_name_and_role():
    """Tokens of the settings and of the store: the one presented says who it is."""
    store = SmallStore()
    store.records.update({one.id: one for one in RECORDS})
    bearers = Bearers(machines())
    machine = await find(bearers, SECRET, store)
    assert (machine.who, machine.role, machine.sites, machine.agent) == (
        "token:test",
        Role.ADMIN,
        set(),
        None,
    )
    agent = await find(bearers, secret_of("agent"), store)
    assert (agent.who, agent.role, agent.agent) == ("token:agent", Role.AGENT, "a0001")
    bari = await find(bearers, secret_of("operator-bari"), store)
    assert (bari.role, bari.sites) == (Role.OPERATOR, {"bari"})


def test_the_secret_is_not_kept():
    """What we hold is a digest."""
    bearers = Bearers(machines())
    assert digest(SECRET) in bearers._machines
    assert SECRET not in repr(vars(bearers))


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer  ", f"Basic {SECRET}", "Bearer \xff\udcff"])
async def test_without_a_token_nobody_gets_in(authorization):
    """There is no default token; an empty or odd secret opens nothing."""
    for bearers in (Bearers(), Bearers(machines())):
        with pytest.raises(Unauthorized):
            await bearers.find(authorization, None, HandClock())


async def test_a_token_opens_nothing_from_the_moment_it_expires(client_of, clock):
    """One millisecond before it does, then it does not."""
    client = client_of("viewer")
    clock.ms += DAY_MS - 1
    assert (await client.get("/api/v1/summary")).status == 200
    clock.ms += 1
    answer = await client.get("/api/v1/summary")
    assert (answer.status, (await answer.json())["detail"]) == (401, "The token has expired or was revoked.")


async def test_a_store_that_cannot_be_read_does_not_lock_machines_out():
    """Tokens of the settings work; of others we say that we cannot tell, and read them when we can."""
    store = SmallStore()
    store.records.update({one.id: one for one in RECORDS})
    store.broken = True
    bearers = Bearers(machines())
    assert (await find(bearers, SECRET, store)).who == "token:test"
    with pytest.raises(StoreUnavailable):
        await find(bearers, secret_of("viewer"), store)
    store.broken = False
    with pytest.raises(StoreUnavailable):  # a flood of strangers does not become a flood on the disk
        await find(bearers, secret_of("viewer"), store)
    later = HandClock()
    later.ms += AGAIN_MS
    assert (await find(bearers, secret_of("viewer"), store, later)).who == "token:viewer"


async def test_me_says_who_asks(client_of, client):
    """Name, role, sites and end of the very token that asks."""
    body = await (await client_of("operator-bari").get("/api/v1/me")).json()
    assert (body["who"], body["role"], body["sites"]) == ("token:operator-bari", "operator", ["bari"])
    assert (await (await client.get("/api/v1/me")).json())["expires_ms"] is None


async def test_a_path_that_is_none_is_404_for_bearers_only(stranger):
    """A stranger does not even learn what there is."""
    assert (await stranger.get("/api/v1/nothing")).status == 401
    assert (await stranger.get("/api/v1/nothing", headers=bearing(SECRET))).status == 404
