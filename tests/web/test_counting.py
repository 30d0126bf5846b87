"""Answers are counted by route and class of status; no caller can make a series."""

from __future__ import annotations

from aiohttp.test_utils import TestClient, TestServer

from acd.metrics.observe import MetricsObserver
from acd.web.app import build_api
from acd.web.bearers import Bearers
from tests.metrics.samples import NODE, rules, value
from tests.web.conftest import SECRET, HandClock, bearing, machines
from tests.web.small_centre import SmallCentre

PURPOSE = {"X-Purpose": "the caller asked for this agent"}


async def asked(*paths: str, secret: str = SECRET) -> MetricsObserver:
    """What was counted of these requests."""
    seen = MetricsObserver(rules(), (NODE,), version="0.1.0")
    api = build_api(SmallCentre(), Bearers(machines()), clock=HandClock(), metrics=seen)
    async with TestServer(api) as server, TestClient(server, headers=bearing(secret) | PURPOSE) as client:
        for path in paths:
            await client.get(path)
    return seen


def requests(seen: MetricsObserver, route: str, code: str, method: str = "GET") -> float | None:
    return value(seen, "acd_api_requests_total", route=route, method=method, code=code)


async def test_an_answer_is_counted_under_its_route():
    """Two agents are one series; an error is counted as what it was answered with."""
    seen = await asked("/api/v1/agents/a0001", "/api/v1/agents/a0002", "/api/v1/agents/nobody", "/livez")
    assert requests(seen, "/api/v1/agents/{agent}", "2xx") == 2
    assert requests(seen, "/api/v1/agents/{agent}", "4xx") == 1
    assert requests(seen, "/livez", "2xx") == 1


async def test_what_nobody_serves_is_one_series():
    """A scanner cannot fill Prometheus, nor learn what is there without a token."""
    seen = await asked("/wp-login.php", "/.env", "/api/v9/x", secret="no token of ours at all")
    assert requests(seen, "other", "4xx", method="other") == 3
    families = {family.name: family for family in seen.registry.collect()}
    assert len(families["acd_api_requests"].samples) == 1


async def test_streams_that_are_open_are_known():
    """None at first."""
    seen = await asked()
    assert seen.streams_open() == 0
