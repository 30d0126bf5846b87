"""What agents ask for: by the feature codes of a phone, or over the API.

Each request names the agent or the phone it was asked from. What a resync, the store or the roster has said
of that person and the work list has not come to yet is done first: it meets them as they stand.
"""

from __future__ import annotations

from typing import assert_never

from acd.core.agents import AgentRecord
from acd.core.context import code_call, verify_caller
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    CallCoded,
    CallerVerified,
    TransferAsked,
    WrapUpExtended,
)
from acd.core.recovery import settle_member
from acd.core.replies import known
from acd.core.rosters import settle_person, settle_session
from acd.core.staffing import ask_log_out, ask_pause, ask_ready, extend_wrap_up, log_in
from acd.core.transfers import ask_transfer
from acd.core.world import World

Request = (
    AgentLoggedIn
    | AgentLoggedOut
    | AgentPaused
    | AgentReadied
    | WrapUpExtended
    | TransferAsked
    | CallCoded
    | CallerVerified
)
"""What an agent asks for."""


def asked(world: World, fact: Request) -> None:
    """Grant the request, or refuse it with a sentence."""
    record = _asker(world, fact)
    if record is None:
        return
    match fact:
        case AgentLoggedIn():
            log_in(world, record, fact.phone, fact.asker)
        case AgentLoggedOut():
            ask_log_out(world, record, fact.asker)
        case AgentPaused():
            ask_pause(world, record, fact.reason, fact.asker)
        case AgentReadied():
            ask_ready(world, record, fact.asker)
        case WrapUpExtended():
            extend_wrap_up(world, record, fact.asker)
        case TransferAsked():
            ask_transfer(world, record, fact)
        case CallCoded():
            code_call(world, record, fact)
        case CallerVerified():
            verify_caller(world, record, fact)
        case _:
            assert_never(fact)


def _asker(world: World, fact: Request) -> AgentRecord | None:
    """Who asks; what is still to be done about them is done first."""
    if world.pending_people:
        settle_person(world, fact.agent)
    if world.pending_sessions:
        settle_session(world, fact.agent)
    record = known(world, fact.agent, fact.phone, fact.asker)
    if record is None:
        return None
    if world.pending_sessions:
        settle_session(world, record.agent.id)
    if world.pending_members:
        settle_member(world, record.agent.endpoint)
    return record
