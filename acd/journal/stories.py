"""A call's story: everything the journal has of one call, in order of time, as data.

It is taken from the facts, the orders and the notes as they stand there, nothing is worked out again, so it
needs no replay and works across versions and gaps. What concerns all calls while this one was in progress
(links that were lost, new rules) belongs to it too. The sentences are ``acd.journal.telling``'s.

Nobody's name stands in it: who was rung is told by site. ``agents`` adds their ids, for those who may know.

Files are searched for the call's id as bytes, and only batches that hold it are decoded. Where the id says
when the call began (Asterisk's ``system-epoch.n``), older segments are not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from acd.core.facts import (
    CallEntered,
    CallerPressed,
    CallInSafetyNet,
    CallTransferred,
    Fact,
    NodeLost,
    NodeResynced,
    OfferRang,
    OrderFailed,
    TalkBegan,
)
from acd.core.ids import AttemptId, CallId, OfficeId, PriorityClassId, QueueId, SiteId
from acd.core.notes import (
    AgentMoved,
    Anomaly,
    BreakerMoved,
    CallAnswered,
    CallFinished,
    CallJudged,
    CallOffered,
    CallToldClosed,
    CarrierMoved,
    ConsentGiven,
    Corrected,
    Decision,
    FallbackTaken,
    LadderOpened,
    Late,
    MenuLeft,
    Note,
    OfferClosed,
    Path,
    RulesTaken,
    ServiceLevel,
    ServiceLevelCounted,
    StandInWidened,
)
from acd.core.orders import Order, PassOn, Say, SendToNet, TargetKind
from acd.core.policy import RuleSet
from acd.errors import NotFound
from acd.journal.records import Entry
from acd.journal.segments import Journal, Segment

__all__ = ["Event", "Kind", "Story", "story_of"]

_BEGAN: Final = re.compile(r"(?:.*-)?([0-9]{9,11})\.[0-9]+")
SLACK_MS: Final = 3_600_000
"""Clocks may differ so much, and a call's last word may come so long after its end."""
CHANGES: Final = (b"RulesTaken", b"FallbackTaken")
OF_ALL_CALLS: Final = (b"NodeLost", b"NodeResynced", *CHANGES)


