"""The production engine in a centre that is nothing but numbers: no Asterisk, no clock but a heap of events.

Callers come when the list says, give up when their patience is over (also while a phone rings), agents let it
ring as long as the list says, talk as long as the list and their band say, and do the wrap-up of the queue,
which is the engine's. All that is drawn belongs to the *caller* and is drawn before: the same callers can be
given to the same agents under other rules, and what differs then is the rules' doing (common random numbers).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from heapq import heappop, heappush
from typing import Final, NamedTuple

from acd.core.engine import Engine
from acd.core.facts import (
    AgentLoggedIn,
    CallEnded,
    CallEntered,
    DeadlineReached,
    Fact,
    LegEnded,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    TalkBegan,
)
from acd.core.ids import AttemptId, CallId, NodeId, PauseReasonId, QueueId, SiteId
from acd.core.orders import OfferCall, SetNetMember
from acd.core.policy import Agent, Band, PauseReason, Queue, Roster, RuleSet, Site
from acd.core.reach import band_of

START_MS: Final = 1_700_000_000_000
NODE: Final = NodeId("bench")
REASON: Final = PauseReason(id=PauseReasonId("missed"), name="missed")
SITE: Final = Site(id=SiteId("bench"), name="bench")


class Caller(NamedTuple):
    """One caller, with everything that chance decides about the call; milliseconds."""

    at_ms: int
    """After the beginning."""
    queue: QueueId
    patience_ms: int
    ring_ms: int
    """How long an agent would let it ring."""
    talk_ms: int
    """How long an agent of the best band would talk."""


class Fate(NamedTuple):
    """What became of one caller."""

    caller: Caller
    answered: bool
    wait_ms: int


class Centre(NamedTuple):
    """Rules and people."""

    rules: RuleSet
    agents: Sequence[Agent]
    pace: tuple[float, ...]
    """Time of a call, talk and wrap-up, by the band of who answers; 1 is the list's."""


def rule_set(queues: Sequence[Queue], bands: tuple[Band, ...]) -> RuleSet:
    """Rules of these queues and nothing else."""
    return RuleSet(
        revision="bench",
        queues={queue.id: queue for queue in queues},
        skills={need.skill: str(need.skill) for queue in queues for need in queue.needs},
        sites={SITE.id: SITE},
        offices={},
        pause_reasons={REASON.id: REASON},
        entry={},
        queue_by_default=queues[0].id,
        missed_reason=REASON.id,
        bands=bands,
    )


def run(centre: Centre, callers: Sequence[Caller]) -> list[Fate]:
    """Let these callers call; their fates in the order of the list."""
    return _Run(centre, callers).fates()


class _Event(IntEnum):
    ENTERS = 0
    IS_ANSWERED = 1
    HAS_TALKED = 2
    GIVES_UP = 3


class _Run:
    """One run: the engine, the heap of what comes, and who is where."""

    def __init__(self, centre: Centre, callers: Sequence[Caller]) -> None:
        self._callers = callers
        self._queues = centre.rules.queues
        self._engine = Engine(centre.rules, Roster(agents={each.id: each for each in centre.agents}), 1)
        self._pace = {
            (agent.endpoint, queue.id): centre.pace[band_of(queue, centre.rules.bands, agent)]
            for agent in centre.agents
            for queue in self._queues.values()
        }
        self._coming = [
            (START_MS + each.at_ms, _Event.ENTERS, number, AttemptId(""))
            for number, each in enumerate(callers)
        ]  # in order of time, and so a heap
        self._offers: dict[int, OfferCall] = {}
        """The open offer of each caller who has one."""
        self._fates: dict[int, Fate] = {}
        for agent in centre.agents:
            self._tell(AgentLoggedIn(agent=agent.id), START_MS)

    def fates(self) -> list[Fate]:
        while self._coming:
            now_ms, event, number, attempt = heappop(self._coming)
            due_ms = self._engine.next_deadline()
            while due_ms is not None and due_ms <= now_ms:
                self._tell(DeadlineReached(), due_ms)
                due_ms = self._engine.next_deadline()
            if event is _Event.ENTERS:
                self._enters(number, now_ms)
            elif event is _Event.GIVES_UP:
                self._gives_up(number, now_ms)
            elif number in self._offers and self._offers[number].attempt == attempt:
                if event is _Event.IS_ANSWERED:
                    self._is_answered(number, now_ms)
                else:
                    self._has_talked(number, now_ms)
        return [self._fates[number] for number in range(len(self._callers))]

    def _enters(self, number: int, now_ms: int) -> None:
        caller = self._callers[number]
        heappush(self._coming, (now_ms + caller.patience_ms, _Event.GIVES_UP, number, AttemptId("")))
        self._tell(CallEntered(call=_call(number), node=NODE, queue=caller.queue, entered_ms=now_ms), now_ms)

    def _gives_up(self, number: int, now_ms: int) -> None:
        if number not in self._fates:
            self._end(number, now_ms, answered=False)
            self._offers.pop(number, None)
            self._tell(CallEnded(call=_call(number)), now_ms)

    def _is_answered(self, number: int, now_ms: int) -> None:
        offer, caller = self._offers[number], self._callers[number]
        self._end(number, now_ms, answered=True)
        wrap_up_ms = self._queues[caller.queue].wrap_up_ms
        pace = self._pace[offer.target, caller.queue]
        talk_ms = round((caller.talk_ms + wrap_up_ms) * pace) - wrap_up_ms
        heappush(self._coming, (now_ms + talk_ms, _Event.HAS_TALKED, number, offer.attempt))
        self._tell(TalkBegan(call=offer.call, attempt=offer.attempt), now_ms)

    def _has_talked(self, number: int, now_ms: int) -> None:
        offer = self._offers.pop(number)
        self._tell(LegEnded(call=offer.call, attempt=offer.attempt), now_ms)
        self._tell(OfferEnded(call=offer.call, attempt=offer.attempt, end=OfferEnd.TALKED), now_ms)
        self._tell(CallEnded(call=offer.call), now_ms)

    def _end(self, number: int, now_ms: int, *, answered: bool) -> None:
        """The end of a wait."""
        caller = self._callers[number]
        self._fates[number] = Fate(caller, answered, now_ms - START_MS - caller.at_ms)

    def _tell(self, fact: Fact, now_ms: int) -> None:
        """Hand in one fact; whoever is offered a call lets it ring."""
        for order in self._engine.handle(fact, now_ms).orders:
            if isinstance(order, OfferCall):
                number = int(order.call.rpartition(".")[2])
                self._offers[number] = order
                ring_ms = self._callers[number].ring_ms
                heappush(self._coming, (now_ms + ring_ms, _Event.IS_ANSWERED, number, order.attempt))
                self._tell(OfferBegan(call=order.call, attempt=order.attempt), now_ms)
                self._tell(OfferRang(call=order.call, attempt=order.attempt), now_ms)
            elif not isinstance(order, SetNetMember):
                raise TypeError(f"nothing goes wrong in this centre, but the engine ordered {order}")


def _call(number: int) -> CallId:
    return CallId(f"bench-1700000000.{number}")
