"""Go on, hold or step back: the guards as one table, read from the top; the first row that applies decides.

A **picture** says what is: the calls of the last minutes queue by queue, how the offices do, how many agents
are logged in, where the transition stands and since when. `decide` reads it against the plan and changes
nothing. Each row has a name, a move, and a condition that yields the words of its sentence
(`acd.transition.sentences`) or None.

It cannot swing: going on and stepping back have thresholds of their own (`acd.rules.transition_check` leaves
room between them) and least times in a step; after a step back it rests. With few calls nothing is decided,
so that no step is taken back at night for want of agents. It steps back only while there are healthy
offices to go back to: an outage of the carrier must not send calls into it. What a person says is not
asked here (`acd.transition.moves`).

Counted for the agents is the sum over the sites that have a share: a call of 25 % has every site of 25 % or
more, so one site without anybody is no reason as long as the others have enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from acd.core.ids import SiteId
from acd.rules.transition import Phase, TransitionPlan
from acd.transition.moves import Move, Place
from acd.transition.sentences import SENTENCES
from acd.transition.standing import NOT_STARTED, Standing

__all__ = ["ROWS", "Decision", "Picture", "QueueMinutes", "Row", "decide"]

Words = Mapping[str, object]
SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000


class QueueMinutes(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of one queue that ended in the window; not counted: closed, and gone within seconds."""

    queue: str
    ended: int
    answered: int
    wait_ms: int
    """Mean wait of them all, until the answer or the end."""

    @property
    def ratio(self) -> float:
        """How many were answered."""
        return self.answered / self.ended if self.ended else 1.0


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What the guards look at."""

    now_ms: int
    standing: Standing = NOT_STARTED
    backed_ms: int = 0
    """When the last step back was taken; 0: none since the start."""
    queues: tuple[QueueMinutes, ...] = ()
    offices_open: int = 0
    """Offices within their hours, and not switched off."""
    offices_healthy: int = 0
    """Of those, whose breaker is closed and whose carrier is there."""
    agents: Mapping[SiteId, int] = {}
    """Logged in, by site; every site of the rules."""
    not_ready: str = ""
    """Why the readiness list does not allow a start; empty: it does."""
    started_ms: int = 0
    """When the transition was last started or finished; 0: never."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What to do, and why."""

    move: Move | None
    """None: hold."""
    row: str
    """Name of the row that decided."""
    it: str
    en: str


class _Look(NamedTuple):
    """A picture beside its plan, and what several rows ask of the two."""

    plan: TransitionPlan
    picture: Picture

    @property
    def here(self) -> Phase | None:
        return self.plan.phase(self.picture.standing.phase)

    @property
    def age_ms(self) -> int:
        """How long this step has lasted."""
        return self.picture.now_ms - self.picture.standing.since_ms

    @property
    def judged(self) -> list[QueueMinutes]:
        """Queues with calls enough to say something."""
        return [queue for queue in self.picture.queues if queue.ended >= self.plan.guards.calls_min]

    @property
    def ahead(self) -> Place | None:
        """Where the next step leads; None: nowhere."""
        here, step = self.here, self.picture.standing.step
        if here is None:
            return None
        if step + 1 < here.steps:
            return Place(here.id, step + 1)
        behind = self.plan.after(here.id)
        return Place(behind.id, 0) if behind is not None else None

    @property
    def is_first(self) -> bool:
        """Whether nothing lies before this step."""
        here = self.here
        return here is not None and self.picture.standing.step == 0 and self.plan.before(here.id) is None

    def wanted(self, place: Place, agents_at_100: int) -> int:
        """So many agents are wanted at a step."""
        phase = self.plan.phase(place.phase)
        shares = phase.shares(place.step, self.picture.agents) if phase is not None else {}
        return math.ceil(sum(agents_at_100 * share / 100 for share in shares.values()))

    def there(self, place: Place) -> int:
        """Agents logged in at the sites that have a share at a step."""
        phase = self.plan.phase(place.phase)
        shares = phase.shares(place.step, self.picture.agents) if phase is not None else {}
        return sum(count for site, count in self.picture.agents.items() if shares[site])

    @property
    def healthy(self) -> float | None:
        """Part of the open offices that answers; None: none is open."""
        picture = self.picture
        return picture.offices_healthy / picture.offices_open if picture.offices_open else None


# ── conditions ───────────────────────────────────────────────────────────────────────────────


def _no_phases(look: _Look) -> Words | None:
    return {} if not look.plan.phases and not look.picture.standing.phase else None


def _is_due(look: _Look) -> bool:
    """The first phase begins by itself, it is time, and nobody has started or ended it since."""
    first = look.plan.phases[0]
    begins_ms = first.begins_ms
    return (
        first.automatic
        and begins_ms is not None
        and look.picture.started_ms < begins_ms <= look.picture.now_ms
    )


def _due_not_ready(look: _Look) -> Words | None:
    idle = not look.picture.standing.phase
    return {"why": look.picture.not_ready} if idle and _is_due(look) and look.picture.not_ready else None


def _due(look: _Look) -> Words | None:
    return {} if not look.picture.standing.phase and _is_due(look) else None


def _not_started(look: _Look) -> Words | None:
    return {} if not look.picture.standing.phase else None


def _lost(look: _Look) -> Words | None:
    return {"phase": look.picture.standing.phase} if look.here is None else None


def _by_hand(look: _Look) -> Words | None:
    return {"phase": look.picture.standing.phase} if look.here and not look.here.automatic else None


def _few_calls(look: _Look) -> Words | None:
    return {"calls": look.plan.guards.calls_min} if not look.judged else None


def _just_moved(look: _Look) -> Words | None:
    left_ms = look.plan.guards.step_back.after_ms - look.age_ms
    return {"left": _minutes(left_ms)} if left_ms > 0 else None


