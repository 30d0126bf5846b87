"""The form of everything that is asked and answered: closed, strict, and the source of the OpenAPI schemas.

Requests are read from JSON (or, for queries, from text) and hold no more than what is named here.
Answers are built from the frozen views of the core and the rows of the store by one adapter, ``shown``:
it copies the fields of the model and nothing else, so that a field a view gains is not told to anybody
until a model here names it.

All times are integer milliseconds since 1970; cursors are to be handed back as they came.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from acd.core.facts import TransferKind
from acd.core.notes import AgentState
from acd.core.views import AgentEventKind
from acd.runtime.ports import NodeState
from acd.store.records import Role

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 1000
MS_MAX: Final = 2**53 - 1
DIGITS_MAX: Final = 16
BULK_MAX: Final = 5000
CODES_MAX: Final = 10_000
DAYS_DEFAULT: Final = 90
DAYS_MAX: Final = 400
PURPOSE_LENGTH_MIN: Final = 10
PURPOSE_LENGTH_MAX: Final = 200

ModelT = TypeVar("ModelT", bound=BaseModel)
ItemT = TypeVar("ItemT")


class Model(BaseModel):
    """Closed and strict."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, from_attributes=True)


def shown(model: type[ModelT], view: object) -> ModelT:
    """Copy what ``model`` names from a view of the core or a row of the store."""
    return model.model_validate(view, from_attributes=True)


def _whole(text: object) -> object:
    """A number of a query: digits and nothing else (``int`` would take spaces, signs and underscores)."""
    if not isinstance(text, str):
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        raise PydanticCustomError("acd", "must be a whole number, in digits", {})
    return int(text)


def _integral(number: object) -> object:
    """JSON has one kind of number: 90.0 is 90."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""Name of a queue, skill, site, office, reason, class or code."""
AgentName = Annotated[str, Field(min_length=1, max_length=64)]
Phone = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$")]
Ms = Annotated[int, Field(ge=0, le=MS_MAX), BeforeValidator(_whole)]
Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX), BeforeValidator(_whole)]
Days = Annotated[int, Field(ge=1, le=DAYS_MAX), BeforeValidator(_integral)]
Cursor = Annotated[str, Field(min_length=1, max_length=200)]


# ── what is asked ────────────────────────────────────────────────────────────────────────────


class NoQuery(Model):
    """No parameter is read."""


class NoBody(Model):
    """No body is read."""


class PageQuery(Model):
    """One page of a list."""

    limit: Annotated[Limit, Field(description="At most so many items.")] = LIMIT_DEFAULT
    after: Annotated[Cursor | None, Field(description="'next' of the page before.")] = None


class CallsQuery(PageQuery):
    """Calls in progress."""

    queue: Annotated[Id | None, Field(description="Only calls of this queue.")] = None


class LedgerQuery(PageQuery):
    """Ended calls."""

    since_ms: Annotated[Ms, Field(description="Ended then or later.")] = 0
    until_ms: Annotated[Ms | None, Field(description="Ended before then.")] = None


class AgentsQuery(PageQuery):
    """People of the roster."""

    site: Annotated[Id | None, Field(description="Only people of this site.")] = None


class LookQuery(Model):
    """Why somebody looks at another person's live state; the header ``X-Purpose`` says the same."""

    purpose: Annotated[
        str | None,
        Field(
            description="Instead of X-Purpose.",
            min_length=PURPOSE_LENGTH_MIN,
            max_length=PURPOSE_LENGTH_MAX,
        ),
    ] = None


class ImportQuery(Model):
    """How a roster is taken."""

    dry_run: Annotated[bool, Field(description="Say what would change, and change nothing.")] = False
    remove_missing: Annotated[bool, Field(description="Remove who is not in the file.")] = False


class LoginRequest(Model):
    """A login; without ``phone`` on the agent's own."""

    phone: Phone | None = None


class PauseRequest(Model):
    """A pause for a reason of the rules."""

    reason: Id


class OutcomeRequest(Model):
    """What became of the caller's question."""

    code: Id


class VerifiedRequest(Model):
    """Whether the caller proved to be who they say, and how that was checked."""

    verified: bool
    method: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,40}$")] = ""


class TransferRequest(Model):
    """Where the caller is passed on to."""

    kind: TransferKind
    to: Id


class BulkLoginRequest(Model):
    """Who is to be logged in, each on their own phone."""

    agents: Annotated[tuple[AgentName, ...], Field(min_length=1, max_length=BULK_MAX)]


