"""The middle of the engine: following an offer, and what its end means for call and target.

Each function takes the ``World`` and one fact already looked up, moves what the tables let move,
and leaves orders and notes behind. Nothing here chooses: who rings for whom is ``acd.core.matching``,
asked by ``acd.core.offering``; nothing here knows Asterisk.

Where the agent and the call part ways after a talk: the agent's end of a talk is the end of the
agent's leg (``LegEnded``), the caller's is the end of the caller's channel. A transferred caller
goes on while the agent is in wrap-up.
"""

from __future__ import annotations

from acd.core.agents import AgentInput, AgentRecord
from acd.core.breaks import has_opted_in, must_leave, watch
from acd.core.calls import Call, CallInput, CallState
from acd.core.counting import count_answer
from acd.core.deadlines import Due
from acd.core.facts import OfferEnd
from acd.core.health import answered, ended, let_go, time_over
from acd.core.ids import AgentId, OfficeId
from acd.core.lines import LineRecord
from acd.core.notes import AgentState, OfferClosed, Path
from acd.core.offering import find_call, find_calls, find_calls_anew, find_calls_by, set_unreachable
from acd.core.offers import HOLDING_STATES, Blame, Offer, OfferInput, OfferState
from acd.core.orders import TargetKind, WithdrawOffer
from acd.core.phones import follow, leave_phone, mirror
from acd.core.policy import Breaks
from acd.core.stand_in import stop_stages
from acd.core.transfers import hold_sender, leave_wrap_up, pause_passage
from acd.core.waiting import count_refusal, start_waiting
from acd.core.world import World

MISSED = frozenset({OfferEnd.NO_ANSWER, OfferEnd.BUSY, OfferEnd.DECLINED, OfferEnd.DROPPED})
"""Ends that count as a miss of the agent. Unreachable, withdrawn and failed ones do not."""

NOT_CARRIED_OUT = frozenset({OfferEnd.REFUSED, OfferEnd.FULL, OfferEnd.FAILED})
"""Ends that come at once whoever is called, when something is wrong with the dialplan or its network."""

ORDER_VOID = frozenset({OfferEnd.REFUSED, OfferEnd.FULL})
"""Ends without a call to the target."""

AFTER_ANSWER = frozenset({OfferState.TALKING, OfferState.RELEASED})
"""States of an offer that became a talk."""

# ── following an offer ───────────────────────────────────────────────────────────────────────


def offer_began(world: World, offer: Offer) -> None:
    """The dialplan dials: an agent's phone must ring within the ghost limit.

    A public line may be silent for many seconds before it rings; it has its whole ring time.
    """
    if world.move_offer(offer, OfferInput.BEGAN, "OfferBegan"):
        timings = world.rules.timings
        offer.began_ms = world.now_ms
        is_agent = offer.kind is TargetKind.AGENT
        patience_ms = timings.ghost_ms if is_agent else offer.ring_ms_max + timings.ring_grace_ms
        world.deadlines.arm(Due.OFFER, offer.attempt, world.now_ms + patience_ms)


def offer_rang(world: World, offer: Offer) -> None:
    """The phone rings: the ring time and its grace are the limit."""
    if world.move_offer(offer, OfferInput.RANG, "OfferRang"):
        world.deadlines.arm(
            Due.OFFER,
            offer.attempt,
            offer.began_ms + offer.ring_ms_max + world.rules.timings.ring_grace_ms,
        )
        agent = agent_of(world, offer)
        if agent is not None and agent.offer is offer:
            world.move_agent(agent, AgentInput.RING, "OfferRang")


def talk_began(world: World, call: Call, offer: Offer, *, ago_ms: int = 0) -> None:
    """Caller and target hear each other, or did when we were not told: ``ago_ms`` before now."""
    if not world.move_offer(offer, OfferInput.TALK, "TalkBegan"):
        return
    world.deadlines.disarm(Due.OFFER, offer.attempt)
    world.deadlines.arm(Due.LOOK, call.id, world.now_ms + world.rules.timings.transfer_ms_max)
    world.move_call(call, CallInput.TALK_BEGAN, "TalkBegan")
    if call.place:
        world.matcher.leave_line(call)
    if call.queue.ladder:
        world.deadlines.disarm(Due.STEP, call.id)
    if call.position >= 0:
        stop_stages(world, call)
    if call.passage is not None:
        pause_passage(world, call)
    call.answered_ms = max(world.now_ms - ago_ms, call.entered_ms)
    agent = agent_of(world, offer)
    call.talker = "" if agent is None else agent.agent.id
    if agent is not None:
        if agent.offer is offer:
            world.move_agent(agent, AgentInput.TALK, "TalkBegan")
            agent.talk, agent.talk_queue = call, call.queue
            agent.talk_waited_ms = call.answered_ms - call.entered_ms
        call.path, call.served_by = Path.PRIMARY, agent.agent.site
    else:
        call.path, call.served_by = Path.FALLBACK, offer.target
    count_answer(world, call)
    line = line_of(world, offer)
    if line is not None:
        if answered(world, line):
            find_calls_anew(world, line.trunk)
        else:
            find_calls(world, line)  # its breaker may have closed by this answer


