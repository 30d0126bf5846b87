"""What is asked and answered about the fallback and its overrides."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from acd.errors import RequestError
from acd.fallback.resolving import Source, Word
from acd.fallback.scopes import SCOPE, split_scope
from acd.fallback.wishes import TICKET, check_reason
from acd.rules.fallback_shape import REASON
from acd.store.records import OverrideMode
from acd.web.models import Language, Model, Ms, MsInBody

__all__ = [
    "BriefAnswer",
    "DecisionAnswer",
    "EndQuery",
    "ExtendRequest",
    "FallbackAnswer",
    "FallbackQuery",
    "OverrideAnswer",
    "OverrideRequest",
    "OverridesAnswer",
    "OverridesQuery",
    "PlacedAnswer",
    "WithoutAnswer",
]


def _is_reason(text: str) -> str:
    try:
        return check_reason(text)
    except RequestError as error:
        raise PydanticCustomError("acd", "{sentence}", {"sentence": str(error)}) from None


def _is_scope(text: str) -> str:
    try:
        split_scope(text)
    except RequestError as error:
        raise PydanticCustomError("acd", "{sentence}", {"sentence": str(error)}) from None
    return text


Reason = Annotated[
    str, AfterValidator(_is_reason), WithJsonSchema({"type": "string", "pattern": f"^{REASON}$"})
]
Scope = Annotated[
    str, AfterValidator(_is_scope), WithJsonSchema({"type": "string", "pattern": f"^({SCOPE})$"})
]
Ticket = Annotated[str, Field(pattern=f"^{TICKET}$")]


class FallbackQuery(Model):
    """In which language explanations come."""

    lang: Annotated[Language, Field(description="Language of the sentences.")] = "it"


class OverridesQuery(Model):
    """Which overrides."""

    since_ms: Annotated[Ms | None, Field(description="Those not over then; else those not over now.")] = None


class EndQuery(FallbackQuery):
    """How an override is taken back."""

    ticket: Annotated[
        Ticket | None, Field(description="For the country, of an operator: under which it was decided.")
    ] = None


class OverrideRequest(Model):
    """A new override."""

    scope: Scope
    """``national``, ``site:<name>``, ``office:<name>``."""
    mode: OverrideMode
    reason: Reason
    """At least 10 characters, on one line."""
    ticket: Ticket | None = None
    """Wanted of an operator for the country; an admin need not."""
    from_ms: MsInBody | None = None
    """Absent: now."""
    until_ms: MsInBody
    """Its end, within the hours of the policy."""


class ExtendRequest(Model):
    """A later end."""

    until_ms: MsInBody
    reason: Reason
    ticket: Ticket | None = None


class OverrideAnswer(Model):
    """A toggle by a person."""

    id: int
    scope: str
    mode: OverrideMode
    reason: str
    author: str
    ticket: str
    from_ms: int
    until_ms: int
    made_ms: int
    ended_ms: int | None
    """Taken back before its time …"""
    ended_by: str
    """… by whom."""


class OverridesAnswer(Model):
    """Overrides, the oldest first."""

    items: tuple[OverrideAnswer, ...]


class WithoutAnswer(Model):
    """What would be in force if the one that decides said nothing."""

    value: Word
    share: int | None
    source: Source


class DecisionAnswer(Model):
    """What is in force for a scope, and the one voice that decides it."""

    scope: str
    name: str
    """As people call it; empty for the country."""
    value: Word
    share: int | None
    """Of a site: per cent of the new calls that may take its agents first."""
    mode: OverrideMode
    source: Source
    decided_at: str
    """The scope whose toggle decides: a site may be decided by the country, the country by a site."""
    override: int | None
    line: int | None
    """Of fallback.yaml."""
    author: str
    reason: str
    until_ms: int | None
    """Until when who decides says so; null: until it says otherwise."""
    sentence: str
    without: WithoutAnswer | None


class FallbackAnswer(Model):
    """All that is in force."""

    revision: str
    """Of what the engine obeys."""
    on: bool
    """Transition mode: offices stand in for agents."""
    at_ms: int
    changes_next_ms: int | None
    """Nothing changes by the clock before this moment; null: nothing will."""
    hours_max: int
    """An override ends at the latest so many hours after it begins."""
    items: tuple[DecisionAnswer, ...]
    """The country, then sites and offices in the order of the rules."""


class PlacedAnswer(Model):
    """What an override came to."""

    override: OverrideAnswer
    over: tuple[OverrideAnswer, ...]
    """Older ones of the same scope whose place it takes; they count again if it ends first."""
    told: tuple[str, ...]
    """What is in force for the scope now, and each older one, in sentences."""


class BriefAnswer(Model):
    """The fallback in a line: numbers, and nobody's name."""

    on: bool
    revision: str
    source: Source
    """Who decides for the country."""
    until_ms: int | None
    sites_on: int
    """Sites whose agents do not take every call first."""
    offices_on: int
    """Forced on …"""
    offices_off: int
    """… and forced off."""
    overrides: int
    """Those that are not over."""
