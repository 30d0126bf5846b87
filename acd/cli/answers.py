"""What a command reads of the API's answers; what it does not know it leaves aside.

Queues, calls, offices and agents are the views of ``acd.core.views`` themselves, rows of the audit and
its verdict those of ``acd.store.records``, the state of the journal that of ``acd.journal.state``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from acd.core.views import OfficeView, QueueView, Summary
from acd.figures.formulas import Formula
from acd.journal.state import JournalState
from acd.queue_log.state import QueueLogState
from acd.store.records import StoreState
from acd.volunteering.sums import Hours, KindHours

__all__ = [
    "AcceptedTold",
    "Asker",
    "Brief",
    "CheckTold",
    "EventTold",
    "FallbackTold",
    "FlagTold",
    "HoursTold",
    "Imported",
    "Kept",
    "Moved",
    "NewToken",
    "NodeAnswer",
    "Outcomes",
    "OverrideTold",
    "OverridesTold",
    "Person",
    "Placed",
    "ScopeTold",
    "SlotTold",
    "SlotsTold",
    "Status",
    "StoryTold",
    "SummaryAnswer",
    "TokenShown",
    "TotalTold",
    "TotalsTold",
    "WhyNotTold",
]


class NodeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One Asterisk."""

    id: str
    state: str
    asterisk_version: str = ""
    """Empty until Asterisk has told."""
    since_ms: int = 0
    entry_revision: str = ""
    """Of the entry plan its dialplan runs; empty: not known."""


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """The fallback in a line."""

    on: bool
    source: str
    """Who decides for the country."""
    until_ms: int | None
    sites_on: int
    offices_on: int
    offices_off: int
    overrides: int


class ExerciseTold(msgspec.Struct, frozen=True, kw_only=True):
    """The clock of an exercise."""

    calendar: str
    day_s: float


class TodayTold(msgspec.Struct, frozen=True, kw_only=True):
    """All queues since local midnight."""

    began_ms: int
    formula: Formula
    service_level: float | None
    counted: int
    offered: int
    answered: int
    answered_by_offices: int
    abandoned: int
    short_abandoned: int
    left_in_menu: int


class SummaryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole centre."""

    counts: Summary
    nodes: tuple[NodeAnswer, ...]
    not_ready: str | None
    revision: str
    rules_refused: str = ""
    configuration: int = 0
    confirm_by_ms: int | None = None
    """Why newer rules were not taken when they were read last; empty: they were."""
    entry_revision: str = ""
    """Of the entry plan of the rules in force."""
    roster_revision: int = 0
    store: StoreState | None = None
    """None: nothing outlives the process."""
    fallback: Brief | None = None
    """None: an older ACD, which does not tell."""
    exercise: ExerciseTold | None = None
    journal: JournalState | None = None
    queue_log: QueueLogState | None = None
    """None: none is kept."""
    today: TodayTold | None = None
    """None: nobody counts."""
    series: int | None = None
    """Of the metrics when they were scraped last, 0 for never; None: an older ACD, which does not tell."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The running ACD now; what ``acd status --json`` shows."""

    url: str
    ready: bool
    summary: SummaryAnswer
    queues: tuple[QueueView, ...]
    offices: tuple[OfficeView, ...]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may log in."""

    id: str
    site: str
    endpoint: str
    skills: Mapping[str, int]
    home: bool = False
    country: str = ""
    auto_answer: bool = False


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one agent of many."""

    agent: str
    refused: str | None
    """None: done."""


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each, in the order asked."""

    items: tuple[Moved, ...]


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import changed, or would change."""

    revision: int
    """Of the roster in force now."""
    dry_run: bool
    added: int
    changed: int
    removed: int
    people: tuple[str, ...]
    """What is odd about rules and people together."""
    lines: tuple[str, ...]
    """What changes."""


class RevisionTold(msgspec.Struct, frozen=True, kw_only=True):
    """One revision, without its files."""

    number: int
    made_ms: int
    author: str
    reason: str
    origin: str
    of: int | None
    confirm_by_ms: int | None
    confirmed_ms: int | None


class RevisionFiles(RevisionTold, frozen=True, kw_only=True):
    """One revision whole."""

    files: dict[str, str]


