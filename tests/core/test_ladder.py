"""The ladder: steps by time, by load, past those with nobody in them; in rings, transfers and slices."""

from __future__ import annotations

from datetime import date

import pytest

from acd.core.calls import CallState
from acd.core.facts import OfferEnd
from acd.core.ids import SkillId
from acd.core.ladder import utc_day, weigh
from acd.core.lines import Recent
from acd.core.notes import Decision, LadderOpened, Reason
from acd.core.orders import WithdrawOffer
from acd.core.policy import DatedTarget
from tests.core.builders import START_MS, Centre, agent, need, office, queue, step, to_offices

VOLUNTEERS = step("volontari", 20_000, volunteers=True)
LOWER = step("livello", 10_000, levels={SkillId("generale"): 1})
VERA = agent("vera", volunteer=True, generale=9)


def busy(*names: str, ladder=(VOLUNTEERS,), people=(VERA,), **more) -> Centre:
    """A queue whose own agents are logged in and paused, so that only the ladder helps."""
    centre = Centre(
        [queue(ladder=ladder, **more)],
        [*(agent(name, generale=9) for name in names or ("anna",)), *people],
        [office("roma", capacity=2)],
    )
    for name in names or ("anna",):
        centre.pauses(name)
    return centre


def opened(centre: Centre, call: str = "c1") -> list[tuple[int, str]]:
    return [(note.step, note.why) for note in centre.noted(LadderOpened) if note.call == call]


# ── by time ──────────────────────────────────────────────────────────────────────────────────


def test_a_step_opens_when_its_time_has_come() -> None:
    """Not a millisecond sooner, and whoever it adds is rung at once."""
    centre = busy()
    centre.enters("c1")
    centre.later(19_999)
    assert (centre.offered("c1"), opened(centre)) == (None, [])
    centre.later(1)
    assert (centre.offered("c1"), opened(centre)) == ("vera", [(1, "waited")])
    (decision,) = centre.noted(Decision)
    assert decision.step == 1


def test_who_is_added_later_takes_the_oldest_that_has_come_to_them() -> None:
    """A volunteer who becomes free looks past calls whose ladder has not come to volunteers."""
    centre = busy()
    centre.pauses("vera")
    centre.enters("old")
    centre.later(20_000)
    centre.enters("young")
    centre.readies("vera")
    assert (centre.offered("old"), centre.offered("young")) == ("vera", None)
    centre.hangs_up("old")
    assert centre.offered("young") is None, "vera waits for its time"


def test_a_later_step_that_opens_sooner_opens_those_before_it() -> None:
    """Steps are cumulative, whatever the order of their times."""
    centre = busy(ladder=(VOLUNTEERS, *to_offices("roma", after_ms=5_000)))
    centre.enters("c1")
    centre.later(5_000)
    assert centre.offered("c1") == "vera"
    assert opened(centre) == [(1, "waited"), (2, "waited")]


def test_steps_run_on_during_a_ring_and_count_when_it_ends() -> None:
    """A ring is never cut for a better target; what opened meanwhile is there when it ends."""
    bruno = agent("bruno", generale=3)
    centre = Centre([queue(needs=(need("generale", 3),), ladder=(VOLUNTEERS,))], [bruno, VERA])
    centre.enters("c1")
    centre.rings("c1")
    centre.later(20_000)
    assert (centre.offered("c1"), opened(centre)) == ("bruno", [(1, "waited")])
    assert not centre.ordered(WithdrawOffer)
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert centre.offered("c1") == "vera"


def test_a_talk_ends_the_ladder_and_a_dropped_one_takes_it_up() -> None:
    """No step opens for a caller who talks; back in hold the wait counts as it was."""
    centre = Centre([queue(ladder=(VOLUNTEERS,))], ["anna", VERA])
    centre.enters("c1")
    centre.talks("c1")
    centre.later(20_000)
    assert opened(centre) == []
    centre.ends_offer("c1", OfferEnd.DROPPED)
    assert (centre.offered("c1"), opened(centre)) == ("vera", [(1, "waited")])


def test_a_transfer_begins_a_new_ladder_and_keeps_the_age() -> None:
    """The wait of the visit opens steps; the place in the line is that of the first entry."""
    rules = [queue("generale"), queue("pensioni", ladder=(VOLUNTEERS,))]
    people = [
        agent("anna", generale=9),
        agent("bruno", pensioni=9),
        agent("vera", volunteer=True, pensioni=9),
    ]
    centre = Centre(rules, people)
    centre.pauses("bruno")
    centre.enters("c1")
    centre.talks("c1")
    centre.later(60_000)
    centre.enters("c2", "pensioni")
    centre.transferred("c1")
    centre.enters("c1", "pensioni", visit=2, first_entered_ms=centre.call("c1").first_entered_ms)
    assert centre.offered("c1") is None, "its own ladder has only begun"
    assert centre.call("c1").key < centre.call("c2").key
    centre.later(20_000)
    assert (centre.offered("c2"), opened(centre, "c2")) == ("vera", [(1, "waited")])


