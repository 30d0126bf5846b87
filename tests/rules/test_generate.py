"""The generator: valid folders of any size, the same bytes for the same arguments."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from acd.core.ids import SkillId
from acd.rules import load_rules
from acd.rules.generate import generate_rules, main, write_rules
from acd.rules.roster import check_people, read_roster


@pytest.mark.parametrize("count", [1, 2, 50, 300])
def test_generated_folders_are_right(tmp_path: Path, count: int) -> None:
    """Every size passes all checks, with as many agents as asked, all able to serve generale."""
    write_rules(tmp_path / "rules", count, seed=1)
    rules = load_rules(tmp_path / "rules").rules
    roster = read_roster(tmp_path / "rules" / "roster.csv", rules)
    assert check_people(rules, roster) == ()
    assert list(roster.agents) == [f"a{number:04d}" for number in range(1, count + 1)]
    assert all(SkillId("generale") in agent.skills for agent in roster.agents.values())
    assert len(rules.sites) == 12


def test_the_national_roster_loads(tmp_path: Path) -> None:
    """3,100 agents on 12 sites, each topic held by somebody, German by few."""
    write_rules(tmp_path / "rules", 3_100, seed=1)
    rules = load_rules(tmp_path / "rules").rules
    roster = read_roster(tmp_path / "rules" / "roster.csv", rules)
    german = sum(SkillId("tedesco") in agent.skills for agent in roster.agents.values())
    assert len(roster.agents) == 3_100
    assert 100 < german < 300


def test_other_seeds_give_other_people() -> None:
    """The seed chooses the skills, and nothing else."""
    first, second = generate_rules(50, 1), generate_rules(50, 2)
    assert first["roster.csv"] != second["roster.csv"]
    assert first["queues.yaml"].partition("\n")[2] == second["queues.yaml"].partition("\n")[2]


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    """The command is repeatable whatever the hash seed of the process."""
    for hash_seed in ("1", "2"):
        command = [sys.executable, "-m", "acd.rules.generate", "--agents", "40", "--seed", "7", "--out"]
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run([*command, str(tmp_path / hash_seed)], check=True, env=env)
    for name in generate_rules(40, 7):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_an_impossible_size_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 and a sentence."""
    assert main(["--agents", "0", "--out", str(tmp_path)]) == 2
    assert "ask for 1 to 99999" in capsys.readouterr().err
