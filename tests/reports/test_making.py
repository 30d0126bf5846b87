"""Figures worked out by hand from the calls of ``made``: what a report says must be the same."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from acd.errors import NotFound, PeriodWrong
from acd.figures.formulas import Formula
from acd.reports import Asked, Kind, make_report
from acd.reports.shape import Share
from acd.rules.goals import Goals
from tests.reports.made import GOALS, MONDAY, TUESDAY, given, rome, roster, row


def asked(kind: Kind = Kind.DAY, first: str = MONDAY, last: str = TUESDAY, **more: object) -> Asked:
    days = {"from_day": dt.date.fromisoformat(first), "to_day": dt.date.fromisoformat(last)}
    return Asked(kind=kind, **days, **more)  # type: ignore[arg-type]  # a test


async def test_every_call_has_one_end_and_one_event_at_most(store):
    """17 offered: the ends add up to them, and so do the events with those that have none."""
    counts = (await make_report(store, asked(), given())).total.counts
    assert counts.offered == counts.ended == 17
    ends = (counts.answered, counts.abandoned, counts.short_abandoned)
    assert (*ends, counts.closed, counts.safety_net, counts.lost) == (8, 5, 1, 1, 1, 1)
    assert (counts.met, counts.missed, counts.abandoned_early) == (4, 10, 2)
    assert (counts.answered_by_offices, counts.answered_late, counts.left_in_menu) == (2, 4, 1)
    assert counts.wait_mean_ms == 117_500
    assert counts.handle_mean_ms == 200_000


async def test_the_five_formulas_and_the_share_answered_raw_and_rebased(store):
    """In the emergency three calls change: one is met, one given up in time, and none is left out."""
    report = await make_report(store, asked(Kind.SLA), given())
    assert {one.measure: (one.raw, one.rebased) for one in report.levels} == {
        "all_in": (Share(4, 16), Share(5, 16)),
        "early_abandons_excluded": (Share(4, 14), Share(5, 13)),
        "early_abandons_good": (Share(6, 16), Share(8, 16)),
        "short_abandons_excluded": (Share(4, 15), Share(5, 15)),
        "answered_only": (Share(4, 8), Share(5, 8)),
        "answered_share": (Share(8, 16), Share(8, 16)),
    }


async def test_the_worked_example_of_the_documentation(store):
    """1,000 answered, 860 of them in time; 60 abandoned, 20 in time, 10 of these at once."""
    ends = [("answered", 10, "met")] * 860 + [("answered", 70, "missed")] * 140
    ends += [("short_abandoned", 3, "abandoned_early")] * 10 + [("abandoned", 20, "abandoned_early")] * 10
    ends += [("abandoned", 90, "missed")] * 40
    for number, (outcome, wait_s, level) in enumerate(ends):
        store.tell_call(row(1_000 + number, "2026-05-04", "09:00", outcome, wait_s, level=level))
    await store.flush()
    report = await make_report(store, asked(Kind.SLA, "2026-05-04", "2026-05-04"), given())
    told = {one.measure: round(100 * (one.raw.ratio or 0), 1) for one in report.levels}
    assert told == {
        "all_in": 81.1,
        "early_abandons_excluded": 82.7,
        "early_abandons_good": 83.0,
        "short_abandons_excluded": 81.9,
        "answered_only": 86.0,
        "answered_share": 94.3,
    }


async def test_each_stretch_is_held_against_the_goal_of_its_time(store):
    """Monday 50 %, Tuesday 60 %, and 30 % in the emergency after all; the whole against their mean."""
    report = await make_report(store, asked(Kind.SLA), given())
    parts = [(part.line.raw.measured, part.line.raw.goal, part.line.raw.reached) for part in report.parts]
    assert parts == [(Share(2, 6), 0.5, False), (Share(0, 1), 0.6, False), (Share(2, 7), 0.6, False)]
    rebased = [part.line.rebased for part in report.parts]
    assert [(one.measured, one.goal, one.reached) for one in rebased if one] == [
        (Share(2, 6), 0.5, False),
        (Share(0, 1), 0.6, False),
        (Share(3, 6), 0.3, True),
    ]
    assert [part.emergency for part in report.parts] == ["", "", "guasto"]
    assert [part.from_ms for part in report.parts] == [rome(MONDAY), rome(TUESDAY), rome(TUESDAY, "10:00")]
    assert report.total.raw.goal == pytest.approx(7.8 / 14)
    assert report.total.rebased is not None
    assert report.total.rebased.goal == pytest.approx(5.4 / 13)
    assert report.total.rebased.reached is False


async def test_a_suspended_time_is_left_out_of_the_rebased_figure_alone(store):
    """Seven calls of the emergency count raw and not otherwise."""
    emergency = replace(GOALS.emergencies[0], suspended=True, ratio=None, threshold_ms=0)
    goals = replace(GOALS, emergencies=(emergency,))
    total = (await make_report(store, asked(Kind.SLA), given(goals=goals))).total
    assert total.raw.level == Share(4, 14)
    assert total.rebased is not None
    assert total.rebased.level == Share(2, 7)
    assert total.rebased.goal == pytest.approx((0.5 * 6 + 0.6) / 7)


async def test_without_an_emergency_there_is_one_figure(store):
    """Monday has none; nothing is said to be re-based."""
    report = await make_report(store, asked(Kind.SLA, last=MONDAY), given())
    assert report.total.rebased is None
    assert report.emergencies == ()
    assert [part.emergency for part in report.parts] == [""]


async def test_by_day_half_hour_queue_province_and_path(store):
    """Each sums up to the total; who is in a menu is in none of them."""
    report = await make_report(store, asked(), given())
    assert {line.key: line.counts.offered for line in report.days} == {MONDAY: 9, TUESDAY: 8}
    assert {line.key: line.counts.offered for line in report.queues} == {"pensioni": 15, "generale": 2}
    assert {line.key: line.counts.offered for line in report.provinces} == {"MI": 2, "RM": 14, "": 1}
    assert {line.key: line.counts.offered for line in report.paths} == {"primary": 6, "fallback": 2, "": 9}
    interval = await make_report(store, asked(Kind.INTERVAL, last=MONDAY), given())
    found = {int(line.key): (line.counts.offered, line.raw.level) for line in interval.half_hours}
    assert found == {
        rome(MONDAY, "09:00"): (3, Share(2, 3)),
        rome(MONDAY, "09:30"): (2, Share(0, 1)),
        rome(MONDAY, "10:00"): (3, Share(0, 2)),
        rome(MONDAY, "21:00"): (1, Share(0, 0)),
    }


async def test_who_calls_again_on_the_topic_was_not_helped_at_first_contact(store):
    """Caller x calls again the next day, and is new on another topic; y and z never do."""
    report = await make_report(store, asked(), given())
    found = {one.topic: one for one in report.repeats}
    one = found["pensioni"]
    assert (one.calls, one.without_hash, one.repeated) == (4, 11, 1)
    assert (one.first_answered, one.first_decided, one.first_settled) == (3, 3, 2)
    one = found["generale"]
    assert (one.calls, one.without_hash, one.repeated, one.first_settled) == (1, 1, 0, 1)


async def test_what_came_before_and_after_the_period_is_looked_at(store):
    """Tuesday alone: x had called on Monday. Monday alone: x calls on Tuesday."""
    tuesday = await make_report(store, asked(first=TUESDAY), given())
    assert {one.topic: one.repeated for one in tuesday.repeats} == {"generale": 0, "pensioni": 1}
    monday = await make_report(store, asked(last=MONDAY), given())
    (one,) = monday.repeats
    assert (one.first_decided, one.first_settled) == (2, 1)


async def test_a_span_that_is_not_over_decides_nothing(store):
    """On Wednesday nobody knows yet whether they will call again."""
    report = await make_report(store, asked(), given(now_ms=rome("2026-03-04")))
    assert [one.first_decided for one in report.repeats] == [0, 0]
    assert [one.first_answered for one in report.repeats] == [1, 3]


async def test_a_retry_after_giving_up_is_no_repeated_contact(store):
    """Who was never answered has had no first contact."""
    caller = "ab12-" + "w" * 32
    store.tell_call(row(50, MONDAY, "12:00", "abandoned", 30, level="abandoned_early", caller=caller))
    store.tell_call(row(51, MONDAY, "12:05", "answered", 30, level="met", caller=caller))
    await store.flush()
    report = await make_report(store, asked(last=MONDAY), given())
    (one,) = report.repeats
    assert one.repeated == 0
    assert (one.first_decided, one.first_settled) == (3, 2)


async def test_settled_questions_are_told_of_the_codes_that_were_given(store):
    """One of two."""
    report = await make_report(store, asked(), given())
    assert (report.total.said, report.total.settled) == (2, 1)


async def test_how_few_people_work_is_not_told(store):
    """Three can serve one queue: hidden under k = 4, and the other with it, or the total would tell."""
    report = await make_report(store, asked(), given(k=4))
    assert [(line.hidden, line.counts.handle_ms, line.said) for line in report.queues] == [(True, 0, 0)] * 2
    assert all(one.hidden and one.first_settled == one.first_answered == 0 for one in report.repeats)
    assert report.total.counts.handle_mean_ms == 200_000
    assert [line.counts.offered for line in report.queues] == [15, 2], "volumes are of callers"
    alone = await make_report(store, asked(queue="generale"), given(k=4))
    assert alone.total.hidden
    assert alone.total.counts.handle_ms == 0


async def test_with_fewer_people_than_k_in_all_nothing_of_their_work_is_told(store):
    """Not of all together either."""
    report = await make_report(store, asked(), given(roster=roster(pensioni=2)))
    assert report.total.hidden
    assert (report.total.counts.handle_ms, report.total.said) == (0, 0)


async def test_by_half_hour_day_province_and_path_nobodys_work_is_told(store):
    """Whatever the roster: a half hour may be one person's."""
    report = await make_report(store, asked(Kind.INTERVAL), given(k=1))
    daily = await make_report(store, asked(), given(k=1))
    for line in (*report.half_hours, *report.days, *daily.provinces, *daily.paths, *daily.days):
        assert (line.counts.handle_ms, line.counts.handled, line.said) == (0, 0, 0)


