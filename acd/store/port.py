"""What the rest of the program asks of the store; ``acd.store.sql`` is the one implementation.

Two kinds of write. *Asked* writes (roster, tokens, codes) are awaited: whoever asked learns that they
are on disk, or why not. *Told* writes (sessions, ledger, audit) never block: they are put in line in
memory, written in batches, tried again while the disk is full or locked, and bounded (``StoreState``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.core.policy import RosterChange
from acd.store.records import (
    AuditEntry,
    AuditRow,
    AuditVerdict,
    LedgerRow,
    PersonalCode,
    RosterState,
    StoreState,
    TokenRecord,
)

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

    async def ledger(
        self, *, since_ms: int = 0, until_ms: int | None = None, after: str = "", limit: int = 100
    ) -> tuple[LedgerRow, ...]:
        """Ended calls ordered by (``ended_ms``, call); ``after``: ``<ended_ms>/<call>`` of the last."""
