"""Calls of two days, few enough to be counted by hand.

Monday, 2 March 2026: ten calls. Tuesday: eight, in an emergency declared from 10:00.
"""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from msgspec.structs import replace

from acd.core.ids import AgentId, QueueId, SiteId, SkillId
from acd.core.policy import Agent, Queue, Roster, RuleSet, SkillNeed
from acd.figures.days import ROME
from acd.figures.formulas import HEADLINE
from acd.rules.goals import Emergency, Goal, Goals
from acd.store.records import LedgerRow
from tests.core import builders

MONDAY, TUESDAY = "2026-03-02", "2026-03-03"
HASHES = {name: f"ab12-{name * 32}" for name in "xyz"}


def rome(day: str, time: str = "00:00") -> int:
    """A moment on Rome's clock."""
    return round(dt.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ROME).timestamp() * 1000)


def row(number: int, day: str, time: str, outcome: str, wait_s: int, **more: object) -> LedgerRow:
    """A call that entered then, waited so long and, if answered, was handled for 200 s."""
    entered_ms = rome(day, time)
    handle_ms = 200_000 if outcome == "answered" else 0
    fields = {
        "call": f"c{number:03}",
        "node": "ast1",
        "queue": "pensioni",
        "called": "803164",
        "caller": "",
        "language": "it",
        "province": "RM",
        "priority_class": "",
        "entered_ms": entered_ms,
        "ended_ms": entered_ms + wait_s * 1000 + handle_ms,
        "wait_ms": wait_s * 1000,
        "handle_ms": handle_ms,
        "outcome": outcome,
        "path": "primary",
        "site": "",
        "office": "",
        "visits": 1,
        "verified": None,
        "code": "",
        "level": "",
    }
    return LedgerRow(**{**fields, **more})  # type: ignore[arg-type]  # a test


CALLS = (
    # Monday: the threshold is 60 s
    row(1, MONDAY, "09:05", "answered", 20, level="met", code="risolta", caller=HASHES["x"]),
    row(2, MONDAY, "09:10", "answered", 40, level="met", path="fallback", office="roma", code="passata"),
    row(3, MONDAY, "09:20", "answered", 90, level="missed", caller=HASHES["y"]),
    row(4, MONDAY, "09:40", "abandoned", 30, level="abandoned_early", province="MI"),
    row(5, MONDAY, "09:45", "abandoned", 120, level="missed", province="MI"),
    row(6, MONDAY, "10:00", "short_abandoned", 3, level="abandoned_early", province=""),
    row(7, MONDAY, "10:10", "safety_net", 1800, level="missed"),
    row(8, MONDAY, "10:20", "lost", 5, level="missed"),
    row(9, MONDAY, "21:00", "closed", 4),
    row(10, MONDAY, "11:00", "left_in_menu", 0, queue="", path="", province=""),
    # Tuesday: an emergency from 10:00, in which an answer within 300 s is met
    row(11, TUESDAY, "09:50", "answered", 100, level="missed", caller=HASHES["x"]),
    row(12, TUESDAY, "10:00", "answered", 250, level="missed", caller=HASHES["z"]),
    row(13, TUESDAY, "10:05", "answered", 400, level="missed"),
    row(14, TUESDAY, "10:10", "abandoned", 200, level="missed"),
    row(15, TUESDAY, "10:20", "abandoned", 350, level="missed"),
    row(16, TUESDAY, "10:25", "answered", 10, level="met", path="fallback", office="roma"),
    row(17, TUESDAY, "10:40", "answered", 30, level="met", queue="generale", caller=HASHES["x"]),
    row(18, TUESDAY, "10:50", "abandoned", 400, level="missed", queue="generale"),
)

GOALS = Goals(
    goals=(
        Goal(from_day="2025-01-01", from_ms=rome("2025-01-01"), ratio=0.5),
        Goal(from_day=TUESDAY, from_ms=rome(TUESDAY), ratio=0.6),
    ),
    emergencies=(
        Emergency(
            id="guasto",
            from_ms=rome(TUESDAY, "10:00"),
            until_ms=rome("2026-03-04"),
            reason="rete interrotta",
            act="Determina 1 del 3 marzo 2026",
            ratio=0.3,
            threshold_ms=300_000,
        ),
    ),
    solved=("risolta",),
)


def given(**more: object) -> SimpleNamespace:
    """What a report depends on: two queues, of which 12 and 3 people can serve."""
    fields = {
        "rules": rules(),
        "roster": roster(pensioni=12, generale=3),
        "goals": GOALS,
        "headline": HEADLINE,
        "k": 3,
        "now_ms": rome("2026-04-01"),
    }
    return SimpleNamespace(**{**fields, **more})


def rules() -> RuleSet:
    """Two queues."""
    made = builders.rules([queue("pensioni"), queue("generale")])
    return replace(made, skills={SkillId(name): name.capitalize() for name in ("pensioni", "generale")})


def queue(name: str) -> Queue:
    """A queue whose topic is its name."""
    return Queue(
        id=QueueId(name),
        name=name.capitalize(),
        language="it",
        needs=(SkillNeed(skill=SkillId(name)),),
        threshold_ms=60_000,
    )


def roster(**counts: int) -> Roster:
    """So many people with each skill."""
    return Roster(
        agents={
            AgentId(f"{skill}{n}"): Agent(
                id=AgentId(f"{skill}{n}"), site=SiteId("roma"), endpoint="e", skills={SkillId(skill): 5}
            )
            for skill, count in counts.items()
            for n in range(count)
        }
    )
