"""What has happened: the only way news reaches the engine.

Facts are frozen msgspec structs in the past tense; the union ``Fact`` is closed and matched
exhaustively. They carry no Asterisk words: adapters decode. Times are integer wall
milliseconds on the ACD's clock (an adapter converts from its node's clock). A fact may come
late, twice, or (after a resync) for a call the engine has never seen; that is normal and each
table says what becomes of it.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from acd.core.ids import AgentId, AttemptId, CallId, NodeId, OutcomeCodeId, PauseReasonId
from acd.core.policy import Agent, Fallback, RuleSet


class OfferEnd(StrEnum):
    """How an offer ended, decided by the adapter from Asterisk's cause codes."""

    TALKED = "talked"
    """Answered and talked longer than the short-talk limit; the caller's call ends."""
    DROPPED = "dropped"
    """Answered and left at once by the target; the caller is back in hold."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"
    """The target pressed reject (603), is on do-not-disturb (480) or forwards (302)."""
    NO_KEY = "no_key"
    """Somebody or something answered a public line and did not press the key: no human took the call."""
    UNREACHABLE = "unreachable"
    """The phone is not there: not registered, unknown, no answer at the network level."""
    FAILED = "failed"
    """Congestion or any other network failure on the way."""
    WITHDRAWN = "withdrawn"
    """We took the offer back and Asterisk confirms it."""
    FULL = "full"
    """The dialplan counts as many calls at the office as it carries, whatever we believed."""
    REFUSED = "refused"
    """The dialplan would not carry the order out (expired, old epoch, malformed)."""


class DeviceState(StrEnum):
    """What Asterisk says of a phone; only a veto, never a reason to offer."""

    UNKNOWN = "unknown"
    IDLE = "idle"
    BUSY = "busy"
    """In use, ringing, on hold: any call, private ones too."""
    UNAVAILABLE = "unavailable"
    """No registered contact."""


class Stage(StrEnum):
    """Where a call stands in the dialplan, as a resync finds it."""

    ENTERING = "entering"
    HOLDING = "holding"
    DIALLING = "dialling"
    TALKING = "talking"
    HEARING = "hearing"
    IN_NET = "in_net"
    TRANSFERRED = "transferred"
    LEAVING = "leaving"
    FAREWELL = "farewell"
    """Hears our last words; Asterisk hangs up after them."""


class FactBase(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Common ground of all facts."""


# ── calls ────────────────────────────────────────────────────────────────────────────────────


class CallEntered(FactBase, frozen=True, kw_only=True, gc=False):
    """A caller entered the ACD, or entered again after a transfer (``visit`` > 1)."""

    call: CallId
    node: NodeId
    queue: str
    """As the dialplan said it; the engine checks it against the rules."""
    entered_ms: int
    visit: int = 1
    language: str = "it"
    province: str = ""
    first_entered_ms: int = 0
    """Entry of the first visit: the call's age, which a transfer keeps. 0 = this is the first."""
    called: str = ""
    """The number the caller dialled, as the entry rules know it."""
    caller: str = ""
    """Keyed hash of the caller's number, for the ledger; empty when there is no key or no number."""
    priority_class: str = ""
    office: str = ""
    """Passed on to this office's line instead of the queue's agents."""


class CallLeftMenu(FactBase, frozen=True, kw_only=True, gc=False):
    """A caller hung up in the entry menu, before entering a queue: counted, never unseen."""

    call: CallId
    node: NodeId
    called: str
    arrived_ms: int
    left_ms: int


class OfferBegan(FactBase, frozen=True, kw_only=True, gc=False):
    """The caller's dialplan took the order and dials."""

    call: CallId
    attempt: AttemptId


class OfferRang(FactBase, frozen=True, kw_only=True, gc=False):
    """The target's phone rings (180)."""

    call: CallId
    attempt: AttemptId


class TalkBegan(FactBase, frozen=True, kw_only=True, gc=False):
    """Caller and target hear each other."""

    call: CallId
    attempt: AttemptId


class OfferEnded(FactBase, frozen=True, kw_only=True, gc=False):
    """The dialplan is done with the order. Does not come when the caller hangs up first."""

    call: CallId
    attempt: AttemptId
    end: OfferEnd
    ring_ms: int = 0
    talk_ms: int = 0


