"""A call's life in the words of Asterisk's app_queue: what the engine notes becomes lines.

===============================================  =======================================================
it entered a queue, or entered again             ``ENTERQUEUE`` url, caller (both empty), position
a ring that nobody took                          ``RINGNOANSWER`` ms of ringing (0: it never rang)
a ring taken back, or the caller left during it  ``RINGCANCELED`` ms
caller and target talk                           ``CONNECT`` s waited, our attempt, s rung
the agent ended the talk, or the caller did      ``COMPLETEAGENT``, ``COMPLETECALLER`` s waited, s talked, P
the agent passed the caller on                   ``BLINDTRANSFER`` extension, context, s waited, s talked, P
the caller hung up                               ``ABANDON`` position, P, s waited
the safety net took it, or it changed the queue  ``EXITWITHTIMEOUT`` the same
told when the queue opens; gone with Asterisk    ``EXITEMPTY`` the same
===============================================  =======================================================

P is the position at the entry.

Per call the order is always ``ENTERQUEUE``, rings, ``CONNECT``, one end; and from the beginning for each
further visit. A talk dropped at once is a ``COMPLETEAGENT``, and the caller enters again in the old place.

What ended unseen (the ACD was down) has no end in the file. A talk that a restart has found has its end only.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from typing import Final

from acd.core.facts import (
    CallEnded,
    CallEntered,
    CallInSafetyNet,
    CallTransferred,
    Fact,
    OfferEnd,
    OfferEnded,
    OfferRang,
    TalkBegan,
)
from acd.core.ids import CallId, QueueId
from acd.core.notes import (
    AgentMoved,
    AgentState,
    CallAnswered,
    CallFinished,
    CallOffered,
    Corrected,
    Decision,
    Late,
    Note,
    OfferClosed,
    Outcome,
)
from acd.core.orders import Order, PassOn, TargetKind
from acd.queue_log.lines import NONE, Line, Verb

__all__ = ["CallTeller", "Name"]

CONTEXT: Final = "acd-xfer"
"""The dialplan's context into which callers are passed on."""
TAKEN_BACK: Final = frozenset({None, OfferEnd.WITHDRAWN})
IN_A_TALK: Final = "adopted_talking"
AFTER_A_TALK: Final = frozenset({"adopted_transferred", "adopted_leaving"})
IN_THE_NET: Final = "adopted_in_net"
NEXT_VISIT: Final = "next_visit"
FOUND_IN_NET: Final = "in_net"
EXITS: Final = {
    Outcome.ANSWERED: Verb.EXITEMPTY,
    Outcome.ABANDONED: Verb.ABANDON,
    Outcome.SHORT_ABANDONED: Verb.ABANDON,
    Outcome.SAFETY_NET: Verb.EXITWITHTIMEOUT,
    Outcome.CLOSED: Verb.EXITEMPTY,
    Outcome.LOST: Verb.EXITEMPTY,
}
"""How a call leaves that is still in its queue at its end."""

Name = Callable[[TargetKind, str], str]
"""What stands in the field ``agent`` for a target."""


class _Ring:
    __slots__ = ("agent", "attempt", "rang_ms")

    def __init__(self, attempt: str, agent: str) -> None:
        self.attempt, self.agent = attempt, agent
        self.rang_ms: int | None = None


class _Talk:
    __slots__ = ("agent", "began_ms", "hold_ms")

    def __init__(self, agent: str, began_ms: int, hold_ms: int) -> None:
        self.agent, self.began_ms, self.hold_ms = agent, began_ms, hold_ms


class _Call:
    __slots__ = ("entered_ms", "is_in", "passed_to", "place", "position", "queue", "ring", "talk")

    def __init__(self, queue: QueueId, entered_ms: int) -> None:
        self.queue = queue
        self.entered_ms = entered_ms
        """Of this visit."""
        self.is_in = False
        """Its ``ENTERQUEUE`` has no end yet, and nobody talks with it."""
        self.place = 0
        self.position = 0
        """At its entry."""
        self.ring: _Ring | None = None
        self.talk: _Talk | None = None
        self.passed_to = ""


