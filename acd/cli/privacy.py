"""``acd privacy`` and ``acd transparency``: what may be shown and kept, and the sheet that says so."""

from __future__ import annotations

import os
import re
from pathlib import Path
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
    from collections.abc import Mapping

    from acd.rules.privacy import Privacy

__all__ = ["privacy", "transparency"]

privacy = typer.Typer(
    help="What is shown and kept: look, remove what is old.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

AGE = re.compile(r"([1-9][0-9]{0,4})([dh])")
KINDS = ("ledger", "slots", "overrides", "line_checks", "journal")
"""As ``acd.runtime.retention`` has them, whose import a help text is not worth."""

Kinds = Annotated[
    list[str] | None,
    typer.Argument(help="Which of ledger, slots, overrides, line_checks, journal; else all."),
]


@privacy.command("show")
def show(
    config: ConfigFile = CONFIG, url: Url = "", token_env: TokenEnv = "", as_json: AsJson = False
) -> None:
    """Show the profile in force: the least group, what is kept how long, agreement, who is responsible."""
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.rules.privacy import Privacy

    with ending(), open_books(config, url, token_env, os.environ) as client:
        found = client.get(path("privacy"), Privacy)
    if as_json:
        show_json(found)
        return
    shown = table("What", "In force", folds="In force")
    for name, value in _rows(found):
        shown.add_row(name, value)
    console().print(shown)


@privacy.command("purge")
def purge(
    kinds: Kinds = None,
    older_than: Annotated[
        str,
        typer.Option("--older-than", help="Over for so long: 30d, 12h; else as the profile says."),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Remove what is older, for good: what the profile no longer allows, or what you say.

    What the profile does not allow goes by itself every day. It is audited, with kinds and numbers. Exit 1:
    you said no; nothing was removed.
    """
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.words import count
    from acd.rules.privacy import Privacy

    with ending():
        hours = _hours(older_than) if older_than else None
        wanted = _wanted(kinds or [])
        with open_books(config, url, token_env, os.environ) as client:
            if not yes:
                _ask(wanted, client.get(path("privacy"), Privacy), older_than)
            wish = {"kinds": wanted, "older_than_hours": hours}
            done = client.post(path("privacy", "purge"), dict[str, list[dict[str, str | int]]], wish)
    if as_json:
        show_json(done)
        return
    for one in done["items"]:
        what = ("segment", "segments") if one["kind"] == "journal" else ("row", "rows")
        say(f"{one['kind']}: {count(int(one['count']), *what)} removed")


def transparency(
    page: Annotated[bool, typer.Option("--html", help="A page for the browser and for paper.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Into this file, not to stdout.")] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Of the files of the settings, though they are not in force.")
    ] = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Write the transparency sheet of the rules in force.

    It is in Italian, as D.Lgs. 152/1997 art. 1-bis asks, and names the revision and its digest. --draft
    is for telling people before a change: at least 24 hours, says the law, where it concerns their work.
    """
    from acd.cli.books import open_books
    from acd.cli.client import path

    form = "html" if page else "markdown"
    with ending():
        if draft:
            found = _drawn(config, form)
        else:
            with open_books(config, url, token_env, os.environ) as client:
                found = client.get(path("transparency"), dict[str, str | int | None], form=form)
        text = str(found["text"])
        if out is not None:
            _write(out, text)
    if as_json:
        show_json(found)
    elif out is None:
        print(text, end="")
    else:
        complain(f"{out}: {_which(found)}")


def _rows(found: Privacy) -> list[tuple[str, str]]:
    from acd.cli.words import count

    who, agreement = found.responsible, found.agreement
    nobody = "nobody entered"
    rows = [
        ("Says who", "privacy.yaml" if found.from_file else "the settings and the defaults: no privacy.yaml"),
        ("Least group shown", count(found.k_min, "person", "persons")),
        *((kind, _age(kind, found)) for kind in KINDS),
        ("audit, revisions, transition", "for good"),
    ]
    if agreement is None:
        rows.append(("Agreement", "none: nothing is unlocked"))
    else:
        unlocks = ", ".join(agreement.unlocks) or "nothing"
        rows.append(("Agreement", f"{agreement.reference}, {agreement.date}, {agreement.scope}"))
        rows.append(("Unlocks", unlocks))
    rows += [
        ("Controller", who.controller or nobody),
        ("Answers for the system", who.system or nobody),
        ("Contact", who.contact or nobody),
        ("Data protection", who.data_protection or nobody),
    ]
    return rows


def _age(kind: str, found: Privacy) -> str:
    from acd.cli.words import count

    kept = found.retention
    return count(kept.journal_hours, "hour") if kind == "journal" else count(kept.days()[kind], "day")


def _ask(wanted: tuple[str, ...], found: Privacy, older_than: str) -> None:
    """Have it confirmed, or end with 1."""
    told = [f"{kind} older than {older_than or _age(kind, found)}" for kind in wanted]
    complain(f"To be removed for good: {'; '.join(told)}.")
    if not typer.confirm("Remove?", err=True):
        complain("Nothing was removed.")
        raise typer.Exit(Exit.REFUSED)


def _wanted(kinds: list[str]) -> tuple[str, ...]:
    """These kinds, or all, in the order in which they are told.

    Raises:
        ConfigError: one is not known.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise ConfigError((f"{kind!r} is not kept for a time: it is one of {', '.join(KINDS)}.",))
    return tuple(kind for kind in KINDS if not kinds or kind in kinds)


def _hours(text: str) -> int:
    """Hours of ``30d`` or ``12h``.

    Raises:
        ConfigError: it is none.
    """
    found = AGE.fullmatch(text)
    if found is None:
        raise ConfigError((f"--older-than {text!r} is no age: write days or hours, such as 30d or 12h.",))
    return int(found[1]) * (24 if found[2] == "d" else 1)


def _drawn(config: Path, form: str) -> Mapping[str, str | int | None]:
    """The sheet of the files of the settings, whoever runs."""
    from acd.cli.place import local_settings
    from acd.rules.load import load_rules
    from acd.rules.privacy import read_privacy
    from acd.transparency.html import html
    from acd.transparency.markdown import markdown
    from acd.transparency.sheet import Issue, write_sheet

    settings = local_settings(config, os.environ)
    rules = load_rules(settings.rules).rules
    sheet = write_sheet(rules, read_privacy(settings.privacy, settings), Issue())
    text = html(sheet) if form == "html" else markdown(sheet)
    return {"number": None, "digest": "", "rules": rules.revision, "text": text}


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RequestError(f"{out} cannot be written: {error.strerror or error}.") from None


def _which(found: Mapping[str, str | int | None]) -> str:
    number = found["number"]
    return f"the sheet of revision {number}" if number is not None else "a draft, of rules not in force"
