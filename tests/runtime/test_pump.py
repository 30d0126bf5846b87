"""The pump: order, time, standstill and failure, on a clock of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from acd.core.engine import Engine
from acd.core.facts import (
    AgentLoggedIn,
    AgentPaused,
    CallEnded,
    CallEntered,
    DeadlineReached,
    Fact,
    NodeLost,
    NodeResynced,
    OfferBegan,
)
from acd.core.ids import AgentId, CallId, NodeId, PauseReasonId
from acd.core.notes import Note
from acd.core.orders import OfferCall, Order, Resync, SetNetMember, WithdrawOffer
from acd.rules.load import load_rules
from acd.rules.roster import read_roster
from acd.runtime.clock import SystemClock
from acd.runtime.ports import NodeState
from acd.runtime.pump import BREATH_S, STANDSTILL_MS, Pump
from acd.sim.clock import LoopClock
from acd.sim.loop import run_virtual

RULES = Path(__file__).resolve().parents[2] / "routing_rules" / "demo"


class RecordingNode:
    """A node that writes down its orders."""

    why_not = ""
    state = NodeState.READY

    def __init__(self, name: str) -> None:
        self.id = NodeId(name)
        self.orders: list[Order] = []

    def carry_out(self, order: Order) -> None:
        self.orders.append(order)

    async def run(self) -> None:
        """Nothing to keep alive."""

    async def stop(self) -> None:
        """Nothing to stop."""

    def of(self, kind: type) -> list[Order]:
        return [order for order in self.orders if isinstance(order, kind)]


class Heard:
    """An observer that writes down facts."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.lags: list[float] = []

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:
        self.facts.append(fact)

    def loop_lag(self, seconds: float) -> None:
        self.lags.append(seconds)


class SteppedClock:
    """A clock that the test moves; it stands for a process that was stopped."""

    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def now_ms(self) -> int:
        return self.ms


def engine() -> Engine:
    rules = load_rules(RULES).rules
    return Engine(rules, read_roster(RULES / "roster.csv", rules), 1)


def entered(number: int, node: str = "n1", at_ms: int = 0) -> CallEntered:
    call = CallId(f"{node}-1.{number}")
    return CallEntered(call=call, node=NodeId(node), queue="generale", entered_ms=at_ms)


def test_facts_are_handled_in_the_order_they_came_and_orders_go_to_their_node():
    """One inbox, one consumer; an order reaches the node of its call, a membership every node."""

    async def main() -> None:
        heard, clock = Heard(), LoopClock()
        pump = Pump(engine(), clock, [heard])
        one, two = RecordingNode("n1"), RecordingNode("n2")
        pump.attach(one)
        pump.attach(two)
        facts = [AgentLoggedIn(agent=AgentId("a0001")), entered(1, "n2", clock.now_ms())]
        for fact in facts:
            pump.put(fact)
        assert not heard.facts
        await asyncio.sleep(0)
        assert heard.facts == facts
        assert not one.of(OfferCall)
        assert [order.call for order in two.of(OfferCall)] == ["n2-1.1"]
        assert one.of(SetNetMember) == two.of(SetNetMember) != []
        assert pump.nodes == (one, two)

    run_virtual(main())


def test_whoever_submits_hears_the_engines_answer():
    """None when it was done, the engine's sentence when it was refused."""

    async def main() -> None:
        pump = Pump(engine(), LoopClock())
        assert await pump.submit(AgentLoggedIn(agent=AgentId("a0001"))) is None
        refused = await pump.submit(AgentPaused(agent=AgentId("a0001"), reason=PauseReasonId("ferie")))
        assert refused is not None
        assert "ferie" in refused

    run_virtual(main())


def test_a_deadline_becomes_a_fact_when_it_is_due():
    """The engine names the moment; the pump hands the passing of time in, not earlier."""

    async def main() -> None:
        heard, clock = Heard(), LoopClock()
        pump = Pump(engine(), clock, [heard])
        pump.attach(RecordingNode("n1"))
        pump.put(AgentLoggedIn(agent=AgentId("a0001")))  # without anybody an office is asked at once
        pump.put(AgentPaused(agent=AgentId("a0001"), reason=PauseReasonId("pausa")))
        pump.put(entered(1, at_ms=clock.now_ms()))
        await asyncio.sleep(19.9)
        assert not any(isinstance(fact, DeadlineReached) for fact in heard.facts)
        await asyncio.sleep(0.2)
        assert any(isinstance(fact, DeadlineReached) for fact in heard.facts)

    run_virtual(main())


