"""The pages for people, and the way in and out: ``/login``, ``/logout``, ``/static`` and every page.

A page opens with a session (``acd.web.sessions``); who has none is sent to ``/login`` and comes back where
they wanted to go. What a page shows it reads from the API, with the same rights as any client: the pages have
no door of their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from aiohttp import web

from acd.errors import StoreUnavailable, TooMany
from acd.store.records import Role
from acd.web.assets import URL, Assets
from acd.web.bearers import Bearer
from acd.web.door import read_body
from acd.web.problems import SlowDown, Unauthorized
from acd.web.routes import BODY_BYTES, Desk
from acd.web.sessions import check_own_form, check_own_page, leave, put_cookies, screen_in, secret_in
from acd.web.shell import LOGIN, PAGES, REFUSED, Page, Shell, may_open, reader_of

__all__ = ["Site"]

FORM: Final = "application/x-www-form-urlencoded"
AGENT_HOME: Final = "/agent"
HOME: Final = "/board"
LOGOUT: Final = "/logout"
ROOT: Final = "/"
AGAIN_S: Final = 15
"""After this a screen tries again by itself while the tokens cannot be read."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """All pages over one desk.

    Args:
        desk: what the handlers share.
        body_name: the public body, as the header names it.
    """

    def __init__(self, desk: Desk, body_name: str) -> None:
        self._desk = desk
        self._assets = Assets()
        self._shell = Shell(body_name, self._assets)

    @property
    def paths(self) -> frozenset[str]:
        """What the guard lets through: these look for themselves who asks."""
        return frozenset({ROOT, URL, LOGIN.path, LOGOUT, *(page.path for page in PAGES)})

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get(ROOT, self._root)
        app.router.add_get(URL, self._assets.serve)
        app.router.add_get(LOGIN.path, self._ask_login)
        app.router.add_post(LOGIN.path, self._login)
        app.router.add_post(LOGOUT, self._logout)
        for page in PAGES:
            app.router.add_get(page.path, self._page(page))

    # ── pages ────────────────────────────────────────────────────────────────────────────────

    async def _root(self, request: web.Request) -> web.StreamResponse:
        session = self._desk.sessions.find(secret_in(request))
        if session is None:
            return _go(LOGIN.path)
        return _go(_home(session.bearer.role))

    def _page(self, page: Page) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            session = self._desk.sessions.find(secret_in(request))
            if session is None:
                return _go(f"{LOGIN.path}?next={quote(request.path_qs, safe='')}")
            reader = reader_of(request, session.bearer, session.csrf)
            if not may_open(page, session.bearer):
                return self._shell.answer(REFUSED, reader, status=HTTPStatus.FORBIDDEN)
            formula = self._desk.centre.service_level().words(reader.language)
            return self._shell.answer(
                page, reader, formula=formula.title, formula_definition=formula.definition
            )

        return answer

    # ── in and out ───────────────────────────────────────────────────────────────────────────

    async def _ask_login(self, request: web.Request) -> web.StreamResponse:
        session = self._desk.sessions.find(secret_in(request))
        where = _own_path(request.query.get("next", ""))
        if session is not None:
            return _go(where or _home(session.bearer.role))
        if screen_in(request):
            return await self._open_again(request, where)
        return self._shell.answer(LOGIN, reader_of(request), next=where)

    async def _open_again(self, request: web.Request, where: str) -> web.StreamResponse:
        """Open a new session for a screen, by the token it kept."""
        desk, token = self._desk, screen_in(request)
        try:
            bearer = await desk.bearers.find(f"Bearer {token}", desk.centre.store(), desk.clock)
        except StoreUnavailable:
            response = self._wrong(request, where, "wrong_store", HTTPStatus.SERVICE_UNAVAILABLE)
            response.headers["Refresh"] = str(AGAIN_S)
            return response
        except Unauthorized:
            response = self._refuse_login(request, where)
            leave(request, response)
            return response
        return self._enter(request, where, bearer, token)

    async def _login(self, request: web.Request) -> web.StreamResponse:
        check_own_form(request)
        form = await _form(request)
        where = _own_path(form.get("next", ""))
        desk, secret = self._desk, form.get("token", "").strip()
        try:
            bearer = await desk.bearers.find(f"Bearer {secret}", desk.centre.store(), desk.clock)
        except Unauthorized:
            return self._refuse_login(request, where)
        except StoreUnavailable:
            return self._wrong(request, where, "wrong_store", HTTPStatus.SERVICE_UNAVAILABLE)
        return self._enter(request, where, bearer, secret)

    def _enter(self, request: web.Request, where: str, bearer: Bearer, token: str) -> web.Response:
        cookie, session = self._desk.sessions.open(bearer)
        self._tell(bearer.who, bearer.role, "session.open")
        response = _go(where or _home(bearer.role))
        put_cookies(request, response, cookie, session, token)
        return response

    def _refuse_login(self, request: web.Request, where: str) -> web.Response:
        try:
            self._desk.limits.failed(request.remote)
        except TooMany as error:
            response = self._wrong(request, where, "wrong_often", HTTPStatus.TOO_MANY_REQUESTS)
            if isinstance(error, SlowDown):
                response.headers["Retry-After"] = str(error.retry_s)
            return response
        return self._wrong(request, where, "wrong_token", HTTPStatus.UNAUTHORIZED)

    def _wrong(self, request: web.Request, where: str, text: str, status: HTTPStatus) -> web.Response:
        reader = reader_of(request)
        sentence = self._shell.text(LOGIN, reader.language, text)
        return self._shell.answer(LOGIN, reader, status=status, next=where, wrong=sentence)

    async def _logout(self, request: web.Request) -> web.StreamResponse:
        session = self._desk.sessions.find(secret_in(request))
        response = _go(LOGIN.path)
        if session is not None:
            check_own_page(request, session, await _form(request))
            self._desk.sessions.end(session)
            for streams in self._desk.all_streams:
                streams.end_session(session.key)
            self._tell(session.bearer.who, session.bearer.role, "session.close")
        leave(request, response)
        return response

    def _tell(self, who: str, role: Role, action: str) -> None:
        """Audit; of an agent not whose, as everywhere (``acd.web.door``)."""
        if role is Role.AGENT:
            self._desk.tell_audit("agent", action, "self", "done")
        else:
            self._desk.tell_audit(who, action, LOGIN.path, "done")


async def _form(request: web.Request) -> dict[str, str]:
    raw = await read_body(request, BODY_BYTES)
    if request.content_type != FORM:
        return {}
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))


def _go(where: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": where})


def _home(role: Role) -> str:
    return AGENT_HOME if role is Role.AGENT else HOME


def _own_path(where: str) -> str:
    """The path of one of our pages, or nothing: no link of ours may lead elsewhere."""
    parts = urlsplit(where)
    if parts.scheme or parts.netloc or not where.startswith("/") or where.startswith(("//", "/\\")):
        return ""
    first = parts.path.split("/")[1]
    return where if first in {page.path.split("/")[1] for page in PAGES} else ""
