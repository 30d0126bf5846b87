"""Which offices and trunks can take a call now: circuit breakers, carriers, and the count of a trunk.

**An office that does not answer is left alone for a while.** Its breaker is *closed* while all is well. It
opens after so many failed offers in a row, or when too few of the last ones were answered. *Open*, the office
is asked nothing; after a time that doubles with each failure it is *half open*: one probe call, a caller like
any other, with the whole ring time. Answered, the breaker closes; failed, it opens again for longer. Somebody
who answers always closes it, whichever call that was. The bounds are ``RuleSet.health``.

Good is that caller and office talk. Bad is no answer, no key, busy, declined, a talk dropped at once, any
failure of the network. A busy line beside other calls of ours that fill the office is nobody's fault; what
the dialplan refused, what we took back and who hung up says nothing.

**The carrier.** A breaker for each office would tell an outage of the trunk a hundred times, and send a
hundred probe calls. So failures *of the network* are looked at over all offices of a trunk: when enough of
them were tried and at nearly all everything failed, the carrier is out. That is one event. Offices that
failed by it are forgiven, and while it lasts one call in so long tries the trunk again, whatever the office.
Any sign of life from behind the trunk (somebody answers, is busy, lets it ring) ends it.

Nothing here decides who rings; ``LineRecord.has_room`` asks. Everything goes by the clock: an open breaker, a
carrier that is out and an office that the dialplan called full each have a deadline. After a restart all is
closed and in order: what is not is found out again within a few calls.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from acd.core.deadlines import Due
from acd.core.facts import OfferEnd
from acd.core.ids import OfficeId
from acd.core.notes import Anomaly, BreakerMoved, CarrierMoved, Late
from acd.core.policy import Health
from acd.core.tables import table

if TYPE_CHECKING:
    from acd.core.lines import LineRecord
    from acd.core.offers import Offer
    from acd.core.world import World


class BreakerState(StrEnum):
    """How an office stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class BreakerInput(StrEnum):
    """What can happen to a breaker."""

    ANSWERED = "answered"
    TRIPPED = "tripped"
    """Too many failed."""
    PROBE_FAILED = "probe_failed"
    TIME = "time"
    """It has been left alone long enough."""
    CARRIER = "carrier"
    """What failed was the carrier's fault."""


S, I = BreakerState, BreakerInput

BREAKER_MOVES: Final[Mapping[tuple[BreakerState, BreakerInput], BreakerState]] = table(
    {
        (S.CLOSED, I.TRIPPED): S.OPEN,
        (S.OPEN, I.TIME): S.HALF_OPEN,
        (S.OPEN, I.ANSWERED): S.CLOSED,  # a ring from before it opened
        (S.OPEN, I.CARRIER): S.CLOSED,
        (S.HALF_OPEN, I.ANSWERED): S.CLOSED,
        (S.HALF_OPEN, I.PROBE_FAILED): S.OPEN,
        (S.HALF_OPEN, I.CARRIER): S.CLOSED,
    }
)

BREAKER_LATE: Final[frozenset[tuple[BreakerState, BreakerInput]]] = frozenset(
    {
        (S.CLOSED, I.ANSWERED),
        (S.CLOSED, I.CARRIER),
        (S.OPEN, I.TRIPPED),
        (S.HALF_OPEN, I.TRIPPED),
    }
)

NETWORK: Final = frozenset({OfferEnd.FAILED, OfferEnd.UNREACHABLE})
"""Ends before anybody behind the trunk gave a sign of life."""
SIGNS_OF_LIFE: Final = frozenset(
    {OfferEnd.NO_ANSWER, OfferEnd.NO_KEY, OfferEnd.BUSY, OfferEnd.DECLINED, OfferEnd.DROPPED}
)
"""Bad ends behind a trunk that works."""


class Breaker:
    """The breaker of one office."""

    __slots__ = ("opened", "probe", "recent", "since_ms", "state")

    def __init__(self) -> None:
        self.state = BreakerState.CLOSED
        self.since_ms = 0
        self.opened = 0
        """How often it has opened without an answer in between."""
        self.probe = ""
        """The attempt that tries it, half open."""
        self.recent: deque[bool] = deque()
        """The last offers, oldest first: answered or not."""

    @property
    def lets_in(self) -> bool:
        """Whether the office may be asked now."""
        return self.state is S.CLOSED or (self.state is S.HALF_OPEN and not self.probe)

    def count(self, health: Health, *, answered: bool) -> None:
        """Remember how an offer went."""
        self.recent.append(answered)
        while len(self.recent) > health.window:
            self.recent.popleft()

    def is_tripped(self, health: Health) -> bool:
        """Whether too many of the last offers failed, in a row or in all."""
        last = list(self.recent)[-health.in_a_row :]
        if len(last) == health.in_a_row and not any(last):
            return True
        tried = len(self.recent)
        return tried >= health.window_min and sum(self.recent) < health.answered_min * tried

    def open_ms(self, health: Health) -> int:
        """How long it stays open now: twice as long each time, up to a bound."""
        return int(min(health.open_ms * 2 ** min(self.opened - 1, 32), health.open_ms_max))


