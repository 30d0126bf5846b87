"""A picture of a whole world that another process can go on from: ``freeze`` takes it, ``thaw`` restores it.

Exact: a thawed world given the same facts gives the same orders, byte for byte, as the one it was taken
from. Therefore nothing is left out and nothing is worked out anew. Every record is taken slot by slot as it
stands, with what is dead in the heaps, half-done bulk work and tokens; two records that share a third share
it again. Only the outcome of the last fact is left out, for every fact begins with an empty one.

It is no pickle. Nothing in a picture names code: a class, an enum or a step of bulk work stands in the
closed tables below or is refused, when freezing and when thawing. A slot that a record gains is frozen from
then on, and a picture taken before is refused by name, for to guess its value would be to invent a past.

Values of a slot are written plain when they are plain; else as a list that begins with a letter:
``r`` record, ``s`` struct, ``e`` enum, ``i`` large number, ``t`` tuple, ``l`` list, ``d`` dict, ``q`` deque,
``p`` step of bulk work. Sets are refused, for their order is nobody's; and so is a list, dict or deque that
stands in two places, for it would become two. Structs are frozen and shared, so each is written once; a
queue, office or site of a rule set is written as a place in that rule set.

This is a scan of everything, hundreds of milliseconds in a large centre: never on the loop that routes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import partial
from types import MappingProxyType, ModuleType
from typing import Any, Final

import msgspec

from acd.core import (
    agents,
    calls,
    deadlines,
    facts,
    grounds,
    health,
    lines,
    matching,
    notes,
    offering,
    offers,
    orders,
    policy,
    reach,
    recovery,
    rosters,
    rule_change,
    stagger,
    widening,
    world,
)
from acd.core.policy import RuleSet
from acd.core.world import World
from acd.errors import JournalError

__all__ = ["ENUMS", "RECORDS", "STEPS", "STRUCTS", "Frozen", "freeze", "slots_of", "thaw"]

MODULES: Final = (
    agents,
    calls,
    deadlines,
    facts,
    grounds,
    health,
    lines,
    matching,
    notes,
    offers,
    orders,
    policy,
    reach,
    stagger,
    world,
)
"""Where the records of a world and the values in them are at home."""

OF_ONE_FACT: Final[Mapping[str, object]] = {"orders": (), "notes": (), "refused": None}
"""Slots of the world that every fact begins anew."""


def _classes(module: ModuleType) -> Iterator[type]:
    for each in vars(module).values():
        if isinstance(each, type) and each.__module__ == module.__name__:
            yield each


def slots_of(record: type) -> tuple[str, ...]:
    """The slots of a record, in the order of their classes."""
    return tuple(name for kind in reversed(record.__mro__) for name in getattr(kind, "__slots__", ()))


def _is_record(kind: type) -> bool:
    return bool(slots_of(kind)) and not issubclass(kind, msgspec.Struct | Enum)


ENUMS: Final[Mapping[str, type[Enum]]] = MappingProxyType(
    {kind.__name__: kind for module in MODULES for kind in _classes(module) if issubclass(kind, Enum)}
)
STRUCTS: Final[Mapping[str, type[msgspec.Struct]]] = MappingProxyType(
    {
        kind.__name__: kind
        for module in MODULES
        for kind in _classes(module)
        if issubclass(kind, msgspec.Struct)
    }
)
RECORDS: Final[Mapping[str, type]] = MappingProxyType(
    {kind.__name__: kind for module in MODULES for kind in _classes(module) if _is_record(kind)}
)
STEPS: Final[Mapping[str, Callable[..., None]]] = MappingProxyType(
    {
        f"{step.__module__.rpartition('.')[2]}.{step.__name__}": step
        for step in (
            offering.find_call,
            offering.find_calls,
            recovery.settle,
            recovery.settle_member,
            recovery._expel,  # noqa: SLF001  # steps of bulk work are named here and nowhere else
            recovery._ghost,  # noqa: SLF001
            recovery.offer_again,
            recovery._settle_device,  # noqa: SLF001
            rosters.settle_person,
            rosters.settle_session,
            rule_change.plan,
            rule_change.regroup_next,
            rule_change.regrouped,
            rule_change.wait_next,
            widening.choose_next,
            widening.tell_next,
        )
    }
)
"""Every function that stands in ``World.work``."""

LARGE: Final = 2**63
"""msgpack has no larger numbers."""
Written = Any
"""Plain msgpack: what a slot holds, as the docstring of this module says."""


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """The picture. The first record is the world."""

    layout: Mapping[str, tuple[str, ...]]
    """Slots of each kind of record in it, in the order in which they are written."""
    structs: tuple[tuple[str, Written], ...]
    """Kind and encoded value; or, with an empty kind, rule set, field and key of a part of it."""
    records: tuple[tuple[str, list[Written]], ...]


def freeze(of: World) -> Frozen:
    """Take the picture of a world between two facts.

    Raises:
        JournalError: it holds something that no table of this module knows: a defect of ours.
    """
    return _Freezer().taken(of)


def thaw(frozen: Frozen) -> World:
    """Restore the world of a picture.

    Raises:
        JournalError: another version of the ACD took it.
    """
    for name, slots in frozen.layout.items():
        kind = RECORDS.get(name)
        if kind is None or slots_of(kind) != slots:
            raise JournalError(
                f"this picture was taken by another version of the ACD: its {name} has {', '.join(slots)}; "
                "replay it with that version"
            )
    thawer = _Thawer(frozen)
    try:
        return thawer.restored()
    except (KeyError, IndexError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise JournalError(f"this picture of a world cannot be restored: {error!r}") from error


class _Freezer:
    """Writes records by number, each once, in the order in which they are come upon."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._containers: dict[int, None] = {}
        self._found: deque[object] = deque()
        self._structs: list[tuple[str, Written]] = []
        self._struct_numbers: dict[int, int] = {}
        self._parts: dict[int, tuple[int, str, str]] = {}
        self._encode = msgspec.msgpack.Encoder().encode

    def taken(self, of: World) -> Frozen:
        self._record(of)
        self._struct(of.rules)  # first, so that its parts are known as such
        records: list[tuple[str, list[Written]]] = []
        while self._found:
            record = self._found.popleft()
            kind = type(record)
            skipped = OF_ONE_FACT if kind is World else {}
            records.append(
                (
                    kind.__name__,
                    [
                        None if slot in skipped else self._value(getattr(record, slot))
                        for slot in slots_of(kind)
                    ],
                )
            )
        kinds = dict.fromkeys(name for name, _ in records)
        return Frozen(
            layout={name: slots_of(RECORDS[name]) for name in kinds},
            structs=tuple(self._structs),
            records=tuple(records),
        )

    def _value(self, value: object) -> Written:
        kind = type(value)
        if value is None or kind in {bool, float, str}:
            return value
        if isinstance(value, int) and kind is int:
            return value if -LARGE <= value < LARGE else ["i", hex(value)]
        if RECORDS.get(kind.__name__) is kind:
            return ["r", self._record(value)]
        if isinstance(value, Enum) and ENUMS.get(kind.__name__) is kind:
            return ["e", kind.__name__, value.value]
        if isinstance(value, msgspec.Struct) and STRUCTS.get(kind.__name__) is kind:
            return ["s", self._struct(value)]
        return self._container(value)

    def _container(self, value: object) -> Written:
        if isinstance(value, list | dict | deque):
            if id(value) in self._containers:
                raise JournalError(
                    f"two places of a world hold the same {type(value).__name__}: {value!r:.200}"
                )
            self._containers[id(value)] = None
        match value:
            case tuple():
                return ["t", *map(self._value, value)]
            case list():
                return ["l", *map(self._value, value)]
            case deque():
                return ["q", *map(self._value, value)]
            case dict():
                return ["d", *(self._value(each) for pair in value.items() for each in pair)]
            case partial() if STEPS.get(_step_name(value.func)) is value.func:
                return ["p", _step_name(value.func), self._value(value.args), self._value(value.keywords)]
            case _:
                raise JournalError(f"a world holds {value!r}, which acd.core.freezing does not know")

    def _record(self, record: object) -> int:
        number = self._numbers.get(id(record))
        if number is None:
            number = self._numbers[id(record)] = len(self._numbers)
            self._found.append(record)
        return number

    def _struct(self, value: msgspec.Struct) -> int:
        number = self._struct_numbers.get(id(value))
        if number is not None:
            return number
        number = self._struct_numbers[id(value)] = len(self._structs)
        part = self._parts.get(id(value))
        self._structs.append(("", part) if part is not None else (type(value).__name__, self._encode(value)))
        if isinstance(value, RuleSet):
            for field in value.__struct_fields__:
                parts = getattr(value, field)
                for key, each in parts.items() if isinstance(parts, Mapping) else ():
                    if isinstance(each, msgspec.Struct):
                        self._parts[id(each)] = (number, field, key)
        return number