class Kind(StrEnum):
    """What happened."""

    ENTERED = "entered"
    ENTERED_AGAIN = "entered_again"
    FOUND = "found"
    """A resync found a call that was there before we looked."""
    LEFT_MENU = "left_menu"
    LADDER = "ladder"
    STAGE = "stage"
    """In transition mode the call may go further."""
    SAID = "said"
    """The caller was let hear something."""
    PRESSED = "pressed"
    CONSENT = "consent"
    TOLD_CLOSED = "told_closed"
    RUNG = "rung"
    """Somebody was chosen, and the ring ordered."""
    RINGS = "rings"
    RING_OVER = "ring_over"
    THRESHOLD = "threshold"
    ANSWERED = "answered"
    TALK_OVER = "talk_over"
    PASSED_ON = "passed_on"
    TRANSFERRED = "transferred"
    TO_NET = "to_net"
    IN_NET = "in_net"
    ORDER_FAILED = "order_failed"
    CORRECTED = "corrected"
    ANOMALY = "anomaly"
    LINK_LOST = "link_lost"
    LINK_BACK = "link_back"
    RULES = "rules"
    FALLBACK = "fallback"
    """Who stands in for whom has changed."""
    CODED = "coded"
    ENDED = "ended"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a call."""

    at_ms: int
    kind: Kind
    what: Mapping[str, Any] = {}
    """What it takes to tell it, by name; docs/operations.md has them."""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """All that happened to one call."""

    call: CallId
    events: tuple[Event, ...]
    ended: bool
    decided_ms: int | None
    """When somebody was chosen last …"""
    decided: AttemptId | None
    """… and the offer that was made."""


def story_of(journal: Journal, call: CallId, *, agents: bool = False) -> Story:
    """The story of one call.

    Args:
        journal: Where to look.
        call: Its id.
        agents: Tell who was rung by id too, not only by site.

    Raises:
        NotFound: the journal has nothing of it.
    """
    teller = _Scribe(call, agents=agents)
    began_ms = _began_ms(call)
    for segment, following in zip(journal.segments, (*journal.segments[1:], None), strict=True):
        too_old = following is not None and following.start_ms < began_ms - SLACK_MS
        if too_old or (teller.ended_ms and segment.start_ms > teller.ended_ms + SLACK_MS):
            continue
        for entry in _entries_about(segment, teller):
            teller.read(entry, segment.header.rules)
    if not teller.events:
        raise NotFound(f"The journal has nothing of a call {call[:64]!r}; it keeps the last hours only.")
    return Story(
        call=call,
        events=tuple(teller.events),
        ended=bool(teller.ended_ms),
        decided_ms=teller.decided_ms,
        decided=teller.decided,
    )


def _began_ms(call: str) -> int:
    found = _BEGAN.fullmatch(call)
    return int(found[1]) * 1000 if found is not None else 0


def _entries_about(segment: Segment, teller: _Scribe) -> Iterator[Entry]:
    """Entries of the batches that may concern the call."""
    content = segment.content()
    needle = teller.call.encode()
    if needle not in content and not teller.in_progress:
        return
    for batch in segment.batches_of(content):
        raw = bytes(batch)
        if needle in raw or (teller.in_progress and any(each in raw for each in OF_ALL_CALLS)):
            yield from segment.entries_of(batch)


class _Scribe:
    """Writes down what concerns one call."""

    def __init__(self, call: CallId, *, agents: bool) -> None:
        self.call = call
        self.events: list[Event] = []
        self.in_progress = False
        self.ended_ms = 0
        self.decided_ms: int | None = None
        self.decided: AttemptId | None = None
        self._agents = agents
        self._needle = call.encode()
        self._node = ""
        self._entered_ms = 0
        self._targets: dict[str, dict[str, Any]] = {}
        """Who was rung, by attempt, as it may be told."""

    def read(self, entry: Entry, rules: RuleSet) -> None:
        """One fact with all that came of it."""
        fact = entry.fact
        ours = self._needle in bytes(entry.orders) or self._needle in bytes(entry.notes)
        if getattr(fact, "call", None) != self.call and not ours:
            if self.in_progress:
                self._of_all_calls(entry)
            return
        notes = [note for note in entry.noted() if self._concerns(note)]
        late = any(isinstance(note, Late) for note in notes)
        if not late and getattr(fact, "call", None) == self.call:
            self._fact(entry.now_ms, fact, rules)
        sites = {str(note.agent): str(note.site) for note in notes if isinstance(note, AgentMoved)}
        for note in notes:
            self._note(entry.now_ms, fact, note, rules, sites)
        for order in entry.ordered():
            if getattr(order, "call", None) == self.call:
                self._order(entry.now_ms, order, rules)
        if self.in_progress:
            self._of_all_calls(entry)

    def _concerns(self, note: Note) -> bool:
        match note:
            case AgentMoved():
                return True
            case Late() | Anomaly() | Corrected():
                return note.key == self.call or note.key in self._targets
            case RulesTaken() | FallbackTaken() | BreakerMoved() | CarrierMoved():
                return False
            case _:
                return note.call == self.call

    def _add(self, at_ms: int, kind: Kind, **what: Any) -> None:
        self.events.append(Event(at_ms=at_ms, kind=kind, what=what))

    # ── facts ────────────────────────────────────────────────────────────────────────────────

    def _fact(self, at_ms: int, fact: Fact, rules: RuleSet) -> None:
        match fact:
            case CallEntered():
                self._entered(at_ms, fact, rules)
            case CallerPressed():
                self._add(at_ms, Kind.PRESSED, key=fact.key)
            case OfferRang():
                self._add(at_ms, Kind.RINGS, **self._target(fact.attempt))
            case TalkBegan() if self._is_answered:
                waited_ms = at_ms - self._entered_ms
                self._add(at_ms, Kind.ANSWERED, wait_ms=waited_ms, **self._target(fact.attempt))
            case CallTransferred():
                self._add(at_ms, Kind.TRANSFERRED)
            case CallInSafetyNet():
                self._add(at_ms, Kind.IN_NET)
            case OrderFailed():
                self._add(at_ms, Kind.ORDER_FAILED, why=fact.why, unknown=fact.unknown)
            case _:
                pass

    @property
    def _is_answered(self) -> bool:
        """Whether somebody has answered before: the first answer is told by its note."""
        return any(event.kind is Kind.ANSWERED for event in self.events)

    def _entered(self, at_ms: int, fact: CallEntered, rules: RuleSet) -> None:
        self._node, self._entered_ms = fact.node, fact.entered_ms
        self.in_progress = True
        again = fact.visit > 1 and bool(self.events)
        self._add(
            at_ms,
            Kind.ENTERED_AGAIN if again else Kind.ENTERED,
            **_queue(rules, fact.queue),
            node=fact.node,
            called=fact.called,
            language=fact.language,
            province=fact.province,
            priority_class=fact.priority_class,
            credit_ms=_credit_ms(rules, fact),
            visit=fact.visit,
            age_ms=at_ms - (fact.first_entered_ms or fact.entered_ms),
            **(_office(rules, fact.office) if fact.office else {}),
        )

    def _of_all_calls(self, entry: Entry) -> None:
        fact = entry.fact
        match fact:
            case NodeLost() if fact.node == self._node:
                self._add(entry.now_ms, Kind.LINK_LOST, node=fact.node)
            case NodeResynced() if fact.node == self._node:
                self._add(entry.now_ms, Kind.LINK_BACK, node=fact.node)
            case _:
                pass
        if any(each in bytes(entry.notes) for each in CHANGES):
            for note in entry.noted():
                if isinstance(note, RulesTaken):
                    self._add(entry.now_ms, Kind.RULES, revision=note.revision)
                elif isinstance(note, FallbackTaken):
                    self._add(entry.now_ms, Kind.FALLBACK, revision=note.revision, on=note.on)

    # ── notes and orders ─────────────────────────────────────────────────────────────────────

    def _note(self, at_ms: int, fact: Fact, note: Note, rules: RuleSet, sites: Mapping[str, str]) -> None:
        match note:
            case CallOffered() if not isinstance(fact, CallEntered) or note.adopted:
                self._found(at_ms, fact, note, rules)
            case MenuLeft():
                waited_ms = note.left_ms - note.arrived_ms
                self._add(note.left_ms, Kind.LEFT_MENU, called=note.called, wait_ms=waited_ms)
                self.ended_ms = at_ms
            case LadderOpened():
                self._add(at_ms, Kind.LADDER, step=note.step, id=note.id, why=note.why)
            case StandInWidened():
                self._add(at_ms, Kind.STAGE, stage=note.stage)
            case ConsentGiven():
                self._add(at_ms, Kind.CONSENT, step=note.step, granted=note.granted)
            case CallToldClosed():
                self._add(at_ms, Kind.TOLD_CLOSED, **_queue(rules, note.queue), opens_ms=note.opens_ms)
            case Decision():
                self._decision(at_ms, note, rules, sites)
            case OfferClosed():
                self._offer_closed(at_ms, note)
            case ServiceLevelCounted(result=ServiceLevel.MISSED) if not self._is_answered:
                threshold_ms = rules.queues[note.queue].threshold_ms if note.queue in rules.queues else 0
                self._add(at_ms, Kind.THRESHOLD, threshold_ms=threshold_ms)
            case CallAnswered():
                attempt = getattr(fact, "attempt", "")
                self._add(at_ms, Kind.ANSWERED, wait_ms=note.wait_ms, **self._target(attempt))
            case CallJudged():
                self._add(at_ms, Kind.CODED, code=note.code)
            case CallFinished():
                self._finished(at_ms, note, rules)
            case Corrected():
                self._add(at_ms, Kind.CORRECTED, correction=note.kind)
            case Anomaly():
                self._add(at_ms, Kind.ANOMALY, fact=note.fact, state=note.state)
            case _:
                pass

    def _found(self, at_ms: int, fact: Fact, note: CallOffered, rules: RuleSet) -> None:
        self.in_progress = True
        self._node = self._node or getattr(fact, "node", "")
        self._entered_ms = self._entered_ms or at_ms
        self._add(at_ms, Kind.FOUND, **_queue(rules, note.queue))

    def _decision(self, at_ms: int, note: Decision, rules: RuleSet, sites: Mapping[str, str]) -> None:
        self.decided_ms, self.decided = at_ms, note.attempt
        self._entered_ms = self._entered_ms or at_ms - note.wait_ms
        if note.kind is TargetKind.LINE:
            target = _office(rules, note.target)
        else:
            target = _site(rules, sites.get(note.target, ""))
            if self._agents:
                target["agent"] = note.target
        self._targets[note.attempt] = target
        runners_up: dict[str, Any] = {"runners_up": len(note.runners_up)}
        if self._agents:
            runners_up["runners_up_agents"] = note.runners_up
        self._add(
            at_ms,
            Kind.RUNG,
            **target,
            **_queue(rules, note.queue),
            wait_ms=note.wait_ms,
            idle_ms=note.idle_ms,
            step=note.step,
            stage=note.stage,
            score_ms=note.score_ms,
            passed_over={reason.value: count for reason, count in note.passed_over.items()},
            **runners_up,
            revision=note.revision,
        )

    def _offer_closed(self, at_ms: int, note: OfferClosed) -> None:
        talked = note.end is not None and note.end.value in {"talked", "dropped"}
        self._add(
            at_ms,
            Kind.TALK_OVER if talked else Kind.RING_OVER,
            end="caller_left" if note.end is None else note.end.value,
            missed=note.missed,
            **self._target(note.attempt),
        )

    def _finished(self, at_ms: int, note: CallFinished, rules: RuleSet) -> None:
        by: dict[str, Any] = _site(rules, note.site) if note.site else {}
        if note.office and note.path is Path.FALLBACK:
            by = _office(rules, note.office)
        self._add(
            at_ms,
            Kind.ENDED,
            outcome=note.outcome.value,
            wait_ms=note.wait_ms,
            handle_ms=note.handle_ms,
            visits=note.visits,
            verified=note.verified,
            code=note.code,
            **by,
        )
        self.ended_ms, self.in_progress = at_ms, False

    def _order(self, at_ms: int, order: Order, rules: RuleSet) -> None:
        match order:
            case Say():
                self._add(at_ms, Kind.SAID, sounds=order.sounds, farewell=order.then_hang_up)
            case PassOn():
                kind, _, name = order.to.partition("-")
                to = _queue(rules, name) if kind == "q" else _office(rules, name)
                self._add(at_ms, Kind.PASSED_ON, **to)
            case SendToNet():
                self._add(at_ms, Kind.TO_NET)
            case _:
                pass

    def _target(self, attempt: str) -> Mapping[str, Any]:
        return self._targets.get(attempt, {})


def _credit_ms(rules: RuleSet, fact: CallEntered) -> int:
    """By how much the call counts as older than it is: for the caller's class, and for its queue."""
    given = rules.priority_classes.get(PriorityClassId(fact.priority_class))
    queue = rules.queues.get(QueueId(fact.queue))
    return (0 if given is None else given.credit_ms) + (0 if queue is None else queue.credit_ms)


def _queue(rules: RuleSet, name: str) -> dict[str, Any]:
    queue = rules.queues.get(QueueId(name))
    return {"queue": name, "queue_name": name if queue is None else queue.name}


def _site(rules: RuleSet, name: str) -> dict[str, Any]:
    site = rules.sites.get(SiteId(name))
    return {"site": name, "site_name": name if site is None else site.name}


def _office(rules: RuleSet, name: str) -> dict[str, Any]:
    office = rules.offices.get(OfficeId(name))
    return {"office": name, "office_name": name if office is None else office.name}