class TrunkRecord:
    """One trunk: how many calls it carries, and whether its carrier works."""

    __slots__ = ("capacity", "id", "in_use", "in_use_max", "lines", "may_probe", "out", "recent")

    def __init__(self, trunk: str, capacity: int) -> None:
        self.id = trunk
        self.capacity = capacity
        """Calls it carries at once; 0: no limit is known."""
        self.in_use = 0
        self.in_use_max = capacity
        """More than its capacity only where that was lowered, or a resync found more."""
        self.lines: list[LineRecord] = []
        self.out = False
        self.may_probe = False
        """While the carrier is out: one call may try it now."""
        self.recent: deque[tuple[int, OfficeId, bool]] = deque()
        """Offers that failed in the network or gave a sign of life: when, where, whether it failed."""

    def follow(self, before: TrunkRecord) -> None:
        """Take over how the carrier stood under the rules before."""
        self.out, self.may_probe, self.recent = before.out, before.may_probe, deque(before.recent)

    @property
    def is_full(self) -> bool:
        """Whether it carries all it can."""
        return bool(self.capacity) and self.in_use >= self.capacity

    @property
    def has_room(self) -> bool:
        """Whether a call may be sent through it now."""
        return not self.is_full and (not self.out or self.may_probe)


# ── offers ───────────────────────────────────────────────────────────────────────────────────


def hold(line: LineRecord) -> None:
    """Count one call more on an office's lines and its trunk, also one too many that a resync found."""
    trunk = line.trunk
    line.in_use += 1
    line.in_use_max = max(line.in_use_max, line.in_use)
    trunk.in_use += 1
    if trunk.capacity:
        trunk.in_use_max = max(trunk.in_use_max, trunk.in_use)


def let_go(line: LineRecord) -> None:
    """Count one call less."""
    line.in_use -= 1
    line.trunk.in_use -= 1


def asked(world: World, line: LineRecord, offer: Offer) -> None:
    """An order goes to this office: if it tries whether all is well again, it is the only one that does."""
    if line.breaker.state is S.HALF_OPEN and not line.breaker.probe:
        line.breaker.probe = offer.attempt
    if line.trunk.out:
        _await_probe(world, line.trunk)


def answered(world: World, line: LineRecord) -> bool:
    """Caller and office talk. True if that brings the carrier back."""
    line.breaker.count(world.rules.health, answered=True)
    _move(world, line, I.ANSWERED, "answered")
    return _alive(world, line)


def ended(world: World, line: LineRecord, offer: Offer, end: OfferEnd | None) -> bool:
    """An offer at this office is over; None: the caller hung up. True if that brings the carrier back."""
    back = False
    breaker = line.breaker
    probed = breaker.probe == offer.attempt
    if probed:
        breaker.probe = ""
    if end is OfferEnd.FULL:
        line.full = True
        timings = world.rules.timings
        full_ms = timings.order_valid_ms + timings.order_grace_ms
        world.deadlines.arm(Due.ROOM, line.office.id, world.now_ms + full_ms)
    elif end in NETWORK:
        _failed_in_network(world, line)
        if not line.trunk.out:
            _failed(world, line, end, probed=probed)
    elif end in SIGNS_OF_LIFE:
        back = _alive(world, line)
        if end is not OfferEnd.BUSY or not _fills_it(line):
            if end is OfferEnd.DROPPED and breaker.recent:
                _take_back(breaker)
            _failed(world, line, end, probed=probed)
    return back


def _fills_it(line: LineRecord) -> bool:
    """Whether other calls of ours leave the office no line but the one that was busy."""
    return 1 < line.office.capacity <= line.in_use


def _take_back(breaker: Breaker) -> None:
    """The talk that counted as answered was none."""
    for index in range(len(breaker.recent) - 1, -1, -1):
        if breaker.recent[index]:
            del breaker.recent[index]
            return