def _step_name(step: Callable[..., object]) -> str:
    return f"{step.__module__.rpartition('.')[2]}.{getattr(step, '__name__', '')}"


class _Thawer:
    """Makes all records empty first, so that any may refer to any."""

    def __init__(self, frozen: Frozen) -> None:
        self._frozen = frozen
        self._structs: list[object] = []
        self._records: list[object] = []

    def restored(self) -> World:
        for kind, written in self._frozen.structs:
            self._structs.append(self._struct(kind, written))
        for kind, _ in self._frozen.records:
            self._records.append(object.__new__(RECORDS[kind]))
        for record, (kind, written) in zip(self._records, self._frozen.records, strict=True):
            for slot, each in zip(slots_of(RECORDS[kind]), written, strict=True):
                setattr(record, slot, self._value(each))
        found = self._records[0]
        if not isinstance(found, World):
            raise TypeError("the first record is no world")
        found.orders, found.notes, found.refused = [], [], None
        return found

    def _struct(self, kind: str, written: Written) -> object:
        if kind:
            return msgspec.msgpack.decode(written, type=STRUCTS[kind])
        number, field, key = written
        return getattr(self._structs[number], field)[key]

    def _value(self, written: Written) -> object:
        if not isinstance(written, list):
            return written
        letter = written[0]
        match letter:
            case "r":
                return self._records[written[1]]
            case "s":
                return self._structs[written[1]]
            case "e":
                return ENUMS[written[1]](written[2])
            case "i":
                return int(written[1], 16)
            case "t":
                return tuple(self._value(each) for each in written[1:])
            case "l":
                return [self._value(each) for each in written[1:]]
            case "q":
                return deque(self._value(each) for each in written[1:])
            case "d":
                items = iter(written[1:])
                return {self._value(key): self._value(value) for key, value in zip(items, items, strict=True)}
            case "p":
                arguments, keywords = self._value(written[2]), self._value(written[3])
                assert isinstance(arguments, tuple)
                assert isinstance(keywords, dict)
                return partial(STEPS[written[1]], *arguments, **keywords)
            case _:
                raise ValueError(f"{letter!r} is no kind of value")
