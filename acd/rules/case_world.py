"""A case played on the engine: agents who take the phone up or not, callers who wait, press keys and talk.

Only what the engine could hear from a real Asterisk is said to it, in the order and at the times at which it
would: a phone rings for a moment before it is answered, a prompt takes its seconds. There is one node, and
it never fails: what happens then is for the tests of the engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from typing import Final

import msgspec

from acd.core.engine import Engine
from acd.core.facts import (
    AgentLoggedIn,
    AgentPaused,
    AgentReadied,
    CallEnded,
    CallEntered,
    CallerPressed,
    CallInSafetyNet,
    CallTransferred,
    DeadlineReached,
    Fact,
    LegEnded,
    NodeResynced,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    OptInTold,
    PromptEnded,
    TalkBegan,
    TransferAsked,
    TransferKind,
)
from acd.core.ids import AgentId, AttemptId, CallId, NodeId, PauseReasonId, SiteId, SkillId
from acd.core.notes import CallFinished, Decision, LadderOpened, Note, Reason
from acd.core.orders import OfferCall, Order, PassOn, Say, SendToNet, StopSaying, TargetKind, WithdrawOffer
from acd.core.policy import Agent, Roster, RuleSet
from acd.rules.calendar import ROME
from acd.rules.case_shape import CallShape, CaseShape

__all__ = ["Happened", "play"]

NODE: Final = NodeId("case")
BEGAN_MS: Final = 100
RANG_MS: Final = 200
ANSWERED_MS: Final = 3_000
PRESSED_MS: Final = 2_000
PROMPT_MS: Final = 4_000
OPTED_IN_MS: Final = 8 * 3_600_000
"""A volunteer of a case has opted in for the whole of it."""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a call."""

    call: str
    kind: str
    """``to``, ``office``, ``says`` or ``ends``."""
    what: tuple[str, ...]
    waited_s: float
    at_moment: bool
    """At the very moment of the case."""
    step: str = ""
    opened: str = ""
    passed_over: Mapping[Reason, int] = {}


def play(case: CaseShape, rules: RuleSet) -> list[Happened]:
    """Play a case and return what happened to all calls, in order."""
    world = _World(case, rules)
    world.run()
    return world.happened


class _Caller:
    """One caller on their way."""

    def __init__(self, name: str, shape: CallShape, entered_ms: int) -> None:
        self.name, self.shape = name, shape
        self.first_ms = self.entered_ms = entered_ms
        self.visit = 1
        self.keys = list(shape.keys)
        self.attempt = ""
        """What rings or talks now."""
        self.prompt = ""
        self.gone = False


