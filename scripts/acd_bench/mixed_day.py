"""The day the disciplines are compared on: twelve skills, people who hold two or three of them.

The centre is made up, and each number can be argued with. What it is good for is a *difference*: the same
callers, the same people, other rules.

* A skill's share of the calls falls with its rank to the power of 0.7. People were hired for these shares; on
  the day each skill gets more or less than that (Gamma, 10 % deviation).
* Everybody has one skill of the best band, one of the second, every other person one of the third.
* Talks are lognormal, 300 s with as much deviation; wrap-up 30 s; a phone rings for 1 to 5 s. In the second
  band a call takes 5 % longer, in the third 10 %. Patience is exponential, 240 s in the mean, and runs while
  it rings.
* Calls come as a Poisson process with two humps, a fifth above and below the mean, for ten hours. Load is the
  work of the mean (333 s a call, in the best band) over the time of the people.
"""

from __future__ import annotations

from math import cos, log, pi, sqrt
from random import Random
from typing import Final, NamedTuple

from acd.core.ids import AgentId, QueueId, SkillId
from acd.core.policy import BANDS, Agent, Band, Discipline, Queue, SkillNeed
from acd_bench.virtual_centre import SITE, Caller, Centre, rule_set

TALK_S: Final = 300.0
WRAP_UP_S: Final = 30.0
RING_S: Final = (1.0, 5.0)
PATIENCE_S: Final = 240.0
PACE: Final = (1.0, 1.05, 1.10)
LEVELS: Final = (9, 6, 3)
"""One of each band."""
HUMP: Final = 0.2
FORECAST_DEVIATION: Final = 0.1
WORK_S: Final = TALK_S + WRAP_UP_S + sum(RING_S) / 2


class Extent(NamedTuple):
    """How large a day is."""

    agents: int = 300
    skills: int = 12
    hours: float = 10.0


def centre(extent: Extent, discipline: Discipline | None) -> Centre:
    """The people, under one discipline; None: first come, first served, bands make no difference to that."""
    bands = BANDS if discipline is not None else tuple(_without_handicap(band) for band in BANDS)
    queues = [
        Queue(
            id=QueueId(skill),
            name=skill,
            language="it",
            needs=(SkillNeed(skill=SkillId(skill)),),
            discipline=discipline or Discipline.FAIR,
            wrap_up_ms=round(WRAP_UP_S * 1000),
        )
        for skill in _skills(extent)
    ]
    return Centre(rule_set(queues, bands), _agents(extent), PACE)


def callers(extent: Extent, load: float, seed: int) -> list[Caller]:
    """Everybody who calls on the day of this seed, in order of time."""
    dice = Random(seed)  # noqa: S311 - a simulation
    shape = 1 / FORECAST_DEVIATION**2
    weights = [share * dice.gammavariate(shape, 1 / shape) for share in _shares(extent)]
    rate = load * extent.agents / WORK_S * sum(weights)
    skills = [QueueId(skill) for skill in _skills(extent)]
    deviation = sqrt(log(2))
    found: list[Caller] = []
    at_s, until_s = 0.0, extent.hours * 3600
    while (at_s := at_s + dice.expovariate(rate * (1 + HUMP))) < until_s:
        if dice.random() * (1 + HUMP) > 1 - HUMP * cos(4 * pi * at_s / until_s):
            continue
        found.append(
            Caller(
                at_ms=round(at_s * 1000),
                queue=dice.choices(skills, weights)[0],
                patience_ms=round(dice.expovariate(1 / PATIENCE_S) * 1000),
                ring_ms=round(dice.uniform(*RING_S) * 1000),
                talk_ms=round(dice.lognormvariate(log(TALK_S) - deviation**2 / 2, deviation) * 1000),
            )
        )
    return found


def _skills(extent: Extent) -> list[str]:
    return [f"skill-{number}" for number in range(1, extent.skills + 1)]


def _shares(extent: Extent) -> list[float]:
    """What part of the calls each skill was expected to have."""
    weights = [rank**-0.7 for rank in range(1, extent.skills + 1)]
    return [weight / sum(weights) for weight in weights]


def _agents(extent: Extent) -> list[Agent]:
    """People whose best skill follows the shares exactly, whose others follow them by chance."""
    dice = Random(0)  # noqa: S311 - a simulation
    shares, skills = _shares(extent), _skills(extent)
    found: list[Agent] = []
    upto = 0.0
    for number, first in enumerate(skills):
        upto += shares[number] * extent.agents
        while len(found) < round(upto):
            held = [first]
            for _ in range(1 + len(found) % 2):
                others = [skill for skill in skills if skill not in held]
                held.append(dice.choices(others, [shares[skills.index(skill)] for skill in others])[0])
            name = f"agent-{len(found):04}"
            levels = {SkillId(skill): level for skill, level in zip(held, LEVELS, strict=False)}
            found.append(Agent(id=AgentId(name), site=SITE.id, endpoint=name, skills=levels))
    return found


def _without_handicap(band: Band) -> Band:
    return Band(level_min=band.level_min, handicap_ms=dict.fromkeys(Discipline, 0))
