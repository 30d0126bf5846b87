"""Which configuration a starting ACD runs.

The newest revision, unless somebody has changed the files since: valid ones that no guard objects to become
the next revision, others are told of and wait for `acd apply`. Files count as changed when they are not what
lay there as the newest revision was made, so what was rolled back does not come back by a restart.

A revision that nobody confirmed while the ACD was down is undone first. While one still waits for its
confirmation, files that were changed besides are left for later.

In a store without revisions the files themselves are the first; they must be valid, for there is nothing
else to run. There the worked cases are not asked: a promise that does not hold is no reason to route nobody.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Protocol

import msgspec

from acd.errors import ConfigError
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
        StoreUnavailable: The store cannot be read or written.
    """
    documents = await asyncio.to_thread(take_documents, settings)
    newest = await store.revision() if store is not None else None
    if store is None:
        return Started(configuration=_read(documents, settings, today, cases=False))
    if newest is None:
        first = _read(documents, settings, today, cases=False)
        return await _kept(first, store, now_ms, documents, "first start", 0)
    if awaits_confirmation(newest) and now_ms >= (newest.confirm_by_ms or 0):
        newest = await _undone(newest, store, now_ms, documents)
    kept, why_not = _read_or_not(documents_of(newest), settings, today)
    if awaits_confirmation(newest) or documents.digest in {newest.disk_digest, newest.digest}:
        if kept is not None:
            return Started(configuration=kept, revision=newest)
        return await _kept(
            _read(documents, settings, today, cases=False),
            store,
            now_ms,
            documents,
            f"revision {newest.number} does not suit this version",
            newest.number,
        )
    try:
        changed = _read(documents, settings, today, cases=kept is not None)
    except ConfigError as error:
        if kept is None:
            raise ConfigError((*error.findings, *why_not)) from None
        return Started(configuration=kept, revision=newest, refused=error.findings)
    if kept is not None:
        known = Known(now_ms=now_ms, roster=(await store.roster()).roster, checks=await store.line_checks())
        against = objections(kept, changed, known)
        if against:
            sentences = tuple(f"{one.in_words('en')}; see 'acd diff'." for one in against)
            return Started(configuration=kept, revision=newest, refused=sentences)
    return await _kept(changed, store, now_ms, documents, "files changed before the start", newest.number)


async def present(settings: Settled, store: Store, today: dt.date) -> Started:
    """Find what would run, and change nothing: for the command while no ACD runs.

    Raises:
        ConfigError: Neither will do.
    """
    newest = await store.revision()
    documents = take_documents(settings) if newest is None else documents_of(newest)
    return Started(configuration=_read(documents, settings, today, cases=False), revision=newest)


def _read(documents: Documents, settings: Settled, today: dt.date, *, cases: bool) -> Configuration:
    return read_configuration(documents, settings, today, cases=cases)


def _read_or_not(
    documents: Documents, settings: Settled, today: dt.date
) -> tuple[Configuration | None, tuple[str, ...]]:
    try:
        return _read(documents, settings, today, cases=False), ()
    except ConfigError as error:
        return None, error.findings


async def _kept(
    configuration: Configuration,
    store: Store,
    now_ms: int,
    documents: Documents,
    reason: str,
    expected: int,
) -> Started:
    revision = await store.add_revision(
        Revision(
            number=0,
            made_ms=now_ms,
            author=SYSTEM,
            reason=reason,
            origin=RevisionOrigin.START,
            digest=configuration.digest,
            files=configuration.documents.files(),
            disk_digest=documents.digest,
        ),
        expected=expected,
    )
    _audit(store, now_ms, "config.start", revision)
    return Started(configuration=configuration, revision=revision)


async def _undone(newest: Revision, store: Store, now_ms: int, documents: Documents) -> Revision:
    """Bring back what ran before the revision that nobody confirmed."""
    before = await store.revision(newest.number - 1)
    assert before is not None, "the first revision needs no confirmation"
    revision = await store.add_revision(
        Revision(
            number=0,
            made_ms=now_ms,
            author=SYSTEM,
            reason=f"nobody confirmed revision {newest.number} in time",
            origin=RevisionOrigin.UNDO,
            of=before.number,
            digest=before.digest,
            files=before.files,
            disk_digest=documents.digest,
        ),
        expected=newest.number,
    )
    _audit(store, now_ms, "config.undo", revision)
    return revision


def _audit(store: Store, now_ms: int, action: str, revision: Revision) -> None:
    store.tell_audit(
        AuditEntry(
            at_ms=now_ms,
            who=SYSTEM,
            action=action,
            target=f"revision {revision.number}",
            result="done",
            detail=revision.reason,
        )
    )