class CallerPressed(FactBase, frozen=True, kw_only=True, gc=False):
    """A waiting caller pressed a key: 0-9, * or #. Keys in a talk are never seen."""

    call: CallId
    key: str


class PromptEnded(FactBase, frozen=True, kw_only=True, gc=False):
    """A prompt of ours is over, heard to its end, stopped or refused; the caller is back in hold."""

    call: CallId
    attempt: AttemptId
    heard: bool
    """To its end, or stopped on purpose; False: it could not be played."""
    refused: bool = False
    """Not played because the dialplan would not carry the order out (expired, old epoch, malformed)."""


class LegEnded(FactBase, frozen=True, kw_only=True, gc=False):
    """The target's leg is gone, whatever becomes of the caller: the target is free of the call."""

    call: CallId
    attempt: AttemptId


class CallTransferred(FactBase, frozen=True, kw_only=True, gc=False):
    """The agent passed the caller on (REFER); the call stays ours for the count until it ends."""

    call: CallId
    attempt: AttemptId


class CallInSafetyNet(FactBase, frozen=True, kw_only=True, gc=False):
    """Asterisk took the caller into the safety net: our lease had lapsed, or we ordered it."""

    call: CallId


class CallEnded(FactBase, frozen=True, kw_only=True, gc=False):
    """The caller's channel is gone."""

    call: CallId


class OrderFailed(FactBase, frozen=True, kw_only=True, gc=False):
    """An order could not be written to the caller's channel; ``unknown`` = it may have been."""

    call: CallId
    attempt: AttemptId
    unknown: bool
    why: str


# ── agents ───────────────────────────────────────────────────────────────────────────────────
#
# Each names the agent, or (``agent`` empty) the ``phone`` it was asked from: then it is for whoever
# is logged in there, else for the agent whose own phone it is.


