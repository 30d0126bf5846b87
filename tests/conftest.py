"""What every test may rely on."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def process_as_it_is_at_first() -> Iterator[None]:
    """A command or a server run inside a test sets up the process: its logs, its garbage collection.

    The next test finds none of that.
    """
    usual = gc.get_threshold()
    yield
    structlog.reset_defaults()
    gc.set_threshold(*usual)
    gc.enable()
