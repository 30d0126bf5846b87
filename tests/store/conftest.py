"""A store on a file of its own."""

from __future__ import annotations

import pytest

from tests.store.made import HandClock, opened


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "acd.db"


@pytest.fixture
async def store(file, clock):
    store = await opened(file, clock)
    yield store
    await store.close()
