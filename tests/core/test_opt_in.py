"""Volunteers: nobody is rung, or so much as logged in, without a live opt-in."""

from __future__ import annotations

import pytest

from acd.core import pictures
from acd.core.facts import MemberSeen, NodeResynced, OfferEnd, Session, SessionsRestored
from acd.core.ids import AgentId
from acd.core.notes import AgentState, Reason
from acd.core.orders import SetNetMember, WithdrawOffer
from acd.core.why_not import why_not
from tests.core.builders import NODE, Centre, agent, queue, step

MIN_MS = 60_000
VERA = agent("vera", volunteer=True, generale=9)


def centre_of(*, opted_in_ms: int = 0) -> Centre:
    """One volunteer, of a queue that takes volunteers from the start; nobody else."""
    centre = Centre([queue(ladder=(step("volontari", 0, volunteers=True),))], [VERA], logged_in=False)
    if opted_in_ms:
        centre.opts_in("vera", opted_in_ms)
        centre.logs_in("vera")
    return centre


def test_nobody_logs_in_without_an_opt_in() -> None:
    """The sentence says what to do, and the same login does once it was done."""
    centre = centre_of()
    refused = centre.logs_in("vera").refused
    assert refused is not None
    assert "accept one" in refused
    assert centre.agent_state("vera") is AgentState.LOGGED_OUT
    centre.opts_in("vera")
    assert centre.logs_in("vera").refused is None
    assert centre.agent_state("vera") is AgentState.READY


@pytest.mark.parametrize("state", ["ready", "paused", "gone"])
def test_the_end_of_the_time_logs_out(state: str) -> None:
    """At that moment, whoever is free, paused or out of reach."""
    centre = centre_of(opted_in_ms=MIN_MS)
    if state == "paused":
        centre.pauses("vera")
    elif state == "gone":
        centre.enters("c1")
        centre.rings("c1")
        centre.ends_offer("c1", OfferEnd.UNREACHABLE)
        centre.hangs_up("c1")
    centre.later(MIN_MS - 2)
    assert centre.agent_state("vera") is not AgentState.LOGGED_OUT
    centre.later(2)
    assert centre.agent_state("vera") is AgentState.LOGGED_OUT
    assert not centre.ordered(SetNetMember)[-1].logged_in


def test_a_withdrawal_in_a_talk_comes_after_it() -> None:
    """The talk goes on, so does its wrap-up; then no ring, though somebody waits."""
    centre = centre_of(opted_in_ms=60 * MIN_MS)
    centre.enters("c1")
    centre.talks("c1")
    centre.enters("c2")
    centre.opts_in("vera", 0)
    assert centre.agent_state("vera") is AgentState.TALKING
    view = pictures.agent(centre.world, AgentId("vera"))
    assert view is not None
    assert view.wish == "logout"
    centre.agent_hangs_up("c1")
    assert centre.agent_state("vera") is AgentState.WRAP_UP
    centre.later(10_000)
    assert centre.agent_state("vera") is AgentState.LOGGED_OUT
    assert centre.offered("c2") is None


@pytest.mark.parametrize("says", [Centre.readies, Centre.logs_in, Centre.pauses])
def test_nothing_said_in_the_talk_takes_it_back(says) -> None:
    """But another opt-in."""
    centre = centre_of(opted_in_ms=60 * MIN_MS)
    centre.enters("c1")
    centre.talks("c1")
    centre.opts_in("vera", 0)
    says(centre, "vera")
    centre.agent_hangs_up("c1")
    centre.later(10_000)
    assert centre.agent_state("vera") is AgentState.LOGGED_OUT


def test_another_opt_in_before_the_end_goes_on() -> None:
    """Two slots that touch are one time."""
    centre = centre_of(opted_in_ms=MIN_MS)
    centre.later(30_000)
    centre.opts_in("vera", 10 * MIN_MS)
    centre.later(5 * MIN_MS)
    assert centre.agent_state("vera") is AgentState.READY


def test_a_ring_is_taken_back() -> None:
    """It was no talk yet."""
    centre = centre_of(opted_in_ms=60 * MIN_MS)
    centre.enters("c1")
    centre.rings("c1")
    centre.opts_in("vera", 0)
    assert len(centre.ordered(WithdrawOffer)) == 1
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.agent_state("vera") is AgentState.LOGGED_OUT
    assert centre.person("vera").misses == 0


def test_a_call_of_the_very_moment_rings_nobody() -> None:
    """The fact comes before the deadline is handed in."""
    centre = centre_of(opted_in_ms=MIN_MS)
    centre.now_ms += MIN_MS
    centre.enters("c1")
    assert centre.offered("c1") is None


def test_a_login_of_before_is_restored_only_with_an_opt_in() -> None:
    """Store and net forget the others."""
    sessions = SessionsRestored(sessions=(Session(agent=AgentId("vera"), phone="phone-vera"),))
    centre = centre_of()
    centre.tell(sessions)
    centre.settle()
    assert centre.agent_state("vera") is AgentState.LOGGED_OUT
    assert not centre.ordered(SetNetMember)[-1].logged_in
    other = centre_of()
    other.opts_in("vera")
    other.tell(sessions)
    other.settle()
    assert other.agent_state("vera") is AgentState.READY


def test_a_member_of_the_net_is_adopted_only_with_an_opt_in() -> None:
    """The net must not ring them either."""
    centre = centre_of()
    member = MemberSeen(endpoint="phone-vera", paused=False)
    centre.tell(NodeResynced(node=NODE, calls=(), members=(member,)))
    centre.settle()
    assert centre.agent_state("vera") is AgentState.LOGGED_OUT
    assert [each.endpoint for each in centre.ordered(SetNetMember)] == ["phone-vera"]


def test_who_becomes_a_volunteer_at_work_leaves() -> None:
    """And who is none any more stays."""
    centre = Centre([queue(ladder=(step("volontari", 0, volunteers=True),))], ["vera"])
    centre.changes(VERA)
    assert centre.agent_state("vera") is AgentState.LOGGED_OUT
    centre.opts_in("vera", MIN_MS)
    centre.logs_in("vera")
    centre.changes(agent("vera"))
    centre.later(2 * MIN_MS)
    assert centre.agent_state("vera") is AgentState.READY


def test_why_not_never_says_who_did_not_volunteer() -> None:
    """A volunteer without an opt-in is logged out, like anybody who is not at work."""
    centre = centre_of()
    centre.enters("c1")
    centre.world.now_ms = centre.now_ms
    found = why_not(centre.world, centre.call("c1").id, centre.person("vera"))
    assert found.reason is Reason.LOGGED_OUT


def test_why_not_of_one_whose_time_is_just_over() -> None:
    """While the ring is being taken back."""
    centre = centre_of(opted_in_ms=60 * MIN_MS)
    centre.enters("c1")
    centre.rings("c1")
    centre.opts_in("vera", 0)
    centre.enters("c2")
    found = why_not(centre.world, centre.call("c2").id, centre.person("vera"))
    assert found.reason is Reason.NOT_OPTED_IN
