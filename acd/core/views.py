"""Frozen pictures of the engine for everybody who looks: API, metrics, terminal.

No agent is named outside ``AgentView``, which only the agent and an authorised login see.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from acd.core.ids import AgentId, CallId, NodeId, OfficeId, QueueId, SiteId
from acd.core.notes import AgentState


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """One queue now. Today's counts are since the process began."""

    id: QueueId
    name: str
    waiting: int
    offered_now: int
    """Calls ordered or ringing now."""
    talking: int
    longest_wait_ms: int
    agents_ready: int | None
    """Ready agents who can serve this queue; None where the API tells no small group (under k)."""
    agents_there: int = 0
    """Of those who can serve it, whoever is logged in."""
    agents_able: int = 0
    """All of the roster who can serve it."""
    entered: int
    answered: int
    answered_by_offices: int
    abandoned: int
    safety_net: int
    lost: int
    closed: int = 0
    """Told that the queue is closed."""


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """One call in progress."""

    id: CallId
    node: NodeId
    queue: QueueId
    state: str
    wait_ms: int
    offers: int


class CallContext(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is told of the caller who rings, talks, or has just left: never who they are."""

    call: CallId
    queue: QueueId
    queue_name: str
    language: str
    province: str
    priority_class: str
    verified: bool | None
    """None: nobody has checked."""
    verified_by: str
    """How it was checked."""
    waited_ms: int
    passed_on: int
    """How often the caller has been passed on."""
    from_site: str
    """Site of the agent who passed the caller on last, empty if nobody did."""
    code: str
    """Outcome code said so far."""


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's own state, for that agent and for the answer to a login."""

    id: AgentId
    site: SiteId
    state: AgentState
    since_ms: int
    reason: str
    until_ms: int
    """Deadline of the state, 0 for none."""
    phone: str = ""
    """The endpoint that rings for this login."""
    wish: str = ""
    """What is granted after the talk: ``logout`` or ``pause``."""
    call: CallContext | None = None
    """The call that rings or talks, or the one the wrap-up is for."""
    break_due_ms: int = 0
    """When the next break from the screen begins if work goes on; 0: no rule, or no work now."""


class OfficeView(msgspec.Struct, frozen=True, kw_only=True):
    """One office and its line now."""

    id: OfficeId
    name: str
    province: str
    capacity: int
    in_use: int
    open: bool = True
    """Within its hours, or forced on; never when forced off."""
    breaker: str = "closed"
    """``closed``, ``open``, ``half_open``."""
    forced: bool | None = None
    """True: on, False: off, None: by hours and health."""
    trunk: str = ""
    carrier_out: bool = False
    """Its trunk fails for all offices: only a probe call now and then is sent."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The whole centre: the identity entered = ended + in_progress is checked, not assumed."""

    entered: int
    ended: int
    in_progress: int
    unaccounted: int
    answered: int
    to_offices: int
    abandoned: int
    safety_net: int
    lost: int
    closed: int = 0
    agents: Mapping[SiteId, Mapping[AgentState, int]]


class OwnTimes(msgspec.Struct, frozen=True, kw_only=True):
    """One agent's day, for that agent alone: in memory only, gone with the process."""

    since_ms: int
    """Local midnight, or when the process began to look."""
    spent_ms: Mapping[AgentState, int]
    """Time in each state, the present one up to now."""
    talks: int


class AgentEventKind(StrEnum):
    """What a desktop must show."""

    OFFERED = "offered"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    STATE = "state"
    """Any other change: ready, paused, logged out, unreachable; also the first event of a stream."""


class AgentEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one agent, with the agent as it stands after it."""

    kind: AgentEventKind
    at_ms: int
    agent: AgentView
