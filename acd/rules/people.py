"""Do the rules and the roster fit together? Who could serve whom, and who cannot be rung.

Each file may be right by itself and the two still leave a caller waiting for nobody. These are warnings,
not mistakes: a queue may be made before its people come. People who have the same trouble are told in one
sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from acd.core.policy import Agent, Roster, RuleSet
from acd.rules.entry import EntryPlan
from acd.rules.reach import least_levels, may_serve, offices_of
from acd.rules.roster_change import named
from acd.rules.schema import Endpoint
from acd.rules.sentences import did_you_mean

__all__ = ["check_people"]

HOME_COUNTRY: Final = "IT"
_ENDPOINT: Final = TypeAdapter[str](Endpoint)

KeyT = TypeVar("KeyT", bound=Hashable)


def check_people(
    rules: RuleSet,
    roster: Roster,
    entry: EntryPlan | None = None,
    profiles: Mapping[str, object] | None = None,
) -> tuple[str, ...]:
    """Return a sentence for everything that does not fit.

    Args:
        rules: The rules.
        roster: Who answers.
        entry: What callers are told before their queue; without it countries are not compared.
        profiles: The hour profiles that are known, by name; without them, or with none, hours are not
            compared.
    """
    sentences = [*_strangers(rules, roster), *_coverage(rules, roster), *_phones(rules, roster)]
    if entry is not None:
        sentences += _countries(roster, entry.announce_country)
    if profiles:
        sentences += _hours(roster, profiles)
    return tuple(sentences)


def _grouped(agents: Iterable[Agent], key: Callable[[Agent], KeyT]) -> dict[KeyT, list[Agent]]:
    groups: dict[KeyT, list[Agent]] = {}
    for agent in agents:
        groups.setdefault(key(agent), []).append(agent)
    return groups


def _who(agents: list[Agent]) -> str:
    names = named([agent.id for agent in agents])
    return f"the agent {names}" if len(agents) == 1 else f"the agents {names}"


def _strangers(rules: RuleSet, roster: Roster) -> Iterator[str]:
    """Sites and skills that the roster names and the rules no longer know."""
    for site, agents in _grouped(roster.agents.values(), lambda agent: agent.site).items():
        if site not in rules.sites:
            yield f"unknown site '{site}' of {_who(agents)};{did_you_mean(site, rules.sites)}"
    unknown: dict[str, list[Agent]] = {}
    for agent in roster.agents.values():
        for skill in agent.skills:
            if skill not in rules.skills:
                unknown.setdefault(skill, []).append(agent)
    for strange, agents in unknown.items():
        yield f"unknown skill '{strange}' of {_who(agents)};{did_you_mean(strange, rules.skills)}"


def _coverage(rules: RuleSet, roster: Roster) -> Iterator[str]:
    """Skills nobody holds, queues nobody serves, agents who serve none."""
    # Many agents are alike to the queues: ask once per kind.
    kinds = _grouped(
        roster.agents.values(),
        lambda agent: (tuple(sorted(agent.skills.items())), agent.site, agent.volunteer),
    )
    held = {skill for skills, _, _ in kinds for skill, _ in skills}
    for skill in rules.skills:
        if skill not in held:
            yield f"nobody holds the skill '{skill}'; give it to an agent, or remove it."
    for queue in rules.queues.values():
        if not offices_of(queue) and not any(may_serve(agents[0], queue) for agents in kinds.values()):
            needs = ", ".join(f"{skill}:{level}" for skill, level in least_levels(queue).items())
            yield (
                f"nobody can serve the queue '{queue.id}', which needs {needs}; "
                "lower its needs, train an agent, or name an office."
            )
    idle: dict[str, list[Agent]] = {}
    for (skills, _, volunteer), agents in kinds.items():
        if not any(may_serve(agents[0], queue) for queue in rules.queues.values()):
            told = " ".join(f"{skill}:{level}" for skill, level in skills) or "no skill"
            idle.setdefault(f"{told}, as volunteers" if volunteer else told, []).extend(agents)
    for told, agents in idle.items():
        yield f"{_who(agents)} can serve no queue with {told}; give a skill a queue needs, at its level."


def _phones(rules: RuleSet, roster: Roster) -> Iterator[str]:
    """Endpoints that no order could name, or that are no phone."""
    trunks = {office.trunk for office in rules.offices.values()}
    for agent in roster.agents.values():
        try:
            _ENDPOINT.validate_python(agent.endpoint)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]["msg"].rstrip(".")
            yield f"the phone of the agent {agent.id}: {detail}."
        else:
            if agent.endpoint in trunks:
                yield (
                    f"the phone '{agent.endpoint}' of the agent {agent.id} is the trunk of an office; "
                    "give the agent's own."
                )


def _hours(roster: Roster, profiles: Mapping[str, object]) -> Iterator[str]:
    """Hour profiles that nobody knows: slots of these people would be checked against no contract."""
    for hours, agents in _grouped(roster.agents.values(), lambda agent: agent.hours).items():
        if hours and hours not in profiles:
            yield f"unknown hour profile '{hours}' of {_who(agents)};{did_you_mean(hours, list(profiles))}"


def _countries(roster: Roster, announced: str) -> Iterator[str]:
    """Countries that callers are not told of, as the law asks."""
    told = f"callers are told {announced}" if announced else "callers are told no country"
    for country, agents in _grouped(roster.agents.values(), lambda agent: agent.country).items():
        if country != (announced or HOME_COUNTRY):
            yield f"{_who(agents)} would answer from {country}, but {told}; change entry.yaml or the roster."
