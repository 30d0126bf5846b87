"""What the rehearsals say of the offices' lines, and whether that is enough to start.

The list has every number of every office. A number is *ready* when somebody pressed the key there, at the
last trial, and that is no longer ago than ``hours_max``. A start is refused while fewer than ``ready_min`` of
them are: an old list, a short one and a bad one are all the same to a caller.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from acd.core.policy import Office, RuleSet
from acd.rules.transition import Readiness
from acd.store.records import LineCheck

__all__ = ["PRESSED", "LineState", "ReadinessList", "numbers_of", "readiness_list", "why_not_ready"]

PRESSED: Final = "pressed"
HOUR_MS: Final = 3_600_000


class LineState(msgspec.Struct, frozen=True, kw_only=True):
    """One number, and what was found there last."""

    office: str
    name: str
    province: str
    number: str
    result: str = ""
    """As in `acd.store.records.LineCheck`; empty: never tried."""
    at_ms: int = 0
    ring_ms: int = 0
    detail: str = ""
    ready: bool = False


class ReadinessList(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers, in the order of the rules."""

    lines: tuple[LineState, ...]
    newest_ms: int
    """When a number was tried last; 0: none ever was."""

    @property
    def ready(self) -> int:
        """How many are ready."""
        return sum(line.ready for line in self.lines)

    @property
    def ratio(self) -> float:
        """How many of all; 1 where the rules name no office."""
        return self.ready / len(self.lines) if self.lines else 1.0


def numbers_of(office: Office) -> tuple[str, ...]:
    """All its numbers."""
    return (office.number, *office.more_numbers)


def readiness_list(
    rules: RuleSet, checks: Iterable[LineCheck], demand: Readiness, now_ms: int
) -> ReadinessList:
    """Put what was found beside what there is; checks of numbers that are gone count for nothing."""
    found = {(check.office, check.number): check for check in checks}
    oldest_ms = now_ms - round(demand.hours_max * HOUR_MS)
    lines = tuple(
        _line(office, number, found.get((office.id, number)), oldest_ms)
        for office in rules.offices.values()
        for number in numbers_of(office)
    )
    return ReadinessList(lines=lines, newest_ms=max((line.at_ms for line in lines), default=0))


def _line(office: Office, number: str, check: LineCheck | None, oldest_ms: int) -> LineState:
    bare = LineState(office=office.id, name=office.name, province=office.province, number=number)
    if check is None:
        return bare
    return msgspec.structs.replace(
        bare,
        result=check.result,
        at_ms=check.at_ms,
        ring_ms=check.ring_ms,
        detail=check.detail,
        ready=check.result == PRESSED and check.at_ms >= oldest_ms,
    )


def why_not_ready(found: ReadinessList, demand: Readiness, now_ms: int) -> str:
    """Why a start is refused, as a sentence; empty: it is not."""
    if found.ratio >= demand.ready_min:
        return ""
    told = f"{found.ready} of {len(found.lines)} lines are ready, and {demand.ready_min:.0%} are wanted"
    if not found.newest_ms:
        return f"{told}: none was ever tried; run `acd rehearse` first."
    age_h = (now_ms - found.newest_ms) / HOUR_MS
    if age_h > demand.hours_max:
        return f"{told}: the last rehearsal was {age_h:.0f} hours ago; run `acd rehearse` again."
    return f"{told}; `acd rehearse --list` shows the others, `acd rehearse --missing` tries them again."