async def test_a_goal_may_speak_of_another_measure(store):
    """Then both are told, and the goal is held against its own."""
    goals = Goals(measure="answered_share", goals=GOALS.goals)
    raw = (await make_report(store, asked(), given(goals=goals))).total.raw
    assert (raw.level, raw.measured) == (Share(4, 14), Share(8, 16))
    assert raw.goal == pytest.approx((0.5 * 8 + 0.6 * 8) / 16)


async def test_the_headline_is_the_settings(store):
    """And its goals speak of it."""
    report = await make_report(store, asked(), given(headline=Formula.ALL_IN))
    assert report.total.raw.level == report.total.raw.measured == Share(4, 16)


async def test_before_the_first_goal_there_is_none(store):
    """Nor for a stretch of which a part has none."""
    goals = replace(GOALS, goals=GOALS.goals[1:])
    report = await make_report(store, asked(), given(goals=goals))
    assert report.total.raw.goal is None
    assert [part.line.raw.goal for part in report.parts] == [None, 0.6, 0.6]


async def test_one_queue_alone(store):
    """Every figure is of it; a queue that nobody knows is refused."""
    report = await make_report(store, asked(queue="generale"), given())
    assert report.total.counts.offered == 2
    assert [line.key for line in report.queues] == ["generale"]
    with pytest.raises(NotFound, match="'pensoni'"):
        await make_report(store, asked(queue="pensoni"), given())


