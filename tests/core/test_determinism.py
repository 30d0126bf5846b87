"""Same facts, same times, same start: same orders and notes in the same order, in any process."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from acd.core.facts import DeadlineReached, Fact
from acd.core.orders import Order
from tests.core.builders import START_MS, Centre
from tests.core.stage import a_centre, add, history, replay

ROOT = Path(__file__).parents[2]
FACTS = 3_000
PRINT = (
    "from tests.core.stage import history; told, digest = history({seed}, {count}); print(len(told), digest)"
)


def in_process(seed: int, hash_seed: str) -> subprocess.Popen[str]:
    """Start the same history in a process whose strings hash otherwise."""
    return subprocess.Popen(
        [sys.executable, "-c", PRINT.format(seed=seed, count=FACTS)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_with_different_hash_seeds_agree() -> None:
    """No set, no hash and no address decides anything: orders and notes are the same to the letter."""
    processes = [in_process(7, hash_seed) for hash_seed in ("1", "4242")]
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert said[0] == said[1]
    told, digest = history(7, FACTS)
    assert said[0].split() == [str(len(told)), digest]


def test_the_history_reaches_every_kind_of_fact() -> None:
    """The comparison above would prove little if chance never drew something."""
    told, _ = history(7, FACTS)
    assert {type(fact) for fact, _ in told} == set(Fact.__args__)


def test_the_history_reaches_every_kind_of_order_but_two() -> None:
    """``AnswerAsker`` needs an asker and ``Resync`` is the shell's; everything else is ordered."""
    engine = a_centre()
    told, _ = history(7, FACTS)
    ordered = {type(order).__name__ for fact, now in told for order in engine.handle(fact, now).orders}
    assert ordered == {each.__name__ for each in Order.__args__} - {"AnswerAsker", "Resync"}


@pytest.mark.parametrize("seed", range(4))
def test_a_fresh_engine_told_the_same_says_the_same(seed: int) -> None:
    """A journal of facts and times replays to the very same orders and notes."""
    told, digest = history(seed, 800)
    assert replay(told) == digest


def test_a_history_survives_its_codec() -> None:
    """Facts written down and read back lead to the same orders: nothing hangs on identity."""
    told, digest = history(11, 800)
    encoded = [msgspec.msgpack.encode(each) for each in told]
    assert replay(msgspec.msgpack.decode(each, type=tuple[Fact, int]) for each in encoded) == digest


def test_an_early_bell_changes_nothing() -> None:
    """A deadline handed in before anything is due is an empty step, however often it comes."""
    told, digest = history(5, 800)
    engine, heard = a_centre(), hashlib.sha256()
    for fact, now_ms in told:
        add(heard, engine.handle(fact, now_ms))
        due_ms = engine.next_deadline()
        if due_ms is None or due_ms > now_ms:
            early = engine.handle(DeadlineReached(), now_ms)
            assert (early.orders, early.notes) == ([], [])
    assert heard.hexdigest() == digest


def test_time_never_goes_back() -> None:
    """A clock set back is taken as standing still: deadlines and ages stay."""
    centre = Centre(agents=["anna"])
    centre.enters("c-1.1")
    before_ms = centre.now_ms
    centre.engine.handle(DeadlineReached(), START_MS - 3_600_000)
    assert centre.world.now_ms == before_ms


def test_another_seed_is_another_history() -> None:
    """The digest does see what is ordered."""
    assert history(1, 300)[1] != history(2, 300)[1]
