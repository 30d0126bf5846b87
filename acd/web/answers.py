"""What is answered: copies of views and rows, field by field (``acd.web.models.shown``)."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from acd.core.notes import AgentState, Reason
from acd.core.views import AgentEventKind
from acd.runtime.ports import NodeState
from acd.store.records import Role
from acd.web.kept_forms import JournalAnswer, QueueLogAnswer, StoreAnswer
from acd.web.models import Model
from acd.web.today import TodayAnswer
from acd.web.toggle_forms import BriefAnswer

ItemT = TypeVar("ItemT")


class Finding(Model):
    """One mistake in a file."""

    line: int
    column: str
    """Name of the column; empty: the line as a whole."""
    sentence: str


class Problem(Model):
    """The body of every answer that is not a success (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    id: str
    what_to_do: str
    findings: tuple[Finding, ...]
    """Mistakes in a file that was sent; empty for everything else."""


class Alive(Model):
    """The loop turns."""

    alive: Literal[True] = True


class Ready(Model):
    """Calls can be routed."""

    ready: Literal[True] = True
    detail: str = ""
    """What should be known all the same: newer files were refused, or a change waits to be confirmed."""
    cannot_write: tuple[Literal["store", "journal", "queue_log"], ...] = ()
    """What should be kept and cannot be written now; routing depends on none (``summary`` says why)."""


class Listed(Model, Generic[ItemT]):
    """One page."""

    items: tuple[ItemT, ...]
    next: str | None
    """Cursor of the next page; null: this was the last."""


class CountsAnswer(Model):
    """``entered`` = ``ended`` + ``in_progress``, since the process began."""

    entered: int
    ended: int
    in_progress: int
    unaccounted: int
    answered: int
    to_offices: int
    abandoned: int
    safety_net: int
    closed: int
    lost: int
    agents: dict[str, dict[AgentState, int]]
    """People on duty per site; small sites are merged into ``other``, or not shown."""


class NodeAnswer(Model):
    """The link to one Asterisk."""

    id: str
    state: NodeState
    asterisk_version: str
    since_ms: int
    entry_revision: str
    """The entry menus it runs; empty: not known."""


class ExerciseAnswer(Model):
    """The clock of an exercise: calendars go by it, and nothing else."""

    calendar: str
    """Where the calendars stand now, in Rome: ``2022-12-06 09:14``."""
    day_s: float
    """How many seconds a day of theirs lasts."""


class SummaryAnswer(Model):
    """The whole centre."""

    counts: CountsAnswer
    nodes: tuple[NodeAnswer, ...]
    not_ready: str | None
    revision: str
    """Of the rules in force."""
    rules_refused: str
    """Why newer files were not taken when they were read last; empty: they were."""
    configuration: int
    """Number of the revision in force; 0: none is kept."""
    confirm_by_ms: int | None
    """It undoes itself then unless somebody confirms it; null: it stays."""
    entry_revision: str
    """The entry menus of these rules, as Asterisk should run them."""
    roster_revision: int
    store: StoreAnswer | None
    """null: nothing outlives the process."""
    fallback: BriefAnswer
    exercise: ExerciseAnswer | None
    """null: this is no exercise."""
    journal: JournalAnswer | None
    """null: none is kept."""
    queue_log: QueueLogAnswer | None
    """null: none is written."""
    today: TodayAnswer | None
    """null: nobody counts."""
    series: int
    """Series of the metrics when they were scraped last; 0: never since the start."""


class QueueAnswer(Model):
    """One queue now; counts since the process began."""

    id: str
    name: str
    waiting: int
    offered_now: int
    talking: int
    longest_wait_ms: int
    agents_ready: int | None
    """null where fewer than k could serve it, or 1 to k - 1 of them are logged in."""
    entered: int
    answered: int
    answered_by_offices: int
    abandoned: int
    safety_net: int
    closed: int
    lost: int


class QueuesAnswer(Listed[QueueAnswer]):
    """Queues in the order of the rules."""


class OfficeAnswer(Model):
    """One office and its line now."""

    id: str
    name: str
    province: str
    capacity: int
    in_use: int
    open: bool
    """Within its hours, or forced on."""
    breaker: str
    """``closed``; ``open``: left alone because it did not answer; ``half_open``: one call tries it."""
    forced: bool | None
    """True: on, False: off, null: by hours and health."""
    trunk: str
    carrier_out: bool
    """Its trunk fails for all offices alike."""


class OfficesAnswer(Listed[OfficeAnswer]):
    """Offices in the order of the rules."""


class CallAnswer(Model):
    """One call in progress."""

    id: str
    node: str
    queue: str
    state: str
    wait_ms: int
    offers: int


class CallsAnswer(Listed[CallAnswer]):
    """Calls in progress, oldest first."""


class LedgerAnswer(Model):
    """One ended call. ``caller`` is a keyed hash, never a number; no agent is named."""

    call: str
    node: str
    queue: str
    called: str
    caller: str
    language: str
    province: str
    priority_class: str
    entered_ms: int
    ended_ms: int
    wait_ms: int
    handle_ms: int
    outcome: str
    path: str
    site: str
    office: str
    visits: int
    verified: bool | None
    code: str
    level: str
    """Its service-level event: met, missed, abandoned_early; empty: none, as of calls of a closed queue."""


class LedgerPage(Listed[LedgerAnswer]):
    """Ended calls, in the order of their ends."""


class PersonAnswer(Model):
    """Somebody who may log in; nothing of what they do now."""

    id: str
    site: str
    endpoint: str
    skills: dict[str, int]
    home: bool
    country: str
    auto_answer: bool


class PeopleAnswer(Listed[PersonAnswer]):
    """People of the roster, by id."""


class RosterEntry(PersonAnswer):
    """Everything the roster knows of somebody."""

    code: str
    hours: str
    employer: str


class RosterAnswer(Listed[RosterEntry]):
    """The roster, by id."""

    revision: int


class ImportAnswer(Model):
    """What an import changed, or would change."""

    revision: int
    """Of the roster in force now."""
    dry_run: bool
    added: int
    changed: int
    removed: int
    findings: tuple[Finding, ...]
    """Always empty in a success: a file with mistakes is refused whole."""
    people: tuple[str, ...]
    """What is odd about rules and people together: a skill nobody holds, an agent with no queue."""
    lines: tuple[str, ...]
    """What changes, for people to read."""


class ContextAnswer(Model):
    """What an agent is told of the caller: never who they are."""

    call: str
    queue: str
    queue_name: str
    language: str
    province: str
    priority_class: str
    verified: bool | None
    verified_by: str
    waited_ms: int
    passed_on: int
    from_site: str
    code: str


class AgentAnswer(Model):
    """One agent now."""

    id: str
    site: str
    state: AgentState
    since_ms: int
    reason: str
    until_ms: int
    """Deadline of the state, 0 for none."""
    phone: str
    wish: str
    """What is granted after the talk: ``logout`` or ``pause``; empty: nothing."""
    call: ContextAnswer | None
    break_due_ms: int
    """When the next break from the screen begins if work goes on; 0: no rule, or no work now."""


class MoveAnswer(Model):
    """What was asked of an agent is done."""

    id: str
    now: AgentAnswer | None
    """How the agent stands; null for whoever is not that agent (look with a purpose: ``GET``)."""


class AgentEventAnswer(Model):
    """One event of a stream: what changed, and the agent as it stands after it."""

    kind: AgentEventKind
    at_ms: int
    agent: AgentAnswer


class TimesAnswer(Model):
    """The agent's own day, kept in memory only."""

    since_ms: int
    spent_ms: dict[AgentState, int]
    talks: int


class LoginResult(Model):
    """What became of one login of many."""

    agent: str
    refused: str | None
    """null: logged in."""


class BulkLoginAnswer(Model):
    """What became of each, in the order asked."""

    items: tuple[LoginResult, ...]


class TokenAnswer(Model):
    """A token without its secret."""

    id: str
    name: str
    role: Role
    sites: tuple[str, ...]
    agent: str | None
    created_ms: int
    expires_ms: int
    revoked_ms: int | None


class TokensAnswer(Listed[TokenAnswer]):
    """Tokens of the store, oldest first; those of the settings are not among them."""


class NewTokenAnswer(Model):
    """A new token with its secret, which is shown this once and kept nowhere."""

    token: TokenAnswer
    secret: str


class CodesAnswer(Model):
    """Personal codes were kept."""

    kept: int
    total: int


class EntryAnswer(Model):
    """One write that was audited."""

    at_ms: int
    who: str
    action: str
    target: str
    result: str
    detail: str


class AuditRowAnswer(Model):
    """An entry in its place in the chain."""

    seq: int
    entry: EntryAnswer
    previous: str
    digest: str


class AuditAnswer(Listed[AuditRowAnswer]):
    """The audit, oldest first."""


class VerdictAnswer(Model):
    """Whether the chain is whole."""

    entries: int
    head: str
    broken_at: int | None
    why: str


class MeAnswer(Model):
    """Who asks."""

    who: str
    role: Role
    sites: tuple[str, ...]
    agent: str | None
    expires_ms: int | None
    """null: it does not expire (a token of the settings, the local socket)."""


class OpenApi(BaseModel):
    """The OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    openapi: str


class StoryEventAnswer(Model):
    """One thing that happened to a call."""

    at_ms: int
    kind: str
    """Word for programs; docs/operations.md has them."""
    sentence: str
    what: dict[str, Any]
    """What the sentence says, by name."""


class StoryAnswer(Model):
    """All that happened to a call, in order of time."""

    call: str
    lang: str
    ended: bool
    events: tuple[StoryEventAnswer, ...]


class WhyNotAnswer(Model):
    """Why an agent did not get a call."""

    call: str
    agent: str
    lang: str
    at_ms: int
    """The moment the answer is of."""
    reason: Reason | None
    """null: the agent was rung with it."""
    sentence: str
    agent_state: AgentState
    step: int
    """How far the ladder was open for the call."""
    step_needed: int
    """The first step that adds the agent; 0: it is not the ladder."""
