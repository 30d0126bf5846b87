"""How a state table is read: three kinds of cell, as the design decides.

A table maps ``(state, input)`` to the next state (a *move*); a second, smaller table names the
cells that are *late*: true but stale, counted and ignored. Every cell in neither is an
*anomaly*: reported, and the thing is looked at again. Nothing else in the core decides whether
an input fits a state.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TypeVar

S = TypeVar("S", bound=Enum)
I = TypeVar("I", bound=Enum)


def table(moves: dict[tuple[S, I], S]) -> Mapping[tuple[S, I], S]:
    """Freeze a table."""
    return MappingProxyType(moves)