class CallTeller:
    """Follows all calls and says what is to be written of them; writes nothing itself."""

    def __init__(self, name: Name, queue_named: Callable[[str], QueueId]) -> None:
        self._name = name
        self._queue_named = queue_named
        self._calls: dict[CallId, _Call] = {}
        self._adopted: dict[CallId, str] = {}
        """What a resync has just found of calls that are not in the books yet."""
        self._waiting: dict[QueueId, list[int]] = {}
        """Places taken in each queue, the first first."""
        self._places = 0
        self._now_ms = 0
        self._lines: list[Line] = []

    def hear(self, now_ms: int, fact: Fact, orders: Sequence[Order], notes: Sequence[Note]) -> list[Line]:
        """The lines that one fact and what became of it are worth, in their order."""
        self._now_ms = now_ms
        self._lines = []
        for order in orders:
            if isinstance(order, PassOn) and order.call in self._calls:
                self._calls[order.call].passed_to = order.to
        late = any(isinstance(note, Late) for note in notes)
        if not late:
            self._before(fact)
        self._note_all(fact, notes)
        if not late:
            self._after(fact)
        for note in notes:  # its last offer's end is noted behind a call's end
            if isinstance(note, CallFinished):
                self._finished(note)
        return self._lines

    # ── facts and notes ──────────────────────────────────────────────────────────────────────

    def _before(self, fact: Fact) -> None:
        """What must be written before what the engine did about it."""
        match fact:
            case CallEntered() if (call := self._calls.get(fact.call)) is not None and fact.visit > 1:
                self._pass_on(fact.call, call)
                self._exit(fact.call, call, Verb.EXITWITHTIMEOUT)
                call.entered_ms = min(fact.entered_ms, self._now_ms)
                self._enter(fact.call, call, self._queue_named(fact.queue))
            case CallTransferred() if (call := self._calls.get(fact.call)) is not None:
                self._pass_on(fact.call, call)
            case OfferRang() if (ring := self._ring(fact.call, fact.attempt)) is not None:
                ring.rang_ms = self._now_ms
            case _:
                pass

    def _after(self, fact: Fact) -> None:
        match fact:
            case TalkBegan() if (ring := self._ring(fact.call, fact.attempt)) is not None:
                self._talked(fact.call, ring)
            case CallInSafetyNet() if (call := self._calls.get(fact.call)) is not None:
                self._exit(fact.call, call, Verb.EXITWITHTIMEOUT)
            case _:
                pass

    def _talked(self, call_id: CallId, ring: _Ring) -> None:
        call = self._calls[call_id]
        self._connect(call_id, call, ring, self._now_ms - call.entered_ms)

    def _note_all(self, fact: Fact, notes: Sequence[Note]) -> None:
        talker = NONE
        for note in notes:
            match note:
                case CallOffered():
                    self._offered(note, fact)
                case Decision():
                    call = self._in_queue(note.call, note.queue)
                    call.ring = _Ring(note.attempt, self._name(note.kind, note.target))
                case AgentMoved() if note.after is AgentState.TALKING:
                    talker = self._name(TargetKind.AGENT, note.agent)
                case CallAnswered() if (known := self._calls.get(note.call)) is not None:
                    ring = known.ring or _Ring("", talker)  # a restart has found it ringing
                    self._connect(note.call, known, ring, note.wait_ms)
                case OfferClosed() if (known := self._calls.get(note.call)) is not None:
                    self._offer_closed(note, known, fact)
                case Corrected():
                    self._corrected(note)
                case _:
                    pass

    def _offered(self, note: CallOffered, fact: Fact) -> None:
        stage = self._adopted.pop(note.call, "")
        known_ms = fact.entered_ms if isinstance(fact, CallEntered) else self._now_ms
        call = self._calls[note.call] = _Call(note.queue, min(known_ms, self._now_ms))
        if stage == IN_A_TALK:
            call.talk = _Talk("", self._now_ms, 0)
        elif stage not in AFTER_A_TALK:
            self._enter(note.call, call, note.queue, adopted=note.adopted)
            if stage == IN_THE_NET:
                self._exit(note.call, call, Verb.EXITWITHTIMEOUT)

    def _corrected(self, note: Corrected) -> None:
        call_id = CallId(note.key)
        call = self._calls.get(call_id)
        if call is None:
            if note.kind in {IN_A_TALK, IN_THE_NET, *AFTER_A_TALK}:
                self._adopted[call_id] = note.kind
        elif note.kind == NEXT_VISIT:
            self._pass_on(call_id, call)
            self._exit(call_id, call, Verb.EXITWITHTIMEOUT)
        elif note.kind == FOUND_IN_NET:
            self._exit(call_id, call, Verb.EXITWITHTIMEOUT)

    def _offer_closed(self, note: OfferClosed, call: _Call, fact: Fact) -> None:
        agent = self._name(note.kind, note.target)
        ring, call.ring = call.ring, None
        if note.end is OfferEnd.TALKED and ring is not None:  # the news of the talk was lost
            self._connect(note.call, call, ring, self._now_ms - call.entered_ms)
        if call.talk is not None:
            verb = Verb.COMPLETECALLER if isinstance(fact, CallEnded) else Verb.COMPLETEAGENT
            self._complete(note.call, call, verb, agent)
            if note.end is OfferEnd.DROPPED:
                self._enter(note.call, call, note.queue, place=call.place)
        elif call.is_in and note.end is not OfferEnd.TALKED:  # that was the visit before, passed on
            verb = Verb.RINGCANCELED if note.end in TAKEN_BACK else Verb.RINGNOANSWER
            rang_ms = self._now_ms - ring.rang_ms if ring is not None and ring.rang_ms is not None else 0
            if isinstance(fact, OfferEnded) and fact.attempt == note.attempt:
                rang_ms = fact.ring_ms or rang_ms
            self._say(note.call, call.queue, agent, verb, rang_ms)

    def _finished(self, note: CallFinished) -> None:
        call = self._calls.pop(note.call, None)
        if call is None:
            return
        if call.talk is not None:
            self._complete(note.call, call, Verb.COMPLETECALLER, NONE)
        self._exit(note.call, call, EXITS[note.outcome])

    # ── the words ────────────────────────────────────────────────────────────────────────────

    def _in_queue(self, call_id: CallId, queue: QueueId) -> _Call:
        """The call, in this queue: whatever brought it there without our being told."""
        call = self._calls.get(call_id)
        if call is None:
            call = self._calls[call_id] = _Call(queue, self._now_ms)
        if call.is_in and call.queue != queue:
            self._exit(call_id, call, Verb.EXITWITHTIMEOUT)
        if not call.is_in:
            self._enter(call_id, call, queue)
        return call

    def _enter(
        self, call_id: CallId, call: _Call, queue: QueueId, *, place: int = 0, adopted: bool = False
    ) -> None:
        line = self._waiting.setdefault(queue, [])
        if not place:
            self._places += 1
            place = self._places
        insort(line, place)
        call.queue, call.place, call.is_in, call.passed_to = queue, place, True, ""
        call.ring = call.talk = None
        call.position = bisect_left(line, place) + 1
        data = ("", "", call.position)
        self._lines.append(Line(self._at_s, call_id, queue, NONE, Verb.ENTERQUEUE, data, adopted))

    def _leave(self, call: _Call) -> int:
        """Take the call out of its line; its position there."""
        line = self._waiting[call.queue]
        index = bisect_left(line, call.place)
        del line[index]
        call.is_in = False
        return index + 1

    def _exit(self, call_id: CallId, call: _Call, verb: Verb) -> None:
        """The call leaves without a talk, if it is in its queue at all."""
        if not call.is_in:
            if call.talk is not None:
                self._complete(call_id, call, Verb.COMPLETEAGENT, NONE)
            return
        if call.ring is not None:
            self._say(call_id, call.queue, call.ring.agent, Verb.RINGCANCELED, 0)
            call.ring = None
        position = self._leave(call)
        waited_s = max(0, self._now_ms - call.entered_ms) // 1000
        self._say(call_id, call.queue, NONE, verb, position, call.position, waited_s)

    def _connect(self, call_id: CallId, call: _Call, ring: _Ring, hold_ms: int) -> None:
        if call.talk is not None or not call.is_in:
            return
        self._leave(call)
        rang_s = (self._now_ms - ring.rang_ms) // 1000 if ring.rang_ms is not None else 0
        call.talk = _Talk(ring.agent, self._now_ms, hold_ms)
        self._say(
            call_id, call.queue, ring.agent, Verb.CONNECT, max(0, hold_ms) // 1000, ring.attempt, rang_s
        )

    def _complete(self, call_id: CallId, call: _Call, verb: Verb, agent: str) -> None:
        talk, call.talk = call.talk, None
        assert talk is not None
        hold_s, talk_s = talk.hold_ms // 1000, max(0, self._now_ms - talk.began_ms) // 1000
        self._say(call_id, call.queue, talk.agent or agent, verb, hold_s, talk_s, call.position or 1)

    def _pass_on(self, call_id: CallId, call: _Call) -> None:
        talk = call.talk
        if talk is None:
            return
        call.talk, call.ring = None, None
        hold_s, talk_s = talk.hold_ms // 1000, max(0, self._now_ms - talk.began_ms) // 1000
        data = (call.passed_to, CONTEXT, hold_s, talk_s, call.position or 1)
        self._say(call_id, call.queue, talk.agent or NONE, Verb.BLINDTRANSFER, *data)

    @property
    def _at_s(self) -> int:
        return self._now_ms // 1000

    def _ring(self, call_id: CallId, attempt: str) -> _Ring | None:
        call = self._calls.get(call_id)
        ring = call.ring if call is not None else None
        return ring if ring is not None and ring.attempt == attempt else None

    def _say(self, call_id: CallId, queue: QueueId, agent: str, verb: Verb, *data: str | int) -> None:
        self._lines.append(Line(self._at_s, call_id, queue, agent, verb, data))