# ── nobody there ─────────────────────────────────────────────────────────────────────────────


def test_a_step_with_nobody_logged_in_is_passed_over() -> None:
    """The step after it opens when its own time would have come."""
    centre = busy(needs=(need("generale", 5),), ladder=(LOWER, VOLUNTEERS))
    centre.enters("c1")
    centre.later(10_000)
    assert (centre.offered("c1"), opened(centre)) == ("vera", [(1, "waited"), (2, "skipped")])


def test_somebody_paused_is_logged_in() -> None:
    """Who may come back is waited for: the step with a paused agent has its time."""
    rule = {"needs": (need("generale", 5),), "ladder": (LOWER, VOLUNTEERS)}
    centre = busy(people=(agent("lara", generale=1), VERA), **rule)
    centre.pauses("lara")
    centre.enters("c1")
    centre.later(10_000)
    assert (centre.offered("c1"), opened(centre)) == (None, [(1, "waited")])
    centre.later(10_000)
    assert centre.offered("c1") == "vera"


def test_a_queue_with_nobody_logged_in_begins_with_its_ladder() -> None:
    """To wait for its time would be to wait for nobody; offices are asked at once."""
    centre = Centre([queue(ladder=to_offices("roma"))], ["anna"], [office("roma")], logged_in=False)
    centre.enters("c1")
    assert (centre.offered("c1"), opened(centre)) == ("roma", [(1, "skipped")])


def test_the_last_to_log_out_widens_the_search_for_all_who_wait() -> None:
    """Those who wait already, oldest first; and they are waited for again when somebody logs in."""
    centre = busy("anna", "bruno", ladder=to_offices("roma", after_ms=60_000), people=())
    for call in ("c1", "c2", "c3"):
        centre.enters(call)
    centre.logs_out("anna")
    assert not centre.rung()
    centre.logs_out("bruno")
    centre.settle()
    assert [centre.offered(call) for call in ("c1", "c2", "c3")] == ["roma", "roma", None]
    assert opened(centre, "c3") == [(1, "skipped")]
    centre.logs_in("anna")
    centre.hangs_up("c1")
    centre.enters("c4")
    assert (centre.offered("c3"), centre.offered("c4")) == ("anna", None), "offices have their time again"


# ── by load ──────────────────────────────────────────────────────────────────────────────────


def test_load_opens_a_step_for_all_and_lets_go_later() -> None:
    """At four waiting it opens; with two it is open still; with one it is shut for whoever comes."""
    centre = busy(ladder=(step("volontari", 600_000, waiting_min=4, volunteers=True),))
    centre.pauses("vera")
    for call in ("c1", "c2", "c3", "c4"):
        centre.enters(call)
    centre.settle()
    assert [opened(centre, call) for call in ("c1", "c4")] == [[(1, "load")]] * 2
    centre.hangs_up("c3")
    centre.hangs_up("c4")
    centre.readies("vera")
    assert centre.offered("c1") == "vera"
    centre.enters("c5")
    centre.hangs_up("c2")
    centre.hangs_up("c5")
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    centre.enters("c6")
    assert (centre.offered("c6"), opened(centre, "c6")) == (None, [])


def test_what_load_opens_rings_those_who_are_free() -> None:
    """Oldest call first, longest idle first, each once."""
    people = [agent(name, volunteer=True, generale=9) for name in ("ugo", "vera", "zoe")]
    centre = busy(ladder=(step("volontari", 600_000, waiting_min=3, volunteers=True),), people=people)
    for call in ("c1", "c2"):
        centre.enters(call)
    assert not centre.rung()
    centre.enters("c3")
    centre.settle()
    assert centre.rung() == [("c1", "ugo"), ("c2", "vera"), ("c3", "zoe")]
    told = [decision.passed_over for decision in centre.noted(Decision)][-3:]
    assert [each.get(Reason.LOWER_SCORE, 0) for each in told] == [2, 1, 0], "they wait for their choice"
    assert not any(Reason.PHONE_BUSY in each for each in told)


def test_free_agents_of_the_steps_before_keep_a_step_shut() -> None:
    """``idle_max`` 0: only when nobody else is free; two free ones shut it again, one does not."""
    step_by_load = step("volontari", 600_000, idle_max=0, volunteers=True)
    centre = Centre([queue(ladder=(step_by_load,))], ["anna", "bruno", VERA])
    line = centre.world.matcher.lines[queue().id]
    assert line.load == 0
    centre.pauses("anna")
    assert line.load == 0
    centre.pauses("bruno")
    assert line.load == 1
    centre.readies("anna")
    assert line.load == 1, "one free agent is not yet reason to shut it"
    centre.readies("bruno")
    assert line.load == 0


