"""The one way to every handler: who asks, may they, what do they ask; then the audit of what came of it.

The order matters. First the bearer (401, 429), whether the path exists or not; then the role (403); then the
form of query and body (400, 413, 415); then, for a write with an ``Idempotency-Key``, whether it was done
before; then the handler. Every write by somebody we know is audited with what came of it, refusals too.

The audit names no secret and no number. Of a refusal it holds the id, and the sentence of a conflict, but
never one about an agent: "is not logged in" is the live state of a person. What an agent does with their
own token stands there as ``agent`` and ``self``: that it was done is kept, whose pause it was is not (see
``acd.web.agents``).
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import BaseModel, ValidationError

from acd.errors import AcdError, Conflict, RequestError
from acd.store.records import Role
from acd.web.bearers import SECRET_PREFIX, Bearer, local_bearer
from acd.web.models import RosterText
from acd.web.once import KEY_LENGTH_MAX
from acd.web.problems import MediaType, TooLarge, Unauthorized
from acd.web.routes import BODY_BYTES, CSV, JSON, AnyRoute, Ask, Desk, admit
from acd.web.sessions import check_own_page, secret_in

ModelT = TypeVar("ModelT", bound=BaseModel)

BEARER: Final = web.RequestKey("bearer", Bearer)
"""Whose request this is, for everything behind the guard."""
KEY: Final = "Idempotency-Key"
DONE: Final = "done"
ERRORS_TOLD_MAX: Final = 5
NOBODY: Final = Bearer(who="", role=Role.AGENT)
"""Who asks for what is open to everybody."""


def guard(desk: Desk, open_paths: frozenset[str]) -> Middleware:
    """Admit only bearers to whatever is not open, whether it exists or not.

    Args:
        desk: who is admitted.
        open_paths: paths as the router has them, with ``{names}``.
    """

    @web.middleware
    async def admit_bearer(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        if resource is None or resource.canonical not in open_paths:
            request[BEARER] = await _bearer(desk, request)
        return await handler(request)

    return admit_bearer


async def _bearer(desk: Desk, request: web.Request) -> Bearer:
    peer = request.get_extra_info("socket")
    if peer is not None and peer.family == socket.AF_UNIX:
        return local_bearer(peer, os.geteuid())
    authorization = request.headers.get("Authorization", "")
    try:
        if not authorization and secret_in(request):
            return _of_session(desk, request)
        return await desk.bearers.find(authorization, desk.centre.store(), desk.clock)
    except Unauthorized:
        desk.limits.failed(request.remote)
        raise


def _of_session(desk: Desk, request: web.Request) -> Bearer:
    """Who asks by cookie."""
    session = desk.sessions.find(secret_in(request))
    if session is None:
        raise Unauthorized("The session is over; log in again.")
    check_own_page(request, session)
    return session.bearer


def small(routes: Mapping[tuple[str, str], AnyRoute]) -> Middleware:
    """Refuse a body that says it is too large, before reading any of it, even where no handler would."""

    @web.middleware
    async def refuse_large(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        route = routes.get((request.method, resource.canonical)) if resource is not None else None
        most = route.body_bytes_max if route is not None else BODY_BYTES
        if (request.content_length or 0) > most:
            raise _too_large(most)
        return await handler(request)

    return refuse_large


def door(desk: Desk, route: AnyRoute) -> Handler:
    """Make aiohttp's handler of one route."""

    async def answer(request: web.Request) -> web.StreamResponse:
        bearer = request.get(BEARER, NOBODY)
        if route.action:
            return await _audited(desk, route, bearer, request)
        admit(route, bearer, request.match_info.get("agent"))
        ask = understand(desk, route, bearer, request, await read_body(request, route.body_bytes_max))
        return _response(route, await route.handler(ask))

    return answer


async def _audited(desk: Desk, route: AnyRoute, bearer: Bearer, request: web.Request) -> web.StreamResponse:
    noted: dict[str, str] = {}
    result = "refused: error"
    try:
        admit(route, bearer, request.match_info.get("agent"))
        raw = await read_body(request, route.body_bytes_max)
        ask = understand(desk, route, bearer, request, raw, noted)
        response, repeated = await _once(route, ask, raw)
        result = "" if repeated else DONE
    except AcdError as error:
        result = _refusal(route, error)
        raise
    finally:
        if result:
            _tell(desk, route, bearer, request, result, noted)
    return response


async def _once(route: AnyRoute, ask: Ask[Any, Any], raw: bytes) -> tuple[web.StreamResponse, bool]:
    """Answer, unless the same was answered before; whether it was."""
    ran = False

    async def do() -> web.Response:
        nonlocal ran
        ran = True
        response = _response(route, await route.handler(ask))
        assert isinstance(response, web.Response), "a write answers at once"
        return response

    key = ask.request.headers.get(KEY)
    if key is None or route.method != "POST":
        return await do(), False
    if not 1 <= len(key) <= KEY_LENGTH_MAX or not key.isascii() or not key.isprintable() or " " in key:
        raise RequestError(f"{KEY} must be 1 to {KEY_LENGTH_MAX} visible ASCII characters.")
    bearer = ask.bearer
    name = (bearer.record.id if bearer.record is not None else bearer.who, key)
    response = await ask.desk.once.answer(name, _fingerprint(ask.request, raw), do, secret=route.secret)
    return response, not ran


