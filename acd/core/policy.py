"""The compiled rules: what the engine may know of the files in ``routing_rules/``.

Immutable; ``acd.rules`` checks the files and builds these. All times are milliseconds unless
the name says seconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from acd.core.ids import (
    AgentId,
    CalendarId,
    OfficeId,
    OutcomeCodeId,
    PauseReasonId,
    PriorityClassId,
    QueueId,
    SiteId,
    SkillId,
)


class QueueKind(StrEnum):
    """How a call gets into a queue."""

    ENTRY = "entry"
    """From outside, by its called number or a menu; agents may pass calls on to it too."""
    SECOND_LEVEL = "second_level"
    """Only passed on by an agent: specialists."""


class DatedTarget(msgspec.Struct, frozen=True, kw_only=True):
    """A service-level target that holds from a day on."""

    from_day: str
    """ISO date, Europe/Rome."""
    ratio: float


class Discipline(StrEnum):
    """What a queue is tuned for; docs/routing.md weighs the two."""

    FAIR = "fair"
    """Secondary agents are worth 30 s, tertiary 60 s: shorter tails."""
    SL20 = "sl20"
    """120 s and 240 s: more calls inside the threshold, a longer tail."""


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Levels of one worth: primary, secondary, tertiary."""

    level_min: int
    handicap_ms: Mapping[Discipline, int]
    """A call that only this band could take counts as so much younger than one of the best band."""


BANDS = (
    Band(level_min=8, handicap_ms={Discipline.FAIR: 0, Discipline.SL20: 0}),
    Band(level_min=5, handicap_ms={Discipline.FAIR: 30_000, Discipline.SL20: 120_000}),
    Band(level_min=1, handicap_ms={Discipline.FAIR: 60_000, Discipline.SL20: 240_000}),
)
"""The bands of a rule set that names none, best first."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a queue's ladder: when it opens, and whom it adds.

    It opens when the call has waited ``after_ms`` in this visit, or sooner while the load says so: all
    load conditions that are given hold. Steps are cumulative: an open step opens those before it. A step
    that adds nobody who is logged in, and no office, is passed over at once.
    """

    id: str
    after_ms: int
    waiting_min: int = 0
    """By load: at least so many calls wait in the queue (closes again below half of it); 0 = not asked."""
    idle_max: int = -1
    """By load: at most so many agents of the steps before are free; -1 = not asked."""
    at_risk: bool = False
    """By load: fewer calls than the target met the threshold in the last half hour."""
    levels: Mapping[SkillId, int] = {}
    """Needs lowered to this level."""
    drop_preferences: bool = False
    sites: tuple[SiteId, ...] = ()
    volunteers: bool = False
    offices: tuple[OfficeId, ...] = ()
    consent: str = ""
    """Prompt to which the caller must say yes (key 1) before this step opens for the call; it may waive
    needs of language (``waives``). Empty: nobody is asked."""
    waives: tuple[SkillId, ...] = ()
    """Needs that fall away with the caller's consent."""


