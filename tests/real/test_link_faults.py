"""The link to Asterisk is cut or goes deaf, Asterisk itself is restarted, and there are several of them.

The promises: nothing that was under way is ever sent again; who waits keeps the place; what a channel
says after the reconnect is the truth, whatever we believed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from acd.core.calls import CallState
from acd.core.facts import CallEntered, NodeLost, NodeResynced, OfferBegan
from acd.core.notes import AgentState
from acd.core.orders import OfferCall
from acd.core.policy import Timings
from asterisk_lab import Lab
from asterisk_lab.phones import Sipp
from tests.real.conftest import OWN_PORTS
from tests.real.floor import Floor, net_members, rule_set
from tests.real.process import stages, until
from tests.real.proxy import Proxy

pytestmark = pytest.mark.real

NAMES = [f"a{n:04}" for n in range(1, 10)]
QUICK = {"ping_s": 0.5}


@pytest.fixture
async def proxy(lab: Lab) -> AsyncIterator[Proxy]:
    async with Proxy(lab.ami_port) as made:
        yield made


@pytest.fixture(scope="module")
def other_lab() -> Iterator[Lab]:
    made = Lab.up(agents=9, port_offset=None, contact_ports=OWN_PORTS)
    try:
        yield made
    finally:
        made.down()


def places_of(floor: Floor) -> list[tuple[str, int, CallState]]:
    """Calls in progress by age, with entry time and state."""
    calls = sorted(floor.centre.engine.world.calls.values(), key=lambda call: call.key)
    return [(call.id, call.entered_ms, call.state) for call in calls]


def resyncs(floor: Floor) -> int:
    return len(floor.of(NodeResynced))


async def test_a_cut_link_repeats_nothing_and_keeps_places(lab: Lab, proxy: Proxy) -> None:
    """One talks, one rings, two wait; cut for a second; the same four stand as before, and older first."""
    async with Floor(lab, NAMES, ami_port=proxy.port, rules=rule_set(ring_s=6)) as floor:
        with (
            Sipp.agent(lab, "answer", port=6001) as first,
            Sipp.agent(lab, "ring", port=6002) as second,
            Sipp.agent(lab, "answer", port=6003) as third,
            Sipp.agent(lab, "answer", port=6004) as fourth,
            Sipp.callers(lab, count=4, rate=10),
        ):
            await floor.entered(4)
            await floor.login("a0001", "a0002")
            await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks")
            await floor.until(lambda: floor.state("a0002") is AgentState.RINGING, "a0002 rings")
            before = places_of(floor)
            assert [state for *_, state in before] == ["talking", "offered", "waiting", "waiting"]
            proxy.close_door()
            await proxy.cut()
            await floor.until(lambda: floor.of(NodeLost), "the link is lost", 1)
            await floor.login("a0003")  # somebody is free while we are blind: nothing may be ordered
            await asyncio.sleep(0.7)
            assert not third.invites()
            proxy.open_door()
            await floor.until(lambda: resyncs(floor) == 2, "the link is back", 3)
            await floor.until(third.invites, "a0003 is rung")
            await floor.login("a0004")
            await floor.until(fourth.invites, "a0004 is rung")
            assert [row[:2] for row in places_of(floor)] == [row[:2] for row in before]
            numbers = [phone.invites()[0].from_number for phone in (first, second, third, fourth)]
            assert numbers == sorted(numbers)  # each got the oldest who waited then
            assert [len(phone.invites()) for phone in (first, second, third, fourth)] == [1, 1, 1, 1]
            await until(lambda: sorted(net_members(lab)) == NAMES[:4], lambda: net_members(lab))
            lab.rx("channel request hangup all")


@pytest.mark.parametrize("reached", [True, False], ids=["order_reached_asterisk", "order_was_lost"])
async def test_an_order_cut_off_on_its_way_is_not_repeated(lab: Lab, proxy: Proxy, *, reached: bool) -> None:
    """Outcome unknown: if it arrived, that ring is ours; if not, a new one follows when it has expired."""
    rules = rule_set(timings=Timings(order_valid_ms=1_500, order_grace_ms=1_000))
    async with Floor(lab, NAMES, ami_port=proxy.port, rules=rules) as floor:
        with Sipp.agent(lab, "answer", port=6001) as phone, Sipp.callers(lab):
            await floor.entered(1)
            proxy.cut_at, proxy.forward = b"ACD_ORDER", reached
            await floor.login("a0001")
            await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "they talk", 12)
            attempts = [order.attempt for order in floor.of(OfferCall)]
            assert len(attempts) == len(set(attempts)) == (1 if reached else 2)
            assert len(phone.invites()) == 1
            for attempt in attempts:
                assert proxy.sent.count(f"{attempt}/{floor.epoch}/".encode()) == 1
            lab.rx("channel request hangup all")


async def test_a_deaf_link_is_noticed_by_silence(lab: Lab, proxy: Proxy) -> None:
    """Half open: nothing comes, nothing breaks. Two pings later the link is cut and made anew."""
    async with Floor(lab, NAMES, ami_port=proxy.port, timings=QUICK) as floor:
        with Sipp.agent(lab, "answer", port=6001), Sipp.agent(lab, "answer", port=6002):
            with Sipp.callers(lab, count=2):
                await floor.entered(2)
                await floor.login("a0001")
                await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks")
                began = time.monotonic()
                proxy.go_deaf()
                lab.rx("channel request hangup all")  # and we do not hear of it
                await floor.until(lambda: floor.of(NodeLost), "the silence is noticed", 3)
                print(f"a deaf link was noticed after {time.monotonic() - began:.1f} s")  # noqa: T201
                await floor.until(lambda: resyncs(floor) == 2, "the link is back", 3)
                await floor.settled()
            assert sorted(floor.outcomes()) == ["answered", "short_abandoned"]
            with Sipp.callers(lab, stay_ms=2_000):
                await floor.until(lambda: AgentState.TALKING in map(floor.state, NAMES[:2]), "served again")
                await floor.settled()


@pytest.mark.parametrize("how", ["core restart now", "SIGKILL"])
async def test_asterisk_is_restarted_under_the_acd(lab: Lab, how: str) -> None:
    """All its calls are over and none is unaccounted; agents stay logged in, the net knows them again."""
    async with Floor(lab, NAMES) as floor:
        with (
            Sipp.agent(lab, "answer", port=6001),
            Sipp.agent(lab, "answer", port=6002),
            Sipp.agent(lab, "ring", port=6003),
        ):
            with Sipp.callers(lab, count=3):
                await floor.entered(3)
                await floor.login("a0001", "a0003", "a0004")
                await floor.pause("a0004")
                await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks")
                await floor.until(lambda: floor.state("a0003") is AgentState.RINGING, "a0003 rings")
                await until(lambda: len(net_members(lab)) == 3, "the net has all")
                began = time.monotonic()
                if how == "SIGKILL":
                    await asyncio.to_thread(lab.kill)
                    await asyncio.to_thread(lab.restart)
                else:
                    await asyncio.to_thread(lab.rx, how)
                await floor.until(lambda: resyncs(floor) == 2 and floor.connected(), "the node is back", 20)
                print(f"{how}: routed again after {time.monotonic() - began:.1f} s")  # noqa: T201
            await floor.settled()
            assert floor.of(NodeResynced)[1].restarted
            assert floor.outcomes().count("answered") == 1
            assert len(floor.outcomes()) == 3
            await floor.until(
                lambda: net_members(lab) == {"a0001": False, "a0003": False, "a0004": True},
                "the net is true",
                5,
            )
            await floor.logout("a0003")
            await floor.until(lambda: floor.state("a0001") is AgentState.READY, "a0001 is ready")
            assert floor.state("a0004") is AgentState.PAUSED
            with Sipp.callers(lab, stay_ms=2_000):
                await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks again")
                await floor.settled()


@pytest.mark.skipif("ACD_TEST_CAMPAIGN" not in os.environ, reason="a long campaign: set ACD_TEST_CAMPAIGN")
async def test_asterisk_stands_still_and_goes_on(lab: Lab) -> None:
    """SIGSTOP of Asterisk for 4 s: only the pings tell; then the same calls stand in the same places."""
    async with Floor(lab, NAMES, timings=QUICK) as floor:
        with (
            Sipp.agent(lab, "answer", port=6001),
            Sipp.agent(lab, "answer", port=6002) as second,
            Sipp.callers(lab, count=3, rate=10),
        ):
            await floor.entered(3)
            await floor.login("a0001")
            await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks")
            before = places_of(floor)
            lab.signal(signal.SIGSTOP)
            try:
                await floor.until(lambda: floor.of(NodeLost), "the silence is noticed", 3)
                await asyncio.sleep(2.5)
            finally:
                lab.signal(signal.SIGCONT)
            await floor.until(floor.connected, "the node is back", 10)
            assert places_of(floor) == before
            await floor.login("a0002")
            await floor.until(second.invites, "a0002 rings")
            assert second.invites()[0].from_number == "0610000002"
            lab.rx("channel request hangup all")


async def test_two_nodes_are_one_line_of_waiting_callers(lab: Lab, other_lab: Lab) -> None:
    """Callers of both nodes are served by age; each call's phone rings from the caller's own node."""
    both = (lab, other_lab)
    async with Floor(both, NAMES, rules=rule_set(wrap_up_ms=0)) as floor:
        phones = [Sipp.agent(each, "answer", port=6001, talk_ms=1_600) for each in both]
        callers: list[Sipp] = []
        try:
            for n in range(4):
                callers.append(Sipp.callers(both[n % 2], from_numbers=[f"09{n}"]))
                await floor.entered(n + 1)
            entered = [(fact.call, fact.node) for fact in floor.of(CallEntered)]
            assert [node for _, node in entered] == ["lab0", "lab1", "lab0", "lab1"]
            await floor.login("a0001")
            await floor.until(lambda: len(floor.outcomes()) == 4, "all four are served", 12)
            orders = [(order.call, order.node) for order in floor.of(OfferCall)]
            assert orders == entered
            assert [[row.from_number for row in phone.invites()] for phone in phones] == [
                ["090", "092"],
                ["091", "093"],
            ]
            await floor.settled()
            assert floor.outcomes() == ["answered"] * 4
        finally:
            for each in (*callers, *phones):
                each.stop()


async def test_one_node_dies_and_the_other_goes_on(lab: Lab, other_lab: Lab) -> None:
    """A node's SIGKILL ends its calls alone; the other's talk and its waiting caller notice nothing."""
    async with Floor((lab, other_lab), NAMES) as floor:
        with (
            Sipp.agent(lab, "answer", port=6001) as here,
            Sipp.agent(other_lab, "answer", port=6001) as there,
            Sipp.agent(lab, "answer", port=6002),
            Sipp.callers(other_lab),
        ):
            await floor.entered(1)
            with Sipp.callers(lab, count=2):
                await floor.entered(3)
                await floor.login("a0001")
                await floor.until(there.invites, "a0001 rings from the other node")
                await asyncio.to_thread(other_lab.kill)
                await floor.until(lambda: floor.of(NodeLost), "the node is lost")
                await floor.login("a0002")
                await floor.until(lambda: floor.state("a0002") is AgentState.TALKING, "served here meanwhile")
                assert floor.centre.not_ready() is None
                await asyncio.to_thread(other_lab.restart)
                await floor.until(floor.connected, "the node is back", 15)
                await floor.until(here.invites, "a0001, free again, serves the next here", 5)
                assert stages(lab).keys() == {"0610000001", "0610000002"}
                lab.rx("channel request hangup all")


async def test_two_centres_side_by_side_do_not_meet(lab: Lab, other_lab: Lab) -> None:
    """Two labs with an ACD each, same names of agents: neither hears or touches the other's calls."""
    async with Floor(lab, NAMES) as one, Floor(other_lab, NAMES) as two:
        with (
            Sipp.agent(lab, "answer", port=6001, talk_ms=1_600) as here,
            Sipp.agent(other_lab, "answer", port=6001, talk_ms=1_600) as there,
        ):
            await one.login("a0001")
            await two.login("a0001")
            with (
                Sipp.callers(lab, count=2, from_numbers=["091", "092"]),
                Sipp.callers(other_lab, count=2, from_numbers=["081", "082"]),
            ):
                await asyncio.gather(one.entered(2), two.entered(2))
                await asyncio.gather(one.settled(), two.settled())
                for floor, phone, numbers in ((one, here, ["091", "092"]), (two, there, ["081", "082"])):
                    assert len(floor.of(CallEntered)) == len(floor.of(OfferBegan)) == 2
                    assert [row.from_number for row in phone.invites()] == numbers
                    assert floor.outcomes() == ["answered", "answered"]
