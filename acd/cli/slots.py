"""``acd slots``: a volunteer's own slots, and the sums of all.

Own slots need the agent's own token (ACD_TOKEN): nobody else is shown them, an admin neither. ``acd slots
sums`` is for operators; it names offices and kinds, and no group of few people.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Final

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
from acd.errors import Forbidden, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from acd.cli.answers import FlagTold, HoursTold, SlotsTold, SlotTold, TotalTold
    from acd.cli.client import Client

__all__ = ["slots"]

HOUR_MS: Final = 3_600_000

slots = typer.Typer(
    help="A volunteer's own slots; the sums of all.", rich_markup_mode=None, no_args_is_help=False
)

Office = Annotated[str, typer.Argument(help="The office whose volunteer you are.", show_default=False)]
Begin = Annotated[
    str, typer.Argument(help="Rome's clock, such as 2026-11-26T09:00; or now.", show_default=False)
]
End = Annotated[str, typer.Argument(help="The same, or only 13:00 of that day.", show_default=False)]
Kind = Annotated[str, typer.Option("--kind", help="ordinary, overtime or holiday.")]
Place = Annotated[str, typer.Option("--place", help="office or home.")]
Lang = Annotated[str, typer.Option("--lang", help="it or en.")]
Number = Annotated[int, typer.Argument(help="The slot's number.", show_default=False)]
Month = Annotated[str, typer.Argument(help="Such as 2026-11.", show_default=False)]
AsCsv = Annotated[bool, typer.Option("--csv", help="A table for a spreadsheet.")]


@slots.callback(invoke_without_command=True)
def mine(
    context: typer.Context,
    past: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """List your slots; what else there is to do with slots."""
    if context.invoked_subcommand is not None:
        return
    from acd.cli.answers import SlotsTold

    with ending(), _client(config, url, token_env) as client:
        found = client.get(_path(client), SlotsTold, since_ms=0 if past else _now_ms())
        if as_json:
            show_json(found)
        else:
            _show(found)


@slots.command()
def check(
    office: Office,
    begin: Begin,
    end: End,
    kind: Kind = "ordinary",
    place: Place = "office",
    lang: Lang = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Say what is odd about a slot, before you accept it; exit status 1: it would be refused."""
    import msgspec

    from acd.cli.answers import CheckTold

    with ending(), _client(config, url, token_env) as client:
        query = {**_offered(office, begin, end, kind, place), "lang": lang}
        told = msgspec.json.decode(client.ask("GET", _path(client, "check"), query=query), type=CheckTold)
    if as_json:
        show_json(told)
    elif not told.flags:
        say("Nothing stands against it.")
    else:
        _tell(told.flags)
    raise typer.Exit(Exit.DONE if told.acceptable else Exit.REFUSED)


