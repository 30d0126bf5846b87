"""Live pictures: the same bytes for all, the newest always, and nobody holds anybody up."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
import zlib

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from acd.core.notes import AgentState
from acd.web import live
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.live import GZIP_HEAD, frame
from acd.web.serve import serve
from tests.web.conftest import bearing, machines, secret_of
from tests.web.small_centre import NOW_MS
from tests.web.test_streams import ends, told

BOARD = "/api/v1/board/stream"
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def quick(monkeypatch):
    """Ten pictures a second."""
    monkeypatch.setattr(live, "EVERY_S", 0.1)


def test_blocks_of_deflate_refer_to_nothing_before_them():
    """So the same bytes serve whoever came when."""
    frames = [frame(f"event: board\ndata: {n} {'x' * 500}\n\n".encode()) for n in range(5)]
    for begin in range(5):
        packed = GZIP_HEAD + b"".join(each.packed for each in frames[begin:])
        unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed)
        assert unpacked == b"".join(each.plain for each in frames[begin:])


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_a_stream_begins_at_once_and_goes_on_every_second(client_of, encoding, quick):
    """Packed or not."""
    answer = await client_of("viewer").get(BOARD, headers={"Accept-Encoding": encoding})
    assert (answer.status, answer.content_type) == (200, "text/event-stream")
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert answer.headers.get("Content-Encoding") == (encoding if encoding == "gzip" else None)
    for _ in range(3):
        kind, picture = await told(answer)
        assert (kind, picture["at_ms"]) == ("board", NOW_MS)
    answer.close()


async def test_the_map_has_a_stream_of_its_own(client_of):
    """Who looks at the one pays nothing for the other."""
    answer = await client_of("viewer").get("/api/v1/map/stream")
    kind, picture = await told(answer)
    assert (kind, picture["offices"][0]["id"]) == ("map", "aosta")
    answer.close()


async def test_a_picture_is_made_once_for_all_and_not_at_all_for_nobody(
    client_of, centre, quick, monkeypatch
):
    """Fifty readers cost one picture a time."""
    made = 0
    queues = centre.queues

    def counted():
        nonlocal made
        made += 1
        return queues()

    monkeypatch.setattr(centre, "queues", counted)
    await asyncio.sleep(0.3)
    assert made == 0
    answers = [await client_of("viewer").get(BOARD) for _ in range(50)]
    for answer in answers:
        await told(answer)
        await told(answer)
    assert made <= 20
    for answer in answers:
        answer.close()
    await asyncio.sleep(0.5)
    before = made
    await asyncio.sleep(0.3)
    assert made == before


async def test_a_token_with_sites_is_told_of_its_own_groups_only(client_of, centre):
    """In the same second as others are told of all."""
    centre.people = {"roma": {AgentState.READY: 30}, "bari": {AgentState.READY: 25}}
    for who, sites in (("supervisor", {"roma", "bari"}), ("supervisor-bari", {"bari"})):
        answer = await client_of(who).get(BOARD)
        _, picture = await told(answer)
        assert {group["site"] for group in picture["groups"]} == sites
        answer.close()


async def test_a_revoked_token_ends_its_stream(client_of):
    """At once, and no other."""
    mine = await client_of("viewer").get(BOARD)
    other = await client_of("supervisor").get(BOARD)
    await told(mine)
    assert (await client_of("admin").delete("/api/v1/tokens/id-viewer")).status == 200
    assert await ends(mine)
    await told(other)
    other.close()


async def test_logout_ends_the_streams_of_its_session(server):
    """A board left open on another tab goes dark."""
    async with TestClient(server) as browser:
        await browser.post("/login", data={"token": secret_of("viewer")}, allow_redirects=False)
        answer = await browser.get(BOARD)
        await told(answer)
        word = next(each.value for each in browser.session.cookie_jar if each.key == "acd_csrf")
        await browser.post("/logout", data={"csrf": word}, allow_redirects=False)
        assert await ends(answer)


async def test_a_token_that_expires_ends_its_stream(client_of, clock, quick):
    """With the next picture."""
    answer = await client_of("viewer").get(BOARD)
    await told(answer)
    clock.ms += 86_400_000
    assert await ends(answer)


async def test_more_readers_than_there_is_room_for_are_asked_to_come_again(
    client_of, monkeypatch, centre, clock
):
    """So that a broken client in a loop takes no memory."""
    monkeypatch.setattr(live.Live.__init__, "__kwdefaults__", {"readers_max": 2})
    server = await serve(build_api(centre, Bearers(machines()), clock=clock), "127.0.0.1", 0)
    async with aiohttp.ClientSession(headers=bearing(secret_of("viewer"))) as session:
        held = [await session.get(server.url + BOARD) for _ in range(2)]
        for answer in held:
            await told(answer)
        refused = await session.get(server.url + BOARD)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "30")
        for answer in held:
            answer.close()
    await server.stop()


async def test_a_reader_who_reads_nothing_slows_nobody_and_holds_up_no_stop(
    centre, clock, quick, monkeypatch
):
    """Their buffers are full within a second; the others go on as before."""
    rows = centre.queues() * 60
    monkeypatch.setattr(centre, "queues", lambda: rows)
    server = await serve(build_api(centre, Bearers(machines()), clock=clock), "127.0.0.1", 0)
    token = f"Authorization: Bearer {secret_of('viewer')}\r\nAccept-Encoding: identity\r\n"
    slow = []
    for _ in range(3):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(f"GET {BOARD} HTTP/1.1\r\nHost: acd\r\n{token}\r\n".encode())
        await reader.readline()
        writer.transport.pause_reading()
        slow.append(writer)
    async with aiohttp.ClientSession(headers=bearing(secret_of("viewer"))) as session:
        answer = await session.get(server.url + BOARD, headers=PLAIN)
        gaps = []
        await told(answer)
        for _ in range(20):
            began = time.monotonic()
            await told(answer)
            gaps.append(time.monotonic() - began)
        assert max(gaps) < 1
        began = time.monotonic()
        await server.stop()
        assert time.monotonic() - began < 2
        assert await ends(answer)
        answer.close()
    for writer in slow:
        writer.close()


async def test_a_picture_that_cannot_be_made_ends_the_streams(client_of, centre, quick, monkeypatch):
    """Rather than leave an old one standing."""
    answer = await client_of("viewer").get(BOARD)
    await told(answer)
    monkeypatch.setattr(centre, "queues", lambda: 1 / 0)
    assert await ends(answer)


async def test_sigterm_ends_a_process_with_open_boards_in_time():
    """A planned restart waits for no screen."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.streaming_process", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession(headers=bearing(secret_of("viewer"))) as session:
        answers = [await session.get(url + BOARD) for _ in range(5)]
        for answer in answers:
            await told(answer)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        for answer in answers:
            assert await ends(answer)
        assert await process.wait() == 0
        assert time.monotonic() - began < 5
        for answer in answers:
            answer.close()
