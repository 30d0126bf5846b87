"""Coming back: what a lost link, a resync, or one look at a call changes in our picture.

While a node is lost its calls go on by themselves; waiting ones are *parked*: they keep place and
age, nothing is offered to them. A resync brings the whole truth of the node, and the truth of the
channels wins over ours: a call we know that is not there has ended, a call we do not know is adopted
with its age, a talk in progress is adopted with its agent.

Bulk work is cut into small steps that the engine does slice by slice, so that 5,000 adopted calls
never hold the loop. Until the last step nothing is offered (``recovering``), else an early slice would
overtake a later one. A fact for a call that still stands in the work list settles that call first.
"""

from __future__ import annotations

from functools import partial

from acd.core.agents import AgentInput, AgentRecord
from acd.core.arrivals import arrive, begin_visit
from acd.core.breaks import has_opted_in
from acd.core.calls import Call, CallInput, CallState, Prompt
from acd.core.consent import prompt_over
from acd.core.counting import admit
from acd.core.deadlines import Due
from acd.core.facts import CallSeen, MemberSeen, NodeResynced, OfferEnd, Stage
from acd.core.health import hold
from acd.core.hearing import leave
from acd.core.ids import AttemptId, CallId, NodeId, PauseReasonId
from acd.core.leaving import end_call, net_took
from acd.core.notes import AgentState, Corrected
from acd.core.offering import CONFIRM_MS, find_call, find_calls
from acd.core.offers import HOLDING_STATES, Blame, Offer, OfferState
from acd.core.orders import TargetKind, WithdrawOffer
from acd.core.phones import at_phone, mirror, nobody_at, take_phone
from acd.core.serving import (
    agent_of,
    close_for_caller,
    leg_ended,
    offer_ended,
    offer_rang,
    pause,
    talk_began,
    withdraw,
)
from acd.core.staffing import device_changed, start_session
from acd.core.transfers import leave_wrap_up
from acd.core.waiting import start_waiting
from acd.core.world import World


def node_lost(world: World, node: NodeId) -> None:
    """Park the waiting calls of a node we cannot reach."""
    world.down[node] = None
    for call in world.calls.values():
        if call.node == node and call.state in {CallState.WAITING, CallState.HEARING}:
            world.matcher.leave_line(call)
            world.parked[call.id] = None
            if call.state is CallState.WAITING:
                leave(world, call)  # an answer to what was asked would not be heard


def node_resynced(world: World, fact: NodeResynced) -> None:
    """Plan the reconciliation of a node as small steps; the first slice runs with this fact."""
    world.down.pop(fact.node, None)
    world.recovering = True
    seen = {row.call: row for row in fact.calls}
    for call_id, (node, _) in list(world.pending_seen.items()):
        if node == fact.node and call_id not in seen:
            del world.pending_seen[call_id]  # an earlier resync saw it, it is over
    for call in list(world.calls.values()):
        if call.node == fact.node and call.id not in seen:
            world.work.append(partial(_ghost, world, call.id, fact.node, lost=fact.restarted))
    for row in fact.calls:
        world.pending_seen[row.call] = (fact.node, row)
        world.work.append(partial(settle, world, row.call))
    for device in fact.devices:
        world.pending_devices[device.endpoint] = device.state
        world.work.append(partial(_settle_device, world, device.endpoint))
    if fact.node not in world.members_known:
        world.members_known[fact.node] = None
        for member in () if world.sessions_known else fact.members:
            world.pending_members[member.endpoint] = member
            world.work.append(partial(settle_member, world, member.endpoint))
    if world.sessions_known:
        for member in fact.members:
            world.work.append(partial(_expel, world, member.endpoint))
    world.work.append(partial(offer_again, world))


def settle(world: World, call: CallId) -> None:
    """Reconcile one call that a resync saw, if that has not been done yet."""
    found = world.pending_seen.pop(call, None)
    if found is not None:
        reconcile(world, found[0], found[1])


def _settle_device(world: World, endpoint: str) -> None:
    state = world.pending_devices.pop(endpoint, None)
    if state is not None:
        device_changed(world, endpoint, state)


def settle_member(world: World, endpoint: str) -> None:
    """Adopt one login that a resync saw, if that has not been done yet."""
    member = world.pending_members.pop(endpoint, None)
    if member is not None:
        _adopt_member(world, member)


