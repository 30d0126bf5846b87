"""From file, overrides, transition and time to what is in force: a pure function (`resolve`).

A scope has a *chain*: its live overrides, the newest first, then its toggle of the file if that forces
something. The first of the chain decides the scope. Only where the chain is empty, or says ``auto``, others
are heard:

* the country: the transition; else one site that is forced on switches the fallback on for itself;
* a site: the country if that is forced on; else its share in the step of the transition;
* an office: its hours and its health.

One voice is above a site's own chain: the country forced **off**. What the site's own toggle would say is
then told as idle.

``without`` is what would be in force if the one voice that decides were not there: the next of its chain.

**Value of a site**: *on*: offices stand in for its agents, share 0; *off*: its agents are there, share 100;
between them a share of the new calls of each queue.

``changes_next_ms`` is the next moment at which any of this may change by the clock alone. It may be too early
(something begins or ends that changes nothing), never too late. The hours of offices are none of it: they
change what ``auto`` says of an office, not what the engine is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Final

import msgspec

from acd.core.ids import OfficeId, SiteId
from acd.core.policy import Fallback
from acd.fallback.base import Base, Toggle
from acd.fallback.scopes import NATIONAL, office_scope, site_scope, split_scope
from acd.store.records import Override, OverrideMode

__all__ = [
    "Auto",
    "Decision",
    "Effective",
    "Source",
    "Standing",
    "TransitionNow",
    "Value",
    "Voice",
    "Word",
    "is_live",
    "resolve",
]

EVERYBODY: Final = 100
NOBODY: Final = 0


class TransitionNow(msgspec.Struct, frozen=True, kw_only=True):
    """What the transition says at a moment."""

    on: bool = False
    """A phase runs in which offices stand in."""
    shares: Mapping[SiteId, int] = {}
    """Per cent of each site, 0 to 100; not named: 100."""
    phase: str = ""
    """Empty: none runs."""
    step: int = 0
    changes_ms: int | None = None
    """It may say something else from this moment on, by the clock alone; None: it will not."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an office does by itself, which is what ``auto`` says of it."""

    open: bool = True
    healthy: bool = True


class Source(StrEnum):
    """Whose voice decides."""

    OVERRIDE = "override"
    FILE = "file"
    TRANSITION = "transition"
    HOURS = "hours"
    """Of an office: its hours and its health."""


class Word(StrEnum):
    """What a scope comes to."""

    ON = "on"
    OFF = "off"
    SHARE = "share"
    """Of a site: some of the new calls are its agents', ``Value.share`` says how many."""
    OPEN = "open"
    """Of an office: nobody forces anything, and it is asked."""
    CLOSED = "closed"
    RESTING = "resting"
    """Of an office: open, but it has not been answering."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force for a scope."""

    word: Word
    share: int | None = None
    """Of a site: per cent of the new calls that may take its agents first."""


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """One who says something: a person's override, a line of the file, the transition, an office's hours."""

    source: Source
    scope: str
    """Whose toggle it is: a site may be decided by the country, the country by a site."""
    mode: OverrideMode = OverrideMode.AUTO
    until_ms: int | None = None
    reason: str = ""
    override: Override | None = None
    line: int = 0
    """Of the file, else 0."""


class Auto(msgspec.Struct, frozen=True, kw_only=True):
    """What would be in force, and by whom."""

    value: Value
    by: Voice


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One scope: what is in force, and the one voice that decides it."""

    scope: str
    value: Value
    by: Voice
    filled: Voice | None = None
    """Where ``by`` says ``auto``: whose word that then is."""
    without: Auto | None = None
    """What would be in force if ``by`` said nothing; None: there is nothing under it."""
    idle: Voice | None = None
    """The scope's own toggle, which has no effect while the country is forced off."""


class Effective(msgspec.Struct, frozen=True, kw_only=True):
    """All that is in force at a moment."""

    at_ms: int
    fallback: Fallback
    """For the engine."""
    decisions: Mapping[str, Decision]
    """By scope: the country, then sites and offices in the order they were given."""
    transition: TransitionNow
    changes_next_ms: int | None
    """Not before this moment, and perhaps then, something changes by the clock alone."""


