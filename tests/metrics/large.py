"""The largest centre that is promised: 110 queues, 110 offices, 6 sites, 4 Asterisks; everything busy."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from acd.core.ids import NodeId, OfficeId, SiteId
from acd.core.notes import AgentState
from acd.core.policy import Office, Site
from acd.core.views import OfficeView
from acd.metrics.labels import Origin, Reload
from acd.metrics.observe import MetricsObserver
from acd.metrics.picture import NodeGauges, ProcessGauges, SwitchGauges
from tests.metrics.samples import queue_view, rules, summary

SITES = ("roma", "bari", "lecce", "milano", "napoli", "torino")
NODES = tuple(NodeId(f"ast{number}") for number in range(1, 5))
ROUTES, METHODS, CODES = 75, 1, ("2xx", "4xx", "5xx")


def large(queues: int = 110, offices: int = 110) -> tuple[MetricsObserver, Callable[[], None]]:
    """An observer, and what takes its picture."""
    names = [OfficeId(f"ufficio{number}") for number in range(offices)]
    given = msgspec.structs.replace(
        rules(queues),
        sites={SiteId(name): Site(id=SiteId(name), name=name) for name in SITES},
        offices={
            name: Office(id=name, name=name, province="RM", number="06", trunk="pstn", capacity=4)
            for name in names
        },
    )
    seen = MetricsObserver(given, NODES, version="0.1.0", k=10)
    for route in range(ROUTES):
        for status in (200, 404, 500):
            seen.answered(f"/api/v1/route/{route}", "GET", status)
    seen.switched("national", Origin.OPERATOR)
    seen.reloaded(Reload.TAKEN)
    people = summary(**{site: dict.fromkeys(AgentState, 60) for site in SITES})
    views = [
        msgspec.structs.replace(
            queue_view(name, waiting=3), agents_able=300, agents_there=200, agents_ready=9
        )
        for name in given.queues
    ]
    lines = [
        OfficeView(id=name, name=name, province="RM", capacity=4, in_use=1, trunk="pstn") for name in names
    ]
    nodes = [NodeGauges(node=node, connected=True, events={"ACDEnter": 9}) for node in NODES]
    switches = SwitchGauges(
        on=True,
        offices=dict.fromkeys(names, True),
        expiries_ms={f"office:{name}": 1_000 for name in names} | {f"site:{site}": 0 for site in SITES},
        shares=dict.fromkeys(SITES, 50),
        phases={"uffici": False, "rientro": True},
    )

    def take() -> None:
        seen.refresh(people, views, nodes, offices=lines, switches=switches, process=ProcessGauges())

    return seen, take
