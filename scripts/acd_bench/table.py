"""The tables: for the terminal with rich, for docs/benchmarks.md in Markdown."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from acd_bench.figures import Result

BEGIN, END = "<!-- figures: scripts/bench table writes from here -->", "<!-- to here -->"

Rows = list[tuple[str, ...]]
OFFER_HEAD = ("calls/s", "way", "calls", "p50 ms", "p99 ms", "p50 by round", "CPU")
GAP_HEAD = ("way", "gaps", "mean ms", "max ms", "mean by round", "CPU")
GOAL_HEAD = ("goal", "limit ms", "measured ms", "")


def offer_rows(result: Result) -> Rows:
    """INVITE to INVITE, as cells."""
    return [
        (
            f"{row.rate:g}",
            row.way,
            _count(row.calls, row.missing),
            f"{row.p50_ms:.1f}",
            f"{row.p99_ms:.1f}",
            _all(row.p50_ms_by_round),
            f"{row.busy:.0%}",
        )
        for row in result.offer
    ]


def gap_rows(result: Result) -> Rows:
    """BYE to INVITE, as cells."""
    return [
        (
            row.way,
            _count(row.gaps, row.missing),
            f"{row.mean_ms:.1f}",
            f"{row.max_ms:.1f}",
            _all(row.mean_ms_by_round),
            f"{row.busy:.0%}",
        )
        for row in result.idle_gap
    ]


def goal_rows(result: Result) -> Rows:
    """The goals, as cells."""
    return [
        (goal.goal, f"{goal.limit_ms:.1f}", f"{goal.value_ms:.1f}", "met" if goal.met else "missed")
        for goal in result.goals()
    ]


def show(result: Result, console: Console) -> None:
    """Print it on a terminal."""
    console.print(_conditions(result), highlight=False)
    for title, head, rows in (
        ("caller's INVITE → agent's INVITE", OFFER_HEAD, offer_rows(result)),
        ("agent's BYE → the same agent's next INVITE", GAP_HEAD, gap_rows(result)),
        ("goals", GOAL_HEAD, goal_rows(result)),
    ):
        table = Table(*head, title=title, title_justify="left")
        for row in rows:
            style = {"met": "green", "missed": "red"}.get(row[-1])
            table.add_row(*row, style=style)
        console.print(table)


def markdown(result: Result) -> str:
    """What docs/benchmarks.md shows."""
    parts = [
        _conditions(result),
        "Caller's INVITE → agent's INVITE, free agents:",
        grid(OFFER_HEAD, offer_rows(result)),
        f"Agent's BYE → their next INVITE, {result.idle_agents} agents, {result.idle_waiting} waiting:",
        grid(GAP_HEAD, gap_rows(result)),
        "Goals:",
        grid(GOAL_HEAD, goal_rows(result)),
    ]
    return "\n\n".join(parts)


def engine_line(figures: Path) -> str:
    """What ``scripts/bench engine --json`` wrote, as a sentence."""
    told = json.loads(figures.read_text(encoding="utf-8"))
    line = (
        f"The engine alone, {told['agents']:,} agents and {told['waiting']:,} callers waiting: "
        f"{told['facts_per_s']:,} facts/s ({told['us_per_fact']:g} µs each); goal {told['goal']:,}: "
        f"{'met' if told['met'] else 'missed'}."
    )
    if "choices" not in told:
        return line
    words = {
        "call_for_agent": "a call for a free agent",
        "agent_for_call": "an agent for a call while all are idle",
        "account": "the account of who was left out",
    }
    costs = (
        f"{words[name]} {each['mean_us']:g} µs (p99 {each['p99_us']:g})"
        for name, each in told["choices"].items()
    )
    met = "met" if told["choices_met"] else "missed"
    parts = [f"{line} A choice costs: {', '.join(costs)}; goals 20 and 100: {met}."]
    if "journal_cost" in told:
        parts.append(
            f"With the journal beside it {told['facts_per_s_with_journal']:,} facts/s, "
            f"{told['journal_cost']:.0%} less than without in turn; goals {told['journal_goal']:,} and 25%: "
            f"{'met' if told['journal_met'] else 'missed'}."
        )
    if "mass" in told:
        held = told["mass"]
        parts.append(
            f"The longest that the loop is held: new rules {held['new_rules_ms']:g} ms, a restart "
            f"{held['restart_ms']:g} ms, load that opens a step for all {held['load_ms']:g} ms; goal 10."
        )
    return " ".join(parts)


def fill(page: str, figures: str) -> str:
    """The page with its figures replaced; raises ``ValueError`` when it has no place for them."""
    head, _, rest = page.partition(BEGIN)
    _, found, tail = rest.partition(END)
    if not found:
        raise ValueError(f"the page has no lines {BEGIN!r} and {END!r} for the figures")
    return f"{head}{BEGIN}\n\n{figures}\n\n{END}{tail}"


def fill_file(docs: Path, *, check: bool) -> bool:
    """Write the figures into docs/benchmarks.md, or only compare; whether it is as it should be."""
    page = docs / "benchmarks.md"
    before = page.read_text(encoding="utf-8")
    parts = [markdown(Result.read(docs / "benchmarks.json"))]
    engine = docs / "benchmarks-engine.json"
    if engine.exists():
        parts.append(engine_line(engine))
    after = fill(before, "\n\n".join(parts))
    if not check:
        page.write_text(after, encoding="utf-8")
    return not check or before == after


def grid(head: tuple[str, ...], rows: Rows) -> str:
    """A table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _conditions(result: Result) -> str:
    machine = result.machine
    return (
        f"{result.date}, {machine.cpu}, {machine.cpus} CPUs shared by everything, {machine.system}, "
        f"Python {machine.python}, Asterisk {machine.asterisk}; load average before the run "
        f"{machine.load_before:g}. {result.agents} agents, {result.rounds} rounds of {result.seconds:g} s "
        "for each way and rate."
    )


def _count(found: int, missing: int) -> str:
    return f"{found} ({missing} missing)" if missing else str(found)


def _all(values: list[float]) -> str:
    return " · ".join(f"{value:.1f}" for value in values)
