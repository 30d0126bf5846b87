"""The board's picture: right sums, states that agree with the alerts, and no person in it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from acd.core.ids import CalendarId, OfficeId, QueueId, SiteId
from acd.core.notes import AgentState
from acd.core.policy import Calendar
from acd.core.views import OfficeView
from acd.fallback.wishes import Wish
from acd.figures.formulas import Formula
from acd.rules.privacy import Privacy
from acd.store.records import OverrideMode
from acd.transition.moves import Move
from acd.web.board import board_of, map_of, state_of
from tests.metrics.samples import GENERAL, queue_view
from tests.web.small_centre import NOW_MS, SmallCentre

EVERYWHERE: frozenset[SiteId] = frozenset()
WELL = {
    "is_open": True,
    "waiting": 3,
    "nobody": False,
    "wait_ms": 10_000,
    "threshold_ms": 20_000,
    "level": 0.9,
    "counted": 100,
    "target": 0.8,
}


@pytest.fixture
def small():
    """The small centre."""
    return SmallCentre()


@pytest.mark.parametrize(
    ("change", "state", "why"),
    [
        ({}, "ok", ""),
        ({"wait_ms": 20_000}, "ok", ""),
        ({"wait_ms": 20_001}, "watch", "wait"),
        ({"wait_ms": 60_000}, "watch", "wait"),
        ({"wait_ms": 60_001}, "alarm", "wait"),
        ({"wait_ms": 60_001, "waiting": 0}, "ok", ""),
        ({"level": 0.7999}, "watch", "level"),
        ({"level": 0.7999, "counted": 9}, "ok", ""),
        ({"level": 0.69, "counted": 31}, "alarm", "level"),
        ({"level": 0.69, "counted": 30}, "watch", "level"),
        ({"level": None, "counted": 0}, "ok", ""),
        ({"nobody": True}, "alarm", "nobody"),
        ({"nobody": True, "waiting": 0}, "ok", ""),
        ({"nobody": True, "wait_ms": 99_000}, "alarm", "nobody"),
        ({"is_open": False, "waiting": 0, "level": 0.1}, "closed", ""),
        ({"is_open": False, "wait_ms": 99_000}, "alarm", "wait"),
        ({"is_open": False, "nobody": True}, "ok", ""),
    ],
)
def test_the_state_of_a_queue(change, state, why):
    """The worst reason first; a closed queue is ill only while somebody waits in it too long."""
    assert state_of(**{**WELL, **change}) == (state, why)


def test_totals_are_those_of_all_queues(small):
    """Waits, counts and the service level by the formula whose name stands with it."""
    board = board_of(small, EVERYWHERE, NOW_MS)
    assert (board.formula, board.at_ms) == (Formula.EARLY_ABANDONS_EXCLUDED, NOW_MS)
    assert board.totals.waiting == sum(row.waiting for row in board.queues)
    today = board.totals.today
    assert (today.offered, today.answered, today.to_offices, today.abandoned) == (100, 88, 8, 6)
    assert (today.level, today.counted) == (round(80 / 94, 4), 94)
    assert board.totals.target == 0.8
    assert [half.offered for half in board.half_hours] == [100]


def test_the_target_of_all_is_weighted_by_the_calls_that_count(small, monkeypatch):
    """A small queue with a low target does not lower the country's."""
    rules = small.rules()
    queues = {**rules.queues, QueueId("coda1"): replace(rules.queues[QueueId("coda1")], target_ratio=0.1)}
    monkeypatch.setattr(small, "rules", lambda: replace(rules, queues=queues))
    assert board_of(small, EVERYWHERE, NOW_MS).totals.target == 0.8
    monkeypatch.setattr(small, "today", dict)
    assert board_of(small, EVERYWHERE, NOW_MS).totals.target == 0.45


def test_another_formula_gives_another_number_under_its_own_name(small, monkeypatch):
    """The setting decides."""
    monkeypatch.setattr(small, "service_level", lambda: Formula.ANSWERED_ONLY)
    board = board_of(small, EVERYWHERE, NOW_MS)
    assert (board.formula, board.totals.today.counted) == (Formula.ANSWERED_ONLY, 88)


@pytest.mark.parametrize(
    ("able", "there", "told"), [(9, 0, False), (30, 9, False), (30, 0, True), (30, 10, True)]
)
def test_free_people_of_a_small_group_are_not_told(small, monkeypatch, able, there, told):
    """As in the API's queues."""
    view = replace(queue_view(waiting=2), agents_able=able, agents_there=there)
    monkeypatch.setattr(small, "queues", lambda: (view,))
    row = board_of(small, EVERYWHERE, NOW_MS).queues[0]
    assert ((row.ready, row.there) == (None, None)) is not told
    assert (row.why == "nobody") is (told and there == 0)


