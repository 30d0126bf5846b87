"""The counters and histograms that notes move, built from the table with every label set present.

A labelled child is looked up once, at the start, and kept: moving a kept child costs about a
microsecond, looking it up costs twice that. Gauges that describe *now* are not here: they are
taken from one picture of the engine at scrape time (``acd.metrics.picture``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, Summary

from acd.core.facts import OfferEnd
from acd.core.notes import Outcome, Path, Reason, ServiceLevel
from acd.core.policy import RuleSet
from acd.metrics import names
from acd.metrics.labels import CORRECTIONS, FACTS, LADDER_WHYS, OFFER_RESULTS, Consent, Failure, Waited
from acd.metrics.names import OTHER, Metric

WAIT_S = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0)
LAG_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
DECISION_S = (0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25)


def wait_buckets(thresholds_ms: Iterable[int]) -> tuple[float, ...]:
    """Bucket edges in seconds: the usual ones and each configured threshold, so that any is exact."""
    return tuple(sorted({*WAIT_S, *(ms / 1000 for ms in thresholds_ms)}))


@dataclass(frozen=True, slots=True)
class QueueMeters:
    """The bound children of one queue."""

    offered: Counter
    finished: Mapping[tuple[Outcome, Path], Counter]
    level: Mapping[ServiceLevel, Counter]
    waited: Mapping[Waited, Histogram]
    handled: Summary
    offers: Mapping[OfferEnd | None, Counter]
    widened: Mapping[str, Counter]
    consents: Mapping[Consent, Counter]
    passed_over: Mapping[Reason, Counter]
    judged: Mapping[str, Counter]
    """By outcome code; a code nobody knows is counted under ``other``."""


class Instruments:
    """All instruments of one registry.

    ``queue(id)`` never fails: an unknown queue has the meters of ``other``.
    """

    def __init__(self, rules: RuleSet, nodes: Sequence[str], registry: CollectorRegistry) -> None:
        self._registry = registry
        self._queues = self._build_queues(rules)
        self._other = self._queues[OTHER]
        failures = self._counter(names.ROUTING_FAILURES)
        self.failures: Mapping[Failure, Counter] = {
            reason: failures.labels(reason.value) for reason in Failure
        }
        corrections = self._counter(names.RECONCILE_CORRECTIONS)
        self._corrections = {kind: corrections.labels(kind) for kind in CORRECTIONS}
        late = self._counter(names.LATE_FACTS)
        self._late = {fact: late.labels(fact) for fact in FACTS}
        event_lag = self._histogram(names.AMI_EVENT_LAG, LAG_S)
        self._event_lag = {node: event_lag.labels(node) for node in (*nodes, OTHER)}
        self.left_in_menu = self._counter(names.CALLS_LEFT_IN_MENU)
        self.decision = self._histogram(names.ROUTING_DECISION, DECISION_S)
        self.loop_lag = self._histogram(names.EVENT_LOOP_LAG, LAG_S)

    def queue(self, queue: str) -> QueueMeters:
        """The meters of a queue."""
        return self._queues.get(queue, self._other)

    def correction(self, kind: str) -> Counter:
        """The counter of a kind of correction."""
        return self._corrections.get(kind) or self._corrections[OTHER]

    def late(self, fact: str) -> Counter:
        """The counter of a kind of late fact."""
        return self._late.get(fact) or self._late[OTHER]

    def event_lag(self, node: str) -> Histogram:
        """The event lag of one Asterisk."""
        return self._event_lag.get(node) or self._event_lag[OTHER]

    def _build_queues(self, rules: RuleSet) -> dict[str, QueueMeters]:
        offered = self._counter(names.CALLS_OFFERED)
        finished = self._counter(names.CALLS_FINISHED)
        level = self._counter(names.SERVICE_LEVEL_EVENTS)
        waited = self._histogram(
            names.CALL_WAIT, wait_buckets(queue.threshold_ms for queue in rules.queues.values())
        )
        handled = self._summary(names.CALL_HANDLE)
        offers = self._counter(names.AGENT_OFFERS)
        judged = self._counter(names.CALLS_JUDGED)
        widened = self._counter(names.LADDER_STEPS)
        consents = self._counter(names.CONSENTS)
        passed_over = self._counter(names.PASSED_OVER)
        return {
            queue: QueueMeters(
                offered=offered.labels(queue),
                finished={
                    (outcome, path): finished.labels(queue, outcome.value, path.value)
                    for outcome in Outcome
                    for path in Path
                },
                level={result: level.labels(queue, result.value) for result in ServiceLevel},
                waited={outcome: waited.labels(queue, outcome.value) for outcome in Waited},
                handled=handled.labels(queue),
                offers={end: offers.labels(queue, result) for end, result in OFFER_RESULTS.items()},
                widened={why: widened.labels(queue, why) for why in LADDER_WHYS},
                consents={said: consents.labels(queue, said.value) for said in Consent},
                passed_over={reason: passed_over.labels(queue, reason.value) for reason in Reason},
                judged={code: judged.labels(queue, code) for code in (*rules.outcome_codes, OTHER)},
            )
            for queue in (*rules.queues, OTHER)
        }

    def _counter(self, row: Metric) -> Counter:
        return Counter(row.name, row.help, row.labels, registry=self._registry)

    def _summary(self, row: Metric) -> Summary:
        return Summary(row.name, row.help, row.labels, registry=self._registry)

    def _histogram(self, row: Metric, buckets: Sequence[float]) -> Histogram:
        return Histogram(row.name, row.help, row.labels, buckets=buckets, registry=self._registry)
