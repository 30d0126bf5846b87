"""What makes one roster of another, and how a person is told of it.

Three thousand people who change employer on one day are one sentence, not three thousand: those who
change alike are told together, by the first of their names and their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from acd.core.ids import AgentId, SkillId
from acd.core.policy import Agent, Roster, RosterChange

__all__ = ["describe", "difference", "named"]

NAMES_MAX: Final = 8

_FIELDS: Final = (
    "site",
    "endpoint",
    "code",
    "home",
    "country",
    "hours",
    "employer",
    "volunteer",
    "auto_answer",
)


def difference(old: Roster, new: Roster, *, remove_missing: bool) -> RosterChange:
    """Say what makes ``new`` of ``old``.

    Args:
        old: Who is there.
        new: Who shall be there; ``acd.rules.roster.parse_roster`` has put in what its file does not say.
        remove_missing: Whether those who are not in ``new`` go.
    """
    upserts = tuple(agent for name, agent in new.agents.items() if old.agents.get(name) != agent)
    removed = tuple(name for name in old.agents if name not in new.agents) if remove_missing else ()
    return RosterChange(upserts=upserts, removed=removed)


def describe(old: Roster, change: RosterChange) -> tuple[str, ...]:
    """Return lines for people: who is new, who changes and how, who goes."""
    new: dict[str, list[AgentId]] = {}
    changed: dict[str, list[AgentId]] = {}
    for agent in change.upserts:
        before = old.agents.get(agent.id)
        if before is None:
            new.setdefault(agent.site, []).append(agent.id)
        else:
            changed.setdefault(", ".join(_differences(before, agent)), []).append(agent.id)
    lines = [f"new at {site}: {named(names)}" for site, names in new.items()]
    lines += [f"{told}: {named(names)}" for told, names in changed.items()]
    if change.removed:
        lines.append(f"removed: {named(change.removed)}")
    return tuple(lines)


def named(names: Sequence[str]) -> str:
    """Return ``a0001``, ``a0001, a0002``, or ``a0001, … a0008 and 92 more (100)``."""
    if len(names) <= NAMES_MAX:
        return ", ".join(names)
    return f"{', '.join(names[:NAMES_MAX])} and {len(names) - NAMES_MAX} more ({len(names)})"


def _differences(old: Agent, new: Agent) -> Iterator[str]:
    for field in _FIELDS:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield f"{field} {_word(before)} -> {_word(after)}"
    yield from _skill_differences(old.skills, new.skills)


def _skill_differences(old: Mapping[SkillId, int], new: Mapping[SkillId, int]) -> Iterator[str]:
    for skill, level in old.items():
        if skill not in new:
            yield f"loses {skill}:{level}"
        elif new[skill] != level:
            yield f"{skill} {level} -> {new[skill]}"
    for skill, level in new.items():
        if skill not in old:
            yield f"gains {skill}:{level}"
    if old == new and list(old) != list(new):
        yield "the same skills in another order"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "si" if value else "no"
    return str(value) or "(none)"
