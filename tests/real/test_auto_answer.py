"""A phone that answers by itself, where the agreement allows it: asked by a header, said by a tone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import msgspec
import pytest

from acd.core.facts import OfferEnd, OfferEnded, TalkBegan
from acd.core.ids import AgentId
from acd.core.notes import AgentState
from acd.core.orders import OfferCall
from acd.core.policy import Roster
from asterisk_lab import Lab
from asterisk_lab.user_agent import Call, UserAgent
from tests.real.floor import Floor, roster
from tests.real.phones import Phones

pytestmark = pytest.mark.real

BY_ITSELF = AgentId("a0001")
TONE_S_MIN = 0.3
"""The beep of Asterisk's core sounds lasts a little longer."""


def agents() -> Roster:
    """a0001 is asked to answer by itself, a0002 is not."""
    people = roster(["a0001", "a0002"]).agents
    return Roster(agents={**people, BY_ITSELF: msgspec.structs.replace(people[BY_ITSELF], auto_answer=True)})


@pytest.fixture
async def floor(lab: Lab) -> AsyncIterator[Floor]:
    async with Floor(lab, agents()) as made:
        yield made


def application(floor: Floor, phone: UserAgent) -> tuple[str, str]:
    """What this phone's channel does in Asterisk now."""
    for line in floor.lab.rx("core show channels concise").splitlines():
        name, _, _, _, _, application, data, *_ = line.split("!")
        if name.startswith(f"PJSIP/{phone.name}-"):
            return application, data
    return "", ""


async def hears_the_tone(floor: Floor, phone: UserAgent) -> Call:
    """Wait until the phone has been rung, has answered by itself, and hears the tone."""
    rung = await phone.ringing()
    await floor.until(lambda: application(floor, phone) == ("Playback", "beep"), "the tone is heard", 2)
    await asyncio.wait_for(rung.answered.wait(), 1)
    return rung


async def test_the_header_asks_and_the_tone_comes_before_the_caller(floor: Floor, phones: Phones) -> None:
    """The phone answers at once; half a second of beep, then the talk."""
    phone = await phones.agent("a0001", auto=True)
    await phones.caller()
    rung = await hears_the_tone(floor, phone)
    assert floor.of(TalkBegan) == []
    assert rung.invite is not None
    assert rung.invite["call-info"] == "<sip:acd>;answer-after=0"
    assert rung.invite["alert-info"] == "<http://acd>;info=alert-autoanswer"
    await floor.until(lambda: floor.state("a0001") is AgentState.TALKING, "a0001 talks", 2)
    began = floor.when(TalkBegan)[0][0]
    assert TONE_S_MIN < began - rung.sent["200"] < 1.5
    assert [order.auto_answer for order in floor.of(OfferCall)] == [True]


async def test_others_are_rung_and_nothing_else(floor: Floor, phones: Phones) -> None:
    """No header, no tone: the talk begins when the person answers."""
    phone = await phones.agent("a0002")
    await phones.caller()
    rung = await phone.ringing()
    assert rung.invite is not None
    assert not {"call-info", "alert-info"} & rung.invite.headers.keys()
    rung.answer()
    await floor.until(lambda: floor.state("a0002") is AgentState.TALKING, "a0002 talks", 2)
    assert floor.when(TalkBegan)[0][0] - rung.sent["200"] < TONE_S_MIN


async def test_an_agent_who_leaves_during_the_tone_has_not_talked(floor: Floor, phones: Phones) -> None:
    """The caller keeps the place and the next agent has the call."""
    phone = await phones.agent("a0001", auto=True)
    caller = await phones.caller()
    rung = await hears_the_tone(floor, phone)
    await rung.bye()
    if time.time() - rung.sent["200"] > TONE_S_MIN:
        pytest.skip("too late: the machine is so busy that the tone was over")
    await floor.until(lambda: floor.of(OfferEnded), "the offer has ended", 2)
    ended = floor.of(OfferEnded)[0]
    assert (ended.end, ended.talk_ms) == (OfferEnd.DROPPED, 0)
    assert floor.of(TalkBegan) == []
    assert not caller.ended.is_set()
    await phones.answered(await phones.agent("a0002"))


async def test_a_caller_who_leaves_during_the_tone_is_gone(floor: Floor, phones: Phones) -> None:
    """The phone is let go when the tone is over, at once, and the agent is free of the call."""
    phone = await phones.agent("a0001", auto=True)
    caller = await phones.caller()
    rung = await hears_the_tone(floor, phone)
    left = time.time()
    await caller.bye()
    await asyncio.wait_for(rung.ended.wait(), 2)
    assert rung.got["BYE"] - left < 1
    await floor.settled()
    await floor.until(lambda: floor.state("a0001") is not AgentState.RINGING, "a0001 is free", 2)
