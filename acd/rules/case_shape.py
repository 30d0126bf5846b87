"""The shape of a worked case: who is there, who calls, what must come of it, and why.

A case is a moment. ``at`` is the clock in Rome; agents have been idle for ``idle_s`` by then (0: they become
free at that moment), calls have waited for ``waited_s`` (0: they come in at that moment, after the agents).
How it came to that moment is played by the engine itself, so a case cannot suppose what could not be: an
agent who is idle beside a call they may have would have had it before. The story is then followed for
``for_s`` more seconds.

``expect`` tells, in order, everything that happens to the calls it names: whom they ring, what they hear, how
they end; ``nobody`` that nothing does.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from acd.core.notes import Outcome, Reason
from acd.rules.schema import Id, Level, Seconds, Shape, matching

__all__ = ["AgentShape", "CallShape", "CaseShape", "CasesFile", "ExpectShape", "Feature", "PassedOnShape"]

Feature = Literal[
    "affinity",
    "bands",
    "calendar",
    "closed-office",
    "consent-given",
    "consent-refused",
    "credit-of-a-class",
    "credit-of-a-queue",
    "excluded-after-no-answer",
    "excluded-skill",
    "fifo",
    "german",
    "half-day",
    "handicap",
    "holiday",
    "idle-longest",
    "ladder-by-load",
    "ladder-by-time",
    "ladder-at-risk",
    "level-lowered",
    "offices",
    "oldest-across-queues",
    "paused",
    "preference",
    "preference-dropped",
    "second-level",
    "sites",
    "sites-added",
    "skill-needed",
    "sl20",
    "step-skipped",
    "transfer-keeps-age",
    "volunteers",
]


def _check_moment(text: str) -> str:
    try:
        if re.fullmatch(r"20\d{2}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?", text):
            dt.datetime.fromisoformat(text)
            return text
    except ValueError:
        pass
    sentence = "is no moment: write a day and a time, 2026-10-05 10:00."
    raise PydanticCustomError("acd", "'{text}' {sentence}", {"text": text[:40], "sentence": sentence})


def _as_outcome(value: object) -> object:
    return value if isinstance(value, Outcome) else _member(Outcome, value)


def _as_reason(value: object) -> object:
    return value if isinstance(value, Reason) else _member(Reason, value)


def _member(kind: type[Outcome | Reason], value: object) -> object:
    try:
        return kind(str(value))
    except ValueError:
        context = {"text": str(value)[:40], "sentence": f"is none of {', '.join(kind)}."}
        raise PydanticCustomError("acd", "'{text}' {sentence}", context) from None


Moment = Annotated[str, AfterValidator(_check_moment)]
Because = Annotated[str, matching(r"\S(?:[^\x00-\x1f\x7f]{8,398}\S)", "is no reason: 10 to 400 characters.")]
Keys = Annotated[str, matching("[0-9*#]{0,8}", "are no keys: 0 to 9, * and #, in quotes.")]


CaseName = Annotated[str, matching("[a-z0-9-]{1,80}", "is no name of a case: small letters, digits and '-'.")]


class AgentShape(Shape):
    """Somebody who may answer."""

    site: Id
    skills: dict[Id, Level]
    idle_s: Seconds = 0
    state: Literal["ready", "paused", "logged_out"] = "ready"
    volunteer: bool = False
    answers: bool = True
    """Whether they take the phone up when it rings."""


class PassedOnShape(Shape):
    """Who answered passes the caller on."""

    to: Id
    """A queue."""
    after_s: Seconds = 30
    """So long into the talk."""


class CallShape(Shape):
    """Somebody who calls."""

    queue: Id
    waited_s: Seconds = 0
    count: Annotated[int, Field(ge=1, le=500)] = 1
    """So many like this; they are called ``c1-1``, ``c1-2`` …"""
    priority_class: Id | None = Field(default=None, alias="class")
    language: Annotated[str, matching("[a-z]{2}", "is not a language: two small letters.")] | None = None
    province: Annotated[str, matching("[A-Z]{2}", "is not a province: two capital letters.")] | None = None
    caller: Id | None = None
    """Two calls of one name are of one person."""
    keys: Keys = ""
    """Pressed one after the other, each when something is asked."""
    talk_s: Seconds | None = None
    """How long the talk lasts; None: to the end of the case."""
    hangs_up_s: Seconds | None = None
    """The caller gives up after this wait."""
    passed_on: PassedOnShape | None = None


class ExpectShape(Shape):
    """One thing that happens to a call; one of ``to``, ``office``, ``says``, ``ends`` and ``nobody``."""

    call: Id
    to: Id | None = None
    office: Id | None = None
    says: Id | None = None
    ends: Annotated[Outcome, BeforeValidator(_as_outcome)] | None = None
    nobody: bool = False
    waited_s: Seconds | None = None
    """When: so long after it entered this queue; None: at the moment of the case."""
    step: Id | None = None
    """The widest step open by then."""
    opened: Literal["waited", "load", "skipped", "consent"] | None = None
    """Why that step was open."""
    passed_over: dict[Annotated[Reason, BeforeValidator(_as_reason)], Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict
    )
    """How many could not have it, by reason."""


class CaseShape(Shape):
    """One worked case."""

    shows: Feature
    because: Because
    at: Moment = "2026-10-05 10:00"
    """A Monday."""
    for_s: Seconds = 0
    agents: dict[Id, AgentShape] = Field(default_factory=dict)
    calls: Annotated[dict[Id, CallShape], Field(min_length=1)]
    expect: Annotated[tuple[ExpectShape, ...], Field(min_length=1)]


class CasesFile(Shape):
    """``cases/*.yaml``."""

    cases: Annotated[dict[CaseName, CaseShape], Field(min_length=1)]
