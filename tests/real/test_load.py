"""More callers than agents for a while: everybody is served in turn and nobody is offered twice."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from acd.core.facts import CallEntered, NodeResynced
from acd.core.notes import AgentState, CallAnswered, CallFinished
from acd.core.orders import OfferCall
from asterisk_lab import Lab
from asterisk_lab.phones import Message, Sipp
from tests.real.floor import Floor, rule_set
from tests.real.process import stages
from tests.real.proxy import Proxy

pytestmark = pytest.mark.real

COUNT = int(os.environ.get("ACD_TEST_CALLS", "200"))
AGENTS = [f"a{n:04}" for n in range(10, 60)]


async def test_twenty_calls_a_second_over_fifty_agents(lab: Lab) -> None:
    """200 calls, talks of 2 to 3 s and half a second of wrap-up: a queue builds up and drains.

    Every call is answered and accounted, the oldest first, and no phone ever hears a second INVITE
    before its last call is over.
    """
    async with Floor(lab, AGENTS, rules=rule_set(wrap_up_ms=500)) as floor:
        await floor.login(*AGENTS)
        with Sipp.agent(
            lab, "answer", ring_ms=(50, 300), talk_ms=(2_000, 3_000), log_messages=True
        ) as phones:
            with Sipp.callers(lab, count=COUNT, rate=20, log_messages=False):
                queued = 0

                def over() -> bool:
                    nonlocal queued
                    queued = max(queued, floor.centre.queues()[0].waiting)
                    return floor.centre.summary().ended == COUNT

                await floor.until(over, "all calls are over", COUNT / 10 + 15)
            await floor.settled()
            spans = _spans(phones)
        assert floor.outcomes() == ["answered"] * COUNT
        orders = floor.of(OfferCall)
        assert len(orders) == len(spans) == COUNT
        age = {fact.call: fact.entered_ms for fact in floor.of(CallEntered)}
        ages = [age[order.call] for order in orders]
        assert ages == sorted(ages)
        _nobody_is_rung_twice(spans, 0.4)
        assert {agent for agent, *_ in spans} == set(AGENTS)
        assert queued > 5
        await floor.until(
            lambda: {floor.state(name) for name in AGENTS} == {AgentState.READY}, "all are ready again", 3
        )
        waits = sorted(note.wait_ms for note in floor.of(CallAnswered))
        print(  # noqa: T201
            f"{COUNT} calls: up to {queued} waited,"
            f" answered after p50 {waits[COUNT // 2]} ms, max {waits[-1]} ms"
        )


async def test_a_link_cut_again_and_again_under_load(lab: Lab) -> None:
    """120 calls at 20/s while the link is cut four times: even books, nobody rung twice at once.

    What happens in the gaps we learn from the channels; the engine's invariants hold at every step.
    """
    count, agents = 120, AGENTS[:40]
    async with (
        Proxy(lab.ami_port) as proxy,
        Floor(lab, agents, rules=rule_set(wrap_up_ms=300), ami_port=proxy.port) as floor,
    ):
        await floor.login(*agents)
        with Sipp.agent(
            lab, "answer", ring_ms=(50, 300), talk_ms=(1_700, 2_500), log_messages=True
        ) as phones:
            with Sipp.callers(lab, count=count, rate=20, log_messages=False):
                for n in range(4):
                    await asyncio.sleep(random.uniform(0.8, 1.4))
                    await proxy.cut()
                    await floor.until(lambda n=n: len(floor.of(NodeResynced)) == n + 2, "the link is back")
                await floor.until(lambda: not stages(lab), "all calls are over in Asterisk", 20)
            await floor.settled()
            spans = _spans(phones)
        outcomes = Counter(floor.outcomes())
        print(f"four cuts under load: {dict(outcomes)}, {dict(Counter(floor.ends()))}")  # noqa: T201
        assert len(floor.of(CallFinished)) <= count  # one that came and went in a gap was never seen
        attempts = Counter(order.attempt for order in floor.of(OfferCall))
        assert set(attempts.values()) == {1}
        assert len(spans) <= len(attempts)
        _nobody_is_rung_twice(spans, 0)
        await floor.until(
            lambda: {floor.state(name) for name in agents} == {AgentState.READY}, "all are ready again", 3
        )


def _spans(phones: Sipp) -> list[tuple[str, float, float]]:
    """(agent, INVITE, end) of each call at the phones."""
    messages: dict[str, list[Message]] = defaultdict(list)
    for message in phones.messages():
        messages[message.call_id].append(message)
    return [
        (row.to, row.at, max(message.at for message in messages[row.call_id])) for row in phones.invites()
    ]


def _nobody_is_rung_twice(spans: list[tuple[str, float, float]], pause_s: float) -> None:
    by_agent: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for agent, began, ended in spans:
        by_agent[agent].append((began, ended))
    for agent, calls in by_agent.items():
        for (_, ended), (began, _) in pairwise(sorted(calls)):
            assert began > ended + pause_s, f"{agent} was rung {began - ended:.3f} s after its last call"
