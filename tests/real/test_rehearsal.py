"""A rehearsal on a real Asterisk: every way a line can be found, counted, and no caller disturbed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from acd.core.ids import OfficeId
from acd.core.policy import Office, RuleSet
from acd.errors import AsteriskUnreachable
from acd.rules.transition import compile_transition
from acd.rules.transition_shape import TransitionFile
from acd.runtime.rehearsal import RehearsalRunner
from acd.transition.rehearsing import Line, LineResult, Trial
from asterisk_lab import Lab
from asterisk_lab.user_agent import Call
from tests.real.floor import Floor, rule_set
from tests.real.phones import Phones
from tests.web.small_store import SmallStore

pytestmark = pytest.mark.real

NUMBER = "0612345678"
LINE = Line(office=OfficeId("roma"), number=NUMBER, trunk="trunk", capacity=1, language="it")
TRIAL = Trial(line=LINE, ring_s=2, asks=1, key_s=2, sound="acd/it/rehearsal")


async def press(call: Call, key: str) -> None:
    """Answer, listen for a moment, and press."""
    call.answer()
    await call.answered.wait()
    await asyncio.sleep(0.3)
    call.press(key)


async def yes(call: Call) -> None:
    await press(call, "1")


async def no_office(call: Call) -> None:
    await press(call, "2")


async def hangs_up(call: Call) -> None:
    call.answer()
    await call.answered.wait()
    await call.bye()


async def busy(call: Call) -> None:
    call.refuse(486)


async def no_such_number(call: Call) -> None:
    call.refuse(404)


async def broken(call: Call) -> None:
    call.refuse(503)


async def rings_on(call: Call) -> None:
    await call.ended.wait()


WAYS: list[tuple[Callable[[Call], Awaitable[None]], LineResult]] = [
    (yes, LineResult.PRESSED),
    (no_office, LineResult.WRONG),
    (hangs_up, LineResult.ANSWERED),
    (busy, LineResult.BUSY),
    (no_such_number, LineResult.WRONG),
    (broken, LineResult.FAILED),
    (rings_on, LineResult.NO_ANSWER),
]


def counted(lab: Lab) -> list[str]:
    """The groups of office lines that Asterisk counts now."""
    rows = lab.rx("group show channels").splitlines()
    return [row.split()[1] for row in rows if "acdline" in row]


async def test_every_way_a_line_can_be_found(floor: Floor, phones: Phones) -> None:
    """Pressed, wrong, answered and gone, busy, failed, no answer; nothing is left in Asterisk."""
    office = await phones.office()
    node = floor.centre.links[0]
    for act, result in WAYS:
        trial = asyncio.create_task(node.try_line(TRIAL))
        call = await office.ringing()
        assert counted(floor.lab) == ["roma"], "counted among the office's calls while it rings"
        await act(call)
        tried = await asyncio.wait_for(trial, 10)
        assert tried.result is result, (act.__name__, tried)
    assert tried.ring_ms >= 1_900
    await floor.until(lambda: not counted(floor.lab), "nothing is counted any more", 2)
    assert floor.centre.summary().entered == 0, "no caller, no call"


async def test_a_voicemail_is_no_office(floor: Floor, phones: Phones) -> None:
    """It answers and talks; no key comes, so the line is not ready."""
    office = await phones.office(auto=True)
    trial = asyncio.create_task(floor.centre.links[0].try_line(TRIAL))
    call = await office.ringing()
    tried = await asyncio.wait_for(trial, 25)
    assert (tried.result, tried.detail) == (LineResult.ANSWERED, "no key")
    assert "BYE" in call.got


def office_rules() -> RuleSet:
    """A caller waits for the office's one line from the first moment."""
    return rule_set(offices_after_ms=0, ring_s=10)


async def test_a_line_with_a_caller_is_not_called(lab: Lab) -> None:
    """The caller rings the office's one line; the trial is refused by the dialplan, and the ring goes on."""
    async with Floor(lab, [], office_rules()) as floor, Phones(floor) as phones:
        office = await phones.office()
        await phones.caller()
        ring = await office.ringing()
        tried = await floor.centre.links[0].try_line(TRIAL)
        assert tried.result is None
        assert not ring.ended.is_set()
        assert len(office.calls) == 1, "the office's phone rang for the caller alone"


async def test_what_the_rules_cannot_hold_never_reaches_asterisk(floor: Floor, phones: Phones) -> None:
    """A number of words is refused before the wire; a trunk that is not there fails and says so."""
    await phones.office()
    node = floor.centre.links[0]
    nowhere = msgspec.structs.replace(TRIAL, line=LINE._replace(trunk="no-such-trunk"))
    assert (await node.try_line(nowhere)).result is LineResult.FAILED
    node.link.cut("a test cuts the link")
    with pytest.raises(AsteriskUnreachable):
        await node.try_line(TRIAL)
    await floor.until(floor.connected, "the node is back")


def test_the_office_of_these_tests_is_the_floors() -> None:
    """One office, one line: what the trials above count on."""
    (office,) = rule_set().offices.values()
    assert isinstance(office, Office)
    assert (office.number, office.capacity, office.trunk) == (NUMBER, 1, "trunk")


async def test_a_whole_rehearsal_calls_one_line_after_the_other(lab: Lab) -> None:
    """Three offices on one trunk: two press, one number is wrong; never two calls at once, all kept."""
    offices = {
        OfficeId(name): Office(
            id=OfficeId(name), name=name, province=name.upper(), number=number, trunk="trunk", capacity=2
        )
        for name, number in (("rm", "0600000001"), ("bz", "0471000001"), ("ag", "0922000001"))
    }
    rules = msgspec.structs.replace(rule_set(), offices=offices)
    async with Floor(lab, [], rules) as floor, Phones(floor) as phones:
        office = await phones.office()
        store = SmallStore()
        plan = compile_transition(TransitionFile())
        runner = RehearsalRunner(
            rules=floor.centre.rules,
            offices=floor.centre.offices,
            limits=lambda: plan.rehearsal,
            triers=lambda: floor.centre.links,
            clock=floor.centre.clock,
            store=store,
        )
        assert runner.begin("a test").lines == 3
        for key in ("1", "", "1"):
            call = await office.ringing()
            assert len(runner.state().calling) == 1
            assert sum(not each.ended.is_set() for each in office.calls.values()) == 1
            if key:
                await press(call, key)
            else:
                call.refuse(404)
        await floor.until(lambda: not runner.state().running, "the rehearsal is over")
        checks = await store.line_checks()
        assert {(check.office, check.result) for check in checks} == {
            ("rm", "pressed"),
            ("bz", "wrong"),
            ("ag", "pressed"),
        }
        assert all(check.detail for check in checks if check.result == "wrong")
