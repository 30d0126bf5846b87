"""Takes the frozen pictures of ``acd.core.views`` from a world. A scan: for people, not for routing."""

from __future__ import annotations

from typing import Final

from acd.core.agents import AgentInput, AgentRecord
from acd.core.breaks import has_opted_in, must_leave
from acd.core.calls import Call, CallState
from acd.core.context import context_of
from acd.core.deadlines import Due
from acd.core.ids import AgentId, QueueId, SiteId
from acd.core.lines import NEVER, Line, Post
from acd.core.notes import AgentState
from acd.core.views import AgentView, CallView, OfficeView, QueueView, Summary
from acd.core.world import World


def queues(world: World) -> tuple[QueueView, ...]:
    """Every queue now, in the order of the rules."""
    states: dict[QueueId, dict[CallState, int]] = {queue: {} for queue in world.rules.queues}
    oldest: dict[QueueId, int] = {}
    for call in world.calls.values():
        counts = states[call.queue.id]
        counts[call.state] = counts.get(call.state, 0) + 1
        if call.state in {CallState.WAITING, CallState.HEARING, CallState.OFFERED}:
            oldest[call.queue.id] = min(oldest.get(call.queue.id, call.entered_ms), call.entered_ms)
    views: list[QueueView] = []
    for queue in world.rules.queues.values():
        tally, counts = world.tally[queue.id], states[queue.id]
        posts = _reached(world.matcher.lines[queue.id])
        views.append(
            QueueView(
                id=queue.id,
                name=queue.name,
                waiting=counts.get(CallState.WAITING, 0) + counts.get(CallState.HEARING, 0),
                offered_now=counts.get(CallState.OFFERED, 0),
                talking=counts.get(CallState.TALKING, 0),
                longest_wait_ms=max(0, world.now_ms - oldest.get(queue.id, world.now_ms)),
                agents_ready=sum(post.idle_count for post in posts),
                agents_there=sum(post.logged_in for post in posts),
                agents_able=sum(post.members for post in posts),
                entered=tally.entered,
                answered=tally.answered,
                answered_by_offices=tally.answered_by_offices,
                abandoned=tally.abandoned,
                safety_net=tally.safety_net,
                lost=tally.lost,
                closed=tally.closed,
            )
        )
    return tuple(views)


def _reached(line: Line) -> list[Post]:
    """Agents whom the ladder reaches sooner or later, without anybody's consent."""
    last = -len(line.demands)  # of the last tier: everybody's
    return [post for post in line.posts if post.firsts[last] != NEVER]


def calls(world: World, queue: QueueId | None, limit: int) -> tuple[CallView, ...]:
    """Calls in progress, oldest first, at most ``limit``."""
    wanted = [call for call in world.calls.values() if queue is None or call.queue.id == queue]
    wanted.sort(key=lambda call: (call.first_entered_ms, *call.key[1:]))
    return tuple(_call(world, call) for call in wanted[:limit])


def _call(world: World, call: Call) -> CallView:
    state = call.offer.state if call.state is CallState.OFFERED and call.offer is not None else call.state
    until_ms = call.answered_ms or world.now_ms
    return CallView(
        id=call.id,
        node=call.node,
        queue=call.queue.id,
        state=state,
        wait_ms=max(0, until_ms - call.entered_ms),
        offers=call.offers,
    )


def agent(world: World, agent_id: AgentId) -> AgentView | None:
    """One agent's own picture, None if the roster does not know the name."""
    record = world.agents.get(agent_id)
    return None if record is None else _agent(world, record)


_UNTIL: Final = {AgentState.WRAP_UP: Due.WRAP_UP, AgentState.PAUSED: Due.BREAK_OVER}


def _agent(world: World, record: AgentRecord) -> AgentView:
    name = record.agent.id
    kind = _UNTIL.get(record.state, Due.RETRY)
    return AgentView(
        id=name,
        site=record.agent.site,
        state=record.state,
        since_ms=record.since_ms,
        reason=record.reason,
        until_ms=world.deadlines.due_at(kind, name) or 0,
        phone=record.endpoint,
        wish=_wish(world, record),
        call=context_of(world, record),
        break_due_ms=record.break_ms,
    )


def _wish(world: World, record: AgentRecord) -> str:
    """What comes after the call: asked for, or due."""
    if record.wish is not None:
        return record.wish.value
    if record.state is AgentState.LOGGED_OUT or not must_leave(world, record):
        return ""
    return (AgentInput.PAUSE if has_opted_in(world, record) else AgentInput.LOGOUT).value


def offices(world: World) -> tuple[OfficeView, ...]:
    """Every office and its line now, in the order of the rules."""
    return tuple(
        OfficeView(
            id=line.office.id,
            name=line.office.name,
            province=line.office.province,
            capacity=line.office.capacity,
            in_use=line.in_use,
            open=not line.shut,
            breaker=line.breaker.state.value,
            forced=line.forced,
            trunk=line.trunk.id,
            carrier_out=line.trunk.out,
        )
        for line in world.lines.values()
    )


def summary(world: World) -> Summary:
    """The whole centre; ``unaccounted`` is computed from the books and the records, not assumed."""
    sites: dict[SiteId, dict[AgentState, int]] = {
        site: dict.fromkeys(AgentState, 0) for site in world.rules.sites
    }
    for record in world.agents.values():
        site = record.agent.site
        if site not in sites:
            sites[site] = dict.fromkeys(AgentState, 0)
        sites[site][record.state] += 1
    tallies = world.tally.values()
    entered = sum(tally.entered for tally in tallies)
    ended = sum(tally.ended for tally in tallies)
    in_progress = len(world.calls)
    return Summary(
        entered=entered,
        ended=ended,
        in_progress=in_progress,
        unaccounted=entered - ended - in_progress,
        answered=sum(tally.answered for tally in tallies),
        to_offices=sum(tally.answered_by_offices for tally in tallies),
        abandoned=sum(tally.abandoned for tally in tallies),
        safety_net=sum(tally.safety_net for tally in tallies),
        lost=sum(tally.lost for tally in tallies),
        closed=sum(tally.closed for tally in tallies),
        agents=sites,
    )
