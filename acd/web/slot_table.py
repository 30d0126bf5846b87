"""Routes of volunteers' slots and hours."""

from __future__ import annotations

from typing import Final

from acd.store.records import Role
from acd.web import slots
from acd.web.models import NoBody, NoQuery, RosterText
from acd.web.routes import CSV, AnyRoute, Route
from acd.web.slot_forms import (
    AcceptedAnswer,
    CheckAnswer,
    CheckQuery,
    HoursAnswer,
    LanguageQuery,
    MonthQuery,
    SlotAnswer,
    SlotRequest,
    SlotsAnswer,
    SlotsQuery,
    TotalsAnswer,
)

OWN: Final = ("not-found", "store-unavailable")

SLOTS: Final[tuple[AnyRoute, ...]] = (
    Route(
        method="GET",
        path="/agents/{agent}/slots",
        role=None,
        own_agent=True,
        query=SlotsQuery,
        body=NoBody,
        answer=SlotsAnswer,
        handler=slots.own,
        summary="The agent's own slots as a volunteer, withdrawn ones too.",
        problems=OWN,
    ),
    Route(
        method="GET",
        path="/agents/{agent}/slots/check",
        role=None,
        own_agent=True,
        query=CheckQuery,
        body=NoBody,
        answer=CheckAnswer,
        handler=slots.check,
        summary="What is odd about a slot, before it is accepted.",
        problems=(*OWN, "conflict"),
    ),
    Route(
        method="POST",
        path="/agents/{agent}/slots",
        role=None,
        own_agent=True,
        query=LanguageQuery,
        body=SlotRequest,
        answer=AcceptedAnswer,
        handler=slots.accept,
        summary="Accept a slot: opt in from its begin to its end.",
        action="slot.accept",
        problems=(*OWN, "conflict"),
    ),
    Route(
        method="POST",
        path="/agents/{agent}/slots/{slot}/withdraw",
        role=None,
        own_agent=True,
        query=NoQuery,
        body=NoBody,
        answer=SlotAnswer,
        handler=slots.withdraw,
        summary="Withdraw a slot: opt out at once, after the present call and its wrap-up.",
        action="slot.withdraw",
        problems=(*OWN, "conflict"),
    ),
    Route(
        method="POST",
        path="/agents/{agent}/slots/{slot}/confirm",
        role=None,
        own_agent=True,
        query=NoQuery,
        body=NoBody,
        answer=SlotAnswer,
        handler=slots.confirm,
        summary="Confirm that the time of a slot that is over is right.",
        action="slot.confirm",
        problems=(*OWN, "conflict"),
    ),
    Route(
        method="GET",
        path="/agents/{agent}/slots/totals",
        role=None,
        own_agent=True,
        query=MonthQuery,
        body=NoBody,
        answer=TotalsAnswer,
        handler=slots.own_totals,
        summary="The agent's own hours of a month, by kind and place.",
        problems=OWN,
    ),
    Route(
        method="GET",
        path="/agents/{agent}/slots.csv",
        role=None,
        own_agent=True,
        query=MonthQuery,
        body=NoBody,
        answer=RosterText,
        handler=slots.own_csv,
        summary="The agent's own slots of a month and their totals, as a file.",
        gives=CSV,
        problems=OWN,
    ),
    Route(
        method="GET",
        path="/volunteers/hours",
        role=Role.OPERATOR,
        query=MonthQuery,
        body=NoBody,
        answer=HoursAnswer,
        handler=slots.hours,
        summary="Hours lent by each office and hours by kind, of a month that is over; never of few people.",
        problems=("conflict", "store-unavailable"),
    ),
)
