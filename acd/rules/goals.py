"""The goals and the emergencies of ``goals.yaml``, checked, and which of them hold at a moment.

The file is part of each revision, as rules are: who declared an emergency stands in the file, who put it in
force in the audit. Days and moments are those of the clock in Rome. What is over is no finding: reports of
the past need it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from itertools import pairwise
from typing import Final

import msgspec

from acd.rules.calendar import ROME
from acd.rules.calendar_shape import moment_of
from acd.rules.document import Document
from acd.rules.goals_shape import REPEAT_DAYS, EmergencyShape, GoalsFile, Measure
from acd.rules.sentences import did_you_mean, validate_whole

__all__ = ["FILE", "Emergency", "Goal", "Goals", "check_goals"]

FILE: Final = "goals.yaml"


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """A goal that holds from a day on."""

    from_day: str
    from_ms: int
    """Midnight before it, in Rome."""
    ratio: float


class Emergency(msgspec.Struct, frozen=True, kw_only=True):
    """A time for which other goals were declared, or none."""

    id: str
    from_ms: int
    until_ms: int
    reason: str
    act: str
    suspended: bool = False
    ratio: float | None = None
    """None: the goal that holds then stays."""
    threshold_ms: int = 0
    """0: every queue keeps its own."""


class Goals(msgspec.Struct, frozen=True, kw_only=True):
    """What the service has promised."""

    measure: Measure | None = None
    """None: the headline formula."""
    goals: tuple[Goal, ...] = ()
    """Oldest first."""
    emergencies: tuple[Emergency, ...] = ()
    """Oldest first; none overlaps another."""
    repeat_days: int = REPEAT_DAYS
    solved: tuple[str, ...] = ()

    def ratio_at(self, at_ms: int) -> float | None:
        """The goal that holds at a moment, emergencies aside; None: there is none yet."""
        held = [goal.ratio for goal in self.goals if goal.from_ms <= at_ms]
        return held[-1] if held else None

    def emergency_at(self, at_ms: int) -> Emergency | None:
        """The emergency of a moment."""
        return next((one for one in self.emergencies if one.from_ms <= at_ms < one.until_ms), None)


def check_goals(document: Document, outcome_codes: Collection[str]) -> Goals | None:
    """What a document says; None, with findings in the document, if it does not do.

    Args:
        document: The file as it was read.
        outcome_codes: Those of the rules.
    """
    file = validate_whole(document, GoalsFile)
    if file is None:
        return None
    _check_order(document, file)
    for index, emergency in enumerate(file.emergencies):
        _check_emergency(document, index, emergency)
    if not document.findings:
        _check_apart(document, file)
    for index, code in enumerate(file.solved):
        if code not in outcome_codes:
            sentence = f"there is no outcome code '{code}' in the rules;{did_you_mean(code, outcome_codes)}"
            document.complain(document.value_mark(("solved", index)), sentence)
    if document.findings:
        return None
    emergencies = sorted(map(_emergency, file.emergencies), key=lambda one: one.from_ms)
    return Goals(
        measure=file.measure,
        goals=tuple(
            Goal(from_day=goal.from_day, from_ms=_moment_ms(goal.from_day, end=False), ratio=goal.ratio)
            for goal in file.goals
        ),
        emergencies=tuple(emergencies),
        repeat_days=file.repeat_days,
        solved=file.solved,
    )


def _check_order(document: Document, file: GoalsFile) -> None:
    for index, (before, after) in enumerate(pairwise(file.goals), 1):
        if after.from_day <= before.from_day:
            mark = document.value_mark(("goals", index, "from_day"))
            sentence = (
                f"this is not after {before.from_day}, of the goal above; goals stand in order, oldest first."
            )
            document.complain(mark, sentence)


def _check_emergency(document: Document, index: int, shape: EmergencyShape) -> None:
    loc = ("emergencies", index)
    if _moment_ms(shape.begins, end=False) >= _moment_ms(shape.ends, end=True):
        document.complain(
            document.value_mark((*loc, "ends")), f"this is not after {shape.begins}, when it begins."
        )
    rebased = [key for key in ("ratio", "threshold_s") if getattr(shape, key) is not None]
    if shape.suspended and rebased:
        sentence = f"a suspended goal has no other in its place; remove '{rebased[0]}', or 'suspended'."
        document.complain(document.key_mark((*loc, rebased[0])), sentence)
    elif not shape.suspended and not rebased:
        sentence = "this emergency changes nothing; write 'suspended: true', or 'ratio', or 'threshold_s'."
        document.complain(document.value_mark((*loc, "id")), sentence)


def _check_apart(document: Document, file: GoalsFile) -> None:
    """Complain about each emergency that begins before an earlier one is over, or has its name."""
    seen: dict[str, int] = {}
    spans = sorted((_emergency(shape).from_ms, index) for index, shape in enumerate(file.emergencies))
    for index, shape in enumerate(file.emergencies):
        mark = document.value_mark(("emergencies", index, "id"))
        if shape.id in seen:
            sentence = f"an emergency is named '{shape.id}' in line {seen[shape.id]} already; choose another."
            document.complain(mark, sentence)
        seen.setdefault(shape.id, mark.line)
    for (_, first), (_, second) in pairwise(spans):
        earlier, later = file.emergencies[first], file.emergencies[second]
        if _emergency(earlier).until_ms > _emergency(later).from_ms:
            mark = document.value_mark(("emergencies", second, "begins"))
            sentence = f"'{earlier.id}' is not over then; a moment has one emergency at most."
            document.complain(mark, sentence)


def _emergency(shape: EmergencyShape) -> Emergency:
    return Emergency(
        id=shape.id,
        from_ms=_moment_ms(shape.begins, end=False),
        until_ms=_moment_ms(shape.ends, end=True),
        reason=shape.reason,
        act=shape.act,
        suspended=shape.suspended,
        ratio=shape.ratio,
        threshold_ms=round((shape.threshold_s or 0) * 1_000),
    )


def _moment_ms(text: str, *, end: bool) -> int:
    """The wall milliseconds of a moment of Rome's clock; a day alone begins, or ends, at midnight."""
    day, minute = moment_of(text, end=end)
    days, minute = divmod(minute, 24 * 60)
    at = dt.time(minute // 60, minute % 60)
    return round(dt.datetime.combine(day + dt.timedelta(days=days), at, ROME).timestamp() * 1_000)
