"""What the engine does becomes ``queue_log``: calls at once, members by those who are logged in.

**Whose name stands there.** Unless an agreement unlocks ``agents-in-queue-log``, the member of a queue is a
site (``site/<id>``; ``acd.metrics.sites`` says which are named): it is a member while somebody of it is
logged in, and is never paused. With the agreement it is the agent (``agent/<id>``), with logins and pauses
as they happen. An office is ``office/<id>``; its lines are no people and have no sessions.

A member's queues are those that its people can serve by the rules, at whatever step of the ladder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from acd.core.facts import Fact, RulesChanged
from acd.core.ids import AgentId, QueueId, SiteId
from acd.core.lines import Profile
from acd.core.notes import Note, RulesTaken
from acd.core.orders import Order, SetNetMember, TargetKind
from acd.core.world import World
from acd.metrics.names import OTHER
from acd.metrics.sites import SiteNames
from acd.queue_log.lines import NONE, Line, Verb
from acd.queue_log.sessions import Members, Session
from acd.queue_log.state import QueueLogState
from acd.queue_log.telling import CallTeller
from acd.queue_log.writer import Told, Writer
from acd.rules.privacy import Privacy

__all__ = ["QueueLog"]

UNLOCK: Final = "agents-in-queue-log"

log = structlog.get_logger(__name__)


class QueueLog:
    """Hears everything (the ``Observer`` port of the runtime) and has it written.

    Args:
        path: the file.
        world: what the engine knows; read only.
        sites: how sites are named.
        privacy: the profile in force.
    """

    def __init__(self, path: Path, world: World, sites: SiteNames, privacy: Callable[[], Privacy]) -> None:
        self._world = world
        self._sites = sites
        self._privacy = privacy
        self._profile = privacy()
        self._stale = False
        """Names or queues of members have changed, and the file does not say so yet."""
        self._logins: dict[AgentId, tuple[str, str | None]] = {}
        """Who is logged in: under which name, and the reason of a pause."""
        self._people = Counter[str]()
        self._by_profile: dict[Profile, tuple[str, ...]] = {}
        self._by_site: dict[str, tuple[str, ...]] = {}
        self._teller = CallTeller(self._target, self._queue_named)
        self._writer = Writer(path, self._members)

    def start(self) -> None:
        """Begin to write."""
        self._writer.start()

    def close(self) -> None:
        """Write what was told, close every session in the file, and end; from any other thread."""
        self._writer.close()

    def state(self) -> QueueLogState:
        """How the writing does."""
        return self._writer.state()

    # ── the port ─────────────────────────────────────────────────────────────────────────────

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:  # noqa: ARG002  # the port's signature
        """Tell one fact. A defect in here is told in the log, and no call suffers for a report."""
        try:
            told = self._told(fact, orders, notes)
        except Exception:
            log.exception("queue_log.failed")
        else:
            self._writer.tell(told)

    def _told(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note]) -> list[Told]:
        self._follow(fact)
        told: list[Told] = []
        for order in orders:
            if isinstance(order, SetNetMember) and order.agent:
                told += self._login(order)
        if self._stale and not self._world.work:  # slices of a change are done: names and queues are final
            self._stale = False
            self._forget_queues()
            self._rename()
            told.append(self._members())
        told += self._teller.hear(self._world.now_ms, fact, orders, notes)
        told += [
            Line(self._at_s, NONE, NONE, NONE, Verb.CONFIGRELOAD)
            for note in notes
            if isinstance(note, RulesTaken)
        ]
        return told

    def loop_lag(self, seconds: float) -> None:
        """Nothing to write (the port's other half)."""

    def _follow(self, fact: Fact) -> None:
        changed = self._sites.hear(fact) or isinstance(fact, RulesChanged)
        profile = self._privacy()
        if profile is not self._profile:
            self._profile, changed = profile, True
        if changed:
            self._stale = True
            self._forget_queues()

    # ── names ────────────────────────────────────────────────────────────────────────────────

    @property
    def _at_s(self) -> int:
        return self._world.now_ms // 1000

    @property
    def _names_people(self) -> bool:
        agreement = self._profile.agreement
        return agreement is not None and UNLOCK in agreement.unlocks

    def _name(self, agent: AgentId) -> str:
        if self._names_people:
            return f"agent/{agent}"
        return f"site/{self._sites.of_agent(agent)}"

    def _target(self, kind: TargetKind, target: str) -> str:
        if kind is TargetKind.LINE:
            return f"office/{target}"
        return self._name(AgentId(target)) if target in self._world.agents else f"site/{OTHER}"

    def _queue_named(self, name: str) -> QueueId:
        rules = self._world.rules
        return QueueId(name) if name in rules.queues else rules.queue_by_default

    # ── members ──────────────────────────────────────────────────────────────────────────────

    def _login(self, order: SetNetMember) -> list[Told]:
        """Follow one login, logout or pause."""
        agent = order.agent
        known = self._logins.get(agent)
        if not order.logged_in:
            if known is None:
                return []
            del self._logins[agent]
            return self._left(known[0])
        pause = order.reason if order.paused else None
        name = known[0] if known is not None else self._name(agent)
        self._logins[agent] = (name, pause)
        if known is None:
            self._people[name] += 1
        if known == (name, pause) or (not self._names_people and self._people[name] > 1):
            return []
        return [self._session(agent, name, pause)]

    def _left(self, name: str) -> list[Told]:
        self._people[name] -= 1
        if self._people[name]:
            return []
        del self._people[name]
        return [Session(self._at_s, name, (), None)]

    def _session(self, agent: AgentId, name: str, pause: str | None) -> Session:
        if self._names_people:
            return Session(self._at_s, name, self._queues_of_agent(agent), pause)
        return Session(self._at_s, name, self._queues_of_site(name), None)

    def _rename(self) -> None:
        """Other names may be due: who is logged in stands under them from now on."""
        name = self._name
        self._logins = {agent: (name(agent), pause) for agent, (_, pause) in self._logins.items()}
        self._people = Counter([login[0] for login in self._logins.values()])

    def _members(self) -> Members:
        """Everybody as they are now."""
        if self._names_people:
            people = self._logins.items()
            return Members(self._at_s, tuple([self._session(one, *login) for one, login in people]))
        nobody = AgentId("")
        return Members(self._at_s, tuple([self._session(nobody, name, None) for name in self._people]))

    def _queues_of_agent(self, agent: AgentId) -> tuple[str, ...]:
        """The queues of one person; those who stand alike to every queue share them."""
        record = self._world.agents.get(agent)
        if record is None:
            return ()
        profile = record.profile
        found = self._by_profile.get(profile)
        if found is None:
            found = self._by_profile[profile] = tuple(profile.posts)
        return found

    def _queues_of_site(self, name: str) -> tuple[str, ...]:
        """The queues that somebody of the site can serve."""
        if not self._by_site:
            profiles: dict[SiteId, dict[Profile, None]] = {}
            for record in self._world.agents.values():
                profiles.setdefault(record.agent.site, {})[record.profile] = None
            queues: dict[str, dict[str, None]] = {}
            for site, alike in profiles.items():
                known = queues.setdefault(f"site/{self._sites.of(site)}", {})
                for profile in alike:
                    known.update(dict.fromkeys(profile.posts))
            self._by_site = {one: tuple(found) for one, found in queues.items()}
        return self._by_site.get(name, ())

    def _forget_queues(self) -> None:
        self._by_profile.clear()
        self._by_site.clear()
