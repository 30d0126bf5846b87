"""What must stand nowhere: callers' numbers and names in any output, agents in what is told of calls.

A whole centre on the simulated Asterisk, in real time, with every output it has: log, metrics, API and pages,
live pictures, store, journal and ``queue_log``. Callers come with numbers and names that can be told from
everything else; afterwards all that was written and answered is searched for them. The journal and the store
hold keyed hashes, so they are searched too.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from aiohttp import ClientTimeout
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from acd.ami.decode import Decoder
from acd.ami.wire import Message
from acd.app import write_down
from acd.core.facts import AgentLoggedIn, TransferAsked, TransferKind
from acd.core.ids import AgentId
from acd.core.notes import AgentState
from acd.core.policy import Roster
from acd.logs import flush_logs, set_up_logs
from acd.rules.load import load_rules
from acd.rules.roster import read_roster
from acd.rules.settings import ApiToken
from acd.sim.agents import Temper
from acd.sim.clock import LoopClock
from acd.store.sql import open_store
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.table import ROUTES
from tests.sim.whole import RULES, Whole, build, settings_with

SECRET = "a-long-random-secret-of-the-tests"
HEADERS = {"Authorization": f"Bearer {SECRET}", "X-Purpose": "prova dei canarini"}
CALLS = 12
NUMBERS = tuple(f"333{prefix}" for prefix in range(48_151_600, 48_151_600 + CALLS))
NAME = "Zazdravnov"
TEMPER = Temper(answer_ms=(20, 300), talk_ms_mean=700, declines=0.2, drops=0.1)
PAGES = ("/login", "/board", "/map")


class Log:
    """Stderr of the process, kept."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Keep it."""
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        """A machine reads it."""
        return False


@pytest.fixture
def log(monkeypatch) -> Log:
    """The log of a process that tells everything; and one message in ten breaks our own decoder."""
    kept = Log()
    monkeypatch.setattr(sys, "stderr", kept)
    set_up_logs("debug")
    entered, number = Decoder._entered, itertools.count(1)

    def breaks(decoder: Decoder, message: Message) -> object:
        if next(number) % 10 == 0:
            raise KeyError(message["Num"], message)
        return entered(decoder, message)

    monkeypatch.setattr(Decoder, "_entered", breaks)
    return kept


async def call_in(whole: Whole, roster: Roster) -> None:
    """Callers come, hang up while they wait, talk, and are passed on."""
    channels = []
    for count, number in enumerate(NUMBERS):
        called = ("803164", "q-pensioni", "q-tedesco")[count % 3]
        channels.append(whole.sim.call(called, ("+39" if count % 2 else "") + number, NAME))
        await asyncio.sleep(0.1)
    for _ in range(3):
        for agent in roster.agents:
            if whole.state(agent) is AgentState.TALKING:
                fact = TransferAsked(agent=agent, kind=TransferKind.QUEUE, to="pensioni")
                await whole.centre.submit(fact)
                break
        await asyncio.sleep(0.3)
    for channel in channels[::2]:
        whole.sim.hang_up(channel, 16)
    await asyncio.sleep(0.3)


async def everything_asked(client: TestClient, whole: Whole, agent: AgentId) -> AsyncIterator[str]:
    """Every answer of the API and its pages, of streams their beginning."""
    call = next(iter(whole.centre.engine.world.calls), "sim-1.1")
    known = {
        "queue": "pensioni", "call": call, "agent": agent, "scope": "all", "revision": "1", "report": "day",
    }  # fmt: skip
    queries = {
        "/why-not": {"agent": agent},
        "/reports/day": {"from_day": "2026-01-01", "to_day": "2026-01-01"},
    }
    urls = [route.url.format(**known) for route in ROUTES if route.method == "GET"]
    for url in (*urls, *PAGES):
        query = next((query for end, query in queries.items() if url.endswith(end)), {})
        async with client.get(url, headers=HEADERS, params=query) as answer:
            assert answer.status != 500, url
            if answer.content_type == "text/event-stream":
                yield (await answer.content.readany()).decode()
            else:
                yield await answer.text()


async def run(folder: Path) -> tuple[dict[str, str], Roster]:
    """Let them call; every output by its name."""
    rules = load_rules(RULES).rules
    roster = read_roster(RULES / "roster.csv", rules)
    settings = settings_with(
        store={"file": folder / "acd.sqlite", "hash_key": SecretStr("k" * 32)},
        journal={"folder": folder / "journal"},
        queue_log={"file": folder / "queue_log"},
    )
    store = await open_store(settings.store, LoopClock())
    whole = build(rules, roster, 1, TEMPER, settings=settings, store=store)
    queue_log = write_down(whole.centre, settings)
    whole.centre.start()
    while whole.centre.not_ready() is not None:  # noqa: ASYNC110  # as any client of readyz would
        await asyncio.sleep(0.05)
    for agent in roster.agents:
        await whole.centre.submit(AgentLoggedIn(agent=agent))
    token = ApiToken(name="test", role="admin", token=SecretStr(SECRET))
    server = TestServer(build_api(whole.centre, Bearers((token,)), clock=whole.centre.clock))
    async with TestClient(server, timeout=ClientTimeout(total=10)) as client:
        calling = asyncio.create_task(call_in(whole, roster))
        await asyncio.sleep(0.9)
        answers = [text async for text in everything_asked(client, whole, next(iter(roster.agents)))]
        await calling
        answers += [text async for text in everything_asked(client, whole, next(iter(roster.agents)))]
    whole.centre._take_picture()
    metrics = whole.centre.metrics.render().decode()
    await store.flush()
    await whole.centre.stop()
    await whole.centre.close_journal()
    assert queue_log is not None
    queue_log.close()
    await store.close()
    return {
        "api": "\n".join(answers),
        "metrics": metrics,
        **await asyncio.to_thread(files_in, folder),
    }, roster


def files_in(folder: Path) -> dict[str, str]:
    """All that was written there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes().decode("latin-1") for path in files}


def test_no_number_and_no_name_of_a_caller_is_in_any_output(log, tmp_path):
    """Nor an agent in what is told of calls: log, metrics, queue_log."""
    outputs, roster = asyncio.run(run(tmp_path))
    structlog.contextvars.clear_contextvars()
    flush_logs()
    outputs["log"] = log.text
    assert log.text.count('"event": "call.finished"') > 3
    assert '"event": "ami.message_failed"' in log.text
    assert "KeyError" in log.text
    assert "|ENTERQUEUE|" in outputs["queue_log"]
    assert any(name.startswith("journal/") for name in outputs)
    assert len(outputs["api"]) > 20_000
    for name, text in outputs.items():
        found = [number for number in NUMBERS if number in text]
        assert not found, f"{name} holds callers' numbers: {found}"
        assert NAME not in text, f"{name} holds a caller's name"
    people = re.compile(r"\b(?:" + "|".join(roster.agents) + r")\b")
    for name in ("log", "metrics", "queue_log"):
        assert not people.findall(outputs[name]), name
