"""``acd token`` and ``acd code``: who may use the API, and who among the callers has a priority class.

A secret is shown once, on stdout alone, so that a script takes it as it is; nobody can ask for it again.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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

if TYPE_CHECKING:
    import datetime as dt

    from acd.cli.answers import TokenShown

__all__ = ["check_digit", "code", "token"]

token = typer.Typer(
    help="Tokens of the API: make, list, revoke.", rich_markup_mode=None, no_args_is_help=True
)
code = typer.Typer(
    help="Personal codes of callers with priority: make, import.", rich_markup_mode=None, no_args_is_help=True
)

DIGITS = 10
"""Of a personal code, the check digit included."""
CODE = re.compile(r"[0-9]{4,16}")
CODES_MAX = 10_000
DAYS = 90
DAYS_OF_CODES = 365

Days = Annotated[int, typer.Option("--days", min=1, help="So many days it is good.")]
PriorityClass = Annotated[str, typer.Option("--class", help="A priority class of the rules.")]


@token.command("create")
def create_token(
    name: Annotated[str, typer.Option("--name", help="Who it is for: what the audit will show.")],
    role: Annotated[
        Literal["agent", "viewer", "supervisor", "operator", "admin"],
        typer.Option("--role", help="Each but agent may also do what those before it may."),
    ],
    sites: Annotated[str, typer.Option("--sites", help="Only people of these sites: roma,bari.")] = "",
    agent: Annotated[str, typer.Option("--agent", help="Whose it is, for the role agent.")] = "",
    days: Days = DAYS,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Make a token; its secret is shown this once."""
    from acd.cli.answers import NewToken
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.words import day

    wish = {
        "name": name,
        "role": role,
        "sites": [site for site in re.split(r"[,\s]+", sites) if site],
        "agent": agent or None,
        "days": days,
    }
    with ending(), open_books(config, url, token_env, os.environ) as client:
        made = client.post(path("tokens"), NewToken, wish)
    if as_json:
        show_json(made)
        return
    shown = made.token
    complain(
        f"Token {shown.id} of {shown.name}, {shown.role}, good until {day(shown.expires_ms)}. Its secret:"
    )
    print(made.secret)


@token.command("list")
def list_tokens(
    config: ConfigFile = CONFIG, url: Url = "", token_env: TokenEnv = "", as_json: AsJson = False
) -> None:
    """List the tokens of the store, the oldest first; those of the settings are not among them."""
    import time

    import msgspec

    from acd.cli.answers import TokenShown
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.words import day

    with ending(), open_books(config, url, token_env, os.environ) as client:
        found = [msgspec.json.decode(raw, type=TokenShown) for raw in client.items(path("tokens"))]
    if as_json:
        show_json({"items": found})
        return
    if not found:
        say("There is no token in the store; `acd token create` makes one.")
        return
    shown = table("Id", "Name", "Role", "For", "Made", "Good until", "State", folds="For")
    for each in found:
        shown.add_row(
            each.id,
            each.name,
            each.role,
            each.agent or " ".join(each.sites) or "all",
            day(each.created_ms),
            day(each.expires_ms),
            _state(each, int(time.time() * 1000)),
        )
    console().print(shown)


@token.command("revoke")
def revoke_token(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As `acd token list` shows it.")],
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Revoke a token: it opens nothing from now on."""
    from acd.cli.answers import TokenShown
    from acd.cli.books import open_books
    from acd.cli.client import path

    with ending(), open_books(config, url, token_env, os.environ) as client:
        revoked = client.delete(path("tokens", token_id), TokenShown)
    if as_json:
        show_json(revoked)
    else:
        say(f"The token {revoked.id} of {revoked.name} opens nothing any more.")


@code.command("generate")
def generate_codes(
    priority_class: PriorityClass,
    count: Annotated[int, typer.Option("--count", min=1, max=CODES_MAX, help="So many codes.")] = 1,
    days: Days = DAYS_OF_CODES,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Make personal codes of 10 digits, the last a check digit (Luhn); they are shown this once."""
    made: set[str] = set()
    while len(made) < count:
        body = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}}"
        made.add(body + check_digit(body))
    codes = sorted(made)
    _keep(codes, priority_class, days, config, url, token_env, as_json=as_json, show=True)


@code.command("import")
def import_codes(
    file: Annotated[Path, typer.Argument(help="One code of 4 to 16 digits a line; '-' is stdin.")],
    priority_class: PriorityClass,
    days: Days = DAYS_OF_CODES,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Keep personal codes that were made elsewhere."""
    from acd.cli.files import read_text

    with ending():
        lines = read_text(file).splitlines()
    found = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    wrong = list(_wrong_codes(file, found))
    for finding in wrong:
        complain(finding)
    if wrong:
        raise typer.Exit(Exit.REFUSED)
    codes = [line for _, line in found]
    _keep(codes, priority_class, days, config, url, token_env, as_json=as_json, show=False)


def check_digit(digits: str) -> str:
    """The digit that makes ``digits`` pass the check of ISO/IEC 7812-1 annex B (Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def _wrong_codes(file: Path, found: list[tuple[int, str]]) -> Iterator[str]:
    first: dict[str, int] = {}
    if not found:
        yield f"{file}: there is no code in this file; write one a line."
    for number, line in found:
        if CODE.fullmatch(line) is None:
            yield f"{file}:{number}: this is no code: 4 to 16 digits, and nothing else."
        elif line in first:
            yield f"{file}:{number}: this code stands in line {first[line]} already; keep one of the two."
        first.setdefault(line, number)


def _keep(
    codes: list[str],
    priority_class: str,
    days: int,
    config: Path,
    url: str,
    token_env: str,
    *,
    as_json: bool,
    show: bool,
) -> None:
    from acd.cli.answers import Kept
    from acd.cli.books import open_books
    from acd.cli.client import path
    from acd.cli.words import count

    expires = _last_day(days)
    total = 0
    with ending(), open_books(config, url, token_env, os.environ, hash_key=True) as client:
        for start in range(0, len(codes), CODES_MAX):
            some = codes[start : start + CODES_MAX]
            body = {"priority_class": priority_class, "codes": some, "expires": expires}
            total = client.post(path("codes"), Kept, body).total
    if as_json:
        told = {"priority_class": priority_class, "expires": expires, "kept": len(codes), "total": total}
        show_json({**told, "codes": codes} if show else told)
        return
    complain(
        f"{count(len(codes), 'personal code')} of the class {priority_class}, good until {expires}; "
        f"{count(total, 'code')} in all."
    )
    if show:
        print("\n".join(codes))


def _last_day(days: int) -> dt.date:
    """The last day a code made now is good."""
    import datetime as dt
    import zoneinfo

    return dt.datetime.now(tz=zoneinfo.ZoneInfo("Europe/Rome")).date() + dt.timedelta(days=days)


def _state(shown: TokenShown, now_ms: int) -> str:
    if shown.revoked_ms is not None:
        return "revoked"
    return "good" if now_ms < shown.expires_ms else "expired"
