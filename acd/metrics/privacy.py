"""Small groups are merged, so that a number never speaks of a person.

In Italy the live state of an identifiable worker may not be watched (art. 4 of law 300/1970 and
the labour inspectorate's circular 4/2017), and an office with three people on duty *is* three
identifiable workers. So a group is shown by itself only with at least ``k`` people on duty, or
with nobody on duty out of at least ``k`` on the roster (an empty house tells nothing of anyone).

All other groups are merged into ``other``. Merging one group alone would protect nobody (the
national total less the groups shown gives it back). Therefore ``other`` must hold at least two
groups and at least ``k`` people; while it does not, the smallest peopled group still shown joins
it, whether the small group has people now or not: who looks must not be able to tell. If all of
them together do not reach ``k``, ``other`` is not shown at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from acd.core.ids import SiteId
from acd.core.notes import AgentState
from acd.metrics.names import OTHER
from acd.rules.privacy_shape import K_MIN

K_DEFAULT = K_MIN
"""How many people make a group anonymous enough, unless the privacy profile says otherwise."""

States = Mapping[AgentState, int]


class Shown(NamedTuple):
    """What may be shown."""

    groups: dict[str, dict[AgentState, int]]
    """By site, or ``other``; without ``logged_out``."""
    merged: int
    """How many sites are not shown by themselves."""


def protect(agents: Mapping[SiteId, States], k: int = K_DEFAULT) -> Shown:
    """Merge the groups that are too small to show.

    Args:
        agents: people per site and state, those logged out included (they make the roster).
        k: the least number of people a group must have; 1 or less shows every group.

    Returns:
        The groups to show, in the order given, ``other`` last, and how many were merged.
    """
    hidden = _to_hide(agents, k) if k > 1 else set()
    groups: dict[str, dict[AgentState, int]] = {
        site: _on_duty(states) for site, states in agents.items() if site not in hidden
    }
    rest = _sum([agents[site] for site in agents if site in hidden])
    if sum(rest.values()) >= k:
        groups[OTHER] = rest
    return Shown(groups, len(hidden))


def is_few(able: int, there: int, k: int) -> bool:
    """Whether the free people of a queue may not be told.

    Args:
        able: how many of the roster could serve it: decides whether "nobody is there" may be told.
        there: how many of them are logged in: decides whether the number of the free may.
        k: the least number of people a group must have.
    """
    return able < k or 0 < there < k


def _to_hide(agents: Mapping[SiteId, States], k: int) -> set[SiteId]:
    """The sites that must not be shown by themselves."""
    duty = {site: sum(_on_duty(states).values()) for site, states in agents.items()}
    hidden = {site for site, states in agents.items() if _is_small(duty[site], states, k)}
    if not hidden:
        return hidden
    shown = sorted(
        (site for site in agents if site not in hidden and duty[site]), key=lambda site: duty[site]
    )
    for site in shown:
        if len(hidden) >= 2 and sum(duty[one] for one in hidden) >= k:
            break
        hidden.add(site)
    return hidden


def _is_small(on_duty: int, states: States, k: int) -> bool:
    """Whether a group of this size would speak of persons."""
    if on_duty:
        return on_duty < k
    return sum(states.values()) < k


def _on_duty(states: States) -> dict[AgentState, int]:
    return {state: count for state, count in states.items() if state is not AgentState.LOGGED_OUT}


def _sum(parts: Sequence[States]) -> dict[AgentState, int]:
    total: dict[AgentState, int] = {}
    for part in parts:
        for state, count in _on_duty(part).items():
            total[state] = total.get(state, 0) + count
    return total
