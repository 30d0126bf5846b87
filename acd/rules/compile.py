"""From checked files to what the engine may know.

Seconds become milliseconds, absent values become the engine's own way of saying "never", and
the order of the files is kept, because the engine settles ties by it. Nothing can go wrong
here: what could was refused by `acd.rules.schema` and `acd.rules.checks`.
"""

from __future__ import annotations

from collections.abc import Mapping

from acd.core.ids import (
    CalendarId,
    OfficeId,
    OutcomeCodeId,
    PauseReasonId,
    PriorityClassId,
    QueueId,
    SiteId,
    SkillId,
)
from acd.core.policy import (
    BANDS,
    Affinity,
    Band,
    Breaks,
    Calendar,
    DatedTarget,
    Discipline,
    OutcomeCode,
    PauseReason,
    PhoneRange,
    PriorityClass,
    Queue,
    QueueKind,
    RuleSet,
    Site,
    SkillNeed,
    StandIn,
    Step,
    Timings,
)
from acd.rules.calendar import Calendars
from acd.rules.office_compile import compile_health, compile_offices, compile_trunks
from acd.rules.office_shape import OfficesFile
from acd.rules.queue_shape import QueuesFile, QueueShape, StepShape
from acd.rules.schema import (
    AffinityShape,
    BandsFile,
    OutcomeCodesFile,
    PauseReasonsFile,
    PriorityClassesFile,
    SitesFile,
    SiteShape,
    SkillsFile,
    TimingsFile,
    TimingsShape,
    ends_of_range,
)
from acd.rules.territory import territory

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
    bands: BandsFile,
    calendars: Calendars,
    timings: TimingsFile,
    stand_in: StandIn,
    breaks: Breaks | None,
) -> RuleSet:
    """Compile everything but the entry plan.

    Most arguments are the file of their name; ``entry`` says where each called number leads whoever
    presses no key; ``calendars`` knows from which day on.
    """
    used: dict[CalendarId, Calendar] = {}
    return RuleSet(
        revision=revision,
        queues={QueueId(name): _queue(name, shape, calendars, used) for name, shape in queues.queues.items()},
        skills={SkillId(name): title for name, title in skills.skills.items()},
        sites={SiteId(name): _site(name, shape) for name, shape in sites.sites.items()},
        offices=compile_offices(offices, calendars, used),
        trunks=compile_trunks(offices),
        health=compile_health(offices.health),
        pause_reasons={
            PauseReasonId(name): PauseReason(id=PauseReasonId(name), name=shape.name, digit=shape.digit)
            for name, shape in pause_reasons.pause_reasons.items()
        },
        entry=entry,
        queue_by_default=QueueId(queue_by_default),
        missed_reason=PauseReasonId(pause_reasons.missed_reason),
        timings=_timings(timings.timings),
        affinity=_affinity(timings.affinity),
        stand_in=stand_in,
        breaks=breaks,
        territory=dict(territory()),
        bands=_bands(bands),
        calendars=used,
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


def _queue(name: str, shape: QueueShape, calendars: Calendars, used: dict[CalendarId, Calendar]) -> Queue:
    calendar = calendars.of_queue(shape.calendar) if shape.calendar is not None else None
    if calendar is not None:
        used[calendar.id] = calendar
    return Queue(
        id=QueueId(name),
        name=shape.name,
        language=shape.language,
        needs=_needs(shape.needs),
        prefers=_needs(shape.prefers),
        excludes=tuple(map(SkillId, shape.excludes)),
        sites=tuple(map(SiteId, shape.sites)),
        discipline=Discipline(shape.discipline),
        credit_ms=_ms(shape.credit_s),
        threshold_ms=_ms(shape.threshold_s),
        target_ratio=shape.target_ratio,
        ring_s=shape.ring_s,
        wrap_up_ms=_ms(shape.wrap_up_s),
        wrap_up_extend_ms=_ms(shape.wrap_up_extend_s),
        wrap_up_ms_max=_ms(shape.wrap_up_s_max),
        short_abandon_ms=_ms(shape.short_abandon_s),
        ladder=tuple(map(_step, shape.ladder)),
        calendar=calendar.id if calendar is not None else None,
        wait_ms_max=_ms(shape.wait_s_max),
        kind=QueueKind(shape.kind),
        return_ms=_ms(shape.return_s),
        targets=tuple(DatedTarget(from_day=one.from_day, ratio=one.ratio) for one in shape.targets),
    )


def _needs(levels: Mapping[str, int]) -> tuple[SkillNeed, ...]:
    return tuple(SkillNeed(skill=SkillId(skill), level_min=level) for skill, level in levels.items())


def _step(shape: StepShape) -> Step:
    return Step(
        id=shape.step,
        after_ms=_ms(shape.after_s),
        waiting_min=shape.waiting_min or 0,
        idle_max=-1 if shape.idle_max is None else shape.idle_max,
        at_risk=shape.at_risk,
        levels={SkillId(skill): level for skill, level in shape.levels.items()},
        drop_preferences=shape.drop_preferences,
        sites=tuple(map(SiteId, shape.sites)),
        volunteers=shape.volunteers,
        offices=tuple(map(OfficeId, shape.offices)),
        consent=shape.consent or "",
        waives=tuple(map(SkillId, shape.waives)),
    )


def _bands(file: BandsFile) -> tuple[Band, ...]:
    if file.bands is None:
        return BANDS
    return tuple(
        Band(
            level_min=shape.level_min,
            handicap_ms={Discipline(name): _ms(seconds) for name, seconds in shape.handicap_s.items()},
        )
        for shape in file.bands
    )


def _affinity(shape: AffinityShape | None) -> Affinity | None:
    if shape is None:
        return None
    return Affinity(within_ms=_ms(shape.within_s), worth_ms=_ms(shape.worth_s))


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
