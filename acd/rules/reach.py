"""Whom a queue reaches in the end: all its steps open, preferences dropped, whoever must say yes has."""

from __future__ import annotations

from acd.core.ids import OfficeId, SiteId, SkillId
from acd.core.policy import Agent, Queue

__all__ = ["least_levels", "may_serve", "offices_of", "sites_of", "topic"]


def topic(queue: Queue) -> SkillId:
    """Return the skill whose level decides the band of an agent."""
    return queue.needs[0].skill


def least_levels(queue: Queue) -> dict[SkillId, int]:
    """Return what is still needed, and at which level."""
    levels = {need.skill: need.level_min for need in queue.needs}
    for step in queue.ladder:
        levels.update(step.levels)
    waived = {skill for step in queue.ladder for skill in step.waives}
    return {skill: level for skill, level in levels.items() if skill not in waived}


def sites_of(queue: Queue) -> frozenset[SiteId] | None:
    """Return the sites whose agents may serve; None: all."""
    if not queue.sites:
        return None
    return frozenset(queue.sites).union(*(step.sites for step in queue.ladder))


def offices_of(queue: Queue) -> frozenset[OfficeId]:
    """Return the offices that may help."""
    return frozenset(office for step in queue.ladder for office in step.offices)


def may_serve(agent: Agent, queue: Queue) -> bool:
    """Whether the agent could be rung for this queue; volunteers are, if a step asks for them."""
    sites = sites_of(queue)
    return (
        all(agent.skills.get(skill, 0) >= level for skill, level in least_levels(queue).items())
        and not any(skill in agent.skills for skill in queue.excludes)
        and (sites is None or agent.site in sites)
        and (not agent.volunteer or any(step.volunteers for step in queue.ladder))
    )
