"""The configuration over the API: looked at, compared, changed only by who has looked."""

from __future__ import annotations

import pytest

from acd.revisions.starting import start
from acd.runtime.revision_keeper import RevisionKeeper
from tests.revisions.made import TODAY, Places
from tests.web.small_centre import NOW_MS

OFF = ("fallback.yaml", "roma: {mode: auto}", 'roma: {mode: forced_off, reason: "the line is down"}')


@pytest.fixture
def places(tmp_path):
    return Places(tmp_path)


@pytest.fixture
async def admin(centre, client_of, places):
    """An admin of a centre whose configuration is the demo's."""
    started = await start(places, centre.small_store, NOW_MS, TODAY)
    centre.revisions = RevisionKeeper(places, started, centre, today=lambda: TODAY)
    return client_of("admin")


def at(number: int) -> dict[str, str]:
    return {"If-Match": f'"{number}"'}


async def test_what_runs_is_told_with_its_tag(admin, places):
    """And whether the files are others."""
    answer = await admin.get("/api/v1/config")
    said = await answer.json()
    assert answer.headers["ETag"] == '"1"'
    assert (said["number"], said["refused"], said["disk_differs"]) == (1, "", False)
    assert said["revision"]["origin"] == "start"
    assert "files" not in said["revision"]
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    assert (await (await admin.get("/api/v1/config")).json())["disk_differs"]


async def test_the_difference_is_told_in_the_language_asked_for(admin, places):
    """Sentences for people, and the parts for programs."""
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    said = await (await admin.get("/api/v1/config/diff?lang=en")).json()
    assert not said["same"]
    assert said["changes"] == [
        {
            "file": "queues.yaml",
            "kind": "changed",
            "place": ["queues", "generale", "ring_s"],
            "sentence": "queue 'generale', ring_s: 15 → 20",
        }
    ]
    assert [one["queue"] for one in said["touched"]] == ["generale"]
    assert said["touched"][0]["sentences"] == ["queue 'generale': 4 waiting now"]
    italian = await (await admin.get("/api/v1/config/diff")).json()
    assert italian["changes"][0]["sentence"] == "coda 'generale', ring_s: 15 → 20"


async def test_what_was_looked_at_is_applied_and_audited(admin, centre, places):
    """By whom, and why."""
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    digest = (await (await admin.get("/api/v1/config/diff")).json())["digest"]
    answer = await admin.post(
        "/api/v1/config/apply", json={"reason": "longer rings", "digest": digest}, headers=at(1)
    )
    said = await answer.json()
    assert (answer.status, answer.headers["ETag"], said["number"]) == (200, '"2"', 2)
    assert said["revision"]["author"] == "token:admin"
    assert centre.configurations[-1].read.today.rules.queues["generale"].ring_s == 20
    entry = centre.small_store.entries[-1]
    assert (entry.who, entry.action, entry.target) == ("token:admin", "config.apply", "revision 2")
    assert (entry.result, entry.detail) == ("done", "longer rings")


@pytest.mark.parametrize("word", ["apply", "rollback", "confirm"])
async def test_no_write_without_the_revision_that_was_looked_at(admin, centre, word):
    """412 without If-Match, with another, with a weak one; nothing is changed."""
    body = {"revision": 1} if word == "rollback" else {}
    for headers in ({}, at(7), {"If-Match": 'W/"1"'}):
        answer = await admin.post(f"/api/v1/config/{word}", json=body, headers=headers)
        assert (answer.status, (await answer.json())["id"]) == (412, "precondition-failed"), headers
    answer = await admin.post(f"/api/v1/config/{word}", json=body, headers={"If-Match": "now"})
    assert (await answer.json())["id"] == "request"
    assert len(centre.small_store.kept_revisions) == 1


async def test_a_mistake_is_told_whole_and_visible_to_all(admin, centre, places):
    """422 with every finding; the summary has the first, readyz that there is one and no name of a file."""
    places.change("queues.yaml", "ring_s: 15", "ring_s: soon")
    places.change("queues.yaml", "language: de", "language: deutsch")
    answer = await admin.post("/api/v1/config/apply", json={}, headers=at(1))
    said = await answer.json()
    assert (answer.status, said["id"]) == (422, "config")
    assert said["detail"].count("queues.yaml:") == 2
    assert "queues.yaml:" in (await (await admin.get("/api/v1/summary")).json())["rules_refused"]
    ready = await admin.get("/readyz")
    assert ready.status == 200
    assert (await ready.json())["detail"] == "newer files were refused, the last good revision runs"
    assert centre.small_store.entries[-1].result == "refused: config"


async def test_a_guard_is_told_by_its_own_id_and_forced_with_a_reason(admin, places):
    """409; the sentence in the language asked for."""
    places.change(*OFF)
    answer = await admin.post("/api/v1/config/apply?lang=it", json={}, headers=at(1))
    said = await answer.json()
    assert (answer.status, said["id"]) == (409, "guarded")
    assert said["detail"].startswith("Rifiutato, nulla è cambiato: la coda 'pensioni' resterebbe senza")
    assert "chiuderebbero 1 uffici su 2 (roma)" in said["detail"]
    short = await admin.post("/api/v1/config/apply", json={"force": True, "reason": "now"}, headers=at(1))
    assert short.status == 409
    forced = {"force": True, "reason": "the carrier asked us"}
    done = await admin.post("/api/v1/config/apply", json=forced, headers=at(1))
    assert (await done.json())["number"] == 2


async def test_a_change_waits_to_be_confirmed_and_everybody_sees_it(admin, centre, places):
    """In the summary, in readyz, in the revision; then it stays."""
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    body = {"confirm_within_s": 300}
    said = await (await admin.post("/api/v1/config/apply", json=body, headers=at(1))).json()
    until = said["revision"]["confirm_by_ms"]
    assert until == centre.clock.ms + 300_000
    summary = await (await admin.get("/api/v1/summary")).json()
    assert (summary["configuration"], summary["confirm_by_ms"]) == (2, until)
    assert "waits to be confirmed" in (await (await admin.get("/readyz")).json())["detail"]
    confirmed = await (await admin.post("/api/v1/config/confirm", headers=at(2))).json()
    assert confirmed["revision"]["confirmed_ms"] == centre.clock.ms
    summary = await (await admin.get("/api/v1/summary")).json()
    assert (summary["configuration"], summary["confirm_by_ms"]) == (2, None)


async def test_history_and_the_way_back(admin, places):
    """The newest first; one of them whole; going back is another."""
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    await admin.post("/api/v1/config/apply", json={}, headers=at(1))
    back = await admin.post(
        "/api/v1/config/rollback", json={"revision": 1, "reason": "too long"}, headers=at(2)
    )
    assert (await back.json())["revision"]["of"] == 1
    listed = (await (await admin.get("/api/v1/config/revisions?limit=2")).json())["items"]
    assert [(one["number"], one["origin"]) for one in listed] == [(3, "rollback"), (2, "apply")]
    whole = await (await admin.get("/api/v1/config/revisions/2")).json()
    assert "ring_s: 20" in whole["files"]["rules/queues.yaml"]
    for nothing in ("9", "x", "٣", "1" * 30):
        assert (await admin.get(f"/api/v1/config/revisions/{nothing}")).status == 404
    again = await admin.post("/api/v1/config/rollback", json={"revision": 1}, headers=at(3))
    assert (await again.json())["id"] == "conflict"


async def test_a_trial_has_nothing_to_change(client_of):
    """A centre without a keeper says so."""
    answer = await client_of("admin").get("/api/v1/config")
    assert (answer.status, (await answer.json())["id"]) == (503, "store-unavailable")
