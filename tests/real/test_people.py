"""People come and go while calls flow: a whole roster at once, and logins that outlive the process."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from acd.core.policy import Roster
from acd.rules.generate_roster import generate_roster
from acd.rules.load import load_rules
from acd.rules.roster import write_roster
from asterisk_lab import Lab
from asterisk_lab.phones import Sipp
from tests.real.always_open import always_open
from tests.real.floor import net_members
from tests.real.process import AcdProcess, until

pytestmark = pytest.mark.real

EVERYBODY = 3_100
FIRST = 40
"""Employed and logged in before the others, so that calls flow meanwhile."""
SECONDS_MAX = 30.0
AT_ONCE = 64
RATE, CALLS = 5, 150


async def test_3100_are_imported_and_log_in_while_calls_flow(tmp_path: Path) -> None:
    """The day everybody starts: import and 3,100 logins by the API in 30 s, and no call suffers.

    The INPS rule set, open day and night, its own generated roster, calls at 5 a second all the while: every
    one is answered, by agents, and the books are even.
    """
    rules = always_open(tmp_path / "inps")
    roster = write_roster(_all_employed(generate_roster(load_rules(rules).rules, EVERYBODY, seed=1)))
    header, *rows = roster.splitlines(keepends=True)
    lab = Lab.up(agents=EVERYBODY, port_offset=None, rules=rules)
    try:
        first = header + "".join(rows[:FIRST])
        async with AcdProcess([lab], tmp_path, rules=rules, roster=first, own_labs=True) as acd:
            acd.agents = tuple(row.partition(",")[0] for row in rows)
            await acd.login(*acd.agents[:FIRST])
            with (
                Sipp.agent(lab, ring_ms=(50, 300), talk_ms=(1_700, 2_500)),
                Sipp.callers(lab, number="q-generale", count=CALLS, rate=RATE, log_messages=False) as callers,
            ):
                began = time.monotonic()
                report = await acd.employ(roster)
                imported = time.monotonic()
                await _log_in(acd, acd.agents[FIRST:])
                logged_in = time.monotonic()
                counts = callers.wait(CALLS / RATE + 60)
            assert report["added"] == EVERYBODY - FIRST
            assert sum(await _present(acd)) == EVERYBODY
            assert logged_in - began < SECONDS_MAX
            books = await acd.counts()
            assert (books["entered"], books["answered"], books["unaccounted"]) == (CALLS, CALLS, 0)
            assert counts.failed == 0
            print(  # noqa: T201
                f"import {imported - began:.2f} s, {EVERYBODY - FIRST} logins {logged_in - imported:.2f} s"
            )
            await until(lambda: len(net_members(lab)) >= EVERYBODY * 0.99, "the net knows them", 60)
            acd.kill()
            took = await acd.start()
            assert sum(await _present(acd)) == EVERYBODY
            print(f"after kill -9 all {EVERYBODY} are logged in, {took:.2f} s after the start")  # noqa: T201
    finally:
        lab.down()


def _all_employed(people: Roster) -> Roster:
    """The same people without volunteers, who would log in themselves, each within a slot."""
    agents = people.agents.values()
    return Roster(agents={each.id: msgspec.structs.replace(each, volunteer=False) for each in agents})


async def _log_in(acd: AcdProcess, names: Iterable[str]) -> None:
    """Each by a request of its own, as their desktops would, some at a time."""
    queue = asyncio.Queue[str]()
    for name in names:
        queue.put_nowait(name)

    async def worker() -> None:
        while not queue.empty():
            await acd.ask(queue.get_nowait(), "login")

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


async def _present(acd: AcdProcess) -> list[int]:
    """How many are logged in at each site."""
    return [sum(states.values()) for states in (await acd.counts())["agents"].values()]


async def test_a_restart_keeps_who_is_logged_in_and_where(lab: Lab, tmp_path: Path) -> None:
    """Killed, and Asterisk's safety net emptied meanwhile: logins, pauses and reasons are still true.

    Who logged out stays out although the net still names them; a call reaches who is ready.
    """
    async with AcdProcess([lab], tmp_path, agents=4) as acd:
        with Sipp.agent(lab, "answer", port=6001, talk_ms=1_700) as phone:
            await acd.login("a0001", "a0002", "a0003")
            await acd.ask("a0002", "pause", reason="pausa")
            await acd.ask("a0003", "logout")
            await until(lambda: net_members(lab) == {"a0001": False, "a0002": True}, lambda: net_members(lab))
            await asyncio.sleep(0.5)  # a told write is on the disk within a quarter of a second
            acd.kill()
            for name in ("a0001", "a0002"):
                lab.rx(f"queue remove member PJSIP/{name} from acd-net-it")
            lab.rx("queue add member PJSIP/a0003 to acd-net-it")
            await acd.start()
            assert Counter(await acd.states("a0001", "a0002", "a0003", "a0004")) == Counter(
                ["ready", "paused", "logged_out", "logged_out"]
            )
            assert (await acd.get("agents/a0002"))["reason"] == "pausa"
            await until(lambda: net_members(lab) == {"a0001": False, "a0002": True}, lambda: net_members(lab))
            with Sipp.callers(lab, count=1) as caller:
                assert caller.wait(10).failed == 0
            assert len(phone.invites()) == 1