def test_small_sites_are_merged_or_not_told(small):
    """The rest never gives one of them away."""
    small.people = {
        "roma": {AgentState.READY: 30, AgentState.TALKING: 4, AgentState.RINGING: 1},
        "bari": {AgentState.READY: 8},
        "lecce": {AgentState.PAUSED: 7},
    }
    board = board_of(small, EVERYWHERE, NOW_MS)
    assert [(group.site, group.ready, group.busy) for group in board.groups] == [
        ("roma", 30, 5),
        ("other", 8, 0),
    ]
    assert board.merged == 2
    small.people["lecce"] = {AgentState.PAUSED: 1}
    assert {group.site for group in board_of(small, EVERYWHERE, NOW_MS).groups} == {"other"}
    assert board_of(small, frozenset({SiteId("roma")}), NOW_MS).groups == ()


def test_k_is_that_of_the_privacy_profile(small):
    """A stricter one shows less."""
    small.privacy_now = Privacy(k_min=31)
    assert board_of(small, EVERYWHERE, NOW_MS).groups == ()


def test_a_closed_queue_says_so(small, monkeypatch):
    """By its calendar."""
    rules = small.rules()
    never = Calendar(id=CalendarId("mai"), spans=(), known_until_ms=NOW_MS + 1)
    queues = {name: replace(queue, calendar="mai") for name, queue in rules.queues.items()}
    closed = replace(rules, queues=queues, calendars={"mai": never})
    monkeypatch.setattr(small, "rules", lambda: closed)
    monkeypatch.setattr(small, "queues", lambda: (queue_view(),))
    row = board_of(small, EVERYWHERE, NOW_MS).queues[0]
    assert (row.open, row.state) == (False, "closed")


async def test_a_fallback_tells_why_and_until_when_and_nobodys_name(small):
    """The board is for everybody in the room."""
    wish = Wish(
        scope="national",
        mode=OverrideMode.FORCED_ON,
        reason="sciopero dei trasporti",
        ticket="",
        from_ms=None,
        until_ms=NOW_MS + 3_600_000,
    )
    await small.fallback().put(wish, "token:m.rossi")
    board = board_of(small, EVERYWHERE, NOW_MS)
    found = board.fallback
    assert (found.on, found.source.value, found.until_ms) == (True, "override", NOW_MS + 3_600_000)
    assert found.reason == "sciopero dei trasporti"
    assert "rossi" not in board.model_dump_json()


async def test_a_transition_tells_its_place(small):
    """Step by step, from one."""
    assert board_of(small, EVERYWHERE, NOW_MS).transition is None
    await small.transition().move(Move.START, author="token:x", reason="prova della transizione", force=True)
    found = board_of(small, EVERYWHERE, NOW_MS).transition
    assert found is not None
    assert (found.name, found.step, found.steps, found.share_min) == ("Uffici", 1, 1, 0)


def test_no_agent_is_in_a_picture(small):
    """Neither a name of the roster nor a state of one person."""
    told = (
        board_of(small, EVERYWHERE, NOW_MS).model_dump_json()
        + map_of(small, EVERYWHERE, NOW_MS).model_dump_json()
    )
    assert not any(name in told for name in ("a0001", "a0002", "a0003", "4711"))


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "open"),
        ({"open": False}, "closed"),
        ({"breaker": "open"}, "resting"),
        ({"breaker": "half_open"}, "resting"),
        ({"breaker": "open", "open": False}, "closed"),
        ({"carrier_out": True, "breaker": "open"}, "out"),
        ({"forced": True, "breaker": "open"}, "forced_on"),
        ({"forced": True, "carrier_out": True}, "out"),
        ({"forced": False, "open": False, "carrier_out": True}, "forced_off"),
    ],
)
def test_an_office_has_one_state(small, monkeypatch, change, state):
    """What is forced goes before what the office does; a failing trunk before a forced on."""
    view = OfficeView(id=OfficeId("aosta"), name="Aosta", province="AO", capacity=4, in_use=2, **change)
    monkeypatch.setattr(small, "offices", lambda: (view,))
    row = map_of(small, EVERYWHERE, NOW_MS).offices[0]
    assert (row.state, row.in_use, row.capacity) == (state, 2, 4)


async def test_what_somebody_forced_tells_its_end(small, monkeypatch):
    """So that nobody forgets it."""
    view = OfficeView(id=OfficeId("aosta"), name="Aosta", province="AO", capacity=4, in_use=0, forced=False)
    monkeypatch.setattr(small, "offices", lambda: (view,))
    wish = Wish(
        scope="office:aosta",
        mode=OverrideMode.FORCED_OFF,
        reason="guasto alla centrale",
        ticket="",
        from_ms=None,
        until_ms=NOW_MS + 60_000,
    )
    await small.fallback().put(wish, "token:x")
    assert map_of(small, EVERYWHERE, NOW_MS).offices[0].until_ms == NOW_MS + 60_000


async def test_it_is_asked_once_or_as_a_stream_by_viewers_and_above(client_of):
    """The same picture."""
    for path in ("/api/v1/board", "/api/v1/map"):
        assert (await client_of("viewer").get(path)).status == 200
        assert (await client_of("agent").get(path)).status == 403
    assert (await (await client_of("viewer").get("/api/v1/board")).json())["queues"][0]["id"] == GENERAL
