"""A centre small enough to see through, for the tests of the web."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from acd.core.calls import CallState
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    CallCoded,
    CallerVerified,
    Fact,
    TransferAsked,
    WrapUpExtended,
)
from acd.core.ids import (
    AgentId,
    CallId,
    NodeId,
    OfficeId,
    OutcomeCodeId,
    PriorityClassId,
    QueueId,
    SiteId,
    SkillId,
)
from acd.core.notes import AgentState, Reason
from acd.core.policy import Agent, OutcomeCode, PriorityClass, Roster, RosterChange, RuleSet
from acd.core.views import (
    AgentEvent,
    AgentEventKind,
    AgentView,
    CallContext,
    CallView,
    OfficeView,
    OwnTimes,
    QueueView,
    Summary,
)
from acd.core.why_not import WhyNot
from acd.errors import Conflict, NotFound
from acd.fallback.base import Base
from acd.figures.counts import Counts
from acd.figures.days import MENU, Day
from acd.figures.formulas import HEADLINE, Formula
from acd.journal.asking import JournalReader, ToldEvent, ToldStory, ToldWhyNot
from acd.journal.state import JournalState
from acd.queue_log.state import QueueLogState
from acd.revisions.configuration import Configuration
from acd.rules.privacy import Privacy
from acd.rules.transition import compile_transition
from acd.rules.transition_shape import PhaseShape, ReadinessShape, TransitionFile
from acd.rules.volunteering import Volunteering
from acd.runtime.fallback_keeper import FallbackKeeper
from acd.runtime.opt_in_keeper import OptInKeeper
from acd.runtime.ports import NodeState
from acd.runtime.recent import RecentCalls
from acd.runtime.rehearsal import RehearsalRunner
from acd.runtime.revision_keeper import RevisionKeeper
from acd.runtime.streams import Stream
from acd.runtime.transition_keeper import TransitionKeeper
from acd.store.hashing import KeyedHash
from acd.store.port import Store
from acd.store.records import PersonalCode, RosterState
from acd.transition.rehearsing import Trier
from acd.web.centre import NodeStatus, Submitted
from tests.metrics.samples import GENERAL, NODE, queue_view, rules, summary
from tests.web.small_store import SmallStore

NOW_MS = 1_767_225_600_000
"""The first moment of 2026, UTC."""

PLAN = compile_transition(
    TransitionFile(
        phases=(
            PhaseShape(phase="uffici", name="Uffici", others=(0,)),
            PhaseShape(phase="rientro", name="Rientro", automatic=True, others=(10, 50, 100)),
        ),
        readiness=ReadinessShape(ready_min=0.5),
    )
)

AFTER: dict[type, AgentState] = {
    AgentLoggedIn: AgentState.READY,
    AgentLoggedOut: AgentState.LOGGED_OUT,
    AgentReadied: AgentState.READY,
    WrapUpExtended: AgentState.WRAP_UP,
    AgentPaused: AgentState.PAUSED,
    CallCoded: AgentState.WRAP_UP,
    CallerVerified: AgentState.TALKING,
    TransferAsked: AgentState.WRAP_UP,
}

CONTEXT = CallContext(
    call=CallId("ast1-1.0"),
    queue=GENERAL,
    queue_name="Generale",
    language="it",
    province="RM",
    priority_class="",
    verified=None,
    verified_by="",
    waited_ms=5_000,
    passed_on=0,
    from_site="",
    code="",
)


class HandClock:
    """Time that goes on when a test says so."""

    def __init__(self) -> None:
        self.ms = NOW_MS

    def now_ms(self) -> int:
        """Now."""
        return self.ms


def somebody(name: str, site: str, **more: object) -> Agent:
    """An agent of the roster."""
    fields = {"endpoint": name, "skills": {SkillId("generale"): 5}, "hours": "mattina", "code": "4711"}
    return Agent(id=AgentId(name), site=SiteId(site), **{**fields, **more})  # type: ignore[arg-type]  # a test


class SmallJournal:
    """Knows every call of the small centre, and one answer about any agent of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    async def story(self, call: CallId, language: str, *, agents: bool) -> ToldStory:
        """The caller entered, and somebody was rung."""
        self.asked.append((call, language, agents))
        self._known(call)
        what = {"site": "roma", **({"agent": "a0001"} if agents else {})}
        event = ToldEvent(at_ms=NOW_MS, kind="rung", sentence="Somebody was rung.", what=what)
        return ToldStory(call=call, language=language, ended=False, events=(event,))

    async def why_not(self, call: CallId, agent: AgentId, at_ms: int | None, language: str) -> ToldWhyNot:
        """Paused."""
        self.asked.append((call, agent, at_ms, language))
        self._known(call)
        detail = WhyNot(
            reason=Reason.PAUSED,
            site=SiteId("roma"),
            agent_state=AgentState.PAUSED,
            call_state=CallState.WAITING,
            step=1,
        )
        return ToldWhyNot(
            call=call,
            agent=agent,
            language=language,
            at_ms=at_ms or NOW_MS,
            reason=detail.reason,
            sentence=f"{agent} was paused.",
            detail=detail,
        )

    @staticmethod
    def _known(call: str) -> None:
        if not call.startswith("ast1-1."):
            raise NotFound("The journal has nothing of that call.")


