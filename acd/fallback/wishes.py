"""What a person wishes, and the reasons to refuse it.

An override is a departure from what everybody agreed on, so it carries its reason and its end. Refused are:
no reason, or one too short to be one; no end, an end that is over or beyond the policy's hours; a begin too
far away; a site or an office that does not exist. Not refused is a second override for one scope: the newer
one counts, and whoever makes it is told whose place it takes.

**Who may.** An operator, for one site or one office. For the country an admin, or an operator who names the
ticket under which somebody decided it. Whoever is bound to sites, for these sites alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

import msgspec

from acd.errors import Conflict, Forbidden, RequestError
from acd.fallback.scopes import NATIONAL, SITE, check_scope, split_scope
from acd.fallback.sentences import moment_told
from acd.rules.fallback_shape import REASON, REASON_MAX, REASON_MIN
from acd.store.records import Override, OverrideMode

__all__ = [
    "DAYS_AHEAD_MAX",
    "TICKET",
    "Wish",
    "check_reason",
    "check_right",
    "check_wish",
    "longer",
    "overlapped",
]

DAYS_AHEAD_MAX: Final = 31
"""An override begins at the latest so many days from now: what is planned further ahead is the file's."""
TICKET: Final = r"[A-Za-z0-9][A-Za-z0-9._/#-]{0,39}"
_HOUR_MS: Final = 3_600_000
_REASON: Final = re.compile(REASON)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """An override somebody asks for."""

    scope: str
    mode: OverrideMode
    reason: str
    ticket: str = ""
    from_ms: int | None = None
    """None: from now on."""
    until_ms: int | None
    """None is refused: nothing is switched by hand for good."""


def check_reason(reason: str) -> str:
    """The reason, if it is one.

    Raises:
        RequestError: It is too short or too long, or not one line.
    """
    if _REASON.fullmatch(reason) is None:
        raise RequestError(
            f"A reason has {REASON_MIN} to {REASON_MAX} characters on one line, and this has {len(reason)}:"
            " say why, for whoever reads it tonight."
        )
    return reason


def check_wish(
    wish: Wish, hours_max: int, sites: Collection[str], offices: Collection[str], now_ms: int
) -> tuple[int, int]:
    """Hold a wish against the policy and the rules; returns from when until when.

    Args:
        wish: What is asked for.
        hours_max: The policy's most, from begin to end.
        sites: Those of the rules …
        offices: … and their offices.
        now_ms: Now.

    Raises:
        RequestError: The scope has no form, the reason is none, the end is missing.
        NotFound: There is no such site or office.
        Conflict: The time is over, too long, or too far away.
    """
    check_scope(wish.scope, sites, offices)
    check_reason(wish.reason)
    if wish.until_ms is None:
        raise RequestError("An override needs its end: say until when, or for how long.")
    begin_ms = max(wish.from_ms if wish.from_ms is not None else now_ms, now_ms)
    if wish.until_ms <= now_ms:
        until = moment_told(wish.until_ms, now_ms, "en")
        raise Conflict(f"The override would end {until}, which is over; give a later end.")
    if wish.until_ms <= begin_ms:
        raise Conflict("The override would end before it begins; give a later end.")
    if begin_ms - now_ms > DAYS_AHEAD_MAX * 24 * _HOUR_MS:
        raise Conflict(
            f"An override begins within {DAYS_AHEAD_MAX} days; what is planned further ahead belongs in"
            " fallback.yaml or in the transition."
        )
    if wish.until_ms - begin_ms > hours_max * _HOUR_MS:
        last = moment_told(begin_ms + hours_max * _HOUR_MS, now_ms, "en")
        raise Conflict(
            f"An override lasts at most {hours_max} hours (fallback.yaml, policy: hours_max), here until"
            f" {last}; give an earlier end and extend it if need be, or write it in fallback.yaml."
        )
    return begin_ms, wish.until_ms


def check_right(scope: str, *, is_admin: bool, sites: Collection[str], ticket: str) -> None:
    """See whether an operator or admin may switch this scope.

    Args:
        scope: One that has its form.
        is_admin: Of the whole.
        sites: Those the person is bound to; empty: to none.
        ticket: Under which it was decided; may be empty.

    Raises:
        Forbidden: Not this person, or not without a ticket.
    """
    kind, name = split_scope(scope)
    if sites and (kind != SITE or name not in sites):
        raise Forbidden(
            f"The token is for the sites {', '.join(sorted(sites))} and switches these alone, not {scope}."
        )
    if kind == NATIONAL and not is_admin and not ticket:
        raise Forbidden(
            "For the whole country an operator names the ticket under which it was decided; an admin need"
            " not."
        )


def longer(old: Override, until_ms: int | None, reason: str, ticket: str) -> Wish:
    """The wish that makes an override longer: a new one from now on, which takes the place of the old.

    Raises:
        Conflict: The new end is not later.
    """
    if until_ms is not None and until_ms <= old.until_ms:
        raise Conflict("The new end is not later than the present one; to have it end sooner, end it.")
    return Wish(scope=old.scope, mode=old.mode, reason=reason, ticket=ticket or old.ticket, until_ms=until_ms)


def overlapped(new: Override, others: Iterable[Override]) -> tuple[Override, ...]:
    """Older overrides of the same scope that would say something while the new one does."""
    return tuple(
        each
        for each in others
        if each.scope == new.scope
        and each.id < new.id
        and each.from_ms < new.until_ms
        and new.from_ms < min(each.until_ms, each.ended_ms if each.ended_ms is not None else each.until_ms)
    )
