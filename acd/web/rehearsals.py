"""Rehearsals: begin one, look at it, stop it; the list of all lines."""

from __future__ import annotations

from acd.core.ids import OfficeId
from acd.errors import Conflict, Forbidden
from acd.web.models import NoBody, NoQuery, shown
from acd.web.routes import Ask
from acd.web.transition_forms import LeftAnswer, LineAnswer, RehearsalAnswer, RehearsalRequest
from acd.web.transitions import shown_readiness

__all__ = ["begin", "rehearsal", "stop"]


async def rehearsal(ask: Ask[NoQuery, NoBody]) -> RehearsalAnswer:
    """The rehearsal that runs or ran last, and what is known of every line."""
    return await _answer(ask)


async def begin(ask: Ask[NoQuery, RehearsalRequest]) -> RehearsalAnswer:
    """Begin one; it goes on after this has answered."""
    wanted, centre = ask.body, ask.centre
    ask.noted["target"] = f"offices {' '.join(wanted.offices) or 'all'}"
    _check_right(ask)
    known = (await centre.transition().readiness()).lines if wanted.missing else ()
    state = centre.rehearsal().begin(
        ask.bearer.who,
        offices=tuple(map(OfficeId, wanted.offices)),
        skip=tuple(line for line in known if line.ready),
    )
    ask.noted["detail"] = f"{state.lines} lines"
    return await _answer(ask)


async def stop(ask: Ask[NoQuery, NoBody]) -> RehearsalAnswer:
    """End it; calls under way are heard to their end first."""
    if not ask.centre.rehearsal().state().running:
        raise Conflict("No rehearsal runs.")
    _check_right(ask)
    state = await ask.centre.rehearsal().stop()
    ask.noted["target"] = "rehearsal"
    ask.noted["detail"] = f"{len(state.tried)} of {state.lines} lines were tried"
    return await _answer(ask)


def _check_right(ask: Ask[NoQuery, RehearsalRequest] | Ask[NoQuery, NoBody]) -> None:
    if ask.bearer.sites:
        raise Forbidden("A rehearsal concerns all offices; the token is for some sites.")


async def _answer(ask: Ask[NoQuery, RehearsalRequest] | Ask[NoQuery, NoBody]) -> RehearsalAnswer:
    keeper = ask.centre.transition()
    state = ask.centre.rehearsal().state()
    found = await keeper.readiness()
    return RehearsalAnswer(
        running=state.running,
        begun_ms=state.begun_ms,
        author=state.author,
        to_try=state.lines,
        tried=len(state.tried),
        calling=state.calling,
        left=tuple(shown(LeftAnswer, line) for line in state.left),
        readiness=shown_readiness(keeper, found, ask.desk.clock.now_ms()),
        lines=tuple(shown(LineAnswer, line) for line in found.lines),
    )
