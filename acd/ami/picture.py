"""What one node's channels are to us: the little memory that makes events into facts.

Events name channels by Uniqueid; facts name calls and attempts. A *caller* is a channel that
entered the ACD, a *leg* the channel of the target that an offer rings. A leg is bound once per
attempt, by the first ``DialBegin`` of that caller after its ``ACDOfferBegin``; whatever the caller dials
after the attempt is over (a transfer's target, the safety net) is no leg of ours.

The picture is rebuilt from channel variables by each resync (``acd.ami.snapshot``), so a missed
event can leave it wrong no longer than that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from acd.core.ids import AgentId, AttemptId, CallId, OutcomeCodeId, PauseReasonId
from acd.core.policy import PhoneRange, Roster, RuleSet

__all__ = ["Caller", "Directory", "Leg", "Picture", "Redact", "nothing"]

Redact = Callable[[str], str]
"""Digits of a caller's to what may be kept of them."""


def nothing(_digits: str) -> str:
    """Keep nothing, where there is no key and are no codes."""
    return ""


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
    hears: str = ""
    """The attempt whose prompt is played to it now, empty for none."""
    ended: bool = False

    def begin(self, attempt: str, target: str) -> None:
        """A new attempt: forget the last."""
        self.attempt, self.target = attempt, target
        self.leg = self.leg_bridge = self.tech_cause = ""
        self.rang = self.talking = False

    def clear(self) -> None:
        """No attempt of ours runs for this caller."""
        self.begin("", "")
        self.hears = ""


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
    """Which phones are ours, what a dialled digit means, what may be known of a caller's digits.

    From the rules and the roster; a changed roster makes a new directory. A number or a code of a
    caller's comes in here in the clear and goes no further.
    """

    def __init__(
        self,
        rules: RuleSet,
        roster: Roster,
        *,
        hash_number: Redact = nothing,
        class_of_code: Redact = nothing,
    ) -> None:
        """Look the rules and the roster through.

        Args:
            rules: The rules in force.
            roster: Who may log in.
            hash_number: Digits of a caller's number to the hash that may be kept, empty for none.
            class_of_code: Digits of a personal code to its priority class, empty for none.
        """
        self._rules = rules
        self._roster = roster
        self._hash_number = hash_number
        self._class_of_code = class_of_code
        agents = roster.agents.values()
        self.phones = frozenset(agent.endpoint for agent in agents if agent.endpoint)
        """Agents' own; those which sites share are known by their ranges."""
        self._shared: tuple[PhoneRange, ...] = tuple(
            phones for site in rules.sites.values() for phones in site.phones
        )
        self.by_code: Mapping[str, AgentId] = {agent.code: agent.id for agent in agents if agent.code}
        self.reasons: Mapping[str, PauseReasonId] = {
            reason.digit: reason.id for reason in rules.pause_reasons.values() if reason.digit
        }
        self.outcomes: Mapping[str, OutcomeCodeId] = {
            code.digit: code.id for code in rules.outcome_codes.values() if code.digit
        }
        self.languages: tuple[str, ...] = tuple(sorted({queue.language for queue in rules.queues.values()}))

    def of(self, roster: Roster) -> Directory:
        """Return a directory of the same rules with another roster."""
        return Directory(
            self._rules, roster, hash_number=self._hash_number, class_of_code=self._class_of_code
        )

    def may_know_more_than(self, before: Directory) -> bool:
        """Whether there are phones here that may be new."""
        return bool(self.phones - before.phones) or self._shared != before._shared

    def under(self, rules: RuleSet) -> Directory:
        """Return a directory of the same people under other rules."""
        return Directory(
            rules, self._roster, hash_number=self._hash_number, class_of_code=self._class_of_code
        )

    def knows(self, endpoint: str) -> bool:
        """Whether somebody could log in at this phone: an agent's own, or one that a site shares."""
        return endpoint in self.phones or any(phones.holds(endpoint) for phones in self._shared)

    def caller(self, digits: str) -> str:
        """What may be kept of a caller's number; nothing of a number that is ours to be called."""
        return self._hash_number(digits) if digits and digits not in self._rules.entry else ""

    def priority_class(self, code: str) -> str:
        """The class of a personal code, empty for a wrong one."""
        return self._class_of_code(code) if code else ""
