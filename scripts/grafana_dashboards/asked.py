"""The expressions that more than one dashboard asks, so that one word is one number everywhere.

The service level is counted from events (met, missed, left before the threshold), which makes each of the
five formulas a quotient of three counters; `acd.figures.formulas` says what they mean.
"""

from __future__ import annotations

from acd.metrics import names
from acd.metrics.names import Metric
from grafana_dashboards.parts import QUEUE

__all__ = [
    "ABANDONED",
    "FORMULAS",
    "abandonment",
    "chosen",
    "handling",
    "no_answer",
    "per_minute",
    "quantile",
    "rate",
    "service_level",
    "speed_of_answer",
    "total",
    "waited",
]

ABANDONED = 'outcome=~"abandoned|short_abandoned"'
ANSWERED = 'outcome="answered"'
SHORT = 'outcome="short_abandoned"'


def chosen(metric: Metric, *matchers: str, suffix: str = "") -> str:
    """The series of a metric that match."""
    inside = ",".join(matchers)
    return f"{metric.name}{suffix}" + (f"{{{inside}}}" if inside else "")


def rate(metric: Metric, by: str, *matchers: str, suffix: str = "") -> str:
    """Events a second, added up by these labels (`` by (queue)``; empty: all)."""
    return f"sum{by} (rate({chosen(metric, *matchers, suffix=suffix)}[$__rate_interval]))"


def per_minute(metric: Metric, by: str, *matchers: str) -> str:
    """Events a minute."""
    return f"60 * {rate(metric, by, *matchers)}"


def total(metric: Metric, by: str, *matchers: str, suffix: str = "") -> str:
    """Events in all of the time that is looked at."""
    return f"sum{by} (increase({chosen(metric, *matchers, suffix=suffix)}[$__range]))"


def service_level(by: str) -> str:
    """Answered within the threshold by those who did not leave before it (early_abandons_excluded)."""
    met = rate(names.SERVICE_LEVEL_EVENTS, by, QUEUE, 'result="met"')
    counted = rate(names.SERVICE_LEVEL_EVENTS, by, QUEUE, 'result=~"met|missed"')
    return f"{met} / {counted}"


def _formulas() -> dict[str, str]:
    events = names.SERVICE_LEVEL_EVENTS
    met = total(events, "", QUEUE, 'result="met"')
    counted = total(events, "", QUEUE, 'result=~"met|missed"')
    good = total(events, "", QUEUE, 'result=~"met|abandoned_early"')
    every = total(events, "", QUEUE)
    short = total(names.CALLS_FINISHED, "", QUEUE, SHORT)
    answered = total(names.CALL_WAIT, "", QUEUE, ANSWERED, suffix="_count")
    return {
        "abbandoni precoci esclusi": f"{met} / {counted}",
        "tutte le chiamate": f"{met} / {every}",
        "abbandoni precoci a favore": f"{good} / {every}",
        "abbandoni brevi esclusi": f"{met} / ({every} - {short})",
        "solo chiamate risposte": f"{met} / {answered}",
    }


FORMULAS = _formulas()
"""The five service levels over what is looked at, the headline first: title to expression."""


def abandonment(by: str) -> str:
    """Callers who hung up while waiting, by all calls that ended."""
    left = rate(names.CALLS_FINISHED, by, QUEUE, ABANDONED)
    return f"{left} / {rate(names.CALLS_FINISHED, by, QUEUE)}"


def no_answer(by: str) -> str:
    """Rings that nobody picked up, by all offers to agents."""
    missed = rate(names.AGENT_OFFERS, by, QUEUE, 'result="no_answer"')
    return f"{missed} / {rate(names.AGENT_OFFERS, by, QUEUE)}"


def speed_of_answer(by: str) -> str:
    """Average wait of those who were answered, seconds."""
    waits = rate(names.CALL_WAIT, by, QUEUE, ANSWERED, suffix="_sum")
    return f"{waits} / {rate(names.CALL_WAIT, by, QUEUE, ANSWERED, suffix='_count')}"


def handling(by: str) -> str:
    """Average handling time of answered calls, seconds."""
    spent = rate(names.CALL_HANDLE, by, QUEUE, suffix="_sum")
    return f"{spent} / {rate(names.CALL_HANDLE, by, QUEUE, suffix='_count')}"


def waited(share: float) -> str:
    """The wait that this share of the answered did not exceed, seconds."""
    return quantile(share, names.CALL_WAIT, "", QUEUE, ANSWERED)


def quantile(share: float, metric: Metric, by: str, *matchers: str) -> str:
    """A quantile of a histogram; ``by`` names labels besides the bucket's."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {rate(metric, f' by ({labels})', *matchers, suffix='_bucket')})"
