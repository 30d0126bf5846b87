"""Every metric we expose, in one table; nothing else may invent a name.

A row says what a metric is called, what it counts, in which unit, and which labels it carries;
``docs/metrics.md`` is written from it, the instruments are built from it, the dashboards and
alerts are checked against it. The rules behind the rows:

* Prefix ``acd_``, base units, ``_total`` on counters (Prometheus' naming practice).
* A label's values come from the rules, the configuration or an enum of ours, never from a
  caller or from Asterisk; whatever is not among them is counted under ``other``. No label ever
  names an agent, a call, a number or an extension.
* Every label set exists from the start, at zero: an alert on a ratio needs a series to look at. (Requests
  of the API are the exception: a route nobody asks has no series.)
* A service-level event is counted when it happens (at the threshold, not at the end of the
  call), so that a jam is red while it lasts.
* ``acd_calls_offered_total`` counts adopted calls too: calls that waited while our process was
  restarted are counted by both processes, and within one process offered = finished + in
  progress always holds.

Source of the naming: https://prometheus.io/docs/practices/naming
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OTHER: Final = "other"
"""Where every label value goes that no table foresees, and where small groups are merged."""


class Kind(StrEnum):
    """The type of a metric, as the exposition format calls it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Metric:
    """One row: everything a reader needs to use the metric."""

    name: str
    kind: Kind
    unit: str
    labels: tuple[str, ...]
    help: str


# ── calls ────────────────────────────────────────────────────────────────────────────────────

CALLS_OFFERED = Metric(
    "acd_calls_offered_total", Kind.COUNTER, "calls", ("queue",), "Calls that entered a queue."
)
CALLS_FINISHED = Metric(
    "acd_calls_finished_total",
    Kind.COUNTER,
    "calls",
    ("queue", "outcome", "path"),
    "Calls that ended, each once: how, and who carried them (path).",
)
SERVICE_LEVEL_EVENTS = Metric(
    "acd_service_level_events_total",
    Kind.COUNTER,
    "calls",
    ("queue", "result"),
    "Calls that met or missed their queue's threshold or left before it, counted when it happens.",
)
CALL_WAIT = Metric(
    "acd_call_wait_seconds",
    Kind.HISTOGRAM,
    "seconds",
    ("queue", "outcome"),
    "Wait from entry to the answer, or to the hang-up (short abandons included).",
)
CALL_HANDLE = Metric(
    "acd_call_handle_seconds",
    Kind.SUMMARY,
    "seconds",
    ("queue",),
    "Handling time of answered calls, counted at their end.",
)
AGENT_OFFERS = Metric(
    "acd_agent_offers_total",
    Kind.COUNTER,
    "offers",
    ("queue", "result"),
    "Offers made to agents, by how they ended; no_answer is ring-no-answer (RONA).",
)

CALLS_JUDGED = Metric(
    "acd_calls_judged_total",
    Kind.COUNTER,
    "calls",
    ("queue", "code"),
    "Calls of which an agent said what became of the question, by outcome code.",
)
LADDER_STEPS = Metric(
    "acd_ladder_steps_total",
    Kind.COUNTER,
    "steps",
    ("queue", "kind"),
    "Steps of ladders that opened for a call, by what opened them.",
)
CONSENTS = Metric(
    "acd_consents_total",
    Kind.COUNTER,
    "calls",
    ("queue", "result"),
    "Callers who were asked whether another may answer, by what they said.",
)
PASSED_OVER = Metric(
    "acd_passed_over_total",
    Kind.COUNTER,
    "agents",
    ("queue", "reason"),
    "Agents with the queue's skills whom a decision could not take, by reason; one decision counts each.",
)
CALLS_LEFT_IN_MENU = Metric(
    "acd_calls_left_in_menu_total",
    Kind.COUNTER,
    "calls",
    (),
    "Callers who hung up in the entry menu, before any queue; not among the offered.",
)

# ── now ──────────────────────────────────────────────────────────────────────────────────────

