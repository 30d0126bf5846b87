"""What every test may rely on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logs_as_they_are_at_first() -> Iterator[None]:
    """A command run inside a test sets up the logs of the process; the next test finds none of that."""
    yield
    structlog.reset_defaults()
