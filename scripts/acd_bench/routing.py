"""``scripts/bench routing``: what the disciplines are worth, and whether the engine keeps to queueing theory.

The same days (``acd_bench.mixed_day``) under three ways: ``none`` (first come, first served among all skills;
of idle agents the best band and who is idle longest), ``fair`` and ``sl20``. Every figure is the mean over
days with its 95 % interval (Student's t); differences are taken day by day, for days differ more than ways.

With one skill and people who are all alike the engine must be a plain queue, so it is also run against
Erlang A (``acd_bench.erlang``). Runs are independent and go to as many processes as there are processors.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil, sqrt
from pathlib import Path
from random import Random
from typing import Final, NamedTuple, Protocol

from acd.core.ids import AgentId, QueueId, SkillId
from acd.core.policy import BANDS, Agent, Discipline, Queue, SkillNeed
from acd_bench.erlang import ErlangA, expected
from acd_bench.mixed_day import Extent, callers, centre
from acd_bench.virtual_centre import SITE, Caller, Centre, Fate, rule_set, run

WITHIN_MS: Final = 20_000
WAYS: Final = {"none": None, "fair": Discipline.FAIR, "sl20": Discipline.SL20}
PAIRS: Final = (("fair", "none"), ("sl20", "none"), ("sl20", "fair"))
MEASURES: Final = ("answered", "within_20s", "mean_s", "p95_s", "max_s", "worst_skill")
THEORY: Final = {
    "100 agents": ErlangA(agents=100, rate=1 / 3, service_s=300, patience_s=300),
    "10 agents": ErlangA(agents=10, rate=8 / 300, service_s=300, patience_s=240),
}
WARM_UP_S: Final = 3_600.0
"""The first hour of a run against theory does not count: it begins with nobody in the centre."""
QUANTILES: Final = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
)
"""Student's t at 97.5 %, by degrees of freedom from 1 on; beyond, the last, a little too wide."""


class Spread(NamedTuple):
    """A mean, and how far to either side it may be."""

    mean: float
    half: float


class Figures(NamedTuple):
    """One day under one way; percentages of all callers, seconds."""

    answered: float
    within_20s: float
    mean_s: float
    """Of all callers, also of those who gave up."""
    p95_s: float
    """Of those answered."""
    max_s: float
    """The same."""
    worst_skill: float
    """Answered, in the skill where that is least."""


@dataclass(frozen=True)
class Row:
    """One way at one load (``than`` empty), or what it differs from another way."""

    load: float
    way: str
    than: str
    figures: dict[str, Spread]


@dataclass(frozen=True)
class Held:
    """The engine beside theory."""

    case: str
    measure: str
    theory: float
    engine: Spread


@dataclass(frozen=True)
class Result:
    """One run of ``scripts/bench routing``."""

    date: str
    python: str
    agents: int
    skills: int
    hours: float
    seeds: int
    calls: int
    """On one day, in the mean over days and loads."""
    rows: list[Row]
    held: list[Held]

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Result:
        """Read what ``write`` wrote."""
        told = json.loads(path.read_text(encoding="utf-8"))
        told["rows"] = [
            Row(**row | {"figures": {name: Spread(*value) for name, value in row["figures"].items()}})
            for row in told["rows"]
        ]
        told["held"] = [Held(**held | {"engine": Spread(*held["engine"])}) for held in told["held"]]
        return cls(**told)

    def row(self, load: float, way: str, than: str = "") -> Row:
        """One of the rows."""
        return next(row for row in self.rows if (row.load, row.way, row.than) == (load, way, than))


def measure(
    extent: Extent,
    loads: Sequence[float],
    seeds: int,
    jobs: int,
    tell: Callable[[str], None],
    hours_held: float = 9.0,
) -> Result:
    """Run everything; ``hours_held``: of each run beside theory."""
    rows: list[Row] = []
    calls: list[int] = []
    with ProcessPoolExecutor(jobs) as pool:
        for load in loads:
            tell(f"load {load:g}: {seeds} days, {len(WAYS)} ways")
            days = list(pool.map(partial(one_day, extent, load), range(1, seeds + 1)))
            calls += [count for count, _ in days]
            rows += _rows(load, [by_way for _, by_way in days])
        tell("theory: one skill, everybody alike")
        held = [each for case in THEORY for each in hold(case, seeds, hours_held * 3600, pool.map)]
    return Result(
        date=dt.datetime.now(tz=dt.UTC).date().isoformat(),
        python=platform.python_version(),
        agents=extent.agents,
        skills=extent.skills,
        hours=extent.hours,
        seeds=seeds,
        calls=round(statistics.fmean(calls)),
        rows=rows,
        held=held,
    )


