"""What stands in the frames of the journal, as msgspec structs; the schema number says which.

A segment's first frame is its ``Header``; each further one a batch of entries, msgpack one after the other
behind the head of an array. An entry is ``(now_ms, fact, orders, notes)``: the moment is the engine's own, so
that a replay needs no clock. Orders stay bytes until somebody reads them, for a replay compares bytes.

Facts, orders and notes evolve by fields with defaults, so an older segment can be *read* by a newer ACD. To
be *replayed* it needs the version its header names, whose rules of choice it records.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from acd.core.facts import Fact
from acd.core.freezing import Frozen
from acd.core.notes import Note
from acd.core.orders import Order
from acd.core.policy import Roster, RuleSet

__all__ = ["SCHEMA", "Entry", "Header", "Opening", "Picture", "batch_of"]

SCHEMA: Final = 1

_ARRAY: Final = b"\xdd"


class Opening(StrEnum):
    """How a segment goes on from what was before it."""

    FRESH = "fresh"
    """A process begins: the rules and the roster of the header are all there is."""
    GOING_ON = "going_on"
    """It follows the segment before; a picture of the world lies beside it when it has been made."""
    AFTER_GAP = "after_gap"
    """Facts before it were not recorded: it can be read, and not replayed."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a segment begins with."""

    schema: int = SCHEMA
    version: str
    """Of the ACD that wrote it."""
    epoch: int
    run_ms: int
    """First moment of the run; segments with the same belong together."""
    first: int
    """How many facts of the run came before it."""
    opens: Opening
    rules: RuleSet
    """In force when it begins."""
    roster: Roster | None = None
    """Only where it opens fresh: people are known from the facts after that."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One fact and what the engine made of it."""

    now_ms: int
    fact: Fact
    orders: msgspec.Raw
    notes: msgspec.Raw

    def ordered(self) -> list[Order]:
        """The orders, decoded."""
        return _ORDERS.decode(self.orders)

    def noted(self) -> list[Note]:
        """The notes, decoded."""
        return _NOTES.decode(self.notes)


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The world before the first fact of a segment."""

    schema: int = SCHEMA
    version: str
    run_ms: int
    facts: int
    """How many facts of the run have made it."""
    world: Frozen


_ORDERS: Final = msgspec.msgpack.Decoder(list[Order])
_NOTES: Final = msgspec.msgpack.Decoder(list[Note])


def batch_of(entries: list[bytes]) -> bytes:
    """The payload of a frame of entries that are encoded each."""
    return b"".join((_ARRAY, len(entries).to_bytes(4, "big"), *entries))
