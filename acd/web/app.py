"""The two web applications, each for a listen address of its own.

* ``build_api``: health pages for anybody, the rest for bearers of a token.
* ``build_metrics_app``: ``/metrics`` for Prometheus, so that a firewall can tell them apart and a
  scrape never shares a socket with an agent.

Both answer every failure as a problem (``acd.web.problems``), with headers that keep a browser
from doing anything with an answer but show it. TLS is the business of the proxy in front.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from acd.metrics.privacy import K_DEFAULT
from acd.web.api import Api
from acd.web.centre import Centre
from acd.web.problems import problem, problems
from acd.web.tokens import Token, Tokens

BODY_BYTES_MAX = 4096
"""The largest body we read is a pause reason."""

OPEN = frozenset({"/livez", "/readyz"})
"""All that a stranger may see; a new path is closed until it is named here."""

BEARER = web.RequestKey("bearer", Token)
"""Whose request this is, for handlers behind the guard."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "acd",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer."""


def build_api(centre: Centre, tokens: Tokens, *, k: int = K_DEFAULT) -> web.Application:
    """The API and the health pages over one centre.

    Args:
        centre: the running centre.
        tokens: who may use it.
        k: the least number of people a group must have to be shown by itself.
    """
    api = Api(centre, k)
    app = _application(guard(tokens))
    app.add_routes([*api.health(), *api.routes()])
    return app


def build_metrics_app(render: Callable[[], Awaitable[bytes]]) -> web.Application:
    """The metrics page; ``render`` gives the text (``acd.metrics.exposition.Exposition.text``)."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=await render(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    app = _application()
    app.add_routes([web.get("/metrics", metrics)])
    return app


def guard(tokens: Tokens) -> Middleware:
    """Admit only bearers of a token to whatever is not named in ``OPEN``, whether it exists or not."""

    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in OPEN:
            bearer = tokens.bearer(request.headers.get("Authorization", ""))
            if bearer is None:
                refused = problem(
                    HTTPStatus.UNAUTHORIZED, "Send a token we know as 'Authorization: Bearer <token>'."
                )
                refused.headers["WWW-Authenticate"] = 'Bearer realm="acd"'
                return refused
            request[BEARER] = bearer
        return await handler(request)

    return admit


@web.middleware
async def _small(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a large body before reading any of it, even where no handler would read it."""
    if (request.content_length or 0) > BODY_BYTES_MAX:
        raise web.HTTPRequestEntityTooLarge(max_size=BODY_BYTES_MAX, actual_size=request.content_length or 0)
    return await handler(request)


async def _set_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


def _application(*guards: Middleware) -> web.Application:
    app = web.Application(middlewares=[problems, _small, *guards], client_max_size=BODY_BYTES_MAX)
    app.on_response_prepare.append(_set_headers)
    return app
