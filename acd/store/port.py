"""What the rest of the program asks of the store; ``acd.store.sql`` is the one implementation.

Two kinds of write. *Asked* writes (roster, tokens, codes) are awaited: whoever asked learns that they
are on disk, or why not. *Told* writes (sessions, ledger, audit) never block: they are put in line in
memory, written in batches, tried again while the disk is full or locked, and bounded (``StoreState``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.core.policy import RosterChange
from acd.store.intraday import IntradaySource
from acd.store.records import (
    AuditEntry,
    AuditRow,
    AuditVerdict,
    Intraday,
    LedgerRow,
    LineCheck,
    Override,
    PersonalCode,
    Revision,
    RosterState,
    Slot,
    StoreState,
    TokenRecord,
    TransitionRecord,
)
from acd.store.tallies import Part, Repeats, Tally, TallyBy

__all__ = ["Store"]


class Store(Protocol):
    """What outlives the process. All awaited calls raise ``StoreUnavailable`` when the disk will not."""

    async def close(self) -> None:
        """Write what is in line, as far as the disk lets, and close."""

    def state(self) -> StoreState:
        """How it does."""

    async def keep_logins(self) -> None:
        """Have the logins told so far on the disk; ``StoreUnavailable``: it will not, they stay in line."""

    # ── roster ───────────────────────────────────────────────────────────────────────────────

    async def roster(self) -> RosterState:
        """Everybody, ordered by id."""

    async def change_roster(self, change: RosterChange, *, expected: int | None = None) -> int:
        """Put in and take out, whole or not at all; returns the new revision.

        Raises:
            Conflict: ``expected`` is given and is not the present revision.
        """

    # ── sessions (told) ──────────────────────────────────────────────────────────────────────

    async def sessions(self) -> tuple[Session, ...]:
        """Who was logged in when the last write was made, ordered by agent."""

    def tell_session(self, agent: AgentId, session: Session | None) -> None:
        """This is the agent's login from now on; None: logged out. Overwritten, no history."""

    # ── tokens ───────────────────────────────────────────────────────────────────────────────

    async def tokens(self) -> tuple[TokenRecord, ...]:
        """All of them, oldest first, expired and revoked ones too."""

    async def add_token(self, token: TokenRecord) -> None:
        """Keep a new token. ``Conflict``: its name is taken by one that is still good."""

    async def revoke_token(self, token_id: str, now_ms: int) -> TokenRecord:
        """It opens nothing from now on; twice is once. ``NotFound``: there is none of this id."""

    # ── personal codes ───────────────────────────────────────────────────────────────────────

    async def codes(self) -> tuple[PersonalCode, ...]:
        """All codes, expired ones too."""

    async def put_codes(self, codes: Sequence[PersonalCode]) -> int:
        """Keep these, over earlier ones of the same hash; returns how many there are now."""

    # ── audit (told) ─────────────────────────────────────────────────────────────────────────

    def tell_audit(self, entry: AuditEntry) -> None:
        """Add to the end of the chain."""

    async def audit(self, *, after: int = 0, limit: int = 100) -> tuple[AuditRow, ...]:
        """Entries with a number above ``after``, in order; what is in line is written first."""

    async def verify_audit(self) -> AuditVerdict:
        """Go through the whole chain; what is in line is written first."""

    # ── ledger (told) ────────────────────────────────────────────────────────────────────────

    def tell_call(self, row: LedgerRow) -> None:
        """One call has ended; a repeat of the same call replaces nothing and is counted once."""

    def tell_code(self, call: str, code: str) -> None:
        """What became of a call's question, known after its end."""

    def tell_intraday(self, source: IntradaySource) -> None:
        """There is something to write of the day's counters; the source is asked for it, now or later."""

    async def intraday(self) -> Intraday:
        """The day's counters and what was counted of calls in progress, as written last."""

    async def ledger(
        self, *, since_ms: int = 0, until_ms: int | None = None, after: str = "", limit: int = 100
    ) -> tuple[LedgerRow, ...]:
        """Ended calls ordered by (``ended_ms``, call); ``after``: ``<ended_ms>/<call>`` of the last."""

    async def tally(
        self,
        by: TallyBy,
        parts: Sequence[Part],
        ended: tuple[int, int],
        *,
        queue: str | None = None,
        settled: Sequence[str] = (),
    ) -> tuple[Tally, ...]:
        """Ended calls of the parts, added up by the database; one slice (``acd.store.tallies``)."""

    async def repeats(
        self,
        period: tuple[int, int],
        span_ms: int,
        topics: Mapping[str, str],
        now_ms: int,
        *,
        queue: str | None = None,
    ) -> tuple[Repeats, ...]:
        """How often callers came back, by topic (``acd.store.tallies``)."""

    # ── configuration ────────────────────────────────────────────────────────────────────────

    async def add_revision(self, revision: Revision, *, expected: int | None) -> Revision:
        """Keep a new revision, whose ``number`` is given by the store; returns it as kept.

        Raises:
            Conflict: ``expected`` is given and is not the number of the newest (0: there is none).
        """

    async def revision(self, number: int | None = None) -> Revision | None:
        """One revision whole, the newest if no number is given; None: there is none."""

    async def revisions(self, *, limit: int = 50) -> tuple[Revision, ...]:
        """The newest first, with no ``files``."""

    async def confirm_revision(self, number: int, now_ms: int) -> Revision:
        """It stays. ``NotFound``, or ``Conflict`` when its time is over or it is not the newest."""

    # ── overrides ────────────────────────────────────────────────────────────────────────────

    async def add_override(self, override: Override) -> Override:
        """Keep a new one, whose ``id`` is given by the store."""

    async def end_override(self, override_id: int, now_ms: int, by: str) -> Override:
        """It is over from now on; twice is once. ``NotFound``: there is none of this id."""

    async def overrides(self, *, since_ms: int = 0) -> tuple[Override, ...]:
        """Those not over at ``since_ms``, oldest first."""

    # ── transition and rehearsal ─────────────────────────────────────────────────────────────

    async def add_transition(self, record: TransitionRecord, *, expected: int | None) -> TransitionRecord:
        """Keep a step. ``Conflict``: ``expected`` is not the number of the newest (0: there is none)."""

    async def transitions(self, *, limit: int = 50) -> tuple[TransitionRecord, ...]:
        """The newest first."""

    async def put_line_checks(self, checks: Sequence[LineCheck]) -> None:
        """Keep what a rehearsal found, over what was found before at these numbers."""

    async def line_checks(self) -> tuple[LineCheck, ...]:
        """The newest of each number, by office and number."""

    # ── volunteers ───────────────────────────────────────────────────────────────────────────

    async def add_slot(self, slot: Slot) -> Slot:
        """Keep a new one, whose ``id`` is given by the store."""

    async def withdraw_slot(self, slot_id: int, now_ms: int) -> Slot:
        """Opt out: nothing of it counts from now on; twice is once. ``NotFound``."""

    async def confirm_slot(self, slot_id: int, now_ms: int) -> Slot:
        """Its person says the time is right. ``NotFound``."""

    async def slots(
        self, *, agent: AgentId | None = None, since_ms: int = 0, until_ms: int | None = None
    ) -> tuple[Slot, ...]:
        """Those that overlap the time, by begin; of one person or (for the machine and for sums) of all."""

    # ── retention ────────────────────────────────────────────────────────────────────────────

    async def purge(self, what: str, before_ms: int) -> int:
        """Remove what is older from ``ledger``, ``slots``, ``overrides`` (ended ones) or ``line_checks``.

        Returns how many rows. The audit chain and the newest revisions are never purged by this.
        """
