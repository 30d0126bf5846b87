"""Who stands in for whom in transition mode, and who waits for it.

**Tiers.** In transition mode a site has a *share* of the new calls of each queue. Call number n of a queue
has the position (n x 61) mod 100 (61 and 100 have no common factor: each hundred calls fill all positions,
evenly from the start), and a site's agents may be rung at once by the calls whose position lies below its
share. Positions are nested, so there are only as many kinds of calls as there are different shares and one:
*tiers*. A call of tier t is admitted to the t greatest shares; the calls of the last tier are everybody's,
and a call that has come to the stage *national* is moved there. A share of 100 is no share but the normal
mode. A line has its shelves tier by tier, and an agent looks at the shelves of those tiers that are
admitted to the agent's site: the choice itself is the same in both modes, and with one tier nothing is left
of all this.

**Stages.** Offices have an order of nearness to a province: its *own* (those whose ``provinces`` hold it,
else those that are there), those of its *region*, those of *neighbours* (other regions, nearest first by
the centroids), and *anywhere*. Only offices that speak the queue's language count. A caller of no known
province has none but *anywhere*, at the time of the region.

An *area* is a set of offices with the calls that may go to any of them now, least score first, of all
queues of one language: one for each province that is somebody's own, for each region, for each province's
neighbours, and one for all. A *ground* is what one province has to do with them. A free line of an office
looks at the head of each area it stands in (its own few provinces, its region, the provinces it is a
neighbour of, the whole language: some twenty), and a call looks at the offices of the areas it has come to;
calls are never scanned. Entries are deleted lazily, as in ``acd.core.lines``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final

from acd.core.ids import OfficeId, SiteId
from acd.core.lines import LEFTOVERS_MAX, NOWHERE, LineRecord
from acd.core.policy import Fallback, Office, RuleSet, StandIn

if TYPE_CHECKING:
    from acd.core.calls import Call, PlaceKey

OWN: Final = 1
REGION: Final = 2
NEIGHBOURS: Final = 4
NATIONAL: Final = 8
ANYWHERE: Final = 16
NAMES: Final = {
    OWN: "own",
    REGION: "region",
    NEIGHBOURS: "neighbours",
    NATIONAL: "national",
    ANYWHERE: "anywhere",
}
OF_OFFICES: Final = (OWN, REGION, NEIGHBOURS, ANYWHERE)
"""Nearest first."""
STRIDE: Final = 61
SHARE_ALL: Final = 100

Scored = tuple[int, "PlaceKey", int, "Call"]
"""(score, key, token, call)."""


# ── tiers ────────────────────────────────────────────────────────────────────────────────────


def cuts_of(fallback: Fallback) -> tuple[int, ...]:
    """The different shares, greatest first; none in normal mode."""
    shares = {share for share in fallback.shares.values() if share < SHARE_ALL} if fallback.on else set()
    return tuple(sorted(shares, reverse=True))


def tiers_of(fallback: Fallback) -> dict[SiteId, int]:
    """The first tier whose calls are admitted to a site, for those that have a share."""
    cuts = cuts_of(fallback)
    return {site: cuts.index(share) + 1 for site, share in fallback.shares.items() if share in cuts}


def position_of(number: int) -> int:
    """The position of a queue's call of this number."""
    return number * STRIDE % SHARE_ALL


# ── areas ────────────────────────────────────────────────────────────────────────────────────


class Area:
    """Some offices, and the calls that may go to any of them now."""

    __slots__ = ("count", "groups", "heap")

    def __init__(self, groups: Iterable[list[LineRecord]]) -> None:
        self.groups = [list(group) for group in groups if group]
        """Nearest first; those of one group are equally near."""
        self.heap: list[Scored] = []
        self.count = 0
        for group in self.groups:
            for record in group:
                record.areas.append(self)

    def has_anybody(self) -> bool:
        """Whether one of its offices can be waited for."""
        return any(record.is_there for group in self.groups for record in group)

    def wait(self, call: Call) -> None:
        """Put a call that has a place here."""
        self.count += 1
        heappush(self.heap, (*scored(call), call.place, call))

    def leave(self) -> None:
        """One of the calls has lost its place."""
        self.count -= 1
        if len(self.heap) > 2 * self.count + LEFTOVERS_MAX:
            self.heap = [entry for entry in self.heap if entry[3].place == entry[2]]
            heapify(self.heap)

    def waiting(self) -> list[Call]:
        """All calls here, in no order that means anything."""
        return [entry[3] for entry in self.heap if entry[3].place == entry[2]]

    def first(self, target: str) -> Scored | None:
        """The call with the least score here that does not avoid this target, as it stands in the heap."""
        heap = self.heap
        passed_over: list[Scored] = []
        found: Scored | None = None
        while heap:
            entry = heap[0]
            if entry[3].place != entry[2]:
                heappop(heap)
            elif target in entry[3].avoided:
                passed_over.append(heappop(heap))
            else:
                found = entry
                break
        for entry in passed_over:
            heappush(heap, entry)
        return found

    def free_office(self, avoided: Mapping[str, int]) -> LineRecord | None:
        """The nearest office with a free line; of equally near ones the one with the least load by weight."""
        for group in self.groups:
            free = [record for record in group if record.has_room and record.office.id not in avoided]
            if free:
                return min(free, key=_load)
        return None


