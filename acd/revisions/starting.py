"""Which configuration a starting ACD runs.

The newest revision, unless somebody has changed the files since: valid ones that no guard objects to become
the next revision, others are told of and wait for `acd apply`. Files count as changed when they are not what
lay there as the newest revision was made, so what was rolled back does not come back by a restart.

A revision that nobody confirmed while the ACD was down is undone first. While one still waits for its
confirmation, files that were changed besides are left for later.

A store that cannot be written keeps nothing from starting: what it has runs, or else the files.

In a store without revisions the files themselves are the first; they must be valid, for there is nothing
else to run. There the worked cases are not asked: a promise that does not hold is no reason to route nobody.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Protocol

import msgspec

from acd.errors import ConfigError, StoreUnavailable
from acd.revisions.configuration import Configuration, Given, read_configuration
from acd.revisions.documents import Documents, Places, documents_of, take_documents
from acd.revisions.guarding import Known, objections
from acd.store.port import Store
from acd.store.records import AuditEntry, Revision, RevisionOrigin

__all__ = ["SYSTEM", "Settled", "Started", "awaits_confirmation", "present", "start"]

SYSTEM = "system"


class Settled(Places, Given, Protocol):
    """What of the settings the configuration depends on."""


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """What runs, and why not what lies on the disk."""

    configuration: Configuration
    revision: Revision | None = None
    """None: there is no store to keep it."""
    refused: tuple[str, ...] = ()
    """What is wrong with the files on the disk; empty: they are what runs, or were not looked at."""


def awaits_confirmation(revision: Revision | None) -> bool:
    """Whether it undoes itself unless somebody confirms it."""
    return revision is not None and revision.confirm_by_ms is not None and revision.confirmed_ms is None


async def start(settings: Settled, store: Store | None, now_ms: int, today: dt.date) -> Started:
    """Find what runs, and keep it as a revision where it is new.

    Raises:
        ConfigError: Neither the files nor the newest revision will do.
        StoreUnavailable: The store cannot be read.
    """
    documents = await asyncio.to_thread(take_documents, settings)
    if store is None:
        return Started(configuration=read_configuration(documents, settings, today, cases=False))
    return await _Start(settings, store, now_ms, today, documents).find()


async def present(settings: Settled, store: Store, today: dt.date) -> Started:
    """Find what would run, and change nothing: for the command while no ACD runs.

    Raises:
        ConfigError: Neither will do.
    """
    newest = await store.revision()
    documents = take_documents(settings) if newest is None else documents_of(newest)
    return Started(configuration=read_configuration(documents, settings, today, cases=False), revision=newest)


class _Start:
    """One start."""

    def __init__(
        self, settings: Settled, store: Store, now_ms: int, today: dt.date, documents: Documents
    ) -> None:
        self._settings = settings
        self._store = store
        self._now_ms = now_ms
        self._today = today
        self._documents = documents

    async def find(self) -> Started:
        """Find what runs."""
        newest = await self._store.revision()
        if newest is None:
            return await self._anew(self._read(self._documents), "first start", None, None)
        if awaits_confirmation(newest) and self._now_ms >= (newest.confirm_by_ms or 0):
            before = await self._store.revision(newest.number - 1)
            assert before is not None, "the first revision needs no confirmation"
            try:
                newest = await self._undone(newest, before)
            except StoreUnavailable as error:
                configuration = self._read(documents_of(before))
                return Started(configuration=configuration, revision=newest, refused=(str(error),))
        kept: Configuration | None = None
        why_not: tuple[str, ...] = ()
        try:
            kept = self._read(documents_of(newest))
        except ConfigError as error:
            why_not = error.findings
        left_alone = awaits_confirmation(newest) or not self._is_changed(newest)
        if kept is not None and left_alone:
            return Started(configuration=kept, revision=newest)
        return await self._changed(newest, kept, why_not)

    async def _changed(
        self, newest: Revision, kept: Configuration | None, why_not: tuple[str, ...]
    ) -> Started:
        """Take the files on the disk, if they do."""
        try:
            changed = self._read(self._documents, cases=kept is not None)
        except ConfigError as error:
            if kept is None:
                raise ConfigError((*error.findings, *why_not)) from None
            return Started(configuration=kept, revision=newest, refused=error.findings)
        against = await self._against(kept, changed) if kept is not None else ()
        if kept is not None and against:
            return Started(configuration=kept, revision=newest, refused=against)
        reason = (
            "files changed before the start"
            if self._is_changed(newest)
            else f"revision {newest.number} does not suit this version"
        )
        return await self._anew(changed, reason, newest, kept)

    async def _against(self, kept: Configuration, changed: Configuration) -> tuple[str, ...]:
        known = Known(
            now_ms=self._now_ms,
            roster=(await self._store.roster()).roster,
            checks=await self._store.line_checks(),
        )
        return tuple(f"{one.in_words('en')}; see 'acd diff'." for one in objections(kept, changed, known))

    async def _anew(
        self, configuration: Configuration, reason: str, newest: Revision | None, kept: Configuration | None
    ) -> Started:
        """Make the files the next revision; a store that cannot write is no reason to route nobody."""
        wanted = Revision(
            number=0,
            made_ms=self._now_ms,
            author=SYSTEM,
            reason=reason,
            origin=RevisionOrigin.START,
            digest=configuration.digest,
            files=configuration.documents.files(),
            disk_digest=self._documents.digest,
        )
        try:
            revision = await self._add(wanted, newest, "config.start")
        except StoreUnavailable as error:
            return Started(configuration=kept or configuration, revision=newest, refused=(str(error),))
        return Started(configuration=configuration, revision=revision)

    async def _undone(self, newest: Revision, before: Revision) -> Revision:
        """Bring back what ran before the revision that nobody confirmed."""
        wanted = Revision(
            number=0,
            made_ms=self._now_ms,
            author=SYSTEM,
            reason=f"nobody confirmed revision {newest.number} in time",
            origin=RevisionOrigin.UNDO,
            of=before.number,
            digest=before.digest,
            files=before.files,
            disk_digest=self._documents.digest,
        )
        return await self._add(wanted, newest, "config.undo")

    async def _add(self, wanted: Revision, newest: Revision | None, action: str) -> Revision:
        revision = await self._store.add_revision(wanted, expected=newest.number if newest is not None else 0)
        entry = AuditEntry(
            at_ms=self._now_ms,
            who=SYSTEM,
            action=action,
            target=f"revision {revision.number}",
            result="done",
            detail=revision.reason,
        )
        self._store.tell_audit(entry)
        return revision

    def _is_changed(self, newest: Revision) -> bool:
        return self._documents.digest not in {newest.disk_digest, newest.digest}

    def _read(self, documents: Documents, *, cases: bool = False) -> Configuration:
        return read_configuration(documents, self._settings, self._today, cases=cases)
