"""The fallback: what is in force and why, and the overrides that people make.

An override overwrites nothing: a newer one of the same scope counts before it, and the answer says whose
place it took. So it needs no revision to be made for, and one that is ended is named by its number.

Whoever may see the roster may see who switched what: authors and reasons are told to supervisors and above.
"""

from __future__ import annotations

import re
from typing import Final

from acd.core.ids import OfficeId, SiteId
from acd.errors import NotFound
from acd.fallback.resolving import Auto, Decision, Effective
from acd.fallback.scopes import NATIONAL, SITE, split_scope
from acd.fallback.sentences import Language, overlap_told, sentence
from acd.fallback.wishes import Wish, check_right
from acd.runtime.fallback_keeper import Placed
from acd.store.records import Override, Role
from acd.web.centre import Centre
from acd.web.models import NoBody, shown
from acd.web.routes import Ask
from acd.web.toggle_forms import (
    BriefAnswer,
    DecisionAnswer,
    EndQuery,
    ExtendRequest,
    FallbackAnswer,
    FallbackQuery,
    OverrideAnswer,
    OverrideRequest,
    OverridesAnswer,
    OverridesQuery,
    PlacedAnswer,
    WithoutAnswer,
)

_NUMBER: Final = re.compile("[0-9]{1,15}")


async def fallback(ask: Ask[FallbackQuery, NoBody]) -> FallbackAnswer:
    """All scopes, each with its explanation."""
    keeper = ask.centre.fallback()
    found = keeper.effective()
    return FallbackAnswer(
        revision=found.fallback.revision,
        on=found.fallback.on,
        at_ms=found.at_ms,
        changes_next_ms=found.changes_next_ms,
        hours_max=keeper.hours_max,
        items=tuple(_shown(each, found, ask.centre, ask.query.lang) for each in found.decisions.values()),
    )


async def scope(ask: Ask[FallbackQuery, NoBody]) -> DecisionAnswer:
    """One scope with its explanation."""
    name = ask.request.match_info["scope"]
    found = ask.centre.fallback().effective()
    decision = found.decisions.get(name)
    if decision is None:
        raise NotFound(f"There is no scope {name[:64]!r}: national, site:<name>, office:<name> of the rules.")
    return _shown(decision, found, ask.centre, ask.query.lang)


async def overrides(ask: Ask[OverridesQuery, NoBody]) -> OverridesAnswer:
    """Overrides that are not over, or were not at a moment of the past."""
    since_ms = ask.query.since_ms
    if since_ms is None:
        found = ask.centre.fallback().overrides()
    else:
        found = await ask.desk.store().overrides(since_ms=since_ms)
    return OverridesAnswer(items=tuple(shown(OverrideAnswer, each) for each in found))


async def put_override(ask: Ask[FallbackQuery, OverrideRequest]) -> PlacedAnswer:
    """Make an override; it is in force when this answers."""
    asked = ask.body
    ask.noted["target"] = asked.scope
    _note(ask, asked.mode.value, asked.until_ms, asked.reason, asked.ticket)
    _check_right(ask, asked.scope, asked.ticket)
    wish = Wish(
        scope=asked.scope,
        mode=asked.mode,
        reason=asked.reason,
        ticket=asked.ticket or "",
        from_ms=asked.from_ms,
        until_ms=asked.until_ms,
    )
    placed = await ask.centre.fallback().put(wish, ask.bearer.who)
    ask.noted["detail"] = f"override {placed.override.id}: {ask.noted['detail']}"
    return _placed(ask.centre, placed, ask.query.lang)


async def extend_override(ask: Ask[FallbackQuery, ExtendRequest]) -> PlacedAnswer:
    """Have an override end later, by a new one in its place."""
    asked, old = ask.body, _override(ask)
    ask.noted["target"] = old.scope
    _note(ask, old.mode.value, asked.until_ms, asked.reason, asked.ticket)
    _check_right(ask, old.scope, asked.ticket or old.ticket)
    keeper = ask.centre.fallback()
    placed = await keeper.extend(
        old.id, asked.until_ms, asked.reason, asked.ticket or "", author=ask.bearer.who
    )
    ask.noted["detail"] = f"override {placed.override.id} for {old.id}: {ask.noted['detail']}"
    return _placed(ask.centre, placed, ask.query.lang)


