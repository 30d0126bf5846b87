"""The engine: one fact and the time in, orders and notes out.

Same facts, same times, same start: same orders in the same order. All branching on what a fact is
happens here; what a fact *means* is in ``serving`` (offers and calls), ``requests`` and ``staffing``
(agents) and ``recovery`` (resync). The passing of time is a fact like any other: when ``next_deadline()`` is
reached the shell hands in ``DeadlineReached()``, and whatever is due is done, at most
``SLICE_STEPS`` things at once, so that the loop is never held.

A fact for a call nobody knows is late when the call has just ended, else an anomaly (reported, and
the node is looked at once more by the next resync).
"""

from __future__ import annotations

from typing import Final, Self, assert_never

import msgspec

from acd.core.agents import AgentInput
from acd.core.arrivals import entered, reentered
from acd.core.calls import Call, CallInput, CallState
from acd.core.consent import answer_due, key_pressed, prompt_ended, prompt_over
from acd.core.counting import count_level
from acd.core.deadlines import Due, Key
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    CallCoded,
    CallEnded,
    CallEntered,
    CallerPressed,
    CallerVerified,
    CallInSafetyNet,
    CallLeftMenu,
    CallLookedAt,
    CallTransferred,
    DeadlineReached,
    DeviceChanged,
    Fact,
    FallbackChanged,
    LegEnded,
    NodeLost,
    NodeResynced,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    OptInTold,
    OrderFailed,
    PromptEnded,
    RosterChanged,
    RulesChanged,
    SessionsRestored,
    TalkBegan,
    TransferAsked,
    WrapUpExtended,
)
from acd.core.fallback_change import fallback_changed
from acd.core.hearing import look_due
from acd.core.ids import AgentId, AttemptId, CallId, OfficeId
from acd.core.leaving import end_call, net_took, send_to_net
from acd.core.notes import Anomaly, Late, MenuLeft, Note, ServiceLevel
from acd.core.offering import find_target
from acd.core.offers import Blame, Offer, OfferState
from acd.core.opening import hours_due
from acd.core.orders import Order
from acd.core.policy import Roster, RuleSet
from acd.core.recovery import looked_at, node_lost, node_resynced, settle
from acd.core.requests import asked
from acd.core.rosters import opt_in_told, roster_changed, sessions_restored
from acd.core.rule_change import rules_changed
from acd.core.serving import (
    carrier_due,
    health_due,
    leave_due,
    leg_ended,
    make_ready,
    offer_began,
    offer_ended,
    offer_rang,
    room_due,
    talk_began,
    withdraw,
)
from acd.core.staffing import (
    device_changed,
)
from acd.core.waiting import rest_over, return_due
from acd.core.widening import stage_due, step_due, weigh_lines
from acd.core.world import World

SLICE_STEPS: Final = 50
"""Deadlines or bulk steps done for one fact: about 3 ms."""


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What one fact led to."""

    orders: list[Order]
    notes: list[Note]
    refused: str | None
    """Why an agent's request was not granted; None for everything else."""


