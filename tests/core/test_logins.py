"""Logins at phones: shared ones, moved ones, refused ones, and those the store remembers."""

from __future__ import annotations

import pytest

from acd.core import pictures
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    Asker,
    DeviceChanged,
    DeviceSeen,
    DeviceState,
    MemberSeen,
    NodeResynced,
    OfferEnd,
    Session,
    SessionsRestored,
    Stage,
)
from acd.core.ids import AgentId, PauseReasonId
from acd.core.notes import AgentState
from acd.core.orders import AnswerAsker, OfferCall, SetNetMember
from tests.core.builders import NODE, Centre, agent, seen


def net(centre: Centre) -> dict[str, bool]:
    """The safety net as the orders made it: phone to paused."""
    members: dict[str, bool] = {}
    for order in centre.ordered(SetNetMember):
        if order.logged_in:
            members[order.endpoint] = order.paused
        else:
            members.pop(order.endpoint, None)
    return members


def phone_says(centre: Centre, endpoint: str, state: DeviceState) -> None:
    """News of any phone."""
    centre.tell(DeviceChanged(endpoint=endpoint, state=state))


def restores(centre: Centre, *sessions: Session) -> None:
    """The store tells who was logged in."""
    centre.tell(SessionsRestored(sessions=sessions))
    centre.settle()


# ── at which phone ───────────────────────────────────────────────────────────────────────────


def test_a_login_on_a_shared_phone_rings_there() -> None:
    """Orders and the safety net name the phone of the login, not the agent's own."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.logs_in("anna", "roma-3")
    centre.enters("c1")
    (order,) = centre.ordered(OfferCall)
    assert order.target == "roma-3"
    assert net(centre) == {"roma-3": False}
    view = pictures.agent(centre.world, AgentId("anna"))
    assert view is not None
    assert view.phone == "roma-3"


def test_the_roster_says_whose_phone_answers_by_itself() -> None:
    """``auto_answer`` goes with the person, whatever the phone."""
    centre = Centre(agents=[agent("anna", auto=True)], logged_in=False)
    centre.logs_in("anna", "roma-3")
    centre.enters("c1")
    assert centre.ordered(OfferCall)[-1].auto_answer


@pytest.mark.parametrize("phone", ["bari-1", "phone-bruno", "roma-10", "nonsense"])
def test_other_peoples_phones_and_other_sites_are_refused(phone: str) -> None:
    """Only the own phone and the shared ones of the own site; the refusal says what to do."""
    centre = Centre(agents=["anna", "bruno"], logged_in=False)
    told = centre.logs_in("anna", phone)
    assert told.refused is not None
    assert phone in told.refused
    assert "use one of these" in told.refused
    assert centre.agent_state("anna") is AgentState.LOGGED_OUT
    assert not told.orders


def test_a_taken_phone_is_refused_without_a_name() -> None:
    """One phone carries one login; who sits there is nobody's business."""
    centre = Centre(agents=["anna", "bruno"], logged_in=False)
    centre.logs_in("anna", "roma-3")
    told = centre.logs_in("bruno", "roma-3")
    assert told.refused is not None
    assert "anna" not in told.refused
    centre.logs_out("anna")
    assert centre.logs_in("bruno", "roma-3").refused is None
    assert centre.world.by_endpoint["roma-3"] is centre.person("bruno")


def test_a_refused_feature_code_is_answered_with_no() -> None:
    """The phone that asked hears it."""
    centre = Centre(agents=["anna"], logged_in=False)
    asker = Asker(node=NODE, channel="x-1.1")
    told = centre.tell(AgentLoggedIn(agent=AgentId("anna"), phone="bari-1", asker=asker))
    assert [order.done for order in told.orders if isinstance(order, AnswerAsker)] == [False]


def test_a_login_without_a_phone_stays_where_it_is() -> None:
    """Twice is once: the API's login does not pull anybody off a shared phone."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.logs_in("anna", "roma-3")
    told = centre.logs_in("anna")
    assert (told.refused, told.orders) == (None, [])
    assert centre.person("anna").endpoint == "roma-3"


def test_a_login_on_another_phone_moves_there() -> None:
    """Somebody changes the desk: the old phone leaves the net, the new one rings, pause and place stay."""
    centre = Centre(agents=["anna"])
    centre.pauses("anna")
    centre.logs_in("anna", "roma-3")
    assert centre.agent_state("anna") is AgentState.PAUSED
    assert net(centre) == {"roma-3": True}
    centre.readies("anna")
    centre.enters("c1")
    assert centre.ordered(OfferCall)[-1].target == "roma-3"


def test_nobody_moves_in_the_middle_of_a_call() -> None:
    """The talk is on the other phone; the move is refused with what to do."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    told = centre.logs_in("anna", "roma-3")
    assert told.refused is not None
    assert "end it" in told.refused
    assert centre.person("anna").endpoint == "phone-anna"


