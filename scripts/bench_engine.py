"""The engine alone: how many facts a second it takes, without Asterisk, link or journal.

3,100 agents of the generated rules, 5,000 callers waiting all the time. Each round an agent's talk ends and
the whole life of the next call follows: a caller enters, the oldest waiting call is offered, begins, rings,
talks, the leg ends, the offer ends, the call ends, wrap-up runs out by deadline. Facts are made
beforehand where they can be; the clock is the benchmark's own. Prints a table and JSON.
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
from acd.rules.generate import write_rules
from acd.rules.load import load_rules
from acd.rules.roster import read_roster

GOAL = 80_000
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
        return self.engine.handle(fact, self.now_ms).orders

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


def main() -> None:
    """Run, print the table, and the JSON on the last line."""
    parser = argparse.ArgumentParser(prog="scripts/bench engine", description=__doc__)
    parser.add_argument("--agents", type=int, default=3_100)
    parser.add_argument("--waiting", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=20_000, help="calls per run")
    parser.add_argument("--runs", type=int, default=5)
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
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
