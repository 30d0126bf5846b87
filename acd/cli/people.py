"""``acd agents``: who may log in; logging in and out, pausing, making ready.

The list is the roster, without anybody's present state: who works how is nobody's to list. One agent's
state is told to an operator who says why, and the API keeps that in the audit.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
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
from acd.errors import ConfigError, RequestError

if TYPE_CHECKING:
    from acd.cli.answers import Moved, Person
    from acd.cli.client import Client

__all__ = ["agents"]

BULK = 1000
"""So many logins in one request."""

agents = typer.Typer(
    help="List the people of the roster; log them in and out.", rich_markup_mode=None, no_args_is_help=False
)

Ids = Annotated[
    list[str],
    typer.Argument(metavar="AGENT...", help="Whom; '-' reads names from stdin.", show_default=False),
]


@agents.callback(invoke_without_command=True)
def everybody(
    context: typer.Context,
    site: Annotated[str, typer.Option("--site", "-s", help="Only people of this site.")] = "",
    skill: Annotated[str, typer.Option("--skill", help="Only who holds this skill.")] = "",
    home: Annotated[
        bool | None, typer.Option("--home/--office", help="Only who works at home, or who does not.")
    ] = None,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """List the people of the roster; log them in and out."""
    if context.invoked_subcommand is not None:
        return
    import msgspec

    from acd.cli.answers import Person
    from acd.cli.client import Client, path
    from acd.cli.place import reach

    def wanted(person: Person) -> bool:
        return (not skill or skill in person.skills) and home in {None, person.home}

    with ending(), Client(reach(config, url, token_env, os.environ)) as client:
        found = [
            (raw, person)
            for raw in client.items(path("agents"), site=site)
            if wanted(person := msgspec.json.decode(raw, type=Person))
        ]
        if as_json:
            show_json({"items": [raw for raw, _ in found]})
        else:
            _show_people([person for _, person in found])


@agents.command()
def show(
    agent: Annotated[str, typer.Argument(help="Whom.", show_default=False)],
    purpose: Annotated[
        str, typer.Option("--purpose", help="Why you look, in 10 characters or more; it is audited.")
    ],
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Show one agent's present state."""
    import time

    import msgspec

    from acd.cli.client import Client, path
    from acd.cli.place import reach
    from acd.cli.words import duration
    from acd.core.views import AgentView

    with ending(), Client(reach(config, url, token_env, os.environ)) as client:
        raw = client.get(path("agents", agent), msgspec.Raw, purpose=purpose)
        if as_json:
            show_json(raw)
            return
        now = msgspec.json.decode(raw, type=AgentView)
        why = f" ({now.reason})" if now.reason else ""
        since = f" for {duration(int(time.time() * 1000) - now.since_ms)}" if now.since_ms else ""
        say(f"{now.id}, {now.site}: {now.state.replace('_', ' ')}{why}{since}")
        if now.phone:
            say(f"phone {now.phone}")
        if now.wish:
            say(f"{now.wish} after the talk")
        if now.call is not None:
            say(f"call {now.call.call} of {now.call.queue_name}, {now.call.language}")


@agents.command()
def login(
    ids: Ids,
    phone: Annotated[str, typer.Option("--phone", help="On this phone of the site, not their own.")] = "",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Log agents in, each on their own phone."""
    from acd.cli.answers import Outcomes
    from acd.cli.client import path

    if phone:
        body = {"phone": phone}
        _move(ids, "logged in", _each("login", body, alone=True), config, url, token_env, as_json=as_json)
        return

    def many(client: Client, names: list[str]) -> Iterator[Moved]:
        for start in range(0, len(names), BULK):
            asked = {"agents": names[start : start + BULK]}
            yield from client.post(path("agents", "login"), Outcomes, asked).items

    _move(ids, "logged in", many, config, url, token_env, as_json=as_json)


@agents.command()
def logout(
    ids: Ids, config: ConfigFile = CONFIG, url: Url = "", token_env: TokenEnv = "", as_json: AsJson = False
) -> None:
    """Log agents out; who talks finishes first."""
    _move(ids, "logged out", _each("logout"), config, url, token_env, as_json=as_json)


@agents.command()
def pause(
    ids: Ids,
    reason: Annotated[str, typer.Option("--reason", "-r", help="A pause reason of the rules.")],
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Pause agents; who talks finishes first."""
    _move(ids, "paused", _each("pause", {"reason": reason}), config, url, token_env, as_json=as_json)


@agents.command()
def ready(
    ids: Ids, config: ConfigFile = CONFIG, url: Url = "", token_env: TokenEnv = "", as_json: AsJson = False
) -> None:
    """Make agents ready: end their pause or wrap-up."""
    _move(ids, "ready", _each("ready"), config, url, token_env, as_json=as_json)


Mover = Callable[["Client", list[str]], Iterator["Moved"]]


def _each(verb: str, body: object = None, *, alone: bool = False) -> Mover:
    """Ask for one after the other; a refusal of one does not stop the rest."""
    from acd.cli.answers import Moved
    from acd.cli.client import path

    def ask(client: Client, names: list[str]) -> Iterator[Moved]:
        import msgspec

        if alone and len(names) != 1:
            raise ConfigError(("--phone is for one agent: nobody shares a phone.",))
        for name in names:
            refused: str | None = None
            try:
                client.post(path("agents", name, verb), msgspec.Raw, body)
            except RequestError as error:
                refused = str(error)
            yield Moved(agent=name, refused=refused)

    return ask


def _move(
    ids: list[str],
    done: str,
    ask: Mover,
    config: ConfigFile,
    url: str,
    token_env: str,
    *,
    as_json: bool,
) -> None:
    from acd.cli.client import Client
    from acd.cli.place import reach
    from acd.cli.words import count

    with ending(), Client(reach(config, url, token_env, os.environ)) as client:
        outcomes = list(ask(client, _names(ids)))
    refused = [outcome for outcome in outcomes if outcome.refused is not None]
    if as_json:
        show_json({"items": outcomes})
    else:
        for outcome in refused:
            complain(f"{outcome.agent}: {outcome.refused}")
        told = f", {count(len(refused), 'refusal')}" if refused else ""
        say(f"{count(len(outcomes) - len(refused), 'agent')} {done}{told}")
    raise typer.Exit(Exit.REFUSED if refused else Exit.DONE)


def _names(ids: list[str]) -> list[str]:
    if ids != ["-"]:
        return ids
    names = sys.stdin.read().split()
    if not names:
        raise ConfigError(("Nobody is named on stdin; give names, separated by blanks or lines.",))
    return names


def _show_people(people: list[Person]) -> None:
    from acd.cli.words import count

    if not people:
        say("Nobody in the roster is like that.")
        return
    shown = table("Agent", "Site", "Phone", "Place", "Skills", folds="Skills")
    for person in people:
        place = "home" if person.home else "office"
        skills = " ".join(f"{skill}:{level}" for skill, level in person.skills.items())
        shown.add_row(
            person.id,
            person.site,
            "" if person.endpoint == person.id else person.endpoint,
            place if person.country in {"", "IT"} else f"{place} {person.country}",
            skills,
        )
    console().print(shown)
    complain(count(len(people), "agent"))