def test_moving_to_a_phone_that_works_ends_unreachable() -> None:
    """The own phone is broken: on the one beside it the waiting caller rings at once."""
    centre = Centre(agents=["anna"])
    centre.phone("anna", DeviceState.UNAVAILABLE)
    centre.enters("c1")
    centre.logs_in("anna", "roma-3")
    assert centre.offered("c1") == "anna"


# ── what is asked from a phone ───────────────────────────────────────────────────────────────


def test_a_phone_speaks_for_whoever_is_logged_in_there() -> None:
    """Even on somebody else's own phone, when it is a shared one too."""
    people = [agent("anna", endpoint="roma-1"), agent("bruno")]
    centre = Centre(agents=people, logged_in=False)
    centre.logs_in("bruno", "roma-1")
    centre.tell(AgentPaused(phone="roma-1", reason=PauseReasonId("pranzo")))
    assert centre.agent_state("bruno") is AgentState.PAUSED
    assert centre.agent_state("anna") is AgentState.LOGGED_OUT


def test_a_free_phone_speaks_for_its_owner() -> None:
    """The feature code on the own phone needs no name; a free shared one needs the agent's code."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.tell(AgentLoggedIn(phone="phone-anna"))
    assert centre.agent_state("anna") is AgentState.READY
    told = centre.tell(AgentLoggedIn(phone="roma-5"))
    assert told.refused is not None
    assert "code" in told.refused


def test_the_own_phone_logs_out_whoever_sits_elsewhere() -> None:
    """The owner walks back to the own desk: the code there means the owner's login, wherever it is."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.logs_in("anna", "roma-3")
    centre.tell(AgentLoggedOut(phone="phone-anna"))
    assert centre.agent_state("anna") is AgentState.LOGGED_OUT
    assert net(centre) == {}
    assert not centre.world.by_endpoint


# ── phones known before the login ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("told", ["news", "resync"])
def test_a_login_on_a_phone_that_is_gone_is_unreachable_at_once(told: str) -> None:
    """The world remembers what it was told of a phone at which nobody sat."""
    centre = Centre(agents=["anna"], logged_in=False)
    if told == "news":
        phone_says(centre, "roma-3", DeviceState.UNAVAILABLE)
    else:
        row = DeviceSeen(endpoint="roma-3", state=DeviceState.UNAVAILABLE)
        centre.tell(NodeResynced(node=NODE, calls=(), devices=(row,)))
        centre.settle()
    centre.logs_in("anna", "roma-3")
    assert centre.agent_state("anna") is AgentState.UNREACHABLE
    phone_says(centre, "roma-3", DeviceState.IDLE)
    assert centre.agent_state("anna") is AgentState.READY


def test_a_login_on_a_phone_in_use_waits_for_its_end() -> None:
    """The phone that dials the feature code is in use itself: the first ring comes when it is put down."""
    centre = Centre(agents=["anna"], logged_in=False)
    phone_says(centre, "roma-3", DeviceState.BUSY)
    centre.enters("c1")
    centre.logs_in("anna", "roma-3")
    assert centre.offered("c1") is None
    phone_says(centre, "roma-3", DeviceState.IDLE)
    assert centre.offered("c1") == "anna"


def test_a_phone_left_behind_says_nothing_of_its_last_agent() -> None:
    """News of a phone is news of whoever is there now."""
    centre = Centre(agents=["anna", "bruno"], logged_in=False)
    centre.logs_in("anna", "roma-3")
    centre.logs_in("anna", "roma-4")
    centre.logs_in("bruno", "roma-3")
    phone_says(centre, "roma-3", DeviceState.UNAVAILABLE)
    assert centre.agent_state("anna") is AgentState.READY
    assert centre.agent_state("bruno") is AgentState.UNREACHABLE


# ── the store remembers ──────────────────────────────────────────────────────────────────────


def test_a_restart_brings_back_who_was_logged_in_where() -> None:
    """Phone, pause and reason are as they were, and the net is told."""
    centre = Centre(agents=["anna", "bruno", "carla"], logged_in=False)
    restores(
        centre,
        Session(agent=AgentId("anna"), phone="roma-3"),
        Session(agent=AgentId("bruno"), phone="phone-bruno", paused=True, reason="corso"),
    )
    assert [centre.agent_state(name) for name in ("anna", "bruno", "carla")] == [
        AgentState.READY,
        AgentState.PAUSED,
        AgentState.LOGGED_OUT,
    ]
    assert centre.person("bruno").reason == "corso"
    assert net(centre) == {"roma-3": False, "phone-bruno": True}


