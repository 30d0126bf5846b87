"""On simulated days, good and bad, programs for reports read our ``queue_log`` without stumbling."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from acd.app import write_down
from acd.core.facts import AgentPaused, AgentReadied, Fact
from acd.core.ids import PauseReasonId
from acd.core.notes import CallFinished, Note, Outcome
from acd.core.orders import Order
from acd.core.policy import Roster
from acd.metrics.sites import SiteNames
from acd.queue_log.observer import QueueLog
from acd.rules.load import load_rules
from acd.rules.privacy import Agreement, Privacy
from acd.rules.roster import read_roster
from acd.sim.loop import run_virtual
from tests.queue_log.reader import Reader
from tests.queue_log.test_file import until
from tests.sim.test_whole import BAD_DAYS
from tests.sim.whole import RULES, Event, Whole, build, settings_with

AGREED = Privacy(
    k_min=3,
    agreement=Agreement(
        reference="A 1", date="2026-01-31", scope="Tutti", unlocks=("smaller-groups", "agents-in-queue-log")
    ),
)

UNSEEN_MAX = 12
"""Calls that ended while no ACD was there."""


@dataclass
class Ended:
    """Every call's end (an ``Observer``)."""

    notes: list[CallFinished] = field(default_factory=list)

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:
        """Keep the ends."""
        self.notes += [note for note in notes if isinstance(note, CallFinished)]

    def loop_lag(self, seconds: float) -> None:
        """Virtual time has no lag."""

    def count(self, *outcomes: Outcome) -> int:
        """How many ended so."""
        return sum(note.outcome in outcomes for note in self.notes)


def attached(whole: Whole, roster: Roster, path: Path, privacy: Privacy) -> QueueLog:
    """The centre's ``queue_log``, begun."""
    whole.centre.take_privacy(privacy)
    sites = SiteNames(roster, lambda: whole.centre.privacy().k_min)
    queue_log = QueueLog(path, whole.centre.engine.world, sites, whole.centre.privacy)
    whole.centre.pump.observe_with(queue_log)
    queue_log.start()
    return queue_log


def test_a_centre_says_that_its_file_cannot_be_written(tmp_path):
    """In its state and as a number; without the setting there is nothing to say, and the number is 1."""

    async def begin() -> None:
        rules = load_rules(RULES).rules
        roster = read_roster(RULES / "roster.csv", rules)
        settings = settings_with(queue_log={"file": tmp_path / "absent" / "queue_log"})
        whole = build(rules, roster, 1, settings=settings)
        assert whole.centre.queue_log_state() is None
        queue_log = write_down(whole.centre, settings)
        assert queue_log is not None
        until(lambda: not queue_log.state().writable, "the complaint")
        state = whole.centre.queue_log_state()
        assert state is not None
        assert state.why_not.endswith("queue_log cannot be written: No such file or directory")
        whole.centre._take_picture()
        assert "\nacd_queue_log_writable 0.0\n" in whole.centre.metrics.render().decode()
        queue_log.close()

    run_virtual(begin())


async def day(seed: int, path: Path, privacy: Privacy, at: dict[float, Event]) -> tuple[Whole, Ended]:
    """Three minutes of a busy centre with its ``queue_log``; somebody takes a pause now and then."""
    random.seed(seed)
    rules = load_rules(RULES).rules
    roster = read_roster(RULES / "roster.csv", rules)
    whole = build(rules, roster, seed)
    queue_log, ended = attached(whole, roster, path, privacy), Ended()
    whole.centre.pump.observe_with(ended)
    whole.centre.start()
    await whole.log_in(roster)
    whole.callers.start()
    passing_on = asyncio.create_task(whole.pass_on(roster, seed))
    for when, event in at.items():
        asyncio.get_running_loop().call_later(when, event, whole)
    agents = list(roster.agents)
    for number in range(18):
        await asyncio.sleep(10)
        agent = agents[number % len(agents)]
        fact = (
            AgentReadied(agent=agent)
            if number % 2
            else AgentPaused(agent=agent, reason=PauseReasonId("pausa"))
        )
        await whole.centre.submit(fact)
    passing_on.cancel()
    await whole.drain()
    await whole.centre.stop()
    queue_log.close()
    return whole, ended


