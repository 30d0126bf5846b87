"""What a caller experiences while the ACD is away."""

from __future__ import annotations

import asyncio
import time

import pytest

pytestmark = pytest.mark.real


async def test_without_a_lease_the_net_takes_the_caller_at_once(manager, phone):
    """No ACD: the safety net within 100 ms of the INVITE."""
    await manager.setvar("ACD_LEASE", "0")
    call = await (await phone("caller")).invite("803164")
    net = await manager.until("ACDSafetyNet")
    assert float(net["Timestamp"]) - call.sent["INVITE"] < 0.1
    assert (net["Visit"], net["Lease"]) == ("1", "0")


async def test_a_lapsed_lease_is_noticed_while_waiting(hand, manager, phone):
    """Nobody waits for a dead ACD: at most one step after the lease."""
    await manager.setvar("ACD_LEASE", str(int(time.time()) + 1))
    entered = await hand.held(await (await phone("caller")).invite("803164"))
    net = await manager.until("ACDSafetyNet", 10, Uniqueid=entered["Uniqueid"])
    assert float(net["Timestamp"]) - float(entered["Timestamp"]) < 7


async def test_a_ring_outlives_the_lease(hand, manager, phone):
    """The ring in progress is finished; only then the net takes over."""
    agent = await phone("a0002")
    entered = await hand.held(await (await phone("caller")).invite("803164"))
    attempt = await hand.order(entered, "agent", "a0002", seconds="1")
    await agent.ringing()
    await manager.setvar("ACD_LEASE", "0")
    assert (await hand.ended(attempt))["Status"] == "NOANSWER"
    await manager.until("ACDSafetyNet", 1, Uniqueid=entered["Uniqueid"])


async def test_a_member_of_the_net_takes_the_call_and_the_end_is_the_end(manager, phone):
    """A talk in the net ends the call: it never goes on to the office."""
    agent, office = await phone("a0002", auto=True), await phone("office")
    await manager.act("QueueAdd", Queue="acd-net-it", Interface="PJSIP/a0002")
    await manager.setvar("ACD_LEASE", "0")
    call = await (await phone("caller")).invite("803164")
    ring = await agent.ringing()
    talk = await manager.until("ACDSafetyNetTalk")
    assert talk["Member"] == "a0002"
    caller = manager.seen("ACDSafetyNet")[0]["Uniqueid"]
    assert await manager.getvar("ACD_STATE", caller) == "nettalk"
    await ring.bye()
    await asyncio.wait_for(call.ended.wait(), 2)
    assert (await manager.until("ACDEnd"))["State"] == "nettalk"
    assert not office.calls


async def test_a_paused_net_is_an_empty_net(manager, phone):
    """Members who are all paused count as nobody: no waiting in the queue."""
    await manager.act("QueueAdd", Queue="acd-net-de", Interface="PJSIP/a0002", Paused="true")
    await manager.setvar("ACD_LEASE", "0")
    await (await phone("caller", number="0290001")).invite("q-tedesco")
    begun = await manager.until("ACDSafetyNet")
    following = await manager.until("ACDSafetyNetNext")
    assert following["Status"] == "JOINEMPTY"
    assert float(following["Timestamp"]) - float(begun["Timestamp"]) < 0.1


async def test_an_empty_net_goes_to_the_office_of_the_province(manager, phone):
    """The office's line rings at once; its talk ends the call."""
    office = await phone("office", auto=True)
    await manager.setvar("ACD_LEASE", "0")
    call = await (await phone("caller")).invite("803164")
    ring = await office.ringing()
    assert ring.invite is not None
    assert ring.invite.first.startswith("INVITE sip:99060001@")
    assert (await manager.until("ACDSafetyNetTalk"))["Member"] == "99060001"
    await ring.bye()
    await asyncio.wait_for(call.ended.wait(), 2)
    assert (await manager.until("ACDEnd"))["State"] == "nettalk"


async def test_an_office_is_never_given_more_calls_than_it_has_lines(manager, lab, phone):
    """Bolzano has one line: the second caller is told to call later."""
    office = await phone("office", auto=True)
    await manager.setvar("ACD_LEASE", "0")
    await (await phone("caller", number="0471000001")).invite("803164")
    await office.ringing()
    await manager.until("ACDSafetyNetTalk")
    await (await phone("caller", number="0471000002")).invite("803164")
    second = await manager.until("ACDSafetyNetNext", CallerIDNum="0471000002")
    await asyncio.sleep(0.2)
    assert len(office.calls) == 1
    rows = await manager.act("Status", Channel=second["Uniqueid"], complete="StatusComplete")
    assert (rows[0]["Context"], rows[0]["Application"]) == ("acd-office", "Playback")
    assert "bolzano" in lab.rx("group show channels")


