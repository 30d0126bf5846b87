"""Entry, waiting and the ACD's orders, driven by hand on a real Asterisk."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.lab.manager import Refused

pytestmark = pytest.mark.real


async def test_a_caller_is_held_and_announced(hand, manager, phone):
    """With a lease the caller hears music at once and the ACD learns all it needs."""
    caller = await phone("caller")
    before_ms = time.time() * 1000
    call = await caller.invite("803164", '"Mario Rossi" ')
    entered = await hand.held(call)
    wanted = {"Visit": "1", "Queue": "generale", "Lang": "it", "Prov": "RM", "Num": "0612345678"}
    wanted |= {"Called": "803164", "Code": "", "Office": "", "First": entered["T0"]}
    assert wanted.items() <= entered.items()
    assert entered["Name"] == "Mario%20Rossi"
    assert before_ms - 2 <= int(entered["T0"]) <= before_ms + 200
    assert await manager.getvar("ACD_STATE", entered["Uniqueid"]) == "hold"
    assert await manager.getvar("ACD_DIALPLAN") == "4"


@pytest.mark.parametrize(
    ("number", "queue", "language"), [("q-agenzia-web", "agenzia-web", "it"), ("q-tedesco", "tedesco", "de")]
)
async def test_every_queue_has_an_extension(hand, phone, number, queue, language):
    """``q-<queue>`` reaches that queue; the entry file gives another language than Italian."""
    entered = await hand.held(await (await phone("caller")).invite(number))
    assert (entered["Queue"], entered["Lang"], entered["Language"]) == (queue, language, language)


async def test_an_unknown_number_is_refused(manager, phone):
    """Nothing answers a number that no entry names."""
    call = await (await phone("caller")).invite("0699999999")
    assert call.final == 404
    assert not manager.seen("ACDEnter")


NAMES = [
    '"Rossi, Mario" ', '"a\\"b" ', '"x,Visit: 9,Queue: evil" ', '"${SHELL(id)}" ', '"a)b(c" ', '"tab\there" ',
    '"Visit: 9%0d%0aAction: Logoff" ', '"\\r\\nUserEvent: ACDEnd" ', '"J\udce9r\udcf4me" ', '"Žofie 😀" ',
    '"' + "n" * 300 + '" ',
]  # fmt: skip


async def test_odd_names_are_only_names(hand, phone):
    """Quotes, commas, line ends, Latin-1 and emoji: the call is held and nothing is forged."""
    for n, name in enumerate(NAMES):
        caller = await phone("caller", number=f"06200000{n:02}")
        call = await caller.invite("803164", name)
        entered = await hand.held(call)
        assert (entered["Visit"], entered["Queue"]) == ("1", "generale"), name
        assert all(len(values) == 1 for values in entered.every.values()), name
        assert not set(entered["Name"]) & set(' ,"\t;'), name


async def test_an_order_rings_the_agent_and_the_talk_ends_the_call(hand, manager, phone):
    """Order and kick: the agent's phone is called within 100 ms; when the agent leaves, the call is over."""
    agent = await phone("a0002")
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    began = time.time()
    attempt = await hand.order(entered, "agent", "a0002")
    ring = await agent.ringing()
    assert ring.got["INVITE"] - began < 0.1
    assert (await manager.until("ACDOfferBegin", Attempt=attempt))["Target"] == "a0002"
    leg = await manager.until("DialBegin", Uniqueid=entered["Uniqueid"])
    assert await manager.getvar("ACD_LEG", leg["DestUniqueid"]) == attempt
    await asyncio.sleep(0.2)
    ring.answer()
    await manager.until("BridgeEnter", Uniqueid=leg["DestUniqueid"])
    assert await manager.getvar("ACD_STATE", entered["Uniqueid"]) == "talk"
    await asyncio.sleep(1.6)
    await ring.bye()
    end = await hand.ended(attempt)
    assert end["Status"] == "ANSWER"
    assert 150 <= int(end["Ring"]) <= 500
    assert 1_550 <= int(end["TalkMs"]) <= 2_000
    last = await manager.until("ACDEnd", Uniqueid=entered["Uniqueid"])
    assert (last["State"], last["Attempt"]) == ("after", attempt)
    await manager.until("ACDLegEnd", Attempt=attempt)
    await asyncio.wait_for(call.ended.wait(), 2)


async def test_a_stale_kick_does_not_touch_a_talk(hand, manager, phone):
    """A kick names the waiting step it is for; after that step it is an error and nothing else."""
    agent = await phone("a0002", auto=True)
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    step = hand.bridge(entered)
    await hand.order(entered, "agent", "a0002")
    ring = await agent.ringing()
    await manager.until("BridgeEnter", Uniqueid=entered["Uniqueid"], BridgeTechnology="simple_bridge")
    with pytest.raises(Refused, match="not found"):
        await hand.kick(entered, step)
    await asyncio.sleep(0.1)
    assert not call.ended.is_set()
    assert not ring.ended.is_set()


