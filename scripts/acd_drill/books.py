"""The books at the end: callers against the ledger call by call, and the journal played again.

*Unaccounted* is every call that one side has and the other has not: begun by SIPp and not entered, entered
and neither ended nor in progress, ended and not in the ledger, in the ledger twice or under a number that
nobody called from.

The journal is played through the engine once more. What it orders must be what was ordered, and after every
fact no office and no trunk may be booked beyond its capacity. It also tells when what the desk typed was in
force inside the engine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acd.core.notes import BreakerMoved, CarrierMoved, FallbackTaken, RulesTaken
from acd.journal.replaying import begin, difference, steps
from acd.journal.segments import Journal
from acd.store.hashing import KeyedHash

__all__ = ["Ledger", "Played", "compared", "played"]


@dataclass(frozen=True)
class Ledger:
    """What was compared."""

    rows: int
    unaccounted: int
    outcomes: dict[str, int]
    by_office: dict[str, int]
    """Calls that each office answered."""
    by_agents: int
    wait_s: dict[str, float]
    """Of the answered: half of them, and 95 of 100, waited less."""


def compared(begun: int, numbers: list[str], counts: dict[str, Any], rows: list[Any], key: str) -> Ledger:
    """Compare the callers' side with the ACD's.

    Args:
        begun: Calls that SIPp began …
        numbers: … and from where, each once.
        counts: The ACD's own sums.
        rows: Its ledger.
        key: Of the hashes that stand for numbers.
    """
    hashes = KeyedHash(key)
    wanted = Counter(hashes.number(number) for number in numbers)
    found = Counter(row["caller"] for row in rows)
    strange = sum(((wanted - found) + (found - wanted)).values())
    sums = (
        abs(counts["unaccounted"]),
        abs(begun - counts["entered"]),
        abs(counts["ended"] - len(rows)),
        strange,
    )
    waits = sorted(row["wait_ms"] / 1_000 for row in rows if row["outcome"] == "answered")
    return Ledger(
        rows=len(rows),
        unaccounted=max(sums) + counts["in_progress"],
        outcomes=dict(Counter(row["outcome"] for row in rows)),
        by_office=dict(Counter(row["office"] for row in rows if row["office"])),
        wait_s={f"p{part}": waits[len(waits) * part // 100] for part in (50, 95)} if waits else {},
        by_agents=sum(row["outcome"] == "answered" and not row["office"] for row in rows),
    )


@dataclass
class Played:
    """What the journal says."""

    facts: int = 0
    orders: int = 0
    difference: str = ""
    """The first order that came out otherwise; empty: none did."""
    most: Counter[str] = field(default_factory=Counter)
    """Of each office, the most calls at once."""
    trunk_most: int = 0
    exceeded: set[str] = field(default_factory=set)
    taken_ms: list[int] = field(default_factory=list)
    """When another fallback was in force in the engine …"""
    ruled_ms: list[int] = field(default_factory=list)
    """… and other rules."""
    outages: int = 0
    left_alone: set[str] = field(default_factory=set)
    """Offices whose breaker opened."""

    def after(self, moments: list[int], began: float) -> float | None:
        """Seconds from a moment until the next of these; None: there is none."""
        later = [ms for ms in moments if ms >= began * 1_000]
        return (later[0] - began * 1_000) / 1_000 if later else None


def played(folder: Path) -> Played:
    """Play a journal again.

    Raises:
        JournalError: it is damaged.
    """
    told = Played()
    for run in Journal([folder]).runs:
        engine = begin(run.segments[0])
        for step in steps(engine, run):
            told.facts += 1
            told.orders += len(step.outcome.orders)
            if not told.difference and (differs := difference(step)) is not None:
                told.difference = f"fact {differs.fact_number}: {differs.expected!r}, not {differs.got!r}"
            _note(told, step.told.entry.now_ms, step.outcome.notes)
            _count(told, engine.world.lines.values())
    return told


def _note(told: Played, now_ms: int, notes: Any) -> None:
    for note in notes:
        if isinstance(note, FallbackTaken):
            told.taken_ms.append(now_ms)
        elif isinstance(note, RulesTaken):
            told.ruled_ms.append(now_ms)
        elif isinstance(note, CarrierMoved):
            told.outages += note.out
        elif isinstance(note, BreakerMoved) and note.after == "open":
            told.left_alone.add(note.office)


def _count(told: Played, offices: Any) -> None:
    for record in offices:
        name = str(record.office.id)
        if record.in_use > told.most[name]:
            told.most[name] = record.in_use
            if record.in_use > record.office.capacity:
                told.exceeded.add(name)
        if record.trunk.in_use > told.trunk_most:
            told.trunk_most = record.trunk.in_use
            if record.trunk.in_use > record.trunk.capacity:
                told.exceeded.add("trunk")
