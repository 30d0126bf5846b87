"""Offices on a real Asterisk: the key, what fails, what is counted twice, the carrier."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from itertools import pairwise
from typing import Self

import msgspec
import pytest

from acd.core.facts import CallEntered, CallInSafetyNet, OfferBegan, OfferEnd, OfferEnded, TalkBegan
from acd.core.ids import OfficeId, QueueId
from acd.core.notes import BreakerMoved, CallFinished, CarrierMoved, Outcome
from acd.core.notes import Path as Way
from acd.core.policy import Health, Office, Queue, RuleSet, SkillNeed, Step, Timings
from acd.core.views import OfficeView
from asterisk_lab import Lab
from asterisk_lab.user_agent import Call, Packet, UserAgent
from tests.real.floor import SKILL, Floor, rule_set
from tests.real.phones import Phones

pytestmark = pytest.mark.real

AGENT = "a0001"
BOLZANO = "bolzano"
"""The lab's safety net knows it too, with one line."""
GERMAN = QueueId("tedesco")
PROMPT_S = 1.5
"""Asterisk's own words, which are said where the rules have no prompt."""
WAIT_S = 3.0
"""After each of the two prompts there is so much time to press."""


def office(name: str, number: str, **changes: object) -> Office:
    """An office of one line."""
    usual = {"province": "BZ", "trunk": "trunk", "capacity": 1}
    return Office(id=OfficeId(name), name=name, number=number, **(usual | changes))


def to_offices(*offices: Office, health: Mapping[str, int] | None = None, again_ms: int = 60_000) -> RuleSet:
    """One queue whose calls go to these offices at once when no agent is free."""
    rules = rule_set(
        ladder=(Step(id="uffici", after_ms=0, offices=tuple(each.id for each in offices)),),
        timings=Timings(unreachable_retry_ms=600_000, not_again_ms=again_ms, look_ms=500),
    )
    return msgspec.structs.replace(
        rules, offices={each.id: each for each in offices}, health=Health(**(health or {}))
    )


PUBLIC = office(BOLZANO, "99047101", confirm=True)


class Ear(asyncio.DatagramProtocol):
    """Notes when each packet of sound came."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        self.at.append(time.time())


class Listener(UserAgent):
    """A caller's phone that hears."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.ear = Ear()
        self._media.close()
        loop = asyncio.get_running_loop()
        self._media, _ = await loop.create_datagram_endpoint(lambda: self.ear, (self.ip, 0))
        return self


class Silent(UserAgent):
    """A line that gives no sign of life: no 180, no answer."""

    mute = False

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        if not self.mute or Packet(data).method != "INVITE":
            super().datagram_received(data, addr)


async def calls_from(floor: Floor, phones: Phones, number: str, called: str = "803164") -> Call:
    """Call from this number, and wait until the call has entered."""
    before = len(floor.of(CallEntered))
    phone = await phones.open(Listener(floor.lab, number, ip=floor.lab.caller_ip))
    call = await phone.invite(called)
    phones.callers.append(call)
    await floor.entered(before + 1)
    return call


def ends(floor: Floor) -> list[OfferEnd]:
    """How each offer ended, in order."""
    return [fact.end for fact in floor.of(OfferEnded)]


def view(floor: Floor, name: str = BOLZANO) -> OfficeView:
    """An office as everybody sees it."""
    return next(each for each in floor.centre.offices() if each.id == name)


def state_of(floor: Floor) -> str:
    """What the first caller's dialplan says it is doing."""
    channel = next(
        line.split("!")[0]
        for line in floor.lab.rx("core show channels concise").splitlines()
        if line.startswith("PJSIP/carrier")
    )
    rows = floor.lab.rx(f"core show channel {channel}").splitlines()
    return next(row.partition("=")[2].strip() for row in rows if row.startswith("ACD_STATE="))


