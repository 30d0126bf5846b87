"""From the engine's orders to actions: the half of the control of calls that speaks.

An offer is one channel variable and one kick, written back to back in one packet so that the
caller's dialplan finds the order the moment its waiting step ends:

    Setvar   Channel: <caller>  Variable: ACD_ORDER
             Value: <attempt>/<epoch>/<verb>/<target>/<via>/<seconds>/<notafter>
                    and for an office's line /<office>/<calls at once>/<what it hears before its key>
    BridgeKick  BridgeUniqueid: <the holding bridge>  Channel: <caller>

The kick is conditional: it works only in that very bridge and cannot touch a talk. But the bridge
changes with every waiting step, so a kick can miss. It is then repeated with the newer bridge, at
once where that is known and else when the caller enters it, until the offer begins, ends, expires
or the caller is gone. The *order* is never repeated. With no bridge known there is no kick at all:
an empty ``BridgeUniqueid`` would throw the caller out of whatever bridge it is in.

A withdrawal first says which attempt it means (``ACD_WD``) and then hangs up the exact leg: a late
one leaves a talk's caller in hold instead of ending the call. A leg we do not know yet is hung up
the moment it is bound.

A prompt is an order like any other, and so is what follows it: an offer for a caller who hears a prompt is
written without a kick, and ``stop`` lets the dialplan come to it. To end a prompt says first which one is
meant (``ACD_WD``), for a stop ends one sound alone; a prompt not taken up yet is ended when it begins.

To pass a talk's caller on, the agent's exact leg is named in a ``BlindTransfer`` into the transfer context:
the same way as a REFER of the phone's takes, and the events tell of both alike. It is sent once.

Nothing here waits. Outcomes come back through the link in the order of the stream, and what the
engine must know becomes a fact. Whatever was pending when a link goes is forgotten, never sent again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import structlog

from acd.ami.hardened import Outcome, Reply, Then
from acd.ami.offset import ClockOffset
from acd.ami.picture import Directory, Picture
from acd.ami.snapshot import VARIABLES, seen_call
from acd.ami.wire import Action
from acd.core.facts import CallLookedAt, CallSeen, OrderFailed
from acd.core.ids import AttemptId, CallId
from acd.core.orders import (
    AnswerAsker,
    LookAgain,
    OfferCall,
    PassOn,
    Say,
    SendToNet,
    StopSaying,
    TargetKind,
    WithdrawOffer,
)
from acd.errors import ActionRefused, ActionUnknown, AsteriskError, UnsafeValue
from acd.runtime.ports import Clock, Inbox

__all__ = ["Delivery", "Sender"]

CAUSE_ANSWERED_ELSEWHERE = 26
"""Q.850: the phone shows no missed call for a ring we took back."""
AUTO_ANSWER = "auto"
"""In an agent's order, where an office's order names the trunk."""
PRESS_ONE = ("vm-press", "digits/1")
"""What a line hears that must press 1, where the rules have no prompt for it: Asterisk's own words."""
TRANSFERS = "acd-xfer"
"""The dialplan's context of what a caller may be passed on to."""
_FIELD = re.compile(r"[A-Za-z0-9._+-]+", re.ASCII)
_SOUND = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*", re.ASCII)
_PASS_ON = re.compile(r"[qo]-[a-z0-9-]+", re.ASCII)

log = structlog.get_logger(__name__)


class Sender(Protocol):
    """What a delivery needs of the link."""

    @property
    def offset(self) -> ClockOffset:
        """Asterisk's clock."""

    def submit(self, *asks: tuple[Action, Then], deadline_s: float = 0.0) -> None:
        """Send in one write; raises ``AsteriskError`` when nothing was sent."""


@dataclass(slots=True)
class _Kick:
    """An order that is written and not yet taken up."""

    call: CallId
    attempt: AttemptId
    not_after_ms: int
    bridge: str = ""
    """The bridge the last kick aimed at."""


