"""Clients of every role, over a small centre."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from acd.core.ids import AgentId, SiteId
from acd.rules.settings import ApiToken
from acd.store.records import Role, TokenRecord
from acd.web.app import build_api
from acd.web.bearers import Bearers, digest
from tests.web.small_centre import NOW_MS, HandClock, SmallCentre

SECRET = "a-long-random-secret-of-the-tests"
"""Of the admin ``test`` of the settings."""
DAY_MS = 86_400_000


def secret_of(name: str) -> str:
    """The secret of a token of the store."""
    return f"acd_secret-of-{name}-for-the-tests"


def record(name: str, role: Role, *, agent: str | None = None, sites: tuple[str, ...] = ()) -> TokenRecord:
    """A token of the store, good for a day."""
    return TokenRecord(
        id=f"id-{name}",
        name=name,
        role=role,
        sha256=digest(secret_of(name)),
        sites=tuple(SiteId(site) for site in sites),
        agent=AgentId(agent) if agent else None,
        created_ms=NOW_MS,
        expires_ms=NOW_MS + DAY_MS,
    )


RECORDS = (
    record("agent", Role.AGENT, agent="a0001"),
    record("other-agent", Role.AGENT, agent="a0003"),
    record("viewer", Role.VIEWER),
    record("supervisor", Role.SUPERVISOR),
    record("operator", Role.OPERATOR),
    record("operator-bari", Role.OPERATOR, sites=("bari",)),
    record("supervisor-bari", Role.SUPERVISOR, sites=("bari",)),
    record("admin-bari", Role.ADMIN, sites=("bari",)),
    record("admin", Role.ADMIN),
)


def machines() -> tuple[ApiToken, ...]:
    """Tokens of the settings: an admin."""
    return (ApiToken(name="test", role="admin", token=SecretStr(SECRET)),)


def bearing(secret: str) -> dict[str, str]:
    """Headers of a bearer."""
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def clock() -> HandClock:
    """Time."""
    return HandClock()


@pytest.fixture
def centre() -> SmallCentre:
    """The centre behind the API, with a token of each role in its store."""
    it = SmallCentre()
    it.small_store.records.update({one.id: one for one in RECORDS})
    return it


@pytest.fixture
async def server(centre: SmallCentre, clock: HandClock) -> AsyncIterator[TestServer]:
    """The API."""
    async with TestServer(build_api(centre, Bearers(machines()), clock=clock)) as it:
        yield it


@pytest.fixture
async def client_of(server: TestServer) -> AsyncIterator[Callable[[str], TestClient]]:
    """A client with the token of this name."""
    clients: list[TestClient] = []

    def make(name: str) -> TestClient:
        clients.append(TestClient(server, headers=bearing(secret_of(name))))
        return clients[-1]

    yield make
    for client in clients:
        await client.session.close()


@pytest.fixture
async def client(server: TestServer) -> AsyncIterator[TestClient]:
    """A client with the settings' admin token."""
    async with TestClient(server, headers=bearing(SECRET)) as it:
        yield it


@pytest.fixture
async def stranger(server: TestServer) -> AsyncIterator[TestClient]:
    """A client without any token."""
    async with TestClient(server) as it:
        yield it
