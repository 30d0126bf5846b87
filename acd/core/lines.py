"""Where calls wait and agents idle: what the matcher looks at (``acd.core.matching`` says why it is so).

* A *line* is a queue with the calls that wait in it. It has one *shelf* for each tier of the stand-in and
  set of consents that callers may have given; nearly always that is one shelf (``acd.core.grounds`` has the
  tiers).
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
from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from struct import Struct
from typing import TYPE_CHECKING, Final

from acd.core.health import Breaker, BreakerState, TrunkRecord
from acd.core.ids import OfficeId, QueueId
from acd.core.notes import AgentState, Reason
from acd.core.policy import Office, Queue, RuleSet, Trunk
from acd.core.reach import NEVER, bits_of, demands_of

if TYPE_CHECKING:
    from acd.core.agents import AgentRecord
    from acd.core.calls import Call, PlaceKey
    from acd.core.grounds import Area

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
        "gauges",
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
        """The first step from which they answer, by shelf: ``NEVER`` where the calls of its tier are not
        theirs."""
        self.band = band
        self.handicap_ms = handicap_ms
        self.cost_ms = cost_ms
        """What the band costs, in idle time."""
        self.members = 0
        self.logged_in = 0
        self.idle: list[Idle] = []
        self.idle_count = 0
        self.gauges = [gauge for gauge in line.idle_gauges if firsts[-1] < gauge.step]
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

    __slots__ = (
        "areas",
        "breaker",
        "forced",
        "full",
        "in_use",
        "in_use_max",
        "office",
        "resting",
        "shut",
        "spots",
        "trunk",
        "turn",
    )

    def __init__(self, office: Office, trunk: TrunkRecord) -> None:
        self.office = office
        self.trunk = trunk
        self.breaker = Breaker()
        self.full = False
        """The dialplan counted more calls there than we know of: for a moment it is not asked."""
        self.turn = 0
        """Which of its numbers is next."""
        self.spots: list[tuple[Shelf, int, int]] = []
        """Where it finds calls, as a profile does; an office has no handicap."""
        self.areas: list[Area] = []
        """Where else it finds calls in transition mode."""
        self.forced: bool | None = None
        """Switched on or off, whatever its hours say; None: it goes by them."""
        self.in_use = 0
        self.in_use_max = office.capacity
        """More than its capacity only where rules lowered that under its calls, or a resync found more."""
        self.resting = False
        """After a resync, until the line has had the choice of all calls that wait."""
        self.shut = office.calendar is not None
        """Outside its hours, or switched off: no target. So is one with hours until they are looked at."""

    @property
    def has_room(self) -> bool:
        """Whether it may be rung now."""
        return (
            self.in_use < self.office.capacity
            and not self.resting
            and not self.shut
            and not self.full
            and (self.breaker.lets_in or self.forced is True)
            and self.trunk.has_room
        )

    @property
    def is_there(self) -> bool:
        """Whether to wait for it is to wait for somebody: it is open, and not left alone for a while."""
        well = self.forced is True or self.breaker.state is not BreakerState.OPEN
        return not self.shut and well and not self.trunk.out

    def next_number(self) -> str:
        """Give the number to ring: they take turns."""
        numbers = (self.office.number, *self.office.more_numbers)
        self.turn = (self.turn + 1) % len(numbers)
        return numbers[self.turn - 1]


def line_records(
    rules: RuleSet, before: Mapping[OfficeId, LineRecord] | None = None
) -> dict[OfficeId, LineRecord]:
    """Make the records of all offices and their trunks, with no call on them.

    Args:
        rules: The rules.
        before: Records under the rules before: how offices and carriers stand is known from these.
    """
    known = before or {}
    trunks: dict[str, TrunkRecord] = {}
    for old in known.values():
        trunks.setdefault(old.trunk.id, old.trunk)
    made: dict[str, TrunkRecord] = {}
    records: dict[OfficeId, LineRecord] = {}
    for office in rules.offices.values():
        trunk = made.get(office.trunk)
        if trunk is None:
            capacity = rules.trunks.get(office.trunk, Trunk(id=office.trunk, capacity=0)).capacity
            trunk = made[office.trunk] = TrunkRecord(office.trunk, capacity)
            if (old_trunk := trunks.get(office.trunk)) is not None:
                trunk.follow(old_trunk)
        record = records[office.id] = LineRecord(office, trunk)
        trunk.lines.append(record)
        if (same := known.get(office.id)) is not None:
            record.breaker, record.full, record.turn = same.breaker, same.full, 0
    return records


def by_number(records: Mapping[OfficeId, LineRecord]) -> dict[str, LineRecord]:
    """Find the office of each number."""
    return {
        number: record
        for record in records.values()
        for number in (record.office.number, *record.office.more_numbers)
    }


class Shelf:
    """The calls of one line and tier whose callers have consented to the same steps."""

    __slots__ = ("gates", "granted", "heaps", "index", "offices", "rings", "waiting_count")

    def __init__(self, index: int, granted: int, steps: int) -> None:
        self.index = index
        """Its place among the shelves of the line: tier by tier, in each by what was granted."""
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


class IdleGauge:
    """How many agents of the steps before one are idle, where load asks for few of them."""

    __slots__ = ("count", "marks", "step")

    def __init__(self, step: int, idle_max: int) -> None:
        self.step = step
        self.count = 0
        self.marks = (idle_max, 2 * idle_max + 2)
        """Counts at which load may take hold, or lets go."""


class Line:
    """A queue, the calls that wait in it, and who can serve them."""

    __slots__ = (
        "bits",
        "demands",
        "due",
        "idle_gauges",
        "load",
        "loads",
        "never",
        "posts",
        "queue",
        "recent",
        "shelves",
        "states",
        "waiting_count",
        "waiting_marks",
        "weighs",
    )

    def __init__(self, queue: Queue, tiers: int = 1) -> None:
        self.queue = queue
        steps = len(queue.ladder) + 1
        self.demands = demands_of(queue)
        self.bits = bits_of(queue)
        grants = len(self.demands)
        self.shelves = [Shelf(index, index % grants, steps) for index in range(grants * tiers)]
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
        floods = [step.waiting_min for step in queue.ladder if step.waiting_min]
        self.waiting_marks = tuple({count: None for each in floods for count in (each, (each + 1) // 2 - 1)})
        """Numbers of waiting calls at which load may take hold or let go."""
        self.loads = [False] * steps
        """Steps that load holds open …"""
        self.load = 0
        """… and the last of them."""
        self.idle_gauges = [
            IdleGauge(number, step.idle_max)
            for number, step in enumerate(queue.ladder, 1)
            if step.idle_max >= 0
        ]
        """Idle agents of the steps before, for each step that asks for few of them."""
        self.recent = Recent() if any(step.at_risk for step in queue.ladder) else None
        """Where load asks for it."""

    def is_empty(self, granted: int, step: int) -> bool:
        """Whether a step adds nobody who is logged in, of whatever tier, and no office that is open."""
        granted |= self.bits[step]
        last = granted - len(self.demands)  # of the last tier: everybody's
        return not any(post.logged_in and post.firsts[last] == step for post in self.posts) and not any(
            first == step and not record.shut for record, first in self.shelves[granted].offices
        )

    def idle_before(self, step: int) -> int:
        """How many agents of the steps before this one are idle."""
        return next(gauge.count for gauge in self.idle_gauges if gauge.step == step)

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
        grants = len(self.demands)
        for shelf in self.shelves:
            alike = self.served(shelf) if shelf.index < grants else list(self.shelves[shelf.granted].rings)
            before, shelf.rings = shelf.rings, alike
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
    "by_number",
    "figures_of",
    "first_call",
    "line_records",
]
