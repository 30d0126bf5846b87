"""The agent's desk and the page of a call: what they are told, by whom they may be moved, what is audited."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import msgspec
import pytest
from aiohttp.test_utils import TestClient

from acd.core.calls import CallState
from acd.core.ids import AgentId, OfficeId, PauseReasonId, SiteId
from acd.core.notes import AgentState, Outcome
from acd.core.offers import OfferState
from acd.core.policy import Breaks, Office, PauseReason
from acd.journal.stories import Kind
from acd.runtime.keeper import LEFT_IN_MENU
from tests.web.conftest import secret_of

CHOICES = "/api/v1/agents/a0001/choices"
STORY = "/api/v1/calls/ast1-1.0/story"
ROMA = Office(id=OfficeId("roma"), name="Roma", province="RM", number="0612345", trunk="trunk", capacity=2)


@pytest.fixture
async def browser(server):
    """A client that keeps cookies."""
    async with TestClient(server) as it:
        yield it


async def enter(browser, who):
    """Log in; the word that a write needs."""
    await browser.post("/login", data={"token": secret_of(who)}, allow_redirects=False)
    return {cookie.key: cookie.value for cookie in browser.session.cookie_jar}["acd_csrf"]


def give_rules(centre, monkeypatch, **changes):
    """Let the centre have other rules."""
    rules = msgspec.structs.replace(centre.rules(), **changes)
    monkeypatch.setattr(centre, "rules", lambda: rules)


# ── what one may choose from ─────────────────────────────────────────────────────────────────


async def test_an_agent_chooses_among_what_people_may_say(client_of, centre, monkeypatch):
    """Names as people know them; a reason that only the system gives is none of theirs."""
    reasons = (
        PauseReason(id=PauseReasonId("pasto"), name="Pausa pasto", digit="3"),
        PauseReason(id=PauseReasonId("mancate"), name="Troppe chiamate senza risposta"),
    )
    breaks = Breaks(after_ms=7_200_000, for_ms=900_000, reason=PauseReasonId("pasto"))
    give_rules(centre, monkeypatch, pause_reasons={one.id: one for one in reasons}, breaks=breaks)
    assert await (await client_of("agent").get(CHOICES)).json() == {
        "pause_reasons": [{"id": "pasto", "name": "Pausa pasto"}],
        "outcome_codes": [{"id": "risolto", "name": "Risolto"}],
        "priority_classes": [{"id": "fragile", "name": "Fragile"}],
        "breaks": {"after_ms": 7_200_000, "for_ms": 900_000},
        "volunteer": False,
        "offices": [],
        "own_office": "",
    }


@pytest.mark.parametrize(("site", "own"), [("roma", "roma"), ("bari", "")])
async def test_a_volunteer_chooses_an_office_and_finds_the_own_one_first(
    client_of, centre, monkeypatch, site, own
):
    """Whose site is no office chooses."""
    agent = msgspec.structs.replace(centre.agents[AgentId("a0001")], volunteer=True, site=SiteId(site))
    centre.agents[agent.id] = agent
    give_rules(centre, monkeypatch, offices={ROMA.id: ROMA})
    told = await (await client_of("agent").get(CHOICES)).json()
    assert (told["volunteer"], told["own_office"], told["breaks"]) == (True, own, None)
    assert told["offices"] == [{"id": "roma", "name": "Roma"}]


# ── the desk ─────────────────────────────────────────────────────────────────────────────────


async def test_the_desk_itself_says_nothing_of_how_its_agent_stands(browser, centre):
    """State and call come over the agent's own events; the page could lie in a cache."""
    await enter(browser, "agent")
    centre.states["a0001"] = AgentState.TALKING
    text = await (await browser.get("/agent")).text()
    found = re.search(r'<template id="page">(.*)</template>', text)
    assert found is not None
    told = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert (told["agent"], told["role"], told["page"]) == ("a0001", "agent", "agent")
    assert "Generale" not in text
    assert "ast1-1.0" not in text


