"""From delays to figures, and from figures to whether a goal is met."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from acd_bench.rounds import Round
from acd_bench.ways import Way

P50_ABOVE_DIAL_MS = 2.5
P99_ABOVE_DIAL_MS = 5.0
SHARE_OF_QUEUE = {10.0: 0.65, 30.0: 0.5}
"""Of app_queue's median, by calls per second."""
IDLE_GAP_MS = 12.0


@dataclass(frozen=True)
class Offer:
    """INVITE to INVITE, one way, one rate, all rounds."""

    rate: float
    way: str
    calls: int
    missing: int
    p50_ms: float
    p99_ms: float
    p50_ms_by_round: list[float]
    busy: float


@dataclass(frozen=True)
class IdleGap:
    """BYE to the same agent's next INVITE, one way, all rounds."""

    way: str
    gaps: int
    missing: int
    mean_ms: float
    max_ms: float
    mean_ms_by_round: list[float]
    busy: float


@dataclass(frozen=True)
class Goal:
    """What was promised, and what came out."""

    goal: str
    limit_ms: float
    value_ms: float

    @property
    def met(self) -> bool:
        """Whether the value is within the limit."""
        return self.value_ms <= self.limit_ms


@dataclass(frozen=True)
class Machine:
    """Where it was measured."""

    cpu: str
    cpus: int
    system: str
    python: str
    asterisk: str
    load_before: float
    """Load average of one minute when the run began: other work than ours."""


@dataclass(frozen=True)
class Result:
    """One run of ``scripts/bench offer``."""

    date: str
    machine: Machine
    agents: int
    seconds: float
    rounds: int
    idle_agents: int
    idle_waiting: int
    offer: list[Offer] = field(default_factory=list)
    idle_gap: list[IdleGap] = field(default_factory=list)

    def goals(self) -> list[Goal]:
        """Every goal this run can judge."""
        found: list[Goal] = []
        by = {(row.rate, row.way): row for row in self.offer}
        for rate in dict.fromkeys(row.rate for row in self.offer):
            dial, ours, queue = (by[rate, way] for way in (Way.DIAL, Way.ACD, Way.QUEUE))
            head = f"{rate:g} calls/s: acd"
            limit = round(dial.p50_ms + P50_ABOVE_DIAL_MS, 2)
            found.append(Goal(f"{head} p50 ≤ Dial + {P50_ABOVE_DIAL_MS:g} ms", limit, ours.p50_ms))
            limit = round(dial.p99_ms + P99_ABOVE_DIAL_MS, 2)
            found.append(Goal(f"{head} p99 ≤ Dial + {P99_ABOVE_DIAL_MS:g} ms", limit, ours.p99_ms))
            if rate in SHARE_OF_QUEUE:
                share = SHARE_OF_QUEUE[rate]
                limit = round(queue.p50_ms * share, 2)
                found.append(Goal(f"{head} p50 ≤ {share:g} of app_queue", limit, ours.p50_ms))
        found.extend(
            Goal("idle gap: acd mean", IDLE_GAP_MS, row.mean_ms)
            for row in self.idle_gap
            if row.way == Way.ACD
        )
        return found

    def write(self, path: Path) -> None:
        """Write it as JSON, with the goals and whether each is met."""
        goals = [{**asdict(goal), "met": goal.met} for goal in self.goals()]
        path.write_text(json.dumps({**asdict(self), "goals": goals}, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Result:
        """Read what ``write`` wrote; the goals are judged anew."""
        told = json.loads(path.read_text(encoding="utf-8"))
        del told["goals"]
        told["machine"] = Machine(**told["machine"])
        told["offer"] = [Offer(**row) for row in told["offer"]]
        told["idle_gap"] = [IdleGap(**row) for row in told["idle_gap"]]
        return cls(**told)


def offer_figures(rate: float, way: Way, rounds: Sequence[Round]) -> Offer:
    """Sum up the rounds of one way at one rate."""
    delays = sorted(delay for each in rounds for delay in each.delays_ms)
    return Offer(
        rate=rate,
        way=way.value,
        calls=len(delays),
        missing=sum(each.missing for each in rounds),
        p50_ms=percentile(delays, 50),
        p99_ms=percentile(delays, 99),
        p50_ms_by_round=[percentile(sorted(each.delays_ms), 50) for each in rounds],
        busy=_mean([each.busy for each in rounds]),
    )


def idle_figures(way: Way, rounds: Sequence[Round]) -> IdleGap:
    """Sum up the rounds of one way."""
    gaps = [gap for each in rounds for gap in each.delays_ms]
    return IdleGap(
        way=way.value,
        gaps=len(gaps),
        missing=sum(each.missing for each in rounds),
        mean_ms=_mean(gaps),
        max_ms=round(max(gaps, default=math.nan), 2),
        mean_ms_by_round=[_mean(each.delays_ms) for each in rounds],
        busy=_mean([each.busy for each in rounds]),
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The value that ``percent`` of the ordered values do not exceed (nearest rank); NaN for none."""
    if not ordered:
        return math.nan
    return round(ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)], 2)


def _mean(values: Sequence[float]) -> float:
    return round(statistics.fmean(values), 2) if values else math.nan


def this_machine(asterisk: str) -> Machine:
    """Describe the machine we run on."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        cpu = next(
            line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")
        )
    except (OSError, StopIteration):
        cpu = platform.machine()
    return Machine(
        cpu=cpu,
        cpus=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        asterisk=asterisk,
        load_before=round(os.getloadavg()[0], 2),
    )
