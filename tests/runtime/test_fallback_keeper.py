"""The engine is told of the fallback in time, once for each difference, whatever the cause."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field

import msgspec
import pytest

from acd.core.facts import Fact, FallbackChanged
from acd.core.ids import SiteId
from acd.core.policy import Fallback, RuleSet
from acd.errors import Conflict, NotFound, StoreUnavailable
from acd.fallback.base import Base
from acd.fallback.wishes import Wish
from acd.runtime.fallback_keeper import FallbackKeeper
from acd.sim.loop import run_virtual
from acd.store.records import Override
from acd.transition import Standing
from tests.fallback.made import NOW, OFF, ON, base, override
from tests.metrics.samples import rules
from tests.web.small_store import SmallStore

SECOND, HOUR = 1_000, 3_600_000
EFFECT_S_MAX = 2.0
"""What the issue asks for, from any cause to the engine."""
FILE = "sites:\n  bari: {mode: forced_on, reason: 'sede allagata ieri'}\n"


class LoopClock:
    """The wall clock of the tests: the loop's own, from NOW on, and as far ahead as somebody sets it."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return NOW + self.ahead_ms + round(asyncio.get_running_loop().time() * 1000)


class Stepping:
    """A transition that a test moves."""

    def __init__(self) -> None:
        self.is_on = False
        self.listeners: list[Callable[[], None]] = []

    @property
    def revision(self) -> str:
        return str(self.is_on)

    def on(self) -> bool:
        return self.is_on

    def shares(self) -> Mapping[SiteId, int]:
        return {SiteId("roma"): 25} if self.is_on else {}

    def standing(self) -> Standing:
        return Standing(phase="mattina", step=1) if self.is_on else Standing()

    def listen(self, changed: Callable[[], None]) -> None:
        self.listeners.append(changed)


@dataclass
class Place:
    """A keeper, the engine it tells, and what was told when."""

    clock: LoopClock = field(default_factory=LoopClock)
    store: SmallStore | None = field(default_factory=SmallStore)
    told: list[tuple[float, Fallback]] = field(default_factory=list)
    rules: RuleSet = field(default_factory=rules)
    keeper: FallbackKeeper = field(init=False)

    def begin(self, *overrides: Override, file: Base | None = None) -> Place:
        self.keeper = FallbackKeeper(
            file or Base(),
            overrides,
            rules=lambda: self.rules,
            offices=lambda: (),
            clock=self.clock,
            store=self.store,
            submit=self.submit,
        )
        return self

    async def submit(self, fact: Fact) -> None:
        assert isinstance(fact, FallbackChanged)
        self.told.append((asyncio.get_running_loop().time(), fact.fallback))


def living(story: Callable[[Place], Coroutine[object, object, None]], *overrides: Override) -> Place:
    """Play a story beside the running keeper, in virtual time."""
    place = Place()

    async def main() -> None:
        place.begin(*overrides)
        running = asyncio.create_task(place.keeper.run())
        await asyncio.sleep(0.5)
        try:
            await story(place)
        finally:
            running.cancel()

    run_virtual(main())
    return place


def wish(**changes: object) -> Wish:
    fields: dict[str, object] = {
        "scope": "national",
        "mode": ON,
        "reason": "spegnimento nazionale",
        "until_ms": NOW + HOUR,
    }
    return Wish(**{**fields, **changes})  # type: ignore[arg-type]  # a test


def test_an_override_is_in_force_when_put_returns():
    """No time passes between the wish and the engine."""

    async def story(place: Place) -> None:
        placed = await place.keeper.put(wish(), "token:rossi")
        assert (placed.override.id, placed.override.author, placed.over) == (1, "token:rossi", ())
        assert place.told[-1] == (0.5, place.keeper.effective().fallback)
        assert place.told[-1][1].on

    living(story)


def test_an_override_ends_by_itself_on_time():
    """At its moment, not at the next look; the end of another second is no later than the next look."""

    async def story(place: Place) -> None:
        await asyncio.sleep(10)

    place = living(story, override(1, "national", ON, until_ms=NOW + 4_250))
    assert [(at, told.on) for at, told in place.told] == [(pytest.approx(4.25, abs=0.002), False)]


def test_an_override_begins_on_time():
    """One that was made for later."""

    async def story(place: Place) -> None:
        await place.keeper.put(wish(from_ms=NOW + 3_300), "token:rossi")
        assert not place.told
        await asyncio.sleep(5)

    place = living(story)
    assert [(at, told.on) for at, told in place.told] == [(pytest.approx(3.3, abs=0.002), True)]


def test_a_clock_that_is_set_makes_nothing_late_for_long():
    """The wall clock jumps an hour ahead: what is over then has its effect within the promise."""

    async def story(place: Place) -> None:
        await asyncio.sleep(0.3)
        place.clock.ahead_ms = HOUR
        await asyncio.sleep(EFFECT_S_MAX)

    place = living(story, override(1, "national", ON))
    ((at, told),) = place.told
    assert not told.on
    assert at - 0.8 <= EFFECT_S_MAX


def test_what_ended_while_nobody_was_there_has_ended():
    """The first thing the engine is told is of the moment of the start."""

    async def main() -> None:
        over = override(1, "national", ON, until_ms=NOW - 1)
        live = override(2, "site:bari", ON)
        place = Place().begin(over, live)
        first = place.keeper.first().fallback
        assert (first.on, first.shares) == (True, {"bari": 0})
        assert [one.id for one in place.keeper.overrides()] == [2]
        assert place.store.entries[-1].detail.startswith("national on: override 2 (forced_on); site:bari on")

    run_virtual(main())


