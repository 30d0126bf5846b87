"""The ladder: how the search for one call widens, step by step.

A step opens for a call in four ways, and ``LadderOpened`` says which:

* *waited*: the call has waited so long in this visit (deadline ``STEP``). That stays so until the visit ends,
  and runs on while the call is offered to somebody: a ring is never cut, and what opened meanwhile
  counts when it ends. A transfer begins a new ladder; the call's age is another matter, and is kept.
* *load*: while the load of the queue lasts, for all its calls. All conditions that the step gives must hold:
  enough calls wait in the line, few enough agents of the steps before are free, too few calls met the
  threshold in the last half hour. Each lets go later than it took hold, else the step would flutter:
  waiting below half, free agents above twice as many and one, the ratio two points above the target.
* *skipped*: the step before it (or the queue as it begins) has nobody logged in and no open office, so to
  wait for it would be to wait for nobody. When somebody logs in there it is waited for again.
* *consent*: it asks, and the caller said yes. What was asked once in a visit is not asked again; consents go
  by the step's name, so new rules do not forget them.

Load and what is skipped belong to a line and change for all its calls at once (``Line.spread``); they are
looked at after a fact that moved a count to where something may change, not before bulk work is done. Only
when calls wait and somebody idle is reached by that, ``acd.core.widening`` goes through them, in slices.
"""

from __future__ import annotations

from typing import Final

from acd.core.calls import Call
from acd.core.deadlines import Due
from acd.core.lines import Line
from acd.core.notes import LadderOpened
from acd.core.policy import Step
from acd.core.stand_in import leave_stages
from acd.core.world import World

RATIO_SLACK: Final = 0.02
"""So far above its target a queue is no longer at risk."""


# ── one call ─────────────────────────────────────────────────────────────────────────────────


def climb(world: World, call: Call) -> None:
    """Open what the call has waited for, note all that is open, and be on time for the next step."""
    line = world.matcher.lines[call.queue.id]
    due = line.due
    step, last, waited_ms = call.step, len(due), world.now_ms - call.entered_ms
    while step < last and due[step] <= waited_ms:
        step += 1
    if step > call.step:
        world.matcher.rise(call, step)
    if step < last:
        world.deadlines.arm(Due.STEP, call.id, call.entered_ms + due[step])
    else:
        world.deadlines.disarm(Due.STEP, call.id)
    if line.shelves[call.shelf].rings[step] > call.told_step:
        tell(world, call)


def tell(world: World, call: Call) -> None:
    """Note each step that is open for the call and has not been noted in this visit."""
    ring = world.matcher.ring(call)
    line = world.matcher.lines[call.queue.id]
    for number in range(call.told_step + 1, ring + 1):
        if not line.bits[number] or call.granted & line.bits[number]:
            why = "waited" if number <= call.step else "load" if number <= line.load else "skipped"
            _note(world, call, number, why)
    call.told_step = max(call.told_step, ring)


def begin_again(world: World, call: Call) -> None:
    """Another queue or another visit: the ladder begins anew, nothing has been asked."""
    world.matcher.leave_line(call)
    world.deadlines.disarm(Due.STEP, call.id)
    leave_stages(world, call)
    call.step = call.told_step = call.granted = call.shelf = 0
    call.consents.clear()


def to_ask(world: World, call: Call) -> int | None:
    """The first step that may open for this call but for its consent, which has not been asked for."""
    line = world.matcher.lines[call.queue.id]
    if len(line.demands) == 1:
        return None
    for number in range(1, world.matcher.ring(call) + 1):
        asked = not line.bits[number] or call.queue.ladder[number - 1].id in call.consents
        if not asked and not line.is_empty(call.granted, number):
            return number
    return None


def open_by_consent(world: World, call: Call, step: int) -> None:
    """The caller said yes to this step. Nothing is offered by this: whoever calls it lets the call wait."""
    _answered(world, call, step, granted=True)
    if world.matcher.ring(call) >= step:
        _note(world, call, step, "consent")


def stay_shut(world: World, call: Call, step: int) -> None:
    """The caller said no to this step, or nothing: it stays shut for this visit."""
    _answered(world, call, step, granted=False)


def _answered(world: World, call: Call, step: int, *, granted: bool) -> None:
    in_line = bool(call.place)
    world.matcher.leave_line(call)
    call.consents[call.queue.ladder[step - 1].id] = granted
    call.granted = granted_by(world, call)
    world.matcher.move_to_shelf(call, call.tier)
    if in_line:
        world.matcher.wait(call)


def granted_by(world: World, call: Call) -> int:
    """What the call's consents grant in its queue, in bits."""
    line = world.matcher.lines[call.queue.id]
    steps = enumerate(call.queue.ladder, 1)
    return sum(line.bits[number] for number, step in steps if call.consents.get(step.id))


def _note(world: World, call: Call, number: int, why: str) -> None:
    step = call.queue.ladder[number - 1]
    world.note(LadderOpened(call=call.id, queue=call.queue.id, step=number, id=step.id, why=why))


# ── a whole line ─────────────────────────────────────────────────────────────────────────────


def weigh(world: World, line: Line, *, load_only: bool = False) -> bool:
    """Look at the load and the staff of a line anew; whether its calls are served further than before."""
    before = line.load
    if line.weighs:
        line.loads[1:] = [
            _holds(world, line, number, step) for number, step in enumerate(line.queue.ladder, 1)
        ]
        line.load = max((number for number, is_open in enumerate(line.loads) if is_open), default=0)
    if load_only and line.load == before:
        return False
    return line.spread()


def _holds(world: World, line: Line, number: int, step: Step) -> bool:
    """Whether load opens this step, or keeps it open."""
    is_open = line.loads[number]
    asks = holds = False
    if step.waiting_min:
        asks = True
        holds = line.waiting_count >= (step.waiting_min / 2 if is_open else step.waiting_min)
    if step.idle_max >= 0 and (holds or not asks):
        asks = True
        idle = line.idle_before(number)
        holds = idle <= (2 * step.idle_max + 1 if is_open else step.idle_max)
    if step.at_risk and (holds or not asks):
        holds = _is_at_risk(world, line, is_open=is_open)
    return holds


def _is_at_risk(world: World, line: Line, *, is_open: bool) -> bool:
    recent = line.recent
    if recent is None:
        return False
    recent.forget(world.now_ms)
    queue = line.queue
    ratio = queue.target_on(utc_day(world.now_ms)) if queue.targets else queue.target_ratio
    target = ratio + (RATIO_SLACK if is_open else 0.0)
    counted = recent.met + recent.missed
    return counted > 0 and recent.met < min(target, 1.0) * counted


def utc_day(now_ms: int) -> str:
    """The day as an ISO date, of UTC: a new target counts an hour or two late, when hardly anybody calls.

    The core knows no calendar; this is the proleptic Gregorian one counted from a first of March (Hinnant,
    *chrono-compatible low-level date algorithms*).
    """
    era, day_of_era = divmod(now_ms // 86_400_000 + 719_468, 146_097)
    year = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return f"{era * 400 + year + (month <= 2):04d}-{month:02d}-{day:02d}"
