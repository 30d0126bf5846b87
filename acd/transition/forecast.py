"""What a change would do to the calls of the last half hours.

The ledger says how many calls came per queue and province, and how long a talk took; the rules say which
office serves a province and how many lines it has. From the two, for the state of things before and after:

- **moved**: in transition mode a call tries an office first unless a site with agents has a share of it. The
  shares are nested, so of 100 calls the largest share of those sites' goes to agents and the rest to offices.
- **capacity** of an office: lines times 3600 s by the mean talk. An office that serves several provinces is
  divided among them as their calls are.
- **reach** of a province's callers: an open office of its own, else one of the region, of a neighbouring
  province, or anywhere, each time one that speaks the language; ``nobody`` where there is none.

It is a sum over a mean, not a simulation: it shows that Rome has 900 calls/h and room for 180, not who waits
how long. Where the ledger has too few talks the mean is assumed, and said to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from acd.core.ids import OfficeId, QueueId, SiteId
from acd.core.notes import Outcome
from acd.core.policy import Fallback, Office, Queue, RuleSet
from acd.store.records import LedgerRow

__all__ = ["Demand", "Forecast", "PlaceForecast", "QueueForecast", "Reach", "demand_of", "forecast"]

HALF_HOUR_MS: Final = 1_800_000
HOUR_S: Final = 3_600
TALKS_MIN: Final = 20
"""Fewer talks say nothing of the mean."""
TALK_S: Final = 300.0
"""Assumed then."""
NO_PROVINCE: Final = ""

Reach = str
"""``own``, ``region``, ``neighbours``, ``anywhere`` or ``nobody``."""

COUNTED: Final = frozenset(
    {Outcome.ANSWERED, Outcome.ABANDONED, Outcome.SHORT_ABANDONED, Outcome.SAFETY_NET, Outcome.LOST}
)


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of the time looked at."""

    hours: float
    calls: Mapping[tuple[str, str], int]
    """By queue and province."""
    talks: int = 0
    talk_s: float = 0.0
    """Mean of the talks."""


def demand_of(rows: Iterable[LedgerRow], hours: float) -> Demand:
    """Count the rows; callers who left in a menu or found it closed are not counted."""
    calls: dict[tuple[str, str], int] = {}
    talks = talked_ms = 0
    for row in rows:
        if row.outcome not in COUNTED:
            continue
        key = (row.queue, row.province)
        calls[key] = calls.get(key, 0) + 1
        if row.handle_ms > 0:
            talks += 1
            talked_ms += row.handle_ms
    return Demand(hours=hours, calls=calls, talks=talks, talk_s=talked_ms / talks / 1_000 if talks else 0.0)


class QueueForecast(msgspec.Struct, frozen=True, kw_only=True):
    """One queue, in calls per hour."""

    queue: str
    calls_h: float
    before_h: float
    """Offered to offices first, as it is now …"""
    after_h: float
    """… and as it would be."""


class PlaceForecast(msgspec.Struct, frozen=True, kw_only=True):
    """The callers of one province and language, after the change."""

    province: str
    """Empty: not known where they call from."""
    language: str
    calls_h: float
    moved_h: float
    """Of those, offered to offices first."""
    offices: int
    """Offices of its own that speak the language …"""
    open: int
    """… and of those, open ones."""
    capacity_h: float
    """Calls these can take."""
    reach: Reach
    """Where the nearest open office is."""


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; calls and capacities per hour."""

    hours: float
    calls: int
    """Calls it is made from."""
    calls_h: float
    before_h: float
    """Offered to offices first now …"""
    after_h: float
    """… and after the change."""
    offices_h: float
    """What all open offices can take."""
    agents_h: float
    """What the agents logged in can take, of the sites that have a share."""
    talk_s: float
    talk_assumed: bool
    queues: tuple[QueueForecast, ...]
    places: tuple[PlaceForecast, ...]
    """Those with most calls first."""
    out_of_reach: tuple[str, ...]
    """Provinces whose own offices are all closed or switched off."""
    overloaded: tuple[str, ...]
    """Provinces of which more calls are moved than their offices can take."""

    @property
    def moved_h(self) -> float:
        """More calls to offices than now; below 0: fewer."""
        return self.after_h - self.before_h


def forecast(
    rules: RuleSet,
    demand: Demand,
    *,
    before: Fallback,
    after: Fallback,
    is_open: Mapping[OfficeId, bool],
    agents: Mapping[SiteId, int],
) -> Forecast:
    """Work it out.

    Args:
        rules: queues, offices, provinces.
        demand: the calls of the last half hours.
        before: the fallback in force.
        after: what it would be.
        is_open: offices within their hours; not named: open. A forced one is as ``after`` says.
        agents: logged in, by site.
    """
    assumed = demand.talks < TALKS_MIN
    talk_s = TALK_S if assumed else demand.talk_s
    serving = {
        office.id: after.offices.get(office.id, is_open.get(office.id, True))
        for office in rules.offices.values()
    }
    queues = _queues(rules, demand, before, after, agents)
    places = _places(rules, demand, after, agents, serving, talk_s)
    lines = sum(office.capacity for office in rules.offices.values() if serving[office.id])
    busy = sum(count for site, count in agents.items() if not after.on or after.shares.get(site, 100) > 0)
    wrap_s = max((queue.wrap_up_ms for queue in rules.queues.values()), default=0) / 1_000
    return Forecast(
        hours=demand.hours,
        calls=sum(demand.calls.values()),
        calls_h=sum(each.calls_h for each in queues),
        before_h=sum(each.before_h for each in queues),
        after_h=sum(each.after_h for each in queues),
        offices_h=lines * HOUR_S / talk_s,
        agents_h=busy * HOUR_S / (talk_s + wrap_s),
        talk_s=talk_s,
        talk_assumed=assumed,
        queues=queues,
        places=places,
        out_of_reach=tuple(sorted({each.province for each in places if each.offices and not each.open})),
        overloaded=tuple(
            sorted({each.province for each in places if each.open and each.moved_h > each.capacity_h})
        ),
    )


def _to_offices(queue: Queue | None, fallback: Fallback, agents: Mapping[SiteId, int]) -> float:
    """The part of a queue's calls that offices are offered first."""
    if not fallback.on:
        return 0.0
    sites = [site for site, count in agents.items() if count]
    if queue is not None and queue.sites:
        sites = [site for site in sites if site in queue.sites]
    return 1 - max((fallback.shares.get(site, 100) for site in sites), default=0) / 100


