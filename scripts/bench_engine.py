"""The engine alone: how many facts a second it takes, without Asterisk or link (journal: see below).

3,100 agents of 80 kinds, 40 queues (``bench_centre``), 5,000 callers waiting all the time. Each round a
talk ends and the whole life of the next call follows: a caller enters, the best waiting call is offered,
begins, rings, talks, the leg ends, the offer ends, the call ends, wrap-up runs out by deadline. The clock is
the benchmark's own; facts per second are those of the processor time of one thread, for the engine is on
one. Prints a table, and JSON on the last line.

The matcher is timed choice by choice: a call for a free agent while thousands wait, an agent for a call
while everybody is idle, and the account of who was left out. ``--scale`` repeats the run for 100 to 30,000
agents and for 100 to 100,000 waiting; ``--mass`` times the longest slice of what comes all at once.

``--transition`` runs the same with an office in each province and the transition mode on: a site has 10 % of
the calls, one 50 %, one all; and times the change of the mode.

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import thread_time, thread_time_ns

import bench_centre
from acd.core import offering
from acd.core.engine import Engine
from acd.core.facts import (
    AgentLoggedIn,
    AgentPaused,
    CallEnded,
    CallEntered,
    CallSeen,
    DeadlineReached,
    Fact,
    FallbackChanged,
    LegEnded,
    MemberSeen,
    NodeResynced,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    OptInTold,
    RulesChanged,
    Stage,
    TalkBegan,
)
from acd.core.ids import AgentId, CallId, NodeId, PauseReasonId
from acd.core.matching import Matcher
from acd.core.orders import OfferCall, Order
from acd.core.policy import Fallback, Roster, RuleSet
from acd.journal.recorder import Recorder
from acd.runtime.memory import settle_memory

GOAL = 80_000
GOAL_WITH_JOURNAL = 50_000
JOURNAL_COST_MAX = 0.25
"""Of the facts a second without it."""
CHOICE_US_MEAN_MAX = 20
CHOICE_US_P99_MAX = 100
SLICE_MS_MAX = 10
SCALE_AGENTS = (100, 300, 1_000, 3_100, 10_000, 30_000)
SCALE_WAITING = (100, 1_000, 5_000, 20_000, 100_000)
START_MS = 1_700_000_000_000
DAY_MS = 86_400_000
NODE = NodeId("bench")


class Bench:
    """One engine under load."""

    def __init__(self, agents: int, waiting: int, rules: RuleSet | None = None) -> None:
        rules = rules or bench_centre.rules()
        self.places = list(rules.territory) or [""]
        roster = bench_centre.roster(agents)
        self.queues = list(rules.queues)
        self.engine = Engine(rules, roster, 1)
        self.step_ms = max(10, 30_000 // max(agents, 1))
        """So much time a round: a third of the agents is in wrap-up."""
        self.now_ms = START_MS
        self.recorder: Recorder | None = None
        self.sequence = 0
        self.facts = 0
        self.talking: list[OfferCall] = []
        for agent in roster.agents:
            self.take(OptInTold(agent=AgentId(agent), until_ms=START_MS + DAY_MS))
            self.take(AgentLoggedIn(agent=AgentId(agent)))
        while self.waiting_count() < waiting:
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
        place = self.places[number % len(self.places)]
        fact = CallEntered(call=call, node=NODE, queue=queue, entered_ms=self.now_ms, province=place)
        return self.take(fact)

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
        self.now_ms += self.step_ms
        self.answer(self.enter())
        if self.talking:
            self.end(self.talking.pop(0))
        self.pass_time()

    def end(self, done: OfferCall) -> None:
        """A talk ends."""
        self.take(LegEnded(call=done.call, attempt=done.attempt))
        self.take(OfferEnded(call=done.call, attempt=done.attempt, end=OfferEnd.TALKED, talk_ms=9_000))
        self.take(CallEnded(call=done.call))

    def pass_time(self) -> None:
        """All that is due."""
        due_ms = self.engine.next_deadline()
        while due_ms is not None and due_ms <= self.now_ms:
            self.answer(self.take(DeadlineReached()))
            due_ms = self.engine.next_deadline()

    def run(self, rounds: int) -> float:
        """Facts per second of processor time over so many rounds."""
        self.facts = 0
        began_s = thread_time()
        for _ in range(rounds):
            self.round()
        return self.facts / (thread_time() - began_s)


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


# ── the matcher, choice by choice ────────────────────────────────────────────────────────────


@contextmanager
def timed(owner: object, name: str) -> Iterator[list[int]]:
    """Nanoseconds of each call of a function while this lasts."""
    spent: list[int] = []
    function: Callable[..., object] = getattr(owner, name)

    def measured(*arguments: object) -> object:
        began = thread_time_ns()
        found = function(*arguments)
        spent.append(thread_time_ns() - began)
        return found

    setattr(owner, name, measured)
    try:
        yield spent
    finally:
        setattr(owner, name, function)


def _figures(spent: list[int]) -> dict[str, float]:
    spent.sort()
    return {
        "mean_us": round(statistics.fmean(spent) / 1_000, 2),
        "p99_us": round(spent[len(spent) * 99 // 100] / 1_000, 2),
        "choices": len(spent),
    }


def choices(bench: Bench, agents: int, rounds: int) -> dict[str, dict[str, float]]:
    """What a choice costs: when many wait, when many are idle, and the account of it."""
    with timed(Matcher, "call_for_agent") as calls, timed(offering, "passed_over") as accounts:
        bench.run(rounds)
    calm = Bench(agents, 0)
    told: list[OfferCall] = []
    with timed(Matcher, "agents_for_call") as found:
        for _ in range(rounds):  # most are idle: each call is over before the next but 100
            calm.now_ms += calm.step_ms
            calm.answer(calm.enter())
            told, calm.talking = told + calm.talking, []
            if len(told) > min(100, agents // 2):
                calm.end(told.pop(0))
            calm.pass_time()
    return {
        "call_for_agent": _figures(calls),
        "agent_for_call": _figures(found),
        "account": _figures(accounts),
    }


def tell_choices(figures: dict[str, dict[str, float]]) -> bool:
    """Print them; whether the goals are met."""
    for name, each in figures.items():
        print(f"{name:>21} {each['mean_us']:>12.2f} {each['p99_us']:>10.2f}   µs mean, p99")
    return all(
        each["mean_us"] <= CHOICE_US_MEAN_MAX and each["p99_us"] <= CHOICE_US_P99_MAX
        for each in figures.values()
    )


# ── growth, and what comes all at once ───────────────────────────────────────────────────────


def scale(rounds: int) -> dict[str, list[dict[str, float]]]:
    """µs per fact with more agents, and with more callers waiting."""
    found: dict[str, list[dict[str, float]]] = {"agents": [], "waiting": []}
    sizes = [("agents", agents, agents, 5_000) for agents in SCALE_AGENTS]
    sizes += [("waiting", waiting, 3_100, waiting) for waiting in SCALE_WAITING]
    for kind, size, agents, waiting in sizes:
        bench = Bench(agents, waiting)
        settle_memory()
        bench.run(rounds // 4)
        us = 1e6 / max(bench.run(rounds) for _ in range(5))
        found[kind].append({kind: size, "us_per_fact": round(us, 2)})
        print(f"{kind:>10} {size:>10,} {us:>23.2f}   µs/fact")
        gc.unfreeze()
    return found


def mass(agents: int, waiting: int) -> dict[str, float]:
    """The longest that one fact holds the loop, in ms, when everything comes at once."""
    held = {"new_rules_ms": _longest(Bench(agents, waiting), RulesChanged(rules=bench_centre.rules()))}
    fresh = Bench(0, 0)
    fresh.engine = Engine(bench_centre.rules(), bench_centre.roster(agents), 2)
    calls = tuple(
        CallSeen(
            call=CallId(f"bench-1700000000.{number}"),
            queue=fresh.queues[number % len(fresh.queues)],
            entered_ms=START_MS - number,
            stage=Stage.HOLDING,
        )
        for number in range(waiting)
    )
    members = tuple(
        MemberSeen(endpoint=agent.endpoint, paused=False)
        for agent in bench_centre.roster(agents).agents.values()
    )
    held["restart_ms"] = _longest(fresh, NodeResynced(node=NODE, calls=calls, members=members))
    held["load_ms"] = _longest(*_before_load(agents, waiting))
    for name, each in held.items():
        print(f"{name:>21} {each:>12.1f}   ms at most, goal {SLICE_MS_MAX}")
    return held


def _before_load(agents: int, waiting: int) -> tuple[Bench, Fact]:
    """One call before load opens a step: every second agent is an idle volunteer, the others are paused."""
    bench = Bench(0, 0)
    bench.engine = Engine(bench_centre.rules(waiting), bench_centre.roster(agents, 2), 2)
    people = bench.engine.world.agents
    for name, record in people.items():
        bench.take(OptInTold(agent=name, until_ms=START_MS + DAY_MS))
        bench.take(AgentLoggedIn(agent=name))
        if not record.agent.volunteer:
            bench.take(AgentPaused(agent=name, reason=PauseReasonId("missed")))
    for number in range(waiting):
        call = CallId(f"bench-1700000000.{number}")
        fact = CallEntered(call=call, node=NODE, queue=bench.queues[0], entered_ms=bench.now_ms)
        if number == waiting - 1:
            break
        bench.take(fact)
    return bench, fact


def _longest(bench: Bench, fact: Fact) -> float:
    """Hand in one fact and all slices of work it leaves."""
    longest_s = 0.0
    settle_memory()
    facts: list[Fact] = [fact]
    while facts or bench.engine.world.work:
        began_s = thread_time()  # other work of the machine is not ours
        bench.engine.handle(facts.pop() if facts else DeadlineReached(), bench.now_ms)
        longest_s = max(longest_s, thread_time() - began_s)
    gc.unfreeze()
    return round(longest_s * 1_000, 2)


def transition(agents: int, waiting: int, rounds: int) -> dict[str, object]:
    """The same in transition mode: facts a second, the choice of a freed line, and the change itself."""
    bench = Bench(agents, waiting, bench_centre.country())
    shares = dict(zip(bench_centre.SITES, (10, 50, 100), strict=True))
    change = FallbackChanged(fallback=Fallback(on=True, shares=shares))
    held = {"transition_on_ms": _longest(bench, change)}
    gc.collect()
    gc.freeze()
    bench.run(rounds // 4)
    rate = statistics.median(bench.run(rounds) for _ in range(3))
    with timed(Matcher, "call_for_office") as spent:
        bench.run(rounds)
    held["transition_off_ms"] = _longest(bench, FallbackChanged(fallback=Fallback()))
    print(f"{'transition mode':>21} {rate:>12,.0f} {1e6 / rate:>10.2f}")
    tell_choices({"call_for_office": (figures := _figures(spent))})
    for name, each in held.items():
        print(f"{name:>21} {each:>12.1f}   ms at most, goal {SLICE_MS_MAX}")
    return {"facts_per_s": round(rate), "call_for_office": figures} | held


def main() -> None:
    """Run, print the table, and the JSON on the last line."""
    parser = argparse.ArgumentParser(prog="scripts/bench engine", description=__doc__)
    parser.add_argument("--agents", type=int, default=3_100)
    parser.add_argument("--waiting", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=20_000, help="calls per run")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scale", action="store_true", help="and how the cost of a fact grows")
    parser.add_argument("--mass", action="store_true", help="and the longest slice of what comes at once")
    parser.add_argument("--transition", action="store_true", help="and the same in transition mode")
    parser.add_argument("--journal", action="store_true", help="and what the journal costs")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    bench = Bench(arguments.agents, arguments.waiting)
    waiting = bench.waiting_count()
    settle_memory()
    bench.run(arguments.rounds // 4)
    rates = [bench.run(arguments.rounds) for _ in range(arguments.runs)]
    median = statistics.median(rates)
    figures: dict[str, object] = {
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
    figures["choices"] = found = choices(bench, arguments.agents, arguments.rounds)
    figures["choices_met"] = tell_choices(found)
    if arguments.journal:
        figures |= with_journal(bench, arguments.rounds, arguments.runs)
    if arguments.transition:
        figures["transition"] = transition(arguments.agents, arguments.waiting, arguments.rounds // 2)
    if arguments.mass:
        figures["mass"] = mass(arguments.agents, arguments.waiting)
    if arguments.scale:
        figures["scale"] = scale(arguments.rounds // 4)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
