"""The roster by the API: whole or not at all, by revision, and nobody's change is lost."""

from __future__ import annotations

import asyncio
import io

import pytest

from acd.rules.roster import write_roster
from acd.web.answers import Finding
from tests.web.small_centre import SmallCentre, somebody

CSV = {"Content-Type": "text/csv"}
IMPORT = "/api/v1/roster/import"


async def test_reads_carry_the_revision(client):
    """Page and file have the same ETag, which a write may name."""
    page, file = await client.get("/api/v1/roster"), await client.get("/api/v1/roster.csv")
    assert page.headers["ETag"] == file.headers["ETag"] == '"7"'
    assert (await page.json())["revision"] == 7
    assert file.content_type == "text/csv"


async def test_the_whole_entry_is_for_admins(client):
    """Code, hours and employer stand in the roster, and only there."""
    items = (await (await client.get("/api/v1/roster")).json())["items"]
    assert (items[0]["code"], items[0]["hours"], items[2]["employer"]) == ("4711", "mattina", "Contact srl")


async def test_what_is_exported_is_imported_without_change(client, centre):
    """Nothing is added, changed or removed, and the revision stays."""
    text = await (await client.get("/api/v1/roster.csv")).text()
    body = await (await client.post(IMPORT, data=text, headers=CSV)).json()
    assert (body["added"], body["changed"], body["removed"], body["revision"]) == (0, 0, 0, 7)
    assert centre.revision == 7


async def test_an_import_adds_and_changes_and_says_so(client, centre):
    """Counts, lines for people, the new revision; who is not in the file stays."""
    text = "agent,site,skills\na0001,bari,generale:9\na0009,roma,generale:3\n"
    answer = await client.post(IMPORT, data=text, headers=CSV)
    body = await answer.json()
    assert (body["added"], body["changed"], body["removed"], body["revision"]) == (1, 1, 0, 8)
    assert answer.headers["ETag"] == '"8"'
    assert body["lines"]
    assert (centre.agents["a0001"].site, sorted(centre.agents)) == (
        "bari",
        ["a0001", "a0002", "a0003", "a0009"],
    )


async def test_a_dry_run_changes_nothing(client, centre):
    """The same answer, and the same roster as before."""
    before = dict(centre.agents)
    text = "agent,site,skills\na0009,roma,generale:3\n"
    answer = await client.post(f"{IMPORT}?dry_run=true&remove_missing=true", data=text, headers=CSV)
    body = await answer.json()
    assert (body["added"], body["removed"], body["dry_run"], body["revision"]) == (1, 3, True, 7)
    assert (centre.agents, centre.revision) == (before, 7)
    assert centre.small_store.entries[0].detail == "dry run: 1 added, 0 changed, 3 removed"


async def test_who_is_missing_is_removed_only_when_asked(client, centre):
    """``remove_missing`` is said each time."""
    text = write_roster(centre.roster().roster).replace("a0002", "a0008")
    await client.post(f"{IMPORT}?remove_missing=true", data=text, headers=CSV)
    assert sorted(centre.agents) == ["a0001", "a0003", "a0008"]


async def test_every_mistake_is_told_and_nothing_is_taken(client, centre):
    """Line, column and sentence of each; the good lines are not applied either."""
    before = dict(centre.agents)
    text = "agent,site,skills\na0009,roma,generale:3\na0010,nowhere,generale:3\na0011,roma,generale:99\n"
    answer = await client.post(IMPORT, data=text, headers=CSV)
    body = await answer.json()
    assert (answer.status, body["id"]) == (422, "roster-wrong")
    assert [(one["line"], one["column"]) for one in body["findings"]] == [(3, "site"), (4, "skills")]
    assert all(one["sentence"] for one in body["findings"])
    assert (centre.agents, centre.revision) == (before, 7)


async def test_an_empty_file_is_a_file_with_a_mistake(client):
    """Empty or not, it is read; one mistake is told as one."""
    body = await (await client.post(IMPORT, data="", headers=CSV)).json()
    assert (body["id"], body["detail"]) == (
        "roster-wrong",
        "The file has one mistake; nothing of it was taken.",
    )