def leg_ended(world: World, offer: Offer) -> None:
    """The target's leg is gone. After a talk that frees the target, whatever the caller does."""
    if world.move_offer(offer, OfferInput.LEG_ENDED, "LegEnded"):
        _free_after_talk(world, world.calls[offer.call], offer)


def offer_ended(world: World, call: Call, offer: Offer, end: OfferEnd, *, talk_ms: int = 0) -> None:
    """The dialplan reports the end of the offer; the caller is back in hold, or leaves.

    The call is back in its line before the target is free: else the target, if it may have the call
    again, would take a younger one.
    """
    if end is OfferEnd.TALKED and offer.state not in AFTER_ANSWER:
        talk_began(world, call, offer, ago_ms=talk_ms)  # the news of the talk was lost
    before = offer.state
    if not world.move_offer(offer, OfferInput.END, "OfferEnded"):
        return
    end = _real_end(offer, before, end)
    missed = offer.kind is TargetKind.AGENT and end in MISSED
    _forget(world, call, offer, end, missed=missed)
    if end is OfferEnd.TALKED:
        if world.move_call(call, CallInput.TALK_OVER, "OfferEnded"):
            world.deadlines.arm(Due.LOOK, call.id, world.now_ms + world.rules.timings.look_ms)
    else:
        _avoid(world, call, offer.target, end)
        if world.move_call(call, CallInput.OFFER_OVER, "OfferEnded"):
            if call.refusals or end in NOT_CARRIED_OUT:
                count_refusal(world, call, refused=end in NOT_CARRIED_OUT)
            start_waiting(world, call)
    if before not in AFTER_ANSWER:
        _free_without_talk(world, offer, end, missed=missed)
        return
    if end is not OfferEnd.WITHDRAWN:
        _judge_talk(world, offer, dropped=missed)
    if before is OfferState.TALKING:
        _free_after_talk(world, call, offer)


def _real_end(offer: Offer, before: OfferState, end: OfferEnd) -> OfferEnd:
    """What an end means: our withdrawal of a ghost, an answer that crossed the end of the ring."""
    if before in AFTER_ANSWER:
        ends_a_talk = end in {OfferEnd.TALKED, OfferEnd.DROPPED, OfferEnd.WITHDRAWN}
        return end if ends_a_talk else OfferEnd.DROPPED
    if end is OfferEnd.WITHDRAWN and offer.blame is Blame.GHOST:
        return OfferEnd.UNREACHABLE
    return end


def _avoid(world: World, call: Call, target: str, end: OfferEnd) -> None:
    """Do not try this call on this target again for a while.

    A refused or expired order says nothing of the target, so it is left out only as long as an order
    lives: long enough not to spin. A withdrawn one says nothing at all.
    """
    if end is OfferEnd.WITHDRAWN:
        return
    timings = world.rules.timings
    until_ms = world.now_ms + (timings.order_valid_ms if end in ORDER_VOID else timings.not_again_ms)
    call.avoided[target] = until_ms
    world.deadlines.arm(Due.AGAIN, (call.id, target), until_ms)


def _forget(world: World, call: Call, offer: Offer, end: OfferEnd | None, *, missed: bool) -> None:
    """Close the books of an offer; its target is freed by the caller of this."""
    world.deadlines.disarm(Due.OFFER, offer.attempt)
    world.offers.pop(offer.attempt, None)
    if call.offer is offer:
        call.offer = None
    line = line_of(world, offer)
    if line is not None and ended(world, line, offer, end):
        find_calls_anew(world, line.trunk)
    world.note(
        OfferClosed(
            call=call.id,
            queue=call.queue.id,
            attempt=offer.attempt,
            kind=offer.kind,
            target=offer.target,
            end=end,
            missed=missed,
        )
    )


# ── freeing targets ──────────────────────────────────────────────────────────────────────────


def agent_of(world: World, offer: Offer) -> AgentRecord | None:
    """The agent an offer is for; None for an office line, or somebody the roster does not know."""
    return world.agents.get(AgentId(offer.target)) if offer.kind is TargetKind.AGENT else None


