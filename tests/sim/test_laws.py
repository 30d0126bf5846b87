"""The laws hold for an honest ACD on a bad day, and speak up when they are broken."""

from __future__ import annotations

import asyncio

import pytest

from acd.sim import faults
from acd.sim.asterisk import SimulatedAsterisk
from acd.sim.checkers import Laws
from acd.sim.loop import run_virtual
from tests.sim.centre import Centre, centre


@pytest.mark.parametrize("seed", range(4))
def test_every_caller_has_one_end(seed: int) -> None:
    """Refusals, drops, transfers, ring-outs: entered = ended, no phone and no caller rings twice."""

    async def main() -> Centre:
        return await (await centre(seed=seed)).run(400)

    run = run_virtual(main())
    assert run.laws.finish() == []
    assert 380 <= run.laws.entered <= 400  # a few hang up before they have entered
    assert run.callers.talked > 200


@pytest.mark.parametrize("seed", range(3))
def test_the_laws_hold_under_jitter_and_duplicates(seed: int) -> None:
    """Events mixed across channels by 20 ms and doubled DialEnds break nothing in Asterisk itself."""

    async def main() -> Centre:
        run = await centre(seed=seed)
        run.sim.shape = faults.Jitter(run.sim, 20, faults.Duplicates(run.sim, 0.5))
        return await run.run(150)

    run = run_virtual(main())
    assert b"".join(run.acd.wire).count(b"Event: DialEnd") > run.callers.talked
    assert [law for law in run.laws.finish() if "callers at once" not in law] == []


def test_a_careless_acd_is_caught() -> None:
    """One phone ordered for everybody: the laws say that it rings for several at once."""

    async def main() -> list[str]:
        run = await centre(careless=True, per_s=5)
        run.callers.start()
        await asyncio.sleep(5)
        return run.laws.broken

    assert any("callers at once" in law for law in run_virtual(main()))


def test_endless_music_is_caught() -> None:
    """A lease that is kept by an ACD which does nothing: the caller hears music for ever."""

    async def main() -> list[str]:
        sim = SimulatedAsterisk()
        laws = Laws(sim, wait_s_max=60)
        sim.globals["ACD_LEASE"] = "9999999999"
        sim.call()
        await asyncio.sleep(120)
        return laws.finish()

    broken = run_virtual(main())
    assert any("without a talk" in law for law in broken)
    assert any("never ended" in law for law in broken)


def test_a_killed_asterisk_loses_its_callers_and_the_count_says_so() -> None:
    """SIGKILL in the middle: every caller is lost exactly once, the next ones find a fresh Asterisk."""

    async def main() -> Centre:
        run = await centre(seed=5, agents=10)
        run.callers.count_max = 100
        run.callers.start()
        await asyncio.sleep(30)
        faults.restart(run.sim, killed=True)
        await asyncio.sleep(5)
        return await run.run(100)

    run = run_virtual(main())
    assert run.laws.finish() == []
    assert run.sim.globals.get("ACD_LEASE") is None
