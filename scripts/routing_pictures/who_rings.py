"""A call arrives: which of the free agents rings."""

from __future__ import annotations

from typing import Final, NamedTuple

from acd.core.matching import BAND_MS
from acd.core.notes import Reason
from acd.core.reach import band_of
from routing_pictures.canvas import BLUE, FAINT, GREY, INK, RULE, SKY, Canvas
from routing_pictures.scenes import Unexpected, agent, happens, queue, rules

TOPIC: Final = "pensioni"
FREE: Final = {"Anna": (9, 10), "Bruno": (6, 50), "Carla": (9, 35), "Dario": (3, 90)}
"""By name: level in the topic, idle seconds."""
PAUSED: Final = ("Elena", 9)
LATER: Final = ("Fabio", 2)
ZERO: Final = 600
PER_S: Final = 3.2


class _Person(NamedTuple):
    name: str
    level: int
    idle_s: int
    band: int

    @property
    def worth_s(self) -> float:
        return self.idle_s - self.band * BAND_MS / 1000


def draw() -> Canvas:
    """Who is free, what each is worth to the call, and in which order the engine lets them ring."""
    people = sorted(map(_person, FREE), key=lambda each: -each.worth_s)
    opens_s = _look(people)
    canvas = Canvas(
        880,
        392,
        "A call arrives: who rings?",
        f"A call of the queue {TOPIC}. Of each free agent: idle seconds, less 33 for each band below the "
        "best. The greatest is rung: "
        + ", then ".join(f"{each.name} ({each.worth_s:.0f})" for each in people)
        + f". {PAUSED[0]} is paused; {LATER[0]} is added by a later step of the ladder.",
    )
    canvas.text(24, 60, f"A call of the queue {TOPIC}. Several agents are free.", colour=FAINT)
    for x, words in ((250, "level"), (340, "idle"), (440, "band"), (540, "worth")):
        canvas.text(x, 96, words, size=13, colour=FAINT, at="end", bold=words == "worth")
    canvas.text(ZERO, 96, "the greatest rings", size=13, colour=FAINT)
    for row, each in enumerate(people):
        _draw_person(canvas, 108 + row * 42, row, each)
    y = 108 + 42 * len(people)
    canvas.line([(ZERO, 104), (ZERO, y)], FAINT)
    for name, level, why in (
        (*PAUSED, "paused: not free, however good"),
        (*LATER, f"level too low at first; may answer once the call has waited {opens_s:.0f} s"),
    ):
        canvas.badge(40, y + 21, name[0], RULE)
        canvas.text(64, y + 26, name, colour=FAINT)
        canvas.text(250, y + 26, str(level), colour=FAINT, at="end")
        canvas.text(300, y + 26, why, size=13, colour=FAINT)
        y += 42
    canvas.foot(y + 22, "Seconds. Who is a band below the best counts as free 33 s less.")
    return canvas


def _person(name: str) -> _Person:
    level, idle_s = FREE[name]
    return _Person(name, level, idle_s, band_of(queue(TOPIC), rules().bands, agent({TOPIC: level})))


def _look(people: list[_Person]) -> float:
    """Let the engine do it, with a call for each; when the one who is added later rings."""
    agents: dict[str, dict[str, object]] = {
        name.lower(): {"site": "roma", "skills": {TOPIC: level}, "idle_s": idle_s}
        for name, (level, idle_s) in FREE.items()
    }
    agents[PAUSED[0].lower()] = {
        "site": "roma",
        "skills": {TOPIC: PAUSED[1]},
        "idle_s": 300,
        "state": "paused",
    }
    agents[LATER[0].lower()] = {"site": "roma", "skills": {TOPIC: LATER[1]}, "idle_s": 300}
    found = happens(agents, {"c": {"queue": TOPIC, "count": len(FREE) + 1}}, 120)
    rung = [each.what[0].title() for each in found if each.kind == "to"]
    if rung != [*(each.name for each in people), LATER[0]]:
        raise Unexpected(f"the agents are rung in the order {rung}")
    if found[0].passed_over != {Reason.PAUSED: 1, Reason.OUTSIDE_RING: 1, Reason.LOWER_SCORE: len(FREE) - 1}:
        raise Unexpected(f"passed over were {found[0].passed_over}")
    return found[-1].waited_s


def _draw_person(canvas: Canvas, y: float, row: int, each: _Person) -> None:
    base = y + 26
    canvas.line([(24, y + 42), (856, y + 42)], RULE)
    canvas.badge(40, y + 21, each.name[0], BLUE if row == 0 else FAINT)
    canvas.text(64, base, each.name, bold=row == 0)
    canvas.text(250, base, str(each.level), at="end")
    canvas.text(340, base, str(each.idle_s), at="end")
    less = each.band * BAND_MS / 1000
    canvas.text(440, base, f"\N{MINUS SIGN}{less:.0f}" if less else "0", at="end")
    canvas.text(540, base, f"{each.worth_s:.0f}", colour=INK, at="end", bold=True)
    width = each.worth_s * PER_S
    canvas.box(ZERO, y + 10, width, 22, SKY if row == 0 else GREY, edge=BLUE if row == 0 else FAINT)
    words = ("rings now", "would be 2nd", "3rd", "4th")[row]
    canvas.text(ZERO + width + 8, base, words, size=13, bold=row == 0)
