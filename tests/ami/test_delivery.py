"""Orders to actions: one packet, conditional kicks repeated, nothing ever aimed at no bridge."""

from __future__ import annotations

import random

import pytest

from acd.ami.delivery import Delivery
from acd.ami.hardened import Outcome, Reply, Then
from acd.ami.offset import ClockOffset
from acd.ami.picture import Directory, Picture
from acd.ami.wire import Action, Message, encode
from acd.core.facts import CallLookedAt, Fact, OrderFailed, Stage
from acd.core.orders import (
    AnswerAsker,
    LookAgain,
    OfferCall,
    PassOn,
    Say,
    SendToNet,
    StopSaying,
    TargetKind,
    WithdrawOffer,
)
from acd.errors import ActionRefused, ActionUnknown, AsteriskUnreachable
from tests.ami.fake import NOW_MS, StandingClock
from tests.ami.rules import ROSTER, RULES

DONE = Reply(Message({"Response": "Success"}), [])
CALL = "7.1"
ATTEMPT = "0000000007-00000001"


class Desk:
    """A delivery whose packets are kept and whose outcomes we decide."""

    def __init__(self) -> None:
        self.offset = ClockOffset()
        self.offset.offset_ms = 2_000
        self.packets: list[list[Action]] = []
        self.thens: list[Then] = []
        self.facts: list[Fact] = []
        self.up = True
        self.clock = StandingClock()
        self.picture = Picture()
        self.delivery = Delivery(
            self,
            picture=lambda: self.picture,
            directory=lambda: Directory(RULES, ROSTER),
            inbox=self,
            clock=self.clock,
            epoch=7,
            entered_ms=lambda t0: int(t0 or 0),
        )

    def put(self, fact: Fact) -> None:
        """Take a fact."""
        self.facts.append(fact)

    def submit(self, *asks: tuple[Action, Then], deadline_s: float = 0.0) -> None:
        """Encode as the link would, and keep."""
        if not self.up:
            raise AsteriskUnreachable("There is no connection; nothing was sent.")
        for action, _ in asks:
            encode(action, "a/1")
        self.packets.append([action for action, _ in asks])
        self.thens += [then for _, then in asks]

    def answer(self, outcome: Outcome, index: int = -1) -> None:
        """Decide the outcome of an action sent."""
        self.thens[index](outcome)

    def hold(self, bridge: str) -> None:
        """The caller enters a waiting step."""
        self.picture.caller(CALL).holding = bridge
        self.delivery.held(CALL)

    def kicks(self) -> list[str]:
        """The bridges kicked at, in order."""
        return [
            dict(action.headers)["BridgeUniqueid"]
            for packet in self.packets
            for action in packet
            if action.name == "BridgeKick"
        ]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def offer(**other: object) -> OfferCall:
    usual = {"kind": TargetKind.AGENT, "target": "a0001", "via": "", "ring_s": 20}
    usual |= {"call": CALL, "node": "n1", "attempt": ATTEMPT, "not_after_ms": NOW_MS + 3_400}
    return OfferCall(**(usual | other))


def line(number: str = "+390612345", **other: object) -> OfferCall:
    """An order to the office of Rome, which carries two calls."""
    counted = {"kind": TargetKind.LINE, "via": "trunk", "group": "roma", "group_max": 2}
    return offer(target=number, **(counted | other))


def written(desk: Desk) -> str:
    """The last order on the wire."""
    return dict(desk.packets[-1][0].headers)["Value"]


MISSED = ActionRefused("Bridge not found")


def test_order_and_kick_leave_in_one_packet(desk: Desk):
    desk.hold("b1")
    desk.delivery.offer(offer())
    setvar, kick = desk.packets[0]
    not_after_s = (NOW_MS - 2_000 + 3_400) // 1000
    assert setvar == Action.of(
        "Setvar", Channel=CALL, Variable="ACD_ORDER", Value=f"{ATTEMPT}/7/agent/a0001/-/20/{not_after_s}"
    )
    assert kick == Action.of("BridgeKick", BridgeUniqueid="b1", Channel=CALL)


def test_a_line_names_its_number_its_trunk_and_what_it_is_counted_under(desk: Desk):
    desk.delivery.offer(line())
    assert "/line/+390612345/trunk/20/" in written(desk)
    assert written(desk).endswith("/roma/2/-")


def test_a_line_that_must_press_hears_the_prompt_of_the_rules_or_asterisks_own_words(desk: Desk):
    desk.delivery.offer(line(confirm=True, sounds=("acd/it/prema-1",)))
    assert written(desk).endswith("/roma/2/acd.it.prema-1")
    desk.delivery.offer(line(confirm=True))
    assert written(desk).endswith("/roma/2/vm-press+digits.1")


