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
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from acd.core.policy import Affinity, Timings

__all__ = [
    "CREDIT_S_MAX",
    "AffinityShape",
    "BandShape",
    "BandsFile",
    "Day",
    "Endpoint",
    "Id",
    "Level",
    "Number",
    "OutcomeCodeShape",
    "OutcomeCodesFile",
    "PauseReasonShape",
    "PauseReasonsFile",
    "PriorityClassShape",
    "PriorityClassesFile",
    "Province",
    "Seconds",
    "Shape",
    "SiteShape",
    "SitesFile",
    "SkillsFile",
    "TimingsFile",
    "TimingsShape",
    "Title",
    "defaults_of",
    "ends_of_range",
    "matching",
]


class Matching(AfterValidator):
    """A validator of text that an editor is told of too."""

    pattern: str

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Give the pattern to the schema."""
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


def matching(pattern: str, sentence: str) -> AfterValidator:
    """Return a validator of text: all of it fits the pattern, or ``'<text>' <sentence>``."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            context = {"text": text[:40], "sentence": sentence}
            raise PydanticCustomError("acd", "'{text}' {sentence}", context)
        return text

    validator = Matching(check)
    object.__setattr__(validator, "pattern", pattern)
    return validator


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

Province = Annotated[str, matching("[A-Z]{2}", "is not a province: two capital letters, such as RM.")]
Digit = Annotated[str, matching("[0-9]?", "cannot be dialled after the code: one digit.")]
CREDIT_S_MAX: Final = 600
"""No class and no queue counts as older than this: nobody else starves."""

Level = Annotated[int, Field(ge=1, le=10)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
SecondsToRing = Annotated[int, Field(ge=3, le=120)]


def defaults_of(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the defaults of a struct of the core, so that they are written once."""
    fields = msgspec.structs.fields(struct)
    return {field.name: field.default for field in fields if field.default is not msgspec.NODEFAULT}


_TIMINGS: Final = defaults_of(Timings)


class Shape(BaseModel):
    """What all shapes share: strict, closed, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    written_as: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Field to the keys that stand for it in the file, where they differ."""

    gone: ClassVar[dict[str, str]] = {}
    """Keys of earlier versions, and the sentence that says what to write instead."""


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
    credit_s: Annotated[float, Field(gt=0, le=CREDIT_S_MAX)]


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


class AffinityShape(Shape):
    """Callers who call again; what each means is told in `acd.core.policy.Affinity`."""

    within_s: Annotated[float, Field(ge=60, le=604_800)]
    worth_s: Annotated[float, Field(gt=0, le=600)] = defaults_of(Affinity)["worth_ms"] / 1_000


class TimingsFile(Shape):
    """``timings.yaml``: may be absent, then the defaults hold, and nobody is remembered."""

    timings: TimingsShape = TimingsShape()
    affinity: AffinityShape | None = None


class BandShape(Shape):
    """Levels of one worth, and the handicap they have in each discipline."""

    level_min: Level
    handicap_s: dict[Literal["fair", "sl20"], Annotated[float, Field(ge=0, le=600)]]


class BandsFile(Shape):
    """``bands.yaml``: may be absent, then the bands of `acd.core.policy.BANDS` hold."""

    bands: Annotated[tuple[BandShape, ...], Field(min_length=1, max_length=10)] | None = None
