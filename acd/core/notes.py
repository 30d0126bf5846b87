"""What the engine says about what it did: for metrics, logs and ``explain``; nothing depends on them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from acd.core.facts import OfferEnd
from acd.core.ids import AgentId, AttemptId, CallId, NodeId, OfficeId, OutcomeCodeId, QueueId, SiteId
from acd.core.orders import TargetKind


class Outcome(StrEnum):
    """How a call ended, exactly one each."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    SHORT_ABANDONED = "short_abandoned"
    SAFETY_NET = "safety_net"
    """Asterisk's safety net had it at the end (answered there or not)."""
    CLOSED = "closed"
    """The queue was closed, and nobody else could take the call; the caller was told when it opens."""
    LOST = "lost"
    """It was gone after a restart of Asterisk, or its end was never seen."""


class Reason(StrEnum):
    """Why somebody was not chosen for a call; countable, told by ``explain`` and ``why-not``."""

    LOGGED_OUT = "logged_out"
    PAUSED = "paused"
    WRAP_UP = "wrap_up"
    TALKING = "talking"
    RESERVED_ELSEWHERE = "reserved_elsewhere"
    UNREACHABLE = "unreachable"
    PHONE_BUSY = "phone_busy"
    LEVEL_TOO_LOW = "level_too_low"
    SKILL_MISSING = "skill_missing"
    EXCLUDED_BY_SKILL = "excluded_by_skill"
    OUTSIDE_RING = "outside_ring"
    """A later step of the ladder would reach them."""
    NO_CONSENT = "no_consent"
    EXCLUDED_AFTER_NO_ANSWER = "excluded_after_no_answer"
    LOWER_SCORE = "lower_score"
    """They could have had it, somebody else was better; or another call was."""
    CLOSED = "closed"
    CAPACITY = "capacity"
    """The office's lines are all in use."""
    NOT_HEALTHY = "not_healthy"
    """The office has not been answering and is left alone, or its carrier is out."""
    FORCED_OFF = "forced_off"
    """Somebody switched the office off."""
    NO_SHARE = "no_share"
    """Transition mode: this call is not of the share of the agent's site, and not yet everybody's."""
    NOT_OPTED_IN = "not_opted_in"
    ON_BREAK = "on_break"
    NOT_WAITING = "not_waiting"
    """The call was not waiting at that moment."""
    PICTURE_UNSURE = "picture_unsure"
    """A resync was under way, or the call's node was lost."""


class Path(StrEnum):
    """Who carried the call."""

    PRIMARY = "primary"
    FALLBACK = "fallback"


class ServiceLevel(StrEnum):
    """The service-level event of a call, counted when it happens."""

    MET = "met"
    MISSED = "missed"
    ABANDONED_EARLY = "abandoned_early"


class AgentState(StrEnum):
    """Where an agent stands; the table is in ``acd.core.agents``."""

    LOGGED_OUT = "logged_out"
    READY = "ready"
    RESERVED = "reserved"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"


