"""The desk: every step is typed as an operator would type it, and timed from Enter to its effect.

An effect is looked for where it must show: in what the running ACD says of itself. What it takes to start a
command at all is the machine's, not ours: it is measured with the commands that are not timed, told, and left
out of what must come in time.

Two seconds are promised of a machine that has nothing else to do. On one that is busy, where starting a
command takes several times as long as it should (the *pace*), everything else does too: the days are made
longer by the pace, and effects may take longer by it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["EFFECT_S_MAX", "Desk", "Step", "pace_of", "pace_of_machine"]

EFFECT_S_MAX: Final = 2.0
START_S: Final = 0.8
"""Starting a command takes no longer than this where nothing else is done."""
LOOK_S: Final = 0.02
GIVE_UP_S: Final = 15.0
ROOT: Final = Path(__file__).resolve().parents[2]


def pace_of(start_s: float) -> float:
    """How many times slower than it should be a machine is, where starting a command takes so long."""
    return max(1.0, start_s / START_S)


async def pace_of_machine() -> float:
    """The pace before anything runs: of a command that finds no settings, the second time."""
    desk = Desk({"ACD_CONFIG": str(ROOT / "no-such-settings.yaml")})
    for _ in range(2):
        step = await desk.type("transition", "status", expected=2)
    return pace_of(step.took_s)


@dataclass
class Step:
    """One command, what it said, and when its effect was there."""

    command: str
    began: float
    """Seconds since the epoch, as it was typed."""
    status: int = -1
    said: str = ""
    printed: str = ""
    """What went to stdout, of all that it said."""
    took_s: float = 0.0
    effect_s: float | None = None
    """None: none was looked for, or none came."""
    expected: int = 0
    """The exit status it should have."""
    timed: bool = False
    """Whether its effect must come in time."""

    def well(self, start_s: float) -> bool:
        """Whether it did what it should, in time; starting a command takes ``start_s`` here."""
        most = start_s + EFFECT_S_MAX * pace_of(start_s)
        in_time = not self.timed or (self.effect_s is not None and self.effect_s < most)
        return self.status == self.expected and in_time


class Desk:
    """Types commands, one after the other."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Type in this environment, over our own."""
        self._environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT), **environment}
        self.steps: list[Step] = []
        self.start_s = 0.0
        """What starting a command takes here, at worst so far."""

    async def type(
        self,
        *words: str,
        expected: int = 0,
        effect: Callable[[], Awaitable[bool]] | None = None,
        long: bool = False,
        token: str = "",
    ) -> Step:
        """Type ``acd`` and these words, and wait until it has ended and its effect is there.

        Args:
            words: what is typed.
            expected: its exit status.
            effect: whether its effect shows; None: none is timed.
            long: it takes its time by its nature.
            token: of somebody else than the operator.
        """
        shown = " ".join(f'"{word}"' if " " in word else word for word in ("acd", *words))
        step = Step(shown, time.time(), expected=expected, timed=effect is not None)
        self.steps.append(step)
        seen = asyncio.create_task(self._seen(step, effect)) if effect is not None else None
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "acd",
            *words,
            env={**self._environment, **({"ACD_TOKEN": token} if token else {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, told = await process.communicate()
        step.took_s = time.time() - step.began
        step.status = process.returncode if process.returncode is not None else -1
        step.printed = printed.decode("utf-8", "replace").strip()
        step.said = f"{step.printed}\n{told.decode('utf-8', 'replace')}".strip()
        if seen is not None:
            await seen
        elif not long:
            self.start_s = max(self.start_s, step.took_s)
        return step

    @staticmethod
    async def _seen(step: Step, effect: Callable[[], Awaitable[bool]]) -> None:
        while time.time() < step.began + GIVE_UP_S:
            if await effect():
                step.effect_s = time.time() - step.began
                return
            await asyncio.sleep(LOOK_S)
