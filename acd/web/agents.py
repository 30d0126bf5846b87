"""Agents: who they are (no live state), where one stands now, and what moves one.

A write is a fact handed to the engine, the very fact a feature code from the agent's phone makes; there is no
second way to change an agent. It answers with the agent as it stands afterwards, or 409 with the engine's
sentence.

Privacy. No list tells live states. One agent's state is for that agent; an operator may look at it for a
stated purpose, and that is audited. What an agent does with their own token is audited without their name
(``acd.web.door``): a history of a person's pauses is what no store of ours may hold.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

from aiohttp import web
from pydantic import BaseModel

from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    CallCoded,
    CallerVerified,
    Fact,
    TransferAsked,
    WrapUpExtended,
)
from acd.core.ids import AgentId, OutcomeCodeId, PauseReasonId
from acd.errors import Conflict, NotFound
from acd.web.answers import (
    AgentAnswer,
    BulkLoginAnswer,
    LoginResult,
    MoveAnswer,
    PeopleAnswer,
    PersonAnswer,
    TimesAnswer,
)
from acd.web.models import (
    PURPOSE_LENGTH_MAX,
    PURPOSE_LENGTH_MIN,
    AgentsQuery,
    BulkLoginRequest,
    LoginRequest,
    LookQuery,
    NoBody,
    NoQuery,
    OutcomeRequest,
    PauseRequest,
    TransferRequest,
    VerifiedRequest,
    shown,
)
from acd.web.pages import page_by_id
from acd.web.problems import PurposeMissing
from acd.web.routes import Ask, no_agent
from acd.web.streams import OpenStream, tell

B = TypeVar("B", bound=BaseModel)
Q = TypeVar("Q", bound=BaseModel)

PURPOSE: Final = "X-Purpose"
THEMSELVES: Final = "Volunteers log in themselves, from their phone or with their own token."
"""Said whether they are opted in or not: whoever tries learns nothing of who did not volunteer."""
_NUMBERS: Final = re.compile(r"\+?\d(?:[ ./-]?\d){5,}")


async def people(ask: Ask[AgentsQuery, NoBody]) -> PeopleAnswer:
    """Who may log in."""
    site = ask.query.site
    agents = [agent for agent in ask.people() if site is None or agent.site == site]
    found, after = page_by_id(agents, lambda agent: agent.id, ask.query)
    return PeopleAnswer(items=tuple(shown(PersonAnswer, agent) for agent in found), next=after)


async def agent(ask: Ask[LookQuery, NoBody]) -> AgentAnswer:
    """Where one agent stands now."""
    if ask.is_own:
        return shown(AgentAnswer, ask.view())
    purpose = purpose_of(ask, ask.query.purpose, "This is the live state of a person")
    view = ask.view()
    ask.desk.tell_audit(ask.bearer.who, "agent.look", ask.agent, "done", f"purpose: {purpose}")
    return shown(AgentAnswer, view)


async def times(ask: Ask[NoQuery, NoBody]) -> TimesAnswer:
    """The agent's own day."""
    own = ask.centre.own_times(ask.agent)
    if own is None:
        raise no_agent(ask.agent)
    return shown(TimesAnswer, own)


async def events(ask: Ask[NoQuery, NoBody]) -> web.StreamResponse:
    """The agent's own events."""
    name = ask.view().id
    desk, bearer = ask.desk, ask.bearer

    def may_read() -> bool:
        return desk.sessions.is_good(bearer) and desk.centre.agent(name) is not None

    return await tell(
        ask.request,
        OpenStream(bearer),
        where=desk.streams,
        agent=name,
        events=desk.centre.listen(name),
        may_read=may_read,
    )


async def login(ask: Ask[NoQuery, LoginRequest]) -> MoveAnswer:
    """Log in, on the agent's own phone or on a shared one of the site."""
    name = ask.view().id
    if not ask.is_own and _is_volunteer(ask, name):
        raise Conflict(THEMSELVES)
    ask.desk.limits.login(name)
    return await _moved(ask, AgentLoggedIn(agent=name, phone=ask.body.phone or ""))