def test_a_sound_that_could_be_something_else_ends_the_order(desk: Desk):
    desk.delivery.offer(line(confirm=True, sounds=("acd/it/prema-1)U(x",)))
    assert not desk.packets


def test_a_phone_that_answers_by_itself_is_asked_to_and_an_office_never_is(desk: Desk):
    desk.delivery.offer(offer(auto_answer=True))
    desk.delivery.offer(line("06", auto_answer=True))
    orders = [dict(packet[0].headers)["Value"] for packet in desk.packets]
    assert "/agent/a0001/auto/20/" in orders[0]
    assert "/line/06/trunk/20/" in orders[1]


def test_the_net_is_an_order_too(desk: Desk):
    desk.delivery.net(SendToNet(call=CALL, node="n1", attempt=ATTEMPT, not_after_ms=NOW_MS + 3_000))
    assert "/7/net/-/-/1/" in dict(desk.packets[0][0].headers)["Value"]


def test_with_no_bridge_known_only_the_order_is_written_and_the_next_step_is_kicked(desk: Desk):
    desk.delivery.offer(offer())
    assert [action.name for action in desk.packets[0]] == ["Setvar"]
    desk.hold("b2")
    assert desk.kicks() == ["b2"]


def test_a_missed_kick_is_repeated_at_the_callers_next_step(desk: Desk):
    desk.hold("b1")
    desk.delivery.offer(offer())
    desk.answer(MISSED)
    assert desk.kicks() == ["b1"], "never twice at the same bridge"
    desk.hold("b2")
    assert desk.kicks() == ["b1", "b2"]


def test_a_missed_kick_is_repeated_at_once_when_the_newer_bridge_is_known(desk: Desk):
    desk.hold("b1")
    desk.delivery.offer(offer())
    desk.picture.caller(CALL).holding = "b2"
    desk.answer(MISSED)
    assert desk.kicks() == ["b1", "b2"]


def test_an_order_taken_up_or_ended_is_not_kicked_again(desk: Desk):
    for over in (desk.delivery.began, desk.delivery.ended):
        desk.hold("b1")
        desk.delivery.offer(offer())
        over(CALL, ATTEMPT)
        desk.answer(MISSED)
        desk.hold("b2")
    assert desk.kicks() == ["b1", "b1"]


def test_the_end_of_another_attempt_changes_nothing(desk: Desk):
    desk.delivery.offer(offer())
    desk.delivery.ended(CALL, "0000000007-00000000")
    desk.hold("b2")
    assert desk.kicks() == ["b2"]


def test_a_caller_who_is_gone_is_not_kicked(desk: Desk):
    desk.delivery.offer(offer())
    desk.delivery.gone(CALL)
    desk.hold("b2")
    assert desk.kicks() == []


def test_after_its_expiry_an_order_is_not_kicked(desk: Desk):
    desk.delivery.offer(offer())
    desk.clock.ms = NOW_MS + 3_401
    desk.hold("b2")
    assert desk.kicks() == []


def test_nothing_under_way_survives_the_link(desk: Desk):
    desk.delivery.offer(offer())
    desk.delivery.withdraw(WithdrawOffer(call="7.9", node="n1", attempt=ATTEMPT))
    desk.delivery.forget()
    desk.hold("b2")
    desk.delivery.resumed()
    assert len(desk.packets) == 1


def test_no_random_life_ever_makes_a_kick_without_a_bridge(desk: Desk):
    """``Desk.submit`` encodes, and encoding refuses an empty bridge: nothing may raise or aim at none."""
    draw = random.Random(5)
    for n in range(3_000):
        match draw.randrange(7):
            case 0:
                desk.delivery.offer(offer(attempt=f"0000000007-{n:08}"))
            case 1:
                desk.hold(f"b{n}")
            case 2:
                desk.picture.caller(CALL).holding = ""
            case 3 if desk.thens:
                desk.answer(MISSED, draw.randrange(len(desk.thens)))
            case 4:
                desk.delivery.held(CALL)
            case 5:
                desk.delivery.resumed()
            case _:
                desk.delivery.gone(CALL)
    assert desk.kicks()
    assert all(desk.kicks())


@pytest.mark.parametrize(
    ("outcome", "unknown"), [(ActionRefused("No such channel"), False), (ActionUnknown("no answer"), True)]
)
def test_an_order_that_could_not_be_written_is_told_and_forgotten(
    desk: Desk, outcome: Outcome, unknown: bool
):
    desk.delivery.offer(offer())
    desk.answer(outcome)
    assert desk.facts == [OrderFailed(call=CALL, attempt=ATTEMPT, unknown=unknown, why=str(outcome))]
    desk.hold("b2")
    assert desk.kicks() == []


