"""What a report costs: over a million calls, each report once; memory, processor, and the loop beside it.

    python scripts/bench_reports.py [--calls 1000000] [--days 28]

The calls are invented: 28 queues of the national rules, all provinces, one caller in two known, a time in
between in which most are missed. A timer of 2 ms on the same loop says how late it fires while a report is
made, and a thread's own clock how long a turn of the loop computes; the first depends on what else the
machine does, the second does not.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from acd.core.policy import QueueKind, RuleSet
from acd.figures.days import ROME
from acd.figures.formulas import HEADLINE
from acd.reports import Asked, Kind, make_report
from acd.rules.generate_roster import generate_roster
from acd.rules.goals import Goals
from acd.rules.load import load_rules
from acd.runtime.clock import SystemClock
from acd.store.records import LedgerRow
from acd.store.sql import SqlStore, open_store

FIRST = dt.date(2026, 3, 2)
RULES = Path(__file__).resolve().parents[1] / "routing_rules"
COLUMNS = LedgerRow.__struct_fields__


def calls(rules: RuleSet, count: int, days: int) -> Iterator[tuple[object, ...]]:
    """Rows of the ledger, in the order of their entry within a day's half hours."""
    dice = random.Random(5)  # noqa: S311  # invented calls
    queues = [queue for queue in rules.queues.values() if queue.kind is QueueKind.ENTRY]
    provinces = list(rules.territory)
    for number in range(count):
        day, place = divmod(number * days, count)
        opens = dt.datetime.combine(FIRST + dt.timedelta(days=day), dt.time(8), ROME).timestamp()
        entered_ms = round((opens + 12 * 3600 * place / count) * 1000)
        queue = queues[min(int(dice.paretovariate(0.7)), len(queues)) - 1]
        wait_ms = round(dice.expovariate(3 / queue.threshold_ms) * (6 if day in {10, 11, 12} else 1))
        is_met, patience_ms = wait_ms <= queue.threshold_ms, dice.expovariate(1 / 300_000)
        outcome, level = "answered", "met" if is_met else "missed"
        if patience_ms < wait_ms:
            wait_ms = round(patience_ms)
            outcome = "short_abandoned" if wait_ms < queue.short_abandon_ms else "abandoned"
            level = "abandoned_early" if wait_ms <= queue.threshold_ms else "missed"
        handle_ms = round(dice.lognormvariate(5.3, 0.8) * 1000) if outcome == "answered" else 0
        row = LedgerRow(
            call=f"ast1-{number}",
            node="ast1",
            queue=queue.id,
            called="803164",
            caller=f"ab12-{dice.randrange(count // 2):032x}" if dice.random() < 0.95 else "",
            language="it",
            province=provinces[min(int(dice.paretovariate(0.5)), len(provinces)) - 1],
            priority_class="",
            entered_ms=entered_ms,
            ended_ms=entered_ms + wait_ms + handle_ms,
            wait_ms=wait_ms,
            handle_ms=handle_ms,
            outcome=outcome,
            path="fallback" if dice.random() < 0.1 else "primary",
            site="",
            office="",
            visits=1,
            verified=None,
            code=dice.choice(("", "risolta", "passata")),
            level=level,
        )
        yield tuple(getattr(row, name) for name in COLUMNS)


async def measured(store: SqlStore, rules: RuleSet, kind: Kind, days: int) -> str:
    """Make one report; tell what it took."""
    late, turns = [], []

    async def watch() -> None:
        while True:
            began, computed = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.002)
            late.append((time.perf_counter() - began - 0.002) * 1000)
            turns.append((time.thread_time() - computed) * 1000)

    given = SimpleNamespace(
        rules=rules,
        roster=generate_roster(rules, 3_100, 1),
        goals=Goals(solved=("risolta",)),
        headline=HEADLINE,
        k=10,
        now_ms=SystemClock().now_ms(),
    )
    asked = Asked(kind=kind, from_day=FIRST, to_day=FIRST + dt.timedelta(days=days - 1))
    before = _memory_mb()
    watching = asyncio.create_task(watch())
    began, computed = time.perf_counter(), time.process_time()
    report = await make_report(store, asked, given)
    took, cpu = time.perf_counter() - began, time.process_time() - computed
    watching.cancel()
    late.sort()
    p99, p999 = (late[int(len(late) * part)] for part in (0.99, 0.999))
    return (
        f"{kind:9}{report.total.counts.offered:10,} calls {took:6.1f} s, processor {cpu:5.1f} s, "
        f"memory +{_memory_mb() - before} MB; "
        f"timer late p99 {p99:.1f}, p99.9 {p999:.1f}, max {late[-1]:.0f} ms; longest turn {max(turns):.1f} ms"
    )


async def main() -> None:
    """Fill a store, then make each report."""
    parser = argparse.ArgumentParser(description="What a report costs.")
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=28)
    options = parser.parse_args()
    rules = load_rules(RULES).rules
    with tempfile.TemporaryDirectory(prefix="acd-reports-") as folder:
        file = Path(folder) / "acd.sqlite"
        store = await open_store(SimpleNamespace(file=file), SystemClock())
        places = ", ".join("?" * len(COLUMNS))
        with contextlib.closing(sqlite3.connect(file)) as connection:
            rows = calls(rules, options.calls, options.days)
            connection.executemany(f"INSERT INTO ledger ({', '.join(COLUMNS)}) VALUES ({places})", rows)  # noqa: S608  # our own names
            connection.commit()
        print(f"{options.calls:,} calls, {file.stat().st_size // 2**20} MB")
        for kind in Kind:
            print(await measured(store, rules, kind, options.days))
        await store.close()


def _memory_mb() -> int:
    """The most memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    asyncio.run(main())
