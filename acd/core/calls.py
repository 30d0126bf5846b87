"""The life of a call, as a table.

A call is a caller end to end. In ``WAITING`` and ``OFFERED`` the caller hears music; both leave by
the clock alone: a waiting call has its maximum wait (then the safety net takes it), an offered one
has its offer's deadline. ``IN_NET`` and ``TRANSFERRED`` are Asterisk's business; we keep counting
until the caller's channel ends, and look again should that news be lost.

The same caller may enter again (a transfer back into a queue): same Uniqueid, next visit. That is
``ENTERED`` on a call we know, and moves from every state, for it proves that whatever we still
believed of the visit before is over. A repeat of a visit we know never reaches the table.

A call has two times of entry. The first visit's is its age: that, less the credit of the caller's
priority class, is its place in a line, which a transfer keeps. The present visit's is what waits and
deadlines count from.

``HEARING`` a prompt is a kind of waiting: the call keeps its place in the line, and an offer cuts the prompt
short (``acd.core.hearing``). ``FAREWELL`` are our last words to somebody whom nobody can serve now
(``acd.core.opening``); Asterisk hangs up after them. Both have a deadline at which the call is looked at.

``OFFERED`` says only "an offer is open"; how far it went is the offer's own table
(``acd.core.offers``). Ordering, ringing and talking are therefore never written down twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from acd.core.ids import AttemptId, CallId, NodeId
from acd.core.notes import Path, ServiceLevel
from acd.core.offers import Offer
from acd.core.policy import Queue
from acd.core.tables import table

if TYPE_CHECKING:
    from acd.core.agents import AgentRecord


class CallState(StrEnum):
    """Where a call stands."""

    WAITING = "waiting"
    HEARING = "hearing"
    FAREWELL = "farewell"
    OFFERED = "offered"
    TALKING = "talking"
    LEAVING = "leaving"
    """The talk is over, Asterisk is hanging up on the caller."""
    TRANSFERRED = "transferred"
    IN_NET = "in_net"
    ENDED = "ended"


class CallInput(StrEnum):
    """What can happen to a call."""

    ENTERED = "entered"
    PROMPT_BEGUN = "prompt_begun"
    FAREWELL_BEGUN = "farewell_begun"
    """Each is ordered."""
    PROMPT_OVER = "prompt_over"
    """Heard, cut short, or not played at all."""
    OFFER_MADE = "offer_made"
    OFFER_OVER = "offer_over"
    """The offer ended without a lasting talk; the caller is back in hold."""
    TALK_BEGAN = "talk_began"
    TALK_OVER = "talk_over"
    PASSED_ON = "passed_on"
    NET_TOOK = "net_took"
    GONE = "gone"
    FOUND_HOLDING = "found_holding"
    """A resync or a look found the caller here; the channel's word wins over ours."""
    FOUND_HEARING = "found_hearing"
    FOUND_FAREWELL = "found_farewell"
    FOUND_DIALLING = "found_dialling"
    FOUND_PASSED_ON = "found_passed_on"
    FOUND_LEAVING = "found_leaving"
    FOUND_IN_NET = "found_in_net"


S, I = CallState, CallInput

_WAITS: Final = (S.WAITING, S.HEARING, S.FAREWELL)
_LIVE: Final = (*_WAITS, S.OFFERED, S.TALKING, S.LEAVING, S.TRANSFERRED, S.IN_NET)

