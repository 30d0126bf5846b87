"""The profile, removing by hand, and the sheet for those whom it concerns."""

from __future__ import annotations

import pytest

from acd.rules.privacy import Agreement, Privacy, Retention
from tests.web.small_centre import NOW_MS

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


async def audit_of(client) -> list[dict[str, object]]:
    rows = await (await client.get("/api/v1/audit?limit=1000")).json()
    return [row["entry"] for row in rows["items"] if row["entry"]["action"] == "privacy.purge"]


async def test_an_admin_is_shown_the_profile_in_force(client, centre):
    """Also what an agreement unlocks."""
    centre.privacy_now = Privacy(
        k_min=5,
        from_file=True,
        agreement=Agreement(reference="A 1", date="2026-01-31", scope="Tutti", unlocks=("smaller-groups",)),
    )
    found = await (await client.get("/api/v1/privacy")).json()
    assert found["k_min"] == 5
    assert found["retention"] == {
        "ledger_days": 400,
        "slots_days": 730,
        "overrides_days": 730,
        "line_checks_days": 90,
        "journal_hours": 72,
    }
    assert found["agreement"]["unlocks"] == ["smaller-groups"]
    assert found["from_file"] is True


async def test_what_the_profile_no_longer_allows_is_removed_on_demand(client, centre):
    """Each kind by its own time; kinds and numbers are answered and audited."""
    centre.privacy_now = Privacy(retention=Retention(ledger_days=3, journal_hours=4))
    answer = await client.post("/api/v1/privacy/purge", json={})
    assert answer.status == 200
    items = {one["kind"]: one for one in (await answer.json())["items"]}
    assert items["ledger"] == {"kind": "ledger", "before_ms": NOW_MS - 3 * DAY_MS, "count": 0}
    assert items["journal"] == {"kind": "journal", "before_ms": NOW_MS - 4 * HOUR_MS, "count": 2}
    assert centre.small_store.purged == [
        ("ledger", NOW_MS - 3 * DAY_MS),
        ("slots", NOW_MS - 730 * DAY_MS),
        ("overrides", NOW_MS - 730 * DAY_MS),
        ("line_checks", NOW_MS - 90 * DAY_MS),
    ]
    (entry,) = await audit_of(client)
    assert (entry["who"], entry["result"]) == ("token:test", "done")
    assert entry["target"] == "ledger slots overrides line_checks journal"
    assert entry["detail"] == ("older than allowed: ledger 0, slots 0, overrides 0, line_checks 0, journal 2")


async def test_some_kinds_and_another_age_may_be_said(client, centre):
    """In hours."""
    wish = {"kinds": ["journal", "slots"], "older_than_hours": 12}
    answer = await client.post("/api/v1/privacy/purge", json=wish)
    assert [one["kind"] for one in (await answer.json())["items"]] == ["slots", "journal"]
    assert centre.small_store.purged == [("slots", NOW_MS - 12 * HOUR_MS)]
    assert centre.forgotten_ms == NOW_MS - 12 * HOUR_MS
    (entry,) = await audit_of(client)
    assert entry["detail"] == "older than 12 h: slots 0, journal 2"


async def test_a_disk_that_will_not_is_told_and_audited(client, centre):
    """With what went before it failed: nothing here."""
    centre.small_store.broken = True
    answer = await client.post("/api/v1/privacy/purge", json={"kinds": ["ledger"]})
    assert answer.status == 503
    centre.small_store.broken = False
    (entry,) = await audit_of(client)
    assert entry["result"].startswith("refused: ")
    assert entry["detail"] == "older than allowed: nothing"


@pytest.mark.parametrize(
    "wish",
    [
        {"kinds": ["audit"]},
        {"kinds": ["ledger"], "older_than_hours": 0},
        {"older_than_hours": -5},
        {"older_than_days": 1},
    ],
)
async def test_nothing_else_is_removed(client, centre, wish):
    """The audit is never; what is not understood is refused, not guessed."""
    assert (await client.post("/api/v1/privacy/purge", json=wish)).status == 400
    assert centre.small_store.purged == []


@pytest.mark.parametrize("name", ["agent", "viewer", "supervisor", "operator", "admin-bari"])
async def test_only_an_admin_of_the_whole_may(client_of, name):
    """Neither look nor remove."""
    client = client_of(name)
    assert (await client.get("/api/v1/privacy")).status == 403
    assert (await client.post("/api/v1/privacy/purge", json={})).status == 403


async def test_whoever_has_a_token_may_read_the_sheet(client_of, centre):
    """An agent's own token too; as text and as a page."""
    client = client_of("agent")
    found = await (await client.get("/api/v1/transparency")).json()
    assert found["text"].startswith("# Come sono distribuite le chiamate\n")
    assert found["rules"] == centre.rules().revision
    assert found["rules"] in found["text"]
    page = await (await client.get("/api/v1/transparency?form=html")).json()
    assert page["text"].startswith('<!doctype html>\n<html lang="it">')


async def test_without_revisions_the_sheet_is_a_draft(client_of):
    """Nobody is told that a trial is in force."""
    found = await (await client_of("viewer").get("/api/v1/transparency")).json()
    assert (found["number"], found["digest"]) == (None, "")
    assert "bozza" in found["text"]


async def test_a_group_is_small_by_the_profile_in_force(client_of, centre):
    """Another profile counts from the next answer on."""
    viewer = client_of("viewer")
    sites = lambda found: set(found["counts"]["agents"])  # noqa: E731  # read twice below
    assert "roma" in sites(await (await viewer.get("/api/v1/summary")).json())
    centre.privacy_now = Privacy(k_min=31)
    assert "roma" not in sites(await (await viewer.get("/api/v1/summary")).json())
