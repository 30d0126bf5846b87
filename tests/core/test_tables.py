"""The tables themselves: nothing ambiguous, nothing unreachable, nobody stuck."""

from __future__ import annotations

import runpy
from collections.abc import Collection, Mapping
from enum import Enum
from pathlib import Path
from typing import Final

import pytest

from acd.core.agents import AGENT_LATE, AGENT_MOVES, AGENT_WISHES, AgentInput
from acd.core.calls import CALL_LATE, CALL_MOVES, CallInput, CallState
from acd.core.health import BREAKER_LATE, BREAKER_MOVES, BreakerInput, BreakerState
from acd.core.notes import AgentState
from acd.core.offers import HOLDING_STATES, OFFER_LATE, OFFER_MOVES, OfferInput, OfferState

ROOT: Final = Path(__file__).parents[2]
Moves = Mapping[tuple[Enum, Enum], Enum]
Late = Collection[tuple[Enum, Enum]]

TABLES = [
    pytest.param(CALL_MOVES, CALL_LATE, CallState, CallInput, CallState.WAITING, id="call"),
    pytest.param(OFFER_MOVES, OFFER_LATE, OfferState, OfferInput, OfferState.ORDERED, id="offer"),
    pytest.param(AGENT_MOVES, AGENT_LATE, AgentState, AgentInput, AgentState.LOGGED_OUT, id="agent"),
    pytest.param(BREAKER_MOVES, BREAKER_LATE, BreakerState, BreakerInput, BreakerState.CLOSED, id="breaker"),
]

BY_CLOCK: Mapping[Enum, Collection[Enum]] = {
    # What the engine does by itself when a deadline of the state is due, with no news from anybody.
    # (A waiting call's deadline orders it into the net; that Asterisk obeys is told as NET_TOOK.)
    CallState.WAITING: [CallInput.NET_TOOK],
    CallState.HEARING: [CallInput.PROMPT_OVER],  # a look at the channel says so
    CallState.FAREWELL: [CallInput.GONE, CallInput.PROMPT_OVER],
    CallState.OFFERED: [CallInput.OFFER_OVER],
    OfferState.ORDERED: [OfferInput.END],
    OfferState.DIALLING: [OfferInput.WITHDRAW],
    OfferState.RINGING: [OfferInput.END],
    OfferState.WITHDRAWING: [OfferInput.END],
    AgentState.RESERVED: [AgentInput.RELEASE],
    AgentState.RINGING: [AgentInput.RELEASE],
    AgentState.WRAP_UP: [AgentInput.WRAP_OVER],
    AgentState.UNREACHABLE: [AgentInput.REACHABLE],
    BreakerState.OPEN: [BreakerInput.TIME],
}


@pytest.mark.parametrize(("moves", "late", "states", "inputs", "start"), TABLES)
def test_no_cell_is_both_move_and_late(moves: Moves, late: Late, states, inputs, start) -> None:
    """Each cell has one verdict: move, late, or (in neither) anomaly."""
    assert not set(moves) & set(late)


@pytest.mark.parametrize(("moves", "late", "states", "inputs", "start"), TABLES)
def test_every_state_is_reachable(moves: Moves, late: Late, states, inputs, start) -> None:
    """From the first state a path of moves leads to every other; no state is dead paint."""
    reached, fresh = {start}, [start]
    while fresh:
        state = fresh.pop()
        for (before, _), after in moves.items():
            if before is state and after not in reached:
                reached.add(after)
                fresh.append(after)
    assert reached == set(states)


@pytest.mark.parametrize(("moves", "late", "states", "inputs", "start"), TABLES)
def test_every_input_moves_something(moves: Moves, late: Late, states, inputs, start) -> None:
    """An input that moves nothing anywhere would be a leftover."""
    assert {given for _, given in moves} == set(inputs)


@pytest.mark.parametrize("state", BY_CLOCK, ids=str)
def test_every_guarded_state_has_an_exit_by_the_clock(state: Enum) -> None:
    """Where a caller hears music or an agent is held, the table lets a deadline lead out.

    The stories in ``test_clock.py`` show that the deadline is armed and does so.
    """
    moves: Moves = {**CALL_MOVES, **OFFER_MOVES, **AGENT_MOVES, **BREAKER_MOVES}
    assert any(moves.get((state, given), state) is not state for given in BY_CLOCK[state])


def test_the_guarded_states_are_all_there_are() -> None:
    """Sound plays in four states of a call; an offer before its talk, four agent states, a breaker hold."""
    music = {CallState.WAITING, CallState.HEARING, CallState.FAREWELL, CallState.OFFERED}
    before_talk = set(HOLDING_STATES) - {OfferState.TALKING}
    held = {AgentState.RESERVED, AgentState.RINGING, AgentState.WRAP_UP, AgentState.UNREACHABLE}
    assert set(BY_CLOCK) == music | before_talk | held | {BreakerState.OPEN}


def test_the_end_of_a_call_and_of_an_offer_is_final() -> None:
    """Nothing moves an ended call or a closed offer; whatever comes is late."""
    assert not [cell for cell in CALL_MOVES if cell[0] is CallState.ENDED]
    assert not [cell for cell in OFFER_MOVES if cell[0] is OfferState.CLOSED]
    assert {(CallState.ENDED, each) for each in CallInput} <= set(CALL_LATE)
    assert {(OfferState.CLOSED, each) for each in OfferInput} <= set(OFFER_LATE)


def test_the_word_of_the_channel_always_wins() -> None:
    """What a look or a resync finds moves a call from every state in which it lives."""
    live = set(CallState) - {CallState.ENDED}
    found = [each for each in CallInput if each.value.startswith("found_")]
    for given in [*found, CallInput.GONE, CallInput.ENTERED]:
        assert {state for state, move in CALL_MOVES if move is given} == live


def test_an_offer_knows_no_anomaly() -> None:
    """Every news of an offer fits every state: a lease may be overtaken by anything."""
    assert len(OFFER_MOVES) + len(OFFER_LATE) == len(OfferState) * len(OfferInput)


def test_anomalies_are_counted() -> None:
    """The number of cells no table foresees is known: a change of it is a decision, not an accident."""
    calls = len(CallState) * len(CallInput) - len(CALL_MOVES) - len(CALL_LATE)
    agents = len(AgentState) * len(AgentInput) - len(AGENT_MOVES) - len(AGENT_LATE)
    assert (calls, agents) == (32, 37)


def test_wishes_stand_apart_from_the_table() -> None:
    """What is only wished for during a ring or talk moves nothing and is never late."""
    assert not AGENT_WISHES & set(AGENT_MOVES)
    assert not AGENT_WISHES & AGENT_LATE


def test_the_page_of_diagrams_is_what_the_tables_say() -> None:
    """``docs/states.md`` is drawn from the tables; whoever changes one runs ``scripts/draw_states``."""
    script = runpy.run_path(str(ROOT / "scripts" / "draw_states"))
    assert (ROOT / "docs" / "states.md").read_text() == script["page"]()
