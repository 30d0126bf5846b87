"""The API over the real store: tokens, audit and ledger outlive the process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace

from acd.rules.settings import StoreSettings
from acd.store.sql import SqlStore, open_store
from acd.web.app import build_api
from acd.web.bearers import Bearers
from tests.web.conftest import SECRET, bearing, machines
from tests.web.small_centre import NOW_MS, HandClock, SmallCentre
from tests.web.small_store import ended


@pytest.fixture
async def store(tmp_path: Path, clock: HandClock) -> AsyncIterator[SqlStore]:
    """A store on a disk."""
    it = await open_store(StoreSettings(file=tmp_path / "acd.sqlite"), clock)
    yield it
    await it.close()


def serving(store: SqlStore, clock: HandClock) -> TestClient:
    """A new process over the store."""
    app = build_api(SmallCentre(store), Bearers(machines()), clock=clock)
    return TestClient(TestServer(app), headers=bearing(SECRET))


async def test_a_token_made_before_a_restart_opens_after_it_and_a_revoked_one_does_not(store, clock):
    """Tokens are read when the API starts."""
    secrets = {}
    async with serving(store, clock) as client:
        for name in ("stays", "goes"):
            made = await client.post("/api/v1/tokens", json={"name": name, "role": "viewer"})
            secrets[name] = await made.json()
        gone = secrets["goes"]["token"]["id"]
        assert (await client.delete(f"/api/v1/tokens/{gone}")).status == 200
    async with serving(store, clock) as client:
        for name, status in (("stays", 200), ("goes", 401)):
            headers = bearing(secrets[name]["secret"])
            assert (await client.get("/api/v1/summary", headers=headers)).status == status
        listed = await (await client.get("/api/v1/tokens?limit=1")).json()
        rest = await (await client.get("/api/v1/tokens", params={"after": listed["next"]})).json()
        names = [one["name"] for page in (listed, rest) for one in page["items"]]
        assert sorted(names) == ["goes", "stays"]


async def test_writes_are_in_the_chain_and_the_chain_is_whole(store, clock):
    """What was done and refused, in order, each with the hash of the one before."""
    async with serving(store, clock) as client:
        await client.post("/api/v1/agents/a0001/login")
        await client.post("/api/v1/agents/nobody/login")
        rows = (await (await client.get("/api/v1/audit")).json())["items"]
        assert [row["entry"]["result"] for row in rows] == ["done", "refused: not-found"]
        assert rows[1]["previous"] == rows[0]["digest"]
        verdict = await (await client.get("/api/v1/audit/verify")).json()
        assert (verdict["entries"], verdict["broken_at"]) == (3, None)


async def test_the_ledger_is_paged_by_the_store(store, clock):
    """Cursor by cursor, each call once."""
    for n in range(7):
        store.tell_call(ended(f"ast1-2.{n}", NOW_MS + n // 2))
    await store.flush()
    async with serving(store, clock) as client:
        found, after = [], ""
        while after is not None:
            query = {"limit": "3", **({"after": after} if after else {})}
            body = await (await client.get("/api/v1/ledger", params=query)).json()
            found += [row["call"] for row in body["items"]]
            after = body["next"]
    assert found == [f"ast1-2.{n}" for n in range(7)]


@pytest.mark.parametrize("after", ["99999999999999999999/x", "x", "1", "1/", "/1", "1/\x00", "1/%"])
async def test_an_odd_cursor_is_no_defect(store, clock, after):
    """Whatever a client hands in as a cursor, the store answers or says it is none."""
    async with serving(store, clock) as client:
        for path in ("ledger", "audit", "tokens"):
            answer = await client.get(f"/api/v1/{path}", params={"after": after})
            assert answer.status in {200, 400, 410}, (path, after, await answer.text())


async def test_a_report_is_made_of_the_ledger(store, clock):
    """Every figure with its denominator; how few people work is hidden, for nobody is in the roster."""
    for n in range(7):
        row = ended(f"ast1-3.{n}", NOW_MS + 60_000)
        row = replace(row, entered_ms=NOW_MS + n, level="met", wait_ms=2_000)
        store.tell_call(row)
    await store.flush()
    query = {"from_day": "2026-01-01", "to_day": "2026-01-01"}
    async with serving(store, clock) as client:
        made = await (await client.get("/api/v1/reports/sla", params=query)).json()
        assert made["total"]["counts"]["offered"] == 7
        assert made["total"]["raw"]["level"] == {"good": 7, "of": 7, "ratio": 1.0}
        assert (made["headline"], made["total"]["raw"]["goal"], made["total"]["hidden"]) == (
            "early_abandons_excluded",
            None,
            True,
        )
        assert [one["measure"] for one in made["levels"]][-1] == "answered_share"
        by_half_hour = await (await client.get("/api/v1/reports/interval", params=query)).json()
        assert [line["key"] for line in by_half_hour["half_hours"]] == [str(NOW_MS)]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("week", "from_day=2026-01-01&to_day=2026-01-01", 404),
        ("day", "from_day=2026-01-01", 400),
        ("day", "from_day=2026-01-32&to_day=2026-02-01", 400),
        ("day", "from_day=2474-01-01&to_day=2474-01-01", 400),
        ("day", "from_day=2026-01-02&to_day=2026-01-01", 422),
        ("interval", "from_day=2026-01-01&to_day=2026-03-01", 422),
        ("day", "from_day=2026-01-01&to_day=2026-01-01&queue=nobody-knows", 404),
    ],
)
async def test_a_report_that_cannot_be_made_is_refused_in_a_sentence(store, clock, path, query, status):
    """Not an empty one."""
    async with serving(store, clock) as client:
        answer = await client.get(f"/api/v1/reports/{path}?{query}")
        assert answer.status == status
        assert (await answer.json())["detail"]
