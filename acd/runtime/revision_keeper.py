"""The configuration in force, changed while calls are routed: applied, rolled back, confirmed, undone.

Every change goes the same way, one at a time. The documents are taken at one moment and checked whole; guards
look at what they would do to callers; they become the next revision in the store; then they are in force. So
a file with a mistake changes nothing, a disk that is full changes nothing, and what runs is always what the
store has as the newest. The one exception is on the safe side: what nobody confirmed in time is out of force
at once, even while the store cannot write that down.

Why newer files were not taken stands in the summary, in the detail of ``readyz`` and in a metric until they
are, or until somebody has rolled back.

Once a day the revision in force, not what lies on the disk, is compiled for the new day, for calendars are
known for a year or so ahead. Reading happens beside the loop (`acd.runtime.beside`).

Without a store there are no revisions: files are read, checked, guarded and put in force, and nothing of it
outlives the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable
from typing import Final, Protocol

import msgspec
import structlog

from acd.core.ids import QueueId
from acd.core.views import OfficeView, QueueView
from acd.errors import AcdError, ConfigError, Conflict, NotFound, StoreUnavailable
from acd.revisions.configuration import Configuration, read_configuration
from acd.revisions.differing import differences
from acd.revisions.documents import Documents, documents_of, take_documents
from acd.revisions.guarding import REASON_MIN, Known, objections
from acd.revisions.refusals import Guarded, Stale
from acd.revisions.starting import SYSTEM, Settled, Started, awaits_confirmation
from acd.revisions.touching import touched
from acd.revisions.wishes import Proposal, Standing, Wish
from acd.revisions.wording import Language, say
from acd.rules.exercise import Exercise, exercise_of, the_day
from acd.rules.privacy import Privacy
from acd.runtime.beside import beside
from acd.runtime.ports import Clock
from acd.store.port import Store
from acd.store.records import AuditEntry, Revision, RevisionOrigin, RosterState

__all__ = ["RevisionKeeper", "Ruled"]

DAY_S: Final = 86_400.0
LOOK_S: Final = 1.0
"""So often it is looked whether the time to confirm is over."""
RETRY_S: Final = 5.0
"""After an undoing that the store would not keep."""
OPEN: Final = "open"
"""A breaker that lets no call through."""

log = structlog.get_logger(__name__)


class Ruled(Protocol):
    """Who works by the configuration."""

    @property
    def clock(self) -> Clock:
        """Wall milliseconds."""

    async def take_configuration(self, configuration: Configuration) -> None:
        """Put it in force."""

    def refuse_rules(self, why: str) -> None:
        """What runs stays, because of this; empty: all is well again."""

    def store(self) -> Store | None:
        """What outlives the process."""

    def roster(self) -> RosterState:
        """Who answers."""

    def queues(self) -> tuple[QueueView, ...]:
        """How many wait."""

    def offices(self) -> tuple[OfficeView, ...]:
        """How their lines do."""

    def privacy(self) -> Privacy:
        """How small a group may be shown."""


class RevisionKeeper:
    """Keeps the configuration of one centre, one change at a time."""

    def __init__(
        self,
        settings: Settled,
        started: Started,
        centre: Ruled,
        *,
        today: Callable[[], dt.date] | None = None,
        day_s: float = DAY_S,
    ) -> None:
        """Begin with what was found at the start, which is in force.

        Args:
            settings: Where the files are.
            started: What runs.
            centre: Who works by it.
            today: The day it is; None: the day in Rome, or that of the exercise.
            day_s: Seconds after which the calendars are compiled anew.
        """
        self._settings = settings
        self.configuration = started.configuration
        self._revision = started.revision
        self._centre = centre
        self._today = today or (lambda: the_day(settings.exercise))
        self._day_s = day_s
        self._one_at_a_time = asyncio.Lock()
        self._asked = asyncio.Event()
        self._wanted = False
        self._refused = ""
        if started.refused:
            self._refuse(started.refused)

    # ── what runs ────────────────────────────────────────────────────────────────────────────

    def standing(self) -> Standing:
        """What runs, and why not what lies on the disk."""
        revision = self._revision
        bare = msgspec.structs.replace(revision, files={}) if revision is not None else None
        return Standing(revision=bare, digest=self.configuration.digest, refused=self._refused)

    @property
    def number(self) -> int:
        """Of the revision in force; 0 without a store."""
        return self._revision.number if self._revision is not None else 0

    @property
    def exercise(self) -> Exercise | None:
        """The clock by which calendars go, if it is not the clock of the day."""
        return exercise_of(self._settings.exercise)

    @property
    def confirm_by_ms(self) -> int | None:
        """When what runs undoes itself; None: it stays."""
        waits = self._revision is not None and awaits_confirmation(self._revision)
        return self._revision.confirm_by_ms if self._revision is not None and waits else None

    async def disk_differs(self) -> bool:
        """Whether the files on the disk are not what runs."""
        documents = await asyncio.to_thread(take_documents, self._settings)
        return documents.digest != self.configuration.digest

    async def propose(self, number: int | None = None) -> Proposal:
        """Compare what lies on the disk, or an earlier revision, with what runs; change nothing.

        Raises:
            NotFound: There is no such revision.
            StoreUnavailable: It cannot be read.
        """
        if number is None:
            documents = await asyncio.to_thread(take_documents, self._settings)
        else:
            documents = documents_of(await self._earlier(number, "en"))
        try:
            other = await self._read(documents, cases=number is None)
        except ConfigError as error:
            return Proposal(revision=self.number, digest=documents.digest, findings=error.findings)
        known = await self._known()
        waiting = {view.id: view.waiting + view.offered_now for view in self._centre.queues()}
        return await beside(lambda: self._compared(other, known, waiting))

    def _compared(self, other: Configuration, known: Known, waiting: dict[QueueId, int]) -> Proposal:
        now = self.configuration.on(other.read.day)
        return Proposal(
            revision=self.number,
            digest=other.digest,
            changes=differences(now, other),
            touched=touched(now, other, known.roster, waiting, self._centre.privacy().k_min),
            objections=objections(now, other, known),
        )

    # ── changes ──────────────────────────────────────────────────────────────────────────────

    async def apply(self, wish: Wish) -> Standing:
        """Put in force what lies on the disk; nothing happens where it is what runs.

        Raises:
            ConfigError: It has mistakes; ``findings`` holds them all.
            Guarded: A guard objects, and it is not forced.
            Stale: Somebody has changed the configuration, or the files, since they were looked at.
            Conflict: The present revision waits to be confirmed.
            StoreUnavailable: It cannot be kept; nothing was changed.
        """
        async with self._one_at_a_time:
            self._expect(wish)
            if awaits_confirmation(self._revision):
                raise Conflict(say(wish.lang, "pending", number=self.number))
            documents = await asyncio.to_thread(take_documents, self._settings)
            if wish.digest not in {"", documents.digest}:
                raise Stale(say(wish.lang, "stale_disk"))
            if documents.digest == self.configuration.digest and not self._is_unkept():
                self._well()
                return self.standing()
            try:
                configuration = await self._read(documents, cases=True)
                await self._guard(configuration, wish)
            except ConfigError as error:
                self._refuse(error.findings)
                raise
            except Guarded as error:
                self._refuse(error.against)
                raise
            within = wish.confirm_within_ms
            until = self._centre.clock.now_ms() + within if within is not None else None
            await self._change(
                configuration, wish, origin=RevisionOrigin.APPLY, disk=documents.digest, confirm_by_ms=until
            )
            return self.standing()

    async def rollback(self, number: int, wish: Wish) -> Standing:
        """Make a new revision that says what an earlier one said, and put it in force.

        Raises:
            NotFound: There is no such revision.
            ConfigError: This version of the ACD cannot read it.
            Guarded, Stale, StoreUnavailable: As for `apply`.
            Conflict: It says what runs.
        """
        async with self._one_at_a_time:
            self._expect(wish)
            earlier = await self._earlier(number, wish.lang)
            documents = documents_of(earlier)
            if documents.digest == self.configuration.digest and not awaits_confirmation(self._revision):
                raise Conflict(say(wish.lang, "is_newest", number=number))
            configuration = await self._read(documents, cases=False)
            await self._guard(configuration, wish)
            disk = await asyncio.to_thread(take_documents, self._settings)
            await self._change(
                configuration, wish, origin=RevisionOrigin.ROLLBACK, disk=disk.digest, of=number
            )
            return self.standing()

    async def confirm(self, wish: Wish) -> Standing:
        """Let the present revision stay.

        Raises:
            Stale: Another runs than was looked at.
            Conflict: Its time is over.
            StoreUnavailable: It cannot be written down; it will undo itself.
        """
        async with self._one_at_a_time:
            self._expect(wish)
            store = self._store(wish.lang)
            self._revision = await store.confirm_revision(self.number, self._centre.clock.now_ms())
            return self.standing()

    async def _undo(self) -> None:
        """Go back to what ran before the revision that nobody confirmed."""
        async with self._one_at_a_time:
            store = self._store("en")
            newest = await store.revision()
            if newest is None or newest.number != self.number or not awaits_confirmation(newest):
                await self._catch_up()
                return
            before = await self._earlier(newest.number - 1, "en")
            configuration = await self._read(documents_of(before), cases=False)
            await self._put_in_force(configuration)
            disk = await asyncio.to_thread(take_documents, self._settings)
            reason = f"nobody confirmed revision {newest.number} in time"
            wish = Wish(author=SYSTEM, reason=reason)
            self._revision = await self._kept(
                configuration, wish, origin=RevisionOrigin.UNDO, disk=disk.digest, of=before.number
            )
            self._tell(wish, "config.undo", reason)

    # ── the steps of a change ────────────────────────────────────────────────────────────────

    def _expect(self, wish: Wish) -> None:
        if wish.expected is not None and wish.expected != self.number:
            raise Stale(say(wish.lang, "stale", newest=self.number, expected=wish.expected))
        if wish.force and len(wish.reason.strip()) < REASON_MIN:
            raise Guarded(say(wish.lang, "reason", least=REASON_MIN), ())
        if wish.confirm_within_ms is not None:
            self._store(wish.lang)

    async def _read(self, documents: Documents, *, cases: bool) -> Configuration:
        like, today = self.configuration, self._today()
        return await beside(
            lambda: read_configuration(documents, self._settings, today, cases=cases, like=like)
        )

    async def _guard(self, configuration: Configuration, wish: Wish) -> None:
        known = await self._known()
        now = self.configuration
        against = await beside(lambda: objections(now.on(configuration.read.day), configuration, known))
        if against and not wish.force:
            why = "; ".join(one.in_words(wish.lang) for one in against)
            english = tuple(f"{one.in_words('en')}; see 'acd diff'." for one in against)
            raise Guarded(say(wish.lang, "refused", why=why), english)

    async def _known(self) -> Known:
        store = self._centre.store()
        return Known(
            now_ms=self._centre.clock.now_ms(),
            roster=self._centre.roster().roster,
            broken=frozenset(view.id for view in self._centre.offices() if view.breaker == OPEN),
            checks=await store.line_checks() if store is not None else (),
        )

    async def _change(
        self,
        configuration: Configuration,
        wish: Wish,
        *,
        origin: RevisionOrigin,
        disk: str,
        of: int | None = None,
        confirm_by_ms: int | None = None,
    ) -> None:
        if self._centre.store() is not None:
            self._revision = await self._kept(
                configuration, wish, origin=origin, disk=disk, of=of, confirm_by_ms=confirm_by_ms
            )
        await self._put_in_force(configuration)
        self._well()
        self._asked_again()

    async def _kept(
        self,
        configuration: Configuration,
        wish: Wish,
        *,
        origin: RevisionOrigin,
        disk: str,
        of: int | None = None,
        confirm_by_ms: int | None = None,
    ) -> Revision:
        revision = Revision(
            number=0,
            made_ms=self._centre.clock.now_ms(),
            author=wish.author,
            reason=wish.reason,
            origin=origin,
            of=of,
            digest=configuration.digest,
            files=configuration.documents.files(),
            disk_digest=disk,
            confirm_by_ms=confirm_by_ms,
        )
        try:
            return await self._store(wish.lang).add_revision(revision, expected=self.number)
        except Conflict as error:
            await self._catch_up()
            raise Stale(str(error)) from error

    async def _put_in_force(self, configuration: Configuration) -> None:
        await self._centre.take_configuration(configuration)
        self.configuration = configuration
        rules = configuration.read.today.rules
        log.info("config.in_force", revision=self.number, rules=rules.revision)

    async def _catch_up(self) -> None:
        """Put in force what the store has: a slow disk may keep what we said that it would not."""
        newest = await self._store("en").revision()
        if newest is not None and newest.number != self.number:
            configuration = await self._read(documents_of(newest), cases=False)
            self._revision = newest
            await self._put_in_force(configuration)

    async def _earlier(self, number: int, lang: Language) -> Revision:
        found = await self._store(lang).revision(number)
        if found is None:
            raise NotFound(say(lang, "no_revision", number=number))
        return found

    def _store(self, lang: Language) -> Store:
        store = self._centre.store()
        if store is None:
            raise StoreUnavailable(say(lang, "no_store"))
        return store

    # ── by itself ────────────────────────────────────────────────────────────────────────────

    def ask(self) -> None:
        """Have the files applied, as SIGHUP does, after a change that is under way."""
        self._wanted = True
        self._asked.set()

    async def keep(self) -> None:
        """Apply when asked, undo in time, compile once a day; until cancelled. Nothing that fails ends it."""
        loop = asyncio.get_running_loop()
        day_at = loop.time() + self._day_s
        not_before = loop.time()
        while True:
            pending = awaits_confirmation(self._revision)
            await self._woken(min(LOOK_S, day_at - loop.time()) if pending else day_at - loop.time())
            try:
                if self._wanted:
                    self._wanted = False
                    await self._reload()
                if self._is_overdue() and loop.time() >= not_before:
                    not_before = loop.time() + RETRY_S
                    await self._undo()
                if loop.time() >= day_at:
                    day_at = loop.time() + self._day_s
                    await self._compile_again()
            except Exception as error:
                log.exception("config.failed")
                self._refuse((f"our own defect: {error!r}",))

    def _asked_again(self) -> None:
        """Let `keep` see that there is something new to wait for."""
        self._asked.set()

    async def _woken(self, limit_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, limit_s)):
                await self._asked.wait()
        self._asked.clear()

    def _is_unkept(self) -> bool:
        """Whether what runs is no revision, for the store could not take it at the start."""
        return self._revision is None and self._centre.store() is not None

    def _is_overdue(self) -> bool:
        revision = self._revision
        if revision is None or not awaits_confirmation(revision):
            return False
        return self._centre.clock.now_ms() >= (revision.confirm_by_ms or 0)

    async def _reload(self) -> None:
        wish = Wish(author="signal", reason="SIGHUP")
        before = self.number
        try:
            standing = await self.apply(wish)
        except (ConfigError, Guarded):
            self._tell(wish, "config.apply", self._refused, result="refused")  # told in the log already
        except AcdError as error:
            self._refuse((str(error),))
            self._tell(wish, "config.apply", str(error), result="refused")
        else:
            if standing.number != before:
                self._tell(wish, "config.apply", wish.reason)

    async def _compile_again(self) -> None:
        async with self._one_at_a_time:
            now, today = self.configuration, self._today()
            await self._put_in_force(await beside(lambda: now.on(today)))

    # ── told ─────────────────────────────────────────────────────────────────────────────────

    def _refuse(self, findings: tuple[str, ...]) -> None:
        for finding in findings:
            log.error("config.refused", finding=finding)
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        self._refused = f"{findings[0]}{more}"
        self._centre.refuse_rules(self._refused)

    def _well(self) -> None:
        self._refused = ""
        self._centre.refuse_rules("")

    def _tell(self, wish: Wish, action: str, detail: str, result: str = "done") -> None:
        store = self._centre.store()
        if store is not None:
            store.tell_audit(
                AuditEntry(
                    at_ms=self._centre.clock.now_ms(),
                    who=wish.author,
                    action=action,
                    target=f"revision {self.number}",
                    result=result,
                    detail=detail[:240],
                )
            )
