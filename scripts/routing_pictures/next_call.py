"""An agent becomes free: which of the waiting calls rings there."""

from __future__ import annotations

from typing import Final, NamedTuple

from acd.core.policy import Queue
from acd.core.reach import band_of
from routing_pictures.canvas import BLUE, FAINT, GREY, INK, ORANGE, RULE, SKY, Canvas
from routing_pictures.scenes import Unexpected, agent, happens, queue, rules

SKILLS: Final = {"pensioni": 9, "generale": 6, "invalidita": 4}
CALLS: Final = {"A": ("pensioni", 95), "B": ("generale", 80), "C": ("invalidita", 100), "D": ("pensioni", 30)}
"""By name: queue, and for how many seconds it has waited."""
COLUMNS: Final = (250, 330, 410, 490, 570)
ZERO: Final = 650
PER_S: Final = 1.6


class _Line(NamedTuple):
    name: str
    queue: Queue
    waited_s: int
    left_s: int
    credit_s: int
    handicap_s: int

    @property
    def counts_s(self) -> int:
        return self.left_s - self.credit_s + self.handicap_s


def draw() -> Canvas:
    """The four calls, what each counts as, and in which order the engine lets them ring."""
    lines = sorted(map(_line, CALLS), key=lambda each: each.counts_s)
    _look(lines)
    canvas = Canvas(
        880,
        370,
        "An agent becomes free: which call rings?",
        "Four calls wait. For each: seconds left of what its queue promises, less its credit, plus the "
        "handicap of the agent's band. The least is next: "
        + ", then ".join(f"{each.name} ({each.counts_s} s)" for each in lines)
        + ".",
    )
    told = ", ".join(f"{skill} {level}" for skill, level in SKILLS.items())
    canvas.text(24, 60, f"Anna's skills: {told}. Nobody else is free.", colour=FAINT)
    for x, words in zip(COLUMNS, ("waited", "time left", "credit", "handicap", "counts as"), strict=True):
        canvas.text(x, 96, words, size=13, colour=FAINT, at="end", bold=words == "counts as")
    canvas.text(ZERO, 96, "the least is next", size=13, colour=FAINT)
    for row, each in enumerate(lines):
        _draw_line(canvas, 108 + row * 46, row, each)
    canvas.line([(ZERO, 104), (ZERO, 108 + 46 * len(lines))], FAINT)
    oldest = max(lines, key=lambda each: each.waited_s)
    canvas.foot(
        108 + 46 * len(lines) + 24,
        "Seconds. Time left is the threshold of the queue less the time waited.",
        f"{oldest.name} has waited longest, but {lines[0].name} is nearest to what its queue promises.",
    )
    return canvas


def _line(name: str) -> _Line:
    called, waited_s = CALLS[name]
    where = queue(called)
    band = rules().bands[band_of(where, rules().bands, agent(SKILLS))]
    return _Line(
        name=name,
        queue=where,
        waited_s=waited_s,
        left_s=where.threshold_ms // 1000 - waited_s,
        credit_s=where.credit_ms // 1000,
        handicap_s=band.handicap_ms[where.discipline] // 1000,
    )


def _look(lines: list[_Line]) -> None:
    """Let the engine do it: the calls must ring in this order."""
    calls = {
        name.lower(): {"queue": called, "waited_s": waited_s, "talk_s": 1}
        for name, (called, waited_s) in CALLS.items()
    }
    found = happens({"anna": {"site": "roma", "skills": SKILLS}}, calls, 600)
    rung = [each.call.upper() for each in found if each.kind == "to"]
    if rung != [each.name for each in lines]:
        raise Unexpected(f"the calls ring in the order {rung}, not {[each.name for each in lines]}")


def _draw_line(canvas: Canvas, y: float, row: int, each: _Line) -> None:
    base = y + 27
    canvas.line([(24, y + 46), (856, y + 46)], RULE)
    canvas.badge(40, y + 22, each.name, BLUE if row == 0 else FAINT)
    canvas.text(64, base, each.queue.id, bold=row == 0)
    canvas.text(64, base + 13, f"within {each.queue.threshold_ms // 1000} s", size=11, colour=FAINT)
    values = (each.waited_s, each.left_s, -each.credit_s, each.handicap_s, each.counts_s)
    for x, value, signed in zip(COLUMNS, values, (False, False, True, True, False), strict=True):
        last = x == COLUMNS[-1]
        colour = ORANGE if signed and value else INK
        words = (f"{value:+}" if value else "0") if signed else str(value)
        canvas.text(x, base, words.replace("-", "\N{MINUS SIGN}"), colour=colour, at="end", bold=last)
    width = each.counts_s * PER_S
    canvas.box(
        ZERO + min(width, 0),
        y + 12,
        abs(width),
        22,
        SKY if row == 0 else GREY,
        edge=BLUE if row == 0 else FAINT,
    )
    canvas.text(
        ZERO + max(width, 0) + 8, base, ("rings now", "2nd", "3rd", "4th")[row], size=13, bold=row == 0
    )
