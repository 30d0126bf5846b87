"""The events of an agent: at once, in order, the last one always; and no stream holds up a stop."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time

import aiohttp
import pytest

from acd.core.notes import AgentState
from acd.core.views import AgentEventKind
from acd.web import streams
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.serve import serve
from tests.web.conftest import DAY_MS, bearing, machines, secret_of

EVENTS = "/api/v1/agents/a0001/events"


async def told(answer: aiohttp.ClientResponse) -> tuple[str, dict]:
    """The next event of a stream."""
    kind, data = "", {}
    async with asyncio.timeout(5):
        while line := (await answer.content.readline()).decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                data = json.loads(value)
            elif not line.strip() and kind:
                return kind, data
    raise EOFError


async def ends(answer: aiohttp.ClientResponse) -> bool:
    """Whether the stream ends by itself, whatever it still tells."""
    try:
        async with asyncio.timeout(5):
            while await answer.content.readline():
                pass
    except TimeoutError:
        return False
    return True


async def test_a_stream_begins_with_how_things_stand_and_tells_each_change(client_of, centre):
    """State first; then the offer, with the caller's topic and never who it is."""
    answer = await client_of("agent").get(EVENTS)
    assert (answer.status, answer.content_type) == (200, "text/event-stream")
    assert await answer.content.readline() == b"retry: 2000\n"
    kind, first = await told(answer)
    assert (kind, first["kind"], first["agent"]["state"]) == ("state", "state", "logged_out")
    centre.states["a0001"] = AgentState.TALKING
    centre.streams[0].push(centre.event(AgentEventKind.TALKING))
    kind, second = await told(answer)
    assert (kind, second["agent"]["call"]["queue_name"], second["agent"]["call"]["language"]) == (
        "talking",
        "Generale",
        "it",
    )
    assert not set(second["agent"]["call"]) & {"caller", "number", "called"}
    answer.close()


async def test_while_nothing_changes_a_comment_keeps_the_connection(client_of, monkeypatch):
    """Proxies see life, and a reader who has gone is noticed."""
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.01)
    answer = await client_of("agent").get(EVENTS)
    await told(answer)
    assert await answer.content.readline() == b": nothing new\n"
    answer.close()


async def test_a_reader_who_has_gone_is_forgotten(client_of, centre, monkeypatch):
    """The centre pushes to nobody who does not read."""
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.01)
    answer = await client_of("agent").get(EVENTS)
    await told(answer)
    answer.close()
    async with asyncio.timeout(5):
        await centre.left.wait()
    assert centre.streams == []


async def test_the_fourth_stream_of_an_agent_closes_the_oldest(client_of, centre):
    """A desktop that loses its streams does not fill our memory, and the newest works."""
    client = client_of("agent")
    answers = [await client.get(EVENTS) for _ in range(4)]
    for answer in answers[1:]:
        await told(answer)
    assert await ends(answers[0])
    assert len(centre.streams) == 3
    other = await client_of("other-agent").get("/api/v1/agents/a0003/events")
    await told(other)
    assert len(centre.streams) == 4
    for answer in (*answers, other):
        answer.close()


async def test_a_slow_reader_misses_old_events_and_never_the_last(client_of, centre):
    """Ten thousand changes while nobody reads: few are kept, the last among them."""
    answer = await client_of("agent").get(EVENTS)
    await told(answer)
    for n in range(10_000):
        centre.streams[0].push(centre.event(AgentEventKind.STATE, at_ms=n))
        if n % 100 == 0:
            await asyncio.sleep(0)
    seen = []
    while not seen or seen[-1] != 9_999:
        seen.append((await told(answer))[1]["at_ms"])
    assert seen == sorted(seen)
    assert len(seen) < 10_000
    answer.close()


async def test_a_revoked_token_ends_its_streams_at_once(client, client_of, centre):
    """Not at the next event: now."""
    answer = await client_of("agent").get(EVENTS)
    other = await client_of("other-agent").get("/api/v1/agents/a0003/events")
    await told(answer)
    await told(other)
    assert (await client.delete("/api/v1/tokens/id-agent")).status == 200
    assert await ends(answer)
    assert len(centre.streams) == 1
    assert (await client_of("agent").get(EVENTS)).status == 401
    other.close()


@pytest.mark.parametrize("change", ["expires", "leaves"])
async def test_a_stream_tells_nothing_more_when_its_token_expires_or_the_agent_leaves(
    client_of, centre, clock, change
):
    """Whoever may not read any more gets the end instead of the event."""
    answer = await client_of("agent").get(EVENTS)
    await told(answer)
    event = centre.event(AgentEventKind.OFFERED)
    if change == "expires":
        clock.ms += DAY_MS
    else:
        del centre.agents["a0001"]
    centre.streams[0].push(event)
    with pytest.raises(EOFError):
        await told(answer)


async def test_open_streams_do_not_hold_up_a_stop(centre, clock):
    """Three readers, one of whom reads nothing at all: the stop takes less than a second."""
    server = await serve(build_api(centre, Bearers(machines()), clock=clock), "127.0.0.1", 0)
    async with aiohttp.ClientSession(headers=bearing(secret_of("agent"))) as session:
        answers = [await session.get(server.url + EVENTS) for _ in range(3)]
        await told(answers[0])
        began = time.monotonic()
        await server.stop()
        assert time.monotonic() - began < 1
        for answer in answers:
            assert await ends(answer)
            answer.close()
    assert centre.streams == []


async def test_a_reader_who_reads_nothing_does_not_hold_up_a_stop(centre, clock):
    """Its buffers are full, so the end of the stream cannot be written: it is dropped."""
    server = await serve(build_api(centre, Bearers(machines()), clock=clock), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
    writer.write(
        f"GET {EVENTS} HTTP/1.1\r\nHost: acd\r\nAuthorization: Bearer {secret_of('agent')}\r\n\r\n".encode()
    )
    await reader.readline()
    writer.transport.pause_reading()
    for n in range(200_000):
        centre.streams[0].push(centre.event(AgentEventKind.STATE, at_ms=n))
        if n % 4 == 0:
            await asyncio.sleep(0)
        if n % 1_000 == 0 and len(centre.streams[0]._events) == 8:
            break
    began = time.monotonic()
    await server.stop()
    assert time.monotonic() - began < 1
    writer.close()


async def test_sigterm_ends_a_process_with_an_open_stream_within_seconds():
    """A planned restart waits for no desktop."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.streaming_process", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession(headers=bearing(secret_of("agent"))) as session:
        answer = await session.get(url + EVENTS)
        await told(answer)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert await ends(answer)
        assert await process.wait() == 0
        assert time.monotonic() - began < 3
        answer.close()