def test_after_a_standstill_nothing_is_believed_until_the_node_was_looked_at():
    """A ring answered while we were frozen is not withdrawn by its stale deadline."""

    async def main() -> None:
        clock = SteppedClock()
        pump = Pump(engine(), clock)
        node = RecordingNode("n1")
        pump.attach(node)
        pump.put(AgentLoggedIn(agent=AgentId("a0001")))
        pump.put(entered(1, at_ms=clock.ms))
        await asyncio.sleep(0)
        offer = node.of(OfferCall)[0]
        pump.put(OfferBegan(call=offer.call, attempt=offer.attempt))
        await asyncio.sleep(0)
        clock.ms += 20_000
        pump.put(DeadlineReached())
        await asyncio.sleep(0)
        assert pump.standstills == 1
        assert node.of(Resync)
        assert not node.of(WithdrawOffer)
        assert "stood still" in (pump.health() or "")
        pump.put(NodeResynced(node=NodeId("n1"), calls=()))
        await asyncio.sleep(0)
        assert pump.health() is None

    run_virtual(main())


def test_observers_hear_what_a_standstill_tells_the_engine():
    """A journal that did not know of it would replay to something else."""

    async def main() -> None:
        clock, heard = SteppedClock(), Heard()
        pump = Pump(engine(), clock, [heard])
        pump.attach(RecordingNode("n1"))
        clock.ms += STANDSTILL_MS + 1
        pump.put(DeadlineReached())
        await asyncio.sleep(0)
        assert heard.facts == [NodeLost(node=NodeId("n1")), DeadlineReached()]
        assert "stood still" in (pump.health() or "")

    run_virtual(main())


def test_a_lost_link_also_ends_the_suspicion_of_a_standstill():
    """A node that is lost is told as lost; the lease of the others may go on."""

    async def main() -> None:
        clock = SteppedClock()
        pump = Pump(engine(), clock)
        pump.attach(RecordingNode("n1"))
        clock.ms += STANDSTILL_MS + 1
        pump.put(NodeLost(node=NodeId("n1")))
        await asyncio.sleep(0)
        assert pump.health() is None

    run_virtual(main())


def test_a_defect_of_the_engine_ends_the_pump_and_nothing_is_handled_after_it():
    """The process must end: Asterisk keeps the calls; the future carries the reason."""

    async def main() -> None:
        broken = engine()
        heard = Heard()
        pump = Pump(broken, LoopClock(), [heard])
        broken.world.calls = None  # type: ignore[assignment]
        pump.put(entered(1))
        waiting = asyncio.ensure_future(pump.submit(CallEnded(call=CallId("n1-1.1"))))
        await asyncio.sleep(0)
        with pytest.raises(AttributeError):
            pump.failed.result()
        assert pump.health() == "the engine has failed"
        pump.put(entered(2))
        await asyncio.sleep(0)
        assert not heard.facts
        assert waiting.cancelled() or waiting.done() or waiting.cancel()

    run_virtual(main())


def test_breathing_tells_the_observers_how_late_the_loop_is():
    """On a loop with nothing to do the lag is nothing."""

    async def main() -> None:
        heard = Heard()
        pump = Pump(engine(), LoopClock(), [heard])
        breathing = asyncio.ensure_future(pump.breathe())
        await asyncio.sleep(BREATH_S * 4.5)
        breathing.cancel()
        assert len(heard.lags) == 4
        assert max(heard.lags) < 0.001

    run_virtual(main())


def test_an_old_inbox_is_unhealthy():
    """A fact that waits for more than a second: the engine does not keep up."""

    async def main() -> None:
        clock = SteppedClock()
        pump = Pump(engine(), clock)
        pump.put(entered(1))
        clock.ms += 1_500
        assert "inbox" in (pump.health() or "")
        await asyncio.sleep(0)
        assert pump.health() is None

    run_virtual(main())


def test_the_wall_clock_never_goes_back(monkeypatch):
    """A clock set back makes time stand still, not return."""
    times = iter([5_000_000_000, 3_000_000_000, 6_000_000_000])
    monkeypatch.setattr("acd.runtime.clock.time.time_ns", lambda: next(times))
    clock = SystemClock()
    assert [clock.now_ms(), clock.now_ms(), clock.now_ms()] == [5_000, 5_000, 6_000]
