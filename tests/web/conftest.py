"""A client that holds a token, over a small centre."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from acd.web.app import build_api
from acd.web.tokens import Tokens
from tests.web.small_centre import SmallCentre

SECRET = "a-long-random-secret-of-the-tests"


@pytest.fixture
def centre() -> SmallCentre:
    """The centre behind the API."""
    return SmallCentre()


@pytest.fixture
async def client(centre: SmallCentre) -> AsyncIterator[TestClient]:
    """A client with a token that is known."""
    tokens = Tokens.from_secrets({"test": SECRET, "other": "another-long-random-secret"})
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with TestClient(TestServer(build_api(centre, tokens)), headers=headers) as it:
        yield it


@pytest.fixture
async def stranger(centre: SmallCentre) -> AsyncIterator[TestClient]:
    """A client without any token."""
    tokens = Tokens.from_secrets({"test": SECRET})
    async with TestClient(TestServer(build_api(centre, tokens))) as it:
        yield it