class Delivery:
    """Carries out the orders about calls on one node."""

    def __init__(
        self,
        sender: Sender,
        *,
        picture: Callable[[], Picture],
        directory: Callable[[], Directory],
        inbox: Inbox,
        clock: Clock,
        epoch: int,
        entered_ms: Callable[[str], int],
    ) -> None:
        self._sender = sender
        self._picture = picture
        self._directory = directory
        self._inbox = inbox
        self._clock = clock
        self._epoch = epoch
        self._entered_ms = entered_ms
        self._kicks: dict[str, _Kick] = {}
        self._withdrawals: dict[str, AttemptId] = {}
        self._stops: dict[str, AttemptId] = {}
        """Prompts to be ended as soon as they begin."""
        self.kicks_sent = 0
        self.kicks_missed = 0

    def forget(self) -> None:
        """The link is gone: nothing that was under way is sent again."""
        self._kicks.clear()
        self._withdrawals.clear()
        self._stops.clear()

    # ── orders ───────────────────────────────────────────────────────────────────────────────

    def offer(self, order: OfferCall) -> None:
        """Write the order and kick the caller out of its waiting step."""
        via = AUTO_ANSWER if order.auto_answer and order.kind is TargetKind.AGENT else order.via
        fields = (order.kind.value, order.target, via or "-", str(order.ring_s))
        counted: tuple[str, ...] = ()
        if order.kind is TargetKind.LINE:
            asks = order.sounds or PRESS_ONE
            strange = next((sound for sound in asks if not _SOUND.fullmatch(sound)), None)
            if strange is not None:
                self._failed(order.call, order.attempt, False, f"{strange!r} is no name of a sound")
                return
            counted = (order.group, str(order.group_max), _joined(asks) if order.confirm else "-")
        self._write(order.call, order.attempt, fields, order.not_after_ms, counted)

    def net(self, order: SendToNet) -> None:
        """Order the caller into the safety net."""
        self._write(order.call, order.attempt, ("net", "-", "-", "1"), order.not_after_ms)

    def say(self, order: Say) -> None:
        """Let the caller hear sounds; the dialplan reads a dot for a slash, a plus between two."""
        strange = next((sound for sound in order.sounds if not _SOUND.fullmatch(sound)), None)
        if strange is not None or not order.sounds:
            self._failed(order.call, order.attempt, False, f"{strange!r} is no name of a sound")
            return
        sounds = _joined(order.sounds)
        verb = "bye" if order.then_hang_up else "say"
        self._write(order.call, order.attempt, (verb, sounds, "-", "-"), order.not_after_ms)

    def stop(self, order: StopSaying) -> None:
        """End this prompt; one that has not begun and still may, as soon as it does."""
        known = self._picture().callers.get(order.call)
        if known is not None and known.hears == order.attempt:
            self._hush(order.call, order.attempt)
        else:
            self._stops[order.call] = order.attempt

    def withdraw(self, order: WithdrawOffer) -> None:
        """Stop the ring of this attempt; if its leg is not known yet, as soon as it is."""
        self._kicks.pop(order.call, None)
        leg = self._picture().leg_of(order.call, order.attempt)
        if not leg:
            self._withdrawals[order.call] = order.attempt
            return
        self._hang_up(order.call, order.attempt, leg)

    def pass_on(self, order: PassOn) -> None:
        """Take the caller out of the talk with this leg and send them on."""
        leg = self._picture().leg_of(order.call, order.attempt)
        if not leg or not _PASS_ON.fullmatch(order.to):
            why = f"{order.to!r} is no target of a transfer" if leg else "the agent's leg is not known"
            self._failed(order.call, order.attempt, False, why)
            return

        def then(outcome: Outcome) -> None:
            if not isinstance(outcome, Reply):
                self._failed(order.call, order.attempt, isinstance(outcome, ActionUnknown), str(outcome))

        action = Action.of("BlindTransfer", Channel=leg, Exten=order.to, Context=TRANSFERS)
        try:
            self._sender.submit((action, then))
        except AsteriskError as error:
            self._failed(order.call, order.attempt, False, str(error))

    def look(self, order: LookAgain) -> None:
        """Read the caller's channel; ``CallLookedAt`` tells what is there."""

        def then(outcome: Outcome) -> None:
            match outcome:
                case Reply():
                    self._inbox.put(CallLookedAt(call=order.call, seen=self._seen(order.call, outcome)))
                case ActionRefused():
                    self._inbox.put(CallLookedAt(call=order.call, seen=None))
                case ActionUnknown():
                    """The engine looks again by its own clock."""

        self._try((Action.of("Status", Channel=order.call, Variables=VARIABLES), then))

    def answer(self, order: AnswerAsker) -> None:
        """Let the phone that dialled a feature code play its tone."""
        reply = "ok" if order.done else "no"
        self._try((_setvar(order.channel, "ACD_REPLY", reply), _whatever))

    # ── what the node hears ──────────────────────────────────────────────────────────────────

    def held(self, call: str) -> None:
        """A caller entered a holding bridge: an order not yet taken up is kicked again."""
        kick = self._kicks.get(call)
        if kick is not None:
            self._kick(kick)

    def began(self, call: str, attempt: str) -> None:
        """The dialplan took an order up: no more kicks."""
        self._settle(call, attempt)
        if self._stops.pop(call, None) == attempt:
            self._hush(CallId(call), AttemptId(attempt))

    def bound(self, call: str) -> None:
        """A leg was bound: if its offer was withdrawn before, hang it up."""
        attempt = self._withdrawals.get(call)
        leg = self._picture().leg_of(call, attempt) if attempt else ""
        if attempt and leg:
            del self._withdrawals[call]
            self._hang_up(CallId(call), attempt, leg)

    def ended(self, call: str, attempt: str) -> None:
        """An offer ended: its kicks and its withdrawal are void."""
        self._settle(call, attempt)
        if self._withdrawals.get(call) == attempt:
            del self._withdrawals[call]
        if self._stops.get(call) == attempt:
            del self._stops[call]

    def gone(self, call: str) -> None:
        """The caller left us."""
        self._kicks.pop(call, None)
        self._withdrawals.pop(call, None)
        self._stops.pop(call, None)

    def resumed(self) -> None:
        """The picture is new: kick and hang up by what it shows."""
        for call in list(self._kicks):
            self.held(call)
        for call in list(self._withdrawals):
            self.bound(call)

    # ── how ──────────────────────────────────────────────────────────────────────────────────

    def _write(
        self,
        call: CallId,
        attempt: AttemptId,
        fields: tuple[str, ...],
        not_after_ms: int,
        counted: tuple[str, ...] = (),
    ) -> None:
        not_after_s = self._sender.offset.to_theirs(not_after_ms) // 1000
        parts = (attempt, str(self._epoch), *fields, str(not_after_s), *counted)
        wrong = [part for part in parts if not _FIELD.fullmatch(part)]
        if wrong:
            self._failed(call, attempt, False, f"the order holds {wrong[0]!r}, which no order may hold")
            return

        def then(outcome: Outcome) -> None:
            if not isinstance(outcome, Reply):
                self._settle(call, attempt)
                self._failed(call, attempt, isinstance(outcome, ActionUnknown), str(outcome))

        kick = _Kick(call, attempt, not_after_ms)
        asks: list[tuple[Action, Then]] = [(_setvar(call, "ACD_ORDER", "/".join(parts)), then)]
        bridge = self._picture().holding_bridge(call)
        if bridge:
            asks.append(self._aim(kick, bridge))
        self._withdrawals.pop(call, None)
        self._kicks[call] = kick
        try:
            self._sender.submit(*asks)
        except AsteriskError as error:
            self._settle(call, attempt)
            self._failed(call, attempt, False, str(error))

    def _kick(self, kick: _Kick) -> None:
        """Kick once at the bridge the caller is in now; never twice at the same, never at none."""
        if self._clock.now_ms() > kick.not_after_ms:
            self._settle(kick.call, kick.attempt)
            return
        bridge = self._picture().holding_bridge(kick.call)
        if bridge and bridge != kick.bridge:
            self._try(self._aim(kick, bridge))

    def _aim(self, kick: _Kick, bridge: str) -> tuple[Action, Then]:
        kick.bridge = bridge
        self.kicks_sent += 1

        def then(outcome: Outcome) -> None:
            if isinstance(outcome, ActionRefused):
                self.kicks_missed += 1
                if self._kicks.get(kick.call) is kick:
                    self._kick(kick)

        return Action.of("BridgeKick", BridgeUniqueid=bridge, Channel=kick.call), then

    def _hang_up(self, call: CallId, attempt: AttemptId, leg: str) -> None:
        hangup = Action.of("Hangup", Channel=leg, Cause=CAUSE_ANSWERED_ELSEWHERE)
        self._try((_setvar(call, "ACD_WD", attempt), _whatever), (hangup, _whatever))

    def _hush(self, call: CallId, attempt: AttemptId) -> None:
        stop = Action.of("ControlPlayback", Channel=call, Control="stop")
        self._try((_setvar(call, "ACD_WD", attempt), _whatever), (stop, _whatever))

    def _settle(self, call: str, attempt: str) -> None:
        kick = self._kicks.get(call)
        if kick is not None and kick.attempt == attempt:
            del self._kicks[call]

    def _seen(self, call: CallId, reply: Reply) -> CallSeen | None:
        for row in reply.rows:
            if row["Uniqueid"] == call:
                target = self._target(call)
                return seen_call(row, directory=self._directory(), entered_ms=self._entered_ms, target=target)
        return None

    def _target(self, call: str) -> str:
        known = self._picture().callers.get(call)
        return known.target if known is not None and known.leg else ""

    def _failed(self, call: CallId, attempt: AttemptId, unknown: bool, why: str) -> None:
        self._inbox.put(OrderFailed(call=call, attempt=attempt, unknown=unknown, why=why))

    def _try(self, *asks: tuple[Action, Then]) -> None:
        """Send what needs no answer; without a link there is nobody to tell."""
        try:
            self._sender.submit(*asks)
        except UnsafeValue as error:
            log.warning("ami.action_refused", why=str(error))
        except AsteriskError:
            """The link has gone; the resync tells the truth."""


def _setvar(channel: str, variable: str, value: str) -> Action:
    return Action.of("Setvar", Channel=channel, Variable=variable, Value=value)


def _joined(sounds: Iterable[str]) -> str:
    """Sounds as an order carries them."""
    return "+".join(sound.replace("/", ".") for sound in sounds)


def _whatever(_outcome: Outcome) -> None:
    """The events tell what came of it."""
