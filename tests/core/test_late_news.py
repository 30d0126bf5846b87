"""Facts that come late, twice, or about what we gave up: counted, harmless, looked at where it matters."""

from __future__ import annotations

import pytest

from acd.core.calls import CallState
from acd.core.facts import (
    CallEnded,
    CallInSafetyNet,
    CallTransferred,
    Fact,
    LegEnded,
    OfferBegan,
    OfferEnd,
    OfferEnded,
    OfferRang,
    Stage,
    TalkBegan,
)
from acd.core.ids import AttemptId, CallId
from acd.core.notes import AgentState, Anomaly, Corrected, Late
from acd.core.orders import LookAgain, OfferCall, SendToNet
from tests.core.builders import Centre, queue, seen

EXPIRY_MS = 5_000
"""An order's validity and its grace."""


def expired() -> tuple[Centre, AttemptId]:
    """An order nobody took up; the call now rings bruno."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    first = centre.attempt("c1")
    centre.later(EXPIRY_MS)
    return centre, first


# ── orders that fail or expire ───────────────────────────────────────────────────────────────


def test_an_order_nobody_took_up_expires() -> None:
    """Past its expiry the dialplan refuses it: the agent is free, the call goes on, and is looked at."""
    centre, _ = expired()
    assert centre.offered("c1") == "bruno"
    assert centre.agent_state("anna") is AgentState.READY
    assert len(centre.ordered(LookAgain)) == 1


def test_not_before_its_expiry() -> None:
    """Until then the dialplan may still take it up: the target stays held."""
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.later(EXPIRY_MS - 1)
    assert centre.offered("c1") == "anna"


def test_an_order_to_a_channel_that_is_gone() -> None:
    """Refused for certain: the agent is free at once and the caller is looked at, who proves to be gone."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.order_fails("c1", unknown=False)
    assert centre.agent_state("anna") is AgentState.READY
    assert centre.ordered(LookAgain)
    centre.looked_at("c1", None)
    assert centre.state("c1") is None


def test_an_order_of_unknown_fate_is_only_looked_at() -> None:
    """It may have been written: the target stays held until the look or the expiry tells."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.order_fails("c1", unknown=True)
    assert centre.agent_state("anna") is AgentState.RESERVED
    assert len(centre.ordered(LookAgain)) == 1
    assert len(centre.ordered(OfferCall)) == 1, "nothing is repeated"


def test_a_failed_order_to_the_net_is_looked_at() -> None:
    """A caller who was gone before the maximum wait is found out.

    Found by reading: the order to the net was repeated to nobody, every 5 s, for ever.
    """
    centre = Centre((queue(wait_ms_max=10_000),))
    centre.enters("c1")
    centre.later(10_000)
    (order,) = centre.ordered(SendToNet)
    centre.order_fails("c1", unknown=False, attempt=order.attempt)
    assert centre.ordered(LookAgain)
    centre.looked_at("c1", None)
    assert centre.state("c1") is None


# ── late facts ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fact", [OfferBegan, OfferRang, TalkBegan])
def test_news_of_an_offer_we_gave_up_is_looked_at(fact) -> None:
    """It goes on although we freed its target: late, and the channel is asked how it stands."""
    centre, first = expired()
    looks = len(centre.ordered(LookAgain))
    centre.tell(fact(call=CallId("c1"), attempt=first))
    assert [note.key for note in centre.last.notes if isinstance(note, Late)] == [first]
    assert len(centre.ordered(LookAgain)) == looks + 1


def test_what_the_look_finds_is_believed() -> None:
    """The caller really talks with the first agent: so it is, and the second one is free again."""
    centre, first = expired()
    centre.looked_at("c1", seen("c1", Stage.TALKING, attempt=first, target="phone-anna"))
    assert (centre.state("c1"), centre.offered("c1")) == (CallState.TALKING, "anna")
    assert centre.agent_state("anna") is AgentState.TALKING
    assert centre.agent_state("bruno") is AgentState.READY


def test_the_end_of_an_offer_we_gave_up_is_only_late() -> None:
    """It is over, as we thought."""
    centre, first = expired()
    looks = len(centre.ordered(LookAgain))
    centre.ends_offer("c1", OfferEnd.REFUSED, attempt=first)
    assert centre.offered("c1") == "bruno"
    assert len(centre.ordered(LookAgain)) == looks


def test_a_ring_that_never_ends_is_looked_at_until_it_does() -> None:
    """The report of a ring's end was lost: the look finds the caller in hold and the offer is closed."""
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    attempt = centre.attempt("c1")
    centre.rings("c1")
    centre.later(22_000)
    assert len(centre.ordered(LookAgain)) == 1
    centre.later(2_000)
    assert len(centre.ordered(LookAgain)) == 2
    centre.looked_at("c1", seen("c1", attempt=attempt))
    assert centre.state("c1") is CallState.WAITING
    assert centre.agent_state("anna") is AgentState.READY
    assert [note.kind for note in centre.noted(Corrected)] == ["lost_report"]


