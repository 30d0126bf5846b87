"""What the terminal shows while the demonstration runs: per queue and over all, twice a second."""

from __future__ import annotations

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

__all__ = ["draw", "told", "well"]

COLUMNS = (
    ("Queue", "name"),
    ("wait", "waiting"),
    ("ring", "offered_now"),
    ("talk", "talking"),
    ("oldest", "longest_wait_ms"),
    ("ready", "agents_ready"),
    ("in", "entered"),
    ("answered", "answered"),
    ("office", "answered_by_offices"),
    ("left", "abandoned"),
    ("net", "safety_net"),
)


def draw(head: str, summary: dict[str, Any], queues: list[dict[str, Any]], foot: str) -> RenderableType:
    """The whole picture from the API's answers ``summary`` and ``queues``."""
    table = Table(box=SIMPLE_HEAD, header_style="bold", border_style="dim", padding=0)
    for title, key in COLUMNS:
        if key == "name":
            table.add_column(title, no_wrap=True, max_width=21)
        else:
            table.add_column(title, no_wrap=True, justify="right", min_width=max(len(title), 5))
    for queue in queues:
        table.add_row(*(_cell(queue, key) for _, key in COLUMNS))
    counts = summary["counts"]
    agents: dict[str, int] = {}
    for states in counts["agents"].values():
        for state, count in states.items():
            agents[state] = agents.get(state, 0) + count
    people = "   ".join(f"{state.replace('_', '-')} {count}" for state, count in agents.items() if count)
    books = (
        f"entered {counts['entered']} = ended {counts['ended']} + in progress {counts['in_progress']}"
        f"   unaccounted {counts['unaccounted']}"
    )
    style = "green" if counts["unaccounted"] == 0 else "bold red"
    return Group(
        Text(head, style="bold"),
        table,
        Text(f"Agents   {people}"),
        Text(books, style=style),
        Text(foot, "dim"),
    )


def _cell(queue: dict[str, Any], key: str) -> Text:
    value = queue[key]
    if value is None:  # a small group: see docs/api.md
        return Text("few", style="dim")
    if key == "longest_wait_ms":
        minutes, seconds = divmod(value // 1000, 60)
        return Text(f"{minutes}:{seconds:02}", style="yellow" if value > 20_000 else "")
    busy = key in {"waiting", "safety_net", "abandoned"} and value
    return Text(str(value), style="yellow" if busy else "")


def told(result: dict[str, Any]) -> str:
    """The figures of a demonstration in words."""
    return (
        f"{result['entered']} calls entered: {result['answered']} answered, {result['to_offices']} of them "
        f"by an office, {result['abandoned']} given up, {result['safety_net']} to the safety net, "
        f"{result['unaccounted']} unaccounted for.\n"
        f"Half of the callers talked within {result['wait_p50_ms']} ms; where an agent was free the phone "
        f"got its INVITE {result['offer_p50_ms']} ms after the caller's (median)."
    )


def well(result: dict[str, Any]) -> bool:
    """Whether calls were answered and every call is accounted for."""
    return bool(result["unaccounted"] == 0 and result["answered"] > 0)
