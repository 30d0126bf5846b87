"""Who may answer what, and from which step of the ladder on: worked out once per kind of agent, not per call.

A call of a queue has *steps* open: 0 is the queue as it begins, 1 the first step of its ladder, and an open
step opens those before it. Only a step that asks for consent stays shut until the caller has said yes, even
when later ones are open; so who may answer depends on two things: how far the ladder is open, and which
of those questions were granted (a small number, one bit per such step, in the order of the ladder).

A *reach* is therefore, for each such number, the first step from which on somebody may answer. Steps only
ever add people, so it is all the matcher needs to compare. The *band* is the agent's level in the first
skill the queue needs, whatever steps have lowered: who lacks it altogether is in the last one.
"""

from __future__ import annotations

from typing import Final

import msgspec

from acd.core.ids import OfficeId, SiteId, SkillId
from acd.core.notes import Reason
from acd.core.policy import Agent, Band, Queue, Step

NEVER: Final = 1_000_000
"""The first step of somebody whom no step adds."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody stands to one queue."""

    firsts: tuple[int, ...]
    """The first step, by what has been granted; ``NEVER`` for none."""
    band: int
    """0 is the best."""
    never: Reason | None = None
    """Why no step adds them, whatever is granted; None if one does."""


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue asks of an agent with certain steps open."""

    levels: tuple[tuple[SkillId, int], ...]
    sites: tuple[SiteId, ...]
    """Empty: any."""
    volunteers: bool


Demands = tuple[tuple[Demand, ...], ...]
"""By what has been granted, by step."""


def asking_steps(queue: Queue) -> tuple[int, ...]:
    """The steps of a queue that open only with the caller's consent."""
    return tuple(number for number, step in enumerate(queue.ladder, 1) if step.consent)


def bits_of(queue: Queue) -> tuple[int, ...]:
    """The bit of each step, from 0 on, in what has been granted; 0 for one that does not ask."""
    asking = asking_steps(queue)
    steps = range(len(queue.ladder) + 1)
    return tuple(1 << asking.index(step) if step in asking else 0 for step in steps)


def demands_of(queue: Queue) -> Demands:
    """What the queue asks, by what has been granted and how far the ladder is open."""
    steps = range(len(queue.ladder) + 1)
    return tuple(
        tuple(_demand(queue, [each for _, each in _open(queue, step, granted)]) for step in steps)
        for granted in range(1 << len(asking_steps(queue)))
    )


def reach_of(queue: Queue, demands: Demands, bands: tuple[Band, ...], agent: Agent) -> Reach:
    """How this agent stands to this queue, whose demands these are."""
    band = band_of(queue, bands, agent)
    never = _why_never(queue, demands[-1][-1], agent)
    if never is not None:
        return Reach(firsts=(NEVER,) * len(demands), band=band, never=never)
    firsts = tuple(
        next((step for step, demand in enumerate(row) if _meets(agent, demand)), NEVER) for row in demands
    )
    return Reach(firsts=firsts, band=band)


def office_reach(queue: Queue, office: OfficeId) -> tuple[int, ...]:
    """The first step that adds this office, by what has been granted."""
    end = len(queue.ladder)
    return tuple(
        next((number for number, step in _open(queue, end, granted) if office in step.offices), NEVER)
        for granted in range(1 << len(asking_steps(queue)))
    )


def band_of(queue: Queue, bands: tuple[Band, ...], agent: Agent) -> int:
    """The band of an agent in a queue: by the level in the first skill it needs."""
    if not queue.needs:
        return 0
    level = agent.skills.get(queue.needs[0].skill, 0)
    return next((number for number, band in enumerate(bands) if level >= band.level_min), len(bands) - 1)


def _open(queue: Queue, step: int, granted: int) -> list[tuple[int, Step]]:
    """The steps that are open, with their numbers."""
    bits = bits_of(queue)
    return [
        (number, each)
        for number, each in enumerate(queue.ladder[:step], 1)
        if not bits[number] or granted & bits[number]
    ]


def _demand(queue: Queue, steps: list[Step]) -> Demand:
    wanted = queue.needs if any(step.drop_preferences for step in steps) else (*queue.needs, *queue.prefers)
    levels = tuple(
        (need.skill, min((need.level_min, *(each.levels.get(need.skill, need.level_min) for each in steps))))
        for need in wanted
        if not any(need.skill in step.waives for step in steps)
    )
    sites = (*queue.sites, *(site for step in steps for site in step.sites)) if queue.sites else ()
    return Demand(levels=levels, sites=sites, volunteers=any(step.volunteers for step in steps))


def _meets(agent: Agent, demand: Demand) -> bool:
    skills = agent.skills
    return (
        all(skills.get(skill, 0) >= level for skill, level in demand.levels)
        and (not agent.volunteer or demand.volunteers)
        and (not demand.sites or agent.site in demand.sites)
    )


def _why_never(queue: Queue, widest: Demand, agent: Agent) -> Reason | None:
    """What stands in the way when all steps are open; what is never dropped first."""
    skills = agent.skills
    for skill, _ in widest.levels:
        if skill not in skills:
            return Reason.SKILL_MISSING
    for skill in queue.excludes:
        if skill in skills:
            return Reason.EXCLUDED_BY_SKILL
    for skill, level in widest.levels:
        if skills[skill] < level:
            return Reason.LEVEL_TOO_LOW
    return None if _meets(agent, widest) else Reason.OUTSIDE_RING
