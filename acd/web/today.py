"""The day of all queues together, for the summary: the exact counts and the headline's service level."""

from __future__ import annotations

from acd.figures.counts import total
from acd.figures.formulas import Formula
from acd.web.centre import Centre
from acd.web.models import Model

__all__ = ["TodayAnswer", "today_of"]


class TodayAnswer(Model):
    """All queues since local midnight, exact; counted over restarts."""

    began_ms: int
    """Local midnight."""
    formula: Formula
    """Of the service level."""
    service_level: float | None
    """null: no call counts yet."""
    counted: int
    """Calls it is taken over."""
    offered: int
    answered: int
    answered_by_offices: int
    abandoned: int
    short_abandoned: int
    left_in_menu: int


def today_of(centre: Centre) -> TodayAnswer | None:
    """The day so far; None where nobody counts."""
    days, formula = centre.today(), centre.service_level()
    if not days:
        return None
    counts = total(day.today for day in days.values())
    return TodayAnswer(
        began_ms=max(day.began_ms for day in days.values()),
        formula=formula,
        service_level=formula.ratio(counts),
        counted=formula.denominator(counts),
        offered=counts.offered,
        answered=counts.answered,
        answered_by_offices=counts.answered_by_offices,
        abandoned=counts.abandoned,
        short_abandoned=counts.short_abandoned,
        left_in_menu=counts.left_in_menu,
    )