def test_after_it_the_net_is_not_believed() -> None:
    """A member nobody is logged in as is taken out; it is nobody's login, so no agent is named."""
    centre = Centre(agents=["anna", "bruno"], logged_in=False)
    restores(centre, Session(agent=AgentId("anna"), phone="roma-3"))
    members = tuple(MemberSeen(endpoint=each, paused=False) for each in ("roma-3", "phone-bruno", "roma-9"))
    centre.tell(NodeResynced(node=NODE, calls=(), members=members))
    centre.settle()
    assert centre.agent_state("bruno") is AgentState.LOGGED_OUT
    gone = [order for order in centre.ordered(SetNetMember) if not order.logged_in]
    assert [(order.agent, order.endpoint) for order in gone] == [("", "phone-bruno"), ("", "roma-9")]


def test_a_login_that_may_not_be_any_more_falls_back_to_the_own_phone() -> None:
    """The site's phones changed while we were down: better the own phone than nobody."""
    centre = Centre(agents=["anna"], logged_in=False)
    restores(centre, Session(agent=AgentId("anna"), phone="bari-1"))
    assert centre.person("anna").endpoint == "phone-anna"


def test_a_login_of_nobody_is_forgotten_by_the_store_too() -> None:
    """The order that takes it out of the net is the one the store hears."""
    centre = Centre(agents=["anna"], logged_in=False)
    restores(centre, Session(agent=AgentId("zeno"), phone="roma-3"))
    (order,) = centre.ordered(SetNetMember)
    assert (order.agent, order.endpoint, order.logged_in) == ("zeno", "roma-3", False)


def test_two_logins_of_one_phone_in_the_store() -> None:
    """The first sits there; forgetting the second does not take the first one's phone out of the net.

    Found by the machine: the phone was rung, and missing in the safety net.
    """
    people = [agent("anna"), agent("bruno", endpoint="roma-2")]
    centre = Centre(agents=people, logged_in=False)
    restores(
        centre,
        Session(agent=AgentId("anna"), phone="roma-2"),
        Session(agent=AgentId("bruno"), phone="roma-2"),
    )
    assert centre.agent_state("bruno") is AgentState.LOGGED_OUT
    assert net(centre) == {"roma-2": False}
    last = centre.ordered(SetNetMember)[-1]
    assert (last.agent, last.endpoint, last.logged_in) == ("bruno", "", False)


def test_what_was_asked_since_is_newer_than_the_store() -> None:
    """A logout that comes before its slice of the bulk is done after the login, not undone by it."""
    centre = Centre(agents=[f"a{number}" for number in range(600)], logged_in=False)
    sessions = tuple(Session(agent=AgentId(f"a{number}"), phone=f"phone-a{number}") for number in range(600))
    centre.tell(SessionsRestored(sessions=sessions))
    centre.logs_out("a599")
    centre.settle()
    assert centre.agent_state("a599") is AgentState.LOGGED_OUT
    assert centre.agent_state("a598") is AgentState.READY


def test_a_talk_on_a_shared_phone_is_found_again_after_a_restart() -> None:
    """The store knows who sits there, the channel that they talk: together they give the whole picture."""
    centre = Centre(agents=["anna", "bruno"], logged_in=False)
    restores(centre, Session(agent=AgentId("anna"), phone="roma-3"))
    row = seen("c1", Stage.TALKING, attempt="0000000006-00000001", target="roma-3")
    centre.tell(NodeResynced(node=NODE, calls=(row,)))
    centre.settle()
    assert centre.agent_state("anna") is AgentState.TALKING
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP
    assert centre.person("anna").endpoint == "roma-3"


def test_an_owner_who_sits_elsewhere_is_not_in_the_talk_of_the_own_phone() -> None:
    """Somebody else must be talking there: the owner stays ready where they are."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.logs_in("anna", "roma-3")
    row = seen("c1", Stage.TALKING, attempt="0000000006-00000001", target="phone-anna")
    centre.tell(NodeResynced(node=NODE, calls=(row,)))
    centre.settle()
    assert centre.agent_state("anna") is AgentState.READY
    centre.ends_offer("c1", OfferEnd.TALKED)
    assert centre.agent_state("anna") is AgentState.READY


def test_ready_from_a_shared_phone_ends_its_wrap_up() -> None:
    """Every feature code goes by the login."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.logs_in("anna", "roma-3")
    centre.enters("c1")
    centre.talks("c1")
    centre.agent_hangs_up("c1")
    centre.tell(AgentReadied(phone="roma-3"))
    assert centre.agent_state("anna") is AgentState.READY