@pytest.mark.parametrize("target", ["a0001/7", "a&b", "", "a 1", "a\r\n", "Ž"])
def test_a_target_no_order_may_hold_is_refused_without_sending(desk: Desk, target: str):
    desk.delivery.offer(offer(target=target))
    assert desk.packets == []
    assert isinstance(desk.facts[0], OrderFailed)
    assert not desk.facts[0].unknown


def test_without_a_link_an_offer_fails_and_the_rest_is_silent(desk: Desk):
    desk.up = False
    desk.delivery.offer(offer())
    desk.delivery.look(LookAgain(call=CALL, node="n1"))
    desk.delivery.answer(AnswerAsker(node="n1", channel="7.9", done=True))
    assert [type(fact) for fact in desk.facts] == [OrderFailed]


def bind(desk: Desk, leg: str = "7.2") -> None:
    caller = desk.picture.caller(CALL)
    caller.begin(ATTEMPT, "a0001")
    caller.leg = leg
    desk.delivery.bound(CALL)


WITHDRAWAL = [
    Action.of("Setvar", Channel=CALL, Variable="ACD_WD", Value=ATTEMPT),
    Action.of("Hangup", Channel="7.2", Cause=26),
]


def test_a_withdrawal_says_what_it_means_and_then_hangs_up_the_exact_leg(desk: Desk):
    bind(desk)
    desk.delivery.withdraw(WithdrawOffer(call=CALL, node="n1", attempt=ATTEMPT))
    assert desk.packets == [WITHDRAWAL]


def test_a_withdrawal_before_the_leg_is_known_waits_for_it(desk: Desk):
    desk.delivery.offer(offer())
    desk.delivery.withdraw(WithdrawOffer(call=CALL, node="n1", attempt=ATTEMPT))
    desk.hold("b2")
    assert desk.kicks() == [], "an order taken back is not pushed any more"
    bind(desk)
    assert desk.packets[1:] == [WITHDRAWAL]
    desk.delivery.bound(CALL)
    assert desk.packets[2:] == [], "once"


def test_a_withdrawal_of_an_attempt_that_is_over_hangs_up_nobody(desk: Desk):
    desk.delivery.withdraw(WithdrawOffer(call=CALL, node="n1", attempt=ATTEMPT))
    desk.delivery.ended(CALL, ATTEMPT)
    bind(desk)
    assert desk.packets == []


def say(*sounds: str, **other: object) -> Say:
    usual = {"call": CALL, "node": "n1", "attempt": ATTEMPT, "not_after_ms": NOW_MS + 3_400}
    return Say(**(usual | {"sounds": sounds} | other))


def test_a_prompt_is_an_order_and_kicked_like_one(desk: Desk):
    desk.hold("b1")
    desk.delivery.say(say("acd/de/consenso-italiano", "digits/1"))
    value = dict(desk.packets[0][0].headers)["Value"]
    assert f"{ATTEMPT}/7/say/acd.de.consenso-italiano+digits.1/-/-/" in value
    assert desk.kicks() == ["b1"]
    desk.delivery.say(say("acd/it/closed", then_hang_up=True))
    assert "/7/bye/acd.it.closed/-/-/" in dict(desk.packets[1][0].headers)["Value"]


@pytest.mark.parametrize("sound", ["a.b", "a+b", "../../etc/passwd", "a//b", "/a", "a/", "", "ž", "a b"])
def test_what_is_no_name_of_a_sound_is_refused_without_sending(desk: Desk, sound: str):
    desk.delivery.say(say("beep", sound))
    desk.delivery.say(say())
    assert desk.packets == []
    assert [(fact.attempt, fact.unknown) for fact in desk.facts] == [(ATTEMPT, False)] * 2


STOP = StopSaying(call=CALL, node="n1", attempt=ATTEMPT)
HUSHED = [
    Action.of("Setvar", Channel=CALL, Variable="ACD_WD", Value=ATTEMPT),
    Action.of("ControlPlayback", Channel=CALL, Control="stop"),
]


def test_a_prompt_that_is_heard_is_ended_at_once(desk: Desk):
    desk.picture.caller(CALL).hears = ATTEMPT
    desk.delivery.stop(STOP)
    assert desk.packets == [HUSHED]


def test_a_prompt_that_has_not_begun_is_ended_when_it_does_and_only_that_one(desk: Desk):
    desk.delivery.stop(STOP)
    assert desk.packets == []
    desk.delivery.began(CALL, ATTEMPT)
    assert desk.packets == [HUSHED]
    desk.delivery.began(CALL, ATTEMPT)
    for over in (desk.delivery.ended, desk.delivery.began):
        desk.delivery.stop(STOP)
        over(CALL, ATTEMPT if over == desk.delivery.ended else "0000000007-00000002")
        desk.delivery.began(CALL, ATTEMPT)
    desk.delivery.stop(STOP)
    desk.delivery.gone(CALL)
    desk.delivery.began(CALL, ATTEMPT)
    assert desk.packets == [HUSHED]


