"""Where calls wait and agents idle: what the matcher looks at (``acd.core.matching`` says why it is so).

* A *line* is a queue with the calls that wait in it. It has one *shelf* for each set of consents that
  callers may have given; nearly always that is one shelf.
* A shelf holds its calls once per step of the ladder they have come to: ``heaps[s]`` are those at step s
  or beyond, oldest first. Somebody who may answer from step s on looks at the head of ``heaps[gates[s]]``.
* ``rings`` and ``gates`` say the same from both ends. A call that has come to step r by its own waiting is
  served up to ``rings[r]``, for load may have opened more, and steps with nobody in them are passed over;
  ``gates[s]`` is the least r that is served up to s. Both change for a whole line at once, and no
  call is touched by it.
* A *profile* is all agents of one reach and band in every queue, with those who are idle, longest first.
  Its *posts* are the lines it stands at.

The heaps delete lazily: a record's ``place`` is the token of its one valid entry, an entry with another token
is a leftover and is dropped when it surfaces or when leftovers outnumber what is valid.
"""

from __future__ import annotations

from collections import deque
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final

from acd.core.ids import QueueId
from acd.core.notes import AgentState, Reason
from acd.core.policy import Office, Queue
from acd.core.reach import NEVER, bits_of, demands_of

if TYPE_CHECKING:
    from acd.core.agents import AgentRecord
    from acd.core.calls import Call, PlaceKey

NOWHERE: Final = 0
RECENT_MINUTES: Final = 30

Idle = tuple[int, int, int, "AgentRecord"]
"""(idle since, ordinal, token, agent): whoever is idle longest is the least; ordinals differ."""
Waiting = tuple["PlaceKey", int, "Call"]
"""(key, token, call)."""

COUNT_BITS: Final = 24
COUNTED: Final = {
    AgentState.LOGGED_OUT: 0,
    AgentState.PAUSED: 1,
    AgentState.WRAP_UP: 2,
    AgentState.TALKING: 3,
    AgentState.RESERVED: 4,
    AgentState.RINGING: 4,
    AgentState.UNREACHABLE: 5,
    AgentState.READY: 6,
}
ONE: Final = {state: 1 << COUNT_BITS * place for state, place in COUNTED.items()}
"""One agent in this state, in the number that counts a profile's agents by state. Such numbers are added
like any other, so that a whole queue is counted with one addition per profile."""


def count_in(states: int, state: AgentState) -> int:
    """How many agents such a number counts in this state."""
    return states >> COUNT_BITS * COUNTED[state] & (1 << COUNT_BITS) - 1


class Profile:
    """Agents who stand alike to every queue, and those of them who are idle now."""

    __slots__ = (
        "idle",
        "idle_count",
        "key",
        "ladders",
        "languages",
        "members",
        "posts",
        "site",
        "spots",
        "states",
        "weighed",
    )

    def __init__(self, key: tuple[object, ...], site: str) -> None:
        self.key = key
        self.site = site
        """Only where affinity asks for it."""
        self.languages: tuple[str, ...] = ()
        """Languages of the queues they may answer without anybody's consent: their part of the safety net."""
        self.members = 0
        self.states = 0
        """How many are in which state (``ONE``)."""
        self.idle: list[Idle] = []
        self.idle_count = 0
        self.posts: dict[QueueId, Post] = {}
        self.spots: list[tuple[Shelf, int, int]] = []
        """Where they find calls: shelf, their first step there, and what is fixed of the score."""
        self.ladders: list[tuple[Line, Shelf, int]] = []
        """The same for the lines that have a ladder: who is logged in decides which steps are passed over."""
        self.weighed: list[tuple[Line, int]] = []
        """Lines whose load counts idle agents, and the first step of these there."""

    @property
    def queues(self) -> tuple[QueueId, ...]:
        """The queues they may answer."""
        return tuple(self.posts)


class Post:
    """A profile at a line."""

    __slots__ = ("band", "firsts", "handicap_ms", "line", "profile")

    def __init__(
        self, profile: Profile, line: Line, firsts: tuple[int, ...], band: int, handicap_ms: int
    ) -> None:
        self.profile = profile
        self.line = line
        self.firsts = firsts
        self.band = band
        self.handicap_ms = handicap_ms


class LineRecord:
    """The lines of one office: how many calls they carry now."""

    __slots__ = ("in_use", "in_use_max", "office", "resting", "shut", "spots")

    def __init__(self, office: Office) -> None:
        self.office = office
        self.spots: list[tuple[Shelf, int, int]] = []
        """Where it finds calls, as a profile does; an office has no handicap."""
        self.in_use = 0
        self.in_use_max = office.capacity
        """More than its capacity only where new rules lowered that under calls it carries."""
        self.resting = False
        """After a resync, until the line has had the choice of all calls that wait."""
        self.shut = office.calendar is not None
        """Outside its hours: no target. One with hours is, until they have been looked at."""

    @property
    def has_room(self) -> bool:
        """Whether it may be rung now."""
        return self.in_use < self.office.capacity and not self.resting and not self.shut