async def test_a_queue_gone_from_the_rules_keeps_its_calls(store):
    """It has nobody any more, so nothing of its work is told."""
    store.tell_call(row(60, MONDAY, "12:00", "answered", 10, level="met", queue="vecchia"))
    await store.flush()
    report = await make_report(store, asked(last=MONDAY), given())
    assert {line.key: (line.counts.answered, line.hidden) for line in report.queues} == {
        "pensioni": (3, True),
        "vecchia": (1, True),
    }


async def test_a_long_call_belongs_to_the_day_of_its_entry(store):
    """It ended the next day; the report of that day does not have it."""
    late = row(70, TUESDAY, "23:59", "answered", 30, level="met")
    store.tell_call(replace(late, ended_ms=late.entered_ms + 5_000_000))
    await store.flush()
    tuesday = await make_report(store, asked(first=TUESDAY), given())
    assert tuesday.total.counts.answered == 6
    wednesday = await make_report(store, asked(first="2026-03-04", last="2026-03-04"), given())
    assert wednesday.total.counts.offered == 0


async def test_the_night_with_a_second_hour_has_half_hours_of_its_own(store):
    """25 October 2026: two from 2:00 to 2:30, one day."""
    midnight = rome("2026-10-25")
    for number in range(25):
        store.tell_call(
            replace(
                row(100 + number, MONDAY, "09:00", "answered", 10, level="met"),
                entered_ms=midnight + number * 3_600_000,
                ended_ms=midnight + number * 3_600_000 + 10_000,
            )
        )
    await store.flush()
    report = await make_report(store, asked(Kind.INTERVAL, "2026-10-25", "2026-10-25"), given())
    assert report.until_ms - report.from_ms == 25 * 3_600_000
    assert len(report.half_hours) == 25
    assert [(line.key, line.counts.offered) for line in report.days] == [("2026-10-25", 25)]


@pytest.mark.parametrize(
    ("kind", "first", "last", "sentence"),
    [
        (Kind.DAY, TUESDAY, MONDAY, "is before"),
        (Kind.INTERVAL, "2026-01-01", "2026-02-01", "32 days; this report has at most 31"),
        (Kind.SLA, "2025-01-01", "2026-12-31", "at most 400"),
    ],
)
async def test_a_period_that_is_none_is_refused(store, kind, first, last, sentence):
    """Before the ledger is asked."""
    with pytest.raises(PeriodWrong, match=sentence):
        await make_report(store, asked(kind, first, last), given())
