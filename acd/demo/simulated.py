"""The demonstration on the simulated Asterisk, in virtual time: minutes of calls in seconds.

The same application, rules and roster as on the real one; only Asterisk, the phones and the callers are
simulated (``acd.sim``), over an in-memory connection that speaks AMI. Repeatable: the same seed gives
the same calls and the same orders.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.live import Live

from acd.centre import RunningCentre
from acd.core.facts import AgentLoggedIn, Fact, OfferBegan
from acd.core.notes import CallAnswered, CallOffered, Note
from acd.core.orders import Order
from acd.core.policy import Roster, RuleSet
from acd.demo.board import draw
from acd.logs import set_up_logs
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

__all__ = ["FREE_MS_MAX", "SEED", "run"]

SEED = 2212
FREE_MS_MAX = 250
"""A phone that rings this soon after the caller dialled was free: the offer's own delay is seen."""
NUMBERS = ("803164",) * 6 + ("q-pensioni",) * 3 + ("q-tedesco",)
DRAIN_S_MAX = 600.0


class Stopwatch:
    """How long callers waited, and how soon a free phone's dialling began (an ``Observer``)."""

    def __init__(self, clock: LoopClock) -> None:
        self._clock = clock
        self._entered_ms: dict[str, int] = {}
        self.waits_ms: list[int] = []
        self.offers_ms: list[int] = []

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:  # noqa: ARG002
        """Note the moments of one fact."""
        now_ms = self._clock.now_ms()
        if isinstance(fact, OfferBegan):
            since_ms = now_ms - self._entered_ms.pop(fact.call, now_ms - FREE_MS_MAX - 1)
            if since_ms <= FREE_MS_MAX:
                self.offers_ms.append(since_ms)
        for note in notes:
            if isinstance(note, CallOffered):
                self._entered_ms[note.call] = now_ms
            elif isinstance(note, CallAnswered):
                self.waits_ms.append(note.wait_ms)

    def loop_lag(self, seconds: float) -> None:
        """Virtual time has no lag."""


def run(folder: Path, seconds: float, *, quiet: bool, journal: Path | None = None) -> dict[str, Any]:
    """Run so many virtual seconds under the rules of this folder, let those in progress finish.

    With ``journal``, a folder, every fact is kept there.

    Returns:
        The figures, as ``acd demo --json`` prints them.

    Raises:
        ConfigError: The rules have mistakes.
    """
    rules = load_rules(folder).rules
    roster = read_roster(folder / "roster.csv", rules)
    set_up_logs("error")
    return run_virtual(_run(rules, roster, seconds, quiet=quiet, journal=journal))


async def _run(
    rules: RuleSet, roster: Roster, seconds: float, *, quiet: bool, journal: Path | None
) -> dict[str, Any]:
    clock = LoopClock()
    sim = SimulatedAsterisk(SEED, site=_site(rules, roster), temper=Temper(talk_ms_mean=9_000), clock=clock)
    laws = Laws(sim, offices=_numbers(rules), capacity={o.id: o.capacity for o in rules.offices.values()})
    habits = Habits(NUMBERS, patience_s_mean=90, talk_s_mean=9)
    callers = Callers(sim, 0.75, habits, SEED)
    centre = RunningCentre(_settings(journal), rules, roster, clock=clock, connect=lambda _: sim.open)
    watch = Stopwatch(clock)
    centre.pump.observe_with(watch)
    centre.start()
    async with asyncio.timeout(30):
        while centre.not_ready() is not None:  # noqa: ASYNC110 - as any client of readyz would
            await asyncio.sleep(0.05)
    for agent in roster.agents:
        await centre.submit(AgentLoggedIn(agent=agent))
    await _play(centre, callers, seconds, quiet=quiet)
    broken = laws.finish()
    await centre.stop()
    await centre.close_journal()
    return _figures(centre, callers, watch, broken)


def _numbers(rules: RuleSet) -> dict[str, str]:
    """The office of each number."""
    offices = rules.offices.values()
    return {number: office.id for office in offices for number in (office.number, *office.more_numbers)}


def _site(rules: RuleSet, roster: Roster) -> Site:
    """The simulated deployment that fits the rules."""
    return Site(
        agents=tuple(agent.endpoint for agent in roster.agents.values()),
        offices={
            o.province: Office(o.number, o.capacity, o.trunk, office=o.id, key=o.confirm)
            for o in rules.offices.values()
        },
        entry={number: (queue, rules.queues[queue].language) for number, queue in rules.entry.items()},
    )


def _settings(journal: Path | None) -> Settings:
    node = {"id": "sim", "host": "127.0.0.1", "secret": "simulated"}
    kept = None if journal is None else {"folder": journal}
    return Settings.model_validate({"nodes": [node], "rules": Path("/"), "journal": kept}, strict=False)


async def _play(centre: RunningCentre, callers: Callers, seconds: float, *, quiet: bool) -> None:
    """Let callers come, then let those in progress finish; draw a frame every few seconds."""
    head = "acd on the simulated Asterisk, in virtual time"
    callers.start()
    with Live(console=Console(stderr=True, quiet=quiet), auto_refresh=False) as live:
        elapsed = 0.0
        while elapsed < seconds or (callers.waiting and elapsed < seconds + DRAIN_S_MAX):
            await asyncio.sleep(5)
            elapsed += 5
            if elapsed >= seconds:
                callers.stop()
            if not quiet:
                counts = {"counts": msgspec.to_builtins(centre.summary())}
                queues = msgspec.to_builtins(centre.queues())
                live.update(draw(head, counts, queues, f"{elapsed:.0f} s of calls\n"), refresh=True)


def _figures(centre: RunningCentre, callers: Callers, watch: Stopwatch, broken: list[str]) -> dict[str, Any]:
    summary = centre.summary()
    missing = abs(callers.arrived - summary.entered) + summary.in_progress
    return {
        "asterisk_version": "simulated 22.10.1",
        "callers": callers.arrived,
        "entered": summary.entered,
        "answered": summary.answered,
        "abandoned": summary.abandoned,
        "to_offices": summary.to_offices,
        "safety_net": summary.safety_net,
        "lost": summary.lost,
        "unaccounted": abs(summary.unaccounted) + missing + len(broken),
        "laws_broken": broken,
        "wait_p50_ms": round(statistics.median(watch.waits_ms), 1) if watch.waits_ms else None,
        "offer_p50_ms": round(statistics.median(watch.offers_ms), 1) if watch.offers_ms else None,
        "offers_measured": len(watch.offers_ms),
    }
