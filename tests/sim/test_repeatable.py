"""The same seed gives the same bytes in the same order, whatever the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from acd.sim.loop import run_virtual
from tests.sim.centre import digest

ROOT = Path(__file__).parents[2]


def test_same_seed_same_bytes_across_processes() -> None:
    """Two processes with different hash seeds and this one read the same from the wire."""
    seen = {run_virtual(digest(7))}
    for hash_seed in ("0", "4711"):
        run = subprocess.run(
            [sys.executable, "-m", "tests.sim.centre"],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        seen.add(run.stdout.strip())
    assert len(seen) == 1


def test_another_seed_is_another_day() -> None:
    """The seed matters: nothing is fixed that should be chance."""
    assert run_virtual(digest(7, 20)) != run_virtual(digest(8, 20))
