"""A link lost and back, Asterisk restarted, our own process restarted: the channels' word wins."""

from __future__ import annotations

from time import perf_counter

import pytest

from acd.core.calls import CallState
from acd.core.engine import SLICE_STEPS
from acd.core.facts import (
    AgentLoggedOut,
    CallEntered,
    CallSeen,
    DeadlineReached,
    DeviceChanged,
    DeviceSeen,
    DeviceState,
    MemberSeen,
    NodeLost,
    NodeResynced,
    OfferEnd,
    Stage,
)
from acd.core.ids import AgentId, CallId
from acd.core.notes import AgentState, Anomaly, CallOffered, Corrected, Decision, Late, Outcome, Path
from acd.core.orders import OfferCall, SetNetMember
from tests.core.builders import FAR, NODE, START_MS, Centre, agent, office, queue, seen, to_offices


def resync(centre: Centre, *calls: CallSeen, **more) -> None:
    """The node tells the truth; every slice of the work is done."""
    centre.tell(NodeResynced(node=more.pop("node", NODE), calls=calls, **more))
    centre.settle()


def corrected(centre: Centre) -> list[str]:
    return [note.kind for note in centre.noted(Corrected)]


# ── the link ─────────────────────────────────────────────────────────────────────────────────


def test_a_lost_node_parks_its_waiting_calls() -> None:
    """Nothing is offered to callers we cannot reach; those of the other node are served."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    centre.enters("c2", node=FAR)
    centre.tell(NodeLost(node=NODE))
    centre.logs_in("anna")
    assert centre.rung() == [("c2", "anna")]


def test_a_parked_call_keeps_place_and_age() -> None:
    """Back again it stands where its age puts it, ahead of whoever came meanwhile."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.enters("c1")
    entered_ms = centre.call("c1").entered_ms
    centre.tell(NodeLost(node=NODE))
    centre.enters("c2", node=FAR)
    resync(centre, seen("c1", entered_ms=entered_ms))
    centre.logs_in("anna")
    assert centre.rung() == [("c1", "anna")]
    assert centre.call("c1").entered_ms == entered_ms


def test_a_call_that_enters_a_lost_node_waits_for_it() -> None:
    """News from a node that is down is believed, but nothing is ordered there."""
    centre = Centre(agents=["anna"])
    centre.tell(NodeLost(node=NODE))
    centre.enters("c1")
    assert not centre.rung()
    resync(centre, seen("c1"))
    assert centre.rung() == [("c1", "anna")]


def test_who_hung_up_meanwhile_is_found_out() -> None:
    """A call we know that is not there has ended, and its agent is free."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.tell(NodeLost(node=NODE))
    resync(centre)
    assert centre.state("c1") is None
    assert centre.agent_state("anna") is AgentState.READY
    assert corrected(centre) == ["ghost_call"]


def test_restarted_means_every_call_is_lost() -> None:
    """Asterisk started anew: who waited is lost, who talked was answered, and no agent stays held."""
    centre = Centre(agents=["anna"])
    centre.enters("talks")
    centre.enters("waits")
    centre.talks("talks")
    resync(centre, restarted=True)
    assert centre.finished("waits").outcome is Outcome.LOST
    assert centre.finished("talks").outcome is Outcome.ANSWERED
    assert centre.agent_state("anna") is AgentState.WRAP_UP


# ── every stage ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("stage", "state", "who"),
    [
        (Stage.ENTERING, CallState.WAITING, AgentState.PAUSED),
        (Stage.HOLDING, CallState.WAITING, AgentState.PAUSED),
        (Stage.HEARING, CallState.HEARING, AgentState.PAUSED),
        (Stage.FAREWELL, CallState.FAREWELL, AgentState.PAUSED),
        (Stage.DIALLING, CallState.OFFERED, AgentState.RINGING),
        (Stage.TALKING, CallState.TALKING, AgentState.TALKING),
        (Stage.IN_NET, CallState.IN_NET, AgentState.PAUSED),
        (Stage.TRANSFERRED, CallState.TRANSFERRED, AgentState.PAUSED),
        (Stage.LEAVING, CallState.LEAVING, AgentState.PAUSED),
    ],
)
def test_a_call_we_do_not_know_is_adopted_as_it_is(stage: Stage, state: CallState, who: AgentState) -> None:
    """With its age, its place and, where it rings or talks, its agent (here one on pause, who stays so)."""
    centre = Centre(agents=["anna"])
    centre.pauses("anna")
    row = seen("c1", stage, attempt="0000000001-00000005", target="phone-anna", entered_ms=START_MS - 9_000)
    resync(centre, row)
    assert centre.state("c1") is state
    assert centre.call("c1").entered_ms == START_MS - 9_000
    assert centre.agent_state("anna") is who
    assert [note.adopted for note in centre.noted(CallOffered)] == [True]


@pytest.mark.parametrize(
    ("stage", "state", "who"),
    [
        (Stage.HOLDING, CallState.WAITING, AgentState.WRAP_UP),
        (Stage.TALKING, CallState.TALKING, AgentState.TALKING),
        (Stage.IN_NET, CallState.IN_NET, AgentState.WRAP_UP),
        (Stage.TRANSFERRED, CallState.TRANSFERRED, AgentState.WRAP_UP),
        (Stage.LEAVING, CallState.LEAVING, AgentState.WRAP_UP),
    ],
)
def test_a_talk_we_know_is_where_the_channel_is(stage: Stage, state: CallState, who: AgentState) -> None:
    """Whatever became of it while the link was down, the agent is where the leg is."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    attempt = centre.attempt("c1")
    centre.tell(NodeLost(node=NODE))
    resync(centre, seen("c1", stage, attempt=attempt, target="phone-anna"))
    assert (centre.state("c1"), centre.agent_state("anna")) == (state, who)


