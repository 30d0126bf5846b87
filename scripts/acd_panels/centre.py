"""A simulated centre to be watched: the ACD as it runs, on a simulated Asterisk with callers and phones.

On a loop of virtual time it lives through a day in minutes; on an ordinary loop it works in real time, and
a Prometheus may scrape it. What the demonstration is for the eye, this is for the metrics.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from acd.centre import RunningCentre
from acd.core.facts import AgentLoggedIn
from acd.core.policy import Agent, Roster
from acd.errors import ConfigError
from acd.fallback.wishes import Wish
from acd.revisions.configuration import read_configuration
from acd.revisions.documents import take_documents
from acd.rules.load import LoadedRules
from acd.rules.settings import Settings
from acd.runtime.switches import Given
from acd.sim.agents import Temper
from acd.sim.asterisk import SimulatedAsterisk
from acd.sim.callers import Callers, Habits
from acd.sim.clock import LoopClock
from acd.sim.net import Office
from acd.sim.site import Site
from acd.store.port import Store
from acd.store.records import OverrideMode

__all__ = ["Watched", "watched"]

AUTHOR = "simulazione"
READY_S_MAX = 30.0


@dataclass(frozen=True)
class Watched:
    """The centre and the world around it."""

    centre: RunningCentre
    sim: SimulatedAsterisk
    callers: Callers
    clock: LoopClock
    loaded: LoadedRules
    roster: Roster
    settings: Settings

    async def apply(self, rules: Path, today: dt.date) -> bool:
        """Put the rules of another folder in force; whether they were taken."""
        settings = self.settings.model_copy(update={"rules": rules})
        try:
            read = read_configuration(take_documents(settings), settings, today, cases=False)
        except ConfigError as error:
            self.centre.refuse_rules(error.findings[0])
            return False
        self.centre.refuse_rules("")
        await self.centre.take_configuration(read)
        return True

    async def log_in(self, agents: Iterable[Agent]) -> None:
        """Have these people begin to work."""
        for agent in agents:
            await self.centre.submit(AgentLoggedIn(agent=agent.id))

    async def override(self, scope: str, mode: OverrideMode, minutes: float, reason: str) -> None:
        """Switch the fallback of a scope by hand for so long."""
        until_ms = self.clock.now_ms() + round(minutes * 60_000)
        await self.centre.fallback().put(
            Wish(scope=scope, mode=mode, reason=reason, until_ms=until_ms), AUTHOR
        )


@asynccontextmanager
async def watched(
    loaded: LoadedRules,
    roster: Roster,
    *,
    seed: int,
    per_s: float | Callable[[float], float],
    habits: Habits,
    temper: Temper,
    provinces: Mapping[str, str] | None = None,
    begins_ms: int | None = None,
    store: Store | None = None,
    settled: Mapping[str, object] | None = None,
) -> AsyncIterator[Watched]:
    """A centre that can route calls, ended in order; callers begin with ``callers.start()``.

    Args:
        loaded: The rules in force.
        roster: Everybody; nobody is logged in yet.
        seed: Of all chance.
        per_s: Calls a second, or a function of the loop's seconds.
        habits: What callers do.
        temper: What agents and offices do.
        provinces: Prefix of the caller's number to province; without: those of the lab.
        begins_ms: The wall clock at the beginning; without: the simulator's own.
        store: What outlives the process; without: nothing does.
        settled: Further settings.
    """
    rules = loaded.rules
    clock = LoopClock() if begins_ms is None else LoopClock(begins_ms)
    site = _site(loaded, roster, provinces)
    sim = SimulatedAsterisk(seed, site=site, temper=temper, clock=clock)
    node = {"id": "ast1", "host": "127.0.0.1", "secret": "simulated"}
    settings = Settings.model_validate({"nodes": [node], "rules": Path("/"), **(settled or {})}, strict=False)
    centre = RunningCentre(
        settings,
        rules,
        roster,
        entry_revision=loaded.entry.revision,
        store=store,
        given=Given(plan=loaded.transition, volunteering=loaded.volunteering),
        clock=clock,
        connect=lambda _: sim.open,
    )
    centre.start()
    try:
        async with asyncio.timeout(READY_S_MAX):
            while centre.not_ready() is not None:  # noqa: ASYNC110 - as any client of readyz would
                await asyncio.sleep(0.05)
        yield Watched(centre, sim, Callers(sim, per_s, habits, seed), clock, loaded, roster, settings)
    finally:
        await centre.stop()
        await centre.close_journal()


def _site(loaded: LoadedRules, roster: Roster, provinces: Mapping[str, str] | None) -> Site:
    """The simulated deployment that fits the rules."""
    rules = loaded.rules
    return Site(
        agents=tuple(agent.endpoint for agent in roster.agents.values()),
        offices={
            o.province: Office(o.number, o.capacity, o.trunk, office=o.id, key=o.confirm)
            for o in rules.offices.values()
        },
        entry={f"q-{queue.id}": (queue.id, queue.language) for queue in rules.queues.values()}
        | {number: (queue, rules.queues[queue].language) for number, queue in rules.entry.items()},
        trunks=tuple(dict.fromkeys(o.trunk for o in rules.offices.values())),
        entry_revision=loaded.entry.revision,
        provinces=Site().provinces if provinces is None else provinces,
    )
