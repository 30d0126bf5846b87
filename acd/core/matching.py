"""Who rings for whom: the waiting lines, the idle pools, and the one rule that joins them.

**The promise.** Of two calls that an agent may have, the one with the least *score* is next ::

    first entry + threshold of its queue - credits (its class, its queue) + handicap of the agent's band there

and of two agents who may have a call, the one with the least *cost* ::

    band - 0.03 x idle seconds (- what affinity is worth), then who is idle longer, then the roster's order

Every term but the entry and the idle time is bounded, so waiting wins in the end: nobody starves, and
``acd check`` prints the bound (``acd.rules.starvation``). Inside a queue it is first come, first served by
entry less class credit; a transfer keeps the entry. Who *may* have whom is the queue's ladder, as far as it
is open for this call (``acd.core.reach``, ``acd.core.ladder``); a target in the call's ``avoided`` list
missed this call a moment ago and is passed over. Offices are asked when no agent is free and only by calls
whose ladder has come to them; they have no band and no idle time: the caller's own province first, then the
ladder's order. In transition mode they stand in for agents too, stage by stage, and agents of a site see
only the calls of its share: ``acd.core.grounds`` lays that out, ``acd.core.stand_in`` says when it widens.

**Why this way.** Serving the oldest compatible call and the longest idle compatible agent (FCFS-ALIS) is the
one such rule with a known product form, and fair. (Adan and Weiss 2014, *A skill based parallel service
system under FCFS-ALIS*.) What it wastes is the faster primary agent, so pairs are weighted: a priority
that is affine in wait and in idle time beats the usual rules, with a few parameters that a simulation tunes.
(Chan, Koole and L'Ecuyer 2014, *Dynamic call center routing policies using call waiting and agent idle
times*.) A credit is an accumulating priority: precedence grows with the wait instead of standing above it.
(Stanford, Taylor and Ziedins 2014.) Waits are compared and not lengths of queues, for rules on lengths fail
when arrivals vary through the day and rules on the wait of the head do not. (Sun and Whitt 2018.) Load opens
a step at one threshold and closes it at another, in one direction at a time, else two pools would trade
calls for ever. (Perry and Whitt 2009.)

**What it refuses.** Strict priorities and static weights: they starve. Maximum weight over lengths of queues:
not optimal with many servers. Keeping an agent idle for a better call, cutting a ring for a better target,
and matching all at once: events come one by one, so one side is always empty of compatible partners but
after a mass event, and that is done in slices.

**What it costs.** A free agent looks at one head per queue of their reach, an arrival at one head per post of
its queue: O(queues of the agent) and O(bands x steps), and O(log n) to keep each heap; never a scan of all
agents or calls, and no more with ten times the people. In transition mode an agent looks at one head more per
queue for each share that differs, and a free line of an office at some twenty heads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from typing import Final

from acd.core.agents import AgentRecord
from acd.core.calls import Call
from acd.core.grounds import Grounds, cuts_of, first_of_areas, scored, tiers_of
from acd.core.ids import OfficeId, QueueId, SiteId
from acd.core.lines import (
    LEFTOVERS_MAX,
    NOWHERE,
    ONE,
    Idle,
    Line,
    LineRecord,
    Post,
    Profile,
    Shelf,
    first_call,
)
from acd.core.notes import AgentState, Reason
from acd.core.policy import Agent, Fallback, RuleSet
from acd.core.reach import NEVER, Reach, office_reach, reach_of

BAND_MS: Final = 33_333
"""One band costs as much as 1 / 0.03 seconds of idle time are worth."""
LOGGED_OUT: Final = AgentState.LOGGED_OUT
LOAD_ONLY: Final = True
CANDIDATES_MAX: Final = 6
"""The winner and five runners-up."""

Sight = tuple[int, Idle, list[Idle], int, int]
"""What a search for idle agents has in sight: (score, entry, its heap, its place there, cost of the heap)."""


class Matcher:
    """The waiting lines and idle pools of the whole centre."""

    __slots__ = (
        "_kinds",
        "_tiers",
        "_token",
        "bands",
        "cuts",
        "grounds",
        "idle_count",
        "lines",
        "near_ms",
        "profiles",
        "stirred",
    )

    def __init__(
        self,
        rules: RuleSet,
        offices: Mapping[OfficeId, LineRecord],
        token: int = NOWHERE,
        fallback: Fallback | None = None,
    ) -> None:
        fallback = fallback or Fallback()
        self._token = token
        self.cuts = cuts_of(fallback)
        """The shares that sites have of the calls, as far as they differ, greatest first."""
        self._tiers: dict[SiteId, int] = tiers_of(fallback)
        self.grounds = Grounds(rules, offices) if fallback.on else None
        """Who stands in for whom; None in normal mode."""
        self.bands = rules.bands
        self.near_ms = 0 if rules.affinity is None else rules.affinity.worth_ms
        """How much longer somebody of the caller's last site counts as idle; 0: sites are all the same."""
        tiers = len(self.cuts) + 1
        self.lines: dict[QueueId, Line] = {queue.id: Line(queue, tiers) for queue in rules.queues.values()}
        self.profiles: dict[tuple[object, ...], Profile] = {}
        self._kinds: dict[tuple[object, ...], tuple[dict[QueueId, Reach], int]] = {}
        """What agents of the same skills, site and willingness reach, and how many they are."""
        self.idle_count = 0
        """Idle agents of all profiles: when nobody is, an arrival need not look at the posts."""
        self.stirred: dict[QueueId, bool | None] = {
            line.queue.id: LOAD_ONLY for line in self.lines.values() if line.weighs
        }
        """Lines whose ladder must be looked at: for load only, or for who is logged in too (None)."""
        for line in self.lines.values():
            self._open_offices(line, offices)

    def _open_offices(self, line: Line, offices: Mapping[OfficeId, LineRecord]) -> None:
        named = dict.fromkeys(office for step in line.queue.ladder for office in step.offices)
        offset_ms = line.queue.threshold_ms - line.queue.credit_ms
        for office in named:
            firsts = office_reach(line.queue, office)
            for shelf in line.shelves:
                if (first := firsts[shelf.granted]) != NEVER:
                    shelf.offices.append((offices[office], first))
                    offices[office].spots.append((shelf, first, offset_ms))
        for shelf in line.shelves:
            shelf.offices.sort(key=lambda each: each[1])
        line.spread()

    @property
    def token(self) -> int:
        """The last token given: a matcher that follows this one goes on from it."""
        return self._token

    # ── profiles ─────────────────────────────────────────────────────────────────────────────

    def join(self, record: AgentRecord) -> None:
        """Give an agent the profile of what the roster says of them now."""
        agent = record.joined = record.agent
        reaches = self._reaches(agent, 1)
        site = agent.site if self.near_ms else ""
        tier = self._tiers.get(agent.site, 0) if self.cuts else 0
        key = (
            site,
            tier,
            *((queue, each.firsts, each.band) for queue, each in reaches.items() if each.never is None),
        )
        profile = self.profiles.get(key)
        if profile is None:
            profile = self.profiles[key] = self._make_profile(key, site, tier, reaches)
        self._count_never(reaches, 1)
        record.profile = profile
        profile.members += 1
        for post in profile.posts.values():
            post.members += 1
            post.line.states += ONE[record.state]
        if record.state is not AgentState.LOGGED_OUT:
            self._log(profile, 1)

    def leave(self, agent: AgentRecord) -> None:
        """Take an agent out of the pool and the profile; what has no members is forgotten."""
        self.leave_pool(agent)
        profile = agent.profile
        if agent.state is not AgentState.LOGGED_OUT:
            self._log(profile, -1)
        profile.members -= 1
        for post in profile.posts.values():
            post.members -= 1
            post.line.states -= ONE[agent.state]
            if not post.members:
                post.line.posts.remove(post)
        if self.profiles.get(profile.key) is profile:  # else other rules have come since
            self._count_never(self._reaches(agent.joined, -1), -1)
            if not profile.members:
                del self.profiles[profile.key]

    def _reaches(self, agent: Agent, joining: int) -> dict[QueueId, Reach]:
        """How an agent stands to the queues whose skills they hold; worked out once per kind."""
        key = (agent.site, agent.volunteer, *sorted(agent.skills.items()))
        reaches, members = self._kinds.get(key) or ({}, 0)
        if not members:
            for line in self.lines.values():
                reach = reach_of(line.queue, line.demands, self.bands, agent)
                if reach.never is not Reason.SKILL_MISSING:
                    reaches[line.queue.id] = reach
        if members + joining:
            self._kinds[key] = (reaches, members + joining)
        else:
            del self._kinds[key]
        return reaches

    def _count_never(self, reaches: Mapping[QueueId, Reach], by: int) -> None:
        for queue, reach in reaches.items():
            if reach.never is not None:
                never = self.lines[queue].never
                never[reach.never] = never.get(reach.never, 0) + by
                if not never[reach.never]:
                    del never[reach.never]

    def firsts_of(self, reach: Reach, site: SiteId) -> tuple[int, ...]:
        """The first step of agents of a site, by shelf."""
        return self._by_shelf(reach.firsts, self._tiers.get(site, 0))

    def _by_shelf(self, firsts: tuple[int, ...], tier: int) -> tuple[int, ...]:
        """What holds of the calls of this tier and later ones; those of earlier ones are not theirs."""
        if not self.cuts:
            return firsts
        return (NEVER,) * len(firsts) * tier + firsts * (len(self.cuts) + 1 - tier)

    def _make_profile(
        self, key: tuple[object, ...], site: str, tier: int, reaches: Mapping[QueueId, Reach]
    ) -> Profile:
        profile = Profile(key, site)
        languages: dict[str, None] = {}
        for queue_id, reach in reaches.items():
            if reach.never is not None:
                continue
            line = self.lines[queue_id]
            queue = line.queue
            post = profile.posts[queue_id] = self._post(line, self._by_shelf(reach.firsts, tier), reach.band)
            profile.lines.append(line)
            offset_ms = queue.threshold_ms - queue.credit_ms + post.handicap_ms
            for shelf in line.shelves:
                if (first := post.firsts[shelf.index]) != NEVER:
                    profile.spots.append((shelf, first, offset_ms))
            if reach.firsts[0] != NEVER:
                languages[queue.language] = None
        profile.languages = tuple(languages)
        return profile

    def _post(self, line: Line, firsts: tuple[int, ...], band: int) -> Post:
        for post in line.posts:
            if post.firsts == firsts and post.band == band:
                return post
        handicap_ms = self.bands[band].handicap_ms[line.queue.discipline]
        post = Post(line, firsts, band, handicap_ms, band * BAND_MS)
        line.posts.append(post)
        return post

    def _log(self, profile: Profile, by: int) -> None:
        """Somebody of this profile is logged in from now on, or no more: steps may be passed over or not."""
        for post in profile.posts.values():
            post.logged_in += by
            if post.line.queue.ladder and post.logged_in == (by > 0):
                self.stirred[post.line.queue.id] = None

    def moved(self, agent: AgentRecord, before: AgentState) -> None:
        """An agent's state has changed: the books follow."""
        after, profile = agent.state, agent.profile
        change = ONE[after] - ONE[before]
        if change:
            for line in profile.lines:
                line.states += change
        if agent.place != NOWHERE:
            self.leave_pool(agent)
        if before is LOGGED_OUT:
            self._log(profile, 1)
        elif after is LOGGED_OUT:
            self._log(profile, -1)

    # ── who stands where ─────────────────────────────────────────────────────────────────────

    def shelf_of(self, call: Call) -> Shelf:
        """Where this call waits, or would."""
        return self.lines[call.queue.id].shelves[call.shelf]

    def ring(self, call: Call) -> int:
        """How far the ladder is open for this call: by its own waiting, by load, by steps passed over."""
        return self.lines[call.queue.id].shelves[call.shelf].rings[call.step]

    def move_to_shelf(self, call: Call, tier: int) -> None:
        """Give a call its tier, and the shelf of that and of its consents, wherever it stands."""
        in_line = call.place != NOWHERE
        if in_line:
            self.leave_line(call)
        call.tier = tier
        call.shelf = tier * len(self.lines[call.queue.id].demands) + call.granted
        if in_line:
            self.wait(call)

    def open_step(self, call: Call) -> int:
        """The last step that is open for this call: not one whose question it has not said yes to."""
        step, bits = self.ring(call), self.lines[call.queue.id].bits
        while step and bits[step] and not call.granted & bits[step]:
            step -= 1
        return step

    def wait(self, call: Call) -> None:
        """Put a call into its line, at the place its age gives it."""
        if call.place != NOWHERE:
            return
        self._token += 1
        call.place = self._token
        line = self.lines[call.queue.id]
        line.waiting_count += 1
        if line.waiting_count in line.waiting_marks:
            self.stirred.setdefault(line.queue.id, LOAD_ONLY)
        if self.grounds is not None:
            self.grounds.wait(call)
        shelf = line.shelves[call.shelf]
        shelf.waiting_count += 1
        entry = (call.key, call.place, call)
        heappush(shelf.heaps[0], entry)
        for step in range(1, call.step + 1):
            heappush(shelf.heaps[step], entry)

    def rise(self, call: Call, step: int) -> None:
        """A call has come to a further step of its ladder by its own waiting."""
        if call.place != NOWHERE:
            shelf = self.shelf_of(call)
            for each in range(call.step + 1, step + 1):
                shelf.push(call, each)
        call.step = step

    def leave_line(self, call: Call) -> None:
        """Take a call out of its line."""
        if call.place != NOWHERE:
            call.place = NOWHERE
            line = self.lines[call.queue.id]
            line.waiting_count -= 1
            if line.waiting_count in line.waiting_marks:
                self.stirred.setdefault(line.queue.id, LOAD_ONLY)
            if self.grounds is not None:
                self.grounds.leave(call)
            shelf = line.shelves[call.shelf]
            shelf.waiting_count -= 1
            for step in range(call.step + 1):
                if len(shelf.heaps[step]) > 2 * shelf.waiting_count + LEFTOVERS_MAX:
                    shelf.tidy()

    def idle(self, agent: AgentRecord) -> None:
        """Let an agent be found from now on."""
        if agent.place != NOWHERE:
            return
        self._token += 1
        agent.place = self._token
        self.idle_count += 1
        profile = agent.profile
        entry = (agent.idle_since_ms, agent.ordinal, agent.place, agent)
        for post in profile.posts.values():
            post.idle_count += 1
            heappush(post.idle, entry)
            if profile.site:
                heappush(post.near.setdefault(profile.site, []), entry)
            for gauge in post.gauges:
                gauge.count += 1
                if gauge.count in gauge.marks:
                    self.stirred.setdefault(post.line.queue.id, LOAD_ONLY)

    def leave_pool(self, agent: AgentRecord) -> None:
        """Let an agent not be found any more."""
        if agent.place != NOWHERE:
            agent.place = NOWHERE
            self.idle_count -= 1
            for post in agent.profile.posts.values():
                post.idle_count -= 1
                if len(post.idle) > 2 * post.idle_count + LEFTOVERS_MAX:
                    post.tidy()
                for gauge in post.gauges:
                    gauge.count -= 1
                    if gauge.count in gauge.marks:
                        self.stirred.setdefault(post.line.queue.id, LOAD_ONLY)

    # ── the choice ───────────────────────────────────────────────────────────────────────────

    def call_for_agent(self, agent: AgentRecord) -> Call | None:
        """The waiting call this free agent should get, or None."""
        return _least(agent.profile.spots, agent.agent.id)

    def call_for_office(self, record: LineRecord) -> Call | None:
        """The waiting call a free line of this office should get, or None."""
        found = _least(record.spots, record.office.id)
        if record.areas:
            other = first_of_areas(record)
            if other is not None and (found is None or scored(other) < scored(found)):
                return other
        return found

    def may_go_to(self, call: Call, record: LineRecord) -> bool:
        """Whether this office is one of those the call has come to, free or not."""
        shelf = self.shelf_of(call)
        ring = shelf.rings[call.step]
        if any(each is record and first <= ring for each, first in shelf.offices):
            return True
        return self.grounds is not None and self.grounds.stands_in(call, record)

    def agents_for_call(self, call: Call) -> list[AgentRecord]:
        """The free agents this call should ring, best first, at most six."""
        found: list[AgentRecord] = []
        line = self.lines[call.queue.id]
        index = call.shelf
        ring = line.shelves[index].rings[call.step]
        avoided, near = call.avoided, call.near_site
        frontier: list[Sight] = []
        for post in line.posts:
            if post.idle_count and post.firsts[index] <= ring:
                _look(frontier, post.idle, post.cost_ms)
                if near in post.near:
                    _look(frontier, post.near[near], post.cost_ms - self.near_ms)
        while frontier and len(found) < CANDIDATES_MAX:
            _, entry, heap, index, cost_ms = heappop(frontier)
            agent = entry[3]
            if agent.place == entry[2] and agent.agent.id not in avoided and agent not in found:
                found.append(agent)
            index += index + 1
            for entry in heap[index : index + 2]:
                heappush(frontier, (entry[0] + cost_ms, entry, heap, index, cost_ms))
                index += 1
        return found

    def score_ms(self, call: Call, agent: AgentRecord | None) -> int:
        """The score of a call at this agent; without handicap for an office, or a sender it goes back to."""
        queue = call.queue
        post = None if agent is None else agent.profile.posts.get(queue.id)
        handicap_ms = 0 if post is None else post.handicap_ms
        return call.key[0] + queue.threshold_ms - queue.credit_ms + handicap_ms


def _look(frontier: list[Sight], heap: list[Idle], cost_ms: int) -> None:
    """Begin the search for idle agents at the top of a heap.

    What stands behind an entry of a binary heap is never better, so the best six are found without looking at
    the others.
    """
    while heap and heap[0][3].place != heap[0][2]:
        heappop(heap)
    if heap:
        heappush(frontier, (heap[0][0] + cost_ms, heap[0], heap, 0, cost_ms))


def _least(spots: Iterable[tuple[Shelf, int, int]], target: str) -> Call | None:
    """The call with the least score among the heads of these shelves that do not avoid this target."""
    best: Call | None = None
    best_ms = 0
    for shelf, first, offset_ms in spots:
        if not shelf.waiting_count:
            continue
        heap = shelf.heaps[shelf.gates[first]]
        if not heap:
            continue
        key, place, call = heap[0]
        if call.place != place or target in call.avoided:
            other = first_call(heap, target)
            if other is None:
                continue
            call, key = other, other.key
        score_ms = key[0] + offset_ms
        if best is None or score_ms < best_ms or (score_ms == best_ms and key < best.key):
            best, best_ms = call, score_ms
    return best
