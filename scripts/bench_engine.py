"""The engine alone: how many facts a second it takes, without Asterisk or link (journal: see below).

3,100 agents of the generated rules, 5,000 callers waiting all the time. Each round an agent's talk ends and
the whole life of the next call follows: a caller enters, the oldest waiting call is offered, begins, rings,
talks, the leg ends, the offer ends, the call ends, wrap-up runs out by deadline. Facts are made
beforehand where they can be; the clock is the benchmark's own. Prints a table and JSON.

``--journal`` runs every second run with the journal beside the engine, on a real disk, and says what that
costs: turn by turn, so that both meet the same world and the same other work of the machine.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

from acd.core.engine import Engine
from acd.core.facts import (
    AgentLoggedIn,
    CallEnded,
    CallEntered,
    DeadlineReached,
    Fact,
    LegEnded,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    TalkBegan,
)
from acd.core.ids import AgentId, CallId, NodeId
from acd.core.orders import OfferCall, Order
from acd.core.policy import Roster
from acd.journal.recorder import Recorder
from acd.rules.generate import write_rules
from acd.rules.load import load_rules
from acd.rules.roster import read_roster

GOAL = 80_000
GOAL_WITH_JOURNAL = 50_000
JOURNAL_COST_MAX = 0.25
"""Of the facts a second without it."""
START_MS = 1_700_000_000_000
NODE = NodeId("bench")


class Bench:
    """One engine under load."""

    def __init__(self, agents: int, waiting: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            write_rules(Path(folder), agents, 1)
            rules = load_rules(Path(folder)).rules
            roster = read_roster(Path(folder, "roster.csv"), rules)
        self.queues = list(rules.queues)
        self.engine = Engine(rules, roster, 1)
        self.now_ms = START_MS
        self.recorder: Recorder | None = None
        self.sequence = 0
        self.facts = 0
        self.talking: list[OfferCall] = []
        for agent in roster.agents:
            self.take(AgentLoggedIn(agent=AgentId(agent)))
        while self.engine.world.matcher.lines and self.waiting_count() < waiting:
            self.answer(self.enter())

    def waiting_count(self) -> int:
        """How many callers wait now."""
        return sum(line.waiting_count for line in self.engine.world.matcher.lines.values())

    def take(self, fact: Fact) -> list[Order]:
        """Hand in one fact."""
        self.facts += 1
        outcome = self.engine.handle(fact, self.now_ms)
        if self.recorder is not None:
            self.recorder.observe(fact, outcome.orders, outcome.notes, 0.0)
        return outcome.orders

    def enter(self) -> list[Order]:
        """One caller enters; half go to the general queue."""
        self.sequence += 1
        number = self.sequence
        queue = self.queues[0] if number % 2 else self.queues[number // 2 % len(self.queues)]
        call = CallId(f"bench-1700000000.{number}")
        return self.take(CallEntered(call=call, node=NODE, queue=queue, entered_ms=self.now_ms))

    def answer(self, orders: list[Order]) -> None:
        """Every offered call begins, rings and is answered."""
        for order in orders:
            if isinstance(order, OfferCall):
                self.take(OfferBegan(call=order.call, attempt=order.attempt))
                self.take(OfferRang(call=order.call, attempt=order.attempt))
                self.take(TalkBegan(call=order.call, attempt=order.attempt))
                self.talking.append(order)

    def round(self) -> None:
        """One call ends, one enters; time goes on so that wrap-ups run out."""
        self.now_ms += 10
        self.answer(self.enter())
        if self.talking:
            done = self.talking.pop(0)
            self.take(LegEnded(call=done.call, attempt=done.attempt))
            self.take(OfferEnded(call=done.call, attempt=done.attempt, end=OfferEnd.TALKED, talk_ms=9_000))
            self.take(CallEnded(call=done.call))
        due_ms = self.engine.next_deadline()
        while due_ms is not None and due_ms <= self.now_ms:
            self.answer(self.take(DeadlineReached()))
            due_ms = self.engine.next_deadline()

    def run(self, rounds: int) -> float:
        """Facts per second over so many rounds."""
        self.facts = 0
        began_s = perf_counter()
        for _ in range(rounds):
            self.round()
        return self.facts / (perf_counter() - began_s)


def beside_journal(bench: Bench, rounds: int, runs: int) -> tuple[list[float], list[float]]:
    """Facts per second without and with the journal, run by run in turn."""
    world = bench.engine.world
    plain: list[float] = []
    written: list[float] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-journal-") as folder:
        recorder = Recorder(
            Path(folder),
            rules=world.rules,
            roster=Roster(agents={name: record.agent for name, record in world.agents.items()}),
            epoch=world.epoch,
            version="bench",
            now_ms=lambda: world.now_ms,
        )
        recorder.start()
        for _ in range(runs):
            plain.append(bench.run(rounds))
            bench.recorder = recorder
            written.append(bench.run(rounds))
            bench.recorder = None
            recorder.flush()
        recorder.close()
    return plain, written


def with_journal(bench: Bench, rounds: int, runs: int) -> dict[str, object]:
    """The figures of the journal, told and returned."""
    plain, written = beside_journal(bench, rounds, runs)
    without, beside = statistics.median(plain), statistics.median(written)
    cost = 1 - beside / without
    told = f"{'journal':>21} {beside:>12,.0f} {1e6 / beside:>10.2f}"
    print(f"{told}   goal {GOAL_WITH_JOURNAL:,}, costs {cost:.0%}")
    return {
        "facts_per_s_without_in_turn": round(without),
        "facts_per_s_with_journal": round(beside),
        "journal_cost": round(cost, 3),
        "journal_goal": GOAL_WITH_JOURNAL,
        "journal_met": beside >= GOAL_WITH_JOURNAL and cost <= JOURNAL_COST_MAX,
    }


def main() -> None:
    """Run, print the table, and the JSON on the last line."""
    parser = argparse.ArgumentParser(prog="scripts/bench engine", description=__doc__)
    parser.add_argument("--agents", type=int, default=3_100)
    parser.add_argument("--waiting", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=20_000, help="calls per run")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--journal", action="store_true", help="and what the journal costs")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    bench = Bench(arguments.agents, arguments.waiting)
    waiting = bench.waiting_count()
    gc.collect()
    gc.freeze()  # as the process does after its start (acd/app.py)
    bench.run(arguments.rounds // 4)
    rates = [bench.run(arguments.rounds) for _ in range(arguments.runs)]
    median = statistics.median(rates)
    figures = {
        "agents": arguments.agents,
        "waiting": waiting,
        "facts_per_s": round(median),
        "facts_per_s_min": round(min(rates)),
        "facts_per_s_max": round(max(rates)),
        "us_per_fact": round(1e6 / median, 2),
        "goal": GOAL,
        "met": median >= GOAL,
        "python": platform.python_version(),
    }
    print(f"{'agents':>10} {'waiting':>10} {'facts/s':>12} {'µs/fact':>10}   goal {GOAL:,}")
    print(f"{arguments.agents:>10,} {waiting:>10,} {median:>12,.0f} {1e6 / median:>10.2f}")
    if arguments.journal:
        figures |= with_journal(bench, arguments.rounds, arguments.runs)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
