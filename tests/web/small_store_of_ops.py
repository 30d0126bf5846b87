"""What ops change, in memory: the other half of the small store."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from acd.core.ids import AgentId
from acd.errors import Conflict, NotFound, StoreUnavailable
from acd.store.records import LineCheck, Override, Revision, Slot, TransitionRecord


class SmallStoreOfOps:
    """Revisions, overrides, the transition, line checks and slots in lists."""

    def __init__(self) -> None:
        self.kept_revisions: list[Revision] = []
        self.kept_overrides: list[Override] = []
        self.kept_transitions: list[TransitionRecord] = []
        self.kept_checks: dict[tuple[str, str], LineCheck] = {}
        self.kept_slots: list[Slot] = []
        self.purged: list[tuple[str, int]] = []
        self.broken = False

    async def add_revision(self, revision: Revision, *, expected: int | None) -> Revision:
        """Keep it under the next number."""
        self._check()
        newest = len(self.kept_revisions)
        if expected is not None and expected != newest:
            raise Conflict(f"the configuration is at revision {newest}, not {expected}.")
        kept = msgspec.structs.replace(revision, number=newest + 1)
        self.kept_revisions.append(kept)
        return kept

    async def revision(self, number: int | None = None) -> Revision | None:
        """One of them, or the newest."""
        self._check()
        found = [one for one in self.kept_revisions if number in {None, one.number}]
        return found[-1] if found else None

    async def revisions(self, *, limit: int = 50) -> tuple[Revision, ...]:
        """The newest first, without files."""
        self._check()
        page = self.kept_revisions[::-1][:limit]
        return tuple(msgspec.structs.replace(one, files={}) for one in page)

    async def confirm_revision(self, number: int, now_ms: int) -> Revision:
        """It stays."""
        self._check()
        if not 0 < number <= len(self.kept_revisions):
            raise NotFound(f"there is no revision {number}.")
        found = self.kept_revisions[number - 1]
        if number != len(self.kept_revisions) or now_ms >= (found.confirm_by_ms or now_ms + 1):
            raise Conflict(f"revision {number} cannot be confirmed any more.")
        if found.confirm_by_ms is not None and found.confirmed_ms is None:
            found = msgspec.structs.replace(found, confirmed_ms=now_ms)
            self.kept_revisions[number - 1] = found
        return found

    async def add_override(self, override: Override) -> Override:
        """Keep it under a new id."""
        self._check()
        kept = msgspec.structs.replace(override, id=len(self.kept_overrides) + 1)
        self.kept_overrides.append(kept)
        return kept

    async def end_override(self, override_id: int, now_ms: int, by: str) -> Override:
        """It is over."""
        self._check()
        for place, one in enumerate(self.kept_overrides):
            if one.id == override_id:
                if one.ended_ms is None and now_ms < one.until_ms:
                    self.kept_overrides[place] = msgspec.structs.replace(one, ended_ms=now_ms, ended_by=by)
                return self.kept_overrides[place]
        raise NotFound(f"there is no override {override_id}.")

    async def overrides(self, *, since_ms: int = 0) -> tuple[Override, ...]:
        """Those not over."""
        self._check()
        return tuple(
            one
            for one in self.kept_overrides
            if one.until_ms > since_ms and (one.ended_ms is None or one.ended_ms > since_ms)
        )

    async def add_transition(self, record: TransitionRecord, *, expected: int | None) -> TransitionRecord:
        """Keep it under the next number."""
        self._check()
        newest = len(self.kept_transitions)
        if expected is not None and expected != newest:
            raise Conflict(f"the transition is at step {newest}, not {expected}.")
        kept = msgspec.structs.replace(record, number=newest + 1)
        self.kept_transitions.append(kept)
        return kept

    async def transitions(self, *, limit: int = 50) -> tuple[TransitionRecord, ...]:
        """The newest first."""
        self._check()
        return tuple(self.kept_transitions[::-1][:limit])

    async def put_line_checks(self, checks: Sequence[LineCheck]) -> None:
        """Over those of the same number."""
        self._check()
        self.kept_checks |= {(one.office, one.number): one for one in checks}

    async def line_checks(self) -> tuple[LineCheck, ...]:
        """By office and number."""
        self._check()
        return tuple(self.kept_checks[place] for place in sorted(self.kept_checks))

    async def add_slot(self, slot: Slot) -> Slot:
        """Keep it under a new id."""
        self._check()
        kept = msgspec.structs.replace(slot, id=len(self.kept_slots) + 1)
        self.kept_slots.append(kept)
        return kept

    async def withdraw_slot(self, slot_id: int, now_ms: int) -> Slot:
        """Opt out, once."""
        slot = self._slot(slot_id)
        if slot.withdrawn_ms is None:
            self.kept_slots[slot_id - 1] = msgspec.structs.replace(slot, withdrawn_ms=now_ms)
        return self.kept_slots[slot_id - 1]

    async def confirm_slot(self, slot_id: int, now_ms: int) -> Slot:
        """The time is right, once."""
        slot = self._slot(slot_id)
        if slot.confirmed_ms is None:
            self.kept_slots[slot_id - 1] = msgspec.structs.replace(slot, confirmed_ms=now_ms)
        return self.kept_slots[slot_id - 1]

    async def slots(
        self, *, agent: AgentId | None = None, since_ms: int = 0, until_ms: int | None = None
    ) -> tuple[Slot, ...]:
        """By begin."""
        self._check()
        found = [
            one
            for one in self.kept_slots
            if agent in {None, one.agent}
            and one.until_ms > since_ms
            and (until_ms is None or one.from_ms < until_ms)
        ]
        return tuple(sorted(found, key=lambda one: (one.from_ms, one.id)))

    async def purge(self, what: str, before_ms: int) -> int:
        """Only remember that it was asked."""
        self._check()
        self.purged.append((what, before_ms))
        return 0

    def _slot(self, slot_id: int) -> Slot:
        self._check()
        if not 0 < slot_id <= len(self.kept_slots):
            raise NotFound(f"there is no slot {slot_id}.")
        return self.kept_slots[slot_id - 1]

    def _check(self) -> None:
        if self.broken:
            raise StoreUnavailable("The disk is full; make room.")
