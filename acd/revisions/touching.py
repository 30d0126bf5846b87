"""Whom a change touches: the calls that wait now, agents a queue newly or no longer reaches.

Counts only, nobody is named; a group under ``k`` is merged with others (`acd.metrics.privacy`).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from acd.core.ids import QueueId, SiteId
from acd.core.notes import AgentState
from acd.core.policy import Agent, Queue, Roster, RuleSet
from acd.metrics.names import OTHER
from acd.metrics.privacy import protect
from acd.revisions.configuration import Configuration
from acd.revisions.wording import Language, say
from acd.rules.reach import may_serve, offices_of

__all__ = ["QueueTouched", "Reach", "touched", "touched_in_words"]

FOR_ALL = ("timings", "affinity", "bands", "priority_classes", "health", "breaks", "stand_in", "trunks")
"""What of the rules holds for every queue."""

Kind = tuple[tuple[tuple[str, int], ...], SiteId, bool]


class QueueTouched(msgspec.Struct, frozen=True, kw_only=True):
    """A queue that is handled otherwise, or reaches others."""

    queue: QueueId
    waiting: int
    """Calls that wait or ring there now: they keep their age and are looked at again."""
    gained: Mapping[str, int] = {}
    """Agents of the roster whom it newly reaches, by site; small groups as ``other``."""
    lost: Mapping[str, int] = {}
    """Whom it reaches no longer."""
    some_not_told: bool = False
    """There are so few that no number is told."""


class Reach:
    """Who of a roster can serve which queue; agents alike are asked once."""

    def __init__(self, roster: Roster) -> None:
        self._kinds: dict[Kind, list[Agent]] = {}
        for agent in roster.agents.values():
            kind = (tuple(sorted(agent.skills.items())), agent.site, agent.volunteer)
            self._kinds.setdefault(kind, []).append(agent)

    def of(self, queue: Queue | None, rules: RuleSet) -> frozenset[Kind]:
        """The kinds of agents whom the queue reaches in the end."""
        if queue is None:
            return frozenset()
        return frozenset(
            kind
            for kind, agents in self._kinds.items()
            if agents[0].site in rules.sites and may_serve(agents[0], queue)
        )

    def by_site(self, kinds: frozenset[Kind]) -> dict[SiteId, int]:
        """How many agents that are, in the order of the roster."""
        counts: dict[SiteId, int] = {}
        for kind, agents in self._kinds.items():
            if kind in kinds:
                counts[kind[1]] = counts.get(kind[1], 0) + len(agents)
        return counts


def touched(
    before: Configuration,
    after: Configuration,
    roster: Roster,
    waiting: Mapping[QueueId, int],
    k: int,
) -> tuple[QueueTouched, ...]:
    """Every queue that the change touches, in the order of the rules, those that go last.

    Args:
        before: What runs.
        after: What would.
        roster: Who answers.
        waiting: Calls that wait or ring now.
        k: The least number of people a group must have to be shown.
    """
    old, new = before.read.today.rules, after.read.today.rules
    everything = any(getattr(old, name) != getattr(new, name) for name in FOR_ALL)
    everything = everything or before.fallback != after.fallback
    reach = Reach(roster)
    found: list[QueueTouched] = []
    for name in dict.fromkeys((*new.queues, *old.queues)):
        was, will = old.queues.get(name), new.queues.get(name)
        had, has = reach.of(was, old), reach.of(will, new)
        if not everything and had == has and _alike(was, will, old, new):
            continue
        gained, hides_gained = _groups(reach.by_site(has - had), k)
        lost, hides_lost = _groups(reach.by_site(had - has), k)
        found.append(
            QueueTouched(
                queue=name,
                waiting=waiting.get(name, 0),
                gained=gained,
                lost=lost,
                some_not_told=hides_gained or hides_lost,
            )
        )
    return tuple(found)


def touched_in_words(one: QueueTouched, lang: Language) -> tuple[str, ...]:
    """Tell it in sentences; where nobody waits and no group is another, there is nothing to tell."""
    told = [say(lang, "waiting", queue=one.queue, waiting=one.waiting)] if one.waiting else []
    for text, groups in (("gained", one.gained), ("lost", one.lost)):
        if groups:
            words = [
                say(lang, "group.other", count=count)
                if site == OTHER
                else say(lang, "group", count=count, site=site)
                for site, count in groups.items()
            ]
            told.append(say(lang, text, queue=one.queue, groups=", ".join(words)))
    if one.some_not_told and not one.gained and not one.lost:
        told.append(say(lang, "few", queue=one.queue))
    return tuple(told)


def _alike(was: Queue | None, will: Queue | None, old: RuleSet, new: RuleSet) -> bool:
    """Whether calls of the queue are handled as before: itself, its hours, its offices."""
    if was is None or will is None or was != will:
        return False
    if was.calendar is not None and old.calendars[was.calendar] != new.calendars[was.calendar]:
        return False
    return all(old.offices.get(office) == new.offices.get(office) for office in offices_of(was))


def _groups(counts: Mapping[SiteId, int], k: int) -> tuple[dict[str, int], bool]:
    """Merge small groups; whether some people are in no group that is told."""
    shown = protect({site: {AgentState.READY: count} for site, count in counts.items()}, k)
    groups = {site: sum(states.values()) for site, states in shown.groups.items()}
    groups = {site: count for site, count in groups.items() if count}
    return groups, sum(groups.values()) < sum(counts.values())
