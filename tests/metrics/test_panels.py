"""A real Prometheus scrapes a centre at work, and every query of every dashboard has an answer.

The centre is the demonstration's, in real time: its rules and people on the simulated Asterisk, too many
callers, an office that does not answer, toggles, a step of the transition, a change of the rules refused
and one taken, people who look at the board. What is asked of Prometheus is what Grafana would ask.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from acd.rules.load import load_rules
from acd.rules.roster import read_roster
from acd.sim.agents import DECLINES, Temper
from acd.sim.callers import Habits
from acd.store.records import OverrideMode
from acd.transition.moves import Move
from acd_panels.answers import Window, empty, marks
from acd_panels.centre import Watched, watched
from acd_panels.dashboards import ALL, Dashboard, filled, read
from acd_panels.prometheus import Prometheus, PrometheusUnavailableError, find, running
from acd_panels.visitors import served

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "routing_rules" / "demo"
PROMETHEUS = ROOT / "config" / "prometheus"
DASHBOARDS = sorted((ROOT / "config" / "grafana" / "dashboards").glob("*.json"))
SCRAPE_S = 2
STARTS_S_MAX = 30
WORKS_S = 26
"""After which a talk has ended, somebody has given up, and what was switched has been scraped."""
HABITS = Habits(
    numbers=("803164", "803164", "q-pensioni", "q-tedesco"),
    patience_s_mean=9,
    talk_s_mean=3,
    prefixes=("06", "0471"),
    names=("",),
)
TEMPER = Temper(answer_ms=(300, 1_500), talk_ms_mean=3_000, rings_out=0.05, busy=0.1)


async def test_every_query_of_every_panel_has_an_answer(tmp_path):
    """No panel is empty, no quotient divides nothing, no mark is missed, no rule is ill."""
    try:
        find("prometheus")
    except PrometheusUnavailableError as error:
        pytest.skip(str(error))
    loaded = load_rules(RULES)
    roster = read_roster(RULES / "roster.csv", loaded.rules)
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(
            watched(
                loaded,
                roster,
                seed=2212,
                per_s=2.5,
                habits=HABITS,
                temper=TEMPER,
                begins_ms=time.time_ns() // 1_000_000,
            )
        )
        place = await stack.enter_async_context(served(world.centre, visits_s=(0.3,), boards=2))
        rules = sorted(PROMETHEUS.glob("acd.*.yml"))
        target = f"127.0.0.1:{place.metrics_port}"
        prometheus = await stack.enter_async_context(
            running(tmp_path, target=target, scrape_s=SCRAPE_S, rules=rules)
        )
        begun_s = time.time()
        await _open(world)
        async with asyncio.timeout(STARTS_S_MAX):
            while await prometheus.scrapes() < 2:  # noqa: ASYNC110 - as it was before anything is switched
                await asyncio.sleep(0.5)
        await _switch(world, tmp_path)
        await asyncio.sleep(WORKS_S)
        assert world.centre.summary().unaccounted == 0
        assert await prometheus.scrapes() >= WORKS_S / SCRAPE_S / 2
        assert await prometheus.rules_ill() == []
        window = Window(begun_s, time.time(), SCRAPE_S, SCRAPE_S, {"queue": ALL, "office": ALL})
        silent = [each for file in DASHBOARDS for each in await _silent(prometheus, read(file), window)]
        assert silent == []
        assert empty(tuple(await prometheus.now("acd_nowhere"))) == "no series"
        assert empty(tuple(await prometheus.now("sum(acd_agents) * 0 / 0"))) == "no number"


async def _open(world: Watched) -> None:
    """People come to work, callers call, and one office does not want to talk."""
    line = world.sim.phone(world.loaded.rules.offices["roma"].number)
    line.temper, line.behaviour = None, DECLINES
    await world.log_in(world.roster.agents.values())
    world.callers.start()


async def _switch(world: Watched, folder: Path) -> None:
    """What happens, so that every panel has something to say."""
    await world.override("national", OverrideMode.FORCED_ON, 30, "sedi chiuse per una prova")
    await world.override("office:bolzano", OverrideMode.FORCED_ON, 30, "personale rimasto per una prova")
    await world.centre.transition().move(Move.START, author="prova", reason="prova dei cruscotti", force=True)
    await asyncio.sleep(4)
    changed = Path(shutil.copytree(RULES, folder / "rules"))
    queues = changed / "queues.yaml"
    good = queues.read_text(encoding="utf-8").replace("threshold_s: 20", "threshold_s: 15")
    queues.write_text(good.replace("ring_s: 15", "ring_s: quindici"), encoding="utf-8")
    today = datetime.now(UTC).date()
    assert not await world.apply(changed, today)
    queues.write_text(good, encoding="utf-8")
    assert await world.apply(changed, today)


async def _silent(prometheus: Prometheus, dashboard: Dashboard, window: Window) -> list[str]:
    """A sentence for each query without an answer, or without one number among its answers."""
    found = []
    for panel in dashboard.panels:
        for asked in panel.asked:
            expr = filled(
                asked.expr,
                window.values,
                step_s=max(window.step_s, panel.interval_s),
                scrape_s=window.scrape_s,
                range_s=window.range_s,
            )
            if why := empty(tuple(await prometheus.now(expr, window.end_s))):
                found.append(f"{dashboard.uid}, {panel.title}, {asked.ref}: {why} for {expr}")
    unseen = [mark for mark in dashboard.marks if not await marks(prometheus, mark, window)]
    return found + [f"{dashboard.uid}, mark {mark.name}: nothing for {mark.expr}" for mark in unseen]
