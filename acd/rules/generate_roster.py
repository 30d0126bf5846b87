"""A roster of any size that fits a rule folder, for trials, the lab and the demonstrations.

``python -m acd.rules.generate_roster --rules routing_rules --agents 3100 --seed 1 --out FILE`` writes the
CSV that ``acd roster import`` takes. The same rules and arguments give the same bytes, on any machine.

The people are invented, the proportions are meant:

- everybody serves the queue by default; each other topic is held by a share of the people, drawn once
  per topic, with more middling levels than extremes;
- a language is spoken by few, unless its queues name an office and the site bears the office's name:
  there by most (German in Bolzano);
- specialists of the second level are one in forty, for each group;
- one in twenty is a volunteer, if the queue by default asks for any;
- most work twenty hours a week, two in five at home; half come from one employer, half from another.

At the end, what nobody happens to hold or could serve is given to somebody, so that even a handful of
people serve every queue.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from acd.core.ids import AgentId, SiteId, SkillId
from acd.core.policy import Agent, Queue, QueueKind, Roster, RuleSet
from acd.errors import ConfigError
from acd.rules.load import load_rules
from acd.rules.reach import may_serve, offices_of, sites_of
from acd.rules.roster import write_roster

__all__ = ["generate_roster", "main"]

AGENTS_MAX: Final = 50_000
LEVEL_BEST: Final = 9

SHARE_SPOKEN: Final = 0.02
SHARE_AT_ITS_OFFICE: Final = 0.6
SHARE_SPECIALISTS: Final = 0.025
SHARE_HOME: Final = 0.4
SHARE_VOLUNTEERS: Final = 0.05

_CODES: Final = 90_000
_CODE_STEP: Final = 7_919
"""Shares no factor with ``_CODES``: codes look scattered and never repeat."""

_HOURS: Final = (("parziale-20-mattina", 0.4), ("parziale-20-pomeriggio", 0.75), ("tempo-pieno", 1.0))
"""Name of the profile, and the draw it reaches up to."""
_EMPLOYERS: Final = ("Fornitore A", "Fornitore B")


def generate_roster(rules: RuleSet, count: int, seed: int) -> Roster:
    """Invent ``count`` people for these rules.

    Raises:
        ValueError: Nobody, or more than 50,000; or the rules know no site.
    """
    if not 1 <= count <= AGENTS_MAX:
        raise ValueError(f"{count} agents cannot be generated; ask for 1 to {AGENTS_MAX}.")
    if not rules.sites:
        raise ValueError("the rules know no site for them to work at; add one to sites.yaml.")
    dice = random.Random(seed)  # noqa: S311 - invented people are no secret
    shares = _Shares(rules, dice)
    sites = list(rules.sites)
    people = [
        _agent(number, sites[(number - 1) % len(sites)], shares, dice) for number in range(1, count + 1)
    ]
    _mend(rules, people)
    return Roster(agents={agent.id: agent for agent in people})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m acd.rules.generate_roster", description="Write a roster of invented people."
    )
    parser.add_argument("--rules", type=Path, required=True, help="the rule folder they shall fit")
    parser.add_argument("--agents", type=int, default=3_100, help=f"how many (1 to {AGENTS_MAX})")
    parser.add_argument("--seed", type=int, default=1, help="who they are")
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")
    options = parser.parse_args(arguments)
    try:
        roster = generate_roster(load_rules(options.rules).rules, options.agents, options.seed)
        options.out.write_text(write_roster(roster), encoding="utf-8")
    except (ConfigError, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


class _Shares:
    """How common each skill is, here and there; the order is that of ``skills.yaml``."""

    def __init__(self, rules: RuleSet, dice: random.Random) -> None:
        default = rules.queues[rules.queue_by_default]
        from_outside = [queue for queue in rules.queues.values() if queue.kind is QueueKind.ENTRY]
        topics = {
            need.skill for queue in from_outside if queue.language == default.language for need in queue.needs
        }
        spoken = [queue for queue in from_outside if queue.language != default.language]
        self.everybody: Mapping[SkillId, int] = {need.skill: need.level_min for need in default.needs}
        self.volunteers = any(step.volunteers for step in default.ladder)
        self._at_home: dict[SkillId, frozenset[str]] = {}
        self._share: dict[SkillId, float] = {}
        for skill in rules.skills:
            if skill in self.everybody:
                continue
            if skill in topics:
                self._share[skill] = 0.15 + 0.05 * dice.randint(0, 6)
            elif any(_needs(queue, skill) for queue in spoken):
                self._share[skill] = SHARE_SPOKEN
                self._at_home[skill] = frozenset(
                    office for queue in spoken if _needs(queue, skill) for office in offices_of(queue)
                )
            else:
                self._share[skill] = SHARE_SPECIALISTS

    def at(self, site: SiteId) -> list[tuple[SkillId, float]]:
        """Return the share of each skill at a site."""
        return [
            (skill, SHARE_AT_ITS_OFFICE if site in self._at_home.get(skill, ()) else share)
            for skill, share in self._share.items()
        ]


def _needs(queue: Queue, skill: SkillId) -> bool:
    return any(need.skill == skill for need in queue.needs)


def _agent(number: int, site: SiteId, shares: _Shares, dice: random.Random) -> Agent:
    skills = {skill: max(least, _level(dice)) for skill, least in shares.everybody.items()}
    for skill, share in shares.at(site):
        if dice.random() < share:
            skills[skill] = _level(dice)
    name = AgentId(f"a{number:04d}")
    draw = dice.random()
    return Agent(
        id=name,
        site=site,
        endpoint=name,
        skills=skills,
        code=str(10_000 + number * _CODE_STEP % _CODES),
        home=dice.random() < SHARE_HOME,
        hours=next(profile for profile, up_to in _HOURS if draw < up_to),
        employer=_EMPLOYERS[dice.randint(0, 1)],
        volunteer=shares.volunteers and dice.random() < SHARE_VOLUNTEERS,
    )


def _level(dice: random.Random) -> int:
    """Return the mean of two throws, rounded: middling levels are commoner."""
    return (dice.randint(1, 10) + dice.randint(1, 10) + 1) // 2


def _mend(rules: RuleSet, people: list[Agent]) -> None:
    """Give what nobody holds, and what a queue needs and nobody has together, to one after the other.

    Skills that some queue excludes are all held by the last, who is therefore not asked for the rest.
    """
    shunned = {skill for queue in rules.queues.values() for skill in queue.excludes}
    for queue in rules.queues.values():
        if any(need.skill in shunned for need in queue.needs):
            _give(people, len(people) - 1, _best(queue), queue)
    others = max(1, len(people) - bool(shunned))
    turn = 0
    for queue in rules.queues.values():
        if not any(may_serve(agent, queue) for agent in people):
            _give(people, turn % others, _best(queue), queue)
            turn += 1
    for skill in rules.skills:
        if not any(skill in agent.skills for agent in people):
            _give(people, len(people) - 1 if skill in shunned else turn % others, {skill: LEVEL_BEST})
            turn += 1


def _best(queue: Queue) -> dict[SkillId, int]:
    return {need.skill: max(need.level_min, LEVEL_BEST) for need in queue.needs}


def _give(people: list[Agent], place: int, skills: Mapping[SkillId, int], queue: Queue | None = None) -> None:
    """Give skills to one, and take from them whatever would keep the queue away."""
    agent = people[place]
    excluded = queue.excludes if queue is not None else ()
    held = {skill: level for skill, level in {**agent.skills, **skills}.items() if skill not in excluded}
    sites = sites_of(queue) if queue is not None else None
    site = agent.site if sites is None or agent.site in sites else min(sites)
    people[place] = msgspec.structs.replace(agent, skills=held, site=site, volunteer=False)


if __name__ == "__main__":
    raise SystemExit(main())