@slots.command()
def accept(
    office: Office,
    begin: Begin,
    end: End,
    kind: Kind = "ordinary",
    place: Place = "office",
    lang: Lang = "it",
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Opt in: from its begin to its end you may log in and be rung."""
    from acd.cli.answers import AcceptedTold

    with ending(), _client(config, url, token_env) as client:
        offered = _offered(office, begin, end, kind, place)
        told = client.post(_path(client), AcceptedTold, offered, lang=lang)
    if as_json:
        show_json(told)
        return
    _tell(told.flags)
    say(f"Accepted: slot {told.slot.id}, {_times(told.slot)}.")


@slots.command()
def withdraw(
    number: Number,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Opt out, at once: after the present call and its wrap-up you are logged out."""
    with ending(), _client(config, url, token_env) as client:
        slot = _mark(client, number, "withdraw")
    if as_json:
        show_json(slot)
    else:
        say(f"Withdrawn: slot {slot.id}, {_times(slot)}. What you worked of it until now stays.")


@slots.command()
def confirm(
    number: Number,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Say that the time of a slot that is over is right: it goes to payroll, in sums."""
    with ending(), _client(config, url, token_env) as client:
        slot = _mark(client, number, "confirm")
    if as_json:
        show_json(slot)
    else:
        say(f"Confirmed: slot {slot.id}, {_times(slot)}.")


@slots.command()
def totals(
    month: Month,
    as_csv: AsCsv = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Your hours of a month, by kind and place."""
    from acd.cli.answers import TotalsTold

    with ending(), _client(config, url, token_env) as client:
        if as_csv:
            from acd.cli.client import path

            query = {"month": month}
            text = client.ask("GET", path("agents", _me(client), "slots.csv"), query=query, accept="text/csv")
            print(text.decode(), end="")
            return
        told = client.get(_path(client, "totals"), TotalsTold, month=month)
    if as_json:
        show_json(told)
    else:
        _show_totals(told.items)


@slots.command()
def sums(
    month: Month,
    as_csv: AsCsv = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Hours lent by each office and hours by kind, of a month that is over; nobody is named."""
    from acd.cli.answers import HoursTold
    from acd.cli.client import path

    with ending(), _client(config, url, token_env) as client:
        told = client.get(path("volunteers", "hours"), HoursTold, month=month)
    if as_json:
        show_json(told)
    elif as_csv:
        from acd.volunteering.sums import Lent, lent_csv

        print(lent_csv(Lent(month=told.month, offices=told.offices, kinds=told.kinds)), end="")
    else:
        _show_sums(told)


# ── asking ───────────────────────────────────────────────────────────────────────────────────


def _client(config: ConfigFile, url: str, token_env: str) -> Client:
    from acd.cli.client import Client
    from acd.cli.place import reach

    return Client(reach(config, url, token_env, os.environ))


def _me(client: Client) -> str:
    """Whose token this is."""
    from acd.cli.answers import Asker
    from acd.cli.client import path

    agent = client.get(path("me"), Asker).agent
    if agent is None:
        raise Forbidden(
            "Slots are told to their own agent alone: put the agent's token into ACD_TOKEN "
            "('acd token create --role agent --agent NAME' makes one)."
        )
    return agent


def _path(client: Client, *more: str) -> str:
    from acd.cli.client import path

    return path("agents", _me(client), "slots", *more)


def _mark(client: Client, number: int, verb: str) -> SlotTold:
    from acd.cli.answers import SlotTold

    return client.post(_path(client, str(number), verb), SlotTold)


def _now_ms() -> int:
    import time

    return round(time.time() * 1000)


def _offered(office: str, begin: str, end: str, kind: str, place: str) -> dict[str, object]:
    from acd.store.records import SlotKind, SlotPlace
    from acd.volunteering.rome import moment_ms, moment_told

    for word, known in ((kind, SlotKind), (place, SlotPlace)):
        if word not in list(known):
            raise RequestError(f"'{word[:40]}' is none of: {', '.join(known)}.")
    from_ms = _now_ms() if begin == "now" else moment_ms(begin)
    whole = end if "T" in end or " " in end else f"{moment_told(from_ms)[:10]}T{end}"
    return {
        "office": office,
        "from_ms": from_ms,
        "until_ms": moment_ms(whole),
        "kind": kind,
        "place": place,
    }


# ── showing ──────────────────────────────────────────────────────────────────────────────────


def _times(slot: SlotTold) -> str:
    from acd.volunteering.rome import moment_told

    begin, end = moment_told(slot.from_ms), moment_told(slot.until_ms)
    return f"{begin} to {end[11:] if end[:10] == begin[:10] else end}"


def _tell(flags: Iterable[FlagTold]) -> None:
    for flag in flags:
        complain(f"{'refused' if flag.refuses else 'note'} ({flag.rule}): {flag.sentence}")


def _show(found: SlotsTold) -> None:
    if not found.items:
        say("You have no slots there.")
        return
    shown = table("Slot", "Time", "Office", "Kind", "Place", "", right=("Slot",))
    for slot in found.items:
        state = "withdrawn" if slot.withdrawn_ms is not None else ""
        state = "confirmed" if slot.confirmed_ms is not None else state
        shown.add_row(str(slot.id), _times(slot), slot.office, slot.kind, slot.place, state)
    console().print(shown)


def _hours(ms: int) -> str:
    return f"{ms / HOUR_MS:.2f}"


def _show_totals(items: Iterable[TotalTold]) -> None:
    shown = table("Kind", "Place", "Slots", "Hours", "Confirmed", right=("Slots", "Hours", "Confirmed"))
    for each in items:
        hours, confirmed = _hours(each.counted_ms), _hours(each.confirmed_ms)
        shown.add_row(each.kind, each.place, str(each.slots), hours, confirmed)
    console().print(shown)


def _show_sums(told: HoursTold) -> None:
    if not told.offices:
        say(f"Fewer than {told.k} people in all: so small a group is not shown.")
        return
    offices = table("Office", "Hours", right=("Hours",))
    for office in told.offices:
        offices.add_row(office.office, _hours(office.counted_ms))
    console().print(offices)
    kinds = table("Kind", "Place", "Hours", "Confirmed", right=("Hours", "Confirmed"))
    for each in told.kinds:
        name = ("other", "other") if each.kind is None else (each.kind, each.place or "")
        kinds.add_row(*name, _hours(each.counted_ms), _hours(each.confirmed_ms))
    console().print(kinds)