async def test_a_person_presses_1_and_only_then_talks_and_the_caller_hears_music_until_then(lab: Lab) -> None:
    """Answered is not talking: the caller waits on with music, state ``ring``; the key joins the two."""
    async with Floor(lab, [AGENT], to_offices(PUBLIC)) as floor, Phones(floor) as phones:
        line = await phones.office()
        caller = await calls_from(floor, phones, "0471000001")
        ring = await line.ringing()
        ring.answer()
        await asyncio.wait_for(ring.answered.wait(), 2)
        await asyncio.sleep(PROMPT_S)
        assert (floor.of(TalkBegan), state_of(floor)) == ([], "ring")
        pressed = time.time()
        ring.press("1")
        await floor.until(lambda: floor.of(TalkBegan), "they talk", 1)
        assert state_of(floor) == "talk"
        assert isinstance(caller.phone, Listener)
        heard = [at for at in caller.phone.ear.at if at < pressed]
        gaps = [later - earlier for earlier, later in pairwise(heard)]
        assert len(heard) > 40 * PROMPT_S
        assert max(gaps) < 0.2
        await asyncio.sleep(1.6)
        await ring.bye()
        await floor.settled()
        end = floor.of(CallFinished)[0]
        assert (end.outcome, end.path, end.office) == (Outcome.ANSWERED, Way.FALLBACK, BOLZANO)


async def test_a_voicemail_takes_no_caller_who_keeps_place_and_age(lab: Lab) -> None:
    """It answers and presses nothing: no answer, as far as the caller goes; the next agent has the call."""
    async with Floor(lab, [AGENT], to_offices(PUBLIC)) as floor, Phones(floor) as phones:
        machine = await phones.office(auto=True)
        phone = await phones.agent(AGENT, login=False)
        caller = await calls_from(floor, phones, "0471000002")
        entered_ms = floor.of(CallEntered)[0].entered_ms
        taken = await machine.ringing()
        await floor.until(lambda: OfferEnd.NO_KEY in ends(floor), "the prompts are over", 12)
        assert taken.ended.is_set()
        assert floor.of(TalkBegan) == []
        await calls_from(floor, phones, "0471000003")
        await floor.login(AGENT)
        talk = await phones.answered(phone)
        first = floor.of(CallEntered)[0].call
        assert floor.of(TalkBegan)[-1].call == first
        assert floor.centre.engine.world.calls[first].entered_ms == entered_ms
        assert not caller.ended.is_set()
        await talk.bye()


async def test_a_caller_who_leaves_during_the_prompt_frees_the_line_soon(lab: Lab) -> None:
    """Not when the prompts are over: within the present one and a second."""
    async with Floor(lab, [AGENT], to_offices(PUBLIC)) as floor, Phones(floor) as phones:
        machine = await phones.office(auto=True)
        caller = await calls_from(floor, phones, "0471000004")
        taken = await machine.ringing()
        await asyncio.wait_for(taken.answered.wait(), 2)
        await caller.bye()
        left = time.time()
        await asyncio.wait_for(taken.ended.wait(), PROMPT_S + WAIT_S)
        assert time.time() - left < PROMPT_S + 1.5
        await floor.settled()
        assert view(floor).in_use == 0


async def test_busy_congested_and_silent_lines_give_the_call_back_and_the_breaker_opens(lab: Lab) -> None:
    """Each time the caller is at the head again; after the third the office is left alone for a while."""
    line = office(BOLZANO, "99047101", more_numbers=("99047102",))
    async with Floor(lab, [AGENT], to_offices(line, again_ms=200)) as floor, Phones(floor) as phones:
        silent = await phones.open(Silent(lab, "office", 6000, ip=lab.trunk_ip))
        await phones.agent(AGENT, login=False)
        assert isinstance(silent, Silent)
        await calls_from(floor, phones, "0471000005")
        first = await silent.ringing()
        first.refuse(486)
        second = await silent.ringing()
        silent.mute = True
        second.refuse(503)
        assert first.invite is not None
        assert second.invite is not None
        assert [call.first.split()[1].partition("@")[0] for call in (first.invite, second.invite)] == [
            "sip:99047101",
            "sip:99047102",
        ]
        await floor.until(lambda: len(ends(floor)) == 3, "the ring is over", 8)
        assert ends(floor) == [OfferEnd.BUSY, OfferEnd.FAILED, OfferEnd.UNREACHABLE]
        assert [(note.before, note.after) for note in floor.of(BreakerMoved)] == [("closed", "open")]
        assert (view(floor).breaker, view(floor).in_use) == ("open", 0)
        await floor.login(AGENT)
        await phones.answered(phones.agent_of(AGENT))
        assert len({fact.call for fact in floor.of(OfferBegan)}) == 1


