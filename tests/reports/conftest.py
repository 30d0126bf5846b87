"""A store with the calls of two days."""

from __future__ import annotations

import pytest

from tests.reports.made import CALLS
from tests.store.made import opened


@pytest.fixture
async def store(tmp_path):
    """A real one."""
    store = await opened(tmp_path / "acd.db")
    for row in CALLS:
        store.tell_call(row)
    await store.flush()
    yield store
    await store.close()
