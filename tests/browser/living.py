"""The application as it runs, for a browser: engine, store, journal, API and pages over a simulated Asterisk.

``python -m tests.browser.living FOLDER PORT`` serves until SIGTERM and prints its address first. Store and
journal lie in FOLDER, so that whoever is started there again goes on where the last one stopped. The rules
are the shipped ones, open at every hour; two names in them hold markup, which a page must show as text, and
Spanish is a matter of its own.

People of three sites are at work. Nobody but ``a0001`` speaks Spanish, and they are off duty: Spanish callers
wait until a browser logs them in, and then they get the very next call. ``a0002`` volunteers.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import signal
import sys
from pathlib import Path

from acd.centre import RunningCentre
from acd.core.facts import AgentLoggedIn
from acd.core.ids import AgentId, SiteId
from acd.core.policy import Roster, RosterChange
from acd.errors import Conflict
from acd.logs import set_up_logs
from acd.rules.load import LoadedRules, load_rules
from acd.rules.roster import parse_roster
from acd.rules.settings import Settings
from acd.runtime.clock import SystemClock
from acd.runtime.switches import Given
from acd.sim.agents import Temper
from acd.sim.asterisk import SimulatedAsterisk
from acd.sim.callers import Callers, Habits
from acd.sim.clock import LoopClock
from acd.sim.net import Office
from acd.sim.site import Site
from acd.store.records import Role, TokenRecord
from acd.store.sql import SqlStore, open_store
from acd.web.app import build_api
from acd.web.bearers import Bearers, digest
from acd.web.serve import serve
from tests.web.conftest import DAY_MS, secret_of

RULES = Path(__file__).parents[2] / "routing_rules"
MARKUP = "<img src=x onerror=alert(1)>"
"""Ends the names of a queue and an office."""
TESTER, VOLUNTEER = "a0001", "a0002"
PEOPLE = {"roma": 18, "napoli": 14, "lecce": 12}
NUMBERS = ("q-generale",) * 3 + ("q-pensioni",) * 2 + ("q-spagnolo",)
HABITS = Habits(
    numbers=NUMBERS, patience_s_mean=25, talk_s_mean=2, talk_s_min=4, prefixes=("06", "0471"), names=("",)
)
TEMPER = Temper(answer_ms=(700, 900), talk_ms_mean=600_000)
CALLS_PER_S = 2.5
READY_S_MAX = 30
ROLES = (
    ("viewer", Role.VIEWER, None, ()),
    ("supervisor", Role.SUPERVISOR, None, ()),
    ("operator", Role.OPERATOR, None, ()),
    ("operator-bari", Role.OPERATOR, None, ("bari",)),
    ("admin", Role.ADMIN, None, ()),
    ("agent", Role.AGENT, TESTER, ()),
    ("volunteer", Role.AGENT, VOLUNTEER, ()),
)


def open_rules(folder: Path) -> LoadedRules:
    """The shipped rules at any hour, with markup in two names."""
    copy = folder / "rules"
    if not copy.is_dir():
        shutil.copytree(RULES, copy, ignore=shutil.ignore_patterns("demo", "cases"))
        for name in ("offices.yaml", "queues.yaml"):
            file = copy / name
            text = re.sub(r"(?m)^ +calendar: \w+\n", "", file.read_text(encoding="utf-8"))
            text = text.replace('name: "Español"', f'name: "Español {MARKUP}"')
            text = text.replace("{generale: 1, spagnolo: 5}", "{spagnolo: 5}")
            text = re.sub(r'(?m)^(    name: "Direzione .*Aosta)"$', rf'\1 {MARKUP}"', text)
            file.write_text(text, encoding="utf-8")
    return load_rules(copy)


def people(loaded: LoadedRules) -> Roster:
    """Everybody: one speaks Spanish, one volunteers, all others are on duty and answer in Italian."""
    lines = ["agent,code,site,skills,hours,volunteer"]
    lines.append(f"{TESTER},1001,roma,spagnolo:9,tempo-pieno,no")
    lines.append(f"{VOLUNTEER},1002,roma,generale:5,tempo-pieno,si")
    count = 2
    for site, size in PEOPLE.items():
        for _ in range(size):
            count += 1
            lines.append(f"a{count:04},{1000 + count},{site},generale:5 pensioni:5,tempo-pieno,no")
    roster, findings = parse_roster("\n".join(lines) + "\n", "roster.csv", loaded.rules)
    assert not findings, findings
    return roster


async def fill(store: SqlStore, roster: Roster, now_ms: int) -> None:
    """Tokens and people, unless they are there from before."""
    for name, role, agent, sites in ROLES:
        record = TokenRecord(
            id=f"id-{name}",
            name=name,
            role=role,
            sha256=digest(secret_of(name)),
            sites=tuple(map(SiteId, sites)),
            agent=AgentId(agent) if agent else None,
            created_ms=now_ms,
            expires_ms=now_ms + DAY_MS,
        )
        with contextlib.suppress(Conflict):
            await store.add_token(record)
    if not (await store.roster()).roster.agents:
        await store.change_roster(RosterChange(upserts=tuple(roster.agents.values()), removed=()))


def simulated(loaded: LoadedRules, roster: Roster) -> SimulatedAsterisk:
    """An Asterisk with these people's phones and all offices."""
    rules = loaded.rules
    site = Site(
        agents=tuple(agent.endpoint for agent in roster.agents.values()),
        offices={
            o.province: Office(o.number, o.capacity, o.trunk, office=o.id, key=o.confirm)
            for o in rules.offices.values()
        },
        entry={f"q-{queue.id}": (queue.id, queue.language) for queue in rules.queues.values()},
        trunks=tuple(dict.fromkeys(o.trunk for o in rules.offices.values())),
        entry_revision=loaded.entry.revision,
    )
    return SimulatedAsterisk(2212, site=site, temper=TEMPER, clock=LoopClock(SystemClock().now_ms()))


