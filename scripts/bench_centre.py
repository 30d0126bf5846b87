"""A centre for the benchmark of the engine: 40 queues, 80 kinds of agents, as many agents as wanted.

Half of all callers want the first queue, which everybody serves; each kind of agent serves three more, at
levels of all three bands. Every queue has a ladder: a lower level after 30 s, volunteers when hundreds wait
and nobody is free, an office after two minutes. Nothing is drawn by chance.

``country`` is the same with an office in each of the 107 provinces, for the transition mode.
"""

from __future__ import annotations

import msgspec

from acd.core.ids import AgentId, OfficeId, PauseReasonId, QueueId, SiteId, SkillId
from acd.core.policy import Agent, Office, PauseReason, Queue, Roster, RuleSet, Site, SkillNeed, Step
from acd.rules.provinces import office_id, provinces
from acd.rules.territory import territory

QUEUES = 40
KINDS = 80
LEVELS = (9, 6, 3)
SITES = (SiteId("roma"), SiteId("bari"), SiteId("milano"))
"""Without affinity, and in normal mode, it is all the same where somebody sits."""
MISSED = PauseReasonId("missed")


def rules(waiting_min: int = 200) -> RuleSet:
    """The rules; volunteers help when so many wait."""
    queues = [_queue(number, waiting_min) for number in range(QUEUES)]
    office = Office(
        id=OfficeId("roma"), name="Roma", province="RM", number="99060001", trunk="trunk", capacity=2
    )
    return RuleSet(
        revision="bench",
        queues={queue.id: queue for queue in queues},
        skills={need.skill: need.skill for queue in queues for need in queue.needs},
        sites={site: Site(id=site, name=site) for site in SITES},
        offices={office.id: office},
        pause_reasons={MISSED: PauseReason(id=MISSED, name="Missed")},
        entry={},
        queue_by_default=queues[0].id,
        missed_reason=MISSED,
    )


def country() -> RuleSet:
    """The rules with an office of three lines in each province."""
    offices = [
        Office(
            id=OfficeId(office_id(each)),
            name=each.name,
            province=each.sigla,
            number=f"99{each.istat_code}",
            trunk="trunk",
            capacity=3,
        )
        for each in provinces()
    ]
    by_id = {office.id: office for office in offices}
    return msgspec.structs.replace(rules(), offices=by_id, territory=dict(territory()))


def roster(agents: int, volunteers_every: int = 50) -> Roster:
    """So many agents; one in fifty answers only as a volunteer."""
    people = [_agent(number, volunteers_every) for number in range(agents)]
    return Roster(agents={agent.id: agent for agent in people})


def _queue(number: int, waiting_min: int) -> Queue:
    skill = SkillId(f"s{number:02}")
    return Queue(
        id=QueueId(f"q{number:02}"),
        name=f"Queue {number}",
        language="it",
        needs=(SkillNeed(skill=skill, level_min=2),),
        wrap_up_ms=10_000,
        ladder=(
            Step(id="lower", after_ms=30_000, levels={skill: 1}),
            Step(id="volunteers", after_ms=60_000, waiting_min=waiting_min, idle_max=0, volunteers=True),
            Step(id="offices", after_ms=120_000, offices=(OfficeId("roma"),)),
        ),
    )


def _agent(number: int, volunteers_every: int) -> Agent:
    kind = number % KINDS
    others = ((kind + 1) % 39 + 1, (kind * 7 + 3) % 39 + 1, (kind * 11 + 5) % 39 + 1)
    skills = {SkillId("s00"): LEVELS[kind % 3]}
    for place, other in enumerate(others):
        skills.setdefault(SkillId(f"s{other:02}"), LEVELS[(kind // 3 + place) % 3])
    name = f"a{number:05}"
    return Agent(
        id=AgentId(name),
        site=SITES[kind % len(SITES)],
        endpoint=f"phone-{name}",
        skills=skills,
        volunteer=number % volunteers_every == volunteers_every - 1,
    )
