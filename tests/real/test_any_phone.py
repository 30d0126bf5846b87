"""Agents who sit where there is room: login with one's code on a shared phone of the site."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from acd.core.facts import CallCoded, CallerVerified
from acd.core.ids import AgentId, OutcomeCodeId, SiteId
from acd.core.notes import AgentState, CallFinished, Decision
from acd.core.policy import Agent, OutcomeCode, PhoneRange, Roster, RuleSet, Site
from acd.core.views import AgentView
from asterisk_lab import Lab
from tests.real.floor import SKILL, Floor, net_members, rule_set
from tests.real.phones import Phones, tone

pytestmark = pytest.mark.real

ANNA, BRUNO, CARLA = AgentId("anna"), AgentId("bruno"), AgentId("carla")
SOLVED = OutcomeCodeId("risolto")


def rules() -> RuleSet:
    """Rome shares the phones a0004 and a0005, Lecce a0006; one outcome code."""
    shared = {"roma": ("a0004", "a0005"), "lecce": ("a0006", "a0006")}
    sites = {
        SiteId(name): Site(id=SiteId(name), name=name, phones=(PhoneRange(first=first, last=last),))
        for name, (first, last) in shared.items()
    }
    codes = {SOLVED: OutcomeCode(id=SOLVED, name="Risolto", digit="1")}
    return msgspec.structs.replace(rule_set(), sites=sites, outcome_codes=codes)


def agent(name: AgentId, phone: str, code: str) -> Agent:
    """Somebody of Rome."""
    return Agent(id=name, site=SiteId("roma"), endpoint=phone, skills={SKILL: 5}, code=code)


PEOPLE = Roster(
    agents={
        ANNA: agent(ANNA, "a0001", "4711"),
        BRUNO: agent(BRUNO, "a0002", "4712"),
        CARLA: agent(CARLA, "", "7"),
    }
)


@pytest.fixture
async def floor(lab: Lab) -> AsyncIterator[Floor]:
    async with Floor(lab, PEOPLE, rules()) as made:
        yield made


def view(floor: Floor, name: AgentId) -> AgentView:
    """What the agent sees of themselves."""
    seen = floor.centre.agent(name)
    assert seen is not None
    return seen


async def in_the_net(floor: Floor, phone: str) -> None:
    """Wait until the safety net knows exactly this phone."""
    await floor.until(lambda: set(net_members(floor.lab)) == {phone}, f"{phone} alone is in the net", 2)


async def test_calls_ring_where_the_agent_sits(floor: Floor, phones: Phones) -> None:
    """``*11<code>`` on a shared phone: calls, wrap-up, the safety net and the logout are of that phone."""
    own = await phones.agent("a0001", login=False)
    shared = await phones.agent("a0004", login=False)
    assert await tone(shared, "*114711") == "beep"
    assert (view(floor, ANNA).state, view(floor, ANNA).phone) == (AgentState.READY, "a0004")
    await in_the_net(floor, "a0004")
    caller = await phones.caller()
    rung = await shared.ringing()
    rung.answer()
    await floor.until(lambda: floor.state(ANNA) is AgentState.TALKING, "anna talks")
    assert floor.of(Decision)[0].target == ANNA
    assert not own.calls
    await caller.bye()
    await floor.until(lambda: floor.state(ANNA) is AgentState.WRAP_UP, "anna is in wrap-up")
    assert await tone(shared, "*12") == "beep"
    assert (view(floor, ANNA).state, view(floor, ANNA).phone) == (AgentState.LOGGED_OUT, "")
    await floor.until(lambda: not net_members(floor.lab), "the net is empty", 2)


async def test_who_has_no_phone_sits_at_any_of_the_site(floor: Floor, phones: Phones) -> None:
    """A code of one digit, today here, tomorrow there."""
    for name in ("a0005", "a0004"):
        phone = await phones.agent(name, login=False)
        assert await tone(phone, "*117") == "beep"
        assert view(floor, CARLA).phone == name
        assert await tone(phone, "*12") == "beep"
        assert floor.state(CARLA) is AgentState.LOGGED_OUT


async def test_a_phone_that_is_taken_is_refused(floor: Floor, phones: Phones) -> None:
    """The second hears the error tone, the first keeps phone and login; after the logout it is free."""
    shared = await phones.agent("a0004", login=False)
    assert await tone(shared, "*114711") == "beep"
    assert await tone(shared, "*114712") == "beeperr"
    assert (view(floor, ANNA).phone, floor.state(BRUNO)) == ("a0004", AgentState.LOGGED_OUT)
    assert await tone(shared, "*12") == "beep"
    assert await tone(shared, "*114712") == "beep"
    assert (floor.state(ANNA), view(floor, BRUNO).phone) == (AgentState.LOGGED_OUT, "a0004")


async def test_not_with_a_wrong_code_and_not_at_another_site(floor: Floor, phones: Phones) -> None:
    """A code nobody has, a phone of Lecce, a phone that nobody shares, a shared phone without a code."""
    for name, code in (("a0004", "*119999"), ("a0006", "*114711"), ("a0007", "*114711"), ("a0004", "*11")):
        phone = await phones.agent(name, login=False)
        assert await tone(phone, code) == "beeperr", (name, code)
        await phone.__aexit__()
    assert floor.state(ANNA) is AgentState.LOGGED_OUT
    assert net_members(floor.lab) == {}


async def test_what_the_agent_says_of_the_call_is_of_whoever_sits_there(floor: Floor, phones: Phones) -> None:
    """``*171`` in the talk and ``*161`` after it, from the shared phone: both are in the books."""
    shared = await phones.agent("a0004", login=False)
    assert await tone(shared, "*114711") == "beep"
    caller = await phones.caller()
    rung = await shared.ringing()
    rung.answer()
    await floor.until(lambda: floor.state(ANNA) is AgentState.TALKING, "anna talks")
    assert await tone(shared, "*171") == "beep"
    seen = view(floor, ANNA).call
    assert seen is not None
    assert (seen.verified, seen.verified_by) == (True, "phone")
    assert await tone(shared, "*169") == "beeperr"
    assert await tone(shared, "*161") == "beep"
    assert [fact.phone for fact in (*floor.of(CallerVerified), *floor.of(CallCoded))] == ["a0004", "a0004"]
    await caller.bye()
    await floor.settled()
    finished = floor.of(CallFinished)[0]
    assert (finished.verified, finished.code, finished.site) == (True, SOLVED, SiteId("roma"))
