"""Sessions: a browser that has shown a token once, and what it shows instead from then on.

A page cannot send an ``Authorization`` header when it is opened, and a script should not hold a secret. So
``/login`` takes the token once and gives a cookie: HttpOnly (no script reads it), SameSite=Strict (no other
site's page sends it), Secure and ``__Host-`` wherever the way to us is TLS. The cookie is a random name for
what stands here in memory: the bearer. It opens what the token opens, not a moment longer: with the token's
end or revocation, after ``LASTS_MS``, with the process, or at ``/logout``. Of the name we keep the digest.

A screen on a wall has nobody to log it in again after a restart of ours or a night without power. Whoever may
only look therefore holds, beside the session, the token itself in a cookie of the same kind that is sent to
``/login`` alone; there it opens a new session. Such a session lasts as long as its token anyway.

Writes by cookie are proven to come from our own pages (a request that another site had the browser make
carries no header of that site's choosing): the page reads the second cookie and repeats it in ``X-ACD-CSRF``,
or in the field ``csrf`` of a form, where it must be the one of this very session.
(OWASP, Cross-Site Request Forgery Prevention Cheat Sheet: double submit, bound to the session.)
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import msgspec
from aiohttp import web

from acd.errors import Forbidden
from acd.runtime.ports import Clock
from acd.store.records import Role
from acd.web.bearers import Bearer, Bearers, digest

__all__ = [
    "CSRF_HEADER",
    "Session",
    "Sessions",
    "check_own_form",
    "check_own_page",
    "is_tls",
    "leave",
    "put_cookies",
    "screen_in",
    "secret_in",
]

HOUR_MS: Final = 3_600_000
LASTS_MS: Final = 12 * HOUR_MS
"""A working day, with room."""
LASTS_VIEWER_MS: Final = 90 * 24 * HOUR_MS
"""Who may only look: a screen on a wall has nobody to log it in."""
SESSIONS_MAX: Final = 10_000
NAME_BYTES: Final = 32

COOKIE: Final = "acd_session"
CSRF_COOKIE: Final = "acd_csrf"
SCREEN_COOKIE: Final = "acd_screen"
SCREEN_PATH: Final = "/login"
CSRF_HEADER: Final = "X-ACD-CSRF"
CSRF_FIELD: Final = "csrf"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Session(NamedTuple):
    """One browser."""

    key: bytes
    """Digest of the cookie."""
    bearer: Bearer
    csrf: str
    ends_ms: int


class Sessions:
    """All browsers of one application.

    Args:
        bearers: who may still be admitted.
        clock: wall milliseconds.
        sessions_max: the oldest is forgotten when there are more.
    """

    def __init__(self, bearers: Bearers, clock: Clock, *, sessions_max: int = SESSIONS_MAX) -> None:
        self._bearers = bearers
        self._clock = clock
        self._sessions_max = sessions_max
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, bearer: Bearer) -> tuple[str, Session]:
        """Make a session for a bearer who has just been admitted; the cookie and the session."""
        secret = secrets.token_urlsafe(NAME_BYTES)
        lasts_ms = LASTS_VIEWER_MS if bearer.role is Role.VIEWER else LASTS_MS
        ends_ms = self._clock.now_ms() + lasts_ms
        if bearer.record is not None:
            ends_ms = min(ends_ms, bearer.record.expires_ms)
        key = digest(secret)
        own = msgspec.structs.replace(bearer, session=key)
        session = Session(key, own, secrets.token_urlsafe(NAME_BYTES), ends_ms)
        self._sessions[key] = session
        if len(self._sessions) > self._sessions_max:
            self._sessions.popitem(last=False)
        return secret, session

    def find(self, secret: str) -> Session | None:
        """The session of a cookie; None: it is none of ours, or over."""
        session = self._sessions.get(digest(secret)) if secret else None
        if session is None or self.is_good(session.bearer):
            return session
        self.end(session)
        return None

    def is_good(self, bearer: Bearer) -> bool:
        """Whether who came by a session may still read: it is open, and its token opens something."""
        if not bearer.session:
            return self._bearers.is_good(bearer, self._clock.now_ms())
        session = self._sessions.get(bearer.session)
        now_ms = self._clock.now_ms()
        return session is not None and now_ms < session.ends_ms and self._bearers.is_good(bearer, now_ms)

    def end(self, session: Session) -> None:
        """Let the cookie open nothing from now on."""
        self._sessions.pop(session.key, None)


def secret_in(request: web.Request) -> str:
    """What the session's cookie says; empty without one."""
    return request.cookies.get(_name(COOKIE, secure=is_tls(request)), "")


def screen_in(request: web.Request) -> str:
    """The token of a screen; empty without one."""
    return unquote(request.cookies.get(SCREEN_COOKIE, ""))


def put_cookies(
    request: web.Request, response: web.StreamResponse, secret: str, session: Session, token: str
) -> None:
    """Give a browser its session.

    Args:
        request: the browser's.
        response: takes the cookies.
        secret: of the session.
        session: the session.
        token: what it was opened with.
    """
    secure = is_tls(request)
    for name, value, httponly in ((COOKIE, secret, True), (CSRF_COOKIE, session.csrf, False)):
        response.set_cookie(
            _name(name, secure=secure), value, path="/", secure=secure, httponly=httponly, samesite="Strict"
        )
    if session.bearer.role is Role.VIEWER:
        response.set_cookie(
            SCREEN_COOKIE,
            quote(token, safe=""),
            path=SCREEN_PATH,
            max_age=LASTS_VIEWER_MS // 1000,
            secure=secure,
            httponly=True,
            samesite="Strict",
        )


def leave(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session from a browser."""
    secure = is_tls(request)
    for name in (COOKIE, CSRF_COOKIE):
        response.del_cookie(_name(name, secure=secure), path="/", secure=secure, samesite="Strict")
    response.del_cookie(SCREEN_COOKIE, path=SCREEN_PATH, secure=secure, samesite="Strict")


def check_own_page(request: web.Request, session: Session, form: Mapping[str, str] | None = None) -> None:
    """Make sure that a write by cookie was asked by a page of ours.

    Raises:
        Forbidden: nothing says so.
    """
    if request.method in SAFE:
        return
    said = request.headers.get(CSRF_HEADER) or (form or {}).get(CSRF_FIELD, "")
    if not hmac.compare_digest(said.encode(), session.csrf.encode()):
        raise Forbidden(f"A write by cookie needs the session's {CSRF_HEADER}; load the page again.")


def check_own_form(request: web.Request) -> None:
    """Make sure that a form without a session, the login, was sent by a page of ours.

    Raises:
        Forbidden: another site's page sent it.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in {None, "same-origin", "none"} or (
        site is None and origin is not None and urlsplit(origin).netloc != request.host
    ):
        raise Forbidden("This form was sent by another site's page; open our own and log in there.")


def is_tls(request: web.Request) -> bool:
    """Whether the browser's way to us is TLS: our own, or that of the proxy in front of us.

    Who lies about it makes their own cookie stricter, and nobody else's.
    """
    return request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"


def _name(name: str, *, secure: bool) -> str:
    return f"__Host-{name}" if secure else name
