"""What a change would do: calls moved, room there, and who would be out of reach."""

from __future__ import annotations

from typing import Any

import pytest

from acd.core.ids import OfficeId
from acd.core.policy import Fallback
from acd.store.records import LedgerRow
from acd.transition.forecast import Demand, Forecast, demand_of, forecast
from tests.transition.plans import BARI, ROMA, office, rules

ROME = office("roma", "RM", capacity=3)
AQUILA = office("aquila", "AQ", capacity=1)
BOLZANO = office("bolzano", "BZ", capacity=1, languages=("it", "de"))
RULES = rules(ROME, AQUILA, BOLZANO)
OFF = Fallback()
ON = Fallback(on=True, shares={ROMA: 0, BARI: 0})
DEMAND = Demand(
    hours=0.5,
    calls={("generale", "RM"): 60, ("generale", "AQ"): 5, ("tedesco", "BZ"): 3, ("generale", ""): 2},
    talks=50,
    talk_s=180.0,
)


def told(**changed: Any) -> Forecast:
    fields: dict[str, Any] = {
        "before": OFF,
        "after": ON,
        "is_open": {},
        "agents": {ROMA: 10, BARI: 10},
    }
    return forecast(RULES, DEMAND, **(fields | changed))


def place(found: Forecast, province: str, language: str = "it") -> Any:
    return next(each for each in found.places if (each.province, each.language) == (province, language))


def test_a_switch_off_moves_every_call():
    found = told()
    assert (found.calls_h, found.before_h, found.after_h, found.moved_h) == (140, 0, 140, 140)
    assert found.offices_h == 5 * 3600 / 180
    assert found.agents_h == 0


def test_room_is_lines_by_talks():
    """Rome: 120 calls/h, three lines of 20 each; more than they can take."""
    rome = place(told(), "RM")
    assert (rome.calls_h, rome.moved_h, rome.capacity_h, rome.reach) == (120, 120, 60, "own")
    assert told().overloaded == ("RM",)


@pytest.mark.parametrize(("share", "moved"), [(0, 140), (25, 105), (100, 0)])
def test_the_largest_share_with_agents_counts(share: int, moved: float):
    """Shares are nested: a call of Rome's quarter is Bari's too, if Bari has one."""
    after = Fallback(on=True, shares={ROMA: share, BARI: 0})
    assert told(after=after).after_h == moved


def test_a_share_of_a_site_without_agents_is_none():
    after = Fallback(on=True, shares={ROMA: 100, BARI: 10})
    assert told(after=after, agents={ROMA: 0, BARI: 5}).after_h == pytest.approx(126)


def test_a_closed_office_leaves_its_province_to_the_others():
    found = told(is_open={ROME.id: False})
    assert found.out_of_reach == ("RM",)
    assert place(found, "RM").reach == "neighbours"
    assert place(found, "RM").capacity_h == 0
    assert told(is_open={ROME.id: False, AQUILA.id: False}).out_of_reach == ("AQ", "RM")
    assert place(told(is_open={ROME.id: False, AQUILA.id: False}), "RM").reach == "anywhere"


def test_an_office_forced_off_is_closed_and_one_forced_on_is_open():
    off = Fallback(on=True, shares={ROMA: 0}, offices={OfficeId("roma"): False})
    assert told(after=off).out_of_reach == ("RM",)
    on = Fallback(on=True, shares={ROMA: 0}, offices={OfficeId("roma"): True})
    assert told(after=on, is_open={ROME.id: False}).out_of_reach == ()


def test_german_callers_need_an_office_that_speaks_it():
    assert place(told(), "BZ", "de").reach == "own"
    assert place(told(is_open={BOLZANO.id: False}), "BZ", "de").reach == "nobody"
    assert place(told(is_open={BOLZANO.id: False}), "BZ").reach == "anywhere"


def test_an_office_of_two_provinces_is_divided_by_their_calls():
    both = rules(office("lazio", "RM", capacity=4, provinces=("RM", "LT")))
    demand = Demand(hours=1, calls={("generale", "RM"): 30, ("generale", "LT"): 10}, talks=50, talk_s=180)
    found = forecast(both, demand, before=OFF, after=ON, is_open={}, agents={})
    assert [(each.province, each.capacity_h) for each in found.places] == [("RM", 60), ("LT", 20)]


def test_with_too_few_talks_the_mean_is_assumed_and_said_to_be():
    found = forecast(RULES, Demand(hours=1, calls={}), before=OFF, after=ON, is_open={}, agents={})
    assert found.talk_assumed
    assert {each.province for each in found.places} == {"RM", "AQ", "BZ"}
    assert found.after_h == 0


def row(call: str, outcome: str = "answered", **changed: Any) -> LedgerRow:
    fields: dict[str, Any] = {
        "node": "n", "queue": "generale", "called": "", "caller": "", "language": "it", "province": "RM",
        "priority_class": "", "entered_ms": 0, "ended_ms": 0, "wait_ms": 0, "handle_ms": 60_000,
        "path": "primary", "site": "", "office": "", "visits": 1, "verified": None, "code": "",
    }  # fmt: skip
    return LedgerRow(call=call, outcome=outcome, **(fields | changed))


def test_the_ledger_is_counted_without_menus_and_closed_queues():
    rows = [
        row("1"),
        row("2", handle_ms=120_000, province=""),
        row("3", "abandoned", handle_ms=0),
        row("4", "left_in_menu", queue=""),
        row("5", "closed"),
    ]
    found = demand_of(rows, 0.5)
    assert found.calls == {("generale", "RM"): 2, ("generale", ""): 1}
    assert (found.talks, found.talk_s) == (2, 90.0)