def net_and_order() -> RuleSet:
    """Calls of one queue are sent to the safety net soon, those of the other to Bolzano at once."""
    german = Queue(
        id=GERMAN,
        name="Tedesco",
        language="de",
        needs=(SkillNeed(skill=SKILL),),
        ladder=(Step(id="uffici", after_ms=0, offices=(OfficeId(BOLZANO),)),),
        ring_s=5,
    )
    rules = rule_set(
        more=[german], wait_ms_max=300, timings=Timings(order_valid_ms=1_500, order_grace_ms=500, look_ms=500)
    )
    line = office(BOLZANO, "99047101")
    return msgspec.structs.replace(rules, offices={line.id: line})


async def test_the_dialplan_refuses_one_call_too_many_whatever_we_believe(lab: Lab) -> None:
    """The net's call to Bolzano is not in our count; the dialplan's own count refuses ours beside it."""
    async with Floor(lab, [AGENT], net_and_order()) as floor, Phones(floor) as phones:
        line = await phones.office(auto=True)
        await calls_from(floor, phones, "0471000006")
        await floor.until(lambda: floor.of(CallInSafetyNet), "the net has the first caller", 3)
        talk = await line.ringing()
        await asyncio.wait_for(talk.answered.wait(), 2)
        assert view(floor).in_use == 0
        await calls_from(floor, phones, "0471000007", "q-tedesco")
        await floor.until(lambda: ends(floor), "the order is refused", 2)
        assert ends(floor)[0] is OfferEnd.FULL
        assert floor.of(OfferBegan) == []
        assert len(line.calls) == 1
        assert view(floor).breaker == "closed"
        await talk.bye()
        again = await line.ringing(6)
        await floor.until(lambda: floor.of(TalkBegan), "the second caller talks", 3)
        assert lab.rx("group show channels").count(BOLZANO) == 1
        await asyncio.sleep(1.6)
        await again.bye()


async def test_a_carrier_that_fails_is_one_event_and_one_call_tries_it_again(lab: Lab) -> None:
    """Four offices fail at once: no breaker opens, one note; the probe that is answered ends it, one note."""
    offices = [office(f"ufficio-{n}", f"9904710{n}") for n in range(1, 5)]
    health = {"carrier_probe_ms": 1_500}
    rules = to_offices(*offices, health=health, again_ms=300)
    async with Floor(lab, [AGENT], rules) as floor, Phones(floor) as phones:
        line = await phones.office()
        for n in range(1, 5):
            await calls_from(floor, phones, f"06100000{n:02}")
        refused = 0
        while not floor.of(CarrierMoved):
            (await line.ringing(3)).refuse(503)
            refused += 1
            await asyncio.sleep(0.05)
        out = floor.of(CarrierMoved)[0]
        assert (out.trunk, out.out, out.offices) == ("trunk", True, 4)
        assert [each.carrier_out for each in floor.centre.offices()] == [True] * 4
        while not line._new.empty():
            line._new.get_nowait().refuse(503)
        probe = await line.ringing(4)
        assert floor.of(BreakerMoved) == []
        probe.answer()
        await floor.until(lambda: len(floor.of(CarrierMoved)) == 2, "the carrier is back", 3)
        assert refused <= 8
        for _ in range(3):
            await line.ringing(3)
        assert [note.out for note in floor.of(CarrierMoved)] == [True, False]
