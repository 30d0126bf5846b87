"""The fallback over the API: what is in force and why; how an override is made, refused and taken back."""

from __future__ import annotations

import pytest

from acd.errors import StoreUnavailable
from tests.web.small_centre import NOW_MS

HOUR = 3_600_000
BARI = {"scope": "site:bari", "mode": "forced_on", "reason": "postazioni spente", "until_ms": NOW_MS + HOUR}
COUNTRY = {**BARI, "scope": "national"}


async def post(client, body: dict, path: str = "/api/v1/overrides") -> tuple[int, dict]:
    answer = await client.post(path, json=body)
    return answer.status, await answer.json()


async def test_an_override_is_in_force_when_it_is_answered(client_of, centre):
    """Made, explained, listed, kept in the store, and written down in the audit."""
    operator = client_of("operator")
    status, made = await post(operator, BARI)
    assert (status, made["override"]["author"], made["over"]) == (201, "token:operator", [])
    assert made["told"] == [
        (
            "sede bari: on (gli uffici al posto dei suoi operatori), forced_on da token:operator "
            "fino alle 02:00 perché «postazioni spente» (override 1); senza: auto direbbe off."
        )
    ]
    found = await (await operator.get("/api/v1/fallback/site:bari", params={"lang": "en"})).json()
    assert (found["value"], found["share"], found["override"], found["name"]) == ("on", 0, 1, "bari")
    assert found["without"] == {"value": "off", "share": 100, "source": "transition"}
    assert found["sentence"].startswith("site bari: on (offices in the place of its agents), forced_on by")
    assert centre.keeper.effective().fallback.shares == {"bari": 0}
    listed = await (await operator.get("/api/v1/overrides")).json()
    assert [one["id"] for one in listed["items"]] == [1]
    entry = centre.small_store.entries[-1]
    assert (entry.who, entry.action, entry.target, entry.result) == (
        "token:operator",
        "override.create",
        "site:bari",
        "done",
    )
    assert entry.detail == f"override 1: forced_on until {NOW_MS + HOUR}: postazioni spente"


async def test_everything_in_force_is_one_answer(client):
    """The country, sites and offices in the order of the rules, each with its sentence."""
    found = await (await client.get("/api/v1/fallback")).json()
    assert [one["scope"] for one in found["items"]] == [
        "national",
        "site:roma",
        "site:bari",
        "site:lecce",
        "office:aosta",
    ]
    assert (found["on"], found["changes_next_ms"], found["hours_max"]) == (False, None, 24)
    assert found["items"][0]["sentence"] == "nazionale: off, auto: nessuna transizione in corso."


async def test_the_newer_one_counts_and_says_whose_place_it_takes(client):
    """The older one is told with its author and its end."""
    await post(client, BARI)
    _, made = await post(client, {**BARI, "mode": "forced_off"})
    assert [one["id"] for one in made["over"]] == [1]
    assert made["told"][1] == (
        "prende il posto di: override 1, forced_on di token:test fino alle 02:00, "
        "che torna a valere se questo finisce prima."
    )


@pytest.mark.parametrize(
    ("change", "status", "problem", "detail"),
    [
        ({"reason": "boh"}, 400, "request", "this has 3: say why, for whoever reads it tonight"),
        ({"until_ms": None}, 400, "request", "until_ms"),
        ({"scope": "sites:bari"}, 400, "request", "'sites:bari' is no scope; did you mean 'site'?"),
        ({"mode": "on"}, 400, "request", "mode"),
        ({"ticket": "a b"}, 400, "request", "ticket"),
        ({"scope": "site:barri"}, 404, "not-found", "no site 'barri' in the rules; did you mean 'bari'?"),
        ({"scope": "office:osta"}, 404, "not-found", "no office 'osta' in the rules; did you mean 'aosta'?"),
        ({"until_ms": NOW_MS - 1}, 409, "conflict", "which is over; give a later end"),
        ({"until_ms": NOW_MS + 25 * HOUR}, 409, "conflict", "at most 24 hours"),
        ({"from_ms": NOW_MS + 2 * HOUR}, 409, "conflict", "ends before it begins"),
    ],
)
async def test_what_should_not_be_is_refused(client, centre, change, status, problem, detail):
    """With a sentence to act on; nothing is made, and the refusal is in the audit."""
    body = {key: value for key, value in {**BARI, **change}.items() if value is not None}
    answered, found = await post(client, body)
    assert (answered, found["id"]) == (status, problem)
    assert detail in found["detail"].replace("would end before it begins", "ends before it begins")
    assert centre.keeper.overrides() == ()
    assert centre.small_store.entries[-1].result.startswith(f"refused: {problem}")


