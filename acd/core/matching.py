"""Who rings for whom: the waiting lines, the idle pools, and the one rule that joins them.

The promise of this version, which a later rule set may replace without touching the tables:

* An agent who becomes free gets, among the waiting calls of the queues the agent can serve, the one
  of the highest priority, and within it the first by its key: the time of its first entry less the
  credit of its priority class, then node, then Asterisk's own sequence number.
* A call that arrives rings the agent who has been idle longest among those who can serve it (ties:
  the roster's order).
* A target in the call's ``avoided`` list (it missed this call a moment ago) is passed over; nobody
  else is. So within a queue and priority nobody is overtaken by a later caller whom the same target
  could have served first.
* Offices are asked only for calls whose queue lets them (``offices_open``) and only when no agent is
  free; the caller's own province first, then the order of the queue's list.

Agents who serve the same queues form a *profile*; a profile knows these queues and a queue knows
its profiles (both follow the roster as it changes), so an arrival looks at one head per profile and a
free agent at one head per queue: O(profiles + log n) and O(queues + log n), never a scan of all agents
or all calls.

Both structures are heaps with lazy deletion: a record's ``place`` is the token of its one valid
entry, an entry with another token is a leftover and is dropped when it surfaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import Final

from acd.core.agents import AgentRecord
from acd.core.calls import Call, PlaceKey
from acd.core.ids import QueueId, SkillId
from acd.core.policy import Queue, RuleSet

NOWHERE: Final = 0

Idle = tuple[int, int, int, AgentRecord]
"""(idle since, ordinal, token, agent): whoever is idle longest is the least; ordinals differ."""


Waiting = tuple[PlaceKey, int, Call]
"""(key, token, call)."""


class Profile:
    """Agents who can serve the same queues, and those of them who are idle now."""

    __slots__ = ("idle", "idle_count", "languages", "members", "queues")

    def __init__(self, queues: tuple[QueueId, ...], languages: tuple[str, ...]) -> None:
        self.queues = queues
        self.languages = languages
        """Languages of these queues: the safety net queues its agents belong to."""
        self.members = 0
        self.idle: list[Idle] = []
        self.idle_count = 0


class Line:
    """The calls that wait in one queue, in the order of their keys, and who can serve them."""

    __slots__ = ("calls", "open_calls", "profiles", "queue", "waiting_count")

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.calls: list[Waiting] = []
        self.open_calls: list[Waiting] = []
        """Those of them that the offices may have: with a credit a younger call may stand first."""
        self.waiting_count = 0
        self.profiles: list[Profile] = []


def serves(skills: Mapping[SkillId, int], queue: Queue) -> bool:
    """Whether somebody with these skills may answer this queue."""
    needs = queue.needs
    if needs and needs[0].skill not in skills:
        return False  # most queues end here, and thousands of people are sorted at once
    return all(skills.get(need.skill, 0) >= need.level_min for need in needs)


class Matcher:
    """The waiting lines and idle pools of the whole centre."""

    __slots__ = ("_token", "idle_count", "lines", "profiles")

    def __init__(self, rules: RuleSet) -> None:
        self._token = NOWHERE
        self.lines: dict[QueueId, Line] = {queue.id: Line(queue) for queue in rules.queues.values()}
        self.profiles: dict[tuple[QueueId, ...], Profile] = {}
        self.idle_count = 0
        """Idle agents of all profiles: when nobody is, an arrival need not ask each profile."""

    # ── profiles ─────────────────────────────────────────────────────────────────────────────

    def join(self, skills: Mapping[SkillId, int]) -> Profile:
        """The profile of somebody with these skills, who is counted as its member from now on."""
        queues = tuple(line.queue.id for line in self.lines.values() if serves(skills, line.queue))
        profile = self.profiles.get(queues)
        if profile is None:
            languages = tuple(dict.fromkeys(self.lines[queue].queue.language for queue in queues))
            profile = self.profiles[queues] = Profile(queues, languages)
            for queue in queues:
                self.lines[queue].profiles.append(profile)
        profile.members += 1
        return profile

    def leave(self, agent: AgentRecord) -> None:
        """Take an agent out of the pool and the profile; a profile without members is forgotten."""
        self.leave_pool(agent)
        profile = agent.profile
        profile.members -= 1
        if not profile.members:
            del self.profiles[profile.queues]
            for queue in profile.queues:
                self.lines[queue].profiles.remove(profile)

    # ── who stands where ─────────────────────────────────────────────────────────────────────

    def wait(self, call: Call) -> None:
        """Put a call into its line, at the place its age gives it."""
        if call.place != NOWHERE:
            return
        self._token += 1
        call.place = self._token
        line = self.lines[call.queue.id]
        line.waiting_count += 1
        heappush(line.calls, (call.key, call.place, call))
        if call.offices_open:
            heappush(line.open_calls, (call.key, call.place, call))

    def open_offices(self, call: Call) -> None:
        """Let the offices have this call from now on."""
        call.offices_open = True
        if call.place != NOWHERE:
            heappush(self.lines[call.queue.id].open_calls, (call.key, call.place, call))

    def leave_line(self, call: Call) -> None:
        """Take a call out of its line."""
        if call.place != NOWHERE:
            call.place = NOWHERE
            line = self.lines[call.queue.id]
            line.waiting_count -= 1
            bound = 2 * line.waiting_count + 256
            if len(line.calls) > bound:
                line.calls = _valid(line.calls)
            if len(line.open_calls) > bound:
                line.open_calls = _valid(line.open_calls)

    def idle(self, agent: AgentRecord) -> None:
        """Let an agent be found from now on."""
        if agent.place != NOWHERE:
            return
        self._token += 1
        agent.place = self._token
        agent.profile.idle_count += 1
        self.idle_count += 1
        heappush(agent.profile.idle, (agent.idle_since_ms, agent.ordinal, agent.place, agent))

    def leave_pool(self, agent: AgentRecord) -> None:
        """Let an agent not be found any more."""
        if agent.place != NOWHERE:
            agent.place = NOWHERE
            profile = agent.profile
            profile.idle_count -= 1
            self.idle_count -= 1
            if len(profile.idle) > 2 * profile.idle_count + 256:
                profile.idle = [entry for entry in profile.idle if entry[3].place == entry[2]]
                heapify(profile.idle)

    # ── the choice ───────────────────────────────────────────────────────────────────────────

    def call_for_agent(self, agent: AgentRecord) -> Call | None:
        """The waiting call this free agent should get, or None."""
        return self._oldest(agent.profile.queues, agent.agent.id)

    def call_for_office(self, office: str, queues: Iterable[QueueId]) -> Call | None:
        """The waiting call a free line of this office should get, or None."""
        best: Call | None = None
        for queue in queues:
            call = self._head(self.lines[queue].open_calls, office)
            if call is not None and (best is None or _before(call, best)):
                best = call
        return best

    def agent_for_call(self, call: Call) -> AgentRecord | None:
        """The free agent this call should ring, or None."""
        if not self.idle_count:
            return None
        best: Idle | None = None
        avoided = call.avoided
        for profile in self.lines[call.queue.id].profiles:
            if not profile.idle_count:
                continue
            head = profile.idle[0]
            if best is not None and best < head:
                continue  # whoever stands behind this head has been idle for a shorter time still
            if head[3].place != head[2] or head[3].agent.id in avoided:
                agent = self._longest_idle(profile, call)
                if agent is None:
                    continue
                head = (agent.idle_since_ms, agent.ordinal, agent.place, agent)
            if best is None or head < best:
                best = head
        return None if best is None else best[3]

    def runners_up(self, call: Call, winner: AgentRecord) -> tuple[str, ...]:
        """Agents at the head of the other profiles who could have had this call, at most 5."""
        found: list[str] = []
        if self.idle_count == (winner.place != NOWHERE):
            return ()
        for profile in self.lines[call.queue.id].profiles:
            if profile is not winner.profile and profile.idle_count:
                agent = self._longest_idle(profile, call)
                if agent is not None:
                    found.append(agent.agent.id)
                    if len(found) == 5:
                        break
        return tuple(found)

    def _oldest(self, queues: tuple[QueueId, ...], target: str) -> Call | None:
        best: Call | None = None
        for queue in queues:
            line = self.lines[queue]
            if line.waiting_count:
                call = self._head(line.calls, target)
                if call is not None and (best is None or _before(call, best)):
                    best = call
        return best

    @staticmethod
    def _head(heap: list[Waiting], target: str) -> Call | None:
        """The first call of a line that does not avoid this target."""
        passed_over: list[Waiting] = []
        found: Call | None = None
        while heap:
            entry = heap[0]
            call = entry[2]
            if call.place != entry[1]:
                heappop(heap)
            elif target in call.avoided:
                passed_over.append(heappop(heap))
            else:
                found = call
                break
        for entry in passed_over:
            heappush(heap, entry)
        return found

    @staticmethod
    def _longest_idle(profile: Profile, call: Call) -> AgentRecord | None:
        """The first idle agent of a profile whom this call does not avoid."""
        heap = profile.idle
        passed_over: list[Idle] = []
        found: AgentRecord | None = None
        while heap:
            entry = heap[0]
            agent = entry[3]
            if agent.place != entry[2]:
                heappop(heap)
            elif agent.agent.id in call.avoided:
                passed_over.append(heappop(heap))
            else:
                found = agent
                break
        for entry in passed_over:
            heappush(heap, entry)
        return found


def _valid(heap: list[Waiting]) -> list[Waiting]:
    """The heap without its leftovers."""
    valid = [entry for entry in heap if entry[2].place == entry[1]]
    heapify(valid)
    return valid


def _before(one: Call, other: Call) -> bool:
    """Whether ``one`` is served before ``other`` by a target that can serve both."""
    if one.queue.priority != other.queue.priority:
        return one.queue.priority > other.queue.priority
    return one.key < other.key
