"""The transition: where it stands, the steps that people take, and what a change would do.

A step is in force when it is answered. It concerns all sites, so a token with sites takes none. How many
agents a site has is told nowhere here: the guards speak of a sum over the sites with a share, the forecast of
calls per hour.
"""

from __future__ import annotations

from typing import Final

from acd.core.ids import SiteId
from acd.core.notes import AgentState
from acd.core.policy import Fallback
from acd.errors import Conflict, Forbidden
from acd.fallback.resolving import TransitionNow
from acd.runtime.transition_keeper import TransitionKeeper
from acd.store.port import Store
from acd.store.records import LedgerRow, OverrideMode
from acd.transition.forecast import HALF_HOUR_MS, Demand, demand_of, forecast
from acd.transition.moves import NOWHERE, Move, Place, leads_to
from acd.transition.readiness import ReadinessList, why_not_ready
from acd.web.centre import Centre
from acd.web.models import NoBody, shown
from acd.web.routes import Ask
from acd.web.transition_forms import (
    ForecastAnswer,
    ForecastQuery,
    MoveRequest,
    PhaseAnswer,
    PlaceAnswer,
    PlaceForecastAnswer,
    QueueForecastAnswer,
    ReadinessAnswer,
    StepAnswer,
    TransitionAnswer,
    TransitionQuery,
)

__all__ = ["foretell", "move", "shown_readiness", "transition"]

HISTORY: Final = 20
ROWS_AT_ONCE: Final = 5_000
ROWS_MAX: Final = 60_000
"""More calls than this say no more of what an hour brings."""


async def transition(ask: Ask[TransitionQuery, NoBody]) -> TransitionAnswer:
    """Where it stands, what the guards say, and what lies ahead and behind."""
    return await _answer(ask)


async def move(ask: Ask[TransitionQuery, MoveRequest]) -> TransitionAnswer:
    """Take one step; it is in force when this answers."""
    wanted, keeper = ask.body, ask.centre.transition()
    ask.noted["target"] = f"transition {wanted.move}"
    ask.noted["detail"] = f"{'forced: ' if wanted.force else ''}{wanted.reason}"
    if ask.bearer.sites:
        raise Forbidden("The transition concerns all sites; the token is for some.")
    if wanted.move is not Move.START and (wanted.force or wanted.phase is not None):
        raise Conflict("Only a start names a phase or is forced.")
    record = await keeper.move(
        wanted.move,
        author=ask.bearer.who,
        reason=wanted.reason,
        phase=wanted.phase or "",
        force=wanted.force,
        expected=wanted.seen,
    )
    ask.noted["target"] = f"{record.phase or 'none'} step {record.step}"
    await ask.centre.fallback().refresh()
    return await _answer(ask)


async def foretell(ask: Ask[ForecastQuery, NoBody]) -> ForecastAnswer:
    """What a change would do to the calls of the last half hours."""
    query, centre = ask.query, ask.centre
    now_ms = ask.desk.clock.now_ms()
    demand = await _demand(ask.desk.store(), now_ms, int(query.half_hours))
    found = forecast(
        centre.rules(),
        demand,
        before=centre.fallback().told(),
        after=_after(centre, query),
        is_open={view.id: view.open for view in centre.offices()},
        agents=_agents(centre),
    )
    return ForecastAnswer(
        hours=found.hours,
        calls=found.calls,
        calls_h=found.calls_h,
        before_h=found.before_h,
        after_h=found.after_h,
        moved_h=found.moved_h,
        offices_h=found.offices_h,
        agents_h=found.agents_h,
        talk_s=found.talk_s,
        talk_assumed=found.talk_assumed,
        queues=tuple(shown(QueueForecastAnswer, each) for each in found.queues),
        places=tuple(shown(PlaceForecastAnswer, each) for each in found.places),
        out_of_reach=found.out_of_reach,
        overloaded=found.overloaded,
    )


