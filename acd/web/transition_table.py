"""Routes of the transition, the rehearsals and the forecast."""

from __future__ import annotations

from typing import Final

from acd.store.records import Role
from acd.web import rehearsals, transitions
from acd.web.models import NoBody, NoQuery
from acd.web.routes import BODY_BYTES, AnyRoute, Route
from acd.web.transition_forms import (
    ForecastAnswer,
    ForecastQuery,
    MoveRequest,
    RehearsalAnswer,
    RehearsalRequest,
    TransitionAnswer,
    TransitionQuery,
)

__all__ = ["TRANSITION"]

TRANSITION: Final[tuple[AnyRoute, ...]] = (
    Route(
        method="GET",
        path="/transition",
        role=Role.SUPERVISOR,
        query=TransitionQuery,
        body=NoBody,
        answer=TransitionAnswer,
        handler=transitions.transition,
        summary="Where the transition stands, what the guards say, what lies ahead and behind.",
        problems=("store-unavailable",),
    ),
    Route(
        method="POST",
        path="/transition",
        role=Role.OPERATOR,
        query=TransitionQuery,
        body=MoveRequest,
        answer=TransitionAnswer,
        handler=transitions.move,
        summary="Start, next, back or finish; in force when this answers.",
        action="transition.move",
        problems=("not-found", "conflict", "store-unavailable"),
    ),
    Route(
        method="GET",
        path="/forecast",
        role=Role.SUPERVISOR,
        query=ForecastQuery,
        body=NoBody,
        answer=ForecastAnswer,
        handler=transitions.foretell,
        summary="What a change would do to the calls of the last half hours.",
        problems=("not-found", "conflict", "store-unavailable"),
    ),
    Route(
        method="GET",
        path="/rehearsal",
        role=Role.SUPERVISOR,
        query=NoQuery,
        body=NoBody,
        answer=RehearsalAnswer,
        handler=rehearsals.rehearsal,
        summary="The rehearsal that runs or ran last, and what is known of every office's line.",
        problems=("store-unavailable",),
    ),
    Route(
        method="POST",
        path="/rehearsal",
        role=Role.OPERATOR,
        query=NoQuery,
        body=RehearsalRequest,
        answer=RehearsalAnswer,
        handler=rehearsals.begin,
        summary="Begin to try the offices' lines, each with one synthetic call.",
        action="rehearsal.begin",
        body_bytes_max=BODY_BYTES * 8,
        problems=("not-found", "conflict", "store-unavailable"),
    ),
    Route(
        method="DELETE",
        path="/rehearsal",
        role=Role.OPERATOR,
        query=NoQuery,
        body=NoBody,
        answer=RehearsalAnswer,
        handler=rehearsals.stop,
        summary="Stop the rehearsal; calls under way are heard to their end.",
        action="rehearsal.stop",
        problems=("conflict", "store-unavailable"),
    ),
)
