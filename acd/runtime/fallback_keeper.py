"""The fallback in force: what file, overrides and transition come to now, and the engine told of it in time.

There is one way from a cause to its effect. Whatever changes (the file by a new revision, an override made or
ended, the transition's step, the rules, the hour), all is worked out anew (`acd.fallback.resolving`), and
only if it comes to something else for the engine, it is told: one ``FallbackChanged``, and one line of the
audit that says what it was and is, whoever caused it.

Time is a cause too. The keeper wakes at the next moment at which something begins or ends, and looks once a
second besides: a wall clock that was set, or a process that stood still, makes nothing late for longer than
that. What ended while the process was down has ended: the first fallback, told before any link begins, is
worked out for the moment of the start.

An override is on the disk before whoever made it is answered, and in force too. A disk that is too slow may
take one after we said that it would not; so after such a failure what the store has is read again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec
import structlog

from acd.core.facts import Fact, FallbackChanged
from acd.core.ids import OfficeId
from acd.core.policy import Fallback, RuleSet
from acd.core.views import OfficeView
from acd.errors import NotFound, StoreUnavailable
from acd.fallback.base import FILE, Base
from acd.fallback.resolving import (
    Effective,
    Source,
    Standing,
    TransitionNow,
    Value,
    Voice,
    Word,
    resolve,
)
from acd.fallback.wishes import Wish, check_wish, longer, overlapped
from acd.runtime.ports import Clock
from acd.store.port import Store
from acd.store.records import AuditEntry, Override, OverrideMode
from acd.transition import SharesGiver

__all__ = ["FallbackKeeper", "Placed"]

LOOK_S: Final = 1.0
"""So often it is looked whether anything has changed that nobody told us."""
LOOK_AHEAD_MS: Final = 60_000
"""An override of a forecast lives long enough to be counted."""
HEALTHY: Final = "closed"
"""The breaker of an office that answers."""
TOLD_MAX: Final = 4
"""Scopes that one line of the audit names."""

Submit = Callable[[Fact], Awaitable[object]]
Heard = Callable[[Effective, Effective], None]

log = structlog.get_logger(__name__)


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """An override that was made, and the older ones of its scope whose place it takes."""

    override: Override
    over: tuple[Override, ...]


class FallbackKeeper:
    """Works out the fallback of one centre and keeps its engine told."""

    def __init__(
        self,
        base: Base,
        overrides: Iterable[Override],
        *,
        rules: Callable[[], RuleSet],
        offices: Callable[[], Sequence[OfficeView]],
        clock: Clock,
        store: Store | None,
        submit: Submit | None,
    ) -> None:
        """Begin with what is known at the start; nothing is told yet.

        Args:
            base: What the file says.
            overrides: Those that are not over.
            rules: The rules in force, for the names of sites and offices.
            offices: How offices do by themselves, for explanations.
            clock: Wall milliseconds.
            store: Where overrides are kept; None: in memory alone, for a trial.
            submit: Lets the engine handle a fact; None: there is no engine, as in a store at rest.
        """
        self._base = base
        self._overrides = {override.id: override for override in overrides}
        self._rules = rules
        self._offices = offices
        self._clock = clock
        self._store = store
        self._submit = submit
        self._transition: SharesGiver | None = None
        self._listeners: list[Heard] = []
        self._one_at_a_time = asyncio.Lock()
        self._news = asyncio.Event()
        self._behind = False
        """The store may have what we said that it would not take."""
        self._told = self.effective()
        """What the engine was told last, or will be first."""

    # ── what is in force ─────────────────────────────────────────────────────────────────────

    def effective(self) -> Effective:
        """What is in force now, scope by scope, with who says so."""
        return self._resolved(tuple(self._overrides.values()), self._transition_now())

    def would(
        self, *, transition: TransitionNow | None = None, scope: str = "", mode: OverrideMode | None = None
    ) -> Fallback:
        """What the engine would be told by another transition, or with one override more: for a forecast."""
        overrides = tuple(self._overrides.values())
        if mode is not None:
            now_ms = self._clock.now_ms()
            more = Override(
                id=max(self._overrides, default=0) + 1,
                scope=scope,
                mode=mode,
                reason="",
                author="",
                from_ms=now_ms,
                until_ms=now_ms + LOOK_AHEAD_MS,
                made_ms=now_ms,
            )
            overrides = (*overrides, more)
        return self._resolved(overrides, transition or self._transition_now()).fallback

    def _resolved(self, overrides: tuple[Override, ...], transition: TransitionNow) -> Effective:
        rules, now_ms = self._rules(), self._clock.now_ms()
        breakers = {view.id: view.breaker for view in self._offices()}
        standings = {
            office: _standing(rules, office, breakers.get(office, HEALTHY), now_ms)
            for office in rules.offices
        }
        return resolve(self._base, overrides, transition, rules.sites, standings, now_ms)

    @property
    def hours_max(self) -> int:
        """The policy: an override ends at the latest so many hours after it begins."""
        return self._base.hours_max

    def told(self) -> Fallback:
        """What the engine was told last."""
        return self._told.fallback

    def in_force(self) -> Effective:
        """What was worked out last, a second ago at most while we run: for whoever looks often."""
        return self._told

    def listen(self, heard: Heard) -> None:
        """Have this called with what was and what is, whenever it was worked out anew."""
        self._listeners.append(heard)

    def overrides(self) -> tuple[Override, ...]:
        """Those that are not over, oldest first; some may not have begun."""
        now_ms = self._clock.now_ms()
        return tuple(
            self._overrides[number]
            for number in sorted(self._overrides)
            if not _is_over(self._overrides[number], now_ms)
        )

    def override(self, number: int) -> Override:
        """One that is not over.

        Raises:
            NotFound: There is none.
        """
        for each in self.overrides():
            if each.id == number:
                return each
        raise NotFound(f"There is no override {number} that is not over; 'acd fallback list' shows them.")

    # ── what changes it ──────────────────────────────────────────────────────────────────────

    def first(self) -> FallbackChanged:
        """What the engine is told before any call is offered: what holds at this moment."""
        self._told = self.effective()
        fallback = self._told.fallback
        if fallback.on or fallback.offices:
            self._audit(None, self._told)
        return FallbackChanged(fallback=self._told.fallback)

    async def take_base(self, base: Base) -> None:
        """The file says something else, or the rules name other sites and offices."""
        self._base = base
        await self.refresh()

    def follow(self, transition: SharesGiver) -> None:
        """From now on this transition says what ``auto`` means for the country and the sites."""
        self._transition = transition
        transition.listen(self.changed)
        self.changed()

    def changed(self) -> None:
        """Something may be different: look, in this turn of the loop or the next."""
        self._news.set()

    async def refresh(self) -> None:
        """Work it out anew, and tell the engine if it is different; returns when it is in force."""
        async with self._one_at_a_time:
            await self._put_in_force()

    async def run(self) -> None:
        """Keep the engine told, until cancelled."""
        while True:
            await self._wait()
            if self._behind:
                await self._read_again()
            await self.refresh()

    async def put(self, wish: Wish, author: str) -> Placed:
        """Make an override; when it returns it is on the disk and in force.

        Raises:
            RequestError: The wish is refused (`acd.fallback.wishes`); nothing was changed.
            StoreUnavailable: The disk will not; nothing was changed.
        """
        async with self._one_at_a_time:
            return await self._put(wish, author)

    async def extend(
        self, number: int, until_ms: int | None, reason: str, ticket: str, author: str
    ) -> Placed:
        """Have an override end later: a new one takes its place; raises as ``put`` does."""
        async with self._one_at_a_time:
            old = self.override(number)
            placed = await self._put(longer(old, until_ms, reason, ticket), author)
            await self._end(old, author)
            return msgspec.structs.replace(
                placed, over=tuple(each for each in placed.over if each.id != number)
            )

    async def end(self, number: int, author: str) -> Override:
        """Take an override back; when it returns what was under it is in force.

        Raises:
            NotFound: There is none of this number that is not over.
            StoreUnavailable: The disk will not; nothing was changed.
        """
        async with self._one_at_a_time:
            ended = await self._end(self.override(number), author)
            await self._put_in_force()
            return ended

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    async def _put(self, wish: Wish, author: str) -> Placed:
        rules, now_ms = self._rules(), self._clock.now_ms()
        begin_ms, until_ms = check_wish(wish, self._base.hours_max, rules.sites, rules.offices, now_ms)
        made = Override(
            id=max(self._overrides, default=0) + 1,
            scope=wish.scope,
            mode=wish.mode,
            reason=wish.reason,
            author=author,
            ticket=wish.ticket,
            from_ms=begin_ms,
            until_ms=until_ms,
            made_ms=now_ms,
        )
        if self._store is not None:
            with self._looking_again():
                made = await self._store.add_override(made)
        over = overlapped(made, self.overrides())
        self._overrides[made.id] = made
        await self._put_in_force()
        return Placed(override=made, over=over)

    async def _end(self, override: Override, author: str) -> Override:
        now_ms = self._clock.now_ms()
        ended = msgspec.structs.replace(override, ended_ms=now_ms, ended_by=author)
        if self._store is not None:
            with self._looking_again():
                ended = await self._store.end_override(override.id, now_ms, author)
        self._overrides[ended.id] = ended
        return ended

    @contextlib.contextmanager
    def _looking_again(self) -> Iterator[None]:
        try:
            yield
        except StoreUnavailable:
            self._behind = True
            raise

    async def _read_again(self) -> None:
        assert self._store is not None, "only a store falls behind"
        with contextlib.suppress(StoreUnavailable):
            async with self._one_at_a_time:
                kept = await self._store.overrides(since_ms=self._clock.now_ms())
                self._overrides = {override.id: override for override in kept}
                self._behind = False

    async def _put_in_force(self) -> None:
        found = self.effective()
        before, self._told = self._told, found
        for heard in self._listeners:
            heard(before, found)
        now_ms = self._clock.now_ms()
        self._overrides = {n: o for n, o in self._overrides.items() if not _is_over(o, now_ms)}
        if found.fallback == before.fallback:
            return
        self._audit(before, found)
        if self._submit is not None:
            await self._submit(FallbackChanged(fallback=found.fallback))

    async def _wait(self) -> None:
        """Until somebody told us, something begins or ends, or it is time to look."""
        due_ms = self._told.changes_next_ms
        left_s = LOOK_S if due_ms is None else max(0, due_ms - self._clock.now_ms()) / 1000
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(LOOK_S, left_s)):
                await self._news.wait()
        self._news.clear()

    def _transition_now(self) -> TransitionNow:
        transition = self._transition
        if transition is None:
            return TransitionNow()
        standing = transition.standing()
        return TransitionNow(
            on=transition.on(), shares=transition.shares(), phase=standing.phase, step=standing.step
        )

    def _audit(self, before: Effective | None, after: Effective) -> None:
        if self._submit is None:
            return  # nothing is in force where there is no engine
        fallback = after.fallback
        what = f"{'on' if fallback.on else 'off'} ({fallback.revision})"
        detail = _what_changed(before, after)
        log.warning("fallback.changed", now=what, because=detail)
        if self._store is not None:
            entry = AuditEntry(
                at_ms=after.at_ms,
                who="system",
                action="fallback.change",
                target=what,
                result="done",
                detail=detail,
            )
            self._store.tell_audit(entry)


def _standing(rules: RuleSet, office: OfficeId, breaker: str, now_ms: int) -> Standing:
    """How an office does by itself, whatever anybody forces."""
    calendar = rules.offices[office].calendar
    hours = rules.calendars.get(calendar) if calendar is not None else None
    return Standing(open=hours is None or hours.open_at(now_ms), healthy=breaker == HEALTHY)


def _is_over(override: Override, now_ms: int) -> bool:
    return override.until_ms <= now_ms or (override.ended_ms is not None and override.ended_ms <= now_ms)


def _what_changed(before: Effective | None, after: Effective) -> str:
    """The scopes that are different, and whose word each is now; on one line."""
    plain = Value(word=Word.OFF), Value(word=Word.OFF, share=100)
    told = []
    for scope, now in after.decisions.items():
        was = before.decisions.get(scope) if before is not None else None
        differs = now.value != was.value if was is not None else now.value not in plain
        if differs and not (was is None and now.by.source is Source.HOURS):
            told.append(f"{scope} {_plain(now.value)}: {_whose(now.by)}")
    more = f"; and {len(told) - TOLD_MAX} more" if len(told) > TOLD_MAX else ""
    return "; ".join(told[:TOLD_MAX]) + more


def _plain(value: Value) -> str:
    return f"{value.share} %" if value.word is Word.SHARE else value.word.value


def _whose(voice: Voice) -> str:
    match voice.source:
        case Source.OVERRIDE if voice.override is not None:
            return f"override {voice.override.id} ({voice.mode})"
        case Source.FILE:
            return f"{FILE} line {voice.line} ({voice.mode})"
        case _:
            return f"auto ({voice.source})"
