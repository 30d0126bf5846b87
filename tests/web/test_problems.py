"""Whatever goes wrong, the answer has one form, a stable id, and safe headers."""

from __future__ import annotations

import pytest

from acd import errors
from acd.web.app import HEADERS
from acd.web.problems import KINDS, problem_of
from acd.web.routes import BODY_BYTES


def ours(base: type[errors.AcdError] = errors.AcdError) -> list[type[errors.AcdError]]:
    return [
        base,
        *(kind for sub in base.__subclasses__() if sub.__module__ == "acd.errors" for kind in ours(sub)),
    ]


def test_every_error_has_its_kind():
    """A new class in the tree gets a row with a status and an advice, not its parent's by accident."""
    assert {kind.id for kind in ours()} <= set(KINDS)


def test_an_error_of_elsewhere_takes_its_parents_status():
    """A more special error without a row is still told as what it is."""

    class Missing(errors.NotFound):
        """A more special error."""

        id = "missing"

    assert problem_of(Missing("x")).status == 404


def test_every_kind_says_what_to_do():
    """Status and advice are a client error's or a server error's, and a sentence."""
    for kind in KINDS.values():
        assert 400 <= kind.status < 600
        assert kind.what_to_do.endswith(".")
        assert len(kind.what_to_do) > 15


@pytest.mark.parametrize(
    ("error", "status", "error_id"),
    [
        (errors.AsteriskUnreachable("ast1 is not connected."), 503, "asterisk-unreachable"),
        (errors.ActionUnknown("No answer in 4 s."), 504, "action-unknown"),
        (errors.Forbidden("Not yours."), 403, "forbidden"),
        (errors.ConfigError(("a.yaml:1:1: no.",)), 422, "config"),
    ],
)
async def test_our_errors_keep_id_and_sentence(client, centre, error, status, error_id):
    """The id of the class and the sentence of the error are the answer's."""
    centre.error = error
    answer = await client.post("/api/v1/agents/a0001/login")
    body = await answer.json(content_type="application/problem+json")
    assert (answer.status, body["status"], body["id"], body["detail"]) == (
        status,
        status,
        error_id,
        str(error),
    )
    assert body["type"] == f"urn:acd:error:{error_id}"
    assert body["title"]


async def test_a_defect_tells_nothing_to_the_outside(client, centre):
    """An unforeseen exception is a 500 without a trace of its text."""
    centre.error = RuntimeError("secret path /etc/acd")
    answer = await client.post("/api/v1/agents/a0001/login")
    text = await answer.text()
    assert (answer.status, answer.content_type) == (500, "application/problem+json")
    assert "secret" not in text


@pytest.mark.parametrize(
    ("method", "path", "status", "error_id"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/api/v1/nothing", 404, "not-found"),
        ("POST", "/api/v1/agents/a0001/dance", 404, "not-found"),
        ("DELETE", "/api/v1/queues", 405, "method-not-allowed"),
        ("GET", "/api/v1/agents/a0001/login", 405, "method-not-allowed"),
        ("POST", "/livez", 405, "method-not-allowed"),
    ],
)
async def test_unknown_paths_and_methods_are_problems_too(client, method, path, status, error_id):
    """Aiohttp's own refusals look like ours."""
    answer = await client.request(method, path)
    body = await answer.json(content_type="application/problem+json")
    assert (answer.status, body["id"]) == (status, error_id)
    if status == 405:
        assert answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/api/v1/agents/a0001/pause", "/api/v1/agents/a0001/login", "/nothing"])
async def test_a_large_body_is_refused(client, centre, path):
    """No path reads more than a few kilobytes."""
    answer = await client.post(
        path, data=b" " * (BODY_BYTES + 1), headers={"Content-Type": "application/json"}
    )
    assert (answer.status, (await answer.json(content_type=None))["id"]) == (413, "too-large")
    assert centre.facts == []


async def test_a_large_body_of_unsaid_length_is_refused(client, centre):
    """A chunked body is counted while it is read."""

    async def chunks():
        for _ in range(20):
            yield b" " * 1024

    answer = await client.post(
        "/api/v1/agents/a0001/pause", data=chunks(), headers={"Content-Type": "application/json"}
    )
    assert (answer.status, (await answer.json(content_type=None))["id"]) == (413, "too-large")


@pytest.mark.parametrize("path", ["/livez", "/api/v1/summary", "/nothing", "/api/v1/agents/nobody"])
async def test_every_answer_has_the_security_headers(client, path):
    """Nothing is cached, framed or sniffed, and the server does not say what it is made of."""
    answer = await client.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
