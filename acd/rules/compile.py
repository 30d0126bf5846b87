"""From checked files to what the engine may know.

Seconds become milliseconds, absent values become the engine's own way of saying "never", and
the order of the files is kept, because the engine settles ties by it. Nothing can go wrong
here: what could was refused by `acd.rules.schema` and `acd.rules.checks`.
"""

from __future__ import annotations

from collections.abc import Mapping

from acd.core.ids import (
    OfficeId,
    OutcomeCodeId,
    PauseReasonId,
    PriorityClassId,
    QueueId,
    SiteId,
    SkillId,
)
from acd.core.policy import (
    DatedTarget,
    Office,
    OutcomeCode,
    PauseReason,
    PhoneRange,
    PriorityClass,
    Queue,
    QueueKind,
    RuleSet,
    Site,
    SkillNeed,
    Timings,
)
from acd.rules.schema import (
    OfficesFile,
    OutcomeCodesFile,
    PauseReasonsFile,
    PriorityClassesFile,
    QueuesFile,
    QueueShape,
    SitesFile,
    SiteShape,
    SkillsFile,
    TimingsShape,
    ends_of_range,
)

__all__ = ["compile_rules"]


def _ms(seconds: float) -> int:
    return round(seconds * 1_000)


def compile_rules(
    *,
    revision: str,
    skills: SkillsFile,
    sites: SitesFile,
    offices: OfficesFile,
    pause_reasons: PauseReasonsFile,
    priority_classes: PriorityClassesFile,
    outcome_codes: OutcomeCodesFile,
    queues: QueuesFile,
    entry: Mapping[str, QueueId],
    queue_by_default: str,
    timings: TimingsShape,
) -> RuleSet:
    """Compile everything but the entry plan.

    Most arguments are the file of their name; ``entry`` says where each called number leads whoever
    presses no key.
    """
    return RuleSet(
        revision=revision,
        queues={QueueId(name): _queue(name, shape) for name, shape in queues.queues.items()},
        skills={SkillId(name): title for name, title in skills.skills.items()},
        sites={SiteId(name): _site(name, shape) for name, shape in sites.sites.items()},
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
        entry=entry,
        queue_by_default=QueueId(queue_by_default),
        missed_reason=PauseReasonId(pause_reasons.missed_reason),
        timings=_timings(timings),
        priority_classes={
            PriorityClassId(name): PriorityClass(
                id=PriorityClassId(name), name=shape.name, credit_ms=_ms(shape.credit_s)
            )
            for name, shape in priority_classes.priority_classes.items()
        },
        outcome_codes={
            OutcomeCodeId(name): OutcomeCode(id=OutcomeCodeId(name), name=shape.name, digit=shape.digit)
            for name, shape in outcome_codes.outcome_codes.items()
        },
    )


def _site(name: str, shape: SiteShape) -> Site:
    ends = map(ends_of_range, shape.phones)
    phones = tuple(PhoneRange(first=first, last=last) for first, last in ends)
    return Site(id=SiteId(name), name=shape.name, phones=phones)


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
        kind=QueueKind(shape.kind),
        return_ms=_ms(shape.return_s),
        targets=tuple(DatedTarget(from_day=one.from_day, ratio=one.ratio) for one in shape.targets),
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