async def main(folder: Path, port: int) -> None:
    """Serve until told to stop."""
    set_up_logs("critical")
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    loaded = open_rules(folder)
    roster = people(loaded)
    node = {"id": "ast1", "host": "127.0.0.1", "secret": "simulated"}
    kept = {"store": {"file": folder / "acd.sqlite"}, "journal": {"folder": folder / "journal"}}
    settings = Settings.model_validate({"nodes": [node], "rules": folder / "rules", **kept}, strict=False)
    assert settings.store is not None
    clock = SystemClock()
    store = await open_store(settings.store, clock)
    await fill(store, roster, clock.now_ms())
    sim = simulated(loaded, roster)
    centre = RunningCentre(
        settings,
        loaded.rules,
        await store.roster(),
        entry_revision=loaded.entry.revision,
        store=store,
        given=Given(
            overrides=await store.overrides(since_ms=clock.now_ms()),
            plan=loaded.transition,
            volunteering=loaded.volunteering,
        ),
        clock=clock,
        connect=lambda _: sim.open,
    )
    centre.start()
    async with asyncio.timeout(READY_S_MAX):
        while centre.not_ready() is not None:  # noqa: ASYNC110 - as any client of readyz would
            await asyncio.sleep(0.05)
    for agent in roster.agents:
        if agent not in {TESTER, VOLUNTEER}:
            await centre.submit(AgentLoggedIn(agent=agent))
    callers = Callers(sim, CALLS_PER_S, HABITS, 2212)
    callers.start()
    server = await serve(
        build_api(centre, Bearers(()), clock=clock, body_name="Ente di prova", metrics=centre.metrics),
        "127.0.0.1",
        port,
    )
    sys.stdout.write(server.url + "\n")
    sys.stdout.flush()
    await told.wait()
    callers.stop()
    await server.stop()
    await centre.stop()
    await centre.close_journal()
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
