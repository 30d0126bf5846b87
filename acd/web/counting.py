"""Answers of the API and the pages are counted, and the streams that are open: for the metrics.

A route is named as the table names it (``/api/v1/agents/{agent}``), never as it was asked: what nobody serves
is ``other``, so that no caller makes a series. A stream is counted at its end; who hung up before an answer
had none.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from acd.metrics.names import OTHER

__all__ = ["Counter", "counting"]


class Counter(Protocol):
    """Who counts (``acd.metrics.observe.MetricsObserver``)."""

    def answered(self, route: str, method: str, status: int) -> None:
        """One answer."""


def counting(counter: Counter) -> Middleware:
    """Count every answer."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        route, method = (resource.canonical, request.method) if resource is not None else (OTHER, OTHER)
        try:
            response = await handler(request)
        except web.HTTPException as error:
            counter.answered(route, method, error.status)
            raise
        except Exception:
            counter.answered(route, method, HTTPStatus.INTERNAL_SERVER_ERROR)
            raise
        counter.answered(route, method, response.status)
        return response

    return count
