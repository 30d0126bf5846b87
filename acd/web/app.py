"""The two web applications, each for a listen address of its own.

* ``build_api``: health pages for anybody, the rest for bearers (``acd.web.table`` has the routes,
  ``acd.web.door`` the way to them), and the pages for people (``acd.web.site``).
* ``build_metrics_app``: ``/metrics`` for Prometheus, so that a firewall can tell them apart and a
  scrape never shares a socket with an agent.

Both answer every failure as a problem (``acd.web.problems``), with headers that keep a browser
from doing anything with an answer but show it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from acd.errors import StoreUnavailable
from acd.metrics.observe import MetricsObserver
from acd.runtime.ports import Clock
from acd.web.bearers import Bearers
from acd.web.centre import Centre
from acd.web.counting import counting
from acd.web.document import served
from acd.web.door import door, guard, small
from acd.web.problems import problems
from acd.web.routes import Desk
from acd.web.site import Site
from acd.web.table import OPEN, ROUTES

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "acd",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer …"""
MAY_BE_OWN = ("Cache-Control", "Content-Security-Policy", "Referrer-Policy")
"""… but for these, where a page or a file has its own."""

log = structlog.get_logger(__name__)


def build_api(
    centre: Centre,
    bearers: Bearers,
    *,
    clock: Clock,
    body_name: str = "acd",
    metrics: MetricsObserver | None = None,
) -> web.Application:
    """The API, the pages for people and the health pages over one centre.

    Args:
        centre: the running centre.
        bearers: who may use it; the tokens of the centre's store are read when the application starts.
        clock: wall milliseconds.
        body_name: the public body, as the pages' header names it.
        metrics: where answers and open streams are counted.
    """
    desk = Desk(centre, bearers, clock)
    desk.openapi = served()

    async def read_tokens(_: web.Application) -> None:
        try:
            await bearers.read(centre.store(), clock)
        except StoreUnavailable as error:
            log.warning("api.tokens_unreadable", why=str(error))

    routes = {(route.method, route.url): route for route in ROUTES}
    site = Site(desk, body_name)
    guards = (small(routes), guard(desk, site.paths.union(route.url for route in OPEN)))
    app = _application(*guards, first=(counting(metrics),) if metrics is not None else ())
    if metrics is not None:
        metrics.streams_open = lambda: sum(map(len, desk.all_streams))
    app.on_startup.append(read_tokens)
    for streams in desk.all_streams:
        app.on_shutdown.append(streams.end_all)
    for route in ROUTES:
        app.router.add_route(route.method, route.url, door(desk, route))
    site.add_to(app)
    return app


def build_metrics_app(render: Callable[[], Awaitable[bytes]]) -> web.Application:
    """The metrics page; ``render`` gives the text (``acd.metrics.exposition.Exposition.text``)."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=await render(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    app = _application()
    app.add_routes([web.get("/metrics", metrics)])
    return app


async def _set_headers(_: web.Request, response: web.StreamResponse) -> None:
    own = {name: response.headers[name] for name in MAY_BE_OWN if name in response.headers}
    response.headers.update({**HEADERS, **own})


def _application(*guards: Middleware, first: tuple[Middleware, ...] = ()) -> web.Application:
    app = web.Application(middlewares=[*first, problems, *guards])
    app.on_response_prepare.append(_set_headers)
    return app
