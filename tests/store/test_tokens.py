"""Tokens and personal codes: hashes with an end."""

from __future__ import annotations

import pytest

from acd.core.ids import AgentId, PriorityClassId, SiteId
from acd.errors import Conflict, NotFound
from acd.store.hashing import KeyedHash
from acd.store.records import PersonalCode, Role
from tests.store.made import token


async def test_tokens_come_back_whole_and_oldest_first(store):
    """Every field survives: sites, agent, the very bytes of the hash."""
    young = token("b", created_ms=9, sites=(SiteId("roma"), SiteId("bari")))
    old = token("a", created_ms=3, role=Role.AGENT, agent=AgentId("a0001"), sha256=bytes(range(32)))
    await store.add_token(young)
    await store.add_token(old)
    assert await store.tokens() == (old, young)


async def test_a_name_is_free_again_when_its_token_is_revoked_or_over(store, clock):
    """A name means one bearer at a time."""
    await store.add_token(token("desk", id="1"))
    with pytest.raises(Conflict, match="named 'desk' already"):
        await store.add_token(token("desk", id="2", sha256=b"2" * 32))
    await store.revoke_token("1", clock.ms)
    await store.add_token(token("desk", id="2", sha256=b"2" * 32, expires_ms=clock.ms + 5))
    clock.ms += 5
    await store.add_token(token("desk", id="3", sha256=b"3" * 32))
    assert [one.id for one in await store.tokens() if one.is_good(clock.ms)] == ["3"]


async def test_an_id_or_a_secret_is_never_there_twice(store):
    """Whichever of two alike is revoked, the other would still open."""
    await store.add_token(token("a", id="1"))
    with pytest.raises(Conflict, match="make a new one"):
        await store.add_token(token("b", id="1"))
    with pytest.raises(Conflict, match="make a new one"):
        await store.add_token(token("c", sha256=token("a").sha256))


async def test_revoking_twice_is_once_and_an_unknown_one_is_said(store):
    """The first time stays."""
    await store.add_token(token("a", id="1"))
    assert (await store.revoke_token("1", 10)).revoked_ms == 10
    assert (await store.revoke_token("1", 20)).revoked_ms == 10
    with pytest.raises(NotFound, match="no token 'x'"):
        await store.revoke_token("x", 30)


async def test_a_code_put_again_takes_the_place_of_the_first(store):
    """There is one class and one end for each hash, and the count is of all."""
    keyed = KeyedHash("a key of the tests")
    fragile, other = PriorityClassId("fragile"), PriorityClassId("other")
    codes = [
        PersonalCode(hash=keyed.code(str(n)), priority_class=fragile, expires_ms=9) for n in range(1_200)
    ]
    assert await store.put_codes(codes) == 1_200
    assert (
        await store.put_codes([PersonalCode(hash=keyed.code("7"), priority_class=other, expires_ms=8)])
        == 1_200
    )
    there = {code.hash: code for code in await store.codes()}
    assert len(there) == 1_200
    assert there[keyed.code("7")].priority_class == other
    assert await store.put_codes([]) == 1_200
