"""``acd state``: queues, offices and groups of people as they were at a moment of the last hours.

Groups are merged as they are in the metrics: nobody can be told from them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from acd.cli.terminal import CONFIG, AsJson, ConfigFile, console, ending, say, show_json

__all__ = ["state"]


def state(
    at: Annotated[str, typer.Option("--at", help="The moment, as 2022-12-01T09:31 on Rome's clock.")],
    journal: Annotated[
        list[Path] | None, typer.Option("--journal", help="A folder; else the journal of the settings.")
    ] = None,
    config: ConfigFile = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show the centre as it was at a moment."""
    import gc

    import msgspec

    from acd.cli.past import instant, least_group, open_journal
    from acd.cli.status import draw_then
    from acd.core import pictures
    from acd.journal.replaying import begin, until
    from acd.journal.telling import moment
    from acd.metrics.privacy import protect

    gc.disable()
    with ending():
        at_ms = instant(at)
        k = least_group(config, os.environ)
        run = open_journal(journal or (), config, os.environ).chain_to(at_ms)
        engine = begin(run.segments[0])
        until(engine, run, at_ms)
    world = engine.world
    found = pictures.summary(world)
    counts = msgspec.structs.replace(found, agents=protect(found.agents, k).groups)
    queues, offices = pictures.queues(world), pictures.offices(world)
    if as_json:
        revision = world.rules.revision
        show_json(
            {"at_ms": at_ms, "revision": revision, "counts": counts, "queues": queues, "offices": offices}
        )
        return
    screen = console()
    say(f"{moment(at_ms)}  rules {world.rules.revision}, since the process began:")
    screen.print(draw_then(counts, queues, offices, columns=screen.width))