DAYS = [(bad, AGREED) for bad in BAD_DAYS] + [
    (bad, Privacy(k_min=3)) for bad in ("good day", "asterisk killed")
]


@pytest.mark.parametrize(("bad", "privacy"), DAYS, ids=[f"{bad} {bool(p.agreement)}" for bad, p in DAYS])
def test_a_report_reads_each_day(tmp_path, bad, privacy):
    """Each call in order, each session and pause in pairs, ends that agree with the ledger's."""
    path = tmp_path / "queue_log"
    _, ended = run_virtual(day(3, path, privacy, BAD_DAYS[bad]))
    reader = Reader().read(path)
    assert reader.odd == []
    assert reader.all_closed()
    assert reader.elsewhere == 0
    assert {note.call for note in ended.notes} == set(reader.verbs)
    assert reader.counts["CONNECT"] > 50
    assert reader.counts["BLINDTRANSFER"] > 3
    if bad == "good day":
        assert reader.counts["ABANDON"] == ended.count(Outcome.ABANDONED, Outcome.SHORT_ABANDONED)
        answered = [note for note in ended.notes if note.outcome is Outcome.ANSWERED]
        assert all("CONNECT" in reader.verbs[note.call] for note in answered)
        assert reader.counts["RINGNOANSWER"] > 10
        assert reader.counts["RINGCANCELED"] > 0


def test_without_an_agreement_nobody_is_named(tmp_path):
    """Sites and offices only; with few people, not even which site."""
    path = tmp_path / "queue_log"
    whole, _ = run_virtual(day(4, path, Privacy(), {}))
    reader = Reader().read(path)
    assert {name for name in reader.agents if not name.startswith("office/")} == {"site/other"}
    assert not reader.counts["PAUSE"]
    text = path.read_text()
    assert not [agent for agent in whole.centre.engine.world.agents if agent in text]


def test_with_the_agreement_logins_and_pauses_are_there(tmp_path):
    """By the agent's id, in each queue the agent can serve."""
    path = tmp_path / "queue_log"
    whole, _ = run_virtual(day(4, path, AGREED, {}))
    reader = Reader().read(path)
    people = {name for name in reader.agents if name.startswith("agent/")}
    assert people == {f"agent/{agent}" for agent in whole.centre.engine.world.agents}
    assert reader.counts["PAUSEALL"] == reader.counts["UNPAUSEALL"] > 3
    assert "|PAUSEALL|pausa\n" in path.read_text()


async def restarted(path: Path, away_s: float, *, killed: bool) -> None:
    """Two processes, one after the other, on one Asterisk that goes on, with one file."""
    random.seed(5)
    rules = load_rules(RULES).rules
    roster = read_roster(RULES / "roster.csv", rules)
    first = build(rules, roster, 5)
    writing = attached(first, roster, path, AGREED)
    first.centre.start()
    await first.log_in(roster)
    first.callers.start()
    await asyncio.sleep(120)
    await first.centre.stop()
    if killed:  # nothing is closed: the writer just stops after what it has
        writing._writer._book.close = lambda: iter(())
    writing.close()
    await asyncio.sleep(away_s)
    second = build(rules, roster, 5, over=first)
    writing = attached(second, roster, path, AGREED)
    second.centre.start()
    await asyncio.sleep(120)
    await second.drain()
    await second.centre.stop()
    writing.close()


@pytest.mark.parametrize(("away_s", "killed"), [(0.5, False), (0.5, True), (40.0, True)])
def test_a_restart_closes_and_opens_what_is_open(tmp_path, away_s, killed):
    """Sessions in pairs; a waiting call enters once; a talk that went on has its end."""
    path = tmp_path / "queue_log"
    run_virtual(restarted(path, away_s, killed=killed))
    reader = Reader().read(path)
    assert reader.odd == []
    assert not reader.members
    assert not reader.paused
    assert reader.elsewhere == 0
    assert len(reader.waiting) + len(reader.talking) <= UNSEEN_MAX
