"""The shape of ``queues.yaml``: who may answer a topic, and how that widens.

A queue says whom it needs to begin with. Its ``ladder`` says, step by step, whom it takes as well while
a call waits: every step has a time (``after_s``), and may have conditions of load that open it sooner.
What each key means is told in `acd.core.policy.Queue` and `acd.core.policy.Step`; ``docs/routing.md``
tells it to those who write the files.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from acd.core.policy import Queue
from acd.rules.schema import CREDIT_S_MAX, Day, Id, Level, Seconds, Shape, Title, defaults_of, matching

__all__ = ["DatedTargetShape", "QueueShape", "QueuesFile", "StepShape"]

_QUEUE: Final = defaults_of(Queue)

SecondsToRing = Annotated[int, Field(ge=3, le=120)]


class DatedTargetShape(Shape):
    """A target that holds from a day on."""

    from_day: Day
    ratio: Annotated[float, Field(gt=0, le=1)]


class StepShape(Shape):
    """One step of a ladder: when it opens, and whom it adds."""

    step: Id
    after_s: Annotated[float, Field(ge=0, le=86_400)]
    waiting_min: Annotated[int, Field(ge=1, le=100_000)] | None = None
    idle_max: Annotated[int, Field(ge=0, le=100_000)] | None = None
    at_risk: bool = False
    levels: dict[Id, Level] = Field(default_factory=dict)
    drop_preferences: bool = False
    sites: tuple[Id, ...] = ()
    volunteers: bool = False
    offices: tuple[Id, ...] = ()
    consent: Id | None = None
    """Prompt of ``prompts.yaml`` that asks the caller; key 1 is yes."""
    waives: tuple[Id, ...] = ()


class QueueShape(Shape):
    """A topic callers wait for."""

    gone: ClassVar[dict[str, str]] = {
        "priority": (
            "'priority' is gone, for it let others starve; "
            f"write credit_s: the seconds (up to {CREDIT_S_MAX}) a call here counts as older than it is."
        ),
        "offices": (
            "offices help in a step of the ladder now; "
            "write ladder: [{step: uffici, after_s: 60, offices: [...]}]."
        ),
        "offices_after_s": "offices help in a step of the ladder now; write its after_s there instead.",
    }

    name: Title
    language: Annotated[str, matching("[a-z]{2}", "is not a language: two small letters, such as it.")]
    needs: Annotated[dict[Id, Level], Field(min_length=1)]
    """The first is the topic: the agent's level in it counts in the order of calls."""
    prefers: dict[Id, Level] = Field(default_factory=dict)
    excludes: tuple[Id, ...] = ()
    sites: tuple[Id, ...] = ()
    discipline: Literal["fair", "sl20"] = _QUEUE["discipline"].value
    credit_s: Annotated[float, Field(ge=0, le=CREDIT_S_MAX)] = _QUEUE["credit_ms"] / 1_000
    threshold_s: Seconds = _QUEUE["threshold_ms"] / 1_000
    target_ratio: Annotated[float, Field(gt=0, le=1)] = _QUEUE["target_ratio"]
    ring_s: SecondsToRing = _QUEUE["ring_s"]
    wrap_up_s: Seconds = _QUEUE["wrap_up_ms"] / 1_000
    wrap_up_extend_s: Seconds = _QUEUE["wrap_up_extend_ms"] / 1_000
    wrap_up_s_max: Seconds = _QUEUE["wrap_up_ms_max"] / 1_000
    short_abandon_s: Seconds = _QUEUE["short_abandon_ms"] / 1_000
    ladder: Annotated[tuple[StepShape, ...], Field(max_length=16)] = ()
    calendar: Id | None = None
    wait_s_max: Annotated[float, Field(ge=10, le=86_400)] = _QUEUE["wait_ms_max"] / 1_000
    """Every queue has this exit: the safety net takes whoever has waited so long."""
    kind: Literal["entry", "second_level"] = "entry"
    return_s: Annotated[float, Field(ge=5, le=3_600)] = _QUEUE["return_ms"] / 1_000
    targets: tuple[DatedTargetShape, ...] = ()


class QueuesFile(Shape):
    """``queues.yaml``."""

    queues: Annotated[dict[Id, QueueShape], Field(min_length=1)]
