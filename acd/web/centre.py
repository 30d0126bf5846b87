"""What the web asks of the running centre. ``acd.runtime`` implements it; tests have a small one.

Reads return frozen views at once. ``submit`` hands a fact to the engine and returns when the
engine has handled it, so that whoever reads next sees its effect.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from acd.core.facts import Fact
from acd.core.ids import AgentId, NodeId, QueueId
from acd.core.policy import RuleSet
from acd.core.views import AgentView, CallView, QueueView, Summary
from acd.runtime.ports import NodeState


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine made of a fact."""

    refused: str | None = None
    """None: done. Else a whole sentence a person can act on; nothing was changed."""


class NodeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The link to one Asterisk."""

    id: NodeId
    state: NodeState
    asterisk_version: str = ""
    """Empty until Asterisk has told."""
    since_ms: int = 0
    """When the state began, 0 if never told."""


class Centre(Protocol):
    """The running centre, as the web sees it."""

    async def submit(self, fact: Fact) -> Submitted:
        """Let the engine handle one fact; returns when it has."""

    def queues(self) -> tuple[QueueView, ...]:
        """All queues, in the order of the rules."""

    def calls(self, queue: QueueId | None, limit: int) -> tuple[CallView, ...]:
        """At most ``limit`` calls in progress, oldest first; of one queue or of all."""

    def agent(self, agent: AgentId) -> AgentView | None:
        """One agent, None if the roster does not know the name."""

    def summary(self) -> Summary:
        """The whole centre."""

    def nodes(self) -> tuple[NodeStatus, ...]:
        """All links, in the order of the configuration."""

    def not_ready(self) -> str | None:
        """Why no call can be routed now, as a sentence; None: all is well."""

    def rules(self) -> RuleSet:
        """The rules in force."""
