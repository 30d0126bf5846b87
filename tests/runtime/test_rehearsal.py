"""A rehearsal line by line: what is kept, what is left, and that nothing ends it but its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

import pytest

from acd.core.ids import OfficeId
from acd.core.views import OfficeView
from acd.errors import ActionUnknown, AsteriskUnreachable, Conflict, NotFound, StoreUnavailable
from acd.runtime.rehearsal import RehearsalRunner
from acd.sim.loop import run_virtual
from acd.transition.readiness import LineState
from acd.transition.rehearsing import LineResult, Trial, Tried
from tests.runtime.test_transition_keeper import LoopClock
from tests.transition.plans import office, plan, rules
from tests.web.small_store import SmallStore

OFFICES = [office("roma", "RM", number="061"), office("latina", "LT", number="0773", trunk="altro")]
CALL_S = 12.0


@dataclass
class Bench:
    """Who places the calls: twelve seconds each, with the result the test wants; and the offices."""

    store: SmallStore | None = field(default_factory=SmallStore)
    results: dict[str, Tried | Exception] = field(default_factory=dict)
    in_use: dict[str, int] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    connected: bool = True
    placed: list[Trial] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rules = rules(*OFFICES)
        self.runner = RehearsalRunner(
            rules=lambda: self.rules,
            offices=self.offices,
            limits=lambda: plan().rehearsal,
            triers=lambda: [self] if self.connected else [],
            clock=LoopClock(),
            store=self.store,
        )

    def offices(self) -> list[OfficeView]:
        return [
            OfficeView(
                id=each.id,
                name="",
                province="",
                capacity=1,
                in_use=self.in_use.get(each.id, 0),
                open=each.id not in self.closed,
            )
            for each in self.rules.offices.values()
        ]

    async def try_line(self, trial: Trial) -> Tried:
        self.placed.append(trial)
        await asyncio.sleep(CALL_S)
        result = self.results.get(trial.line.number, Tried(result=LineResult.PRESSED, ring_ms=800))
        if isinstance(result, Exception):
            raise result
        return result

    async def over(self) -> None:
        assert self.runner._task is not None
        await asyncio.wait({self.runner._task})


def living(story: Callable[[Bench], Coroutine[object, object, None]], **fields: object) -> None:
    bench = Bench(**fields)  # type: ignore[arg-type]  # a test
    run_virtual(story(bench))


def test_two_trunks_are_tried_beside_each_other_and_all_is_kept():
    async def story(bench: Bench) -> None:
        bench.results["0773"] = Tried(result=LineResult.ANSWERED, ring_ms=900, detail="no key")
        bench.runner.begin("uid:0")
        await asyncio.sleep(1)
        assert set(bench.runner.state().calling) == {"061", "0773"}
        await bench.over()
        assert asyncio.get_running_loop().time() < 2 * CALL_S
        assert bench.store is not None
        kept = await bench.store.line_checks()
        assert [(each.office, each.result, each.detail) for each in kept] == [
            ("latina", "answered", "no key"),
            ("roma", "pressed", ""),
        ]

    living(story)


def test_who_answers_is_asked_by_the_rules():
    async def story(bench: Bench) -> None:
        bench.runner.begin("uid:0", offices=(OfficeId("roma"),))
        await bench.over()
        (trial,) = bench.placed
        assert (trial.ring_s, trial.asks, trial.key_s) == (30, 2, 6)
        assert trial.sound == "acd/it/rehearsal"

    living(story)


def test_a_line_in_use_is_waited_for():
    async def story(bench: Bench) -> None:
        bench.in_use["roma"] = 1
        bench.runner.begin("uid:0", offices=(OfficeId("roma"),))
        await asyncio.sleep(60)
        assert bench.placed == []
        bench.in_use.clear()
        await bench.over()
        assert len(bench.placed) == 1

    living(story)


def test_a_line_that_never_becomes_free_is_left_as_it_was():
    async def story(bench: Bench) -> None:
        bench.in_use["roma"] = 1
        bench.runner.begin("uid:0")
        await bench.over()
        assert [(each.number, each.why) for each in bench.runner.state().left] == [
            ("061", "no line became free in time")
        ]
        assert bench.store is not None
        assert [each.office for each in await bench.store.line_checks()] == ["latina"]

    living(story)


def test_a_line_the_dialplan_found_full_is_tried_again():
    async def story(bench: Bench) -> None:
        bench.results["061"] = Tried(result=None, ring_ms=0, detail="full")
        bench.runner.begin("uid:0", offices=(OfficeId("roma"),))
        await asyncio.sleep(CALL_S + 2)
        bench.results.clear()
        await bench.over()
        assert len(bench.placed) == 2
        assert [each.result for each in bench.runner.state().tried] == ["pressed"]

    living(story)


def test_a_line_that_is_always_full_ends_too():
    async def story(bench: Bench) -> None:
        bench.results["061"] = Tried(result=None, ring_ms=0, detail="full")
        bench.runner.begin("uid:0", offices=(OfficeId("roma"),))
        await asyncio.wait_for(bench.over(), 2_000)
        assert {trial.line.number for trial in bench.placed} == {"061"}
        assert bench.runner.state().tried == ()
        assert [each.number for each in bench.runner.state().left] == ["061"]

    living(story)


@pytest.mark.parametrize("error", [ActionUnknown("nothing was heard"), AsteriskUnreachable("no link")])
def test_what_asterisk_could_not_do_teaches_nothing_of_the_line(error: Exception):
    async def story(bench: Bench) -> None:
        bench.results["061"] = error
        bench.runner.begin("uid:0")
        await bench.over()
        assert [(each.number, each.why) for each in bench.runner.state().left] == [("061", str(error))]

    living(story)


def test_a_closed_office_is_not_called():
    async def story(bench: Bench) -> None:
        bench.closed = {"roma", "latina"}
        bench.runner.begin("uid:0")
        await bench.over()
        assert bench.placed == []
        assert {each.why for each in bench.runner.state().left} == {"the office is closed"}

    living(story)


def test_stop_hears_the_calls_under_way_to_their_end():
    async def story(bench: Bench) -> None:
        bench.rules = rules(*OFFICES, office("aquila", "AQ", number="0862", trunk="altro"))
        bench.runner.begin("uid:0")
        await asyncio.sleep(1)
        state = await bench.runner.stop()
        assert not state.running
        assert {each.number for each in state.tried} == {"061", "0773"}
        assert [each.why for each in state.left] == ["the rehearsal was stopped"]

    living(story)


def test_what_the_disk_will_not_take_is_told():
    async def story(bench: Bench) -> None:
        assert bench.store is not None
        bench.store.broken = True
        bench.runner.begin("uid:0", offices=(OfficeId("roma"),))
        await bench.over()
        (left,) = bench.runner.state().left
        assert left.why.startswith("pressed, and this could not be kept")

    living(story)


def test_one_at_a_time_and_only_what_is_there():
    async def story(bench: Bench) -> None:
        with pytest.raises(NotFound, match="'nessuno'"):
            bench.runner.begin("uid:0", offices=(OfficeId("nessuno"),))
        ready = LineState(office="roma", name="", province="RM", number="061", ready=True)
        with pytest.raises(Conflict, match="no line to try"):
            bench.runner.begin("uid:0", offices=(OfficeId("roma"),), skip=(ready,))
        bench.connected = False
        with pytest.raises(Conflict, match="No Asterisk"):
            bench.runner.begin("uid:0")
        bench.connected = True
        bench.runner.begin("uid:0")
        with pytest.raises(Conflict, match="runs already"):
            bench.runner.begin("uid:0")
        await bench.over()

    living(story)


def test_without_a_store_none_begins():
    async def story(bench: Bench) -> None:
        with pytest.raises(StoreUnavailable):
            bench.runner.begin("uid:0")

    living(story, store=None)