def _ghost(world: World, call_id: CallId, node: NodeId, *, lost: bool) -> None:
    call = world.calls.get(call_id)
    if call is not None and call.node == node:
        world.note(Corrected(kind="ghost_call", key=call_id, node=node))
        end_call(world, call, lost=lost)


def _adopt_member(world: World, member: MemberSeen) -> None:
    """Somebody was logged in before we started: the safety net's membership remembers."""
    record = _sitting_at(world, member.endpoint)
    if record is None or not has_opted_in(world, record):
        nobody_at(world, member.endpoint)  # a shared phone tells not whose login it was
        return
    world.note(Corrected(kind="adopted_login", key=record.agent.site))
    if record.wish is AgentInput.LOGOUT:  # adopted in a talk, before we knew of the login
        record.wish = AgentInput.PAUSE if member.paused else None
        record.wish_reason = member.reason
        if not member.paused:
            mirror(world, record, logged_in=True, paused=False)
    elif record.state is AgentState.LOGGED_OUT and not record.since_ms:
        start_session(world, record, member.endpoint, "resync")
        if member.paused:
            pause(world, record, PauseReasonId(member.reason))


def _expel(world: World, endpoint: str) -> None:
    """The store knows better than the net who is logged in."""
    if endpoint not in world.by_endpoint:
        nobody_at(world, endpoint)


def offer_again(world: World) -> None:
    """The last step: the picture is whole, so everybody who waits may be served, oldest first."""
    if world.regrouping or any(isinstance(step, partial) and step.func is offer_again for step in world.work):
        return  # another node's resync or a change of rules is under way; its own last step will do this
    world.recovering = False
    ready = [record for record in world.agents.values() if record.state is AgentState.READY]
    ready.sort(key=lambda record: (record.idle_since_ms, record.ordinal))
    for record in ready:
        world.matcher.leave_pool(record)  # a new call finds nobody who has not had the choice yet
        world.work.append(partial(find_call, world, record))
    for line in world.lines.values():
        line.resting = True
        world.work.append(partial(find_calls, world, line))


# ── one call ─────────────────────────────────────────────────────────────────────────────────


def reconcile(world: World, node: NodeId, seen: CallSeen) -> None:
    """Make our picture of one call what its channel says."""
    call = world.calls.get(seen.call)
    if call is None:
        call = _adopt(world, node, seen)
    elif seen.visit > call.visit:
        world.note(Corrected(kind="next_visit", key=call.id, node=node))
        begin_visit(world, call, seen)
        world.move_call(call, CallInput.FOUND_HOLDING, "resync")
    match seen.stage:
        case Stage.ENTERING | Stage.HOLDING:
            _found_holding(world, call, seen)
        case Stage.HEARING | Stage.FAREWELL:
            _found_hearing(world, call, seen)
        case Stage.DIALLING | Stage.TALKING if not seen.attempt:
            _found_parting(world, call, seen)  # with somebody who is not ours to know
        case Stage.DIALLING:
            _found_dialling(world, call, seen)
        case Stage.TALKING:
            _found_talking(world, call, seen)
        case Stage.IN_NET:
            if call.state is not CallState.IN_NET:
                world.note(Corrected(kind="in_net", key=call.id, node=node))
                net_took(world, call, CallInput.FOUND_IN_NET)
        case Stage.TRANSFERRED | Stage.LEAVING:
            _found_parting(world, call, seen)


def _adopt(world: World, node: NodeId, seen: CallSeen) -> Call:
    call = arrive(world, node, seen)
    world.note(Corrected(kind=f"adopted_{seen.stage.value}", key=call.id, node=node))
    admit(world, call, adopted=True)
    if seen.stage in {Stage.TALKING, Stage.TRANSFERRED, Stage.LEAVING}:
        # It was answered before we looked: neither its wait nor its service level is ours to make up.
        call.level_counted = call.first_answer_noted = True
        world.deadlines.disarm(Due.THRESHOLD, call.id)
    return call


