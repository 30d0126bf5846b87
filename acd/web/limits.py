"""Token buckets: so many attempts at once, then one each so often; in bounded memory.

What they are for, and what not. A bearer's secret has 256 bits, so no rate of guessing matters; the
buckets keep a broken script or a stranger from filling log and processor. Therefore **a good token is
never refused for the failures of others**: it is looked up first (a digest and one look into a table,
microseconds), and only a failure spends from the buckets of its address and of the whole. Behind a proxy
all peers share one address; whoever floods it makes failures there be told 429 instead of 401, and
harms nobody else.

Logins are limited per agent, whoever asks, for a desktop that logs in for ever in a loop.

Addresses are kept in the order of their last use and the oldest is forgotten when there are too many;
who changes addresses to be forgotten still meets the bucket of the whole. An IPv6 peer counts by its
/64, which is what one customer has.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from acd.runtime.ports import Clock
from acd.web.problems import SlowDown

KEYS_MAX: Final = 8192


class Buckets:
    """One bucket per key.

    Args:
        clock: wall milliseconds.
        burst: so many at once.
        every_ms: one more each so often.
        keys_max: so many keys are remembered.
    """

    def __init__(self, clock: Clock, *, burst: int, every_ms: int, keys_max: int = KEYS_MAX) -> None:
        self._clock = clock
        self._full_ms = burst * every_ms
        self._every_ms = every_ms
        self._keys_max = keys_max
        self._empty_at: OrderedDict[Hashable, int] = OrderedDict()
        """Time since which each bucket has been filling: at most a full bucket ago."""

    def __len__(self) -> int:
        return len(self._empty_at)

    def take(self, key: Hashable) -> int:
        """Take one; returns 0, or the milliseconds until there is one to take."""
        now_ms = self._clock.now_ms()
        since_ms = max(self._empty_at.pop(key, 0), now_ms - self._full_ms)
        wait_ms = max(0, since_ms + self._every_ms - now_ms)
        self._empty_at[key] = since_ms if wait_ms else since_ms + self._every_ms
        if len(self._empty_at) > self._keys_max:
            self._empty_at.popitem(last=False)
        return wait_ms


class Limits:
    """The buckets of one API."""

    def __init__(self, clock: Clock) -> None:
        self._strangers = Buckets(clock, burst=20, every_ms=1_000)
        self._all_strangers = Buckets(clock, burst=200, every_ms=100)
        self._logins = Buckets(clock, burst=20, every_ms=3_000)

    def failed(self, peer: str | None) -> None:
        """Somebody we do not know asked.

        Raises:
            SlowDown: too often, from there or from everywhere.
        """
        wait_ms = self._strangers.take(network_of(peer or "")) or self._all_strangers.take("")
        if wait_ms:
            raise _slow_down("Too many requests without a good token came from there", wait_ms)

    def login(self, agent: str) -> None:
        """Somebody wants this agent logged in.

        Raises:
            SlowDown: too often.
        """
        wait_ms = self._logins.take(agent)
        if wait_ms:
            raise _slow_down(f"Agent {agent} was logged in too often", wait_ms)


def network_of(peer: str) -> str:
    """The address, or the /64 of an IPv6 one."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


def _slow_down(what: str, wait_ms: int) -> SlowDown:
    seconds = math.ceil(wait_ms / 1000)
    return SlowDown(f"{what}; try again in {seconds} s.", seconds)