def test_an_offer_to_who_hears_a_prompt_is_written_without_a_kick_and_kicked_if_it_comes_too_late(desk: Desk):
    desk.hold("b1")
    desk.picture.caller(CALL).holding, desk.picture.caller(CALL).hears = "", ATTEMPT
    desk.delivery.offer(offer(attempt="0000000007-00000002"))
    desk.delivery.stop(STOP)
    assert [[action.name for action in packet] for packet in desk.packets] == [
        ["Setvar"],
        ["Setvar", "ControlPlayback"],
    ]
    desk.delivery.ended(CALL, ATTEMPT)
    desk.hold("b2")
    assert desk.kicks() == ["b2"]


def pass_on(to: str = "q-pensioni") -> PassOn:
    return PassOn(call=CALL, node="n1", attempt=ATTEMPT, to=to)


@pytest.mark.parametrize("to", ["q-pensioni", "o-roma"])
def test_a_caller_is_passed_on_by_the_leg_they_talk_with(desk: Desk, to: str):
    bind(desk)
    desk.delivery.pass_on(pass_on(to))
    assert desk.packets == [[Action.of("BlindTransfer", Channel="7.2", Exten=to, Context="acd-xfer")]]
    desk.answer(DONE)
    assert desk.facts == []


@pytest.mark.parametrize("to", ["800", "a0002", "q-", "q-A", "q-a/b", "o-x\r\n", "x-roma", ""])
def test_nobody_is_passed_on_but_to_a_queue_or_an_office(desk: Desk, to: str):
    bind(desk)
    desk.delivery.pass_on(pass_on(to))
    assert desk.packets == []
    assert [(fact.attempt, fact.unknown) for fact in desk.facts] == [(ATTEMPT, False)]


@pytest.mark.parametrize(
    ("outcome", "unknown"), [(ActionRefused("No such channel"), False), (ActionUnknown("no answer"), True)]
)
def test_a_caller_who_was_not_passed_on_is_told_of(desk: Desk, outcome: Outcome, unknown: bool):
    bind(desk)
    desk.delivery.pass_on(pass_on())
    desk.answer(outcome)
    assert desk.facts == [OrderFailed(call=CALL, attempt=ATTEMPT, unknown=unknown, why=str(outcome))]


def test_without_a_leg_or_a_link_nobody_is_passed_on(desk: Desk):
    desk.delivery.pass_on(pass_on())
    desk.up = False
    bind(desk)
    desk.delivery.pass_on(pass_on())
    assert [type(fact) for fact in desk.facts] == [OrderFailed, OrderFailed]
    assert desk.packets == []


def test_looking_again_tells_what_is_there(desk: Desk):
    desk.delivery.look(LookAgain(call=CALL, node="n1"))
    rows = Message.parse(
        b"Event: Status\r\nUniqueid: 7.1\r\nVariable: ACD_STATE=talk\r\nVariable: ACD_ATT=a1\r\n"
        b"Variable: ACD_T0=5\r\nVariable: ACD_QUEUE=generale\r\nVariable: ACD_PROV=(null)"
    )
    desk.answer(Reply(Message({}), [rows]))
    looked = desk.facts[0]
    assert isinstance(looked, CallLookedAt)
    assert looked.seen is not None
    assert (looked.seen.stage, looked.seen.attempt, looked.seen.entered_ms) == (Stage.TALKING, "a1", 5)
    assert (looked.seen.province, looked.seen.language) == ("", "it")


def test_looking_at_a_call_that_is_gone_says_so_and_an_unknown_look_says_nothing(desk: Desk):
    desk.delivery.look(LookAgain(call=CALL, node="n1"))
    desk.answer(ActionUnknown("no answer"))
    assert desk.facts == []
    desk.answer(ActionRefused("No such channel"))
    assert desk.facts == [CallLookedAt(call=CALL, seen=None)]


def test_the_asker_hears_its_tone(desk: Desk):
    desk.delivery.answer(AnswerAsker(node="n1", channel="7.9", done=True))
    desk.delivery.answer(AnswerAsker(node="n1", channel="7.9", done=False))
    replies = [dict(packet[0].headers) for packet in desk.packets]
    assert [reply["Value"] for reply in replies] == ["ok", "no"]
    assert {reply["Variable"] for reply in replies} == {"ACD_REPLY"}
