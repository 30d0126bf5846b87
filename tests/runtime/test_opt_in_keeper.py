"""The engine is told of each opt-in in time; a withdrawal takes effect whatever the disk says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

import msgspec
import pytest

from acd.core.facts import Fact, OptInTold
from acd.core.ids import AgentId, OfficeId, SiteId
from acd.core.policy import Agent, Office, Roster, RuleSet
from acd.errors import Conflict, NotFound, StoreUnavailable
from acd.rules.volunteering import Volunteering
from acd.runtime.opt_in_keeper import Offered, OptInKeeper
from acd.sim.loop import run_virtual
from acd.store.records import Slot, SlotKind, SlotPlace
from acd.volunteering.rome import moment_ms
from tests.metrics.samples import rules
from tests.web.small_store import SmallStore

NOW = moment_ms("2026-11-24T09:00")
MIN_MS, HOUR_MS = 60_000, 3_600_000
VERA, UGO, ANNA = AgentId("vera"), AgentId("ugo"), AgentId("anna")
ROME = Office(id=OfficeId("roma"), name="Roma", province="RM", number="0612345", trunk="trunk", capacity=2)


def person(name: AgentId, *, volunteer: bool = True) -> Agent:
    return Agent(id=name, site=SiteId("roma"), endpoint=name, skills={}, volunteer=volunteer)


ROSTER = Roster(agents={VERA: person(VERA), UGO: person(UGO), ANNA: person(ANNA, volunteer=False)})


class LoopClock:
    """The wall clock of the tests: the loop's own, from NOW on."""

    def now_ms(self) -> int:
        return NOW + round(asyncio.get_running_loop().time() * 1000)


@dataclass
class Place:
    """A keeper, the engine it tells, and what was told when, in seconds."""

    store: SmallStore | None = field(default_factory=SmallStore)
    told: list[tuple[float, str, int]] = field(default_factory=list)
    clock: LoopClock = field(default_factory=LoopClock)
    keeper: OptInKeeper = field(init=False)

    def begin(self, *slots: Slot) -> Place:
        self.keeper = OptInKeeper(
            Volunteering(),
            slots,
            in_force=self.in_force,
            roster=lambda: ROSTER,
            clock=self.clock,
            store=self.store,
            submit=self.submit,
        )
        return self

    def in_force(self) -> RuleSet:
        return msgspec.structs.replace(rules(), offices={ROME.id: ROME})

    async def submit(self, fact: Fact) -> None:
        assert isinstance(fact, OptInTold)
        until = (fact.until_ms - NOW) // MIN_MS if fact.until_ms else 0
        self.told.append((asyncio.get_running_loop().time(), fact.agent, until))


def living(story: Callable[[Place], Coroutine[object, object, None]], *slots: Slot) -> Place:
    place = Place()
    if place.store is not None:
        place.store.kept_slots = list(slots)

    async def main() -> None:
        place.begin(*slots)
        place.keeper.first()
        running = asyncio.create_task(place.keeper.run())
        try:
            await story(place)
        finally:
            running.cancel()

    run_virtual(main())
    return place


def offer(begin_min: int = 0, until_min: int = 60, **more: object) -> Offered:
    given: dict[str, object] = {"office": "roma", "kind": SlotKind.ORDINARY, "place": SlotPlace.OFFICE}
    times = {"from_ms": NOW + begin_min * MIN_MS, "until_ms": NOW + until_min * MIN_MS}
    return Offered(**{**given, **times, **more})  # type: ignore[arg-type]  # a test


def kept(number: int, agent: AgentId, begin_min: int, until_min: int) -> Slot:
    offered = offer(begin_min, until_min)
    return Slot(id=number, agent=agent, accepted_ms=0, **msgspec.structs.asdict(offered))


def test_the_first_words_are_of_who_is_opted_in_now():
    """Touching slots are one time; what lies ahead is told when it begins, within a second."""
    place = Place()
    slots = (kept(1, VERA, -30, 60), kept(2, VERA, 60, 90), kept(3, UGO, 10, 40))

    async def main() -> None:
        place.begin(*slots)
        assert place.keeper.first() == (OptInTold(agent=VERA, until_ms=NOW + 90 * MIN_MS),)
        running = asyncio.create_task(place.keeper.run())
        await asyncio.sleep(45 * 60)
        running.cancel()

    run_virtual(main())
    assert place.told == [(pytest.approx(600, abs=1.01), "ugo", 40)]