def test_a_look_that_finds_hold_before_the_order_was_taken_changes_nothing() -> None:
    """The order is still valid and may be taken up in the next moment: the target stays held.

    Found by reading: a withdrawn order was closed early, its agent free while it could still ring.
    """
    centre = Centre(agents=["anna", "bruno"])
    centre.enters("c1")
    centre.pauses("anna")
    centre.later(1_500)
    centre.looked_at("c1", seen("c1"))
    assert centre.agent_state("anna") is AgentState.RESERVED
    centre.later(3_500)
    centre.looked_at("c1", seen("c1"))
    assert centre.agent_state("anna") is AgentState.PAUSED
    assert centre.offered("c1") == "bruno"


def test_a_ghost_whose_withdrawal_only_a_look_confirms_is_unreachable() -> None:
    """The report was lost; what we withdrew for is remembered.

    Found by reading: the phone counted as merely failed and was rung again at once.
    """
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    attempt = centre.attempt("c1")
    centre.begins("c1")
    centre.later(4_000)
    centre.looked_at("c1", seen("c1", attempt=attempt))
    assert centre.agent_state("anna") is AgentState.UNREACHABLE


def test_a_withdrawal_that_did_not_arrive_is_repeated() -> None:
    """The look finds the phone still ringing: a withdrawal is harmless twice.

    Found by reading: the look was repeated, the withdrawal never.
    """
    centre = Centre(agents=["anna"])
    centre.enters("c1")
    centre.rings("c1")
    centre.pauses("anna")
    ringing = seen("c1", Stage.DIALLING, attempt=centre.attempt("c1"), target="phone-anna")
    outcome = centre.looked_at("c1", ringing)
    assert [type(order).__name__ for order in outcome.orders] == ["WithdrawOffer"]


def test_a_fact_about_nobody_we_know_is_an_anomaly() -> None:
    """No table foresees it: it is reported."""
    centre = Centre()
    centre.net_takes("c9")
    assert [note.state for note in centre.noted(Anomaly)] == ["unknown"]


def test_a_fact_about_an_ended_call_is_late() -> None:
    """Ended calls are remembered by name."""
    centre = Centre()
    centre.enters("c1")
    centre.hangs_up("c1")
    centre.net_takes("c1")
    assert not centre.noted(Anomaly)
    assert [note.fact for note in centre.noted(Late)] == ["CallInSafetyNet"]


# ── everything twice ─────────────────────────────────────────────────────────────────────────


def life(centre: Centre) -> list[Fact]:
    """The facts of one whole life: a miss, a talk, a transfer, the end."""
    call = CallId("c1")
    centre.enters("c1")
    first = centre.attempt("c1")
    told: list[Fact] = [
        OfferBegan(call=call, attempt=first),
        OfferRang(call=call, attempt=first),
        LegEnded(call=call, attempt=first),
        OfferEnded(call=call, attempt=first, end=OfferEnd.NO_ANSWER),
    ]
    for fact in told:
        centre.tell(fact)
    second = centre.attempt("c1")
    rest: list[Fact] = [
        OfferBegan(call=call, attempt=second),
        OfferRang(call=call, attempt=second),
        TalkBegan(call=call, attempt=second),
        CallTransferred(call=call, attempt=second),
        LegEnded(call=call, attempt=second),
        CallInSafetyNet(call=call),
        CallEnded(call=call),
    ]
    for fact in rest:
        centre.tell(fact)
    return [*told, *rest]


@pytest.mark.parametrize("twice", range(11))
def test_a_duplicate_of_any_fact_is_harmless(twice: int) -> None:
    """Each fact of a life told twice: same ends, same states, no anomaly, nothing ordered but a look."""

    class Stutter(Centre):
        count = -1

        def tell(self, fact: Fact):
            super().tell(fact)
            if type(fact).__name__.startswith(("Offer", "Call", "Talk", "Leg")):
                self.count += 1
                if self.count == twice + 1:  # the entry is told by itself
                    again = super().tell(fact)
                    assert all(isinstance(order, LookAgain) for order in again.orders)
            return self.last

    plain, stutter = Centre(agents=["anna", "bruno"]), Stutter(agents=["anna", "bruno"])
    life(plain)
    life(stutter)
    assert not stutter.noted(Anomaly)
    assert stutter.finished("c1") == plain.finished("c1")
    for name in ("anna", "bruno"):
        one, other = stutter.person(name), plain.person(name)
        assert (one.state, one.misses) == (other.state, other.misses)
