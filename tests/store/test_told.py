"""Logins: told, collapsed, overwritten, forgotten."""

from __future__ import annotations

import asyncio
import sqlite3
import time

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.store.writer import GATHER_S
from tests.store.made import opened

ONE = AgentId("a0001")


def login(phone: str, **more) -> Session:
    return Session(agent=ONE, phone=phone, **more)


async def test_who_was_logged_in_and_paused_is_there_after_a_restart(store, file):
    """Closing writes what is in line."""
    store.tell_session(ONE, login("p1"))
    store.tell_session(ONE, login("p2", paused=True, reason="pausa"))
    store.tell_session(AgentId("a0002"), Session(agent=AgentId("a0002"), phone="p9"))
    await store.close()
    again = await opened(file)
    there = await again.sessions()
    await again.close()
    assert there == (
        login("p2", paused=True, reason="pausa"),
        Session(agent=AgentId("a0002"), phone="p9"),
    )


async def test_logging_out_leaves_nothing_of_the_login(store, file):
    """No row, no history: not in the table, and a hundred changes are one row in line."""
    for number in range(100):
        store.tell_session(ONE, login(f"p{number}"))
    assert store.state().behind == 1
    await store.flush()
    store.tell_session(ONE, None)
    await store.flush()
    assert await store.sessions() == ()
    assert sqlite3.connect(file).execute("select count(*) from sessions").fetchone() == (0,)


async def test_a_login_does_not_wait_for_the_ledger_to_gather(store):
    """Killed a moment after a login, we still know of it: it is on the disk in a tenth of the usual time."""
    began = time.monotonic()
    store.tell_code("ast1-1.1", "risolta")  # begins a gathering of a quarter of a second
    await asyncio.sleep(0)
    store.tell_session(ONE, login("p1"))
    while store.state().behind:
        await asyncio.to_thread(time.sleep, 0.001)
    assert time.monotonic() - began < GATHER_S


async def test_a_login_that_was_asked_for_is_on_the_disk_before_the_answer(store, file):
    """Many at once share few batches, and each finds itself written when its wait is over."""

    async def log_in(number: int) -> None:
        name = AgentId(f"a{number:04}")
        store.tell_session(name, Session(agent=name, phone=name))
        await store.keep_logins()
        rows = sqlite3.connect(file).execute("select count(*) from sessions where agent = ?", (name,))
        assert rows.fetchone() == (1,)

    await asyncio.gather(*(log_in(number) for number in range(1, 701)))
    assert store.state().behind == 0


async def test_what_is_told_gets_on_disk_by_itself(store):
    """Nobody has to ask: the writer has its own task."""
    store.tell_session(ONE, login("p1"))
    while store.state().behind:
        await store.roster()
    assert await store.sessions() == (login("p1"),)
