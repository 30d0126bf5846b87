"""Things that happen at the same moment, forced to do so some hundreds of times.

``ACD_TEST_RUNS`` multiplies the runs for a long campaign (1 in the gate).
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec
import pytest

from acd.ami.wire import Message
from acd.core.facts import CallEntered, OfferBegan, OfferEnd, TalkBegan
from acd.core.ids import AgentId, QueueId, SiteId, SkillId
from acd.core.notes import AgentState, CallFinished, OfferClosed, Outcome
from acd.core.orders import OfferCall
from acd.core.policy import Agent, Roster, RuleSet, SkillNeed, Timings
from asterisk_lab import Lab
from asterisk_lab.phones import Sipp
from tests.real.floor import Floor, rule_set

pytestmark = pytest.mark.real

TIMES = int(os.environ.get("ACD_TEST_RUNS", "1"))
SHARED_PORT = [f"a{n:04}" for n in range(10, 61)]


async def test_the_answer_crosses_the_callers_goodbye(lab: Lab) -> None:
    """The caller's BYE lands within ±60 ms of the agent's 200, 210 times: one end each, no wrong pair.

    Whoever was first: no channel and no agent is stuck, and a phone only ever hears the caller its
    order named.
    """
    count = 210 * TIMES
    dice = random.Random(7)
    stays = [200 + dice.randint(-50, 50) for _ in range(count)]
    rules = rule_set(wrap_up_ms=0, timings=Timings(misses_max=100))
    async with Floor(lab, SHARED_PORT, rules=rules) as floor:
        numbers: dict[str, str] = {}

        def hear(message: Message) -> None:
            if message["UserEvent"] == "ACDEnter":
                numbers[message["Uniqueid"]] = message["Num"]

        floor.tap(hear)
        await floor.login(*SHARED_PORT)
        with Sipp.agent(lab, "answer", ring_ms=(150, 230)) as phones:
            with Sipp.callers(lab, count=count, rate=30, stay_ms=stays, log_messages=False):
                await floor.until(lambda: floor.centre.summary().ended == count, "all end", 60 * TIMES)
            await floor.settled()
            await floor.until(
                lambda: {floor.state(name) for name in SHARED_PORT} == {AgentState.READY}, "nobody is stuck"
            )
            rung = Counter((row.to, row.from_number) for row in phones.invites())
            ordered = Counter((order.target, numbers[order.call]) for order in floor.of(OfferCall))
            assert not rung - ordered  # a caller who left in time may spare the phone its ring
            talked = Counter((fact.call, fact.attempt) for fact in floor.of(TalkBegan))
            assert set(talked.values()) <= {1}
            assert set(talked) <= {(order.call, order.attempt) for order in floor.of(OfferCall)}
        outcomes = Counter(note.outcome for note in floor.of(CallFinished))
        assert outcomes.keys() <= {Outcome.ANSWERED, Outcome.SHORT_ABANDONED}
        assert outcomes[Outcome.ANSWERED] == len(talked)
        assert min(outcomes.values()) > count // 10  # it did cross, both ways
        print(f"crossed: {dict(outcomes)}, ends {dict(Counter(floor.ends()))}")  # noqa: T201


# ── the order and the step ───────────────────────────────────────────────────────────────────

PAIRS = 25
AGENTS = [f"a{n:04}" for n in range(10, 10 + PAIRS)]


def one_queue_each(**timings: int) -> tuple[RuleSet, Roster]:
    """A queue, a skill and an agent for each caller, so that each pair can be aimed at alone."""
    base = rule_set(ring_s=20, timings=Timings(**timings))
    skills = {SkillId(f"s{name}"): name for name in AGENTS}
    queues = {
        QueueId(name): msgspec.structs.replace(
            base.queues[QueueId("generale")],
            id=QueueId(name),
            needs=(SkillNeed(skill=SkillId(f"s{name}")),),
        )
        for name in AGENTS
    }
    rules = msgspec.structs.replace(
        base, queues=queues, skills=skills, entry={}, queue_by_default=QueueId(AGENTS[0])
    )
    people = {
        AgentId(name): Agent(
            id=AgentId(name), site=SiteId("roma"), endpoint=name, skills={SkillId(f"s{name}"): 5}
        )
        for name in AGENTS
    }
    return rules, Roster(agents=people)


class Steps:
    """Knows when each caller began a waiting step, and how often a phone rang for it."""

    def __init__(self) -> None:
        self.began: dict[str, float] = {}
        self.rang: Counter[str] = Counter()

    def hear(self, message: Message) -> None:
        """Note a holding bridge that was entered, or a ring."""
        if message["Event"] == "DialState" and message["DialStatus"] == "RINGING":
            self.rang[message["Uniqueid"]] += 1
        if message["Event"] == "BridgeEnter" and message["BridgeTechnology"] == "holding_bridge":
            self.began[message["Uniqueid"]] = time.monotonic()


@pytest.fixture
def step(lab: Lab) -> Iterator[int]:
    """Waiting steps of one second: a boundary to aim at each second."""
    lab.rx("dialplan set global ACD_STEP 1")
    try:
        yield 1
    finally:
        lab.rx("dialplan set global ACD_STEP 5")


async def test_an_order_between_two_steps_rings_at_once(lab: Lab, step: int) -> None:
    """200 orders aimed within 4 ms at the boundary of two steps: each rings once, and within 300 ms."""
    rules, people = one_queue_each()
    async with Floor(lab, people, rules=rules) as floor:
        steps = Steps()
        floor.tap(steps.hear)
        for name in AGENTS:
            await floor.login(name)
            await floor.pause(name)
        with (
            Sipp.agent(lab, "ring") as phones,
            Sipp.callers(lab, [f"q-{name}" for name in AGENTS], count=PAIRS, rate=50),
        ):
            await floor.entered(PAIRS)
            await floor.until(lambda: len(steps.began) == PAIRS, "all wait")
            call_of = {fact.queue: fact.call for fact in floor.of(CallEntered)}
            took = [
                ms
                for each in await asyncio.gather(
                    *(_aim(floor, steps, step, name, call_of[name], 8 * TIMES) for name in AGENTS)
                )
                for ms in each
            ]
            begun = Counter(row.to for row in phones.invites())
            lab.rx("channel request hangup all")
            await floor.settled()
        missed = floor.centre.links[0].delivery.kicks_missed
        took.sort()
        print(  # noqa: T201
            f"{len(took)} orders at boundaries: p50 {took[len(took) // 2]:.1f} ms, max {took[-1]:.1f} ms;"
            f" {missed} kicks missed and repeated"
        )
        assert len(took) == PAIRS * 8 * TIMES
        assert took[-1] < 300
        assert missed >= 5  # the boundary was hit
        assert begun == dict.fromkeys(AGENTS, 8 * TIMES)  # never a second call for an offer
        assert set(Counter(fact.attempt for fact in floor.of(OfferBegan)).values()) == {1}


async def _aim(floor: Floor, steps: Steps, step: int, name: str, call: str, times: int) -> list[float]:
    """Let the agent be ready at this caller's boundary, so many times; returns ms until it rang."""
    dice = random.Random(name)
    took = []
    for _ in range(times):
        due = steps.began[call] + step
        while due < time.monotonic() + 0.05:
            due += step
        await asyncio.sleep(due - time.monotonic() + dice.uniform(-0.004, 0.002))
        ordered = time.monotonic()
        already = steps.rang[call]
        await floor.ready(name)
        await floor.until(lambda seen=already: steps.rang[call] > seen, f"{name} rings")
        took.append((time.monotonic() - ordered) * 1000)
        await floor.pause(name)  # takes the ring back
        await floor.until(lambda: floor.state(name) is AgentState.PAUSED, f"{name} is free again")
    return took


