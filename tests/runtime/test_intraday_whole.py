"""The numbers of the day are the engine's own, on bad days and over a restart of our process."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from acd.core.notes import (
    CallAnswered,
    CallFinished,
    CallOffered,
    Note,
    Outcome,
    ServiceLevel,
    ServiceLevelCounted,
)
from acd.figures.counts import Counts, total
from acd.rules.load import load_rules
from acd.rules.roster import read_roster
from acd.sim.loop import run_virtual
from acd.store.records import Intraday
from tests.sim.test_whole import BAD_DAYS
from tests.sim.whole import RULES, Whole, build, play


def counted(whole: Whole) -> Counts:
    """All queues of the day together."""
    return total(day.today for day in whole.centre.today().values())


@pytest.mark.parametrize("day", BAD_DAYS)
def test_the_day_agrees_with_the_engines_books(day):
    """Offered = ended; each end, each service-level event and each answer once."""
    whole = run_virtual(play(1, 200, BAD_DAYS[day]))
    counts, books = counted(whole), whole.centre.summary()
    assert counts.offered == books.entered == counts.ended == books.ended
    assert (counts.handled, counts.abandoned + counts.short_abandoned) == (books.answered, books.abandoned)
    assert (counts.safety_net, counts.lost, counts.closed) == (books.safety_net, books.lost, books.closed)
    ends = counts.handled + counts.abandoned + counts.short_abandoned + counts.closed
    assert counts.ended == ends + counts.safety_net + counts.lost
    assert counts.met + counts.missed + counts.abandoned_early <= counts.offered
    assert counts.answered == counts.met + counts.answered_late


@dataclass
class Recount:
    """What the notes of all processes say of each call, once each (an ``Observer``)."""

    offered: dict[str, None] = field(default_factory=dict)
    levels: dict[str, ServiceLevel] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    ended: dict[str, Outcome] = field(default_factory=dict)

    def observe(self, fact, orders, notes, took_s) -> None:
        for note in notes:
            self.hear(note)

    def loop_lag(self, seconds) -> None:
        """Of no interest."""

    def hear(self, note: Note) -> None:
        match note:
            case CallOffered():
                self.offered.setdefault(note.call)
            case ServiceLevelCounted():
                self.levels.setdefault(note.call, note.result)
            case CallAnswered():
                self.answered.setdefault(note.call, note.wait_ms)
            case CallFinished():
                self.ended.setdefault(note.call, note.outcome)
            case _:
                pass


async def restarted(seed: int, away_s: float) -> tuple[Counts, Recount, int]:
    """Two processes, one after the other, on one Asterisk that goes on; and how many ended unseen."""
    random.seed(seed)
    rules = load_rules(RULES).rules
    roster = read_roster(RULES / "roster.csv", rules)
    first, recount = build(rules, roster, seed), Recount()
    first.centre.pump.observe_with(recount)
    first.centre.start()
    await first.log_in(roster)
    first.callers.start()
    await asyncio.sleep(150)
    kept: Intraday = first.centre._intraday.take()
    await first.centre.stop()
    before = set(recount.ended)
    await asyncio.sleep(away_s)
    second = build(rules, roster, seed, over=first, intraday=kept)
    second.centre.pump.observe_with(recount)
    second.centre.start()
    await asyncio.sleep(150)
    await second.drain()
    await second.centre.stop()
    assert before
    return counted(second), recount, len(set(recount.offered) - set(recount.ended))


@pytest.mark.parametrize("away_s", [0.5, 4.0, 40.0])
def test_a_restart_counts_nothing_twice_and_loses_nothing(away_s):
    """The sums over two processes are those of each call's first notes; who ended unseen has an end."""
    counts, recount, unseen = run_virtual(restarted(3, away_s))
    assert counts.offered == counts.ended == len(recount.offered)
    assert counts.answered == len(recount.answered)
    assert counts.wait_answered_ms == sum(recount.answered.values())
    levels = list(recount.levels.values())
    assert counts.met == levels.count(ServiceLevel.MET)
    assert counts.abandoned_early == levels.count(ServiceLevel.ABANDONED_EARLY)
    extra = counts.missed - levels.count(ServiceLevel.MISSED)
    assert 0 <= extra <= unseen
    ends = list(recount.ended.values())
    assert counts.handled + counts.lost == ends.count(Outcome.ANSWERED) + ends.count(Outcome.LOST) + unseen
    assert counts.abandoned == ends.count(Outcome.ABANDONED)
    assert unseen or away_s < 10
