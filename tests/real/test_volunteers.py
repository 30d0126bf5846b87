"""A volunteer on a real phone: rung within an accepted slot, and never after it was withdrawn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from acd.core.facts import AgentLoggedIn
from acd.core.ids import AgentId
from acd.core.notes import AgentState, Decision
from acd.core.policy import Agent, Roster, Step
from acd.rules.settings import StoreSettings
from acd.rules.volunteering import Volunteering
from acd.runtime.clock import SystemClock
from acd.runtime.opt_in_keeper import Offered, OptInKeeper
from acd.store.records import SlotKind, SlotPlace
from acd.store.sql import open_store
from asterisk_lab import Lab
from tests.real.floor import Floor, net_members, roster, rule_set
from tests.real.phones import Phones

pytestmark = pytest.mark.real

VERA = AgentId("a0001")
HOUR_MS = 3_600_000


def volunteers() -> Roster:
    """Somebody of the centre who is not at work, and a volunteer."""
    people: dict[AgentId, Agent] = dict(roster(["a0001", "a0002"]).agents)
    people[VERA] = msgspec.structs.replace(people[VERA], volunteer=True)
    return Roster(agents=people)


@pytest.fixture
async def floor(lab: Lab) -> AsyncIterator[Floor]:
    """A queue that takes volunteers at once."""
    ladder = (Step(id="volontari", after_ms=0, volunteers=True),)
    async with Floor(lab, volunteers(), rules=rule_set(ladder=ladder)) as made:
        yield made


@pytest.fixture
async def keeper(floor: Floor, tmp_path: Path) -> AsyncIterator[OptInKeeper]:
    """The centre's slots, on a disk."""
    clock = SystemClock()
    store = await open_store(StoreSettings(file=tmp_path / "acd.sqlite"), clock)
    try:
        yield OptInKeeper(
            Volunteering(night="warn"),
            in_force=floor.centre.rules,
            roster=lambda: floor.roster,
            clock=clock,
            store=store,
            submit=floor.centre.pump.submit,
        )
    finally:
        await store.close()


async def test_a_volunteer_withdraws_during_a_talk(
    lab: Lab, floor: Floor, phones: Phones, keeper: OptInKeeper
) -> None:
    """The talk goes on to its end; then no ring, though somebody waits, and the safety net has nobody."""
    phone = await phones.agent("a0001", login=False)
    refused = (await floor.centre.submit(AgentLoggedIn(agent=VERA))).refused
    assert refused is not None, "nobody logs in without a slot"
    now_ms = SystemClock().now_ms()
    offered = Offered(
        office="roma",
        from_ms=now_ms,
        until_ms=now_ms + HOUR_MS,
        kind=SlotKind.ORDINARY,
        place=SlotPlace.OFFICE,
    )
    slot = (await keeper.accept(VERA, offered, "it")).slot
    await floor.login("a0001")
    caller = await phones.caller()
    talk = await phones.answered(phone)
    await phones.caller()
    await keeper.withdraw(VERA, slot.id)
    await asyncio.sleep(0.5)
    assert floor.state("a0001") is AgentState.TALKING
    assert not talk.ended.is_set()
    assert not caller.ended.is_set()
    await caller.bye()
    await floor.until(lambda: floor.state("a0001") is AgentState.WRAP_UP, "a0001 wraps up")
    await floor.until(lambda: floor.state("a0001") is AgentState.LOGGED_OUT, "a0001 is logged out", 3)
    await asyncio.sleep(1.0)
    assert len(floor.of(Decision)) == 1, "nobody rings a volunteer who has withdrawn"
    await floor.until(lambda: not net_members(lab), "the net is empty")
    assert (await floor.centre.submit(AgentLoggedIn(agent=VERA))).refused is not None
