"""``acd fallback``: who stands in for whom, and the switches for it.

What is switched here is an override: it has a reason and an end, counts before ``fallback.yaml``, and is over
by itself. While the ACD rests the store is asked and written; what is switched then holds when it starts.
"""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

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
    show_json,
    table,
)

if TYPE_CHECKING:
    from acd.cli.answers import OverrideTold, Placed, ScopeTold

__all__ = ["fallback"]

fallback = typer.Typer(
    help="Who stands in for whom: look, explain, switch.", rich_markup_mode=None, no_args_is_help=True
)

Scope = Annotated[str, typer.Argument(help="national, site:<name> or office:<name>.")]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why, in 10 characters or more.")]
For = Annotated[str, typer.Option("--for", help="So long: 90s, 5m, 2h, 1h30m.")]
Until = Annotated[str, typer.Option("--until", help="Until then, in Rome: 14:30, '2026-12-01 14:30'.")]
From = Annotated[str, typer.Option("--from", help="From then on, in Rome; else from now.")]
Ticket = Annotated[
    str, typer.Option("--ticket", help="Under which it was decided; see `acd fallback on -h`.")
]
Number = Annotated[int, typer.Argument(min=1, metavar="ID", help="As `acd fallback list` shows it.")]

RIGHT = "For the country an operator names --ticket; an admin need not."


