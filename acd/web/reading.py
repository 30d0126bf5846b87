"""What is only read: health, the centre in numbers, calls in progress and ended ones, and who one is.

Nothing here names an agent. Numbers of agents per site are merged where a group is too small
(``acd.metrics.privacy``), here as in the metrics; a token with sites is shown these sites' groups only, and
only where they are shown to everybody. Calls in progress belong to no site until somebody answers.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from aiohttp import web

from acd.core.ids import QueueId
from acd.core.views import QueueView
from acd.errors import NotFound
from acd.metrics.names import OTHER
from acd.metrics.privacy import is_few, protect
from acd.web.answers import (
    Alive,
    CallAnswer,
    CallsAnswer,
    CountsAnswer,
    ExerciseAnswer,
    LedgerAnswer,
    LedgerPage,
    MeAnswer,
    NodeAnswer,
    OfficeAnswer,
    OfficesAnswer,
    QueueAnswer,
    QueuesAnswer,
    Ready,
    SummaryAnswer,
)
from acd.web.centre import Centre
from acd.web.kept_forms import JournalAnswer, QueueLogAnswer, StoreAnswer
from acd.web.models import CallsQuery, LedgerQuery, NoBody, NoQuery, PageQuery, shown
from acd.web.pages import page_in_order, page_of
from acd.web.problems import CursorGone, problem
from acd.web.routes import JSON, Ask
from acd.web.today import today_of
from acd.web.toggles import brief

CALLS_MAX: Final = 20_000
"""More calls than this are not in progress on any machine of ours."""

_PLACE: Final = re.compile(r"[0-9]{1,15}/.{1,180}")

COUNTS: Final = (
    "entered",
    "ended",
    "in_progress",
    "unaccounted",
    "answered",
    "to_offices",
    "abandoned",
    "safety_net",
    "closed",
    "lost",
)


async def livez(_: Ask[NoQuery, NoBody]) -> Alive:
    """200 while the loop turns; nothing else is asked, so that only a stuck process is restarted."""
    return Alive()


async def readyz(ask: Ask[NoQuery, NoBody]) -> Ready | web.Response:
    """200 while calls can be routed, else 503 with the reason why not; a full disk stops no call."""
    why_not = ask.centre.not_ready()
    if why_not is not None:
        return problem(why_not, "not-ready")
    store, journal = ask.centre.store(), ask.centre.journal_state()
    queue_log = ask.centre.queue_log_state()
    return Ready(
        detail=_detail(ask.centre),
        cannot_write=(
            *(("store",) if store is not None and not store.state().writable else ()),
            *(("journal",) if journal is not None and not journal.writable else ()),
            *(("queue_log",) if queue_log is not None and not queue_log.writable else ()),
        ),
    )


def _detail(centre: Centre) -> str:
    """What should be known though calls are routed; no name of a file, for strangers read it."""
    keeper = centre.configuration()
    told = ["newer files were refused, the last good revision runs"] if centre.rules_refused() else []
    if keeper is not None and keeper.confirm_by_ms is not None:
        told.append(f"revision {keeper.number} waits to be confirmed, or undoes itself")
    return "; ".join(told)


async def openapi(ask: Ask[NoQuery, NoBody]) -> web.Response:
    """The document of all this."""
    return web.Response(body=ask.desk.openapi, content_type=JSON)


async def me(ask: Ask[NoQuery, NoBody]) -> MeAnswer:
    """Who asks, as we see it."""
    bearer = ask.bearer
    return MeAnswer(
        who=bearer.who,
        role=bearer.role,
        sites=tuple(sorted(bearer.sites)),
        agent=bearer.agent,
        expires_ms=bearer.record.expires_ms if bearer.record is not None else None,
    )


async def summary(ask: Ask[NoQuery, NoBody]) -> SummaryAnswer:
    """The whole centre in numbers."""
    centre = ask.centre
    found = centre.summary()
    groups = protect(found.agents, ask.desk.k).groups
    sites = ask.bearer.sites
    running = centre.dialplan_revisions()
    store, journal, queue_log = centre.store(), centre.journal_state(), centre.queue_log_state()
    keeper = centre.configuration()
    return SummaryAnswer(
        counts=CountsAnswer(
            **{name: getattr(found, name) for name in COUNTS},
            agents={site: group for site, group in groups.items() if not sites or site in sites},
        ),
        nodes=tuple(
            NodeAnswer(
                id=node.id,
                state=node.state,
                asterisk_version=node.asterisk_version,
                since_ms=node.since_ms,
                entry_revision=running.get(node.id, ""),
            )
            for node in centre.nodes()
        ),
        not_ready=centre.not_ready(),
        revision=centre.rules().revision,
        rules_refused=centre.rules_refused(),
        configuration=keeper.number if keeper is not None else 0,
        confirm_by_ms=keeper.confirm_by_ms if keeper is not None else None,
        entry_revision=centre.entry_revision(),
        roster_revision=centre.roster().revision,
        store=shown(StoreAnswer, store.state()) if store is not None else None,
        fallback=brief(centre),
        exercise=_exercise(ask),
        journal=shown(JournalAnswer, journal) if journal is not None else None,
        queue_log=shown(QueueLogAnswer, queue_log) if queue_log is not None else None,
        today=today_of(centre),
        series=centre.series(),
    )


def _exercise(ask: Ask[NoQuery, NoBody]) -> ExerciseAnswer | None:
    keeper = ask.centre.configuration()
    exercise = keeper.exercise if keeper is not None else None
    if exercise is None:
        return None
    return ExerciseAnswer(calendar=exercise.calendar_now(ask.desk.clock.now_ms()), day_s=exercise.day_s)


async def queues(ask: Ask[PageQuery, NoBody]) -> QueuesAnswer:
    """Each queue now."""
    found, after = page_in_order(ask.centre.queues(), lambda queue: queue.id, ask.query)
    return QueuesAnswer(items=tuple(_shown_queue(queue, ask.desk.k) for queue in found), next=after)


def _shown_queue(view: QueueView, k: int) -> QueueAnswer:
    """A small group's free people are not told: one or two of them would be persons."""
    few = is_few(view.agents_able, view.agents_there, k)
    return shown(QueueAnswer, msgspec.structs.replace(view, agents_ready=None) if few else view)


