"""What the tests of the store are made of."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from acd.core.ids import AgentId, SiteId, SkillId
from acd.core.policy import Agent
from acd.store.records import (
    AuditEntry,
    LedgerRow,
    LineCheck,
    Override,
    OverrideMode,
    Revision,
    RevisionOrigin,
    Role,
    Slot,
    SlotKind,
    SlotPlace,
    TokenRecord,
    TransitionRecord,
)
from acd.store.sql import SqlStore, open_store

DAY_MS = 86_400_000
NOW_MS = 1_700_000_000_000


class HandClock:
    """A clock that a test sets."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.ms = now_ms

    def now_ms(self) -> int:
        return self.ms


def place(file: Path):
    return SimpleNamespace(file=file)


async def opened(file: Path, clock: HandClock | None = None, **more) -> SqlStore:
    return await open_store(place(file), clock or HandClock(), **more)


def agent(number: int, **fields) -> Agent:
    name = f"a{number:04}"
    given = {"site": SiteId("roma"), "endpoint": name, "skills": {SkillId("generale"): 8}} | fields
    return Agent(id=AgentId(name), **given)


def people(count: int) -> tuple[Agent, ...]:
    return tuple(agent(number) for number in range(1, count + 1))


def token(name: str = "desk", **fields) -> TokenRecord:
    given = {
        "id": f"id-{name}",
        "role": Role.OPERATOR,
        "sha256": name.encode().ljust(32, b"."),
        "created_ms": 1,
        "expires_ms": 2_000_000_000_000,
    } | fields
    return TokenRecord(name=name, **given)


def entry(number: int = 0, **fields) -> AuditEntry:
    given = {
        "at_ms": number,
        "who": "token:desk",
        "action": "agent.login",
        "target": f"a{number:04}",
        "result": "done",
    } | fields
    return AuditEntry(**given)


def call(number: int, **fields) -> LedgerRow:
    given = {
        "call": f"pbx1-1700000000.{number}",
        "node": "pbx1",
        "queue": "generale",
        "called": "06164164",
        "caller": "ab12-0123456789abcdef0123456789abcdef",
        "language": "it",
        "province": "RM",
        "priority_class": "",
        "entered_ms": NOW_MS + 1_000 * number,
        "ended_ms": NOW_MS + 1_000 * number + 500,
        "wait_ms": 100,
        "handle_ms": 400,
        "outcome": "answered",
        "path": "primary",
        "site": "roma",
        "office": "",
        "visits": 1,
        "verified": None,
        "code": "",
    } | fields
    return LedgerRow(**given)


def revision(text: str = "queues: {}", **fields) -> Revision:
    given = {
        "number": 0,
        "made_ms": NOW_MS,
        "author": "uid:0",
        "reason": "the ladder of pensions",
        "origin": RevisionOrigin.APPLY,
        "digest": "ab12",
        "files": {"rules/queues.yaml": text, "fallback.yaml": "national: {mode: auto}\n"},
        "disk_digest": "cd34",
    } | fields
    return Revision(**given)


def override(scope: str = "national", **fields) -> Override:
    given = {
        "id": 0,
        "mode": OverrideMode.FORCED_ON,
        "reason": "the platform of the contractor is down",
        "author": "token:desk",
        "from_ms": NOW_MS,
        "until_ms": NOW_MS + 3_600_000,
        "made_ms": NOW_MS,
    } | fields
    return Override(scope=scope, **given)


def step(action: str = "start", **fields) -> TransitionRecord:
    given = {
        "number": 0,
        "at_ms": NOW_MS,
        "phase": "day1",
        "step": 0,
        "automatic": False,
        "author": "token:desk",
        "reason": "all lines were rehearsed",
        "revision": 3,
    } | fields
    return TransitionRecord(action=action, **given)


def line_check(office: str = "bari", number: str = "0805550001", **fields) -> LineCheck:
    given = {"at_ms": NOW_MS, "result": "pressed", "ring_ms": 4_000} | fields
    return LineCheck(office=office, number=number, **given)


def slot(agent: str = "a0001", **fields) -> Slot:
    given = {
        "id": 0,
        "office": "bari",
        "from_ms": NOW_MS,
        "until_ms": NOW_MS + 4 * 3_600_000,
        "kind": SlotKind.OVERTIME,
        "place": SlotPlace.OFFICE,
        "accepted_ms": NOW_MS - 1,
    } | fields
    return Slot(agent=AgentId(agent), **given)
