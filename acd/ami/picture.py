"""What one node's channels are to us: the little memory that makes events into facts.

Events name channels by Uniqueid; facts name calls and attempts. A *caller* is a channel that
entered the ACD, a *leg* the channel of the target that an offer rings. A leg is bound once per
attempt, by the first ``DialBegin`` of that caller after its ``ACDOfferBegin``; whatever the caller dials
after the attempt is over (a transfer's target, the safety net) is no leg of ours.

The picture is rebuilt from channel variables by each resync (``acd.ami.snapshot``), so a missed
event can leave it wrong no longer than that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.core.ids import AgentId, AttemptId, CallId, PauseReasonId
from acd.core.policy import Roster, RuleSet

__all__ = ["Caller", "Directory", "Leg", "Picture"]


@dataclass(slots=True)
class Leg:
    """The target's channel of one attempt."""

    uniqueid: str
    call: CallId
    attempt: AttemptId
    target: str
    ended: bool = False
    """``LegEnded`` was reported; the channel itself may still be going."""


@dataclass(slots=True)
class Caller:
    """A caller's channel."""

    call: CallId
    holding: str = ""
    """The private holding bridge it waits in now, empty while in none."""
    bridge: str = ""
    """The talk bridge it is in now, empty while in none."""
    attempt: str = ""
    """The attempt the dialplan carries out now, empty for none."""
    target: str = ""
    leg: str = ""
    """Uniqueid of that attempt's leg, empty until it is bound."""
    leg_bridge: str = ""
    rang: bool = False
    talking: bool = False
    tech_cause: str = ""
    """SIP status of the leg's end, when Asterisk told it."""
    ended: bool = False

    def begin(self, attempt: str, target: str) -> None:
        """A new attempt: forget the last."""
        self.attempt, self.target = attempt, target
        self.leg = self.leg_bridge = self.tech_cause = ""
        self.rang = self.talking = False

    def clear(self) -> None:
        """No attempt of ours runs for this caller."""
        self.begin("", "")


@dataclass(slots=True)
class Picture:
    """All callers and legs of a node that we know of."""

    callers: dict[str, Caller] = field(default_factory=dict)
    legs: dict[str, Leg] = field(default_factory=dict)

    def caller(self, uniqueid: str) -> Caller:
        """The caller of this Uniqueid, known from now on."""
        return self.callers.setdefault(uniqueid, Caller(call=CallId(uniqueid)))

    def holding_bridge(self, call: str) -> str:
        """Where a kick must aim now; empty = nowhere."""
        known = self.callers.get(call)
        return known.holding if known is not None else ""

    def leg_of(self, call: str, attempt: str) -> str:
        """Uniqueid of the leg bound to this attempt, empty while there is none."""
        known = self.callers.get(call)
        return known.leg if known is not None and known.attempt == attempt else ""


class Directory:
    """Who answers at which endpoint and what a digit means, from the roster and the rules."""

    def __init__(self, rules: RuleSet, roster: Roster) -> None:
        self.agents: Mapping[str, AgentId] = {
            agent.endpoint: agent.id for agent in roster.agents.values() if agent.endpoint
        }
        self.reasons: Mapping[str, PauseReasonId] = {
            reason.digit: reason.id for reason in rules.pause_reasons.values() if reason.digit
        }
        self.languages: tuple[str, ...] = tuple(sorted({queue.language for queue in rules.queues.values()}))
