"""A small rule set and roster for these tests."""

from __future__ import annotations

from acd.core.policy import Agent, PauseReason, Queue, Roster, RuleSet

RULES = RuleSet(
    revision="test",
    queues={
        "generale": Queue(id="generale", name="Generale", language="it", needs=()),
        "tedesco": Queue(id="tedesco", name="Tedesco", language="de", needs=()),
    },
    skills={},
    sites={},
    offices={},
    pause_reasons={
        "lunch": PauseReason(id="lunch", name="Pranzo", digit="1"),
        "missed": PauseReason(id="missed", name="Chiamate perse"),
    },
    entry={},
    queue_by_default="generale",
    missed_reason="missed",
)
ROSTER = Roster(agents={"anna": Agent(id="anna", site="roma", endpoint="a0001", skills={})})