def shown_readiness(keeper: TransitionKeeper, found: ReadinessList, now_ms: int) -> ReadinessAnswer:
    """The readiness list in a line."""
    demand = keeper.plan.readiness
    return ReadinessAnswer(
        ready=found.ready,
        lines=len(found.lines),
        ratio=round(found.ratio, 4),
        ready_min=demand.ready_min,
        hours_max=demand.hours_max,
        newest_ms=found.newest_ms,
        why_not=why_not_ready(found, demand, now_ms),
    )


# ── inside ───────────────────────────────────────────────────────────────────────────────────


async def _answer(ask: Ask[TransitionQuery, NoBody] | Ask[TransitionQuery, MoveRequest]) -> TransitionAnswer:
    keeper = ask.centre.transition()
    standing, said = keeper.standing(), keeper.decision
    readiness = await keeper.readiness()
    here = Place(standing.phase, standing.step) if standing.phase else None
    return TransitionAnswer(
        number=standing.number,
        since_ms=standing.since_ms,
        here=_place(keeper, here) if here is not None else None,
        ahead=_led(keeper, Move.NEXT if here is not None else Move.START),
        behind=_led(keeper, Move.BACK),
        row=said.row,
        guards=said.it if ask.query.lang == "it" else said.en,
        problem=keeper.problem,
        readiness=shown_readiness(keeper, readiness, ask.desk.clock.now_ms()),
        phases=tuple(shown(PhaseAnswer, phase) for phase in keeper.plan.phases),
        history=tuple(shown(StepAnswer, record) for record in keeper.history()[:HISTORY]),
    )


def _led(keeper: TransitionKeeper, wanted: Move) -> PlaceAnswer | None:
    """Where a step would lead, if anywhere."""
    try:
        return _place(keeper, leads_to(keeper.plan, keeper.standing(), wanted))
    except Conflict:
        return None


def _place(keeper: TransitionKeeper, place: Place) -> PlaceAnswer:
    phase = keeper.plan.phase(place.phase)
    return PlaceAnswer(
        phase=place.phase,
        step=place.step,
        on=phase is None or phase.fallback,
        shares={str(site): share for site, share in keeper.shares_at(place).items()},
    )


def _after(centre: Centre, query: ForecastQuery) -> Fallback:
    """What would be in force after the change."""
    fallback = centre.fallback()
    if query.change in {"fallback_on", "fallback_off"}:
        mode = OverrideMode.FORCED_ON if query.change == "fallback_on" else OverrideMode.FORCED_OFF
        return fallback.would(scope=query.scope, mode=mode)
    keeper = centre.transition()
    place = leads_to(keeper.plan, keeper.standing(), Move(query.change), query.phase or "")
    if place == NOWHERE:
        return fallback.would(transition=TransitionNow())
    phase = keeper.plan.phase(place.phase)
    then = TransitionNow(
        on=phase is None or phase.fallback,
        shares=keeper.shares_at(place),
        phase=place.phase,
        step=place.step,
    )
    return fallback.would(transition=then)


def _agents(centre: Centre) -> dict[SiteId, int]:
    """Logged in, by site."""
    return {
        site: sum(count for state, count in states.items() if state is not AgentState.LOGGED_OUT)
        for site, states in centre.summary().agents.items()
    }


async def _demand(store: Store, now_ms: int, half_hours: int) -> Demand:
    """The calls that ended in the last half hours; of very many the first ones, and so many hours less."""
    since_ms = now_ms - half_hours * HALF_HOUR_MS
    rows: list[LedgerRow] = []
    after = ""
    while len(rows) < ROWS_MAX:
        page = await store.ledger(since_ms=since_ms, until_ms=now_ms, after=after, limit=ROWS_AT_ONCE)
        rows += page
        if len(page) < ROWS_AT_ONCE:
            return demand_of(rows, half_hours / 2)
        after = f"{page[-1].ended_ms}/{page[-1].call}"
    return demand_of(rows, max(1, rows[-1].ended_ms - since_ms) / 3_600_000)
