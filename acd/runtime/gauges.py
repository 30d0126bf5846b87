"""What the metrics say of store, fallback and transition: gauges of now, and who switched whom.

An office *stands in* while somebody has switched it on, or while transition mode is on and it is open and
healthy. That it began or ceased to is counted by what did it: the voice that decides now, or, where a voice
has come to its end by the clock, that (``Origin.EXPIRY``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from acd.fallback.resolving import Decision, Effective, Source, Voice, Word, is_live
from acd.fallback.scopes import NATIONAL, OFFICE, SITE, split_scope
from acd.journal.state import JournalState
from acd.metrics.labels import Origin
from acd.metrics.picture import StoreGauges, SwitchGauges
from acd.queue_log.state import QueueLogState
from acd.runtime.transition_keeper import TransitionKeeper
from acd.store.port import Store
from acd.store.records import Override

__all__ = ["count_switches", "store_gauges", "switch_gauges"]

ORIGINS = {
    Source.OVERRIDE: Origin.OPERATOR,
    Source.FILE: Origin.CONFIG,
    Source.TRANSITION: Origin.TRANSITION,
    Source.HOURS: Origin.AUTO,
}


def store_gauges(
    store: Store | None, journal: JournalState | None, queue_log: QueueLogState | None
) -> StoreGauges:
    """How what is kept does; what there is none of does well."""
    state = store.state() if store is not None else None
    return StoreGauges(
        writable=state is None or state.writable,
        behind=state.behind if state is not None else 0,
        dropped=state.dropped if state is not None else 0,
        journal_writable=journal is None or journal.writable,
        journal_lost=journal.lost if journal is not None else 0,
        queue_log_writable=queue_log is None or queue_log.writable,
        queue_log_lost=queue_log.lost if queue_log is not None else 0,
    )


def switch_gauges(
    effective: Effective, overrides: Iterable[Override], transition: TransitionKeeper
) -> SwitchGauges:
    """The gauges of now."""
    now_ms, standing = effective.at_ms, transition.standing()
    live = Counter(each.mode.value for each in overrides if is_live(each, now_ms))
    kinds = {scope: split_scope(scope) for scope in effective.decisions}
    return SwitchGauges(
        on=effective.fallback.on,
        offices=_standing_in(effective),
        overrides=live,
        expiries_ms={scope: _expiry_ms(decision) for scope, decision in effective.decisions.items()},
        shares={
            name: 100 if decision.value.share is None else decision.value.share
            for (kind, name), decision in zip(kinds.values(), effective.decisions.values(), strict=True)
            if kind == SITE
        },
        phases={phase.id: phase.id == standing.phase for phase in transition.plan.phases},
        step=standing.step if standing.phase else 0,
    )


def count_switches(before: Effective, after: Effective, count: Callable[[str, Origin], None]) -> None:
    """Tell ``count`` each office, and the country, that began or ceased to stand in."""
    if before.fallback.on is not after.fallback.on:
        count(NATIONAL, _origin(before, after, NATIONAL))
    was, now = _standing_in(before), _standing_in(after)
    for office, active in now.items():
        if was.get(office, active) is not active:
            count(office, _origin(before, after, f"{OFFICE}:{office}"))


def _standing_in(effective: Effective) -> dict[str, bool]:
    on = effective.fallback.on
    found = {}
    for scope, decision in effective.decisions.items():
        kind, office = split_scope(scope)
        if kind == OFFICE:
            word = decision.value.word
            found[office] = word is Word.ON or (on and word is Word.OPEN)
    return found


def _origin(before: Effective, after: Effective, scope: str) -> Origin:
    """Who did it: the office's own voice if that is another than before, else the country's."""
    for each in dict.fromkeys((scope, NATIONAL)):
        was, now = before.decisions.get(each), after.decisions.get(each)
        if was is not None and now is not None and was.value != now.value:
            if _is_over(was.by, after.at_ms):
                return Origin.EXPIRY
            if was.by.source is Source.OVERRIDE and now.by.source is not Source.OVERRIDE:
                return Origin.OPERATOR  # somebody took it back
            return ORIGINS[now.by.source]
    return Origin.AUTO


def _is_over(voice: Voice, now_ms: int) -> bool:
    """Whether it has come to its end by the clock."""
    return voice.until_ms is not None and voice.until_ms <= now_ms


def _expiry_ms(decision: Decision) -> int:
    override = decision.by.override
    return override.until_ms if override is not None else 0
