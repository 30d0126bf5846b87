"""From ``offices.yaml`` to the core's offices, trunks and health."""

from __future__ import annotations

from acd.core.ids import CalendarId, OfficeId
from acd.core.policy import Calendar, Health, Office, Trunk
from acd.rules.calendar import Calendars
from acd.rules.office_shape import HealthShape, OfficesFile, OfficeShape

__all__ = ["compile_health", "compile_offices", "compile_trunks"]


def compile_offices(
    file: OfficesFile, calendars: Calendars, used: dict[CalendarId, Calendar]
) -> dict[OfficeId, Office]:
    """Compile all offices; the calendars they go by are put into ``used``."""
    return {OfficeId(name): _office(name, shape, calendars, used) for name, shape in file.offices.items()}


def _office(name: str, shape: OfficeShape, calendars: Calendars, used: dict[CalendarId, Calendar]) -> Office:
    calendar = calendars.of_office(shape.calendar, shape.province) if shape.calendar is not None else None
    if calendar is not None:
        used[calendar.id] = calendar
    return Office(
        id=OfficeId(name),
        name=shape.name,
        province=shape.province,
        number=shape.number,
        more_numbers=shape.more_numbers,
        trunk=shape.trunk,
        capacity=shape.capacity,
        calendar=calendar.id if calendar is not None else None,
        provinces=shape.provinces,
        languages=shape.languages,
        weight=shape.weight,
        confirm=shape.confirm,
    )


def compile_trunks(file: OfficesFile) -> dict[str, Trunk]:
    """Compile the trunks that carry only so much."""
    return {name: Trunk(id=name, capacity=shape.capacity) for name, shape in file.trunks.items()}


def compile_health(shape: HealthShape) -> Health:
    """Compile when an office is left alone."""
    return Health(
        window=shape.window,
        window_min=shape.window_min,
        answered_min=shape.answered_min,
        in_a_row=shape.in_a_row,
        open_ms=_ms(shape.open_s),
        open_ms_max=_ms(shape.open_s_max),
        carrier_ms=_ms(shape.carrier_s),
        carrier_offices_min=shape.carrier_offices_min,
        carrier_failed_min=shape.carrier_failed_min,
        carrier_probe_ms=_ms(shape.carrier_probe_s),
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1_000)
