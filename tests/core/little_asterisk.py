"""A little Asterisk, faithful to the dialplan's contract and to nothing else: the truth of the machine tests.

It knows callers, the orders written to them, and phones that do as they are told. Each step of a caller
goes out as a fact in the order of the stream; while the link is down facts are lost and orders are
refused, as on the real one. ``resync`` tells the whole truth. What a phone does is decided by the
test; what a caller's dialplan does is decided here:

* an order is taken only in hold, once, before its ``not_after``, else it is refused;
* an office that carries as many calls as it can is not dialled: its order is refused as full;
* a ring ends by itself after its time; a withdrawal ends it at once, before or after it was taken;
* a prompt ends by itself after its time, or when it is stopped; an order written meanwhile follows it at
  once; a farewell ends the call;
* a hang-up of the caller gives no end of the offer; the leg's end comes after the caller's.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from acd.core.facts import (
    CallEnded,
    CallEntered,
    CallerPressed,
    CallInSafetyNet,
    CallLookedAt,
    CallSeen,
    CallTransferred,
    Fact,
    LegEnded,
    MemberSeen,
    NodeLost,
    NodeResynced,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    OrderFailed,
    PromptEnded,
    Stage,
    TalkBegan,
)
from acd.core.ids import AttemptId, CallId, NodeId
from acd.core.orders import (
    LookAgain,
    OfferCall,
    Order,
    PassOn,
    Say,
    SendToNet,
    SetNetMember,
    StopSaying,
    WithdrawOffer,
)

SHORT_TALK_MS = 1_500
PROMPT_MS = 4_000


@dataclass
class Caller:
    """One caller's channel."""

    id: CallId
    queue: str
    entered_ms: int
    visit: int = 1
    stage: Stage = Stage.HOLDING
    order: OfferCall | SendToNet | Say | None = None
    attempt: str = ""
    target: str = ""
    since_ms: int = 0
    rings: bool = False
    ring_until_ms: int = 0
    """Until then it rings, or a prompt is heard."""
    leg: str = ""
    """Attempt whose leg is alive, empty for none."""
    first_ms: int = 0
    province: str = ""
    office: str = ""
    pass_on: PassOn | None = None
    group: str = ""
    """The office that this caller is counted at while it rings or talks there."""


