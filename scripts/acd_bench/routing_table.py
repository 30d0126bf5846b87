"""The tables of ``scripts/bench routing``: for the terminal with rich, for docs/routing.md in Markdown."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from acd_bench.routing import Held, Result, Row, Spread
from acd_bench.table import Rows, fill, grid

HEAD = (
    "load",
    "way",
    "answered %",
    "within 20 s %",
    "mean wait s",
    "95 of 100 within s",
    "longest s",
    "worst skill %",
)
HELD_HEAD = ("one queue", "", "theory", "the engine")
HELD_WORDS = {
    "abandoned": "gave up %",
    "wait_s": "mean wait s",
    "answered_20s": "answered within 20 s %",
}


def rows(result: Result) -> Rows:
    """Each way at each load, as cells."""
    return [_cells(row, row.way) for row in result.rows if not row.than]


def differences(result: Result) -> Rows:
    """What one way differs from another on the same days, as cells."""
    return [_cells(row, f"{row.way} less {row.than}") for row in result.rows if row.than]


def held(result: Result) -> Rows:
    """The engine beside theory, as cells."""
    return [_held(each) for each in result.held]


def show(result: Result, console: Console) -> None:
    """Print it on a terminal."""
    console.print(_conditions(result), highlight=False)
    for title, head, cells in (
        ("each way", HEAD, rows(result)),
        ("the same callers, another way", HEAD, differences(result)),
        ("beside theory", HELD_HEAD, held(result)),
    ):
        table = Table(*head, title=title, title_justify="left")
        for row in cells:
            table.add_row(*row)
        console.print(table)


def markdown(result: Result) -> str:
    """What docs/routing.md shows."""
    return "\n\n".join(
        [
            _conditions(result),
            grid(HEAD, rows(result)),
            "The same callers, another way (differences in points and seconds):",
            grid(HEAD, differences(result)),
            "One queue and people who are all alike, where theory (Erlang A) knows the answer:",
            grid(HELD_HEAD, held(result)),
        ]
    )


def fill_file(docs: Path, *, check: bool) -> bool:
    """Write the figures into docs/routing.md, or only compare; whether it is as it should be."""
    page = docs / "routing.md"
    before = page.read_text(encoding="utf-8")
    after = fill(before, markdown(Result.read(docs / "benchmarks-routing.json")))
    if not check:
        page.write_text(after, encoding="utf-8")
    return not check or before == after


def _conditions(result: Result) -> str:
    return (
        f"{result.date}, Python {result.python}: {result.agents} people, {result.skills} skills, "
        f"{result.seeds} days of {result.hours:g} hours at each load, {result.calls:,} calls a day. "
        "± is a 95 % interval."
    )


def _cells(row: Row, name: str) -> tuple[str, ...]:
    figures = row.figures
    sign = "+" if row.than else ""
    return (
        f"{row.load:g}",
        name,
        _spread(figures["answered"], 2, sign),
        _spread(figures["within_20s"], 1, sign),
        _spread(figures["mean_s"], 1, sign),
        _spread(figures["p95_s"], 0, sign),
        _spread(figures["max_s"], 0, sign),
        _spread(figures["worst_skill"], 1, sign),
    )


def _held(each: Held) -> tuple[str, ...]:
    return each.case, HELD_WORDS[each.measure], f"{each.theory:.2f}", _spread(each.engine, 2)


def _spread(value: Spread, digits: int, sign: str = "") -> str:
    mean = round(value.mean, digits) + 0.0  # never minus nothing
    return f"{mean:{sign}.{digits}f} ± {value.half:.{digits}f}"
