"""What is told while the drill runs: the calendar's moment, the seconds so far, and a sentence."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from acd.rules.calendar import ROME
from acd.rules.exercise import Exercise
from acd_drill.desk import Step

__all__ = ["Timeline"]

SAID_MAX = 150


class Timeline:
    """Tells in order."""

    def __init__(self, exercise: Exercise, write: Callable[[str], None]) -> None:
        """Begin now."""
        self._exercise = exercise
        self._write = write
        self._began = time.time()

    def moment(self, at: float) -> str:
        """Where the calendar stands at a moment: ``Thu 01 Dec 08:30``."""
        calendar_s = self._exercise.calendar_ms(round(at * 1_000)) / 1_000
        return f"{dt.datetime.fromtimestamp(calendar_s, ROME):%a %d %b %H:%M}"

    def tell(self, sentence: str) -> None:
        """What happened now."""
        now = time.time()
        self._write(f"{self.moment(now)}  {now - self._began:5.1f} s  {sentence}")

    def tell_step(self, step: Step, meaning: str) -> None:
        """A command, what it meant, and how long until its effect; what it said, where it went wrong."""
        effect = f"in force {step.effect_s:.2f} s after Enter" if step.effect_s is not None else ""
        if step.timed and step.effect_s is None:
            effect = "NO EFFECT SEEN"
        wrong = "" if step.status == step.expected else f"EXIT {step.status}, NOT {step.expected}"
        told = "; ".join(part for part in (meaning, effect, wrong) if part)
        self._write(f"{'':24}  $ {step.command}")
        self.tell(told)
        if wrong or (step.timed and step.effect_s is None):
            for line in step.said.splitlines()[-5:]:
                self._write(f"{'':26}{line[:SAID_MAX]}")
