"""The roster as it changes: skills, phones, sites and people come and go while calls flow."""

from __future__ import annotations

import pytest

from acd.core.engine import SLICE_STEPS
from acd.core.facts import AgentLoggedIn, DeviceState, OfferEnd, RosterChanged
from acd.core.ids import AgentId
from acd.core.notes import AgentState
from acd.core.orders import OfferCall, SetNetMember, WithdrawOffer
from tests.core.builders import Centre, agent, queue

QUEUES = (queue("generale"), queue("pensioni"), queue("tedesco", language="de"))


def talking(*people: object) -> Centre:
    """Anna talks with c1."""
    centre = Centre(QUEUES, [agent("anna"), *people])  # type: ignore[list-item]
    centre.enters("c1")
    centre.talks("c1")
    return centre


# ── skills ───────────────────────────────────────────────────────────────────────────────────


def test_a_new_skill_is_used_at_once() -> None:
    """A caller waits for pensions; the free agent who just got the skill is rung."""
    centre = Centre(QUEUES, agents=["anna"])
    centre.enters("c1", "pensioni")
    assert centre.offered("c1") is None
    centre.changes(agent("anna", generale=5, pensioni=5))
    assert centre.offered("c1") == "anna"


def test_a_lost_skill_counts_from_the_next_offer() -> None:
    """The ring goes on; the next call of that queue does not come."""
    centre = Centre(QUEUES, agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.changes(agent("anna", pensioni=5))
    assert centre.offered("c1") == "anna"
    centre.talks("c1")
    centre.agent_hangs_up("c1")
    centre.later(10_000)
    centre.enters("c2")
    assert centre.offered("c2") is None
    centre.enters("c3", "pensioni")
    assert centre.offered("c3") == "anna"


def test_a_skill_given_during_a_talk_is_used_after_it() -> None:
    """Nobody is disturbed; when the wrap-up is over the waiting caller rings."""
    centre = talking()
    centre.enters("c2", "pensioni")
    centre.changes(agent("anna", generale=5, pensioni=5))
    centre.agent_hangs_up("c1")
    centre.later(10_000)
    assert centre.offered("c2") == "anna"


def test_the_idle_place_is_kept() -> None:
    """A change of skills does not send anybody to the end of the line of the idle."""
    centre = Centre(QUEUES, agents=["anna", "bruno"])
    centre.later(1_000)
    centre.changes(agent("anna", generale=7))
    centre.enters("c1")
    assert centre.offered("c1") == "anna"


def test_another_language_changes_the_net() -> None:
    """The safety net's queues are those of the languages the agent can now serve."""
    centre = Centre(QUEUES, agents=["anna"])
    centre.changes(agent("anna", tedesco=5))
    assert centre.ordered(SetNetMember)[-1].languages == ("de",)


def test_profiles_come_and_go_with_their_members() -> None:
    """A profile nobody is in is asked by nobody."""
    centre = Centre(QUEUES, agents=["anna"])
    for skills in ({"pensioni": 5}, {"tedesco": 5}, {"generale": 5, "tedesco": 5}):
        centre.changes(agent("anna", **skills))
    assert len(centre.world.matcher.profiles) == 1
    assert not centre.world.matcher.lines[QUEUES[1].id].posts


# ── people ───────────────────────────────────────────────────────────────────────────────────


def test_somebody_new_may_log_in_at_once() -> None:
    """Also before the slice that brings them has been worked."""
    centre = Centre(QUEUES, agents=["anna"])
    crowd = tuple(agent(f"n{number}") for number in range(2 * SLICE_STEPS))
    centre.tell(RosterChanged(upserts=crowd))
    assert AgentId(f"n{2 * SLICE_STEPS - 1}") not in centre.world.agents
    told = centre.logs_in(f"n{2 * SLICE_STEPS - 1}")
    assert told.refused is None
    centre.settle()
    assert len(centre.world.agents) == 2 * SLICE_STEPS + 1
    assert centre.agent_state(f"n{2 * SLICE_STEPS - 1}") is AgentState.READY


def test_a_change_is_cut_in_slices() -> None:
    """No fact does more than a slice; calls flow between them."""
    centre = Centre(QUEUES, agents=["anna"])
    centre.tell(RosterChanged(upserts=tuple(agent(f"n{number}") for number in range(1_000))))
    assert len(centre.world.agents) == 1 + SLICE_STEPS
    centre.enters("c1")
    assert centre.offered("c1") == "anna"


@pytest.mark.parametrize("state", ["logged out", "ready", "paused", "wrap-up", "unreachable"])
def test_who_is_free_is_gone_at_once(state: str) -> None:
    """Logged out, out of the net, unknown from now on; nothing is left behind."""
    centre = talking() if state == "wrap-up" else Centre(QUEUES, agents=["anna"])
    match state:
        case "logged out":
            centre.logs_out("anna")
        case "paused":
            centre.pauses("anna")
        case "wrap-up":
            centre.agent_hangs_up("c1")
        case "unreachable":
            centre.phone("anna", DeviceState.UNAVAILABLE)
    centre.changes(removed=["anna"])
    assert not centre.world.agents
    assert not centre.world.by_endpoint
    assert not centre.world.owners
    assert not centre.ordered(SetNetMember)[-1].logged_in
    assert centre.logs_in("anna").refused is not None
    assert not len(centre.world.deadlines)


def test_who_is_rung_is_gone_after_the_ring_is_taken_back() -> None:
    """The ring is withdrawn without a miss and the caller goes to somebody else."""
    centre = Centre(QUEUES, agents=["anna", "bruno"])
    centre.enters("c1")
    centre.rings("c1")
    centre.changes(removed=["anna"])
    assert len(centre.ordered(WithdrawOffer)) == 1
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert AgentId("anna") not in centre.world.agents
    assert centre.offered("c1") == "bruno"


def test_who_talks_finishes_first() -> None:
    """No call is taken from anybody; after it there is neither wrap-up nor login."""
    centre = talking()
    centre.changes(removed=["anna"])
    assert centre.agent_state("anna") is AgentState.TALKING
    centre.later(60_000)
    centre.agent_hangs_up("c1")
    assert AgentId("anna") not in centre.world.agents
    assert centre.finished("c1").site == "roma"


def test_who_answers_before_the_withdrawal_finishes_first() -> None:
    """The answer crossed the withdrawal and won."""
    centre = Centre(QUEUES, agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.changes(removed=["anna"])
    centre.talks("c1")
    assert centre.agent_state("anna") is AgentState.TALKING
    centre.agent_hangs_up("c1")
    assert not centre.world.agents


def test_taken_back_in_before_the_talk_is_over() -> None:
    """A removal that was a mistake: the agent stays as if nothing had been."""
    centre = talking()
    centre.changes(removed=["anna"])
    centre.changes(agent("anna"))
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_the_newer_of_two_changes_counts() -> None:
    """Two imports in a row, the second before the first is worked off."""
    centre = Centre(QUEUES, agents=["anna"])
    crowd = tuple(agent(f"n{number}") for number in range(2 * SLICE_STEPS))
    centre.tell(RosterChanged(upserts=(*crowd, agent("anna", tedesco=1))))
    centre.tell(RosterChanged(upserts=(agent("anna", pensioni=2),)))
    centre.settle()
    assert list(centre.person("anna").agent.skills) == ["pensioni"]


def test_the_day_everybody_changes_employer_and_site() -> None:
    """Logins, talks and skills stay; only the words of the roster are others."""
    centre = talking("bruno")
    people = [agent("anna", "bari"), agent("bruno", "bari")]
    orders = centre.changes(*people).orders
    assert orders == []
    assert centre.agent_state("anna") is AgentState.TALKING
    assert centre.agent_state("bruno") is AgentState.READY
    centre.agent_hangs_up("c1")
    assert centre.person("anna").agent.site == "bari"


# ── phones ───────────────────────────────────────────────────────────────────────────────────


def test_a_login_on_the_own_phone_goes_with_it() -> None:
    """The next ring is on the new phone; the old one is out of the net and says nothing any more."""
    centre = Centre(QUEUES, agents=["anna"])
    centre.changes(agent("anna", endpoint="new"))
    centre.phone("anna", DeviceState.UNAVAILABLE)
    centre.enters("c1")
    assert centre.ordered(OfferCall)[-1].target == "new"
    members = [(order.endpoint, order.logged_in) for order in centre.ordered(SetNetMember)]
    assert members == [("phone-anna", True), ("phone-anna", False), ("new", True)]


def test_during_a_talk_it_goes_after_it() -> None:
    """The talk is on the old phone until it ends."""
    centre = talking()
    centre.changes(agent("anna", endpoint="new"))
    assert centre.person("anna").endpoint == "phone-anna"
    centre.agent_hangs_up("c1")
    assert centre.person("anna").endpoint == "new"


def test_during_a_ring_it_goes_after_it() -> None:
    """The caller is offered again where the agent now is."""
    centre = Centre(QUEUES, agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.changes(agent("anna", endpoint="new"))
    centre.hangs_up("c1")
    centre.enters("c2")
    assert centre.ordered(OfferCall)[-1].target == "new"


def test_a_login_on_a_shared_phone_stays() -> None:
    """The own phone has another name; the agent does not sit there."""
    centre = Centre(QUEUES, agents=["anna"], logged_in=False)
    centre.logs_in("anna", "roma-3")
    centre.changes(agent("anna", endpoint="new"))
    assert centre.person("anna").endpoint == "roma-3"
    centre.logs_out("anna")
    centre.tell(AgentLoggedIn(phone="new"))
    assert centre.person("anna").endpoint == "new"


def test_two_people_swap_phones() -> None:
    """Each login stays at a phone of its own; at the next login each is at the new one."""
    centre = Centre(QUEUES, agents=["anna", "bruno"])
    centre.changes(agent("anna", endpoint="phone-bruno"), agent("bruno", endpoint="phone-anna"))
    phones = {centre.person(name).endpoint for name in ("anna", "bruno")}
    assert phones == {"phone-anna", "phone-bruno"}
    for name in ("anna", "bruno"):
        centre.logs_out(name)
    for name in ("anna", "bruno"):
        centre.logs_in(name)
    assert (centre.person("anna").endpoint, centre.person("bruno").endpoint) == ("phone-bruno", "phone-anna")


def test_a_new_phone_that_is_taken_is_not_taken_away() -> None:
    """Somebody is logged in there: the login stays on the old one."""
    centre = Centre(QUEUES, agents=["anna", "bruno"], logged_in=False)
    centre.logs_in("bruno", "roma-3")
    centre.logs_in("anna")
    centre.changes(agent("anna", endpoint="roma-3"))
    assert centre.person("anna").endpoint == "phone-anna"
    assert centre.person("bruno").endpoint == "roma-3"


def test_a_new_phone_that_is_gone_makes_unreachable() -> None:
    """What was told of it before counts at once."""
    centre = Centre(QUEUES, agents=["anna"])
    centre.phone("new", DeviceState.UNAVAILABLE)
    centre.changes(agent("anna", endpoint="phone-new"))
    assert centre.agent_state("anna") is AgentState.UNREACHABLE
