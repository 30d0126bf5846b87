"""Notes become numbers: the observer that feeds Prometheus.

``observe`` runs inside the pump for every fact, so it only moves kept children (a few
microseconds). ``refresh`` runs on the loop at scrape time and takes one picture of what is true
now. ``render`` writes the text and takes tens of milliseconds: it belongs in a thread, see
``acd.metrics.exposition``. The three share nothing but Prometheus' own locks and one assignment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from prometheus_client import CollectorRegistry, disable_created_metrics

from acd.core.facts import Fact, OfferEnd, OfferEnded, OrderFailed
from acd.core.health import BreakerState
from acd.core.ids import NodeId
from acd.core.notes import (
    AgentMoved,
    Anomaly,
    BreakerMoved,
    CallAnswered,
    CallFinished,
    CallJudged,
    CallOffered,
    CallToldClosed,
    CarrierMoved,
    ConsentGiven,
    Corrected,
    Decision,
    FallbackTaken,
    LadderOpened,
    Late,
    MenuLeft,
    Note,
    OfferClosed,
    Outcome,
    RulesTaken,
    ServiceLevelCounted,
    StandInWidened,
)
from acd.core.orders import Order, TargetKind
from acd.core.policy import RuleSet
from acd.core.views import OfficeView, QueueView, Summary
from acd.metrics.exposition import TextWriter
from acd.metrics.instruments import Instruments
from acd.metrics.labels import Consent, Failure, Origin, Reload, Waited
from acd.metrics.names import OTHER
from acd.metrics.picture import NodeGauges, Picture, ProcessGauges, StoreGauges, SwitchGauges
from acd.metrics.privacy import K_DEFAULT


class MetricsObserver:
    """All our metrics, in a registry of their own.

    Args:
        rules: the rules in force; they name the queues and sites that get a series.
        nodes: the Asterisks of the configuration.
        version: the version that runs, for ``acd_build_info``.
        k: the least number of people a group must have to be shown by itself.
    """

    def __init__(self, rules: RuleSet, nodes: Sequence[NodeId], *, version: str, k: int = K_DEFAULT) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped in prometheus_client
        self.registry = CollectorRegistry()
        self._writer = TextWriter(self.registry)
        self.streams_open: Callable[[], int] = lambda: 0
        """How many streams of events are open: whoever serves them says how to know."""
        self._meters = Instruments(rules, nodes, self.registry)
        self._picture = Picture(rules, nodes, version=version, k=k)
        self.registry.register(self._picture)

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:  # noqa: ARG002  # the port's signature
        """Count one fact and what became of it (the ``Observer`` port)."""
        decided = False
        for note in notes:
            self._count(note)
            decided = decided or isinstance(note, Decision)
        if decided:
            self._meters.decision.observe(took_s)
        if isinstance(fact, OrderFailed):
            self._meters.failures[Failure.ORDER_UNKNOWN if fact.unknown else Failure.ORDER_FAILED].inc()
        elif isinstance(fact, OfferEnded) and fact.end is OfferEnd.REFUSED:
            self._meters.failures[Failure.ORDER_REFUSED].inc()

    def loop_lag(self, seconds: float) -> None:
        """A timer of the process fired this late."""
        self._meters.loop_lag.observe(seconds)

    def event_lag(self, node: NodeId) -> Callable[[float], None]:
        """Where the link to this Asterisk reports, in seconds, how late it handles an event."""
        return self._meters.event_lag(node).observe

    def refresh(
        self,
        summary: Summary,
        queues: Sequence[QueueView],
        nodes: Sequence[NodeGauges],
        *,
        offices: Sequence[OfficeView] = (),
        store: StoreGauges | None = None,
        switches: SwitchGauges | None = None,
        process: ProcessGauges | None = None,
        now_ms: int | None = None,
    ) -> None:
        """Take the picture of now (on the loop, just before a scrape is rendered)."""
        self._picture.take(
            summary,
            queues,
            nodes,
            offices=offices,
            store=store,
            switches=switches,
            process=process,
            now_ms=now_ms,
        )

    def switched(self, office: str, origin: Origin) -> None:
        """An office, or the country (``national``), began or ceased to stand in."""
        self._meters.switched(office, origin).inc()

    def reloaded(self, result: Reload) -> None:
        """A configuration was put in force, or refused."""
        self._meters.reloads[result].inc()

    def answered(self, route: str, method: str, status: int) -> None:
        """The API or a page has answered."""
        self._meters.requests.labels(route, method, f"{status // 100}xx").inc()

    def rules_changed(self, rules: RuleSet) -> None:
        """Other rules are in force: series for what is new in them. Milliseconds; not on the loop."""
        self._meters.rules_changed(rules)
        self._picture.rules_changed(rules)

    def show_groups_from(self, k: int) -> None:
        """Groups of fewer people are merged from the next picture on."""
        self._picture.k = k

    def render(self) -> bytes:
        """The whole exposition as text; tens of milliseconds, so never on the loop."""
        return self._writer.text()

    def _count(self, note: Note) -> None:
        match note:
            case CallOffered():
                self._meters.queue(note.queue).offered.inc()
            case ServiceLevelCounted():
                self._meters.queue(note.queue).level[note.result].inc()
            case CallAnswered():
                self._meters.queue(note.queue).waited[Waited.ANSWERED].observe(note.wait_ms / 1000)
            case CallFinished():
                self._finish(note)
            case OfferClosed():
                if note.kind is TargetKind.AGENT:
                    self._meters.queue(note.queue).offers[note.end].inc()
                else:
                    self._meters.office(note.target).offers[note.end].inc()
            case Late():
                self._meters.late(note.fact).inc()
            case Anomaly():
                self._meters.failures[Failure.ANOMALY].inc()
            case Corrected():
                self._meters.correction(note.kind).inc()
            case CallJudged():
                judged = self._meters.queue(note.queue).judged
                (judged.get(note.code) or judged[OTHER]).inc()
            case MenuLeft():
                self._meters.left_in_menu.inc()
            case LadderOpened():
                widened = self._meters.queue(note.queue).widened
                (widened.get(note.why) or widened[OTHER]).inc()
            case ConsentGiven():
                said = Consent.GRANTED if note.granted else Consent.REFUSED
                self._meters.queue(note.queue).consents[said].inc()
            case Decision():
                passed_over = self._meters.queue(note.queue).passed_over
                for reason, count in note.passed_over.items():
                    passed_over[reason].inc(count)
            case CallToldClosed() | RulesTaken() | FallbackTaken() | StandInWidened():
                pass  # a closed call is counted at its end; the revision is in the picture
            case BreakerMoved():
                if note.after == BreakerState.OPEN:
                    self._meters.office(note.office).opened.inc()
            case CarrierMoved():
                if note.out:
                    self._meters.outages(note.trunk).inc()
            case AgentMoved():
                pass  # agents are counted in the picture, never one by one
            case _:
                assert_never(note)

    def _finish(self, note: CallFinished) -> None:
        meters = self._meters.queue(note.queue)
        meters.finished[note.outcome, note.path].inc()
        if note.code:
            (meters.judged.get(note.code) or meters.judged[OTHER]).inc()
        match note.outcome:
            case Outcome.ANSWERED:
                meters.handled.observe(note.handle_ms / 1000)
            case Outcome.ABANDONED | Outcome.SHORT_ABANDONED:
                meters.waited[Waited.ABANDONED].observe(note.wait_ms / 1000)
            case Outcome.LOST:
                self._meters.failures[Failure.CALL_LOST].inc()
            case Outcome.SAFETY_NET | Outcome.CLOSED:
                pass
            case _:
                assert_never(note.outcome)