BAD_ORDERS = {
    "a deposed ACD's": "acd-1/6/agent/a0002/-/10/{later}",
    "expired": "acd-1/7/agent/a0002/-/10/{before}",
    "six fields": "acd-1/7/agent/a0002/10/{later}",
    "eight fields": "acd-1/7/agent/a0002/-/10/{later}/x",
    "unknown verb": "acd-1/7/shell/a0002/-/10/{later}",
    "no seconds": "acd-1/7/agent/a0002/-/-/{later}",
    "too many seconds": "acd-1/7/agent/a0002/-/999/{later}",
    "no target": "acd-1/7/agent/-/-/10/{later}",
    "line without trunk": "acd-1/7/line/0612345678/-/10/{later}",
    "nothing to say": "acd-1/7/say/-/-/-/{later}",
}


@pytest.mark.parametrize("kind", BAD_ORDERS)
async def test_a_bad_order_is_refused_and_the_caller_stays(hand, manager, phone, kind):
    """A wrong field refuses the whole order; no phone rings and the caller waits on."""
    entered = await hand.held(await (await phone("caller")).invite("803164"))
    text = BAD_ORDERS[kind].format(later=int(time.time()) + 5, before=int(time.time()) - 2)
    await hand.order(entered, "", raw=text)
    assert (await hand.ended("acd-1"))["Status"] == "REFUSED"
    await manager.until("BridgeEnter", since=len(manager.events) - 3, Uniqueid=entered["Uniqueid"])
    assert not manager.seen("DialBegin")


async def test_garbage_in_an_order_never_reaches_a_dial_string(hand, phone):
    """Two phones in one target, options, expressions: filtered, so nobody is there."""
    agent = await phone("a0002")
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    for target in ("a0002&PJSIP%a0003", "a0002,5,o", "${EXTEN}", "a0002;x"):
        later = int(time.time()) + 5
        await hand.order(entered, "", raw=f"acd-{later}-{len(target)}/7/agent/{target}/-/2/{later}")
        assert (await hand.ended(f"acd-{later}-{len(target)}"))["Status"] in {"CHANUNAVAIL", "REFUSED"}
        await hand.held(call)
    assert not agent.calls


async def test_a_phone_that_does_not_answer_gives_the_caller_back(hand, phone):
    """Ring-no-answer: after the seconds of the order the caller waits on, the phone is quiet."""
    agent = await phone("a0002")
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    attempt = await hand.order(entered, "agent", "a0002", seconds="1")
    ring = await agent.ringing()
    end = await hand.ended(attempt)
    assert end["Status"] == "NOANSWER"
    assert 950 <= int(end["Ring"]) <= 1_300
    await asyncio.wait_for(ring.ended.wait(), 1)
    assert ring.cancelled


@pytest.mark.parametrize(("code", "cause"), [(486, "17"), (603, "21"), (480, "19"), (302, "16")])
async def test_a_refusal_shows_in_the_cause(hand, manager, phone, code, cause):
    """Busy, declined, not there, forwarded (never followed): the leg's causes tell them apart."""
    agent = await phone("a0002")
    entered = await hand.held(await (await phone("caller")).invite("803164"))
    attempt = await hand.order(entered, "agent", "a0002")
    (await agent.ringing()).refuse(code, f"sip:0899@{agent.ip}:{agent.port}" if code == 302 else "")
    end = await hand.ended(attempt)
    assert end["Status"] != "ANSWER"
    assert end["Cause"] == cause
    leg = await manager.until("DialBegin", Uniqueid=entered["Uniqueid"])
    told = (await manager.until("Hangup", Uniqueid=leg["DestUniqueid"])).get("TechCause")
    # A forwarded leg is ended by Dial itself, which may come before the channel has noted the 302.
    assert told == str(code) or (code == 302 and told is None)


async def test_a_caller_who_leaves_stops_the_ring(hand, manager, phone):
    """The agent's phone is quiet at once and the end names the state."""
    agent = await phone("a0002")
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    await hand.order(entered, "agent", "a0002")
    ring = await agent.ringing()
    await call.bye()
    await asyncio.wait_for(ring.ended.wait(), 1)
    assert ring.got["CANCEL"] - call.sent["BYE"] < 0.1
    assert (await manager.until("ACDEnd", Uniqueid=entered["Uniqueid"]))["State"] == "ring"


async def test_a_withdrawn_offer_gives_the_caller_back(hand, manager, phone):
    """ACD_WD and a hang-up of the leg: the phone is quiet, the caller waits on."""
    agent = await phone("a0002")
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    attempt = await hand.order(entered, "agent", "a0002")
    ring = await agent.ringing()
    leg = await manager.until("DialBegin", Uniqueid=entered["Uniqueid"])
    await manager.setvar("ACD_WD", attempt, entered["Uniqueid"])
    await manager.act("Hangup", Channel=leg["DestUniqueid"], Cause="26")
    assert (await hand.ended(attempt))["Status"] == "WITHDRAWN"
    await asyncio.wait_for(ring.ended.wait(), 1)
    assert await manager.getvar("ACD_STATE", entered["Uniqueid"]) == "hold"
    assert not call.ended.is_set()


