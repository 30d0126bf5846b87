"""What lies around a province: its region, and the provinces outside it, nearest first.

Near is by the great-circle distance of the centroids in ``data/provinces.csv``, which are weighted by
population: from where people live to where people live. The engine asks offices of the same region before
these neighbours, so a region is never left while it has somebody who could answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType
from typing import Final

from acd.core.policy import Territory
from acd.rules.provinces import Province, provinces

__all__ = ["NEIGHBOURS_MAX", "distance_km", "territory"]

NEIGHBOURS_MAX: Final = 8
"""So many provinces of other regions count as near; beyond them any office is as good."""
EARTH_KM: Final = 6_371


@cache
def territory() -> Mapping[str, Territory]:
    """Return what lies around each province, by its two letters."""
    return MappingProxyType({each.sigla: _around(each) for each in provinces()})


def _around(centre: Province) -> Territory:
    others = [each for each in provinces() if each.region != centre.region]
    others.sort(key=lambda each: (distance_km(centre, each), each.sigla))
    return Territory(region=centre.region, neighbours=tuple(each.sigla for each in others[:NEIGHBOURS_MAX]))


def distance_km(one: Province, other: Province) -> float:
    """Return the great-circle distance of two centroids (haversine formula)."""
    north, other_north = radians(one.latitude), radians(other.latitude)
    up = sin((other_north - north) / 2) ** 2
    along = sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(up + cos(north) * cos(other_north) * along))
