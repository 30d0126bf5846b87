"""The compiled rules: what the engine may know of the files in ``routing_rules/``.

Immutable; ``acd.rules`` checks the files and builds these. All times are milliseconds unless
the name says seconds.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from acd.core.ids import AgentId, OfficeId, PauseReasonId, QueueId, SiteId, SkillId


class SkillNeed(msgspec.Struct, frozen=True, kw_only=True):
    """An agent must hold this skill at least at this level (1 to 10, 10 best)."""

    skill: SkillId
    level_min: int = 1


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A topic callers wait for."""

    id: QueueId
    name: str
    language: str
    needs: tuple[SkillNeed, ...]
    priority: int = 0
    """Higher is served first; within a priority the oldest call."""
    threshold_ms: int = 20_000
    """Service level: answered within this time counts as met."""
    target_ratio: float = 0.8
    ring_s: int = 20
    wrap_up_ms: int = 30_000
    wrap_up_extend_ms: int = 30_000
    """One extension adds this much …"""
    wrap_up_ms_max: int = 120_000
    """… but the whole wrap-up never exceeds this."""
    short_abandon_ms: int = 5_000
    """A caller who hangs up sooner is counted as a short abandon."""
    offices: tuple[OfficeId, ...] = ()
    offices_after_ms: int = -1
    """From this wait on, the lines of ``offices`` may take the call too; -1 = never."""
    wait_ms_max: int = 1_800_000
    """After this the safety net takes the caller: nobody waits for ever."""


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """A provincial office with one line that carries ``capacity`` calls at once."""

    id: OfficeId
    name: str
    province: str
    number: str
    trunk: str
    capacity: int


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A place agents work from."""

    id: SiteId
    name: str


class PauseReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why an agent is paused. ``digit`` is what the feature code dials, empty for ours alone."""

    id: PauseReasonId
    name: str
    digit: str = ""


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of the control of calls; the reasons are in docs/architecture.md."""

    order_valid_ms: int = 3_000
    """An order not picked up by then is refused by the dialplan …"""
    order_grace_ms: int = 2_000
    """… and this long after it the engine holds it for expired (clocks, whole seconds)."""
    ghost_ms: int = 4_000
    """No 180 within this time after the dial began: the phone is not there."""
    ring_grace_ms: int = 2_000
    """A ring that has not ended this long after its time is looked at."""
    withdraw_ms: int = 1_500
    """A withdrawal not confirmed by then is looked at."""
    look_ms: int = 2_000
    """Pause before looking again at the same thing."""
    unreachable_retry_ms: int = 60_000
    """An unreachable phone that says nothing is tried again after this."""
    not_again_ms: int = 60_000
    """A call is not offered to an agent who missed it for this long."""
    misses_max: int = 3
    """So many offers missed in a row and the agent is paused …"""
    transfer_ms_max: int = 14_400_000
    """A transferred or net call is looked at after this (4 h) should its end have been lost."""


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """An immutable compiled version of the rules."""

    revision: str
    """Digest of the files it was compiled from."""
    queues: Mapping[QueueId, Queue]
    skills: Mapping[SkillId, str]
    sites: Mapping[SiteId, Site]
    offices: Mapping[OfficeId, Office]
    pause_reasons: Mapping[PauseReasonId, PauseReason]
    entry: Mapping[str, QueueId]
    """Called number to queue."""
    queue_by_default: QueueId
    """Where a call with an unknown queue name waits: nobody is lost over a name."""
    missed_reason: PauseReasonId
    """… with this reason (``timings.misses_max``)."""
    timings: Timings = Timings()


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """A person who answers, as the roster knows them."""

    id: AgentId
    site: SiteId
    endpoint: str
    """PJSIP endpoint that rings for this agent."""
    skills: Mapping[SkillId, int]


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody who may log in, by id, in the order of the file."""

    agents: Mapping[AgentId, Agent]