def _queues(
    rules: RuleSet, demand: Demand, before: Fallback, after: Fallback, agents: Mapping[SiteId, int]
) -> tuple[QueueForecast, ...]:
    calls: dict[str, int] = {}
    for (name, _), count in demand.calls.items():
        calls[name] = calls.get(name, 0) + count
    found = []
    for name, count in calls.items():
        queue = rules.queues.get(QueueId(name))
        rate = count / demand.hours
        found.append(
            QueueForecast(
                queue=name,
                calls_h=rate,
                before_h=rate * _to_offices(queue, before, agents),
                after_h=rate * _to_offices(queue, after, agents),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.calls_h, each.queue)))


def _serves(office: Office, province: str, language: str) -> bool:
    """Whether callers of the province are this office's own."""
    return language in office.languages and province in (office.provinces or (office.province,))


def _places(
    rules: RuleSet,
    demand: Demand,
    after: Fallback,
    agents: Mapping[SiteId, int],
    serving: Mapping[OfficeId, bool],
    talk_s: float,
) -> tuple[PlaceForecast, ...]:
    calls: dict[tuple[str, str], float] = {}
    moved: dict[tuple[str, str], float] = {}
    for office in rules.offices.values():
        for province in office.provinces or (office.province,):
            calls.setdefault((province, "it"), 0.0)
    for (name, province), count in demand.calls.items():
        queue = rules.queues.get(QueueId(name))
        key = (province, queue.language if queue is not None else "it")
        rate = count / demand.hours
        calls[key] = calls.get(key, 0.0) + rate
        moved[key] = moved.get(key, 0.0) + rate * _to_offices(queue, after, agents)
    own = {key: [office for office in rules.offices.values() if _serves(office, *key)] for key in calls}
    shared: dict[OfficeId, float] = {}
    for key, offices in own.items():
        for office in offices:
            shared[office.id] = shared.get(office.id, 0.0) + moved.get(key, 0.0)
    found = []
    for key, rate in calls.items():
        there = [office for office in own[key] if serving[office.id]]
        capacity = sum(
            office.capacity * (moved.get(key, 0.0) / shared[office.id] if shared[office.id] else 1.0)
            for office in there
        )
        found.append(
            PlaceForecast(
                province=key[0],
                language=key[1],
                calls_h=rate,
                moved_h=moved.get(key, 0.0),
                offices=len(own[key]),
                open=len(there),
                capacity_h=capacity * HOUR_S / talk_s,
                reach="own" if there else _reach(rules, key[0], key[1], serving),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.calls_h, each.province, each.language)))


def _reach(rules: RuleSet, province: str, language: str, serving: Mapping[OfficeId, bool]) -> Reach:
    """Where the nearest open office lies for callers whose own are closed or who have none."""
    there = {
        office.province
        for office in rules.offices.values()
        if serving[office.id] and language in office.languages
    }
    around = rules.territory.get(province)
    if around is not None:
        of_region = {name for name, other in rules.territory.items() if other.region == around.region}
        if there & of_region:
            return "region"
        if there & set(around.neighbours):
            return "neighbours"
    return "anywhere" if there else "nobody"
