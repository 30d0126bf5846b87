"""The transition is kept, survives, moves by hand and by itself, and steps back whatever the disk does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from acd.core.facts import CallEnded, FallbackChanged
from acd.core.ids import CallId, OfficeId, QueueId, SiteId
from acd.core.notes import AgentState, CallFinished, Outcome, Path
from acd.core.policy import Fallback
from acd.core.views import OfficeView, Summary
from acd.errors import Conflict, StoreUnavailable
from acd.fallback.base import Base
from acd.rules.transition import TransitionPlan
from acd.runtime.fallback_keeper import FallbackKeeper
from acd.runtime.recent import RecentCalls
from acd.runtime.transition_keeper import TransitionKeeper
from acd.sim.loop import run_virtual
from acd.store.records import LineCheck, TransitionRecord
from acd.transition.moves import Move
from tests.metrics.samples import summary
from tests.transition.plans import BARI, NOW_MS, ROMA, office, plan, rules
from tests.web.small_store import SmallStore

EFFECT_S_MAX = 2.0
WHY = "come deciso stamattina"
ROME = office("roma", "RM", number="061")


class LoopClock:
    """The loop's own time, from a moment on."""

    def now_ms(self) -> int:
        return NOW_MS + round(asyncio.get_running_loop().time() * 1000)


@dataclass
class Place:
    """A keeper, the fallback's keeper behind it, and what the engine was told when."""

    plan: TransitionPlan = field(default_factory=plan)
    store: SmallStore = field(default_factory=SmallStore)
    told: list[tuple[float, Fallback]] = field(default_factory=list)
    agents: dict[SiteId, int] = field(default_factory=lambda: {ROMA: 50, BARI: 50})
    breaker: str = "closed"

    def begin(self, records: Sequence[TransitionRecord] = ()) -> TransitionKeeper:
        clock, ours = LoopClock(), rules(ROME)
        self.recent = RecentCalls(clock)
        self.keeper = TransitionKeeper(
            self.plan,
            records,
            rules=lambda: ours,
            offices=self.offices,
            summary=self.summary,
            recent=self.recent,
            clock=clock,
            store=self.store,
            revision=lambda: 7,
        )
        self.fallback = FallbackKeeper(
            Base(),
            (),
            rules=lambda: ours,
            offices=lambda: (),
            clock=clock,
            store=self.store,
            submit=self.submit,
        )
        self.fallback.follow(self.keeper)
        return self.keeper

    async def submit(self, fact: object) -> None:
        assert isinstance(fact, FallbackChanged)
        self.told.append((asyncio.get_running_loop().time(), fact.fallback))

    def offices(self) -> tuple[OfficeView, ...]:
        return (
            OfficeView(
                id=OfficeId("roma"), name="", province="RM", capacity=1, in_use=0, breaker=self.breaker
            ),
        )

    def summary(self) -> Summary:
        counts = {site: {AgentState.READY: n, AgentState.LOGGED_OUT: 9} for site, n in self.agents.items()}
        return summary(**counts)

    def calls(self, count: int, *, answered: bool = True, wait_ms: int = 5_000) -> None:
        """So many calls ended now."""
        outcome = Outcome.ANSWERED if answered else Outcome.ABANDONED
        note = CallFinished(
            call=CallId("1"),
            queue=QueueId("generale"),
            outcome=outcome,
            path=Path.PRIMARY,
            wait_ms=wait_ms,
        )
        self.recent.observe(CallEnded(call=CallId("1")), (), [note] * count, 0.0)

    async def ready(self) -> None:
        """The office's line was tried a moment ago."""
        await self.store.put_line_checks(
            [LineCheck(office="roma", number="061", at_ms=NOW_MS, result="pressed", ring_ms=1)]
        )

    async def move(self, move: Move, **more: Any) -> TransitionRecord:
        return await self.keeper.move(move, author="uid:0", reason=WHY, **more)


def living(story: Callable[[Place], Coroutine[object, object, None]], **fields: Any) -> Place:
    """Play a story beside both running keepers, in virtual time."""
    place = Place(**fields)

    async def main() -> None:
        place.begin()
        await place.ready()
        running = [asyncio.create_task(each.run()) for each in (place.fallback, place.keeper)]
        await asyncio.sleep(0.3)
        try:
            await story(place)
        finally:
            for task in running:
                task.cancel()

    run_virtual(main())
    return place


def test_each_step_is_kept_with_who_and_why_and_reaches_the_engine():
    async def story(place: Place) -> None:
        for move in (Move.START, Move.NEXT, Move.NEXT):
            await place.move(move)
            await asyncio.sleep(0.1)
        assert [fallback.shares.get(ROMA) for _, fallback in place.told] == [0, 10, 25]
        assert all(fallback.on for _, fallback in place.told)
        newest = (await place.store.transitions())[0]
        assert (newest.phase, newest.step, newest.author, newest.reason, newest.revision) == (
            "rientro", 1, "uid:0", WHY, 7,
        )  # fmt: skip

    living(story)


def test_back_reaches_the_engine_at_once():
    async def story(place: Place) -> None:
        for move in (Move.START, Move.NEXT, Move.NEXT):
            await place.move(move)
        await asyncio.sleep(1)
        asked = asyncio.get_running_loop().time()
        await place.move(Move.BACK)
        await asyncio.sleep(EFFECT_S_MAX)
        at, fallback = place.told[-1]
        assert fallback.shares[ROMA] == 10
        assert at - asked < 0.01

    living(story)


