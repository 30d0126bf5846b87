"""One lab for all tests of this folder; after each test it is empty again."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from asterisk_lab import Lab, LabUnavailableError
from asterisk_lab.user_agent import UserAgent
from tests.lab.hand import Hand
from tests.lab.manager import Manager, Refused

OWN_PORTS = {f"a{n:04}": 6000 + n for n in range(2, 8)}


@pytest.fixture(scope="session")
def lab():
    """A lab on free ports (or at ACD_TEST_OFFSET); a0002 … a0007 have ports of their own."""
    offset = os.environ.get("ACD_TEST_OFFSET")
    try:
        lab = Lab.up(agents=12, port_offset=int(offset) if offset else None, contact_ports=OWN_PORTS)
    except LabUnavailableError as error:
        pytest.skip(str(error))
    yield lab
    lab.down()


@pytest.fixture
async def manager(lab):
    """The ACD's own AMI user, with a lease good for a minute and turn 7."""
    manager = await Manager.login(lab)
    await manager.setvar("ACD_LEASE", str(int(time.time()) + 60))
    await manager.setvar("ACD_EPOCH", "7")
    yield manager
    lab.rx("channel request hangup all")
    for queue in ("acd-net-it", "acd-net-de"):
        for member in OWN_PORTS | {"a0001": 0}:
            try:
                await manager.act("QueueRemove", Queue=queue, Interface=f"PJSIP/{member}")
            except Refused:
                continue
    for _ in range(200):
        if "0 active channels" in lab.rx("core show channels"):
            break
        await asyncio.sleep(0.01)
    await manager.close()


@pytest.fixture
def hand(manager):
    """What the ACD would do, by hand."""
    return Hand(manager)


@pytest.fixture
async def phone(lab):
    """Make phones by name, a caller is called so: a0002, r0001, office, caller."""
    opened = []

    async def make(name: str, *, auto: bool = False, number: str = "0612345678") -> UserAgent:
        if name == "caller":
            made = UserAgent(lab, number, ip=lab.caller_ip)
        elif name == "office":
            made = UserAgent(lab, name, 6000, ip=lab.trunk_ip, auto=auto)
        else:
            port = OWN_PORTS.get(name, 6000) if name.startswith("a") else 6010
            made = UserAgent(lab, name, port, secret=lab.phone_secret, auto=auto)
        opened.append(await made.__aenter__())
        return made

    yield make
    for made in opened:
        await made.__aexit__()
