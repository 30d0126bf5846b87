"""What a route is, and who may take it.

One ``Route`` says everything about one thing that can be asked: method and path, who may ask, the form of
query, body and answer, the handler, and what can go wrong. The application, the check of roles and the
OpenAPI document are all made from the same rows (``acd.web.table``), so none can know what another does not.

Who may: ``role`` is the least role on the ladder viewer, supervisor, operator, admin. ``own_agent`` opens a
route to the token of the very agent whom the path names; an agent's token opens nothing else. A row with
neither is open to everybody. A bearer with sites is no admin of the whole, so what needs ``admin`` is closed
to them; people of other sites do not exist for them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel

from acd.core.facts import Fact
from acd.core.ids import AgentId, SiteId
from acd.core.policy import Agent
from acd.core.views import AgentView
from acd.errors import Conflict, Forbidden, NotFound, StoreUnavailable
from acd.runtime.ports import Clock
from acd.store.port import Store
from acd.store.records import AuditEntry, Role
from acd.web.bearers import Bearer, Bearers
from acd.web.board import board_of, map_of
from acd.web.centre import Centre
from acd.web.limits import Limits
from acd.web.live import Live
from acd.web.once import Once
from acd.web.sessions import Sessions
from acd.web.streams import OpenStreams
from acd.web.turns import Turn

API: Final = "/api/v1"
JSON: Final = "application/json"
CSV: Final = "text/csv"
EVENTS: Final = "text/event-stream"

BODY_BYTES: Final = 4096
"""Enough for everything but a bulk."""
BULK_BYTES: Final = 512 * 1024
ROSTER_BYTES: Final = 4 * 1024 * 1024

LADDER: Final = (Role.VIEWER, Role.SUPERVISOR, Role.OPERATOR, Role.ADMIN)

Q = TypeVar("Q", bound=BaseModel)
B = TypeVar("B", bound=BaseModel)


class Desk:
    """What the handlers of one application share."""

    def __init__(self, centre: Centre, bearers: Bearers, clock: Clock) -> None:
        self.centre = centre
        self.bearers = bearers
        self.clock = clock
        self.limits = Limits(clock)
        self.once = Once(clock)
        self.reporting = Turn()
        self.sessions = Sessions(bearers, clock)
        self.streams = OpenStreams()
        self.board = self._live("board", board_of)
        self.map = self._live("map", map_of)
        self.openapi = b""
        """The OpenAPI document, put here by ``build_api``: it is made from the table of all routes."""

    @property
    def k(self) -> int:
        """The least number of people a group must have to be shown by itself."""
        return self.centre.privacy().k_min

    def store(self) -> Store:
        """The store.

        Raises:
            StoreUnavailable: this ACD runs without one.
        """
        store = self.centre.store()
        if store is None:
            raise StoreUnavailable("This ACD runs without a store; its settings need a section 'store'.")
        return store

    def _live(self, name: str, make: Callable[[Centre, frozenset[SiteId], int], BaseModel]) -> Live:
        return Live(
            name,
            lambda sites: make(self.centre, sites, self.clock.now_ms()),
            self.sessions.is_good,
        )

    @property
    def all_streams(self) -> tuple[OpenStreams | Live, ...]:
        """Everything that tells readers what happens."""
        return self.streams, self.board, self.map

    def tell_audit(self, who: str, action: str, target: str, result: str, detail: str = "") -> None:
        """Add to the audit, where there is a store."""
        store = self.centre.store()
        if store is not None:
            entry = AuditEntry(
                at_ms=self.clock.now_ms(),
                who=who,
                action=action,
                target=one_line(target, 80),
                result=one_line(result, 240),
                detail=one_line(detail, 240),
            )
            store.tell_audit(entry)


@dataclass(frozen=True, slots=True)
class Ask(Generic[Q, B]):
    """One request that was admitted and understood."""

    desk: Desk
    bearer: Bearer
    request: web.Request
    query: Q
    body: B
    noted: dict[str, str] = field(default_factory=dict)
    """``target`` and ``detail`` of the audit, where the handler knows them better than the path."""

    @property
    def centre(self) -> Centre:
        """The running centre."""
        return self.desk.centre

    @property
    def agent(self) -> AgentId:
        """The agent whom the path names."""
        return AgentId(self.request.match_info["agent"])

    @property
    def is_own(self) -> bool:
        """Whether the agent of the path asks."""
        return self.bearer.agent is not None and self.bearer.agent == self.agent

    def view(self) -> AgentView:
        """The agent of the path, now.

        Raises:
            NotFound: the roster does not know the name, or the bearer may not know it.
        """
        view = self.centre.agent(self.agent)
        if view is None or not (self.is_own or self.bearer.sees(view.site)):
            raise no_agent(self.agent)
        return view

    def people(self) -> list[Agent]:
        """Everybody of the roster whom the bearer may know, by id."""
        agents = self.centre.roster().roster.agents.values()
        return sorted((a for a in agents if self.bearer.sees(a.site)), key=lambda agent: agent.id)

    async def submit(self, fact: Fact) -> None:
        """Let the engine handle a fact.

        Raises:
            Conflict: the engine refuses, with its sentence.
        """
        submitted = await self.centre.submit(fact)
        if submitted.refused is not None:
            raise Conflict(submitted.refused)


Handler = Callable[[Ask[Q, B]], Awaitable[BaseModel | web.StreamResponse]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Route(Generic[Q, B]):
    """One thing that can be asked."""

    method: str
    path: str
    """Below ``/api/v1``, or from the root for what is open to everybody."""
    role: Role | None
    """The least role on the ladder; ``agent``: whoever has a token; None: nobody on the ladder."""
    own_agent: bool = False
    query: type[Q]
    body: type[B]
    answer: type[BaseModel]
    handler: Handler[Q, B]
    summary: str
    problems: tuple[str, ...] = ()
    """Ids beside those every route of this form has."""
    action: str = ""
    """Word of the audit; given for every write."""
    status: HTTPStatus = HTTPStatus.OK
    takes: str = JSON
    gives: str = JSON
    body_bytes_max: int = BODY_BYTES
    etag: bool = False
    if_match: bool = False
    purpose: bool = False
    """Reads ``X-Purpose``."""
    secret: bool = False
    """The answer holds a secret: it is never given twice."""

    @property
    def is_open(self) -> bool:
        """Whether no token is needed."""
        return self.role is None and not self.own_agent

    @property
    def is_write(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"

    @property
    def url(self) -> str:
        """The whole path."""
        return self.path if self.is_open else API + self.path


AnyRoute = Route[Any, Any]


def admit(route: Route[Q, B], bearer: Bearer, agent: str | None) -> None:
    """Let a bearer through, or not.

    Args:
        route: what is asked.
        bearer: who asks.
        agent: whom the path names.

    Raises:
        Forbidden: this is not for this bearer.
    """
    if route.is_open:
        return
    if route.own_agent and bearer.agent is not None and bearer.agent == agent:
        return
    if route.role is None:
        raise Forbidden("This is for the agent alone: only the agent's own token opens it.")
    if route.role is Role.AGENT:
        return
    if bearer.role is Role.AGENT:
        raise Forbidden("A token of an agent opens what is that agent's own, and nothing else.")
    if LADDER.index(bearer.role) < LADDER.index(route.role):
        raise Forbidden(f"This needs the role {route.role}; the token has the role {bearer.role}.")
    if route.role is Role.ADMIN and bearer.sites:
        raise Forbidden("This concerns all sites; the token is for some.")


def no_agent(agent: str) -> NotFound:
    """The error for an agent whom the bearer cannot know."""
    return NotFound(f"There is no agent {agent[:64]!r} in the roster.")


def one_line(text: str, length_max: int) -> str:
    """Text as it may stand in the audit: printable, on one line, bounded."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:length_max]
