"""What lies around a province, from the centroids of the data."""

from __future__ import annotations

import pytest

from acd.rules.provinces import Province, provinces
from acd.rules.territory import NEIGHBOURS_MAX, distance_km, territory

BY_SIGLA = {each.sigla: each for each in provinces()}


def test_all_provinces_have_their_region_and_neighbours_outside_it() -> None:
    """107 provinces, 20 regions, and nobody is their own neighbour."""
    around = territory()
    assert len(around) == 107
    assert len({each.region for each in around.values()}) == 20
    for sigla, each in around.items():
        assert each.region == BY_SIGLA[sigla].region
        assert len(each.neighbours) == len(set(each.neighbours)) == NEIGHBOURS_MAX
        assert all(around[other].region != each.region for other in each.neighbours)


def test_neighbours_are_the_nearest_and_in_order() -> None:
    """No province outside the region is nearer than the last that is named."""
    for sigla, each in territory().items():
        far = [distance_km(BY_SIGLA[sigla], BY_SIGLA[other]) for other in each.neighbours]
        assert far == sorted(far)
        left_out = [
            distance_km(BY_SIGLA[sigla], other)
            for other in provinces()
            if other.region != each.region and other.sigla not in each.neighbours
        ]
        assert min(left_out) >= far[-1]


@pytest.mark.parametrize(("sigla", "near"), [("BZ", "BL"), ("RM", "AQ"), ("MT", "BA"), ("ME", "RC")])
def test_what_a_map_shows(sigla: str, near: str) -> None:
    """The nearest neighbour of a few provinces is among the first three."""
    assert near in territory()[sigla].neighbours[:3]


def test_a_known_distance() -> None:
    """Milano and Roma are about 480 km apart."""
    milano, roma = BY_SIGLA["MI"], BY_SIGLA["RM"]
    assert isinstance(milano, Province)
    assert distance_km(milano, roma) == pytest.approx(477, abs=15)