@pytest.mark.parametrize(
    ("word", "body"),
    [
        ("login", {}),
        ("logout", {}),
        ("ready", {}),
        ("wrapup", {}),
        ("pause", {"reason": "pausa"}),
        ("outcome", {"code": "risolto"}),
        ("verified", {"verified": True, "method": "pin"}),
        ("slots", {}),
    ],
)
async def test_the_desk_moves_nobody_without_the_sessions_word(browser, centre, word, body):
    """Nor does it move another agent with it."""
    csrf = await enter(browser, "agent")
    assert (await browser.post(f"/api/v1/agents/a0001/{word}", json=body)).status == 403
    other = await browser.post(f"/api/v1/agents/a0003/{word}", json=body, headers={"X-ACD-CSRF": csrf})
    assert other.status == 403
    assert centre.facts == []


async def test_the_desk_follows_its_agent_by_cookie(browser, centre):
    """Events, the day and the choices open to the session as they do to the token."""
    csrf = await enter(browser, "agent")
    answer = await browser.post("/api/v1/agents/a0001/login", headers={"X-ACD-CSRF": csrf})
    assert (await answer.json())["now"]["state"] == "ready"
    for path in ("times", "choices", "slots"):
        assert (await browser.get(f"/api/v1/agents/a0001/{path}")).status == 200
    events = await browser.get("/api/v1/agents/a0001/events")
    assert events.content_type == "text/event-stream"
    events.close()
    assert (await browser.get("/api/v1/agents/a0003/events")).status == 403


# ── a call ───────────────────────────────────────────────────────────────────────────────────


async def test_the_page_of_a_call_tells_nothing_before_a_purpose_is_stated(browser, centre):
    """One page for all calls, known or not; nothing was looked at, so nothing is audited."""
    await enter(browser, "supervisor")
    before = list(centre.small_store.entries)
    known, unknown = [await (await browser.get(f"/call/{call}")).text() for call in ("ast1-1.0", "zz-9.9")]
    assert known == unknown
    assert (await browser.get(STORY)).status == 403
    assert [entry.result for entry in centre.small_store.entries[len(before) :]] == [
        "refused: purpose-missing"
    ]


async def test_a_purpose_with_accents_is_audited_as_it_was_written(browser, centre):
    """The page sends the bytes of UTF-8; a header holds bytes."""
    await enter(browser, "supervisor")
    answer = await browser.get(STORY, headers={"X-Purpose": "l'attesa è costata 40 €"})
    assert answer.status == 200
    assert centre.small_store.entries[-1].detail == "purpose: l'attesa è costata 40 €"


async def test_a_strange_id_is_no_markup(browser):
    """The address is what somebody else wrote."""
    await enter(browser, "operator")
    answer = await browser.get("/call/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert (answer.status, "<script>alert" in await answer.text()) == (200, False)


def known(name):
    """The names of a page's texts."""
    return set(json.loads((files("acd.web") / f"texts/{name}.json").read_text("utf-8")))


def test_each_state_and_each_end_has_its_word():
    """A state that is added later is missing here, and not on somebody's page."""
    assert {f"s_{state}" for state in AgentState} <= known("agent")
    assert {f"st_{state}" for state in (*CallState, *OfferState)} - {"st_closed"} <= known("calls")
    assert {f"out_{outcome}" for outcome in Outcome} <= known("calls") & known("call")
    assert f"out_{LEFT_IN_MENU}" in known("calls")


def test_each_kind_of_event_has_its_look():
    """On the time line; an end looks as it came."""
    model = (files("acd.web") / "static/story_model.js").read_text("utf-8")
    looks = model.partition("const LOOKS = {")[2].partition("};")[0]
    assert {str(kind) for kind in Kind} - {"ended"} == set(re.findall(r"^  (\w+):", looks, re.MULTILINE))
