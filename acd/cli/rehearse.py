"""``acd rehearse``: a synthetic call to every office's line, and the list of what was found."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.terminal import (
    CONFIG,
    AsJson,
    ConfigFile,
    Exit,
    TokenEnv,
    Url,
    complain,
    console,
    ending,
    say,
    show_json,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acd.cli.client import Client
    from acd.cli.transition_told import LineTold, RehearsalTold

__all__ = ["rehearse"]

LOOK_S = 1.0
COLUMNS = ("office", "name", "province", "number", "result", "at", "ring_s", "ready", "detail")


def rehearse(
    offices: Annotated[
        list[str] | None, typer.Argument(help="Only these offices; else all.", show_default=False)
    ] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only lines that are not ready.")] = False,
    list_only: Annotated[bool, typer.Option("--list", help="Call nobody: show what is known.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the rehearsal that runs.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Begin, and do not wait for its end.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV with a header, for a spreadsheet.")] = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Call every office's line through its trunk and ask whoever answers to press 1.

    One call at a time on each trunk, and only where a line is free. Ctrl-C leaves it running; --stop ends it.
    Exit 0: enough lines are ready for a transition. Exit 1: not, or refused.
    """
    import msgspec

    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.transition_told import RehearsalTold

    with ending(), open_books(config, url, token_env, os.environ) as client:
        if stop:
            raw = client.ask("DELETE", path("rehearsal"))
        elif list_only:
            raw = client.ask("GET", path("rehearsal"))
        else:
            body = msgspec.json.encode({"offices": offices or [], "missing": missing})
            raw = client.ask("POST", path("rehearsal"), body=body)
            if not no_wait:
                raw = _to_its_end(client, quiet=as_json or as_csv)
        told = msgspec.json.decode(raw, type=RehearsalTold)
        wanted = frozenset(offices or ())
        lines = [line for line in told.lines if not wanted or line.office in wanted]
        if as_json:
            show_json(msgspec.Raw(raw))
        elif as_csv:
            _write_csv(lines)
        else:
            _show(told, lines)
        raise typer.Exit(Exit.REFUSED if told.readiness.why_not else Exit.DONE)


def _to_its_end(client: Client, *, quiet: bool) -> bytes:
    """Look until it is over; say what is being called meanwhile."""
    import msgspec

    from acd.cli.client import path
    from acd.cli.transition_told import RehearsalTold

    said = ""
    while True:
        raw = client.ask("GET", path("rehearsal"))
        told = msgspec.json.decode(raw, type=RehearsalTold)
        if not told.running:
            return raw
        done = told.tried + len(told.left)
        now = f"{done} of {told.to_try}" + (f", calling {' '.join(told.calling)}" if told.calling else "")
        if now != said and not quiet:
            complain(now)
        said = now
        time.sleep(LOOK_S)


def _show(told: RehearsalTold, lines: Sequence[LineTold]) -> None:
    from acd.cli.words import moment

    shown = table(
        "Office", "Province", "Number", "Found", "When", "Rang", "", "Detail",
        right=("Rang",), folds="Detail",
    )  # fmt: skip
    for line in lines:
        shown.add_row(
            line.office,
            line.province,
            line.number,
            line.result or "never tried",
            moment(line.at_ms) if line.at_ms else "",
            f"{line.ring_ms / 1000:.1f} s" if line.at_ms else "",
            "ready" if line.ready else "",
            line.detail,
        )
    console().print(shown)
    for left in told.left:
        complain(f"{left.office} {left.number} was not tried: {left.why}.")
    ready = told.readiness
    say(f"{ready.ready} of {ready.lines} lines are ready; a start wants {ready.ready_min:.0%}.")
    if ready.why_not:
        complain(f"The transition would not start: {ready.why_not}")


def _write_csv(lines: Sequence[LineTold]) -> None:
    import csv
    import sys

    from acd.cli.words import moment

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow(
            (
                line.office,
                line.name,
                line.province,
                line.number,
                line.result,
                moment(line.at_ms) if line.at_ms else "",
                f"{line.ring_ms / 1000:.1f}" if line.at_ms else "",
                "yes" if line.ready else "no",
                line.detail,
            )
        )
