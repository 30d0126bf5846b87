"""The API says what the centre says, and does only what the engine allows."""

from __future__ import annotations

import msgspec
import pytest

from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    CallCoded,
    CallerVerified,
    TransferAsked,
    WrapUpExtended,
)
from acd.core.notes import AgentState
from acd.queue_log.state import QueueLogState
from tests.metrics.samples import queue_view
from tests.web.conftest import secret_of
from tests.web.small_store import ended

PURPOSE = {"X-Purpose": "the caller asked for this agent"}


async def test_livez_needs_no_token(stranger):
    """A watchdog asks without a secret; a centre that is not ready is still alive."""
    answer = await stranger.get("/livez")
    assert (answer.status, await answer.json()) == (200, {"alive": True})


async def test_readyz_is_yes_while_calls_can_be_routed(stranger):
    """A load balancer sees 200."""
    answer = await stranger.get("/readyz")
    assert (answer.status, await answer.json()) == (200, {"ready": True, "detail": "", "cannot_write": []})


async def test_a_full_disk_stops_no_call_and_readyz_says_what_is_not_kept(stranger, centre):
    """Still 200: a load balancer must not take away calls because a disk is full."""
    centre.small_store.broken = True
    centre.journal_does = msgspec.structs.replace(centre.journal_does, writable=False, why_not="it is full")
    centre.queue_log_does = QueueLogState(file="/q", writable=False, why_not="it is full", behind_max=9)
    answer = await stranger.get("/readyz")
    assert answer.status == 200
    told = {"ready": True, "detail": "", "cannot_write": ["store", "journal", "queue_log"]}
    assert await answer.json() == told


async def test_summary_says_how_queue_log_does(client, centre):
    """Null where the settings ask for none."""
    assert (await (await client.get("/api/v1/summary")).json())["queue_log"] is None
    centre.queue_log_does = QueueLogState(file="/var/log/acd/queue_log", writable=True, behind_max=9, lost=2)
    assert (await (await client.get("/api/v1/summary")).json())["queue_log"] == {
        "file": "/var/log/acd/queue_log",
        "writable": True,
        "why_not": "",
        "behind": 0,
        "behind_max": 9,
        "lost": 2,
    }


async def test_readyz_says_why_not(stranger, centre):
    """Not ready is 503, and the reason is in the answer."""
    centre.why_not = "ast1: login refused; check manager.conf."
    answer = await stranger.get("/readyz")
    body = await answer.json()
    assert (answer.status, body["id"], body["detail"]) == (503, "not-ready", centre.why_not)


async def test_summary_tells_counts_links_and_revision(client):
    """One answer holds what a status screen needs."""
    body = await (await client.get("/api/v1/summary")).json()
    assert body["counts"]["entered"] == 10
    assert body["counts"]["agents"] == {"roma": {"ready": 30}}
    assert body["nodes"] == [
        {
            "id": "ast1",
            "state": "ready",
            "asterisk_version": "22.10.1",
            "since_ms": 5,
            "entry_revision": "older",
        }
    ]
    assert (body["not_ready"], body["revision"], body["entry_revision"]) == (None, "0123abcd", "newer")
    assert (body["roster_revision"], body["store"]["writable"]) == (7, True)
    assert body["journal"] == {
        "folder": "/var/lib/acd/journal",
        "writable": True,
        "why_not": "",
        "behind_ms": 0,
        "behind_bytes": 0,
        "behind_bytes_max": 2**26,
        "lost": 0,
        "replayable": True,
        "oldest_ms": None,
    }


async def test_summary_of_a_centre_that_keeps_no_journal(client, centre):
    """A setting, and no mistake."""
    centre.journal_does = None
    assert (await (await client.get("/api/v1/summary")).json())["journal"] is None


async def test_summary_merges_small_sites(client, centre):
    """The API keeps small groups to itself, as the metrics do."""
    centre.people = {
        "roma": {AgentState.READY: 30},
        "bari": {AgentState.READY: 12},
        "lecce": {AgentState.PAUSED: 2},
    }
    body = await (await client.get("/api/v1/summary")).json()
    assert body["counts"]["agents"] == {"roma": {"ready": 30}, "other": {"ready": 12, "paused": 2}}


async def test_queues_are_told_in_the_order_of_the_rules(client):
    """All queues, with their numbers now."""
    body = await (await client.get("/api/v1/queues")).json()
    assert [(queue["id"], queue["waiting"]) for queue in body["items"]] == [("generale", 4), ("coda1", 0)]