def _whose_token(schema: dict[str, Any]) -> None:
    """Say in the schema what ``TokenRequest`` checks: an agent exactly for agents, sites not for all."""

    def role(*names: str) -> dict[str, Any]:
        return {"properties": {"role": {"enum": list(names)}}}

    nobody: dict[str, Any] = {"properties": {"agent": {"type": "null"}}}
    schema["allOf"] = [
        {
            "if": role("agent"),
            "then": {"required": ["agent"], "properties": {"agent": {"type": "string"}}},
            "else": nobody,
        },
        {"if": role("agent", "admin"), "then": {"properties": {"sites": {"maxItems": 0}}}},
    ]


class TokenRequest(Model):
    """A new token. An agent is named exactly for the role ``agent``; an admin has no sites."""

    model_config = ConfigDict(json_schema_extra=_whose_token)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    role: Role
    sites: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    """Only people of these sites; empty: all."""
    agent: AgentName | None = None
    """Whose token it is; given exactly for the role ``agent``."""
    days: Days = DAYS_DEFAULT

    @model_validator(mode="after")
    def _is_somebodys(self) -> TokenRequest:
        if (self.role is Role.AGENT) != (self.agent is not None):
            raise PydanticCustomError("acd", "name an agent exactly for the role agent", {})
        if self.sites and self.role in {Role.AGENT, Role.ADMIN}:
            raise PydanticCustomError("acd", "a token of this role has no sites; leave them out", {})
        return self


class CodesRequest(Model):
    """Personal codes that give their callers a priority class."""

    priority_class: Id
    codes: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[0-9]{4,16}$")], ...], Field(min_length=1, max_length=CODES_MAX)
    ]
    expires: dt.date
    """The last day they are good, in Rome."""


class RosterText(Model):
    """A roster as CSV (docs/api.md has the columns)."""

    text: str


# ── what is answered ─────────────────────────────────────────────────────────────────────────


class Finding(Model):
    """One mistake in a file."""

    line: int
    column: str
    """Name of the column; empty: the line as a whole."""
    sentence: str


