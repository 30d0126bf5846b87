"""The form of everything that is asked: closed, strict, and the source of the OpenAPI schemas.

Requests are read from JSON (or, for queries, from text) and hold no more than what is named here.
Answers (``acd.web.answers``) are built from the frozen views of the core and the rows of the store by
one adapter, ``shown``: it copies the fields of the model and nothing else, so that a field a view gains
is not told to anybody until a model names it.

All times are integer milliseconds since 1970; cursors are to be handed back as they came.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from acd.core.facts import TransferKind
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


class Model(BaseModel):
    """Closed and strict."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, from_attributes=True)


def shown(model: type[ModelT], view: object) -> ModelT:
    """Copy what ``model`` names from a view of the core or a row of the store."""
    return model.model_validate(view, from_attributes=True)


def whole(text: object) -> object:
    """A number of a query: digits and nothing else (``int`` would take spaces, signs and underscores)."""
    if not isinstance(text, str):
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        raise PydanticCustomError("acd", "must be a whole number, in digits", {})
    return int(text)


def integral(number: object) -> object:
    """JSON has one kind of number: 90.0 is 90."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""Name of a queue, skill, site, office, reason, class or code."""
AgentName = Annotated[str, Field(min_length=1, max_length=64)]
Phone = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$")]
Ms = Annotated[int, Field(ge=0, le=MS_MAX), BeforeValidator(whole)]
MsInBody = Annotated[int, Field(ge=0, le=MS_MAX), BeforeValidator(integral)]
Limit = Annotated[int, Field(ge=1, le=LIMIT_MAX), BeforeValidator(whole)]
Days = Annotated[int, Field(ge=1, le=DAYS_MAX), BeforeValidator(integral)]
Language = Literal["it", "en"]
Cursor = Annotated[str, Field(min_length=1, max_length=200)]


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


class StoryQuery(LookQuery):
    """How a call's story is told."""

    lang: Annotated[Language, Field(description="Language of the sentences.")] = "it"
    agents: Annotated[bool, Field(description="Name agents, not only sites; for operators.")] = False


class WhyNotQuery(LookQuery):
    """Whom one asks about, and when."""

    agent: Annotated[AgentName, Field(description="The agent in question.")]
    at_ms: Annotated[Ms | None, Field(description="The moment; else when somebody was last chosen.")] = None
    lang: Annotated[Language, Field(description="Language of the sentence.")] = "it"


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
