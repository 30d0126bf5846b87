"""Who there is: the roster as it changes, and the logins that the store remembers.

Both come for thousands of people at once, so they are cut into one small step each, done slice by slice
(``World.work``); a fact about somebody who still stands in the work list settles that person first, and
of two changes of one person only the newer one is made.

A change never takes a call from anybody. New skills count from the next offer on, and whoever is free is
offered at once what only the new skills let them have. A login stays; one on the agent's own phone goes
with it when the roster gives another phone, at once or when the present offer has ended. Somebody who is
removed is logged out and forgotten: at once, after the ring that is taken back, or after the talk.

The store's logins come before the first resync and are the truth from then on: the members of the
safety net are not believed any more, but made to follow.
"""

from __future__ import annotations

from functools import partial

from acd.core.agents import AgentRecord
from acd.core.facts import RosterChanged, Session, SessionsRestored
from acd.core.ids import AgentId, PauseReasonId
from acd.core.notes import AgentState
from acd.core.offering import find_call
from acd.core.offers import Blame, OfferState
from acd.core.orders import SetNetMember
from acd.core.phones import mirror, why_not_at
from acd.core.policy import Agent
from acd.core.serving import log_out, pause, withdraw
from acd.core.staffing import sit_down, start_session
from acd.core.world import World

# ── the roster ───────────────────────────────────────────────────────────────────────────────


def roster_changed(world: World, fact: RosterChanged) -> None:
    """Plan the change as small steps, removals first: they free phones for those who come."""
    changes: list[tuple[AgentId, Agent | None]] = [(agent_id, None) for agent_id in fact.removed]
    changes += [(agent.id, agent) for agent in fact.upserts]
    for agent_id, change in changes:
        world.pending_people[agent_id] = change
        world.work.append(partial(settle_person, world, agent_id))


def settle_person(world: World, agent_id: AgentId) -> None:
    """Make the change of one person, if that has not been done yet."""
    if agent_id not in world.pending_people:
        return
    change = world.pending_people.pop(agent_id)
    record = world.agents.get(agent_id)
    if change is None:
        if record is not None:
            _remove(world, record)
    elif record is None:
        world.hire(change)
    elif record.agent != change or record.removed:
        _change(world, record, change)


def _remove(world: World, record: AgentRecord) -> None:
    record.removed = True
    if record.offer is not None:
        if record.offer.state is not OfferState.TALKING:
            withdraw(world, record.offer, Blame.NOBODY)
    elif record.state is AgentState.LOGGED_OUT:
        world.dismiss(record)
    else:
        log_out(world, record)


def _change(world: World, record: AgentRecord, agent: Agent) -> None:
    before, record.agent, record.removed = record.agent, agent, False
    if agent.endpoint != before.endpoint:
        if world.owners.get(before.endpoint) is record:
            del world.owners[before.endpoint]
        world.owners[agent.endpoint] = record
        _own_phone_changed(world, record, before.endpoint)
    if (agent.skills, agent.site, agent.volunteer) != (before.skills, before.site, before.volunteer):
        _regroup(world, record)


def _own_phone_changed(world: World, record: AgentRecord, before: str) -> None:
    """A login on the own phone goes with it; one on a shared phone stays where it is."""
    own = record.agent.endpoint
    if record.offer is not None:
        if record.moves_to or record.endpoint == before:
            record.moves_to = "" if own == record.endpoint else own
    elif record.endpoint == before and own not in world.by_endpoint:
        sit_down(world, record, own)


def _regroup(world: World, record: AgentRecord) -> None:
    """Other skills, other queues: from the next offer on, and now for somebody who is free."""
    languages = record.profile.languages
    world.matcher.leave(record)
    world.matcher.join(record)
    if record.state is not AgentState.LOGGED_OUT and record.profile.languages != languages:
        mirror(world, record, logged_in=True, paused=record.state is AgentState.PAUSED)
    find_call(world, record)


# ── logins that the store remembers ──────────────────────────────────────────────────────────


def sessions_restored(world: World, fact: SessionsRestored) -> None:
    """Plan the logins as small steps."""
    world.sessions_known = True
    for session in fact.sessions:
        world.pending_sessions[session.agent] = session
        world.work.append(partial(settle_session, world, session.agent))


def settle_session(world: World, agent_id: AgentId) -> None:
    """Restore one login, if that has not been done yet."""
    session = world.pending_sessions.pop(agent_id, None)
    if session is not None:
        _restore(world, session)


def _restore(world: World, session: Session) -> None:
    """Log somebody in as before, on the same phone if it may still be; else on the own one, else not."""
    record = world.agents.get(session.agent)
    if record is not None and (record.state is not AgentState.LOGGED_OUT or record.since_ms):
        return  # our own picture is newer
    for phone in () if record is None else (session.phone, record.agent.endpoint):
        assert record is not None
        if phone and why_not_at(world, record, phone) is None:
            start_session(world, record, phone, "SessionsRestored")
            if session.paused:
                pause(world, record, PauseReasonId(session.reason))
            return
    _forget(world, session)


def _forget(world: World, session: Session) -> None:
    """Nobody we know, or no phone to sit at: store and net forget the login, and only that one."""
    phone = "" if session.phone in world.by_endpoint else session.phone
    world.order(
        SetNetMember(agent=session.agent, endpoint=phone, languages=(), logged_in=False, paused=False)
    )
