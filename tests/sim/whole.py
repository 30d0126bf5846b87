"""Our whole application on the simulated Asterisk; ``python -m tests.sim.whole`` digests its orders."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from acd.centre import RunningCentre
from acd.core.facts import AgentLoggedIn, Fact, TransferAsked, TransferKind
from acd.core.ids import AgentId
from acd.core.notes import AgentState, Note
from acd.core.orders import Order
from acd.core.policy import Roster, RuleSet
from acd.rules.load import load_rules
from acd.rules.roster import read_roster
from acd.rules.settings import Settings
from acd.sim.agents import Temper
from acd.sim.asterisk import SimulatedAsterisk
from acd.sim.callers import Callers, Habits
from acd.sim.checkers import Laws
from acd.sim.clock import LoopClock
from acd.sim.loop import run_virtual
from acd.sim.net import Office
from acd.sim.site import Site
from acd.store.port import Store
from acd.store.records import Intraday
from tests.sim.centre import TEMPER

RULES = Path(__file__).parents[2] / "routing_rules" / "demo"
MOVED = "lecce"
"""Where nobody sits at their own phone."""
WAYS_ON = (
    (TransferKind.QUEUE, "pensioni"),
    (TransferKind.QUEUE, "tedesco"),
    (TransferKind.OFFICE, "roma"),
    (TransferKind.OFFICE, "bolzano"),
)
"""Where agents ask the ACD to pass a caller on to."""
HABITS = Habits(("803164", "803164", "q-pensioni", "q-tedesco"), patience_s_mean=60.0, talk_s_mean=20.0)


@dataclass
class Ordered:
    """Every order, in its order (an ``Observer``)."""

    orders: list[str] = field(default_factory=list)

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:
        """Write down the orders."""
        self.orders += map(repr, orders)

    def loop_lag(self, seconds: float) -> None:
        """Virtual time has no lag."""


@dataclass
class Whole:
    """An application, its Asterisk, and who watches both."""

    sim: SimulatedAsterisk
    centre: RunningCentre
    callers: Callers
    laws: Laws
    ordered: Ordered

    async def log_in(self, roster: Roster) -> None:
        """Log everybody in when calls can be routed; at Lecce each by code on the next one's phone."""
        async with asyncio.timeout(30):
            while self.centre.not_ready() is not None:  # noqa: ASYNC110  # virtual time
                await asyncio.sleep(0.1)
        moved = [agent for agent in roster.agents.values() if agent.site == MOVED]
        for agent, neighbour in zip(moved, moved[1:] + moved[:1], strict=True):
            self.sim.phone(neighbour.endpoint).dial(f"*11{agent.code}")
        for agent in roster.agents.values():
            if agent.site != MOVED:
                await self.centre.submit(AgentLoggedIn(agent=agent.id))
        await asyncio.sleep(5)
        assert all(self.state(agent) is AgentState.READY for agent in roster.agents)

    def state(self, agent: AgentId) -> AgentState:
        """Where an agent stands."""
        view = self.centre.agent(agent)
        assert view is not None
        return view.state

    async def pass_on(self, roster: Roster, seed: int) -> None:
        """Every few seconds somebody who talks asks the ACD to pass the caller on, until cancelled."""
        chance = random.Random(seed)
        while True:
            await asyncio.sleep(chance.uniform(2, 8))
            talking = [agent for agent in roster.agents if self.state(agent) is AgentState.TALKING]
            if talking:
                kind, to = chance.choice(WAYS_ON)
                await self.centre.submit(TransferAsked(agent=chance.choice(talking), kind=kind, to=to))

    async def drain(self) -> None:
        """Let those who are there finish."""
        self.callers.stop()
        async with asyncio.timeout(7_200):
            while self.callers.waiting:  # noqa: ASYNC110  # virtual time
                await asyncio.sleep(5)
        await asyncio.sleep(120)


def build(
    rules: RuleSet,
    roster: Roster,
    seed: int,
    temper: Temper = TEMPER,
    per_s: float = 0.6,
    *,
    over: Whole | None = None,
    intraday: Intraday | None = None,
    settings: Settings | None = None,
    store: Store | None = None,
) -> Whole:
    """Build it; nothing runs yet.

    Args:
        rules: of the application.
        roster: of the application.
        seed: of all chance.
        temper: of the agents.
        per_s: callers a second.
        over: an application that has stopped, whose Asterisk and callers this one takes over.
        intraday: what that one had counted.
        settings: of the process, from ``settings_with``.
        store: what outlives it.
    """
    settings = settings or settings_with()
    if over is not None:
        again = _centre(settings, rules, roster, over.sim, intraday, store)
        return replace(over, centre=again)
    clock = LoopClock()
    site = Site(
        agents=tuple(agent.endpoint for agent in roster.agents.values()),
        offices={
            one.province: Office(one.number, one.capacity, one.trunk, office=one.id, key=one.confirm)
            for one in rules.offices.values()
        },
        entry={number: (queue, rules.queues[queue].language) for number, queue in rules.entry.items()},
    )
    sim = SimulatedAsterisk(seed, site=site, temper=temper, clock=clock)
    centre = _centre(settings, rules, roster, sim, intraday, store)
    ordered = Ordered()
    centre.pump.observe_with(ordered)
    capacity = {office.id: office.capacity for office in rules.offices.values()}
    numbers = {
        number: office.id
        for office in rules.offices.values()
        for number in (office.number, *office.more_numbers)
    }
    callers = Callers(sim, per_s, HABITS, seed)
    return Whole(sim, centre, callers, Laws(sim, offices=numbers, capacity=capacity), ordered)


Event = Callable[[Whole], object]


def settings_with(**sections: object) -> Settings:
    """Process settings for a simulated Asterisk, with these sections besides."""
    node = {"id": "sim", "host": "127.0.0.1", "secret": "simulated"}
    return Settings.model_validate({"nodes": [node], "rules": Path("/"), **sections}, strict=False)


def _centre(
    settings: Settings,
    rules: RuleSet,
    roster: Roster,
    sim: SimulatedAsterisk,
    intraday: Intraday | None,
    store: Store | None,
) -> RunningCentre:
    return RunningCentre(
        settings,
        rules,
        roster,
        intraday=intraday,
        store=store,
        clock=sim.clock,
        connect=lambda _: sim.open,
    )


async def play(seed: int, seconds: float = 300, at: dict[float, Event] | None = None) -> Whole:
    """A day of so many seconds; ``at`` names what happens besides, and when."""
    random.seed(seed)  # the link's back-off
    rules = load_rules(RULES).rules
    roster = read_roster(RULES / "roster.csv", rules)
    whole = build(rules, roster, seed)
    whole.centre.start()
    await whole.log_in(roster)
    whole.callers.start()
    passing_on = asyncio.create_task(whole.pass_on(roster, seed))
    for when, event in (at or {}).items():
        asyncio.get_running_loop().call_later(when, event, whole)
    await asyncio.sleep(seconds)
    passing_on.cancel()
    await whole.drain()
    await whole.centre.stop()
    return whole


def digest(seed: int) -> str:
    """All orders of a day, in their order."""
    orders = run_virtual(play(seed, 120)).ordered.orders
    assert orders
    return hashlib.sha256("\n".join(orders).encode()).hexdigest()


if __name__ == "__main__":
    print(digest(7))  # noqa: T201
