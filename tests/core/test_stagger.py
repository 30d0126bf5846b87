"""Breaks of people who came together: spread, never later than due, settled when the work begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from acd.core import pictures
from acd.core.facts import RulesChanged, Session, SessionsRestored
from acd.core.ids import AgentId, PauseReasonId
from acd.core.notes import AgentState
from acd.core.orders import SetNetMember
from acd.core.policy import Agent, Breaks
from acd.core.stagger import fair_share
from tests.core.builders import Centre, agent, levels, queue
from tests.core.profiles import SEARCH

MIN_MS = 60_000
RULE = Breaks(after_ms=120 * MIN_MS, early_ms=45 * MIN_MS, for_ms=15 * MIN_MS, reason=PauseReasonId("corso"))
NAMES = tuple(f"a{number:02}" for number in range(40))


def at_eight(people: Iterable[Agent | str] = NAMES) -> Centre:
    """They all log in together."""
    return Centre([queue()], list(people), breaks=RULE)


def on_break(centre: Centre) -> frozenset[str]:
    """Who is on a break now."""
    return frozenset(name for name, record in centre.world.agents.items() if record.on_break)


def moments(centre: Centre) -> Mapping[str, int]:
    """Who is to have a break when, in minutes from now."""
    return {
        name: round((each.break_ms - centre.now_ms) / MIN_MS) for name, each in centre.world.agents.items()
    }


def test_who_came_together_goes_in_four_parts() -> None:
    """Forty people and 45 minutes: never more than ten of them away, and each of them once."""
    centre = at_eight()
    began, most = dict.fromkeys(NAMES, 0), 0
    before: frozenset[str] = frozenset()
    for minute in range(1, 140):
        centre.later(MIN_MS)
        now = on_break(centre)
        for name in now - before:
            assert not began[name], f"{name} has two breaks"
            began[name] = minute
        before, most = now, max(most, len(now))
    assert most == 10
    assert sorted(set(began.values())) == [75, 90, 105, 120]


def test_without_the_setting_all_go_when_it_is_due() -> None:
    """As the rules had it before."""
    centre = Centre([queue()], list(NAMES), breaks=replace(RULE, early_ms=0))
    assert set(moments(centre).values()) == {120}


def test_who_comes_alone_goes_when_it_is_due() -> None:
    """A centre whose people come one by one sends nobody sooner: that would cost work for nothing."""
    centre = Centre([queue()], list(NAMES[:24]), breaks=RULE, logged_in=False)
    for name in NAMES[:24]:
        centre.logs_in(name)
        centre.later(6 * MIN_MS)
    gone_s = [(each.break_ms - each.worked_since_ms) // MIN_MS for each in centre.world.agents.values()]
    assert gone_s.count(120) >= len(gone_s) - 6, gone_s


def test_the_few_who_speak_german_do_not_go_together() -> None:
    """Four among forty would be lost in the crowd: each skill is looked at by itself."""
    people = [agent(name, generale=5, tedesco=5) for name in NAMES[:4]]
    centre = at_eight([*(agent(name) for name in NAMES[4:]), *people])
    assert sorted(moments(centre)[name] for name in NAMES[:4]) == [75, 90, 105, 120]


def test_the_moment_is_told_when_the_work_begins_and_stays() -> None:
    """Whoever else comes or goes, and whatever rules come that allow it."""
    centre = at_eight()
    told = dict(moments(centre))
    for name in NAMES[:20]:
        centre.logs_out(name)
        centre.logs_in(name)
    centre.tell(RulesChanged(rules=replace(centre.world.rules, revision="newer")))
    centre.settle()
    centre.tell(RulesChanged(rules=replace(centre.world.rules, breaks=replace(RULE, early_ms=50 * MIN_MS))))
    centre.settle()
    assert {name: at for name, at in moments(centre).items() if name in NAMES[20:]} == {
        name: at for name, at in told.items() if name in NAMES[20:]
    }
    view = pictures.agent(centre.world, AgentId(NAMES[30]))
    assert view is not None
    assert view.break_due_ms == centre.person(NAMES[30]).break_ms


def test_rules_that_allow_less_move_who_would_go_too_soon() -> None:
    """And nobody beyond the due moment."""
    centre = at_eight()
    assert min(moments(centre).values()) == 75
    centre.tell(RulesChanged(rules=replace(centre.world.rules, breaks=replace(RULE, early_ms=15 * MIN_MS))))
    centre.settle()
    assert sorted(set(moments(centre).values())) == [105, 120]


def test_a_volunteer_whose_slot_ends_before_has_none_sooner() -> None:
    """Two hours of help are two hours; a longer slot has its break like everybody's."""
    people = [replace(agent(name), volunteer=True) for name in NAMES[:8]]
    centre = Centre([queue()], people, breaks=RULE, logged_in=False)
    for name in NAMES[:4]:
        centre.opts_in(name, 120 * MIN_MS)
    for name in NAMES[4:8]:
        centre.opts_in(name, 240 * MIN_MS)
    for name in NAMES[:8]:
        centre.logs_in(name)
    assert [moments(centre)[name] for name in NAMES[:4]] == [120] * 4
    assert sorted(moments(centre)[name] for name in NAMES[4:8]) == [105, 105, 120, 120]
    centre.later(119 * MIN_MS)
    assert not on_break(centre) & set(NAMES[:4])


