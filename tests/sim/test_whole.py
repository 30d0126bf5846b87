"""Our whole application keeps the laws on the simulated Asterisk, on good days and bad ones."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from acd.core.facts import FallbackChanged
from acd.core.policy import Fallback
from acd.sim import faults
from acd.sim.loop import run_virtual
from tests.sim.whole import Event, Whole, digest, play


def jitter(whole: Whole) -> None:
    """Channels mixed by up to 30 ms, DialEnds doubled."""
    whole.sim.shape = faults.Jitter(whole.sim, 30, faults.Duplicates(whole.sim, 0.3))


def lose_answers(whole: Whole) -> None:
    """One answer in fifty never comes."""
    whole.sim.answers_lost = 0.02


def switch(whole: Whole) -> None:
    """Another mode, other shares, some offices on or off: drawn from the moment."""
    world = whole.centre.engine.world
    chance = random.Random(world.now_ms)
    sites, offices = [*world.rules.sites], [*world.lines]
    fallback = Fallback(
        revision="drawn",
        on=chance.random() < 0.8,
        shares={site: chance.choice((0, 10, 50, 100)) for site in chance.sample(sites, 2)},
        offices={office: chance.random() < 0.5 for office in chance.sample(offices, 1)},
    )
    task = asyncio.ensure_future(whole.centre.submit(FallbackChanged(fallback=fallback)))
    task.add_done_callback(lambda done: done.result())


BAD_DAYS: dict[str, dict[float, Event]] = {
    "good day": {},
    "events mixed": {0.0: jitter},
    "link cut twice": {60.0: lambda w: faults.cut(w.sim), 140.0: lambda w: faults.cut(w.sim)},
    "link stalled": {60.0: lambda w: faults.stall(w.sim), 90.0: lambda w: faults.unstall(w.sim)},
    "asterisk stopped": {60.0: lambda w: faults.stop(w.sim), 80.0: lambda w: faults.go_on(w.sim)},
    "asterisk restarted": {60.0: lambda w: faults.restart(w.sim)},
    "asterisk killed": {60.0: lambda w: faults.restart(w.sim, killed=True)},
    "answers lost": {30.0: lose_answers},
    "modes switched": dict.fromkeys((10.0, 40.0, 70.0, 71.0, 120.0, 160.0, 200.0, 260.0), switch),
    "modes switched, link cut": {
        **dict.fromkeys((10.0, 59.9, 60.3, 120.0, 200.0), switch),
        60.0: lambda w: faults.cut(w.sim),
    },
}


@pytest.mark.parametrize("day", BAD_DAYS)
@pytest.mark.parametrize("seed", range(3))
def test_the_laws_hold(day: str, seed: int) -> None:
    """One end each, no phone and no caller rings twice, nobody hears music for ever, counts equal."""
    whole = run_virtual(play(seed, at=BAD_DAYS[day]))
    assert whole.laws.finish() == []
    assert whole.laws.talks > 50
    assert (whole.centre.engine.world.fallback.revision == "drawn") == day.startswith("modes")
    assert sum(order.startswith("PassOn(") for order in whole.ordered.orders) > 10
    summary = whole.centre.summary()
    assert summary.unaccounted == 0


def test_same_seed_same_orders_across_processes() -> None:
    """Processes with different hash seeds give the same orders in the same order."""
    seen = {digest(7)}
    for hash_seed in ("1", "99"):
        run = subprocess.run(
            [sys.executable, "-m", "tests.sim.whole"],
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(run.stdout.strip().splitlines()[-1])
    assert len(seen) == 1
