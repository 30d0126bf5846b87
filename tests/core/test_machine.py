"""Two machines that search for a history which breaks a promise.

``Storm`` says anything about anything: facts for the wrong attempt, twice, too late, from a clock that
jumps, resyncs that contradict all we know. Whatever it says, the five invariants hold after every
step and nobody is overtaken.

``Centre`` is true: a little Asterisk obeys the orders, people do as people do, the link breaks and comes
back. When the trouble ends, everything must heal by itself: every caller is talked to and ends, and the
books of the engine agree with the truth.

Each history that ever broke a promise stays as a story under a name, in the file of its theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from unittest.mock import patch

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from acd.core import invariants
from acd.core.calls import CallState
from acd.core.deadlines import Due
from acd.core.engine import Engine
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    CallCoded,
    CallEnded,
    CallEntered,
    CallerPressed,
    CallerVerified,
    CallInSafetyNet,
    CallLeftMenu,
    CallLookedAt,
    CallSeen,
    CallTransferred,
    DeadlineReached,
    DeviceChanged,
    DeviceSeen,
    DeviceState,
    Fact,
    FallbackChanged,
    LegEnded,
    MemberSeen,
    NodeLost,
    NodeResynced,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    OptInTold,
    OrderFailed,
    PromptEnded,
    RosterChanged,
    RulesChanged,
    Session,
    SessionsRestored,
    Stage,
    TalkBegan,
    TransferAsked,
    TransferKind,
    WrapUpExtended,
)
from acd.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    NodeId,
    OfficeId,
    OutcomeCodeId,
    PauseReasonId,
    SiteId,
    SkillId,
)
from acd.core.notes import AgentState, Anomaly, CallFinished
from acd.core.offers import OfferState
from acd.core.orders import OfferCall, Order, SetNetMember
from acd.core.policy import (
    Affinity,
    Agent,
    Breaks,
    Discipline,
    Fallback,
    Health,
    Roster,
    RuleSet,
    StandIn,
    Timings,
    Trunk,
)
from tests.core.builders import (
    FAR,
    HANDED_OVER,
    HOURS,
    NIGHT,
    NODE,
    SOLVED,
    START_MS,
    agent,
    asking,
    need,
    nobody_overtaken,
    office,
    queue,
    roster,
    rules,
    step,
    to_offices,
)
from tests.core.little_asterisk import Caller, LittleAsterisk
from tests.core.profiles import SEARCH

QUEUES: Final = (
    queue(
        "generale",
        wait_ms_max=90_000,
        wrap_up_ms=5_000,
        return_ms=15_000,
        sites=("roma",),
        ladder=(
            step("altre-sedi", 5_000, sites=("bari",), idle_max=0, waiting_min=2),
            step("volontari", 30_000, volunteers=True, at_risk=True),
        ),
    ),
    queue(
        "pensioni",
        wait_ms_max=60_000,
        wrap_up_ms=0,
        discipline=Discipline.SL20,
        needs=(need("pensioni", 4),),
        prefers=(need("generale", 6),),
        excludes=(SkillId("corso"),),
        ladder=(
            step("chiunque", 4_000, waiting_min=3, drop_preferences=True, levels={SkillId("pensioni"): 2}),
            *to_offices("roma", "bari", after_ms=8_000),
        ),
    ),
    queue(
        "tedesco",
        language="de",
        wait_ms_max=60_000,
        credit_ms=15_000,
        ladder=(
            asking(2_000, "tedesco"),
            *to_offices("bari", after_ms=4_000),
            asking(6_000, name="volontari", volunteers=True),
        ),
    ),
    queue("notte", needs=(), calendar=NIGHT, ladder=to_offices("bari", after_ms=9_000)),
)
OFFICES: Final = (
    replace(office("roma", "RM", capacity=1), more_numbers=("990001", "990002"), confirm=True),
    replace(office("bari", "BA", capacity=2), languages=("it", "de")),
    replace(office("viterbo", "VT", capacity=1), provinces=("VT", "NA"), weight=50),
)
STAND_IN: Final = StandIn(
    own_after_ms=4_000,
    region_after_ms=3_000,
    neighbours_after_ms=6_000,
    national_after_ms=9_000,
    anywhere_after_ms=12_000,
)
HEALTH: Final = Health(
    window=6,
    window_min=3,
    in_a_row=2,
    open_ms=8_000,
    open_ms_max=20_000,
    carrier_ms=15_000,
    carrier_offices_min=2,
    carrier_probe_ms=4_000,
)
PEOPLE: Final[Sequence[Agent]] = (
    agent("anna", generale=5),
    agent("bruno", generale=5, pensioni=5),
    agent("carla", pensioni=3),
    agent("dario", generale=5, pensioni=5, tedesco=8),
    agent("elena", "bari", tedesco=2, generale=9),
    agent("fabio", "bari", volunteer=True, generale=1, tedesco=9),
)
TIMINGS: Final = Timings(
    misses_max=2, not_again_ms=20_000, unreachable_retry_ms=15_000, transfer_ms_max=120_000
)


def narrow(given: RuleSet, trunk: int) -> RuleSet:
    """The rules with a trunk of so many calls, and offices that are soon left alone."""
    trunks = {"trunk": Trunk(id="trunk", capacity=trunk)}
    return replace(given, trunks=trunks, health=HEALTH, stand_in=STAND_IN)


NEW_RULES: Final = (
    narrow(rules(QUEUES, OFFICES, TIMINGS), 2),
    narrow(
        rules(
            QUEUES[:3],
            (office("roma", "RM", capacity=2, calendar=HOURS), OFFICES[1]),
            TIMINGS,
            "fewer",
            breaks=Breaks(after_ms=40_000, early_ms=15_000, for_ms=10_000, reason=PauseReasonId("corso")),
        ),
        1,
    ),
    narrow(rules(QUEUES, OFFICES, TIMINGS, "near", Affinity(within_ms=60_000, worth_ms=40_000)), 3),
    rules((QUEUES[0], *QUEUES[2:], queue("pensioni", needs=())), OFFICES, TIMINGS, "others"),
)

SHARES: Final = st.sampled_from([0, 0, 30, 60, 99, 100])
FALLBACKS: Final = st.builds(
    Fallback,
    revision=st.just("f"),
    on=st.sampled_from([True, True, True, False]),
    shares=st.dictionaries(st.sampled_from([SiteId("roma"), SiteId("bari")]), SHARES, max_size=2),
    offices=st.dictionaries(st.sampled_from([each.id for each in OFFICES]), st.booleans(), max_size=2),
)
PROVINCES: Final = st.sampled_from(["", "RM", "BA", "NA", "VT", "ZZ"])
NAMES: Final = st.sampled_from([each.id for each in PEOPLE])
CALLS: Final = st.sampled_from([CallId(f"x-1.{number}") for number in range(8)])
NODES: Final = st.sampled_from([NODE, FAR])
QUEUE_NAMES: Final = st.sampled_from(["generale", "pensioni", "tedesco", "tedesco", "notte", "nowhere"])
ENDPOINTS: Final = st.sampled_from(
    [*(each.endpoint for each in PEOPLE), *(each.number for each in OFFICES), "990002", "stranger", ""]
)


PHONES: Final = st.sampled_from(
    ["roma-1", "roma-2", "bari-1", "nobody", "", *(each.endpoint for each in PEOPLE)]
)
CHANGED: Final = (
    *PEOPLE,
    agent("anna", generale=5, pensioni=5),
    agent("anna", "bari", endpoint="new-anna", tedesco=5),
    agent("bruno", generale=5, pensioni=5, endpoint="new-bruno"),
    agent("carla", pensioni=3, generale=1, tedesco=1),
    agent("dario", endpoint="roma-2", generale=1),
    agent("elena", "roma", pensioni=2),
    agent("elena", "bari", volunteer=True, pensioni=9, corso=1),
    agent("fabio", "roma", generale=3),
)
CHANGES: Final = st.lists(st.sampled_from(CHANGED), max_size=4)


FOR_EVER_MS: Final = 10**10
IN_HOLD: Final = {CallState.WAITING, CallState.HEARING, CallState.FAREWELL, CallState.OFFERED}
"""Where a call may stand whose caller is in hold: an order may be on its way."""
REQUESTS: Final = (AgentLoggedIn, AgentLoggedIn, AgentLoggedOut, AgentReadied, WrapUpExtended)
REFUSALS: Final = (
    OfferEnd.BUSY,
    OfferEnd.DECLINED,
    OfferEnd.UNREACHABLE,
    OfferEnd.FAILED,
    OfferEnd.NO_KEY,
)
AWAITED: Final = {Due.HOURS, Due.HEALTH, Due.CARRIER, Due.ROOM, Due.LEAVE}
"""What may be due of offices and volunteers when nobody calls."""


def build(epoch: int = 3) -> Engine:
    """The engine both machines drive."""
    return Engine(NEW_RULES[0], roster(PEOPLE), epoch)


class Storm(RuleBasedStateMachine):
    """Anything, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = patch("acd.core.engine.SLICE_STEPS", 5)  # so that bulk work meets other news half done
        self.cut.start()
        self.engine = build()
        self.now_ms = START_MS
        self.attempts: list[AttemptId] = [AttemptId("0000000001-00000001")]
        self.of_call: dict[CallId, AttemptId] = {}
        self.last: Fact = DeadlineReached()
        self.ended: list[CallId] = []

    def teardown(self) -> None:
        self.cut.stop()

    def tell(self, fact: Fact) -> None:
        self.last = fact
        with nobody_overtaken():
            outcome = self.engine.handle(fact, self.now_ms)
        for order in outcome.orders:
            if isinstance(order, OfferCall):
                self.attempts.append(order.attempt)
                self.of_call[order.call] = order.attempt
                self.within_capacity(order)
        del self.attempts[:-12]
        self.ended += [each.call for each in outcome.notes if isinstance(each, CallFinished)]
        for each in outcome.notes:
            if isinstance(each, CallFinished):
                assert each.wait_ms >= 0, each
                assert each.handle_ms >= 0, each

    def within_capacity(self, order: OfferCall) -> None:
        """Whatever the facts say, we order no call more than an office and its trunk carry."""
        if order.group:
            line = self.engine.world.lines[OfficeId(order.group)]
            assert line.in_use <= order.group_max == line.office.capacity, order
            assert not line.trunk.capacity or line.trunk.in_use <= line.trunk.capacity, order

    @invariant()
    def holds(self) -> None:
        invariants.check(self.engine.world)

    def attempt(self, call: CallId, number: int) -> AttemptId:
        """Mostly the open offer of the call, sometimes any other's."""
        known = self.engine.world.calls.get(call)
        if known is not None and known.offer is not None and number % 4:
            return known.offer.attempt
        return self.attempts[number % len(self.attempts)]

    @rule(
        call=CALLS,
        node=NODES,
        queue_name=QUEUE_NAMES,
        age_ms=st.integers(-5_000, 100_000),
        visit=st.integers(1, 3),
        first_ms=st.sampled_from([None, -5_000, 0, 90_000]),
        urgent=st.booleans(),
        office_name=st.sampled_from(["", "", "", "roma", "bari", "nowhere"]),
        caller=st.sampled_from(["", "h1", "h2"]),
        province=PROVINCES,
    )
    def enters(
        self,
        call: CallId,
        node: NodeId,
        queue_name: str,
        age_ms: int,
        visit: int,
        first_ms: int | None,
        urgent: bool,
        office_name: str,
        caller: str,
        province: str,
    ) -> None:
        self.tell(
            CallEntered(
                caller=caller,
                province=province,
                call=call,
                node=node,
                queue=queue_name,
                entered_ms=self.now_ms - age_ms,
                visit=visit,
                first_entered_ms=0 if first_ms is None else self.now_ms - first_ms,
                priority_class="fragile" if urgent else "",
                office=office_name,
            )
        )

    @rule(call=CALLS, key=st.sampled_from("1125#"))
    def presses(self, call: CallId, key: str) -> None:
        self.tell(CallerPressed(call=call, key=key))

    @rule(call=CALLS, number=st.integers(0, 30), heard=st.booleans(), refused=st.booleans())
    def prompt_ends(self, call: CallId, number: int, heard: bool, refused: bool) -> None:
        known = self.engine.world.calls.get(call)
        prompt = None if known is None or number % 4 == 0 else known.prompt
        attempt = self.attempt(call, number) if prompt is None else prompt.attempt
        self.tell(PromptEnded(call=call, attempt=attempt, heard=heard, refused=refused and not heard))

    @rule(revision=st.integers(0, 2))
    def rules_change(self, revision: int) -> None:
        self.tell(RulesChanged(rules=NEW_RULES[revision]))

    @rule(fallback=FALLBACKS)
    def fallback_changes(self, fallback: Fallback) -> None:
        self.tell(FallbackChanged(fallback=fallback))

    @rule(name=NAMES, for_ms=st.sampled_from([-1, 0, 5_000, 60_000, FOR_EVER_MS]))
    def opts_in(self, name: AgentId, for_ms: int) -> None:
        self.tell(OptInTold(agent=name, until_ms=self.now_ms + for_ms if for_ms else 0))

    @rule(call=CALLS, office_name=st.sampled_from(["", "roma", "bari"]), queue_name=QUEUE_NAMES)
    def is_passed_on(self, call: CallId, office_name: str, queue_name: str) -> None:
        """A talk is passed on and the caller enters again, as it goes when nothing is lost."""
        known = self.engine.world.calls.get(call)
        if known is None or known.offer is None or known.offer.state is not OfferState.TALKING:
            self.goes_its_way(call, 4, OfferEnd.TALKED)
            known = self.engine.world.calls.get(call)
        if known is None or known.offer is None or known.offer.state is not OfferState.TALKING:
            return
        attempt = known.offer.attempt
        self.tell(CallTransferred(call=call, attempt=attempt))
        self.tell(
            CallEntered(
                call=call,
                node=known.node,
                queue=queue_name,
                entered_ms=self.now_ms,
                visit=known.visit + 1,
                office=office_name,
            )
        )

    @rule(call=CALLS, node=NODES)
    def leaves_the_menu(self, call: CallId, node: NodeId) -> None:
        self.tell(
            CallLeftMenu(call=call, node=node, called="06164164", arrived_ms=self.now_ms, left_ms=self.now_ms)
        )

    @rule(name=NAMES, phone=PHONES)
    def logs_in_at(self, name: AgentId, phone: str) -> None:
        self.tell(AgentLoggedIn(agent=name, phone=phone))

    @rule(phone=PHONES, what=st.sampled_from(REQUESTS))
    def asks_from(self, phone: str, what: type) -> None:
        self.tell(what(phone=phone))

    @rule(
        name=NAMES, kind=st.sampled_from(TransferKind), to=st.sampled_from(["generale", "pensioni", "roma"])
    )
    def passes_on(self, name: AgentId, kind: TransferKind, to: str) -> None:
        self.tell(TransferAsked(agent=name, kind=kind, to=to))

    @rule(name=NAMES, code=st.sampled_from([SOLVED, HANDED_OVER, "nonsense"]), verified=st.booleans())
    def says_of_the_caller(self, name: AgentId, code: str, verified: bool) -> None:
        self.tell(CallCoded(agent=name, code=OutcomeCodeId(code)))
        self.tell(CallerVerified(agent=name, verified=verified, method="codice"))

    @rule(people=CHANGES, removed=st.sets(NAMES, max_size=2))
    def the_roster_changes(self, people: list[Agent], removed: set[AgentId]) -> None:
        self.tell(RosterChanged(upserts=tuple(people), removed=tuple(sorted(removed))))

    @rule(logins=st.lists(st.tuples(NAMES, PHONES, st.booleans()), max_size=4))
    def sessions_come_back(self, logins: list[tuple[AgentId, str, bool]]) -> None:
        self.tell(
            SessionsRestored(
                sessions=tuple(
                    Session(agent=name, phone=phone, paused=paused, reason="corso" if paused else "")
                    for name, phone, paused in logins
                )
            )
        )

    @rule(
        call=CALLS,
        number=st.integers(0, 30),
        what=st.sampled_from([OfferBegan, OfferRang, TalkBegan, LegEnded, CallTransferred]),
    )
    def goes_on(self, call: CallId, number: int, what: type) -> None:
        self.tell(what(call=call, attempt=self.attempt(call, number)))

    @rule(
        call=CALLS, number=st.integers(0, 30), end=st.sampled_from(OfferEnd), talk_ms=st.integers(0, 300_000)
    )
    def offer_ends(self, call: CallId, number: int, end: OfferEnd, talk_ms: int) -> None:
        self.tell(OfferEnded(call=call, attempt=self.attempt(call, number), end=end, talk_ms=talk_ms))

    @rule(call=CALLS, number=st.integers(0, 30), unknown=st.booleans())
    def order_fails(self, call: CallId, number: int, unknown: bool) -> None:
        self.tell(OrderFailed(call=call, attempt=self.attempt(call, number), unknown=unknown, why="test"))

    @rule(call=CALLS, steps=st.integers(1, 4), end=st.sampled_from(OfferEnd))
    def goes_its_way(self, call: CallId, steps: int, end: OfferEnd) -> None:
        """What usually follows: enters, rings, talks, ends; else most histories would never get far."""
        for _ in range(steps):
            known = self.engine.world.calls.get(call)
            if known is None:
                self.tell(CallEntered(call=call, node=NODE, queue="generale", entered_ms=self.now_ms))
            elif known.offer is None:
                return
            else:
                attempt = known.offer.attempt
                match known.offer.state:
                    case OfferState.ORDERED:
                        self.tell(OfferBegan(call=call, attempt=attempt))
                    case OfferState.DIALLING:
                        self.tell(OfferRang(call=call, attempt=attempt))
                    case OfferState.RINGING if end is OfferEnd.TALKED:
                        self.tell(TalkBegan(call=call, attempt=attempt))
                    case OfferState.TALKING:
                        self.tell(LegEnded(call=call, attempt=attempt))
                    case _:
                        self.tell(OfferEnded(call=call, attempt=attempt, end=end, talk_ms=1))

    @rule(call=CALLS, what=st.sampled_from([CallEnded, CallInSafetyNet]))
    def leaves(self, call: CallId, what: type) -> None:
        self.tell(what(call=call))

    @rule(
        name=NAMES,
        what=st.sampled_from(REQUESTS),
    )
    def asks(self, name: AgentId, what: type) -> None:
        self.tell(what(agent=name))

    @initialize()
    def everybody_logs_in(self) -> None:
        for each in PEOPLE:
            self.tell(AgentLoggedIn(agent=each.id))

    @rule(name=NAMES, reason=st.sampled_from(["pranzo", "nonsense"]))
    def pauses(self, name: AgentId, reason: str) -> None:
        self.tell(AgentPaused(agent=name, reason=PauseReasonId(reason)))

    @rule(endpoint=ENDPOINTS, state=st.sampled_from(DeviceState))
    def phone(self, endpoint: str, state: DeviceState) -> None:
        self.tell(DeviceChanged(endpoint=endpoint, state=state))

    @rule(node=NODES)
    def node_lost(self, node: NodeId) -> None:
        self.tell(NodeLost(node=node))

    def seen(self, data: st.DataObject, call: CallId) -> CallSeen:
        old = AttemptId(f"0000000002-{call[-1]:>08}")
        attempts = [old, self.of_call.get(call, old), ""]  # one attempt is of one call, always
        return CallSeen(
            call=call,
            queue=data.draw(QUEUE_NAMES),
            entered_ms=self.now_ms - data.draw(st.integers(-5_000, 100_000)),
            stage=data.draw(st.sampled_from(Stage)),
            visit=data.draw(st.integers(1, 3)),
            province=data.draw(PROVINCES),
            first_entered_ms=data.draw(st.sampled_from([0, self.now_ms - 60_000])),
            priority_class=data.draw(st.sampled_from(["", "fragile"])),
            office=data.draw(st.sampled_from(["", "", "roma"])),
            attempt=data.draw(st.sampled_from(attempts)),
            target=data.draw(ENDPOINTS),
        )

    @rule(data=st.data(), call=CALLS, gone=st.booleans())
    def looked_at(self, data: st.DataObject, call: CallId, gone: bool) -> None:
        self.tell(CallLookedAt(call=call, seen=None if gone else self.seen(data, call)))

    @rule(data=st.data(), node=NODES, calls=st.sets(CALLS, max_size=5), restarted=st.booleans())
    def resynced(self, data: st.DataObject, node: NodeId, calls: set[CallId], restarted: bool) -> None:
        devices = data.draw(st.lists(st.tuples(ENDPOINTS, st.sampled_from(DeviceState)), max_size=3))
        members = data.draw(st.lists(st.tuples(ENDPOINTS, st.booleans()), max_size=3))
        self.tell(
            NodeResynced(
                node=node,
                calls=tuple(self.seen(data, call) for call in sorted(calls)),
                devices=tuple(DeviceSeen(endpoint=name, state=state) for name, state in devices),
                members=tuple(MemberSeen(endpoint=name, paused=paused) for name, paused in members),
                restarted=restarted,
            )
        )

    @rule()
    def says_it_twice(self) -> None:
        self.tell(self.last)

    @rule(ms=st.sampled_from([1, 100, 1_000, 5_000, 30_000, 200_000]))
    def time_passes(self, ms: int) -> None:
        until_ms = self.now_ms + ms
        for _ in range(2_000):
            due_ms = self.engine.next_deadline()
            if due_ms is None or due_ms > until_ms:
                break
            self.now_ms = max(self.now_ms, due_ms)
            self.tell(DeadlineReached())
            invariants.check(self.engine.world)
        else:
            raise AssertionError("the deadlines never come to rest")
        self.now_ms = until_ms

    @rule(ms=st.sampled_from([50, 3_000, 60_000]))
    def clock_jumps(self, ms: int) -> None:
        """The process was stopped: all that was due comes at once, late."""
        self.now_ms += ms
        for _ in range(200):
            due_ms = self.engine.next_deadline()
            if due_ms is None or due_ms > self.now_ms:
                break
            self.tell(DeadlineReached())