def _failed(world: World, line: LineRecord, end: OfferEnd, *, probed: bool) -> None:
    breaker, health = line.breaker, world.rules.health
    breaker.count(health, answered=False)
    if breaker.state is S.HALF_OPEN:
        if probed:
            _open(world, line, I.PROBE_FAILED, end)
    elif breaker.state is S.CLOSED and breaker.is_tripped(health):
        _open(world, line, I.TRIPPED, end)


def _open(world: World, line: LineRecord, given: BreakerInput, end: OfferEnd) -> None:
    breaker = line.breaker
    if _move(world, line, given, end.value):
        breaker.opened += 1
        open_ms = breaker.open_ms(world.rules.health)
        world.deadlines.arm(Due.HEALTH, line.office.id, world.now_ms + open_ms)


def time_over(world: World, line: LineRecord) -> None:
    """An open breaker has been so for long enough: one call may try."""
    _move(world, line, I.TIME, "time")


def _move(world: World, line: LineRecord, given: BreakerInput, why: str) -> bool:
    breaker, before = line.breaker, line.breaker.state
    after = BREAKER_MOVES.get((before, given))
    if after is None:
        if (before, given) not in BREAKER_LATE:
            world.note(Anomaly(fact=f"breaker {given.value}", key=line.office.id, state=before))
        elif given is not I.ANSWERED:
            world.note(Late(fact=f"breaker {given.value}", key=line.office.id))
        return False
    breaker.state, breaker.since_ms = after, world.now_ms
    if after is not S.OPEN:
        world.deadlines.disarm(Due.HEALTH, line.office.id)
    if after is S.CLOSED:
        breaker.opened, breaker.probe = 0, ""
        breaker.recent.clear()
    world.note(BreakerMoved(office=line.office.id, before=before.value, after=after.value, why=why))
    return True


def forget_health(world: World, before: Mapping[OfficeId, LineRecord]) -> None:
    """New rules: what is awaited of offices and trunks that are gone is awaited no more."""
    trunks = {record.trunk.id for record in world.lines.values()}
    for office, record in before.items():
        if office not in world.lines:
            world.deadlines.disarm(Due.HEALTH, office)
            world.deadlines.disarm(Due.ROOM, office)
        if record.trunk.id not in trunks:
            world.deadlines.disarm(Due.CARRIER, record.trunk.id)


# ── carriers ─────────────────────────────────────────────────────────────────────────────────


def _failed_in_network(world: World, line: LineRecord) -> None:
    trunk, health = line.trunk, world.rules.health
    trunk.recent.append((world.now_ms, line.office.id, True))
    _forget(trunk, world.now_ms - health.carrier_ms)
    if trunk.out:
        return
    all_failed: dict[OfficeId, bool] = {}
    for _, office, failed in trunk.recent:
        all_failed[office] = failed and all_failed.get(office, True)
    tried = len(all_failed)
    if tried < health.carrier_offices_min or sum(all_failed.values()) < health.carrier_failed_min * tried:
        return
    trunk.out = True
    world.note(CarrierMoved(trunk=trunk.id, out=True, offices=len(trunk.lines)))
    _await_probe(world, trunk)
    for each in trunk.lines:
        if all_failed.get(each.office.id):
            _forgive(world, each)


def _forgive(world: World, line: LineRecord) -> None:
    """What failed was not the office's fault."""
    line.breaker.recent.clear()
    if line.breaker.state is not S.CLOSED:
        _move(world, line, I.CARRIER, "carrier")


def _alive(world: World, line: LineRecord) -> bool:
    """Somebody behind the trunk answers, is busy or lets it ring: the carrier works. True if that is new."""
    trunk = line.trunk
    trunk.recent.append((world.now_ms, line.office.id, False))
    _forget(trunk, world.now_ms - world.rules.health.carrier_ms)
    if not trunk.out:
        return False
    trunk.out = trunk.may_probe = False
    trunk.recent.clear()
    world.deadlines.disarm(Due.CARRIER, trunk.id)
    world.note(CarrierMoved(trunk=trunk.id, out=False, offices=len(trunk.lines)))
    return True


def _forget(trunk: TrunkRecord, before_ms: int) -> None:
    while trunk.recent and trunk.recent[0][0] < before_ms:
        trunk.recent.popleft()


def _await_probe(world: World, trunk: TrunkRecord) -> None:
    trunk.may_probe = False
    world.deadlines.arm(Due.CARRIER, trunk.id, world.now_ms + world.rules.health.carrier_probe_ms)


__all__ = [
    "BREAKER_LATE",
    "BREAKER_MOVES",
    "Breaker",
    "BreakerInput",
    "BreakerState",
    "TrunkRecord",
    "answered",
    "asked",
    "ended",
    "forget_health",
    "hold",
    "let_go",
    "time_over",
]
