"""Write ``docs/metrics.md`` from the table: ``python -m acd.metrics.document [--check]``.

With ``--check`` nothing is written; exit status 1 says that the file and the table differ.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from acd.core.notes import Outcome, ServiceLevel
from acd.core.notes import Path as CallPath
from acd.metrics.labels import (
    AGENT_STATES,
    AMI_EVENTS_SEEN,
    CORRECTIONS,
    FACTS,
    OFFER_RESULTS,
    OVERRIDE_MODES,
    Failure,
    Origin,
    Reload,
    Staffed,
    Waited,
)
from acd.metrics.names import METRICS, Metric

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"

HEAD = """\
# Metrics

Written by `python -m acd.metrics.document` from `acd/metrics/names.py`; do not edit here.

Prometheus scrapes `/metrics` on its own listen address. All series exist from the start, at zero, but
for requests of the API. What the numbers mean, and the service levels made of them, is in
[observability.md](observability.md).
Values of labels come from the rules and from `config/acd.yaml`; anything else is counted under
`other`. No label names an agent, a call or a caller, and sites with fewer than *k* people on duty
(10 unless configured) are merged into `other` so that a number never speaks of a person.
All counters start at zero with the process. Text is at most 5 seconds old.

| Metric | Type | Unit | Labels | Meaning |
|---|---|---|---|---|
"""


def document() -> str:
    """The whole document."""
    rows = "".join(_row(metric) for metric in METRICS)
    return f"{HEAD}{rows}\n## Values of labels\n\n{_values()}"


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "none"
    return f"| `{metric.name}` | {metric.kind} | {metric.unit} | {labels} | {metric.help} |\n"


def _values() -> str:
    sets = {
        "`acd_calls_finished_total` outcome": _words(Outcome),
        "`acd_calls_finished_total` path": _words(CallPath),
        "`acd_service_level_events_total` result": _words(ServiceLevel),
        "`acd_call_wait_seconds` outcome": _words(Waited),
        "`acd_agent_offers_total` result": _words(OFFER_RESULTS.values()),
        "`acd_agents` state": _words(AGENT_STATES),
        "`acd_queue_agents` state": _words(Staffed),
        "`acd_fallback_transitions_total` origin": _words(Origin),
        "`acd_fallback_overrides` mode": _words(OVERRIDE_MODES),
        "`acd_config_reloads_total` result": _words(Reload),
        "`acd_routing_failures_total` reason": _words(Failure),
        "`acd_reconcile_corrections_total` kind": _words(CORRECTIONS),
        "`acd_late_facts_total` fact": _words(FACTS),
        "`acd_ami_events_total` kind": _words(AMI_EVENTS_SEEN),
    }
    return "".join(f"- {where}: {words}\n" for where, words in sets.items())


def _words(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def main(arguments: list[str]) -> int:
    """Write the document, or compare it; the exit status."""
    text = document()
    if "--check" not in arguments:
        DOCUMENT.write_text(text, encoding="utf-8")
        return 0
    if DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{DOCUMENT} differs from acd/metrics/names.py; run python -m acd.metrics.document\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