class Problem(Model):
    """The body of every answer that is not a success (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    id: str
    what_to_do: str
    findings: tuple[Finding, ...]
    """Mistakes in a file that was sent; empty for everything else."""


class Alive(Model):
    """The loop turns."""

    alive: Literal[True] = True


class Ready(Model):
    """Calls can be routed."""

    ready: Literal[True] = True


class Listed(Model, Generic[ItemT]):
    """One page."""

    items: tuple[ItemT, ...]
    next: str | None
    """Cursor of the next page; null: this was the last."""


class CountsAnswer(Model):
    """``entered`` = ``ended`` + ``in_progress``, since the process began."""

    entered: int
    ended: int
    in_progress: int
    unaccounted: int
    answered: int
    to_offices: int
    abandoned: int
    safety_net: int
    lost: int
    agents: dict[str, dict[AgentState, int]]
    """People on duty per site; small sites are merged into ``other``, or not shown."""


class NodeAnswer(Model):
    """The link to one Asterisk."""

    id: str
    state: NodeState
    asterisk_version: str
    since_ms: int
    entry_revision: str
    """The entry menus it runs; empty: not known."""


class StoreAnswer(Model):
    """How the store does."""

    writable: bool
    behind: int
    behind_max: int
    dropped: int
    why_not: str


class SummaryAnswer(Model):
    """The whole centre."""

    counts: CountsAnswer
    nodes: tuple[NodeAnswer, ...]
    not_ready: str | None
    revision: str
    """Of the rules in force."""
    entry_revision: str
    """The entry menus of these rules, as Asterisk should run them."""
    roster_revision: int
    store: StoreAnswer | None
    """null: nothing outlives the process."""


class QueueAnswer(Model):
    """One queue now; counts since the process began."""

    id: str
    name: str
    waiting: int
    offered_now: int
    talking: int
    longest_wait_ms: int
    agents_ready: int
    entered: int
    answered: int
    answered_by_offices: int
    abandoned: int
    safety_net: int
    lost: int


class QueuesAnswer(Listed[QueueAnswer]):
    """Queues in the order of the rules."""


class OfficeAnswer(Model):
    """One office and its line now."""

    id: str
    name: str
    province: str
    capacity: int
    in_use: int


class OfficesAnswer(Listed[OfficeAnswer]):
    """Offices in the order of the rules."""


class CallAnswer(Model):
    """One call in progress."""

    id: str
    node: str
    queue: str
    state: str
    wait_ms: int
    offers: int


class CallsAnswer(Listed[CallAnswer]):
    """Calls in progress, oldest first."""


class LedgerAnswer(Model):
    """One ended call. ``caller`` is a keyed hash, never a number; no agent is named."""

    call: str
    node: str
    queue: str
    called: str
    caller: str
    language: str
    province: str
    priority_class: str
    entered_ms: int
    ended_ms: int
    wait_ms: int
    handle_ms: int
    outcome: str
    path: str
    site: str
    office: str
    visits: int
    verified: bool | None
    code: str


class LedgerPage(Listed[LedgerAnswer]):
    """Ended calls, in the order of their ends."""


class PersonAnswer(Model):
    """Somebody who may log in; nothing of what they do now."""

    id: str
    site: str
    endpoint: str
    skills: dict[str, int]
    home: bool
    country: str
    auto_answer: bool


class PeopleAnswer(Listed[PersonAnswer]):
    """People of the roster, by id."""


class RosterEntry(PersonAnswer):
    """Everything the roster knows of somebody."""

    code: str
    hours: str
    employer: str


class RosterAnswer(Listed[RosterEntry]):
    """The roster, by id."""

    revision: int


class ImportAnswer(Model):
    """What an import changed, or would change."""

    revision: int
    """Of the roster in force now."""
    dry_run: bool
    added: int
    changed: int
    removed: int
    findings: tuple[Finding, ...]
    """Always empty in a success: a file with mistakes is refused whole."""
    people: tuple[str, ...]
    """What is odd about rules and people together: a skill nobody holds, an agent with no queue."""
    lines: tuple[str, ...]
    """What changes, for people to read."""


class ContextAnswer(Model):
    """What an agent is told of the caller: never who they are."""

    call: str
    queue: str
    queue_name: str
    language: str
    province: str
    priority_class: str
    verified: bool | None
    verified_by: str
    waited_ms: int
    passed_on: int
    from_site: str
    code: str


class AgentAnswer(Model):
    """One agent now."""

    id: str
    site: str
    state: AgentState
    since_ms: int
    reason: str
    until_ms: int
    """Deadline of the state, 0 for none."""
    phone: str
    wish: str
    """What is granted after the talk: ``logout`` or ``pause``; empty: nothing."""
    call: ContextAnswer | None


class AgentEventAnswer(Model):
    """One event of a stream: what changed, and the agent as it stands after it."""

    kind: AgentEventKind
    at_ms: int
    agent: AgentAnswer


class TimesAnswer(Model):
    """The agent's own day, kept in memory only."""

    since_ms: int
    spent_ms: dict[AgentState, int]
    talks: int


class LoginResult(Model):
    """What became of one login of many."""

    agent: str
    refused: str | None
    """null: logged in."""


class BulkLoginAnswer(Model):
    """What became of each, in the order asked."""

    items: tuple[LoginResult, ...]


class TokenAnswer(Model):
    """A token without its secret."""

    id: str
    name: str
    role: Role
    sites: tuple[str, ...]
    agent: str | None
    created_ms: int
    expires_ms: int
    revoked_ms: int | None


class TokensAnswer(Listed[TokenAnswer]):
    """Tokens of the store, oldest first; those of the settings are not among them."""


class NewTokenAnswer(Model):
    """A new token with its secret, which is shown this once and kept nowhere."""

    token: TokenAnswer
    secret: str


class CodesAnswer(Model):
    """Personal codes were kept."""

    kept: int
    total: int


class EntryAnswer(Model):
    """One write that was audited."""

    at_ms: int
    who: str
    action: str
    target: str
    result: str
    detail: str


class AuditRowAnswer(Model):
    """An entry in its place in the chain."""

    seq: int
    entry: EntryAnswer
    previous: str
    digest: str


class AuditAnswer(Listed[AuditRowAnswer]):
    """The audit, oldest first."""


class VerdictAnswer(Model):
    """Whether the chain is whole."""

    entries: int
    head: str
    broken_at: int | None
    why: str


class MeAnswer(Model):
    """Who asks."""

    who: str
    role: Role
    sites: tuple[str, ...]
    agent: str | None
    expires_ms: int | None
    """null: it does not expire (a token of the settings, the local socket)."""


class OpenApi(BaseModel):
    """The OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    openapi: str
