"""The command ``acd``: parses, delegates, sets exit codes (0 well, 1 findings, 2 cannot run)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
import uvloop
from rich.console import Console

from acd import __version__
from acd.app import serve_until_told
from acd.core.policy import RuleSet
from acd.diagnosis import diagnose, reports_json, show_reports
from acd.errors import AcdError, ConfigError
from acd.logs import set_up_logs
from acd.rules.load import load_rules
from acd.rules.settings import load_settings
from acd.status import api_token, api_url, ask, show_status

app = typer.Typer(no_args_is_help=True, add_completion=True, rich_markup_mode=None)
errors = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)

ConfigFile = Annotated[Path, typer.Option("--config", "-c", help="Process settings.", envvar="ACD_CONFIG")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]
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
def doctor(
    config: ConfigFile = CONFIG,
    listen_s: Annotated[
        float, typer.Option("--listen", min=0, max=3600, help="Seconds to listen to each Asterisk.")
    ] = 0.5,
    as_json: AsJson = False,
) -> None:
    """Look whether each Asterisk is set up for us; say what to change. Exit 1: something is wrong."""
    rules: RuleSet | None = None
    try:
        settings = load_settings(config, os.environ)
        try:
            rules, _ = load_rules(settings.rules)
        except ConfigError as error:
            errors.print(
                f"The rules are not compared, for they have mistakes (`acd check`):\n{error}", markup=False
            )
        reports = asyncio.run(diagnose(settings, rules, listen_s))
    except AcdError as error:
        _refuse(error)
    if as_json:
        print(reports_json(reports))
    else:
        show_reports(reports, out)
    raise typer.Exit(0 if all(report.sound for report in reports) else 1)


@app.command()
def status(
    config: ConfigFile = CONFIG,
    url: Annotated[str, typer.Option(help="Address of the API; else that of the settings.")] = "",
    token_env: Annotated[
        str, typer.Option(help="Environment variable with the token; else the first of the settings.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show the running ACD on one screen. Exit 1: not ready, 2: nobody answers."""
    try:
        if not url or not token_env:
            settings = load_settings(config, os.environ)
            url = url or api_url(settings)
        if not url:
            raise ConfigError(("The API's port is chosen at each start (api, port: 0); give --url.",))
        token = os.environ.get(token_env, "") if token_env else api_token(settings)
        if not token:
            raise ConfigError((f"The environment variable {token_env} holds no token.",))
        now = asyncio.run(ask(url, token))
    except AcdError as error:
        _refuse(error)
    if as_json:
        print(msgspec.json.encode(now).decode())
    else:
        show_status(now, out)
    raise typer.Exit(0 if now.ready else 1)


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
