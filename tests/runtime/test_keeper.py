"""What must outlive the process is told to the store once, without a person or a number in it."""

from __future__ import annotations

import msgspec

from acd.core.facts import DeadlineReached, Session
from acd.core.ids import AgentId, CallId, NodeId, OutcomeCodeId, QueueId, SiteId
from acd.core.notes import CallFinished, CallJudged, MenuLeft, Outcome, Path, ServiceLevel
from acd.core.orders import SetNetMember
from acd.runtime.keeper import LEFT_IN_MENU, StoreKeeper
from acd.store.records import LedgerRow

CALL = CallId("ast1-1.1")


class Told:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.sessions: list[tuple[AgentId, Session | None]] = []
        self.calls: list[LedgerRow] = []
        self.codes: list[tuple[str, str]] = []

    def tell_session(self, agent: AgentId, session: Session | None) -> None:
        self.sessions.append((agent, session))

    def tell_call(self, row: LedgerRow) -> None:
        self.calls.append(row)

    def tell_code(self, call: str, code: str) -> None:
        self.codes.append((call, code))


def keep(*, orders=(), notes=()) -> Told:
    told = Told()
    StoreKeeper(told).observe(DeadlineReached(), orders, notes, 0.0)  # type: ignore[arg-type]  # only what it uses
    return told


def member(**changes) -> SetNetMember:
    given = {"agent": AgentId("a0001"), "endpoint": "rm0042", "languages": ("it",), "logged_in": True}
    return SetNetMember(**(given | {"paused": False} | changes))


def test_logins_and_pauses_follow_the_net_on_the_phone_they_are_at():
    """Three changes, three tellings; a logout leaves nothing behind."""
    told = keep(
        orders=[member(), member(paused=True, reason="pausa"), member(logged_in=False)],
    )
    assert told.sessions == [
        (AgentId("a0001"), Session(agent=AgentId("a0001"), phone="rm0042")),
        (AgentId("a0001"), Session(agent=AgentId("a0001"), phone="rm0042", paused=True, reason="pausa")),
        (AgentId("a0001"), None),
    ]


def test_a_member_of_the_net_that_is_nobodys_is_no_login():
    """What the engine removes from the net without knowing a person says nothing of a person."""
    assert keep(orders=[member(agent=AgentId(""), logged_in=False)]).sessions == []


def test_a_call_is_told_at_its_end_with_everything_the_ledger_holds():
    """Every field of the row comes from the note; none is left at its default by mistake."""
    note = CallFinished(
        call=CALL,
        queue=QueueId("pensioni"),
        outcome=Outcome.ANSWERED,
        path=Path.PRIMARY,
        wait_ms=1,
        handle_ms=2,
        site=SiteId("roma"),
        node="ast1",
        entered_ms=3,
        ended_ms=4,
        language="de",
        province="BZ",
        called="803164",
        caller="ab-cd",
        priority_class="fragili",
        visits=2,
        verified=True,
        code="risolta",
        level=ServiceLevel.MISSED,
    )
    (row,) = keep(notes=[note]).calls
    assert msgspec.structs.asdict(row) == {
        "call": CALL,
        "node": "ast1",
        "queue": "pensioni",
        "called": "803164",
        "caller": "ab-cd",
        "language": "de",
        "province": "BZ",
        "priority_class": "fragili",
        "entered_ms": 3,
        "ended_ms": 4,
        "wait_ms": 1,
        "handle_ms": 2,
        "outcome": "answered",
        "path": "primary",
        "site": "roma",
        "office": "",
        "visits": 2,
        "verified": True,
        "code": "risolta",
        "level": "missed",
    }


def test_no_row_can_name_a_person():
    """The ledger's row has no field for an agent."""
    assert not [field for field in LedgerRow.__struct_fields__ if "agent" in field]


def test_a_caller_who_leaves_in_the_menu_has_a_row_too():
    """No call leaves no trace."""
    note = MenuLeft(call=CALL, node=NodeId("ast1"), called="06164164", arrived_ms=5, left_ms=9)
    (row,) = keep(notes=[note]).calls
    assert (row.outcome, row.called, row.entered_ms, row.ended_ms) == (LEFT_IN_MENU, "06164164", 5, 9)


def test_a_code_said_after_the_end_finds_its_call():
    """The agent codes in wrap-up, when the row is already told."""
    note = CallJudged(call=CALL, queue=QueueId("pensioni"), code=OutcomeCodeId("risolta"))
    assert keep(notes=[note]).codes == [(CALL, "risolta")]


def test_a_service_level_that_the_process_before_us_counted_is_kept():
    """The engine's own word comes first; what it does not know is asked of who counts the day."""
    told = Told()
    keeper = StoreKeeper(told, {"1": "met", "2": "missed"}.get)  # type: ignore[arg-type]  # only what it uses
    for call, level in (("1", None), ("2", ServiceLevel.MET)):
        ended = CallFinished(
            call=CallId(call),
            queue=QueueId("generale"),
            outcome=Outcome.ANSWERED,
            path=Path.PRIMARY,
            wait_ms=5,
            level=level,
        )
        keeper.observe(DeadlineReached(), (), (ended,), 0.0)
    assert [row.level for row in told.calls] == ["met", "met"]