QUEUE_CALLS = Metric(
    "acd_queue_calls",
    Kind.GAUGE,
    "calls",
    ("queue",),
    "Callers in the queue now, those being offered included, talks not.",
)
QUEUE_LONGEST_WAIT = Metric(
    "acd_queue_longest_wait_seconds", Kind.GAUGE, "seconds", ("queue",), "Age of the oldest waiting call."
)
QUEUE_TARGET = Metric(
    "acd_queue_target_ratio",
    Kind.GAUGE,
    "ratio",
    ("queue",),
    "Share of calls that should meet the threshold, from the rules.",
)
QUEUE_THRESHOLD = Metric(
    "acd_queue_threshold_seconds",
    Kind.GAUGE,
    "seconds",
    ("queue",),
    "Service-level threshold of the queue, from the rules.",
)
QUEUE_OPEN = Metric(
    "acd_queue_open", Kind.GAUGE, "boolean", ("queue",), "1 while the queue is within its opening hours."
)
QUEUE_AGENTS = Metric(
    "acd_queue_agents",
    Kind.GAUGE,
    "agents",
    ("queue", "state"),
    "Agents who can serve the queue, logged in and ready; who serves three queues is in each, so never add "
    "queues up. A queue that few can serve has no series.",
)
OFFICE_CALLS = Metric(
    "acd_office_calls", Kind.GAUGE, "calls", ("office",), "Calls on the office's line now, rings included."
)
OFFICE_REACHABLE = Metric(
    "acd_office_reachable",
    Kind.GAUGE,
    "boolean",
    ("office",),
    "1 while the office may be asked: within its hours or switched on, its breaker and its carrier in order.",
)
OFFICE_BREAKER_OPEN = Metric(
    "acd_office_breaker_open",
    Kind.GAUGE,
    "boolean",
    ("office",),
    "1 while the office is left alone because it did not answer, or is tried again by one call.",
)
OFFICE_BREAKER_OPENED = Metric(
    "acd_office_breaker_opened_total",
    Kind.COUNTER,
    "times",
    ("office",),
    "How often the office was left alone because it did not answer.",
)
FALLBACK_CALLS = Metric(
    "acd_fallback_calls_total",
    Kind.COUNTER,
    "offers",
    ("office", "result"),
    "Offers to the office's lines that ended, by result.",
)
FALLBACK_ON = Metric(
    "acd_fallback_on",
    Kind.GAUGE,
    "boolean",
    (),
    "1 while offices stand in for agents (transition mode), for the country or for sites.",
)
FALLBACK_ACTIVE = Metric(
    "acd_fallback_active",
    Kind.GAUGE,
    "boolean",
    ("office",),
    "1 while the office stands in: switched on, or in transition mode, open and healthy.",
)
FALLBACK_TRANSITIONS = Metric(
    "acd_fallback_transitions_total",
    Kind.COUNTER,
    "times",
    ("office", "origin"),
    "How often the office began or ceased to stand in, by what did it; national: the whole country.",
)
FALLBACK_OVERRIDES = Metric(
    "acd_fallback_overrides",
    Kind.GAUGE,
    "overrides",
    ("mode",),
    "Overrides of operators that hold now, of the country, of sites and of offices.",
)
FALLBACK_EXPIRY = Metric(
    "acd_fallback_override_expiry_timestamp_seconds",
    Kind.GAUGE,
    "seconds",
    ("scope",),
    "When the override that decides the scope ends; 0 while none does.",
)
SITE_SHARE = Metric(
    "acd_site_share_ratio",
    Kind.GAUGE,
    "ratio",
    ("site",),
    "Share of new calls that may take the site's agents first: 1 without transition mode.",
)
TRANSITION_PHASE = Metric(
    "acd_transition_phase", Kind.GAUGE, "boolean", ("phase",), "1 for the phase of the transition that runs."
)
TRANSITION_STEP = Metric(
    "acd_transition_step",
    Kind.GAUGE,
    "steps",
    (),
    "Step of the ramp of the phase that runs, from 0; 0 while none runs.",
)
TRUNK_CALLS = Metric(
    "acd_trunk_calls", Kind.GAUGE, "calls", ("trunk",), "Calls to offices on the trunk now, rings included."
)
TRUNK_CARRIER_OUT = Metric(
    "acd_trunk_carrier_out",
    Kind.GAUGE,
    "boolean",
    ("trunk",),
    "1 while the trunk fails for its offices all alike: one call now and then tries it again.",
)
TRUNK_CARRIER_OUTAGES = Metric(
    "acd_trunk_carrier_outages_total",
    Kind.COUNTER,
    "times",
    ("trunk",),
    "How often the trunk failed for its offices all alike.",
)
AGENTS = Metric(
    "acd_agents",
    Kind.GAUGE,
    "agents",
    ("site", "state"),
    "Agents logged in, by site and state; sites with few people are merged into other.",
)
SUPPRESSED_GROUPS = Metric(
    "acd_suppressed_groups", Kind.GAUGE, "groups", (), "Sites merged into other to protect small groups."
)