def test_a_volunteer_who_stays_on_takes_their_turn() -> None:
    """The slot is made longer while they work."""
    people = [replace(agent(name), volunteer=True) for name in NAMES[:4]]
    centre = Centre([queue()], people, breaks=RULE, logged_in=False)
    for name in NAMES[:4]:
        centre.opts_in(name, 120 * MIN_MS)
        centre.logs_in(name)
    for name in NAMES[:4]:
        centre.opts_in(name, 240 * MIN_MS)
    assert sorted(moments(centre).values()) == [75, 90, 105, 120]


def test_who_works_four_hours_has_a_break_in_each_half() -> None:
    """A part-timer: the second one counts from the first, so sooner is never saved up."""
    centre = at_eight()
    name = next(name for name, at in moments(centre).items() if at == 75)
    centre.later(90 * MIN_MS)
    assert centre.agent_state(name) is AgentState.READY
    assert 75 <= moments(centre)[name] <= 120


def test_a_restart_keeps_the_due_moment_and_the_stagger() -> None:
    """The store has the beginning of the work alone; the moments are settled anew, as well spread."""
    centre = at_eight()
    due_ms = centre.now_ms + 120 * MIN_MS
    told = {each.agent: each for each in centre.ordered(SetNetMember)}
    sessions = tuple(
        Session(agent=each.agent, phone=each.endpoint, worked_since_ms=each.worked_since_ms or centre.now_ms)
        for each in told.values()
    )
    again = Centre([queue()], list(NAMES), breaks=RULE, logged_in=False)
    again.later(80 * MIN_MS)
    again.tell(SessionsRestored(sessions=sessions))
    again.settle()
    moments_ms = [record.break_ms for record in again.world.agents.values()]
    assert max(moments_ms) == due_ms
    assert min(moments_ms) >= again.now_ms
    most = 0
    for _ in range(41):
        again.later(MIN_MS)
        most = max(most, len(on_break(again)))
    assert most <= 14, "forty in forty minutes go in three parts"


def test_a_break_under_way_counts_for_those_who_come() -> None:
    """Also one that was late by a talk."""
    centre = at_eight(["anna", "bruno"])
    first = min(moments(centre), key=lambda name: moments(centre)[name])
    assert moments(centre)[first] == 105
    centre.later(105 * MIN_MS)
    assert on_break(centre) == {first}
    other = "bruno" if first == "anna" else "anna"
    assert moments(centre)[other] == 15


def test_the_share_nobody_minds_is_that_of_an_even_day() -> None:
    """15 minutes after 75, all day long: one in six."""
    assert fair_share(RULE) == pytest.approx(1 / 6)


PEOPLE = tuple(
    agent(
        f"p{number}", **{skill: 5 for bit, skill in enumerate(("generale", "tedesco")) if number >> bit & 1}
    )
    for number in range(1, 9)
)
DEEDS = st.tuples(
    st.sampled_from(("in", "out", "pause", "ready", "wait")), st.integers(0, 7), st.integers(0, 40)
)


@settings(SEARCH, max_examples=100)
@given(st.lists(DEEDS, max_size=60))
def test_nobody_works_longer_than_the_law_has_it(deeds: list[tuple[str, int, int]]) -> None:
    """Whoever comes, goes and comes back when they like; the invariants see to what is counted."""
    rule = Breaks(after_ms=120_000, early_ms=60_000, for_ms=15_000, reason=PauseReasonId("corso"))
    centre = Centre([queue()], PEOPLE, breaks=rule, logged_in=False)
    for what, who, wait_s in deeds:
        name = PEOPLE[who].id
        match what:
            case "in":
                centre.logs_in(name)
            case "out":
                centre.logs_out(name)
            case "pause":
                centre.pauses(name)
            case "ready":
                centre.readies(name)
            case _:
                centre.later(wait_s * 1_000)
        for record in centre.world.agents.values():
            if record.state is AgentState.READY:
                assert centre.now_ms - record.worked_since_ms < rule.after_ms
                assert record.break_ms - record.worked_since_ms >= rule.after_ms - rule.early_ms
    for name in (each.id for each in PEOPLE):
        centre.logs_out(name)
    assert all(not group.at_work and not group.booked for group in centre.world.stagger.groups.values())


def test_levels_do_not_matter() -> None:
    """Who holds a skill counts, however well."""
    people = [replace(agent(name), skills=levels(generale=index + 1)) for index, name in enumerate(NAMES[:4])]
    assert sorted(moments(at_eight(people)).values()) == [75, 90, 105, 120]
