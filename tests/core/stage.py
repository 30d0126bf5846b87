"""What the stories share beyond the builders: longer strokes, a picture to compare, a history to repeat."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from acd.core.calls import Call
from acd.core.engine import Engine, Outcome
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
from acd.core.ids import AgentId, AttemptId, CallId, OfficeId, PauseReasonId, SiteId
from acd.core.orders import OfferCall, Say
from acd.core.policy import Breaks, Fallback, RuleSet
from acd.core.world import World
from tests.core.builders import (
    FAR,
    HANDED_OVER,
    HOURS,
    NIGHT,
    NODE,
    SOLVED,
    START_MS,
    Centre,
    agent,
    asking,
    office,
    queue,
    roster,
    rules,
    to_offices,
)

# ── longer strokes ───────────────────────────────────────────────────────────────────────────


def misses(centre: Centre, call: str, end: OfferEnd = OfferEnd.NO_ANSWER) -> None:
    """The phone rings to its end and nobody takes the call."""
    centre.rings(call)
    centre.later(20_000)
    centre.ends_offer(call, end)


def drops(centre: Centre, call: str) -> None:
    """The target answers and hangs up at once; the caller is back in hold."""
    centre.talks(call)
    attempt = centre.attempt(call)
    centre.later(300)
    centre.leg_ends(call)
    centre.ends_offer(call, OfferEnd.DROPPED, attempt=attempt, talk_ms=300)


def finishes(centre: Centre, call: str) -> None:
    """An offered call is talked and ended by the agent after a minute."""
    centre.talks(call)
    centre.later(60_000)
    centre.agent_hangs_up(call)


def logs_in_at_once(centre: Centre, *names: str) -> None:
    """Agents log in within one and the same millisecond."""
    for name in names:
        centre.logs_in(name)


# ── a picture to compare ─────────────────────────────────────────────────────────────────────


def picture(world: World, *, times: bool = True) -> dict[str, object]:
    """All that decides what the engine will do next; ``times``: also when each deadline is due."""
    return {
        "calls": {call.id: _call(call) for call in world.calls.values()},
        "agents": {
            each.agent.id: (
                *(each.state, each.reason, each.wish, each.misses, each.idle_since_ms, bool(each.place)),
                *(each.unavailable, each.device_busy, each.offer and each.offer.attempt),
                *(each.endpoint, each.moves_to, each.removed, each.profile.key, each.held_until_ms),
                *(each.talk and each.talk.id, each.agent),
            )
            for each in world.agents.values()
        },
        "revision": world.rules.revision,
        "fallback": world.fallback,
        "offers": {each.attempt: each.state for each in world.offers.values()},
        "lines": {each.office.id: each.in_use for each in world.lines.values()},
        "books": {
            name: [getattr(tally, slot) for slot in tally.__slots__] for name, tally in world.tally.items()
        },
        "deadlines": {key: armed[0] if times else 0 for key, armed in world.deadlines._armed.items()},
        "parked": list(world.parked),
        "owners": {endpoint: each.agent.id for endpoint, each in world.owners.items()},
    }


def _call(call: Call) -> tuple[object, ...]:
    return (
        *(call.state, call.visit, call.queue.id, call.booked, call.key, bool(call.place)),
        *(call.offer and call.offer.attempt, call.step, call.granted, call.answered_ms, dict(call.avoided)),
        *(call.level_counted, call.first_answer_noted, call.code, call.verified, call.verified_by),
        *(call.prompt and call.prompt.attempt, call.question, dict(call.consents), call.closed),
        *(call.talker, call.from_site, call.refusals, call.resting, call.holds and call.holds.agent.id),
        *(call.position, call.tier, call.shelf, call.stages, call.stages_from_ms),
        None if call.passage is None else (call.passage.sender, call.passage.return_ms, call.passage.office),
    )


# ── a history to repeat ──────────────────────────────────────────────────────────────────────

Told = tuple[Fact, int]
"""A fact and the moment it was handled."""

NAMES: Final = ("anna", "bruno", "carla", "dario", "elena", "fabio")
QUEUES: Final = ("generale", "pensioni", "tedesco", "nowhere")
REQUESTS: Final = (AgentLoggedIn, AgentLoggedIn, AgentReadied, AgentLoggedOut, WrapUpExtended)
FOLLOWS: Final = (OfferBegan, OfferRang, OfferRang, TalkBegan, TalkBegan, LegEnded, CallTransferred)
PAUSE: Final = PauseReasonId("corso")
PHONES: Final = ("roma-1", "roma-2", "bari-1", "phone-anna", "phone-bruno", "phone-elena", "")


def some_rules(revision: int = 0) -> RuleSet:
    """All that rules have to offer: credits, ladders, questions, hours; each revision a little different."""
    queues = (
        queue("generale", wait_ms_max=90_000),
        queue(
            "pensioni",
            ladder=to_offices("roma", "bari", after_ms=8_000 - 2_000 * revision),
            wrap_up_ms=0,
            calendar=NIGHT if revision == 2 else None,
        ),
        queue(
            "tedesco",
            credit_ms=5_000,
            language="de",
            ladder=(asking(500, "tedesco"), *to_offices("bari", after_ms=1_000)),
        ),
    )
    offices = (
        office("roma", "RM", calendar=HOURS if revision == 2 else None),
        office("bari", "BA", capacity=2 - revision % 2),
    )
    breaks = Breaks(after_ms=30_000, early_ms=12_000, for_ms=3_000, reason=PAUSE)
    return rules(queues[: 3 - revision % 2], offices, revision=f"r{revision}", breaks=breaks)


def a_centre() -> Engine:
    """An engine with all the rules have to offer, and several profiles."""
    people = (
        agent("anna", generale=5),
        agent("bruno", generale=5, pensioni=5),
        agent("carla", pensioni=3),
        agent("dario", generale=5, pensioni=5, tedesco=8),
        agent("elena", "bari", tedesco=2),
        agent("fabio", "bari", volunteer=True, generale=2),
    )
    return Engine(some_rules(), roster(people), epoch=3)


class Chance:
    """Draws a long history of facts, most of them to the point, from a seed and nothing else."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._offers: dict[CallId, AttemptId] = {}
        self._prompts: dict[CallId, AttemptId] = {}
        self._entered = 0
        self._visits: dict[CallId, int] = {}

    def facts(self, engine: Engine, count: int) -> Iterator[Told]:
        """Facts in time, each deadline handed in when it is due; the engine's orders steer the next."""
        now_ms = START_MS
        for _ in range(count):
            until_ms = now_ms + self._dice.choice((0, 1, 40, 700, 3_000))
            while (due_ms := engine.next_deadline()) is not None and due_ms <= until_ms:
                now_ms = max(now_ms, due_ms)
                yield DeadlineReached(), now_ms
            now_ms = until_ms
            yield self._draw(now_ms), now_ms

    def learn(self, outcome: Outcome) -> None:
        """Remember what was offered, so that the next facts are about it."""
        for order in outcome.orders:
            if isinstance(order, OfferCall):
                self._offers[order.call] = order.attempt
            elif isinstance(order, Say):
                self._prompts[order.call] = order.attempt

    def _draw(self, now_ms: int) -> Fact:
        kind = self._dice.random()
        if kind < 0.25 or not self._visits:
            return self._enters(now_ms)
        call = self._dice.choice(list(self._visits))
        attempt = self._offers.get(call, AttemptId("0000000001-00000001"))
        if call in self._prompts and self._dice.random() < 0.3:
            return self._hears(call)
        if kind < 0.50:
            return self._dice.choice(FOLLOWS)(call=call, attempt=attempt)
        if kind < 0.62:
            end = self._dice.choice(list(OfferEnd))
            return OfferEnded(call=call, attempt=attempt, end=end, talk_ms=self._dice.randrange(90_000))
        if kind < 0.72:
            return self._leaves(call)
        if kind < 0.90:
            return self._of_agents()
        return self._trouble(call, attempt, now_ms)

    def _enters(self, now_ms: int) -> Fact:
        if self._visits and self._dice.random() < 0.1:
            call = self._dice.choice(list(self._visits))
            self._visits[call] += 1
        else:
            self._entered += 1
            call = CallId(f"x-1.{self._entered}")
            self._visits[call] = 1
        return CallEntered(
            call=call,
            node=self._dice.choice((NODE, FAR)),
            queue=self._dice.choice(QUEUES),
            entered_ms=now_ms - self._dice.randrange(50),
            visit=self._visits[call],
            province=self._dice.choice(("", "RM", "BA")),
            first_entered_ms=self._dice.choice((0, 0, now_ms - 60_000)),
            priority_class=self._dice.choice(("", "", "fragile", "nobody")),
            office=self._dice.choice(("", "", "roma", "bari")) if self._visits[call] > 1 else "",
        )

    def _leaves(self, call: CallId) -> Fact:
        if self._dice.random() < 0.1:
            gone = CallId(f"m-1.{self._dice.randrange(50)}")
            return CallLeftMenu(
                call=gone, node=NODE, called="06164164", arrived_ms=START_MS, left_ms=START_MS
            )
        if self._dice.random() < 0.2:
            return CallInSafetyNet(call=call)
        del self._visits[call]
        return CallEnded(call=call)

    def _hears(self, call: CallId) -> Fact:
        if self._dice.random() < 0.3:
            return CallerPressed(call=call, key=self._dice.choice("1125"))
        attempt, heard = self._prompts[call], self._dice.random() < 0.7
        return PromptEnded(call=call, attempt=attempt, heard=heard, refused=not heard)

    def _of_agents(self) -> Fact:
        name = agent(self._dice.choice(NAMES)).id
        dice = self._dice.random()
        if dice < 0.08:
            return self._of_people(name)
        if dice < 0.15:
            return self._of_callers(name)
        if dice < 0.35:
            return DeviceChanged(endpoint=f"phone-{name}", state=self._dice.choice(list(DeviceState)))
        if dice < 0.45:
            return AgentPaused(agent=name, reason=PAUSE)
        if dice < 0.55:
            return self._dice.choice(REQUESTS)(phone=self._dice.choice(PHONES))
        if dice < 0.65:
            return AgentLoggedIn(agent=name, phone=self._dice.choice(PHONES))
        return self._dice.choice(REQUESTS)(agent=name)

    def _of_people(self, name: AgentId) -> Fact:
        match self._dice.randrange(5):
            case 4:
                until_ms = START_MS + self._dice.choice((0, 30_000, 90_000_000))
                return OptInTold(agent=AgentId("fabio"), until_ms=until_ms)
            case 0:
                return SessionsRestored(
                    sessions=(Session(agent=name, phone=self._dice.choice(PHONES), paused=True),)
                )
            case 1:
                return RosterChanged(removed=(name,))
            case _:
                skills = {skill: 5 for skill in QUEUES if self._dice.random() < 0.5}
                return RosterChanged(
                    upserts=(agent(name, endpoint=self._dice.choice(("", "", f"new-{name}")), **skills),)
                )

    def _of_callers(self, name: AgentId) -> Fact:
        match self._dice.randrange(4):
            case 0:
                return CallCoded(agent=name, code=self._dice.choice((SOLVED, HANDED_OVER)))
            case 1:
                return CallerVerified(agent=name, verified=self._dice.random() < 0.5, method="codice")
            case 2:
                return TransferAsked(agent=name, kind=TransferKind.QUEUE, to=self._dice.choice(QUEUES))
            case _:
                return TransferAsked(agent=name, kind=TransferKind.OFFICE, to="roma")

    def _trouble(self, call: CallId, attempt: AttemptId, now_ms: int) -> Fact:
        match self._dice.randrange(7):
            case 6:
                return FallbackChanged(fallback=self._fallback())
            case 5:
                return RulesChanged(rules=some_rules(self._dice.randrange(3)))
            case 0:
                return OrderFailed(call=call, attempt=attempt, unknown=self._dice.random() < 0.5, why="x")
            case 1:
                return NodeLost(node=self._dice.choice((NODE, FAR)))
            case 2:
                return CallLookedAt(call=call, seen=self._seen(call, attempt, now_ms))
            case 3:
                return CallLookedAt(call=call, seen=None)
            case _:
                return self._resync(now_ms)

    def _fallback(self) -> Fallback:
        shares = {SiteId(site): self._dice.choice((0, 20, 60, 100)) for site in ("roma", "bari")}
        offices = {OfficeId("bari"): self._dice.random() < 0.5} if self._dice.random() < 0.3 else {}
        return Fallback(on=self._dice.random() < 0.8, shares=shares, offices=offices)

    def _resync(self, now_ms: int) -> Fact:
        calls = [call for call in self._visits if self._dice.random() < 0.5]
        return NodeResynced(
            node=self._dice.choice((NODE, FAR)),
            calls=tuple(self._seen(call, self._offers.get(call, AttemptId("")), now_ms) for call in calls),
            devices=tuple(DeviceSeen(endpoint=f"phone-{each}", state=DeviceState.IDLE) for each in NAMES),
            members=(MemberSeen(endpoint="phone-fabio", paused=True, reason="corso"),),
            restarted=self._dice.random() < 0.1,
        )

    def _seen(self, call: CallId, attempt: AttemptId, now_ms: int) -> CallSeen:
        return CallSeen(
            call=call,
            queue=self._dice.choice(QUEUES),
            entered_ms=now_ms - self._dice.randrange(30_000),
            stage=self._dice.choice(list(Stage)),
            visit=self._visits.get(call, 1),
            attempt=attempt,
            target=f"phone-{self._dice.choice(NAMES)}",
        )


def history(seed: int, count: int) -> tuple[list[Told], str]:
    """What was told in one run of chance, and the digest of all that was ordered and noted."""
    engine, chance = a_centre(), Chance(seed)
    told: list[Told] = []
    digest = hashlib.sha256()
    for fact, now_ms in chance.facts(engine, count):
        outcome = engine.handle(fact, now_ms)
        chance.learn(outcome)
        told.append((fact, now_ms))
        add(digest, outcome)
    return told, digest.hexdigest()


def replay(told: Iterable[Told]) -> str:
    """The digest of a fresh engine that is told the same."""
    engine = a_centre()
    digest = hashlib.sha256()
    for fact, now_ms in told:
        add(digest, engine.handle(fact, now_ms))
    return digest.hexdigest()


def add(digest: hashlib._Hash, outcome: Outcome) -> None:
    """Take one outcome into a digest; an empty one leaves no trace."""
    if outcome.orders or outcome.notes or outcome.refused:
        digest.update(msgspec.json.encode(outcome))
