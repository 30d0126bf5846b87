"""Ended calls added up by the database, for reports: a million rows become a few hundred.

The adding is SQLite's, in a thread of its own that does not hold Python's lock, so a report delays no
call; what comes back is small whatever the period, and is read beside the loop too. A period is added up in
slices of a day by the end of the calls, along the index: each slice is a short transaction, and what it sorts
fits in memory.

A call belongs to the moment of its first entry. It may end later: calls that end more than two days after
the period are not looked for.

Numbers of callers are asked of the keyed hashes and do not leave the database: only counts do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from acd.core.notes import Outcome
from acd.store.rows import from_rows
from acd.store.schema import ledger

__all__ = ["Part", "Repeats", "Tally", "TallyBy", "repeats", "slices", "tally"]

HALF_HOUR_MS: Final = 1_800_000
SLICE_MS: Final = 86_400_000
LATE_MS: Final = 2 * SLICE_MS
"""A call of the period that ends later than this after it is not found."""


class TallyBy(StrEnum):
    """What calls are told apart by."""

    QUEUE = "queue"
    """And by half hour."""
    PROVINCE = "province"


class Part(msgspec.Struct, frozen=True):
    """A stretch of the period, by the entry of the calls."""

    from_ms: int
    until_ms: int
    eased_ms: int = 0
    """A wait up to this is ``eased``."""


class Tally(msgspec.Struct, frozen=True):
    """Calls that are alike."""

    part: int
    """Index of the part."""
    key: str
    """Queue or province."""
    begin_ms: int
    """When their half hour began; 0: they are not told apart by it."""
    outcome: str
    path: str
    level: str
    eased: int
    """1: they waited no longer than the part's ``eased_ms``."""
    said: int
    """What became of the question: 1 settled, 2 something else, 0 nobody said."""
    calls: int
    wait_ms: int
    handle_ms: int


class Repeats(msgspec.Struct, frozen=True):
    """How often callers came back, of one topic. Callers without a hash are in ``without_hash`` alone."""

    topic: str
    without_hash: int
    """Calls of callers who cannot be told apart: no number, or no key for the hashes."""
    calls: int
    """All others."""
    repeated: int
    """Of those, with an answered call of the same caller on the topic before, within the span."""
    first_answered: int
    """Answered calls that are no repeat …"""
    first_decided: int
    """… and whose span is over …"""
    first_settled: int
    """… without another call of the caller on the topic."""


def slices(from_ms: int, until_ms: int) -> tuple[tuple[int, int], ...]:
    """The slices of a period by the end of calls, up to those that end late."""
    last = until_ms + LATE_MS
    return tuple((begin, min(begin + SLICE_MS, last)) for begin in range(from_ms, last, SLICE_MS))


async def tally(
    connection: AsyncConnection,
    by: TallyBy,
    parts: Sequence[Part],
    ended: tuple[int, int],
    *,
    queue: str | None = None,
    settled: Sequence[str] = (),
) -> tuple[Tally, ...]:
    """Add up the calls of one slice that entered in the parts.

    Args:
        connection: In a transaction.
        by: What they are told apart by.
        parts: One after the other without a gap.
        ended: The slice.
        queue: Only calls booked there.
        settled: Outcome codes that count as settled.
    """
    columns: dict[str, ColumnElement[Any]] = {
        "part": _part(parts),
        "key": ledger.c[by.value],
        "begin_ms": _half_hour(by),
        "outcome": ledger.c.outcome,
        "path": ledger.c.path,
        "level": ledger.c.level,
        "eased": _flag(ledger.c.wait_ms <= _eased(parts)),
        "said": sa.case((ledger.c.code == "", 0), (ledger.c.code.in_(settled), 1), else_=2),
    }
    wanted = (
        sa.select(
            *(column.label(name) for name, column in columns.items()),
            sa.func.count().label("calls"),
            sa.func.sum(ledger.c.wait_ms).label("wait_ms"),
            sa.func.sum(ledger.c.handle_ms).label("handle_ms"),
        )
        .where(
            ledger.c.ended_ms >= ended[0],
            ledger.c.ended_ms < ended[1],
            ledger.c.entered_ms >= parts[0].from_ms,
            ledger.c.entered_ms < parts[-1].until_ms,
        )
        .group_by(*(sa.text(str(place)) for place in range(1, len(columns) + 1)))
    )
    if queue is not None:
        wanted = wanted.where(ledger.c.queue == queue)
    result = await connection.execute(wanted)
    return tuple(await asyncio.to_thread(from_rows, result, Tally))


