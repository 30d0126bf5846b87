"""A Tuesday morning of the national centre, hurried through, with its API and its pages.

The people, the callers and the rules are those of ``scripts/panels`` (``acd_panels.day``); what differs is
that a store, a journal and the pages are there, and that the clock can be told where to stop.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import aiohttp

from acd.centre import RunningCentre
from acd.core.ids import AgentId
from acd.core.notes import AgentState
from acd.logs import set_up_logs
from acd.revisions.starting import start
from acd.rules.load import load_rules
from acd.rules.roster import parse_roster
from acd.rules.settings import ApiToken, StoreSettings
from acd.runtime.revision_keeper import RevisionKeeper
from acd.sim.clock import LoopClock
from acd.store.sql import open_store
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.serve import Server, serve
from acd_panels import day
from acd_panels.centre import Watched, watched
from acd_screenshots.loop import HurryingLoop

__all__ = ["AGENT", "BEGINS", "BODY_NAME", "Morning", "morning"]

ROME: Final = ZoneInfo("Europe/Rome")
BEGINS: Final = dt.datetime(2026, 3, 10, 7, 55, tzinfo=ROME)
ARRIVE: Final = ((7, 57), (8, 1), (8, 25), (9, 0))
"""People begin in four shifts, so that not everybody takes the break of the law at once."""
BUSY: Final = 1.16
"""So many times the callers of an ordinary day: some queues get into trouble."""
BODY_NAME: Final = "INPS · Contact center"
AGENT: Final = AgentId("a0033")
"""Whose desk is shown."""
STEP_S: Final = 1.0
SETTLE_S: Final = 2.0


class Morning:
    """The centre and how it is reached."""

    def __init__(self, world: Watched, door: Door, admin: aiohttp.ClientSession, folder: Path) -> None:
        self.world = world
        self.door = door
        self.url = door.url
        self.folder = folder
        self._admin = admin
        self._tokens: dict[str, str] = {}

    async def hurry_to(self, hour: int, minute: int) -> None:
        """Live through what happens until then at once; then time is real again."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, HurryingLoop)
        left_s = BEGINS.replace(hour=hour, minute=minute).timestamp() - self.world.clock.now_ms() / 1000
        loop.hurry(True)
        await asyncio.sleep(max(0.0, left_s))
        loop.hurry(False)
        await asyncio.sleep(SETTLE_S)

    async def hurry_until(self, agent: AgentId, state: AgentState) -> None:
        """Live on until an agent has just come into this state."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, HurryingLoop)
        loop.hurry(True)
        was = state
        while (now := self._state(agent)) is not state or was is state:
            was = now
            await asyncio.sleep(STEP_S)
        loop.hurry(False)

    def _state(self, agent: AgentId) -> AgentState:
        view = self.world.centre.agent(agent)
        assert view is not None
        return view.state

    async def ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, purpose: str = ""
    ) -> Any:
        """Ask the API as an administrator does."""
        headers = {"X-Purpose": purpose} if purpose else {}
        async with self._admin.request(method, f"/api/v1{path}", json=body, headers=headers) as answer:
            told = await answer.json()
            assert answer.ok, told
            return told

    async def token(self, name: str, role: str, agent: str | None = None) -> str:
        """The token of somebody, made when it is first wanted."""
        if name not in self._tokens:
            made = await self.ask("POST", "/tokens", {"name": name, "role": role, "agent": agent})
            self._tokens[name] = made["secret"]
        return self._tokens[name]


@asynccontextmanager
async def morning(folder: Path) -> AsyncIterator[Morning]:
    """The centre at the beginning of the day; people arrive while it is hurried on.

    Args:
        folder: for the store and the journal.
    """
    set_up_logs("critical")
    begins_ms = round(BEGINS.timestamp() * 1000)
    begins_s = BEGINS.hour + BEGINS.minute / 60
    loaded = load_rules(day.RULES, BEGINS.date())
    roster, findings = parse_roster(day.roster_text(), "roster.csv", loaded.rules)
    assert not findings, findings
    kept = StoreSettings.model_validate(
        {"file": folder / "acd.sqlite", "hash_key": secrets.token_urlsafe(24)}, strict=False
    )
    store = await open_store(kept, LoopClock(begins_ms))
    origins = day.provinces()
    try:
        async with watched(
            loaded,
            roster,
            seed=day.SEED,
            per_s=lambda at_s: BUSY * day.PEAK_PER_S * day.shape(begins_s + at_s / 3600),
            habits=day.habits(origins),
            temper=day.TEMPER,
            provinces=origins,
            begins_ms=begins_ms,
            store=store,
            settled={"store": kept, "journal": {"folder": folder / "journal"}, **_files()},
        ) as world:
            started = await start(world.settings, store, begins_ms, BEGINS.date())
            world.centre.changed_by(RevisionKeeper(world.settings, started, world.centre))
            world.sim.watchers.append(day.judge(world))
            world.callers.start()
            coming = asyncio.create_task(_arrive(world))
            async with _served(world, folder) as found:
                yield found
            await coming
    finally:
        await store.close()


def _files() -> dict[str, object]:
    """The shipped rules and the files beside them."""
    config = day.RULES.parent / "config"
    files = {name: config / f"{name}.yaml" for name in ("fallback", "privacy", "goals")}
    return {"rules": day.RULES, **files}


async def _arrive(world: Watched) -> None:
    people = list(world.roster.agents.values())
    for place, (hour, minute) in enumerate(ARRIVE):
        left_s = BEGINS.replace(hour=hour, minute=minute).timestamp() - world.clock.now_ms() / 1000
        await asyncio.sleep(left_s)
        await world.log_in(people[place :: len(ARRIVE)])


@asynccontextmanager
async def _served(world: Watched, folder: Path) -> AsyncIterator[Morning]:
    word = secrets.token_urlsafe(24)
    token = ApiToken.model_validate({"name": "ops", "role": "admin", "token": word})
    door = Door(world.centre, token)
    await door.open()
    try:
        headers = {"Authorization": f"Bearer {word}"}
        async with aiohttp.ClientSession(door.url, headers=headers) as session:
            yield Morning(world, door, session, folder)
    finally:
        await door.close()


class Door:
    """The API and the pages on a port of the loopback, which can be closed and opened again."""

    def __init__(self, centre: RunningCentre, token: ApiToken) -> None:
        self._centre = centre
        self._token = token
        self._server: Server | None = None
        self._port = 0
        self.url = ""

    async def open(self) -> None:
        """Listen, on the same port as before."""
        centre = self._centre
        app = build_api(
            centre,
            Bearers((self._token,)),
            clock=centre.clock,
            body_name=BODY_NAME,
            metrics=centre.metrics,
        )
        self._server = await serve(app, "127.0.0.1", self._port)
        self._port, self.url = self._server.port, self._server.url

    async def close(self) -> None:
        """Answer nobody, as if the process were gone."""
        if self._server is not None:
            await self._server.stop()
            self._server = None
