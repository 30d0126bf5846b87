"""How a call leaves us: to the safety net, or for good.

The caller's channel decides: when it is gone the call has ended, in whatever state we believed it, and
an offer still open frees its target without counting anything against it.
"""

from __future__ import annotations

from acd.core.affinity import remember
from acd.core.calls import Call, CallInput, CallState
from acd.core.counting import count_level
from acd.core.deadlines import Due
from acd.core.hearing import give_up, leave
from acd.core.ids import OfficeId, SiteId
from acd.core.notes import CallFinished, Outcome, Path, ServiceLevel
from acd.core.orders import SendToNet
from acd.core.serving import close_for_caller
from acd.core.stand_in import stop_stages
from acd.core.transfers import end_passage
from acd.core.world import World


def _stop_waiting(world: World, call: Call) -> None:
    leave(world, call)
    if call.place:
        world.matcher.leave_line(call)
    if world.parked:
        world.parked.pop(call.id, None)
    if call.queue.ladder:
        world.deadlines.disarm(Due.STEP, call.id)
    if call.position >= 0:
        stop_stages(world, call)
    world.deadlines.disarm(Due.MAX_WAIT, call.id)
    if call.resting:
        call.resting = False
        world.deadlines.disarm(Due.REST, call.id)


# ── a call leaves ────────────────────────────────────────────────────────────────────────────


def send_to_net(world: World, call: Call) -> None:
    """The maximum wait is over: Asterisk's safety net takes the caller."""
    give_up(world, call)
    timings = world.rules.timings
    world.order(
        SendToNet(
            call=call.id,
            node=call.node,
            attempt=world.next_attempt(),
            not_after_ms=world.now_ms + timings.order_valid_ms,
        )
    )


def net_took(world: World, call: Call, given: CallInput = CallInput.NET_TOOK) -> None:
    """Asterisk has the caller in its safety net, as it told or as we found; an open offer is over."""
    offer = call.offer
    if not world.move_call(call, given, "CallInSafetyNet"):
        return
    _stop_waiting(world, call)
    if offer is not None:
        close_for_caller(world, call, offer)
    if call.passage is not None or call.holds is not None:
        end_passage(world, call)
    world.deadlines.arm(Due.LOOK, call.id, world.now_ms + world.rules.timings.transfer_ms_max)


def end_call(world: World, call: Call, *, lost: bool = False) -> None:
    """The caller's channel is gone: exactly one end, counted here and nowhere else."""
    state, offer = call.state, call.offer
    world.move_call(call, CallInput.GONE, "CallEnded")
    _stop_waiting(world, call)
    world.deadlines.disarm(Due.LOOK, call.id)
    for target in call.avoided:
        world.deadlines.disarm(Due.AGAIN, (call.id, target))
    outcome = _outcome(world, call, state, lost=lost)
    if not call.level_counted:
        abandoned = outcome in {Outcome.ABANDONED, Outcome.SHORT_ABANDONED}
        early = abandoned and world.now_ms - call.entered_ms <= call.queue.threshold_ms
        count_level(world, call, ServiceLevel.ABANDONED_EARLY if early else ServiceLevel.MISSED)
    answered = outcome is Outcome.ANSWERED
    by_office = answered and call.path is Path.FALLBACK
    until_ms = call.answered_ms if answered else world.now_ms
    world.tally[call.booked].count_end(outcome, by_office=by_office)
    world.note(
        CallFinished(
            call=call.id,
            queue=call.booked,
            outcome=outcome,
            path=call.path if answered else Path.PRIMARY,
            wait_ms=until_ms - call.entered_ms,
            handle_ms=world.now_ms - call.answered_ms if answered else 0,
            site=SiteId(call.served_by) if answered and not by_office and call.served_by else None,
            office=OfficeId(call.served_by) if by_office else None,
            node=call.node,
            entered_ms=call.first_entered_ms,
            ended_ms=world.now_ms,
            language=call.language,
            province=call.province,
            called=call.called,
            caller=call.caller,
            priority_class=call.priority_class,
            visits=call.visit,
            verified=call.verified,
            code=call.code,
            level=call.level,
        )
    )
    if offer is not None:
        close_for_caller(world, call, offer)
    if call.passage is not None or call.holds is not None:
        end_passage(world, call)
    if world.rules.affinity is not None:
        remember(world, call)
    world.bury(call)


def _outcome(world: World, call: Call, state: CallState, *, lost: bool) -> Outcome:
    match state:
        case CallState.TALKING | CallState.LEAVING | CallState.TRANSFERRED:
            return Outcome.ANSWERED
        case CallState.IN_NET:
            return Outcome.SAFETY_NET
        case CallState.FAREWELL:
            return Outcome.CLOSED
        case CallState.WAITING | CallState.HEARING | CallState.OFFERED | CallState.ENDED:
            if lost:
                return Outcome.LOST
            short = world.now_ms - call.entered_ms < call.queue.short_abandon_ms
            return Outcome.SHORT_ABANDONED if short else Outcome.ABANDONED