async def test_a_talk_that_ends_at_once_keeps_the_place(hand, manager, phone):
    """An agent who drops within 1.5 s has not served the caller."""
    agent = await phone("a0002", auto=True)
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    attempt = await hand.order(entered, "agent", "a0002")
    ring = await agent.ringing()
    await asyncio.wait_for(ring.answered.wait(), 2)
    await asyncio.sleep(0.3)
    await ring.bye()
    end = await hand.ended(attempt)
    assert end["Status"] == "ANSWER"
    assert int(end["TalkMs"]) < 1_500
    await manager.until("BridgeEnter", since=len(manager.events) - 3, BridgeTechnology="holding_bridge")
    assert not call.ended.is_set()


async def test_a_prompt_is_said_and_can_be_cut_short(hand, manager, phone):
    """``say`` plays the sounds of a list; ACD_WD and ControlPlayback end it all, and the caller waits on."""
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    attempt = await hand.order(entered, "say", "digits.3+queue-thankyou")
    await manager.until("ACDOfferBegin", Attempt=attempt)
    assert await manager.getvar("ACD_STATE", entered["Uniqueid"]) == "say"
    call.press("4")
    assert (await manager.until("DTMFEnd"))["Context"] == "acd-say"
    await manager.setvar("ACD_WD", attempt, entered["Uniqueid"])
    stopped = time.time()
    await manager.act("ControlPlayback", Channel=entered["Channel"], Control="stop")
    end = await hand.ended(attempt, 2)
    assert (end["Verb"], end["Status"]) == ("say", "WITHDRAWN")
    assert end.at - stopped < 0.1


async def test_an_order_written_during_a_prompt_follows_it_at_once(hand, manager, phone):
    """Nobody waits for a step of music between a prompt that is cut short and the ring."""
    agent = await phone("a0002")
    entered = await hand.held(await (await phone("caller")).invite("803164"))
    said = await hand.order(entered, "say", "queue-thankyou+im-sorry")
    await manager.until("ACDOfferBegin", Attempt=said)
    later = int(time.time()) + 5
    await manager.setvar("ACD_ORDER", f"acd-next/7/agent/a0002/-/10/{later}", entered["Uniqueid"])
    await manager.setvar("ACD_WD", said, entered["Uniqueid"])
    stopped = time.time()
    await manager.act("ControlPlayback", Channel=entered["Channel"], Control="stop")
    began = await manager.until("ACDOfferBegin", Attempt="acd-next")
    assert began.at - stopped < 0.1
    ring = await agent.ringing()
    await manager.act("ControlPlayback", Channel=entered["Channel"], Control="stop")
    await asyncio.sleep(0.3)
    assert not ring.ended.is_set(), "a late stop harms no ring"


async def test_a_missing_sound_fails_and_the_caller_waits_on(hand, manager, phone):
    """One sound of several is not there: the others are said, the status tells."""
    entered = await hand.held(await (await phone("caller")).invite("803164"))
    assert (await hand.ended(await hand.order(entered, "say", "no-such-sound+beep")))["Status"] == "FAILED"
    await manager.until("BridgeEnter", since=len(manager.events) - 2, Uniqueid=entered["Uniqueid"])


async def test_bye_and_net_are_orders_too(hand, manager, phone):
    """``net`` hands the caller to the safety net, ``bye`` ends the call, with or without a word."""
    orders = (("net", "ACDSafetyNet", "-"), ("bye", "ACDEnd", "-"), ("bye", "ACDEnd", "beep+no-such-sound"))
    for n, (verb, event, target) in enumerate(orders):
        entered = await hand.held(await (await phone("caller", number=f"02000{n}")).invite("803164"))
        await hand.order(entered, verb, target, seconds="-")
        told = await manager.until(event, Uniqueid=entered["Uniqueid"])
        assert told.get("State", "bye") == "bye"


async def test_keys_are_seen_while_waiting_and_never_in_a_talk(hand, manager, phone):
    """Card numbers said to an agent by keys stay out of every event."""
    agent = await phone("a0002", auto=True)
    call = await (await phone("caller")).invite("803164")
    entered = await hand.held(call)
    call.press("5")
    assert (await manager.until("DTMFEnd"))["Digit"] == "5"
    await hand.order(entered, "agent", "a0002")
    await agent.ringing()
    await manager.until("BridgeEnter", Uniqueid=entered["Uniqueid"], BridgeTechnology="simple_bridge")
    call.press("7")
    await asyncio.sleep(0.3)
    assert [event["Digit"] for event in manager.seen("DTMFEnd")] == ["5"]
