"""The benchmark runs; what it measures is not judged here."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

from acd_bench.figures import Result
from acd_bench.offer import Extent, run
from acd_bench.table import BEGIN, END, fill, markdown

pytestmark = pytest.mark.real

SMALL = Extent(
    rates=(20.0,),
    seconds=0.5,
    warm_up_s=0.1,
    rounds=1,
    agents=60,
    idle_agents=4,
    idle_waiting=4,
    talk_ms=(1_600, 1_800),
)


async def test_the_benchmark_measures_all_three_ways(tmp_path: Path) -> None:
    """Every caller and every gap is found in the logs; the JSON holds the figures and feeds the page."""
    result = await asyncio.to_thread(run, SMALL)
    figures = tmp_path / "figures.json"
    result.write(figures)
    again = Result.read(figures)
    assert again == result
    assert [row.way for row in again.offer] == ["dial", "acd", "app_queue"]
    assert [(row.calls, row.missing) for row in again.offer] == [(10, 0)] * 3
    assert all(0 < row.p50_ms <= row.p99_ms for row in again.offer)
    assert [(row.way, row.gaps, row.missing) for row in again.idle_gap] == [
        ("acd", 4, 0),
        ("app_queue", 4, 0),
    ]
    assert all(0 < row.mean_ms <= row.max_ms for row in again.idle_gap)
    assert len(again.goals()) == 3
    assert not any(math.isnan(goal.limit_ms) for goal in again.goals())
    page = fill(f"a\n{BEGIN}\nold\n{END}\nz\n", markdown(again))
    assert page.startswith("a\n")
    assert page.endswith("z\n")
    assert "| 20 | acd | 10 |" in page
