"""One Asterisk as the runtime sees it: orders in, facts out, and a lease while both work.

The life of a connection: logged in → wait until Asterisk is booted and its dialplan is the one we know
→ hold events back → read the whole node → tell the dialplan our epoch and renew the lease →
``NodeResynced`` to the engine → let the held events follow → act. Until then every order is refused
with a fact, none is kept. When the link goes, ``NodeLost``; the link opens another by itself.

A dialplan of another version is not worked with: it would misread our orders or we its reports. We
vouch for nothing there, its safety net has the callers, and the node says what to do. It is asked again
every other second, and every tenth while we work, for nobody tells of a ``dialplan reload``.

All that happens to a message happens here in one place and in order: decode it, move the delivery
(kicks, withdrawals), put the fact into the inbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import assert_never

import structlog

from acd.ami import snapshot
from acd.ami.decode import Decoder
from acd.ami.delivery import Delivery
from acd.ami.lease import Lease
from acd.ami.link import Connect, Link, Outcome, Reply
from acd.ami.net import NetMirror
from acd.ami.picture import Directory, Picture, Redact, nothing
from acd.ami.rehearsing import Rehearsing
from acd.ami.settings import AmiSettings
from acd.ami.snapshot import COPY_DIALPLAN, wrong_dialplan
from acd.ami.wire import Action, Message
from acd.core.facts import (
    CallEnded,
    CallInSafetyNet,
    DeviceChanged,
    Fact,
    NodeLost,
    NodeResynced,
    OfferBegan,
    OfferEnded,
    OrderFailed,
    PromptEnded,
)
from acd.core.ids import NodeId
from acd.core.orders import (
    AnswerAsker,
    LookAgain,
    OfferCall,
    Order,
    PassOn,
    Resync,
    Say,
    SendToNet,
    SetNetMember,
    StopSaying,
    WithdrawOffer,
)
from acd.core.policy import Roster, RuleSet
from acd.errors import AsteriskError, AsteriskUnreachable, LoginRefused
from acd.metrics.picture import NodeGauges
from acd.runtime.ports import Clock, Health, Inbox, NodeState
from acd.transition.rehearsing import Trial, Tried

__all__ = ["AsteriskNode"]

RESYNC_PAUSE_S = 1.0
"""The least time between two looks at the whole node on one connection."""
DIALPLAN_POLL_S = 2.0
"""A dialplan we do not know is asked again after this."""
DIALPLAN_WATCH_S = 10.0
"""One we work with after this."""

log = structlog.get_logger(__name__)


class AsteriskNode:
    """Implements ``acd.runtime.ports.Node`` over AMI."""

    def __init__(
        self,
        settings: AmiSettings,
        *,
        rules: RuleSet,
        roster: Roster,
        epoch: int,
        inbox: Inbox,
        clock: Clock,
        health: Health,
        connect: Connect | None = None,
        draw: Callable[[], float] = random.random,
        hash_number: Redact = nothing,
        class_of_code: Redact = nothing,
    ) -> None:
        self.settings = settings
        self.why_not = "not connected yet"
        """Why the node is not ready, for ``readyz``; empty while it is."""
        self.asterisk_version = ""
        """In Asterisk's own words; empty until it was read."""
        self.entry_revision = ""
        """``EntryPlan.revision`` of the entry menus that Asterisk runs; empty for none or not read yet."""
        self.restarts_seen = 0
        self.resyncs = 0
        self._state = NodeState.CONNECTING
        self._inbox = inbox
        self._epoch = epoch
        self._started = ""
        self._again = asyncio.Event()
        self._booted_late = False
        self._directory = Directory(rules, roster, hash_number=hash_number, class_of_code=class_of_code)
        self.link = Link(
            settings, clock=clock, on_event=self._heard, on_down=self._down, connect=connect, draw=draw
        )
        self._decoder = Decoder(
            settings.id, picture=Picture(), directory=self._directory, offset=self.link.offset, clock=clock
        )
        self.delivery = Delivery(
            self.link,
            picture=lambda: self._decoder.picture,
            directory=lambda: self._directory,
            inbox=inbox,
            clock=clock,
            epoch=epoch,
            entered_ms=self._decoder.entered_ms,
        )
        self.lease = Lease(self.link, clock=clock, health=health, epoch=epoch)
        self.net = NetMirror(self.link, self._directory.languages)
        self._rehearsing = Rehearsing(self.link)

    # ── the port ─────────────────────────────────────────────────────────────────────────────

    @property
    def id(self) -> NodeId:
        """Its name in the configuration."""
        return self.settings.id

    @property
    def state(self) -> NodeState:
        """Where the link stands now."""
        return self._state

    def gauges(self, entry_revision: str) -> NodeGauges:
        """How the link does, beside the entry menus that Asterisk should run."""
        return NodeGauges(
            node=self.id,
            connected=self._state is NodeState.READY,
            reconnects=max(0, self.link.counts["connects"] - 1),
            dialplan_current=self.entry_revision == entry_revision,
            events=dict(self.link.events),
        )

    def roster_changed(self, roster: Roster) -> None:
        """Know other people and phones from now on, and tell how the phones are that are new to us."""
        self._look_up_in(self._directory.of(roster))

    def rules_changed(self, rules: RuleSet) -> None:
        """Read digits and phones by other rules from now on; the safety net has their languages."""
        self._look_up_in(self._directory.under(rules))
        self.net.speak(self._directory.languages)

    def _look_up_in(self, directory: Directory) -> None:
        before, self._directory = self._directory, directory
        self._decoder.directory = directory

        def then(outcome: Outcome) -> None:
            rows = outcome.rows if isinstance(outcome, Reply) else ()
            for device in snapshot.phones(rows, directory):
                if not before.knows(device.endpoint):
                    self._inbox.put(DeviceChanged(endpoint=device.endpoint, state=device.state))

        if self._state is NodeState.READY and directory.may_know_more_than(before):
            with contextlib.suppress(AsteriskError):  # without a link: the next resync reads them all
                self.link.submit((Action.of("DeviceStateList"), then), deadline_s=self.settings.list_s)

    def carry_out(self, order: Order) -> None:
        """Begin to carry out one order; never raises; what comes of it comes as a fact."""
        try:
            self._carry_out(order)
        except Exception as error:
            log.exception("node.order_failed", node=self.id, order=type(order).__name__)
            self._refuse(order, f"our own defect: {error!r}")

    def _carry_out(self, order: Order) -> None:
        if self._state is not NodeState.READY:
            if isinstance(order, SetNetMember):
                self.net.want(order)
            self._refuse(order, f"the node is {self._state.value}")
            return
        match order:
            case OfferCall():
                self.delivery.offer(order)
            case SendToNet():
                self.delivery.net(order)
            case WithdrawOffer():
                self.delivery.withdraw(order)
            case PassOn():
                self.delivery.pass_on(order)
            case Say():
                self.delivery.say(order)
            case StopSaying():
                self.delivery.stop(order)
            case LookAgain():
                self.delivery.look(order)
            case AnswerAsker():
                self.delivery.answer(order)
            case SetNetMember():
                self.net.want(order)
            case Resync():
                log.warning("node.looked_at_anew", node=self.id, why=order.why)
                self._again.set()
            case _:
                assert_never(order)

    async def try_line(self, trial: Trial) -> Tried:
        """Place one synthetic call to an office; raises `AsteriskError` as `Rehearsing.attempt` does."""
        if self._state is not NodeState.READY:
            raise AsteriskUnreachable(f"{self.id} is {self._state.value}: {self.why_not}.")
        return await self._rehearsing.attempt(trial)

    async def run(self) -> None:
        """Keep the link alive until cancelled; after a refused login stand still and say so."""
        self._move(NodeState.CONNECTING, "not connected yet")
        try:
            await self.link.run(self._session)
        except LoginRefused as error:
            log.critical("node.login_refused_for_good", node=self.id, why=str(error))
            self._move(NodeState.REFUSED, str(error))
            await asyncio.get_running_loop().create_future()
        if self._state is not NodeState.STOPPED:
            self._move(NodeState.STOPPED, "stopped")

    async def stop(self) -> None:
        """A planned stop: extend the lease so that callers stay where they are, then log off."""
        if self._state is NodeState.READY:
            with contextlib.suppress(AsteriskError):
                await self.lease.extend()
        self._move(NodeState.STOPPED, "stopped")
        await self.link.stop()

    # ── one connection ───────────────────────────────────────────────────────────────────────

    async def _session(self) -> None:
        self._move(NodeState.SYNCING, "reading the node")
        self._booted_late = not await self.link.booted()
        if self._booted_late:
            log.warning("node.boot_not_told", node=self.id)
        await self._dialplan_known()
        if not await self._resync():
            await asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.lease.keep())
            group.create_task(self.net.keep())
            group.create_task(self._resync_on_demand())
            group.create_task(self._watch_dialplan())

    async def _dialplan_known(self) -> None:
        """Wait until the dialplan is the one we know, and say what is to be done while it is not."""
        while wrong := await self._look_at_dialplan():
            if wrong != self.why_not:
                log.error("node.wrong_dialplan", node=self.id, why=wrong)
            self._move(NodeState.SYNCING, wrong)
            await asyncio.sleep(DIALPLAN_POLL_S)
        self._move(NodeState.SYNCING, "reading the node")

    async def _watch_dialplan(self) -> None:
        """Notice a dialplan that was exchanged under us, and entry menus of another revision."""
        while True:
            await asyncio.sleep(DIALPLAN_WATCH_S)
            with contextlib.suppress(AsteriskError):  # a lost answer is no reason; the link watches itself
                if wrong := await self._look_at_dialplan():
                    self.link.cut(wrong)

    async def _look_at_dialplan(self) -> str:
        """Read version and entry revision; why we cannot work with it, empty when we can."""
        version, entry = await asyncio.gather(
            self.link.act(Action.of("Getvar", Variable="ACD_DIALPLAN")),
            self.link.act(Action.of("Getvar", Variable="ACD_ENTRY")),
        )
        self.entry_revision = entry["Value"]
        wrong = wrong_dialplan(version["Value"])
        return f"{wrong} {COPY_DIALPLAN}" if wrong else ""

    async def _resync_on_demand(self) -> None:
        while True:
            await self._again.wait()
            try:
                # The stream has no gap here: let what it still holds be told first, or a call that
                # has ended would be closed as a ghost before its own events say how.
                await self.link.ping()
                await self._resync()
            except AsteriskError as error:
                self.link.cut(f"The node could not be read: {error}")
            await asyncio.sleep(RESYNC_PAUSE_S)

    async def _resync(self) -> bool:
        """Read the whole node, tell the engine, go on from there; False: another ACD leads here."""
        self.link.hold()
        self._again.clear()
        seen = await snapshot.take(self.link, directory=self._directory, entered_ms=self._decoder.entered_ms)
        if seen.epoch > self._epoch:
            self._deposed(seen.epoch)
            return False
        await self.lease.lead()
        await self.lease.renew()
        restarted = bool(self._started) and self._started != seen.started
        self._started, self.asterisk_version = seen.started, seen.version
        self.restarts_seen += restarted
        self.resyncs += 1
        self._decoder.picture = seen.picture
        self.net.found(seen.net)
        self._move(NodeState.READY, "")
        self._inbox.put(
            NodeResynced(
                node=self.id,
                calls=seen.calls,
                devices=seen.devices,
                members=seen.members,
                restarted=restarted,
            )
        )
        self.delivery.resumed()
        self.link.release()
        return True

    def _deposed(self, epoch: int) -> None:
        why = f"another ACD leads this node (epoch {epoch}, ours is {self._epoch}); restart to take over"
        log.critical("node.deposed", node=self.id, why=why)
        self._move(NodeState.STOPPED, why)

    def _down(self) -> None:
        self.delivery.forget()
        self._rehearsing.lost()
        if self._state in {NodeState.READY, NodeState.SYNCING}:
            was_ready = self._state is NodeState.READY
            self._move(NodeState.CONNECTING, "the link to Asterisk is down")
            if was_ready:
                self._inbox.put(NodeLost(node=self.id))

    def _move(self, state: NodeState, why_not: str) -> None:
        self._state, self.why_not = state, why_not

    # ── messages and orders ──────────────────────────────────────────────────────────────────

    def _heard(self, message: Message) -> None:
        """One event: decode, move the delivery, tell the engine. Before the first look nobody asked."""
        if self._state is not NodeState.READY:
            return
        if self._rehearsing.heard(message):
            return
        decoded = self._decoder.decode(message)
        if isinstance(decoded, AnswerAsker):
            self.delivery.answer(decoded)
            return
        self._steer(message, decoded)
        if decoded is not None:
            self._inbox.put(decoded)

    def _steer(self, message: Message, fact: Fact | None) -> None:
        match fact:
            case OfferBegan():
                self.delivery.began(fact.call, fact.attempt)
            case OfferEnded() | PromptEnded():
                self.delivery.ended(fact.call, fact.attempt)
            case CallEnded() | CallInSafetyNet():
                self.delivery.gone(fact.call)
            case None if message["Event"] == "BridgeEnter":
                self.delivery.held(message["Uniqueid"])
            case None if message["UserEvent"] == "ACDOfferBegin":  # of a prompt
                self.delivery.began(message["Uniqueid"], message["Attempt"])
            case None if message["Event"] == "DialBegin":
                self.delivery.bound(message["Uniqueid"])
            case None if message["Event"] == "FullyBooted" and self._booted_late:
                self._again.set()
            case _:
                pass

    def _refuse(self, order: Order, why: str) -> None:
        """Tell the engine of an order that was not carried out, where it must know."""
        if isinstance(order, OfferCall | SendToNet | PassOn | Say):
            self._inbox.put(OrderFailed(call=order.call, attempt=order.attempt, unknown=False, why=why))
