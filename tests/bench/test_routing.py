"""The engine beside queueing theory, and what the routing benchmark promises of itself."""

from collections import deque
from heapq import heappop, heappush

import pytest

from acd.core.policy import Discipline
from acd_bench.erlang import ErlangA, expected
from acd_bench.mixed_day import LEVELS, Extent, callers, centre
from acd_bench.routing import THEORY, Result, alike, hold, measure, poisson, spread
from acd_bench.routing_table import markdown
from acd_bench.virtual_centre import run

SMALL = Extent(agents=30, skills=4, hours=1.0)


@pytest.mark.parametrize(
    ("queue", "abandoned", "wait_s", "answered_20s"),
    [
        (ErlangA(50, 0.8, 60, 120), 3.0912, 3.7095, 94.3019),
        (ErlangA(100, 1 / 3, 300, 300), 3.9861, 11.9583, 72.6495),
        (ErlangA(10, 8 / 300, 300, 240), 5.8101, 13.944, 78.8169),
        (ErlangA(300, 300 / 333, 333, 240), 2.4906, 5.9775, 87.8853),
    ],
)
def test_theory_is_worked_out_right(queue, abandoned, wait_s, answered_20s):
    """Figures of Erlang A that a birth-death chain gives too."""
    found = expected(queue)
    assert found.abandoned == pytest.approx(abandoned, abs=1e-3)
    assert found.wait_s == pytest.approx(wait_s, abs=1e-3)
    assert found.answered_20s == pytest.approx(answered_20s, abs=1e-3)


@pytest.mark.parametrize("case", THEORY)
def test_with_one_skill_the_engine_is_a_plain_queue(case):
    """First come, first served, to the millisecond: who waits, how long, and who gives up."""
    queue = THEORY[case]
    people = poisson(queue, 500 * 60 / queue.agents * 10, seed=7)
    assert len(people) > 500
    fates = run(alike(queue.agents), people)
    assert [(fate.answered, fate.wait_ms) for fate in fates] == plain(queue.agents, people)
    assert {fate.answered for fate in fates} == {True, False}


@pytest.mark.parametrize(("case", "seeds", "hours"), [("10 agents", 12, 6), ("100 agents", 6, 2)])
def test_the_engine_keeps_to_theory(case, seeds, hours):
    """Erlang A lies in the 95 % interval of what the engine does with one skill; the seeds are fixed."""
    for held in hold(case, seeds, hours * 3600.0):
        assert abs(held.engine.mean - held.theory) <= held.engine.half <= 0.5 * held.theory, held


def test_the_same_callers_call_whatever_the_rules():
    """Common random numbers: a seed is a day, and only a day."""
    assert callers(SMALL, 1.0, 3) == callers(SMALL, 1.0, 3) != callers(SMALL, 1.0, 4)
    people = callers(SMALL, 1.0, 3)
    fates = [run(centre(SMALL, each), people) for each in (None, Discipline.SL20)]
    assert [fate.caller for fate in fates[0]] == [fate.caller for fate in fates[1]] == people
    assert fates[0] != fates[1]


def test_people_hold_two_or_three_skills_of_different_bands():
    """Everybody has a best skill, and nobody a level that the day does not know."""
    agents = centre(Extent(), Discipline.FAIR).agents
    assert len(agents) == 300
    assert {len(agent.skills) for agent in agents} == {2, 3}
    assert {tuple(agent.skills.values()) for agent in agents} == {LEVELS[:2], LEVELS}


def test_a_run_is_written_read_and_shown(tmp_path):
    """What the page shows comes from the file alone; every way, difference and case is there."""
    result = measure(Extent(agents=20, skills=3, hours=0.2), (1.0,), 2, 1, lambda _: None, hours_held=0.2)
    result.write(tmp_path / "figures.json")
    assert Result.read(tmp_path / "figures.json") == result
    page = markdown(result)
    assert all(text in page for text in ("none", "fair less none", "sl20", "100 agents", "gave up %"))


def test_an_interval_is_students():
    """Three values: 4.303 standard errors to either side."""
    assert spread([1.0, 2.0, 3.0]) == (2.0, pytest.approx(4.303 / 3**0.5, abs=1e-3))


def plain(agents, people):
    """First come, first served, in as few lines as it takes: (answered, wait in ms) of each."""
    fates = {}
    waiting = deque()
    coming = [(each.at_ms, 0, number) for number, each in enumerate(people)]
    while coming:
        now_ms, event, number = heappop(coming)
        if event == 0:
            waiting.append(number)
            heappush(coming, (now_ms + people[number].patience_ms, 2, number))
        elif event == 1:
            agents += 1
        elif number not in fates:
            fates[number] = (False, people[number].patience_ms)
        while agents and waiting:
            head = waiting.popleft()
            if head not in fates:
                agents -= 1
                fates[head] = (True, now_ms - people[head].at_ms)
                heappush(coming, (now_ms + people[head].talk_ms, 1, head))
    return [fates[number] for number in range(len(people))]