def is_live(override: Override, now_ms: int) -> bool:
    """Whether an override says anything at a moment."""
    ended = override.ended_ms is not None and override.ended_ms <= now_ms
    return override.from_ms <= now_ms < override.until_ms and not ended


def resolve(
    base: Base,
    overrides: Sequence[Override],
    transition: TransitionNow,
    sites: Iterable[SiteId],
    offices: Mapping[OfficeId, Standing],
    now_ms: int,
) -> Effective:
    """Work out what is in force.

    Args:
        base: What the file says.
        overrides: Those that are not over; others do no harm.
        transition: What it says now.
        sites: Those of the rules, in their order.
        offices: Those of the rules, and how each does by itself.
        now_ms: The moment.
    """
    chains = _Chains.at(base, overrides, now_ms)
    sites = tuple(sites)
    decisions = {NATIONAL: _decided(NATIONAL, chains, lambda them: _country(them, sites, transition))}
    for scope in map(site_scope, sites):
        decisions[scope] = _decided(scope, chains, partial(_site, scope, transition))
    forced: dict[OfficeId, bool] = {}
    for office, standing in offices.items():
        scope = office_scope(office)
        decisions[scope] = _decided(scope, chains, partial(_office, scope, standing))
        if decisions[scope].by.mode is not OverrideMode.AUTO:
            forced[office] = decisions[scope].by.mode is OverrideMode.FORCED_ON
    on = decisions[NATIONAL].value.word is Word.ON
    shares = {site: decisions[site_scope(site)].value.share for site in sites} if on else {}
    return Effective(
        at_ms=now_ms,
        fallback=_fallback(
            on,
            {site: share for site, share in shares.items() if share is not None and share < EVERYBODY},
            forced,
        ),
        decisions=decisions,
        transition=transition,
        changes_next_ms=_changes_next_ms(base, overrides, transition, now_ms),
    )


class _Chains:
    """The voices of each scope, the one that counts first."""

    def __init__(self, chains: Mapping[str, Sequence[Voice]]) -> None:
        self._chains = chains

    @classmethod
    def at(cls, base: Base, overrides: Sequence[Override], now_ms: int) -> _Chains:
        """Those that say something at a moment."""
        chains: dict[str, list[Voice]] = {}
        live = (override for override in overrides if is_live(override, now_ms))
        for override in sorted(live, key=lambda one: one.id, reverse=True):
            chains.setdefault(override.scope, []).append(_voice_of_override(override))
        for scope, toggle in base.toggles.items():
            forces = toggle.mode is not OverrideMode.AUTO
            if forces and (toggle.until_ms is None or now_ms < toggle.until_ms):
                chains.setdefault(scope, []).append(_voice_of_file(scope, toggle))
        return cls(chains)

    def of(self, scope: str) -> Sequence[Voice]:
        """Those of one scope."""
        return self._chains.get(scope, ())

    def without(self, voice: Voice) -> _Chains:
        """All but the first of a chain."""
        return _Chains({**self._chains, voice.scope: self.of(voice.scope)[1:]})


def _voice_of_override(override: Override) -> Voice:
    return Voice(
        source=Source.OVERRIDE,
        scope=override.scope,
        mode=override.mode,
        until_ms=override.until_ms,
        reason=override.reason,
        override=override,
    )


def _voice_of_file(scope: str, toggle: Toggle) -> Voice:
    return Voice(
        source=Source.FILE,
        scope=scope,
        mode=toggle.mode,
        until_ms=toggle.until_ms,
        reason=toggle.reason,
        line=toggle.line,
    )


# ── the country, a site, an office ───────────────────────────────────────────────────────────


