"""One Asterisk for the whole suite; each test has its own centre on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from asterisk_lab import Lab
from tests.real.floor import Floor
from tests.real.phones import Phones

OWN_PORTS = {f"a{n:04}": 6000 + n for n in range(1, 10)}
"""a0001 … a0009 have a phone each, of its own behaviour; the others share one at port 6000."""


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    made = Lab.up(agents=60, port_offset=None, contact_ports=OWN_PORTS, registering=3)
    try:
        yield made
    finally:
        made.down()


@pytest.fixture
async def floor(lab: Lab) -> AsyncIterator[Floor]:
    names = [f"a{n:04}" for n in range(1, 61)] + ["r0001"]
    async with Floor(lab, names) as made:
        yield made


@pytest.fixture
async def phones(floor: Floor) -> AsyncIterator[Phones]:
    async with Phones(floor) as made:
        yield made