@pytest.mark.parametrize(
    ("able", "there", "told"),
    [(10, 0, 0), (10, 1, None), (30, 9, None), (10, 10, 3), (9, 0, None), (9, 9, None)],
)
async def test_free_agents_of_a_small_group_are_not_told(client, centre, able, there, told):
    """Under ten who could serve a queue, how many are free is nobody's business: they would be persons.

    Where only nine could, not even that none is there: null and 0 would tell a person's coming and going.
    """
    ready = 3 if there else 0
    view = msgspec.structs.replace(queue_view(), agents_ready=ready, agents_there=there, agents_able=able)
    centre.queues = lambda: (view,)
    for body in (
        (await (await client.get("/api/v1/queues")).json())["items"][0],
        await (await client.get("/api/v1/queues/generale")).json(),
    ):
        assert body["agents_ready"] == told
        assert "agents_there" not in body
        assert "agents_able" not in body


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 5), ("?limit=2", 2), ("?queue=generale", 5), ("?queue=coda1", 0), ("?limit=1000", 5)],
)
async def test_calls_are_chosen_by_queue_and_limit(client, query, count):
    """Calls in progress, of one queue or of all, at most as many as asked."""
    answer = await client.get(f"/api/v1/calls{query}")
    assert answer.status == 200
    assert len((await answer.json())["items"]) == count


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "", "1.5", "٣", "9" * 5000])
async def test_a_limit_that_is_none_is_refused(client, limit):
    """A bad limit is a 400 that says which limits there are."""
    answer = await client.get("/api/v1/calls", params={"limit": limit})
    body = await answer.json()
    assert (answer.status, body["id"]) == (400, "request")
    assert "limit" in body["detail"]


async def test_calls_of_an_unknown_queue_are_no_empty_list(client):
    """A mistyped queue is an error, not "nobody waits"."""
    answer = await client.get("/api/v1/calls?queue=general")
    assert (answer.status, (await answer.json())["id"]) == (404, "not-found")


async def test_a_parameter_nobody_reads_is_refused(client):
    """A mistyped parameter is an error that names those there are."""
    answer = await client.get("/api/v1/calls?limt=2")
    body = await answer.json()
    assert answer.status == 400
    assert body["detail"] == ("The parameters are wrong: nobody reads 'limt'; known are limit, after, queue.")


async def test_a_parameter_that_stands_there_twice_is_refused(client):
    """Nobody can know which of the two was meant."""
    answer = await client.get("/api/v1/calls?limit=2&limit=3")
    assert (answer.status, (await answer.json())["id"]) == (400, "request")


async def test_an_agent_is_told_to_who_says_why(client):
    """The agent's state, for a purpose."""
    body = await (await client.get("/api/v1/agents/a0001", headers=PURPOSE)).json()
    assert body == {
        "id": "a0001",
        "site": "roma",
        "state": "logged_out",
        "since_ms": 1,
        "reason": "",
        "until_ms": 0,
        "phone": "a0001",
        "wish": "",
        "call": None,
        "break_due_ms": 0,
    }


@pytest.mark.parametrize(
    ("word", "fact", "state"),
    [
        ("login", AgentLoggedIn(agent="a0001"), "ready"),
        ("logout", AgentLoggedOut(agent="a0001"), "logged_out"),
        ("ready", AgentReadied(agent="a0001"), "ready"),
        ("wrapup", WrapUpExtended(agent="a0001"), "wrap_up"),
    ],
)
async def test_a_move_is_one_fact_and_tells_others_not_how_the_agent_stands(
    client, centre, word, fact, state
):
    """Each word makes the fact the feature code makes; an operator learns that it was done, no more."""
    answer = await client.post(f"/api/v1/agents/a0001/{word}")
    assert (answer.status, await answer.json()) == (200, {"id": "a0001", "now": None})
    assert centre.facts == [fact]
    assert centre.states["a0001"] == state


async def test_a_pause_has_its_reason(client, centre):
    """The reason comes from the rules; the agent reads it in the answer."""
    own = {"Authorization": f"Bearer {secret_of('agent')}"}
    answer = await client.post("/api/v1/agents/a0001/pause", json={"reason": "pausa"}, headers=own)
    now = (await answer.json())["now"]
    assert (answer.status, now["state"], now["reason"]) == (200, "paused", "pausa")
    assert centre.facts == [AgentPaused(agent="a0001", reason="pausa")]


