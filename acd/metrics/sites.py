"""Under what name a site stands in lines that are written for each call: its own, or ``other``.

A line "answered by this site" speaks of a person where the site is small. So what holds for groups in
``acd.metrics.privacy`` holds here, with the people of the roster as the group: who is on duty now changes by
the minute, and a name that came and went with it would tell just that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from acd.core.facts import Fact, RosterChanged
from acd.core.ids import AgentId, SiteId
from acd.core.notes import AgentState
from acd.core.policy import Roster
from acd.metrics.names import OTHER
from acd.metrics.privacy import protect

__all__ = ["SiteNames"]


class SiteNames:
    """Whose site is which, and which sites are named.

    Args:
        roster: everybody, at the start.
        k: tells the least number of people a named site must have, at any time.
    """

    def __init__(self, roster: Roster, k: Callable[[], int]) -> None:
        self._site_of = {agent.id: agent.site for agent in roster.agents.values()}
        self._k = k
        self._named_from = 0
        self._named: frozenset[SiteId] | None = None

    def hear(self, fact: Fact) -> bool:
        """Follow the roster; whether it has changed. The same change twice does no harm."""
        if not isinstance(fact, RosterChanged):
            return False
        for agent_id in fact.removed:
            self._site_of.pop(agent_id, None)
        for agent in fact.upserts:
            self._site_of[agent.id] = agent.site
        self._named = None
        return True

    def of(self, site: SiteId | None) -> str:
        """The name of a site, empty for none."""
        if not site:
            return ""
        k = self._k()
        if self._named is None or k != self._named_from:
            sizes = Counter(self._site_of.values())
            shown = protect({one: {AgentState.READY: size} for one, size in sizes.items()}, k)
            self._named_from = k
            self._named = frozenset(SiteId(one) for one in shown.groups if one != OTHER)
        return site if site in self._named else OTHER

    def of_agent(self, agent: AgentId) -> str:
        """The name of an agent's site; ``other`` for somebody who is not in the roster."""
        return self.of(self._site_of.get(agent)) or OTHER
