"""How many calls are at each office at once, by Asterisk's own word, several times a second.

The dialplan counts a call first and looks then whether it is one too many, so one that it refuses is counted
for a moment. More than an office takes is therefore held against us only when it is seen twice running.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Final

from asterisk_lab.errors import LabError
from asterisk_lab.lab import Lab

__all__ = ["Watch"]

LOOK_S: Final = 0.1
TRUNK_LEG: Final = "PJSIP/trunk-"


class Watch:
    """Looks until cancelled."""

    def __init__(self, lab: Lab, capacities: Mapping[str, int], trunk: int) -> None:
        """Hold Asterisk's counts against what offices and trunk may carry."""
        self._lab = lab
        self._capacities = dict(capacities)
        self._trunk = trunk
        self.looks = 0
        self.most: Counter[str] = Counter()
        """Of each office, the most at once that was seen."""
        self.trunk_most = 0
        self.exceeded: set[str] = set()
        """Offices, or the trunk, with more than they take."""

    async def run(self) -> None:
        """Look again and again."""
        before: set[str] = set()
        while True:
            try:
                counted, legs = await asyncio.to_thread(self._look)
            except LabError:
                counted, legs = Counter(), 0
            else:
                self.looks += 1
            for office, count in counted.items():
                self.most[office] = max(self.most[office], count)
            self.trunk_most = max(self.trunk_most, legs)
            now = {office for office, count in counted.items() if count > self._capacities.get(office, 0)}
            now |= {"trunk"} if legs > self._trunk else set()
            self.exceeded |= now & before
            before = now
            await asyncio.sleep(LOOK_S)

    def _look(self) -> tuple[Counter[str], int]:
        rows = [row.split() for row in self._lab.rx("group show channels").splitlines()]
        counted = Counter(row[1] for row in rows if len(row) > 2 and row[2] == "acdline")
        channels = self._lab.rx("core show channels concise").splitlines()
        return counted, sum(channel.startswith(TRUNK_LEG) for channel in channels)
