"""The ladder of a German queue: who may answer, the longer the call has waited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from routing_pictures.canvas import BLUE, FAINT, GREEN, INK, MINT, ORANGE, PEACH, RULE, SKY, Canvas
from routing_pictures.scenes import Unexpected, happens, queue

QUEUE: Final = "pensioni-de"
PAUSED: Final = {"state": "paused"}
GRETA: Final = {"site": "bolzano", "skills": {"pensioni": 5, "tedesco": 8}, "idle_s": 300}
HANS: Final = {"site": "bolzano", "skills": {"pensioni": 1, "tedesco": 8}, "idle_s": 300}
ANNA: Final = {"site": "roma", "skills": {"pensioni": 9}, "idle_s": 900}
CALL: Final = {"queue": QUEUE, "language": "de", "province": "BZ"}
LEFT: Final = 300
PER_S: Final = 1.75
LAST_S: Final = 300
ROW: Final = 62


def draw() -> Canvas:
    """When each step opens, as the engine opens it."""
    begin, level, office, asked, agreed = _moments()
    ladder = queue(QUEUE).ladder
    told = ", ".join(f"{step.id} at {step.after_ms // 1000} s" for step in ladder)
    canvas = Canvas(
        880,
        450,
        f"The ladder of {QUEUE}: who may answer, and from when",
        f"Time runs to the right, from 0 to {LAST_S} s of waiting. Steps: {told}. The last asks the caller; "
        "without a yes it stays shut.",
    )
    needs = ", ".join(f"{need.skill} {need.level_min}" for need in queue(QUEUE).needs)
    lowered = ladder[0].levels["pensioni"]  # type: ignore[index]
    rows = (
        (begin, "as the queue begins", f"who has {needs} or better", BLUE, SKY),
        (level, f"step {ladder[0].id}", f"and German speakers with pensioni {lowered}", BLUE, SKY),
        (office, f"step {ladder[1].id}", "and the lines of the office in Bolzano", GREEN, MINT),
        (agreed, f"step {ladder[2].id}", "and who speaks Italian only", ORANGE, PEACH),
    )
    _draw_axis(canvas, 92 + ROW * len(rows))
    for row, (at_s, name, who, edge, fill) in enumerate(rows):
        y = 92 + row * ROW
        canvas.text(24, y + 22, name, bold=True)
        canvas.text(24, y + 41, who, size=13, colour=FAINT)
        canvas.box(LEFT + at_s * PER_S, y + 8, (LAST_S - at_s) * PER_S, 40, fill, edge=edge)
        if edge != ORANGE:
            words = "from the first second" if not at_s else f"from {at_s:.0f} s"
            canvas.text(LEFT + at_s * PER_S + 10, y + 33, words, colour=edge, bold=True)
        else:
            canvas.box(LEFT + asked * PER_S, y + 8, (at_s - asked) * PER_S, 40, edge)
            canvas.text(
                LEFT + asked * PER_S - 10, y + 24, f"asked at {asked:.0f} s", colour=edge, bold=True, at="end"
            )
            canvas.text(
                LEFT + asked * PER_S - 10, y + 42, "opens with key 1 only", size=13, colour=edge, at="end"
            )
    net_min = queue(QUEUE).wait_ms_max // 60_000
    canvas.foot(
        92 + ROW * len(rows) + 52,
        "Each step adds to those before. One that would add nobody who is logged in, and no open line, is",
        "passed over at once. Whoever of them is free, or becomes free, is rung at that moment; after",
        f"{net_min} min Asterisk's safety net takes the caller.",
    )
    return canvas


def _draw_axis(canvas: Canvas, bottom: float) -> None:
    for second in range(0, LAST_S + 1, 60):
        x = LEFT + second * PER_S
        canvas.line([(x, 84), (x, bottom)], RULE)
        canvas.text(
            x, bottom + 18, f"{second // 60} min" if second else "0", size=13, colour=INK, at="middle"
        )
    canvas.text(LEFT, 76, "time the caller has waited", size=13, colour=FAINT)


def _moments() -> tuple[float, float, float, float, float]:
    """When the engine first reaches each of them, everybody before being busy."""
    greta, hans = GRETA | PAUSED, HANS | PAUSED
    begin = _first({"greta": GRETA, "hans": HANS, "anna": ANNA}, {"c": CALL}, "to", "greta")
    level = _first({"greta": greta, "hans": HANS, "anna": ANNA}, {"c": CALL}, "to", "hans")
    nobody = {"greta": greta, "hans": hans, "anna": ANNA}
    office = _first(nobody, {"c": CALL}, "office", "bolzano")
    lines = {"others": CALL | {"count": 5, "waited_s": 100}}
    asked = _first(nobody, lines | {"c": CALL}, "says", "consenso-italiano")
    agreed = _first(nobody, lines | {"c": CALL | {"keys": "1"}}, "to", "anna")
    if any(each.call == "c" and each.kind == "to" for each in happens(nobody, lines | {"c": CALL}, LAST_S)):
        raise Unexpected("who did not agree was passed on to somebody who speaks Italian only")
    return begin, level, office, asked, agreed


def _first(
    agents: Mapping[str, Mapping[str, object]],
    calls: Mapping[str, Mapping[str, object]],
    kind: str,
    whom: str,
) -> float:
    found = [each for each in happens(agents, calls, LAST_S) if each.call == "c"]
    for each in found:
        if (each.kind, each.what[:1]) == (kind, (whom,)):
            return each.waited_s
    raise Unexpected(f"{whom} was expected, but {found}")
