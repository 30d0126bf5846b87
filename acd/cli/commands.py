"""All commands, in the order and the groups in which ``acd --help`` shows them."""

from __future__ import annotations

from typing import Any, Final

import typer
from typer.core import TyperGroup

from acd.cli import looking, process, revisions
from acd.cli.audit import audit
from acd.cli.explain import explain
from acd.cli.forecast import forecast
from acd.cli.people import agents
from acd.cli.privacy import privacy, transparency
from acd.cli.rehearse import rehearse
from acd.cli.replay import replay
from acd.cli.report import report
from acd.cli.roster import roster
from acd.cli.schema import schema
from acd.cli.slots import slots
from acd.cli.state import state
from acd.cli.terminal import Exit
from acd.cli.toggles import fallback
from acd.cli.tokens import code, token
from acd.cli.transition import transition
from acd.cli.why_not import why_not

__all__ = ["app"]

GROUPS: Final = {
    "Look": ("status", "queues", "calls", "offices", "agents", "report"),
    "Ask": ("explain", "why-not", "state", "replay"),
    "Switch": ("transition", "rehearse", "forecast", "fallback"),
    "Change": ("diff", "apply", "confirm", "history", "rollback", "reload"),
    "Keep": ("roster", "slots", "token", "code", "audit", "privacy", "transparency"),
    "Set up": ("check", "schema", "doctor", "export", "demo"),
    "Run": ("serve", "healthcheck", "version"),
}
"""Every command stands in one of them."""

EXITS: Final = f"""\b
Exit status:
  {Exit.DONE:d}  done, and all is well
  {Exit.REFUSED:d}  answered, and refused, wrong, different or not ready
  {Exit.UNUSABLE:d}  could not ask: nobody answers, the token or the settings
     do not do, or the command was mistyped

\b
Environment:
  ACD_CONFIG      the settings (config/acd.yaml, else /etc/acd/acd.yaml)
  ACD_URL         another ACD's API
  ACD_TOKEN       our token there; ACD_TOKEN_FILE names a file with it
  ACD_CA_FILE     the authority of its certificate
  NO_COLOR        no colours
"""


class Grouped(TyperGroup):
    """A group whose help has a section for each of ``GROUPS``."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the sections."""
        width = max(map(len, self.commands))
        limit = formatter.width - width - 6
        for title, names in GROUPS.items():
            with formatter.section(title):
                rows = [(f"{name:<{width}}", self.commands[name].get_short_help_str(limit)) for name in names]
                formatter.write_dl(rows)


app = typer.Typer(
    cls=Grouped,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog=EXITS,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The automatic call distributor: run it, look at it, keep its people.",
)
for command in (
    looking.status,
    looking.queues,
    looking.calls,
    looking.offices,
    report,
    explain,
    why_not,
    state,
    replay,
    rehearse,
    forecast,
    transparency,
    revisions.diff,
    revisions.apply,
    revisions.confirm,
    revisions.history,
    revisions.rollback,
    revisions.reload,
    process.check,
    schema,
    process.doctor,
    process.demo,
    process.serve,
    process.healthcheck,
    process.version,
):
    app.command(command.__name__.replace("_", "-"))(command)
for group, name in (
    (agents, "agents"),
    (roster, "roster"),
    (token, "token"),
    (code, "code"),
    (audit, "audit"),
    (slots, "slots"),
    (privacy, "privacy"),
    (fallback, "fallback"),
    (transition, "transition"),
    (process.export, "export"),
):
    app.add_typer(group, name=name)
