"""One node on a real Asterisk: what no fake can prove of the kick and of the resync."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from acd.ami.node import AsteriskNode
from acd.ami.settings import AmiSettings
from acd.ami.wire import Action, Message
from acd.core.facts import (
    CallEntered,
    Fact,
    NodeLost,
    NodeResynced,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    Stage,
)
from acd.core.ids import AttemptId, CallId, NodeId
from acd.core.orders import OfferCall, TargetKind, WithdrawOffer
from acd.runtime.ports import NodeState
from asterisk_lab import Lab, LabUnavailableError
from asterisk_lab.phones import Sipp
from tests.ami.fake import until
from tests.ami.rules import ROSTER, RULES

pytestmark = pytest.mark.real
CALLERS = 6
EPOCH = 999_000_000


class WallClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Now, in milliseconds."""
        return time.time_ns() // 1_000_000


class Inbox(list[Fact]):
    """Facts in order."""

    put = list.append

    def of(self, kind: type[Fact], where: Callable[[Fact], bool] = lambda _: True) -> list[Fact]:
        """The facts of one kind."""
        return [fact for fact in self if isinstance(fact, kind) and where(fact)]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    try:
        made = Lab.up(agents=CALLERS, port_offset=None)
    except LabUnavailableError as error:
        pytest.skip(str(error))
    yield made
    made.down()


@pytest.fixture
async def node(lab: Lab) -> AsyncIterator[AsteriskNode]:
    settings = AmiSettings(
        id=NodeId("lab"), host="127.0.0.1", port=lab.ami_port, username="acd", secret=lab.ami_secret
    )
    made = AsteriskNode(
        settings,
        rules=RULES,
        roster=ROSTER,
        epoch=EPOCH,
        inbox=Inbox(),
        clock=WallClock(),
        health=lambda: None,
    )
    running = asyncio.ensure_future(made.run())
    await until(lambda: made.state is NodeState.READY, 10)
    yield made
    lab.rx("channel request hangup all")
    await asyncio.sleep(0.2)
    await made.stop()
    await asyncio.gather(running, return_exceptions=True)


def offer(call: str, n: int, agent: int) -> OfferCall:
    return OfferCall(
        call=CallId(call),
        node=NodeId("lab"),
        attempt=AttemptId(f"{EPOCH:010}-{n:08}"),
        kind=TargetKind.AGENT,
        target=f"a{agent:04}",
        via="",
        ring_s=20,
        not_after_ms=WallClock().now_ms() + 3_000,
    )


async def test_orders_at_step_boundaries_ring_at_once_once_and_come_back(lab: Lab, node: AsteriskNode):
    """The hardest moment: the waiting step ends as the order is written. None is lost, none done twice."""
    inbox = node._inbox
    await node.link.act(Action.of("Setvar", Variable="ACD_STEP", Value=1))
    draw = random.Random(3)
    took_ms: list[float] = []

    async def one(call: str, agent: int) -> None:
        for n in range(3):
            bridge = node._decoder.picture.holding_bridge(call)
            await until(
                lambda bridge=bridge: node._decoder.picture.holding_bridge(call) not in {"", bridge}, 5
            )
            await asyncio.sleep(0.985 + draw.random() * 0.03)
            order = offer(call, agent * 100 + n, agent)
            sent = time.monotonic()
            node.carry_out(order)
            await until(lambda order=order: inbox.of(OfferRang, lambda f: f.attempt == order.attempt), 5)
            took_ms.append((time.monotonic() - sent) * 1000)
            node.carry_out(WithdrawOffer(call=order.call, node=order.node, attempt=order.attempt))
            await until(lambda order=order: inbox.of(OfferEnded, lambda f: f.attempt == order.attempt), 5)

    with Sipp.agent(lab, "ring"), Sipp.callers(lab, count=CALLERS, stay_ms=20_000):
        await until(lambda: len(inbox.of(CallEntered)) == CALLERS, 10)
        calls = [fact.call for fact in inbox.of(CallEntered)]
        await asyncio.gather(*(one(call, n + 1) for n, call in enumerate(calls)))
    assert len(inbox.of(OfferBegan)) == 3 * CALLERS
    assert {fact.end for fact in inbox.of(OfferEnded)} == {OfferEnd.WITHDRAWN}
    assert max(took_ms) < 500, "a missed kick that is not repeated costs up to a whole step"