async def login_many(ask: Ask[NoQuery, BulkLoginRequest]) -> BulkLoginAnswer:
    """Log many agents in, each on their own phone."""
    refusals = await asyncio.gather(*(_login_one(ask, AgentId(name)) for name in ask.body.agents))
    items = [
        LoginResult(agent=name, refused=refused)
        for name, refused in zip(ask.body.agents, refusals, strict=True)
    ]
    done = sum(item.refused is None for item in items)
    ask.noted["target"] = f"{len(items)} agents"
    ask.noted["detail"] = f"{done} logged in, {len(items) - done} refused"
    return BulkLoginAnswer(items=tuple(items))


async def _login_one(ask: Ask[NoQuery, BulkLoginRequest], name: AgentId) -> str | None:
    view = ask.centre.agent(name)
    if view is None or not ask.bearer.sees(view.site):
        return str(no_agent(name))
    if _is_volunteer(ask, name):
        return THEMSELVES
    return (await ask.centre.submit(AgentLoggedIn(agent=name))).refused


def _is_volunteer(ask: Ask[NoQuery, B], name: AgentId) -> bool:
    person = ask.centre.roster().roster.agents.get(name)
    return person is not None and person.volunteer


def mover(make: Callable[[AgentId], Fact]) -> Callable[[Ask[NoQuery, NoBody]], Awaitable[MoveAnswer]]:
    """Make the handler of a move that says nothing but who."""

    async def move(ask: Ask[NoQuery, NoBody]) -> MoveAnswer:
        return await _moved(ask, make(ask.view().id))

    return move


logout = mover(lambda name: AgentLoggedOut(agent=name))
ready = mover(lambda name: AgentReadied(agent=name))
wrap_up = mover(lambda name: WrapUpExtended(agent=name))


async def pause(ask: Ask[NoQuery, PauseRequest]) -> MoveAnswer:
    """Pause for a reason of the rules."""
    name, reason = ask.view().id, ask.body.reason
    _known("pause reason", reason, ask.centre.rules().pause_reasons)
    return await _moved(ask, AgentPaused(agent=name, reason=PauseReasonId(reason)))


async def outcome(ask: Ask[NoQuery, OutcomeRequest]) -> MoveAnswer:
    """Say what became of the caller's question."""
    name, code = ask.view().id, ask.body.code
    _known("outcome code", code, ask.centre.rules().outcome_codes)
    return await _moved(ask, CallCoded(agent=name, code=OutcomeCodeId(code)))


async def verified(ask: Ask[NoQuery, VerifiedRequest]) -> MoveAnswer:
    """Say whether the caller proved to be who they say."""
    fact = CallerVerified(agent=ask.view().id, verified=ask.body.verified, method=ask.body.method)
    return await _moved(ask, fact)


async def transfer(ask: Ask[NoQuery, TransferRequest]) -> MoveAnswer:
    """Pass the caller on, with context and age."""
    return await _moved(ask, TransferAsked(agent=ask.view().id, kind=ask.body.kind, to=ask.body.to))


async def _moved(ask: Ask[NoQuery, B], fact: Fact) -> MoveAnswer:
    """Do it; how the agent stands afterwards is told to the agent alone."""
    await ask.submit(fact)
    view = ask.view()
    return MoveAnswer(id=view.id, now=shown(AgentAnswer, view) if ask.is_own else None)


def _known(what: str, name: str, names: Iterable[str]) -> None:
    known = list(names)
    if name not in known:
        told = f"the rules know {', '.join(known)}" if known else "the rules know none"
        raise NotFound(f"There is no {what} {name!r}; {told}.")


def purpose_of(ask: Ask[Q, NoBody], said: str | None, what: str) -> str:
    """Why somebody looks at what concerns a person, without the numbers that might be in it."""
    purpose = (ask.request.headers.get(PURPOSE) or said or "").strip()
    if not PURPOSE_LENGTH_MIN <= len(purpose) <= PURPOSE_LENGTH_MAX:
        raise PurposeMissing(
            f"{what}: say in {PURPOSE} why you look, in {PURPOSE_LENGTH_MIN} to"
            f" {PURPOSE_LENGTH_MAX} characters."
        )
    return _NUMBERS.sub("…", purpose)
