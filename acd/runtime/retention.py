"""What is older than the privacy profile allows is removed: at the start, daily, and when an admin says so.

Five kinds are kept for a time: ended calls, volunteers' slots, toggles by hand, what rehearsals found at the
offices' numbers, and the journal. The audit chain, the revisions and the steps of the transition are the
record of what people decided, and stay; of logins there is only the present one.

A disk that will not is no reason to stop anything: it is tried again an hour later. What was removed is
audited with kinds and numbers of rows, under ``system`` when nobody asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final, Literal, get_args

import msgspec
import structlog

from acd.errors import AcdError
from acd.rules.privacy import Privacy
from acd.runtime.ports import Clock
from acd.store.port import Store
from acd.store.records import AuditEntry

__all__ = ["ACTION", "HOUR_MS", "KINDS", "Kind", "Removed", "Retention", "deadlines", "purge", "told"]

Kind = Literal["ledger", "slots", "overrides", "line_checks", "journal"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
ACTION: Final = "privacy.purge"

DAY_S: Final = 86_400.0
AGAIN_S: Final = 3_600.0
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS

Forget = Callable[[int], Awaitable[int]]
"""Remove the journal's segments that ended before a moment; how many."""

log = structlog.get_logger(__name__)


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one kind."""

    kind: Kind
    before_ms: int
    """What was over before this went …"""
    count: int
    """… so many rows, or segments of the journal."""


def deadlines(privacy: Privacy, now_ms: int) -> dict[Kind, int]:
    """Before which moment each kind is too old."""
    kept = privacy.retention
    return {
        "ledger": now_ms - kept.ledger_days * DAY_MS,
        "slots": now_ms - kept.slots_days * DAY_MS,
        "overrides": now_ms - kept.overrides_days * DAY_MS,
        "line_checks": now_ms - kept.line_checks_days * DAY_MS,
        "journal": now_ms - kept.journal_hours * HOUR_MS,
    }


async def purge(
    store: Store, forget_journal: Forget, before_ms: Mapping[Kind, int], done: list[Removed]
) -> None:
    """Remove what is older, one kind after the other.

    Args:
        store: Where the rows are.
        forget_journal: How the journal forgets.
        before_ms: For each kind that is meant, before which moment.
        done: What was done is added here, so that it is known even if the next kind fails.

    Raises:
        StoreUnavailable: The disk will not.
    """
    for kind, moment in before_ms.items():
        if kind == "journal":
            count = await forget_journal(moment)
        else:
            count = await store.purge(kind, moment)
        done.append(Removed(kind=kind, before_ms=moment, count=count))


def told(done: Collection[Removed]) -> str:
    """One line for audit and log: ``ledger 120, journal 3``."""
    return ", ".join(f"{one.kind} {one.count}" for one in done)


class Retention:
    """The job: at the start and once a day."""

    def __init__(
        self, store: Store, clock: Clock, privacy: Callable[[], Privacy], forget_journal: Forget
    ) -> None:
        self._store = store
        self._clock = clock
        self._privacy = privacy
        self._forget_journal = forget_journal
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Do it now: another profile is in force."""
        self._asked.set()

    async def run(self) -> None:
        """Remove what is too old, again and again, until cancelled; nothing that goes wrong ends it."""
        while True:
            self._asked.clear()
            well = await self._purge()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DAY_S if well else AGAIN_S):
                    await self._asked.wait()

    async def _purge(self) -> bool:
        """Do it once; whether it went well."""
        done: list[Removed] = []
        now_ms = self._clock.now_ms()
        well = False
        try:
            await purge(self._store, self._forget_journal, deadlines(self._privacy(), now_ms), done)
            well = True
        except (AcdError, OSError) as error:
            log.warning("retention.put_off", why=str(error))
        except Exception:
            log.exception("retention.failed")
        removed = [one for one in done if one.count]
        if removed:
            log.info("retention.removed", rows=told(removed))
            self._store.tell_audit(
                AuditEntry(
                    at_ms=now_ms,
                    who="system",
                    action=ACTION,
                    target="retention",
                    result="done",
                    detail=told(removed),
                )
            )
        return well