def test_back_does_not_wait_for_the_disk():
    """It is in force; the problem is told; forward is refused; and the disk gets it when it can."""

    async def story(place: Place) -> None:
        for move in (Move.START, Move.NEXT, Move.NEXT):
            await place.move(move)
        place.store.broken = True
        await place.move(Move.BACK)
        await asyncio.sleep(0.1)
        assert place.told[-1][1].shares[ROMA] == 10
        assert "not on the disk" in place.keeper.problem
        with pytest.raises(StoreUnavailable):
            await place.move(Move.NEXT)
        assert place.keeper.standing().step == 0
        place.store.broken = False
        await asyncio.sleep(EFFECT_S_MAX + 0.5)
        assert place.keeper.problem == ""
        assert [record.action for record in await place.store.transitions()] == [
            "back", "next", "next", "start",
        ]  # fmt: skip
        await place.move(Move.NEXT)
        assert place.keeper.standing().number == 5

    living(story)


def test_forward_is_refused_while_the_disk_is_gone_and_nothing_changes():
    async def story(place: Place) -> None:
        await place.move(Move.START)
        place.store.broken = True
        with pytest.raises(StoreUnavailable):
            await place.move(Move.NEXT)
        assert (place.keeper.standing().phase, place.keeper.standing().number) == ("uffici", 1)

    living(story)


def test_a_new_process_stands_where_the_old_one_stood():
    async def story(place: Place) -> None:
        for move in (Move.START, Move.NEXT):
            await place.move(move)
        before = place.keeper.standing()
        keeper = place.begin(await place.store.transitions())
        assert keeper.standing() == before
        assert place.fallback.first().fallback.shares == {ROMA: 10, BARI: 0}

    living(story)


def test_a_start_is_refused_while_the_lines_are_not_ready_unless_forced():
    async def story(place: Place) -> None:
        await place.store.put_line_checks(
            [LineCheck(office="roma", number="061", at_ms=NOW_MS, result="busy", ring_ms=0)]
        )
        with pytest.raises(Conflict, match="0 of 1 lines are ready"):
            await place.move(Move.START)
        assert await place.store.transitions() == ()
        assert (await place.move(Move.START, force=True)).phase == "uffici"

    living(story)


def test_who_has_seen_another_step_is_refused():
    async def story(place: Place) -> None:
        await place.move(Move.START)
        with pytest.raises(Conflict, match="moved meanwhile"):
            await place.move(Move.NEXT, expected=0)
        await place.move(Move.NEXT, expected=1)

    living(story)


def test_it_goes_on_by_itself_and_says_why():
    """Ten minutes in the step, enough calls, all well: the next one, kept as automatic and audited."""

    async def story(place: Place) -> None:
        await place.move(Move.START)
        await place.move(Move.NEXT)
        for _ in range(60):
            await asyncio.sleep(10)
            place.calls(5)
        await asyncio.sleep(5)
        newest = (await place.store.transitions())[0]
        assert (newest.step, newest.automatic, newest.author) == (1, True, "system")
        assert "avanzare" in newest.reason
        told = [(each.who, each.action, each.target) for each in place.store.entries]
        assert ("system", "transition.next", "rientro step 1") in told

    living(story)


def test_it_steps_back_by_itself_within_seconds():
    async def story(place: Place) -> None:
        for move in (Move.START, Move.NEXT, Move.NEXT):
            await place.move(move)
        await asyncio.sleep(61)
        place.calls(50, answered=False)
        bad = asyncio.get_running_loop().time()
        await asyncio.sleep(EFFECT_S_MAX + 0.1)
        at, fallback = place.told[-1]
        assert fallback.shares[ROMA] == 10
        assert at - bad <= EFFECT_S_MAX

    living(story)


def test_it_does_not_step_back_into_offices_that_do_not_answer():
    async def story(place: Place) -> None:
        for move in (Move.START, Move.NEXT, Move.NEXT):
            await place.move(move)
        place.breaker = "open"
        await asyncio.sleep(61)
        place.calls(50, answered=False)
        await asyncio.sleep(60)
        assert place.keeper.standing().step == 1
        assert place.keeper.decision.row == "no_offices"

    living(story)


def test_nothing_is_done_by_itself_where_a_person_decides():
    async def story(place: Place) -> None:
        await place.move(Move.START)
        place.calls(500, answered=False)
        await asyncio.sleep(3_600)
        assert place.keeper.standing().number == 1
        assert place.keeper.decision.row == "by_hand"

    living(story)


def test_rules_that_lose_the_phase_do_not_move_it():
    """The shares stay as they were; the problem is told; the new plan comes with the finish."""

    async def story(place: Place) -> None:
        for move in (Move.START, Move.NEXT, Move.NEXT):
            await place.move(move)
        other = plan(phases=({"phase": "altro", "name": "Altro", "others": (5,)},))
        place.keeper.take_plan(other)
        await asyncio.sleep(1)
        assert place.told[-1][1].shares == {ROMA: 25, BARI: 25}
        assert "lost the phase 'rientro'" in place.keeper.problem
        await place.move(Move.FINISH)
        assert place.keeper.problem == ""
        assert place.keeper.plan is other
        await asyncio.sleep(0.1)
        assert not place.told[-1][1].on

    living(story)


def test_new_shares_of_the_same_phase_hold_at_once():
    async def story(place: Place) -> None:
        await place.move(Move.START)
        place.keeper.take_plan(plan(phases=({"phase": "uffici", "name": "U", "others": (5,)},)))
        await asyncio.sleep(0.1)
        assert place.told[-1][1].shares == {ROMA: 5, BARI: 5}

    living(story)


def test_calls_are_forgotten_behind_the_window():
    async def story(place: Place) -> None:
        place.calls(20)
        place.calls(5, answered=False, wait_ms=105_000)
        (seen,) = place.recent.of(600_000)
        assert (seen.ended, seen.answered, seen.wait_ms) == (25, 20, 25_000)
        await asyncio.sleep(620)
        assert place.recent.of(600_000) == ()

    living(story)
