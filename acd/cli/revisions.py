"""``acd diff``, ``apply``, ``confirm``, ``history``, ``rollback``, ``reload``: revisions at the terminal.

What is applied are the files on the ACD's own disk. A command that changes something first looks at what runs
and what would change, and the change is made only if both are still the same then. While the ACD rests, the
same is done in its store and holds when it starts.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.moments import SPAN
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
    from acd.cli.answers import DiffTold, RevisionFiles, Revisions, Running
    from acd.cli.client import Client

__all__ = ["apply", "confirm", "diff", "history", "reload", "rollback"]

Reason = Annotated[str, typer.Option("--reason", "-r", help="Why, in one line; it is audited.")]
Force = Annotated[
    bool, typer.Option("--force", help="Although a guard objects; the reason has 10 characters or more.")
]
Within = Annotated[
    str, typer.Option("--confirm-within", help=f"Undone by itself unless confirmed so soon: {SPAN}.")
]
Number = Annotated[int, typer.Argument(min=1, metavar="REV", help="As `acd history` shows it.")]

SHOWN_MAX = 40
"""Changes that `acd apply` tells; `acd diff` tells all."""


def diff(
    number: Annotated[
        int | None, typer.Argument(min=1, metavar="[REV]", help="An earlier revision, not the files.")
    ] = None,
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Say what the files on the ACD's disk would change, and for whom.

    Exit 0: nothing. Exit 1: something. Exit 2: it cannot be said, for the files have mistakes.
    """
    from acd.cli.books import open_books
    from acd.cli.revision_words import told

    with ending(), open_books(config, url, token_env, os.environ) as client:
        found = _difference(client, lang, number)
    if as_json:
        show_json(found)
    elif found.same and number is not None:
        say(told(lang, "same.revision", number=number))
    else:
        _show_difference(found, lang)
    raise typer.Exit(Exit.UNUSABLE if found.findings else Exit.DONE if found.same else Exit.REFUSED)