def line_of(world: World, offer: Offer) -> LineRecord | None:
    """The office an offer is for; None for an agent, or an office that the rules know no more."""
    return world.lines.get(OfficeId(offer.target)) if offer.kind is TargetKind.LINE else None


def _free_line_of(world: World, offer: Offer) -> None:
    line = line_of(world, offer)
    if line is None:
        return
    was_full = line.trunk.is_full
    let_go(line)
    find_calls(world, line)
    if was_full:
        find_calls_by(world, line.trunk)


def health_due(world: World, office: OfficeId) -> None:
    """An office has been left alone long enough: one call may try it."""
    line = world.lines[office]
    time_over(world, line)
    find_calls(world, line)


def room_due(world: World, office: OfficeId) -> None:
    """An office that the dialplan called full may be asked again."""
    line = world.lines[office]
    line.full = False
    find_calls(world, line)


def carrier_due(world: World, trunk_id: str) -> None:
    """One call may try a trunk whose carrier is out."""
    trunk = next(line.trunk for line in world.lines.values() if line.trunk.id == trunk_id)
    trunk.may_probe = True
    find_calls_by(world, trunk)


def _free_after_talk(world: World, call: Call, offer: Offer) -> None:
    """After a talk: the agent's wish comes true, else wrap-up begins."""
    if offer.kind is TargetKind.LINE:
        _free_line_of(world, offer)
        return
    agent = agent_of(world, offer)
    if agent is None or agent.offer is not offer:
        return
    agent.offer = None
    moved = bool(agent.moves_to)
    if moved:
        follow(world, agent)
    if not world.move_agent(agent, AgentInput.TALK_OVER, "LegEnded"):
        return
    queue = call.queue
    agent.wrap_up_began_ms = world.now_ms
    agent.wrap_up_extend_ms = queue.wrap_up_extend_ms
    agent.wrap_up_ms_max = queue.wrap_up_ms_max
    agent.wrap_up_until_ms = world.now_ms + queue.wrap_up_ms
    if grant_wish(world, agent) or _rests(world, agent):
        return
    if offer.hold_ms and call.state is not CallState.ENDED:
        hold_sender(world, call, agent, world.now_ms + offer.hold_ms)
    elif queue.wrap_up_ms > 0:
        world.deadlines.arm(Due.WRAP_UP, agent.agent.id, agent.wrap_up_until_ms)
    else:
        if not moved:  # the phone's own "idle" may lag behind the end of the leg by some ms: trust the leg
            agent.device_busy = False
        make_ready(world, agent, AgentInput.WRAP_OVER, "LegEnded")


def _free_without_talk(world: World, offer: Offer, end: OfferEnd | None, *, missed: bool) -> None:
    """After a ring that did not become a talk."""
    if offer.kind is TargetKind.LINE:
        _free_line_of(world, offer)
        return
    agent = agent_of(world, offer)
    if agent is None or agent.offer is not offer:
        return
    agent.offer = None
    if end is not OfferEnd.BUSY:  # a busy phone may be in a call of its own: Asterisk says when it is idle
        agent.device_busy = False
    if agent.moves_to:
        follow(world, agent)
    if end is OfferEnd.UNREACHABLE:
        set_unreachable(world, agent)
        if not grant_wish(world, agent):
            step_aside(world, agent)
        return
    if missed:
        agent.misses += 1
    idle_since_ms = world.now_ms if missed else agent.idle_since_ms
    world.move_agent(agent, AgentInput.RELEASE, "offer over")
    agent.idle_since_ms = idle_since_ms
    if not grant_wish(world, agent) and not _rests(world, agent) and not step_aside(world, agent):
        find_call(world, agent)


def _judge_talk(world: World, offer: Offer, *, dropped: bool) -> None:
    """A lasting talk clears the agent's misses; one dropped at once is a miss like any other."""
    agent = agent_of(world, offer)
    if agent is None:
        return
    agent.misses = agent.misses + 1 if dropped else 0
    if agent.state in {AgentState.READY, AgentState.WRAP_UP}:
        _rests(world, agent)


def _rests(world: World, agent: AgentRecord) -> bool:
    """Pause an agent who missed too many offers in a row; True if so."""
    if agent.misses < world.rules.timings.misses_max:
        return False
    pause(world, agent, world.rules.missed_reason)
    return True


def grant_wish(world: World, agent: AgentRecord) -> bool:
    """Do what the agent asked for during the ring or talk; True if the agent is not ready after it."""
    wish, agent.wish = agent.wish, None
    if agent.removed:
        log_out(world, agent)
        return True
    if wish is AgentInput.PAUSE:
        pause(world, agent, agent.wish_reason)
        return True
    if wish is AgentInput.LOGOUT:
        log_out(world, agent)
        return True
    return False


