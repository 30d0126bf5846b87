"""What agents ask for: login, logout, pause, ready, more wrap-up; and what their phones tell.

A request is granted, becomes a wish (during a ring or talk), or is refused with a reason a person
can act on (``acd.core.replies``). Which phone a login is at, and whose news a phone's news is, stands in
``acd.core.phones``.
"""

from __future__ import annotations

from acd.core.agents import AGENT_WISHES, AgentInput, AgentRecord
from acd.core.breaks import end_break, has_opted_in, resume
from acd.core.facts import Asker, DeviceState
from acd.core.ids import PauseReasonId
from acd.core.notes import AgentState
from acd.core.offering import find_call, set_unreachable
from acd.core.offers import Blame, OfferState
from acd.core.phones import mirror, move_to, take_phone, why_not_at
from acd.core.replies import grant, refuse
from acd.core.serving import log_out, make_ready, pause, withdraw
from acd.core.transfers import arm_wrap_up
from acd.core.world import World


def log_in(world: World, record: AgentRecord, phone: str, asker: Asker | None) -> None:
    """Log in at this phone, else at the own one; twice is once.

    Whoever is logged in already and names another phone moves there, unless a call is with them. During
    a talk a login takes back a wish to leave.
    """
    if not has_opted_in(world, record):
        refuse(
            world,
            asker,
            f"agent {record.agent.id!r} is a volunteer, and no slot of theirs is running; "
            "accept one that begins now, then log in",
        )
        return
    phone = phone or record.endpoint or record.agent.endpoint
    if phone != record.endpoint:
        why = why_not_at(world, record, phone)
        if why is None and record.offer is not None:
            why = f"agent {record.agent.id!r} has a call on another phone; end it before changing the phone"
        if why is not None:
            refuse(world, asker, why)
            return
    grant(world, asker)
    if record.state is AgentState.LOGGED_OUT:
        start_session(world, record, phone, "AgentLoggedIn")
    elif phone != record.endpoint:
        sit_down(world, record, phone)
    elif record.wish is AgentInput.LOGOUT:
        record.wish = None
        mirror(world, record, logged_in=True, paused=False)  # an adopted talk's login was never told


def start_session(world: World, record: AgentRecord, phone: str, fact: str) -> None:
    """Somebody who was logged out is ready at this phone."""
    arrive(world, record, phone)
    make_ready(world, record, AgentInput.LOGIN, fact)


def arrive(world: World, record: AgentRecord, phone: str) -> None:
    """Somebody who was logged out is at this phone; no call is looked for yet."""
    record.misses = 0
    take_phone(world, record, phone)
    resume(world, record)
    mirror(world, record, logged_in=True, paused=False)


def sit_down(world: World, record: AgentRecord, phone: str) -> None:
    """Somebody logged in, whom no call is with, goes on at another phone."""
    world.matcher.leave_pool(record)
    move_to(world, record, phone)
    if record.state is AgentState.UNREACHABLE and not record.unavailable:
        make_ready(world, record, AgentInput.REACHABLE, "another phone")
    else:
        find_call(world, record)


def ask_log_out(world: World, record: AgentRecord, asker: Asker | None) -> None:
    """Log out; a ring is taken back without a miss, a talk is finished first."""
    grant(world, asker)
    if (record.state, AgentInput.LOGOUT) in AGENT_WISHES:
        _wish(world, record, AgentInput.LOGOUT, "")
    elif record.state is not AgentState.LOGGED_OUT:
        log_out(world, record)


def ask_pause(world: World, record: AgentRecord, reason: PauseReasonId, asker: Asker | None) -> None:
    """Pause with a reason; a ring is taken back without a miss, a talk is finished first."""
    if record.state is AgentState.LOGGED_OUT:
        refuse(world, asker, f"agent {record.agent.id!r} is not logged in; log in before pausing")
        return
    if reason not in world.rules.pause_reasons:
        reasons = ", ".join(world.rules.pause_reasons)
        refuse(world, asker, f"{reason!r} is no pause reason of this rule set; choose one of: {reasons}")
        return
    grant(world, asker)
    if (record.state, AgentInput.PAUSE) in AGENT_WISHES:
        _wish(world, record, AgentInput.PAUSE, reason)
        return
    if record.on_break:  # from here on it is a pause of their own, as long as they like
        end_break(world, record)
    pause(world, record, reason)


def ask_ready(world: World, record: AgentRecord, asker: Asker | None) -> None:
    """Ready again: ends a pause, a wrap-up or unreachable; during a talk it takes a wish back."""
    if record.state is AgentState.LOGGED_OUT:
        refuse(world, asker, f"agent {record.agent.id!r} is not logged in; log in instead")
        return
    grant(world, asker)
    if (record.state, AgentInput.READY) in AGENT_WISHES:
        record.wish = None
    elif record.state is not AgentState.READY:
        record.unavailable = False  # the agent stands at the phone and knows better
        make_ready(world, record, AgentInput.READY, "AgentReadied")


def extend_wrap_up(world: World, record: AgentRecord, asker: Asker | None) -> None:
    """One more step of wrap-up, never beyond the queue's cap."""
    if record.state is not AgentState.WRAP_UP:
        refuse(world, asker, f"agent {record.agent.id!r} is not in wrap-up; there is nothing to extend")
        return
    cap_ms = record.wrap_up_began_ms + record.wrap_up_ms_max
    if record.wrap_up_until_ms >= cap_ms:
        refuse(world, asker, f"the wrap-up of {record.agent.id!r} has reached its maximum; pause instead")
        return
    grant(world, asker)
    record.wrap_up_until_ms = min(record.wrap_up_until_ms + record.wrap_up_extend_ms, cap_ms)
    arm_wrap_up(world, record)


def _wish(world: World, record: AgentRecord, wish: AgentInput, reason: str) -> None:
    record.wish, record.wish_reason = wish, reason
    offer = record.offer
    if offer is not None and offer.state is not OfferState.TALKING:
        withdraw(world, offer, Blame.NOBODY)


def device_changed(world: World, endpoint: str, state: DeviceState) -> None:
    """A phone's news: a veto while it is used otherwise, unreachable while it is gone.

    Only a phone that was gone comes back by its news. For one that did not answer to our ring the
    end of that ring is news too, and may come after the offer's end.
    """
    world.devices[endpoint] = state
    record = world.by_endpoint.get(endpoint)
    if record is None:
        return
    was_gone = record.gone
    record.gone = record.unavailable = state is DeviceState.UNAVAILABLE
    record.device_busy = state is DeviceState.BUSY
    if record.unavailable:
        if record.state is AgentState.READY:
            set_unreachable(world, record)
    elif record.state is AgentState.UNREACHABLE:
        if was_gone:
            make_ready(world, record, AgentInput.REACHABLE, "DeviceChanged")
    elif record.state is AgentState.READY:
        if record.device_busy:
            world.matcher.leave_pool(record)
        else:
            find_call(world, record)
