"""Until when somebody may be rung: breaks from the screen, and the opt-in of volunteers.

Two promises are kept here, both of them to people who answer.

* **A volunteer is rung only while opted in** (``OptInTold``). Without it they cannot log in, and no login
  of theirs is restored. When it ends, by its time or because they withdrew it, they are logged out.
* **A break begins when it is due at the latest**: after ``after_ms`` of work without an interruption
  (D.Lgs. 81/2008, art. 175), work being everything but a pause and being logged out, so waiting for calls
  too. What counts as an interruption is any pause, or any time logged out, of ``for_ms`` or more, whatever it
  was for: other work is a change of activity. It may begin up to ``early_ms`` sooner, when too many would go
  together (``acd.core.stagger``); somebody whose opt-in ends before it is due has none sooner, for they go
  anyway. A break ends by itself after ``for_ms``. Whoever comes back sooner may, and the next one counts from
  then; time not taken is not saved up.

Both come to one moment for each agent, ``leaves_ms``: from then on nobody rings them. A talk goes on to its
end, and so does its wrap-up; a ring that nobody has answered is taken back, and its caller stands again
where they stood. So a break begins one call and its wrap-up after it is due at the latest, and no load moves
it: nothing here looks at who waits. The moment is settled when somebody comes to work and stays, whatever the
others do, as long as the rules allow it.

The clock of work outlives a restart: the store keeps its beginning with the login, overwritten, no history.
Moments are settled anew then, within the same bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from acd.core.deadlines import Due
from acd.core.notes import AgentState

if TYPE_CHECKING:
    from acd.core.agents import AgentRecord
    from acd.core.world import World

__all__ = ["NEVER_MS", "end_break", "has_opted_in", "must_leave", "resume", "turn", "watch"]

NEVER_MS: Final = 1 << 62
"""Nobody leaves then."""
PAUSED, LOGGED_OUT = AgentState.PAUSED, AgentState.LOGGED_OUT


def has_opted_in(world: World, record: AgentRecord) -> bool:
    """Whether they may be rung at all: they are no volunteer, or one who is opted in now."""
    return not record.agent.volunteer or world.opted_in.get(record.agent.id, 0) > world.now_ms


def must_leave(world: World, record: AgentRecord) -> bool:
    """Whether nobody may ring them any more: the opt-in has ended, or a break is due."""
    return record.leaves_ms <= world.now_ms


def turn(world: World, record: AgentRecord, before: AgentState) -> None:
    """Somebody has come to work, or left it: the clock goes on or stands still.

    Called for each move into or out of a pause or being logged out.
    """
    was_away, is_away = (state is PAUSED or state is LOGGED_OUT for state in (before, record.state))
    if is_away and not was_away:
        record.away_since_ms = world.now_ms
    elif was_away and not is_away:
        resume(world, record)
    if record.on_break and record.state is not PAUSED:
        end_break(world, record)
    watch(world, record)


def end_break(world: World, record: AgentRecord) -> None:
    """A break is over, or goes on as a pause of one's own, as long as one likes."""
    record.on_break = False
    world.deadlines.disarm(Due.BREAK_OVER, record.agent.id)
    world.stagger.dismiss(record)


def resume(world: World, record: AgentRecord) -> None:
    """The clock of work goes on, or begins anew after an interruption that was long enough."""
    rule = world.rules.breaks
    enough_ms = 0 if rule is None else rule.for_ms
    if not record.worked_since_ms or world.now_ms - record.away_since_ms >= enough_ms:
        record.worked_since_ms = world.now_ms


def watch(world: World, record: AgentRecord) -> None:
    """Work out until when they may be rung, and be on time for it."""
    _settle(world, record)
    leaves_ms = NEVER_MS
    if record.state is not LOGGED_OUT:
        if record.agent.volunteer:
            leaves_ms = world.opted_in.get(record.agent.id, 0)
        leaves_ms = min(leaves_ms, record.break_ms or NEVER_MS)
    if leaves_ms != record.leaves_ms or leaves_ms <= world.now_ms:
        record.leaves_ms = leaves_ms
        if leaves_ms == NEVER_MS:
            world.deadlines.disarm(Due.LEAVE, record.agent.id)
        else:
            world.deadlines.arm(Due.LEAVE, record.agent.id, leaves_ms)


def _settle(world: World, record: AgentRecord) -> None:
    """Settle when the next break begins, if they work; and count it, or the one they are on."""
    rule, stagger, before = world.rules.breaks, world.stagger, record.booking
    settled_ms = record.break_ms if before is not None and before.is_booked else 0
    is_away = record.state is PAUSED or record.state is LOGGED_OUT
    record.break_ms = 0
    if rule is None or (is_away and not record.on_break):
        stagger.dismiss(record)
        return
    booking = stagger.enlist(record)
    if is_away:
        stagger.book(booking, rule, record.since_ms)
        return
    due_ms = record.break_ms = record.worked_since_ms + rule.after_ms
    if record.agent.volunteer and world.opted_in.get(record.agent.id, 0) <= due_ms:
        return
    earliest_ms = due_ms - rule.early_ms
    if earliest_ms <= settled_ms <= due_ms:
        record.break_ms = settled_ms
    elif world.now_ms < due_ms:
        record.break_ms = stagger.moment(booking, rule, max(earliest_ms, world.now_ms), due_ms)
    stagger.book(booking, rule, record.break_ms)
