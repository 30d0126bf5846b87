"""What the web asks of the running centre. ``acd.centre`` implements it; tests have a small one.

Reads return frozen views at once. ``submit`` hands a fact to the engine and returns when the
engine has handled it, so that whoever reads next sees its effect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from acd.core.facts import Fact
from acd.core.ids import AgentId, NodeId, QueueId
from acd.core.policy import RosterChange, RuleSet
from acd.core.views import AgentEvent, AgentView, CallView, OfficeView, OwnTimes, QueueView, Summary
from acd.figures.days import Day
from acd.figures.formulas import Formula
from acd.journal.asking import JournalReader
from acd.journal.state import JournalState
from acd.queue_log.state import QueueLogState
from acd.rules.privacy import Privacy
from acd.runtime.fallback_keeper import FallbackKeeper
from acd.runtime.opt_in_keeper import OptInKeeper
from acd.runtime.ports import NodeState
from acd.runtime.rehearsal import RehearsalRunner
from acd.runtime.revision_keeper import RevisionKeeper
from acd.runtime.transition_keeper import TransitionKeeper
from acd.store.port import Store
from acd.store.records import PersonalCode, RosterState


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


class AgentStream(Protocol):
    """The changes of one agent, newest last; a reader who is slow misses the older ones, never the last."""

    async def next(self) -> AgentEvent:
        """The next change; the first one comes at once."""

    def close(self) -> None:
        """Nobody reads any more."""


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

    def today(self) -> Mapping[QueueId, Day]:
        """Every queue since local midnight, exact: those of the rules, those gone from them, ``MENU``."""

    def series(self) -> int:
        """How many series the metrics had when they were scraped last; 0: never."""

    def service_level(self) -> Formula:
        """The formula of the headline, whose name stands beside each service level."""

    def nodes(self) -> tuple[NodeStatus, ...]:
        """All links, in the order of the configuration."""

    def not_ready(self) -> str | None:
        """Why no call can be routed now, as a sentence; None: all is well."""

    def rules(self) -> RuleSet:
        """The rules in force."""

    def rules_refused(self) -> str:
        """Why newer ones were not taken, as a sentence; empty: there are none, or they were."""

    def offices(self) -> tuple[OfficeView, ...]:
        """All offices, in the order of the rules."""

    def roster(self) -> RosterState:
        """Everybody who may log in, and the revision of the roster in force."""

    async def change_roster(self, change: RosterChange, *, expected: int | None) -> int:
        """Write a new roster to the store and hand it to the engine; returns the new revision.

        Raises:
            Conflict: ``expected`` is given and is not the present revision.
            StoreUnavailable: nothing was changed.
        """

    def own_times(self, agent: AgentId) -> OwnTimes | None:
        """The agent's own times since local midnight, None if the roster does not know the name."""

    def listen(self, agent: AgentId) -> AgentStream:
        """What happens to this agent from now on; ``close`` it when nobody reads any more."""

    def journal(self) -> JournalReader | None:
        """What every fact of the last hours can be asked of; None: none is kept."""

    def journal_state(self) -> JournalState | None:
        """How it does; None: none is kept, or nobody writes it now."""

    def queue_log_state(self) -> QueueLogState | None:
        """How the file ``queue_log`` does; None: none is written."""

    def store(self) -> Store | None:
        """What outlives the process; None in a trial without one."""

    async def put_codes(self, codes: Sequence[PersonalCode]) -> int:
        """Keep personal codes, here and in the store; returns how many there are now."""

    def hash_code(self, code: str) -> str | None:
        """The keyed hash of a personal code; None when the settings give no key."""

    def configuration(self) -> RevisionKeeper | None:
        """What runs, and how it is changed; None: nobody can, as in a trial."""

    def transition(self) -> TransitionKeeper:
        """Where the transition stands, and what moves it."""

    def rehearsal(self) -> RehearsalRunner:
        """What tries the offices' lines."""

    def opt_ins(self) -> OptInKeeper:
        """Slots of volunteers: their own, and sums."""

    def fallback(self) -> FallbackKeeper:
        """Who stands in for whom, who says so, and how people switch it."""

    def privacy(self) -> Privacy:
        """How small a group may be shown and how long what is kept, as it is in force."""

    async def forget_journal(self, before_ms: int) -> int:
        """Remove what the journal has from before this moment, as far as whole segments; how many."""

    def dialplan_revisions(self) -> Mapping[NodeId, str]:
        """The entry plan's revision that each Asterisk runs, empty where it is not known."""

    def entry_revision(self) -> str:
        """The entry plan's revision of the rules in force."""
