"""The line in memory: order, bound, nothing lost in silence."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.store.line import Line
from tests.store.made import call, entry

BOUND = 12


class TheLine(RuleBasedStateMachine):
    """A disk that comes and goes, and people who go on telling."""

    def __init__(self):
        super().__init__()
        self.line = Line(BOUND)
        self.told = 0
        self.in_hand = None
        self.on_disk = {"audit": [], "ledger": []}
        self.logins = {}
        self.logins_on_disk = {}
        self.confessed = 0

    @rule(agent=st.sampled_from("abc"), phone=st.sampled_from(["p", "q", None]))
    def a_login(self, agent, phone):
        session = Session(agent=AgentId(agent), phone=phone) if phone else None
        self.logins[agent] = session
        self.line.tell_session(AgentId(agent), session)

    @rule(count=st.integers(1, 9))
    def some_audit(self, count):
        for _ in range(count):
            self.told += 1
            self.line.tell_audit(entry(self.told))

    @rule(count=st.integers(1, 9))
    def some_calls(self, count):
        for _ in range(count):
            self.told += 1
            self.line.tell_ledger(call(self.told))

    @precondition(lambda self: self.in_hand is None)
    @rule(count=st.integers(1, 10))
    def taken(self, count):
        self.in_hand = self.line.take(count)
        assert len(self.in_hand) <= count

    @precondition(lambda self: self.in_hand is not None)
    @rule()
    def it_was_written(self):
        self.on_disk["audit"] += [one.at_ms for one in self.in_hand.audit]
        self.on_disk["ledger"] += [one.ended_ms for one in self.in_hand.ledger]
        self.logins_on_disk |= self.in_hand.sessions
        self.confessed += self.in_hand.lost_audit + self.in_hand.lost_ledger
        self.line.written()
        self.in_hand = None

    @precondition(lambda self: self.in_hand is not None)
    @rule()
    def it_was_not(self):
        self.line.put_back(self.in_hand)
        self.in_hand = None

    @invariant()
    def it_keeps_to_its_bound(self):
        assert len(self.line) <= BOUND + len(self.logins)

    def teardown(self):
        """With the disk back, all is on it in order, the last login of each, and every loss is told."""
        if self.in_hand is not None:
            self.line.put_back(self.in_hand)
        while True:
            self.in_hand = self.line.take(5)
            done = not len(self.in_hand)
            self.it_was_written()
            if done:
                break
        assert self.on_disk["audit"] == sorted(self.on_disk["audit"])
        assert self.on_disk["ledger"] == sorted(self.on_disk["ledger"])
        assert self.logins_on_disk == self.logins
        assert sum(map(len, self.on_disk.values())) + self.line.dropped == self.told
        assert self.confessed == self.line.dropped
        assert len(self.line) == 0


TestTheLine = TheLine.TestCase


def test_calls_go_before_audit():
    """What a person did is held longer than what a call was; a login is never lost."""
    line = Line(10)
    line.tell_session(AgentId("a"), None)
    for number in range(6):
        line.tell_audit(entry(number))
    for number in range(20):
        line.tell_ledger(call(number))
    batch = line.take(99)
    assert len(batch.sessions) == 1
    assert len(batch.audit) == 6
    assert [row.call for row in batch.ledger] == [call(number).call for number in (17, 18, 19)]
    assert (batch.lost_audit, batch.lost_ledger, line.dropped) == (0, 17, 17)