@fallback.command("list")
def list_all(
    lang: Language = "it",
    everything: Annotated[bool, typer.Option("--all", help="Those that are left to themselves too.")] = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Show what is in force and why, and the overrides that are not over."""
    import msgspec

    from acd.cli.answers import FallbackTold, OverridesTold
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.fallback.scopes import NATIONAL

    with ending(), open_books(config, url, token_env, os.environ) as client:
        found = client.get(path("fallback"), FallbackTold, lang=lang)
        overrides = client.get(path("overrides"), OverridesTold).items
    if as_json:
        show_json({**msgspec.to_builtins(found), "overrides": overrides})
        return
    for each in found.items:
        if everything or each.scope == NATIONAL or _is_switched(each):
            say(each.sentence)
    if overrides:
        console().print()
        _show(overrides)


@fallback.command("explain")
def explain_one(
    scope: Scope = "national",
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Say what is in force for the country, a site or an office: who decides it, what would be without."""
    from acd.cli.answers import ScopeTold
    from acd.cli.books import open_books
    from acd.cli.client import path

    with ending(), open_books(config, url, token_env, os.environ) as client:
        found = client.get(path("fallback", scope), ScopeTold, lang=lang)
    if as_json:
        show_json(found)
    else:
        say(found.sentence)


SWITCHES: Final = {
    "on": (
        "forced_on",
        """Force it on: offices stand in for all agents or a site's; an office is called whatever its hours.

        It holds within two seconds, for who waits too; rings under way end by themselves. --for or --until is
        needed.
        """,
    ),
    "off": (
        "forced_off",
        """Force it off: nobody stands in, whatever file and transition say; an office is not called.

        Who waits keeps the place of their age. --for or --until is needed.
        """,
    ),
    "auto": (
        "auto",
        """Leave it to the transition, or an office to its hours and health, whatever the file forces.

        --for or --until is needed.
        """,
    ),
}
"""Command to the mode it sets, and what its help says."""


def _switch(mode: str) -> Callable[..., None]:
    """The command that sets this mode: the three take the same words."""

    def switch(
        reason: Reason,
        scope: Scope = "national",
        lasts: For = "",
        until: Until = "",
        begin: From = "",
        ticket: Ticket = "",
        lang: Language = "it",
        config: ConfigFile = CONFIG,
        url: Url = "",
        token_env: TokenEnv = "",
        as_json: AsJson = False,
    ) -> None:
        wish = _wish(mode, scope, reason, lasts, until, begin, ticket)
        _put(wish, lang, config, url, token_env, as_json=as_json)

    return switch


for _name, (_mode, _help) in SWITCHES.items():
    fallback.command(_name, help=inspect.cleandoc(_help), epilog=RIGHT)(_switch(_mode))


@fallback.command("extend", epilog=RIGHT)
def extend_override(
    number: Number,
    reason: Reason,
    lasts: For = "",
    until: Until = "",
    ticket: Ticket = "",
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Have an override end later; a new one takes its place. --for counts from now."""
    from acd.cli.answers import Placed
    from acd.cli.books import open_books
    from acd.cli.client import path

    with ending(), open_books(config, url, token_env, os.environ) as client:
        body = {"until_ms": _end_ms(lasts, until, None), "reason": reason, "ticket": ticket or None}
        placed = client.post(path("overrides", str(number), "extend"), Placed, body, lang=lang)
    _tell(placed, as_json=as_json)


@fallback.command("end", epilog=RIGHT)
def end_override(
    number: Number,
    ticket: Ticket = "",
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Take an override back; what is under it holds again."""
    from acd.cli.answers import Placed
    from acd.cli.books import open_books
    from acd.cli.client import path

    with ending(), open_books(config, url, token_env, os.environ) as client:
        placed = client.delete(path("overrides", str(number)), Placed, ticket=ticket, lang=lang)
    _tell(placed, as_json=as_json)


# ── inside ───────────────────────────────────────────────────────────────────────────────────


def _wish(
    mode: str, scope: str, reason: str, lasts: str, until: str, begin: str, ticket: str
) -> dict[str, object]:
    from acd.cli.moments import moment_ms

    with ending():
        from_ms = moment_ms(begin) if begin else None
        return {
            "scope": scope,
            "mode": mode,
            "reason": reason.strip(),
            "ticket": ticket or None,
            "from_ms": from_ms,
            "until_ms": _end_ms(lasts, until, from_ms),
        }


def _end_ms(lasts: str, until: str, from_ms: int | None) -> int:
    """The end that was asked for.

    Raises:
        RequestError: None was, or two were, or what was written is none.
    """
    from acd.cli.moments import moment_ms, span_ms
    from acd.errors import RequestError

    if bool(lasts) == bool(until):
        raise RequestError("Say either --for how long or --until when: nothing is switched for good by hand.")
    if until:
        return moment_ms(until)
    return (from_ms if from_ms is not None else int(time.time() * 1000)) + span_ms(lasts)


def _put(
    wish: dict[str, object], lang: str, config: Path, url: str, token_env: str, *, as_json: bool
) -> None:
    from acd.cli.answers import Placed
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.forecast import Change, show_forecast

    with ending(), open_books(config, url, token_env, os.environ) as client:
        if wish["mode"] == "forced_on" and not as_json:
            show_forecast(client, Change.FALLBACK_ON, scope=str(wish["scope"]))
        placed = client.post(path("overrides"), Placed, wish, lang=lang)
    _tell(placed, as_json=as_json)


def _tell(placed: Placed, *, as_json: bool) -> None:
    if as_json:
        show_json(placed)
        return
    if placed.override.ended_ms is None:
        complain(f"Override {placed.override.id}; `acd fallback end {placed.override.id}` takes it back.")
    for sentence in placed.told:
        say(sentence)


def _is_switched(told: ScopeTold) -> bool:
    """Whether somebody has switched it, or a step of the transition gives it a share."""
    return told.source in {"override", "file"} or told.value == "share"


def _show(overrides: tuple[OverrideTold, ...]) -> None:
    from acd.cli.words import moment

    now_ms = int(time.time() * 1000)
    shown = table("Id", "Scope", "Mode", "From", "Until", "By", "Ticket", "Reason", folds="Reason")
    for each in overrides:
        shown.add_row(
            str(each.id),
            each.scope,
            each.mode,
            moment(each.from_ms) if each.from_ms > now_ms else "now",
            moment(each.until_ms),
            each.author,
            each.ticket,
            each.reason,
        )
    console().print(shown)