class TrueCentre(RuleBasedStateMachine):
    """A true Asterisk, true people, and trouble that ends."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = build()
        self.node = LittleAsterisk(NODE)
        self.now_ms = START_MS
        self.anomalies: list[Anomaly] = []
        self.said: list[Fact] = []
        self.fallback = Fallback()
        self.opted_in: dict[AgentId, int] = {}
        self.people: dict[AgentId, Agent] = {each.id: each for each in PEOPLE}
        self.store: dict[AgentId, Session] = {}
        """Who is logged in, as the orders to the safety net say."""

    # ── the shell ────────────────────────────────────────────────────────────────────────────

    def tell(self, fact: Fact) -> None:
        with nobody_overtaken():
            outcome = self.engine.handle(fact, self.now_ms)
        self.obey(outcome.orders)
        self.anomalies += [each for each in outcome.notes if isinstance(each, Anomaly)]
        invariants.check(self.engine.world)

    def obey(self, orders: list[Order]) -> None:
        for order in orders:
            self.node.obey(order)
            if isinstance(order, SetNetMember):
                self.store.pop(order.agent, None)
                if order.logged_in:
                    self.store[order.agent] = Session(
                        agent=order.agent,
                        phone=order.endpoint,
                        paused=order.paused,
                        reason=order.reason,
                        worked_since_ms=order.worked_since_ms,
                    )

    def deliver(self, count: int) -> None:
        while self.node.stream and count:
            fact = self.node.stream.popleft()
            self.said.append(fact)
            del self.said[:-20]
            self.tell(fact)
            count -= 1

    def pass_time(self, ms: int, *, deliver: bool) -> None:
        """Small steps: the dialplan's turn, the stream's, the clock's."""
        until_ms = self.now_ms + ms
        while self.now_ms < until_ms:
            self.now_ms = min(self.now_ms + 250, until_ms)
            self.node.tick(self.now_ms)
            if deliver:
                self.deliver(10_000)
            for _ in range(50):
                due_ms = self.engine.next_deadline()
                if due_ms is None or due_ms > self.now_ms:
                    break
                self.tell(DeadlineReached())

    def one(self, data: st.DataObject, *stages: Stage) -> Caller | None:
        found = [caller for caller in self.node.callers.values() if caller.stage in stages]
        return data.draw(st.sampled_from(found)) if found else None

    # ── people and trouble ───────────────────────────────────────────────────────────────────

    @initialize(names=st.sets(NAMES, min_size=2))
    def some_log_in(self, names: set[AgentId]) -> None:
        for name in sorted(names):
            self.tell(AgentLoggedIn(agent=name))

    @rule(
        queues=st.lists(
            st.sampled_from(["generale", "pensioni", "tedesco", "notte"]), min_size=1, max_size=4
        ),
        province=PROVINCES,
    )
    def people_call(self, queues: list[str], province: str = "") -> None:
        for queue_name in queues:
            self.now_ms += 1
            self.node.enter(queue_name, self.now_ms, province)
        self.deliver(10_000)
        self.pass_time(250, deliver=True)

    @rule(ms=st.sampled_from([250, 1_000, 4_000, 20_000]), deliver=st.booleans())
    def time_passes(self, ms: int, deliver: bool) -> None:
        self.pass_time(ms, deliver=deliver)

    @rule(count=st.integers(1, 4))
    def stream_flows(self, count: int) -> None:
        self.node.tick(self.now_ms)
        self.deliver(count)

    @rule(data=st.data(), what=st.sampled_from(["rings", "answers", "answers", *REFUSALS]))
    def a_phone(self, data: st.DataObject, what: str | OfferEnd) -> None:
        caller = self.one(data, Stage.DIALLING)
        if caller is None:
            return
        match what:
            case "rings":
                self.node.ring(caller)
            case "answers":
                self.node.answer(caller, self.now_ms)
            case OfferEnd():
                self.node.end_ring(caller, what)

    @rule(data=st.data(), what=st.sampled_from(["hangs up", "transfers out", "pensioni", "tedesco"]))
    def a_target(self, data: st.DataObject, what: str) -> None:
        caller = self.one(data, Stage.TALKING)
        if caller is None:
            return
        match what:
            case "hangs up":
                self.node.end_talk(caller, self.now_ms)
            case "transfers out":
                self.node.transfer(caller, None, self.now_ms)
            case _:
                self.node.transfer(caller, what, self.now_ms)

    @rule(data=st.data(), key=st.sampled_from("12"))
    def a_caller_presses(self, data: st.DataObject, key: str) -> None:
        if (caller := self.one(data, Stage.HEARING, Stage.HOLDING)) is not None:
            self.node.press(caller, key)

    @rule(revision=st.integers(0, 2))
    def the_rules_change(self, revision: int) -> None:
        self.tell(RulesChanged(rules=NEW_RULES[revision]))

    @rule(fallback=FALLBACKS)
    def the_fallback_changes(self, fallback: Fallback) -> None:
        self.fallback = fallback
        self.tell(FallbackChanged(fallback=fallback))

    @rule(name=NAMES, for_ms=st.sampled_from([0, 5_000, 60_000, FOR_EVER_MS]))
    def an_opt_in(self, name: AgentId, for_ms: int) -> None:
        self.opted_in[name] = self.now_ms + for_ms if for_ms else 0
        self.tell(OptInTold(agent=name, until_ms=self.opted_in[name]))

    @rule(data=st.data())
    def a_caller_hangs_up(self, data: st.DataObject) -> None:
        if (caller := self.one(data, *Stage)) is not None:
            self.node.hang_up(caller)

    @rule(name=NAMES, what=st.sampled_from([*REQUESTS, AgentPaused]))
    def an_agent(self, name: AgentId, what: type) -> None:
        if what is AgentPaused:
            self.tell(AgentPaused(agent=name, reason=PauseReasonId("corso")))
        else:
            self.tell(what(agent=name))

    @rule(name=NAMES, phone=PHONES)
    def an_agent_changes_place(self, name: AgentId, phone: str) -> None:
        self.tell(AgentLoggedIn(agent=name, phone=phone))

    @rule(phone=PHONES, what=st.sampled_from(REQUESTS))
    def a_feature_code(self, phone: str, what: type) -> None:
        self.tell(what(phone=phone))

    @rule(
        data=st.data(),
        to=st.sampled_from(
            [
                (TransferKind.QUEUE, "generale"),
                (TransferKind.QUEUE, "tedesco"),
                (TransferKind.OFFICE, "roma"),
                (TransferKind.OFFICE, "bari"),
            ]
        ),
        ms=st.sampled_from([0, 250, 5_000, 16_000, 40_000]),
    )
    def an_agent_passes_on(self, data: st.DataObject, to: tuple[TransferKind, str], ms: int) -> None:
        """A talk, if need be a new one, is passed on; then time goes by, or the return comes due."""
        caller = self.one(data, Stage.TALKING) or self.one(data, Stage.DIALLING)
        if caller is None:
            self.people_call(["generale"])
            self.pass_time(250, deliver=True)
            caller = self.one(data, Stage.DIALLING)
        if caller is not None and caller.stage is Stage.DIALLING:
            self.node.answer(caller, self.now_ms)
            self.pass_time(2_000, deliver=True)
        call = None if caller is None else self.engine.world.calls.get(caller.id)
        if call is not None and call.talker:
            self.tell(TransferAsked(agent=AgentId(call.talker), kind=to[0], to=to[1]))
            self.pass_time(ms, deliver=True)

    @rule(people=CHANGES, removed=st.sets(NAMES, max_size=1))
    def the_roster_changes(self, people: list[Agent], removed: set[AgentId]) -> None:
        for name in removed:
            self.people.pop(name, None)
        self.people |= {each.id: each for each in people}
        self.tell(RosterChanged(upserts=tuple(people), removed=tuple(sorted(removed))))
        self.pass_time(250, deliver=False)

    @rule(what=st.sampled_from(["link", "link", "link", "twice", "twice", "asterisk", "we", "we bare"]))
    def trouble(self, what: str) -> None:
        match what:
            case "link" if self.node.up:
                self.node.lose_link()
                self.deliver(1)
            case "link":
                self.node.resync()
                self.deliver(1)
            case "twice":
                if self.said and not isinstance(self.said[-1], NodeResynced | NodeLost | CallLookedAt):
                    self.tell(self.said[-1])
            case "asterisk":
                self.node.restart()
                self.deliver(1)
                self.node.resync(restarted=True)
                self.deliver(1)
            case "we":
                self.we_restart()
                sessions = tuple(self.store.values())
                self.tell(SessionsRestored(sessions=sessions))
                self.node.resync()
                self.deliver(1)
            case _:
                self.we_restart()
                self.store.clear()
                self.node.resync()
                self.deliver(1)

    def we_restart(self) -> None:
        """Our process dies and starts anew: what it knew must come back from the truth."""
        self.node.stream.clear()
        self.engine = Engine(NEW_RULES[0], Roster(agents=self.people), self.engine.world.epoch + 1)
        self.node.up = True
        self.tell(FallbackChanged(fallback=self.fallback))
        for name, until_ms in self.opted_in.items():
            self.tell(OptInTold(agent=name, until_ms=until_ms))

    @invariant()
    def no_table_is_surprised(self) -> None:
        """A true stream, whole or cut, never looks like a contradiction."""
        assert not self.anomalies, self.anomalies

    # ── healing ──────────────────────────────────────────────────────────────────────────────

    def teardown(self) -> None:
        if not self.node.up:
            self.node.resync()
        strangers = tuple(name for name in self.people if name not in {each.id for each in PEOPLE})
        self.tell(RosterChanged(upserts=tuple(PEOPLE), removed=strangers))
        self.tell(RulesChanged(rules=replace(self.engine.world.rules, breaks=None)))
        for each in PEOPLE:
            self.tell(OptInTold(agent=each.id, until_ms=self.now_ms + FOR_EVER_MS))
        self.everybody_is_ready()
        for second in range(600):
            if not self.node.callers:
                break
            if second % 10 == 0:  # who was paused for missing offers comes back
                self.everybody_is_ready()
            for caller in list(self.node.callers.values()):
                if caller.stage is Stage.DIALLING:
                    self.node.answer(caller, self.now_ms)
                elif caller.stage is Stage.TALKING and self.now_ms - caller.since_ms >= 10_000:
                    self.node.end_talk(caller, self.now_ms)
                elif caller.stage in {Stage.TRANSFERRED, Stage.IN_NET} and second % 10 == 9:
                    self.node.hang_up(caller)
            self.pass_time(1_000, deliver=True)
            self.nobody_waits_beside_a_ready_agent()
        world = self.engine.world
        for call in world.calls.values():
            note(repr(call))
        assert not self.node.callers, "a caller never came to an end"
        self.pass_time(1_000, deliver=True)
        assert not world.calls, "the engine counts a call that is over"
        assert not world.offers
        self.everybody_is_ready()
        self.pass_time(180_000, deliver=True)
        for record in world.agents.values():
            assert record.state is AgentState.READY, record
            assert record.place, record
        assert set(self.node.members) == {record.endpoint for record in world.agents.values()}
        assert {each.phone for each in self.store.values()} == set(self.node.members)
        assert not any(line.in_use for line in world.lines.values())
        left = [kind for kind, _ in world.deadlines._armed if kind not in AWAITED]
        assert not left, "a deadline of something that is over"

    def everybody_is_ready(self) -> None:
        for each in PEOPLE:
            self.tell(AgentLoggedIn(agent=each.id))
            self.tell(AgentReadied(agent=each.id))

    def nobody_waits_beside_a_ready_agent(self) -> None:
        """The invariant says so of the engine's picture; here the picture must be the truth."""
        for caller in self.node.callers.values():
            call = self.engine.world.calls.get(caller.id)
            assert call is not None, caller
            assert call.visit == caller.visit
            # A queue may have been gone for a while; a call passed on may have gone back.
            assert call.visit > 1 or call.queue.id in {caller.queue, "generale"}
            if caller.stage is Stage.HOLDING:
                assert call.state in IN_HOLD, (caller, call)


TestStorm = Storm.TestCase
TestStorm.settings = SEARCH
TestTrueCentre = TrueCentre.TestCase
TestTrueCentre.settings = SEARCH