@pytest.mark.parametrize(
    ("word", "body", "fact"),
    [
        ("login", {"phone": "a0009"}, AgentLoggedIn(agent="a0001", phone="a0009")),
        ("login", {}, AgentLoggedIn(agent="a0001")),
        ("outcome", {"code": "risolto"}, CallCoded(agent="a0001", code="risolto")),
        (
            "verified",
            {"verified": True, "method": "pin"},
            CallerVerified(agent="a0001", verified=True, method="pin"),
        ),
        ("verified", {"verified": False}, CallerVerified(agent="a0001", verified=False)),
        (
            "transfer",
            {"kind": "queue", "to": "coda1"},
            TransferAsked(agent="a0001", kind="queue", to="coda1"),
        ),
        (
            "transfer",
            {"kind": "office", "to": "aosta"},
            TransferAsked(agent="a0001", kind="office", to="aosta"),
        ),
    ],
)
async def test_what_a_move_says_reaches_the_engine(client, centre, word, body, fact):
    """Phone, code, check and target go into the fact as they came."""
    answer = await client.post(f"/api/v1/agents/a0001/{word}", json=body)
    assert answer.status == 200, await answer.text()
    assert centre.facts == [fact]


@pytest.mark.parametrize(
    ("word", "body", "detail"),
    [
        ("pause", {"reason": "caffe"}, "There is no pause reason 'caffe'; the rules know pausa, squilli."),
        ("outcome", {"code": "boh"}, "There is no outcome code 'boh'; the rules know risolto."),
    ],
)
async def test_an_unknown_reason_or_code_names_those_there_are(client, centre, word, body, detail):
    """A word the rules do not know changes nothing."""
    answer = await client.post(f"/api/v1/agents/a0001/{word}", json=body)
    told = await answer.json()
    assert (answer.status, told["id"], told["detail"]) == (404, "not-found", detail)
    assert centre.facts == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "'reason' is missing"),
        (b"{", "EOF"),
        (b"reason", "expected value"),
        (b"[]", "should be an object"),
        (b"{}", "'reason' is missing"),
        (b'{"reason": 1}', "reason: Input should be a valid string"),
        (b'{"reason": "Pausa!"}', "should match pattern"),
        (b'{"reason": "pausa", "why": 1}', "nobody reads 'why'; known are reason"),
        (b'{"reason": "\xff"}', "invalid unicode"),
    ],
)
async def test_a_bad_body_is_told_what_is_wrong(client, centre, body, why):
    """Bad JSON is a 400 that says what is wrong with it."""
    answer = await client.post(
        "/api/v1/agents/a0001/pause", data=body, headers={"Content-Type": "application/json"}
    )
    told = await answer.json()
    assert (answer.status, told["id"]) == (400, "request")
    assert why.lower() in told["detail"].lower()
    assert centre.facts == []


async def test_a_form_is_no_json(client):
    """A body of another kind is refused as such."""
    answer = await client.post("/api/v1/agents/a0001/pause", data={"reason": "pausa"})
    assert (answer.status, (await answer.json())["id"]) == (415, "media-type")


@pytest.mark.parametrize("path", ["/api/v1/agents/nobody", "/api/v1/agents/a0001%2F..", "/api/v1/agents/%00"])
async def test_an_unknown_agent_is_not_found(client, path):
    """A name the roster does not know is 404, whatever it is made of."""
    assert (await client.get(path, headers=PURPOSE)).status == 404


async def test_moving_an_unknown_agent_reaches_no_engine(client, centre):
    """The engine is not bothered with names nobody has."""
    answer = await client.post("/api/v1/agents/nobody/login")
    assert answer.status == 404
    assert (await answer.json())["detail"] == "There is no agent 'nobody' in the roster."
    assert centre.facts == []


async def test_what_the_engine_refuses_is_a_conflict_with_its_reason(client, centre):
    """The engine's own sentence reaches the person who asked."""
    centre.refusal = "Agent a0001 is logged out; log in first."
    answer = await client.post("/api/v1/agents/a0001/ready")
    body = await answer.json()
    assert (answer.status, body["id"], body["detail"]) == (409, "conflict", centre.refusal)


async def test_many_are_logged_in_at_once_and_each_is_told(client, centre):
    """One request for a morning; who cannot is told by name, the others are in."""
    names = ["a0001", "nobody", "a0003"]
    answer = await client.post("/api/v1/agents/login", json={"agents": names})
    items = (await answer.json())["items"]
    assert [(item["agent"], item["refused"] is None) for item in items] == [
        ("a0001", True),
        ("nobody", False),
        ("a0003", True),
    ]
    assert centre.facts == [AgentLoggedIn(agent="a0001"), AgentLoggedIn(agent="a0003")]


