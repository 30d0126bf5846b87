"""From checked files to what the engine may know.

Seconds become milliseconds, absent values become the engine's own way of saying "never", and
the order of the files is kept, because the engine settles ties by it. Nothing can go wrong
here: what could was refused by `acd.rules.schema` and `acd.rules.checks`.
"""

from __future__ import annotations

from acd.core.ids import AgentId, OfficeId, PauseReasonId, QueueId, SiteId, SkillId
from acd.core.policy import Agent, Office, PauseReason, Queue, Roster, RuleSet, Site, SkillNeed, Timings
from acd.rules.schema import (
    AgentsFile,
    EntryFile,
    OfficesFile,
    PauseReasonsFile,
    QueuesFile,
    QueueShape,
    SitesFile,
    SkillsFile,
    TimingsShape,
)

__all__ = ["compile_roster", "compile_rules"]


def _ms(seconds: float) -> int:
    return round(seconds * 1_000)


def compile_rules(
    *,
    revision: str,
    skills: SkillsFile,
    sites: SitesFile,
    offices: OfficesFile,
    pause_reasons: PauseReasonsFile,
    queues: QueuesFile,
    entry: EntryFile,
    timings: TimingsShape,
) -> RuleSet:
    """Compile everything but the roster."""
    return RuleSet(
        revision=revision,
        queues={QueueId(name): _queue(name, shape) for name, shape in queues.queues.items()},
        skills={SkillId(name): title for name, title in skills.skills.items()},
        sites={SiteId(name): Site(id=SiteId(name), name=shape.name) for name, shape in sites.sites.items()},
        offices={
            OfficeId(name): Office(
                id=OfficeId(name),
                name=shape.name,
                province=shape.province,
                number=shape.number,
                trunk=shape.trunk,
                capacity=shape.capacity,
            )
            for name, shape in offices.offices.items()
        },
        pause_reasons={
            PauseReasonId(name): PauseReason(id=PauseReasonId(name), name=shape.name, digit=shape.digit)
            for name, shape in pause_reasons.pause_reasons.items()
        },
        entry={number: QueueId(queue) for number, queue in entry.entry.items()},
        queue_by_default=QueueId(entry.queue_by_default),
        missed_reason=PauseReasonId(pause_reasons.missed_reason),
        timings=_timings(timings),
    )


def compile_roster(agents: AgentsFile) -> Roster:
    """Compile the people; an agent without an endpoint rings on the one of the same name."""
    return Roster(
        agents={
            AgentId(name): Agent(
                id=AgentId(name),
                site=SiteId(shape.site),
                endpoint=shape.endpoint if shape.endpoint is not None else name,
                skills={SkillId(skill): level for skill, level in shape.skills.items()},
            )
            for name, shape in agents.agents.items()
        }
    )


def _queue(name: str, shape: QueueShape) -> Queue:
    return Queue(
        id=QueueId(name),
        name=shape.name,
        language=shape.language,
        needs=tuple(SkillNeed(skill=SkillId(skill), level_min=level) for skill, level in shape.needs.items()),
        priority=shape.priority,
        threshold_ms=_ms(shape.threshold_s),
        target_ratio=shape.target_ratio,
        ring_s=shape.ring_s,
        wrap_up_ms=_ms(shape.wrap_up_s),
        wrap_up_extend_ms=_ms(shape.wrap_up_extend_s),
        wrap_up_ms_max=_ms(shape.wrap_up_s_max),
        short_abandon_ms=_ms(shape.short_abandon_s),
        offices=tuple(OfficeId(office) for office in shape.offices),
        offices_after_ms=-1 if shape.offices_after_s is None else _ms(shape.offices_after_s),
        wait_ms_max=_ms(shape.wait_s_max),
    )


def _timings(shape: TimingsShape) -> Timings:
    return Timings(
        order_valid_ms=_ms(shape.order_valid_s),
        order_grace_ms=_ms(shape.order_grace_s),
        ghost_ms=_ms(shape.ghost_s),
        ring_grace_ms=_ms(shape.ring_grace_s),
        withdraw_ms=_ms(shape.withdraw_s),
        look_ms=_ms(shape.look_s),
        unreachable_retry_ms=_ms(shape.unreachable_retry_s),
        not_again_ms=_ms(shape.not_again_s),
        misses_max=shape.misses_max,
        transfer_ms_max=_ms(shape.transfer_s_max),
    )