async def test_without_an_end_nothing_is_switched(client):
    """The form says what is missing."""
    _, found = await post(client, {key: BARI[key] for key in ("scope", "mode", "reason")})
    assert "'until_ms' is missing" in found["detail"]


async def test_the_country_needs_an_admin_or_a_ticket(client_of, client):
    """An operator without one is refused, with one is not; nor is an admin."""
    status, found = await post(client_of("operator"), COUNTRY)
    assert (status, found["id"]) == (403, "forbidden")
    assert "names the ticket under which it was decided" in found["detail"]
    assert (await post(client_of("operator"), {**COUNTRY, "ticket": "INC-7"}))[0] == 201
    assert (await post(client, COUNTRY))[0] == 201


async def test_a_token_of_a_site_switches_that_site_alone(client_of):
    """Not another one, no office, not the country."""
    bari = client_of("operator-bari")
    assert (await post(bari, BARI))[0] == 201
    for scope in ("site:roma", "office:aosta", "national"):
        status, found = await post(bari, {**BARI, "scope": scope, "ticket": "INC-7"})
        assert (status, found["id"]) == (403, "forbidden")


async def test_an_override_is_made_longer_by_a_new_one_in_its_place(client, centre):
    """The old one ends, nothing changes for the engine, an earlier end is refused."""
    await post(client, BARI)
    later = {"until_ms": NOW_MS + 2 * HOUR, "reason": "ci vuole di più"}
    status, made = await post(client, later, "/api/v1/overrides/1/extend")
    assert (status, made["override"]["id"], made["over"]) == (200, 2, [])
    assert [one.id for one in centre.keeper.overrides()] == [2]
    sooner = {**later, "until_ms": NOW_MS + HOUR}
    status, found = await post(client, sooner, "/api/v1/overrides/2/extend")
    assert (status, "not later than the present one" in found["detail"]) == (409, True)
    assert centre.small_store.entries[-2].detail.startswith("override 2 for 1: forced_on until ")


async def test_an_override_is_taken_back(client, client_of, centre):
    """What was under it holds again; of the country by who may switch the country."""
    await post(client, COUNTRY)
    refused = await client_of("operator").delete("/api/v1/overrides/1")
    assert refused.status == 403
    ended = await (
        await client_of("operator").delete("/api/v1/overrides/1", params={"ticket": "INC-8"})
    ).json()
    assert (ended["override"]["ended_by"], ended["told"]) == (
        "token:operator",
        ["nazionale: off, auto: nessuna transizione in corso."],
    )
    assert not centre.keeper.effective().fallback.on
    assert centre.small_store.entries[-1].detail == "override 1, forced_on, ticket INC-8"
    for path in ("1", "77", "one"):
        again = await client.delete(f"/api/v1/overrides/{path}")
        assert (again.status, (await again.json())["id"]) == (404, "not-found")


async def test_the_past_of_overrides_is_asked_of_the_store(client):
    """Those that are over too."""
    await post(client, BARI)
    await client.delete("/api/v1/overrides/1")
    assert (await (await client.get("/api/v1/overrides")).json())["items"] == []
    past = await (await client.get("/api/v1/overrides", params={"since_ms": NOW_MS - 1})).json()
    assert [one["ended_by"] for one in past["items"]] == ["token:test"]


async def test_a_full_disk_changes_nothing(client, centre):
    """503, and no override is in force that a restart would forget."""
    centre.small_store.broken = True
    status, found = await post(client, BARI)
    assert (status, found["id"]) == (503, StoreUnavailable.id)
    assert not centre.keeper.effective().fallback.on


async def test_a_scope_that_is_none_is_not_found(client):
    """Whatever stands there."""
    assert (await client.get("/api/v1/fallback/site:gone")).status == 404
    assert (await client.get("/api/v1/fallback/anything")).status == 404


async def test_the_summary_has_the_fallback_in_numbers(client_of):
    """Nobody's name for a viewer."""
    await post(client_of("admin"), COUNTRY)
    await post(client_of("admin"), {**BARI, "scope": "office:aosta", "mode": "forced_off"})
    found = await (await client_of("viewer").get("/api/v1/summary")).json()
    brief = {key: value for key, value in found["fallback"].items() if key != "revision"}
    assert brief == {
        "on": True,
        "source": "override",
        "until_ms": NOW_MS + HOUR,
        "sites_on": 3,
        "offices_on": 0,
        "offices_off": 1,
        "overrides": 2,
    }
