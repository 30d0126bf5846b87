"""The life of an agent, as a table.

``READY`` is the only state in which an agent may be offered a call, and then only if the phone
gives no veto (a private call shows as a busy device). ``RESERVED`` and ``RINGING`` belong to an open
offer and end with it; ``WRAP_UP`` ends by its deadline; ``UNREACHABLE`` ends when the phone is seen
again, when the agent says so, or by a retry.

Logout and pause asked for during a ring or a talk are *wishes*: the state does not change, the ring
is taken back without a miss, and the wish comes true when the offer has ended. A later wish, or
ready, replaces the earlier one.

Two more things end an agent's turn, neither of them a wish that could be taken back: a break that is due, and
the end of a volunteer's opt-in (``acd.core.breaks``). A ring is taken back, a talk and its wrap-up go on.

What resets the idle clock (the agent who has waited longest for a call is rung first): the end of a
talk's wrap-up, a login, the end of a pause or of unreachability, and a missed ring. A ring that
somebody else ended (the caller hung up, we withdrew it) does not: the agent keeps the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from acd.core.breaks import NEVER_MS
from acd.core.notes import AgentState
from acd.core.policy import Agent, Queue
from acd.core.tables import table

if TYPE_CHECKING:
    from acd.core.calls import Call
    from acd.core.lines import Profile
    from acd.core.offers import Offer
    from acd.core.stagger import Booking


class AgentInput(StrEnum):
    """What can happen to an agent."""

    LOGIN = "login"
    LOGOUT = "logout"
    PAUSE = "pause"
    READY = "ready"
    RESERVE = "reserve"
    RING = "ring"
    TALK = "talk"
    RELEASE = "release"
    """The offer ended without a talk."""
    GHOST = "ghost"
    """The phone is not there."""
    REACHABLE = "reachable"
    TALK_OVER = "talk_over"
    WRAP_OVER = "wrap_over"


S, I = AgentState, AgentInput

AGENT_MOVES: Final[Mapping[tuple[AgentState, AgentInput], AgentState]] = table(
    {
        (S.LOGGED_OUT, I.LOGIN): S.READY,
        (S.LOGGED_OUT, I.TALK): S.TALKING,  # a resync adopts a talk before it knows the login
        (S.LOGGED_OUT, I.RING): S.RINGING,
        (S.READY, I.LOGOUT): S.LOGGED_OUT,
        (S.READY, I.PAUSE): S.PAUSED,
        (S.READY, I.RESERVE): S.RESERVED,
        (S.READY, I.RING): S.RINGING,  # adopted by a resync
        (S.READY, I.TALK): S.TALKING,  # adopted by a resync
        (S.READY, I.GHOST): S.UNREACHABLE,
        (S.RESERVED, I.RING): S.RINGING,
        (S.RESERVED, I.TALK): S.TALKING,
        (S.RESERVED, I.RELEASE): S.READY,
        (S.RESERVED, I.GHOST): S.UNREACHABLE,
        (S.RINGING, I.TALK): S.TALKING,
        (S.RINGING, I.RELEASE): S.READY,
        (S.RINGING, I.GHOST): S.UNREACHABLE,
        (S.TALKING, I.TALK_OVER): S.WRAP_UP,
        (S.WRAP_UP, I.WRAP_OVER): S.READY,
        (S.WRAP_UP, I.READY): S.READY,
        (S.WRAP_UP, I.PAUSE): S.PAUSED,
        (S.WRAP_UP, I.LOGOUT): S.LOGGED_OUT,
        (S.WRAP_UP, I.RING): S.RINGING,  # adopted by a resync
        (S.WRAP_UP, I.TALK): S.TALKING,  # adopted by a resync
        (S.PAUSED, I.READY): S.READY,
        (S.PAUSED, I.PAUSE): S.PAUSED,  # another reason
        (S.PAUSED, I.LOGOUT): S.LOGGED_OUT,
        (S.PAUSED, I.RING): S.RINGING,
        (S.PAUSED, I.TALK): S.TALKING,
        (S.UNREACHABLE, I.READY): S.READY,
        (S.UNREACHABLE, I.REACHABLE): S.READY,
        (S.UNREACHABLE, I.PAUSE): S.PAUSED,
        (S.UNREACHABLE, I.LOGOUT): S.LOGGED_OUT,
        (S.UNREACHABLE, I.RING): S.RINGING,
        (S.UNREACHABLE, I.TALK): S.TALKING,
    }
)

AGENT_WISHES: Final[frozenset[tuple[AgentState, AgentInput]]] = frozenset(
    (state, wish) for state in (S.RESERVED, S.RINGING, S.TALKING) for wish in (I.LOGOUT, I.PAUSE, I.READY)
)
"""Asked for now, done when the offer has ended; READY takes an earlier wish back."""

AGENT_LATE: Final[frozenset[tuple[AgentState, AgentInput]]] = frozenset(
    {
        *((state, I.LOGIN) for state in S if state is not S.LOGGED_OUT),
        (S.LOGGED_OUT, I.LOGOUT),
        (S.LOGGED_OUT, I.GHOST),
        (S.LOGGED_OUT, I.REACHABLE),
        (S.READY, I.READY),
        (S.READY, I.REACHABLE),
        (S.READY, I.WRAP_OVER),
        (S.RINGING, I.RING),
        (S.TALKING, I.RING),
        (S.TALKING, I.TALK),
        (S.TALKING, I.GHOST),
        (S.WRAP_UP, I.GHOST),
        (S.PAUSED, I.GHOST),
        (S.UNREACHABLE, I.GHOST),
        *((state, I.REACHABLE) for state in (S.RESERVED, S.RINGING, S.TALKING, S.WRAP_UP, S.PAUSED)),
    }
)


class AgentRecord:
    """What the engine remembers of one agent."""

    __slots__ = (
        "agent",
        "away_since_ms",
        "booking",
        "break_ms",
        "device_busy",
        "endpoint",
        "gone",
        "held_until_ms",
        "idle_since_ms",
        "joined",
        "leaves_ms",
        "misses",
        "moves_to",
        "offer",
        "on_break",
        "ordinal",
        "place",
        "profile",
        "reason",
        "removed",
        "since_ms",
        "state",
        "talk",
        "talk_queue",
        "talk_waited_ms",
        "unavailable",
        "wish",
        "wish_reason",
        "worked_since_ms",
        "wrap_up_began_ms",
        "wrap_up_extend_ms",
        "wrap_up_ms_max",
        "wrap_up_until_ms",
    )

    profile: Profile
    """Given by the matcher."""

    def __init__(self, agent: Agent, ordinal: int) -> None:
        self.agent = agent
        self.joined = agent
        """The agent as the roster had them when the profile was given."""
        self.ordinal = ordinal
        """Place in the roster: the last tie-break."""
        self.state = AgentState.LOGGED_OUT
        self.since_ms = 0
        self.idle_since_ms = 0
        self.reason = ""
        """Why paused."""
        self.wish: AgentInput | None = None
        self.wish_reason = ""
        self.misses = 0
        """Offers missed in a row."""
        self.offer: Offer | None = None
        """The offer that holds this agent."""
        self.endpoint = ""
        """The phone of this login, empty while logged out."""
        self.moves_to = ""
        """The agent's new own phone, taken when the present offer has ended."""
        self.removed = False
        """No longer in the roster: forgotten when the present offer has ended."""
        self.device_busy = False
        """The phone's veto: in use by a call that is not ours."""
        self.unavailable = False
        """The phone has no registered contact, as far as Asterisk said."""
        self.gone = False
        """Asterisk's last word was that the phone has none, whatever the agent has said since."""
        self.place = 0
        """Token of the one valid entry among the idle, 0 for none."""
        self.talk: Call | None = None
        """The call of the present talk, or of the one the wrap-up is for; it may be further on, or over."""
        self.talk_queue: Queue | None = None
        self.talk_waited_ms = 0
        """Where the call stood, and had waited, when this talk began."""
        self.wrap_up_began_ms = 0
        self.wrap_up_until_ms = 0
        """The wrap-up's own end; it may be held longer …"""
        self.held_until_ms = 0
        """… until a caller who was passed on is answered, is back or is gone, at most until then."""
        self.wrap_up_extend_ms = 0
        self.wrap_up_ms_max = 0
        self.leaves_ms = NEVER_MS
        """Nobody rings them from this moment on: a break is due, or a volunteer's opt-in ends."""
        self.worked_since_ms = 0
        """When the work began that the next break is counted from; 0: it begins with the next work …"""
        self.away_since_ms = 0
        """… and when it was last left, for a pause or by logging out (``acd.core.breaks``)."""
        self.break_ms = 0
        """When the next break begins if work goes on; 0: no rule, or no work now."""
        self.booking: Booking | None = None
        """Where that break, or the present one, is counted (``acd.core.stagger``)."""
        self.on_break = False
        """In a pause that is a break, and ends by itself."""

    def __repr__(self) -> str:
        """Tell the agent in one line, for failing tests."""
        return f"<agent {self.agent.id} {self.state.value}>"
