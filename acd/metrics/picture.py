"""What is true now, as one picture taken at scrape time and never changed afterwards.

The loop takes the picture (plain numbers, no Prometheus object touched) and swaps it in with one
assignment; the rendering thread reads whichever picture is there. So all gauges of a scrape are
of one instant, the loop pays microseconds, and no lock is held between the two.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from acd.core.ids import NodeId
from acd.core.policy import Queue, RuleSet
from acd.core.views import OfficeView, QueueView, Summary
from acd.metrics import names
from acd.metrics.labels import AGENT_STATES, AMI_EVENTS_SEEN, OVERRIDE_MODES, Staffed
from acd.metrics.names import OTHER, Kind, Metric
from acd.metrics.privacy import is_few, protect

ROME = ZoneInfo("Europe/Rome")
CLOSED = "closed"
"""A breaker that lets calls through."""

SCRAPED = (
    names.QUEUE_CALLS,
    names.QUEUE_LONGEST_WAIT,
    names.QUEUE_TARGET,
    names.QUEUE_THRESHOLD,
    names.QUEUE_OPEN,
    names.QUEUE_AGENTS,
    names.OFFICE_CALLS,
    names.OFFICE_REACHABLE,
    names.OFFICE_BREAKER_OPEN,
    names.FALLBACK_ON,
    names.FALLBACK_ACTIVE,
    names.FALLBACK_OVERRIDES,
    names.FALLBACK_EXPIRY,
    names.SITE_SHARE,
    names.TRANSITION_PHASE,
    names.TRANSITION_STEP,
    names.TRUNK_CALLS,
    names.TRUNK_CARRIER_OUT,
    names.AGENTS,
    names.SUPPRESSED_GROUPS,
    names.AMI_CONNECTED,
    names.AMI_RECONNECTS,
    names.AMI_EVENTS,
    names.DIALPLAN_CURRENT,
    names.JOURNAL_WRITABLE,
    names.JOURNAL_LOST,
    names.QUEUE_LOG_WRITABLE,
    names.QUEUE_LOG_LOST,
    names.STORE_WRITABLE,
    names.STORE_BEHIND,
    names.STORE_DROPPED,
    names.CALLS_UNACCOUNTED,
    names.BUILD_INFO,
    names.CONFIG_INFO,
    names.RULES_TAKEN,
    names.CONFIG_RELOADED,
    names.SSE_CLIENTS,
    names.EXPOSITION_TOOK,
    names.EXPOSITION_SERIES,
)
"""The rows a picture holds."""

Row = tuple[tuple[str, ...], float]
"""Label values and the value."""
Rows = dict[Metric, list[Row]]


class NodeGauges(msgspec.Struct, frozen=True, kw_only=True):
    """One link to Asterisk, as its adapter counts it (plain integers since the process began)."""

    node: NodeId
    connected: bool
    """The link is up and in step (``NodeState.READY``)."""
    reconnects: int = 0
    """Connections made again after a loss."""
    dialplan_current: bool = False
    """It runs the entry menus of the rules in force."""
    events: Mapping[str, int] = {}
    """Events received, by name (a ``UserEvent`` by its own)."""


class StoreGauges(msgspec.Struct, frozen=True, kw_only=True):
    """How the store, the journal and ``queue_log`` do."""

    writable: bool = True
    behind: int = 0
    """Writes held in memory."""
    dropped: int = 0
    journal_writable: bool = True
    journal_lost: int = 0
    queue_log_writable: bool = True
    queue_log_lost: int = 0


class SwitchGauges(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands in for whom, and where the transition stands."""

    on: bool = False
    """Transition mode."""
    offices: Mapping[str, bool] = {}
    """Whether each office stands in."""
    overrides: Mapping[str, int] = {}
    """Overrides that hold now, by mode."""
    expiries_ms: Mapping[str, int] = {}
    """End of the override that decides each scope, 0 where none does."""
    shares: Mapping[str, int] = {}
    """Per cent of each site."""
    phases: Mapping[str, bool] = {}
    """Whether each phase of the plan is the one that runs."""
    step: int = 0


