"""Virtual time jumps, stays in order, and tells when nothing can happen any more."""

from __future__ import annotations

import asyncio
import time

import pytest

from acd.sim.clock import EPOCH_MS, LoopClock
from acd.sim.loop import SimulationStuck, run_virtual


def test_a_week_passes_in_no_time() -> None:
    """Sleeping costs nothing, and the clock shows it."""

    async def main() -> int:
        clock = LoopClock()
        await asyncio.sleep(7 * 86_400)
        return clock.now_ms()

    began = time.monotonic()
    assert run_virtual(main()) == EPOCH_MS + 7 * 86_400_000
    assert time.monotonic() - began < 5


def test_timers_fire_in_their_order_at_their_time() -> None:
    """Each sees exactly the moment it asked for."""

    async def main() -> list[tuple[int, int]]:
        loop, seen = asyncio.get_running_loop(), []
        clock = LoopClock(0)
        for ms in (700, 5, 33, 33_000, 1):
            loop.call_later(ms / 1000, lambda ms=ms: seen.append((ms, clock.now_ms())))
        await asyncio.sleep(60)
        return seen

    assert run_virtual(main()) == [(ms, ms) for ms in (1, 5, 33, 700, 33_000)]


def test_waiting_for_nothing_is_told() -> None:
    """A program that would hang for ever says so at once."""

    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(SimulationStuck, match="waits for ever"):
        run_virtual(main())


def test_work_for_a_thread_is_done_on_the_spot() -> None:
    """No thread, no chance: the result is there, and so is what it raised."""

    async def main() -> int:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return await asyncio.to_thread(lambda: 42)

    assert run_virtual(main()) == 42
