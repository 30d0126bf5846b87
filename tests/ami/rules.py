"""A small rule set and roster for these tests."""

from __future__ import annotations

from acd.core.policy import Agent, OutcomeCode, PauseReason, PhoneRange, Queue, Roster, RuleSet, Site

RULES = RuleSet(
    revision="test",
    queues={
        "generale": Queue(id="generale", name="Generale", language="it", needs=()),
        "tedesco": Queue(id="tedesco", name="Tedesco", language="de", needs=()),
    },
    skills={},
    sites={"roma": Site(id="roma", name="Roma", phones=(PhoneRange(first="s0001", last="s0009"),))},
    offices={},
    pause_reasons={
        "lunch": PauseReason(id="lunch", name="Pranzo", digit="1"),
        "missed": PauseReason(id="missed", name="Chiamate perse"),
    },
    entry={"803164": "generale"},
    queue_by_default="generale",
    missed_reason="missed",
    outcome_codes={"solved": OutcomeCode(id="solved", name="Risolto", digit="1")},
)
ROSTER = Roster(agents={"anna": Agent(id="anna", site="roma", endpoint="a0001", skills={}, code="4711")})
