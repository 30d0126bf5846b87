"""Why one agent did not get one call at one moment: the reason, and what it takes to say it in a sentence.

The reason is the matcher's own (``acd.core.reasons``); nothing is judged here a second time. While a call
rings somewhere the same is asked of the agent alone: who could have had it came second, and by how much is
said. That is the usual question: at the moment of a decision, why not this one.
"""

from __future__ import annotations

from typing import Final

import msgspec

from acd.core.agents import AgentRecord
from acd.core.breaks import has_opted_in, must_leave
from acd.core.calls import Call, CallState
from acd.core.ids import AgentId, CallId, QueueId, SiteId, SkillId
from acd.core.lines import Post
from acd.core.matching import BAND_MS
from acd.core.notes import AgentState, Reason
from acd.core.offers import Offer
from acd.core.orders import TargetKind
from acd.core.reach import NEVER
from acd.core.reasons import classify, stands
from acd.core.world import World

__all__ = ["WhyNot", "why_not"]

_FREE_OR_RUNG: Final = frozenset({AgentState.READY, AgentState.RESERVED, AgentState.RINGING})


class WhyNot(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    reason: Reason | None
    """None: the agent was being rung with this very call, or talked with the caller."""
    site: SiteId
    """Of the agent."""
    agent_state: AgentState
    call_state: CallState | None
    """None: it had not entered yet, or was over."""
    queue: QueueId = QueueId("")
    wait_ms: int = 0
    """Of the call, in this visit."""
    step: int = 0
    """How far the ladder was open for the call."""
    skill: SkillId = SkillId("")
    """The skill that is missing, or held at too low a level, or that excludes."""
    level: int = 0
    """The agent's in that skill …"""
    level_min: int = 0
    """… and what is asked of it with the whole ladder open."""
    step_needed: int = 0
    """The first step that adds the agent; 0: none does."""
    step_name: str = ""
    opens_in_ms: int | None = None
    """When that step would open by waiting alone; None: it has been waited for, or never opens so.
    For ``NO_SHARE``: when the call would be everybody's."""
    share: int = 0
    """In transition mode: per cent of the new calls that the agent's site has a share of."""
    again_in_ms: int = 0
    """For so long the call is not offered to the agent again."""
    rung_site: SiteId = SiteId("")
    """Site of the agent who was rung instead …"""
    rung_office: str = ""
    """… or the office."""
    behind_ms: int = 0
    """So much less the agent was worth, in idle time; 0: equal, or another rule decided."""


def why_not(world: World, call_id: CallId, record: AgentRecord) -> WhyNot:
    """Why this agent does not get this call now.

    Args:
        world: As it stands at the moment in question.
        call_id: The call.
        record: The agent, of this world.
    """
    call = world.calls.get(call_id)
    if call is None:
        return WhyNot(
            reason=Reason.NOT_WAITING, site=record.agent.site, agent_state=record.state, call_state=None
        )
    reason = _reason(world, call, record)
    found = WhyNot(
        reason=reason,
        site=record.agent.site,
        agent_state=record.state,
        call_state=call.state,
        queue=call.queue.id,
        wait_ms=max(0, world.now_ms - call.entered_ms),
        step=world.matcher.open_step(call),
    )
    match reason:
        case Reason.SKILL_MISSING | Reason.LEVEL_TOO_LOW | Reason.EXCLUDED_BY_SKILL:
            return _of_skill(world, call, record, found)
        case Reason.OUTSIDE_RING | Reason.NO_CONSENT:
            return _of_ladder(world, call, record, found)
        case Reason.NO_SHARE:
            return _of_share(world, call, record, found)
        case Reason.EXCLUDED_AFTER_NO_ANSWER:
            again_ms = call.avoided.get(record.agent.id, 0) - world.now_ms
            return msgspec.structs.replace(found, again_in_ms=max(0, again_ms))
        case Reason.LOWER_SCORE if call.offer is not None:
            return _of_score(world, call.offer, record, found)
        case _:
            return found


def _reason(world: World, call: Call, record: AgentRecord) -> Reason | None:
    offer = call.offer
    if offer is not None and record.offer is offer:
        return None
    if call.state in {CallState.OFFERED, CallState.HEARING} and not world.recovering:
        return _of_own_time(world, record, stands(world, call, record))
    return _of_own_time(world, record, classify(world, call, record))


def _of_own_time(world: World, record: AgentRecord, reason: Reason) -> Reason:
    """Whether what stands between is a break, or the end of a volunteer's opt-in.

    Of a volunteer who is not at work no more is said than of anybody else: who did not volunteer is for
    nobody to know.
    """
    if record.on_break and reason is Reason.PAUSED:
        return Reason.ON_BREAK
    if record.state in _FREE_OR_RUNG and must_leave(world, record):
        return Reason.ON_BREAK if has_opted_in(world, record) else Reason.NOT_OPTED_IN
    return reason


def _of_skill(world: World, call: Call, record: AgentRecord, found: WhyNot) -> WhyNot:
    skills = record.agent.skills
    if found.reason is Reason.EXCLUDED_BY_SKILL:
        skill = next(each for each in call.queue.excludes if each in skills)
        return msgspec.structs.replace(found, skill=skill, level=skills[skill])
    widest = world.matcher.lines[call.queue.id].demands[-1][-1]
    skill, level_min = next((skill, level) for skill, level in widest.levels if skills.get(skill, 0) < level)
    return msgspec.structs.replace(found, skill=skill, level=skills.get(skill, 0), level_min=level_min)


def _of_ladder(world: World, call: Call, record: AgentRecord, found: WhyNot) -> WhyNot:
    post = record.profile.posts.get(call.queue.id)
    first = NEVER if post is None else _first(post, call, found.reason)
    if first == NEVER:
        return found
    step = call.queue.ladder[first - 1]
    left_ms = call.entered_ms + step.after_ms - world.now_ms
    return msgspec.structs.replace(
        found, step_needed=first, step_name=step.id, opens_in_ms=left_ms if left_ms > 0 else None
    )


def _of_share(world: World, call: Call, record: AgentRecord, found: WhyNot) -> WhyNot:
    share = world.fallback.shares.get(record.agent.site, 0)
    from_ms = call.entered_ms if call.stages_from_ms is None else call.stages_from_ms
    left_ms = from_ms + world.rules.stand_in.national_after_ms - world.now_ms
    return msgspec.structs.replace(found, share=share, opens_in_ms=max(0, left_ms))


def _first(post: Post, call: Call, reason: Reason | None) -> int:
    """The first step that adds these agents, with the caller's consents as they are or with all of them."""
    last = call.granted - len(post.line.demands)  # of the last tier: everybody's
    granted = post.firsts[-1] if reason is Reason.NO_CONSENT else post.firsts[last]
    return granted if granted != NEVER else post.firsts[-1]


def _of_score(world: World, offer: Offer, record: AgentRecord, found: WhyNot) -> WhyNot:
    """Who was rung instead, and what the two were worth."""
    if offer.kind is TargetKind.LINE:
        return msgspec.structs.replace(found, rung_office=offer.target)
    rung = world.agents.get(AgentId(offer.target))
    if rung is None:
        return found
    behind_ms = _cost_ms(found.queue, record) - _cost_ms(found.queue, rung)
    return msgspec.structs.replace(found, rung_site=rung.agent.site, behind_ms=max(0, behind_ms))


def _cost_ms(queue: QueueId, record: AgentRecord) -> int:
    """Idle since, plus what the band costs: the matcher's own measure, without affinity."""
    post = record.profile.posts.get(queue)
    return record.idle_since_ms + (0 if post is None else post.band * BAND_MS)
