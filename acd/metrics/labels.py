"""The closed sets of values a label may take; the rest of the world is ``other``.

Values that come from the rules (queues, sites, revision) or from ``config/acd.yaml`` (servers)
are known when the instruments are built; these are the ones we define ourselves.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, get_args

from acd.core.facts import Fact, OfferEnd, Stage
from acd.core.notes import AgentState
from acd.metrics.names import OTHER


class Waited(StrEnum):
    """How a measured wait ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"


class Failure(StrEnum):
    """Why routing failed, other than by somebody's choice."""

    ORDER_FAILED = "order_failed"
    """An order could not be written to the caller's channel."""
    ORDER_UNKNOWN = "order_unknown"
    """Asterisk did not say in time whether an order was written."""
    ORDER_REFUSED = "order_refused"
    """The dialplan would not carry an order out."""
    ANOMALY = "anomaly"
    """A fact came that no table foresees."""
    CALL_LOST = "call_lost"
    """A call's end was never seen."""


class Origin(StrEnum):
    """What made an office begin or cease to stand in."""

    AUTO = "auto"
    """Its hours or its health."""
    OPERATOR = "operator"
    """An override was made or taken back."""
    CONFIG = "config"
    """The file of the toggles."""
    EXPIRY = "expiry"
    """An override or a toggle came to its end by the clock."""
    TRANSITION = "transition"


class Staffed(StrEnum):
    """Agents of a queue."""

    READY = "ready"
    LOGGED_IN = "logged_in"


class Reload(StrEnum):
    """What became of a configuration."""

    TAKEN = "taken"
    REFUSED = "refused"


OVERRIDE_MODES: Final = ("auto", "forced_on", "forced_off")
"""What an override may say."""
NATIONAL: Final = "national"
"""Scope of the whole country."""

LADDER_WHYS: Final = ("waited", "load", "skipped", "consent", OTHER)
"""What opens a step of a ladder (``LadderOpened.why``)."""


class Consent(StrEnum):
    """What a caller said to a step that asks."""

    GRANTED = "granted"
    REFUSED = "refused"
    """No, or nothing."""


OFFER_RESULTS: Final[dict[OfferEnd | None, str]] = {
    OfferEnd.TALKED: "answered",
    OfferEnd.DROPPED: "dropped",
    OfferEnd.NO_ANSWER: "no_answer",
    OfferEnd.NO_KEY: "no_key",
    OfferEnd.BUSY: "busy",
    OfferEnd.DECLINED: "declined",
    OfferEnd.UNREACHABLE: "unreachable",
    OfferEnd.FAILED: "failed",
    OfferEnd.WITHDRAWN: "withdrawn",
    OfferEnd.FULL: "full",
    OfferEnd.REFUSED: "refused",
    None: "caller_left",
}
"""How an offer ended (None: the caller hung up first), in the words of the dashboards."""

CORRECTIONS: Final = (
    "ghost_call",
    "lost_report",
    "in_net",
    "next_visit",
    "adopted_login",
    *(f"adopted_{stage.value}" for stage in Stage),
    OTHER,
)
"""What a resync may have to put right (``Corrected.kind``)."""

AGENT_STATES: Final = tuple(state for state in AgentState if state is not AgentState.LOGGED_OUT)
"""States of agents who are there; who is logged out is nobody's business here."""

FACTS: Final = (*(fact.__name__ for fact in get_args(Fact)), OTHER)
"""Names of facts, for those that come late."""

AMI_EVENTS_SEEN: Final = (
    "ACDEnter",
    "ACDOfferBegin",
    "ACDOfferEnd",
    "ACDLegEnd",
    "ACDSafetyNet",
    "ACDSafetyNetNext",
    "ACDSafetyNetTalk",
    "ACDXfer",
    "ACDEnd",
    "ACDAgent",
    "ACDMenuEnd",
    "AttendedTransfer",
    "BlindTransfer",
    "BridgeEnter",
    "BridgeLeave",
    "DTMFEnd",
    "DeviceStateChange",
    "DialBegin",
    "DialEnd",
    "DialState",
    "FullyBooted",
    "Hangup",
    "Reload",
    "Shutdown",
    OTHER,
)
"""Events our filter lets through; a ``UserEvent`` counts under its own name."""