async def test_an_order_whose_kick_is_lost_rings_in_time_or_expires(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No kick arrives at all: the step's end finds the order, rings it or refuses it as expired.

    In neither case does the agent, freed by our own clock, get a second call while the first rings.
    """
    lab.rx("dialplan set global ACD_STEP 3")
    rules, people = one_queue_each(order_valid_ms=1_000, order_grace_ms=1_500)
    async with Floor(lab, people, rules=rules) as floor:
        link = floor.centre.links[0].link
        send = link.submit

        def without_kicks(*asks, deadline_s: float = 0.0) -> None:
            kept = [ask for ask in asks if ask[0].name != "BridgeKick"]
            if kept:
                send(*kept, deadline_s=deadline_s)

        with (
            Sipp.agent(lab, "ring") as phones,
            Sipp.callers(lab, [f"q-{name}" for name in AGENTS], count=PAIRS, rate=10),
        ):
            await floor.entered(PAIRS)
            with monkeypatch.context() as patch:
                patch.setattr(link, "submit", without_kicks)
                await floor.login(*AGENTS)
                await floor.until(
                    lambda: len(floor.of(OfferBegan)) + len(floor.of(OfferClosed)) >= PAIRS, "rung or expired"
                )
            expired = len(floor.of(OfferClosed))
            await floor.until(lambda: len(phones.invites()) == PAIRS, "kicks work again: all ring", 8)
            print(f"without kicks: {PAIRS - expired} rang at the step's end, {expired} expired")  # noqa: T201
            assert 0 < expired < PAIRS
            await asyncio.sleep(3.2)  # stale orders, if any, are found by now
            refused = {note.attempt for note in floor.of(OfferClosed) if note.end is OfferEnd.REFUSED}
            assert len(refused) >= expired
            assert refused.isdisjoint(fact.attempt for fact in floor.of(OfferBegan))
            assert Counter(row.to for row in phones.invites()) == dict.fromkeys(AGENTS, 1)
            by_agent = defaultdict(list)
            for order in floor.of(OfferCall):
                by_agent[order.target].append(order.attempt)
            assert max(map(len, by_agent.values())) <= 3
            lab.rx("dialplan set global ACD_STEP 5")
            lab.rx("channel request hangup all")
            await floor.settled()