class Shelf:
    """The calls of one line whose callers have consented to the same steps."""

    __slots__ = ("adds", "gates", "granted", "heaps", "offices", "rings", "spots", "waiting_count")

    def __init__(self, granted: int, steps: int) -> None:
        self.granted = granted
        self.heaps: list[list[Waiting]] = [[] for _ in range(steps)]
        self.rings = list(range(steps))
        self.gates = list(range(steps))
        self.adds = [0] * steps
        """How many who are logged in have their first step here."""
        self.waiting_count = 0
        self.spots: list[tuple[Profile, int, int]] = []
        """Who answers here: profile, first step, what its band costs in idle time."""
        self.offices: list[tuple[LineRecord, int]] = []
        """Offices with their first step, in the order of the steps."""

    def push(self, call: Call, step: int) -> None:
        """Put a call that has a place on the heap of a step."""
        heappush(self.heaps[step], (call.key, call.place, call))

    def waiting(self) -> list[Call]:
        """All calls here, in no order that means anything, and always the same."""
        return [entry[2] for entry in self.heaps[0] if entry[2].place == entry[1]]

    def tidy(self) -> None:
        """Drop leftovers that outnumber what is valid."""
        bound = 2 * self.waiting_count + 256
        for step, heap in enumerate(self.heaps):
            if len(heap) > bound:
                valid = [entry for entry in heap if entry[2].place == entry[1]]
                heapify(valid)
                self.heaps[step] = valid


class Recent:
    """How many calls met and missed their threshold in the last half hour, minute by minute."""

    __slots__ = ("met", "minutes", "missed")

    def __init__(self) -> None:
        self.minutes: deque[list[int]] = deque()
        """Minute, met, missed; only minutes in which something was counted."""
        self.met = 0
        self.missed = 0

    def count(self, now_ms: int, *, met: bool) -> None:
        """Count one call."""
        self.forget(now_ms)
        minute = now_ms // 60_000
        if not self.minutes or self.minutes[-1][0] != minute:
            self.minutes.append([minute, 0, 0])
        self.minutes[-1][1 if met else 2] += 1
        self.met += met
        self.missed += not met

    def forget(self, now_ms: int) -> None:
        """Leave out what is half an hour old."""
        oldest = now_ms // 60_000 - RECENT_MINUTES
        while self.minutes and self.minutes[0][0] <= oldest:
            _, met, missed = self.minutes.popleft()
            self.met -= met
            self.missed -= missed


class Line:
    """A queue, the calls that wait in it, and who can serve them."""

    __slots__ = (
        "bits",
        "demands",
        "due",
        "idle_at",
        "load",
        "loads",
        "never",
        "profiles",
        "queue",
        "recent",
        "shelves",
        "waiting_count",
        "weighs",
    )

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        steps = len(queue.ladder) + 1
        self.demands = demands_of(queue)
        self.bits = bits_of(queue)
        self.shelves = [Shelf(granted, steps) for granted in range(len(self.demands))]
        self.waiting_count = 0
        self.profiles: list[Profile] = []
        self.never: dict[Reason, int] = {}
        """Agents who hold the skills and whom no step adds, by reason."""
        after = [step.after_ms for step in queue.ladder]
        self.due = tuple(min(after[number:]) for number in range(len(after)))
        """When the first, second … step opens by waiting: a later one opens those before it."""
        self.weighs = any(step.waiting_min or step.idle_max >= 0 or step.at_risk for step in queue.ladder)
        """Whether load may open a step."""
        self.loads = [False] * steps
        """Steps that load holds open …"""
        self.load = 0
        """… and the last of them."""
        self.idle_at = [0] * steps if any(step.idle_max >= 0 for step in queue.ladder) else []
        """Idle agents by first step, where load asks for them."""
        self.recent = Recent() if any(step.at_risk for step in queue.ladder) else None
        """Where load asks for it."""

    def is_empty(self, granted: int, step: int) -> bool:
        """Whether a step adds nobody who is logged in and no office that is open."""
        shelf = self.shelves[granted | self.bits[step]]
        return not shelf.adds[step] and not any(
            first == step and not record.shut for record, first in shelf.offices
        )

    def spread(self) -> bool:
        """Work out again how far calls are served; whether any is served further than before."""
        grew = False
        last = len(self.queue.ladder)
        for shelf in self.shelves:
            at = last
            rings = shelf.rings[:]
            for step in range(last, -1, -1):
                at = max(step, self.load)
                while at < last and self.is_empty(shelf.granted, at):
                    at += 1
                rings[step] = at
            grew = grew or any(after > before for before, after in zip(shelf.rings, rings, strict=True))
            shelf.rings = rings
            shelf.gates = [
                next(step for step, ring in enumerate(rings) if ring >= first) for first in range(last + 1)
            ]
        return grew


def first_call(heap: list[Waiting], target: str) -> Call | None:
    """The first call of a heap that does not avoid this target."""
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


def longest_idle(profile: Profile, call: Call) -> AgentRecord | None:
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


__all__ = [
    "NEVER",
    "NOWHERE",
    "ONE",
    "Idle",
    "Line",
    "LineRecord",
    "Post",
    "Profile",
    "Shelf",
    "Waiting",
    "count_in",
    "first_call",
    "longest_idle",
]