async def queue(ask: Ask[NoQuery, NoBody]) -> QueueAnswer:
    """One queue now."""
    name = ask.request.match_info["queue"]
    for view in ask.centre.queues():
        if view.id == name:
            return _shown_queue(view, ask.desk.k)
    raise _no_queue(name)


async def offices(ask: Ask[PageQuery, NoBody]) -> OfficesAnswer:
    """Each office and its line now."""
    found, after = page_in_order(ask.centre.offices(), lambda office: office.id, ask.query)
    return OfficesAnswer(items=tuple(shown(OfficeAnswer, office) for office in found), next=after)


async def calls(ask: Ask[CallsQuery, NoBody]) -> CallsAnswer:
    """Calls in progress, of one queue or of all, oldest first."""
    name = ask.query.queue
    if name is not None and name not in ask.centre.rules().queues:
        raise _no_queue(name)
    most = CALLS_MAX if ask.query.after is not None else ask.query.limit + 1
    all_of_them = ask.centre.calls(QueueId(name) if name is not None else None, most)
    found, after = page_in_order(all_of_them, lambda call: call.id, ask.query)
    return CallsAnswer(items=tuple(shown(CallAnswer, call) for call in found), next=after)


async def call(ask: Ask[NoQuery, NoBody]) -> CallAnswer:
    """One call in progress."""
    name = ask.request.match_info["call"]
    for view in ask.centre.calls(None, CALLS_MAX):
        if view.id == name:
            return shown(CallAnswer, view)
    raise NotFound(f"There is no call {name[:64]!r} in progress; the ledger has those that have ended.")


async def ledger(ask: Ask[LedgerQuery, NoBody]) -> LedgerPage:
    """Ended calls; for a token with sites those that its sites answered."""
    query = ask.query
    if query.after is not None and _PLACE.fullmatch(query.after) is None:
        raise CursorGone("The cursor names no place in the ledger.")
    rows = await ask.desk.store().ledger(
        since_ms=query.since_ms, until_ms=query.until_ms, after=query.after or "", limit=query.limit + 1
    )
    found, after = page_of(rows, lambda row: f"{row.ended_ms}/{row.call}", query.limit)
    sites = ask.bearer.sites
    small = _small_sites(ask)
    items = tuple(
        shown(LedgerAnswer, msgspec.structs.replace(row, site=OTHER) if row.site in small else row)
        for row in found
        if not sites or row.site in sites
    )
    return LedgerPage(items=items, next=after)


def _small_sites(ask: Ask[LedgerQuery, NoBody]) -> set[str]:
    """Sites of so few people that a call answered there is nearly a person's."""
    people: dict[str, int] = {}
    for agent in ask.centre.roster().roster.agents.values():
        people[agent.site] = people.get(agent.site, 0) + 1
    return {site for site in ask.centre.rules().sites if people.get(site, 0) < ask.desk.k}


def _no_queue(name: str) -> NotFound:
    return NotFound(f"There is no queue {name[:64]!r} in the rules.")
