"""What Asterisk does alone: the safety net, step by step."""

from __future__ import annotations

import asyncio

import pytest

from acd.sim.agents import RINGS_OUT, Behaviour
from acd.sim.asterisk import SimulatedAsterisk
from acd.sim.checkers import Laws
from acd.sim.loop import run_virtual
from acd.sim.net import Member


class World:
    """A simulated Asterisk and what happened on it, in order."""

    def __init__(self, lease_s: int = 0, **members: bool) -> None:
        self.sim = SimulatedAsterisk(3)
        self.laws = Laws(self.sim, capacity={"99060001": 2})
        self.seen: list[tuple[float, str, str]] = []
        self.sim.watchers.append(self.note)
        self.sim.globals["ACD_LEASE"] = str(self.sim.clock.now_ms() // 1000 + lease_s if lease_s else 0)
        for name, paused in members.items():
            member = Member(f"PJSIP/{name}", name, login_s=0, paused=paused)
            self.sim.queues["acd-net-it"].add(member)

    def note(self, at_s: float, what: str, caller: str, phone: str) -> None:
        """Write down."""
        del caller
        self.seen.append((at_s, what, phone))

    def when(self, what: str, phone: str = "") -> float:
        """When something first happened; at infinity when never."""
        return next((at for at, one, where in self.seen if (one, where) == (what, phone)), float("inf"))


def test_a_lapsed_lease_is_seen_within_two_steps() -> None:
    """The lease ends with its second: who waits is in the net at the next step, 10 s at most."""

    async def main() -> float:
        world = World(lease_s=5)
        world.sim.call()
        await asyncio.sleep(30)
        return world.when("net")

    assert 5 <= run_virtual(main()) <= 11


def test_the_net_rings_a_member_before_the_office() -> None:
    """A member who does not answer is rung 15 s; a second one answers."""

    async def main() -> World:
        world = World(a0001=False, a0002=False)
        world.sim.phone("a0001").behaviour = RINGS_OUT
        world.sim.phone("a0002").behaviour = Behaviour(bye_ms=4_000)
        world.sim.call()
        await asyncio.sleep(60)
        return world

    world = run_virtual(main())
    assert world.when("talks", "a0002") - world.when("rings", "a0001") == pytest.approx(16.3, abs=0.5)
    assert world.when("rings", "99060001") == float("inf")
    assert world.laws.finish() == []


@pytest.mark.parametrize("members", [{}, {"a0001": True}, {"r0001": False}])
def test_an_empty_net_is_skipped_at_once(members: dict[str, bool]) -> None:
    """Nobody, everybody paused or unregistered: the office's line rings in milliseconds."""

    async def main() -> World:
        world = World(**members)
        world.sim.phone("99060001").behaviour = Behaviour(bye_ms=4_000)
        world.sim.call()
        await asyncio.sleep(60)
        return world

    world = run_virtual(main())
    assert world.when("rings", "99060001") < 0.1
    assert world.laws.finish() == []


def test_full_offices_say_good_bye() -> None:
    """An office with two lines takes two callers; the third hears the number and is let go."""

    async def main() -> World:
        world = World()
        callers = [world.sim.call() for _ in range(3)]
        await asyncio.sleep(20)
        assert sorted(caller.gone for caller in callers) == [False, False, True]
        for caller in callers:
            world.sim.hang_up(caller, 16)
        await asyncio.sleep(1)
        return world

    assert run_virtual(main()).laws.finish() == []


def test_nobody_stays_in_a_net_that_never_answers() -> None:
    """Members who ring out, no office for the province: two minutes, then the good-bye."""

    async def main() -> World:
        world = World(a0001=False)
        world.sim.phone("a0001").behaviour = RINGS_OUT
        world.sim.call(caller="0299887766")
        await asyncio.sleep(200)
        return world

    world = run_virtual(main())
    assert world.when("ends") == pytest.approx(129, abs=2)
    assert world.laws.finish() == []
