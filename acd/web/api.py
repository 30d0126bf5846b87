"""The API's handlers: read the views, log agents in and out.

A write is a fact handed to the engine, the very fact a feature code from the agent's phone makes;
there is no second way to change an agent. It answers with the agent as it stands afterwards, or
409 with the engine's reason. Numbers of agents per site are merged where a group is too small
(``acd.metrics.privacy``), here as in the metrics.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import msgspec
from aiohttp import web

from acd.core.facts import AgentLoggedIn, AgentLoggedOut, AgentPaused, AgentReadied, Fact, WrapUpExtended
from acd.core.ids import AgentId, PauseReasonId, QueueId
from acd.core.views import AgentView, CallView, QueueView, Summary
from acd.errors import Conflict, NotFound, RequestError
from acd.metrics.privacy import protect
from acd.web.centre import Centre, NodeStatus
from acd.web.problems import problem

LIMIT_DEFAULT = 100
LIMIT_MAX = 1000


class PauseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of a pause."""

    reason: str


class SummaryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole centre: the counts of ``Summary``, and what stands behind them."""

    counts: Summary
    """Agents per site without those logged out, small sites merged into ``other``."""
    nodes: tuple[NodeStatus, ...]
    not_ready: str | None
    revision: str
    """Of the rules in force."""


class QueuesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All queues."""

    queues: tuple[QueueView, ...]


class CallsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Calls in progress, oldest first, at most as many as asked."""

    calls: tuple[CallView, ...]


Maker = Callable[[AgentId], Fact]

MOVES: Mapping[str, Maker] = {
    "login": lambda agent: AgentLoggedIn(agent=agent),
    "logout": lambda agent: AgentLoggedOut(agent=agent),
    "ready": lambda agent: AgentReadied(agent=agent),
    "wrapup": lambda agent: WrapUpExtended(agent=agent),
}
"""Last word of the path to the fact it makes; ``pause`` stands apart, it has a body."""


class Api:
    """Handlers over one centre.

    Args:
        centre: the running centre.
        k: the least number of people a group must have to be shown by itself.
    """

    def __init__(self, centre: Centre, k: int) -> None:
        self._centre = centre
        self._k = k

    def routes(self) -> list[web.RouteDef]:
        """All routes under ``/api/v1``."""
        return [
            web.get("/api/v1/summary", self.summary),
            web.get("/api/v1/queues", self.queues),
            web.get("/api/v1/calls", self.calls),
            web.get("/api/v1/agents/{agent}", self.agent),
            web.post("/api/v1/agents/{agent}/pause", self.pause),
            *(
                web.post(f"/api/v1/agents/{{agent}}/{word}", self._mover(make))
                for word, make in MOVES.items()
            ),
        ]

    def health(self) -> list[web.RouteDef]:
        """The two pages that need no token: they tell nothing but whether we work."""
        return [web.get("/livez", livez), web.get("/readyz", self.readyz)]

    async def readyz(self, _: web.Request) -> web.Response:
        """200 while calls can be routed, else 503 with the reason why not."""
        why_not = self._centre.not_ready()
        if why_not is not None:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, why_not)
        return answer({"ready": True})

    async def summary(self, request: web.Request) -> web.Response:
        """The whole centre in numbers."""
        _only(request)
        summary = self._centre.summary()
        shown = protect(summary.agents, self._k).groups
        return answer(
            SummaryAnswer(
                counts=msgspec.structs.replace(summary, agents=shown),
                nodes=self._centre.nodes(),
                not_ready=self._centre.not_ready(),
                revision=self._centre.rules().revision,
            )
        )

    async def queues(self, request: web.Request) -> web.Response:
        """Each queue now."""
        _only(request)
        return answer(QueuesAnswer(queues=self._centre.queues()))

    async def calls(self, request: web.Request) -> web.Response:
        """Calls in progress, of ``?queue=`` or of all, at most ``?limit=``."""
        _only(request, "queue", "limit")
        queue = request.query.get("queue")
        if queue is not None and queue not in self._centre.rules().queues:
            raise NotFound(f"There is no queue {queue!r} in the rules.")
        limit = _limit(request.query.get("limit", str(LIMIT_DEFAULT)))
        found = self._centre.calls(QueueId(queue) if queue is not None else None, limit)
        return answer(CallsAnswer(calls=found))

    async def agent(self, request: web.Request) -> web.Response:
        """One agent's own state."""
        _only(request)
        return answer(self._known(request))

    async def pause(self, request: web.Request) -> web.Response:
        """Pause an agent for a reason of the rules."""
        agent = self._known(request)
        reason = (await _body(request)).reason
        reasons = self._centre.rules().pause_reasons
        if reason not in reasons:
            raise RequestError(f"There is no pause reason {reason!r}; the rules know {', '.join(reasons)}.")
        return await self._move(AgentPaused(agent=agent.id, reason=PauseReasonId(reason)), agent.id)

    def _mover(self, make: Maker) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def move(request: web.Request) -> web.Response:
            agent = self._known(request)
            return await self._move(make(agent.id), agent.id)

        return move

    async def _move(self, fact: Fact, agent: AgentId) -> web.Response:
        submitted = await self._centre.submit(fact)
        if submitted.refused is not None:
            raise Conflict(submitted.refused)
        return answer(self._view(agent))

    def _known(self, request: web.Request) -> AgentView:
        return self._view(AgentId(request.match_info["agent"]))

    def _view(self, agent: AgentId) -> AgentView:
        view = self._centre.agent(agent)
        if view is None:
            raise NotFound(f"There is no agent {agent!r} in the roster.")
        return view


async def livez(_: web.Request) -> web.Response:
    """200 while the loop turns; nothing else is asked, so that only a stuck process is restarted."""
    return answer({"alive": True})


def answer(body: object) -> web.Response:
    """A JSON answer."""
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")


async def _body(request: web.Request) -> PauseRequest:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(
            text=f"The body must be application/json, not {request.content_type}."
        )
    try:
        return msgspec.json.decode(await request.read(), type=PauseRequest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError(
            f'The body is not what {request.path} reads, {{"reason": "..."}}: {error}.'
        ) from error


def _only(request: web.Request, *known: str) -> None:
    """Refuse a query parameter nobody reads: a typing error must not look like an answer."""
    unknown = [name for name in request.query if name not in known]
    if unknown:
        reads = f"it reads {', '.join(known)}" if known else "it reads none"
        raise RequestError(f"{request.path} does not know the parameter {unknown[0]!r}; {reads}.")


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= LIMIT_MAX or len(text) > 9:
        raise RequestError(f"limit must be a whole number from 1 to {LIMIT_MAX}, not {text[:20]!r}.")
    return int(text)