# ── the links to Asterisk ────────────────────────────────────────────────────────────────────

AMI_CONNECTED = Metric(
    "acd_ami_connected",
    Kind.GAUGE,
    "boolean",
    ("server",),
    "1 while the link to this Asterisk is up and in step, else 0.",
)
AMI_RECONNECTS = Metric(
    "acd_ami_reconnects_total",
    Kind.COUNTER,
    "connections",
    ("server",),
    "Connections made again after a loss.",
)
AMI_EVENTS = Metric(
    "acd_ami_events_total", Kind.COUNTER, "events", ("server", "kind"), "AMI events received, by name."
)
AMI_EVENT_LAG = Metric(
    "acd_ami_event_lag_seconds",
    Kind.HISTOGRAM,
    "seconds",
    ("server",),
    "From Asterisk's time stamp of an event to its handling.",
)

DIALPLAN_CURRENT = Metric(
    "acd_dialplan_current",
    Kind.GAUGE,
    "boolean",
    ("server",),
    "1 while this Asterisk runs the entry menus of the rules in force, else 0: export and reload.",
)

# ── ourselves ────────────────────────────────────────────────────────────────────────────────

EVENT_LOOP_LAG = Metric(
    "acd_event_loop_lag_seconds",
    Kind.HISTOGRAM,
    "seconds",
    (),
    "How late a timer of the process fires: the time nothing could be decided.",
)
ROUTING_DECISION = Metric(
    "acd_routing_decision_seconds",
    Kind.HISTOGRAM,
    "seconds",
    (),
    "Time the engine took for one fact that chose a target.",
)
ROUTING_FAILURES = Metric(
    "acd_routing_failures_total",
    Kind.COUNTER,
    "failures",
    ("reason",),
    "Failures of ours or of the way to Asterisk, not of people: lost orders, anomalies, lost calls.",
)
RECONCILE_CORRECTIONS = Metric(
    "acd_reconcile_corrections_total",
    Kind.COUNTER,
    "corrections",
    ("kind",),
    "Places where a resync found our picture of Asterisk wrong and put it right.",
)
CALLS_UNACCOUNTED = Metric(
    "acd_calls_unaccounted", Kind.GAUGE, "calls", (), "Entered less ended less in progress: always 0."
)
LATE_FACTS = Metric(
    "acd_late_facts_total",
    Kind.COUNTER,
    "facts",
    ("fact",),
    "True but stale facts that were ignored, by kind.",
)
JOURNAL_WRITABLE = Metric(
    "acd_journal_writable",
    Kind.GAUGE,
    "boolean",
    (),
    "1 while the journal's disk takes writes; 1 without a journal.",
)
JOURNAL_LOST = Metric(
    "acd_journal_lost_total",
    Kind.COUNTER,
    "facts",
    (),
    "Facts the journal could not record: what followed them cannot be replayed from before them.",
)
QUEUE_LOG_WRITABLE = Metric(
    "acd_queue_log_writable", Kind.GAUGE, "boolean", (), "1 while queue_log takes lines; 1 without one."
)
QUEUE_LOG_LOST = Metric(
    "acd_queue_log_lost_total", Kind.COUNTER, "lines", (), "Lines left out of queue_log; it counts too few."
)
STORE_WRITABLE = Metric(
    "acd_store_writable",
    Kind.GAUGE,
    "boolean",
    (),
    "1 while the store's disk takes writes; 1 without a store.",
)
STORE_BEHIND = Metric(
    "acd_store_behind", Kind.GAUGE, "writes", (), "Writes held in memory until the disk takes them."
)
STORE_DROPPED = Metric(
    "acd_store_dropped_total",
    Kind.COUNTER,
    "writes",
    (),
    "Writes lost because memory could hold no more of them: always 0 while the disk works.",
)
BUILD_INFO = Metric("acd_build_info", Kind.GAUGE, "boolean", ("version",), "1; the version that runs.")
CONFIG_INFO = Metric(
    "acd_config_info", Kind.GAUGE, "boolean", ("revision",), "1; the revision of the rules in force."
)
RULES_TAKEN = Metric(
    "acd_config_last_reload_successful",
    Kind.GAUGE,
    "boolean",
    (),
    "1 when the rules read last were taken, 0 when they had findings and older ones are in force.",
)

