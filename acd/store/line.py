"""What was told and is not on the disk yet: bounded, in order, in memory.

A login overwrites the same agent's earlier one: the line holds at most one for each agent, so these
are never lost. Audit and ledger keep their order. When the bound is reached, the oldest call of the
ledger goes, and only when there is none the oldest entry of the audit. Nothing goes in silence:
``dropped`` counts, and what was lost is told once in the audit itself when the disk is back.

Counters of the day stand in no line: who counts is asked for what has changed when a batch is taken. So on
the disk they are never behind the ledger.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

import msgspec

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.store.intraday import IntradaySource
from acd.store.ledger import LateCode
from acd.store.records import AuditEntry, Intraday, LedgerRow

__all__ = ["BEHIND_MAX", "Batch", "Line"]

BEHIND_MAX: Final = 100_000
"""Some 90 MB; at 100 calls a second a disk may be away for a quarter of an hour, at 10 for almost three."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What is written in one transaction."""

    sessions: Mapping[AgentId, Session | None]
    audit: tuple[AuditEntry, ...]
    ledger: tuple[LedgerRow | LateCode, ...]
    lost_audit: int
    lost_ledger: int
    intraday: Intraday | None = None
    """Counts as one row: they are few, and taken whole."""

    def __len__(self) -> int:
        return len(self.sessions) + len(self.audit) + len(self.ledger) + (self.intraday is not None)


class Line:
    """First in, first out, of three kinds."""

    def __init__(self, behind_max: int = BEHIND_MAX) -> None:
        self.behind_max = behind_max
        self.dropped = 0
        self._sessions: dict[AgentId, Session | None] = {}
        self._audit: deque[AuditEntry] = deque()
        self._ledger: deque[LedgerRow | LateCode] = deque()
        self._intraday: IntradaySource | None = None
        self.logins_told = 0
        self.logins_written = 0
        """All that were told up to this number are on the disk."""
        self._logins_in_hand = 0
        self._in_hand = 0
        self._lost_audit = 0
        self._lost_ledger = 0

    def __len__(self) -> int:
        told = len(self._sessions) + len(self._audit) + len(self._ledger) + self._in_hand
        return told + bool(self._intraday)

    @property
    def has_logins(self) -> bool:
        """Whether a login or logout stands in it."""
        return bool(self._sessions)

    def tell_session(self, agent: AgentId, session: Session | None) -> None:
        """Take the place of what was told of this agent before."""
        self.logins_told += 1
        self._sessions[agent] = session
        self._keep_to_bound()

    def tell_audit(self, entry: AuditEntry) -> None:
        """Go to the end."""
        self._audit.append(entry)
        self._keep_to_bound()

    def tell_ledger(self, told: LedgerRow | LateCode) -> None:
        """Go to the end."""
        self._ledger.append(told)
        self._keep_to_bound()

    def tell_intraday(self, source: IntradaySource) -> None:
        """Ask this one for its changes with the next batch."""
        self._intraday = source

    def take(self, count_max: int) -> Batch:
        """Take the first into the hand; `written` or `put_back` follows."""
        intraday = self._intraday.take() if self._intraday else None
        count_max -= intraday is not None
        agents = list(self._sessions)[:count_max]
        audits = min(len(self._audit), count_max - len(agents))
        calls = min(len(self._ledger), count_max - len(agents) - audits)
        batch = Batch(
            sessions={agent: self._sessions.pop(agent) for agent in agents},
            audit=tuple(self._audit.popleft() for _ in range(audits)),
            ledger=tuple(self._ledger.popleft() for _ in range(calls)),
            lost_audit=self._lost_audit,
            lost_ledger=self._lost_ledger,
            intraday=intraday,
        )
        self._in_hand = len(batch)
        self._logins_in_hand = self.logins_written if self._sessions else self.logins_told
        self._lost_audit = self._lost_ledger = 0
        return batch

    def written(self) -> None:
        """What was in the hand is on the disk."""
        self._in_hand = 0
        self.logins_written = max(self.logins_written, self._logins_in_hand)

    def put_back(self, batch: Batch) -> None:
        """It could not be written: back to the front, but a newer login stays."""
        self._in_hand = 0
        self._sessions = dict(batch.sessions) | self._sessions
        self._audit.extendleft(reversed(batch.audit))
        self._ledger.extendleft(reversed(batch.ledger))
        if self._intraday is not None and batch.intraday is not None:
            self._intraday.put_back(batch.intraday)
        self._lost_audit += batch.lost_audit
        self._lost_ledger += batch.lost_ledger
        self._keep_to_bound()

    def give_up(self, batch: Batch) -> None:
        """It can never be written: count it as lost."""
        self._in_hand = 0
        self.logins_written = max(self.logins_written, self._logins_in_hand)
        self.dropped += len(batch)
        self._lost_audit += batch.lost_audit + len(batch.audit)
        self._lost_ledger += batch.lost_ledger + len(batch.ledger)

    def _keep_to_bound(self) -> None:
        while len(self) > self.behind_max and (self._ledger or self._audit):
            if self._ledger:
                self._ledger.popleft()
                self._lost_ledger += 1
            else:
                self._audit.popleft()
                self._lost_audit += 1
            self.dropped += 1
