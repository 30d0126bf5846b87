"""Agents' own phones: feature codes, transfers, hold, registration."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_lab.phones import Sipp

pytestmark = pytest.mark.real

CODES = {
    "*11": ("login", ""), "*12": ("logout", ""), "*13": ("ready", ""),
    "*143": ("pause", "3"), "*15": ("extend", ""), "*114711": ("login", "4711"), "*115": ("login", "5"),
    "*162": ("code", "2"), "*170": ("verified", "0"), "*171": ("verified", "1"),
}  # fmt: skip


@pytest.mark.parametrize("code", CODES)
async def test_a_feature_code_tells_the_acd_and_waits_for_its_word(manager, phone, code):
    """The phone says which it is; the ACD's ok is heard as a tone, then the phone is free."""
    agent = await phone("a0002")
    call = await agent.invite(code)
    said = await manager.until("ACDAgent")
    assert (said["Verb"], said["Arg"], said["Phone"]) == (*CODES[code], "a0002")
    await manager.setvar("ACD_REPLY", "ok", said["Uniqueid"])
    await asyncio.wait_for(call.ended.wait(), 2)


async def test_silence_of_the_acd_is_an_error_tone(manager, phone):
    """After 3 s without a word the agent hears that nothing was done."""
    call = await (await phone("a0002")).invite("*11")
    said = await manager.until("ACDAgent")
    await asyncio.sleep(3.2)
    rows = await manager.act("Status", Channel=said["Uniqueid"], complete="StatusComplete")
    assert (rows[0]["Application"], rows[0]["Data"]) == ("Playback", "beeperr")
    await call.bye()


async def _talk(hand, manager, phone, agent):
    caller = await phone("caller")
    call = await caller.invite("803164")
    entered = await hand.held(call)
    attempt = await hand.order(entered, "agent", agent.name)
    ring = await agent.ringing()
    await manager.until("BridgeEnter", Uniqueid=entered["Uniqueid"], BridgeTechnology="simple_bridge")
    return call, entered, attempt, ring


async def test_a_blind_transfer_frees_the_agent(hand, manager, phone):
    """The colleague gets the caller, the first leg ends, the call is accounted to its end."""
    agent, colleague = await phone("a0002", auto=True), await phone("a0003", auto=True)
    call, entered, attempt, ring = await _talk(hand, manager, phone, agent)
    assert await ring.refer("a0003") == 202
    assert (await manager.until("BlindTransfer"))["Result"] == "Success"
    await manager.until("ACDLegEnd", Attempt=attempt)
    assert (await manager.until("ACDXfer"))["To"] == "a0003"
    await colleague.ringing()
    assert not manager.seen("ACDOfferEnd", Attempt=attempt)
    await asyncio.sleep(0.2)
    await call.bye()
    assert (await manager.until("ACDEnd", Uniqueid=entered["Uniqueid"]))["State"] == "xfer"


async def test_a_transfer_to_a_busy_colleague_comes_back_into_the_queue(hand, manager, phone):
    """Nobody is lost by a transfer: not answered means waiting again, as a second visit."""
    agent, colleague = await phone("a0002", auto=True), await phone("a0003")
    _, entered, _, ring = await _talk(hand, manager, phone, agent)
    await ring.refer("a0003")
    (await colleague.ringing()).refuse(486)
    again = await manager.until("ACDEnter", Visit="2")
    assert again["Uniqueid"] == entered["Uniqueid"]


async def test_a_transfer_into_another_queue_is_a_second_visit(hand, manager, phone):
    """``q-<queue>`` is where an agent sends a caller who chose wrongly."""
    agent = await phone("a0002", auto=True)
    _, entered, _, ring = await _talk(hand, manager, phone, agent)
    await ring.refer("q-tedesco")
    again = await manager.until("ACDEnter", Visit="2")
    assert (again["Queue"], again["Lang"], again["Uniqueid"]) == ("tedesco", "de", entered["Uniqueid"])


@pytest.mark.parametrize(("to", "queue"), [("q-A", "generale"), ("qx", "generale"), ("q-a,1,s", "a1s")])
async def test_a_transfer_to_no_name_leads_nowhere_but_into_a_queue(hand, manager, phone, to, queue):
    """What names no queue leaves the caller where they came from; odd characters are left out."""
    agent = await phone("a0002", auto=True)
    call, entered, _, ring = await _talk(hand, manager, phone, agent)
    await ring.refer(to)
    again = await manager.until("ACDEnter", Visit="2")
    assert (again["Queue"], again["Uniqueid"]) == (queue, entered["Uniqueid"])
    assert not call.ended.is_set()


async def test_a_transfer_to_an_office_says_which_and_only_for_that_visit(hand, manager, phone):
    """``o-<office>`` enters again for that office's line; the next transfer is no longer for it."""
    agent = await phone("a0002", auto=True)
    _, entered, _, ring = await _talk(hand, manager, phone, agent)
    assert entered["Office"] == ""
    await ring.refer("o-reggio-emilia")
    again = await manager.until("ACDEnter", Visit="2")
    assert (again["Queue"], again["Office"]) == (entered["Queue"], "reggio-emilia")
    assert (again["First"], again["Called"]) == (entered["T0"], "803164")
    assert int(again["T0"]) > int(entered["T0"])
    assert await manager.getvar("ACD_WANTED", entered["Uniqueid"]) == "reggio-emilia"
    since = len(manager.events)
    await hand.order(again, "agent", agent.name)
    ring = await agent.ringing()
    talk = {"Uniqueid": entered["Uniqueid"], "BridgeTechnology": "simple_bridge"}
    await manager.until("BridgeEnter", since=since, **talk)
    await ring.refer("800")
    assert (await manager.until("ACDEnter", Visit="3"))["Office"] == ""


