"""Every answer that is not a success is ``application/problem+json`` (RFC 9457) with a stable id.

``KINDS`` is the whole list: each id with its HTTP status and with what whoever asked can do about it.
A client matches on ``id`` (``type`` is the same as a URN); ``detail`` is a sentence about this very
request, ``what_to_do`` the advice of the list. Our errors carry the id of their class; what aiohttp
raises by itself (no such path, wrong method) is found by its status. docs/api.md holds the same list.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from acd.errors import AcdError, Conflict, InvariantBroken, RequestError, TooMany
from acd.web.answers import Finding, Problem

CONTENT_TYPE = "application/problem+json"

log = structlog.get_logger(__name__)


class Unauthorized(RequestError):
    """Nobody we know asks."""

    id = "unauthorized"


class CursorGone(RequestError):
    """What the cursor of a page names is no longer there."""

    id = "cursor-gone"


class PurposeMissing(RequestError):
    """Somebody looks at another person's live state and does not say why."""

    id = "purpose-missing"


class KeyReused(RequestError):
    """An idempotency key comes a second time with another request."""

    id = "idempotency-key-reused"


class PreconditionFailed(Conflict):
    """``If-Match`` names a revision that is not the present one."""

    id = "precondition-failed"


class MediaType(RequestError):
    """The body is of another kind than the one we read."""

    id = "media-type"


class TooLarge(RequestError):
    """The body is larger than what we read there."""

    id = "too-large"


class RosterWrong(RequestError):
    """A roster with mistakes; nothing of it was taken."""

    id = "roster-wrong"

    def __init__(self, sentence: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(sentence)


class SlowDown(TooMany):
    """Too many attempts; says after how many seconds the next one is looked at."""

    def __init__(self, sentence: str, retry_s: int) -> None:
        self.retry_s = retry_s
        super().__init__(sentence)


class Kind(NamedTuple):
    """One kind of problem."""

    status: HTTPStatus
    what_to_do: str


KINDS: Final[dict[str, Kind]] = {
    "request": Kind(
        HTTPStatus.BAD_REQUEST, "Mend the request as the detail says; /api/v1/openapi.json has the form."
    ),
    "unsafe-value": Kind(HTTPStatus.BAD_REQUEST, "Leave out control characters and shorten the value."),
    "unauthorized": Kind(HTTPStatus.UNAUTHORIZED, "Send a good token as 'Authorization: Bearer <token>'."),
    "forbidden": Kind(
        HTTPStatus.FORBIDDEN, "Use a token whose role and agent allow this, or ask an admin for one."
    ),
    "purpose-missing": Kind(
        HTTPStatus.FORBIDDEN, "Say in X-Purpose, in 10 characters or more, why you look; it is audited."
    ),
    "not-found": Kind(
        HTTPStatus.NOT_FOUND, "Check the name; a token with sites sees the people of these sites only."
    ),
    "method-not-allowed": Kind(HTTPStatus.METHOD_NOT_ALLOWED, "Use a method the Allow header names."),
    "conflict": Kind(HTTPStatus.CONFLICT, "Look at the present state, then decide whether to ask again."),
    "guarded": Kind(
        HTTPStatus.CONFLICT, "Look at what it would do ('acd diff'); if it must be, force it with a reason."
    ),
    "idempotency-key-reused": Kind(HTTPStatus.CONFLICT, "Make a new Idempotency-Key for each new request."),
    "cursor-gone": Kind(HTTPStatus.GONE, "Begin anew without 'after'."),
    "precondition-failed": Kind(
        HTTPStatus.PRECONDITION_FAILED,
        "Read it again, look at the difference, send the new ETag as If-Match.",
    ),
    "too-large": Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Send less at once."),
    "media-type": Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the content type the detail names."),
    "config": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "Mend every finding of the detail; nothing was applied."),
    "period-wrong": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "Give the first day, then the last, and no more days than it says."
    ),
    "roster-wrong": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "Mend every finding and send the whole file again."
    ),
    "too-many": Kind(HTTPStatus.TOO_MANY_REQUESTS, "Wait as many seconds as Retry-After says."),
    "error": Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR, "Report it with the time; the ACD's log has the details."
    ),
    "asterisk": Kind(HTTPStatus.BAD_GATEWAY, "Run 'acd doctor' on the ACD's machine."),
    "login-refused": Kind(HTTPStatus.BAD_GATEWAY, "Compare account and secret with Asterisk's manager.conf."),
    "action-refused": Kind(HTTPStatus.BAD_GATEWAY, "Run 'acd doctor' on the ACD's machine."),
    "not-ready": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "Mend what the detail names; callers are in Asterisk's safety net."
    ),
    "asterisk-unreachable": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "Nothing was done; ask again in some seconds."
    ),
    "store-unavailable": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Mend the disk or the store's setting, look whether it was done meanwhile, then ask again.",
    ),
    "journal": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "Do what the detail says; routing does not depend on the journal."
    ),
    "action-unknown": Kind(
        HTTPStatus.GATEWAY_TIMEOUT, "Look at the state before asking again: it may have happened."
    ),
}
"""Every problem there is, by id, in the order of their statuses."""

IDS: Final[dict[int, str]] = {
    HTTPStatus.BAD_REQUEST: "request",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "media-type",
}
"""The id of what aiohttp raises by itself; others are ``error`` with their own status."""


def problem(
    detail: str, problem_id: str, *, status: int | None = None, findings: Sequence[Finding] = ()
) -> web.Response:
    """An answer that says what went wrong."""
    kind = KINDS[problem_id]
    status = status or kind.status
    body = Problem(
        type=f"urn:acd:error:{problem_id}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        id=problem_id,
        what_to_do=kind.what_to_do,
        findings=tuple(findings),
    )
    return web.Response(status=status, body=body.model_dump_json().encode(), content_type=CONTENT_TYPE)


def problem_of(error: AcdError) -> web.Response:
    """The answer to one of our errors."""
    findings = error.findings if isinstance(error, RosterWrong) else ()
    known = (kind.id for kind in type(error).__mro__ if issubclass(kind, AcdError) and kind.id in KINDS)
    answer = problem(str(error), next(known), findings=findings)
    if isinstance(error, Unauthorized):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="acd"'
    if isinstance(error, SlowDown):
        answer.headers["Retry-After"] = str(error.retry_s)
    return answer


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a problem."""
    try:
        return await handler(request)
    except AcdError as error:
        return problem_of(error)
    except web.HTTPException as error:
        return _from_http(request, error)
    except InvariantBroken:
        raise
    except Exception:
        log.exception("api.request_failed", method=request.method, path=request.path)
        return problem("This is a defect of ours; the log has the details.", "error")


def _from_http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < HTTPStatus.BAD_REQUEST:
        raise error
    match error:
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            detail = f"{request.path} does not know {request.method}; it knows {allowed}."
        case web.HTTPNotFound():
            detail = f"There is nothing at {request.path}."
        case _:
            detail = error.text or error.reason
    answer = problem(detail, IDS.get(error.status, AcdError.id), status=error.status)
    if "Allow" in error.headers:
        answer.headers["Allow"] = error.headers["Allow"]
    return answer
