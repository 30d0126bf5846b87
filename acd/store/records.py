"""The rows of the store as everybody outside ``acd.store`` sees them. No SQL word leaves the package."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from acd.core.ids import AgentId, PriorityClassId, SiteId
from acd.core.policy import Roster
from acd.figures.counts import Counts


class Role(StrEnum):
    """What the bearer of a token may do. Each role but ``agent`` may also do what those before it may."""

    AGENT = "agent"
    """Their own state, times and calls; nobody else's anything."""
    VIEWER = "viewer"
    """Counts of queues, offices and sites."""
    SUPERVISOR = "supervisor"
    """Also the roster and calls in progress, within the sites of the token."""
    OPERATOR = "operator"
    """Also log agents in and out, pause them, pass calls on."""
    ADMIN = "admin"
    """Also the roster, tokens, personal codes and the audit."""


class TokenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One bearer of the API. The secret itself is shown once, when it is made, and kept nowhere."""

    id: str
    """Short and public: what audit and revocation name."""
    name: str
    role: Role
    sha256: bytes
    sites: tuple[SiteId, ...] = ()
    """Only these sites' people; empty = all."""
    agent: AgentId | None = None
    """The agent whose token it is; given exactly for the role ``agent``."""
    created_ms: int
    expires_ms: int
    revoked_ms: int | None = None

    def is_good(self, now_ms: int) -> bool:
        """Whether it opens anything now."""
        return self.revoked_ms is None and now_ms < self.expires_ms


class RosterState(msgspec.Struct, frozen=True, kw_only=True):
    """The roster and the number of its revision, which grows with each change."""

    revision: int
    roster: Roster


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One write, as it will stand in the chain."""

    at_ms: int
    who: str
    """``token:<name>``, ``uid:<number>`` over the local socket, ``system``."""
    action: str
    """A verb and what kind of thing, such as ``agent.login`` or ``roster.import``."""
    target: str
    result: str
    """``done``, or ``refused: <why>``."""
    detail: str = ""
    """One line; never a secret, never a caller's number."""


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in its place: each hash covers the hash before it and the whole entry."""

    seq: int
    entry: AuditEntry
    previous: str
    digest: str


class AuditVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the chain is whole."""

    entries: int
    head: str
    """Digest of the last entry: written down elsewhere, it proves that nothing was cut off."""
    broken_at: int | None = None
    """Number of the first entry that does not fit; None for a whole chain."""
    why: str = ""


class LedgerRow(msgspec.Struct, frozen=True, kw_only=True):
    """One call, exactly one outcome. No agent's id; the caller's number only as a keyed hash."""

    call: str
    node: str
    queue: str
    """Where it was booked; empty for a caller who left in the menu."""
    called: str
    caller: str
    language: str
    province: str
    priority_class: str
    entered_ms: int
    ended_ms: int
    wait_ms: int
    handle_ms: int
    outcome: str
    """A word of ``acd.core.notes.Outcome``, or ``left_in_menu``."""
    path: str
    site: str
    office: str
    visits: int
    verified: bool | None
    code: str
    """What became of the question, empty if nobody said."""
    level: str = ""
    """A word of ``acd.core.notes.ServiceLevel``; empty: it has no such event (the queue was closed), or it
    ended before the store kept them."""


class Span(StrEnum):
    """How long a cell of the day is."""

    HALF_HOUR = "half_hour"
    MINUTE = "minute"


class CountedCall(msgspec.Struct, kw_only=True):
    """What has been counted of a call in progress, so that a restart counts nothing twice."""

    call: str
    node: str
    queue: str
    level: str = ""
    """A word of ``acd.core.notes.ServiceLevel``; empty: not yet."""
    answered_ms: int = 0
    """When its first answer was counted, 0 for not yet."""
    closed: bool = False
    """It has no service-level event."""


class Intraday(msgspec.Struct, frozen=True, kw_only=True):
    """The counters of a day, or what has changed of them; counters are whole, never differences."""

    cells: Mapping[tuple[Span, int, str], Counts]
    """By span, begin in milliseconds, queue."""
    calls: Mapping[str, CountedCall | None]
    """Calls in progress; None: it has ended."""
    half_hours_from_ms: int = 0
    minutes_from_ms: int = 0
    """Cells that began before are no longer wanted."""


class PersonalCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code that gives its caller a priority class. Kept as a keyed hash: no list of people."""

    hash: str
    priority_class: PriorityClassId
    expires_ms: int


class StoreState(msgspec.Struct, frozen=True, kw_only=True):
    """How the store does, for ``acd status``, ``readyz`` and the metrics."""

    writable: bool
    behind: int
    """Writes held in memory."""
    behind_max: int
    """More than this cannot be held …"""
    dropped: int
    """… and were lost, oldest first, since the process began."""
    why_not: str = ""
    """Why it is not writable, as a sentence; empty while it is."""


# ── what ops change (`acd.revisions`, `acd.fallback`, `acd.transition`) ──────────────────────


class RevisionOrigin(StrEnum):
    """How a revision of the configuration came about."""

    START = "start"
    """At the start the files differed from what they were when they were last read."""
    APPLY = "apply"
    """``acd apply``, ``acd reload``, SIGHUP, the API: one and the same thing."""
    ROLLBACK = "rollback"
    """An earlier one, anew."""
    UNDO = "undo"
    """Nobody confirmed the one before in time, so the one before that, anew."""


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was in force from a moment on: rule files, ``fallback.yaml``, ``privacy.yaml``.

    Append only; the newest is what runs.
    """

    number: int
    made_ms: int
    author: str
    """As in the audit."""
    reason: str
    origin: RevisionOrigin
    of: int | None = None
    """The revision that a rollback or an undo brings back."""
    digest: str
    """SHA-256 of the files, in hex: names and texts."""
    files: Mapping[str, str]
    """``rules/queues.yaml``, ``fallback.yaml`` … to their text."""
    disk_digest: str = ""
    """What the files on disk were when it was made: a start compares with this, so that what was rolled
    back does not come back by a restart."""
    confirm_by_ms: int | None = None
    """It undoes itself at this moment unless confirmed before; None: it stays."""
    confirmed_ms: int | None = None


class OverrideMode(StrEnum):
    """What a toggle can say."""

    AUTO = "auto"
    FORCED_ON = "forced_on"
    FORCED_OFF = "forced_off"


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A toggle by a person over what the file says; expires by itself."""

    id: int
    scope: str
    """``national``, ``site:<id>``, ``office:<id>``."""
    mode: OverrideMode
    reason: str
    author: str
    ticket: str = ""
    from_ms: int
    until_ms: int
    made_ms: int
    ended_ms: int | None = None
    """Taken back before its time …"""
    ended_by: str = ""
    """… by whom."""


class TransitionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the transition, as it was taken; the newest tells where it stands."""

    number: int
    at_ms: int
    phase: str
    """Id of the phase; empty: not started, or finished."""
    step: int
    """How far the ramp of the phase has come."""
    action: str
    """``start``, ``next``, ``back``, ``finish``."""
    automatic: bool
    """A guard did it, not a person."""
    author: str
    reason: str
    revision: int
    """Of the configuration in force."""


class LineCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal found at one number of an office; the newest of a number counts."""

    office: str
    number: str
    at_ms: int
    result: str
    """``pressed``, ``answered`` (and no key), ``no_answer``, ``busy``, ``failed``, ``wrong``."""
    ring_ms: int
    detail: str = ""


# ── volunteers (`acd.volunteering`) ──────────────────────────────────────────────────────────


class SlotKind(StrEnum):
    """What the time counts as."""

    ORDINARY = "ordinary"
    OVERTIME = "overtime"
    HOLIDAY = "holiday"


class SlotPlace(StrEnum):
    """Where the volunteer works."""

    OFFICE = "office"
    HOME = "home"


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A person's own opt-in for a time. Only the person sees it; others see sums."""

    id: int
    agent: AgentId
    office: str
    from_ms: int
    until_ms: int
    kind: SlotKind
    place: SlotPlace
    accepted_ms: int
    withdrawn_ms: int | None = None
    """The opt-out: what was worked of the slot until then stays."""
    confirmed_ms: int | None = None
    """The person confirmed that the time is right: what payroll gets."""
