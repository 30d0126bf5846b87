"""The guards: each row for itself, and no swinging whatever comes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.rules.transition import moment_ms
from acd.transition.deciding import ROWS, Picture, decide
from acd.transition.moves import Move, leads_to
from acd.transition.sentences import SENTENCES
from acd.transition.standing import NOT_STARTED, Standing
from tests.transition.plans import BARI, FILE, HOUR_MS, NOW_MS, ROMA, picture, plan, queue

BEGINS = "2026-12-01 08:00"
BEGINS_MS = moment_ms(BEGINS)
TIMED = {"phases": ({"phase": "uffici", "name": "U", "automatic": True, "begins": BEGINS, "others": (0,)},)}
AT_TIME: dict[str, Any] = {"standing": NOT_STARTED, "now_ms": BEGINS_MS, "started_ms": 0}


def at(phase: str, step: int, *, age_ms: int = HOUR_MS) -> Standing:
    return Standing(phase=phase, step=step, since_ms=NOW_MS - age_ms, number=5)


BAD = (queue(answered=50),)

ROWS_BY_PICTURE: list[tuple[str, Move | None, dict[str, Any], dict[str, Any]]] = [
    ("no_phases", None, {"phases": ()}, {"standing": NOT_STARTED}),
    ("due_not_ready", None, TIMED, AT_TIME | {"not_ready": "2 of 3 lines are ready"}),
    ("due", Move.START, TIMED, AT_TIME),
    ("not_started", None, TIMED, AT_TIME | {"now_ms": BEGINS_MS - 1}),
    ("not_started", None, TIMED, AT_TIME | {"started_ms": BEGINS_MS}),
    ("not_started", None, {}, {"standing": NOT_STARTED}),
    ("lost", None, {}, {"standing": at("gone", 0)}),
    ("by_hand", None, {}, {"standing": at("uffici", 0), "queues": BAD}),
    ("few_calls", None, {}, {"queues": (queue(ended=9, answered=0),), "agents": {ROMA: 0, BARI: 0}}),
    ("few_calls", None, {}, {"queues": ()}),
    ("just_moved", None, {}, {"standing": at("rientro", 1, age_ms=59_999), "queues": BAD}),
    ("badly_answered", Move.BACK, {}, {"queues": (queue(), queue("pensioni", answered=69))}),
    ("badly_waited", Move.BACK, {}, {"queues": (queue(wait_s=181),)}),
    ("agents_gone", Move.BACK, {}, {"agents": {ROMA: 2, BARI: 2}}),
    ("no_offices", None, {}, {"queues": BAD, "offices_healthy": 49}),
    ("no_offices", None, {}, {"queues": BAD, "offices_open": 0, "offices_healthy": 0}),
    ("young", None, {}, {"standing": at("rientro", 1, age_ms=599_999)}),
    ("rests", None, {}, {"backed_ms": NOW_MS - 1_799_999}),
    ("complete", None, {}, {"standing": at("verifica", 0)}),
    ("answered_short", None, {}, {"queues": (queue(answered=84),)}),
    ("waits_long", None, {}, {"queues": (queue(wait_s=61),)}),
    ("offices_sick", None, {}, {"offices_healthy": 79}),
    ("agents_few", None, {}, {"agents": {ROMA: 7, BARI: 7}}),
    ("all_well", Move.NEXT, {}, {}),
    ("all_well", Move.NEXT, {}, {"offices_open": 0, "offices_healthy": 0}),
    ("all_well", Move.NEXT, {}, {"backed_ms": NOW_MS - 1_800_000}),
]


@pytest.mark.parametrize(("row", "move", "changed", "seen"), ROWS_BY_PICTURE)
def test_each_row_decides_where_it_should(
    row: str, move: Move | None, changed: dict[str, Any], seen: dict[str, Any]
):
    said = decide(plan(**changed), picture(**seen))
    assert (said.row, said.move) == (row, move)
    assert "{" not in said.it + said.en


def test_the_first_step_of_all_has_none_before_it():
    """An automatic first phase in trouble stays, and says so."""
    phases = tuple(phase | {"automatic": True} for phase in FILE["phases"])
    seen = picture(standing=at("uffici", 0), queues=BAD)
    assert decide(plan(phases=phases), seen).row == "nothing_before"


def test_a_phase_by_hand_is_not_entered():
    phases = (FILE["phases"][1], FILE["phases"][0])
    assert decide(plan(phases=phases), picture(standing=at("rientro", 3))).row == "next_by_hand"


def test_a_phase_that_begins_later_is_not_entered():
    later = FILE["phases"][2] | {"begins": "2039-01-01"}
    said = decide(plan(phases=(FILE["phases"][1], later)), picture(standing=at("rientro", 3)))
    assert said.row == "next_later"


def test_every_row_has_its_sentences_and_every_sentence_its_row():
    assert {row.name for row in ROWS} == set(SENTENCES)


def test_one_site_without_anybody_is_no_reason():
    """Rome has enough for the share of both."""
    assert decide(plan(), picture(agents={ROMA: 40, BARI: 0})).move is Move.NEXT


def test_how_many_agents_there_are_is_told_to_nobody():
    said = decide(plan(), picture(agents={ROMA: 3, BARI: 1}))
    assert "wants 5 agents" in said.en
    assert "4" not in said.en.replace("25", "")


minutes = st.builds(
    lambda ended, ratio, wait_s: queue(ended=ended, answered=round(ended * ratio), wait_s=wait_s),
    st.integers(0, 300),
    st.floats(0, 1),
    st.integers(0, 400),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(minutes, st.integers(0, 100), st.integers(0, 60), st.integers(1, 1200)),
        min_size=1,
        max_size=60,
    )
)
def test_it_never_swings_whatever_comes(history: list[tuple[Any, int, int, int]]):
    """After a step back none forward for the rest; no two moves closer than the least time of a step."""
    way = plan()
    standing = at("rientro", 0)
    now_ms, backed_ms, moved_ms = NOW_MS, 0, standing.since_ms
    for seen, healthy, agents, seconds in history:
        now_ms += seconds * 1_000
        said = decide(
            way,
            Picture(
                now_ms=now_ms,
                standing=standing,
                backed_ms=backed_ms,
                queues=(seen,),
                offices_open=100,
                offices_healthy=healthy,
                agents={ROMA: agents, BARI: agents},
            ),
        )
        if said.move is None:
            continue
        least_ms = way.guards.go_on.after_ms if said.move is Move.NEXT else way.guards.step_back.after_ms
        assert now_ms - moved_ms >= least_ms
        if said.move is Move.NEXT and backed_ms:
            assert now_ms - backed_ms >= way.guards.go_on.rest_ms
        place = leads_to(way, standing, said.move)
        standing = Standing(phase=place.phase, step=place.step, since_ms=now_ms, number=standing.number + 1)
        moved_ms = now_ms
        if said.move is Move.BACK:
            backed_ms = now_ms


@settings(max_examples=100, deadline=None)
@given(minutes, st.integers(0, 100), st.integers(0, 60))
def test_the_same_minutes_never_say_on_and_back(seen: Any, healthy: int, agents: int):
    """What is good enough to go on at one step is not bad enough to step back at the next."""
    way = plan()
    fields: dict[str, Any] = {
        "queues": (seen,),
        "offices_healthy": healthy,
        "agents": {ROMA: agents, BARI: agents},
    }
    if decide(way, picture(**fields)).move is Move.NEXT:
        assert decide(way, picture(standing=at("rientro", 2), **fields)).move is not Move.BACK
