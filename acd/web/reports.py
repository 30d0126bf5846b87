"""Reports for supervisors (``acd.reports``): the same data as ``acd report`` shows.

One at a time: the second waits (``acd.web.turns``), so that nobody's curiosity takes the machine.
"""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from acd.core.policy import Roster, RuleSet
from acd.errors import NotFound
from acd.figures.formulas import Formula
from acd.reports import Asked, Kind, make_report
from acd.rules.goals import Goals
from acd.web.models import NoBody, shown
from acd.web.report_forms import ReportAnswer, ReportQuery
from acd.web.routes import JSON, Ask

__all__ = ["report"]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a report depends on beside the ledger."""

    rules: RuleSet
    roster: Roster
    goals: Goals
    headline: Formula
    k: int
    now_ms: int


async def report(ask: Ask[ReportQuery, NoBody]) -> web.Response:
    """Make a report of some days."""
    name = ask.request.match_info["report"]
    if name not in set(Kind):
        raise NotFound(f"There is no report {name[:40]!r}: there is {', '.join(Kind)}.")
    query, centre = ask.query, ask.centre
    keeper = centre.configuration()
    asked = Asked(kind=Kind(name), from_day=query.from_day, to_day=query.to_day, queue=query.queue or "")
    given = Given(
        rules=centre.rules(),
        roster=centre.roster().roster,
        goals=keeper.configuration.goals if keeper is not None else Goals(),
        headline=centre.service_level(),
        k=ask.desk.k,
        now_ms=ask.desk.clock.now_ms(),
    )
    async with ask.desk.reporting:
        made = await make_report(ask.desk.store(), asked, given)
        body = await asyncio.to_thread(lambda: shown(ReportAnswer, made).model_dump_json())
    return web.Response(text=body, content_type=JSON)
