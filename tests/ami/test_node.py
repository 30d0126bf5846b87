"""A whole node against a small manager port: resync, lease, epoch, net, loss and stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest

from acd.ami import node as node_module
from acd.ami.node import AsteriskNode
from acd.ami.snapshot import DIALPLAN_VERSION, build_picture
from acd.ami.wire import Message
from acd.core.facts import (
    AgentLoggedIn,
    AgentPaused,
    CallEnded,
    CallSeen,
    DeviceChanged,
    DeviceSeen,
    DeviceState,
    Fact,
    MemberSeen,
    NodeLost,
    NodeResynced,
    OrderFailed,
    Stage,
)
from acd.core.orders import LookAgain, OfferCall, PassOn, Resync, SetNetMember, TargetKind, WithdrawOffer
from acd.core.policy import Agent, PauseReason, PhoneRange, Roster, Site
from acd.runtime.ports import NodeState
from tests.ami.fake import (
    NOW_MS,
    FakeAsterisk,
    Heard,
    StandingClock,
    block,
    error,
    settings,
    success,
    until,
    usual,
)
from tests.ami.rules import ROSTER, RULES

THEIR_S = NOW_MS // 1000 - 1
"""``usual`` answers Ping with a clock one second behind ours."""


def rows(heard: Heard, *blocks: tuple[str, ...]) -> bytes:
    mine = f"ActionID: {heard['ActionID']}"
    body = b"".join(block(*lines, mine) for lines in blocks)
    return success(heard, "EventList: start") + body + block("Event: XComplete", mine, "EventList: Complete")


def channel(uniqueid: str, linkedid: str, bridge: str, **variables: str) -> tuple[str, ...]:
    return (
        "Event: Status",
        f"Channel: PJSIP/a0001-{uniqueid}",
        f"Uniqueid: {uniqueid}",
        f"Linkedid: {linkedid}",
        f"BridgeID: {bridge}",
        "Variable: ACD_UP=(null)",
        *(f"Variable: {name}={value}" for name, value in variables.items()),
    )


HELD = channel("7.1", "7.1", "b1", ACD_STATE="hold", ACD_QUEUE="generale", ACD_T0=str((THEIR_S - 60) * 1000))
TALKER = channel(
    "7.3",
    "7.3",
    "t1",
    ACD_STATE="talk",
    ACD_QUEUE="tedesco",
    ACD_LANG="de",
    ACD_T0="1000",
    ACD_FIRST="1",
    ACD_ATT="a9",
    ACD_VISIT="2",
    ACD_CALLED="803164",
    ACD_NUM="0612",
    ACD_CODE="4321",
    ACD_WANTED="bolzano",
)
LEG = channel("7.4", "7.3", "t1", ACD_LEG="a9")
STRANGER = channel("7.8", "7.8", "")


class Asterisk(FakeAsterisk):
    """Answers a resync from its own attributes, says FullyBooted at login."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.variables = {"ACD_EPOCH": "", "ACD_DIALPLAN": DIALPLAN_VERSION, "ACD_ENTRY": "e1"}
        self.devices = {"PJSIP/a0001": "INUSE", "Queue:acd-net-it": "INUSE", "PJSIP/trunk": "INUSE"}
        self.started = "08:00:00"
        self.version: str | None = "22.10.1"
        self.channels: list[tuple[str, ...]] = [HELD, TALKER, LEG, STRANGER]
        self.members: list[tuple[str, ...]] = []

    def answer(self, heard: Heard) -> bytes | None:
        """As Asterisk 22 words it."""
        match heard["Action"]:
            case "Login":
                return success(heard) + block("Event: FullyBooted", "Status: Fully Booted")
            case "CoreStatus":
                return success(heard, "CoreStartupDate: 2026-11-23", f"CoreStartupTime: {self.started}")
            case "CoreSettings":
                return (
                    error(heard)
                    if self.version is None
                    else success(heard, f"AsteriskVersion: {self.version}")
                )
            case "Getvar":
                return success(heard, f"Value: {self.variables[heard['Variable']]}")
            case "Status" if "Channel" in heard:
                return error(heard, "No such channel")
            case "Status":
                return rows(heard, *self.channels)
            case "DeviceStateList":
                devices = self.devices.items()
                return rows(
                    heard, *(("Event: DeviceStateChange", f"Device: {d}", f"State: {s}") for d, s in devices)
                )
            case "QueueStatus":
                return rows(heard, *(m for m in self.members if m[1] == f"Queue: {heard['Queue']}"))
        return usual(heard)

    def setvars(self, variable: str) -> list[str]:
        """The values a global variable was given."""
        return [
            h["Value"]
            for h in self.heard
            if h.get("Variable") == variable and "Channel" not in h and "Value" in h
        ]