async def end_override(ask: Ask[EndQuery, NoBody]) -> PlacedAnswer:
    """Take an override back; what was under it is in force when this answers."""
    old = _override(ask)
    ask.noted["target"] = old.scope
    ask.noted["detail"] = f"override {old.id}, {old.mode}" + (
        f", ticket {ask.query.ticket}" if ask.query.ticket else ""
    )
    _check_right(ask, old.scope, ask.query.ticket)
    ended = await ask.centre.fallback().end(old.id, ask.bearer.who)
    return _placed(ask.centre, Placed(override=ended, over=()), ask.query.lang)


def brief(centre: Centre) -> BriefAnswer:
    """The fallback in a line."""
    keeper = centre.fallback()
    found = keeper.effective()
    country, forced = found.decisions[NATIONAL], found.fallback.offices
    return BriefAnswer(
        on=found.fallback.on,
        revision=found.fallback.revision,
        source=country.by.source,
        until_ms=country.by.until_ms,
        sites_on=len(found.fallback.shares),
        offices_on=sum(forced.values()),
        offices_off=len(forced) - sum(forced.values()),
        overrides=len(keeper.overrides()),
    )


# ── inside ───────────────────────────────────────────────────────────────────────────────────


def _override(ask: Ask[FallbackQuery, ExtendRequest] | Ask[EndQuery, NoBody]) -> Override:
    """The override that the path names."""
    number = ask.request.match_info["override"]
    if _NUMBER.fullmatch(number) is None:
        raise NotFound(f"There is no override {number[:40]!r}; they have numbers.")
    return ask.centre.fallback().override(int(number))


def _check_right(
    ask: Ask[FallbackQuery, OverrideRequest] | Ask[FallbackQuery, ExtendRequest] | Ask[EndQuery, NoBody],
    of: str,
    ticket: str | None,
) -> None:
    bearer = ask.bearer
    check_right(of, is_admin=bearer.role is Role.ADMIN, sites=bearer.sites, ticket=ticket or "")


def _note(
    ask: Ask[FallbackQuery, OverrideRequest] | Ask[FallbackQuery, ExtendRequest],
    mode: str,
    until_ms: int,
    reason: str,
    ticket: str | None,
) -> None:
    """What the audit keeps of a wish, done or refused."""
    under = f", ticket {ticket}" if ticket else ""
    ask.noted["detail"] = f"{mode} until {until_ms}{under}: {reason}"


def _placed(centre: Centre, placed: Placed, language: Language) -> PlacedAnswer:
    found = centre.fallback().effective()
    decision = found.decisions.get(placed.override.scope)
    told = [sentence(decision, found, language)] if decision is not None else []
    told += [overlap_told(each, found.at_ms, language) + "." for each in placed.over]
    return PlacedAnswer(
        override=shown(OverrideAnswer, placed.override),
        over=tuple(shown(OverrideAnswer, each) for each in placed.over),
        told=tuple(told),
    )


def _shown(decision: Decision, found: Effective, centre: Centre, language: Language) -> DecisionAnswer:
    by = decision.by
    return DecisionAnswer(
        scope=decision.scope,
        name=_name(decision.scope, centre),
        value=decision.value.word,
        share=decision.value.share,
        mode=by.mode,
        source=by.source,
        decided_at=by.scope,
        override=by.override.id if by.override is not None else None,
        line=by.line or None,
        author=by.override.author if by.override is not None else "",
        reason=by.reason,
        until_ms=by.until_ms,
        sentence=sentence(decision, found, language),
        without=_without(decision.without),
    )


def _without(auto: Auto | None) -> WithoutAnswer | None:
    if auto is None:
        return None
    return WithoutAnswer(value=auto.value.word, share=auto.value.share, source=auto.by.source)


def _name(of: str, centre: Centre) -> str:
    kind, name = split_scope(of)
    if kind == NATIONAL:
        return ""
    rules = centre.rules()
    return rules.sites[SiteId(name)].name if kind == SITE else rules.offices[OfficeId(name)].name
