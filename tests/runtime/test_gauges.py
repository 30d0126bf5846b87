"""Who stands in for whom, as the metrics tell it; and what began or ended it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from acd.core.ids import OfficeId
from acd.fallback.resolving import Effective, Standing, TransitionNow, resolve
from acd.metrics.labels import Origin
from acd.rules.transition import Phase
from acd.runtime.gauges import count_switches, switch_gauges
from acd.transition.standing import Standing as Place
from tests.fallback.made import NOW, OFF, ON, SITES, base, override

AOSTA, UDINE = OfficeId("aosta"), OfficeId("udine")
HOUR_MS = 3_600_000
WELL = {AOSTA: Standing(), UDINE: Standing(open=False)}
RUNS = TransitionNow(on=True, shares={SITES[0]: 30}, phase="uffici", step=2)


def said(*overrides, file="", transition=None, offices=None, now_ms=NOW) -> Effective:
    """What is in force."""
    toggles = base(file or "offices: {}\n")
    return resolve(toggles, overrides, transition or TransitionNow(), SITES, offices or WELL, now_ms)


PHASES = tuple(
    Phase(id=name, name=name, fallback=True, automatic=False, begins_ms=None, ramp={}, others=(0, 30))
    for name in ("uffici", "rientro")
)
TRANSITION = SimpleNamespace(
    plan=SimpleNamespace(phases=PHASES), standing=lambda: Place(phase="uffici", step=1)
)
"""Where it stands, as far as the gauges ask."""


def counted(before: Effective, after: Effective) -> dict[str, Origin]:
    found: dict[str, Origin] = {}
    count_switches(before, after, found.__setitem__)
    return found


def test_the_gauges_of_a_country_in_transition():
    """An open office stands in, a closed one not, one switched on whatever its hours say."""
    forced = override(1, "office:udine", ON)
    late = override(2, "site:lecce", OFF, from_ms=NOW + 1)
    effective = said(forced, late, transition=RUNS)
    gauges = switch_gauges(effective, (forced, late), TRANSITION)
    assert gauges.on
    assert gauges.offices == {"aosta": True, "udine": True}
    assert gauges.overrides == {"forced_on": 1}
    assert gauges.expiries_ms["office:udine"] == NOW + HOUR_MS
    assert gauges.expiries_ms["national"] == gauges.expiries_ms["site:lecce"] == 0
    assert gauges.shares == {"bari": 30, "lecce": 100, "roma": 100}
    assert gauges.phases == {"uffici": True, "rientro": False}
    assert gauges.step == 1


def test_without_transition_mode_nobody_stands_in():
    """An office that is open carries overflow, but it does not stand in for anybody."""
    gauges = switch_gauges(said(), (), TRANSITION)
    assert not gauges.on
    assert gauges.offices == {"aosta": False, "udine": False}
    assert set(gauges.shares.values()) == {100}


ONE = override(1, "office:aosta", ON)
ALL = override(1, "national", ON)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (said(), said(), {}),
        (said(), said(ONE), {"aosta": Origin.OPERATOR}),
        (said(ONE), said(), {"aosta": Origin.OPERATOR}),
        (said(ONE), said(ONE, now_ms=NOW + HOUR_MS), {"aosta": Origin.EXPIRY}),
        (
            said(),
            said(file="offices:\n  aosta: {mode: forced_on, reason: prova di linea}\n"),
            {"aosta": Origin.CONFIG},
        ),
        (said(), said(ALL), {"national": Origin.OPERATOR, "aosta": Origin.OPERATOR}),
        (said(ALL), said(ALL, now_ms=NOW + HOUR_MS), {"national": Origin.EXPIRY, "aosta": Origin.EXPIRY}),
        (said(), said(transition=RUNS), {"national": Origin.TRANSITION, "aosta": Origin.TRANSITION}),
        (
            said(transition=RUNS),
            said(transition=RUNS, offices={**WELL, AOSTA: Standing(healthy=False)}),
            {"aosta": Origin.AUTO},
        ),
        (
            said(transition=RUNS, offices={**WELL, AOSTA: Standing(healthy=False)}),
            said(transition=RUNS),
            {"aosta": Origin.AUTO},
        ),
    ],
)
def test_each_switch_is_counted_by_what_did_it(before, after, expected):
    """Once for the office and once for the country; nothing where nothing changed."""
    assert counted(before, after) == expected
