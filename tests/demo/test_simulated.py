"""The demonstration of the package: what an image can prove without Asterisk beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.demo import simulated
from acd.demo.board import told, well
from acd.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]


def _small_set() -> Path:
    demo = ROOT / "routing_rules" / "demo"
    return demo if demo.is_dir() else ROOT / "routing_rules"


def test_two_minutes_of_calls_end_with_the_books_in_order():
    """Calls are answered, none is unaccounted for, and the same run gives the same figures."""
    first = simulated.run(_small_set(), 120, quiet=True)
    assert well(first)
    assert first["laws_broken"] == []
    assert simulated.run(_small_set(), 120, quiet=True) == first
    assert f"{first['entered']} calls entered" in told(first)


def test_a_run_with_a_call_missing_is_not_well():
    """One call unaccounted for, or nobody answered, and the demonstration has failed."""
    assert not well({"unaccounted": 1, "answered": 50})
    assert not well({"unaccounted": 0, "answered": 0})


def test_a_folder_without_rules_is_refused_in_a_sentence(tmp_path):
    """Nobody sees a traceback for having named the wrong folder."""
    with pytest.raises(ConfigError):
        simulated.run(tmp_path, 10, quiet=True)
