"""The life of an offer: one attempt to bring one call to one target, as a table.

An offer is a lease on its target. It names the target, holds it, and expires: while it is
``ORDERED`` by the order's own ``not_after`` (the dialplan refuses it later), while ``DIALLING`` by
the ghost limit (no 180: the phone is not there), while ``RINGING`` by the ring time, while
``WITHDRAWING`` by the confirmation we expect. A ``TALKING`` offer holds its target until the leg
has ended. The target is freed only by the end of the offer or of the leg, or by the order's
expiry; never because a kick failed.

``RELEASED``: the target's leg is gone but the caller's side has not reported yet (or goes on with
somebody else after an attended transfer). It holds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from acd.core.ids import AttemptId, CallId, NodeId
from acd.core.orders import TargetKind
from acd.core.tables import table


class OfferState(StrEnum):
    """How far an offer went."""

    ORDERED = "ordered"
    DIALLING = "dialling"
    RINGING = "ringing"
    WITHDRAWING = "withdrawing"
    TALKING = "talking"
    RELEASED = "released"
    CLOSED = "closed"


class OfferInput(StrEnum):
    """What can happen to an offer."""

    BEGAN = "began"
    RANG = "rang"
    TALK = "talk"
    WITHDRAW = "withdraw"
    LEG_ENDED = "leg_ended"
    END = "end"


S, I = OfferState, OfferInput

OFFER_MOVES: Final[Mapping[tuple[OfferState, OfferInput], OfferState]] = table(
    {
        (S.ORDERED, I.BEGAN): S.DIALLING,
        (S.ORDERED, I.RANG): S.RINGING,
        (S.ORDERED, I.TALK): S.TALKING,
        (S.ORDERED, I.WITHDRAW): S.WITHDRAWING,
        (S.ORDERED, I.END): S.CLOSED,
        (S.DIALLING, I.RANG): S.RINGING,
        (S.DIALLING, I.TALK): S.TALKING,
        (S.DIALLING, I.WITHDRAW): S.WITHDRAWING,
        (S.DIALLING, I.END): S.CLOSED,
        (S.RINGING, I.TALK): S.TALKING,
        (S.RINGING, I.WITHDRAW): S.WITHDRAWING,
        (S.RINGING, I.END): S.CLOSED,
        (S.WITHDRAWING, I.TALK): S.TALKING,  # the answer crossed our withdrawal and won
        (S.WITHDRAWING, I.END): S.CLOSED,
        (S.TALKING, I.LEG_ENDED): S.RELEASED,
        (S.TALKING, I.END): S.CLOSED,
        (S.RELEASED, I.END): S.CLOSED,
    }
)

OFFER_LATE: Final[frozenset[tuple[OfferState, OfferInput]]] = frozenset(
    {
        (S.DIALLING, I.BEGAN),
        (S.RINGING, I.BEGAN),
        (S.RINGING, I.RANG),
        (S.TALKING, I.BEGAN),
        (S.TALKING, I.RANG),
        (S.TALKING, I.TALK),
        (S.TALKING, I.WITHDRAW),
        (S.WITHDRAWING, I.BEGAN),
        (S.WITHDRAWING, I.RANG),
        (S.WITHDRAWING, I.WITHDRAW),
        (S.RELEASED, I.BEGAN),
        (S.RELEASED, I.RANG),
        (S.RELEASED, I.TALK),
        (S.RELEASED, I.WITHDRAW),
        (S.RELEASED, I.LEG_ENDED),
        # A leg that ends before a talk is followed by the dialplan's own report, within a
        # millisecond; until then the offer stays open and its deadline guards it.
        (S.ORDERED, I.LEG_ENDED),
        (S.DIALLING, I.LEG_ENDED),
        (S.RINGING, I.LEG_ENDED),
        (S.WITHDRAWING, I.LEG_ENDED),
        *((S.CLOSED, each) for each in I),
    }
)

HOLDING_STATES: Final = (S.ORDERED, S.DIALLING, S.RINGING, S.WITHDRAWING, S.TALKING)
"""States in which an offer holds its target."""


class Blame(StrEnum):
    """Why we are withdrawing an offer, which decides what becomes of its agent."""

    NOBODY = "nobody"
    """The agent asked for a pause or logged out, or the call is better elsewhere: no miss."""
    GHOST = "ghost"
    """The phone never rang: unreachable."""


class Offer:
    """What the engine remembers of one open offer."""

    __slots__ = (
        "attempt",
        "began_ms",
        "beside",
        "blame",
        "call",
        "hold_ms",
        "kind",
        "made_ms",
        "node",
        "passed_ms",
        "ring_ms_max",
        "state",
        "target",
    )

    def __init__(
        self,
        attempt: AttemptId,
        call: CallId,
        node: NodeId,
        kind: TargetKind,
        target: str,
        made_ms: int,
        ring_ms_max: int,
    ) -> None:
        self.attempt = attempt
        self.call = call
        self.node = node
        self.kind = kind
        self.target = target
        """Agent's id or office's id."""
        self.made_ms = made_ms
        self.began_ms = made_ms
        self.ring_ms_max = ring_ms_max
        self.state = OfferState.ORDERED
        self.blame = Blame.NOBODY
        self.passed_ms = 0
        """When the target last asked to pass the caller on, 0 for never …"""
        self.hold_ms = 0
        """… and how long the wrap-up after it may wait for what becomes of it."""
        self.beside = False
        """It names its target without holding it: the channels showed one offer too many there."""

    def __repr__(self) -> str:
        """Tell the offer in one line, for logs and failing tests."""
        return f"<offer {self.attempt} {self.state.value}: {self.call} -> {self.kind.value} {self.target}>"
