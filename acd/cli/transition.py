"""``acd transition``: to the offices and back, step by step; ``back`` is one command.

Each step has a reason, and is in force when the command ends. Before a step forward the forecast is shown,
and on a terminal it is asked whether to go on. ``back`` asks nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.past import Language
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
    from acd.cli.client import Client
    from acd.cli.transition_told import PlaceTold, TransitionTold

__all__ = ["transition"]

transition = typer.Typer(
    help="To the offices and back, step by step: look, start, next, back, finish.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

Reason = Annotated[str, typer.Option("--reason", "-r", help="Why, in 10 characters or more.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether to go on.")]
STEPS_SHOWN = 8


@transition.command("status")
def status(
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Show where it stands, what the guards say, whether the lines are ready, and the last steps."""
    from acd.cli.books import open_books
    from acd.cli.client import path

    with ending(), open_books(config, url, token_env, os.environ) as client:
        if as_json:
            show_json(client.get(path("transition"), object, lang=lang))
        else:
            _show(_look(client, lang))


@transition.command("start")
def start(
    reason: Reason,
    phase: Annotated[str, typer.Option("--phase", help="Where, if not at the first phase.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Though the lines are not ready; the reason says why.")
    ] = False,
    yes: Yes = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Begin: the offices answer first. Refused while the last rehearsal is too old or too bad."""
    body: dict[str, object] = {"reason": reason, "phase": phase or None, "force": force}
    _move("start", body, config, url, token_env, yes=yes, as_json=as_json)


@transition.command("next")
def go_on(
    reason: Reason,
    yes: Yes = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Take the next step: more of the calls go to the agents."""
    _move("next", {"reason": reason}, config, url, token_env, yes=yes, as_json=as_json)


@transition.command("back")
def back(
    reason: Reason,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Take the last step back, at once."""
    _move("back", {"reason": reason}, config, url, token_env, yes=True, as_json=as_json)


@transition.command("finish")
def finish(
    reason: Reason,
    yes: Yes = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """End it: all calls are the agents' again, and the offices help as the ladders say."""
    _move("finish", {"reason": reason}, config, url, token_env, yes=yes, as_json=as_json)


def _move(
    move: str,
    body: dict[str, object],
    config: Path,
    url: str,
    token_env: str,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    import msgspec

    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.forecast import Change, show_forecast
    from acd.cli.transition_told import TransitionTold

    with ending(), open_books(config, url, token_env, os.environ) as client:
        seen: int | None = None
        if move != "back" and not as_json:
            seen = _look(client, "it").number
            show_forecast(client, Change(move), phase=str(body.get("phase") or ""))
            if not yes and sys.stdin.isatty() and not typer.confirm("Go on?"):
                raise typer.Exit(Exit.REFUSED)
        raw = client.post(path("transition"), object, {"move": move, **body, "seen": seen})
        if as_json:
            show_json(raw)
        else:
            _show_place(msgspec.convert(raw, TransitionTold))


def _look(client: Client, lang: str) -> TransitionTold:
    from acd.cli.client import path
    from acd.cli.transition_told import TransitionTold

    return client.get(path("transition"), TransitionTold, lang=lang)


def _show(told: TransitionTold) -> None:
    from acd.cli.words import moment

    _show_place(told)
    if told.guards:
        say(f"Guards: {told.guards}.")
    for name, place in (("next", told.ahead), ("back", told.behind)):
        if place is not None:
            say(f"{name}: {_place(told, place)}")
    ready = told.readiness
    say(f"Lines ready: {ready.ready} of {ready.lines}; a start wants {ready.ready_min:.0%}.")
    if not told.history:
        return
    shown = table("Step", "When", "Move", "To", "By", "Reason", right=("Step",), folds="Reason")
    for step in told.history[:STEPS_SHOWN]:
        by = "by itself" if step.automatic else step.author
        to = f"{step.phase} {step.step + 1}" if step.phase else "-"
        shown.add_row(str(step.number), moment(step.at_ms), step.action, to, by, step.reason)
    console().print(shown)


def _show_place(told: TransitionTold) -> None:
    from acd.cli.words import moment

    if told.problem:
        complain(told.problem)
    if told.here is None:
        say("The transition does not run.")
        return
    say(f"Now: {_place(told, told.here)} since {moment(told.since_ms)}.")


def _place(told: TransitionTold, place: PlaceTold) -> str:
    """A step in words: ``rientro 2/4 (Rientrano gli operatori), offices first, 25 % of all sites``."""
    phase = next((each for each in told.phases if each.id == place.phase), None)
    if not place.phase:
        return "no phase: agents first"
    steps = f"{place.step + 1}/{phase.steps}" if phase is not None else f"{place.step + 1}"
    name = f" ({phase.name})" if phase is not None else ""
    if not place.on:
        return f"{place.phase} {steps}{name}, agents first"
    by_share: dict[int, list[str]] = {}
    for site, share in place.shares.items():
        by_share.setdefault(share, []).append(site)
    if len(by_share) == 1:
        shares = f"{next(iter(by_share))} % of all sites"
    else:
        shares = ", ".join(f"{share} % {' '.join(sites)}" for share, sites in sorted(by_share.items()))
    return f"{place.phase} {steps}{name}, offices first but for {shares}"