def test_an_order_not_yet_taken_up_survives_the_resync() -> None:
    """It may still be picked up or run out by itself."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    resync(centre, seen("c1"))
    assert centre.offered("c1") == "anna"
    centre.talks("c1")
    assert centre.state("c1") is CallState.TALKING


def test_a_ring_that_became_a_talk_meanwhile() -> None:
    """The same attempt, further on."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    resync(centre, seen("c1", Stage.TALKING, attempt=centre.attempt("c1"), target="phone-anna"))
    assert (centre.state("c1"), centre.agent_state("anna")) == (CallState.TALKING, AgentState.TALKING)


def test_a_next_visit_found_by_a_resync() -> None:
    """Transferred into another queue while the link was down: it waits there, with its new age.

    Found by reading: it went back to the old queue and the agent got a miss for it.
    """
    queues = (queue("generale"), queue("pensioni"))
    centre = Centre(queues, agents=[agent("anna", generale=1), agent("bruno", pensioni=1)])
    centre.enters("c1")
    centre.talks("c1")
    centre.tell(NodeLost(node=NODE))
    centre.later(5_000)
    resync(centre, seen("c1", queue="pensioni", visit=2, entered_ms=centre.now_ms - 1_000))
    assert centre.offered("c1") == "bruno"
    assert (centre.agent_state("anna"), centre.person("anna").misses) == (AgentState.WRAP_UP, 0)


@pytest.mark.parametrize("stage", [Stage.DIALLING, Stage.TALKING])
def test_a_talk_with_nobody_of_ours(stage: Stage) -> None:
    """A caller who talks by no order of ours is counted, looked at soon, and holds nobody.

    Found by reading: the call stood as offered without an offer, for ever.
    """
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    resync(centre, seen("c1", stage))
    assert centre.state("c1") is CallState.TRANSFERRED
    assert centre.agent_state("anna") is AgentState.READY


def test_the_nets_goodbye_stays_the_nets_call() -> None:
    """A call the net had is not counted as answered because a look found it leaving."""
    centre = Centre()
    centre.enters("c1")
    centre.net_takes("c1")
    centre.looked_at("c1", seen("c1", Stage.LEAVING))
    centre.hangs_up("c1")
    assert centre.finished("c1").outcome is Outcome.SAFETY_NET


def test_a_net_call_we_thought_was_leaving() -> None:
    """A look that finds the net settles it, at once and for good.

    Found by reading: the table foresaw no such cell, so each answer asked for the next look.
    """
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.ends_offer("c1", OfferEnd.TALKED)
    assert not centre.looked_at("c1", seen("c1", Stage.IN_NET)).orders
    assert centre.state("c1") is CallState.IN_NET
    assert not centre.noted(Anomaly)


# ── targets ──────────────────────────────────────────────────────────────────────────────────


