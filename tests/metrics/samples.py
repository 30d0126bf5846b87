"""A small rule set, views and notes for the tests of metrics and web."""

from __future__ import annotations

from acd.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    NodeId,
    OfficeId,
    OutcomeCodeId,
    PauseReasonId,
    QueueId,
    SiteId,
    SkillId,
)
from acd.core.notes import AgentState, CallFinished, OfferClosed, Outcome, Path
from acd.core.orders import TargetKind
from acd.core.policy import Office, OutcomeCode, PauseReason, Queue, RuleSet, Site, SkillNeed
from acd.core.views import QueueView, Summary
from acd.metrics.observe import MetricsObserver
from acd.metrics.picture import NodeGauges

CALL = CallId("ast1-1700000000.1")
GENERAL = QueueId("generale")
NODE = NodeId("ast1")


def rules(queues: int = 2, thresholds_ms: tuple[int, ...] = (20_000, 45_000)) -> RuleSet:
    """So many queues, the first called ``generale``, with these thresholds in turn."""
    names = [GENERAL, *(QueueId(f"coda{n}") for n in range(1, queues))]
    return RuleSet(
        revision="0123abcd",
        queues={
            name: Queue(
                id=name,
                name=name.title(),
                language="it",
                needs=(SkillNeed(skill=SkillId(name)),),
                threshold_ms=thresholds_ms[n % len(thresholds_ms)],
                target_ratio=0.8,
            )
            for n, name in enumerate(names)
        },
        skills={},
        sites={SiteId(name): Site(id=SiteId(name), name=name) for name in ("roma", "bari", "lecce")},
        offices={
            OfficeId("aosta"): Office(
                id=OfficeId("aosta"), name="Aosta", province="AO", number="0165", trunk="pstn", capacity=2
            )
        },
        pause_reasons={
            PauseReasonId("pausa"): PauseReason(id=PauseReasonId("pausa"), name="Pausa", digit="1"),
            PauseReasonId("squilli"): PauseReason(id=PauseReasonId("squilli"), name="Squilli mancati"),
        },
        entry={"803164": GENERAL},
        queue_by_default=GENERAL,
        missed_reason=PauseReasonId("squilli"),
        outcome_codes={
            OutcomeCodeId("risolta"): OutcomeCode(id=OutcomeCodeId("risolta"), name="Risolta", digit="1")
        },
    )


def observer(queues: int = 2, k: int = 10) -> MetricsObserver:
    """An observer over the small rule set and one Asterisk."""
    return MetricsObserver(rules(queues), (NODE,), version="0.1.0", k=k)


def summary(**sites: dict[AgentState, int]) -> Summary:
    """A centre with these agents."""
    return Summary(
        entered=10,
        ended=7,
        in_progress=3,
        unaccounted=0,
        answered=5,
        to_offices=1,
        abandoned=2,
        safety_net=0,
        lost=0,
        agents={SiteId(site): states for site, states in sites.items()},
    )


def queue_view(
    queue: str = GENERAL, *, waiting: int = 0, offered_now: int = 0, longest_wait_ms: int = 0
) -> QueueView:
    """One queue with so many waiting."""
    return QueueView(
        id=QueueId(queue),
        name=queue.title(),
        waiting=waiting,
        offered_now=offered_now,
        talking=0,
        longest_wait_ms=longest_wait_ms,
        agents_ready=0,
        entered=0,
        answered=0,
        answered_by_offices=0,
        abandoned=0,
        safety_net=0,
        lost=0,
    )


def node(**events: int) -> NodeGauges:
    """The link to the one Asterisk, up, with these events."""
    return NodeGauges(node=NODE, connected=True, reconnects=3, events=events)


def finished(outcome: Outcome, queue: str = GENERAL, path: Path = Path.PRIMARY) -> CallFinished:
    """A call that waited 12 s and, where answered, took 90 s."""
    return CallFinished(
        call=CALL, queue=QueueId(queue), outcome=outcome, path=path, wait_ms=12_000, handle_ms=90_000
    )


def closed(end: object, kind: TargetKind = TargetKind.AGENT) -> OfferClosed:
    """An offer to agent a0001 that ended so."""
    return OfferClosed(
        call=CALL,
        queue=GENERAL,
        attempt=AttemptId("0000000001-00000001"),
        kind=kind,
        target=AgentId("a0001"),
        end=end,
        missed=False,
    )


def value(seen: MetricsObserver, name: str, **labels: str) -> float | None:
    """The value of one series, None where there is none."""
    return seen.registry.get_sample_value(name, labels)