async def test_a_line_ordered_by_the_acd_is_counted_too(hand, manager, lab, phone):
    """One count for every path to an office, so that net and ACD never add up to too many."""
    office = await phone("office", auto=True)
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    attempt = await hand.order(entered, "line", "99047101", "trunk")
    ring = await office.ringing()
    assert "bolzano" in lab.rx("group show channels")
    await asyncio.wait_for(ring.answered.wait(), 2)
    await asyncio.sleep(0.1)
    await ring.bye()
    assert int((await hand.ended(attempt))["TalkMs"]) < 1_500
    await hand.held(call)
    assert "bolzano" not in lab.rx("group show channels")


async def test_without_office_the_caller_is_told_and_let_go(manager, phone):
    """A province that has no office, or no known number: a spoken goodbye, then the end."""
    await manager.setvar("ACD_LEASE", "0")
    call = await (await phone("caller", number="0290000")).invite("803164")
    begun = await manager.until("ACDSafetyNetNext")
    await manager.act("Hangup", Channel=begun["Uniqueid"])
    assert (await manager.until("ACDEnd"))["State"] == "net"
    await asyncio.wait_for(call.ended.wait(), 2)


async def test_lease_and_turn_survive_a_dialplan_reload(lab, manager):
    """They are not in [globals], so an engineer's reload does not send everybody into the net."""
    lease = await manager.getvar("ACD_LEASE")
    lab.rx("dialplan reload")
    assert (await manager.getvar("ACD_LEASE"), await manager.getvar("ACD_EPOCH")) == (lease, "7")


TRENTO = "trento,1,trunk,5,vm-press+digits.1,99022001&99022002"
"""A public office of two numbers and one call: office, calls, trunk, seconds, what it hears, numbers."""


@pytest.fixture
def public_office(lab):
    """The province of Trento has an office whose lines must press 1."""
    path = lab.host_dir / "etc/acd_offices.conf"
    shipped = path.read_text()
    lines = f"exten => TN,1,Gosub(acd-office-line,s,1({TRENTO}))\n same => n,Goto(none,1)\n"
    path.write_text(shipped.replace("[acd-office]\n", f"[acd-office]\n{lines}", 1))
    lab.rx("dialplan reload")
    yield
    path.write_text(shipped)
    lab.rx("dialplan reload")


async def into_the_net(manager, phone):
    """A caller from Trento, while there is no ACD."""
    await manager.setvar("ACD_LEASE", "0")
    return await (await phone("caller", number="0461000001")).invite("803164")


@pytest.mark.usefixtures("public_office")
async def test_a_busy_number_leads_to_the_next_and_the_key_to_the_talk(manager, lab, phone):
    """Answered is not talking in the net either; the talk's end is the end, and all is one office."""
    office = await phone("office")
    call = await into_the_net(manager, phone)
    (await office.ringing()).refuse(486)
    ring = await office.ringing()
    assert ring.invite is not None
    assert ring.invite.first.startswith("INVITE sip:99022002@")
    ring.answer()
    await asyncio.wait_for(ring.answered.wait(), 2)
    await asyncio.sleep(1.0)
    assert not manager.seen("ACDSafetyNetTalk")
    assert "trento" in lab.rx("group show channels")
    ring.press("1")
    assert (await manager.until("ACDSafetyNetTalk", 2))["Member"] == "99022002"
    await ring.bye()
    await asyncio.wait_for(call.ended.wait(), 2)
    assert (await manager.until("ACDEnd"))["State"] == "nettalk"


@pytest.mark.usefixtures("public_office")
async def test_a_line_that_hangs_up_instead_of_pressing_leaves_the_caller_in_the_net(manager, lab, phone):
    """Nobody is cut off with it: the caller is told to call later, and the office is free."""
    office = await phone("office", auto=True)
    call = await into_the_net(manager, phone)
    ring = await office.ringing()
    await asyncio.wait_for(ring.answered.wait(), 2)
    await asyncio.sleep(0.3)
    await ring.bye()
    await asyncio.sleep(0.3)
    begun = manager.seen("ACDSafetyNetNext")[0]
    rows = await manager.act("Status", Channel=begun["Uniqueid"], complete="StatusComplete")
    assert (rows[0]["Context"], rows[0]["Application"]) == ("acd-office", "Playback")
    assert "trento" not in lab.rx("group show channels")
    assert not call.ended.is_set()
