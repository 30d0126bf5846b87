"""Behind the trunk: one carrier with twenty offices, each of which behaves as the drill tells it.

All numbers arrive at one address, as they do at a real carrier. A person picks up, listens, presses 1, talks
and hangs up; a voicemail picks up and presses nothing; a broken line is busy or fails; while the carrier
is out every call fails before anything rings. What came to each number, and when, is noted: it is the other
side of the ACD's books.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from asterisk_lab.lab import Lab
from asterisk_lab.user_agent import Call, UserAgent

__all__ = ["Carrier", "Manner", "Rung"]

SERVICE_UNAVAILABLE: Final = 503
RING_S: Final = (0.4, 1.2)
LISTEN_S: Final = (0.4, 1.0)
TALK_S: Final = (2.0, 6.0)
_USER: Final = re.compile(r"<sip:([^@>]+)@")


class Manner(Enum):
    """How an office behaves."""

    PERSON = "person"
    VOICEMAIL = "voicemail"
    BUSY = 486
    FAILS = 503


@dataclass
class Rung:
    """One call that reached an office's number."""

    office: str
    caller: str
    at: float
    """Seconds since the epoch."""
    pressed: bool = False
    refused: int = 0


class Carrier(UserAgent):
    """The phone behind the trunk."""

    def __init__(self, lab: Lab, numbers: Mapping[str, str], draws: random.Random) -> None:
        """Listen where the lab's trunk leads.

        Args:
            lab: whose trunk.
            numbers: of each office.
            draws: for the times of people.
        """
        super().__init__(lab, "office", 6000, ip=lab.trunk_ip)
        self.manners = dict.fromkeys(numbers, Manner.PERSON)
        self.out = False
        """Whether the carrier carries nothing."""
        self.rung: list[Rung] = []
        self._offices = {number: office for office, number in numbers.items()}
        self._draws = draws
        self._talks: set[asyncio.Task[None]] = set()

    def arrived(self, call: Call) -> None:
        """Behave as the office that was called."""
        assert call.invite is not None
        rung = Rung(self._offices.get(_user(call.invite["to"]), "?"), _user(call.invite["from"]), time.time())
        self.rung.append(rung)
        if self.out:
            self._refuse(call, rung, SERVICE_UNAVAILABLE)
            return
        manner = self.manners.get(rung.office, Manner.FAILS)
        if manner in {Manner.BUSY, Manner.FAILS}:
            self._refuse(call, rung, int(manner.value))
            return
        call.ring()
        talk = asyncio.create_task(self._answer(call, rung, manner))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    def count(self, office: str, since: float, until: float = float("inf")) -> int:
        """How many calls reached an office in a span of time."""
        return sum(each.office == office and since <= each.at < until for each in self.rung)

    async def close(self) -> None:
        """End what is left."""
        for talk in tuple(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _refuse(self, call: Call, rung: Rung, code: int) -> None:
        rung.refused = code
        call.refuse(code)

    async def _answer(self, call: Call, rung: Rung, manner: Manner) -> None:
        if await self._over(call, RING_S):
            return
        call.answer()
        if manner is Manner.VOICEMAIL:
            await call.ended.wait()
            return
        if await self._over(call, LISTEN_S):
            return
        call.press("1")
        rung.pressed = True
        if not await self._over(call, TALK_S):
            await call.bye()

    async def _over(self, call: Call, span_s: tuple[float, float]) -> bool:
        """Wait for a while; tells whether the other side has gone meanwhile."""
        try:
            await asyncio.wait_for(call.ended.wait(), self._draws.uniform(*span_s))
        except TimeoutError:
            return False
        return True


def _user(address: str) -> str:
    found = _USER.search(address)
    return found[1] if found else ""