CALL_MOVES: Final[Mapping[tuple[CallState, CallInput], CallState]] = table(
    {
        **{(state, I.ENTERED): S.WAITING for state in _LIVE},
        (S.WAITING, I.OFFER_MADE): S.OFFERED,
        (S.WAITING, I.PROMPT_BEGUN): S.HEARING,
        (S.WAITING, I.FAREWELL_BEGUN): S.FAREWELL,
        (S.HEARING, I.OFFER_MADE): S.OFFERED,
        (S.HEARING, I.PROMPT_OVER): S.WAITING,
        (S.FAREWELL, I.PROMPT_OVER): S.WAITING,  # it could not be said
        **{(state, I.NET_TOOK): S.IN_NET for state in _WAITS},
        **{(state, I.GONE): S.ENDED for state in _WAITS},
        (S.OFFERED, I.OFFER_OVER): S.WAITING,
        (S.OFFERED, I.TALK_BEGAN): S.TALKING,
        (S.OFFERED, I.TALK_OVER): S.LEAVING,  # TalkBegan was lost or overtaken
        (S.OFFERED, I.NET_TOOK): S.IN_NET,
        (S.OFFERED, I.GONE): S.ENDED,
        (S.TALKING, I.OFFER_OVER): S.WAITING,  # the target dropped the call at once
        (S.TALKING, I.TALK_OVER): S.LEAVING,
        (S.TALKING, I.PASSED_ON): S.TRANSFERRED,
        (S.TALKING, I.NET_TOOK): S.IN_NET,
        (S.TALKING, I.GONE): S.ENDED,
        (S.LEAVING, I.PASSED_ON): S.TRANSFERRED,
        (S.LEAVING, I.GONE): S.ENDED,
        (S.TRANSFERRED, I.NET_TOOK): S.IN_NET,
        (S.TRANSFERRED, I.TALK_OVER): S.LEAVING,  # an attended transfer's target hung up
        (S.TRANSFERRED, I.OFFER_OVER): S.WAITING,
        (S.TRANSFERRED, I.GONE): S.ENDED,
        (S.IN_NET, I.GONE): S.ENDED,
        **{(state, I.FOUND_HOLDING): S.WAITING for state in _LIVE},
        **{(state, I.FOUND_HEARING): S.HEARING for state in _LIVE},
        **{(state, I.FOUND_FAREWELL): S.FAREWELL for state in _LIVE},
        **{(state, I.FOUND_DIALLING): S.OFFERED for state in _LIVE},
        **{(state, I.FOUND_PASSED_ON): S.TRANSFERRED for state in _LIVE},
        **{(state, I.FOUND_LEAVING): S.LEAVING for state in _LIVE},
        **{(state, I.FOUND_IN_NET): S.IN_NET for state in _LIVE},
    }
)

CALL_LATE: Final[frozenset[tuple[CallState, CallInput]]] = frozenset(
    {
        *((state, I.OFFER_OVER) for state in _WAITS),
        *((state, I.TALK_OVER) for state in _WAITS),
        (S.TALKING, I.TALK_BEGAN),
        (S.LEAVING, I.OFFER_OVER),
        (S.LEAVING, I.TALK_OVER),
        (S.LEAVING, I.TALK_BEGAN),
        *((state, I.PASSED_ON) for state in _WAITS),  # the caller has entered again before this news
        (S.IN_NET, I.PASSED_ON),
        (S.TRANSFERRED, I.PASSED_ON),
        (S.TRANSFERRED, I.TALK_BEGAN),
        (S.IN_NET, I.NET_TOOK),
        (S.IN_NET, I.TALK_OVER),
        (S.IN_NET, I.TALK_BEGAN),
        *((S.ENDED, each) for each in I),
    }
)


PlaceKey = tuple[int, str, int]
"""Order of calls: first entry less credit, node, sequence number inside the node."""


def order_key(call: CallId, node: NodeId, aged_ms: int) -> PlaceKey:
    """The place of a call among all waiting ones: its age, its node, then Asterisk's own sequence.

    A Uniqueid reads ``systemname-epoch.n``; ``n`` counts channels of one Asterisk and is compared
    as a number, because ``.10`` came after ``.9``.
    """
    tail = call.rpartition(".")[2]
    return (aged_ms, node, int(tail) if tail.isascii() and tail.isdigit() else 0)


class Passage:
    """A caller passed on by an agent, until somebody talks with them."""

    __slots__ = ("office", "queue", "return_ms", "sender")

    def __init__(self, sender: str, queue: Queue, return_ms: int, office: str) -> None:
        self.sender = sender
        """Agent's id, empty when we do not know."""
        self.queue = queue
        """Where the call comes from and goes back to."""
        self.return_ms = return_ms
        """From this moment on it goes back."""
        self.office = office
        """The office whose line is still to be tried, empty for none."""


class Prompt:
    """Something a caller hears by our order, until it is over."""

    __slots__ = ("attempt", "ordered_ms")

    def __init__(self, attempt: AttemptId, ordered_ms: int) -> None:
        self.attempt = attempt
        self.ordered_ms = ordered_ms