async def test_orders_written_the_moment_a_step_ends_ring_at_once(lab: Lab, node: AsteriskNode):
    """Between two steps no bridge is known: the order goes alone, the kick follows at the next step."""
    inbox = node._inbox
    await node.link.act(Action.of("Setvar", Variable="ACD_STEP", Value=1))
    pending: list[OfferCall] = []
    heard = node.link._on_event

    def on_event(message: Message) -> None:
        heard(message)
        if message["Event"] == "BridgeLeave" and not pending and len(orders) < 6:
            pending.append(offer(message["Uniqueid"], 900 + len(orders), 1))
            sent_at.append(time.monotonic())
            node.carry_out(pending[0])
            orders.append(pending[0])

    orders: list[OfferCall] = []
    sent_at: list[float] = []
    with Sipp.agent(lab, "ring"), Sipp.callers(lab, stay_ms=20_000):
        await until(lambda: inbox.of(CallEntered), 10)
        node.link._on_event = on_event
        for n in range(6):
            await until(lambda n=n: len(orders) == n + 1, 5)
            order = orders[n]
            await until(lambda order=order: inbox.of(OfferRang, lambda f: f.attempt == order.attempt), 5)
            assert time.monotonic() - sent_at[n] < 0.5
            node.carry_out(WithdrawOffer(call=order.call, node=order.node, attempt=order.attempt))
            await until(lambda order=order: inbox.of(OfferEnded, lambda f: f.attempt == order.attempt), 5)
            pending.clear()
    assert len(inbox.of(OfferBegan)) == 6


async def test_after_a_cut_link_the_caller_keeps_place_and_age_and_can_be_offered(
    lab: Lab, node: AsteriskNode
):
    """Link cut and back: the same caller, the same entry time, and the bridge to kick is known."""
    inbox = node._inbox
    await node.link.act(Action.of("Setvar", Variable="ACD_STEP", Value=5))
    with Sipp.agent(lab, "ring"), Sipp.callers(lab, stay_ms=20_000):
        await until(lambda: inbox.of(CallEntered), 10)
        entered = inbox.of(CallEntered)[0]
        await until(lambda: node._decoder.picture.holding_bridge(entered.call), 5)
        node.link.cut("The test cut it.")
        await until(lambda: node.state is NodeState.READY, 5)
        assert len(inbox.of(NodeLost)) == 1
        seen = next(one for one in inbox.of(NodeResynced)[-1].calls if one.call == entered.call)
        assert (seen.call, seen.stage, seen.queue) == (entered.call, Stage.HOLDING, "generale")
        assert abs(seen.entered_ms - entered.entered_ms) <= 5
        sent = time.monotonic()
        order = offer(entered.call, 1, 1)
        node.carry_out(order)
        await until(lambda: inbox.of(OfferRang), 5)
        assert time.monotonic() - sent < 0.5
        node.link.cut("The test cut it.")
        await until(lambda: node.state is NodeState.READY, 5)
        seen = next(one for one in inbox.of(NodeResynced)[-1].calls if one.call == entered.call)
        assert (seen.stage, seen.attempt, seen.target) == (Stage.DIALLING, order.attempt, "a0001")
        node.carry_out(WithdrawOffer(call=order.call, node=order.node, attempt=order.attempt))
        await until(lambda: inbox.of(OfferEnded), 5)
        assert inbox.of(OfferEnded)[-1].end is OfferEnd.WITHDRAWN
