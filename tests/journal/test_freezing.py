"""A world that was frozen and restored goes on exactly as the one it was taken from."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum
from functools import partial
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import acd.core
from acd.core import freezing
from acd.core.engine import Engine
from acd.core.facts import Fact, NodeResynced, RosterChanged
from acd.core.freezing import ENUMS, RECORDS, STEPS, STRUCTS, Frozen, freeze, slots_of, thaw
from acd.core.ids import AgentId
from acd.core.policy import Step
from acd.core.world import World
from acd.errors import JournalError
from tests.core.builders import NODE, START_MS, Centre, agent, queue, seen
from tests.core.stage import a_centre, history

ENCODE = msgspec.msgpack.Encoder().encode
DECODE = msgspec.msgpack.Decoder(Frozen).decode


def restored(world: World) -> World:
    """The world again, through the bytes of its picture."""
    return thaw(DECODE(ENCODE(freeze(world))))


def go_on(engine: Engine, told: list[tuple[Fact, int]]) -> Iterator[bytes]:
    """All that is said from here on."""
    for fact, now_ms in told:
        yield ENCODE(engine.handle(fact, now_ms))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 400), more=st.integers(1, 300))
def test_a_restored_world_goes_on_to_the_letter(seed: int, count: int, more: int) -> None:
    """Wherever a history is cut, whatever is half done, orders and notes are the same bytes after it."""
    told, _ = history(seed, count + more)
    engine = a_centre()
    list(go_on(engine, told[:-more]))
    other = Engine.going_on(restored(engine.world))
    assert list(go_on(other, told[-more:])) == list(go_on(engine, told[-more:]))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 300))
def test_a_restored_world_is_the_same_picture(seed: int, count: int) -> None:
    """Freezing loses nothing that it could find again: the second picture is the first."""
    told, _ = history(seed, count)
    engine = a_centre()
    list(go_on(engine, told))
    first = freeze(engine.world)
    assert ENCODE(freeze(thaw(DECODE(ENCODE(first))))) == ENCODE(first)


def test_half_done_bulk_work_goes_on() -> None:
    """A world frozen between two slices of a resync and of a new roster does the rest like the first."""
    people = [agent(f"a{number}") for number in range(600)]
    centre = Centre(agents=people, logged_in=False)
    calls = tuple(seen(f"x-1.{number}", entered_ms=START_MS - number) for number in range(900))
    told: list[tuple[Fact, int]] = [
        (NodeResynced(node=NODE, calls=calls), START_MS),
        (RosterChanged(upserts=people[:300], removed=(AgentId("a599"),)), START_MS + 1),
    ]
    list(go_on(centre.engine, told))
    assert centre.world.work, "the bulk is done already, so the test proves nothing"
    assert centre.world.recovering
    other = Engine.going_on(restored(centre.world))
    for engine in (centre.engine, other):
        while engine.next_deadline() is not None and engine.world.work:
            list(go_on(engine, [(freezing.facts.DeadlineReached(), START_MS + 2)]))
    assert ENCODE(freeze(other.world)) == ENCODE(freeze(centre.world))


def test_what_was_shared_is_shared_again() -> None:
    """A call, its offer and its agent know each other, not copies; a queue is the rule set's own."""
    centre = Centre(agents=["anna"])
    centre.enters("c-1.1")
    centre.talks("c-1.1")
    world = restored(centre.world)
    (call,) = world.calls.values()
    record = world.agents[AgentId("anna")]
    assert call.offer is record.offer is world.offers[record.offer.attempt]
    assert call.queue is world.rules.queues[call.queue.id] is world.matcher.lines[call.queue.id].queue
    assert world.owners["phone-anna"] is world.by_endpoint["phone-anna"] is record


# ── nothing is forgotten ─────────────────────────────────────────────────────────────────────


def core_classes() -> Iterator[type]:
    """Every class of the core."""
    for info in pkgutil.iter_modules(acd.core.__path__):
        module = importlib.import_module(f"acd.core.{info.name}")
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                yield kind