def test_the_file_has_its_effect_when_it_is_taken():
    """And only when it comes to something else."""

    async def story(place: Place) -> None:
        await place.keeper.take_base(base(FILE))
        assert place.told[-1][1].shares == {"bari": 0}
        await place.keeper.take_base(base(FILE + "policy: {hours_max: 2}\n"))
        assert len(place.told) == 1
        with pytest.raises(Conflict, match="at most 2 hours"):
            await place.keeper.put(wish(until_ms=NOW + 3 * HOUR), "token:rossi")
        await place.keeper.take_base(Base())
        assert not place.told[-1][1].on

    living(story)


def test_a_step_of_the_transition_has_its_effect_at_once_or_at_the_next_look():
    """Told or not told, within the promise."""

    async def story(place: Place) -> None:
        transition = Stepping()
        place.keeper.follow(transition)
        transition.is_on = True
        transition.listeners[0]()
        await asyncio.sleep(0.01)
        at, fallback = place.told[-1]
        assert (at, fallback.on, fallback.shares) == (pytest.approx(0.5, abs=0.01), True, {"roma": 25})
        transition.is_on = False
        await asyncio.sleep(EFFECT_S_MAX)
        assert not place.told[-1][1].on
        assert place.told[-1][0] - at <= EFFECT_S_MAX

    living(story)


def test_a_site_that_the_rules_lose_is_no_longer_switched():
    """Within the promise, and its override does no harm."""

    async def story(place: Place) -> None:
        left = {name: site for name, site in place.rules.sites.items() if name != "bari"}
        place.rules = msgspec.structs.replace(place.rules, sites=left)
        await asyncio.sleep(EFFECT_S_MAX)
        assert not place.told[-1][1].on

    living(story, override(1, "site:bari", ON))


def test_the_same_for_the_engine_is_not_told_again():
    """Two ways to one thing: another override, the same mode."""

    async def story(place: Place) -> None:
        await place.keeper.put(wish(), "token:rossi")
        placed = await place.keeper.put(wish(), "token:bianchi")
        assert [one.id for one in placed.over] == [1]
        await place.keeper.end(2, "token:bianchi")
        await asyncio.sleep(5)
        assert len(place.told) == 1

    living(story)


def test_ended_or_made_longer_what_was_under_it_holds():
    """The end of the newer one brings the older one back; a longer one leaves all as it is."""

    async def story(place: Place) -> None:
        await place.keeper.put(wish(), "token:rossi")
        await place.keeper.put(wish(mode=OFF), "token:bianchi")
        assert [told.on for _, told in place.told] == [True, False]
        await place.keeper.end(2, "token:bianchi")
        assert place.told[-1][1].on
        placed = await place.keeper.extend(1, NOW + 2 * HOUR, "ci vuole ancora", "", "token:rossi")
        assert (placed.override.id, placed.over) == (3, ())
        assert [one.id for one in place.keeper.overrides()] == [3]
        assert len(place.told) == 3
        with pytest.raises(NotFound, match="no override 1 that is not over"):
            await place.keeper.end(1, "token:rossi")

    living(story)


def test_every_difference_is_in_the_audit_whoever_caused_it():
    """What it is now and whose word that is: a person's, the clock's, the file's."""

    async def story(place: Place) -> None:
        await place.keeper.put(wish(until_ms=NOW + 5 * SECOND), "token:rossi")
        await asyncio.sleep(6)
        await place.keeper.take_base(base(FILE))

    place = living(story)
    assert [(one.who, one.action, one.result) for one in place.store.entries] == [
        ("system", "fallback.change", "done")
    ] * 3
    details = [one.detail for one in place.store.entries]
    assert details[0].startswith("national on: override 1 (forced_on); site:roma on: override 1")
    assert details[1].startswith("national off: auto (transition)")
    assert details[2] == (
        "national on: fallback.yaml line 2 (forced_on); site:bari on: fallback.yaml line 2 (forced_on)"
    )


def test_a_disk_that_will_not_changes_nothing():
    """Nothing is in force that a restart would forget."""

    async def story(place: Place) -> None:
        place.store.broken = True
        with pytest.raises(StoreUnavailable):
            await place.keeper.put(wish(), "token:rossi")
        assert (place.told, place.keeper.overrides()) == ([], ())

    living(story)


def test_what_a_slow_disk_took_after_all_is_found():
    """We said no, the disk did it: the store is read again, and what it has is in force."""

    class Slow(SmallStore):
        async def add_override(self, override: Override) -> Override:
            await super().add_override(override)
            raise StoreUnavailable("the disk is slow; it may still be done.")

    place = Place(store=Slow())

    async def main() -> None:
        place.begin()
        running = asyncio.create_task(place.keeper.run())
        with pytest.raises(StoreUnavailable):
            await place.keeper.put(wish(), "token:rossi")
        assert not place.told
        await asyncio.sleep(EFFECT_S_MAX)
        assert place.told[-1][1].on
        running.cancel()

    run_virtual(main())


def test_a_trial_without_a_store_has_its_overrides_in_memory():
    """With numbers of their own."""

    async def main() -> None:
        place = Place(store=None).begin()
        await place.keeper.put(wish(), "token:rossi")
        await place.keeper.put(wish(mode=OFF), "token:rossi")
        await place.keeper.end(2, "token:rossi")
        assert [told.on for _, told in place.told] == [True, False, True]
        assert [one.id for one in place.keeper.overrides()] == [1]

    run_virtual(main())
