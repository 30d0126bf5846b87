"""A centre small enough to see through, for the tests of the web."""

from __future__ import annotations

from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    Fact,
    WrapUpExtended,
)
from acd.core.ids import AgentId, CallId, QueueId, SiteId
from acd.core.notes import AgentState
from acd.core.policy import RuleSet
from acd.core.views import AgentView, CallView, QueueView, Summary
from acd.runtime.ports import NodeState
from acd.web.centre import NodeStatus, Submitted
from tests.metrics.samples import GENERAL, NODE, queue_view, rules, summary

AFTER = {
    AgentLoggedIn: AgentState.READY,
    AgentLoggedOut: AgentState.LOGGED_OUT,
    AgentReadied: AgentState.READY,
    WrapUpExtended: AgentState.WRAP_UP,
}


class SmallCentre:
    """One agent ``a0001``, five calls, one Asterisk; keeps every fact it was given."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.refusal: str | None = None
        self.why_not: str | None = None
        self.error: BaseException | None = None
        self.state = AgentState.LOGGED_OUT
        self.reason = ""
        self.people: dict[str, dict[AgentState, int]] = {"roma": {AgentState.READY: 30}}

    async def submit(self, fact: Fact) -> Submitted:
        """Keep the fact and move the agent, unless told to refuse or fail."""
        if self.error is not None:
            raise self.error
        if self.refusal is not None:
            return Submitted(refused=self.refusal)
        self.facts.append(fact)
        if isinstance(fact, AgentPaused):
            self.state, self.reason = AgentState.PAUSED, fact.reason
        else:
            self.state = AFTER[type(fact)]
        return Submitted()

    def queues(self) -> tuple[QueueView, ...]:
        """Two queues."""
        return (queue_view(waiting=4), queue_view("coda1"))

    def calls(self, queue: QueueId | None, limit: int) -> tuple[CallView, ...]:
        """Five calls of the first queue, none of the other."""
        if queue not in {None, GENERAL}:
            return ()
        calls = (
            CallView(id=CallId(f"ast1-1.{n}"), node=NODE, queue=GENERAL, state="waiting", wait_ms=n, offers=0)
            for n in range(5)
        )
        return tuple(calls)[:limit]

    def agent(self, agent: AgentId) -> AgentView | None:
        """The one agent."""
        if agent != "a0001":
            return None
        return AgentView(
            id=agent, site=SiteId("roma"), state=self.state, since_ms=1, reason=self.reason, until_ms=0
        )

    def summary(self) -> Summary:
        """The whole centre."""
        return summary(**self.people)

    def nodes(self) -> tuple[NodeStatus, ...]:
        """The one Asterisk."""
        return (NodeStatus(id=NODE, state=NodeState.READY, asterisk_version="22.10.1", since_ms=5),)

    def not_ready(self) -> str | None:
        """As told."""
        return self.why_not

    def rules(self) -> RuleSet:
        """The small rule set."""
        return rules()
