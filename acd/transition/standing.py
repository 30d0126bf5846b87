"""Where the transition stands, and what that means for the sites: the one thing others ask of it.

A *standing* is a phase and a step of its ramp; it is kept as the newest `TransitionRecord` of the store. The
keeper of the fallback asks a `SharesGiver` and is told when its answers change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

import msgspec

from acd.core.ids import SiteId
from acd.rules.transition import Phase, TransitionPlan
from acd.store.records import TransitionRecord

__all__ = ["NOT_STARTED", "SharesGiver", "Standing", "mode_now", "shares_now", "standing_of"]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where it stands."""

    phase: str = ""
    """Empty: not started, or finished."""
    step: int = 0
    since_ms: int = 0
    """When this step was taken; 0: never any."""
    number: int = 0
    """Of the record; 0: there is none."""
    action: str = ""
    """What brought it here."""


NOT_STARTED: Final = Standing()


class SharesGiver(Protocol):
    """Who can tell what the transition says now (``acd.runtime.transition_keeper``)."""

    @property
    def revision(self) -> str:
        """Changes whenever an answer below does: number of the record and id of the plan's place."""

    def on(self) -> bool:
        """Whether a phase runs in which offices stand in for agents."""

    def shares(self) -> Mapping[SiteId, int]:
        """Per cent by site, for every site of the rules; empty while no phase runs."""

    def standing(self) -> Standing:
        """Where it stands: what explanations name."""

    def listen(self, changed: Callable[[], None]) -> None:
        """Have this called, at once, whenever an answer changes."""


def standing_of(record: TransitionRecord | None) -> Standing:
    """What the newest record says."""
    if record is None:
        return NOT_STARTED
    return Standing(
        phase=record.phase,
        step=record.step,
        since_ms=record.at_ms,
        number=record.number,
        action=record.action,
    )


def mode_now(plan: TransitionPlan, standing: Standing) -> bool:
    """Whether offices stand in for agents now.

    A phase that the plan has lost counts as one with fallback: whoever waits is then at least offered.
    """
    if not standing.phase:
        return False
    phase = plan.phase(standing.phase)
    return phase is None or phase.fallback


def shares_now(plan: TransitionPlan, standing: Standing, sites: Iterable[SiteId]) -> dict[SiteId, int]:
    """The share of each site now; none while no phase runs.

    In a phase that the plan has lost no site has a share: the agents are then reached at the stage
    ``national``, as in the first step of a switch-off.
    """
    if not standing.phase:
        return {}
    phase: Phase | None = plan.phase(standing.phase)
    if phase is None:
        return dict.fromkeys(sites, 0)
    return phase.shares(standing.step, sites)
