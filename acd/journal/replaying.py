"""Runs the past again: an engine from a segment's opening, told the same facts at the same moments.

What it orders must be what was ordered, byte for byte; the first order that is not is named with its fact,
its moment, what was expected and what came. That is the proof that the engine hangs on nothing but its facts,
and that what ``explain`` and ``why-not`` say is what was.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Final, NamedTuple

import msgspec

from acd.core.engine import Engine, Outcome
from acd.core.freezing import thaw
from acd.core.ids import AttemptId
from acd.core.notes import Decision
from acd.core.orders import Order
from acd.errors import JournalError
from acd.journal.records import Opening
from acd.journal.segments import Journal, Numbered, Run, Segment, read_picture

__all__ = ["Difference", "Replayed", "Step", "begin", "difference", "replay", "steps", "until"]

_ENCODE: Final = msgspec.msgpack.Encoder().encode


class Step(NamedTuple):
    """One fact told again."""

    told: Numbered
    outcome: Outcome


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first fact whose orders are not those of the journal."""

    segment: str
    fact_number: int
    """How many facts of the run came before it."""
    at_ms: int
    fact: str
    version: str
    """Of the ACD that wrote the journal."""
    order: int
    """The first order that differs, from 0."""
    expected: str
    """What the journal says was ordered; empty: nothing more."""
    got: str


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a replay."""

    facts: int
    orders: int
    took_s: float
    from_ms: int
    until_ms: int
    skipped: tuple[str, ...]
    """Segments that cannot be replayed, for what came before them is gone or was never recorded."""
    difference: Difference | None

    @property
    def facts_per_s(self) -> float:
        """How fast it was."""
        return self.facts / self.took_s if self.took_s else 0.0


def begin(segment: Segment) -> Engine:
    """An engine as it was before the first fact of a segment that opens by itself."""
    header = segment.header
    if header.opens is Opening.FRESH:
        if header.roster is None:
            raise JournalError(f"{segment.file} opens fresh and says nothing of the people; it is damaged")
        return Engine(header.rules, header.roster, header.epoch)
    return Engine.going_on(thaw(read_picture(segment).world))


def steps(engine: Engine, run: Run, before: int | None = None) -> Iterator[Step]:
    """Tell the engine the facts of a run as they came, all or those before a number."""
    for told in run.entries():
        if before is not None and told.number >= before:
            return
        yield Step(told, engine.handle(told.entry.fact, told.entry.now_ms))


def until(engine: Engine, run: Run, at_ms: int, decision: AttemptId | None = None) -> None:
    """Tell the engine the facts of a run up to a moment, and let it be that moment.

    Args:
        engine: As the run begins.
        run: What happened.
        at_ms: The moment.
        decision: Stop right after this offer was decided, where it was in that moment.
    """
    for told in run.entries():
        if told.entry.now_ms > at_ms:
            break
        outcome = engine.handle(told.entry.fact, told.entry.now_ms)
        if decision is not None and told.entry.now_ms == at_ms and _decided(outcome, decision):
            break
    engine.world.now_ms = max(engine.world.now_ms, at_ms)


def difference(step: Step) -> Difference | None:
    """Where this fact's orders are not those of the journal; None: they are."""
    told, outcome = step
    if _ENCODE(outcome.orders) == bytes(told.entry.orders):
        return None
    expected, got = told.entry.ordered(), outcome.orders
    same = [_ENCODE(one) == _ENCODE(other) for one, other in zip(expected, got, strict=False)]
    number = same.index(False) if False in same else len(same)
    return Difference(
        segment=str(told.segment.file),
        fact_number=told.number,
        at_ms=told.entry.now_ms,
        fact=repr(told.entry.fact),
        version=told.segment.header.version,
        order=number,
        expected=_shown(expected, number),
        got=_shown(got, number),
    )


def replay(journal: Journal) -> Replayed:
    """Run all of a journal again, up to the first difference.

    Raises:
        JournalError: it is damaged, or holds nothing that can be replayed.
    """
    facts = orders = 0
    skipped: list[str] = []
    first_ms: int | None = None
    last_ms = 0
    found: Difference | None = None
    began_s = perf_counter()
    for run in journal.runs:
        for first, last in _stretches(run, skipped):
            stretch = Run(run.segments[first : last + 1])
            for step in steps(begin(stretch.segments[0]), stretch):
                now_ms = step.told.entry.now_ms
                first_ms = now_ms if first_ms is None else first_ms
                last_ms = now_ms
                facts += 1
                orders += len(step.outcome.orders)
                found = difference(step)
                if found is not None:
                    break
            if found is not None:
                break
        if found is not None:
            break
    if first_ms is None:
        raise JournalError(
            "nothing here can be replayed: what came before these segments is gone, or was never recorded"
        )
    return Replayed(
        facts=facts,
        orders=orders,
        took_s=perf_counter() - began_s,
        from_ms=first_ms,
        until_ms=last_ms,
        skipped=tuple(skipped),
        difference=found,
    )


def _decided(outcome: Outcome, attempt: AttemptId) -> bool:
    return any(isinstance(note, Decision) and note.attempt == attempt for note in outcome.notes)


def _stretches(run: Run, skipped: list[str]) -> Iterator[tuple[int, int]]:
    """First and last segment of each part of a run that can be replayed in one go."""
    first: int | None = None
    for index, segment in enumerate(run.segments):
        if segment.header.opens is Opening.AFTER_GAP:
            if first is not None:
                yield first, index - 1
            first = None
        if first is None and segment.opens_by_itself:
            first = index
        if first is None:
            skipped.append(str(segment.file))
    if first is not None:
        yield first, len(run.segments) - 1


def _shown(orders: list[Order], number: int) -> str:
    return repr(orders[number]) if number < len(orders) else ""
