"""The mutable records the engine owns, and the small moves every part of it shares.

``World`` is the one place where a state changes: ``move_call``, ``move_offer`` and ``move_agent`` read
their tables, count what is late, report what is an anomaly, and say whether the move was made.
Counters live here too, so that ``entered = ended + in progress`` is a fact about this object.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from acd.core import breaks
from acd.core.agents import AGENT_LATE, AGENT_MOVES, AgentInput, AgentRecord
from acd.core.calls import CALL_LATE, CALL_MOVES, Call, CallInput, CallState
from acd.core.deadlines import Deadlines, Due
from acd.core.facts import CallSeen, DeviceState, MemberSeen, Session
from acd.core.ids import AgentId, AttemptId, CallId, NodeId, OfficeId, QueueId
from acd.core.lines import LineRecord, by_number, line_records
from acd.core.matching import Matcher
from acd.core.notes import AgentMoved, AgentState, Anomaly, Late, Note, Outcome
from acd.core.offers import OFFER_LATE, OFFER_MOVES, Offer, OfferInput
from acd.core.orders import LookAgain, Order
from acd.core.policy import Agent, Fallback, Roster, RuleSet
from acd.core.stagger import Stagger

TOMBSTONES_MAX: Final = 20_000
"""How many ended calls are remembered, so that their late facts are not anomalies."""
PAUSED, LOGGED_OUT = AgentState.PAUSED, AgentState.LOGGED_OUT


class Tally:
    """Counts of one queue since the process began."""

    __slots__ = (
        "abandoned",
        "answered",
        "answered_by_offices",
        "closed",
        "ended",
        "entered",
        "lost",
        "safety_net",
    )

    def __init__(self) -> None:
        self.entered = 0
        self.ended = 0
        self.answered = 0
        """By agents and offices together."""
        self.answered_by_offices = 0
        self.abandoned = 0
        self.safety_net = 0
        self.closed = 0
        """Told when the queue opens."""
        self.lost = 0

    def count_end(self, outcome: Outcome, *, by_office: bool) -> None:
        """Count one ended call."""
        self.ended += 1
        match outcome:
            case Outcome.ANSWERED:
                self.answered += 1
                self.answered_by_offices += by_office
            case Outcome.ABANDONED | Outcome.SHORT_ABANDONED:
                self.abandoned += 1
            case Outcome.SAFETY_NET:
                self.safety_net += 1
            case Outcome.CLOSED:
                self.closed += 1
            case Outcome.LOST:
                self.lost += 1


class World:
    """Everything the engine knows."""

    __slots__ = (
        "agents",
        "attempt_number",
        "by_endpoint",
        "by_number",
        "calls",
        "deadlines",
        "devices",
        "down",
        "epoch",
        "fallback",
        "hired",
        "lately",
        "lines",
        "matcher",
        "members_known",
        "notes",
        "now_ms",
        "numbers",
        "offers",
        "opted_in",
        "orders",
        "owners",
        "parked",
        "pending_devices",
        "pending_members",
        "pending_people",
        "pending_seen",
        "pending_sessions",
        "recovering",
        "refused",
        "regrouping",
        "rules",
        "sessions_known",
        "stagger",
        "tally",
        "tombstones",
        "tombstones_order",
        "work",
    )

    def __init__(self, rules: RuleSet, roster: Roster, epoch: int) -> None:
        self.rules = rules
        self.fallback = Fallback()
        """Who stands in for whom now."""
        self.numbers: dict[QueueId, int] = {}
        """Calls of each queue since the transition mode came on."""
        self.epoch = epoch
        self.now_ms = 0
        self.attempt_number = 0
        self.orders: list[Order] = []
        self.notes: list[Note] = []
        self.refused: str | None = None
        self.lines: dict[OfficeId, LineRecord] = line_records(rules)
        self.by_number = by_number(self.lines)
        self.matcher = Matcher(rules, self.lines)
        self.agents: dict[AgentId, AgentRecord] = {}
        self.hired = 0
        """Agents ever taken in: the place in the roster of the next."""
        self.owners: dict[str, AgentRecord] = {}
        """Whose own phone it is."""
        self.by_endpoint: dict[str, AgentRecord] = {}
        """Who is logged in at this phone now."""
        self.opted_in: dict[AgentId, int] = {}
        """Volunteers who may be rung, and until when."""
        self.devices: dict[str, DeviceState] = {}
        """Asterisk's last word of every phone, whoever sits there."""
        for agent in roster.agents.values():
            self.hire(agent)
        self.calls: dict[CallId, Call] = {}
        self.offers: dict[AttemptId, Offer] = {}
        self.deadlines = Deadlines()
        self.stagger = Stagger()
        for record in self.lines.values():
            if record.shut:
                self.deadlines.arm(Due.HOURS, record.office.id, 0)
        self.down: dict[NodeId, None] = {}
        self.parked: dict[CallId, None] = {}
        """Waiting calls of nodes we cannot reach: they keep their age, nothing is offered to them."""
        self.tally: dict[QueueId, Tally] = {queue: Tally() for queue in rules.queues}
        self.lately: dict[str, tuple[str, bool, int]] = {}
        """Who talked with a caller last: site or office, whether office, when (``acd.core.affinity``)."""
        self.tombstones: dict[CallId, int] = {}
        """Ended calls with their last visit."""
        self.tombstones_order: deque[CallId] = deque()
        self.work: deque[Callable[[], None]] = deque()
        """Bulk work, one small step each; the engine does a slice of them per deadline of "now"."""
        self.pending_seen: dict[CallId, tuple[NodeId, CallSeen]] = {}
        self.pending_devices: dict[str, DeviceState] = {}
        self.pending_members: dict[str, MemberSeen] = {}
        """What a resync saw and the work list has not come to yet; newer facts settle or replace it."""
        self.pending_people: dict[AgentId, Agent | None] = {}
        """The same for a change of the roster; None = removed."""
        self.pending_sessions: dict[AgentId, Session] = {}
        """The same for the store's logins."""
        self.recovering = False
        """While true nothing is offered: the picture of a node is being rebuilt."""
        self.regrouping = False
        """Agents stand in the profiles of old rules or of the new, and calls not yet in their lines."""
        self.members_known: dict[NodeId, None] = {}
        """Nodes whose first resync has told who was logged in; from then on our own picture is the truth."""
        self.sessions_known = False
        """The store has told who was logged in: our own picture is the truth from the start."""

    # ── people ───────────────────────────────────────────────────────────────────────────────

    def hire(self, agent: Agent) -> AgentRecord:
        """Take somebody new into the roster, logged out."""
        self.hired += 1
        record = AgentRecord(agent, self.hired)
        self.matcher.join(record)
        self.agents[agent.id] = self.owners[agent.endpoint] = record
        return record

    def dismiss(self, record: AgentRecord) -> None:
        """Forget somebody who has been removed from the roster and is logged out."""
        self.matcher.leave(record)
        self.agents.pop(record.agent.id, None)
        if self.owners.get(record.agent.endpoint) is record:
            del self.owners[record.agent.endpoint]

    # ── moves ────────────────────────────────────────────────────────────────────────────────

    def move_call(self, call: Call, given: CallInput, fact: str) -> bool:
        """Move a call by its table; False when the input was late or an anomaly."""
        after = CALL_MOVES.get((call.state, given))
        if after is None:
            if (call.state, given) in CALL_LATE:
                self.note(Late(fact=fact, key=call.id))
            else:
                self.note(Anomaly(fact=fact, key=call.id, state=call.state))
                self.look_again(call)
            return False
        call.state = after
        return True

    def move_offer(self, offer: Offer, given: OfferInput, fact: str) -> bool:
        """Move an offer by its table; False when the input was late or an anomaly."""
        after = OFFER_MOVES.get((offer.state, given))
        if after is None:
            if (offer.state, given) in OFFER_LATE:
                self.note(Late(fact=fact, key=offer.attempt))
            else:
                self.note(Anomaly(fact=fact, key=offer.attempt, state=offer.state))
            return False
        offer.state = after
        return True

    def move_agent(self, record: AgentRecord, given: AgentInput, fact: str) -> bool:
        """Move an agent by the table; keeps the idle pool true to the state."""
        before = record.state
        after = AGENT_MOVES.get((before, given))
        if after is None:
            if (before, given) in AGENT_LATE:
                self.note(Late(fact=fact, key=record.agent.id))
            else:
                self.note(Anomaly(fact=fact, key=record.agent.id, state=before))
            return False
        record.state = after
        record.since_ms = self.now_ms
        if after is not before:
            self.matcher.moved(record, before)
            if before is PAUSED or before is LOGGED_OUT or after is PAUSED or after is LOGGED_OUT:
                breaks.turn(self, record, before)
            self.note(AgentMoved(agent=record.agent.id, site=record.agent.site, before=before, after=after))
        return True

    # ── small things everybody needs ─────────────────────────────────────────────────────────

    def note(self, note: Note) -> None:
        """Say what was done."""
        self.notes.append(note)

    def order(self, order: Order) -> None:
        """Ask for something to be done."""
        self.orders.append(order)

    def look_again(self, call: Call) -> None:
        """Ask the node how this call really stands."""
        if call.node not in self.down:
            self.order(LookAgain(call=call.id, node=call.node))

    def next_attempt(self) -> AttemptId:
        """A new attempt's name, of fixed length: Asterisk compares some names by prefix."""
        self.attempt_number += 1
        return AttemptId(f"{self.epoch:010d}-{self.attempt_number:08d}")

    def bury(self, call: Call) -> None:
        """Forget an ended call, but remember its name for late facts."""
        call.state = CallState.ENDED
        self.calls.pop(call.id, None)
        self.parked.pop(call.id, None)
        self.remember_gone(call.id, call.visit)

    def remember_gone(self, call_id: CallId, visit: int) -> None:
        """What is still said of this call up to this visit is late from now on."""
        if call_id in self.tombstones:
            self.tombstones[call_id] = max(visit, self.tombstones[call_id])
        else:
            self.tombstones[call_id] = visit
            self.tombstones_order.append(call_id)
            if len(self.tombstones_order) > TOMBSTONES_MAX:
                self.tombstones.pop(self.tombstones_order.popleft(), None)
