"""From calls that are alike to counters, raw and re-based, and from counters to shares and goals.

The counters are those of the running centre (`acd.figures.counts`), filled from the ledger: there each call
stands once, under its one end. Two differences follow. A call belongs to the half hour of its entry, where
the centre counts each event when it happens; and a call that was answered, passed on and then lost has ended
as lost here, where the centre had counted an answer. The service-level events are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from acd.core.notes import Outcome, Path, ServiceLevel
from acd.figures.counts import Counts
from acd.figures.formulas import Formula
from acd.reports.shape import ANSWERED_SHARE, Figures, Share
from acd.rules.goals import Emergency, Goals
from acd.rules.goals_shape import Measure
from acd.store.tallies import Part, Tally

__all__ = ["LEFT_IN_MENU", "Stretch", "Sums", "figures", "rebased_figures", "share_of", "stretches", "total"]

LEFT_IN_MENU = "left_in_menu"
GIVEN_UP = frozenset({Outcome.ABANDONED, Outcome.SHORT_ABANDONED})


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the period with one goal, and one emergency or none."""

    part: Part
    goal: float | None
    emergency: Emergency | None

    @property
    def rebased_goal(self) -> float | None:
        """The goal that holds after all."""
        if self.emergency is not None and self.emergency.ratio is not None:
            return self.emergency.ratio
        return self.goal

    @property
    def is_suspended(self) -> bool:
        """Whether its calls are left out of the re-based figure."""
        return self.emergency is not None and self.emergency.suspended


def stretches(goals: Goals, from_ms: int, until_ms: int) -> tuple[Stretch, ...]:
    """Cut a period wherever a goal or an emergency begins or ends."""
    cuts = {from_ms, until_ms}
    cuts.update(goal.from_ms for goal in goals.goals)
    for one in goals.emergencies:
        cuts.update((one.from_ms, one.until_ms))
    moments = sorted(cut for cut in cuts if from_ms <= cut <= until_ms)
    found = []
    for begin, end in pairwise(moments):
        emergency = goals.emergency_at(begin)
        eased_ms = emergency.threshold_ms if emergency is not None else 0
        found.append(
            Stretch(part=Part(begin, end, eased_ms), goal=goals.ratio_at(begin), emergency=emergency)
        )
    return tuple(found)


class Sums:
    """The counters of one line, stretch by stretch."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = stretches
        self.raw = [Counts() for _ in stretches]
        self.rebased = [Counts() for _ in stretches]
        self.said = self.settled = 0

    def take(self, one: Tally) -> None:
        """Add calls that are alike."""
        stretch = self._stretches[one.part]
        _count(self.raw[one.part], one, one.level)
        if not stretch.is_suspended:
            _count(self.rebased[one.part], one, _rebased(one, stretch))
        if one.said:
            self.said += one.calls
            self.settled += one.calls if one.said == 1 else 0

    def add(self, other: Sums) -> None:
        """Take another line in."""
        for mine, theirs in ((self.raw, other.raw), (self.rebased, other.rebased)):
            for one, more in zip(mine, theirs, strict=True):
                one.add(more)
        self.said += other.said
        self.settled += other.settled


def figures(sums: Sums, stretches: Sequence[Stretch], headline: Formula, measure: Measure) -> Figures:
    """The raw figures of a line."""
    goals = [stretch.goal for stretch in stretches]
    return _figures(sums.raw, goals, headline, measure)


def rebased_figures(sums: Sums, stretches: Sequence[Stretch], headline: Formula, measure: Measure) -> Figures:
    """The re-based figures of a line."""
    goals = [stretch.rebased_goal for stretch in stretches]
    return _figures(sums.rebased, goals, headline, measure)


def share_of(measure: Measure, counts: Counts) -> Share:
    """One service level, or the share answered: of all offered but those who found the queue closed."""
    if measure == ANSWERED_SHARE:
        return Share(counts.answered, counts.offered - counts.closed)
    formula = Formula(measure)
    return Share(formula.numerator(counts), formula.denominator(counts))


def total(counts: Sequence[Counts]) -> Counts:
    """All of them together."""
    whole = Counts()
    for one in counts:
        whole.add(one)
    return whole


def _figures(
    counts: Sequence[Counts], goals: Sequence[float | None], headline: Formula, measure: Measure
) -> Figures:
    whole = total(counts)
    weights = [share_of(measure, one).of for one in counts]
    asked = [(goal, weight) for goal, weight in zip(goals, weights, strict=True) if weight > 0]
    goal: float | None = None
    if asked and all(one is not None for one, _ in asked):
        goal = sum((one or 0.0) * weight for one, weight in asked) / sum(weight for _, weight in asked)
    return Figures(level=share_of(headline.value, whole), measured=share_of(measure, whole), goal=goal)


def _rebased(one: Tally, stretch: Stretch) -> str:
    """The service-level event under the threshold of the emergency; a longer one of the queue stays."""
    if not stretch.part.eased_ms or not one.eased or not one.level:
        return one.level
    if one.outcome == Outcome.ANSWERED:
        return ServiceLevel.MET
    return ServiceLevel.ABANDONED_EARLY if one.outcome in GIVEN_UP else one.level


def _count(counts: Counts, one: Tally, level: str) -> None:
    if one.outcome == LEFT_IN_MENU:
        counts.left_in_menu += one.calls
        return
    counts.offered += one.calls
    counts.ended += one.calls
    match one.outcome:
        case Outcome.ANSWERED:
            counts.answered += one.calls
            counts.handled += one.calls
            counts.wait_answered_ms += one.wait_ms
            counts.handle_ms += one.handle_ms
            if one.path == Path.FALLBACK:
                counts.answered_by_offices += one.calls
            if level == ServiceLevel.MISSED:
                counts.answered_late += one.calls
        case Outcome.ABANDONED:
            counts.abandoned += one.calls
            counts.wait_abandoned_ms += one.wait_ms
        case Outcome.SHORT_ABANDONED:
            counts.short_abandoned += one.calls
            counts.short_counted += one.calls if level else 0
        case Outcome.CLOSED:
            counts.closed += one.calls
        case Outcome.SAFETY_NET:
            counts.safety_net += one.calls
        case _:
            counts.lost += one.calls
    match level:
        case ServiceLevel.MET:
            counts.met += one.calls
        case ServiceLevel.MISSED:
            counts.missed += one.calls
        case ServiceLevel.ABANDONED_EARLY:
            counts.abandoned_early += one.calls
        case _:
            pass  # the queue was closed, or the store kept no events yet