@pytest.mark.parametrize("tag", ['"7"', "7", "*", ' "7" '])
async def test_a_write_to_the_revision_that_was_read_is_done(client, tag):
    """The ETag as it came, bare, or any."""
    text = "agent,employer\na0001,New srl\n"
    answer = await client.post(IMPORT, data=text, headers={**CSV, "If-Match": tag})
    assert (answer.status, answer.headers["ETag"]) == (200, '"8"')


@pytest.mark.parametrize(("tag", "status"), [('"6"', 412), ('"8"', 412), ('W/"7"', 412), ("seven", 400)])
async def test_a_write_to_another_revision_is_not_done(client, centre, tag, status):
    """Somebody changed the roster since it was read: look again."""
    answer = await client.post(
        IMPORT, data="agent,employer\na0001,New srl\n", headers={**CSV, "If-Match": tag}
    )
    body = await answer.json()
    assert (answer.status, body["id"]) == (status, "precondition-failed" if status == 412 else "request")
    assert centre.revision == 7


@pytest.mark.parametrize(
    ("headers", "status", "problem"),
    [({}, 409, "conflict"), ({"If-Match": '"7"'}, 412, "precondition-failed")],
)
async def test_a_change_while_the_file_is_read_loses_nobodys_work(
    client, centre, monkeypatch, headers, status, problem
):
    """Between reading and writing somebody else wrote: our file was compared with what is gone."""
    change = SmallCentre.change_roster

    async def too_late(self, wanted, *, expected):
        self.revision += 1
        self.agents["a0042"] = somebody("a0042", "roma", code="")
        await asyncio.sleep(0)
        return await change(self, wanted, expected=expected)

    monkeypatch.setattr(SmallCentre, "change_roster", too_late)
    text = "agent,employer\na0001,New srl\n"
    answer = await client.post(f"{IMPORT}?remove_missing=true", data=text, headers={**CSV, **headers})
    assert (answer.status, (await answer.json())["id"]) == (status, problem)
    assert "a0042" in centre.agents


@pytest.mark.parametrize(
    ("data", "kind", "status", "problem"),
    [
        (b"agent;site\n", "application/json", 415, "media-type"),
        (b"agent\xff\n", "text/csv", 400, "request"),
        (b"", "text/csv", 422, "roster-wrong"),
        (b"x" * (4 * 1024 * 1024 + 1), "text/csv", 413, "too-large"),
    ],
)
async def test_what_is_no_roster_is_told(client, centre, data, kind, status, problem):
    """Another kind, no UTF-8, nothing at all, too much."""
    answer = await client.post(IMPORT, data=io.BytesIO(data), headers={"Content-Type": kind})
    assert (answer.status, (await answer.json())["id"]) == (status, problem)
    assert centre.revision == 7


async def test_a_roster_of_thousands_is_read_beside_the_loop(client, centre):
    """3,100 lines go in with one request, while health is answered meanwhile."""
    lines = [f"b{n:04},roma,generale:5" for n in range(3_100)]
    text = "agent,site,skills\n" + "\n".join(lines) + "\n"
    taking = asyncio.create_task(client.post(IMPORT, data=text, headers=CSV))
    beside = 0
    while not taking.done():
        assert (await client.get("/livez")).status == 200
        beside += 1
    body = await (await taking).json()
    assert (body["added"], len(centre.agents)) == (3_100, 3_103)
    assert beside > 1


async def test_a_file_of_the_wrong_kind_is_told_in_bounds(client, monkeypatch):
    """It is wrong in every line: all are counted, the first thousand are told, and no more are made."""
    made = 0

    def counted(**fields: object) -> Finding:
        nonlocal made
        made += 1
        return Finding(**fields)

    monkeypatch.setattr("acd.web.rosters.Finding", counted)
    answer = await client.post(IMPORT, data="agent,site\n" + "a\n" * 5_000, headers=CSV)
    body = await answer.json(content_type=None)
    assert (answer.status, len(body["findings"]), made) == (422, 1_000, 1_000)
    assert "5000 mistakes" in body["detail"]