def _fingerprint(request: web.Request, raw: bytes) -> bytes:
    head = "\n".join((request.method, request.path_qs, request.headers.get("If-Match", ""), ""))
    return hashlib.sha256(head.encode("utf-8", "surrogateescape") + raw).digest()


def _tell(
    desk: Desk,
    route: AnyRoute,
    bearer: Bearer,
    request: web.Request,
    result: str,
    noted: Mapping[str, str],
) -> None:
    agent = request.match_info.get("agent")
    if agent is not None and agent == bearer.agent:
        desk.tell_audit("agent", route.action, "self", result)
        return
    target = noted.get("target") or next(iter(request.match_info.values()), route.path)
    if SECRET_PREFIX in target:  # somebody revokes a token by its secret, which still opens what it opened
        target = "a secret"
    desk.tell_audit(bearer.who, route.action, target, result, noted.get("detail", ""))


def _refusal(route: AnyRoute, error: AcdError) -> str:
    """What the audit says of a refusal: only the id where a sentence might tell how a person stands."""
    told = type(error) is Conflict and "{agent}" not in route.path
    return f"refused: {error.id}: {error}" if told else f"refused: {error.id}"


# ── understanding what is asked ──────────────────────────────────────────────────────────────


def understand(
    desk: Desk,
    route: AnyRoute,
    bearer: Bearer,
    request: web.Request,
    raw: bytes,
    noted: dict[str, str] | None = None,
) -> Ask[Any, Any]:
    """Make of a request what its handler reads.

    Raises:
        RequestError: query or body are not of the form of the route.
    """
    return Ask(
        desk=desk,
        bearer=bearer,
        request=request,
        query=_query(request, route.query),
        body=_csv(request, raw) if route.takes == CSV else _json(request, raw, route.body),
        noted=noted if noted is not None else {},
    )


async def read_body(request: web.Request, most: int) -> bytes:
    """The body of a request, of at most so many bytes.

    Raises:
        MediaType: it is packed.
        TooLarge: it is larger.
    """
    packed = request.headers.get("Content-Encoding", "identity")
    if request.can_read_body and packed.lower() != "identity":
        raise MediaType("The body must come as it is, without a Content-Encoding.")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _query(request: web.Request, model: type[ModelT]) -> ModelT:
    twice = [name for name in request.query if len(request.query.getall(name)) > 1]
    if twice:
        raise RequestError(f"The parameter {twice[0][:40]!r} stands there more than once.")
    try:
        return model.model_validate_strings(dict(request.query))
    except ValidationError as error:
        raise RequestError(f"The parameters are wrong: {_sentence(error, model)}.") from None


def _json(request: web.Request, raw: bytes, model: type[ModelT]) -> ModelT:
    if raw and request.content_type != JSON:
        raise MediaType(f"The body must be {JSON}, not {request.content_type}.")
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise RequestError(f"The body is wrong: {_sentence(error, model)}.") from None


def _csv(request: web.Request, raw: bytes) -> RosterText:
    if request.content_type != CSV:
        raise MediaType(f"The body must be {CSV}, not {request.content_type}.")
    try:
        return RosterText(text=raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RequestError(f"The file is not UTF-8: byte {error.start + 1} cannot be read.") from None


def _sentence(error: ValidationError, model: type[BaseModel]) -> str:
    """What is wrong, without repeating what was sent."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    told = [
        _one(each["type"], ".".join(str(part)[:40] for part in each["loc"]), each["msg"], model)
        for each in found
    ]
    more = f"; and {len(told) - ERRORS_TOLD_MAX} more" if len(told) > ERRORS_TOLD_MAX else ""
    return "; ".join(told[:ERRORS_TOLD_MAX]) + more


def _one(kind: str, where: str, message: str, model: type[BaseModel]) -> str:
    match kind:
        case "extra_forbidden":
            return f"nobody reads {where!r}; known are {', '.join(model.model_fields) or 'none'}"
        case "missing":
            return f"{where!r} is missing"
        case _:
            return f"{where}: {message}" if where else message


def _response(route: AnyRoute, reply: BaseModel | web.StreamResponse) -> web.StreamResponse:
    if isinstance(reply, web.StreamResponse):
        return reply
    assert isinstance(reply, route.answer), f"{route.path} answers {type(reply).__name__}"
    return web.Response(status=route.status, body=reply.model_dump_json().encode(), content_type=JSON)


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"The body is larger than the {most} bytes we read here.")
