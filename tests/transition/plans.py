"""A plan, a picture and rules for the tests of the transition; each test changes what it is about."""

from __future__ import annotations

from typing import Any

from acd.core.ids import OfficeId, QueueId, SiteId, SkillId
from acd.core.policy import Office, PauseReason, Queue, RuleSet, Site, SkillNeed, Territory, Trunk
from acd.rules.transition import TransitionPlan, compile_transition
from acd.rules.transition_shape import TransitionFile
from acd.transition.deciding import Picture, QueueMinutes
from acd.transition.standing import Standing

HOUR_MS = 3_600_000
NOW_MS = 1_796_000_000_000
ROMA, BARI = SiteId("roma"), SiteId("bari")

FILE: dict[str, Any] = {
    "phases": (
        {"phase": "uffici", "name": "Uffici", "others": (0,)},
        {
            "phase": "rientro",
            "name": "Rientro",
            "automatic": True,
            "others": (10, 25, 50, 100),
            "ramp": {"bari": (0, 25)},
        },
        {"phase": "verifica", "name": "Verifica", "automatic": True, "fallback": False},
    ),
    "guards": {
        "calls_min": 10,
        "go_on": {"after_s": 600.0, "agents_at_100": 20, "rest_s": 1800.0},
        "step_back": {"after_s": 60.0, "agents_at_100": 10},
    },
}


def plan(**changed: Any) -> TransitionPlan:
    """Three phases: offices, the ramp back, everybody."""
    return compile_transition(TransitionFile.model_validate(FILE | changed))


def queue(name: str = "generale", *, ended: int = 100, answered: int = 95, wait_s: int = 20) -> QueueMinutes:
    """A queue that does well."""
    return QueueMinutes(queue=name, ended=ended, answered=answered, wait_ms=wait_s * 1_000)


def picture(**changed: Any) -> Picture:
    """The second step of the ramp, an hour old; all is well."""
    fields: dict[str, Any] = {
        "now_ms": NOW_MS,
        "standing": Standing(phase="rientro", step=1, since_ms=NOW_MS - HOUR_MS, number=3, action="next"),
        "queues": (queue(),),
        "offices_open": 100,
        "offices_healthy": 95,
        "agents": {ROMA: 30, BARI: 30},
        "started_ms": NOW_MS - 5 * HOUR_MS,
    }
    return Picture(**(fields | changed))


def office(name: str, province: str, **changed: Any) -> Office:
    """An office of one line."""
    fields: dict[str, Any] = {
        "id": OfficeId(name),
        "name": name,
        "province": province,
        "number": f"06{sum(map(ord, name)):06}",
        "trunk": "trunk",
        "capacity": 1,
    }
    return Office(**(fields | changed))


def rules(*offices: Office, capacity: int = 100) -> RuleSet:
    """An Italian and a German queue, two sites, these offices."""
    skill = SkillId("generale")
    queues = [
        Queue(id=QueueId(name), name=name, language=language, needs=(SkillNeed(skill=skill),))
        for name, language in (("generale", "it"), ("tedesco", "de"))
    ]
    pause = PauseReason(id="pausa", name="Pausa")  # type: ignore[arg-type]  # a test
    return RuleSet(
        revision="test",
        queues={each.id: each for each in queues},
        skills={skill: "Generale"},
        sites={site: Site(id=site, name=site) for site in (ROMA, BARI)},
        offices={each.id: each for each in offices},
        pause_reasons={pause.id: pause},
        entry={},
        queue_by_default=QueueId("generale"),
        missed_reason=pause.id,
        trunks={"trunk": Trunk(id="trunk", capacity=capacity)},
        territory={
            "RM": Territory(region="lazio", neighbours=("AQ",)),
            "LT": Territory(region="lazio", neighbours=("CE",)),
            "AQ": Territory(region="abruzzo", neighbours=("RM",)),
            "BZ": Territory(region="trentino", neighbours=()),
        },
    )
