"""``scripts/bench offer``: the whole run on one lab.

The gap between two calls of a busy agent comes first, while only a few are logged in; then everybody
logs in, and the rounds of the three ways alternate, each time beginning with another, so that the
machine's drift falls on all alike.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from random import Random

from acd_bench.centre import Centre
from acd_bench.figures import IdleGap, Offer, Result, idle_figures, offer_figures, this_machine
from acd_bench.rounds import Round, idle_round, offer_round
from acd_bench.ways import Way, prepare
from asterisk_lab import Lab, LabError
from asterisk_lab.progress import Progress

SEED = 1
WARM_UP_S = 2.0
IDLE_AGENTS = 50
IDLE_WAITING = 200
SETTLE_S_MAX = 90.0
WAYS = tuple(Way)


def run(
    *,
    rates: Sequence[float],
    seconds: float,
    agents: int,
    rounds: int,
    idle_agents: int = IDLE_AGENTS,
    idle_waiting: int = IDLE_WAITING,
) -> Result:
    """Measure everything on a lab of our own.

    Args:
        rates: calls per second, one after the other.
        seconds: how long each way has callers in each round.
        agents: phones of the lab, all logged in.
        rounds: how often the ways take turns.
        idle_agents: how many serve in the idle gap's part.
        idle_waiting: how many callers wait for them.
    """
    names = [f"a{number:04}" for number in range(1, agents + 1)]
    few = min(idle_agents, agents)
    lab = Lab.up(agents=agents, port_offset=None)
    machine = this_machine(lab.asterisk_version)
    try:
        prepare(lab)
        with Centre(lab, agents) as centre:
            _log_in(centre, names[:few], few)
            idle = _idle(lab, few, idle_waiting, rounds)
            _log_in(centre, names[few:], agents)
            offer = _offers(lab, rates, seconds, agents, rounds)
    finally:
        lab.down()
    return Result(
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machine=machine,
        agents=agents,
        seconds=seconds,
        rounds=rounds,
        idle_agents=few,
        idle_waiting=idle_waiting,
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


def _idle(lab: Lab, agents: int, waiting: int, rounds: int) -> list[IdleGap]:
    ways = (Way.ACD, Way.QUEUE)
    told = Progress(f"idle gap: {agents} agents, {waiting} callers waiting, {rounds} rounds")
    found: dict[Way, list[Round]] = {way: [] for way in ways}
    for number in range(rounds):
        for way in _turned(ways, number):
            told.tick(f"round {number + 1}: {way}")
            found[way].append(idle_round(lab, way, agents=agents, waiting=waiting))
    told.done()
    return [idle_figures(way, found[way]) for way in ways]


def _offers(lab: Lab, rates: Sequence[float], seconds: float, agents: int, rounds: int) -> list[Offer]:
    draws = Random(SEED)  # noqa: S311 - callers' numbers are no secret
    figures: list[Offer] = []
    for rate in rates:
        told = Progress(f"{rate:g} calls/s: {rounds} rounds of {seconds:g} s for each of {', '.join(WAYS)}")
        for way in WAYS:
            offer_round(lab, way, rate=rate, seconds=WARM_UP_S, agents=agents, draws=draws)
        found: dict[Way, list[Round]] = {way: [] for way in WAYS}
        for number in range(rounds):
            for way in _turned(WAYS, number):
                told.tick(f"round {number + 1}: {way}")
                found[way].append(
                    offer_round(lab, way, rate=rate, seconds=seconds, agents=agents, draws=draws)
                )
        told.done()
        figures += [offer_figures(rate, way, found[way]) for way in WAYS]
    return figures


def _turned(ways: Sequence[Way], number: int) -> list[Way]:
    """The ways, beginning with another one each round."""
    start = number % len(ways)
    return [*ways[start:], *ways[:start]]