WEEK_MS: Final = 6 * 86_400_000
"""So long before a day its name in the week means no other."""


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """Opening hours, compiled ahead: the core knows no dates."""

    id: CalendarId
    spans: tuple[tuple[int, int], ...]
    """Open from … until, wall milliseconds, in order, not overlapping."""
    known_until_ms: int
    """After this the spans say nothing (open: nobody is turned away for want of a calendar)."""
    closings: tuple[tuple[int, int, str], ...] = ()
    """Why it is closed, where there is a reason: from, until, prompt id (holiday, patron saint, …)."""
    openings: tuple[Opening, ...] = ()
    """How callers are told of each of the spans; empty: they are told of none."""

    def open_at(self, now_ms: int) -> bool:
        """Whether it is open at this moment."""
        if now_ms >= self.known_until_ms:
            return True
        index = bisect_right(self.spans, now_ms, key=lambda span: span[0]) - 1
        return index >= 0 and now_ms < self.spans[index][1]

    def opens_next(self, now_ms: int) -> int | None:
        """The moment it opens next; None if that is not known."""
        index = bisect_right(self.spans, now_ms, key=lambda span: span[0])
        return self.spans[index][0] if index < len(self.spans) else None

    def changes_next(self, now_ms: int) -> int | None:
        """The moment it opens or closes next; None if that is not known."""
        index = bisect_right(self.spans, now_ms, key=lambda span: span[0])
        if index and now_ms < self.spans[index - 1][1]:
            return self.spans[index - 1][1]
        return self.spans[index][0] if index < len(self.spans) else None

    def why_closed(self, now_ms: int) -> str:
        """Prompt that says why it is closed at this moment, empty for none."""
        return next((why for begin, until, why in self.closings if begin <= now_ms < until), "")

    def told_of_opening(self, now_ms: int) -> str:
        """Prompt that says when it opens next, empty when that is far away or not known."""
        index = bisect_right(self.spans, now_ms, key=lambda span: span[0])
        if index >= len(self.openings):
            return ""
        opening = self.openings[index]
        if now_ms >= opening.day_ms:
            return opening.today
        return opening.week if now_ms >= opening.day_ms - WEEK_MS else ""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """How a caller is told of one moment of opening."""

    day_ms: int
    """Midnight before it, Europe/Rome."""
    today: str
    """Prompt that names it on that very day …"""
    week: str
    """… and in the six days before, when the day of the week says enough."""


class Affinity(msgspec.Struct, frozen=True, kw_only=True):
    """Callers who call again are brought to the site or office they talked with, if it costs little."""

    within_ms: int
    """So long after the last talk; in memory only."""
    worth_ms: int = 30_000
    """The same site counts as this much idle time more."""


