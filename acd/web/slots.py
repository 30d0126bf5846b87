"""Volunteers' slots: a person's own, and sums for everybody else.

Own slots stand below the agent's path and open to that agent's token alone; what is done with them is audited
without a name (``acd.web.door``), for a list of who opted in would be one of who did not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from aiohttp import web

from acd.errors import NotFound
from acd.runtime.opt_in_keeper import Offered
from acd.store.records import SlotKind, SlotPlace
from acd.volunteering.checking import Flag, refuses
from acd.volunteering.rome import month_span
from acd.volunteering.totals import slots_csv, totals
from acd.web.models import NoBody, NoQuery, shown
from acd.web.routes import CSV, Ask
from acd.web.slot_forms import (
    AcceptedAnswer,
    CheckAnswer,
    CheckQuery,
    FlagAnswer,
    HoursAnswer,
    KindHoursAnswer,
    LanguageQuery,
    MonthQuery,
    OfficeHoursAnswer,
    SlotAnswer,
    SlotRequest,
    SlotsAnswer,
    SlotsQuery,
    TotalAnswer,
    TotalsAnswer,
)

__all__ = ["accept", "check", "confirm", "hours", "own", "own_csv", "own_totals", "withdraw"]

_NUMBER: Final = re.compile("[0-9]{1,15}")


async def own(ask: Ask[SlotsQuery, NoBody]) -> SlotsAnswer:
    """The person's slots, withdrawn ones too."""
    found = await ask.centre.opt_ins().own(ask.view().id, ask.query.since_ms, ask.query.until_ms)
    return SlotsAnswer(items=tuple(shown(SlotAnswer, slot) for slot in found))


async def check(ask: Ask[CheckQuery, NoBody]) -> CheckAnswer:
    """What is odd about a slot, before it is accepted."""
    asked = ask.query
    flags = await ask.centre.opt_ins().check(ask.view().id, _offered(asked))
    return CheckAnswer(acceptable=not refuses(flags), flags=_flags(flags, asked.lang))


async def accept(ask: Ask[LanguageQuery, SlotRequest]) -> AcceptedAnswer:
    """Opt in for a slot."""
    language = ask.query.lang
    accepted = await ask.centre.opt_ins().accept(ask.view().id, _offered(ask.body), language)
    return AcceptedAnswer(slot=shown(SlotAnswer, accepted.slot), flags=_flags(accepted.flags, language))


async def withdraw(ask: Ask[NoQuery, NoBody]) -> SlotAnswer:
    """Opt out."""
    return shown(SlotAnswer, await ask.centre.opt_ins().withdraw(ask.view().id, _slot_id(ask)))


async def confirm(ask: Ask[NoQuery, NoBody]) -> SlotAnswer:
    """Say that the time of a slot is right."""
    return shown(SlotAnswer, await ask.centre.opt_ins().confirm(ask.view().id, _slot_id(ask)))


async def own_totals(ask: Ask[MonthQuery, NoBody]) -> TotalsAnswer:
    """The person's totals of a month."""
    since_ms, until_ms = month_span(ask.query.month)
    found = await ask.centre.opt_ins().own(ask.view().id, since_ms, until_ms)
    items = tuple(shown(TotalAnswer, each) for each in totals(found, since_ms, until_ms))
    return TotalsAnswer(month=ask.query.month, items=items)


async def own_csv(ask: Ask[MonthQuery, NoBody]) -> web.Response:
    """The person's slots of a month with the totals, as a table."""
    month = ask.query.month
    since_ms, until_ms = month_span(month)
    found = await ask.centre.opt_ins().own(ask.view().id, since_ms, until_ms)
    answer = web.Response(text=slots_csv(found, since_ms, until_ms), content_type=CSV, charset="utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="slots-{month}.csv"'
    return answer


async def hours(ask: Ask[MonthQuery, NoBody]) -> HoursAnswer:
    """Hours lent by each office and hours by kind, of groups that are large enough."""
    k = ask.desk.k
    told = await ask.centre.opt_ins().lent(ask.query.month, k)
    return HoursAnswer(
        month=told.month,
        k=k,
        offices=tuple(shown(OfficeHoursAnswer, each) for each in told.offices),
        kinds=tuple(shown(KindHoursAnswer, each) for each in told.kinds),
    )


def _offered(asked: CheckQuery | SlotRequest) -> Offered:
    return Offered(
        office=asked.office,
        from_ms=asked.from_ms,
        until_ms=asked.until_ms,
        kind=SlotKind(asked.kind),
        place=SlotPlace(asked.place),
    )


def _flags(flags: Iterable[Flag], language: str) -> tuple[FlagAnswer, ...]:
    return tuple(
        FlagAnswer(rule=flag.rule, refuses=flag.refuses, sentence=flag.said[language]) for flag in flags
    )


def _slot_id(ask: Ask[NoQuery, NoBody]) -> int:
    number = ask.request.match_info["slot"]
    if _NUMBER.fullmatch(number) is None:
        raise NotFound(f"There is no slot {number[:40]!r}; they have numbers.")
    return int(number)
