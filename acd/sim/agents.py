"""Agents' phones, and the lines of offices: what happens at the other end of an INVITE.

A phone answers each ring by a ``Behaviour``. It is fixed, or drawn for each ring from a
``Temper``, whose chances are those of people (answer late, decline, look away) and of
networks (no contact, dead port). All chance comes from the simulation's one seeded source.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acd.sim.asterisk import SimulatedAsterisk
    from acd.sim.dialling import Dialling


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a phone does with one ring. Times in milliseconds after the INVITE (or the answer)."""

    ring_ms: float | None = 20
    """180 after this; None: no 180 at all."""
    status: int | None = 200
    """Final answer: 200, or a refusal (486, 603, 480, 302, 404, 503); None: none, it rings out."""
    after_ms: float = 300
    """The final answer comes after this."""
    bye_ms: float | None = None
    """Hangs up so long after the answer; None: talks until the caller leaves. 0 = at once."""
    key_ms: float | None = 1_000
    """Presses 1 so long after the answer where that is asked; None: a voicemail, which never does."""
    transfer_to: str = ""
    """Transfers the caller there instead of hanging up, ``bye_ms`` after the answer."""


ANSWERS = Behaviour()
RINGS_OUT = Behaviour(status=None)
BUSY = Behaviour(status=486)
DECLINES = Behaviour(status=603)
DO_NOT_DISTURB = Behaviour(ring_ms=None, status=480)
FORWARDS = Behaviour(ring_ms=None, status=302)
DEAD = Behaviour(ring_ms=None, status=None)
DROPS = Behaviour(bye_ms=300)
VOICEMAIL = Behaviour(key_ms=None)


@dataclass(frozen=True, slots=True)
class Temper:
    """Chances of each behaviour (what remains of 1 answers), and how long people take."""

    answer_ms: tuple[float, float] = (1_500, 9_000)
    talk_ms_mean: float = 180_000
    caller_ends: float = 0.5
    """Share of talks which the caller ends."""
    rings_out: float = 0.04
    busy: float = 0.01
    declines: float = 0.01
    do_not_disturb: float = 0.0
    forwards: float = 0.0
    dead: float = 0.0
    drops: float = 0.005
    transfers: float = 0.0
    transfer_to: tuple[str, ...] = ("800",)
    """Where to, drawn evenly."""

    def draw(self, chance: random.Random) -> Behaviour:
        """One ring's behaviour."""
        after_ms = chance.uniform(*self.answer_ms)
        roll = chance.random()
        for share, behaviour in (
            (self.rings_out, RINGS_OUT),
            (self.busy, BUSY),
            (self.declines, Behaviour(status=603, after_ms=after_ms)),
            (self.do_not_disturb, DO_NOT_DISTURB),
            (self.forwards, FORWARDS),
            (self.dead, DEAD),
            (self.drops, Behaviour(after_ms=after_ms, bye_ms=chance.uniform(0, 1_400))),
        ):
            roll -= share
            if roll < 0:
                return behaviour
        talk_ms = chance.expovariate(1 / self.talk_ms_mean) + 2_000
        if roll < self.transfers:
            to = chance.choice(self.transfer_to)
            return Behaviour(after_ms=after_ms, bye_ms=talk_ms, transfer_to=to)
        return Behaviour(after_ms=after_ms, bye_ms=None if chance.random() < self.caller_ends else talk_ms)


class Phone:
    """One user at one endpoint (or one number behind a trunk)."""

    def __init__(
        self,
        sim: SimulatedAsterisk,
        name: str,
        temper: Temper | None = None,
        *,
        capacity: int = 1,
        ended: Callable[[Phone], None] | None = None,
    ) -> None:
        self.sim = sim
        self.name = name
        self.temper = temper
        self.behaviour = ANSWERS
        self.capacity = capacity
        self.calls: list[Dialling] = []
        self.replies: list[str] = []
        """What the ACD answered to feature codes dialled here."""
        self._ended = ended

    # ── what Asterisk tells it ───────────────────────────────────────────────────────────────

    def rung(self, dialling: Dialling) -> None:
        """An INVITE came."""
        sim = self.sim
        does = self.behaviour if self.temper is None else self.temper.draw(sim.random)
        if len(self.calls) >= self.capacity:
            does = Behaviour(ring_ms=None, status=486, after_ms=5)
        if does.ring_ms is not None:
            sim.later(sim.delay(0.3, 1.5) + does.ring_ms / 1000, dialling.ring)
        if does.status is not None:
            sim.later(sim.delay(0.3, 1.5) + does.after_ms / 1000, self._decide, dialling, does)

    def joined(self, dialling: Dialling) -> None:
        """It talks now."""

    def ended(self, dialling: Dialling) -> None:
        """The ring or talk is over, whoever ended it."""
        if dialling in self.calls:
            self.calls.remove(dialling)
            if self._ended is not None:
                self._ended(self)

    # ── what the person does ─────────────────────────────────────────────────────────────────

    def _decide(self, dialling: Dialling, does: Behaviour) -> None:
        if dialling.over:
            return
        if does.status != 200:
            dialling.refuse(does.status or 503)
        elif len(self.calls) >= self.capacity:
            dialling.refuse(486)
        else:
            self.calls.append(dialling)
            dialling.answer(does.key_ms)
            if does.bye_ms is not None:
                self.sim.later(does.bye_ms / 1000, self._done, dialling, does)

    def _done(self, dialling: Dialling, does: Behaviour) -> None:
        if dialling.over:
            return
        if does.transfer_to and dialling.talking:
            self.sim.transfers.blind(dialling, does.transfer_to)
        elif dialling.leg is not None:
            self.sim.hang_up(dialling.leg, 16)

    def talk(self) -> Dialling | None:
        """The call it is in now."""
        return self.calls[-1] if self.calls else None

    def hang_up(self) -> None:
        """The person ends the call."""
        talk = self.talk()
        if talk is not None and talk.leg is not None:
            self.sim.hang_up(talk.leg, 16)

    def transfer(self, to: str) -> None:
        """REFER without asking first."""
        talk = self.talk()
        if talk is not None and talk.talking:
            self.sim.transfers.blind(talk, to)

    def dial(self, number: str) -> None:
        """The person dials: a feature code, or a colleague to consult."""
        self.sim.transfers.dialled(self, number)

    def attended(self) -> None:
        """REFER with Replaces: join the caller and whom the person consulted."""
        talk = self.talk()
        if talk is not None:
            self.sim.transfers.attended(self, talk)
