"""The roster on disk: whole changes, one revision each."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.core.policy import Agent, RosterChange
from acd.errors import Conflict
from acd.store.records import RosterState
from tests.store.made import agent, opened, people


async def test_a_new_store_has_nobody_and_revision_0(store):
    """What comes first can be told from an empty change."""
    assert await store.roster() == RosterState(revision=0, roster=(await store.roster()).roster)
    assert not (await store.roster()).roster.agents


async def test_whoever_is_put_in_comes_back_whole_after_a_restart(store, file):
    """Every field of an agent survives, in the order of ids."""
    everything = agent(
        7,
        skills={"pensioni": 10, "tedesco": 1},
        code="4711",
        home=True,
        country="AT",
        hours="part-time à 4h",
        employer="Comdata",
        volunteer=True,
        auto_answer=True,
    )
    await store.change_roster(RosterChange(upserts=(everything, agent(2))))
    await store.close()
    again = await opened(file)
    state = await again.roster()
    await again.close()
    assert state.revision == 1
    assert list(state.roster.agents) == ["a0002", "a0007"]
    assert state.roster.agents[AgentId("a0007")] == everything


async def test_a_change_on_an_old_revision_is_refused_and_changes_nothing(store):
    """Two people with the same page open: the second learns of the first."""
    await store.change_roster(RosterChange(upserts=people(2)), expected=0)
    with pytest.raises(Conflict, match="at revision 1, not 0"):
        await store.change_roster(RosterChange(removed=(AgentId("a0001"),)), expected=0)
    state = await store.roster()
    assert state.revision == 1
    assert len(state.roster.agents) == 2


async def test_who_is_removed_is_not_logged_in_any_more(store):
    """No login outlives its agent's entry, not even in an ACD that is off."""
    await store.change_roster(RosterChange(upserts=people(2)))
    for name in ("a0001", "a0002"):
        store.tell_session(AgentId(name), Session(agent=AgentId(name), phone=name))
    await store.flush()
    await store.change_roster(RosterChange(removed=(AgentId("a0001"),)))
    assert [session.agent for session in await store.sessions()] == ["a0002"]


async def test_more_people_than_one_slice_come_back(store):
    """A roster is read and written in slices; nobody falls between two."""
    await store.change_roster(RosterChange(upserts=people(1_001)))
    assert list((await store.roster()).roster.agents.values()) == list(people(1_001))


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
ids = st.sampled_from([AgentId(f"a{number}") for number in range(6)])
agents = st.builds(
    Agent,
    id=ids,
    site=texts,
    endpoint=texts,
    skills=st.dictionaries(texts, st.integers(1, 10), max_size=3),
    code=texts,
    home=st.booleans(),
    country=texts,
    hours=texts,
    employer=texts,
    volunteer=st.booleans(),
    auto_answer=st.booleans(),
)
changes = st.builds(
    RosterChange,
    upserts=st.lists(agents, max_size=4, unique_by=lambda one: one.id).map(tuple),
    removed=st.lists(ids, max_size=3, unique=True).map(tuple),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(changes, max_size=6))
async def test_the_roster_is_what_its_changes_make_of_it(tmp_path_factory, wanted):
    """A dict to which the same changes are made holds the same people."""
    store = await opened(tmp_path_factory.mktemp("roster") / "acd.db")
    model = {}
    try:
        for number, change in enumerate(wanted, 1):
            assert await store.change_roster(change, expected=number - 1) == number
            for gone in change.removed:
                model.pop(gone, None)
            model |= {one.id: one for one in change.upserts}
        state = await store.roster()
    finally:
        await store.close()
    assert state.revision == len(wanted)
    assert state.roster.agents == model
    assert list(state.roster.agents) == sorted(model)
