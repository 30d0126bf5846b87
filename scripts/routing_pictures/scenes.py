"""Scenes on the shipped rules: a moment that is played on the engine, and what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from acd.core.ids import AgentId, QueueId, SiteId, SkillId
from acd.core.policy import Agent, Queue, RuleSet
from acd.rules.case_shape import CaseShape
from acd.rules.case_world import Happened, play
from acd.rules.load import load_rules

RULES: Final = Path(__file__).resolve().parents[2] / "routing_rules"
DAY: Final = dt.date(2026, 10, 5)
"""A Monday like any other; every scene is at ten."""


@cache
def rules() -> RuleSet:
    """The shipped rules as they are on that day."""
    return load_rules(RULES, DAY).rules


def queue(name: str) -> Queue:
    """One of the shipped queues."""
    return rules().queues[QueueId(name)]


def agent(skills: Mapping[str, int]) -> Agent:
    """Somebody of Rome with these skills."""
    held = {SkillId(skill): level for skill, level in skills.items()}
    return Agent(id=AgentId("somebody"), site=SiteId("roma"), endpoint="", skills=held)


def happens(
    agents: Mapping[str, Mapping[str, object]], calls: Mapping[str, Mapping[str, object]], for_s: float
) -> list[Happened]:
    """Play a scene, in the words of ``routing_rules/cases``; what happened to all calls, in order."""
    case = {
        "shows": "bands",
        "because": "It is what a picture shows.",
        "at": f"{DAY} 10:00",
        "for_s": for_s,
        "agents": agents,
        "calls": calls,
        "expect": ({"call": next(iter(calls)), "nobody": True},),
    }
    return play(CaseShape.model_validate(case), rules())


class Unexpected(RuntimeError):
    """The engine did not do what the picture is about: look at both before drawing anything."""
