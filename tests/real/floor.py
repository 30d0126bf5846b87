"""A whole call centre for one test: our real application in this process, on a real Asterisk.

The engine's invariants are checked after every fact, and at the end of each test the books must be
even: every call ended, none unaccounted, no channel left in Asterisk, nothing anomalous.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

from acd.app import RunningCentre
from acd.core import invariants
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    CallEntered,
    Fact,
    OfferBegan,
)
from acd.core.ids import AgentId, OfficeId, PauseReasonId, QueueId, SiteId, SkillId
from acd.core.notes import AgentState, Anomaly, CallFinished, Decision, Note, OfferClosed
from acd.core.orders import Order
from acd.core.policy import (
    Agent,
    Office,
    PauseReason,
    Queue,
    Roster,
    RuleSet,
    Site,
    SkillNeed,
    Timings,
)
from acd.rules.settings import Settings
from asterisk_lab import Lab

SKILL = SkillId("generale")
EPOCHS = itertools.count(int(time.time()))


def rule_set(*, timings: Timings | None = None, **changes: Any) -> RuleSet:
    """Rules for tests: one queue with short times, one office of one line."""
    queue = {
        "id": QueueId("generale"),
        "name": "Generale",
        "language": "it",
        "needs": (SkillNeed(skill=SKILL),),
        "ring_s": 3,
        "wrap_up_ms": 1_000,
        "wrap_up_extend_ms": 1_000,
        "wrap_up_ms_max": 3_000,
        "offices": (OfficeId("roma"),),
    } | changes
    return RuleSet(
        revision="test",
        queues={QueueId("generale"): Queue(**queue)},
        skills={SKILL: "Generale"},
        sites={SiteId("roma"): Site(id=SiteId("roma"), name="Roma")},
        offices={
            OfficeId("roma"): Office(
                id=OfficeId("roma"),
                name="Roma",
                province="RM",
                number="0612345678",
                trunk="trunk",
                capacity=1,
            )
        },
        pause_reasons={
            PauseReasonId(name): PauseReason(id=PauseReasonId(name), name=name, digit=digit)
            for name, digit in (("pausa", "1"), ("riunione", "3"), ("mancate-risposte", ""))
        },
        entry={"803164": QueueId("generale")},
        queue_by_default=QueueId("generale"),
        missed_reason=PauseReasonId("mancate-risposte"),
        timings=timings or Timings(unreachable_retry_ms=600_000),
    )


def roster(names: Sequence[str]) -> Roster:
    """Everybody holds the one skill."""
    return Roster(
        agents={
            AgentId(name): Agent(id=AgentId(name), site=SiteId("roma"), endpoint=name, skills={SKILL: 5})
            for name in names
        }
    )


class Recorder:
    """Keeps what happened, and checks the invariants after every fact (the ``Observer`` port)."""

    def __init__(self) -> None:
        self.facts: list[tuple[float, Fact]] = []
        self.orders: list[tuple[float, Order]] = []
        self.notes: list[tuple[float, Note]] = []
        self.centre: RunningCentre | None = None
        self.changed = asyncio.Event()

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:
        now = time.time()
        self.facts.append((now, fact))
        self.orders += [(now, order) for order in orders]
        self.notes += [(now, note) for note in notes]
        assert self.centre is not None
        world = self.centre.engine.world
        invariants.check(world)
        for note in notes:
            if isinstance(note, Decision):
                invariants.overtaken(world, note)
        self.changed.set()

    def loop_lag(self, seconds: float) -> None:
        pass


class Floor:
    """What a test holds in its hand."""

    def __init__(
        self,
        lab: Lab,
        names: Sequence[str],
        rules: RuleSet | None = None,
        ami_port: int | None = None,
        epoch: int | None = None,
    ) -> None:
        self.lab = lab
        self.names = tuple(names)
        self.rules = rules or rule_set()
        self.ami_port = ami_port or lab.ami_port
        self.epoch = epoch or next(EPOCHS)

    async def __aenter__(self) -> Floor:
        settings = Settings.model_validate(
            {
                "nodes": [
                    {"id": "lab", "host": "127.0.0.1", "port": self.ami_port, "secret": self.lab.ami_secret}
                ],
                "rules": "/",
            },
            strict=False,
        )
        self.centre = RunningCentre(settings, self.rules, roster(self.names), epoch=self.epoch)
        self.seen = Recorder()
        self.seen.centre = self.centre
        self.centre.pump._observers = (*self.centre.pump._observers, self.seen)
        self.centre.start()
        await self.until(lambda: self.centre.not_ready() is None, "the centre is ready", 15)
        return self

    async def __aexit__(self, failed: object, *_: object) -> None:
        try:
            if not failed:
                await self.settled()
                for name in self.names:
                    await self.centre.submit(AgentLoggedOut(agent=AgentId(name)))
                await asyncio.sleep(0.1)
        finally:
            await self.centre.stop()
        if not failed:
            assert not [note for note in self.of(Anomaly) if note.state != "unknown"], self.of(Anomaly)

    # ── doing ────────────────────────────────────────────────────────────────────────────────

    async def login(self, *names: str) -> None:
        for name in names:
            assert (await self.centre.submit(AgentLoggedIn(agent=AgentId(name)))).refused is None

    async def pause(self, name: str, reason: str = "pausa") -> None:
        assert (
            await self.centre.submit(AgentPaused(agent=AgentId(name), reason=PauseReasonId(reason)))
        ).refused is None

    async def logout(self, name: str) -> None:
        assert (await self.centre.submit(AgentLoggedOut(agent=AgentId(name)))).refused is None

    async def ready(self, name: str) -> None:
        assert (await self.centre.submit(AgentReadied(agent=AgentId(name)))).refused is None

    # ── looking ──────────────────────────────────────────────────────────────────────────────

    def of(self, kind: type) -> list[Any]:
        """All facts, orders and notes of one kind, each list in order."""
        return [each for _, each in self.when(kind)]

    def when(self, kind: type) -> list[tuple[float, Any]]:
        """The same with the moment (seconds since the epoch) each was handled."""
        rows = (*self.seen.facts, *self.seen.orders, *self.seen.notes)
        return [(at, each) for at, each in rows if isinstance(each, kind)]

    def state(self, name: str) -> AgentState:
        view = self.centre.agent(AgentId(name))
        assert view is not None
        return view.state

    async def until(self, true: Callable[[], object], what: str, limit_s: float = 10.0) -> None:
        """Wait until something is true; fails with what we know when it does not become so."""
        end = time.monotonic() + limit_s
        while not true():
            if self.centre.pump.failed.done():
                self.centre.pump.failed.result()
            if time.monotonic() > end:
                world = self.centre.engine.world
                last = "\n  ".join(repr(fact) for _, fact in self.seen.facts[-12:])
                raise AssertionError(
                    f"not within {limit_s} s: {what}\ncalls {list(world.calls.values())}\n"
                    f"offers {list(world.offers.values())}\nlast facts:\n  {last}"
                )
            await asyncio.sleep(0.005)

    async def entered(self, count: int) -> None:
        await self.until(lambda: len(self.of(CallEntered)) >= count, f"{count} calls entered")

    async def rings(self, count: int) -> None:
        await self.until(lambda: len(self.of(OfferBegan)) >= count, f"{count} offers begun")

    async def settled(self, limit_s: float = 20.0) -> None:
        """The books are even: nobody is in progress, nothing is left in Asterisk."""
        await self.until(lambda: self.centre.summary().in_progress == 0, "all calls have ended", limit_s)
        summary = self.centre.summary()
        assert summary.unaccounted == 0
        assert len(self.of(CallFinished)) == summary.ended
        await self.until(lambda: not self.centre.engine.world.offers, "all offers are closed")
        await self.until(
            lambda: self.lab.rx("core show channels count").startswith("0 active channels"),
            "no channel is left",
        )

    def ends(self) -> list[str]:
        """How each offer ended, in order; "gone" where the caller left first."""
        return [note.end.value if note.end else "gone" for note in self.of(OfferClosed)]

    def outcomes(self) -> list[str]:
        return [note.outcome.value for note in self.of(CallFinished)]


__all__ = ["Floor", "roster", "rule_set"]
