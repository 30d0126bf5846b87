"""A small living centre behind the real API, beside the command that asks it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

from aiohttp import web
from pydantic import SecretStr

from acd.cli.resting import RestingCentre
from acd.core.facts import AgentLoggedIn, AgentLoggedOut, AgentPaused, AgentReadied, Fact
from acd.core.ids import AgentId, CallId, NodeId, QueueId, SiteId
from acd.core.notes import AgentState
from acd.core.views import AgentView, CallView, OfficeView, QueueView, Summary
from acd.figures.days import Day
from acd.rules.load import LoadedRules, load_rules
from acd.rules.roster import difference, read_roster
from acd.rules.settings import ApiToken, StoreSettings
from acd.runtime.clock import SystemClock
from acd.runtime.ports import NodeState
from acd.store.hashing import KeyedHash
from acd.store.records import RosterState
from acd.store.sql import SqlStore, open_store
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.centre import NodeStatus, Submitted
from tests.web.small_centre import a_morning

TOKEN = "a-long-random-secret-of-the-tests"
VIEWER = "another-long-random-secret-for-looking"
HASH_KEY = "the-key-of-the-hashes-of-the-tests"
RULES = Path(__file__).parents[2] / "routing_rules" / "demo"
ROSTER = RULES / "roster.csv"

Made = TypeVar("Made")

STATES = {
    AgentLoggedIn: AgentState.READY,
    AgentLoggedOut: AgentState.LOGGED_OUT,
    AgentReadied: AgentState.READY,
    AgentPaused: AgentState.PAUSED,
}


@functools.cache
def demo() -> LoadedRules:
    """The demo's rules, read once."""
    return load_rules(RULES)


class LivingCentre(RestingCentre):
    """The demo's rules and people, with calls, queues in trouble, and an engine that obeys."""

    def __init__(self, store: SqlStore, roster: RosterState) -> None:
        super().__init__(demo(), store, roster, KeyedHash(HASH_KEY))
        self.facts: list[Fact] = []
        self.refusals: dict[str, str] = {}
        self.states: dict[str, AgentState] = {}
        self.why_not: str | None = None
        self.people: dict[str, dict[AgentState, int]] = {"roma": {AgentState.READY: 30}}
        self.runs_entry = self.entry_revision()
        self.waiting = (0, 4, 2)
        self.calls_count = 5
        self.queue_name = ""

    async def submit(self, fact: Fact) -> Submitted:
        """Keep the fact and move the agent, unless told to refuse."""
        agent = fact.agent  # type: ignore[union-attr]  # the API hands over facts of agents only
        if agent in self.refusals:
            return Submitted(refused=self.refusals[agent])
        self.facts.append(fact)
        self.states[agent] = STATES[type(fact)]
        return Submitted()

    def agent(self, agent: AgentId) -> AgentView | None:
        """As the engine moved them."""
        if agent not in self._roster.roster.agents:
            return None
        return AgentView(
            id=agent,
            site=SiteId("roma"),
            state=self.states.get(agent, AgentState.LOGGED_OUT),
            since_ms=1,
            reason="",
            until_ms=0,
            phone="roma-7",
        )

    def queues(self) -> tuple[QueueView, ...]:
        """One quiet, one with callers and talks, one with callers and nobody."""
        ids = list(self.rules().queues)
        return tuple(
            QueueView(
                id=queue,
                name=self.queue_name or self.rules().queues[queue].name,
                waiting=self.waiting[n],
                offered_now=0,
                talking=2 - n,
                longest_wait_ms=self.waiting[n] * 20_000,
                agents_ready=0 if self.waiting[n] else 3,
                agents_there=0 if self.waiting[n] else 10,
                agents_able=10,
                entered=1234,
                answered=1200,
                answered_by_offices=1,
                abandoned=7,
                safety_net=0,
                lost=0,
            )
            for n, queue in enumerate(ids[:3])
        )

    def today(self) -> Mapping[QueueId, Day]:
        """A morning."""
        return a_morning()

    def series(self) -> int:
        """Scraped before."""
        return 5_812

    def calls(self, queue: QueueId | None, limit: int) -> tuple[CallView, ...]:
        """So many calls of the first queue."""
        first = next(iter(self.rules().queues))
        if queue not in {None, first}:
            return ()
        return tuple(
            CallView(
                id=CallId(f"ast1-1700000000.{n}"),
                node=NodeId("ast1"),
                queue=first,
                state="waiting",
                wait_ms=90_000,
                offers=n,
            )
            for n in range(self.calls_count)
        )[:limit]

    def offices(self) -> tuple[OfficeView, ...]:
        """The first is full, the others are idle."""
        return tuple(
            OfficeView(
                id=office.id,
                name=office.name,
                province=office.province,
                capacity=office.capacity,
                in_use=0 if n else office.capacity,
            )
            for n, office in enumerate(self.rules().offices.values())
        )

    def summary(self) -> Summary:
        """The whole centre."""
        return Summary(
            entered=1234,
            ended=1200,
            in_progress=34,
            unaccounted=0,
            answered=1100,
            to_offices=50,
            abandoned=50,
            safety_net=0,
            lost=0,
            agents={SiteId(site): states for site, states in self.people.items()},
        )

    def nodes(self) -> tuple[NodeStatus, ...]:
        """One Asterisk."""
        return (NodeStatus(id=NodeId("ast1"), state=NodeState.READY, asterisk_version="22.10.1", since_ms=5),)

    def not_ready(self) -> str | None:
        """As told."""
        return self.why_not

    def dialplan_revisions(self) -> dict[NodeId, str]:
        """As told."""
        return {NodeId("ast1"): self.runs_entry}


class Served:
    """Where a living centre answers."""

    def __init__(self, centre: LivingCentre, port: int, socket: Path) -> None:
        self.centre = centre
        self.port = port
        self.socket = socket


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Served]:
    """A living centre on a TCP port and on the socket ``acd.sock`` of a folder."""
    store = await open_store(StoreSettings(file=folder / "acd.sqlite"), SystemClock())
    try:
        people = read_roster(ROSTER, demo().rules)
        present = await store.roster()
        await store.change_roster(difference(present.roster, people, remove_missing=True))
        centre = LivingCentre(store, await store.roster())
        bearers = Bearers(
            [
                ApiToken(name="ops", role="admin", token=SecretStr(TOKEN)),
                ApiToken(name="wall", role="viewer", token=SecretStr(VIEWER)),
            ]
        )
        runner = web.AppRunner(
            build_api(centre, bearers, clock=SystemClock()), access_log=None, shutdown_timeout=0.1
        )
        await runner.setup()
        try:
            await web.UnixSite(runner, folder / "acd.sock").start()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = next(a[1] for a in runner.addresses if isinstance(a, tuple))
            yield Served(centre, port, folder / "acd.sock")
        finally:
            await runner.cleanup()
            (folder / "acd.sock").unlink(missing_ok=True)
    finally:
        await store.close()


@contextlib.contextmanager
def beside(make: Callable[[], AbstractAsyncContextManager[Made]]) -> Iterator[Made]:
    """Run a server on a loop of its own, for a command blocks or has one too."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    server = make()
    try:
        made = run(server.__aenter__())
        try:
            yield made
        finally:
            run(server.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