def test_a_ring_adopted_during_wrap_up() -> None:
    """An agent in wrap-up whose phone rings with a call of ours is ringing.

    Found by the machine: the agent kept the wrap-up's state without its deadline.
    """
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.agent_hangs_up("c1")
    resync(centre, seen("c2", Stage.DIALLING, attempt="0000000001-00000009", target="phone-anna"))
    assert (centre.offered("c2"), centre.agent_state("anna")) == ("anna", AgentState.RINGING)


def test_an_agent_found_ringing_elsewhere_is_there() -> None:
    """Two offers name one phone: the channel's is true, ours is taken back, and nobody is held twice.

    Found by the machine: two offers held one agent.
    """
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    resync(centre, seen("c1"), seen("c2", Stage.DIALLING, attempt="0000000001-00000009", target="phone-anna"))
    held = centre.person("anna").offer
    assert held is not None
    assert held.call == "c2"
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.agent_state("anna") is AgentState.RINGING


def test_an_agent_found_ringing_while_talking() -> None:
    """A phone that rings with a second call holds its agent once: the talk goes on, and its end frees."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    resync(
        centre,
        seen("c1", Stage.TALKING, attempt=centre.attempt("c1"), target="phone-anna"),
        seen("c2", Stage.DIALLING, attempt="0000000001-00000009", target="phone-anna"),
    )
    assert centre.agent_state("anna") is AgentState.TALKING
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_a_login_during_an_adopted_talk_is_told_to_the_net() -> None:
    """The agent was not known as logged in and says so during the talk: the membership must follow.

    Found by reading: after the talk the agent was ready here and absent from the net.
    """
    centre = Centre(agents=["anna"], logged_in=False)
    resync(centre, seen("c1", Stage.TALKING, attempt="0000000001-00000001", target="phone-anna"))
    centre.logs_in("anna")
    assert [order.logged_in for order in centre.ordered(SetNetMember)] == [True]
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_more_lines_in_use_than_an_office_has() -> None:
    """What Asterisk carries is believed; nothing more is offered there until a line is really free.

    Found by the machine: a freed line was offered though the office was still full.
    """
    rule = queue(ladder=to_offices("roma", after_ms=0))
    centre = Centre((rule,), offices=[office("roma", capacity=1)])
    number = office("roma").number
    rows = [seen(f"c{n}", Stage.TALKING, attempt=f"0000000001-0000000{n}", target=number) for n in (1, 2)]
    resync(centre, *rows)
    centre.enters("c3")
    centre.hangs_up("c2")
    assert centre.offered("c3") is None
    centre.hangs_up("c1")
    assert centre.offered("c3") == "roma"
    assert centre.finished("c1").path is Path.FALLBACK


# ── our own restart ──────────────────────────────────────────────────────────────────────────


def test_logins_and_pauses_come_back_from_the_net() -> None:
    """Who was a member of the safety net is logged in, with the pause and its reason."""
    centre = Centre(agents=["anna", "bruno", "carla"], logged_in=False)
    members = (
        MemberSeen(endpoint="phone-anna", paused=False),
        MemberSeen(endpoint="phone-bruno", paused=True, reason="corso"),
        MemberSeen(endpoint="phone-nobody", paused=False),
    )
    resync(centre, members=members)
    states = [centre.agent_state(name) for name in ("anna", "bruno", "carla")]
    assert states == [AgentState.READY, AgentState.PAUSED, AgentState.LOGGED_OUT]
    assert centre.person("bruno").reason == "corso"


def test_members_are_adopted_once() -> None:
    """From then on our own picture is the truth: a reconnect logs nobody in."""
    centre = Centre(agents=["anna"], logged_in=False)
    resync(centre)
    resync(centre, members=(MemberSeen(endpoint="phone-anna", paused=False),))
    assert centre.agent_state("anna") is AgentState.LOGGED_OUT


@pytest.mark.parametrize(
    ("paused", "after"), [(False, AgentState.WRAP_UP), (True, AgentState.PAUSED)], ids=["ready", "paused"]
)
def test_a_talk_is_adopted_with_its_agent(paused: bool, after: AgentState) -> None:
    """The talk goes on untouched; after it the agent is what the membership said."""
    centre = Centre(agents=["anna"], logged_in=False)
    row = seen("c1", Stage.TALKING, attempt="0000000001-00000001", target="phone-anna")
    member = MemberSeen(endpoint="phone-anna", paused=paused, reason="corso")
    resync(centre, row, members=(member,))
    assert centre.agent_state("anna") is AgentState.TALKING
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is after


def test_phones_are_seen_too() -> None:
    """A busy phone is vetoed, one that is gone is unreachable, before anything is offered."""
    centre = Centre(agents=["anna", "bruno", "carla"])
    devices = (
        DeviceSeen(endpoint="phone-anna", state=DeviceState.BUSY),
        DeviceSeen(endpoint="phone-bruno", state=DeviceState.UNAVAILABLE),
    )
    resync(centre, seen("c1"), devices=devices)
    assert centre.offered("c1") == "carla"
    assert centre.agent_state("bruno") is AgentState.UNREACHABLE


# ── the work in slices ───────────────────────────────────────────────────────────────────────


def rows(count: int) -> tuple[CallSeen, ...]:
    """Callers in no order of age."""
    return tuple(
        seen(f"old-1.{number}", entered_ms=START_MS - (number * 7_919) % 100_000) for number in range(count)
    )


def test_nothing_is_offered_before_the_picture_is_whole_and_then_in_order_of_age() -> None:
    """An early slice would overtake a later one: offers wait for the last, and go by age.

    Found by reading: a call that entered between the last slices met agents who had not had the
    choice of the older ones yet.
    """
    people = [f"a{number:04d}" for number in range(600)]
    centre = Centre(agents=people)
    centre.tell(NodeResynced(node=NODE, calls=rows(1_000)))
    entered = 0
    while centre.world.recovering or centre.world.work:
        assert bool(centre.rung()) <= (not centre.world.recovering)
        entered += 1
        new = CallId(f"new-1.{entered}")
        centre.tell(CallEntered(call=new, node=FAR, queue="generale", entered_ms=centre.now_ms))
    ages = [note.wait_ms for note in centre.noted(Decision)]
    assert len(ages) == 600
    assert all(call.startswith("old") for call, _ in centre.rung())
    waits = [centre.call(order.call).entered_ms for order in centre.ordered(OfferCall)]
    assert waits == sorted(waits)


def test_lines_have_the_choice_of_all_calls_too() -> None:
    """Offices after a resync take the oldest, not the one whose row came first.

    Found by reading: lines were offered in the order of the rows.
    """
    rule = queue(ladder=to_offices("roma"))
    centre = Centre((rule,), offices=[office("roma", capacity=2)])
    calls = [
        seen(f"c{n}", entered_ms=START_MS - age) for n, age in enumerate((20_000, 90_000, 30_000, 80_000))
    ]
    resync(centre, *calls)
    assert [call for call, _ in centre.rung()] == ["c1", "c3"]


def test_a_line_waits_for_its_turn_after_a_resync() -> None:
    """A call whose time for offices comes between two slices does not overtake those who wait for it.

    Found by reading: the line was taken by whoever asked first.
    """
    queues = (queue("generale"), queue("pensioni", ladder=to_offices("roma")))
    people = [f"a{number:04d}" for number in range(SLICE_STEPS * 2)]
    centre = Centre(queues, people, offices=[office("roma")])
    now_ms = centre.now_ms
    young = seen("young", queue="pensioni", entered_ms=now_ms - 9_999)
    olds = [seen(f"old{n}", queue="pensioni", entered_ms=now_ms - 60_000 + n) for n in range(3)]
    centre.tell(NodeResynced(node=NODE, calls=(young, *olds)))
    assert centre.world.work, "agents still have their choice"
    centre.now_ms += 1
    centre.tell(DeadlineReached())
    centre.settle()
    assert centre.rung() == [("old0", office("roma").number)]


def test_after_a_resync_too_the_longest_idle_rings_first() -> None:
    """Agents have their choice in the order of their idleness, not of the roster."""
    centre = Centre(agents=["anna", "bruno"], logged_in=False)
    centre.logs_in("bruno")
    centre.later(1_000)
    centre.logs_in("anna")
    resync(centre, seen("c1"))
    assert centre.offered("c1") == "bruno"


def test_a_fact_settles_its_own_call_first() -> None:
    """News of a call whose row still waits in the work list is told of the call as the row has it."""
    centre = Centre()
    centre.tell(NodeResynced(node=NODE, calls=rows(SLICE_STEPS * 2)))
    last = f"old-1.{SLICE_STEPS * 2 - 1}"
    assert centre.state(last) is None
    centre.hangs_up(last)
    assert centre.finished(last).outcome is Outcome.ABANDONED
    centre.settle()
    assert centre.state(last) is None, "the row is not adopted a second time"


def test_newer_news_of_a_phone_is_not_undone_by_an_older_row() -> None:
    """A phone that is taken while the work goes on stays taken.

    Found by reading: the row of the resync was applied after the event.
    """
    centre = Centre(agents=["anna"])
    devices = (DeviceSeen(endpoint="phone-anna", state=DeviceState.IDLE),)
    centre.tell(NodeResynced(node=NODE, calls=rows(SLICE_STEPS * 2), devices=devices))
    centre.tell(DeviceChanged(endpoint="phone-anna", state=DeviceState.BUSY))
    centre.settle()
    assert not centre.rung()


def test_a_logout_is_not_undone_by_the_membership() -> None:
    """Who logs out while the work goes on is logged out.

    Found by reading: the membership, seen before, logged the agent in again.
    """
    centre = Centre(agents=["anna"], logged_in=False)
    members = (MemberSeen(endpoint="phone-anna", paused=False),)
    centre.tell(NodeResynced(node=NODE, calls=rows(SLICE_STEPS * 2), members=members))
    centre.tell(AgentLoggedOut(agent=AgentId("anna")))
    centre.settle()
    assert centre.agent_state("anna") is AgentState.LOGGED_OUT


def test_a_second_resync_replaces_the_first() -> None:
    """Rows of the first that the second has not are over, even if their turn had not come yet.

    Found by reading: they were adopted from the stale list.
    """
    centre = Centre()
    centre.tell(NodeResynced(node=NODE, calls=rows(SLICE_STEPS * 2)))
    resync(centre, *rows(10))
    assert len(centre.world.calls) == 10


def test_two_nodes_at_once_wait_for_each_other() -> None:
    """Nothing is offered until the last of them is whole."""
    centre = Centre(agents=["anna"])
    centre.tell(NodeResynced(node=NODE, calls=rows(SLICE_STEPS * 2)))
    oldest = CallSeen(call="far-1.1", queue="generale", entered_ms=START_MS - 200_000, stage=Stage.HOLDING)
    centre.tell(NodeResynced(node=FAR, calls=(oldest,)))
    centre.settle()
    assert centre.rung() == [("far-1.1", "anna")]


def test_a_big_resync_never_holds_the_loop(record_property) -> None:
    """5,000 calls and 3,100 members: many small slices, each of a bounded number of steps.

    The time is recorded for the curious and only bounded loosely: the goal is 10 ms on a quiet machine.
    """
    people = [agent(f"a{number:04d}") for number in range(3_100)]
    centre = Centre(agents=people, logged_in=False)
    members = tuple(MemberSeen(endpoint=each.endpoint, paused=False) for each in people)
    devices = tuple(DeviceSeen(endpoint=each.endpoint, state=DeviceState.IDLE) for each in people)
    fact = NodeResynced(node=NODE, calls=rows(5_000), devices=devices, members=members)
    slowest_s, slices, engine = 0.0, 0, centre.engine
    while True:
        steps = len(centre.world.work)
        began_s = perf_counter()
        engine.handle(fact if slices == 0 else DeadlineReached(), START_MS + 10_000)
        slowest_s = max(slowest_s, perf_counter() - began_s)
        slices += 1
        assert steps - len(centre.world.work) <= SLICE_STEPS
        if not centre.world.work:
            break
    record_property("slowest_slice_ms", round(slowest_s * 1e3, 1))
    assert slices >= (5_000 + 3_100 + 3_100 + 3_100) // SLICE_STEPS
    assert sum(1 for record in centre.world.agents.values() if record.offer) == 3_100


def test_a_repeated_resync_is_harmless() -> None:
    """The same truth told twice changes nothing."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.talks("c1")
    centre.enters("c2")
    rows_now = (
        seen("c1", Stage.TALKING, attempt=centre.attempt("c1"), target="phone-anna"),
        seen("c2", entered_ms=centre.call("c2").entered_ms),
    )
    resync(centre, *rows_now)
    before = (centre.state("c1"), centre.offered("c2"), len(centre.rung()))
    resync(centre, *rows_now)
    assert (centre.state("c1"), centre.offered("c2"), len(centre.rung())) == before
    assert not [note for note in centre.notes if isinstance(note, Anomaly | Late)]
