"""Too many attempts are told to wait; nobody with a good token waits for the failures of others."""

from __future__ import annotations

import pytest

from acd.web.limits import Buckets, Limits, network_of
from acd.web.problems import SlowDown
from tests.web.conftest import SECRET, bearing
from tests.web.small_centre import HandClock


async def test_a_stranger_who_asks_too_often_is_told_to_wait(stranger, clock):
    """Twenty failures are 401, the next is 429 with the seconds to wait; then there is one more."""
    wrong = bearing("wrong")
    statuses = [(await stranger.get("/api/v1/summary", headers=wrong)).status for _ in range(21)]
    assert statuses == [401] * 20 + [429]
    answer = await stranger.get("/api/v1/summary", headers=wrong)
    assert (answer.headers["Retry-After"], (await answer.json())["id"]) == ("1", "too-many")
    clock.ms += 1_000
    assert (await stranger.get("/api/v1/summary", headers=wrong)).status == 401
    assert (await stranger.get("/api/v1/summary", headers=wrong)).status == 429


async def test_a_good_token_is_let_in_through_any_flood(stranger):
    """Behind the same proxy somebody guesses as fast as they can: the good token does not notice."""
    for _ in range(60):
        await stranger.get("/api/v1/summary", headers=bearing("wrong"))
    assert (await stranger.get("/api/v1/summary", headers=bearing(SECRET))).status == 200
    assert (await stranger.get("/api/v1/summary", headers=bearing("wrong"))).status == 429


async def test_health_is_not_limited(stranger):
    """A watchdog may ask as often as it likes."""
    for _ in range(60):
        await stranger.get("/api/v1/summary")
    assert (await stranger.get("/livez")).status == 200


async def test_logins_of_one_agent_are_limited_and_others_are_not(client, centre, clock):
    """A desktop that logs in for ever is stopped; everybody else goes on."""
    statuses = [(await client.post("/api/v1/agents/a0001/login")).status for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    assert (await client.post("/api/v1/agents/a0002/login")).status == 200
    clock.ms += 3_000
    assert (await client.post("/api/v1/agents/a0001/login")).status == 200
    assert len(centre.facts) == 22


def test_a_bucket_fills_again_and_no_further():
    """A burst, then one each so often; a rest of any length gives one burst."""
    clock = HandClock()
    bucket = Buckets(clock, burst=3, every_ms=100)
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 100]
    clock.ms += 50
    assert bucket.take("a") == 50
    clock.ms += 50
    assert bucket.take("a") == 0
    clock.ms += 1_000_000
    assert [bucket.take("a") for _ in range(4)] == [0, 0, 0, 100]


def test_the_memory_of_addresses_is_bounded_and_the_whole_has_its_bucket():
    """Who changes addresses with each request meets the bucket of all, and fills no memory."""
    limits = Limits(HandClock())
    for n in range(200):
        limits.failed(f"10.0.{n // 250}.{n % 250}")
    with pytest.raises(SlowDown):
        limits.failed("10.1.1.1")
    bucket = Buckets(HandClock(), burst=1, every_ms=100, keys_max=5)
    for n in range(50):
        bucket.take(n)
    assert len(bucket) == 5


def test_one_address_alone_does_not_use_up_what_all_have():
    """A flood from one address costs the others nothing but its own few failures."""
    limits = Limits(HandClock())
    refused = 0
    for _ in range(1_000):
        try:
            limits.failed("10.0.0.1")
        except SlowDown:
            refused += 1
    assert refused > 900, "the flood itself is held up"
    for n in range(100):
        limits.failed(f"10.2.0.{n}")  # raises nothing


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("odd", "odd"),
    ],
)
def test_an_ipv6_customer_is_one(peer, network):
    """One customer has a whole /64 of addresses."""
    assert network_of(peer) == network
