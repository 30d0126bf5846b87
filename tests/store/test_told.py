"""Logins: told, collapsed, overwritten, forgotten."""

from __future__ import annotations

import sqlite3

from acd.core.facts import Session
from acd.core.ids import AgentId
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


async def test_what_is_told_gets_on_disk_by_itself(store):
    """Nobody has to ask: the writer has its own task."""
    store.tell_session(ONE, login("p1"))
    while store.state().behind:
        await store.roster()
    assert await store.sessions() == (login("p1"),)