def _badly_answered(look: _Look) -> Words | None:
    return _worst_answered(look, look.plan.guards.step_back.answered_min)


def _badly_waited(look: _Look) -> Words | None:
    return _worst_wait(look, look.plan.guards.step_back.wait_ms_max)


def _agents_gone(look: _Look) -> Words | None:
    standing = look.picture.standing
    return _lacking(look, Place(standing.phase, standing.step), look.plan.guards.step_back.agents_at_100)


def _in_trouble(look: _Look) -> bool:
    return any(row(look) is not None for row in (_badly_answered, _badly_waited, _agents_gone))


def _nothing_before(look: _Look) -> Words | None:
    return {} if look.is_first and _in_trouble(look) else None


def _no_offices(look: _Look) -> Words | None:
    least = look.plan.guards.step_back.offices_healthy_min
    if not _in_trouble(look) or (look.healthy is not None and look.healthy >= least):
        return None
    return {"healthy": _percent(look.healthy or 0.0), "least": _percent(least)}


def _young(look: _Look) -> Words | None:
    left_ms = look.plan.guards.go_on.after_ms - look.age_ms
    return {"left": _minutes(left_ms)} if left_ms > 0 else None


def _rests(look: _Look) -> Words | None:
    left_ms = look.picture.backed_ms + look.plan.guards.go_on.rest_ms - look.picture.now_ms
    return {"left": _minutes(left_ms)} if look.picture.backed_ms and left_ms > 0 else None


def _complete(look: _Look) -> Words | None:
    return {} if look.ahead is None else None


def _next_by_hand(look: _Look) -> Words | None:
    phase = look.plan.phase(look.ahead.phase) if look.ahead else None
    return {"phase": phase.id} if phase and not phase.automatic else None


def _next_later(look: _Look) -> Words | None:
    phase = look.plan.phase(look.ahead.phase) if look.ahead else None
    later = phase is not None and phase.begins_ms is not None and phase.begins_ms > look.picture.now_ms
    return {"phase": phase.id} if phase is not None and later else None


def _answered_short(look: _Look) -> Words | None:
    return _worst_answered(look, look.plan.guards.go_on.answered_min)


def _waits_long(look: _Look) -> Words | None:
    return _worst_wait(look, look.plan.guards.go_on.wait_ms_max)


def _offices_sick(look: _Look) -> Words | None:
    least = look.plan.guards.go_on.offices_healthy_min
    if look.healthy is None or look.healthy >= least:
        return None
    return {"healthy": _percent(look.healthy), "least": _percent(least)}


def _agents_few(look: _Look) -> Words | None:
    return _lacking(look, look.ahead, look.plan.guards.go_on.agents_at_100) if look.ahead else None


def _all_well(look: _Look) -> Words | None:  # noqa: ARG001 - the last row applies always
    return {}


def _worst_answered(look: _Look, least: float) -> Words | None:
    worst = min(look.judged, key=lambda queue: queue.ratio, default=None)
    if worst is None or worst.ratio >= least:
        return None
    return {"queue": worst.queue, "answered": _percent(worst.ratio), "least": _percent(least)}


def _worst_wait(look: _Look, most_ms: int) -> Words | None:
    worst = max(look.judged, key=lambda queue: queue.wait_ms, default=None)
    if worst is None or worst.wait_ms <= most_ms:
        return None
    return {"queue": worst.queue, "wait": worst.wait_ms // SECOND_MS, "most": most_ms // SECOND_MS}


def _lacking(look: _Look, place: Place, agents_at_100: int) -> Words | None:
    """Too few agents; how many there are is told to nobody: of a small site that would be persons."""
    wanted = look.wanted(place, agents_at_100)
    return {"wanted": wanted} if look.there(place) < wanted else None


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.0f} %"


def _minutes(ms: int) -> str:
    return f"{math.ceil(ms / MINUTE_MS)} min"


# ── the table ────────────────────────────────────────────────────────────────────────────────


class Row(NamedTuple):
    """One row: its name, what is done (None: hold), and when."""

    name: str
    move: Move | None
    applies: Callable[[_Look], Words | None]


ROWS: Final = (
    Row("no_phases", None, _no_phases),
    Row("due_not_ready", None, _due_not_ready),
    Row("due", Move.START, _due),
    Row("not_started", None, _not_started),
    Row("lost", None, _lost),
    Row("by_hand", None, _by_hand),
    Row("few_calls", None, _few_calls),
    Row("just_moved", None, _just_moved),
    Row("nothing_before", None, _nothing_before),
    Row("no_offices", None, _no_offices),
    Row("badly_answered", Move.BACK, _badly_answered),
    Row("badly_waited", Move.BACK, _badly_waited),
    Row("agents_gone", Move.BACK, _agents_gone),
    Row("young", None, _young),
    Row("rests", None, _rests),
    Row("complete", None, _complete),
    Row("next_by_hand", None, _next_by_hand),
    Row("next_later", None, _next_later),
    Row("answered_short", None, _answered_short),
    Row("waits_long", None, _waits_long),
    Row("offices_sick", None, _offices_sick),
    Row("agents_few", None, _agents_few),
    Row("all_well", Move.NEXT, _all_well),
)
"""The whole of it. The last row applies always."""


def decide(plan: TransitionPlan, picture: Picture) -> Decision:
    """What the guards say of this picture."""
    look = _Look(plan, picture)
    for row in ROWS:
        words = row.applies(look)
        if words is not None:
            said = SENTENCES[row.name]
            return Decision(
                move=row.move, row=row.name, it=said.it.format(**words), en=said.en.format(**words)
            )
    raise AssertionError("the last row applies always")
