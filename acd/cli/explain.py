"""``acd explain``: what happened to a call, in plain sentences."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from acd.cli.past import Language, Purpose
from acd.cli.terminal import CONFIG, AsJson, ConfigFile, TokenEnv, Url, ending, say, show_json

__all__ = ["explain"]


def explain(
    call: Annotated[str, typer.Argument(help="The call: its id, as `acd calls` and the ledger have it.")],
    purpose: Purpose,
    agents: Annotated[bool, typer.Option("--agents", help="Name agents, not only their sites.")] = False,
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Tell a call's story in order of time.

    It comes from the journal, whether the ACD runs or not, and that you looked is audited with your purpose.
    """
    from acd.cli.answers import StoryTold
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.journal.telling import moment

    with ending(), open_books(config, url, token_env, os.environ) as client:
        wanted: dict[str, object] = {"purpose": purpose, "lang": lang, "agents": agents or None}
        told = client.search(path("calls", call, "story"), StoryTold, **wanted)
    if as_json:
        show_json(told)
        return
    for event in told.events:
        say(f"{moment(event.at_ms)}  {event.sentence}")