CONFIG_RELOADED = Metric(
    "acd_config_last_reload_success_timestamp_seconds",
    Kind.GAUGE,
    "seconds",
    (),
    "When a configuration was put in force last: at the start, by a change, or for the new day's calendars.",
)
CONFIG_RELOADS = Metric(
    "acd_config_reloads_total",
    Kind.COUNTER,
    "reloads",
    ("result",),
    "Configurations put in force since the start, and refused.",
)
API_REQUESTS = Metric(
    "acd_api_requests_total",
    Kind.COUNTER,
    "requests",
    ("route", "method", "code"),
    "Answers of the API and the pages, by route as the API's document names it and class of status.",
)
SSE_CLIENTS = Metric(
    "acd_sse_clients",
    Kind.GAUGE,
    "clients",
    (),
    "Streams of events open now: boards, maps, agents' desktops.",
)
EXPOSITION_TOOK = Metric(
    "acd_exposition_seconds", Kind.GAUGE, "seconds", (), "How long the text before this one took to write."
)
EXPOSITION_SERIES = Metric(
    "acd_exposition_series", Kind.GAUGE, "series", (), "Series in the text before this one."
)

METRICS: Final = (
    CALLS_OFFERED,
    CALLS_FINISHED,
    SERVICE_LEVEL_EVENTS,
    CALL_WAIT,
    CALL_HANDLE,
    AGENT_OFFERS,
    LADDER_STEPS,
    CONSENTS,
    PASSED_OVER,
    CALLS_JUDGED,
    CALLS_LEFT_IN_MENU,
    QUEUE_CALLS,
    QUEUE_LONGEST_WAIT,
    QUEUE_TARGET,
    QUEUE_THRESHOLD,
    QUEUE_OPEN,
    QUEUE_AGENTS,
    OFFICE_CALLS,
    OFFICE_REACHABLE,
    OFFICE_BREAKER_OPEN,
    OFFICE_BREAKER_OPENED,
    FALLBACK_CALLS,
    FALLBACK_ON,
    FALLBACK_ACTIVE,
    FALLBACK_TRANSITIONS,
    FALLBACK_OVERRIDES,
    FALLBACK_EXPIRY,
    SITE_SHARE,
    TRANSITION_PHASE,
    TRANSITION_STEP,
    TRUNK_CALLS,
    TRUNK_CARRIER_OUT,
    TRUNK_CARRIER_OUTAGES,
    AGENTS,
    SUPPRESSED_GROUPS,
    AMI_CONNECTED,
    AMI_RECONNECTS,
    AMI_EVENTS,
    AMI_EVENT_LAG,
    DIALPLAN_CURRENT,
    EVENT_LOOP_LAG,
    ROUTING_DECISION,
    ROUTING_FAILURES,
    RECONCILE_CORRECTIONS,
    CALLS_UNACCOUNTED,
    LATE_FACTS,
    JOURNAL_WRITABLE,
    JOURNAL_LOST,
    QUEUE_LOG_WRITABLE,
    QUEUE_LOG_LOST,
    STORE_WRITABLE,
    STORE_BEHIND,
    STORE_DROPPED,
    BUILD_INFO,
    CONFIG_INFO,
    RULES_TAKEN,
    CONFIG_RELOADED,
    CONFIG_RELOADS,
    API_REQUESTS,
    SSE_CLIENTS,
    EXPOSITION_TOOK,
    EXPOSITION_SERIES,
)
"""The registry: all rows, in the order of the document."""