class NoteBase(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Common ground of all notes."""


class CallOffered(NoteBase, frozen=True, kw_only=True, gc=False):
    """A call entered a queue. ``adopted``: a resync found it, it entered before we looked."""

    call: CallId
    queue: QueueId
    adopted: bool = False
    node: str = ""
    closed: bool = False
    """The queue was closed: the call has no service-level event."""


class ServiceLevelCounted(NoteBase, frozen=True, kw_only=True, gc=False):
    """The call met or missed its threshold, or left before it."""

    call: CallId
    queue: QueueId
    result: ServiceLevel


class CallAnswered(NoteBase, frozen=True, kw_only=True, gc=False):
    """Caller and target talk; ``wait_ms`` counts from the entry."""

    call: CallId
    queue: QueueId
    wait_ms: int
    path: Path


class CallFinished(NoteBase, frozen=True, kw_only=True, gc=False):
    """The one end of a call, for the ledger."""

    call: CallId
    queue: QueueId
    outcome: Outcome
    path: Path
    wait_ms: int
    handle_ms: int = 0
    site: SiteId | None = None
    office: OfficeId | None = None
    node: str = ""
    entered_ms: int = 0
    """Entry of the first visit."""
    ended_ms: int = 0
    language: str = ""
    province: str = ""
    called: str = ""
    caller: str = ""
    """Keyed hash, never the number."""
    priority_class: str = ""
    visits: int = 1
    verified: bool | None = None
    """None: nobody said."""
    code: str = ""
    """What became of the question, if it was said before the end; else ``CallJudged`` follows."""
    level: ServiceLevel | None = None
    """Its service-level event; None: it has none (the queue was closed), or it was counted before us."""


class CallJudged(NoteBase, frozen=True, kw_only=True, gc=False):
    """An agent said what became of a question."""

    call: CallId
    queue: QueueId
    code: OutcomeCodeId


class MenuLeft(NoteBase, frozen=True, kw_only=True, gc=False):
    """A caller hung up before any queue."""

    call: CallId
    node: NodeId
    called: str
    arrived_ms: int
    left_ms: int


class Decision(NoteBase, frozen=True, kw_only=True, gc=False):
    """Why this call goes to this target now."""

    call: CallId
    queue: QueueId
    attempt: AttemptId
    kind: TargetKind
    target: str
    wait_ms: int
    idle_ms: int
    runners_up: tuple[str, ...] = ()
    revision: str = ""
    step: int = 0
    """How far the ladder was open: 0 = as the queue begins, 1 = its first step …"""
    score_ms: int = 0
    """Entry + threshold - credits + handicap of the winner's band; the least wins."""
    passed_over: Mapping[Reason, int] = {}
    """How many of those who hold the queue's skills could not have it, by reason."""
    stage: str = ""
    """In transition mode: the last stage that was open for the call."""


class LadderOpened(NoteBase, frozen=True, kw_only=True, gc=False):
    """A step of the ladder opened for a call."""

    call: CallId
    queue: QueueId
    step: int
    id: str
    why: str
    """``waited``, ``load``, ``skipped`` (the step before had nobody), ``consent``."""


class ConsentGiven(NoteBase, frozen=True, kw_only=True, gc=False):
    """What the caller said to a step that asks."""

    call: CallId
    queue: QueueId
    step: int
    granted: bool


class CallToldClosed(NoteBase, frozen=True, kw_only=True, gc=False):
    """The queue was closed; the caller was told when it opens."""

    call: CallId
    queue: QueueId
    opens_ms: int | None


class RulesTaken(NoteBase, frozen=True, kw_only=True, gc=False):
    """New rules are in force from here on; ``waiting`` calls were moved over with their age."""

    revision: str
    waiting: int


class FallbackTaken(NoteBase, frozen=True, kw_only=True, gc=False):
    """Another fallback is in force from here on, for ``waiting`` calls too."""

    revision: str
    on: bool
    waiting: int


class StandInWidened(NoteBase, frozen=True, kw_only=True, gc=False):
    """In transition mode a call may now go further."""

    call: CallId
    queue: QueueId
    stage: str
    """``own``, ``region``, ``neighbours``, ``national``, ``anywhere``."""


class BreakerMoved(NoteBase, frozen=True, kw_only=True, gc=False):
    """The circuit breaker of an office moved."""

    office: OfficeId
    before: str
    """``closed``, ``open``, ``half_open``."""
    after: str
    why: str
    """The end of the last offer, or ``time``, ``answered``, ``carrier``."""


class CarrierMoved(NoteBase, frozen=True, kw_only=True, gc=False):
    """A trunk: all its offices failed at once, or one answers again. One note, whatever the offices."""

    trunk: str
    out: bool
    offices: int
    """How many offices are behind it."""


class OfferClosed(NoteBase, frozen=True, kw_only=True, gc=False):
    """An offer ended; ``end`` None: the caller hung up first."""

    call: CallId
    queue: QueueId
    attempt: AttemptId
    kind: TargetKind
    target: str
    end: OfferEnd | None
    missed: bool
    """Counted as a miss of the agent."""


class AgentMoved(NoteBase, frozen=True, kw_only=True, gc=False):
    """An agent's state changed."""

    agent: AgentId
    site: SiteId
    before: AgentState
    after: AgentState


class Late(NoteBase, frozen=True, kw_only=True, gc=False):
    """A true but stale fact was ignored; counted by kind."""

    fact: str
    key: str


class Anomaly(NoteBase, frozen=True, kw_only=True, gc=False):
    """A fact no table foresees: reported, and the thing is looked at again."""

    fact: str
    key: str
    state: str


class Corrected(NoteBase, frozen=True, kw_only=True, gc=False):
    """A resync changed our picture: ``kind`` is one of a few words (ghost_call, adopted_talk, …)."""

    kind: str
    key: str
    node: NodeId | None = None


Note = (
    CallOffered
    | ServiceLevelCounted
    | CallAnswered
    | CallFinished
    | CallJudged
    | MenuLeft
    | Decision
    | LadderOpened
    | ConsentGiven
    | CallToldClosed
    | RulesTaken
    | FallbackTaken
    | StandInWidened
    | BreakerMoved
    | CarrierMoved
    | OfferClosed
    | AgentMoved
    | Late
    | Anomaly
    | Corrected
)
