"""Volunteers' slots over the API: one's own alone, and sums for the others."""

from __future__ import annotations

import msgspec
import pytest

from acd.core.ids import AgentId, OfficeId
from acd.core.policy import Office
from acd.store.records import Slot, SlotKind, SlotPlace
from acd.volunteering.rome import moment_ms
from tests.web.small_centre import NOW_MS, SmallCentre

HOUR_MS = 3_600_000
BEGIN_MS = moment_ms("2026-01-02T09:00")
ROME = Office(id=OfficeId("roma"), name="Roma", province="RM", number="0612345", trunk="trunk", capacity=2)
SLOT = {
    "office": "roma",
    "from_ms": BEGIN_MS,
    "until_ms": BEGIN_MS + 2 * HOUR_MS,
    "kind": "ordinary",
    "place": "office",
}
MINE = "/api/v1/agents/a0001/slots"


@pytest.fixture
def centre(centre: SmallCentre, monkeypatch: pytest.MonkeyPatch) -> SmallCentre:
    """a0001 and a0003 are volunteers, and there is an office."""
    for name in ("a0001", "a0003"):
        centre.agents[AgentId(name)] = msgspec.structs.replace(centre.agents[AgentId(name)], volunteer=True)
    rules = msgspec.structs.replace(centre.rules(), offices={ROME.id: ROME})
    monkeypatch.setattr(centre.slots, "_in_force", lambda: rules)
    return centre


async def test_a_slot_from_its_offer_to_its_withdrawal(client_of, centre):
    """Check, accept, list, withdraw; twice is once."""
    me = client_of("agent")
    checked = await (await me.get(f"{MINE}/check", params=SLOT)).json()
    assert checked == {"acceptable": True, "flags": []}
    accepted = await (await me.post(MINE, json=SLOT)).json()
    assert accepted["slot"]["id"] == 1
    assert accepted["slot"]["withdrawn_ms"] is None
    listed = await (await me.get(MINE)).json()
    assert [slot["id"] for slot in listed["items"]] == [1]
    for _ in range(2):
        withdrawn = await (await me.post(f"{MINE}/1/withdraw")).json()
        assert withdrawn["withdrawn_ms"] == NOW_MS


async def test_a_refused_slot_says_why_before_and_at_acceptance(client_of):
    """In the language asked for."""
    me = client_of("agent")
    wrong = {**SLOT, "kind": "overtime", "place": "home"}
    checked = await (await me.get(f"{MINE}/check", params=wrong)).json()
    assert not checked["acceptable"]
    (flag,) = checked["flags"]
    assert (flag["rule"], flag["refuses"]) == ("home_overtime", True)
    assert flag["sentence"].startswith("Straordinario e lavoro da casa")
    refused = await me.post(f"{MINE}?lang=en", json=wrong)
    told = await refused.json()
    assert (refused.status, told["id"]) == (409, "conflict")
    assert told["detail"].startswith("Overtime and work from home")


async def test_who_is_no_volunteer_has_no_slots(client_of, centre):
    centre.agents[AgentId("a0001")] = msgspec.structs.replace(
        centre.agents[AgentId("a0001")], volunteer=False
    )
    refused = await client_of("agent").post(MINE, json=SLOT)
    assert refused.status == 409
    assert "for volunteers of the offices" in (await refused.json())["detail"]


async def test_nobody_else_sees_them_an_admin_neither(client_of):
    """And another's slot cannot be withdrawn by its number."""
    await client_of("agent").post(MINE, json=SLOT)
    for other in ("other-agent", "operator", "admin"):
        assert (await client_of(other).get(MINE)).status == 403
    stranger = client_of("other-agent")
    assert (await stranger.post("/api/v1/agents/a0003/slots/1/withdraw")).status == 404
    assert (await stranger.post("/api/v1/agents/a0003/slots/x1/withdraw")).status == 404


async def test_the_audit_names_nobody(client_of, centre):
    """A list of who opted in would be one of who did not."""
    await client_of("agent").post(MINE, json=SLOT)
    await client_of("agent").post(f"{MINE}/1/withdraw")
    entries = [entry for entry in centre.small_store.entries if entry.action.startswith("slot.")]
    assert {(entry.who, entry.target, entry.detail) for entry in entries} == {("agent", "self", "")}
    assert [entry.action for entry in entries] == ["slot.accept", "slot.withdraw"]


async def test_what_is_over_is_confirmed_and_added_up(client_of, centre):
    me = client_of("agent")
    await me.post(MINE, json=SLOT)
    assert (await me.post(f"{MINE}/1/confirm")).status == 409
    centre.clock.ms = BEGIN_MS + 3 * HOUR_MS
    assert (await (await me.post(f"{MINE}/1/confirm")).json())["confirmed_ms"] == centre.clock.ms
    told = await (await me.get(f"{MINE}/totals", params={"month": "2026-01"})).json()
    assert told["items"] == [
        {
            "kind": "ordinary",
            "place": "office",
            "slots": 1,
            "counted_ms": 2 * HOUR_MS,
            "confirmed_ms": 2 * HOUR_MS,
        }
    ]
    table = await me.get("/api/v1/agents/a0001/slots.csv", params={"month": "2026-01"})
    assert table.content_type == "text/csv"
    assert "total,,,ordinary,office,2.00,yes" in await table.text()


def worked(number: int, office: str) -> Slot:
    """Four hours of somebody's in December."""
    begin_ms = moment_ms("2025-12-10T09:00")
    return Slot(
        id=number,
        agent=AgentId(f"v{number}"),
        office=office,
        from_ms=begin_ms,
        until_ms=begin_ms + 4 * HOUR_MS,
        kind=SlotKind.ORDINARY,
        place=SlotPlace.OFFICE,
        accepted_ms=0,
    )


async def test_sums_of_large_groups_only(client_of, centre):
    """Hours of each office, small ones together; of a month that is over."""
    centre.small_store.kept_slots = [worked(n, "roma" if n < 12 else f"o{n % 3}") for n in range(30)]
    told = await (await client_of("operator").get("/api/v1/volunteers/hours?month=2025-12")).json()
    assert told["offices"] == [
        {"office": "roma", "counted_ms": 48 * HOUR_MS},
        {"office": "other", "counted_ms": 72 * HOUR_MS},
    ]
    assert told["kinds"] == [
        {"kind": "ordinary", "place": "office", "counted_ms": 120 * HOUR_MS, "confirmed_ms": 0}
    ]
    running = await client_of("operator").get("/api/v1/volunteers/hours?month=2026-01")
    assert running.status == 409


async def test_nobody_logs_a_volunteer_in_or_learns_whether_they_could(client_of, centre):
    """The sentence is the same whether they are opted in or not, alone and among many."""
    operator = client_of("operator")
    refused = await operator.post("/api/v1/agents/a0001/login")
    assert refused.status == 409
    assert "log in themselves" in (await refused.json())["detail"]
    many = await (await operator.post("/api/v1/agents/login", json={"agents": ["a0001", "a0002"]})).json()
    assert [(item["agent"], bool(item["refused"])) for item in many["items"]] == [
        ("a0001", True),
        ("a0002", False),
    ]
    assert (await client_of("agent").post("/api/v1/agents/a0001/login")).status == 200
