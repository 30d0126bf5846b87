"""Faults do what their names say, and nothing more."""

from __future__ import annotations

import asyncio

import pytest

from acd.sim import faults
from acd.sim.asterisk import SimulatedAsterisk
from acd.sim.links import MemoryTransport
from acd.sim.loop import run_virtual
from tests.sim.stage import Probe, Stage
from tests.sim.stages import SECRET, SimActor


async def ready(seed: int = 1) -> tuple[SimulatedAsterisk, MemoryTransport, Stage]:
    """A simulated Asterisk with one client that is logged in."""
    sim = SimulatedAsterisk(seed)
    link, probe = await sim.open(Probe)
    assert isinstance(probe, Probe)
    stage = Stage(probe, SimActor(sim), lambda: sim.clock.now_ms() / 1000, SECRET)
    await stage.login()
    return sim, link, stage


def test_a_cut_link_is_told_to_the_client_and_the_call_goes_on() -> None:
    """EOF for the client; the caller still waits."""

    async def main() -> None:
        sim, link, stage = await ready()
        await stage.enter()
        faults.cut(sim)
        await asyncio.sleep(0.1)
        assert stage.probe.lost
        assert link.is_closing()
        assert sim.sessions == []
        assert sim.entered_count - sim.ended_count == 1

    run_virtual(main())


def test_a_stalled_link_holds_both_directions() -> None:
    """A ping gets no answer until the link moves again; nothing is lost."""

    async def main() -> None:
        sim, _, stage = await ready()
        faults.stall(sim)
        ping = asyncio.ensure_future(stage.act("Ping"))
        await asyncio.sleep(20)
        assert not ping.done()
        faults.unstall(sim)
        assert (await ping).get("Ping") == "Pong"

    run_virtual(main())


def test_a_stopped_asterisk_does_afterwards_what_it_owed() -> None:
    """SIGSTOP for 20 s: silence, then the steps that fell due and the answer, in order."""

    async def main() -> None:
        sim, _, stage = await ready()
        await stage.enter()
        faults.stop(sim)
        ping = asyncio.ensure_future(stage.act("Ping"))
        before = len(stage.probe.messages)
        await asyncio.sleep(20)
        assert len(stage.probe.messages) == before
        faults.go_on(sim)
        assert (await ping).get("Ping") == "Pong"
        await stage.until("BridgeLeave", Uniqueid=stage.caller)

    run_virtual(main())


def test_an_orderly_restart_tells_and_a_kill_does_not() -> None:
    """In order: ends, Shutdown, EOF. Killed: EOF alone. Names begin anew, members of the net stay."""

    async def main(killed: bool) -> list[str]:
        sim, _, stage = await ready()
        await stage.act("QueueAdd", Queue="acd-net-it", Interface="PJSIP/a0001")
        await stage.enter()
        seen = len(stage.probe.messages)
        faults.restart(sim, killed=killed)
        await asyncio.sleep(1.5)
        assert stage.probe.lost
        with pytest.raises(ConnectionRefusedError):
            sim.connect(Probe)
        await asyncio.sleep(6)
        _, probe = await sim.open(Probe)
        assert isinstance(probe, Probe)
        again = Stage(probe, SimActor(sim), lambda: sim.clock.now_ms() / 1000, SECRET)
        await again.login()
        assert list(sim.queues["acd-net-it"].members) == ["PJSIP/a0001"]
        await again.enter()
        assert again.channel.endswith("-00000000")
        return [message.kind for message in stage.probe.messages[seen:]]

    assert run_virtual(main(killed=True)) == []
    told = run_virtual(main(killed=False))
    assert told[-1] == "Shutdown"
    assert "UserEvent ACDEnd" in told


def test_lost_answers_are_lost_and_done() -> None:
    """The action was carried out, only its answer never comes."""

    async def main() -> None:
        sim, _, stage = await ready()
        sim.answers_lost = 1.0
        with pytest.raises(TimeoutError):
            await stage.act("Setvar", Variable="ACD_LEASE", Value="1")
        assert sim.globals["ACD_LEASE"] == "1"

    run_virtual(main())


def test_dropped_bytes_cut_a_message_open() -> None:
    """The stream goes on in the middle of a message, as a client with a bug would see it."""

    async def main() -> str:
        _, link, stage = await ready()
        link.drop_bytes = 25
        stage.probe.send({"Action": "Ping", "ActionID": "x"})
        await asyncio.sleep(1)
        return stage.probe.log[-1]

    assert run_virtual(main()).startswith("ID: x")


def test_a_kick_at_a_bridge_just_left_fails() -> None:
    """An order set between two steps waits: the old bridge's id is refused, the new one works."""

    async def main() -> None:
        sim, _, stage = await ready()
        await stage.enter()
        old = stage.bridge
        await stage.until("BridgeLeave", Uniqueid=stage.caller)
        await stage.until("BridgeEnter", Uniqueid=stage.caller)
        kicked = await stage.kick(old, stage.channel)
        assert kicked.get("Message") == "Bridge not found"
        assert (await stage.order("a0001")).get("Response") == "Success"
        await stage.until("UserEvent ACDOfferBegin")
        assert sim.entered_count == 1

    run_virtual(main())


def test_a_caller_who_leaves_before_the_entry_may_end_without_it() -> None:
    """A CANCEL that crossed the 200: some ends come without an entry, none counts."""

    async def main() -> tuple[int, int, int]:
        sim, _, stage = await ready()
        for _ in range(40):
            sim.hang_up(sim.call(), 16)
        await stage.settle(1)
        kinds = [message.kind for message in stage.probe.messages]
        return kinds.count("UserEvent ACDEnd"), sim.entered_count, sim.ended_count

    ends, entered, ended = run_virtual(main())
    assert 5 < ends < 35
    assert (entered, ended) == (0, 0)


def test_keys_are_told_in_hold_and_not_in_talk() -> None:
    """The event filter keeps card numbers out: a key in a talk never reaches the ACD."""

    async def main() -> list[str]:
        sim, _, stage = await ready()
        await stage.enter()
        caller = next(iter(sim.channels.values()))
        sim.press(caller, "1")
        await stage.order("a0001")
        await stage.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=stage.caller)
        sim.press(caller, "2")
        await stage.settle()
        return [one.get("Digit") for one in stage.probe.messages if one.kind == "DTMFEnd"]

    assert run_virtual(main()) == ["1"]
