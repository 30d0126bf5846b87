"""The short drill: a switch-off of two scaled days, with everything that can go wrong in one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real, pytest.mark.timeout(500)]
"""A busy machine lengthens the days."""

ROOT = Path(__file__).resolve().parents[2]


def test_a_switch_off_of_two_days_keeps_every_promise(tmp_path: Path) -> None:
    """No call unaccounted, no line beyond its capacity, each step in force in time; nothing broken."""
    summary = tmp_path / "drill.json"
    done = subprocess.run(
        [ROOT / "scripts" / "drill", "--short", "--json", summary],
        capture_output=True,
        text=True,
        timeout=480,
        check=False,
    )
    told = json.loads(summary.read_text()) if summary.exists() else {"broken": "it came to no end"}
    assert told["broken"] == [], f"{done.stdout[-6_000:]}\n{done.stderr[-2_000:]}"
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1]) == told, "the summary is the last line"
    assert told["unaccounted"] == 0
    assert told["capacity_exceeded"] == []
    assert told["callers"] > 40
