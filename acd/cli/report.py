"""``acd report``: what became of the calls of some days, as tables, CSV or a page with charts."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from acd.cli.past import Language
from acd.cli.terminal import (
    CONFIG,
    AsJson,
    ConfigFile,
    TokenEnv,
    Url,
    complain,
    console,
    ending,
    say,
)
from acd.errors import AcdError, ConfigError, RequestError

if TYPE_CHECKING:
    import datetime as dt

    from rich.console import Console

    from acd.reports.shape import Report
    from acd.reports.tables import Column, Table

__all__ = ["report"]

REPORT_S_MAX: Final = 1800.0
"""A year of calls takes minutes."""
LEFT_OUT: Final = (
    "short_abandoned",
    "closed",
    "net_and_lost",
    "handle_mean_s",
    "said",
    "of_what",
    "good",
    "rebased_good",
    "without_hash",
    "first_settled",
    "settled_rate",
    "abandoned",
    "answered_by_offices",
    "wait_mean_s",
    "rebased_goal",
    "emergency",
    "goal",
)
"""What a narrow terminal does without, in this order; the CSV and the page have it all."""


def report(
    kind: Annotated[
        Literal["day", "interval", "sla"],
        typer.Argument(
            help="day: by day, queue, path, province, and who calls again. interval: by half hour, at most "
            "31 days. sla: every service level, raw and re-based, against the goals of the time."
        ),
    ],
    first: Annotated[str, typer.Option("--from", help="The first day, as 2026-03-02; else today.")] = "",
    last: Annotated[str, typer.Option("--to", help="The last day; else the first.")] = "",
    queue: Annotated[str, typer.Option("--queue", "-q", help="Only calls booked in this queue.")] = "",
    lang: Language = "it",
    as_csv: Annotated[bool, typer.Option("--csv", help="All tables as one CSV.")] = False,
    as_page: Annotated[bool, typer.Option("--html", help="A page by itself, with charts.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Into this file, not to stdout.")] = None,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Report what became of the calls of some days, each figure with its denominator.

    Of a declared emergency (goals.yaml) the raw and the re-based figures stand side by side. A million calls
    take half a minute; nobody's call waits for it.
    """
    import msgspec

    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.files import write_text
    from acd.reports.shape import Report
    from acd.rules.calendar import today_in_rome

    with ending():
        form = _form(as_csv=as_csv, as_page=as_page, as_json=as_json)
        if out is not None and not form:
            raise ConfigError(("tables are for a terminal; into a file write --csv, --html or --json.",))
        from_day = _day(first) if first else today_in_rome()
        to_day = _day(last) if last else from_day
        query = {"from_day": from_day.isoformat(), "to_day": to_day.isoformat(), "queue": queue}
        with open_books(config, url, token_env, os.environ) as client:
            answer = client.ask("GET", path("reports", kind), query=query, limit_s=REPORT_S_MAX)
        try:
            made = msgspec.json.decode(answer, type=Report)
        except msgspec.DecodeError as error:
            raise AcdError(f"This is no report of an ACD of this version ({error}).") from None
        text = _text(made, answer, lang, form, config)
        if not form:
            _show(made, lang)
        elif out is not None:
            write_text(out, text)
            complain(f"{out}: written.")
        else:
            sys.stdout.write(text)


def _form(*, as_csv: bool, as_page: bool, as_json: bool) -> str:
    """The form that was asked for; empty: tables.

    Raises:
        ConfigError: There are several.
    """
    wanted = [name for name, given in (("csv", as_csv), ("html", as_page), ("json", as_json)) if given]
    if len(wanted) > 1:
        raise ConfigError(("one form at a time: --csv, --html or --json.",))
    return wanted[0] if wanted else ""


def _text(made: Report, answer: bytes, lang: Language, form: str, config: Path) -> str:
    """The report in a form for files; empty: tables are wanted."""
    match form:
        case "csv":
            from acd.reports.csv import csv_text

            return csv_text(made, lang)
        case "html":
            from acd.reports.page import page

            return page(made, lang, _body_name(config))
        case "json":
            return answer.decode() + "\n"
        case _:
            return ""


def _body_name(config: Path) -> str:
    """The body's name where there are settings."""
    from acd.cli.place import local_settings

    return local_settings(config, os.environ).body_name if config.is_file() else ""


def _day(text: str) -> dt.date:
    import datetime as dt

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise RequestError(f"{text[:40]!r} is no day; write it as 2026-03-02.") from None


# ── on a terminal ────────────────────────────────────────────────────────────────────────────────


def _show(made: Report, lang: Language) -> None:
    from acd.reports.tables import tables
    from acd.reports.told import emergency_words, heading, notes, period_words
    from acd.reports.words import say as word

    say(f"{heading(made, lang)}, {period_words(made, lang)}" + (f", {made.queue}" if made.queue else ""))
    if not made.total.counts.offered:
        say(word(lang, "empty"))
        return
    for one in made.emergencies:
        say("! " + "; ".join(emergency_words(one, lang)))
    screen = console()
    is_whole = True
    for table in tables(made, lang):
        say("")
        is_whole &= _draw(screen, table, lang)
    say("")
    for note in notes(made, lang):
        say(f"- {note}")
    if not is_whole:
        complain("Some columns are left out: a wider terminal has them, so have --html and --csv.")


def _draw(screen: Console, table: Table, lang: Language) -> bool:
    """Draw a table; whether all of its columns had room."""
    from rich.table import Table as Drawn

    from acd.reports.told import cell

    columns = _fitting(table, lang, screen.width)
    drawn = Drawn(
        box=None,
        pad_edge=False,
        header_style="bold",
        title=table.caption,
        title_justify="left",
        title_style="bold",
    )
    for column in columns:
        is_text = column.style == "text"
        drawn.add_column(
            "\n".join(column.title.split(" ")) if not is_text else column.title,
            justify="left" if is_text else "right",
            no_wrap=not is_text,
            overflow="fold",
            vertical="bottom",
        )
    for row in table.rows:
        drawn.add_row(*(cell(row.get(column.id), column.style, lang) for column in columns))
    screen.print(drawn, markup=False)
    return len(columns) == len(table.columns)


def _fitting(table: Table, lang: Language, width: int) -> Sequence[Column]:
    """The columns there is room for."""
    from acd.reports.told import cell

    widths = {
        column.id: max(
            *(len(word) for word in column.title.split(" ")),
            *(len(cell(row.get(column.id), column.style, lang)) for row in table.rows),
            1,
        )
        for column in table.columns
    }
    first = table.columns[0].id
    widths[first] = min(widths[first], 24)
    left = list(table.columns)
    for name in LEFT_OUT:
        if sum(widths[column.id] + 2 for column in left) - 2 <= width:
            break
        left = [column for column in left if column.id != name]
    return left