def apply(
    reason: Reason = "",
    within: Within = "",
    force: Force = False,
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Check the files on the ACD's disk whole, make them the next revision, put it in force.

    Calls that wait keep their age and come under it within two seconds. Exit 1: refused, nothing was changed.
    """
    _apply(reason, within, lang, (config, url, token_env), force=force, as_json=as_json)


def reload(
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Do as `acd apply` without a word: what SIGHUP does, but it tells what came of it.

    Exit 1: refused, nothing was changed.
    """
    _apply("reload", "", lang, (config, url, token_env), force=False, as_json=as_json)


def confirm(
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Let the revision stay that would undo itself."""
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.revision_words import told

    with ending(), open_books(config, url, token_env, os.environ) as client:
        running = _running(client)
        running = _change(client, path("config", "confirm"), running.number, {}, lang)
    if as_json:
        show_json(running)
    else:
        say(told(lang, "confirmed", number=running.number))


def rollback(
    number: Number,
    reason: Reason = "",
    force: Force = False,
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Make a new revision that says what an earlier one said, and put it in force.

    The files on the disk stay as they are, and wait until somebody applies or changes them.
    """
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.revision_words import told

    body: dict[str, object] = {"revision": number, "reason": reason, "force": force}
    with ending(), open_books(config, url, token_env, os.environ) as client:
        running = _running(client)
        running = _change(client, path("config", "rollback"), running.number, body, lang)
    if as_json:
        show_json(running)
        return
    say(told(lang, "back", number=running.number, of=number))
    if running.disk_differs:
        complain(told(lang, "back.disk"))


def history(
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="So many.")] = 20,
    number: Annotated[
        int | None, typer.Option("--show", min=1, metavar="REV", help="One of them, with its files.")
    ] = None,
    lang: Language = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Show the revisions, the newest first: who made them, when and why."""
    from acd.cli.answers import RevisionFiles, Revisions
    from acd.cli.books import open_books
    from acd.cli.client import path

    with ending(), open_books(config, url, token_env, os.environ) as client:
        if number is not None:
            whole = client.get(path("config", "revisions", str(number)), RevisionFiles)
            _show_files(whole, as_json=as_json)
            return
        found = client.get(path("config", "revisions"), Revisions, limit=count)
    if as_json:
        show_json(found)
        return
    _show_history(found, lang)


# ── asked ────────────────────────────────────────────────────────────────────────────────────


def _apply(
    reason: str, within: str, lang: str, place: tuple[Path, str, str], *, force: bool, as_json: bool
) -> None:
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.moments import span_ms

    config, url, token_env = place
    with ending(), open_books(config, url, token_env, os.environ) as client:
        body: dict[str, object] = {"reason": reason, "force": force}
        if within:
            body["confirm_within_s"] = span_ms(within) // 1_000
        looked = _difference(client, lang, None)
        if not as_json and looked.changes and not looked.findings:
            _show_difference(looked, lang, most=SHOWN_MAX)
        body["digest"] = looked.digest
        running = _change(client, path("config", "apply"), looked.number, body, lang)
    if as_json:
        show_json(running)
    else:
        _show_applied(looked, running, lang)


def _difference(client: Client, lang: str, number: int | None) -> DiffTold:
    from acd.cli.answers import DiffTold
    from acd.cli.client import path

    return client.search(path("config", "diff"), DiffTold, lang=lang, revision=number)


def _running(client: Client) -> Running:
    from acd.cli.answers import Running
    from acd.cli.client import path

    return client.get(path("config"), Running)


def _change(client: Client, target: str, number: int, body: dict[str, object], lang: str) -> Running:
    """Ask for a change to the revision we have looked at."""
    import msgspec

    from acd.cli.answers import Running

    answer = client.ask(
        "POST",
        target,
        query={"lang": lang},
        body=msgspec.json.encode(body),
        headers={"If-Match": f'"{number}"'},
    )
    return msgspec.json.decode(answer, type=Running)


# ── shown ────────────────────────────────────────────────────────────────────────────────────


def _show_difference(found: DiffTold, lang: str, most: int | None = None) -> None:
    from acd.cli.revision_words import told

    if found.findings:
        complain(told(lang, "findings", count=len(found.findings)))
        for finding in found.findings:
            complain(finding)
        return
    if found.same:
        say(told(lang, "same"))
        return
    for change in found.changes[:most]:
        say(change.sentence)
    if most is not None and len(found.changes) > most:
        say(f"… + {len(found.changes) - most} (acd diff)")
    sentences = [sentence for queue in found.touched for sentence in queue.sentences]
    if sentences:
        say(told(lang, "touched"))
        for sentence in sentences:
            say(f"  {sentence}")
    elif found.touched:
        say(told(lang, "touched.none", queues=", ".join(queue.queue for queue in found.touched)))
    if found.objections:
        complain(told(lang, "objections"))
        for objection in found.objections:
            complain(f"  {objection.sentence}")


def _show_applied(looked: DiffTold, running: Running, lang: str) -> None:
    from acd.cli.revision_words import told
    from acd.cli.words import moment

    if running.number == 0:
        say(told(lang, "in_force.files"))
    elif running.number == looked.number:
        say(told(lang, "unchanged", number=running.number))
    else:
        say(told(lang, "in_force", number=running.number))
        if running.revision is not None and running.revision.confirm_by_ms is not None:
            complain(told(lang, "confirm", at=moment(running.revision.confirm_by_ms)))


def _show_files(whole: RevisionFiles, *, as_json: bool) -> None:
    if as_json:
        show_json(whole)
        return
    for name, text in whole.files.items():
        say(f"==> {name} <==")
        print(text, end="" if text.endswith("\n") else "\n")


def _show_history(found: Revisions, lang: str) -> None:
    from acd.cli.revision_words import told
    from acd.cli.words import moment

    headings = told(lang, "columns").split(",")
    shown = table(*headings, right=(headings[0],), folds=headings[-1])
    for one in found.items:
        origin = told(lang, one.origin)
        how = told(lang, "of", origin=origin, of=one.of) if one.of is not None else origin
        waits = one.confirm_by_ms is not None and one.confirmed_ms is None and one is found.items[0]
        why = [one.reason] if one.reason else []
        if waits:
            why.append(told(lang, "waits", at=moment(one.confirm_by_ms or 0)))
        shown.add_row(str(one.number), moment(one.made_ms), one.author, how, "; ".join(why))
    console().print(shown)
