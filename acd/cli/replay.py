"""``acd replay``: run a journal again, and prove that every order comes out byte for byte."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from acd.cli.terminal import CONFIG, AsJson, ConfigFile, Exit, complain, ending, say, show_json

__all__ = ["replay"]


def replay(
    journal: Annotated[
        list[Path] | None, typer.Argument(help="Segments or folders; else the journal of the settings.")
    ] = None,
    config: ConfigFile = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Run a journal again, to the byte.

    Exit 1: an order came out otherwise; the first one is named, with its fact and its moment.
    """
    import gc

    import msgspec

    from acd.cli.past import open_journal
    from acd.cli.words import count
    from acd.journal.replaying import replay as again
    from acd.journal.telling import moment

    gc.disable()
    with ending():
        found = again(open_journal(journal or (), config, os.environ))
    other = found.difference
    if as_json:
        show_json({**msgspec.structs.asdict(found), "facts_per_s": round(found.facts_per_s)})
        raise typer.Exit(Exit.DONE if other is None else Exit.REFUSED)
    for file in found.skipped:
        complain(f"not replayed, for what came before it is gone: {file}")
    told = f"{count(found.facts, 'fact')} in {found.took_s:.1f} s, {found.facts_per_s:,.0f} a second"
    if other is None:
        say(f"the same, byte for byte: {count(found.orders, 'order')} of {told}")
        say(f"from {moment(found.from_ms)} to {moment(found.until_ms)}")
        return
    say(f"after {told}, order {other.order} of fact {other.fact_number} at {moment(other.at_ms)} is another:")
    say(f"  fact      {other.fact}")
    say(f"  expected  {other.expected or 'no order'}")
    say(f"  got       {other.got or 'no order'}")
    say(f"  {other.segment}, written by version {other.version}")
    raise typer.Exit(Exit.REFUSED)
