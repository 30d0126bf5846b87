"""What the journal says of a call: its story, and why somebody did not get it.

Both show what people did and when, so both need a purpose and are audited, whoever asks. A story tells sites;
agents' ids are for operators. The question is answered by a process of its own (``acd.journal.asking``).
"""

from __future__ import annotations

from acd.core.ids import AgentId, CallId
from acd.errors import Forbidden, JournalError
from acd.journal.asking import JournalReader
from acd.store.records import Role
from acd.web.agents import purpose_of
from acd.web.answers import StoryAnswer, StoryEventAnswer, WhyNotAnswer
from acd.web.models import NoBody, StoryQuery, WhyNotQuery, shown
from acd.web.routes import LADDER, Ask, no_agent

__all__ = ["story", "why_not"]

WHAT = "This shows what people did"


async def story(ask: Ask[StoryQuery, NoBody]) -> StoryAnswer:
    """All that happened to a call, in sentences."""
    purpose = purpose_of(ask, ask.query.purpose, WHAT)
    ask.noted["detail"] = f"purpose: {purpose}"
    if ask.query.agents:
        if LADDER.index(ask.bearer.role) < LADDER.index(Role.OPERATOR) or ask.bearer.sites:
            raise Forbidden("Agents are named to operators of all sites; without 'agents' sites are told.")
        ask.noted["detail"] += "; with agents"
    told = await _journal(ask).story(CallId(_call(ask)), ask.query.lang, agents=ask.query.agents)
    return StoryAnswer(
        call=told.call,
        lang=told.language,
        ended=told.ended,
        events=tuple(shown(StoryEventAnswer, event) for event in told.events),
    )


async def why_not(ask: Ask[WhyNotQuery, NoBody]) -> WhyNotAnswer:
    """Why an agent did not get a call at a moment."""
    query = ask.query
    purpose = purpose_of(ask, query.purpose, WHAT)
    ask.noted["target"] = f"{_call(ask)} {query.agent}"
    ask.noted["detail"] = f"purpose: {purpose}"
    known = ask.centre.roster().roster.agents.get(AgentId(query.agent))
    if ask.bearer.sites and (known is None or not ask.bearer.sees(known.site)):
        raise no_agent(query.agent)
    told = await _journal(ask).why_not(CallId(_call(ask)), AgentId(query.agent), query.at_ms, query.lang)
    return WhyNotAnswer(
        call=told.call,
        agent=told.agent,
        lang=told.language,
        at_ms=told.at_ms,
        reason=told.reason,
        sentence=told.sentence,
        step=told.detail.step,
        step_needed=told.detail.step_needed,
        agent_state=told.detail.agent_state,
    )


def _call(ask: Ask[StoryQuery, NoBody] | Ask[WhyNotQuery, NoBody]) -> str:
    return ask.request.match_info["call"]


def _journal(ask: Ask[StoryQuery, NoBody] | Ask[WhyNotQuery, NoBody]) -> JournalReader:
    journal = ask.centre.journal()
    if journal is None:
        raise JournalError("This ACD keeps no journal; its settings need a section 'journal'.")
    return journal
