"""The shape of the files in ``routing_rules/``.

One model per file, one per entry. Strict: no text is taken for a number, no key is ignored.
What a file says in seconds (``ring_s: 15``, ``withdraw_s: 1.5``) stays in seconds here;
`acd.rules.compile` makes milliseconds of it. Defaults are those of `acd.core.policy`, asked
there so that they are written once.

Names of things (ids) travel in orders to the dialplan, in extensions (``q-<queue>``) and in
metrics, so they keep to small letters, digits and ``-``. Endpoints, trunks and numbers hold no
more than an order may hold.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Final

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from acd.core.policy import Queue, Timings

__all__ = [
    "AgentShape",
    "AgentsFile",
    "EntryFile",
    "Id",
    "OfficeShape",
    "OfficesFile",
    "PauseReasonShape",
    "PauseReasonsFile",
    "QueueShape",
    "QueuesFile",
    "Shape",
    "SiteShape",
    "SitesFile",
    "SkillsFile",
    "TimingsFile",
    "TimingsShape",
    "matching",
]


def matching(pattern: str, sentence: str) -> AfterValidator:
    """Return a validator of text: all of it fits the pattern, or ``'<text>' <sentence>``."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            context = {"text": text[:40], "sentence": sentence}
            raise PydanticCustomError("acd", "'{text}' {sentence}", context)
        return text

    return AfterValidator(check)


Id = Annotated[
    str,
    matching(
        "[a-z0-9][a-z0-9-]{0,39}",
        "cannot be a name here: use small letters, digits and '-', starting with a letter or a digit.",
    ),
]
"""The name of a queue, skill, site, office, agent or pause reason."""

Title = Annotated[
    str,
    matching(r"\S(?:[^\x00-\x1f\x7f]{0,78}\S)?", "is no title: 1 to 80 characters on one line, please."),
]
"""What people read instead of the id."""

Endpoint = Annotated[
    str,
    matching(
        "[A-Za-z0-9][A-Za-z0-9._+-]{0,63}",
        "cannot be dialled: letters, digits and . _ + - only, as in pjsip.conf.",
    ),
]
"""A PJSIP endpoint or trunk."""

Number = Annotated[
    str, matching(r"\+?[0-9]{2,20}", "is not a number that can be dialled: digits, with '+' only in front.")
]

Level = Annotated[int, Field(ge=1, le=10)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
SecondsToRing = Annotated[int, Field(ge=3, le=120)]


def _defaults(struct: type[msgspec.Struct]) -> dict[str, Any]:
    fields = msgspec.structs.fields(struct)
    return {field.name: field.default for field in fields if field.default is not msgspec.NODEFAULT}


_QUEUE: Final = _defaults(Queue)
_TIMINGS: Final = _defaults(Timings)


class Shape(BaseModel):
    """What all shapes share: strict, closed, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    written_as: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Field to the keys that stand for it in the file, where they differ."""


class SkillsFile(Shape):
    """``skills.yaml``: what an agent can be good at."""

    skills: dict[Id, Title]


class SiteShape(Shape):
    """A place agents work from."""

    name: Title


class SitesFile(Shape):
    """``sites.yaml``."""

    sites: dict[Id, SiteShape]


class OfficeShape(Shape):
    """A provincial office and its line."""

    name: Title
    province: Annotated[str, matching("[A-Z]{2}", "is not a province: two capital letters, such as RM.")]
    number: Number
    trunk: Endpoint
    capacity: Annotated[int, Field(ge=1, le=1_000)]
    """Calls the line carries at once."""


class OfficesFile(Shape):
    """``offices.yaml``."""

    offices: dict[Id, OfficeShape]


class PauseReasonShape(Shape):
    """Why an agent is paused; without a digit only the system gives it."""

    name: Title
    digit: Annotated[str, matching("[0-9]?", "cannot be dialled after the code: one digit.")] = ""


class PauseReasonsFile(Shape):
    """``pause_reasons.yaml``."""

    pause_reasons: dict[Id, PauseReasonShape]
    missed_reason: Id
    """The reason the system gives to who misses ``misses_max`` calls in a row."""


class QueueShape(Shape):
    """A topic callers wait for; what each key means is told in `acd.core.policy.Queue`."""

    name: Title
    language: Annotated[str, matching("[a-z]{2}", "is not a language: two small letters, such as it.")]
    needs: Annotated[dict[Id, Level], Field(min_length=1)]
    priority: Annotated[int, Field(ge=0, le=100)] = _QUEUE["priority"]
    threshold_s: Seconds = _QUEUE["threshold_ms"] / 1_000
    target_ratio: Annotated[float, Field(gt=0, le=1)] = _QUEUE["target_ratio"]
    ring_s: SecondsToRing = _QUEUE["ring_s"]
    wrap_up_s: Seconds = _QUEUE["wrap_up_ms"] / 1_000
    wrap_up_extend_s: Seconds = _QUEUE["wrap_up_extend_ms"] / 1_000
    wrap_up_s_max: Seconds = _QUEUE["wrap_up_ms_max"] / 1_000
    short_abandon_s: Seconds = _QUEUE["short_abandon_ms"] / 1_000
    offices: tuple[Id, ...] = ()
    offices_after_s: Seconds | None = None
    wait_s_max: Annotated[float, Field(ge=10, le=86_400)] = _QUEUE["wait_ms_max"] / 1_000


class QueuesFile(Shape):
    """``queues.yaml``."""

    queues: Annotated[dict[Id, QueueShape], Field(min_length=1)]


class EntryFile(Shape):
    """``entry.yaml``: which called number leads to which queue."""

    entry: dict[Number, Id]
    queue_by_default: Id
    """Where a call goes whose number or queue nobody knows: nobody is lost over a name."""


class AgentShape(Shape):
    """A person who answers. No names of persons here: the id is all the distributor needs."""

    site: Id
    skills: dict[Id, Level]
    endpoint: Endpoint | None = None
    """The phone in ``pjsip.conf``; the agent's own id when absent."""


class AgentsFile(Shape):
    """``agents.yaml``."""

    agents: dict[Id, AgentShape]


def _seconds(name: str) -> float:
    return float(_TIMINGS[name]) / 1_000


class TimingsShape(Shape):
    """Bounds of the control of calls; what each means is told in `acd.core.policy.Timings`."""

    order_valid_s: Annotated[float, Field(ge=1, le=30)] = _seconds("order_valid_ms")
    order_grace_s: Annotated[float, Field(ge=1, le=30)] = _seconds("order_grace_ms")
    ghost_s: Annotated[float, Field(ge=1, le=30)] = _seconds("ghost_ms")
    ring_grace_s: Annotated[float, Field(ge=0.5, le=30)] = _seconds("ring_grace_ms")
    withdraw_s: Annotated[float, Field(ge=0.2, le=30)] = _seconds("withdraw_ms")
    look_s: Annotated[float, Field(ge=0.2, le=60)] = _seconds("look_ms")
    unreachable_retry_s: Annotated[float, Field(ge=1, le=3_600)] = _seconds("unreachable_retry_ms")
    not_again_s: Annotated[float, Field(ge=0, le=3_600)] = _seconds("not_again_ms")
    misses_max: Annotated[int, Field(ge=1, le=100)] = _TIMINGS["misses_max"]
    transfer_s_max: Annotated[float, Field(ge=60, le=86_400)] = _seconds("transfer_ms_max")


class TimingsFile(Shape):
    """``timings.yaml``: the one file that may be absent."""

    timings: TimingsShape = TimingsShape()