async def repeats(
    connection: AsyncConnection,
    period: tuple[int, int],
    span_ms: int,
    topics: Mapping[str, str],
    now_ms: int,
    *,
    queue: str | None = None,
) -> tuple[Repeats, ...]:
    """Count who came back.

    Args:
        connection: In a transaction.
        period: By the entry of the calls; calls up to ``span_ms`` before and after are looked at too.
        span_ms: A caller who enters again so soon has come back.
        topics: By queue; a queue that is not there is a topic of its own.
        now_ms: What entered less than ``span_ms`` ago is not decided.
        queue: Only calls booked there.
    """
    seen = _seen(period, span_ms, topics, queue)
    before = sa.and_(seen.c.before.is_not(None), seen.c.before >= seen.c.entered_ms - span_ms)
    known = seen.c.caller != ""
    first = sa.and_(known, seen.c.outcome == Outcome.ANSWERED, sa.not_(before))
    decided = sa.and_(first, seen.c.entered_ms + span_ms <= now_ms)
    came_back = sa.and_(seen.c.after.is_not(None), seen.c.after <= seen.c.entered_ms + span_ms)
    counted = {
        "without_hash": sa.not_(known),
        "calls": known,
        "repeated": sa.and_(known, before),
        "first_answered": first,
        "first_decided": decided,
        "first_settled": sa.and_(decided, sa.not_(came_back)),
    }
    wanted = (
        sa.select(seen.c.topic, *(sa.func.sum(_flag(one)).label(name) for name, one in counted.items()))
        .where(seen.c.entered_ms >= period[0], seen.c.entered_ms < period[1])
        .group_by(seen.c.topic)
        .order_by(seen.c.topic)
    )
    return tuple(from_rows(await connection.execute(wanted), Repeats))


def _seen(period: tuple[int, int], span_ms: int, topics: Mapping[str, str], queue: str | None) -> sa.CTE:
    """Each call with the caller's answered call before it and whatever call after it, on the same topic."""
    topic = sa.case(dict(topics), value=ledger.c.queue, else_=ledger.c.queue) if topics else ledger.c.queue
    same, order = [ledger.c.caller, topic], [ledger.c.entered_ms, ledger.c.call]
    answered = sa.case((ledger.c.outcome == Outcome.ANSWERED, ledger.c.entered_ms))
    wanted = sa.select(
        topic.label("topic"),
        ledger.c.caller,
        ledger.c.outcome,
        ledger.c.entered_ms,
        sa.func.max(answered).over(partition_by=same, order_by=order, rows=(None, -1)).label("before"),
        sa.func.lead(ledger.c.entered_ms).over(partition_by=same, order_by=order).label("after"),
    ).where(
        ledger.c.queue != "",
        ledger.c.ended_ms >= period[0] - span_ms,
        ledger.c.ended_ms < period[1] + span_ms + LATE_MS,
    )
    if queue is not None:
        wanted = wanted.where(ledger.c.queue == queue)
    return wanted.cte("seen")


def _half_hour(by: TallyBy) -> ColumnElement[int]:
    match by:
        case TallyBy.QUEUE:
            return ledger.c.entered_ms // HALF_HOUR_MS * HALF_HOUR_MS
        case TallyBy.PROVINCE:
            return sa.literal_column("0", sa.Integer)


def _part(parts: Sequence[Part]) -> ColumnElement[int]:
    return _by_part(parts, [*range(len(parts))])


def _eased(parts: Sequence[Part]) -> ColumnElement[int]:
    return _by_part(parts, [part.eased_ms for part in parts])


def _by_part(parts: Sequence[Part], values: Sequence[int]) -> ColumnElement[int]:
    """The value of the part in which a call entered."""
    if len(set(values)) == 1:
        return sa.literal_column(str(values[0]), sa.Integer)
    until = [(ledger.c.entered_ms < part.until_ms, value) for part, value in zip(parts, values, strict=True)]
    return sa.case(*until[:-1], else_=values[-1])


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return sa.case((condition, 1), else_=0)
