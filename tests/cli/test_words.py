"""Times and numbers as a person says them; the check digit of a personal code."""

from __future__ import annotations

import time

import pytest

from acd.cli.tokens import check_digit
from acd.cli.words import clock, count, day, duration, moment, number


@pytest.mark.parametrize(
    ("ms", "said", "shown"),
    [
        (-5, "0 s", "0:00"),
        (999, "0 s", "0:00"),
        (45_000, "45 s", "0:45"),
        (125_900, "2 min 05 s", "2:05"),
        (3_599_999, "59 min 59 s", "59:59"),
        (3_909_000, "1 h 05 min", "1:05:09"),
        (273_600_000, "3 d 04 h", "76:00:00"),
    ],
)
def test_a_length_of_time(ms, said, shown):
    """In its two largest units, and as a column."""
    assert duration(ms) == said
    assert clock(ms) == shown


def test_a_point_in_time_is_that_of_this_machine(monkeypatch):
    """Summer and winter."""
    monkeypatch.setenv("TZ", "Europe/Rome")
    time.tzset()
    try:
        assert moment(1_772_457_909_000) == "2026-03-02 14:25:09"
        assert day(1_783_023_909_000) == "2026-07-02"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_numbers():
    """Thousands apart; one is one."""
    assert number(45210) == "45,210"
    assert [count(n, "agent") for n in (0, 1, 3100)] == ["0 agents", "1 agent", "3,100 agents"]
    assert count(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(("digits", "check"), [("7992739871", "3"), ("0", "0"), ("123456789", "7")])
def test_the_check_digit(digits, check):
    """The example of ISO/IEC 7812-1, and two more."""
    assert check_digit(digits) == check


def test_the_check_digit_finds_one_wrong_key_and_two_in_a_wrong_order():
    """All but 09 and 90, as the standard says."""
    body = "804139267"
    code = body + check_digit(body)
    for place in range(len(code)):
        for digit in "0123456789":
            wrong = code[:place] + digit + code[place + 1 :]
            assert (check_digit(wrong[:-1]) == wrong[-1]) == (wrong == code)
    for place in range(len(code) - 1):
        first, second = code[place], code[place + 1]
        wrong = code[:place] + second + first + code[place + 2 :]
        if first != second and {first, second} != {"0", "9"}:
            assert check_digit(wrong[:-1]) != wrong[-1]