def test_a_queue_at_risk_opens_its_step() -> None:
    """Fewer met the threshold than the target says, in the last half hour; later it is another half hour."""
    centre = busy(ladder=(step("volontari", 600_000, at_risk=True, volunteers=True),), wait_ms_max=7_200_000)
    centre.enters("c1")
    assert centre.offered("c1") is None
    centre.later(20_000)
    assert (centre.offered("c1"), opened(centre)) == ("vera", [(1, "load")])
    centre.talks("c1")
    centre.agent_hangs_up("c1")
    centre.later(1_860_000)
    centre.enters("c2")
    line = centre.world.matcher.lines[queue().id]
    weigh(centre.world, line)
    assert line.load == 0


def test_all_conditions_of_load_must_hold() -> None:
    """Enough wait, but somebody of the steps before is free, who cannot have the call: it stays shut."""
    by_load = step("volontari", 600_000, waiting_min=1, idle_max=0, volunteers=True)
    centre = Centre([queue(ladder=(by_load,))], ["anna", VERA])
    centre.enters("c1")
    centre.ends_offer("c1", OfferEnd.NO_ANSWER)
    assert centre.state("c1") is CallState.WAITING
    assert opened(centre) == []


def test_half_an_hour_is_counted_by_the_minute() -> None:
    """What is thirty minutes old no longer counts."""
    recent = Recent()
    for minute in range(60):
        recent.count(minute * 60_000, met=minute % 3 == 0)
    assert (recent.met, recent.missed) == (10, 20)
    recent.forget(1_000 * 60_000)
    assert (recent.met, recent.missed, len(recent.minutes)) == (0, 0, 0)


@pytest.mark.parametrize(
    "first", [date(1970, 1, 1), date(2000, 2, 27), date(2023, 12, 30), date(2100, 2, 27)]
)
def test_days_are_those_of_the_calendar(first: date) -> None:
    """Leap years and turns of a century included."""
    for each in range(first.toordinal(), first.toordinal() + 400):
        day = date.fromordinal(each)
        assert utc_day((each - date(1970, 1, 1).toordinal()) * 86_400_000 + 86_399_999) == day.isoformat()


def test_the_target_of_the_day_says_what_is_at_risk() -> None:
    """Half met is enough until a dated target asks for more."""
    targets = (DatedTarget(from_day="2023-11-14", ratio=0.4), DatedTarget(from_day="2023-11-15", ratio=0.9))
    rule = {"ladder": (step("volontari", 600_000, at_risk=True, volunteers=True),), "targets": targets}
    centre = busy(**rule, wait_ms_max=10**9)
    line = centre.world.matcher.lines[queue().id]
    for day, load in ((0, 0), (1, 1)):
        centre.world.now_ms = START_MS + day * 86_400_000
        assert line.recent is not None
        line.recent.count(centre.world.now_ms, met=True)
        line.recent.count(centre.world.now_ms, met=False)
        weigh(centre.world, line)
        assert line.load == load


# ── whom steps add ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("added", "who"),
    [
        (step("livello", 5_000, levels={SkillId("pensioni"): 2}), agent("ugo", pensioni=2)),
        (step("preferenze", 5_000, drop_preferences=True), agent("ugo", pensioni=9)),
        (step("sedi", 5_000, sites=("bari",)), agent("ugo", "bari", pensioni=9, tedesco=1)),
        (step("volontari", 5_000, volunteers=True), agent("ugo", volunteer=True, pensioni=9, tedesco=1)),
    ],
    ids=["level", "preference", "site", "volunteer"],
)
def test_each_kind_of_widening(added, who) -> None:
    """Before the step nobody, after it the one it adds."""
    rule = queue(
        "pensioni",
        needs=(need("pensioni", 5),),
        prefers=() if added.levels else (need("tedesco"),),
        sites=("roma",),
        ladder=(added,),
    )
    centre = Centre([rule], [agent("anna", pensioni=9, tedesco=9), who])
    centre.pauses("anna")
    centre.enters("c1", "pensioni")
    centre.later(4_999)
    assert centre.offered("c1") is None
    centre.later(1)
    assert centre.offered("c1") == "ugo"


def test_who_holds_an_excluded_skill_is_never_rung() -> None:
    """Not even when everything is open."""
    rule = queue(excludes=(SkillId("corso"),), ladder=(step("tutto", 0, volunteers=True),))
    centre = Centre([rule], [agent("anna", generale=9, corso=1)])
    centre.enters("c1")
    centre.later(600_000)
    assert not centre.rung()