class Call:
    """What the engine remembers of one call in progress."""

    __slots__ = (
        "answered_ms",
        "avoided",
        "booked",
        "called",
        "caller",
        "closed",
        "code",
        "consents",
        "entered_ms",
        "first_answer_noted",
        "first_entered_ms",
        "from_site",
        "granted",
        "holds",
        "id",
        "key",
        "language",
        "level",
        "level_counted",
        "near_office",
        "near_site",
        "node",
        "offer",
        "offers",
        "passage",
        "path",
        "place",
        "position",
        "priority_class",
        "prompt",
        "province",
        "question",
        "queue",
        "refusals",
        "resting",
        "served_by",
        "shelf",
        "stages",
        "stages_from_ms",
        "state",
        "step",
        "talker",
        "tier",
        "told_step",
        "transferred_ms",
        "verified",
        "verified_by",
        "visit",
    )

    def __init__(
        self, call: CallId, node: NodeId, queue: Queue, entered_ms: int, first_entered_ms: int, credit_ms: int
    ) -> None:
        self.id, self.node = call, node
        self.queue, self.booked = queue, queue.id
        """Where it is, and the queue of the first visit: where it is counted, whatever transfers follow."""
        self.entered_ms, self.first_entered_ms = entered_ms, first_entered_ms
        """Of the present visit and of the first."""
        self.key = order_key(call, node, first_entered_ms - credit_ms)
        self.visit = 1
        self.language = "it"
        self.province = self.called = self.priority_class = ""
        self.caller = ""
        """Keyed hash of the number, never the number."""
        self.state = CallState.WAITING
        self.offer: Offer | None = None
        """The open offer, if any; it outlives the talk until the target's leg has ended."""
        self.offers = self.refusals = 0
        """So many were made; so many orders in a row the dialplan would not carry out."""
        self.avoided: dict[str, int] = {}
        """Targets not to be tried again, each until a moment in ms."""
        self._search_anew()
        self.near_site = self.near_office = ""
        """Who talked with this caller lately, as far as affinity goes."""
        self.place = 0
        """Token of the one valid entry in the waiting line; 0 when it stands in none."""
        self.answered_ms = 0
        """When the present or last lasting talk began, 0 for never."""
        self.path = Path.PRIMARY
        self.served_by = ""
        """Agent's site or office of the last talk, for the ledger: never a person."""
        self.verified: bool | None = None
        self.verified_by = self.code = ""
        """What became of the question, as an agent said last, is ``code``."""
        self.talker = ""
        """The agent of this visit's last talk, while nothing has followed it: who may pass the call on."""
        self.transferred_ms = 0
        """When the last transfer was told, 0 for never."""
        self.from_site = ""
        """Site of the agent who passed the call on last."""
        self.passage: Passage | None = None
        """On the way from an agent to whoever answers next."""
        self.holds: AgentRecord | None = None
        """The agent whose wrap-up lasts as long as the passage."""
        self.prompt: Prompt | None = None
        """What the caller hears now."""
        self.question = ""
        """Id of the step of the ladder the caller is being asked about, empty for none."""
        self.closed = False
        """The queue was closed when the caller entered: only an office that is open may have the call."""
        self.resting = False
        """Waits in no line until its rest is over."""
        self.level_counted = self.first_answer_noted = False
        self.level: ServiceLevel | None = None

    def _search_anew(self) -> None:
        """Who may answer, as a visit begins: by the ladder and, in transition mode, by the stand-in."""
        self.step = 0
        """How far the ladder is open by the call's own waiting in this visit."""
        self.told_step = 0
        """How far its opening has been noted."""
        self.consents: dict[str, bool] = {}
        """What the caller said in this visit, by the id of the step that asked."""
        self.granted = 0
        """The same in bits, only what was granted (``acd.core.reach``)."""
        self.position = -1
        """Among a hundred calls of its queue in transition mode, 0 to 99: which sites' shares it falls into;
        -1: it has met no such mode in this visit."""
        self.tier = 0
        """How many shares it falls into, as far as they differ (``acd.core.grounds``)."""
        self.shelf = 0
        """Where in its line it stands, by tier and consents."""
        self.stages = 0
        """Stages of the stand-in that are open for it, in bits …"""
        self.stages_from_ms: int | None = None
        """… and from when on they count; None: to be worked out."""

    def __repr__(self) -> str:
        """Tell the call in one line, for logs and failing tests."""
        return f"<call {self.id} {self.state.value} in {self.queue.id}, offers {self.offers}>"