class Engine:
    """Decides, for every waiting caller, whom to ring and when."""

    __slots__ = ("world",)

    def __init__(self, rules: RuleSet, roster: Roster, epoch: int) -> None:
        """Start with nobody logged in and nobody waiting.

        Args:
            rules: The compiled rule set.
            roster: Everybody who may log in.
            epoch: Number of this leadership; every attempt's name begins with it.
        """
        self.world = World(rules, roster, epoch)

    @classmethod
    def going_on(cls, world: World) -> Self:
        """An engine that goes on from a restored world (``acd.core.freezing``)."""
        engine = cls.__new__(cls)
        engine.world = world
        return engine

    def handle(self, fact: Fact, now_ms: int) -> Outcome:
        """Take one fact, move what it moves, and say what must be done about it.

        Args:
            fact: What happened. Late and repeated facts are normal.
            now_ms: The moment it is handled, wall milliseconds; never goes back.

        Returns:
            Orders in the order to send them, notes for whoever counts, and the reason if an
            agent's request was refused.
        """
        world = self.world
        world.now_ms = max(now_ms, world.now_ms)
        world.orders, world.notes, world.refused = [], [], None
        self._take(fact)
        if world.matcher.stirred and not world.work:
            weigh_lines(world)
        if world.work:
            if isinstance(fact, RulesChanged | FallbackChanged):
                world.deadlines.arm(Due.SLICE, "", world.now_ms)  # to plan it was this turn's share
            else:
                self._work_slice()
        return Outcome(world.orders, world.notes, world.refused)

    def next_deadline(self) -> int | None:
        """When ``DeadlineReached`` must be handed in next, wall milliseconds; None for never."""
        return self.world.deadlines.next_ms()

    # ── what a fact is ───────────────────────────────────────────────────────────────────────

    def _take(self, fact: Fact) -> None:
        match fact:
            case DeadlineReached():
                self._deadlines()
            case CallEntered():
                self._entered(fact)
            case OfferBegan() | OfferRang() | TalkBegan() | OfferEnded() | LegEnded():
                if (offer := self._offer(fact, fact.call, fact.attempt)) is not None:
                    self._follow(offer, fact)
            case CallEnded():
                if (found := self._call(fact, fact.call)) is not None:
                    end_call(self.world, found)
            case DeviceChanged():
                self.world.pending_devices.pop(fact.endpoint, None)  # what a resync saw is older
                device_changed(self.world, fact.endpoint, fact.state)
            case CallerPressed():
                if (found := self._call(fact, fact.call)) is not None:
                    key_pressed(self.world, found, fact.key)
            case PromptEnded():
                if (found := self._call(fact, fact.call)) is not None:
                    prompt_ended(self.world, found, fact)
            case CallTransferred():
                if (found := self._call(fact, fact.call)) is not None:
                    self._transferred(found, fact.attempt)
            case CallInSafetyNet():
                if (found := self._call(fact, fact.call)) is not None:
                    net_took(self.world, found)
            case OrderFailed():
                self._order_failed(fact)
            case CallLookedAt():
                if (found := self._call(fact, fact.call)) is not None:
                    looked_at(self.world, found, fact.seen)
            case NodeLost():
                node_lost(self.world, fact.node)
            case NodeResynced():
                node_resynced(self.world, fact)
            case (
                AgentLoggedIn()
                | AgentLoggedOut()
                | AgentPaused()
                | AgentReadied()
                | WrapUpExtended()
                | TransferAsked()
                | CallCoded()
                | CallerVerified()
            ):
                asked(self.world, fact)
            case RulesChanged():
                rules_changed(self.world, fact)
            case FallbackChanged():
                fallback_changed(self.world, fact)
            case OptInTold():
                opt_in_told(self.world, fact)
            case SessionsRestored():
                sessions_restored(self.world, fact)
            case RosterChanged():
                roster_changed(self.world, fact)
            case CallLeftMenu():
                self._left_menu(fact)
            case _:
                assert_never(fact)

    def _follow(self, offer: Offer, fact: OfferBegan | OfferRang | TalkBegan | OfferEnded | LegEnded) -> None:
        world = self.world
        match fact:
            case OfferBegan():
                offer_began(world, offer)
            case OfferRang():
                offer_rang(world, offer)
            case TalkBegan():
                talk_began(world, world.calls[offer.call], offer)
            case OfferEnded():
                offer_ended(world, world.calls[offer.call], offer, fact.end, talk_ms=fact.talk_ms)
            case LegEnded():
                leg_ended(world, offer)
            case _:
                assert_never(fact)

    # ── whom a fact is about ─────────────────────────────────────────────────────────────────

    def _call(self, fact: Fact, call_id: CallId) -> Call | None:
        world = self.world
        if world.pending_seen:
            settle(world, call_id)
        call = world.calls.get(call_id)
        if call is None:
            name = type(fact).__name__
            if call_id in world.tombstones:
                world.note(Late(fact=name, key=call_id))
            elif isinstance(fact, CallEnded):  # the hang-up crossed the entry: should that come, it is late
                world.remember_gone(call_id, 1)
                world.note(Late(fact=name, key=call_id))
            else:
                world.note(Anomaly(fact=name, key=call_id, state="unknown"))
        return call

    def _offer(self, fact: Fact, call_id: CallId, attempt: AttemptId) -> Offer | None:
        """The open offer of this attempt; facts of a closed one are late."""
        world = self.world
        offer = world.offers.get(attempt)
        if offer is None or world.pending_seen:
            call = self._call(fact, call_id)
            offer = world.offers.get(attempt)
            if call is not None and offer is None:
                world.note(Late(fact=type(fact).__name__, key=attempt))
                if isinstance(fact, OfferBegan | OfferRang | TalkBegan):
                    world.look_again(call)  # it goes on although we gave it up: see how it stands
        return offer

    def _entered(self, fact: CallEntered) -> None:
        world = self.world
        if world.pending_seen:
            settle(world, fact.call)
        known_call = world.calls.get(fact.call)
        if known_call is not None:
            reentered(world, known_call, fact)
        else:
            entered(world, fact)

    def _left_menu(self, fact: CallLeftMenu) -> None:
        """A caller hung up before any queue: counted once, and never a call."""
        world = self.world
        if fact.call in world.calls or fact.call in world.tombstones:
            world.note(Late(fact="CallLeftMenu", key=fact.call))
            return
        world.remember_gone(fact.call, 0)
        world.note(
            MenuLeft(
                call=fact.call,
                node=fact.node,
                called=fact.called,
                arrived_ms=fact.arrived_ms,
                left_ms=fact.left_ms,
            )
        )

    def _transferred(self, call: Call, attempt: AttemptId) -> None:
        world = self.world
        if call.offer is not None and call.offer.attempt != attempt:
            world.note(Late(fact="CallTransferred", key=attempt))
            return
        if call.offer is not None and call.offer.state is OfferState.TALKING:
            leg_ended(world, call.offer)
        if world.move_call(call, CallInput.PASSED_ON, "CallTransferred"):
            call.transferred_ms = world.now_ms
            world.deadlines.arm(Due.LOOK, call.id, world.now_ms + world.rules.timings.transfer_ms_max)

    def _order_failed(self, fact: OrderFailed) -> None:
        """The order did not reach the channel. Refused: the channel is gone or going. Unknown: look."""
        world = self.world
        offer = world.offers.get(fact.attempt)
        call = world.calls.get(fact.call)
        if call is None or (offer is not None and offer.call != call.id):
            world.note(Late(fact="OrderFailed", key=fact.attempt))
            return
        if offer is not None and offer.state is OfferState.ORDERED and not fact.unknown:
            offer_ended(world, call, offer, OfferEnd.REFUSED)
        if call.prompt is not None and call.prompt.attempt == fact.attempt and not fact.unknown:
            prompt_over(world, call, heard=False, refused=True)
        world.look_again(call)  # also when the order was to the net: is the caller still there?

    # ── the passing of time ──────────────────────────────────────────────────────────────────

    def _work_slice(self) -> None:
        world = self.world
        for _ in range(SLICE_STEPS):
            if not world.work:
                break
            world.work.popleft()()
        if world.work or world.matcher.stirred:
            world.deadlines.arm(Due.SLICE, "", world.now_ms)

    def _deadlines(self) -> None:
        world = self.world
        for _ in range(SLICE_STEPS):
            taken = world.deadlines.take(world.now_ms)
            if taken is None:
                return
            self._due(*taken)

    def _due(self, kind: Due, key: Key) -> None:
        world = self.world
        match kind:
            case Due.OFFER:
                offer = world.offers.get(AttemptId(str(key)))
                if offer is not None:
                    self._offer_due(offer)
            case Due.WRAP_UP:
                record = world.agents[AgentId(str(key))]
                make_ready(world, record, AgentInput.WRAP_OVER, "DeadlineReached")
            case Due.RETRY:
                record = world.agents[AgentId(str(key))]
                if record.unavailable:  # Asterisk says it is still gone, and will say when it is back
                    retry_ms = world.rules.timings.unreachable_retry_ms
                    world.deadlines.arm(Due.RETRY, key, world.now_ms + retry_ms)
                else:
                    make_ready(world, record, AgentInput.REACHABLE, "DeadlineReached")
            case Due.AGAIN:
                call = world.calls.get(CallId(key[0]))
                if call is not None:
                    self._again(call, key[1])
            case (
                Due.THRESHOLD
                | Due.STEP
                | Due.STAGE
                | Due.MAX_WAIT
                | Due.RETURN
                | Due.REST
                | Due.PROMPT
                | Due.ANSWER
                | Due.LOOK
            ):
                call = world.calls.get(CallId(str(key)))
                if call is not None:
                    self._call_due(kind, call)
            case Due.LEAVE:
                leave_due(world, world.agents[AgentId(str(key))])
            case Due.BREAK_OVER:
                make_ready(world, world.agents[AgentId(str(key))], AgentInput.READY, "DeadlineReached")
            case Due.HOURS:
                hours_due(world, OfficeId(str(key)))
            case Due.HEALTH:
                health_due(world, OfficeId(str(key)))
            case Due.ROOM:
                room_due(world, OfficeId(str(key)))
            case Due.CARRIER:
                carrier_due(world, str(key))
            case Due.SLICE:
                pass  # the work itself runs after every fact
            case _:
                assert_never(kind)

    def _call_due(self, kind: Due, call: Call) -> None:
        world, timings = self.world, self.world.rules.timings
        match kind:
            case Due.THRESHOLD:
                if not call.level_counted:
                    count_level(world, call, ServiceLevel.MISSED)
            case Due.STEP:
                step_due(world, call)
            case Due.STAGE:
                stage_due(world, call)
            case Due.MAX_WAIT:
                if call.state in {CallState.WAITING, CallState.HEARING, CallState.FAREWELL}:
                    again_ms = timings.order_valid_ms + timings.order_grace_ms
                    world.deadlines.arm(Due.MAX_WAIT, call.id, world.now_ms + again_ms)
                    if call.node not in world.down and call.state is not CallState.FAREWELL:
                        send_to_net(world, call)
            case Due.RETURN:
                return_due(world, call)
            case Due.REST:
                rest_over(world, call)
            case Due.PROMPT:
                look_due(world, call)
            case Due.ANSWER:
                answer_due(world, call)
            case _:
                leaving = call.state is CallState.LEAVING
                look_ms = timings.look_ms if leaving else timings.transfer_ms_max
                world.deadlines.arm(Due.LOOK, call.id, world.now_ms + look_ms)
                world.look_again(call)

    def _again(self, call: Call, target: str) -> None:
        """A target that missed this call may have it again."""
        call.avoided.pop(target, None)
        if call.place:
            find_target(self.world, call)

    def _offer_due(self, offer: Offer) -> None:
        """An offer's state has lasted as long as it may."""
        world, timings = self.world, self.world.rules.timings
        call = world.calls[offer.call]
        if offer.node in world.down:
            # Nothing can be asked or known now; the resync will tell. Look at it again then.
            world.deadlines.arm(Due.OFFER, offer.attempt, world.now_ms + timings.look_ms)
            return
        match offer.state:
            case OfferState.ORDERED:
                # Past its not-after the dialplan refuses the order, so the target is free.
                offer_ended(world, call, offer, OfferEnd.REFUSED)
                world.look_again(call)
            case OfferState.DIALLING:
                withdraw(world, offer, Blame.GHOST)
            case OfferState.RINGING | OfferState.WITHDRAWING:
                world.deadlines.arm(Due.OFFER, offer.attempt, world.now_ms + timings.look_ms)
                world.look_again(call)
            case OfferState.TALKING | OfferState.RELEASED | OfferState.CLOSED:
                pass
            case _:
                assert_never(offer.state)
