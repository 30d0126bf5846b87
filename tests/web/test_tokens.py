"""Who has no token we know gets nothing but health."""

from __future__ import annotations

import asyncio

import pytest

from acd.web.tokens import Tokens, digest
from tests.web.conftest import SECRET


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
        "Bearer ÿ\udcff",
    ],
)
async def test_strangers_are_refused_everywhere_under_api(stranger, centre, authorization):
    """Reads, writes and unknown paths alike: 401 and how to authorise."""
    headers = {} if authorization is None else {"Authorization": authorization}
    if authorization is not None and not authorization.isascii():
        assert Tokens.from_secrets({"test": SECRET}).bearer(authorization) is None
        return
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


def test_a_bearer_is_known_by_name():
    """Several tokens may be valid; the one presented says who it is."""
    tokens = Tokens.from_secrets({"ops": "x" * 32, "board": "y" * 32})
    assert tokens.bearer("Bearer " + "y" * 32).name == "board"
    assert tokens.bearer("bearer " + "x" * 32).name == "ops"


def test_the_secret_is_not_kept():
    """What we hold is a digest."""
    token = Tokens.from_secrets({"ops": "x" * 32}).bearer("Bearer " + "x" * 32)
    assert token.sha256 == digest("x" * 32)
    assert "x" * 32 not in repr(token)


def test_without_tokens_nobody_gets_in():
    """There is no default token, and an empty secret opens nothing."""
    assert Tokens(()).bearer("Bearer x") is None
    assert Tokens.from_secrets({"broken": ""}).bearer("Bearer ") is None