class Inbox(list[Fact]):
    """Facts in order."""

    put = list.append


def member(queue: str, endpoint: str, paused: str, reason: str = "") -> tuple[str, ...]:
    return (
        "Event: QueueMember",
        f"Queue: {queue}",
        f"Location: PJSIP/{endpoint}",
        f"Paused: {paused}",
        f"PausedReason: {reason}",
    )


@contextlib.asynccontextmanager
async def running(
    asterisk: Asterisk, ready: bool = True, why_ill: list[str] | None = None, **other: object
) -> AsyncIterator[tuple[AsteriskNode, Inbox]]:
    inbox = Inbox()
    node = AsteriskNode(
        settings(asterisk.port, net_per_s=10_000.0, lease_renew_s=0.02, **other),
        rules=RULES,
        roster=ROSTER,
        epoch=7,
        inbox=inbox,
        clock=StandingClock(),
        health=lambda: why_ill[0] if why_ill else None,
        draw=lambda: 1.0,
        hash_number="#{}".format,
        class_of_code=lambda code: {"4321": "fragile"}.get(code, ""),
    )
    task = asyncio.ensure_future(node.run())
    try:
        if ready:
            await until(lambda: node.state is NodeState.READY)
        yield node, inbox
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(("version", "why"), [("", "not loaded"), ("1", "is version 1")])
async def test_a_dialplan_we_do_not_know_is_not_worked_with_until_it_is_ours(
    version: str, why: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(node_module, "DIALPLAN_POLL_S", 0.01)
    async with Asterisk() as asterisk:
        asterisk.variables["ACD_DIALPLAN"] = version
        async with running(asterisk, ready=False) as (node, inbox):
            await until(lambda: why in node.why_not)
            assert "config/asterisk/extensions_acd.conf" in node.why_not
            asterisk.send(block("Event: UserEvent", "Uniqueid: 7.1", "UserEvent: ACDEnter"))
            await until(lambda: asterisk.names().count("Getvar") >= 6)
            assert "Setvar" not in asterisk.names()
            assert list(inbox) == []
            asterisk.variables["ACD_DIALPLAN"] = DIALPLAN_VERSION
            await until(lambda: node.state is NodeState.READY)
            assert node.why_not == ""


async def test_a_dialplan_exchanged_under_us_is_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(node_module, "DIALPLAN_WATCH_S", 0.01)
    async with Asterisk() as asterisk, running(asterisk) as (node, inbox):
        assert node.entry_revision == "e1"
        asterisk.variables["ACD_ENTRY"] = "e2"
        await until(lambda: node.entry_revision == "e2")
        assert node.state is NodeState.READY
        asterisk.variables["ACD_DIALPLAN"] = "999"
        await until(lambda: "is version 999" in node.why_not)
        assert [type(fact) for fact in inbox] == [NodeResynced, NodeLost]


async def test_who_joins_the_roster_brings_the_state_of_a_phone_nobody_had():
    async with Asterisk() as asterisk, running(asterisk) as (node, inbox):
        asterisk.devices |= {"PJSIP/a0002": "UNAVAILABLE", "PJSIP/a0003": "NOT_INUSE"}
        bruno = Agent(id="bruno", site="roma", endpoint="a0002", skills={}, code="12")
        node.roster_changed(Roster(agents={**ROSTER.agents, "bruno": bruno}))
        await until(lambda: len(inbox) == 2)
        assert inbox[1] == DeviceChanged(endpoint="a0002", state=DeviceState.UNAVAILABLE)
        phone = ("Event: UserEvent", "Uniqueid: 7.9", "UserEvent: ACDAgent", "Verb: login", "Arg: 12")
        asterisk.send(block(*phone, "Phone: s0001"))
        await until(lambda: len(inbox) == 3)
        assert (inbox[2].agent, inbox[2].phone) == ("bruno", "s0001")
        node.roster_changed(ROSTER)
        asterisk.send(block(*phone, "Phone: s0001"))
        await until(lambda: any(h.get("Variable") == "ACD_REPLY" for h in asterisk.heard))
        assert asterisk.names().count("DeviceStateList") == 2, "who leaves brings no phone"


async def test_the_version_is_known_and_one_that_is_not_told_hurts_nobody():
    async with Asterisk() as asterisk:
        async with running(asterisk) as (node, _):
            assert node.asterisk_version == "22.10.1"
        asterisk.version = None
        async with running(asterisk) as (node, _):
            assert node.asterisk_version == ""


async def test_a_resync_tells_every_call_phone_and_member():
    async with Asterisk() as asterisk:
        asterisk.members = [
            member("acd-net-it", "a0001", "1", "lunch"),
            member("acd-net-de", "a0001", "0"),
            member("acd-net-it", "a0002", "0"),
        ]
        async with running(asterisk) as (_, inbox):
            assert inbox[0] == NodeResynced(
                node="n1",
                calls=(
                    CallSeen(call="7.1", queue="generale", entered_ms=NOW_MS - 60_000, stage=Stage.HOLDING),
                    CallSeen(
                        call="7.3",
                        queue="tedesco",
                        entered_ms=2_000,
                        stage=Stage.TALKING,
                        visit=2,
                        language="de",
                        first_entered_ms=1_001,
                        called="803164",
                        caller="#0612",
                        priority_class="fragile",
                        office="bolzano",
                        attempt="a9",
                        target="a0001",
                    ),
                ),
                devices=(DeviceSeen(endpoint="a0001", state=DeviceState.BUSY),),
                members=(
                    MemberSeen(endpoint="a0001", paused=True, reason="lunch"),
                    MemberSeen(endpoint="a0002", paused=False),
                ),
            )


def test_the_picture_knows_where_to_kick_and_which_leg_talks():
    parsed = [Message.parse("\r\n".join(lines).encode()) for lines in (LEG, HELD, TALKER, STRANGER)]
    picture = build_picture(parsed)
    assert picture.holding_bridge("7.1") == "b1"
    assert picture.holding_bridge("7.3") == ""
    assert picture.leg_of("7.3", "a9") == "7.4"
    assert picture.callers["7.3"].talking
    assert "7.8" not in picture.callers


async def test_epoch_and_lease_are_set_before_the_engine_may_act_and_the_lease_goes_on():
    async with Asterisk() as asterisk, running(asterisk) as (node, _):
        names = [h.get("Variable") for h in asterisk.heard if h["Action"] == "Setvar"]
        assert names[:2] == ["ACD_EPOCH", "ACD_LEASE"]
        assert asterisk.setvars("ACD_EPOCH") == ["7"]
        await until(lambda: node.lease.renewals >= 3)
        assert set(asterisk.setvars("ACD_LEASE")) == {str(THEIR_S + 5)}


async def test_no_lease_while_the_engine_is_not_healthy():
    why_ill = ["the loop is late"]
    async with Asterisk() as asterisk, running(asterisk, why_ill=why_ill) as (node, _):
        await until(lambda: node.lease.withheld >= 3)
        assert asterisk.setvars("ACD_LEASE") == []
        why_ill.clear()
        await until(lambda: asterisk.setvars("ACD_LEASE"))


async def test_a_deposed_acd_writes_nothing():
    async with Asterisk() as asterisk:
        asterisk.variables["ACD_EPOCH"] = "8"
        async with running(asterisk, ready=False) as (node, inbox):
            await until(lambda: node.state is NodeState.STOPPED)
            assert "another ACD leads" in node.why_not
            node.carry_out(offer())
            await asyncio.sleep(0.03)
            assert "Setvar" not in asterisk.names()
            assert [type(fact) for fact in inbox] == [OrderFailed]


def offer() -> OfferCall:
    return OfferCall(
        call="7.1",
        node="n1",
        attempt="0000000007-00000001",
        kind=TargetKind.AGENT,
        target="a0001",
        via="",
        ring_s=20,
        not_after_ms=NOW_MS + 3_000,
    )


async def test_a_held_caller_found_by_the_resync_can_be_kicked():
    async with Asterisk() as asterisk, running(asterisk) as (node, _):
        node.carry_out(offer())
        await until(lambda: "BridgeKick" in asterisk.names())
        kick = next(h for h in asterisk.heard if h["Action"] == "BridgeKick")
        assert (kick["BridgeUniqueid"], kick["Channel"]) == ("b1", "7.1")


async def test_a_leg_found_by_the_resync_can_be_withdrawn():
    async with Asterisk() as asterisk, running(asterisk) as (node, _):
        node.carry_out(WithdrawOffer(call="7.3", node="n1", attempt="a9"))
        await until(lambda: "Hangup" in asterisk.names())
        assert asterisk.heard[-1]["Channel"] == "7.4"
        assert asterisk.heard[-2]["Variable"] == "ACD_WD"


async def test_a_talk_found_by_the_resync_can_be_passed_on():
    async with Asterisk() as asterisk, running(asterisk) as (node, _):
        node.carry_out(PassOn(call="7.3", node="n1", attempt="a9", to="q-pensioni"))
        await until(lambda: "BlindTransfer" in asterisk.names())
        sent = asterisk.heard[-1]
        assert (sent["Channel"], sent["Exten"], sent["Context"]) == ("7.4", "q-pensioni", "acd-xfer")


async def test_events_that_come_during_the_resync_follow_it():
    async with Asterisk() as asterisk:
        usual_answer = asterisk.answer

        def answers(heard: Heard) -> bytes | None:
            early = block("Event: Hangup", "Uniqueid: 7.1") if heard["Action"] == "CoreStatus" else b""
            return early + (usual_answer(heard) or b"")

        asterisk.answers = answers
        async with running(asterisk) as (_, inbox):
            await until(lambda: len(inbox) == 2)
            assert isinstance(inbox[0], NodeResynced)
            assert inbox[1] == CallEnded(call="7.1")


async def test_a_lost_link_is_told_once_and_nothing_is_sent_again():
    async with Asterisk() as asterisk, running(asterisk) as (node, inbox):
        node.carry_out(offer())
        await until(lambda: "BridgeKick" in asterisk.names())
        asterisk.drop()
        await until(lambda: asterisk.connections == 2 and node.state is NodeState.READY)
        kinds = [type(fact) for fact in inbox if not isinstance(fact, OrderFailed)]
        assert kinds == [NodeResynced, NodeLost, NodeResynced]
        assert asterisk.names().count("BridgeKick") == 1
        assert len([h for h in asterisk.heard if h.get("Variable") == "ACD_ORDER"]) == 1
        assert not inbox[-1].restarted


async def test_another_start_time_is_a_restart_of_asterisk():
    async with Asterisk() as asterisk, running(asterisk) as (node, inbox):
        asterisk.started = "09:00:00"
        asterisk.channels = []
        asterisk.drop()
        await until(lambda: asterisk.connections == 2 and node.state is NodeState.READY)
        assert inbox[-1].restarted
        assert inbox[-1].calls == ()


async def test_a_resync_on_demand_goes_on_giving_orders():
    async with Asterisk() as asterisk, running(asterisk) as (node, inbox):
        node.carry_out(Resync(node="n1", why="test"))
        await until(lambda: node.resyncs == 2)
        assert node.state is NodeState.READY
        assert [type(fact) for fact in inbox] == [NodeResynced, NodeResynced]
        assert asterisk.connections == 1


async def test_an_order_while_the_link_is_down_fails_with_the_reason():
    node_down = AsteriskNode(
        settings(1),
        rules=RULES,
        roster=ROSTER,
        epoch=7,
        inbox=(inbox := Inbox()),
        clock=StandingClock(),
        health=lambda: None,
    )
    node_down.carry_out(offer())
    node_down.carry_out(LookAgain(call="7.1", node="n1"))
    node_down.carry_out(PassOn(call="7.1", node="n1", attempt=offer().attempt, to="q-pensioni"))
    failed = OrderFailed(call="7.1", attempt=offer().attempt, unknown=False, why="the node is connecting")
    assert list(inbox) == [failed, failed]


async def test_feature_codes_reach_the_engine_and_unknown_phones_are_answered():
    async with Asterisk() as asterisk, running(asterisk) as (_, inbox):
        phone = ("Event: UserEvent", "Uniqueid: 7.9", "UserEvent: ACDAgent", "Verb: login", "Arg: ")
        asterisk.send(block(*phone, "Phone: a0001") + block(*phone, "Phone: a0666"))
        await until(lambda: any(h.get("Variable") == "ACD_REPLY" for h in asterisk.heard))
        assert isinstance(inbox[-1], AgentLoggedIn)
        assert next(h for h in asterisk.heard if h.get("Variable") == "ACD_REPLY")["Value"] == "no"


def net_member(**other: object) -> SetNetMember:
    usual_member = {"agent": "anna", "endpoint": "a0001", "languages": ("it",)}
    return SetNetMember(**(usual_member | {"logged_in": True, "paused": False} | other))


def changes(asterisk: Asterisk) -> list[tuple[str, str, str]]:
    return [
        (h["Action"], h["Queue"], h.get("Paused", ""))
        for h in asterisk.heard
        if h["Action"] in {"QueueAdd", "QueueRemove", "QueuePause"}
    ]


async def test_the_net_mirrors_logins_pauses_and_logouts():
    async with Asterisk() as asterisk, running(asterisk) as (node, _):
        for order in (
            net_member(),
            net_member(paused=True, reason="lunch"),
            net_member(paused=True, reason="lunch"),
            net_member(languages=("de", "it")),
            net_member(logged_in=False),
        ):
            node.carry_out(order)
            await until(lambda: not node.net.behind)
            await asyncio.sleep(0.01)
        assert changes(asterisk) == [
            ("QueueAdd", "acd-net-it", "false"),
            ("QueuePause", "acd-net-it", "true"),
            ("QueueAdd", "acd-net-de", "false"),
            ("QueuePause", "acd-net-it", "false"),
            ("QueueRemove", "acd-net-de", ""),
            ("QueueRemove", "acd-net-it", ""),
        ]


async def test_a_resync_repairs_only_what_differs_and_leaves_members_nobody_spoke_of():
    async with Asterisk() as asterisk:
        asterisk.members = [member("acd-net-it", "a0001", "0"), member("acd-net-it", "a0555", "0")]
        async with running(asterisk) as (node, _):
            node.carry_out(net_member())
            await asyncio.sleep(0.02)
            assert changes(asterisk) == []
            asterisk.members = []
            asterisk.drop()
            await until(lambda: changes(asterisk))
            assert changes(asterisk) == [("QueueAdd", "acd-net-it", "false")]


async def test_new_rules_mean_other_languages_digits_and_phones():
    """A language that is gone loses its members, one that came gets them; digits mean what they now say."""
    async with Asterisk() as asterisk, running(asterisk) as (node, inbox):
        node.carry_out(net_member(languages=("de", "it")))
        await until(lambda: len(changes(asterisk)) == 2 and not node.net.behind)
        asterisk.devices |= {"PJSIP/t0001": "UNAVAILABLE"}
        french = msgspec.structs.replace(RULES.queues["tedesco"], id="francese", language="fr")
        shared = Site(id="roma", name="Roma", phones=(PhoneRange(first="t0001", last="t0009"),))
        node.rules_changed(
            msgspec.structs.replace(
                RULES,
                queues={"generale": RULES.queues["generale"], "francese": french},
                sites={"roma": shared},
                pause_reasons={"cena": PauseReason(id="cena", name="Cena", digit="1")},
            )
        )
        node.carry_out(net_member(languages=("it", "fr")))
        await until(lambda: len(changes(asterisk)) == 4 and not node.net.behind)
        assert sorted(changes(asterisk)[2:]) == [
            ("QueueAdd", "acd-net-fr", "false"),
            ("QueueRemove", "acd-net-de", ""),
        ]
        await until(lambda: DeviceChanged(endpoint="t0001", state=DeviceState.UNAVAILABLE) in inbox)
        asked = ("Event: UserEvent", "Uniqueid: 7.9", "UserEvent: ACDAgent", "Verb: pause", "Arg: 1")
        asterisk.send(block(*asked, "Phone: t0001"))
        await until(lambda: isinstance(inbox[-1], AgentPaused))
        assert inbox[-1].reason == "cena"


async def test_a_planned_stop_extends_the_lease_and_logs_off():
    async with Asterisk() as asterisk, running(asterisk) as (node, inbox):
        await node.stop()
        assert node.state is NodeState.STOPPED
        assert asterisk.setvars("ACD_LEASE")[-1] == str(THEIR_S + 30)
        assert asterisk.names()[-1] == "Logoff"
        assert NodeLost(node="n1") not in inbox


async def test_a_login_refused_for_good_is_a_state_not_an_exception():
    async with Asterisk() as asterisk:
        asterisk.answers = lambda heard: error(heard, "Authentication failed")
        async with running(asterisk, ready=False, logins_refused_max=2) as (node, _):
            await until(lambda: node.state is NodeState.REFUSED)
            assert "check manager.conf" in node.why_not
            assert asterisk.connections == 2
