"""Which line is tried next, so that no caller notices.

A line is tried only while

- fewer than ``at_once_per_trunk`` trials run on its trunk, and none at its office,
- its office is open (a closed one proves nothing) and has a free line,
- the trunk, the trial included, carries no more than ``trunk_share_max`` of its capacity (one call at least:
  a trunk of one line could otherwise never be tried).

The dialplan counts the trial among the office's calls (``GROUP``) and refuses it above the capacity, should a
caller have come in between.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from acd.core.ids import OfficeId
from acd.core.policy import RuleSet
from acd.core.views import OfficeView
from acd.rules.transition import Rehearsal
from acd.transition.readiness import LineState, numbers_of

__all__ = ["Line", "LineResult", "Pick", "Trial", "Tried", "Trier", "lines_to_try", "next_line"]


class LineResult(StrEnum):
    """What was found at a number; words of `acd.store.records.LineCheck`."""

    PRESSED = "pressed"
    ANSWERED = "answered"
    """Somebody or something answered and no key came: a voicemail, a fax."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    WRONG = "wrong"
    """There is no such number, or whoever answered says that it is no office (key 2)."""


class Line(NamedTuple):
    """One number of an office."""

    office: OfficeId
    number: str
    trunk: str
    capacity: int
    language: str
    """In which whoever answers is asked."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One synthetic call."""

    line: Line
    ring_s: int
    asks: int
    key_s: int
    sound: str
    """What is asked, a file below Asterisk's sounds."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What it found."""

    result: LineResult | None
    """None: it was not placed, for the office's lines were all in use."""
    ring_ms: int
    detail: str = ""


class Trier(Protocol):
    """Who places such a call (``acd.ami.node``)."""

    async def try_line(self, trial: Trial) -> Tried:
        """Place it and wait for its end; ``AsteriskError``: nobody knows what is there."""


class Pick(NamedTuple):
    """What to do now."""

    line: Line | None
    """Try this one; None: nothing now."""
    closed: tuple[Line, ...] = ()
    """These offices are closed: their lines are left as they are."""


def lines_to_try(
    rules: RuleSet, offices: Collection[OfficeId] = (), skip: Collection[LineState] = ()
) -> tuple[Line, ...]:
    """The lines of these offices (none named: of all), in the order of the rules, without those to skip."""
    left_out = {(line.office, line.number) for line in skip}
    return tuple(
        Line(
            office.id,
            number,
            office.trunk,
            office.capacity,
            office.languages[0] if office.languages else "it",
        )
        for office in rules.offices.values()
        if not offices or office.id in offices
        for number in numbers_of(office)
        if (office.id, number) not in left_out
    )


def next_line(
    pending: Sequence[Line],
    running: Collection[Line],
    views: Mapping[OfficeId, OfficeView],
    rules: RuleSet,
    limits: Rehearsal,
) -> Pick:
    """Choose the first pending line that may be tried now."""
    in_use: dict[str, int] = {}
    for office in rules.offices.values():
        view = views.get(office.id)
        in_use[office.trunk] = in_use.get(office.trunk, 0) + (view.in_use if view is not None else 0)
    trials: dict[str, int] = {}
    for line in running:
        trials[line.trunk] = trials.get(line.trunk, 0) + 1
    busy = {line.office for line in running}
    closed: list[Line] = []
    for line in pending:
        view = views.get(line.office)
        if view is None or not view.open:
            closed.append(line)
            continue
        trial = trials.get(line.trunk, 0)
        if line.office in busy or trial >= limits.at_once_per_trunk or view.in_use >= line.capacity:
            continue
        trunk = rules.trunks.get(line.trunk)
        if trunk is not None:
            most = max(1, int(trunk.capacity * limits.trunk_share_max))
            if in_use[line.trunk] + trial + 1 > most:
                continue
        return Pick(line, tuple(closed))
    return Pick(None, tuple(closed))