def _country(chains: _Chains, sites: Sequence[SiteId], transition: TransitionNow) -> Auto:
    """What holds for the country, and whose word it is."""
    own = chains.of(NATIONAL)
    if own and own[0].mode is not OverrideMode.AUTO:
        return Auto(value=_switched(own[0].mode), by=own[0])
    if not transition.on:
        for site in sites:
            of_site = chains.of(site_scope(site))
            if of_site and of_site[0].mode is OverrideMode.FORCED_ON:
                return Auto(value=Value(word=Word.ON), by=of_site[0])
    word = Word.ON if transition.on else Word.OFF
    return Auto(value=Value(word=word), by=_voice_of_transition(NATIONAL, transition))


def _site(scope: str, transition: TransitionNow, chains: _Chains) -> Auto:
    """What holds for a site, and whose word it is."""
    own, national = chains.of(scope), chains.of(NATIONAL)
    country = national[0] if national else None
    if country is not None and country.mode is OverrideMode.FORCED_OFF:
        return Auto(value=_share(EVERYBODY), by=country)
    if own and own[0].mode is not OverrideMode.AUTO:
        return Auto(value=_share(NOBODY if own[0].mode is OverrideMode.FORCED_ON else EVERYBODY), by=own[0])
    if country is not None and country.mode is OverrideMode.FORCED_ON:
        return Auto(value=_share(NOBODY), by=country)
    site = SiteId(split_scope(scope)[1])
    share = transition.shares.get(site, EVERYBODY) if transition.on else EVERYBODY
    return Auto(value=_share(share), by=_voice_of_transition(scope, transition))


def _office(scope: str, standing: Standing, chains: _Chains) -> Auto:
    """What holds for an office, and whose word it is."""
    own = chains.of(scope)
    if own and own[0].mode is not OverrideMode.AUTO:
        return Auto(value=_switched(own[0].mode), by=own[0])
    asked = Word.OPEN if standing.healthy else Word.RESTING
    word = asked if standing.open else Word.CLOSED
    return Auto(value=Value(word=word), by=Voice(source=Source.HOURS, scope=scope))


# ── common ───────────────────────────────────────────────────────────────────────────────────


def _decided(scope: str, chains: _Chains, said_by: Callable[[_Chains], Auto]) -> Decision:
    """What a scope comes to, the one voice that decides it, and what would be without that one."""
    own, said = chains.of(scope), said_by(chains)
    overruled = said.by.scope != scope and said.by.mode is OverrideMode.FORCED_OFF
    by = own[0] if own and not overruled else said.by
    return Decision(
        scope=scope,
        value=said.value,
        by=by,
        filled=said.by if own and by.mode is OverrideMode.AUTO else None,
        without=said_by(chains.without(by)) if by.source in {Source.OVERRIDE, Source.FILE} else None,
        idle=own[0] if overruled and own and own[0].mode is OverrideMode.FORCED_ON else None,
    )


def _switched(mode: OverrideMode) -> Value:
    return Value(word=Word.ON if mode is OverrideMode.FORCED_ON else Word.OFF)


def _share(share: int) -> Value:
    word = {NOBODY: Word.ON, EVERYBODY: Word.OFF}.get(share, Word.SHARE)
    return Value(word=word, share=share)


def _voice_of_transition(scope: str, transition: TransitionNow) -> Voice:
    return Voice(source=Source.TRANSITION, scope=scope, until_ms=transition.changes_ms)


def _fallback(on: bool, shares: Mapping[SiteId, int], offices: Mapping[OfficeId, bool]) -> Fallback:
    said = msgspec.json.encode((on, sorted(shares.items()), sorted(offices.items())))
    digest = hashlib.sha256(said).hexdigest()[:12]
    return Fallback(revision=digest, on=on, shares=shares, offices=offices)


def _changes_next_ms(
    base: Base, overrides: Sequence[Override], transition: TransitionNow, now_ms: int
) -> int | None:
    moments: list[int | None] = [transition.changes_ms]
    moments += [toggle.until_ms for toggle in base.toggles.values()]
    for override in overrides:
        moments += [override.from_ms, override.until_ms, override.ended_ms]
    return min((moment for moment in moments if moment is not None and moment > now_ms), default=None)