class _World:
    def __init__(self, case: CaseShape, rules: RuleSet) -> None:
        self.case, self.rules = case, rules
        self.at_ms = round(dt.datetime.fromisoformat(case.at).replace(tzinfo=ROME).timestamp() * 1_000)
        self.now_ms = 0
        self.happened: list[Happened] = []
        self.callers: dict[str, _Caller] = {}
        self.opened: dict[tuple[str, str], str] = {}
        self._ahead: list[tuple[int, int, Callable[[], None]]] = []
        self._number = 0
        agents = {AgentId(name): self._agent(name) for name in case.agents}
        self.engine = Engine(rules, Roster(agents=agents), 1)
        self.endpoints = {agent.endpoint: str(agent.id) for agent in agents.values()}
        self.lines = {office.number: str(office.id) for office in rules.offices.values()}
        self._plan()

    def _agent(self, name: str) -> Agent:
        shape = self.case.agents[name]
        return Agent(
            id=AgentId(name),
            site=SiteId(shape.site),
            endpoint=name,
            skills={SkillId(skill): level for skill, level in shape.skills.items()},
            volunteer=shape.volunteer,
        )

    # ── what is to come ──────────────────────────────────────────────────────────────────────

    def _plan(self) -> None:
        case = self.case
        idle = [shape.idle_s for shape in case.agents.values()]
        waited = [shape.waited_s for shape in case.calls.values()]
        began_ms = self._ms_before(max([*idle, *waited]) + 1)
        self._later(began_ms, NodeResynced(node=NODE, calls=()))
        reason = next(iter(self.rules.pause_reasons), PauseReasonId(""))
        for name, agent in case.agents.items():
            if agent.state != "logged_out":
                if agent.volunteer:
                    opted_in = OptInTold(agent=AgentId(name), until_ms=self.at_ms + OPTED_IN_MS)
                    self._later(began_ms, opted_in)
                self._later(began_ms, AgentLoggedIn(agent=AgentId(name)))
                self._later(began_ms, AgentPaused(agent=AgentId(name), reason=reason))
            if agent.state == "ready":
                self._later(self._ms_before(agent.idle_s), AgentReadied(agent=AgentId(name)))
        for name, call in case.calls.items():
            names = [name] if call.count == 1 else [f"{name}-{number}" for number in range(1, call.count + 1)]
            for each in names:
                self._expect_caller(_Caller(each, call, self._ms_before(call.waited_s)))

    def _expect_caller(self, caller: _Caller) -> None:
        self.callers[caller.name] = caller
        self._then(caller.entered_ms, lambda: self._enter(caller, caller.shape.queue))
        if caller.shape.hangs_up_s is not None:
            at_ms = caller.entered_ms + round(caller.shape.hangs_up_s * 1_000)
            self._then(at_ms, lambda: self._give_up(caller))

    def _ms_before(self, seconds: float) -> int:
        return self.at_ms - round(seconds * 1_000)

    def _later(self, at_ms: int, fact: Fact) -> None:
        self._then(at_ms, lambda: self._tell(fact))

    def _then(self, at_ms: int, do: Callable[[], None]) -> None:
        self._number += 1
        heappush(self._ahead, (at_ms, self._number, do))

    # ── the passing of time ──────────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Play to the end of the case."""
        end_ms = self.at_ms + round(self.case.for_s * 1_000)
        while True:
            due_ms = self.engine.next_deadline()
            next_ms = self._ahead[0][0] if self._ahead else None
            if next_ms is not None and next_ms <= end_ms and (due_ms is None or next_ms <= due_ms):
                self.now_ms, _, do = heappop(self._ahead)
                do()
            elif due_ms is not None and due_ms <= end_ms:
                self.now_ms = max(self.now_ms, due_ms)
                self._tell(DeadlineReached())
            else:
                return

    def _tell(self, fact: Fact) -> None:
        outcome = self.engine.handle(fact, self.now_ms)
        decisions = {note.attempt: note for note in outcome.notes if isinstance(note, Decision)}
        for note in outcome.notes:
            self._note(note)
        for order in outcome.orders:
            self._obey(order, decisions)

    def _note(self, note: Note) -> None:
        if isinstance(note, LadderOpened):
            self.opened[note.call, note.id] = note.why
        elif isinstance(note, CallFinished):
            self._happens(self.callers[note.call], "ends", (note.outcome.value,))

    def _happens(
        self, caller: _Caller, kind: str, what: tuple[str, ...], decision: Decision | None = None
    ) -> None:
        ladder = self.rules.queues[decision.queue].ladder if decision is not None else ()
        step = ladder[decision.step - 1].id if decision is not None and decision.step else ""
        self.happened.append(
            Happened(
                call=caller.name,
                kind=kind,
                what=what,
                waited_s=(self.now_ms - caller.entered_ms) / 1_000,
                at_moment=self.now_ms == self.at_ms,
                step=step,
                opened=self.opened.get((caller.name, step), ""),
                passed_over=decision.passed_over if decision is not None else {},
            )
        )

    # ── what is ordered ──────────────────────────────────────────────────────────────────────

    def _obey(self, order: Order, decisions: Mapping[AttemptId, Decision]) -> None:
        match order:
            case OfferCall():
                self._ring(self.callers[order.call], order, decisions.get(order.attempt))
            case WithdrawOffer():
                self._end_offer(self.callers[order.call], order.attempt, OfferEnd.WITHDRAWN, BEGAN_MS)
            case Say():
                self._say(self.callers[order.call], order)
            case StopSaying():
                caller = self.callers[order.call]
                self._after(BEGAN_MS, lambda: self._hush(caller, order.attempt))
            case SendToNet():
                caller = self.callers[order.call]
                self._after(BEGAN_MS, lambda: self._tell(CallInSafetyNet(call=order.call)))
            case PassOn():
                self._pass_on(self.callers[order.call], order)
            case _:
                pass  # what concerns the node, the net or a tone has no bearing on a case

    def _after(self, ms: int, do: Callable[[], None]) -> None:
        self._then(self.now_ms + ms, do)

    def _ring(self, caller: _Caller, order: OfferCall, decision: Decision | None) -> None:
        to_agent = order.kind is TargetKind.AGENT
        target = self.endpoints[order.target] if to_agent else self.lines[order.target]
        self._happens(caller, "to" if to_agent else "office", (target,), decision)
        caller.attempt = order.attempt
        began = OfferBegan(call=order.call, attempt=order.attempt)
        self._while_ringing(caller, order.attempt, BEGAN_MS, lambda: self._tell(began))
        rang = OfferRang(call=order.call, attempt=order.attempt)
        self._while_ringing(caller, order.attempt, RANG_MS, lambda: self._tell(rang))
        if to_agent and not self.case.agents[target].answers:
            self._end_offer(caller, order.attempt, OfferEnd.NO_ANSWER, order.ring_s * 1_000)
        else:
            self._while_ringing(
                caller, order.attempt, ANSWERED_MS, lambda: self._talk(caller, order.attempt, target)
            )

    def _while_ringing(self, caller: _Caller, attempt: str, ms: int, do: Callable[[], None]) -> None:
        self._after(ms, lambda: do() if caller.attempt == attempt and not caller.gone else None)

    def _end_offer(self, caller: _Caller, attempt: str, end: OfferEnd, ms: int) -> None:
        def over() -> None:
            caller.attempt = ""
            self._tell(OfferEnded(call=CallId(caller.name), attempt=AttemptId(attempt), end=end, ring_ms=ms))

        self._while_ringing(caller, attempt, ms, over)

    def _talk(self, caller: _Caller, attempt: str, target: str) -> None:
        call = CallId(caller.name)
        self._tell(TalkBegan(call=call, attempt=AttemptId(attempt)))
        shape = caller.shape
        if shape.passed_on is not None and caller.visit == 1:
            asked = TransferAsked(agent=AgentId(target), kind=TransferKind.QUEUE, to=shape.passed_on.to)
            self._while_ringing(
                caller, attempt, round(shape.passed_on.after_s * 1_000), lambda: self._tell(asked)
            )
        elif shape.talk_s is not None:
            talk_ms = round(shape.talk_s * 1_000)
            self._while_ringing(caller, attempt, talk_ms, lambda: self._hang_up(caller, attempt, talk_ms))

    def _hang_up(self, caller: _Caller, attempt: str, talk_ms: int) -> None:
        caller.gone = True
        call = CallId(caller.name)
        end = OfferEnded(call=call, attempt=AttemptId(attempt), end=OfferEnd.TALKED, talk_ms=talk_ms)
        self._tell(end)
        self._tell(CallEnded(call=call))

    def _pass_on(self, caller: _Caller, order: PassOn) -> None:
        def away() -> None:
            caller.attempt = ""
            self._tell(CallTransferred(call=order.call, attempt=order.attempt))
            self._tell(LegEnded(call=order.call, attempt=order.attempt))
            caller.visit += 1
            caller.entered_ms = self.now_ms
            self._enter(caller, order.to.removeprefix("q-"))

        self._while_ringing(caller, order.attempt, BEGAN_MS, away)

    # ── callers ──────────────────────────────────────────────────────────────────────────────

    def _enter(self, caller: _Caller, queue: str) -> None:
        shape = caller.shape
        known = next((each for each in self.rules.queues.values() if each.id == queue), None)
        language = shape.language or (known.language if known is not None else "it")
        self._tell(
            CallEntered(
                call=CallId(caller.name),
                node=NODE,
                queue=queue,
                entered_ms=self.now_ms,
                visit=caller.visit,
                language=language,
                province=shape.province or "",
                first_entered_ms=caller.first_ms,
                caller=shape.caller or "",
                priority_class=shape.priority_class or "",
            )
        )

    def _give_up(self, caller: _Caller) -> None:
        if not caller.gone and not caller.attempt:
            caller.gone = True
            self._tell(CallEnded(call=CallId(caller.name)))

    def _say(self, caller: _Caller, order: Say) -> None:
        self._happens(caller, "says", tuple(sound.rpartition("/")[2] for sound in order.sounds))
        caller.prompt = order.attempt
        if order.then_hang_up:
            self._after(PROMPT_MS, lambda: self._farewell_over(caller))
            return
        if caller.keys:
            self._after(PRESSED_MS, lambda: self._press(caller, order.attempt))
        self._after(PROMPT_MS, lambda: self._hush(caller, order.attempt))

    def _press(self, caller: _Caller, attempt: str) -> None:
        if caller.prompt == attempt and not caller.gone:
            self._tell(CallerPressed(call=CallId(caller.name), key=caller.keys.pop(0)))

    def _hush(self, caller: _Caller, attempt: str) -> None:
        if caller.prompt == attempt and not caller.gone:
            caller.prompt = ""
            self._tell(PromptEnded(call=CallId(caller.name), attempt=AttemptId(attempt), heard=True))

    def _farewell_over(self, caller: _Caller) -> None:
        if not caller.gone:
            caller.gone = True
            self._tell(CallEnded(call=CallId(caller.name)))
