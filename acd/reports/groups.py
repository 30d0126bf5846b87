"""Of which queues a report may tell how people work: those that at least k people can serve.

A mean handling time over the calls of two people speaks of two people (L. 300/1970 art. 4). So it is told
of a queue only if k people of the roster could be rung for it. What is hidden must not come back by taking
the shown queues from the total: therefore those who serve the hidden queues must be at least k people too,
counted as people and not as memberships, and the hidden queues at least two; while they are not, the smallest
shown queue joins them.

The same holds for topics, which are groups of queues.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from acd.core.policy import Agent, Roster, RuleSet
from acd.rules.reach import may_serve, topic

__all__ = ["People", "hidden_among", "people_of_queues", "people_of_topics"]

People = frozenset[str]


def people_of_queues(rules: RuleSet, roster: Roster) -> dict[str, People]:
    """Who of the roster could be rung, by queue."""
    kinds: dict[object, list[Agent]] = {}
    for agent in roster.agents.values():
        kind = (tuple(sorted(agent.skills.items())), agent.site, agent.volunteer)
        kinds.setdefault(kind, []).append(agent)
    return {
        name: frozenset(
            agent.id for agents in kinds.values() if may_serve(agents[0], queue) for agent in agents
        )
        for name, queue in rules.queues.items()
    }


def people_of_topics(rules: RuleSet, by_queue: Mapping[str, People]) -> dict[str, People]:
    """Who of the roster could be rung, by topic."""
    found: dict[str, People] = {}
    for name, queue in rules.queues.items():
        subject = topic(queue)
        found[subject] = found.get(subject, frozenset()) | by_queue[name]
    return found


def hidden_among(groups: Mapping[str, People], present: Collection[str], k: int) -> frozenset[str]:
    """Those of the present groups that are not told by themselves.

    Args:
        groups: Who is in each; a group that is not there has nobody any more.
        present: Those with calls in the report.
        k: The least number of people.
    """
    people = {name: groups.get(name, frozenset()) for name in present}
    hidden = {name for name, some in people.items() if len(some) < k}
    if not hidden:
        return frozenset()
    behind = frozenset[str]().union(*(people[name] for name in hidden))
    for name in sorted(people.keys() - hidden, key=lambda name: (len(people[name]), name)):
        if len(hidden) >= 2 and len(behind) >= k:
            break
        hidden.add(name)
        behind |= people[name]
    return frozenset(hidden)
