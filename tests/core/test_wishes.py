"""What agents ask for: at once where nothing stands against it, else as a wish that comes true."""

from __future__ import annotations

import pytest

from acd.core.calls import CallState
from acd.core.facts import AgentLoggedIn, AgentPaused, Asker, OfferEnd, WrapUpExtended
from acd.core.ids import AgentId, PauseReasonId
from acd.core.notes import AgentState, OfferClosed
from acd.core.orders import AnswerAsker, SetNetMember, WithdrawOffer
from tests.core.builders import NODE, Centre

ASKS = {"pause": (Centre.pauses, AgentState.PAUSED), "logout": (Centre.logs_out, AgentState.LOGGED_OUT)}


@pytest.mark.parametrize(("ask", "after"), ASKS.values(), ids=ASKS)
def test_during_a_ring_it_is_taken_back_without_a_miss(ask, after: AgentState) -> None:
    """The ring stops, the wish comes true when Asterisk confirms, and the call goes to another."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.rings("c1")
    ask(centre, "anna")
    assert len(centre.ordered(WithdrawOffer)) == 1
    assert centre.agent_state("anna") is AgentState.RINGING, "held until Asterisk confirms"
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.agent_state("anna") is after
    assert centre.person("anna").misses == 0
    assert centre.offered("c1") == "bruno"


@pytest.mark.parametrize(("ask", "after"), ASKS.values(), ids=ASKS)
def test_during_a_talk_it_comes_after_it(ask, after: AgentState) -> None:
    """The talk is not touched; afterwards there is no wrap-up, the wish comes true at once."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    ask(centre, "anna")
    assert not centre.ordered(WithdrawOffer)
    assert centre.agent_state("anna") is AgentState.TALKING
    centre.leg_ends("c1")
    assert centre.agent_state("anna") is after


def test_ready_takes_a_wish_back() -> None:
    """A later request replaces the earlier one."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.pauses("anna")
    centre.readies("anna")
    centre.leg_ends("c1")
    assert centre.agent_state("anna") is AgentState.WRAP_UP


def test_the_last_wish_counts() -> None:
    """Pause, then logout, during one talk: logged out after it."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.talks("c1")
    centre.pauses("anna")
    centre.logs_out("anna")
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.LOGGED_OUT


def test_an_answer_that_crosses_the_withdrawal_wins() -> None:
    """The agent asked for a pause and answered all the same: they talk, then the pause."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.pauses("anna")
    centre.talks("c1")
    assert centre.state("c1") is CallState.TALKING
    centre.agent_hangs_up("c1")
    assert centre.agent_state("anna") is AgentState.PAUSED


def test_a_withdrawal_in_the_moment_of_the_answer_is_no_miss() -> None:
    """The leg was answered and our withdrawal ended it: the caller waits on, nobody is blamed.

    Found by reading: it was counted as a drop, against "a pause during a ring is no miss".
    """
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.rings("c1")
    centre.pauses("anna")
    centre.talks("c1")
    centre.ends_offer("c1", OfferEnd.WITHDRAWN)
    assert centre.agent_state("anna") is AgentState.PAUSED
    assert [note.missed for note in centre.noted(OfferClosed)] == [False]
    assert centre.offered("c1") == "bruno"


def test_a_pause_is_mirrored_in_the_safety_net() -> None:
    """Login, pause and logout keep the net's membership true, reason included."""
    centre = Centre(agents=["anna"], logged_in=False)
    centre.logs_in("anna")
    centre.pauses("anna", "corso")
    centre.readies("anna")
    centre.logs_out("anna")
    told = [(each.logged_in, each.paused, each.reason) for each in centre.ordered(SetNetMember)]
    assert told == [(True, False, ""), (True, True, "corso"), (True, False, ""), (False, False, "")]


def test_logging_in_twice_is_once() -> None:
    """A repeated login changes nothing and is not refused."""
    centre = Centre(agents=["anna"])
    orders = len(centre.orders)
    assert centre.logs_in("anna").refused is None
    assert len(centre.orders) == orders


@pytest.mark.parametrize(
    ("before", "fact", "sentence"),
    [
        ("in", AgentPaused(agent=AgentId("anna"), reason=PauseReasonId("siesta")), "choose one of: pranzo"),
        ("out", AgentPaused(agent=AgentId("anna"), reason=PauseReasonId("pranzo")), "log in before pausing"),
        ("in", AgentLoggedIn(agent=AgentId("zoe")), "not in the roster"),
        ("in", WrapUpExtended(agent=AgentId("anna")), "nothing to extend"),
    ],
    ids=["unknown reason", "not logged in", "unknown agent", "no wrap-up"],
)
def test_a_refusal_says_what_to_do(before: str, fact, sentence: str) -> None:
    """What cannot be granted is refused with a reason a person can act on."""
    centre = Centre(agents=["anna"], logged_in=before == "in")
    refused = centre.tell(fact).refused
    assert refused is not None
    assert sentence in refused


@pytest.mark.parametrize(("reason", "done"), [("pranzo", True), ("siesta", False)])
def test_a_phone_that_asks_is_answered(reason: str, done: bool) -> None:
    """A feature code ends in a tone for done or for refused, on the very channel that asked."""
    centre = Centre(agents=["anna"])
    asker = Asker(node=NODE, channel="PJSIP/phone-anna-1")
    centre.tell(AgentPaused(agent=AgentId("anna"), reason=PauseReasonId(reason), asker=asker))
    assert centre.ordered(AnswerAsker) == [AnswerAsker(node=NODE, channel=asker.channel, done=done)]
