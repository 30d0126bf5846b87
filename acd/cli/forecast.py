"""``acd forecast``: what a change would do to the calls of the last half hours, before anybody makes it."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from acd.cli.terminal import (
    CONFIG,
    AsJson,
    ConfigFile,
    TokenEnv,
    Url,
    complain,
    console,
    ending,
    say,
    show_json,
    table,
)
from acd.errors import AcdError, Conflict

if TYPE_CHECKING:
    from acd.cli.client import Client
    from acd.cli.transition_told import ForecastTold

__all__ = ["Change", "forecast", "show_forecast"]

PLACES_MAX = 12
ASK_S_MAX = 60.0
BEFORE_S_MAX = 2.0
"""Whoever is about to switch waits no longer for a forecast."""
NAMES_MAX = 24


class Change(StrEnum):
    """What would be done."""

    START = "start"
    NEXT = "next"
    BACK = "back"
    FINISH = "finish"
    FALLBACK_ON = "fallback-on"
    FALLBACK_OFF = "fallback-off"


def forecast(
    change: Annotated[Change, typer.Argument(help="A step of the transition, or a toggle.")],
    scope: Annotated[
        str, typer.Option("--scope", help="Of a toggle: national, site:<name>, office:<name>.")
    ] = "national",
    phase: Annotated[str, typer.Option("--phase", help="Of start: where, if not at the first phase.")] = "",
    half_hours: Annotated[
        int, typer.Option("--half-hours", help="Count the calls of the last 1, 2, 4, 8, 16 or 48 half hours.")
    ] = 2,
    everything: Annotated[bool, typer.Option("--all", help="Every province.")] = False,
    config: ConfigFile = CONFIG,
    url: Url = "",
    token_env: TokenEnv = "",
    as_json: AsJson = False,
) -> None:
    """Show what a change would do: calls moved per hour, room for them there, who would be out of reach.

    Exit 0: there is room for the calls that move. Exit 1: there is not, or somebody would be out of reach.
    """
    import msgspec

    from acd.cli.books import open_books
    from acd.cli.transition_told import ForecastTold

    with ending(), open_books(config, url, token_env, os.environ) as client:
        raw = _ask(client, change, scope, phase, half_hours)
        told = msgspec.json.decode(raw, type=ForecastTold)
        if as_json:
            show_json(msgspec.Raw(raw))
        else:
            _show(told, everything=everything)
        if told.out_of_reach or told.after_h > told.offices_h:
            raise typer.Exit(1)


def show_forecast(client: Client, change: Change, *, scope: str = "national", phase: str = "") -> None:
    """Print the forecast of a change before it is made, on stderr: beside the result.

    A forecast that cannot be had holds up nothing.

    Raises:
        Conflict: the change leads nowhere as things stand; nobody need be asked whether to make it.
    """
    import msgspec

    from acd.cli.transition_told import ForecastTold

    try:
        told = msgspec.json.decode(_ask(client, change, scope, phase, 2, BEFORE_S_MAX), type=ForecastTold)
    except Conflict:
        raise
    except AcdError as error:
        complain(f"No forecast: {error}")
        return
    _show(told, everything=False, beside=True)


def _ask(
    client: Client, change: Change, scope: str, phase: str, half_hours: int, limit_s: float = ASK_S_MAX
) -> bytes:
    from acd.cli.client import path

    asked = {
        "change": change.value.replace("-", "_"),
        "scope": scope,
        "phase": phase,
        "half_hours": half_hours,
    }
    return client.ask("GET", path("forecast"), query=asked, limit_s=limit_s)


def _show(told: ForecastTold, *, everything: bool, beside: bool = False) -> None:
    from acd.cli.words import count, number

    tell = complain if beside else say

    def rate(value: float) -> str:
        return number(round(value))

    talk = f"{told.talk_s:.0f} s" + (" (assumed: too few talks)" if told.talk_assumed else "")
    tell(f"From {count(told.calls, 'call')} of the last {told.hours:g} h; a talk takes {talk}.")
    tell(f"Offered to offices first: {rate(told.after_h)} calls/h, now {rate(told.before_h)}.")
    tell(f"The open offices can take {rate(told.offices_h)} calls/h, the agents {rate(told.agents_h)}.")
    places = [place for place in told.places if everything or place.calls_h]
    if places:
        shown = table(
            "Province", "Language", "Calls/h", "To offices", "Room there", "Open", "Reach",
            right=("Calls/h", "To offices", "Room there", "Open"),
        )  # fmt: skip
        for place in places if everything else places[:PLACES_MAX]:
            shown.add_row(
                place.province or "not known",
                place.language,
                rate(place.calls_h),
                rate(place.moved_h),
                rate(place.capacity_h),
                f"{place.open}/{place.offices}",
                place.reach,
            )
        console(stderr=beside).print(shown)
        if not everything and len(places) > PLACES_MAX:
            tell(f"… and {len(places) - PLACES_MAX} provinces more (--all shows them)")
    if told.out_of_reach:
        complain(f"Own offices all closed or switched off: {_names(told.out_of_reach)}.")
    if told.overloaded:
        complain(f"More calls than the own offices can take: {_names(told.overloaded)}.")
    if told.after_h > told.offices_h:
        complain(f"All offices together lack room for {rate(told.after_h - told.offices_h)} calls/h.")


def _names(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else ""
    return " ".join(names[:NAMES_MAX]) + more