def make_ready(world: World, agent: AgentRecord, given: AgentInput, fact: str) -> bool:
    """Move an agent to ready; the idle clock starts now; look for a call at once, unless they must leave."""
    was_paused = agent.state is AgentState.PAUSED
    if not world.move_agent(agent, given, fact):
        return False
    disarm_agent(world, agent)
    agent.reason = ""
    agent.misses = 0 if was_paused else agent.misses
    agent.idle_since_ms = world.now_ms
    if was_paused:
        mirror(world, agent, logged_in=True, paused=False)
    if not step_aside(world, agent):
        find_call(world, agent)
    return True


def step_aside(world: World, agent: AgentRecord) -> bool:
    """Let somebody leave whom nobody may ring any more; True if so."""
    if not must_leave(world, agent):
        return False
    if not has_opted_in(world, agent):
        log_out(world, agent)
        return True
    rule = world.rules.breaks
    if rule is None:  # it was due by rules that are no more
        watch(world, agent)
        return False
    begin_break(world, agent, rule)
    return True


def begin_break(world: World, agent: AgentRecord, rule: Breaks) -> None:
    """Pause an agent for as long as the rule says; the clock of work begins anew after it."""
    agent.on_break, agent.worked_since_ms = True, 0
    pause(world, agent, rule.reason)
    world.deadlines.arm(Due.BREAK_OVER, agent.agent.id, world.now_ms + rule.for_ms)


def leave_due(world: World, agent: AgentRecord) -> None:
    """A break is due or an opt-in is over: at once, or when the call that is with the agent has ended.

    A ring that nobody has answered is taken back: its caller stands again where they stood.
    """
    if not must_leave(world, agent):
        return
    if agent.offer is not None:
        if agent.offer.state is not OfferState.TALKING:
            withdraw(world, agent.offer, Blame.NOBODY)
    elif agent.state is not AgentState.WRAP_UP:
        step_aside(world, agent)


def pause(world: World, agent: AgentRecord, reason: str) -> None:
    """Move an agent to paused, with the reason, here and in the safety net."""
    if world.move_agent(agent, AgentInput.PAUSE, "pause"):
        disarm_agent(world, agent)
        agent.reason = reason
        agent.misses = 0
        mirror(world, agent, logged_in=True, paused=True)


def log_out(world: World, agent: AgentRecord) -> None:
    """Move an agent to logged out, here and in the safety net."""
    if world.move_agent(agent, AgentInput.LOGOUT, "logout"):
        disarm_agent(world, agent)
        agent.reason = ""
        mirror(world, agent, logged_in=False, paused=False)
        leave_phone(world, agent)
        if agent.removed:
            world.dismiss(agent)


def disarm_agent(world: World, agent: AgentRecord) -> None:
    """Forget the deadlines of the state the agent has left, and the talk it was about."""
    if agent.talk is not None:
        leave_wrap_up(agent)
    world.deadlines.disarm(Due.WRAP_UP, agent.agent.id)
    world.deadlines.disarm(Due.RETRY, agent.agent.id)


# ── taking an offer back ─────────────────────────────────────────────────────────────────────


def withdraw(world: World, offer: Offer, blame: Blame) -> None:
    """Take a ring back; the offer stays open, holding its target, until Asterisk confirms."""
    if offer.state is OfferState.WITHDRAWING:
        return
    if world.move_offer(offer, OfferInput.WITHDRAW, "withdraw"):
        offer.blame = blame
        world.deadlines.arm(Due.OFFER, offer.attempt, world.now_ms + world.rules.timings.withdraw_ms)
        if offer.node not in world.down:
            world.order(WithdrawOffer(call=offer.call, node=offer.node, attempt=offer.attempt))


def close_for_caller(world: World, call: Call, offer: Offer) -> None:
    """The caller left an open offer: the target is free, and nothing is counted against it.

    Hanging up during the talk is the usual end of one: the offer was answered.
    """
    before = offer.state
    offer.state = OfferState.CLOSED
    talked = before in AFTER_ANSWER
    _forget(world, call, offer, OfferEnd.TALKED if talked else None, missed=False)
    if talked:
        _judge_talk(world, offer, dropped=False)
    if before is OfferState.TALKING:
        _free_after_talk(world, call, offer)
    elif before in HOLDING_STATES:
        end = OfferEnd.UNREACHABLE if offer.blame is Blame.GHOST else None
        _free_without_talk(world, offer, end, missed=False)
