"""Who may log in: the roster in force and the personal codes, as the store has them, in memory.

A change is written to the store first, whole or not at all, then told to each link (which phone is
whose) and to the engine. One change at a time. A slow disk may make a change after whoever asked was told
that it would not; the next one finds the store ahead, takes what it has, and is refused. In a trial
without a store the revision is counted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

import structlog

from acd.core.facts import RosterChanged
from acd.core.ids import AgentId
from acd.core.policy import Agent, Roster, RosterChange, RuleSet
from acd.errors import Conflict
from acd.rules.roster_change import difference
from acd.runtime.ports import Clock
from acd.runtime.pump import Pump
from acd.store.hashing import KeyedHash
from acd.store.port import Store
from acd.store.records import PersonalCode, RosterState

__all__ = ["Codes", "People", "those_with_a_site"]

log = structlog.get_logger(__name__)


def those_with_a_site(rules: RuleSet, roster: Roster) -> Roster:
    """The roster without people of sites the rules do not know: they cannot be counted anywhere.

    The log tells how many; ``acd check --roster`` tells who.
    """
    known = {agent.id: agent for agent in roster.agents.values() if agent.site in rules.sites}
    if len(known) < len(roster.agents):
        log.error("roster.unknown_sites", agents=len(roster.agents) - len(known))
    return Roster(agents=known)


class People:
    """The roster in force."""

    def __init__(self, rules: RuleSet, state: RosterState, pump: Pump, store: Store | None) -> None:
        self._rules = rules
        self.state = state
        self._pump = pump
        self._store = store
        self._one_at_a_time = asyncio.Lock()

    async def change(
        self, change: RosterChange, tell_links: Callable[[Roster], None], *, expected: int | None
    ) -> int:
        """Write a change, tell the links and the engine; returns the new revision.

        Raises:
            Conflict: ``expected`` is not the present revision.
            StoreUnavailable: nothing was changed.
        """
        async with self._one_at_a_time:
            revision = await self._write(change, expected, tell_links)
            agents: dict[AgentId, Agent] = dict(self.state.roster.agents)
            agents.update((agent.id, agent) for agent in change.upserts)
            for agent in change.removed:
                agents.pop(agent, None)
            roster = Roster(agents=dict(sorted(agents.items())))
            await self._put_in_force(RosterState(revision=revision, roster=roster), change, tell_links)
            return revision

    async def rules_changed(self, rules: RuleSet, tell_links: Callable[[Roster], None]) -> None:
        """People of sites that are gone leave, people of sites that have come may log in."""
        async with self._one_at_a_time:
            before = those_with_a_site(self._rules, self.state.roster)
            self._rules = rules
            usable = those_with_a_site(rules, self.state.roster)
            if usable.agents == before.agents:
                return
            tell_links(usable)
            await self._pump.submit(
                RosterChanged(
                    upserts=tuple(a for a in usable.agents.values() if a.id not in before.agents),
                    removed=tuple(a for a in before.agents if a not in usable.agents),
                )
            )

    async def _put_in_force(
        self, state: RosterState, change: RosterChange, tell_links: Callable[[Roster], None]
    ) -> None:
        self.state = state
        usable = those_with_a_site(self._rules, state.roster)
        tell_links(usable)
        gone = tuple(agent.id for agent in change.upserts if agent.id not in usable.agents)
        await self._pump.submit(
            RosterChanged(
                upserts=tuple(agent for agent in change.upserts if agent.id in usable.agents),
                removed=(*change.removed, *gone),
            )
        )

    async def _catch_up(self, tell_links: Callable[[Roster], None]) -> None:
        """Take what the store has: a disk that was slow did a change after we had said that it would not."""
        assert self._store is not None
        state = await self._store.roster()
        if state.revision != self.state.revision:
            change = difference(self.state.roster, state.roster, remove_missing=True)
            await self._put_in_force(state, change, tell_links)

    async def _write(
        self, change: RosterChange, expected: int | None, tell_links: Callable[[Roster], None]
    ) -> int:
        if self._store is not None:
            try:
                return await self._store.change_roster(change, expected=expected)
            except Conflict:
                await self._catch_up(tell_links)
                raise
        if expected is not None and expected != self.state.revision:
            raise Conflict(f"The roster is at revision {self.state.revision}, not {expected}; read it again.")
        return self.state.revision + 1


class Codes:
    """Personal codes by their keyed hash; without a key of the settings there are none."""

    def __init__(
        self, hashes: KeyedHash | None, codes: Iterable[PersonalCode], store: Store | None, clock: Clock
    ) -> None:
        self.hashes = hashes
        self._by_hash = {code.hash: code for code in codes}
        self._store = store
        self._clock = clock

    def hash_number(self, number: str) -> str:
        """What is kept of a caller's number; empty without a key."""
        return self.hashes.number(number) if self.hashes is not None else ""

    def class_of(self, code: str) -> str:
        """The priority class a code gives now, empty for none."""
        if self.hashes is None or not code:
            return ""
        found = self._by_hash.get(self.hashes.code(code))
        return found.priority_class if found is not None and self._clock.now_ms() < found.expires_ms else ""

    async def put(self, codes: Sequence[PersonalCode]) -> int:
        """Keep these too; returns how many there are now."""
        if self._store is not None:
            await self._store.put_codes(codes)
        self._by_hash.update((code.hash, code) for code in codes)
        return len(self._by_hash)
