"""``call.finished``: one line for each call, as many as the ledger has rows."""

from __future__ import annotations

import asyncio
import random

import pytest
from structlog.testing import capture_logs

from acd.metrics.sites import SiteNames
from acd.rules.load import load_rules
from acd.rules.roster import read_roster
from acd.runtime.call_log import CallLog
from acd.sim.loop import run_virtual
from tests.queue_log.test_whole import Ended
from tests.sim.whole import RULES, build


async def day(k: int) -> tuple[Ended, CallLog]:
    """Three minutes of a busy centre."""
    random.seed(2)
    rules = load_rules(RULES).rules
    people = read_roster(RULES / "roster.csv", rules)
    whole = build(rules, people, 2)
    ended, call_log = Ended(), CallLog(SiteNames(people, lambda: k))
    whole.centre.pump.observe_with(ended)
    whole.centre.pump.observe_with(call_log)
    whole.centre.start()
    await whole.log_in(people)
    whole.callers.start()
    await asyncio.sleep(180)
    await whole.drain()
    await whole.centre.stop()
    return ended, call_log


@pytest.fixture(scope="module")
def seen():
    """The lines of a day, the ends they speak of, and what is left in memory."""
    with capture_logs() as logs:
        ended, call_log = run_virtual(day(3))
    return [line for line in logs if line["event"] == "call.finished"], ended.notes, call_log


def test_each_call_has_one_line_with_its_figures(seen):
    """The same as in the note of its end, in the same order."""
    lines, ends, _ = seen
    assert len(lines) > 50
    for line, end in zip(lines, ends, strict=True):
        assert (line["call"], line["queue"], line["outcome"]) == (end.call, end.queue, end.outcome.value)
        assert (line["wait_ms"], line["handle_ms"]) == (end.wait_ms, end.handle_ms)
        assert (line["site"], line["office"]) == (end.site or "", end.office or "")
        assert line["log_level"] == "info"


def test_a_line_tells_what_was_tried(seen):
    """Rings, those not taken, and how far the ladder was open."""
    lines, _, _ = seen
    answered = [line for line in lines if line["outcome"] == "answered"]
    assert all(line["offers"] >= 1 and line["rules"] for line in answered)
    assert any(line["misses"] >= 1 for line in lines)
    assert any(line["step"] >= 1 for line in lines)


def test_a_line_knows_nobody(seen):
    """No field for an agent, a number, its hash, or a class of callers."""
    lines, _, call_log = seen
    fields = {field for line in lines for field in line}
    assert not fields & {"agent", "caller", "number", "priority_class", "verified"}
    assert call_log._tried == {}
