"""What an agent's desktop lets its agent choose from: reasons of a pause, outcome codes, offices of a slot.

All of it is data of the rules in force, none of it says how anybody stands. It is asked for when the page is
opened, and again when a choice is refused because the rules have changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from acd.core.ids import OfficeId
from acd.web.models import Model, NoBody, NoQuery
from acd.web.routes import AnyRoute, Ask, Route

__all__ = ["CHOOSING", "ChoicesAnswer"]


class ChoiceAnswer(Model):
    """One thing to choose, as people know it."""

    id: str
    name: str


class BreakRuleAnswer(Model):
    """The break from the screen: how long, after how much work."""

    after_ms: int
    for_ms: int


class ChoicesAnswer(Model):
    """What the agent may choose from, in the order of the rules."""

    pause_reasons: tuple[ChoiceAnswer, ...]
    """Without those that only the system gives."""
    outcome_codes: tuple[ChoiceAnswer, ...]
    priority_classes: tuple[ChoiceAnswer, ...]
    """Not to choose from, but to name that of a caller."""
    breaks: BreakRuleAnswer | None
    """null: the rules give none."""
    volunteer: bool
    """Whether the agent stands in for an office, and so has slots."""
    offices: tuple[ChoiceAnswer, ...]
    """For slots; empty for whoever is no volunteer."""
    own_office: str
    """The office of the agent's own site; empty: the site is none."""


class _Named(Protocol):
    @property
    def id(self) -> str:
        """For programs."""

    @property
    def name(self) -> str:
        """For people."""


async def choices(ask: Ask[NoQuery, NoBody]) -> ChoicesAnswer:
    """What the agent may choose from."""
    rules, site = ask.centre.rules(), ask.view().site
    rule = rules.breaks
    volunteer = ask.centre.roster().roster.agents[ask.agent].volunteer
    return ChoicesAnswer(
        pause_reasons=_named(reason for reason in rules.pause_reasons.values() if reason.digit),
        outcome_codes=_named(rules.outcome_codes.values()),
        priority_classes=_named(rules.priority_classes.values()),
        breaks=None if rule is None else BreakRuleAnswer(after_ms=rule.after_ms, for_ms=rule.for_ms),
        volunteer=volunteer,
        offices=_named(rules.offices.values()) if volunteer else (),
        own_office=site if OfficeId(site) in rules.offices else "",
    )


def _named(things: Iterable[_Named]) -> tuple[ChoiceAnswer, ...]:
    return tuple(ChoiceAnswer(id=thing.id, name=thing.name) for thing in things)


CHOOSING: Final[tuple[AnyRoute, ...]] = (
    Route(
        method="GET",
        path="/agents/{agent}/choices",
        role=None,
        own_agent=True,
        query=NoQuery,
        body=NoBody,
        answer=ChoicesAnswer,
        handler=choices,
        summary="What the agent may choose from: reasons of a pause, outcome codes, offices of a slot.",
        problems=("not-found",),
    ),
)