def test_a_slot_that_begins_now_is_in_force_when_accept_returns():
    async def story(place: Place) -> None:
        accepted = await place.keeper.accept(VERA, offer(), "it")
        assert (accepted.slot.id, accepted.flags) == (1, ())
        assert place.told == [(0.0, "vera", 60)]
        assert [slot.id for slot in await place.keeper.own(VERA, 0, None)] == [1]
        assert await place.keeper.own(UGO, 0, None) == ()

    living(story)


def test_what_is_refused_is_not_kept():
    """With the sentences of all that stands against it, in the language asked for."""

    async def story(place: Place) -> None:
        wrong = offer(13 * 60, 16 * 60, kind=SlotKind.OVERTIME, place=SlotPlace.HOME)
        flags = await place.keeper.check(VERA, wrong)
        assert [flag.rule for flag in flags] == ["home_overtime", "night"]
        with pytest.raises(Conflict, match="Il turno tocca le ore"):
            await place.keeper.accept(VERA, wrong, "it")
        with pytest.raises(Conflict, match="no office 'nowhere'"):
            await place.keeper.accept(VERA, offer(office="nowhere"), "en")
        assert place.store is not None
        assert not place.store.kept_slots
        assert not place.told

    living(story)


def test_slots_are_for_volunteers():
    async def story(place: Place) -> None:
        with pytest.raises(Conflict, match="for volunteers"):
            await place.keeper.accept(ANNA, offer(), "it")

    living(story)


def test_a_withdrawal_is_told_at_once_and_twice_is_once():
    async def story(place: Place) -> None:
        await asyncio.sleep(600)
        first = await place.keeper.withdraw(VERA, 1)
        assert place.told == [(600.0, "vera", 0)]
        await asyncio.sleep(60)
        assert await place.keeper.withdraw(VERA, 1) == first
        with pytest.raises(NotFound):
            await place.keeper.withdraw(UGO, 1)

    living(story, kept(1, VERA, -30, 60))


def test_a_withdrawal_takes_effect_whatever_the_disk_says():
    """The engine knows at once; the disk is told as soon as it takes it, with the moment it was said."""

    async def story(place: Place) -> None:
        assert place.store is not None
        await asyncio.sleep(600)
        place.store.broken = True
        with pytest.raises(StoreUnavailable):
            await place.keeper.withdraw(VERA, 1)
        assert place.told == [(600.0, "vera", 0)]
        await asyncio.sleep(30)
        place.store.broken = False
        await asyncio.sleep(3)
        assert place.store.kept_slots[0].withdrawn_ms == NOW + 10 * MIN_MS
        assert len(place.told) == 1

    living(story, kept(1, VERA, -30, 60))


def test_an_acceptance_that_the_disk_does_not_take_is_none():
    async def story(place: Place) -> None:
        assert place.store is not None
        place.store.broken = True
        with pytest.raises(StoreUnavailable):
            await place.keeper.accept(VERA, offer(), "it")
        assert not place.told

    living(story)


def test_one_of_two_slots_withdrawn_leaves_the_other():
    async def story(place: Place) -> None:
        await place.keeper.withdraw(VERA, 2)
        assert place.told == [(0.0, "vera", 30)]

    living(story, kept(1, VERA, -30, 30), kept(2, VERA, 30, 60))


def test_what_is_over_is_confirmed_and_no_more_withdrawn():
    async def story(place: Place) -> None:
        with pytest.raises(Conflict, match="not over"):
            await place.keeper.confirm(VERA, 1)
        await asyncio.sleep(3_600)
        with pytest.raises(Conflict, match="is over"):
            await place.keeper.withdraw(VERA, 1)
        confirmed = await place.keeper.confirm(VERA, 1)
        assert confirmed.confirmed_ms == NOW + HOUR_MS
        with pytest.raises(NotFound):
            await place.keeper.confirm(UGO, 1)

    living(story, kept(1, VERA, -30, 60))


def test_sums_are_of_months_that_are_over():
    async def story(place: Place) -> None:
        with pytest.raises(Conflict, match="is not over"):
            await place.keeper.lent("2026-11", 10)
        assert (await place.keeper.lent("2026-10", 10)).offices == ()

    living(story)


def test_without_a_store_nobody_opts_in():
    place = Place(store=None)

    async def main() -> None:
        place.begin()
        with pytest.raises(StoreUnavailable, match="without a store"):
            await place.keeper.accept(VERA, offer(), "it")

    run_virtual(main())
