"""Listening and stopping: in time, and with a sentence when it cannot be."""

from __future__ import annotations

import asyncio
import gzip
import logging

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from acd.errors import ConfigError
from acd.metrics.exposition import Exposition
from acd.web.app import HEADERS, build_api, build_metrics_app
from acd.web.bearers import Bearers
from acd.web.serve import serve
from tests.metrics.samples import observer, summary
from tests.web.conftest import SECRET, bearing, machines
from tests.web.small_centre import HandClock


async def test_metrics_are_served_as_prometheus_reads_them():
    """The exposition has its own application, its content type, and no API beside it."""
    seen = observer()
    exposition = Exposition(lambda: seen.refresh(summary(), (), ()), seen.render)
    async with TestClient(TestServer(build_metrics_app(exposition.text))) as client:
        answer = await client.get("/metrics")
        assert (answer.status, answer.headers["Content-Type"]) == (
            200,
            "text/plain; version=0.0.4; charset=utf-8",
        )
        assert 'acd_build_info{version="0.1.0"} 1.0' in await answer.text()
        assert answer.headers["Server"] == HEADERS["Server"]
        assert (await client.get("/api/v1/summary")).status == 404


async def test_served_on_any_port_and_silent_in_the_log(centre, caplog):
    """Port 0 becomes a real one; requests are not logged one by one."""
    caplog.set_level(logging.INFO)
    server = await serve(build_api(centre, Bearers(), clock=HandClock()), "127.0.0.1", 0)
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/livez") as answer:
        assert answer.status == 200
    await server.stop()
    assert server.port > 0
    assert not caplog.records


async def test_a_taken_port_is_told_as_a_sentence(centre):
    """Two processes on one address: the second says which address and what to do."""
    first = await serve(build_api(centre, Bearers(), clock=HandClock()), "127.0.0.1", 0)
    with pytest.raises(ConfigError, match=rf"Cannot listen on 127\.0\.0\.1:{first.port}: .*free address"):
        await serve(build_api(centre, Bearers(), clock=HandClock()), "127.0.0.1", first.port)
    await first.stop()


async def test_stops_within_five_seconds_with_a_request_under_way():
    """An open request does not hold up a planned restart."""
    arrived = asyncio.Event()

    async def for_ever(_: web.Request) -> web.Response:
        arrived.set()
        await asyncio.sleep(3600)
        return web.Response()

    app = web.Application()
    app.add_routes([web.get("/", for_ever)])
    server = await serve(app, "127.0.0.1", 0)
    async with aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.get(server.url))
        await arrived.wait()
        async with asyncio.timeout(5):
            await server.stop()
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_a_request_under_way_may_end():
    """Stopping waits a moment for an answer that is nearly there."""
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        arrived.set()
        await go_on.wait()
        return web.Response(text="done")

    app = web.Application()
    app.add_routes([web.get("/", slow)])
    server = await serve(app, "127.0.0.1", 0)
    async with aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.get(server.url))
        await arrived.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0)
        go_on.set()
        async with await asking as answer:
            assert await answer.text() == "done"
        await stopping


async def test_nothing_is_unpacked_for_strangers():
    """A megabyte that becomes a thousand stays a megabyte: who sends it has shown no token yet."""

    async def length(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    app = web.Application()
    app.router.add_post("/", length)
    server = await serve(app, "127.0.0.1", 0)
    packed = gzip.compress(bytes(1_000_000))
    headers = {"Content-Encoding": "gzip"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(server.url, data=packed, headers=headers) as answer,
    ):
        assert int(await answer.text()) == len(packed)
    await server.stop()


async def test_a_packed_body_is_refused_with_a_sentence(centre, caplog):
    """It is not taken for JSON that somebody has written badly, nor does it fill the log."""
    server = await serve(build_api(centre, Bearers(machines()), clock=HandClock()), "127.0.0.1", 0)
    headers = {"Content-Encoding": "br", "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession(headers=bearing(SECRET)) as session,
        session.post(f"{server.url}/api/v1/agents/a0001/login", data=b"{}", headers=headers) as answer,
    ):
        body = await answer.json(content_type=None)
    await server.stop()
    assert (answer.status, body["id"]) == (415, "media-type")
    assert "Content-Encoding" in body["detail"]
    assert not caplog.records


@pytest.mark.parametrize(
    "header", [b"Authorization: Bearer acd_of-somebody\x01", b"X-Purpose: 3331234567" + b"x" * 9_000]
)
async def test_what_is_no_http_is_not_quoted_in_the_log(centre, caplog, header):
    """A header that cannot be read holds a secret or a number all the same."""
    server = await serve(build_api(centre, Bearers(), clock=HandClock()), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")
    assert b" 400 " in await reader.readline()
    writer.close()
    await server.stop()
    assert not caplog.records
