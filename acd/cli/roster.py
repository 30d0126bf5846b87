"""``acd roster``: who may log in, as a file that any spreadsheet opens.

A column that is absent keeps what is known, so a file with the columns ``agent`` and ``employer`` moves
everybody to another employer and touches nothing else. A file with one mistake is refused whole.
"""

from __future__ import annotations

import os
from pathlib import Path
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
    ending,
    exit_of,
    say,
    show_json,
)
from acd.errors import AcdError

if TYPE_CHECKING:
    from acd.cli.answers import Imported
    from acd.cli.client import WrongFile

__all__ = ["roster"]

LINES_MAX = 40

roster = typer.Typer(help="The people: import, export, compare.", rich_markup_mode=None, no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="CSV with a header; '-' is stdin.", show_default=False)]
RemoveMissing = Annotated[bool, typer.Option("--remove-missing", help="Who is not in the file leaves.")]


@roster.command("import")
def import_roster(
    file: File,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check it and say what would change; change nothing.")
    ] = False,
    remove_missing: RemoveMissing = False,
    expected: Annotated[
        int | None, typer.Option("--if-revision", help="Only if the roster is at this revision.")
    ] = None,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Take people from a file: all of it, or nothing.

    Exit 1: the file has mistakes, each told with its line.
    """
    try:
        told = _import(
            file, config, url, token_env, dry_run=dry_run, remove_missing=remove_missing, expected=expected
        )
    except AcdError as error:
        raise _refused(error, file, as_json=as_json, findings=Exit.REFUSED) from None
    if as_json:
        show_json(told)
        return
    _show_change(told)
    numbers = f"{told.added} added, {told.changed} changed, {told.removed} removed"
    if dry_run:
        say(f"Dry run: {numbers}; the roster stays at revision {told.revision}.")
    else:
        say(f"Roster revision {told.revision}: {numbers}.")


@roster.command("diff")
def diff(
    file: File,
    remove_missing: RemoveMissing = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Say how a file differs from the roster, as an import of it would change that.

    Exit 0: not at all. Exit 1: it differs. Exit 2: it cannot be compared, for it has mistakes.
    """
    try:
        told = _import(
            file, config, url, token_env, dry_run=True, remove_missing=remove_missing, expected=None
        )
    except AcdError as error:
        raise _refused(error, file, as_json=as_json, findings=Exit.UNUSABLE) from None
    if as_json:
        show_json(told)
    else:
        _show_change(told, everything=True)
    differs = told.added or told.changed or told.removed
    raise typer.Exit(Exit.REFUSED if differs else Exit.DONE)


@roster.command("export")
def export_roster(
    file: Annotated[Path, typer.Argument(help="Where to; without it stdout.", show_default=False)] = Path(
        "-"
    ),
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
) -> None:
    """Write everybody with every column, so that importing it changes nothing."""
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.files import write_text

    with ending():
        with open_books(config, url, token_env, os.environ) as client:
            text = client.ask("GET", path("roster.csv"), accept="text/csv").decode()
        write_text(file, text)


def _import(
    file: Path,
    config: Path,
    url: str,
    token_env: str,
    *,
    dry_run: bool,
    remove_missing: bool,
    expected: int | None,
) -> Imported:
    import msgspec

    from acd.cli.answers import Imported
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.files import read_text

    text = read_text(file)
    with open_books(config, url, token_env, os.environ) as client:
        answer = client.ask(
            "POST",
            path("roster", "import"),
            query={"dry_run": dry_run, "remove_missing": remove_missing},
            body=text.encode(),
            content_type="text/csv; charset=utf-8",
            headers={} if expected is None else {"If-Match": f'"{expected}"'},
        )
    return msgspec.json.decode(answer, type=Imported)


def _refused(error: AcdError, file: Path, *, as_json: bool, findings: Exit) -> typer.Exit:
    """Tell why; the exit to raise."""
    from acd.cli.client import WrongFile

    if not isinstance(error, WrongFile):
        complain(str(error))
        return typer.Exit(exit_of(error))
    if as_json:
        show_json({"findings": error.findings})
    else:
        _show_findings(error, file)
    return typer.Exit(findings)


def _show_findings(error: WrongFile, file: Path) -> None:
    for finding in error.findings:
        column = f"{finding.column}: " if finding.column else ""
        complain(f"{file}:{finding.line}: {column}{finding.sentence}")
    complain(str(error))


def _show_change(told: Imported, *, everything: bool = False) -> None:
    lines = told.lines if everything else told.lines[:LINES_MAX]
    for line in lines:
        say(line)
    if len(lines) < len(told.lines):
        say(f"… and {len(told.lines) - len(lines)} lines more (`acd roster diff` shows all)")
    for sentence in told.people:
        complain(f"warning: {sentence}")
