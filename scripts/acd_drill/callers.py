"""The callers: SIPp, each call from a number of its own, so that the books can be compared call by call."""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from acd_drill.country import OFFICES
from asterisk_lab.lab import Lab
from asterisk_lab.phones import Sipp

__all__ = ["Callers"]

BATCH_S: Final = 2.0
"""Callers are started for so long at a time, so that their rate can follow the hour."""
STAY_MS: Final = (25_000, 45_000)
MOBILE: Final = 10
"""Of a hundred callers so many call from a mobile: no province is known."""
MOBILE_PREFIX: Final = "333"
BOLZANO: Final = "0471"
GERMAN: Final = 5
"""Of a hundred callers from elsewhere so many call in German."""
ITALIAN_NUMBER: Final = "803164"
GERMAN_NUMBER: Final = "06164164"


@dataclass(frozen=True)
class _Batch:
    sipp: Sipp
    numbers: list[str]


class Callers:
    """Everybody who called so far."""

    def __init__(self, lab: Lab, draws: random.Random, open_with: ExitStack) -> None:
        """Start nobody yet; whoever still calls when ``open_with`` is closed is ended."""
        self._lab = lab
        self._draws = draws
        self._open_with = open_with
        self._batches: list[_Batch] = []
        self._used: set[str] = set()

    def start(self, rate: float, span_s: float) -> None:
        """Let so many callers a second come, for so long, from everywhere."""
        self._call([self._prefix() for _ in range(int(rate * span_s + self._draws.random()))], rate)

    def start_from(self, office: str, count: int, rate: float) -> None:
        """Let so many callers of one office come, beside all others."""
        prefix = next(place.prefix for place in OFFICES if place.office == office)
        self._call([prefix] * count, rate)

    def _call(self, prefixes: list[str], rate: float) -> None:
        if not prefixes:
            return
        numbers = [self._number(prefix) for prefix in prefixes]
        dialled = [
            GERMAN_NUMBER if prefix == BOLZANO or self._draws.randrange(100) < GERMAN else ITALIAN_NUMBER
            for prefix in prefixes
        ]
        sipp = Sipp.callers(
            self._lab,
            dialled,
            count=len(numbers),
            rate=max(rate, 0.1),
            stay_ms=[self._draws.randint(*STAY_MS) for _ in numbers],
            from_numbers=numbers,
            log_messages=False,
        )
        self._batches.append(_Batch(self._open_with.enter_context(sipp), numbers))

    @property
    def gone(self) -> bool:
        """Whether all have hung up."""
        return not any(batch.sipp.process.alive for batch in self._batches)

    @property
    def begun(self) -> int:
        """How many calls SIPp has begun."""
        return sum(batch.sipp.counts().begun for batch in self._batches)

    @property
    def failed(self) -> int:
        """How many of them did not go as SIP should."""
        return sum(batch.sipp.counts().failed for batch in self._batches)

    @property
    def numbers(self) -> list[str]:
        """From where they called."""
        return [number for batch in self._batches for number in batch.numbers[: batch.sipp.counts().begun]]

    def _prefix(self) -> str:
        if self._draws.randrange(100) < MOBILE:
            return MOBILE_PREFIX
        return self._draws.choices(OFFICES, [place.weight for place in OFFICES])[0].prefix

    def _number(self, prefix: str) -> str:
        """A number that nobody has called from yet."""
        while True:
            number = prefix + str(self._draws.randrange(10 ** (10 - len(prefix)))).zfill(10 - len(prefix))
            if number not in self._used:
                self._used.add(number)
                return number
