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
from acd.metrics.labels import (
    CORRECTIONS,
    FACTS,
    LADDER_WHYS,
    NATIONAL,
    OFFER_RESULTS,
    Consent,
    Failure,
    Origin,
    Reload,
    Waited,
)
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


@dataclass(frozen=True, slots=True)
class OfficeMeters:
    """The bound children of one office."""

    offers: Mapping[OfferEnd | None, Counter]
    opened: Counter


class Instruments:
    """All instruments of one registry.

    ``queue(id)`` never fails: an unknown queue has the meters of ``other``.
    """

    def __init__(self, rules: RuleSet, nodes: Sequence[str], registry: CollectorRegistry) -> None:
        self._registry = registry
        self._offered = self._counter(names.CALLS_OFFERED)
        self._finished = self._counter(names.CALLS_FINISHED)
        self._level = self._counter(names.SERVICE_LEVEL_EVENTS)
        thresholds_ms = (queue.threshold_ms for queue in rules.queues.values())
        self._waited = self._histogram(names.CALL_WAIT, wait_buckets(thresholds_ms))
        self._handled = self._summary(names.CALL_HANDLE)
        self._offers = self._counter(names.AGENT_OFFERS)
        self._widened = self._counter(names.LADDER_STEPS)
        self._consents = self._counter(names.CONSENTS)
        self._passed_over = self._counter(names.PASSED_OVER)
        self._judged = self._counter(names.CALLS_JUDGED)
        self._office_offers = self._counter(names.FALLBACK_CALLS)
        self._opened = self._counter(names.OFFICE_BREAKER_OPENED)
        self._switched = self._counter(names.FALLBACK_TRANSITIONS)
        self._outages = self._counter(names.TRUNK_CARRIER_OUTAGES)
        self._queues: Mapping[str, QueueMeters] = {}
        self._offices: Mapping[str, OfficeMeters] = {}
        self._switches: Mapping[str, Mapping[Origin, Counter]] = {}
        self._trunks: Mapping[str, Counter] = {}
        self.rules_changed(rules)
        failures = self._counter(names.ROUTING_FAILURES)
        self.failures: Mapping[Failure, Counter] = {
            reason: failures.labels(reason.value) for reason in Failure
        }
        corrections = self._counter(names.RECONCILE_CORRECTIONS)
        self._corrections = {kind: corrections.labels(kind) for kind in CORRECTIONS}
        reloads = self._counter(names.CONFIG_RELOADS)
        self.reloads: Mapping[Reload, Counter] = {result: reloads.labels(result.value) for result in Reload}
        self.requests = self._counter(names.API_REQUESTS)
        late = self._counter(names.LATE_FACTS)
        self._late = {fact: late.labels(fact) for fact in FACTS}
        event_lag = self._histogram(names.AMI_EVENT_LAG, LAG_S)
        self._event_lag = {node: event_lag.labels(node) for node in (*nodes, OTHER)}
        self.left_in_menu = self._counter(names.CALLS_LEFT_IN_MENU)
        self.decision = self._histogram(names.ROUTING_DECISION, DECISION_S)
        self.loop_lag = self._histogram(names.EVENT_LOOP_LAG, LAG_S)

    def queue(self, queue: str) -> QueueMeters:
        """The meters of a queue."""
        return self._queues.get(queue) or self._queues[OTHER]

    def rules_changed(self, rules: RuleSet) -> None:
        """Have series for the queues, offices and outcome codes of these rules too; what was counted stays.

        Milliseconds: in a thread, once calls are routed. The edges of the wait buckets stay those of the
        start: a threshold between two of them is read from the buckets only roughly until the next start.
        """
        meters = {queue: self._meters(queue, rules.outcome_codes) for queue in (*rules.queues, OTHER)}
        self._queues = {**self._queues, **meters}
        offices = {office: self._office_meters(office) for office in (*rules.offices, OTHER)}
        self._offices = {**self._offices, **offices}
        switches = {
            scope: {origin: self._switched.labels(scope, origin.value) for origin in Origin}
            for scope in (*rules.offices, NATIONAL, OTHER)
        }
        self._switches = {**self._switches, **switches}
        trunks = dict.fromkeys(office.trunk for office in rules.offices.values())
        self._trunks = {**self._trunks, **{each: self._outages.labels(each) for each in (*trunks, OTHER)}}

    def office(self, office: str) -> OfficeMeters:
        """The meters of an office."""
        return self._offices.get(office) or self._offices[OTHER]

    def switched(self, office: str, origin: Origin) -> Counter:
        """The counter of an office, or of the country (``national``), that began or ceased to stand in."""
        return (self._switches.get(office) or self._switches[OTHER])[origin]

    def outages(self, trunk: str) -> Counter:
        """The counter of a trunk's outages."""
        return self._trunks.get(trunk) or self._trunks[OTHER]

    def correction(self, kind: str) -> Counter:
        """The counter of a kind of correction."""
        return self._corrections.get(kind) or self._corrections[OTHER]

    def late(self, fact: str) -> Counter:
        """The counter of a kind of late fact."""
        return self._late.get(fact) or self._late[OTHER]

    def event_lag(self, node: str) -> Histogram:
        """The event lag of one Asterisk."""
        return self._event_lag.get(node) or self._event_lag[OTHER]

    def _meters(self, queue: str, codes: Iterable[str]) -> QueueMeters:
        """The children of one queue; asked for again, the same ones and those of new codes."""
        return QueueMeters(
            offered=self._offered.labels(queue),
            finished={
                (outcome, path): self._finished.labels(queue, outcome.value, path.value)
                for outcome in Outcome
                for path in Path
            },
            level={result: self._level.labels(queue, result.value) for result in ServiceLevel},
            waited={outcome: self._waited.labels(queue, outcome.value) for outcome in Waited},
            handled=self._handled.labels(queue),
            offers={end: self._offers.labels(queue, result) for end, result in OFFER_RESULTS.items()},
            widened={why: self._widened.labels(queue, why) for why in LADDER_WHYS},
            consents={said: self._consents.labels(queue, said.value) for said in Consent},
            passed_over={reason: self._passed_over.labels(queue, reason.value) for reason in Reason},
            judged={code: self._judged.labels(queue, code) for code in (*codes, OTHER)},
        )

    def _office_meters(self, office: str) -> OfficeMeters:
        return OfficeMeters(
            offers={end: self._office_offers.labels(office, result) for end, result in OFFER_RESULTS.items()},
            opened=self._opened.labels(office),
        )

    def _counter(self, row: Metric) -> Counter:
        return Counter(row.name, row.help, row.labels, registry=self._registry)

    def _summary(self, row: Metric) -> Summary:
        return Summary(row.name, row.help, row.labels, registry=self._registry)

    def _histogram(self, row: Metric, buckets: Sequence[float]) -> Histogram:
        return Histogram(row.name, row.help, row.labels, buckets=buckets, registry=self._registry)
