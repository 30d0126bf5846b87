"""The command ``acd``: parses, delegates, sets exit codes (0 well, 1 findings, 2 cannot run)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvloop
from rich.console import Console

from acd import __version__
from acd.app import serve_until_told
from acd.errors import AcdError, ConfigError
from acd.logs import set_up_logs
from acd.rules.load import load_rules
from acd.rules.settings import load_settings

app = typer.Typer(no_args_is_help=True, add_completion=True, rich_markup_mode=None)
errors = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)

ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="Process settings.", envvar="ACD_CONFIG")]
CONFIG = Path("config/acd.yaml")


@app.command()
def serve(config: ConfigFile = CONFIG) -> None:
    """Run the call distributor until SIGTERM."""
    try:
        settings = load_settings(config, os.environ)
        rules, roster = load_rules(settings.rules)
        set_up_logs(settings.log.level)
        status = uvloop.run(serve_until_told(settings, rules, roster))
    except AcdError as error:
        _refuse(error)
    raise typer.Exit(status)


@app.command()
def check(
    rules: Annotated[Path, typer.Argument(help="The rule folder.")] = Path("routing_rules"),
    config: Annotated[Path | None, typer.Option("--config", "-c", help="Process settings too.")] = None,
) -> None:
    """Check rules (and settings): every finding with file, line and column."""
    findings: list[str] = []
    told = ""
    try:
        rule_set, roster = load_rules(rules)
        told = (
            f"{rules}: revision {rule_set.revision}, {len(rule_set.queues)} queues, "
            f"{len(roster.agents)} agents, {len(rule_set.offices)} offices"
        )
    except ConfigError as error:
        findings += error.findings
    if config is not None:
        try:
            load_settings(config, os.environ)
        except ConfigError as error:
            findings += error.findings
    for finding in findings:
        errors.print(finding, markup=False)
    if findings:
        raise typer.Exit(1)
    out.print(told, markup=False)


@app.command()
def version() -> None:
    """Say which version this is."""
    out.print(__version__)


def _refuse(error: AcdError) -> NoReturn:
    errors.print(str(error), markup=False)
    raise typer.Exit(2)


def main() -> None:
    """Entry point of the command."""
    app()