def test_every_record_of_the_core_can_be_frozen() -> None:
    """A class with slots in the core is a record of the world, or it is one of the few that are none."""
    no_records = {"Engine", "_Freezer", "_Thawer"}
    slotted = {
        kind.__name__: kind
        for kind in core_classes()
        if slots_of(kind) and not issubclass(kind, msgspec.Struct | Enum)
    }
    assert {name: kind for name, kind in slotted.items() if name not in no_records} == dict(RECORDS)


def test_no_record_has_a_place_that_is_not_frozen() -> None:
    """A record without ``__slots__`` would keep what freezing does not see."""
    for kind in RECORDS.values():
        assert all("__slots__" in vars(each) for each in kind.__mro__[:-1]), kind


def test_every_slot_is_in_the_picture() -> None:
    """What is frozen of each kind of record are all its slots, new ones too."""
    engine = a_centre()
    told, _ = history(7, 600)
    shown: set[str] = set()
    for start in range(0, len(told), 40):
        list(go_on(engine, told[start : start + 40]))
        frozen = freeze(engine.world)
        shown |= set(frozen.layout)
        for name, slots in frozen.layout.items():
            assert slots == slots_of(RECORDS[name])
        for name, written in frozen.records:
            assert len(written) == len(slots_of(RECORDS[name]))
    at_risk = queue(ladder=(Step(id="wide", after_ms=60_000, at_risk=True, idle_max=0),))
    shown |= set(freeze(Centre([at_risk], ["anna"]).world).layout)
    assert shown == set(RECORDS), "these worlds show every kind of record"


def test_every_step_of_bulk_work_is_known() -> None:
    """What stands in ``World.work`` is one of ``STEPS``; the sources are searched for others."""
    put = {
        f"{file.stem}.{name}"
        for file in Path(acd.core.__path__[0]).glob("*.py")
        for name in re.findall(r"work\.append\(\s*partial\((\w+)", file.read_text())
    }
    resolved = set()
    for each in put:
        module, _, name = each.partition(".")
        step = getattr(importlib.import_module(f"acd.core.{module}"), name)
        resolved.add(f"{step.__module__.rpartition('.')[2]}.{step.__name__}")
    assert resolved == set(STEPS)


def test_no_two_kinds_have_one_name() -> None:
    """A name in a picture means one class."""
    names = [*ENUMS, *STRUCTS, *RECORDS]
    assert len(names) == len(set(names))


# ── refused ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "odd",
    [{"a"}, object(), lambda: None, partial(print), b"raw"],
    ids=["set", "object", "lambda", "step", "bytes"],
)
def test_what_no_table_knows_is_refused(odd: object) -> None:
    """A new kind of content is a failure of the tests, not a hole in the picture."""
    world = a_centre().world
    world.devices["phone"] = odd  # type: ignore[assignment]
    with pytest.raises(JournalError, match="does not know"):
        freeze(world)


def test_a_picture_of_another_version_is_refused() -> None:
    """The sentence names the record whose slots differ."""
    frozen = freeze(a_centre().world)
    other = msgspec.structs.replace(frozen, layout={**frozen.layout, "Profile": ("idle",)})
    with pytest.raises(JournalError, match=r"another version.*Profile"):
        thaw(other)


@pytest.mark.parametrize("damage", ["kind", "number", "letter"])
def test_a_damaged_picture_is_refused(damage: str) -> None:
    """Whatever stands in it, the error is ours."""
    frozen = DECODE(ENCODE(freeze(a_centre().world)))
    kind, written = frozen.records[0]
    match damage:
        case "kind":
            bad = ("Nobody", written)
        case "number":
            bad = (kind, [["r", 10_000], *written[1:]])
        case _:
            bad = (kind, [["z"], *written[1:]])
    with pytest.raises(JournalError, match="cannot be restored"):
        thaw(msgspec.structs.replace(frozen, records=(bad, *frozen.records[1:])))


def test_the_module_names_its_own_classes() -> None:
    """The tables hold classes of the core and nothing else."""
    for table in (ENUMS, STRUCTS, RECORDS):
        for kind in table.values():
            assert inspect.getmodule(kind).__name__.startswith("acd.core.")
