"""An agent's own day: exact, reset at local midnight, known to nobody else."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from acd.core.facts import DeadlineReached, RosterChanged
from acd.core.ids import AgentId, SiteId
from acd.core.notes import AgentMoved, AgentState
from acd.figures.days import midnight_before
from acd.runtime.own_times import OwnDays

ROME = ZoneInfo("Europe/Rome")
ANNA = AgentId("a0001")


def at(text: str) -> int:
    """Milliseconds of a local time in Rome."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ROME).timestamp() * 1000)


class HandClock:
    """A clock moved by hand."""

    def __init__(self, text: str) -> None:
        self.ms = at(text)

    def now_ms(self) -> int:
        return self.ms


def move(days: OwnDays, before: AgentState, after: AgentState) -> None:
    note = AgentMoved(agent=ANNA, site=SiteId("roma"), before=before, after=after)
    days.observe(DeadlineReached(), (), (note,), 0.0)


def test_each_state_has_its_time_the_present_one_up_to_now():
    """Ready for 10 minutes, a talk of 5, in wrap-up for 1: that is what the agent reads."""
    clock = HandClock("2022-12-01T09:00")
    days = OwnDays(clock)
    move(days, AgentState.LOGGED_OUT, AgentState.READY)
    clock.ms += 600_000
    move(days, AgentState.READY, AgentState.TALKING)
    clock.ms += 300_000
    move(days, AgentState.TALKING, AgentState.WRAP_UP)
    clock.ms += 60_000
    own = days.of(ANNA)
    assert own.spent_ms[AgentState.READY] == 600_000
    assert own.spent_ms[AgentState.TALKING] == 300_000
    assert own.spent_ms[AgentState.WRAP_UP] == 60_000
    assert own.talks == 1
    assert sum(own.spent_ms.values()) == clock.ms - own.since_ms


def test_midnight_begins_a_new_day_and_the_present_state_goes_on():
    """Who is logged in over midnight has spent the new day's minutes, not yesterday's."""
    clock = HandClock("2022-12-01T23:50")
    days = OwnDays(clock)
    move(days, AgentState.LOGGED_OUT, AgentState.READY)
    clock.ms = at("2022-12-02T00:20")
    own = days.of(ANNA)
    assert own.since_ms == at("2022-12-02T00:00")
    assert own.spent_ms[AgentState.READY] == 20 * 60_000
    assert sum(own.spent_ms.values()) == 20 * 60_000


@pytest.mark.parametrize(("day", "hours"), [("2022-03-27", 23), ("2022-10-30", 25), ("2022-12-01", 24)])
def test_a_day_is_as_long_as_the_law_of_time_makes_it(day, hours):
    """On the two days when the clocks change, the day has 23 or 25 hours, and midnight is midnight."""
    noon, midnight = at(f"{day}T23:59:59"), at(f"{day}T00:00")
    assert midnight_before(noon) == midnight
    assert round((noon - midnight) / 3_600_000) == hours


def test_who_never_logged_in_has_spent_the_day_logged_out():
    """Nothing is invented for an agent nobody has heard of."""
    clock = HandClock("2022-12-01T08:00")
    days = OwnDays(clock)
    clock.ms += 1_000
    assert days.of(ANNA).spent_ms == {AgentState.LOGGED_OUT: 1_000}


def test_who_comes_after_under_the_same_name_sees_nobody_elses_day():
    """Removed from the roster, forgotten: the name may be given to somebody else the same day."""
    clock = HandClock("2022-12-01T09:00")
    days = OwnDays(clock)
    move(days, AgentState.LOGGED_OUT, AgentState.READY)
    clock.ms += 600_000
    move(days, AgentState.READY, AgentState.TALKING)
    days.observe(RosterChanged(upserts=(), removed=(ANNA,)), (), (), 0.0)
    own = days.of(ANNA)
    assert (own.talks, own.spent_ms.get(AgentState.READY, 0), own.spent_ms.get(AgentState.TALKING, 0)) == (
        0,
        0,
        0,
    )
