"""``scripts/bench offer``: the whole run on one lab.

The gap between two calls of a busy agent comes first, while only a few are logged in; then everybody
logs in, and the rounds of the three ways alternate, each time beginning with another, so that the
machine's drift falls on all alike.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from acd_bench.centre import Centre
from acd_bench.figures import IdleGap, Offer, Result, idle_figures, offer_figures, this_machine
from acd_bench.rounds import Round, idle_round, offer_round
from acd_bench.ways import Way, prepare
from asterisk_lab import Lab, LabError
from asterisk_lab.progress import Progress

SEED = 1
SETTLE_S_MAX = 90.0
WAYS = tuple(Way)


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    rates: tuple[float, ...] = (10.0, 30.0)
    """Calls per second, one after the other."""
    seconds: float = 10.0
    """How long each way has callers in each round."""
    warm_up_s: float = 2.0
    """The same, thrown away, before the first round of a rate."""
    rounds: int = 6
    """How often the ways take turns."""
    agents: int = 3_100
    """Phones of the lab, all logged in."""
    idle_agents: int = 50
    """How many of them serve in the idle gap's part."""
    idle_waiting: int = 200
    """How many callers wait for them."""
    talk_ms: tuple[int, int] = (4_000, 6_000)
    """A talk while others wait; more than 1.5 s, or the caller waits again."""


def run(extent: Extent) -> Result:
    """Measure everything on a lab of our own.

    Raises:
        LabError: there is no Asterisk, or something did not become as it must; nothing was measured.
    """
    agents = extent.agents
    names = [f"a{number:04}" for number in range(1, agents + 1)]
    few = min(extent.idle_agents, agents)
    lab = Lab.up(agents=agents, port_offset=None)
    machine = this_machine(lab.asterisk_version)
    try:
        prepare(lab)
        with Centre(lab, agents) as centre:
            _log_in(centre, names[:few], few)
            idle = _idle(lab, extent)
            _log_in(centre, names[few:], agents)
            offer = [figure for rate in extent.rates for figure in _offers(lab, extent, rate)]
    finally:
        lab.down()
    return Result(
        date=dt.datetime.now(dt.UTC).date().isoformat(),
        machine=machine,
        agents=agents,
        seconds=extent.seconds,
        rounds=extent.rounds,
        idle_agents=few,
        idle_waiting=extent.idle_waiting,
        offer=offer,
        idle_gap=idle,
    )


def _log_in(centre: Centre, names: Sequence[str], members: int) -> None:
    """Log in, and wait until the safety net holds everybody: its mirroring would disturb."""
    told = Progress(f"logging in {len(names)} agents")
    centre.log_in(names)
    deadline = time.monotonic() + SETTLE_S_MAX
    while (found := centre.members()) < members:
        if time.monotonic() > deadline:
            raise LabError(f"The safety net holds {found} of {members} agents after {SETTLE_S_MAX:g} s.")
        told.tick(f"{found} of {members} in the safety net")
        time.sleep(0.5)
    told.done()


def _idle(lab: Lab, extent: Extent) -> list[IdleGap]:
    agents, waiting = min(extent.idle_agents, extent.agents), extent.idle_waiting
    ways = (Way.ACD, Way.QUEUE)
    told = Progress(f"idle gap: {agents} agents, {waiting} callers waiting, {extent.rounds} rounds")
    found: dict[Way, list[Round]] = {way: [] for way in ways}
    for number in range(extent.rounds):
        for way in _turned(ways, number):
            told.tick(f"round {number + 1}: {way}")
            found[way].append(idle_round(lab, way, agents=agents, waiting=waiting, talk_ms=extent.talk_ms))
    told.done()
    return [idle_figures(way, found[way]) for way in ways]


def _offers(lab: Lab, extent: Extent, rate: float) -> list[Offer]:
    draws = Random(f"{SEED} {rate}")  # noqa: S311 - callers' numbers are no secret
    told = Progress(f"{rate:g} calls/s: {extent.rounds} rounds of {extent.seconds:g} s for each way")

    def measure(way: Way, seconds: float) -> Round:
        return offer_round(lab, way, rate=rate, seconds=seconds, agents=extent.agents, draws=draws)

    for way in WAYS:
        measure(way, extent.warm_up_s)
    found: dict[Way, list[Round]] = {way: [] for way in WAYS}
    for number in range(extent.rounds):
        for way in _turned(WAYS, number):
            told.tick(f"round {number + 1}: {way}")
            found[way].append(measure(way, extent.seconds))
    told.done()
    return [offer_figures(rate, way, found[way]) for way in WAYS]


def _turned(ways: Sequence[Way], number: int) -> list[Way]:
    """The ways, beginning with another one each round."""
    start = number % len(ways)
    return [*ways[start:], *ways[:start]]