def one_day(extent: Extent, load: float, seed: int) -> tuple[int, dict[str, Figures]]:
    """How many called on the day of this seed, and what came of it each way."""
    people = callers(extent, load, seed)
    return len(people), {
        way: figures(run(centre(extent, discipline), people)) for way, discipline in WAYS.items()
    }


def figures(fates: Sequence[Fate]) -> Figures:
    """Sum up a day."""
    waits = sorted(fate.wait_ms for fate in fates if fate.answered)
    by_skill: dict[QueueId, list[bool]] = {}
    for fate in fates:
        by_skill.setdefault(fate.caller.queue, []).append(fate.answered)
    return Figures(
        answered=100 * len(waits) / len(fates),
        within_20s=100 * sum(wait <= WITHIN_MS for wait in waits) / len(fates),
        mean_s=statistics.fmean(fate.wait_ms for fate in fates) / 1000,
        p95_s=waits[ceil(0.95 * len(waits)) - 1] / 1000,
        max_s=waits[-1] / 1000,
        worst_skill=100 * min(statistics.fmean(each) for each in by_skill.values()),
    )


def spread(values: Sequence[float]) -> Spread:
    """The mean of independent values, with its 95 % interval."""
    if len(values) < 2:
        return Spread(round(values[0], 3), float("inf"))
    quantile = QUANTILES[min(len(values) - 1, len(QUANTILES)) - 1]
    half = quantile * statistics.stdev(values) / sqrt(len(values))
    return Spread(round(statistics.fmean(values), 3), round(half, 3))


def _rows(load: float, days: Sequence[dict[str, Figures]]) -> Iterable[Row]:
    for way in WAYS:
        yield Row(
            load, way, "", {name: spread([getattr(day[way], name) for day in days]) for name in MEASURES}
        )
    for way, than in PAIRS:
        differences = {
            name: spread([getattr(day[way], name) - getattr(day[than], name) for day in days])
            for name in MEASURES
        }
        yield Row(load, way, than, differences)


# ── theory ───────────────────────────────────────────────────────────────────────────────────


class Mapped(Protocol):
    """Either ``map`` or that of a pool of processes."""

    def __call__(
        self, function: Callable[[int], tuple[float, ...]], values: Iterable[int], /
    ) -> Iterable[tuple[float, ...]]:
        """Each value's result, in order."""


def hold(case: str, seeds: int, seconds: float, over: Mapped = map) -> list[Held]:
    """Hold the engine against theory: so many runs of so many seconds, after an hour that does not count."""
    theory = expected(THEORY[case])
    runs = list(over(partial(one_run, case, seconds), range(1, seeds + 1)))
    return [
        Held(case, name, round(value, 4), spread([each[index] for each in runs]))
        for index, (name, value) in enumerate(theory._asdict().items())
    ]


def one_run(case: str, seconds: float, seed: int) -> tuple[float, ...]:
    """Abandoned %, mean wait and answered within 20 s % in one run of the engine."""
    queue = THEORY[case]
    fates = [
        fate
        for fate in run(alike(queue.agents), poisson(queue, seconds + WARM_UP_S, seed))
        if fate.caller.at_ms >= WARM_UP_S * 1000
    ]
    return (
        100 * statistics.fmean(not fate.answered for fate in fates),
        statistics.fmean(fate.wait_ms for fate in fates) / 1000,
        100 * statistics.fmean(fate.answered and fate.wait_ms <= WITHIN_MS for fate in fates),
    )


ONE: Final = QueueId("one")


def alike(agents: int) -> Centre:
    """One skill, and people who are all alike; no ring, no wrap-up."""
    need = SkillNeed(skill=SkillId(ONE))
    queue = Queue(id=ONE, name=ONE, language="it", needs=(need,), wrap_up_ms=0)
    names = [f"agent-{number:04}" for number in range(agents)]
    people = [Agent(id=AgentId(name), site=SITE.id, endpoint=name, skills={need.skill: 10}) for name in names]
    return Centre(rule_set([queue], BANDS), people, (1.0, 1.0, 1.0))


def poisson(queue: ErlangA, seconds: float, seed: int) -> list[Caller]:
    """Callers as Erlang A has them."""
    dice = Random(seed)  # noqa: S311 - a simulation
    found: list[Caller] = []
    at_s = 0.0
    while (at_s := at_s + dice.expovariate(queue.rate)) < seconds:
        patience_ms, talk_ms = (
            round(dice.expovariate(1 / mean_s) * 1000) for mean_s in (queue.patience_s, queue.service_s)
        )
        found.append(Caller(round(at_s * 1000), ONE, patience_ms, 0, talk_ms))
    return found


def processors() -> int:
    """How many runs may go on at once."""
    return os.cpu_count() or 1