class ProcessGauges(msgspec.Struct, frozen=True, kw_only=True):
    """What the process knows of itself."""

    rules_taken: bool = True
    reloaded_ms: int = 0
    """When a configuration was put in force last."""
    sse_clients: int = 0
    exposition_s: float = 0.0
    """How long the exposition before this one took to write …"""
    series: int = 0
    """… and how many series it had."""


class Picture(Collector):
    """The collector of everything that is true now."""

    def __init__(self, rules: RuleSet, nodes: Sequence[str], *, version: str, k: int) -> None:
        self.k = k
        self._version = version
        self.rules_changed(rules)
        waiting = [NodeGauges(node=NodeId(node), connected=False) for node in nodes]
        self._rows: Rows = {
            **self._fixed,
            **self._target_rows(round(time.time() * 1000)),
            **self._queue_rows(()),
            **_node_rows(waiting),
            **_store_rows(StoreGauges()),
            **_switch_rows(SwitchGauges(offices=dict.fromkeys(rules.offices, False))),
            **_process_rows(ProcessGauges()),
            names.OFFICE_CALLS: [((office,), 0) for office in rules.offices],
            names.OFFICE_REACHABLE: [((office,), 0) for office in rules.offices],
            names.OFFICE_BREAKER_OPEN: [((office,), 0) for office in rules.offices],
            **_trunk_rows(dict.fromkeys((office.trunk for office in rules.offices.values()), 0), ()),
        }

    def rules_changed(self, rules: RuleSet) -> None:
        """Show the queues, targets and revision of these rules from the next picture on."""
        queues = rules.queues.values()
        self._rules = rules
        self._queues = (*rules.queues, OTHER)
        self._fixed: Rows = {
            names.QUEUE_THRESHOLD: [((queue.id,), queue.threshold_ms / 1000) for queue in queues],
            names.BUILD_INFO: [((self._version,), 1)],
            names.CONFIG_INFO: [((rules.revision,), 1)],
        }

    def take(
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
        """Replace the picture (on the loop; microseconds per queue). ``now_ms`` None: by the wall clock."""
        shown = protect(summary.agents, self.k)
        now_ms = round(time.time() * 1000) if now_ms is None else now_ms
        self._rows = {
            **self._fixed,
            **self._target_rows(now_ms),
            **self._queue_rows(queues),
            **_node_rows(nodes),
            **_store_rows(store or StoreGauges()),
            **_switch_rows(switches or SwitchGauges()),
            **_process_rows(process or ProcessGauges()),
            names.OFFICE_CALLS: [((view.id,), view.in_use) for view in offices],
            names.OFFICE_REACHABLE: [((view.id,), _may_be_asked(view)) for view in offices],
            names.OFFICE_BREAKER_OPEN: [((view.id,), view.breaker != CLOSED) for view in offices],
            **_trunk_rows({}, offices),
            names.AGENTS: [
                ((site, state.value), states.get(state, 0))
                for site, states in shown.groups.items()
                for state in AGENT_STATES
            ],
            names.SUPPRESSED_GROUPS: [((), shown.merged)],
            names.CALLS_UNACCOUNTED: [((), summary.unaccounted)],
        }

    def collect(self) -> Iterator[Family]:
        """The present picture as families (in the rendering thread)."""
        rows = self._rows
        return (_family(metric, rows.get(metric, ())) for metric in SCRAPED)

    def describe(self) -> Iterator[Family]:
        """The families without samples, so that the registry refuses a name used twice."""
        return (_family(metric, ()) for metric in SCRAPED)

    def _target_rows(self, now_ms: int) -> Rows:
        """Targets change by date and hours by the clock, so they are asked each time."""
        rules = self._rules
        day = datetime.fromtimestamp(now_ms / 1000, ROME).date().isoformat()
        return {
            names.QUEUE_TARGET: [((q.id,), q.target_on(day)) for q in rules.queues.values()],
            names.QUEUE_OPEN: [((q.id,), _is_open(rules, q, now_ms)) for q in rules.queues.values()],
        }

    def _queue_rows(self, queues: Iterable[QueueView]) -> Rows:
        calls = dict.fromkeys(self._queues, 0)
        longest_ms = dict.fromkeys(self._queues, 0)
        agents: list[Row] = []
        for view in queues:
            if view.agents_ready is not None and not is_few(view.agents_able, view.agents_there, self.k):
                agents.append(((view.id, Staffed.READY.value), view.agents_ready))
                agents.append(((view.id, Staffed.LOGGED_IN.value), view.agents_there))
            queue = view.id if view.id in calls else OTHER
            calls[queue] += view.waiting + view.offered_now
            longest_ms[queue] = max(longest_ms[queue], view.longest_wait_ms)
        return {
            names.QUEUE_CALLS: [((queue,), count) for queue, count in calls.items()],
            names.QUEUE_LONGEST_WAIT: [((queue,), ms / 1000) for queue, ms in longest_ms.items()],
            names.QUEUE_AGENTS: agents,
        }


def _is_open(rules: RuleSet, queue: Queue, now_ms: int) -> bool:
    calendar = rules.calendars.get(queue.calendar) if queue.calendar is not None else None
    return calendar is None or calendar.open_at(now_ms)


def _node_rows(nodes: Sequence[NodeGauges]) -> Rows:
    events: list[Row] = []
    for node in nodes:
        known = dict.fromkeys(AMI_EVENTS_SEEN, 0)
        for kind, count in node.events.items():
            known[kind if kind in known else OTHER] += count
        events += [((node.node, kind), count) for kind, count in known.items()]
    return {
        names.AMI_CONNECTED: [((node.node,), node.connected) for node in nodes],
        names.AMI_RECONNECTS: [((node.node,), node.reconnects) for node in nodes],
        names.AMI_EVENTS: events,
        names.DIALPLAN_CURRENT: [((node.node,), node.dialplan_current) for node in nodes],
    }


def _store_rows(store: StoreGauges) -> Rows:
    return {
        names.JOURNAL_WRITABLE: [((), store.journal_writable)],
        names.JOURNAL_LOST: [((), store.journal_lost)],
        names.QUEUE_LOG_WRITABLE: [((), store.queue_log_writable)],
        names.QUEUE_LOG_LOST: [((), store.queue_log_lost)],
        names.STORE_WRITABLE: [((), store.writable)],
        names.STORE_BEHIND: [((), store.behind)],
        names.STORE_DROPPED: [((), store.dropped)],
    }


def _switch_rows(switches: SwitchGauges) -> Rows:
    return {
        names.FALLBACK_ON: [((), switches.on)],
        names.FALLBACK_ACTIVE: [((office,), active) for office, active in switches.offices.items()],
        names.FALLBACK_OVERRIDES: [((mode,), switches.overrides.get(mode, 0)) for mode in OVERRIDE_MODES],
        names.FALLBACK_EXPIRY: [((scope,), ms / 1000) for scope, ms in switches.expiries_ms.items()],
        names.SITE_SHARE: [((site,), share / 100) for site, share in switches.shares.items()],
        names.TRANSITION_PHASE: [((phase,), runs) for phase, runs in switches.phases.items()],
        names.TRANSITION_STEP: [((), switches.step)],
    }


def _process_rows(process: ProcessGauges) -> Rows:
    return {
        names.RULES_TAKEN: [((), process.rules_taken)],
        names.CONFIG_RELOADED: [((), process.reloaded_ms / 1000)],
        names.SSE_CLIENTS: [((), process.sse_clients)],
        names.EXPOSITION_TOOK: [((), process.exposition_s)],
        names.EXPOSITION_SERIES: [((), process.series)],
    }


def _family(metric: Metric, rows: Iterable[Row]) -> Family:
    make = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = make(metric.name, metric.help, labels=metric.labels)
    for labels, value in rows:
        family.add_metric(labels, value)
    return family


def _may_be_asked(view: OfficeView) -> bool:
    return view.open and not view.carrier_out and (view.breaker == CLOSED or view.forced is True)


def _trunk_rows(calls: dict[str, int], offices: Sequence[OfficeView]) -> Rows:
    out: dict[str, bool] = dict.fromkeys(calls, False)
    for view in offices:
        calls[view.trunk] = calls.get(view.trunk, 0) + view.in_use
        out[view.trunk] = view.carrier_out
    return {
        names.TRUNK_CALLS: [((trunk,), count) for trunk, count in calls.items()],
        names.TRUNK_CARRIER_OUT: [((trunk,), is_out) for trunk, is_out in out.items()],
    }
