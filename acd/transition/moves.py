"""What start, next, back and finish lead to, and when they are refused.

The way is a line: the steps of the first phase, then those of the second, and so on.

=========  =====================  ==========================================================
move       from                   to
=========  =====================  ==========================================================
start      nowhere                the first step of the first phase, or of the one named
next       a step                 the next step; behind the last of a phase the first of the next phase
back       a step                 the step in front; in front of a phase's first the last of the one before
finish     a step                 nowhere: agents first again, offices as the ladders say
=========  =====================  ==========================================================

Back from the very first step is refused: there everybody's calls go to the offices already, and where it
would lead, to agents who may not be there, is what ``finish`` says on purpose.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from acd.errors import Conflict, NotFound
from acd.rules.transition import Phase, TransitionPlan
from acd.transition.standing import Standing

__all__ = ["NOWHERE", "Move", "Place", "leads_to"]


class Move(StrEnum):
    """Word of the command, the audit and the records."""

    START = "start"
    NEXT = "next"
    BACK = "back"
    FINISH = "finish"


class Place(NamedTuple):
    """A step of a phase."""

    phase: str
    step: int


NOWHERE = Place("", 0)


def leads_to(plan: TransitionPlan, standing: Standing, move: Move, phase: str = "") -> Place:
    """Where a move leads.

    Args:
        plan: the way.
        standing: where it stands.
        move: what is asked.
        phase: where to start, if not at the first phase.

    Raises:
        Conflict: the move is none from there; the sentence says what is one.
        NotFound: there is no phase of this name.
    """
    if move is Move.START:
        return _start(plan, standing, phase)
    if not standing.phase:
        raise Conflict(
            f"The transition does not run, so there is no {move}; `acd transition start` begins it."
        )
    if move is Move.FINISH:
        return NOWHERE
    here = plan.phase(standing.phase)
    if here is None:
        raise Conflict(
            f"The rules in force have lost the phase {standing.phase!r}: put it back, or finish, then start."
        )
    return _next(plan, standing, here) if move is Move.NEXT else _back(plan, standing, here)


def _start(plan: TransitionPlan, standing: Standing, phase: str) -> Place:
    if standing.phase:
        raise Conflict(
            f"The transition runs already, in phase {standing.phase!r}; next, back or finish move it on."
        )
    if not plan.phases:
        raise Conflict("The rules name no phase; write them in transition.yaml and apply it.")
    if phase and plan.phase(phase) is None:
        known = ", ".join(each.id for each in plan.phases)
        raise NotFound(f"There is no phase {phase[:64]!r} in the rules; there is {known}.")
    return Place(phase or plan.phases[0].id, 0)


def _next(plan: TransitionPlan, standing: Standing, here: Phase) -> Place:
    if standing.step + 1 < here.steps:
        return Place(here.id, standing.step + 1)
    behind = plan.after(here.id)
    if behind is None:
        raise Conflict(
            "This is the last step of the last phase; `acd transition finish` ends the transition."
        )
    return Place(behind.id, 0)


def _back(plan: TransitionPlan, standing: Standing, here: Phase) -> Place:
    step = min(standing.step, here.steps - 1)
    if step > 0:
        return Place(here.id, step - 1)
    before = plan.before(here.id)
    if before is None:
        raise Conflict(
            "This is the first step: nothing lies before it."
            " `acd transition finish` gives all calls to the agents again."
        )
    return Place(before.id, before.steps - 1)