class Revisions(msgspec.Struct, frozen=True):
    """The newest first."""

    items: tuple[RevisionTold, ...]


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What runs."""

    number: int
    revision: RevisionTold | None
    digest: str
    rules: str
    refused: str
    disk_differs: bool


class Sentenced(msgspec.Struct, frozen=True, kw_only=True):
    """A change or an objection in words."""

    sentence: str


class TouchedTold(msgspec.Struct, frozen=True, kw_only=True):
    """A queue that a change touches."""

    queue: str
    waiting: int
    gained: dict[str, int]
    lost: dict[str, int]
    some_not_told: bool
    sentences: tuple[str, ...]


class DiffTold(msgspec.Struct, frozen=True, kw_only=True):
    """What another configuration would change."""

    number: int
    digest: str
    same: bool
    findings: tuple[str, ...]
    changes: tuple[Sentenced, ...]
    touched: tuple[TouchedTold, ...]
    objections: tuple[Sentenced, ...]


class TokenShown(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its secret."""

    id: str
    name: str
    role: str
    sites: tuple[str, ...] = ()
    agent: str | None = None
    created_ms: int
    expires_ms: int
    revoked_ms: int | None = None


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new token with its secret."""

    token: TokenShown
    secret: str


class EventTold(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a call."""

    at_ms: int
    kind: str
    sentence: str
    what: dict[str, Any]


class StoryTold(msgspec.Struct, frozen=True, kw_only=True):
    """A call's story."""

    call: str
    lang: str
    ended: bool
    events: tuple[EventTold, ...]


class WhyNotTold(msgspec.Struct, frozen=True, kw_only=True):
    """Why an agent did not get a call."""

    call: str
    agent: str
    lang: str
    at_ms: int
    reason: str | None
    """None: the agent was rung with it."""
    sentence: str
    agent_state: str
    step: int
    step_needed: int


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks."""

    agent: str | None
    """None: the token is no agent's."""


class SlotTold(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer's own slot."""

    id: int
    office: str
    from_ms: int
    until_ms: int
    kind: str
    place: str
    accepted_ms: int
    withdrawn_ms: int | None
    confirmed_ms: int | None


class SlotsTold(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer's own slots."""

    items: tuple[SlotTold, ...]


class FlagTold(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is odd about a slot."""

    rule: str
    refuses: bool
    sentence: str


class CheckTold(msgspec.Struct, frozen=True, kw_only=True):
    """What is odd about a slot before it is accepted."""

    acceptable: bool
    flags: tuple[FlagTold, ...]


class AcceptedTold(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that was accepted."""

    slot: SlotTold
    flags: tuple[FlagTold, ...]


class TotalTold(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer's own hours of one kind and place."""

    kind: str
    place: str
    slots: int
    counted_ms: int
    confirmed_ms: int


class TotalsTold(msgspec.Struct, frozen=True, kw_only=True):
    """A volunteer's own hours of a month."""

    month: str
    items: tuple[TotalTold, ...]


class HoursTold(msgspec.Struct, frozen=True, kw_only=True):
    """Hours of all volunteers in a month, of groups that are large enough."""

    month: str
    k: int
    offices: tuple[Hours, ...]
    kinds: tuple[KindHours, ...]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Personal codes were kept."""

    kept: int
    total: int


class OverrideTold(msgspec.Struct, frozen=True, kw_only=True):
    """A toggle by a person."""

    id: int
    scope: str
    mode: str
    reason: str
    author: str
    ticket: str
    from_ms: int
    until_ms: int
    made_ms: int
    ended_ms: int | None
    ended_by: str


class OverridesTold(msgspec.Struct, frozen=True, kw_only=True):
    """Overrides, the oldest first."""

    items: tuple[OverrideTold, ...]


class ScopeTold(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force for a scope, and why."""

    scope: str
    name: str
    value: str
    share: int | None
    mode: str
    source: str
    decided_at: str
    override: int | None
    line: int | None
    author: str
    reason: str
    until_ms: int | None
    sentence: str


class FallbackTold(msgspec.Struct, frozen=True, kw_only=True):
    """All that is in force."""

    revision: str
    on: bool
    changes_next_ms: int | None
    hours_max: int
    items: tuple[ScopeTold, ...]


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What an override came to."""

    override: OverrideTold
    over: tuple[OverrideTold, ...]
    told: tuple[str, ...]
