"""What theory says of a queue with impatient callers (Erlang A), to hold the measured against.

``M/M/n + M``: calls come at a constant rate, ``agents`` serve one each, talks and patience are exponential,
first come, first served. The wait *offered* to a caller who would wait for ever has an atom at 0 and above
it the density ``v(x) = rate exp(rate H(x) - agents x / service) / (e + rate J)`` with
``H(x) = patience (1 - exp(-x / patience))``, ``J`` the integral of ``exp(rate H(x) - agents x / service)``
and ``e`` the chances of fewer calls than agents over that of ``agents - 1``. (Zeltyn and Mandelbaum 2005,
*Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue*, section 2; Palm 1957.)
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from typing import Final, NamedTuple

PARTS: Final = 20_000
"""Of an integral by Simpson's rule; even."""


class ErlangA(NamedTuple):
    """One queue, times in seconds."""

    agents: int
    rate: float
    """Calls per second."""
    service_s: float
    patience_s: float


class Expected(NamedTuple):
    """What comes of all callers in the long run."""

    abandoned: float
    """Percentage of them who give up."""
    wait_s: float
    """Mean wait of all, whether answered or not."""
    answered_20s: float
    """Percentage of them answered within 20 s."""


def expected(queue: ErlangA) -> Expected:
    """Work out what theory says."""
    agents, rate, patience_s = queue.agents, queue.rate, queue.patience_s

    def rises(x: float) -> float:
        return exp(rate * patience_s * (1 - exp(-x / patience_s)) - agents * x / queue.service_s)

    def stays(x: float) -> float:
        return rises(x) * exp(-x / patience_s)

    below, term = 0.0, 1.0
    for busy in range(agents - 1, -1, -1):  # chances of `busy` calls, that of `agents - 1` being 1
        below += term
        term *= busy / (rate * queue.service_s)
    far_s = 40 * patience_s
    whole = below + rate * _integral(rises, far_s)
    answered = (below + rate * _integral(stays, far_s)) / whole
    return Expected(
        abandoned=100 * (1 - answered),
        wait_s=(1 - answered) * patience_s,
        answered_20s=100 * (below + rate * _integral(stays, 20.0)) / whole,
    )


def _integral(function: Callable[[float], float], until: float) -> float:
    """From 0, by Simpson's rule."""
    width = until / PARTS
    odd = sum(function(width * part) for part in range(1, PARTS, 2))
    even = sum(function(width * part) for part in range(2, PARTS, 2))
    return (function(0.0) + 4 * odd + 2 * even + function(until)) * width / 3
