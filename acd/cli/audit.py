"""``acd audit``: who changed what, and whether the record of it is whole."""

from __future__ import annotations

import os
from typing import Annotated

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

__all__ = ["audit"]

LAST = 40

audit = typer.Typer(
    help="Who changed what: list it, prove it whole.", rich_markup_mode=None, no_args_is_help=True
)


@audit.command("list")
def list_entries(
    last: Annotated[int, typer.Option("--last", min=1, help="So many of the newest.")] = LAST,
    after: Annotated[
        int | None, typer.Option("--after", min=0, help="Instead: those after this number, oldest first.")
    ] = None,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """List what was changed, and by whom, in order."""
    import msgspec

    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.words import moment
    from acd.store.records import AuditRow, AuditVerdict

    with ending(), open_books(config, url, token_env, os.environ) as client:
        if after is None:
            verdict = client.get(path("audit", "verify"), AuditVerdict)
            after = max(0, verdict.entries - last)
            if verdict.broken_at is not None:
                complain(f"warning: the chain is broken at entry {verdict.broken_at}: {verdict.why}")
        items = client.items(path("audit"), most=last, after=str(after) if after else "")
        found = [msgspec.json.decode(raw, type=AuditRow) for raw in items]
    if as_json:
        show_json({"items": found})
        return
    if not found:
        say("Nothing was changed.")
        return
    shown = table("No.", "When", "Who", "What", "Result", right=("No.",), folds="Result")
    for row in found:
        entry = row.entry
        told = f"{entry.result} ({entry.detail})" if entry.detail else entry.result
        shown.add_row(str(row.seq), moment(entry.at_ms), entry.who, f"{entry.action} {entry.target}", told)
    console().print(shown)


@audit.command("verify")
def verify(
    config: ConfigFile = CONFIG, url: Url = "", token_env: TokenEnv = "", as_json: AsJson = False
) -> None:
    """Prove that no entry was changed, put in or taken out.

    Exit 1: the chain is broken. Keep the digest of the last entry elsewhere: it shows later that nothing was
    cut off.
    """
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.words import count
    from acd.store.records import AuditVerdict

    with ending(), open_books(config, url, token_env, os.environ) as client:
        verdict = client.get(path("audit", "verify"), AuditVerdict)
    whole = verdict.broken_at is None
    if as_json:
        show_json(verdict)
    elif whole:
        say(f"whole: {count(verdict.entries, 'entry', 'entries')}, the last has the digest {verdict.head}")
    else:
        say(f"broken at entry {verdict.broken_at}: {verdict.why}")
    raise typer.Exit(Exit.DONE if whole else Exit.REFUSED)
