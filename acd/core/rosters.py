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

from acd.core.agents import AgentInput, AgentRecord
from acd.core.breaks import has_opted_in, watch
from acd.core.facts import OptInTold, RosterChanged, Session, SessionsRestored
from acd.core.ids import AgentId, PauseReasonId
from acd.core.notes import AgentState
from acd.core.offering import find_call
from acd.core.offers import Blame, OfferState
from acd.core.orders import SetNetMember
from acd.core.phones import mirror, why_not_at
from acd.core.policy import Agent
from acd.core.serving import begin_break, leave_due, log_out, pause, withdraw
from acd.core.staffing import arrive, sit_down, start_session
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
    if (agent.volunteer, agent.skills) != (before.volunteer, before.skills):
        watch(world, record)
    if (agent.skills, agent.site, agent.volunteer) != (before.skills, before.site, before.volunteer):
        _regroup(world, record)
    leave_due(world, record)


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


# ── volunteers ───────────────────────────────────────────────────────────────────────────────


def opt_in_told(world: World, fact: OptInTold) -> None:
    """A volunteer is opted in until a moment, or no more. Kept by name: the roster may be behind."""
    if fact.until_ms > world.now_ms:
        world.opted_in[fact.agent] = fact.until_ms
    else:
        world.opted_in.pop(fact.agent, None)
    record = world.agents.get(fact.agent)
    if record is not None:
        watch(world, record)
        leave_due(world, record)


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
    """Log somebody in as before, on the same phone if it may still be; else on the own one, else not.

    Nor a volunteer who is not opted in now. The clock of work goes on; a break begins anew.
    """
    record = world.agents.get(session.agent)
    if record is not None and (record.state is not AgentState.LOGGED_OUT or record.since_ms):
        return  # our own picture is newer
    if record is None or not has_opted_in(world, record):
        _forget(world, session)
        return
    for phone in (session.phone, record.agent.endpoint):
        if phone and why_not_at(world, record, phone) is None:
            record.worked_since_ms, record.away_since_ms = session.worked_since_ms, world.now_ms
            if session.paused:
                arrive(world, record, phone)
                _restore_pause(world, record, session)
            else:
                start_session(world, record, phone, "SessionsRestored")
            return
    _forget(world, session)


def _restore_pause(world: World, record: AgentRecord, session: Session) -> None:
    """Back to their pause without being ready for a moment: callers may be waiting."""
    rule = world.rules.breaks
    world.move_agent(record, AgentInput.LOGIN, "SessionsRestored")
    if rule is not None and session.reason == rule.reason and not session.worked_since_ms:
        begin_break(world, record, rule)
    else:
        pause(world, record, PauseReasonId(session.reason))


def _forget(world: World, session: Session) -> None:
    """Nobody we know, or no phone to sit at: store and net forget the login, and only that one."""
    phone = "" if session.phone in world.by_endpoint else session.phone
    world.order(
        SetNetMember(agent=session.agent, endpoint=phone, languages=(), logged_in=False, paused=False)
    )
