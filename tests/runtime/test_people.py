"""The roster in force is the store's, whatever the disk does."""

from __future__ import annotations

import sqlite3

import pytest

from acd.core.engine import Engine
from acd.core.ids import AgentId
from acd.core.policy import Roster, RosterChange
from acd.errors import Conflict, StoreUnavailable
from acd.runtime.people import People
from acd.runtime.pump import Pump
from acd.store.database import Database
from acd.store.records import RosterState
from tests.core.builders import queue, rules
from tests.store.made import HandClock, opened, people


async def test_a_change_that_was_slow_is_taken_by_the_next(tmp_path, monkeypatch):
    """A locked file makes a change after whoever asked was told no: that is no end of all changes."""
    monkeypatch.setitem(Database.unbroken.__kwdefaults__, "limit_s", 0.05)
    rule_set, clock, file = rules([queue()]), HandClock(), tmp_path / "acd.db"
    store = await opened(file)
    nobody = Roster(agents={})
    pump = Pump(Engine(rule_set, nobody, 1), clock, [])
    here = People(rule_set, RosterState(revision=0, roster=nobody), pump, store)
    told: list[Roster] = []
    one, two = people(2)

    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="may still be done"):
        await here.change(RosterChange(upserts=(one,)), told.append, expected=0)
    other.execute("ROLLBACK")
    other.close()
    await store.flush()
    monkeypatch.setitem(Database.unbroken.__kwdefaults__, "limit_s", 15.0)

    with pytest.raises(Conflict):
        await here.change(RosterChange(upserts=(two,)), told.append, expected=0)
    assert (here.state.revision, list(here.state.roster.agents)) == (1, [one.id])
    assert [list(roster.agents) for roster in told] == [[one.id]]
    assert await here.change(RosterChange(upserts=(two,)), told.append, expected=1) == 2
    assert await store.roster() == here.state
    assert AgentId("a0002") in here.state.roster.agents
    await store.close()
