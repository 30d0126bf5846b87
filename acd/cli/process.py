"""The commands of the process itself: run it, check what it is given, look whether it lives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from acd.cli.terminal import (
    CONFIG,
    AsJson,
    ConfigFile,
    Exit,
    Url,
    complain,
    console,
    ending,
    say,
    show_json,
)
from acd.errors import AcdError, ConfigError

if TYPE_CHECKING:
    from acd.cli.checking import Checked

__all__ = ["check", "demo", "doctor", "export", "healthcheck", "serve", "version"]

RULES = Path("routing_rules")
ASTERISK = Path("config/asterisk")


def serve(config: ConfigFile = CONFIG) -> None:
    """Run the call distributor until SIGTERM; SIGHUP has it apply its files again."""
    import uvloop

    from acd.app import serve_until_told
    from acd.logs import set_up_logs
    from acd.rules.settings import load_settings

    with ending():
        settings = load_settings(config, os.environ)
        set_up_logs(settings.log.level)
        status = uvloop.run(serve_until_told(settings))
    raise typer.Exit(status)


def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="A rule folder, or single files of any kind.", metavar="[FILES]..."),
    ] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", help="People too, from CSV; else the folder's roster.csv.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Process settings too.")] = None,
    prompts: Annotated[
        Path | None, typer.Option("--prompts", help="Spoken prompts too: Asterisk's directory sounds/acd.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as findings.")] = False,
    form: Annotated[
        Literal["text", "json", "github", "sarif"], typer.Option("--format", help="For whom it is told.")
    ] = "text",
    as_json: AsJson = False,
) -> None:
    """Check rules, people and settings before they are used, and run the worked cases beside the rules.

    Every finding has its file, line and column. Exit 1: there are findings. Exit 2: it cannot be checked.
    """
    from acd.cli.checking import check_all
    from acd.cli.checking_files import check_files

    given = files or [RULES]
    single = [path for path in given if path.is_file() or path.suffix in {".yaml", ".yml", ".csv"}]
    folders = [path for path in given if path not in single]
    if len(folders) > 1 or (single and (roster or prompts)):
        complain("Check one folder at a time; --roster and --prompts go with a folder.")
        raise typer.Exit(Exit.UNUSABLE)
    with ending():
        checked = check_files(single, RULES, config or CONFIG, os.environ) if single else None
    if folders:
        whole = check_all(folders[0], roster, config, os.environ, prompts)
        if checked is not None:
            whole.findings += checked.findings
            whole.warnings += checked.warnings
        checked = whole
    assert checked is not None, "a file or a folder was given"
    sound = not checked.findings and not (strict and checked.warnings)
    _show_checked(checked, sound=sound, form="json" if as_json else form)
    raise typer.Exit(Exit.DONE if sound else Exit.REFUSED)


def _show_checked(checked: Checked, *, sound: bool, form: str) -> None:
    from acd.cli.finding_forms import github, sarif

    match form:
        case "json":
            show_json({"sound": sound, **checked.as_json()})
        case "sarif":
            show_json(sarif(checked.findings, checked.warnings))
        case "github":
            for line in github(checked.findings, checked.warnings):
                print(line)
        case _:
            for finding in checked.findings:
                complain(finding)
            for warning in checked.warnings:
                complain(f"warning: {warning}")
            if not checked.findings:
                for line in (checked.told, *checked.ways, *checked.starvation):
                    say(line)


def doctor(
    config: ConfigFile = CONFIG,
    listen_s: Annotated[
        float, typer.Option("--listen", min=0, max=3600, help="Seconds to listen to each Asterisk.")
    ] = 0.5,
    as_json: AsJson = False,
) -> None:
    """Look whether each Asterisk is set up for us.

    What must be changed is said. Exit 1: something is wrong.
    """
    import asyncio

    from acd.cli.diagnosis import diagnose, reports_json, show_reports
    from acd.rules.load import load_rules
    from acd.rules.settings import load_settings

    rules = None
    with ending():
        settings = load_settings(config, os.environ)
        try:
            rules = load_rules(settings.rules).rules
        except ConfigError as error:
            complain(f"The rules are not compared, for they have mistakes (`acd check`):\n{error}")
        reports = asyncio.run(diagnose(settings, rules, listen_s))
    if as_json:
        print(reports_json(reports))
    else:
        show_reports(reports, console())
    raise typer.Exit(Exit.DONE if all(report.sound for report in reports) else Exit.REFUSED)


def healthcheck(config: ConfigFile = CONFIG, url: Url = "") -> None:
    """Tell whether the process lives, for Docker and scripts.

    Asks /livez of the socket or address of the settings. Exit 0: it lives. Exit 1: it does not, or cannot be
    asked.
    """
    from acd.cli.client import alive
    from acd.cli.place import local_settings, place_of_settings, place_of_url

    try:
        place = place_of_url(url, "") if url else place_of_settings(local_settings(config, os.environ))
        lives = alive(place)
    except AcdError as error:
        complain(str(error))
        raise typer.Exit(Exit.REFUSED) from None
    if not lives:
        complain(f"{place.name} does not answer as a living ACD.")
        raise typer.Exit(Exit.REFUSED)


def demo(
    rules: Annotated[Path, typer.Argument(help="The rule folder.")] = RULES / "demo",
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, max=86_400, help="Seconds of the simulated world.")
    ] = 600,
    simulated: Annotated[
        bool,
        typer.Option("--simulated", help="The only kind here; the one on a real Asterisk is scripts/demo."),
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Show a small call centre at work, simulated.

    Exit 1: a call was not accounted for.
    """
    del simulated
    from acd.demo.board import told, well
    from acd.demo.simulated import run

    with ending():
        figures = run(rules, seconds, quiet=as_json)
    if as_json:
        show_json(figures)
    else:
        say(told(figures))
    raise typer.Exit(Exit.DONE if well(figures) else Exit.REFUSED)


export = typer.Typer(
    help="Write the dialplan of the entry menus and offices.", rich_markup_mode=None, no_args_is_help=True
)


@export.command("dialplan")
def export_dialplan(
    rules: Annotated[Path, typer.Argument(help="The rule folder.")] = RULES,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder Asterisk reads the files from.")
    ] = ASTERISK,
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file is not what the rules say.")
    ] = False,
) -> None:
    """Write the entry menus and the offices for Asterisk: acd_entry.conf, acd_offices.conf.

    Each file is replaced whole, and left alone where it is the same already. Asterisk reads them at
    `dialplan reload`.
    """
    from acd.ami.export.command import write_dialplan

    with ending():
        try:
            told = write_dialplan(rules, out, check=check_only)
        except OSError as error:
            raise ConfigError((f"{error.filename or out}: {error.strerror or error}.",)) from None
    for line in told:
        say(line)
    if not told:
        say(f"{out}: the files are what the rules say.")
    raise typer.Exit(Exit.REFUSED if told and check_only else Exit.DONE)


def version() -> None:
    """Say which version this is."""
    from acd import __version__

    say(__version__)
