"""The commands that look at the calls: the whole screen, queues, calls, offices."""

from __future__ import annotations

import os
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
from acd.errors import AcdError

if TYPE_CHECKING:
    from acd.cli.answers import Status
    from acd.cli.place import Place

__all__ = ["calls", "offices", "queues", "status"]

LINES_OF_A_PIPE = 24
EVERY_S = 2.0
CALLS = 100


def status(
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Draw it again and again.")] = False,
    every_s: Annotated[
        float, typer.Option("--every", min=0.5, max=3600, help="Seconds between two drawings.")
    ] = EVERY_S,
    everything: Annotated[bool, typer.Option("--all", help="Every queue, office in use and site.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the running ACD on one screen.

    Exit 0: calls can be routed. Exit 1: it runs and is not ready. Exit 2: nobody answers, or not to us.
    """
    from acd.cli.place import reach

    try:
        place = reach(config, url, token_env, os.environ)
        if watch:
            ended = _watch(place, every_s, everything=everything, as_json=as_json)
        else:
            now = _look(place)
            _show(now, everything=everything, as_json=as_json)
            ended = _exit(now)
    except AcdError as error:
        complain(str(error))
        raise typer.Exit(Exit.UNUSABLE) from None
    raise typer.Exit(ended)


def queues(
    config: ConfigFile = CONFIG, url: Url = "", token_env: TokenEnv = "", as_json: AsJson = False
) -> None:
    """List all queues, those in trouble first."""
    import msgspec

    from acd.cli.client import Client, path
    from acd.cli.place import reach
    from acd.cli.status import by_trouble, queue_table
    from acd.core.views import QueueView

    with ending(), Client(reach(config, url, token_env, os.environ)) as client:
        items = list(client.items(path("queues")))
        if as_json:
            show_json({"items": items})
            return
        found = by_trouble([msgspec.json.decode(raw, type=QueueView) for raw in items])
        screen = console()
        screen.print(queue_table(found, screen.width))


def calls(
    queue: Annotated[str, typer.Option("--queue", "-q", help="Only calls of this queue.")] = "",
    most: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")] = CALLS,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """List calls in progress, the oldest first."""
    import msgspec

    from acd.cli.client import Client, path
    from acd.cli.place import reach
    from acd.cli.words import clock
    from acd.core.views import CallView

    with ending(), Client(reach(config, url, token_env, os.environ)) as client:
        items = list(client.items(path("calls"), most=most, queue=queue))
        if as_json:
            show_json({"items": items})
            return
        if not items:
            say("No call is in progress.")
            return
        shown = table("Call", "Queue", "State", "Waited", "Offers", right=("Waited", "Offers"), folds="Queue")
        for raw in items:
            call = msgspec.json.decode(raw, type=CallView)
            shown.add_row(call.id, call.queue, call.state, clock(call.wait_ms), str(call.offers))
        console().print(shown)
        if len(items) == most:
            complain(f"The first {most} are shown; --limit shows more.")


def offices(
    busy: Annotated[bool, typer.Option("--in-use", help="Only offices with a call now.")] = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """List the provincial offices: how full their lines are, who is open, who is left alone and why."""
    import msgspec
    from rich.text import Text

    from acd.cli.client import Client, path
    from acd.cli.place import reach
    from acd.cli.words import office_state
    from acd.core.views import OfficeView

    with ending(), Client(reach(config, url, token_env, os.environ)) as client:
        found = [(raw, msgspec.json.decode(raw, type=OfficeView)) for raw in client.items(path("offices"))]
        found = [(raw, office) for raw, office in found if office.in_use or not busy]
        if as_json:
            show_json({"items": [raw for raw, _ in found]})
            return
        if not found:
            say("No office has a call now." if busy else "The rules name no office.")
            return
        shown = table(
            "Office", "Name", "Province", "In use", "Lines", "State", right=("In use", "Lines"), folds="Name"
        )
        for _, office in found:
            words, style = office_state(office)
            shown.add_row(
                office.id,
                office.name,
                office.province,
                str(office.in_use),
                str(office.capacity),
                Text(words, style=style),
            )
        console().print(shown)


def _look(place: Place) -> Status:
    from acd.cli.client import Client
    from acd.cli.status import look

    with Client(place) as client:
        return look(client)


def _show(now: Status, *, everything: bool, as_json: bool) -> None:
    from acd.cli.status import draw

    if as_json:
        show_json(now)
        return
    screen = console()
    lines = screen.height - 1 if screen.is_terminal else LINES_OF_A_PIPE
    screen.print(draw(now, columns=screen.width, lines=None if everything else lines))


def _exit(now: Status) -> Exit:
    return Exit.DONE if now.ready else Exit.REFUSED


def _watch(place: Place, every_s: float, *, everything: bool, as_json: bool) -> Exit:
    """Draw until Ctrl-C; returns the status of what was seen last."""
    import time

    from rich.live import Live
    from rich.text import Text

    from acd.cli.status import draw

    screen = console()
    if not as_json and not screen.is_terminal:
        raise AcdError("--watch draws on a terminal; into a pipe give --json too, one object per line.")
    ended = Exit.UNUSABLE
    live = None if as_json else Live(console=screen, screen=True, auto_refresh=False)
    try:
        if live is not None:
            live.start()
        while True:
            try:
                now = _look(place)
                ended = _exit(now)
                if live is None:
                    show_json(now)
                else:
                    lines = None if everything else screen.height - 1
                    live.update(draw(now, columns=screen.width, lines=lines), refresh=True)
            except AcdError as error:
                ended = Exit.UNUSABLE
                if live is None:
                    raise
                live.update(Text(str(error), style="bold red"), refresh=True)
            time.sleep(every_s)
    except KeyboardInterrupt:
        return ended
    finally:
        if live is not None:
            live.stop()