class Asker(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A phone that waits for a tone after a feature code."""

    node: NodeId
    channel: str


class AgentLoggedIn(FactBase, frozen=True, kw_only=True, gc=False):
    """The agent wants calls from now on (ready at once), on ``phone`` if given, else on their own."""

    agent: AgentId = AgentId("")
    phone: str = ""
    asker: Asker | None = None


class AgentLoggedOut(FactBase, frozen=True, kw_only=True, gc=False):
    """The agent leaves; during a talk it takes effect after it."""

    agent: AgentId = AgentId("")
    phone: str = ""
    asker: Asker | None = None


class AgentPaused(FactBase, frozen=True, kw_only=True, gc=False):
    """The agent takes a pause; during a talk it takes effect after it."""

    agent: AgentId = AgentId("")
    phone: str = ""
    reason: PauseReasonId
    asker: Asker | None = None


class AgentReadied(FactBase, frozen=True, kw_only=True, gc=False):
    """The agent is ready again: ends a pause, a wrap-up, or the state unreachable."""

    agent: AgentId = AgentId("")
    phone: str = ""
    asker: Asker | None = None


class WrapUpExtended(FactBase, frozen=True, kw_only=True, gc=False):
    """The agent asks for more wrap-up time (one more step of the queue, up to its cap)."""

    agent: AgentId = AgentId("")
    phone: str = ""
    asker: Asker | None = None


class CallCoded(FactBase, frozen=True, kw_only=True, gc=False):
    """The agent says what became of the question, during the talk or its wrap-up."""

    agent: AgentId = AgentId("")
    phone: str = ""
    code: OutcomeCodeId
    asker: Asker | None = None


class CallerVerified(FactBase, frozen=True, kw_only=True, gc=False):
    """The agent checked who the caller is, or could not. Only yes or no and how are kept."""

    agent: AgentId = AgentId("")
    phone: str = ""
    verified: bool
    method: str = ""
    asker: Asker | None = None


class TransferKind(StrEnum):
    """Where an agent passes a caller on to."""

    QUEUE = "queue"
    """A queue, or a second-level group."""
    OFFICE = "office"


class TransferAsked(FactBase, frozen=True, kw_only=True, gc=False):
    """The agent in a talk wants the caller passed on, with the call's context and age."""

    agent: AgentId = AgentId("")
    phone: str = ""
    kind: TransferKind
    to: str
    asker: Asker | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A login as the store remembers it."""

    agent: AgentId
    phone: str
    paused: bool = False
    reason: str = ""
    worked_since_ms: int = 0
    """Where the clock of breaks stood; 0: it begins with the next work."""


class SessionsRestored(FactBase, frozen=True, kw_only=True, gc=False):
    """Who was logged in when the process before us ended; comes before the first resync.

    The store knows better than the safety net's members, which are not adopted after this.
    """

    sessions: tuple[Session, ...]


class RulesChanged(FactBase, frozen=True, kw_only=True, gc=False):
    """New rules are in force: for waiting calls too, which keep their age."""

    rules: RuleSet


class FallbackChanged(FactBase, frozen=True, kw_only=True, gc=False):
    """Who stands in for whom has changed: for waiting calls too, which keep their age; rings go on."""

    fallback: Fallback


class OptInTold(FactBase, frozen=True, kw_only=True, gc=False):
    """A volunteer is opted in from now until ``until_ms``; 0: no more, after the present call.

    A volunteer who is not opted in cannot log in and is not rung.
    """

    agent: AgentId
    until_ms: int


class RosterChanged(FactBase, frozen=True, kw_only=True, gc=False):
    """People were added, changed or removed. Somebody in a talk finishes it first."""

    upserts: tuple[Agent, ...] = ()
    removed: tuple[AgentId, ...] = ()


class DeviceChanged(FactBase, frozen=True, kw_only=True, gc=False):
    """A phone changed state as Asterisk sees it."""

    endpoint: str
    state: DeviceState


# ── nodes and time ───────────────────────────────────────────────────────────────────────────


class CallSeen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One caller as a resync found it on its node."""

    call: CallId
    queue: str
    entered_ms: int
    stage: Stage
    visit: int = 1
    language: str = "it"
    province: str = ""
    first_entered_ms: int = 0
    called: str = ""
    caller: str = ""
    priority_class: str = ""
    office: str = ""
    attempt: str = ""
    """The current or last attempt the channel knows, empty for none."""
    target: str = ""
    """Endpoint (or number) of the leg that rings or talks with this caller, empty for none."""


class DeviceSeen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One phone as a resync found it."""

    endpoint: str
    state: DeviceState


class MemberSeen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One member of the safety net as a resync found it: somebody who was logged in."""

    endpoint: str
    paused: bool
    reason: str = ""


class NodeLost(FactBase, frozen=True, kw_only=True, gc=False):
    """The link to a node is down: nothing can be ordered there, its calls go on by themselves."""

    node: NodeId


class NodeResynced(FactBase, frozen=True, kw_only=True, gc=False):
    """A node is back with the whole truth of its calls, phones and net members.

    Every call of that node which the engine knows and ``calls`` does not hold is over.
    ``restarted``: Asterisk itself started anew, so all earlier calls of the node are over.
    """

    node: NodeId
    calls: tuple[CallSeen, ...]
    devices: tuple[DeviceSeen, ...] = ()
    members: tuple[MemberSeen, ...] = ()
    restarted: bool = False


class CallLookedAt(FactBase, frozen=True, kw_only=True, gc=False):
    """The answer to ``LookAgain``: one caller as it stands now (``seen`` None: it is gone)."""

    call: CallId
    seen: CallSeen | None


class DeadlineReached(FactBase, frozen=True, kw_only=True, gc=False):
    """Time has passed; the engine looks at what is due."""


Fact = (
    CallEntered
    | CallLeftMenu
    | OfferBegan
    | OfferRang
    | TalkBegan
    | OfferEnded
    | CallerPressed
    | PromptEnded
    | LegEnded
    | CallTransferred
    | CallInSafetyNet
    | CallEnded
    | OrderFailed
    | AgentLoggedIn
    | AgentLoggedOut
    | AgentPaused
    | AgentReadied
    | WrapUpExtended
    | CallCoded
    | CallerVerified
    | TransferAsked
    | SessionsRestored
    | RulesChanged
    | FallbackChanged
    | OptInTold
    | RosterChanged
    | DeviceChanged
    | NodeLost
    | NodeResynced
    | CallLookedAt
    | DeadlineReached
)
