"""The compiled ``volunteering.yaml``, by which ``acd.volunteering`` decides; it is nothing to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from acd.rules.book import Book
from acd.rules.volunteering_shape import Then, VolunteeringFile

__all__ = ["HourProfile", "Volunteering", "check_volunteering", "compile_volunteering"]

HOUR_MS: Final = 3_600_000


class HourProfile(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of a contract."""

    weekly_ms: int
    daily_ms: int
    overtime_weekly_ms: int


class Volunteering(msgspec.Struct, frozen=True, kw_only=True):
    """When a slot may be accepted."""

    profiles: Mapping[str, HourProfile] = {}
    home_overtime: Then = "refuse"
    night: Then = "refuse"
    night_begins: str = "22:00"
    night_ends: str = "06:00"
    """On Rome's clock; the next day, if that is earlier."""
    rest: Then = "refuse"
    rest_ms: int = 11 * HOUR_MS
    contract_hours: Then = "refuse"
    slot_ms_min: int = HOUR_MS // 2
    slot_ms_max: int = 8 * HOUR_MS
    days_ahead_max: int = 60


def check_volunteering(book: Book) -> None:
    """Complain, in the document, about hours that contradict each other."""
    page = book.volunteering
    if page.content is None:
        return
    for name, profile in page.content.hours.items():
        if profile.daily_h > profile.weekly_h:
            mark = page.document.value_mark(("hours", name, "daily_h"))
            page.document.complain(
                mark, f"more in a day than in a week ({profile.weekly_h:g}); lower it, or raise weekly_h."
            )
    limits, night = page.content.limits, page.content.rules.night
    if limits.slot_h_min > limits.slot_h_max:
        mark = page.document.value_mark(("limits", "slot_h_min"))
        page.document.complain(mark, f"this is more than slot_h_max ({limits.slot_h_max:g}); lower it.")
    if night.begins == night.ends:
        mark = page.document.value_mark(("rules", "night", "ends"))
        page.document.complain(mark, "the night ends when it begins; give another time.")


def compile_volunteering(file: VolunteeringFile) -> Volunteering:
    """Hours become milliseconds."""
    rules, limits = file.rules, file.limits
    return Volunteering(
        profiles={
            name: HourProfile(
                weekly_ms=_ms(shape.weekly_h),
                daily_ms=_ms(shape.daily_h),
                overtime_weekly_ms=_ms(shape.overtime_weekly_h),
            )
            for name, shape in file.hours.items()
        },
        home_overtime=rules.home_overtime,
        night=rules.night.then,
        night_begins=rules.night.begins,
        night_ends=rules.night.ends,
        rest=rules.rest.then,
        rest_ms=_ms(rules.rest.hours),
        contract_hours=rules.contract_hours,
        slot_ms_min=_ms(limits.slot_h_min),
        slot_ms_max=_ms(limits.slot_h_max),
        days_ahead_max=limits.days_ahead_max,
    )


def _ms(hours: float) -> int:
    return round(hours * HOUR_MS)
