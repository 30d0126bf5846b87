"""The client: an error is what the ACD said, an absent ACD is nobody, a doubt is told as one."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import ssl
import subprocess
import threading

import pytest
from aiohttp import web

from acd.cli import client as clients
from acd.cli.client import Client, NotRunning, WrongFile, alive, listens, path
from acd.cli.place import Place, place_of_url
from acd.errors import AcdError, Conflict, Forbidden, NotFound, RequestError, StoreUnavailable, TooMany
from tests.cli.centre import beside


def problem(status: int, error_id: str, **more: object) -> tuple[int, bytes]:
    return status, json.dumps({"detail": f"The sentence of {error_id}.", "id": error_id, **more}).encode()


@contextlib.contextmanager
def answering(status: int, body: bytes, *, tls: ssl.SSLContext | None = None):
    """A server that answers everything so; yields its port and what it was asked."""
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.method, request.path_qs, dict(request.headers), await request.read()))
        return web.Response(status=status, body=body, content_type="application/json")

    @contextlib.asynccontextmanager
    async def server():
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        yield runner.addresses[0][1]
        await runner.cleanup()

    with beside(server) as port:
        yield port, asked


@pytest.mark.parametrize(
    ("status", "error_id", "kind"),
    [
        (400, "request", RequestError),
        (400, "something-new", RequestError),
        (403, "forbidden", Forbidden),
        (404, "not-found", NotFound),
        (409, "conflict", Conflict),
        (429, "too-many", TooMany),
        (503, "store-unavailable", StoreUnavailable),
        (500, "error", AcdError),
    ],
)
def test_a_problem_is_raised_as_what_it_is(status, error_id, kind):
    """With the sentence the ACD wrote."""
    with (
        answering(*problem(status, error_id)) as (port, _),
        Client(Place(name="x", host="127.0.0.1", port=port)) as it,
        pytest.raises(AcdError) as caught,
    ):
        it.get(path("summary"), dict)
    assert type(caught.value) is kind
    assert str(caught.value) == f"The sentence of {error_id}."


def test_findings_come_with_their_problem():
    """Of a file that was sent."""
    findings = [{"line": 3, "column": "site", "sentence": "unknown site 'x'"}]
    answer = problem(422, "roster-wrong", findings=findings)
    with (
        answering(*answer) as (port, _),
        Client(Place(name="x", host="127.0.0.1", port=port)) as it,
        pytest.raises(WrongFile) as caught,
    ):
        it.ask("POST", path("roster", "import"), body=b"x")
    assert [(f.line, f.column, f.sentence) for f in caught.value.findings] == [
        (3, "site", "unknown site 'x'")
    ]


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (404, b"<html>", "answered 404; is it the address of an ACD"),
        (200, b"<html>", "did not answer as an ACD of this version does"),
        (200, b'{"items": 3}', "did not answer as an ACD of this version does"),
        (401, b'{"detail": "x", "id": "unauthorized"}', "does not know the token"),
    ],
)
def test_what_is_no_acd_of_ours(status, body, sentence):
    """A sentence that names the address; none of these is a refusal."""
    with (
        answering(status, body) as (port, _),
        Client(Place(name="there", host="127.0.0.1", port=port)) as it,
        pytest.raises(AcdError, match=sentence) as caught,
    ):
        list(it.items(path("queues")))
    assert not isinstance(caught.value, RequestError)
    assert "there" in str(caught.value)


def test_the_token_is_sent_and_nothing_else_of_us():
    """As a bearer; without a token no header."""
    with answering(200, b"{}") as (port, asked):
        for token in ("secret", ""):
            with Client(Place(name="x", host="127.0.0.1", port=port, token=token)) as it:
                it.get(path("agents", "a/b?c"), dict, purpose="so & so", empty="", none=None)
    (_, url, with_token, _), (_, _, without, _) = asked
    assert url == "/api/v1/agents/a%2Fb%3Fc?purpose=so+%26+so"
    assert with_token["Authorization"] == "Bearer secret"
    assert "Authorization" not in without


def test_nobody_listens(tmp_path):
    """On a port, on no socket, on a socket whose process is gone."""
    dead = tmp_path / "dead"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(dead))
    left.close()
    for place in (
        place_of_url("http://127.0.0.1:1", ""),
        place_of_url(f"unix:{tmp_path}/none", ""),
        place_of_url(f"unix:{dead}", ""),
    ):
        assert not listens(place)
        assert not alive(place)
        with Client(place) as it, pytest.raises(NotRunning, match="nobody listens there"):
            it.get(path("summary"), dict)


def test_who_is_asked_and_says_nothing(monkeypatch):
    """After a read nothing is lost; after a write the doubt is told."""
    monkeypatch.setattr(clients, "ASK_S_MAX", 0.05)
    monkeypatch.setattr(clients, "ACT_S_MAX", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        place = Place(name="there", host="127.0.0.1", port=mute.getsockname()[1])
        assert listens(place)
        with Client(place) as it:
            with pytest.raises(AcdError, match=r"did not answer within 0.05 s\.$"):
                it.get(path("summary"), dict)
            with pytest.raises(AcdError, match="It may have been done: look before you ask again"):
                it.post(path("tokens"), dict, {})


def test_who_hangs_up_is_no_acd():
    """An answer that is none."""
    with socket.create_server(("127.0.0.1", 0)) as rude:

        def hang_up() -> None:
            rude.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        place = Place(name="there", host="127.0.0.1", port=rude.getsockname()[1])
        with Client(place) as it, pytest.raises(AcdError, match="there cannot be asked"):
            it.get(path("summary"), dict)
        thread.join(5)


def test_every_page_of_a_list():
    """Until there is none, or as many as were wanted."""

    async def pages(request: web.Request) -> web.Response:
        start, limit = int(request.query.get("after", "0")), int(request.query["limit"])
        end = min(start + min(limit, 3), 8)
        body = {"items": list(range(start, end)), "next": str(end) if end < 8 else None}
        return web.json_response(body)

    @contextlib.asynccontextmanager
    async def server():
        app = web.Application()
        app.router.add_get("/api/v1/calls", pages)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
        await runner.cleanup()

    with beside(server) as port, Client(Place(name="x", host="127.0.0.1", port=port)) as it:
        assert [int(bytes(raw)) for raw in it.items(path("calls"))] == list(range(8))
        assert [int(bytes(raw)) for raw in it.items(path("calls"), most=5)] == list(range(5))
        assert [int(bytes(raw)) for raw in it.items(path("calls"), most=2, after="6")] == [6, 7]


def test_tls_is_checked_against_the_authority_we_name(tmp_path):
    """Ours is trusted where it is named, and refused where it is not."""
    if shutil.which("openssl") is None:
        pytest.skip("makes its certificate with openssl")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    make += f" -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}"
    subprocess.run(make.split(), check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    with answering(200, b'{"alive": true}', tls=context) as (port, _):
        url = f"https://127.0.0.1:{port}"
        with Client(place_of_url(url, "t", str(cert))) as it:
            assert it.get("/livez", dict) == {"alive": True}
        assert alive(place_of_url(url, "", str(cert)))
        with Client(place_of_url(url, "t")) as it, pytest.raises(AcdError, match="certificate"):
            it.get("/livez", dict)
    with pytest.raises(AcdError, match="ACD_CA_FILE"):
        Client(place_of_url(url, "t", str(tmp_path / "none.pem")))