async def test_people_are_listed_without_live_state_and_without_their_codes(client, centre):
    """The list says who may log in; not who works now, nor what opens a login, nor their contract."""
    centre.states["a0001"] = AgentState.PAUSED
    body = await (await client.get("/api/v1/agents?site=roma")).json()
    assert [item["id"] for item in body["items"]] == ["a0001", "a0002"]
    assert set(body["items"][0]) == {"id", "site", "endpoint", "skills", "home", "country", "auto_answer"}


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("agents", ["a0001", "a0002", "a0003"]),
        ("queues", ["generale", "coda1"]),
        ("calls", [f"ast1-1.{n}" for n in range(5)]),
        ("roster", ["a0001", "a0002", "a0003"]),
        ("offices", ["aosta"]),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
async def test_pages_hold_everything_once(client, path, ids, limit):
    """Going from cursor to cursor gives the whole list, in order, nothing twice."""
    found, after = [], None
    for _ in range(10):
        query = {"limit": str(limit)} | ({"after": after} if after else {})
        body = await (await client.get(f"/api/v1/{path}", params=query)).json()
        assert len(body["items"]) <= limit
        found += [item["id"] for item in body["items"]]
        after = body["next"]
        if after is None:
            break
    assert found == ids


@pytest.mark.parametrize("path", ["queues", "offices", "calls", "tokens", "audit", "ledger"])
async def test_a_cursor_of_nothing_is_told_so(client, path):
    """A cursor that names nothing gives no wrong page: begin anew."""
    answer = await client.get(f"/api/v1/{path}?after=gone")
    assert (answer.status, (await answer.json())["id"]) == (410, "cursor-gone")


async def test_one_queue_and_one_call_are_told(client):
    """By their ids; others are not found."""
    assert (await (await client.get("/api/v1/queues/generale")).json())["waiting"] == 4
    assert (await (await client.get("/api/v1/calls/ast1-1.3")).json())["wait_ms"] == 3
    assert (await client.get("/api/v1/queues/none")).status == 404
    assert (await client.get("/api/v1/calls/none")).status == 404


async def test_the_ledger_is_read_by_time_and_page(client, centre):
    """Ended calls, oldest end first, from cursor to cursor."""
    for n in range(5):
        centre.small_store.tell_call(ended(f"ast1-2.{n}", 1_000 + n))
    first = await (await client.get("/api/v1/ledger?limit=2&since_ms=1001")).json()
    assert [row["call"] for row in first["items"]] == ["ast1-2.1", "ast1-2.2"]
    query = {"limit": "2", "since_ms": "1001", "until_ms": "1004", "after": first["next"]}
    rest = await (await client.get("/api/v1/ledger", params=query)).json()
    assert ([row["call"] for row in rest["items"]], rest["next"]) == (["ast1-2.3"], None)


async def test_an_agent_has_their_own_day(client_of):
    """Own times, for the agent alone."""
    body = await (await client_of("agent").get("/api/v1/agents/a0001/times")).json()
    assert (body["spent_ms"], body["talks"]) == ({"ready": 3_600_000}, 2)


@pytest.mark.parametrize("path", ["ledger", "tokens", "audit", "audit/verify"])
async def test_without_a_store_what_needs_one_says_so(client, centre, path):
    """A trial without a store answers 503 with the setting that is missing, and routes on."""
    centre.small_store = None
    answer = await client.get(f"/api/v1/{path}")
    body = await answer.json()
    assert (answer.status, body["id"]) == (503, "store-unavailable")
    assert "'store'" in body["detail"]
    assert (await client.post("/api/v1/agents/a0001/login")).status == 200
    assert (await (await client.get("/api/v1/summary")).json())["store"] is None


@pytest.mark.parametrize("path", ["ledger", "tokens", "audit", "audit/verify"])
async def test_a_store_that_fails_is_a_state_and_no_crash(client, centre, path):
    """A full disk: 503 with the store's own sentence; the numbers go on."""
    centre.small_store.broken = True
    answer = await client.get(f"/api/v1/{path}")
    assert (answer.status, (await answer.json())["detail"]) == (503, "The disk is full; make room.")
    assert (await (await client.get("/api/v1/summary")).json())["store"]["writable"] is False
