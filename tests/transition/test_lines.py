"""The readiness list, and which line is tried next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.core.views import OfficeView
from acd.rules.transition import Readiness
from acd.store.records import LineCheck
from acd.transition.readiness import readiness_list, why_not_ready
from acd.transition.rehearsing import Line, lines_to_try, next_line
from tests.transition.plans import HOUR_MS, NOW_MS, office, plan, rules

DEMAND = Readiness(hours_max=24, ready_min=0.75)
ROME = office("roma", "RM", number="061", more_numbers=("062",), capacity=2)
LATINA = office("latina", "LT", number="0773", languages=("de", "it"))
RULES = rules(ROME, LATINA, capacity=10)


def check(number: str, result: str = "pressed", *, hours: float = 1, name: str = "roma") -> LineCheck:
    at_ms = NOW_MS - round(hours * HOUR_MS)
    return LineCheck(office=name, number=number, at_ms=at_ms, result=result, ring_ms=900)


ALL = (check("061"), check("062"), check("0773", name="latina"))


def why(*checks: LineCheck) -> str:
    return why_not_ready(readiness_list(RULES, checks, DEMAND, NOW_MS), DEMAND, NOW_MS)


def test_every_number_of_every_office_counts():
    found = readiness_list(RULES, ALL, DEMAND, NOW_MS)
    assert [(line.office, line.number) for line in found.lines] == [
        ("roma", "061"),
        ("roma", "062"),
        ("latina", "0773"),
    ]
    assert (found.ready, found.ratio, why(*ALL)) == (3, 1.0, "")


def test_a_start_is_refused_while_lines_were_never_tried():
    assert "none was ever tried" in why()
    assert "0 of 3" in why()


def test_a_start_is_refused_while_the_list_is_old():
    """All pressed, a day and an hour ago."""
    assert "25 hours ago" in why(*(check(each.number, hours=25, name=each.office) for each in ALL))
    assert why(*(check(each.number, hours=23.9, name=each.office) for each in ALL)) == ""


def test_a_start_is_refused_while_too_few_lines_are_good():
    assert "2 of 3 lines are ready, and 75% are wanted" in why(check("061"), check("062", "answered"), ALL[2])


def test_checks_of_numbers_that_are_gone_count_for_nothing():
    assert "0 of 3" in why(check("069"), check("0773", name="roma"))


def test_without_offices_nothing_is_missing():
    assert why_not_ready(readiness_list(rules(), (), DEMAND, NOW_MS), DEMAND, NOW_MS) == ""


# ── which line is tried ──────────────────────────────────────────────────────────────────────

LIMITS = plan().rehearsal


def views(rome: int = 0, latina: int = 0, *, is_open: bool = True) -> dict[object, OfficeView]:
    return {
        each.id: OfficeView(
            id=each.id, name="", province="", capacity=each.capacity, in_use=used, open=is_open
        )
        for each, used in ((ROME, rome), (LATINA, latina))
    }


def pick(pending: tuple[Line, ...], seen: dict[object, OfficeView], *running: Line) -> str | None:
    line = next_line(pending, running, seen, RULES, LIMITS).line  # type: ignore[arg-type]  # ids of a test
    return line.number if line is not None else None


LINES = lines_to_try(RULES)


def test_the_lines_come_in_the_order_of_the_rules_each_in_its_office_language():
    assert [(line.number, line.language) for line in LINES] == [("061", "it"), ("062", "it"), ("0773", "de")]
    assert [line.number for line in lines_to_try(RULES, (LATINA.id,))] == ["0773"]
    ready = [line for line in readiness_list(RULES, ALL[:1], DEMAND, NOW_MS).lines if line.ready]
    assert [line.number for line in lines_to_try(RULES, (), ready)] == ["062", "0773"]


@pytest.mark.parametrize(
    ("rome", "latina", "running", "found"),
    [
        (0, 0, (), "061"),
        (1, 0, (), "061"),
        (2, 0, (), "0773"),  # no line of Rome is free
        (2, 1, (), None),  # of nobody
        (0, 0, (LINES[0],), None),  # one at a time on a trunk
    ],
)
def test_only_where_a_line_is_free_and_one_at_a_time(
    rome: int, latina: int, running: tuple[Line, ...], found: str | None
):
    pending = tuple(line for line in LINES if line not in running)
    assert pick(pending, views(rome, latina), *running) == found


def test_a_closed_office_is_left_as_it_is():
    found = next_line(LINES, (), views(is_open=False), RULES, LIMITS)  # type: ignore[arg-type]
    assert found.line is None
    assert found.closed == LINES


def test_a_trunk_is_never_filled_by_trials():
    """Half of 10; with 5 callers on it nothing more. A trunk of one line is tried while it is empty."""
    full = {**views(), ROME.id: OfficeView(id=ROME.id, name="", province="", capacity=9, in_use=5)}
    assert pick(LINES[2:], full) is None
    one = rules(ROME, LATINA, capacity=1)
    assert next_line(LINES, (), views(), one, LIMITS).line == LINES[0]  # type: ignore[arg-type]
    assert next_line(LINES, (), views(rome=1), one, LIMITS).line is None  # type: ignore[arg-type]


@given(st.integers(0, 4), st.integers(0, 4), st.integers(1, 20), st.booleans())
def test_what_is_picked_never_disturbs(rome: int, latina: int, capacity: int, busy: bool):
    seen, here = views(rome, latina), rules(ROME, LATINA, capacity=capacity)
    running = (LINES[0],) if busy else ()
    line = next_line(LINES[1:], running, seen, here, LIMITS).line  # type: ignore[arg-type]
    if line is not None:
        assert not busy
        assert seen[line.office].in_use < line.capacity
        assert rome + latina + 1 <= max(1, capacity * LIMITS.trunk_share_max)
