"""The transition over the API: steps, refusals, rehearsals, the forecast, and what the audit keeps."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from acd.core.ids import SiteId
from acd.store.records import LineCheck
from acd.transition.rehearsing import LineResult, Trial, Tried
from tests.web.conftest import bearing, secret_of
from tests.web.small_centre import NOW_MS

WHY = "come deciso stamattina"
ROUTE = "/api/v1/transition"


class Callee:
    """Answers and presses, when the test lets it."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()

    async def try_line(self, trial: Trial) -> Tried:
        await self.go_on.wait()
        return Tried(result=LineResult.PRESSED, ring_ms=700)


async def move(client: Any, word: str, bearer: str = "operator", **more: Any) -> tuple[int, dict[str, Any]]:
    body = {"move": word, "reason": WHY, **more}
    answer = await client.post(ROUTE, json=body, headers=bearing(secret_of(bearer)))
    return answer.status, await answer.json()


async def test_a_step_is_in_force_and_audited_when_it_is_answered(stranger, centre):
    status, told = await move(stranger, "start", force=True)
    assert (status, told["here"]["phase"], told["number"]) == (200, "uffici", 1)
    assert centre.fallback().told().on
    _, told = await move(stranger, "next", seen=1)
    assert told["here"]["shares"]["roma"] == 10
    assert centre.fallback().told().shares[SiteId("roma")] == 10
    entries = [each for each in centre.small_store.entries if each.action == "transition.move"]
    assert [(each.target, each.result) for each in entries] == [
        ("uffici step 0", "done"),
        ("rientro step 0", "done"),
    ]
    assert entries[0].detail == f"forced: {WHY}"


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"move": "start", "reason": WHY}, 409, "none was ever tried"),
        ({"move": "start", "reason": "boh"}, 400, "10"),
        ({"move": "start"}, 400, "reason"),
        ({"move": "jump", "reason": WHY}, 400, "move"),
        ({"move": "back", "reason": WHY}, 409, "does not run"),
        ({"move": "start", "reason": WHY, "force": True, "seen": 4}, 409, "moved meanwhile"),
        ({"move": "start", "reason": WHY, "force": True, "phase": "no"}, 404, "no phase 'no'"),
        ({"move": "back", "reason": WHY, "force": True}, 409, "Only a start"),
    ],
)
async def test_each_refusal_says_what_can_be_done(stranger, centre, body: Any, status: int, told: str):
    answer = await stranger.post(ROUTE, json=body, headers=bearing(secret_of("operator")))
    assert answer.status == status
    assert told in (await answer.json())["detail"]
    assert centre.transition().standing().number == 0


async def test_a_token_with_sites_moves_nothing(stranger, centre):
    status, told = await move(stranger, "start", "admin-bari", force=True)
    assert (status, told["id"]) == (403, "forbidden")
    assert centre.transition().standing().number == 0


async def test_the_lines_decide_whether_a_start_is_allowed(stranger, centre):
    await centre.small_store.put_line_checks(
        [LineCheck(office="aosta", number="0165", at_ms=NOW_MS, result="pressed", ring_ms=1)]
    )
    assert (await move(stranger, "start"))[0] == 200


async def test_a_rehearsal_begins_is_looked_at_and_stopped(stranger, centre):
    callee = Callee()
    centre.triers.append(callee)
    headers = bearing(secret_of("operator"))
    begun = await (await stranger.post("/api/v1/rehearsal", json={"missing": False}, headers=headers)).json()
    assert (begun["running"], begun["to_try"]) == (True, 1)
    again = await stranger.post("/api/v1/rehearsal", json={"missing": False}, headers=headers)
    assert (again.status, (await again.json())["id"]) == (409, "conflict")
    await asyncio.sleep(0.05)
    seen = await (await stranger.get("/api/v1/rehearsal", headers=headers)).json()
    assert seen["calling"] == ["0165"]
    stopping = asyncio.create_task(stranger.delete("/api/v1/rehearsal", headers=headers))
    await asyncio.sleep(0.05)
    assert not stopping.done(), "the call under way is heard to its end"
    callee.go_on.set()
    ended = await (await stopping).json()
    assert (ended["running"], ended["lines"][0]["result"], ended["readiness"]["why_not"]) == (
        False, "pressed", "",
    )  # fmt: skip


async def test_a_forecast_is_made_of_the_ledger(stranger, centre):
    headers = bearing(secret_of("supervisor"))
    answer = await stranger.get(
        "/api/v1/forecast", params={"change": "start", "half_hours": "4"}, headers=headers
    )
    told = await answer.json()
    assert (answer.status, told["hours"]) == (200, 2.0)
    off = {"change": "fallback_off", "scope": "office:aosta"}
    told = await (await stranger.get("/api/v1/forecast", params=off, headers=headers)).json()
    assert told["out_of_reach"] == ["AO"]
    nothing = await stranger.get("/api/v1/forecast", params={"change": "back"}, headers=headers)
    assert nothing.status == 409


async def test_no_number_of_agents_is_told(stranger, centre):
    """Three people in Rome: the guards and the forecast speak of sums."""
    text = await (await stranger.get(ROUTE, headers=bearing(secret_of("supervisor")))).text()
    assert "agents" not in text