def _found_holding(world: World, call: Call, seen: CallSeen) -> None:
    offer = call.offer
    match call.state:
        case CallState.WAITING:
            _unpark(world, call)
            start_waiting(world, call)
        case CallState.HEARING | CallState.FAREWELL:
            # As for an offer: what was not taken may still be, until it runs out.
            prompt = call.prompt
            heard = prompt is not None and prompt.attempt == seen.attempt
            if prompt is None or heard or _is_void(world, prompt.ordered_ms):
                world.note(Corrected(kind="lost_report", key=call.id, node=call.node))
                _unpark(world, call)
                prompt_over(world, call, heard=heard, refused=not heard)
            if call.state in {CallState.WAITING, CallState.HEARING} and not call.place:
                _unpark(world, call)
                start_waiting(world, call)
        case CallState.OFFERED:
            # Taken from the channel and back in hold: the offer is over and its report was lost. Not
            # taken: it may still be, until it runs out, and the target is held as long.
            if offer is not None and (offer.attempt == seen.attempt or _is_void(world, offer.made_ms)):
                _report_lost(world, call, offer, _lost_end(offer, seen))
        case CallState.TALKING | CallState.LEAVING | CallState.TRANSFERRED | CallState.IN_NET:
            if offer is not None and call.state is CallState.TALKING:
                _report_lost(world, call, offer, OfferEnd.DROPPED)
                return
            if offer is not None:
                close_for_caller(world, call, offer)
            world.move_call(call, CallInput.FOUND_HOLDING, "resync")
            start_waiting(world, call)
        case CallState.ENDED:
            pass


def _unpark(world: World, call: Call) -> None:
    if call.id in world.parked:
        del world.parked[call.id]
        world.deadlines.disarm(Due.MAX_WAIT, call.id)  # over while the node was lost: act now


def _found_hearing(world: World, call: Call, seen: CallSeen) -> None:
    """The caller hears a prompt: the one we know of, or one of the process before us."""
    if call.state is CallState.OFFERED:
        _found_holding(world, call, seen)  # the offer follows the prompt, or has run out
        if call.state is CallState.OFFERED:
            return
    known = call.prompt is not None and call.prompt.attempt == seen.attempt
    if not known:
        leave(world, call)
        if call.offer is not None:
            close_for_caller(world, call, call.offer)
        call.prompt = Prompt(AttemptId(seen.attempt), world.now_ms)
        world.deadlines.arm(Due.PROMPT, call.id, world.now_ms + world.rules.timings.look_ms)
    if seen.stage is Stage.FAREWELL:
        world.matcher.leave_line(call)
        world.parked.pop(call.id, None)
        world.deadlines.disarm(Due.THRESHOLD, call.id)
        world.deadlines.arm(Due.MAX_WAIT, call.id, world.now_ms + call.queue.wait_ms_max)
        call.closed = call.level_counted = True
        world.move_call(call, CallInput.FOUND_FAREWELL, "resync")
        return
    world.move_call(call, CallInput.FOUND_HEARING, "resync")
    if not call.place:
        _unpark(world, call)
        start_waiting(world, call)


def _is_void(world: World, ordered_ms: int) -> bool:
    timings = world.rules.timings
    return world.now_ms >= ordered_ms + timings.order_valid_ms + timings.order_grace_ms


def _lost_end(offer: Offer, seen: CallSeen) -> OfferEnd:
    """How an offer ended whose report was lost."""
    if offer.state is OfferState.WITHDRAWING:
        return OfferEnd.WITHDRAWN
    return OfferEnd.FAILED if offer.attempt == seen.attempt else OfferEnd.REFUSED


def _report_lost(world: World, call: Call, offer: Offer, end: OfferEnd) -> None:
    world.note(Corrected(kind="lost_report", key=call.id, node=call.node))
    offer_ended(world, call, offer, end)


def _found_dialling(world: World, call: Call, seen: CallSeen) -> None:
    offer = _offer_seen(world, call, seen)
    if offer is None:
        return
    if offer.state is OfferState.ORDERED:
        offer_rang(world, offer)
    elif offer.state is OfferState.WITHDRAWING:  # our withdrawal did not arrive; harmless twice
        world.order(WithdrawOffer(call=call.id, node=call.node, attempt=offer.attempt))


def _found_talking(world: World, call: Call, seen: CallSeen) -> None:
    offer = _offer_seen(world, call, seen)
    if offer is not None and offer.state is not OfferState.TALKING:
        talk_began(world, call, offer)


