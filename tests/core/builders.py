"""A small centre in code, for stories: readable defaults, a clock of its own, invariants after each step.

A story reads: ``centre.enters("c1")``, ``centre.rings("c1")``, ``centre.later(4_000)``; what the engine
ordered is in ``centre.offered("c1")`` and ``centre.orders``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TypeVar
from unittest.mock import patch

from acd.core import invariants
from acd.core.agents import AgentRecord
from acd.core.breaks import has_opted_in, must_leave
from acd.core.calls import Call, CallState
from acd.core.engine import Engine, Outcome
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    CallEnded,
    CallEntered,
    CallerPressed,
    CallInSafetyNet,
    CallLookedAt,
    CallSeen,
    CallTransferred,
    DeadlineReached,
    DeviceChanged,
    DeviceState,
    Fact,
    FallbackChanged,
    LegEnded,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    OptInTold,
    OrderFailed,
    PromptEnded,
    RosterChanged,
    RulesChanged,
    Stage,
    TalkBegan,
    TransferAsked,
    TransferKind,
)
from acd.core.ids import (
    AgentId,
    AttemptId,
    CalendarId,
    CallId,
    NodeId,
    OfficeId,
    OutcomeCodeId,
    PauseReasonId,
    PriorityClassId,
    QueueId,
    SiteId,
    SkillId,
)
from acd.core.notes import AgentState, CallFinished, Decision, Note
from acd.core.orders import OfferCall, Order, TargetKind
from acd.core.policy import (
    Affinity,
    Agent,
    Breaks,
    Calendar,
    Fallback,
    Office,
    Opening,
    OutcomeCode,
    PauseReason,
    PhoneRange,
    PriorityClass,
    Queue,
    Roster,
    RuleSet,
    Site,
    SkillNeed,
    Step,
    Territory,
    Timings,
)
from acd.core.world import World

START_MS: Final = 1_700_000_000_000
NODE: Final = NodeId("milano")
FAR: Final = NodeId("palermo")
FRAGILE: Final = PriorityClassId("fragile")
CREDIT_MS: Final = 600_000
SOLVED: Final = OutcomeCodeId("risolto")
HANDED_OVER: Final = OutcomeCodeId("passato")

T = TypeVar("T")


def queue(name: str = "generale", **changes: object) -> Queue:
    """A queue that wants the skill of its own name, rings 20 s, wraps up 10 s."""
    given: dict[str, object] = {
        "id": QueueId(name),
        "name": name.title(),
        "language": "it",
        "needs": (SkillNeed(skill=SkillId(name)),),
        "wrap_up_ms": 10_000,
        "wrap_up_extend_ms": 10_000,
        "wrap_up_ms_max": 25_000,
    }
    return Queue(**(given | changes))  # type: ignore[arg-type]


def agent(
    name: str,
    site: str = "roma",
    *,
    endpoint: str = "",
    auto: bool = False,
    volunteer: bool = False,
    **skills: int,
) -> Agent:
    """An agent; without skills named, one who serves ``generale``."""
    held = {SkillId(skill): level for skill, level in (skills or {"generale": 5}).items()}
    return Agent(
        id=AgentId(name),
        site=SiteId(site),
        endpoint=endpoint or f"phone-{name}",
        skills=held,
        auto_answer=auto,
        volunteer=volunteer,
    )


def need(skill: str, level_min: int = 1) -> SkillNeed:
    """A skill that a queue wants."""
    return SkillNeed(skill=SkillId(skill), level_min=level_min)


def step(name: str = "oltre", after_ms: int = 10_000, **changes: object) -> Step:
    """A step of a ladder."""
    return Step(id=name, after_ms=after_ms, **changes)  # type: ignore[arg-type]


def to_offices(*offices: str, after_ms: int = 10_000) -> tuple[Step, ...]:
    """A ladder of one step that adds these offices, in this order."""
    return (step("uffici", after_ms, offices=offices),)


def asking(after_ms: int = 10_000, *waives: str, name: str = "in-italiano", **changes: object) -> Step:
    """A step that asks callers for their consent to do without these skills."""
    return step(name, after_ms, consent="consenso", waives=tuple(map(SkillId, waives)), **changes)


def office(name: str, province: str = "RM", capacity: int = 1, calendar: CalendarId | None = None) -> Office:
    """A provincial office with one number."""
    number = "99" + "".join(str(ord(letter) % 10) for letter in name)
    return Office(
        id=OfficeId(name),
        name=name,
        province=province,
        number=number,
        trunk="trunk",
        capacity=capacity,
        calendar=calendar,
    )


HOURS: Final = CalendarId("ore")
"""Open from the start for an hour, closed for the next, open from the one after that."""
NIGHT: Final = CalendarId("notte")
"""The other way round."""
HOUR_MS: Final = 3_600_000
CALENDARS: Final = {
    HOURS: Calendar(
        id=HOURS,
        spans=((START_MS, START_MS + HOUR_MS), (START_MS + 2 * HOUR_MS, START_MS + 100 * HOUR_MS)),
        known_until_ms=START_MS + 100 * HOUR_MS,
        closings=((START_MS + HOUR_MS + 60_000, START_MS + 2 * HOUR_MS, "festa"),),
        openings=(
            Opening(day_ms=START_MS, today="opens-today", week="opens-mon"),
            Opening(day_ms=START_MS + HOUR_MS + HOUR_MS // 2, today="opens-today", week="opens-mon"),
        ),
    ),
    NIGHT: Calendar(
        id=NIGHT,
        spans=((START_MS + HOUR_MS, START_MS + 2 * HOUR_MS),),
        known_until_ms=START_MS + 100 * HOUR_MS,
    ),
}
SOUNDS: Final = {
    prompt: {"de": (f"acd/de/{prompt}",), "": (f"acd/it/{prompt}",)}
    for prompt in ("consenso", "closed", "festa", "opens-today", "opens-mon")
}


TERRITORY: Final = {
    "RM": Territory(region="Lazio", neighbours=("NA", "BA")),
    "VT": Territory(region="Lazio", neighbours=("BA",)),
    "NA": Territory(region="Campania", neighbours=("RM", "BA", "VT")),
    "BA": Territory(region="Puglia", neighbours=("NA",)),
}
"""A small country of four provinces and three regions."""


def rules(
    queues: Iterable[Queue],
    offices: Iterable[Office] = (),
    timings: Timings | None = None,
    revision: str = "test",
    affinity: Affinity | None = None,
    *,
    breaks: Breaks | None = None,
) -> RuleSet:
    """A rule set of these queues; the first is the default one. Each site has nine shared phones."""
    queues = tuple(queues)
    reasons = (PauseReason(id=PauseReasonId(each), name=each) for each in ("pranzo", "corso", "mancate"))
    return RuleSet(
        revision=revision,
        calendars=CALENDARS,
        sounds=SOUNDS,
        queues={each.id: each for each in queues},
        skills={need.skill: str(need.skill) for each in queues for need in each.needs},
        sites={
            SiteId(each): Site(
                id=SiteId(each), name=each, phones=(PhoneRange(first=f"{each}-1", last=f"{each}-9"),)
            )
            for each in ("roma", "bari")
        },
        offices={each.id: each for each in offices},
        pause_reasons={each.id: each for each in reasons},
        entry={},
        queue_by_default=queues[0].id,
        missed_reason=PauseReasonId("mancate"),
        timings=timings or Timings(),
        affinity=affinity,
        breaks=breaks,
        priority_classes={
            FRAGILE: PriorityClass(id=FRAGILE, name="Fragile", credit_ms=CREDIT_MS),
        },
        outcome_codes={each: OutcomeCode(id=each, name=each) for each in (SOLVED, HANDED_OVER)},
        territory=TERRITORY,
    )


def roster(agents: Iterable[Agent]) -> Roster:
    """A roster in this order."""
    return Roster(agents={each.id: each for each in agents})


@contextmanager
def nobody_overtaken() -> Iterator[None]:
    """Check each decision at the very moment it is noted, when the lines are as the matcher saw them.

    And nobody is rung whose opt-in is over, or who should be on a break.
    """
    note = World.note

    def noting(world: World, what: Note) -> None:
        if isinstance(what, Decision):
            rung = world.agents.get(AgentId(what.target)) if what.kind is TargetKind.AGENT else None
            assert rung is None or (has_opted_in(world, rung) and not must_leave(world, rung)), rung
            invariants.overtaken(world, what)
            invariants.explained(world, what)
        note(world, what)

    with patch.object(World, "note", noting):
        yield


class Centre:
    """An engine, its clock and the words of a story."""

    def __init__(
        self,
        queues: Iterable[Queue] | None = None,
        agents: Iterable[str | Agent] = (),
        offices: Iterable[Office] = (),
        timings: Timings | None = None,
        *,
        logged_in: bool = True,
        affinity: Affinity | None = None,
        breaks: Breaks | None = None,
    ) -> None:
        people = [agent(each) if isinstance(each, str) else each for each in agents]
        given = rules(queues or (queue(),), offices, timings, affinity=affinity, breaks=breaks)
        self.engine = Engine(given, roster(people), epoch=7)
        self.now_ms = START_MS
        self.orders: list[Order] = []
        self.notes: list[Note] = []
        self.last: Outcome = Outcome([], [], None)
        self._visits: dict[str, int] = {}
        for each in people if logged_in else ():
            self.later(1)
            if each.volunteer:
                self.opts_in(each.id)
            self.tell(AgentLoggedIn(agent=each.id))

    # ── facts ────────────────────────────────────────────────────────────────────────────────

    def tell(self, fact: Fact) -> Outcome:
        """Hand one fact in and check every invariant."""
        with nobody_overtaken():
            self.last = self.engine.handle(fact, self.now_ms)
        self.orders += self.last.orders
        self.notes += self.last.notes
        invariants.check(self.world)
        return self.last

    def later(self, by_ms: int) -> None:
        """Let time pass, handing in each deadline when it is due."""
        until_ms = self.now_ms + by_ms
        while (due_ms := self.engine.next_deadline()) is not None and due_ms <= until_ms:
            self.now_ms = max(self.now_ms, due_ms)
            self.tell(DeadlineReached())
        self.now_ms = until_ms

    def settle(self) -> None:
        """Do what is due now, slices of bulk work too."""
        self.later(0)

    def enters(self, call: str, queue_name: str = "generale", **more: object) -> Outcome:
        """A caller enters, a millisecond after whoever came before."""
        self.later(1)
        given: dict[str, object] = {"entered_ms": self.now_ms, "node": NODE} | more
        return self.tell(CallEntered(call=CallId(call), queue=queue_name, **given))  # type: ignore[arg-type]

    def begins(self, call: str) -> Outcome:
        """The dialplan takes the order up."""
        return self.tell(OfferBegan(call=CallId(call), attempt=self.attempt(call)))

    def rings(self, call: str) -> Outcome:
        """The order is taken up and the phone rings."""
        self.begins(call)
        return self.tell(OfferRang(call=CallId(call), attempt=self.attempt(call)))

    def talks(self, call: str) -> Outcome:
        """The phone rings and is answered."""
        self.rings(call)
        return self.tell(TalkBegan(call=CallId(call), attempt=self.attempt(call)))

    def ends_offer(
        self, call: str, end: OfferEnd, *, attempt: AttemptId | None = None, talk_ms: int = 0
    ) -> Outcome:
        """The dialplan reports the end of the offer."""
        return self.tell(
            OfferEnded(call=CallId(call), attempt=attempt or self.attempt(call), end=end, talk_ms=talk_ms)
        )

    def leg_ends(self, call: str) -> Outcome:
        """The target hangs up."""
        return self.tell(LegEnded(call=CallId(call), attempt=self.attempt(call)))

    def agent_hangs_up(self, call: str) -> None:
        """The whole end of a talk by the agent."""
        attempt = self.attempt(call)
        self.leg_ends(call)
        self.ends_offer(call, OfferEnd.TALKED, attempt=attempt)
        self.hangs_up(call)

    def hangs_up(self, call: str) -> Outcome:
        """The caller's channel is gone."""
        return self.tell(CallEnded(call=CallId(call)))

    def transferred(self, call: str) -> Outcome:
        """The agent passes the caller on."""
        return self.tell(CallTransferred(call=CallId(call), attempt=self.attempt(call)))

    def net_takes(self, call: str) -> Outcome:
        """The safety net takes the caller."""
        return self.tell(CallInSafetyNet(call=CallId(call)))

    def order_fails(self, call: str, *, unknown: bool, attempt: AttemptId | None = None) -> Outcome:
        """The order could not be written."""
        return self.tell(
            OrderFailed(
                call=CallId(call),
                attempt=attempt or self.attempt(call),
                unknown=unknown,
                why="no such channel",
            )
        )

    def presses(self, call: str, key: str = "1") -> Outcome:
        """The caller presses a key."""
        return self.tell(CallerPressed(call=CallId(call), key=key))

    def hears_out(self, call: str, *, heard: bool = True, refused: bool = False) -> Outcome:
        """The prompt is over."""
        prompt = self.call(call).prompt
        assert prompt is not None, f"{call} hears nothing"
        ended = PromptEnded(call=CallId(call), attempt=prompt.attempt, heard=heard, refused=refused)
        return self.tell(ended)

    def takes_rules(
        self, queues: Iterable[Queue], offices: Iterable[Office] = (), timings: Timings | None = None
    ) -> Outcome:
        """New rules are in force; every slice of the work is done."""
        outcome = self.tell(RulesChanged(rules=rules(queues, offices, timings, "newer")))
        self.settle()
        return outcome

    def stands_in(
        self, *, on: bool = True, shares: Mapping[str, int] | None = None, **offices: bool
    ) -> Outcome:
        """Transition mode, or another one; every slice of the work is done."""
        forced = {OfficeId(name): value for name, value in offices.items()}
        told = {SiteId(site): share for site, share in (shares or {}).items()}
        fallback = Fallback(revision="f", on=on, shares=told, offices=forced)
        outcome = self.tell(FallbackChanged(fallback=fallback))
        self.settle()
        return outcome

    def looked_at(self, call: str, seen: CallSeen | None) -> Outcome:
        """The answer to a look."""
        return self.tell(CallLookedAt(call=CallId(call), seen=seen))

    def phone(self, name: str, state: DeviceState) -> Outcome:
        """News of an agent's phone."""
        return self.tell(DeviceChanged(endpoint=f"phone-{name}", state=state))

    def logs_in(self, name: str, phone: str = "") -> Outcome:
        """An agent logs in, on this phone or on the own one."""
        return self.tell(AgentLoggedIn(agent=AgentId(name), phone=phone))

    def opts_in(self, name: str, for_ms: int = 100 * HOUR_MS) -> Outcome:
        """A volunteer is opted in for so long; 0: no more."""
        until_ms = self.now_ms + for_ms if for_ms else 0
        return self.tell(OptInTold(agent=AgentId(name), until_ms=until_ms))

    def passes_on(self, name: str, to: str, kind: TransferKind = TransferKind.QUEUE) -> Outcome:
        """An agent asks for the caller to be passed on."""
        return self.tell(TransferAsked(agent=AgentId(name), kind=kind, to=to))

    def changes(self, *people: Agent, removed: Iterable[str] = ()) -> Outcome:
        """The roster changes; every slice of it is done."""
        outcome = self.tell(RosterChanged(upserts=people, removed=tuple(AgentId(each) for each in removed)))
        self.settle()
        return outcome

    def logs_out(self, name: str) -> Outcome:
        """An agent logs out."""
        return self.tell(AgentLoggedOut(agent=AgentId(name)))

    def pauses(self, name: str, reason: str = "pranzo") -> Outcome:
        """An agent asks for a pause."""
        return self.tell(AgentPaused(agent=AgentId(name), reason=PauseReasonId(reason)))

    def readies(self, name: str) -> Outcome:
        """An agent says ready."""
        return self.tell(AgentReadied(agent=AgentId(name)))

    # ── what one looks at ────────────────────────────────────────────────────────────────────

    @property
    def world(self) -> World:
        """The engine's own records."""
        return self.engine.world

    def attempt(self, call: str) -> AttemptId:
        """The open offer of a call."""
        offer = self.call(call).offer
        assert offer is not None, f"{call} has no open offer"
        return offer.attempt

    def call(self, call: str) -> Call:
        """A call in progress."""
        return self.world.calls[CallId(call)]

    def state(self, call: str) -> CallState | None:
        """Where a call stands, None when it is over."""
        found = self.world.calls.get(CallId(call))
        return None if found is None else found.state

    def person(self, name: str) -> AgentRecord:
        """An agent's record."""
        return self.world.agents[AgentId(name)]

    def agent_state(self, name: str) -> AgentState:
        """Where an agent stands."""
        return self.person(name).state

    def offered(self, call: str) -> str | None:
        """Whom a call is offered to now: agent or office."""
        found = self.world.calls.get(CallId(call))
        return None if found is None or found.offer is None else found.offer.target

    def ordered(self, kind: type[T]) -> list[T]:
        """All orders of one kind so far."""
        return [order for order in self.orders if isinstance(order, kind)]

    def noted(self, kind: type[T]) -> list[T]:
        """All notes of one kind so far."""
        return [note for note in self.notes if isinstance(note, kind)]

    def rung(self) -> list[tuple[str, str]]:
        """Every offer so far: call and what rang."""
        return [(order.call, order.target.removeprefix("phone-")) for order in self.ordered(OfferCall)]

    def finished(self, call: str) -> CallFinished:
        """The one end of a call."""
        (only,) = [note for note in self.noted(CallFinished) if note.call == call]
        return only


def seen(call: str, stage: Stage = Stage.HOLDING, **more: object) -> CallSeen:
    """A caller as a resync finds it."""
    given: dict[str, object] = {"queue": "generale", "entered_ms": START_MS} | more
    return CallSeen(call=CallId(call), stage=stage, **given)  # type: ignore[arg-type]


def levels(**skills: int) -> Mapping[SkillId, int]:
    """Skills by name."""
    return {SkillId(name): level for name, level in skills.items()}
