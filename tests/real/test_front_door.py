"""From the number to the person: menus, languages and personal codes with an ACD that serves them.

The INPS rule set, open day and night, on a lab of its own; real phones that press keys; our application here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from acd.core.facts import CallEntered, CallLeftMenu
from acd.core.ids import AgentId, PriorityClassId, SiteId, SkillId
from acd.core.notes import MenuLeft
from acd.core.policy import Agent, Roster
from acd.rules.load import load_rules
from acd.rules.settings import StoreSettings
from acd.store.hashing import KeyedHash
from acd.store.records import PersonalCode
from asterisk_lab import Lab
from asterisk_lab.user_agent import Call, UserAgent
from tests.real.always_open import always_open
from tests.real.floor import Floor
from tests.real.phones import Phones

pytestmark = pytest.mark.real

OWN_PORTS = {"a0001": 6001, "a0002": 6002}
KEY = "key-of-the-tests-only-0123"
CODE = "1234567897"
FIRST_WORD_S = 0.8
"""Asterisk answers, and gives media up to half a second: nobody presses a key before the first word."""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the rules."""
    return always_open(tmp_path_factory.mktemp("front-door") / "inps")


@pytest.fixture(scope="module")
def inps(rules: Path) -> Iterator[Lab]:
    """The entry of the INPS."""
    made = Lab.up(agents=2, port_offset=None, contact_ports=OWN_PORTS, rules=rules)
    try:
        yield made
    finally:
        made.down()


def _agent(name: str, site: str, **skills: int) -> Agent:
    held = {SkillId(skill): level for skill, level in skills.items()}
    return Agent(id=AgentId(name), site=SiteId(site), endpoint=name, skills=held)


@pytest.fixture
async def phones(inps: Lab, rules: Path, tmp_path: Path) -> AsyncIterator[Phones]:
    """Two agents in Bolzano: one without German, one with it."""
    people = (
        _agent("a0001", "bolzano", generale=9, pensioni=9),
        _agent("a0002", "bolzano", generale=5, pensioni=5, tedesco=9),
    )
    letter = PersonalCode(
        hash=KeyedHash(KEY).code(CODE), priority_class=PriorityClassId("fragile"), expires_ms=2**50
    )
    store = StoreSettings(file=tmp_path / "none.sqlite", hash_key=SecretStr(KEY))
    roster = Roster(agents={agent.id: agent for agent in people})
    async with (
        Floor(inps, roster, rules=load_rules(rules).rules, store=store, codes=[letter]) as floor,
        Phones(floor) as made,
    ):
        yield made


async def _calls(phones: Phones, caller: str, number: str, keys: str) -> Call:
    """Call, press the keys of the menus, and wait until the call has entered."""
    before = len(phones.floor.of(CallEntered))
    phone = await phones.open(UserAgent(phones.lab, caller, ip=phones.lab.caller_ip))
    call = await phone.invite(number)
    phones.callers.append(call)
    await asyncio.sleep(FIRST_WORD_S)
    for key in keys:
        call.press(key)
        await asyncio.sleep(0.2)
    await phones.floor.entered(before + 1)
    return call


async def test_german_from_bolzano_rings_who_speaks_german(phones: Phones) -> None:
    """Both are free and the other is better at pensions: the language chosen by one key decides."""
    german = await phones.agent("a0002")
    await phones.agent("a0001", auto=True)
    await _calls(phones, "0471000031", "803164", "21")
    await phones.answered(german)
    (entered,) = phones.floor.of(CallEntered)
    assert (entered.queue, entered.language, entered.province) == ("pensioni-de", "de", "BZ")
    view = phones.floor.centre.agent(AgentId("a0002"))
    assert view is not None
    assert view.call is not None
    assert (view.call.queue, view.call.language, view.call.province) == ("pensioni-de", "de", "BZ")


async def test_a_personal_code_comes_before_who_has_waited_longer(phones: Phones) -> None:
    """Two wait for pensions; the later one gave the code of a letter: that one is rung first.

    A code nobody was given changes nothing, and neither the code nor a number is in any fact.
    """
    floor = phones.floor
    await _calls(phones, "0612000032", "803164", "90000000000" + "1")  # no letter holds this code
    await _calls(phones, "0612000033", "803164", f"9{CODE}" + "1")
    first, second = floor.of(CallEntered)
    assert (first.queue, second.queue) == ("pensioni", "pensioni")
    assert (first.priority_class, second.priority_class) == ("", "fragile")
    agent = await phones.agent("a0001")
    await phones.answered(agent)
    view = floor.centre.agent(AgentId("a0001"))
    assert view is not None
    assert view.call is not None
    assert (view.call.call, view.call.priority_class) == (second.call, "fragile")
    for fact in (first, second):
        assert fact.caller == KeyedHash(KEY).number(f"06120000{32 if fact is first else 33}")
        assert CODE not in repr(fact)
        assert "06120000" not in repr(fact)


async def test_who_hangs_up_in_the_menu_is_counted(phones: Phones) -> None:
    """No call leaves no trace: a note for the ledger and the metrics, and no call in any queue."""
    floor = phones.floor
    phone = await phones.open(UserAgent(phones.lab, "0612000034", ip=phones.lab.caller_ip))
    call = await phone.invite("06164164")
    await asyncio.sleep(FIRST_WORD_S)
    await call.bye()
    await floor.until(lambda: floor.of(CallLeftMenu), "the caller has left the menu")
    (left,) = floor.of(MenuLeft)
    assert left.called == "06164164"
    assert 500 < left.left_ms - left.arrived_ms < 5_000
    assert floor.centre.summary().entered == 0