def a_morning() -> Mapping[QueueId, Day]:
    """A morning of the first queue, nothing of the other."""
    began_ms = 1_767_222_000_000
    counts = Counts(
        offered=100,
        ended=92,
        answered=88,
        answered_by_offices=8,
        answered_late=8,
        met=80,
        missed=14,
        abandoned_early=4,
        abandoned=6,
        short_abandoned=2,
        short_counted=2,
        handled=84,
        wait_answered_ms=880_000,
        handle_ms=25_200_000,
    )
    day = Day(
        began_ms=began_ms,
        today=counts,
        recent=counts,
        half_hours={began_ms + 32_400_000: counts},
    )
    empty = Day(began_ms=began_ms, today=Counts(), recent=Counts(), half_hours={})
    return {GENERAL: day, QueueId("coda1"): empty, MENU: empty}


class SmallCentre:
    """Three agents, five calls, one Asterisk; keeps every fact it was given."""

    def __init__(self, store: Store | None = None) -> None:
        self.facts: list[Fact] = []
        self.refusal: str | None = None
        self.refused = ""
        self.revisions: RevisionKeeper | None = None
        self.configurations: list[Configuration] = []
        self.why_not: str | None = None
        self.error: BaseException | None = None
        self.states: dict[str, AgentState] = {}
        self.reason = ""
        self.people: dict[str, dict[AgentState, int]] = {"roma": {AgentState.READY: 30}}
        self.small_store: Store | None = store or SmallStore()
        self.agents = {
            one.id: one
            for one in (
                somebody("a0001", "roma"),
                somebody("a0002", "roma", code="4712"),
                somebody("a0003", "bari", code="", employer="Contact srl"),
            )
        }
        self.revision = 7
        self.streams: list[Stream] = []
        self.left = asyncio.Event()
        """A reader has gone."""
        self.key: KeyedHash | None = KeyedHash("key of the tests")
        self.codes: dict[str, PersonalCode] = {}
        self.calls_now = 5
        self.privacy_now = Privacy()
        self.forgotten_ms = 0
        self.small_journal: SmallJournal | None = SmallJournal()
        self.clock = HandClock()
        self.keeper = FallbackKeeper(
            Base(),
            (),
            rules=self.rules,
            offices=self.offices,
            clock=self.clock,
            store=self.small_store,
            submit=None,
        )
        self.mover = TransitionKeeper(
            PLAN,
            (),
            rules=self.rules,
            offices=self.offices,
            summary=self.summary,
            recent=RecentCalls(self.clock),
            clock=self.clock,
            store=self.small_store,
            revision=lambda: 1,
        )
        self.keeper.follow(self.mover)
        self.slots = OptInKeeper(
            Volunteering(),
            in_force=self.rules,
            roster=lambda: self.roster().roster,
            clock=self.clock,
            store=self.small_store,
            submit=None,
        )
        self.triers: list[Trier] = []
        self.runner = RehearsalRunner(
            rules=self.rules,
            offices=self.offices,
            limits=lambda: PLAN.rehearsal,
            triers=lambda: self.triers,
            clock=self.clock,
            store=self.small_store,
        )
        self.queue_log_does: QueueLogState | None = None
        self.journal_does: JournalState | None = JournalState(
            folder="/var/lib/acd/journal", writable=True, behind_bytes_max=2**26
        )

    async def submit(self, fact: Fact) -> Submitted:
        """Keep the fact and move the agent, unless told to refuse or fail."""
        if self.error is not None:
            raise self.error
        if self.refusal is not None:
            return Submitted(refused=self.refusal)
        self.facts.append(fact)
        self.states[fact.agent] = AFTER[type(fact)]  # type: ignore[union-attr]  # no other fact comes
        self.reason = fact.reason if isinstance(fact, AgentPaused) else ""
        return Submitted()

    def queues(self) -> tuple[QueueView, ...]:
        """Two queues."""
        return (queue_view(waiting=4), queue_view("coda1"))

    def calls(self, queue: QueueId | None, limit: int) -> tuple[CallView, ...]:
        """Some calls of the first queue, none of the other."""
        if queue not in {None, GENERAL}:
            return ()
        calls = (
            CallView(id=CallId(f"ast1-1.{n}"), node=NODE, queue=GENERAL, state="waiting", wait_ms=n, offers=0)
            for n in range(self.calls_now)
        )
        return tuple(calls)[:limit]

    def agent(self, agent: AgentId) -> AgentView | None:
        """Anybody of the roster."""
        known = self.agents.get(agent)
        if known is None:
            return None
        state = self.states.get(agent, AgentState.LOGGED_OUT)
        return AgentView(
            id=agent,
            site=known.site,
            state=state,
            since_ms=1,
            reason=self.reason,
            until_ms=0,
            phone=known.endpoint,
            call=CONTEXT if state in {AgentState.TALKING, AgentState.WRAP_UP} else None,
        )

    def summary(self) -> Summary:
        """The whole centre."""
        return summary(**self.people)

    def today(self) -> Mapping[QueueId, Day]:
        """A morning of the first queue, nothing of the other."""
        return a_morning()

    def series(self) -> int:
        """Scraped before."""
        return 5_812

    def service_level(self) -> Formula:
        """The usual one."""
        return HEADLINE

    def nodes(self) -> tuple[NodeStatus, ...]:
        """The one Asterisk."""
        return (NodeStatus(id=NODE, state=NodeState.READY, asterisk_version="22.10.1", since_ms=5),)

    def not_ready(self) -> str | None:
        """As told."""
        return self.why_not

    def rules_refused(self) -> str:
        """As told."""
        return self.refused

    def rules(self) -> RuleSet:
        """The small rule set."""
        return replace(
            rules(),
            skills={SkillId(name): name.title() for name in ("generale", "coda1")},
            priority_classes={
                PriorityClassId("fragile"): PriorityClass(
                    id=PriorityClassId("fragile"), name="Fragile", credit_ms=60_000
                )
            },
            outcome_codes={
                OutcomeCodeId("risolto"): OutcomeCode(id=OutcomeCodeId("risolto"), name="Risolto", digit="1")
            },
        )

    def offices(self) -> tuple[OfficeView, ...]:
        """One office."""
        return (OfficeView(id=OfficeId("aosta"), name="Aosta", province="AO", capacity=2, in_use=1),)

    def roster(self) -> RosterState:
        """Everybody."""
        return RosterState(revision=self.revision, roster=Roster(agents=dict(self.agents)))

    async def change_roster(self, change: RosterChange, *, expected: int | None) -> int:
        """Change it."""
        if expected not in {None, self.revision}:
            raise Conflict("Somebody was quicker.")
        for one in change.upserts:
            self.agents[one.id] = one
        for name in change.removed:
            del self.agents[name]
        self.revision += 1
        return self.revision

    def own_times(self, agent: AgentId) -> OwnTimes | None:
        """An hour of readiness."""
        if agent not in self.agents:
            return None
        return OwnTimes(since_ms=NOW_MS, spent_ms={AgentState.READY: 3_600_000}, talks=2)

    def listen(self, agent: AgentId) -> Stream:
        """A stream that begins with the present state."""
        stream = Stream(self._leave)
        self.streams.append(stream)
        stream.push(self.event(AgentEventKind.STATE, agent))
        return stream

    def _leave(self, stream: Stream) -> None:
        self.streams.remove(stream)
        self.left.set()

    def event(self, kind: AgentEventKind, agent: str = "a0001", at_ms: int = NOW_MS) -> AgentEvent:
        """An event as the centre makes it."""
        view = self.agent(AgentId(agent))
        assert view is not None
        return AgentEvent(kind=kind, at_ms=at_ms, agent=view)

    def journal(self) -> JournalReader | None:
        """One that knows one story."""
        return self.small_journal

    def journal_state(self) -> JournalState | None:
        """As told."""
        return self.journal_does

    def queue_log_state(self) -> QueueLogState | None:
        """As told."""
        return self.queue_log_does

    def store(self) -> Store | None:
        """The small store."""
        return self.small_store

    async def put_codes(self, codes: Sequence[PersonalCode]) -> int:
        """Keep them."""
        self.codes.update({code.hash: code for code in codes})
        return len(self.codes)

    def hash_code(self, code: str) -> str | None:
        """Hash it, where there is a key."""
        return self.key.code(code) if self.key is not None else None

    def transition(self) -> TransitionKeeper:
        """The real one, with a plan of two phases."""
        return self.mover

    def rehearsal(self) -> RehearsalRunner:
        """The real one; who places the calls is the test's."""
        return self.runner

    def configuration(self) -> RevisionKeeper | None:
        """None, unless a test gives one."""
        return self.revisions

    async def take_configuration(self, configuration: Configuration) -> None:
        """Remember it."""
        self.configurations.append(configuration)

    def refuse_rules(self, why: str) -> None:
        """Remember it."""
        self.refused = why

    def opt_ins(self) -> OptInKeeper:
        """The real one; no engine hears of it."""
        return self.slots

    def fallback(self) -> FallbackKeeper:
        """The real one; no engine hears of it."""
        return self.keeper

    def privacy(self) -> Privacy:
        """As told."""
        return self.privacy_now

    async def forget_journal(self, before_ms: int) -> int:
        """Two segments go."""
        self.forgotten_ms = before_ms
        return 2

    def dialplan_revisions(self) -> Mapping[NodeId, str]:
        """The one Asterisk runs an older plan."""
        return {NODE: "older"}

    def entry_revision(self) -> str:
        """Ours."""
        return "newer"
