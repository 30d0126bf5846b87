"""Routes of the fallback and its overrides."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from acd.store.records import Role
from acd.web import toggles
from acd.web.models import NoBody
from acd.web.routes import AnyRoute, Route
from acd.web.toggle_forms import (
    DecisionAnswer,
    EndQuery,
    ExtendRequest,
    FallbackAnswer,
    FallbackQuery,
    OverrideRequest,
    OverridesAnswer,
    OverridesQuery,
    PlacedAnswer,
)

WRITES: Final = ("not-found", "conflict", "store-unavailable")

TOGGLING: Final[tuple[AnyRoute, ...]] = (
    Route(
        method="GET",
        path="/fallback",
        role=Role.SUPERVISOR,
        query=FallbackQuery,
        body=NoBody,
        answer=FallbackAnswer,
        handler=toggles.fallback,
        summary="Who stands in for whom, scope by scope, each with its explanation.",
    ),
    Route(
        method="GET",
        path="/fallback/{scope}",
        role=Role.SUPERVISOR,
        query=FallbackQuery,
        body=NoBody,
        answer=DecisionAnswer,
        handler=toggles.scope,
        summary="One scope: what is in force, who decides it, what would be without.",
        problems=("not-found",),
    ),
    Route(
        method="GET",
        path="/overrides",
        role=Role.SUPERVISOR,
        query=OverridesQuery,
        body=NoBody,
        answer=OverridesAnswer,
        handler=toggles.overrides,
        summary="Overrides that are not over, or were not at a moment of the past.",
        problems=("store-unavailable",),
    ),
    Route(
        method="POST",
        path="/overrides",
        role=Role.OPERATOR,
        query=FallbackQuery,
        body=OverrideRequest,
        answer=PlacedAnswer,
        handler=toggles.put_override,
        summary="Make an override, in force when this answers; for the country with a ticket or as admin.",
        action="override.create",
        status=HTTPStatus.CREATED,
        problems=WRITES,
    ),
    Route(
        method="POST",
        path="/overrides/{override}/extend",
        role=Role.OPERATOR,
        query=FallbackQuery,
        body=ExtendRequest,
        answer=PlacedAnswer,
        handler=toggles.extend_override,
        summary="Have an override end later, by a new one in its place.",
        action="override.extend",
        problems=WRITES,
    ),
    Route(
        method="DELETE",
        path="/overrides/{override}",
        role=Role.OPERATOR,
        query=EndQuery,
        body=NoBody,
        answer=PlacedAnswer,
        handler=toggles.end_override,
        summary="Take an override back; what was under it is in force when this answers.",
        action="override.end",
        problems=WRITES,
    ),
)
