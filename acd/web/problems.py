"""Every answer that is not a success is ``application/problem+json`` (RFC 9457) with a stable id.

One table says which HTTP status each of our errors has, a second which id each status has that
aiohttp raises by itself (no such path, wrong method, body too large). A client matches on ``id``
(``type`` is the same as a URN); ``detail`` is a sentence for a person.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from acd.errors import (
    AcdError,
    ActionRefused,
    ActionUnknown,
    AsteriskError,
    AsteriskUnreachable,
    ConfigError,
    Conflict,
    Forbidden,
    InvariantBroken,
    LoginRefused,
    NotFound,
    RequestError,
    StoreUnavailable,
    TooMany,
    UnsafeValue,
)

CONTENT_TYPE = "application/problem+json"

STATUS: dict[type[AcdError], HTTPStatus] = {
    AcdError: HTTPStatus.INTERNAL_SERVER_ERROR,
    ConfigError: HTTPStatus.UNPROCESSABLE_ENTITY,
    AsteriskError: HTTPStatus.BAD_GATEWAY,
    AsteriskUnreachable: HTTPStatus.SERVICE_UNAVAILABLE,
    LoginRefused: HTTPStatus.BAD_GATEWAY,
    ActionRefused: HTTPStatus.BAD_GATEWAY,
    ActionUnknown: HTTPStatus.GATEWAY_TIMEOUT,
    UnsafeValue: HTTPStatus.BAD_REQUEST,
    RequestError: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Forbidden: HTTPStatus.FORBIDDEN,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The status of each of our errors; a new class without a row takes its parent's."""

IDS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: RequestError.id,
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: Forbidden.id,
    HTTPStatus.NOT_FOUND: NotFound.id,
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "media-type",
    HTTPStatus.SERVICE_UNAVAILABLE: "not-ready",
}
"""The id of each status that has no error of ours behind it; others are ``error``."""

log = structlog.get_logger(__name__)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an answer that is not a success."""

    type: str
    title: str
    status: int
    detail: str
    id: str


def problem(status: int, detail: str, error_id: str | None = None) -> web.Response:
    """An answer that says what went wrong; the id follows the status unless given."""
    known = error_id or IDS.get(status, AcdError.id)
    body = Problem(
        type=f"urn:acd:error:{known}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        id=known,
    )
    return web.Response(status=status, body=msgspec.json.encode(body), content_type=CONTENT_TYPE)


def status_of(error: AcdError) -> HTTPStatus:
    """The status of an error: its own row, or its nearest parent's."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a problem."""
    try:
        return await handler(request)
    except AcdError as error:
        return problem(status_of(error), str(error), error.id)
    except web.HTTPException as error:
        return _from_http(request, error)
    except InvariantBroken:
        raise
    except Exception:
        log.exception("request failed", method=request.method, path=request.path)
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "This is a defect of ours; the log has the details.")


def _from_http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < HTTPStatus.BAD_REQUEST:
        raise error
    match error:
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            detail = f"{request.path} does not know {request.method}; it knows {allowed}."
        case web.HTTPNotFound():
            detail = f"There is nothing at {request.path}."
        case web.HTTPRequestEntityTooLarge():
            detail = f"The body is larger than the {request.client_max_size} bytes we read."
        case _:
            detail = error.text or error.reason
    answer = problem(error.status, detail)
    for name in ("Allow", "WWW-Authenticate"):
        if name in error.headers:
            answer.headers[name] = error.headers[name]
    return answer
