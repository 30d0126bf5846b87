"""What says who stands in for whom in one centre, put together: toggles, transition, rehearsals, opt-ins.

They are four keepers with one ground. The toggles follow the transition, and both look at the same rules and
the same offices; the rehearsals tell the transition whether it may start; the opt-ins say which volunteers
are there to help.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

from acd.core.facts import Fact
from acd.core.policy import RuleSet
from acd.core.views import OfficeView, Summary
from acd.fallback.base import Base
from acd.rules.transition import TransitionPlan, compile_transition
from acd.rules.transition_shape import TransitionFile
from acd.rules.volunteering import Volunteering
from acd.runtime.fallback_keeper import FallbackKeeper
from acd.runtime.opt_in_keeper import OptInKeeper
from acd.runtime.ports import Clock
from acd.runtime.recent import RecentCalls
from acd.runtime.rehearsal import RehearsalRunner
from acd.runtime.transition_keeper import TransitionKeeper
from acd.store.port import Store
from acd.store.records import Override, RosterState, Slot, TransitionRecord
from acd.transition.rehearsing import Trier

__all__ = ["Given", "Ground", "Switches", "make_switches"]


class Given(NamedTuple):
    """What was switched and accepted before the process began: by the files, and by people."""

    toggles: Base = Base()
    """What ``fallback.yaml`` says."""
    overrides: Sequence[Override] = ()
    """Those that are not over."""
    plan: TransitionPlan = compile_transition(TransitionFile())
    """The phases of the rules."""
    steps: Sequence[TransitionRecord] = ()
    """Steps of the transition, newest first."""
    volunteering: Volunteering = Volunteering()
    """When volunteers may accept a slot."""
    slots: Sequence[Slot] = ()
    """Volunteers' slots that are not over."""


class Ground(Protocol):
    """The centre, as far as the four look at it."""

    def rules(self) -> RuleSet:
        """The rules in force."""

    def roster(self) -> RosterState:
        """Everybody who may log in."""

    def offices(self) -> tuple[OfficeView, ...]:
        """All offices now."""

    def summary(self) -> Summary:
        """Agents by site and state."""

    def revision(self) -> int:
        """Number of the configuration in force."""


class Switches(NamedTuple):
    """The four."""

    fallback: FallbackKeeper
    transition: TransitionKeeper
    rehearsal: RehearsalRunner
    opt_ins: OptInKeeper


def make_switches(
    ground: Ground,
    given: Given,
    *,
    recent: RecentCalls,
    clock: Clock,
    store: Store | None,
    submit: Callable[[Fact], Awaitable[object]],
    triers: Callable[[], Sequence[Trier]],
) -> Switches:
    """Build them; nothing is told and nothing is looked at before they run."""
    fallback = FallbackKeeper(
        given.toggles,
        given.overrides,
        rules=ground.rules,
        offices=ground.offices,
        clock=clock,
        store=store,
        submit=submit,
    )
    transition = TransitionKeeper(
        given.plan,
        given.steps,
        rules=ground.rules,
        offices=ground.offices,
        summary=ground.summary,
        recent=recent,
        clock=clock,
        store=store,
        revision=ground.revision,
    )
    fallback.follow(transition)
    rehearsal = RehearsalRunner(
        rules=ground.rules,
        offices=ground.offices,
        limits=lambda: transition.plan.rehearsal,
        triers=triers,
        clock=clock,
        store=store,
    )
    opt_ins = OptInKeeper(
        given.volunteering,
        given.slots,
        in_force=ground.rules,
        roster=lambda: ground.roster().roster,
        clock=clock,
        store=store,
        submit=submit,
    )
    return Switches(fallback, transition, rehearsal, opt_ins)