class SkillNeed(msgspec.Struct, frozen=True, kw_only=True):
    """An agent must hold this skill at least at this level (1 to 10, 10 best)."""

    skill: SkillId
    level_min: int = 1


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A topic callers wait for."""

    id: QueueId
    name: str
    language: str
    needs: tuple[SkillNeed, ...]
    prefers: tuple[SkillNeed, ...] = ()
    """Wanted like ``needs`` until a step of the ladder drops them."""
    excludes: tuple[SkillId, ...] = ()
    """Whoever holds one of these is never rung for this queue."""
    sites: tuple[SiteId, ...] = ()
    """Only agents of these sites until a step adds more; empty = all."""
    discipline: Discipline = Discipline.FAIR
    credit_ms: int = 0
    """Its calls count as this much older than they are: precedence that starves nobody."""
    threshold_ms: int = 20_000
    """Service level: answered within this time counts as met."""
    target_ratio: float = 0.8
    ring_s: int = 20
    wrap_up_ms: int = 30_000
    wrap_up_extend_ms: int = 30_000
    """One extension adds this much …"""
    wrap_up_ms_max: int = 120_000
    """… but the whole wrap-up never exceeds this."""
    short_abandon_ms: int = 5_000
    """A caller who hangs up sooner is counted as a short abandon."""
    ladder: tuple[Step, ...] = ()
    calendar: CalendarId | None = None
    """None = always open."""
    wait_ms_max: int = 1_800_000
    """After this the safety net takes the caller: nobody waits for ever."""
    kind: QueueKind = QueueKind.ENTRY
    return_ms: int = 60_000
    """A call passed on to this queue and not answered so long goes back to its sender."""
    targets: tuple[DatedTarget, ...] = ()
    """Targets by day, oldest first; ``target_ratio`` holds before the first."""

    def target_on(self, day: str) -> float:
        """The target ratio in force on an ISO day."""
        in_force = [target.ratio for target in self.targets if target.from_day <= day]
        return in_force[-1] if in_force else self.target_ratio


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """A provincial office, whose lines carry ``capacity`` calls at once, all its numbers together."""

    id: OfficeId
    name: str
    province: str
    """Where it is."""
    number: str
    """The first of its numbers."""
    trunk: str
    capacity: int
    calendar: CalendarId | None = None
    more_numbers: tuple[str, ...] = ()
    """Its other numbers: offers take turns over all of them."""
    provinces: tuple[str, ...] = ()
    """Provinces whose callers are its own; empty = its own province alone."""
    languages: tuple[str, ...] = ("it",)
    """Calls of queues in other languages never go there as a stand-in."""
    weight: int = 100
    """Share among offices that are equally near: twice the weight, twice the calls."""
    confirm: bool = False
    """A public line: it counts as answered only after key 1, so that no voicemail takes a caller."""


class Trunk(msgspec.Struct, frozen=True, kw_only=True):
    """The way to offices' numbers."""

    id: str
    capacity: int
    """Calls it carries at once; no offer goes beyond."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """When an office that does not answer is left alone for a while (``acd.core.health``)."""

    window: int = 20
    """Its last offers that are looked at …"""
    window_min: int = 5
    """… if there have been so many …"""
    answered_min: float = 0.4
    """… and of which at least so many were answered."""
    in_a_row: int = 3
    """Or so many in a row failed."""
    open_ms: int = 60_000
    """Left alone so long, then one probe call; each time that fails, twice as long …"""
    open_ms_max: int = 900_000
    """… up to this."""
    carrier_ms: int = 60_000
    """Offers of so long are looked at together, over all offices of a trunk: …"""
    carrier_offices_min: int = 4
    """… when so many offices were tried …"""
    carrier_failed_min: float = 0.8
    """… and at so many of them everything failed in the network, the carrier is out: one event."""
    carrier_probe_ms: int = 15_000
    """During an outage one call in so long tries the trunk again."""


class Breaks(msgspec.Struct, frozen=True, kw_only=True):
    """Breaks from the screen (D.Lgs. 81/2008 art. 175), ``acd.core.breaks``."""

    after_ms: int = 7_200_000
    """Work without interruption, waiting for calls included, after which a break begins: after the present
    call and its wrap-up, never later for any load."""
    early_ms: int = 0
    """So much sooner at most, so that not everybody goes together (``acd.core.stagger``)."""
    for_ms: int = 900_000
    reason: PauseReasonId


class StandIn(msgspec.Struct, frozen=True, kw_only=True):
    """In transition mode: when a waiting call widens from its own office to everybody.

    Counted from the entry of the visit. Calls that a site has been given a share of wait for its agents alone
    until ``own_after_ms``; all others try their own office at once.
    """

    own_after_ms: int = 20_000
    """For calls with a share: offices begin here, and what follows comes so much later."""
    region_after_ms: int = 15_000
    neighbours_after_ms: int = 30_000
    national_after_ms: int = 45_000
    """All agents, of whatever site."""
    anywhere_after_ms: int = 60_000
    """Any office that speaks the language."""


class Territory(msgspec.Struct, frozen=True, kw_only=True):
    """One province and what lies around it."""

    region: str
    neighbours: tuple[str, ...]
    """Provinces outside its region, nearest first by the distance of the centroids."""


class Fallback(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands in for whom now: what the file, the overrides and the transition come to.

    ``acd.fallback`` works it out and can say why; the engine obeys.
    """

    revision: str = ""
    """Digest, for the stories of calls."""
    on: bool = False
    """Transition mode: offices before agents, but for calls that a site has a share of."""
    shares: Mapping[SiteId, int] = {}
    """Per cent of the new calls of each queue that may take this site's agents first; not named: 100."""
    offices: Mapping[OfficeId, bool] = {}
    """Forced: True = asked whatever its hours and its health say, False = never. Not named: as these say."""


class PhoneRange(msgspec.Struct, frozen=True, kw_only=True):
    """Endpoints of one length, from ``first`` to ``last`` in the order of their text."""

    first: str
    last: str

    def holds(self, endpoint: str) -> bool:
        """Whether this endpoint lies in the range."""
        return len(endpoint) == len(self.first) and self.first <= endpoint <= self.last


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A place agents work from."""

    id: SiteId
    name: str
    phones: tuple[PhoneRange, ...] = ()
    """Shared phones: an agent of this site may log in on any of them."""

    def has_phone(self, endpoint: str) -> bool:
        """Whether this endpoint is one of the site's shared phones."""
        return any(phones.holds(endpoint) for phones in self.phones)


class PauseReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why an agent is paused. ``digit`` is what the feature code dials, empty for ours alone."""

    id: PauseReasonId
    name: str
    digit: str = ""


class PriorityClass(msgspec.Struct, frozen=True, kw_only=True):
    """Callers who are served as if they had waited ``credit_ms`` longer (bounded: nobody starves)."""

    id: PriorityClassId
    name: str
    credit_ms: int


class OutcomeCode(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the caller's question, as the agent says. ``digit`` follows the feature code."""

    id: OutcomeCodeId
    name: str
    digit: str = ""


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of the control of calls; the reasons are in docs/architecture.md."""

    order_valid_ms: int = 3_000
    """An order not picked up by then is refused by the dialplan …"""
    order_grace_ms: int = 2_000
    """… and this long after it the engine holds it for expired (clocks, whole seconds)."""
    ghost_ms: int = 4_000
    """No 180 within this time after the dial began: the phone is not there."""
    ring_grace_ms: int = 2_000
    """A ring that has not ended this long after its time is looked at."""
    withdraw_ms: int = 1_500
    """A withdrawal not confirmed by then is looked at."""
    look_ms: int = 2_000
    """Pause before looking again at the same thing."""
    unreachable_retry_ms: int = 60_000
    """An unreachable phone that says nothing is tried again after this."""
    not_again_ms: int = 60_000
    """A call is not offered to an agent who missed it for this long."""
    misses_max: int = 3
    """So many offers missed in a row and the agent is paused …"""
    transfer_ms_max: int = 14_400_000
    """A transferred or net call is looked at after this (4 h) should its end have been lost."""


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """An immutable compiled version of the rules."""

    revision: str
    """Digest of the files it was compiled from."""
    queues: Mapping[QueueId, Queue]
    skills: Mapping[SkillId, str]
    sites: Mapping[SiteId, Site]
    offices: Mapping[OfficeId, Office]
    pause_reasons: Mapping[PauseReasonId, PauseReason]
    entry: Mapping[str, QueueId]
    """Called number to queue."""
    queue_by_default: QueueId
    """Where a call with an unknown queue name waits: nobody is lost over a name."""
    missed_reason: PauseReasonId
    """… with this reason (``timings.misses_max``)."""
    timings: Timings = Timings()
    bands: tuple[Band, ...] = BANDS
    calendars: Mapping[CalendarId, Calendar] = {}
    affinity: Affinity | None = None
    sounds: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    """What plays each prompt: by its id, then by the caller's language (empty: any other), files below
    Asterisk's sounds folder."""
    priority_classes: Mapping[PriorityClassId, PriorityClass] = {}
    outcome_codes: Mapping[OutcomeCodeId, OutcomeCode] = {}
    trunks: Mapping[str, Trunk] = {}
    """A trunk that is not named has no limit."""
    health: Health = Health()
    breaks: Breaks | None = None
    """None: nobody is sent on a break."""
    stand_in: StandIn = StandIn()
    territory: Mapping[str, Territory] = {}
    """By province, two capital letters."""


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """A person who answers, as the roster knows them."""

    id: AgentId
    site: SiteId
    endpoint: str
    """PJSIP endpoint that rings for this agent, unless the login names a shared phone of the site."""
    skills: Mapping[SkillId, int]
    code: str = ""
    """Digits the agent dials after the login code on a shared phone; empty = own phone only."""
    home: bool = False
    """Works from home, not at the site."""
    country: str = "IT"
    """Where the agent answers from (ISO 3166): the law has it announced."""
    hours: str = ""
    """Name of the hour profile of the contract, told to nobody but the exporter of the roster."""
    employer: str = ""
    volunteer: bool = False
    """Answers only calls whose ladder has come to volunteers."""
    auto_answer: bool = False
    """The phone answers by itself, where the agreement allows it."""


class Roster(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody who may log in, by id, in the order of the store."""

    agents: Mapping[AgentId, Agent]


class RosterChange(msgspec.Struct, frozen=True, kw_only=True):
    """What makes one roster of another: whole agents to put in, and ids to take out."""

    upserts: tuple[Agent, ...] = ()
    removed: tuple[AgentId, ...] = ()