def scored(call: Call) -> tuple[int, PlaceKey]:
    """The score of a call at an office, and its place among those of the same."""
    return call.key[0] + call.queue.threshold_ms - call.queue.credit_ms, call.key


def _load(record: LineRecord) -> float:
    return record.in_use / record.office.weight


class Ground:
    """What a province and language has to do with areas."""

    __slots__ = ("areas", "plan")

    def __init__(self, plan: tuple[tuple[int, int], ...], areas: dict[int, Area]) -> None:
        self.plan = plan
        """Time and stage, in the order of time."""
        self.areas = areas
        """By stage."""


class Grounds:
    """All of them; there are none in normal mode."""

    __slots__ = ("_grounds", "_plain")

    def __init__(self, rules: RuleSet, lines: Mapping[OfficeId, LineRecord]) -> None:
        self._grounds: dict[tuple[str, str], Ground] = {}
        self._plain: dict[str, Ground] = {}
        """For callers of no known province, by language."""
        for language in dict.fromkeys(queue.language for queue in rules.queues.values()):
            speaking = [record for record in lines.values() if language in record.office.languages]
            self._lay(rules, language, speaking)

    def _lay(self, rules: RuleSet, language: str, speaking: list[LineRecord]) -> None:
        own: dict[str, list[LineRecord]] = {}
        there: dict[str, list[LineRecord]] = {}
        around: dict[str, list[LineRecord]] = {}
        territory = rules.territory
        for record in speaking:
            office = record.office
            for province in dict.fromkeys(provinces_of(office)):
                own.setdefault(province, []).append(record)
            there.setdefault(office.province, []).append(record)
            if office.province in territory:
                around.setdefault(territory[office.province].region, []).append(record)
        everywhere = Area([speaking])
        regions = {place.region: None for place in territory.values()}
        of_region = {region: Area([around.get(region, [])]) for region in regions}
        near, far = _plans(rules.stand_in)
        for province in dict.fromkeys((*territory, *own, *there)):
            areas = {OWN: Area([own.get(province) or there.get(province, [])]), ANYWHERE: everywhere}
            if (place := territory.get(province)) is not None:
                areas[REGION] = of_region[place.region]
                areas[NEIGHBOURS] = Area(there.get(each, []) for each in place.neighbours)
            self._grounds[language, province] = Ground(near, areas)
        self._plain[language] = Ground(far, {ANYWHERE: everywhere})

    def of(self, call: Call) -> Ground:
        """The ground of a call."""
        language = call.queue.language
        return self._grounds.get((language, call.province)) or self._plain[language]

    def all(self) -> tuple[Ground, ...]:
        """Every ground, for checks."""
        return (*self._grounds.values(), *self._plain.values())

    # ── who waits ────────────────────────────────────────────────────────────────────────────

    def wait(self, call: Call) -> None:
        """A call has taken its place: it waits for the offices of all its stages."""
        areas = self.of(call).areas
        for stage, area in areas.items():
            if call.stages & stage:
                area.wait(call)

    def leave(self, call: Call) -> None:
        """A call has lost its place."""
        for stage, area in self.of(call).areas.items():
            if call.stages & stage:
                area.leave()

    def widen(self, call: Call, stage: int) -> None:
        """A stage opens for a call."""
        if call.place != NOWHERE and (area := self.of(call).areas.get(stage)) is not None:
            area.wait(call)
        call.stages |= stage

    # ── the choice ───────────────────────────────────────────────────────────────────────────

    def office_for_call(self, call: Call) -> LineRecord | None:
        """The office with a free line that stands in for this call first, or None."""
        areas = self.of(call).areas
        for stage in OF_OFFICES:
            if call.stages & stage and stage in areas:
                found = areas[stage].free_office(call.avoided)
                if found is not None:
                    return found
        return None

    def stands_in(self, call: Call, record: LineRecord) -> bool:
        """Whether this office is in one of the stages that are open for this call."""
        areas = self.of(call).areas
        return any(
            call.stages & stage and record in group for stage, area in areas.items() for group in area.groups
        )


def first_of_areas(record: LineRecord) -> Call | None:
    """The call with the least score that a line of this office should get as a stand-in, or None."""
    best: Scored | None = None
    for area in record.areas:
        if area.count:
            found = area.first(record.office.id)
            if found is not None and (best is None or found < best):
                best = found
    return None if best is None else best[3]


def provinces_of(office: Office) -> tuple[str, ...]:
    """Provinces whose callers are this office's own."""
    return office.provinces or (office.province,)


def _plans(times: StandIn) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """When which stage comes, for callers of a known province and of none."""
    near = (
        (0, OWN),
        (times.region_after_ms, REGION),
        (times.neighbours_after_ms, NEIGHBOURS),
        (times.national_after_ms, NATIONAL),
        (times.anywhere_after_ms, ANYWHERE),
    )
    far = ((times.region_after_ms, ANYWHERE), (times.national_after_ms, NATIONAL))
    return tuple(sorted(near, key=_time)), tuple(sorted(far, key=_time))


def _time(stage: tuple[int, int]) -> int:
    return stage[0]
