"""The board's picture: the whole centre once a second, for everybody who looks at the wall.

It is made once for all readers who may see the same sites, from the frozen views of the engine and the exact
counts of the day; nothing in it is estimated, and nothing names a person (small groups are merged or not
told, ``acd.metrics.privacy``).

**State of a queue**, by the rules of the alerts, so that wall and pager agree:

* *alarm*: open and nobody logged in while somebody waits and no office stands in (``nobody``); somebody has
  waited three times the threshold (``wait``); the last 30 minutes are 10 points under the target and hold
  more than 30 calls that count (``level``).
* *watch*: somebody has waited longer than the threshold; the last 30 minutes are under the target and hold
  10 calls that count or more.
* *closed*: outside its hours, and nobody waits. *ok*: everything else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

from acd.core.health import BreakerState
from acd.core.ids import QueueId, SiteId
from acd.core.notes import AgentState
from acd.core.policy import Queue, RuleSet
from acd.core.views import OfficeView, QueueView
from acd.fallback.resolving import Decision, Effective
from acd.fallback.scopes import NATIONAL, office_scope
from acd.figures.counts import Counts, total
from acd.figures.days import MENU, Day
from acd.figures.formulas import Formula
from acd.metrics.privacy import is_few, protect
from acd.rules.calendar import ROME
from acd.web.answers import ExerciseAnswer
from acd.web.board_forms import (
    BoardAnswer,
    BoardTotalsAnswer,
    FallbackNow,
    FiguresAnswer,
    GroupRow,
    HalfHourRow,
    MapAnswer,
    MapRow,
    OfficesNow,
    OfficeState,
    QueueRow,
    State,
    TransitionNow,
    Why,
)
from acd.web.centre import Centre

__all__ = ["board_of", "map_of"]

ALARM_TIMES: Final = 3
"""A wait of so many thresholds is an alarm …"""
ALARM_POINTS: Final = 0.10
"""… and so is a service level this much under its target …"""
ALARM_COUNTED: Final = 30
"""… over more calls than this; …"""
WATCH_COUNTED: Final = 10
"""… under the target over so many it is watched."""
BUSY: Final = (AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING)
EMPTY: Final = Counts()


def board_of(centre: Centre, sites: frozenset[SiteId], now_ms: int) -> BoardAnswer:
    """The board as a bearer of these sites may see it; empty: all sites."""
    rules, formula, days = centre.rules(), centre.service_level(), centre.today()
    effective = centre.fallback().effective()
    queues = centre.queues()
    k = centre.privacy().k_min
    day = dt.datetime.fromtimestamp(now_ms / 1000, ROME).date().isoformat()
    stand_in = effective.fallback.on
    rows = tuple(
        _row(
            view,
            rules,
            days.get(view.id),
            formula=formula,
            target=rules.queues[view.id].target_on(day),
            now_ms=now_ms,
            k=k,
            stand_in=stand_in,
        )
        for view in queues
    )
    groups, merged = _groups(centre, sites, k)
    return BoardAnswer(
        at_ms=now_ms,
        day_ms=next((each.began_ms for each in days.values()), 0),
        formula=formula,
        not_ready=centre.not_ready(),
        exercise=_exercise(centre, now_ms),
        totals=_totals(rows, days, formula),
        queues=rows,
        groups=groups,
        merged=merged,
        half_hours=_half_hours(days, formula),
        fallback=_fallback(effective),
        transition=_transition(centre),
        offices=_offices(centre.offices()),
    )


def map_of(centre: Centre, _: frozenset[SiteId], now_ms: int) -> MapAnswer:
    """Every office and what is in force for it."""
    effective = centre.fallback().effective()
    return MapAnswer(
        at_ms=now_ms,
        not_ready=centre.not_ready(),
        fallback=_fallback(effective),
        transition=_transition(centre),
        offices=tuple(
            _place(view, effective.decisions.get(office_scope(view.id))) for view in centre.offices()
        ),
    )


# ── queues ───────────────────────────────────────────────────────────────────────────────────


def _row(
    view: QueueView,
    rules: RuleSet,
    day: Day | None,
    *,
    formula: Formula,
    target: float,
    now_ms: int,
    k: int,
    stand_in: bool,
) -> QueueRow:
    queue = rules.queues[view.id]
    today, recent = (day.today, day.recent) if day is not None else (EMPTY, EMPTY)
    few = is_few(view.agents_able, view.agents_there, k)
    is_open = _is_open(rules, queue, now_ms)
    waiting = view.waiting + view.offered_now
    nobody = not few and view.agents_there == 0 and not stand_in
    state, why = state_of(
        is_open=is_open,
        waiting=waiting,
        nobody=nobody,
        wait_ms=view.longest_wait_ms,
        threshold_ms=queue.threshold_ms,
        level=formula.ratio(recent),
        counted=formula.denominator(recent),
        target=target,
    )
    return QueueRow(
        id=view.id,
        name=view.name,
        sites=queue.sites,
        state=state,
        why=why,
        open=is_open,
        waiting=waiting,
        talking=view.talking,
        longest_wait_ms=view.longest_wait_ms,
        threshold_ms=queue.threshold_ms,
        target=target,
        level_today=_ratio(formula, today),
        level_recent=_ratio(formula, recent),
        offered=today.offered,
        answered=today.answered,
        abandoned=today.abandoned,
        to_offices=today.answered_by_offices,
        closed=today.closed,
        ready=None if few else view.agents_ready,
        there=None if few else view.agents_there,
    )


def state_of(
    *,
    is_open: bool,
    waiting: int,
    nobody: bool,
    wait_ms: int,
    threshold_ms: int,
    level: float | None,
    counted: int,
    target: float,
) -> tuple[State, Why]:
    """How a queue does, and why it is not well."""
    if is_open and waiting and nobody:
        return "alarm", "nobody"
    if waiting and wait_ms > ALARM_TIMES * threshold_ms:
        return "alarm", "wait"
    if is_open and level is not None and counted > ALARM_COUNTED and level < target - ALARM_POINTS:
        return "alarm", "level"
    if waiting and wait_ms > threshold_ms:
        return "watch", "wait"
    if is_open and level is not None and counted >= WATCH_COUNTED and level < target:
        return "watch", "level"
    return ("ok", "") if is_open or waiting else ("closed", "")


def _is_open(rules: RuleSet, queue: Queue, now_ms: int) -> bool:
    calendar = rules.calendars.get(queue.calendar) if queue.calendar is not None else None
    return calendar is None or calendar.open_at(now_ms)


def _totals(rows: tuple[QueueRow, ...], days: Mapping[QueueId, Day], formula: Formula) -> BoardTotalsAnswer:
    longest = max(rows, key=lambda row: row.longest_wait_ms, default=None)
    counted = [formula.denominator(days[QueueId(row.id)].today) if row.id in days else 0 for row in rows]
    weights = counted if any(counted) else [1] * len(rows)
    target = sum(row.target * weight for row, weight in zip(rows, weights, strict=True))
    return BoardTotalsAnswer(
        waiting=sum(row.waiting for row in rows),
        talking=sum(row.talking for row in rows),
        longest_wait_ms=longest.longest_wait_ms if longest is not None else 0,
        longest_queue=longest.id if longest is not None and longest.longest_wait_ms else "",
        target=round(target / sum(weights), 4) if rows else None,
        today=_figures(formula, total(day.today for day in days.values())),
        recent=_figures(formula, total(day.recent for day in days.values())),
    )


def _figures(formula: Formula, counts: Counts) -> FiguresAnswer:
    return FiguresAnswer(
        level=_ratio(formula, counts),
        counted=formula.denominator(counts),
        offered=counts.offered,
        answered=counts.answered,
        to_offices=counts.answered_by_offices,
        abandoned=counts.abandoned,
        short_abandoned=counts.short_abandoned,
        closed=counts.closed,
        safety_net=counts.safety_net,
        lost=counts.lost,
        wait_mean_ms=counts.wait_mean_ms,
    )


def _half_hours(days: Mapping[QueueId, Day], formula: Formula) -> tuple[HalfHourRow, ...]:
    by_begin: dict[int, list[Counts]] = {}
    for queue, day in days.items():
        if queue != MENU:
            for began_ms, counts in day.half_hours.items():
                by_begin.setdefault(began_ms, []).append(counts)
    sums = {began_ms: total(parts) for began_ms, parts in sorted(by_begin.items())}
    return tuple(
        HalfHourRow(
            began_ms=began_ms,
            offered=counts.offered,
            answered=counts.answered,
            to_offices=counts.answered_by_offices,
            abandoned=counts.abandoned,
            level=_ratio(formula, counts),
        )
        for began_ms, counts in sums.items()
    )


def _ratio(formula: Formula, counts: Counts) -> float | None:
    found = formula.ratio(counts)
    return None if found is None else round(found, 4)


# ── people, fallback, offices ────────────────────────────────────────────────────────────────


def _groups(centre: Centre, sites: frozenset[SiteId], k: int) -> tuple[tuple[GroupRow, ...], int]:
    found = protect(centre.summary().agents, k)
    names = centre.rules().sites
    rows = tuple(
        GroupRow(
            site=site,
            name=names[SiteId(site)].name if site in names else "",
            ready=states.get(AgentState.READY, 0),
            busy=sum(states.get(state, 0) for state in BUSY),
            wrap_up=states.get(AgentState.WRAP_UP, 0),
            paused=states.get(AgentState.PAUSED, 0),
            unreachable=states.get(AgentState.UNREACHABLE, 0),
        )
        for site, states in found.groups.items()
        if not sites or site in sites
    )
    return rows, found.merged if not sites else 0


def _fallback(effective: Effective) -> FallbackNow:
    voice, forced = effective.decisions[NATIONAL].by, effective.fallback.offices
    return FallbackNow(
        on=effective.fallback.on,
        source=voice.source,
        reason=voice.reason,
        until_ms=voice.until_ms,
        sites_on=len(effective.fallback.shares),
        offices_on=sum(forced.values()),
        offices_off=len(forced) - sum(forced.values()),
    )


def _transition(centre: Centre) -> TransitionNow | None:
    keeper = centre.transition()
    standing = keeper.standing()
    if not standing.phase:
        return None
    phase = keeper.plan.phase(standing.phase)
    shares = keeper.shares().values()
    return TransitionNow(
        phase=standing.phase,
        name=phase.name if phase is not None else standing.phase,
        step=standing.step + 1,
        steps=phase.steps if phase is not None else standing.step + 1,
        since_ms=standing.since_ms,
        share_min=min(shares, default=100),
        share_max=max(shares, default=100),
        problem=keeper.problem,
    )


def _exercise(centre: Centre, now_ms: int) -> ExerciseAnswer | None:
    keeper = centre.configuration()
    exercise = keeper.exercise if keeper is not None else None
    if exercise is None:
        return None
    return ExerciseAnswer(calendar=exercise.calendar_now(now_ms), day_s=exercise.day_s)


def _offices(views: Iterable[OfficeView]) -> OfficesNow:
    offices = tuple(views)
    return OfficesNow(
        total=len(offices),
        open=sum(office.open for office in offices),
        resting=sum(_rests(office) for office in offices),
        carrier_out=sum(office.carrier_out for office in offices),
        in_use=sum(office.in_use for office in offices),
        capacity=sum(office.capacity for office in offices),
    )


def _place(view: OfficeView, decision: Decision | None) -> MapRow:
    return MapRow(
        id=view.id,
        name=view.name,
        province=view.province,
        state=_state_of(view),
        capacity=view.capacity,
        in_use=view.in_use,
        until_ms=decision.by.until_ms if decision is not None and view.forced is not None else None,
    )


def _state_of(view: OfficeView) -> OfficeState:
    """One word: what somebody forced goes before what the office does by itself."""
    if view.forced is False:
        return "forced_off"
    if view.carrier_out:
        return "out"
    if view.forced:
        return "forced_on"
    if not view.open:
        return "closed"
    return "resting" if _rests(view) else "open"


def _rests(view: OfficeView) -> bool:
    return view.open and view.breaker != BreakerState.CLOSED
