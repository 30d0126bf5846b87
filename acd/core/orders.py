"""What must be done: the only way the engine moves anything.

Orders are imperative and carry their node where one node must do it. An adapter carries each
out with a time limit of its own; the outcome comes back as a fact.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from acd.core.ids import AgentId, AttemptId, CallId, NodeId


class OrderBase(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Common ground of all orders."""


class TargetKind(StrEnum):
    """What an offer rings."""

    AGENT = "agent"
    LINE = "line"


class OfferCall(OrderBase, frozen=True, kw_only=True, gc=False):
    """Let this caller ring this target.

    The dialplan picks the order up until ``not_after_ms`` (ACD clock) and rings ``ring_s``
    seconds. The adapter repeats the kick, never the order, until the offer begins or ends.
    """

    call: CallId
    node: NodeId
    attempt: AttemptId
    kind: TargetKind
    target: str
    """PJSIP endpoint of the agent, or number of the office line."""
    via: str
    """Trunk of the office line, empty for an agent."""
    ring_s: int
    not_after_ms: int
    auto_answer: bool = False
    """The agent's phone is told to answer by itself; the agent hears a tone first."""
    confirm: bool = False
    """A line that must press 1 before the caller is joined to it."""
    group: str = ""
    """What the dialplan counts the line under: the office; empty for an agent …"""
    group_max: int = 0
    """… and how many calls it carries at most: the dialplan refuses one more."""
    sounds: tuple[str, ...] = ()
    """What the line hears before it presses; empty: Asterisk's own words."""


class PassOn(OrderBase, frozen=True, kw_only=True, gc=False):
    """Pass the caller of this talk on: out of the bridge with the agent and to ``to``.

    What comes of it comes as ``CallTransferred`` and ``CallEntered`` with the next visit.
    """

    call: CallId
    node: NodeId
    attempt: AttemptId
    to: str
    """``q-<queue>`` or ``o-<office>``: extensions of the dialplan's transfer context."""


class Say(OrderBase, frozen=True, kw_only=True, gc=False):
    """Let this waiting caller hear something; keys pressed meanwhile come as ``CallerPressed``."""

    call: CallId
    node: NodeId
    attempt: AttemptId
    sounds: tuple[str, ...]
    """Names below Asterisk's sounds folder, in order (``acd/closed``, ``digits/day-1``)."""
    not_after_ms: int
    then_hang_up: bool = False
    """A farewell: the call ends when it has been said."""


class StopSaying(OrderBase, frozen=True, kw_only=True, gc=False):
    """End the prompt this caller hears: somebody can take the call. Harmless when it has ended."""

    call: CallId
    node: NodeId
    attempt: AttemptId


class WithdrawOffer(OrderBase, frozen=True, kw_only=True, gc=False):
    """Take an offer back: the ring stops, the caller goes back to hold. Harmless in a talk."""

    call: CallId
    node: NodeId
    attempt: AttemptId


class SendToNet(OrderBase, frozen=True, kw_only=True, gc=False):
    """Hand this waiting caller to the safety net (the queue's maximum wait is over)."""

    call: CallId
    node: NodeId
    attempt: AttemptId
    not_after_ms: int


class LookAgain(OrderBase, frozen=True, kw_only=True, gc=False):
    """Something about this call is unknown: look at its channel and report ``CallLookedAt``."""

    call: CallId
    node: NodeId


class Resync(OrderBase, frozen=True, kw_only=True, gc=False):
    """The picture of a whole node contradicts itself: look at all of it again."""

    node: NodeId
    why: str


class SetNetMember(OrderBase, frozen=True, kw_only=True, gc=False):
    """Keep the safety net true on every node: what must hold for this agent from now on."""

    agent: AgentId
    """Empty: the net has a member at this phone who is nobody's login; no agent is meant."""
    endpoint: str
    """Empty: the agent has no phone, so there is nothing to change in the net."""
    languages: tuple[str, ...]
    logged_in: bool
    paused: bool
    reason: str = ""
    worked_since_ms: int = 0
    """For the store alone: where the clock of breaks stands (``acd.core.breaks``)."""


class AnswerAsker(OrderBase, frozen=True, kw_only=True, gc=False):
    """Tell the phone that dialled a feature code whether it was done."""

    node: NodeId
    channel: str
    done: bool


Order = (
    OfferCall
    | PassOn
    | Say
    | StopSaying
    | WithdrawOffer
    | SendToNet
    | LookAgain
    | Resync
    | SetNetMember
    | AnswerAsker
)
