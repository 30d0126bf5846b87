"""Why somebody was not chosen: one predicate, asked of one agent (``why-not``) or counted for all of a queue.

Of several reasons the first of this order is given: the call's own (it does not wait, the picture is
unsure); what only training changes (skill missing, excluded, level too low); the agent's state; in
transition mode whether the call is of the share of the agent's site; how far the ladder is open; a call
missed a moment ago; and last, that somebody else was better. Who could be rung at this very moment has
``LOWER_SCORE``.

``passed_over`` gives the same figures without asking anybody: a line counts its agents by state as they move,
and a post its idle ones.
"""

from __future__ import annotations

from typing import Final

from acd.core.agents import AgentRecord
from acd.core.calls import Call
from acd.core.ids import AgentId
from acd.core.lines import COUNTED, LineRecord, Post, figures_of
from acd.core.notes import AgentState, Reason
from acd.core.reach import NEVER, reach_of
from acd.core.world import World

NOT_READY: Final = {
    AgentState.LOGGED_OUT: Reason.LOGGED_OUT,
    AgentState.PAUSED: Reason.PAUSED,
    AgentState.WRAP_UP: Reason.WRAP_UP,
    AgentState.TALKING: Reason.TALKING,
    AgentState.RESERVED: Reason.RESERVED_ELSEWHERE,
    AgentState.RINGING: Reason.RESERVED_ELSEWHERE,
    AgentState.UNREACHABLE: Reason.UNREACHABLE,
}
IN_ORDER: Final = tuple(dict.fromkeys(NOT_READY[state] for state in COUNTED if state in NOT_READY))
"""What ``figures_of`` counts, but for the last: those who are ready."""


def classify(world: World, call: Call, record: AgentRecord) -> Reason:
    """Why this agent does not get this call now."""
    if call.id in world.parked or (world.recovering and call.place):
        return Reason.PICTURE_UNSURE
    if not call.place:
        return Reason.NOT_WAITING
    return stands(world, call, record)


def stands(world: World, call: Call, record: AgentRecord) -> Reason:
    """The same, as far as it lies with the agent."""
    post = record.profile.posts.get(call.queue.id)
    if post is None:
        line = world.matcher.lines[call.queue.id]
        never = reach_of(call.queue, line.demands, world.rules.bands, record.agent).never
        return Reason.SKILL_MISSING if never is None else never
    if record.state is not AgentState.READY:
        reason = NOT_READY[record.state]
        parting = reason is Reason.RESERVED_ELSEWHERE and record.agent.id in call.avoided
        return Reason.EXCLUDED_AFTER_NO_ANSWER if parting else reason  # the ring they missed is not over yet
    if not record.place:
        return _unfound(world)
    return _beyond(call, post) or _if_reached(call, record.agent.id)


def classify_office(world: World, call: Call, office: LineRecord) -> Reason:
    """Why this office's line does not get this call now; ``OUTSIDE_RING`` also for one no step adds."""
    if office.shut:
        return Reason.CLOSED if office.forced is None else Reason.FORCED_OFF
    if not world.matcher.may_go_to(call, office):
        last = world.matcher.lines[call.queue.id].shelves[-1]
        granted = next((first for record, first in last.offices if record is office), NEVER)
        return Reason.NO_CONSENT if granted <= last.rings[call.step] else Reason.OUTSIDE_RING
    if office.in_use >= office.office.capacity or office.full or office.trunk.is_full:
        return Reason.CAPACITY
    if not (office.breaker.lets_in or office.forced) or not office.trunk.has_room:
        return Reason.NOT_HEALTHY
    if office.resting:
        return Reason.PICTURE_UNSURE
    return _if_reached(call, office.office.id)


def passed_over(world: World, call: Call, winner: AgentRecord | None) -> dict[Reason, int]:
    """How many of those who hold the queue's skills do not get this call, by reason; all but the winner."""
    matcher = world.matcher
    line = matcher.lines[call.queue.id]
    figures = figures_of(line.states)
    counts = {reason: count for reason, count in zip(IN_ORDER, figures, strict=False) if count}
    if line.never:
        counts.update(line.never)
    unfound = figures[-1]
    if matcher.idle_count:
        for post in line.posts:
            if post.idle_count:
                unfound -= post.idle_count
                beyond = _beyond(call, post) or Reason.LOWER_SCORE
                counts[beyond] = counts.get(beyond, 0) + post.idle_count
    if winner is not None and line.queue.id in winner.profile.posts:
        if winner.place:
            _move_one(counts, stands(world, call, winner), None)
        else:
            unfound -= 1
    if unfound:
        reason = _unfound(world)
        counts[reason] = counts.get(reason, 0) + unfound
    for target in call.avoided:
        record = world.agents.get(AgentId(target))  # an office's name finds nobody
        if record is not None and stands(world, call, record) is Reason.EXCLUDED_AFTER_NO_ANSWER:
            before = Reason.LOWER_SCORE if record.place else Reason.RESERVED_ELSEWHERE
            _move_one(counts, before, Reason.EXCLUDED_AFTER_NO_ANSWER)
    return counts


def _move_one(counts: dict[Reason, int], before: Reason, after: Reason | None) -> None:
    """Somebody is counted under another reason, or not at all."""
    if counts[before] == 1:
        del counts[before]
    else:
        counts[before] -= 1
    if after is not None:
        counts[after] = counts.get(after, 0) + 1


def _unfound(world: World) -> Reason:
    """Why somebody who is ready is not among the idle; while work is left, they wait for their choice."""
    if world.recovering:
        return Reason.PICTURE_UNSURE
    return Reason.LOWER_SCORE if world.work else Reason.PHONE_BUSY


def _beyond(call: Call, post: Post) -> Reason | None:
    """Whether the ladder has to open further for somebody, and what it takes."""
    line = post.line
    ring = line.shelves[call.shelf].rings[call.step]
    if post.firsts[call.shelf] <= ring:
        return None
    if post.firsts[call.granted - len(line.demands)] <= ring:  # of the last tier it would be theirs
        return Reason.NO_SHARE
    in_reach = post.firsts[-1] <= line.shelves[-1].rings[call.step]
    return Reason.NO_CONSENT if in_reach else Reason.OUTSIDE_RING


def _if_reached(call: Call, target: str) -> Reason:
    return Reason.EXCLUDED_AFTER_NO_ANSWER if target in call.avoided else Reason.LOWER_SCORE
