"""Where calls wait and agents idle: what the matcher looks at (``acd.core.matching`` says why it is so).

* A *line* is a queue with the calls that wait in it. It has one *shelf* for each set of consents that
  callers may have given; nearly always that is one shelf.
* A shelf holds its calls once per step of the ladder they have come to: ``heaps[s]`` are those at step s
  or beyond, oldest first. Somebody who may answer from step s on looks at the head of ``heaps[gates[s]]``.
* ``rings`` and ``gates`` say the same from both ends. A call that has come to step r by its own waiting is
  served up to ``rings[r]``, for load may have opened more, and steps with nobody in them are passed over;
  ``gates[s]`` is the least r that is served up to s. Both change for a whole line at once, and no
  call is touched by it.
* A *post* is all agents of one reach and band at one line, with those who are idle, longest first. A line has
  a handful, however many people there are. A *profile* is all agents who have the same posts.

The heaps delete lazily: a record's ``place`` is the token of its one valid entry, an entry with another token
is a leftover and is dropped when it surfaces or when leftovers outnumber what is valid.
"""

from __future__ import annotations

from collections import deque
from heapq import heapify, heappop, heappush
from struct import Struct
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
LEFTOVERS_MAX: Final = 256
"""So many leftovers are nothing to tidy for."""

Idle = tuple[int, int, int, "AgentRecord"]
"""(idle since, ordinal, token, agent): whoever is idle longest is the least; ordinals differ."""
Waiting = tuple["PlaceKey", int, "Call"]
"""(key, token, call)."""

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
ONE: Final = {state: 1 << 32 * place for state, place in COUNTED.items()}
"""One agent in this state, in the number that counts all agents of a line by state: to move one of them is
one addition, whatever the states."""
_FIGURES: Final = Struct("<7I")


def figures_of(states: int) -> tuple[int, ...]:
    """How many agents such a number counts in each state, in the order of ``COUNTED``."""
    return _FIGURES.unpack(states.to_bytes(_FIGURES.size, "little"))


class Post:
    """All agents of one reach and band at one line, with those who are idle, longest first."""

    __slots__ = (
        "band",
        "cost_ms",
        "firsts",
        "handicap_ms",
        "idle",
        "idle_count",
        "line",
        "logged_in",
        "members",
        "near",
    )

    def __init__(
        self, line: Line, firsts: tuple[int, ...], band: int, handicap_ms: int, cost_ms: int
    ) -> None:
        self.line = line
        self.firsts = firsts
        """The first step from which they answer, by what has been granted."""
        self.band = band
        self.handicap_ms = handicap_ms
        self.cost_ms = cost_ms
        """What the band costs, in idle time."""
        self.members = 0
        self.logged_in = 0
        self.idle: list[Idle] = []
        self.idle_count = 0
        self.near: dict[str, list[Idle]] = {}
        """The same by site, where affinity asks for it."""

    def tidy(self) -> None:
        """Drop leftovers that outnumber what is valid."""
        bound = 2 * self.idle_count + LEFTOVERS_MAX
        if len(self.idle) > bound:
            self.idle = _valid(self.idle)
        for site, heap in self.near.items():
            if len(heap) > bound:
                self.near[site] = _valid(heap)


class Profile:
    """Agents who stand alike to every queue."""

    __slots__ = ("key", "languages", "lines", "members", "posts", "site", "spots")

    def __init__(self, key: tuple[object, ...], site: str) -> None:
        self.key = key
        self.site = site
        """Only where affinity asks for it."""
        self.languages: tuple[str, ...] = ()
        """Languages of the queues they may answer without anybody's consent: their part of the safety net."""
        self.members = 0
        self.posts: dict[QueueId, Post] = {}
        self.lines: list[Line] = []
        """Where these posts are."""
        self.spots: list[tuple[Shelf, int, int]] = []
        """Where they find calls: shelf, their first step there, and what is fixed of the score."""


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

    __slots__ = ("gates", "granted", "heaps", "offices", "rings", "waiting_count")

    def __init__(self, granted: int, steps: int) -> None:
        self.granted = granted
        self.heaps: list[list[Waiting]] = [[] for _ in range(steps)]
        self.rings = list(range(steps))
        self.gates = list(range(steps))
        self.waiting_count = 0
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
        bound = 2 * self.waiting_count + LEFTOVERS_MAX
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
        "load",
        "loads",
        "never",
        "posts",
        "queue",
        "recent",
        "shelves",
        "states",
        "waiting_count",
        "weighs",
        "weighs_idle",
    )

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        steps = len(queue.ladder) + 1
        self.demands = demands_of(queue)
        self.bits = bits_of(queue)
        self.shelves = [Shelf(granted, steps) for granted in range(len(self.demands))]
        self.waiting_count = 0
        self.posts: list[Post] = []
        self.states = 0
        """How many of those who hold a post are in which state (``ONE``)."""
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
        self.weighs_idle = any(step.idle_max >= 0 for step in queue.ladder)
        """Whether load asks for idle agents."""
        self.recent = Recent() if any(step.at_risk for step in queue.ladder) else None
        """Where load asks for it."""

    def is_empty(self, granted: int, step: int) -> bool:
        """Whether a step adds nobody who is logged in and no office that is open."""
        granted |= self.bits[step]
        return not any(post.logged_in and post.firsts[granted] == step for post in self.posts) and not any(
            first == step and not record.shut for record, first in self.shelves[granted].offices
        )

    def idle_before(self, step: int) -> int:
        """How many agents of the steps before this one are idle."""
        return sum(post.idle_count for post in self.posts if post.firsts[-1] < step)

    def served(self, shelf: Shelf) -> list[int]:
        """How far calls of a shelf are served now, by the step they have come to themselves."""
        last = len(self.queue.ladder)
        rings = []
        for step in range(last + 1):
            at = max(step, self.load)
            while at < last and self.is_empty(shelf.granted, at):
                at += 1
            rings.append(at)
        return rings

    def spread(self) -> bool:
        """Work out again how far calls are served; whether any is served further than before."""
        grew = False
        for shelf in self.shelves:
            before, shelf.rings = shelf.rings, self.served(shelf)
            if shelf.rings != before:
                grew = grew or any(now > then for now, then in zip(shelf.rings, before, strict=True))
                shelf.gates = [
                    next(step for step, ring in enumerate(shelf.rings) if ring >= first)
                    for first in range(len(shelf.rings))
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


def _valid(heap: list[Idle]) -> list[Idle]:
    """The heap without its leftovers."""
    valid = [entry for entry in heap if entry[3].place == entry[2]]
    heapify(valid)
    return valid


__all__ = [
    "COUNTED",
    "LEFTOVERS_MAX",
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
    "figures_of",
    "first_call",
]