@pytest.mark.parametrize("to", ["q-pensioni", "o-roma", "a0003"])
async def test_the_manager_passes_a_caller_on_as_the_phone_does(hand, manager, phone, to):
    """``BlindTransfer`` of the agent's leg: the leg ends, the caller is in the transfer context."""
    agent, colleague = await phone("a0002", auto=True), await phone("a0003")
    _, _, attempt, ring = await _talk(hand, manager, phone, agent)
    leg = (await manager.until("DialBegin", DialString="a0002"))["DestUniqueid"]
    await manager.act("BlindTransfer", Channel=leg, Exten=to, Context="acd-xfer")
    await manager.until("ACDLegEnd", Attempt=attempt)
    await asyncio.wait_for(ring.ended.wait(), 2)
    assert (await manager.until("ACDXfer"))["To"] == to
    if to == "a0003":
        await colleague.ringing()
    else:
        await manager.until("ACDEnter", Visit="2")


async def test_nobody_is_transferred_to_an_outside_number(hand, manager, phone):
    """Explicit targets only; the talk goes on."""
    agent = await phone("a0002", auto=True)
    call, _, _, ring = await _talk(hand, manager, phone, agent)
    await ring.refer("0039899123456")
    await asyncio.sleep(0.2)
    assert not manager.seen("ACDXfer")
    assert not call.ended.is_set()


async def test_an_attended_transfer_frees_the_agent(hand, manager, phone):
    """Hold, consult, REFER with Replaces: the first leg ends now, the caller talks on."""
    agent, colleague = await phone("a0002", auto=True), await phone("a0003", auto=True)
    call, entered, attempt, ring = await _talk(hand, manager, phone, agent)
    await ring.hold(on=True)
    consult = await agent.invite("a0003")
    assert consult.final == 200
    await colleague.ringing()
    assert await ring.refer("a0003", consult) == 202
    assert (await manager.until("AttendedTransfer"))["Result"] == "Success"
    await manager.until("ACDLegEnd", Attempt=attempt)
    assert not call.ended.is_set()
    await call.bye()
    await manager.until("ACDEnd", Uniqueid=entered["Uniqueid"])


async def test_hold_and_back_end_nothing(hand, manager, phone):
    """An agent who looks something up keeps the caller."""
    agent = await phone("a0002", auto=True)
    call, entered, _, ring = await _talk(hand, manager, phone, agent)
    await ring.hold(on=True)
    await asyncio.sleep(0.1)
    await ring.hold(on=False)
    assert await manager.getvar("ACD_STATE", entered["Uniqueid"]) == "talk"
    assert not call.ended.is_set()


async def test_a_phone_that_registers_is_reachable_and_one_that_goes_is_not(hand, manager, phone):
    """Device state follows the registration; an order to an unregistered phone fails at once."""
    agent = await phone("r0001")
    await agent.register()
    await manager.until("DeviceStateChange", Device="PJSIP/r0001", State="NOT_INUSE")
    await agent.register(0)
    await manager.until("DeviceStateChange", Device="PJSIP/r0001", State="UNAVAILABLE")
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    end = await hand.ended(await hand.order(entered, "agent", "r0001"), 0.5)
    assert (end["Status"], end["Cause"]) == ("CHANUNAVAIL", "3")
    await hand.held(call)
    await agent.register()
    attempt = await hand.order(entered, "agent", "r0001")
    (await agent.ringing()).answer()
    await manager.until("DialEnd", DialStatus="ANSWER")
    assert not manager.seen("ACDOfferEnd", Attempt=attempt)
    await agent.register(0)


async def test_sipp_is_many_phones_and_many_callers(lab, manager):
    """20 callers at 20 a second reach five of SIPp's phones through the net; times are exact."""
    await manager.setvar("ACD_LEASE", "0")
    for n in range(1, 7):
        await manager.act("QueueAdd", Queue="acd-net-it", Interface=f"PJSIP/a{n:04}")
    ports = (6000, 6002, 6003, 6004, 6005, 6006)
    agents = [Sipp.agent(lab, port=port, ring_ms=(0, 60), talk_ms=150) for port in ports]
    callers = Sipp.callers(lab, count=20, rate=20)
    try:
        for _ in range(150):
            if callers.counts().succeeded == 20:
                break
            await asyncio.sleep(0.1)
        assert callers.counts().succeeded == 20
        invites = [invite for agent in agents for invite in agent.invites()]
        assert len(invites) >= 20
        sent = {
            m.call_number: m.at
            for m in callers.messages()
            if m.sent and m.cseq == "1 INVITE" and "INVITE" in m.first_line
        }
        assert len(sent) == 20
        waits = [invite.at - sent[int(invite.from_number[3:])] for invite in invites]
        assert all(0 < wait < 15 for wait in waits)
    finally:
        for sipp in (callers, *agents):
            sipp.stop()
