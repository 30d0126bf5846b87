"""A store in memory: what the port promises, without a disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.core.policy import Roster, RosterChange
from acd.errors import Conflict, NotFound
from acd.store.intraday import IntradaySource
from acd.store.records import (
    AuditEntry,
    AuditRow,
    AuditVerdict,
    Intraday,
    LedgerRow,
    PersonalCode,
    RosterState,
    StoreState,
    TokenRecord,
)
from acd.store.tallies import Repeats, Tally
from tests.web.small_store_of_ops import SmallStoreOfOps


class SmallStore(SmallStoreOfOps):
    """Everything in lists; ``broken`` makes every awaited call fail as a full disk does."""

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, TokenRecord] = {}
        self.entries: list[AuditEntry] = []
        self.rows: list[LedgerRow] = []

    async def close(self) -> None:
        """Nothing to close."""

    def state(self) -> StoreState:
        """Well, unless broken."""
        why = "The disk is full." if self.broken else ""
        return StoreState(writable=not self.broken, behind=0, behind_max=10, dropped=0, why_not=why)

    async def roster(self) -> RosterState:
        """The small centre keeps its own."""
        return RosterState(revision=0, roster=Roster(agents={}))

    async def change_roster(self, change: RosterChange, *, expected: int | None = None) -> int:
        """The small centre keeps its own."""
        return 0

    async def sessions(self) -> tuple[Session, ...]:
        """Nobody."""
        return ()

    def tell_session(self, agent: AgentId, session: Session | None) -> None:
        """Not of interest here."""

    def tell_intraday(self, source: IntradaySource) -> None:
        """Not of interest here."""

    async def intraday(self) -> Intraday:
        """Nothing was counted."""
        return Intraday(cells={}, calls={})

    async def tokens(self) -> tuple[TokenRecord, ...]:
        """All of them."""
        self._check()
        return tuple(self.records.values())

    async def add_token(self, token: TokenRecord) -> None:
        """Keep one whose name is free."""
        self._check()
        if any(other.name == token.name and other.revoked_ms is None for other in self.records.values()):
            raise Conflict(f"there is a token named '{token.name}' already.")
        self.records[token.id] = token

    async def revoke_token(self, token_id: str, now_ms: int) -> TokenRecord:
        """Close one."""
        self._check()
        if token_id not in self.records:
            raise NotFound(f"there is no token '{token_id}'.")
        record = msgspec.structs.replace(self.records[token_id], revoked_ms=now_ms)
        self.records[token_id] = record
        return record

    async def codes(self) -> tuple[PersonalCode, ...]:
        """The small centre keeps its own."""
        return ()

    async def put_codes(self, codes: Sequence[PersonalCode]) -> int:
        """The small centre keeps its own."""
        return 0

    def tell_audit(self, entry: AuditEntry) -> None:
        """Add to the end."""
        self.entries.append(entry)

    async def audit(self, *, after: int = 0, limit: int = 100) -> tuple[AuditRow, ...]:
        """Entries in order."""
        self._check()
        rows = (
            AuditRow(seq=n, entry=entry, previous=_digest(n - 1), digest=_digest(n))
            for n, entry in enumerate(self.entries, 1)
        )
        return tuple(row for row in rows if row.seq > after)[:limit]

    async def verify_audit(self) -> AuditVerdict:
        """Whole."""
        self._check()
        return AuditVerdict(entries=len(self.entries), head=_digest(len(self.entries)))

    def tell_call(self, row: LedgerRow) -> None:
        """One call."""
        self.rows.append(row)

    def tell_code(self, call: str, code: str) -> None:
        """Not of interest here."""

    async def tally(self, *_: object, **__: object) -> tuple[Tally, ...]:
        """Nothing is added up here."""
        self._check()
        return ()

    async def repeats(self, *_: object, **__: object) -> tuple[Repeats, ...]:
        """Nobody calls again."""
        self._check()
        return ()

    async def ledger(
        self, *, since_ms: int = 0, until_ms: int | None = None, after: str = "", limit: int = 100
    ) -> tuple[LedgerRow, ...]:
        """Ended calls by (end, call)."""
        self._check()
        rows = sorted(self.rows, key=lambda row: (row.ended_ms, row.call))
        places = [f"{row.ended_ms}/{row.call}" for row in rows]
        begin = places.index(after) + 1 if after in places else 0
        return tuple(
            row
            for row in rows[begin:]
            if row.ended_ms >= since_ms and (until_ms is None or row.ended_ms < until_ms)
        )[:limit]


def _digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def ended(call: str, ended_ms: int, site: str = "roma") -> LedgerRow:
    """A call that somebody of this site answered."""
    return LedgerRow(
        call=call,
        node="ast1",
        queue="generale",
        called="803164",
        caller="ab12-" + "0" * 32,
        language="it",
        province="RM",
        priority_class="",
        entered_ms=ended_ms - 60_000,
        ended_ms=ended_ms,
        wait_ms=5_000,
        handle_ms=55_000,
        outcome="answered",
        path="primary",
        site=site,
        office="",
        visits=1,
        verified=True,
        code="risolto",
    )
