"""The whole document, asked by a machine that tries everything: examples, edges, and random requests.

Bounded and repeatable: a fixed seed, a fixed number of requests for each operation. The centre behind it is
the small one, on a loop of its own in a thread, because schemathesis asks synchronously.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import requests
import schemathesis
from aiohttp import web
from schemathesis.config import HealthCheck
from schemathesis.specs.openapi import checks as openapi_checks

from acd.revisions.starting import start
from acd.runtime.revision_keeper import RevisionKeeper
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.document import openapi
from tests.revisions.made import TODAY, Places
from tests.web.conftest import RECORDS, SECRET, bearing, machines, secret_of
from tests.web.small_centre import NOW_MS, HandClock, SmallCentre

SEED = 3
EXAMPLES = 10
"""Random requests for each operation, beside examples and edges."""


answered: dict[str, set[str]] = {"admin": set(), "agent": set()}
"""What was answered with a success, by bearer."""


class QuickClock(HandClock):
    """Three seconds a look: nobody is too quick for a limit."""

    def now_ms(self) -> int:
        """Now, and it is later each time."""
        self.ms += 3_000
        return self.ms


def schema() -> schemathesis.BaseSchema:
    it = schemathesis.openapi.from_dict(openapi())
    it.config.seed = SEED
    it.config.generation.update(max_examples=EXAMPLES)
    accepted = [*it.config.checks.positive_data_acceptance.expected_statuses, "410", "412", "422"]
    it.config.checks.positive_data_acceptance.expected_statuses = accepted
    it.config.generation.deterministic = True
    it.config.suppress_health_check = [HealthCheck.all]
    return it


async def serve(app: web.Application, told: asyncio.Event, where: list[str], is_up: threading.Event) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    where.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
    is_up.set()
    await told.wait()
    await runner.cleanup()


async def keeper_of(centre: SmallCentre, folder: Path) -> RevisionKeeper:
    """A configuration of its own, which nothing but these requests changes."""
    places = Places(folder)
    started = await start(places, centre.small_store, NOW_MS, TODAY)
    return RevisionKeeper(places, started, centre, today=lambda: TODAY)


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API over a small centre."""
    centre, where, is_up = SmallCentre(), [], threading.Event()
    for_ever = [msgspec.structs.replace(one, expires_ms=2**50) for one in RECORDS]
    centre.small_store.records.update({one.id: one for one in for_ever})
    loop, told = asyncio.new_event_loop(), asyncio.Event()
    centre.revisions = loop.run_until_complete(keeper_of(centre, tmp_path_factory.mktemp("places")))
    app = build_api(centre, Bearers(machines()), clock=QuickClock())
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(app, told, where, is_up),))
    thread.start()
    is_up.wait()
    yield where[0]
    loop.call_soon_threadsafe(told.set)
    thread.join()
    loop.close()


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One connection, kept."""
    with requests.Session() as it:
        yield it


STREAMS = ["/api/v1/agents/{agent}/events", "/api/v1/board/stream", "/api/v1/map/stream"]
"""They never end; their own tests read them."""
as_admin = schema().exclude(path=STREAMS[1:])
as_agent = schema().exclude(path=STREAMS[:1])


@as_admin.parametrize()
def test_an_admin_gets_what_the_document_says(case, base_url, session):
    """Whatever is sent, the answer is of the document: no 5xx, no other status, form or header."""
    purpose = case.headers.get("X-Purpose") or "a call was lost here"
    headers = {**bearing(SECRET), "X-Purpose": purpose}
    # GET of this path is another operation, that of an agent called "login"; Allow rightly names it.
    excluded = [openapi_checks.allow_header_conformance] if case.path == "/api/v1/agents/login" else []
    if case.path == "/api/v1/roster/import":  # whatever is sent there is text, so no body is of another type
        excluded.append(openapi_checks.negative_data_rejection)
    note("admin", case, base_url=base_url, session=session, headers=headers, excluded_checks=excluded)


@as_agent.parametrize()
def test_an_agent_gets_what_the_document_says(case, base_url, session):
    """The agent's own routes work by the document, with the agent's own token; others are refused by it."""
    if "agent" in (case.path_parameters or {}):
        case.path_parameters["agent"] = "a0001"
    excluded = [openapi_checks.negative_data_rejection, openapi_checks.allow_header_conformance]
    headers = bearing(secret_of("agent"))
    note("agent", case, base_url=base_url, session=session, headers=headers, excluded_checks=excluded)


def note(bearer: str, case: schemathesis.Case, **how: object) -> None:
    """Ask and validate; remember what was answered with a success."""
    if case.call_and_validate(**how).status_code < 300:
        answered[bearer].add(case.operation.label)


def test_it_was_no_choir_of_refusals():
    """What needs no lucky guess was answered with a success by somebody: the forms of answers were seen."""
    reads = ("me", "summary", "queues", "offices", "calls", "ledger", "agents", "roster", "tokens", "audit")
    assert {f"GET /api/v1/{name}" for name in reads} <= answered["admin"]
    assert "POST /api/v1/agents/login" in answered["admin"]
    own = {f"POST /api/v1/agents/{{agent}}/{word}" for word in ("login", "ready", "verified", "transfer")}
    assert {*own, "GET /api/v1/agents/{agent}", "GET /api/v1/agents/{agent}/times"} <= answered["agent"]
