"""``acd why-not``: why an agent did not get a call."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from acd.cli.past import Language, Purpose
from acd.cli.terminal import CONFIG, AsJson, ConfigFile, TokenEnv, Url, ending, say, show_json

__all__ = ["why_not"]


def why_not(
    call: Annotated[str, typer.Option("--call", help="The call's id.")],
    agent: Annotated[str, typer.Option("--agent", help="The agent's id.")],
    purpose: Purpose,
    at: Annotated[
        str, typer.Option("--at", help="The moment, on Rome's clock; else when somebody was last chosen.")
    ] = "",
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Say why an agent did not get a call.

    The moment is replayed from the journal; that you looked is audited with your purpose.
    """
    from acd.cli.answers import WhyNotTold
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.past import instant

    with ending(), open_books(config, url, token_env, os.environ) as client:
        at_ms = instant(at) if at else None
        wanted: dict[str, object] = {"purpose": purpose, "lang": lang, "agent": agent, "at_ms": at_ms}
        told = client.search(path("calls", call, "why-not"), WhyNotTold, **wanted)
    if as_json:
        show_json(told)
    else:
        say(told.sentence)
