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

import datetime as dt
import re
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from acd.core.policy import Queue, Timings

__all__ = [
    "DatedTargetShape",
    "Endpoint",
    "Id",
    "Number",
    "OfficeShape",
    "OfficesFile",
    "OutcomeCodeShape",
    "OutcomeCodesFile",
    "PauseReasonShape",
    "PauseReasonsFile",
    "PriorityClassShape",
    "PriorityClassesFile",
    "QueueShape",
    "QueuesFile",
    "Shape",
    "SiteShape",
    "SitesFile",
    "SkillsFile",
    "TimingsFile",
    "TimingsShape",
    "Title",
    "ends_of_range",
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

_RANGE: Final = re.compile(r"([A-Za-z0-9._+]*?)([0-9]{1,9})-([A-Za-z0-9._+]*?)([0-9]{1,9})")


def ends_of_range(text: str) -> tuple[str, str]:
    """Return the first and the last phone of a range that was checked, such as ``a0001-a0300``."""
    first, _, last = text.partition("-")
    return first, last


def _check_range(text: str) -> str:
    found = _RANGE.fullmatch(text)
    if found is None or found[1] != found[3] or len(found[2]) != len(found[4]) or len(text) > 80:
        sentence = "is no range of phones: write the first and the last, as long as each other: a0001-a0300."
    elif found[2] > found[4]:
        sentence = "ends before it begins; put the smaller number first."
    else:
        return text
    raise PydanticCustomError("acd", "'{text}' {sentence}", {"text": text[:40], "sentence": sentence})


def _check_day(text: str) -> str:
    try:
        if dt.date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    sentence = "is not a day of the calendar: write year-month-day, such as 2026-01-31."
    raise PydanticCustomError("acd", "'{text}' {sentence}", {"text": text[:40], "sentence": sentence})


PhoneRangeText = Annotated[str, AfterValidator(_check_range)]
Day = Annotated[str, AfterValidator(_check_day)]

Digit = Annotated[str, matching("[0-9]?", "cannot be dialled after the code: one digit.")]
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
    phones: tuple[PhoneRangeText, ...] = ()
    """Shared phones, as ranges: an agent of the site may log in on any of them."""


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
    digit: Digit = ""


class PauseReasonsFile(Shape):
    """``pause_reasons.yaml``."""

    pause_reasons: dict[Id, PauseReasonShape]
    missed_reason: Id
    """The reason the system gives to who misses ``misses_max`` calls in a row."""


class PriorityClassShape(Shape):
    """Callers who are served as if they had waited longer. Who they are is not said here."""

    name: Title
    credit_s: Annotated[float, Field(gt=0, le=3_600)]
    """Bounded, so that nobody else starves."""


class PriorityClassesFile(Shape):
    """``priority_classes.yaml``: may be absent, then everybody waits alike."""

    priority_classes: dict[Id, PriorityClassShape] = {}


class OutcomeCodeShape(Shape):
    """What became of a question; without a digit it is given on the API only."""

    name: Title
    digit: Digit = ""


class OutcomeCodesFile(Shape):
    """``outcome_codes.yaml``: may be absent, then nobody is asked."""

    outcome_codes: dict[Id, OutcomeCodeShape] = {}


class DatedTargetShape(Shape):
    """A target that holds from a day on."""

    from_day: Day
    ratio: Annotated[float, Field(gt=0, le=1)]


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
    kind: Literal["entry", "second_level"] = "entry"
    return_s: Annotated[float, Field(ge=5, le=3_600)] = _QUEUE["return_ms"] / 1_000
    targets: tuple[DatedTargetShape, ...] = ()


class QueuesFile(Shape):
    """``queues.yaml``."""

    queues: Annotated[dict[Id, QueueShape], Field(min_length=1)]


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
    """``timings.yaml``: may be absent, then the defaults hold."""

    timings: TimingsShape = TimingsShape()
