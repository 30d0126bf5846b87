"""A whole simulated centre with the naive ACD; ``python -m tests.sim.centre`` prints its digest."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from acd.sim.agents import Temper
from acd.sim.asterisk import SimulatedAsterisk
from acd.sim.callers import Callers, Habits
from acd.sim.checkers import Laws
from acd.sim.loop import run_virtual
from acd.sim.site import Site
from tests.sim.naive import NaiveAcd

TEMPER = Temper(
    answer_ms=(200, 6_000), talk_ms_mean=40_000, rings_out=0.05, busy=0.05, declines=0.05,
    do_not_disturb=0.03, forwards=0.02, dead=0.02, drops=0.1, transfers=0.1,
    transfer_to=("800", "q-pensioni", "q-tedesco", "o-roma", "o-nirgendwo"),
)  # fmt: skip
HABITS = Habits(patience_s_mean=30.0, talk_s_mean=40.0)


@dataclass
class Centre:
    """What a run leaves behind."""

    sim: SimulatedAsterisk
    laws: Laws
    callers: Callers
    acd: NaiveAcd

    async def run(self, calls: int) -> Centre:
        """Let so many callers come, and wait until everybody has left."""
        self.callers.count_max = calls
        self.callers.start()
        while self.callers.arrived < calls or self.callers.waiting:  # noqa: ASYNC110  # virtual time
            await asyncio.sleep(1)
        await asyncio.sleep(30)
        return self


async def centre(*, seed: int = 1, agents: int = 40, per_s: float = 2.0, careless: bool = False) -> Centre:
    """Agents, callers (not yet calling), laws, and an ACD that has logged in."""
    names = tuple(f"a{number:04}" for number in range(1, agents + 1))
    sim = SimulatedAsterisk(seed, site=Site(agents=names), temper=TEMPER)
    acd = NaiveAcd(sim, names, careless=careless)
    await sim.open(lambda: acd)
    await asyncio.sleep(0.1)
    lines = {office.number: office.capacity for office in sim.site.offices.values()}
    return Centre(sim, Laws(sim, capacity=lines), Callers(sim, per_s, HABITS, seed=seed), acd)


async def digest(seed: int, calls: int = 300) -> str:
    """Everything the ACD read, byte for byte."""
    run = await (await centre(seed=seed)).run(calls)
    return hashlib.sha256(b"|".join(run.acd.wire)).hexdigest()


if __name__ == "__main__":
    print(run_virtual(digest(7)))  # noqa: T201
