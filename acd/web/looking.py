"""The live pictures, asked for once or as a stream (``acd.web.live``), and their routes."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from acd.store.records import Role
from acd.web.board import board_of, map_of
from acd.web.board_forms import BoardAnswer, MapAnswer
from acd.web.models import NoBody, NoQuery
from acd.web.routes import EVENTS, AnyRoute, Ask, Route

__all__ = ["LOOKING"]


async def board(ask: Ask[NoQuery, NoBody]) -> BoardAnswer:
    """The board now."""
    return board_of(ask.centre, ask.bearer.sites, ask.desk.clock.now_ms())


async def board_stream(ask: Ask[NoQuery, NoBody]) -> web.StreamResponse:
    """The board, every second."""
    return await ask.desk.board.tell(ask.request, ask.bearer)


async def offices_map(ask: Ask[NoQuery, NoBody]) -> MapAnswer:
    """The map now."""
    return map_of(ask.centre, ask.bearer.sites, ask.desk.clock.now_ms())


async def map_stream(ask: Ask[NoQuery, NoBody]) -> web.StreamResponse:
    """The map, every second."""
    return await ask.desk.map.tell(ask.request, ask.bearer)


LOOKING: Final[tuple[AnyRoute, ...]] = (
    Route(
        method="GET",
        path="/board",
        role=Role.VIEWER,
        query=NoQuery,
        body=NoBody,
        answer=BoardAnswer,
        handler=board,
        summary="The board now: totals, queues, people in groups, fallback, transition, offices.",
    ),
    Route(
        method="GET",
        path="/board/stream",
        role=Role.VIEWER,
        query=NoQuery,
        body=NoBody,
        answer=BoardAnswer,
        handler=board_stream,
        summary="The board, every second (server-sent events).",
        gives=EVENTS,
    ),
    Route(
        method="GET",
        path="/map",
        role=Role.VIEWER,
        query=NoQuery,
        body=NoBody,
        answer=MapAnswer,
        handler=offices_map,
        summary="Each office on the map now.",
    ),
    Route(
        method="GET",
        path="/map/stream",
        role=Role.VIEWER,
        query=NoQuery,
        body=NoBody,
        answer=MapAnswer,
        handler=map_stream,
        summary="The offices on the map, every second (server-sent events).",
        gives=EVENTS,
    ),
)
