"""A whole call centre for one test: our real application in this process, on a real Asterisk.

The engine's invariants are checked after every fact, and at the end of each test the books must be
even: every call ended, none unaccounted, no channel left in Asterisk, nothing anomalous.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from acd.ami.wire import Message
from acd.centre import RunningCentre
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
    Step,
    Timings,
)
from acd.rules.settings import JournalSettings, Settings, StoreSettings
from acd.runtime.ports import NodeState
from acd.store.records import PersonalCode
from asterisk_lab import Lab, LabError

SKILL = SkillId("generale")
MEMBER = re.compile(r"PJSIP/([a-z0-9]+)")


class Epochs:
    """Numbers of leaderships: above all given so far, and never ahead of the clock for long."""

    last = 0

    @classmethod
    def next(cls) -> int:
        """A number for the next leader."""
        cls.last = max(cls.last + 1, int(time.time()))
        return cls.last


def rule_set(
    *,
    timings: Timings | None = None,
    offices_after_ms: int | None = None,
    more: Sequence[Queue] = (),
    **changes: Any,
) -> RuleSet:
    """Rules for tests: one queue with short times, one office of one line.

    Args:
        timings: bounds of the engine that differ from the defaults.
        offices_after_ms: a step of the queue's ladder that adds the office; None: there is none.
        more: queues besides that one.
        changes: to the queue.
    """
    uffici = Step(id="uffici", after_ms=offices_after_ms or 0, offices=(OfficeId("roma"),))
    queue = {
        "id": QueueId("generale"),
        "name": "Generale",
        "language": "it",
        "needs": (SkillNeed(skill=SKILL),),
        "ring_s": 3,
        "wrap_up_ms": 1_000,
        "wrap_up_extend_ms": 1_000,
        "wrap_up_ms_max": 3_000,
        "ladder": () if offices_after_ms is None else (uffici,),
    } | changes
    return RuleSet(
        revision="test",
        queues={each.id: each for each in (Queue(**queue), *more)},
        skills={SKILL: "Generale"} | {need.skill: need.skill for each in more for need in each.needs},
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


def net_members(lab: Lab) -> dict[str, bool]:
    """Who is in the safety net, and whether paused."""
    rows = lab.rx("queue show acd-net-it").splitlines()
    return {found[1]: "(paused" in row for row in rows if (found := MEMBER.search(row))}


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
        lab: Lab | Sequence[Lab],
        names: Sequence[str] | Roster,
        rules: RuleSet | None = None,
        ami_port: int | None = None,
        epoch: int | None = None,
        timings: Mapping[str, float] | None = None,
        store: StoreSettings | None = None,
        codes: Sequence[PersonalCode] = (),
        journal: Path | None = None,
    ) -> None:
        """Plan a centre.

        Args:
            lab: the Asterisk, or several as nodes of one centre.
            names: the agents, or the whole roster.
            rules: by default those of ``rule_set``.
            ami_port: instead of the (first) lab's own, for a proxy in between.
            epoch: by default one above all before.
            timings: process timings that differ from the defaults.
            store: for the key of the hashes; nothing is stored.
            codes: personal codes.
            journal: a folder for it; by default none is kept.
        """
        self.store, self.codes = store, codes
        self.journal = JournalSettings(folder=journal) if journal is not None else None
        self.labs = (lab,) if isinstance(lab, Lab) else tuple(lab)
        self.lab = self.labs[0]
        self.roster = names if isinstance(names, Roster) else roster(names)
        self.names = tuple(self.roster.agents)
        self.rules = rules or rule_set()
        self.ami_port = ami_port or self.lab.ami_port
        self.epoch = epoch or Epochs.next()
        self.timings = dict(timings or {})

    async def __aenter__(self) -> Self:
        settings = Settings.model_validate(
            {
                "nodes": [
                    {"id": f"lab{n}", "host": "127.0.0.1", "port": port, "secret": lab.ami_secret}
                    for n, lab in enumerate(self.labs)
                    for port in [lab.ami_port if n else self.ami_port]
                ],
                "rules": "/",
                "timings": self.timings,
            },
            strict=False,
        )
        settings = settings.model_copy(update={"store": self.store, "journal": self.journal})
        self.centre = RunningCentre(settings, self.rules, self.roster, codes=self.codes, epoch=self.epoch)
        self.seen = Recorder()
        self.seen.centre = self.centre
        self.centre.pump.observe_with(self.seen)
        self.centre.start()
        try:
            await self.until(self.connected, "the centre is ready", 15)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, failed: object, *_: object) -> None:
        try:
            if not failed:
                await self.settled()
            await self._clear()
        finally:
            await self._stop()
        if not failed:
            assert not [note for note in self.of(Anomaly) if note.state != "unknown"], self.of(Anomaly)

    async def _stop(self) -> None:
        await self.centre.stop()
        await self.centre.close_journal()

    async def _clear(self) -> None:
        """Leave nothing to the next test: no channel, nobody in the safety net."""
        with contextlib.suppress(LabError):
            for lab in self.labs:
                lab.rx("channel request hangup all")
        if self.centre.pump.failed.done():
            return
        for name in self.names:
            await self.centre.submit(AgentLoggedOut(agent=AgentId(name)))
        with contextlib.suppress(AssertionError, LabError):
            await self.until(lambda: not any(net_members(lab) for lab in self.labs), "the net is empty", 3)

    # ── doing ────────────────────────────────────────────────────────────────────────────────

    async def login(self, *names: str) -> None:
        """Log these agents in, one after the other."""
        for name in names:
            assert (await self.centre.submit(AgentLoggedIn(agent=AgentId(name)))).refused is None

    async def pause(self, name: str, reason: str = "pausa") -> None:
        """Pause an agent, as the API would."""
        assert (
            await self.centre.submit(AgentPaused(agent=AgentId(name), reason=PauseReasonId(reason)))
        ).refused is None

    async def logout(self, name: str) -> None:
        """Log an agent out, as the API would."""
        assert (await self.centre.submit(AgentLoggedOut(agent=AgentId(name)))).refused is None

    async def ready(self, name: str) -> None:
        """Make an agent ready again."""
        assert (await self.centre.submit(AgentReadied(agent=AgentId(name)))).refused is None

    def tap(self, hear: Callable[[Message], None]) -> None:
        """Let a test hear each event of each node just before it is handled."""
        for link in self.centre.links:
            handle = link.link._on_event

            def both(message: Message, handle: Callable[[Message], None] = handle) -> None:
                hear(message)
                handle(message)

            link.link._on_event = both

    # ── looking ──────────────────────────────────────────────────────────────────────────────

    def connected(self) -> bool:
        """Whether every node is ready and the engine is well."""
        return self.centre.not_ready() is None and all(
            link.state is NodeState.READY for link in self.centre.links
        )

    def of(self, kind: type) -> list[Any]:
        """All facts, orders and notes of one kind, each list in order."""
        return [each for _, each in self.when(kind)]

    def when(self, kind: type) -> list[tuple[float, Any]]:
        """The same with the moment (seconds since the epoch) each was handled."""
        rows = (*self.seen.facts, *self.seen.orders, *self.seen.notes)
        return [(at, each) for at, each in rows if isinstance(each, kind)]

    def state(self, name: str) -> AgentState:
        """Where an agent stands."""
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
        """Wait until so many calls have entered."""
        await self.until(lambda: len(self.of(CallEntered)) >= count, f"{count} calls entered")

    async def rings(self, count: int) -> None:
        """Wait until so many offers have begun."""
        await self.until(lambda: len(self.of(OfferBegan)) >= count, f"{count} offers begun")

    async def settled(self, limit_s: float = 20.0) -> None:
        """The books are even: nobody is in progress, nothing is left in Asterisk."""
        await self.until(lambda: self.centre.summary().in_progress == 0, "all calls have ended", limit_s)
        summary = self.centre.summary()
        assert summary.unaccounted == 0
        assert len(self.of(CallFinished)) == summary.ended
        await self.until(lambda: not self.centre.engine.world.offers, "all offers are closed")
        await self.until(
            lambda: all(
                lab.rx("core show channels count").startswith("0 active channels") for lab in self.labs
            ),
            "no channel is left",
        )

    def ends(self) -> list[str]:
        """How each offer ended, in order; "gone" where the caller left first."""
        return [note.end.value if note.end else "gone" for note in self.of(OfferClosed)]

    def outcomes(self) -> list[str]:
        """How each call ended, in order."""
        return [note.outcome.value for note in self.of(CallFinished)]


__all__ = ["Epochs", "Floor", "net_members", "roster", "rule_set"]
