"""What an agent knows of the caller, and what an agent says of them.

The context goes with the call from agent to agent: topic, language, province, how long the caller has
waited, how often and from which site they were passed on, whether somebody checked who they are; never
who they are. An agent speaks of one call only: that of the present talk, or of the one the wrap-up is for,
also when the caller has been passed on or has hung up since.
"""

from __future__ import annotations

from acd.core.agents import AgentRecord
from acd.core.calls import Call, CallState
from acd.core.facts import Asker, CallCoded, CallerVerified
from acd.core.notes import CallJudged
from acd.core.policy import Queue
from acd.core.replies import grant, refuse
from acd.core.views import CallContext
from acd.core.world import World


def code_call(world: World, record: AgentRecord, fact: CallCoded) -> None:
    """The agent says what became of the question; a later word replaces the earlier."""
    codes = world.rules.outcome_codes
    if fact.code not in codes:
        one_of = ", ".join(codes) or "it has none"
        refuse(
            world, fact.asker, f"{fact.code!r} is no outcome code of this rule set; choose one of: {one_of}"
        )
        return
    call = _spoken_of(world, record, fact.asker)
    if call is not None:
        call.code = fact.code
        if call.state is CallState.ENDED:
            world.note(CallJudged(call=call.id, queue=call.booked, code=fact.code))


def verify_caller(world: World, record: AgentRecord, fact: CallerVerified) -> None:
    """The agent checked who the caller is, or could not."""
    call = _spoken_of(world, record, fact.asker)
    if call is not None:
        call.verified, call.verified_by = fact.verified, fact.method


def _spoken_of(world: World, record: AgentRecord, asker: Asker | None) -> Call | None:
    """The call an agent may say something of; refuses when there is none."""
    if record.talk is None:
        refuse(
            world,
            asker,
            f"agent {record.agent.id!r} is in no talk and in no wrap-up; "
            "say it during the talk or before the wrap-up ends",
        )
        return None
    grant(world, asker)
    return record.talk


def context_of(world: World, record: AgentRecord) -> CallContext | None:
    """What this agent is told of the call that rings or talks, or that the wrap-up is for."""
    if record.talk is not None and record.talk_queue is not None:
        return _context(record.talk, record.talk_queue, record.talk_waited_ms)
    call = None if record.offer is None else world.calls.get(record.offer.call)
    return None if call is None else _context(call, call.queue, world.now_ms - call.entered_ms)


def _context(call: Call, queue: Queue, waited_ms: int) -> CallContext:
    return CallContext(
        call=call.id,
        queue=queue.id,
        queue_name=queue.name,
        language=call.language,
        province=call.province,
        priority_class=call.priority_class,
        verified=call.verified,
        verified_by=call.verified_by,
        waited_ms=max(0, waited_ms),
        passed_on=call.visit - 1,
        from_site=call.from_site,
        code=call.code,
    )