def _offer_seen(world: World, call: Call, seen: CallSeen) -> Offer | None:
    """The offer this call is really in: ours if it is the same attempt, else an adopted one."""
    offer = call.offer
    if offer is not None:
        if offer.attempt == seen.attempt:
            return offer
        close_for_caller(world, call, offer)
    agent = _sitting_at(world, seen.target)
    line = world.by_number.get(seen.target)
    if line is not None:
        kind, target = TargetKind.LINE, str(line.office.id)
    else:
        kind, target = TargetKind.AGENT, str(agent.agent.id) if agent is not None else seen.target
    offer = Offer(
        AttemptId(seen.attempt), call.id, call.node, kind, target, world.now_ms, call.queue.ring_s * 1000
    )
    world.matcher.leave_line(call)
    world.parked.pop(call.id, None)
    leave(world, call)
    call.offer = offer
    call.offers += 1
    world.move_call(call, CallInput.FOUND_DIALLING, "resync")
    world.offers[offer.attempt] = offer
    world.deadlines.arm(Due.OFFER, offer.attempt, world.now_ms + offer.ring_ms_max)
    if line is None:
        _bind_agent(world, offer)
    else:
        hold(line)
        if line.office.confirm:
            offer.ring_ms_max += CONFIRM_MS
    return offer


def _sitting_at(world: World, endpoint: str) -> AgentRecord | None:
    """Whoever must be talking on this phone; not its owner who is logged in somewhere else."""
    record = at_phone(world, endpoint)
    return None if record is None or (record.endpoint and record.endpoint != endpoint) else record


def _bind_agent(world: World, offer: Offer) -> None:
    """Give an adopted offer its agent, who may not be known as logged in yet."""
    agent = agent_of(world, offer)
    if agent is None:
        return
    held = agent.offer
    if held is not None and held.state is OfferState.TALKING:
        offer.beside = True
        return
    if held is not None:  # the phone is in this offer, so the other one cannot be
        held.beside = True
        withdraw(world, held, Blame.NOBODY)
    if agent.state is AgentState.LOGGED_OUT:
        agent.wish = AgentInput.LOGOUT
        take_phone(world, agent, agent.agent.endpoint)
    elif agent.state is AgentState.PAUSED:
        agent.wish, agent.wish_reason = AgentInput.PAUSE, agent.reason
    agent.offer = offer
    if agent.talk is not None:
        leave_wrap_up(agent)
    world.deadlines.disarm(Due.WRAP_UP, agent.agent.id)
    world.deadlines.disarm(Due.RETRY, agent.agent.id)
    world.move_agent(agent, AgentInput.RING, "resync")


def _found_parting(world: World, call: Call, seen: CallSeen) -> None:
    """The caller has been passed on, or is being hung up; our target is free.

    Either comes only after a talk, so an offer we believed ringing was answered without our hearing it.
    """
    offer = call.offer
    if offer is not None and offer.state in HOLDING_STATES:
        if offer.attempt == seen.attempt:
            talk_began(world, call, offer)
        if offer.state is OfferState.TALKING:
            leg_ended(world, offer)
        else:
            close_for_caller(world, call, offer)
    world.matcher.leave_line(call)
    world.parked.pop(call.id, None)
    leave(world, call)
    timings = world.rules.timings
    if call.state is CallState.IN_NET and seen.stage is Stage.LEAVING:
        world.deadlines.arm(Due.LOOK, call.id, world.now_ms + timings.look_ms)
        return  # the net's goodbye: it stays the net's call
    call.answered_ms = call.answered_ms or world.now_ms
    passed_on = seen.stage is not Stage.LEAVING
    found = CallInput.FOUND_PASSED_ON if passed_on else CallInput.FOUND_LEAVING
    world.move_call(call, found, "resync")
    look_ms = timings.transfer_ms_max if seen.stage is Stage.TRANSFERRED else timings.look_ms
    world.deadlines.arm(Due.LOOK, call.id, world.now_ms + look_ms)


def looked_at(world: World, call: Call, seen: CallSeen | None) -> None:
    """The answer to one look."""
    if seen is None:
        world.note(Corrected(kind="ghost_call", key=call.id, node=call.node))
        end_call(world, call)
    else:
        reconcile(world, call.node, seen)