@dataclass
class LittleAsterisk:
    """One node: its callers, and the stream of facts that leads to the engine."""

    id: NodeId
    callers: dict[CallId, Caller] = field(default_factory=dict)
    members: dict[str, MemberSeen] = field(default_factory=dict)
    stream: deque[Fact] = field(default_factory=deque)
    up: bool = True
    number: int = 0
    withdrawn: dict[AttemptId, None] = field(default_factory=dict)
    """Rings taken back and prompts stopped."""

    # ── the wire ─────────────────────────────────────────────────────────────────────────────

    def say(self, fact: Fact) -> None:
        """Put a fact on the stream, unless nobody listens."""
        if self.up:
            self.stream.append(fact)

    def lose_link(self) -> None:
        """The connection breaks: what was under way is lost."""
        if self.up:
            self.stream.clear()
            self.stream.append(NodeLost(node=self.id))
            self.up = False

    def restart(self) -> None:
        """Asterisk starts anew: every channel is gone."""
        self.lose_link()
        self.callers.clear()
        self.withdrawn.clear()

    def resync(self, *, restarted: bool = False) -> None:
        """The connection is back and tells the whole truth."""
        self.up = True
        self.stream.append(
            NodeResynced(
                node=self.id,
                calls=tuple(self.seen(caller) for caller in self.callers.values()),
                members=tuple(self.members.values()),
                restarted=restarted,
            )
        )

    def seen(self, caller: Caller) -> CallSeen:
        """A caller's channel variables now."""
        return CallSeen(
            call=caller.id,
            queue=caller.queue,
            entered_ms=caller.entered_ms,
            stage=caller.stage,
            visit=caller.visit,
            first_entered_ms=caller.first_ms,
            province=caller.province,
            office=caller.office,
            attempt=caller.attempt,
            target=caller.target if caller.stage in {Stage.DIALLING, Stage.TALKING} else "",
        )

    def obey(self, order: Order) -> None:
        """Take one order off the wire."""
        match order:
            case SetNetMember():
                if order.logged_in:
                    self.members[order.endpoint] = MemberSeen(
                        endpoint=order.endpoint, paused=order.paused, reason=order.reason
                    )
                else:
                    self.members.pop(order.endpoint, None)
            case OfferCall() | SendToNet() | Say():
                caller = self.callers.get(order.call)
                if caller is None or not self.up:
                    gone = OrderFailed(
                        call=order.call, attempt=order.attempt, unknown=not self.up, why="no such channel"
                    )
                    self.say(gone)
                else:
                    caller.order = order
            case PassOn():
                caller = self.callers.get(order.call)
                if caller is not None and self.up:
                    caller.pass_on = order
            case WithdrawOffer() | StopSaying():
                if self.up:
                    self.withdrawn[order.attempt] = None
            case LookAgain():
                caller = self.callers.get(order.call)
                self.say(CallLookedAt(call=order.call, seen=None if caller is None else self.seen(caller)))
            case _:
                pass

    # ── the dialplan ─────────────────────────────────────────────────────────────────────────

    def enter(self, queue: str, now_ms: int, province: str = "") -> Caller:
        """A new caller."""
        self.number += 1
        call = CallId(f"{self.id}-1.{self.number}")
        caller = Caller(call, queue, now_ms, first_ms=now_ms, province=province)
        self.callers[caller.id] = caller
        entered = CallEntered(call=call, node=self.id, queue=queue, entered_ms=now_ms, province=province)
        self.say(entered)
        return caller

    def tick(self, now_ms: int) -> None:
        """Every caller's dialplan does what is due."""
        for caller in list(self.callers.values()):
            if caller.stage is Stage.HOLDING and caller.order is not None:
                self._take(caller, now_ms)
            elif caller.stage is Stage.DIALLING:
                if AttemptId(caller.attempt) in self.withdrawn:
                    self.end_ring(caller, OfferEnd.WITHDRAWN)
                elif now_ms >= caller.ring_until_ms:
                    self.end_ring(caller, OfferEnd.NO_ANSWER)
            elif caller.stage is Stage.HEARING:
                if AttemptId(caller.attempt) in self.withdrawn or now_ms >= caller.ring_until_ms:
                    self.end_prompt(caller)
            elif caller.stage is Stage.LEAVING or (
                caller.stage is Stage.FAREWELL and now_ms >= caller.ring_until_ms
            ):
                self.hang_up(caller)
            elif caller.pass_on is not None:
                self._pass_on(caller, caller.pass_on, now_ms)

    def _pass_on(self, caller: Caller, order: PassOn, now_ms: int) -> None:
        """The blind transfer we were asked for; too late it finds nobody to transfer."""
        caller.pass_on = None
        if caller.stage is Stage.TALKING and caller.attempt == order.attempt:
            kind, _, name = order.to.partition("-")
            queue = name if kind == "q" else caller.queue
            self.transfer(caller, queue, now_ms, office=name if kind == "o" else "")

    def _take(self, caller: Caller, now_ms: int) -> None:
        order, caller.order = caller.order, None
        assert order is not None
        caller.attempt = order.attempt
        if now_ms > order.not_after_ms and isinstance(order, Say):
            self.say(PromptEnded(call=caller.id, attempt=order.attempt, heard=False, refused=True))
        elif isinstance(order, Say):
            caller.stage = Stage.FAREWELL if order.then_hang_up else Stage.HEARING
            caller.ring_until_ms = now_ms + PROMPT_MS
        elif now_ms > order.not_after_ms:
            self.say(OfferEnded(call=caller.id, attempt=order.attempt, end=OfferEnd.REFUSED))
        elif isinstance(order, SendToNet):
            caller.stage = Stage.IN_NET
            self.say(CallInSafetyNet(call=caller.id))
        elif order.group and self.carried(order.group) >= order.group_max:
            self.say(OfferEnded(call=caller.id, attempt=order.attempt, end=OfferEnd.FULL))
        else:
            caller.group = order.group
            caller.stage, caller.target, caller.leg = Stage.DIALLING, order.target, order.attempt
            caller.rings, caller.ring_until_ms = False, now_ms + order.ring_s * 1_000
            self.say(OfferBegan(call=caller.id, attempt=order.attempt))

    def carried(self, office: str) -> int:
        """Calls at this office now."""
        there = {Stage.DIALLING, Stage.TALKING}
        return sum(each.group == office and each.stage in there for each in self.callers.values())

    def end_prompt(self, caller: Caller, *, heard: bool = True) -> None:
        """The prompt is over, the caller is back in hold."""
        caller.stage = Stage.HOLDING
        self.say(PromptEnded(call=caller.id, attempt=AttemptId(caller.attempt), heard=heard))

    def press(self, caller: Caller, key: str) -> None:
        """The caller presses a key; in a ring or talk nobody sees it."""
        if caller.stage in {Stage.HOLDING, Stage.HEARING}:
            self.say(CallerPressed(call=caller.id, key=key))

    # ── phones and people ────────────────────────────────────────────────────────────────────

    def ring(self, caller: Caller) -> None:
        """The phone rings."""
        if not caller.rings:
            caller.rings = True
            self.say(OfferRang(call=caller.id, attempt=AttemptId(caller.attempt)))

    def answer(self, caller: Caller, now_ms: int) -> None:
        """The phone is answered."""
        self.ring(caller)
        caller.stage, caller.since_ms = Stage.TALKING, now_ms
        self.say(TalkBegan(call=caller.id, attempt=AttemptId(caller.attempt)))

    def end_ring(self, caller: Caller, end: OfferEnd) -> None:
        """The ring is over, the caller is back in hold."""
        attempt = AttemptId(caller.attempt)
        caller.stage, caller.target, caller.order, caller.leg = Stage.HOLDING, "", None, ""
        self.say(LegEnded(call=caller.id, attempt=attempt))
        self.say(OfferEnded(call=caller.id, attempt=attempt, end=end))

    def end_talk(self, caller: Caller, now_ms: int) -> None:
        """The target hangs up: at once is dropped, later ends the call."""
        attempt, talk_ms = AttemptId(caller.attempt), now_ms - caller.since_ms
        dropped = talk_ms < SHORT_TALK_MS
        caller.stage = Stage.HOLDING if dropped else Stage.LEAVING
        caller.target, caller.order, caller.leg = "", None, ""
        self.say(LegEnded(call=caller.id, attempt=attempt))
        end = OfferEnd.DROPPED if dropped else OfferEnd.TALKED
        self.say(OfferEnded(call=caller.id, attempt=attempt, end=end, talk_ms=talk_ms))

    def transfer(self, caller: Caller, queue: str | None, now_ms: int, office: str = "") -> None:
        """A blind transfer: out, or into a queue or to an office as the next visit."""
        attempt = AttemptId(caller.attempt)
        caller.target, caller.leg = "", ""
        self.say(CallTransferred(call=caller.id, attempt=attempt))
        self.say(LegEnded(call=caller.id, attempt=attempt))
        caller.stage, caller.order = Stage.TRANSFERRED, None
        if queue is not None:
            caller.stage, caller.attempt, caller.queue = Stage.HOLDING, "", queue
            caller.visit, caller.entered_ms, caller.office = caller.visit + 1, now_ms, office
            self.say(
                CallEntered(
                    call=caller.id,
                    node=self.id,
                    queue=queue,
                    entered_ms=now_ms,
                    visit=caller.visit,
                    first_entered_ms=caller.first_ms,
                    office=office,
                )
            )

    def hang_up(self, caller: Caller) -> None:
        """The caller's channel is gone, and with it the leg."""
        del self.callers[caller.id]
        self.say(CallEnded(call=caller.id))
        if caller.leg:
            self.say(LegEnded(call=caller.id, attempt=AttemptId(caller.leg)))
