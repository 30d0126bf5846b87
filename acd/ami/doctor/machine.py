"""Asterisk's version, its name, its clock and the way to it."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Iterator
from typing import Final

from acd.ami.doctor.findings import Finding, good, unproved, warning, wrong
from acd.ami.doctor.session import Session
from acd.ami.offset import ClockOffset
from acd.ami.settings import AmiSettings

__all__ = ["check_clock", "check_name", "check_version", "check_way", "is_loopback"]

NEEDED: Final = {20: (20, 11, 0), 22: (22, 1, 0)}
"""Advanced event filters exist from these on; 21 has none."""
MENDED: Final = {20: (20, 20, 1), 22: (22, 10, 1)}
"""Known holes in the manager interface are closed from these on."""
PINGS: Final = 3
OFFSET_MS_GOOD: Final = 1_000
OFFSET_MS_MAX: Final = 5_000


def is_loopback(host: str) -> bool:
    """Tell whether this is the very machine, by name or number."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_way(node: AmiSettings) -> Iterator[Finding]:
    """Plain text only on the machine itself."""
    if node.tls:
        yield good("way", f"The way to {node.host}:{node.port} is TLS, with its certificate checked.")
    elif is_loopback(node.host):
        yield good("way", f"{node.host}:{node.port} is this machine: no TLS is needed.")
    else:
        saw = f"Secret and calls go to {node.host} in clear text."
        yield warning(
            "way", saw, f"config/acd.yaml, node {node.id}: tls; manager.conf, [general]: tlsenable = yes"
        )


async def check_version(session: Session) -> Finding:
    """New enough for our event filters; mended where holes are known."""
    said = (await session.ask("CoreSettings"))["AsteriskVersion"]
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    if not found:
        saw = f"The version {said!r} cannot be compared."
        return unproved("version", saw, "See that it is at least 20.11 or 22.1.")
    version = (int(found[1]), int(found[2]), int(found[3] or 0))
    if version < NEEDED.get(version[0], NEEDED[22]):
        saw = f"Asterisk {said} is too old: it has no event filters of the kind we use."
        return wrong("version", saw, "Install Asterisk 20.11, 22.1 or later.")
    if version < MENDED.get(version[0], (0,)):
        saw = f"Asterisk {said} works, but its manager interface has known holes."
        return warning("version", saw, "Install Asterisk 20.20.1, 22.10.1 or later.")
    return good("version", f"Asterisk {said}.")


async def check_name(session: Session) -> Finding:
    """``systemname`` stands in every Uniqueid; it must be there and be ours."""
    name = (await session.ask("CoreSettings"))["SystemName"]
    change = f"asterisk.conf, section [options]: systemname = {session.node.id}; then restart Asterisk"
    if not name:
        return warning("systemname", "Asterisk has no systemname: two nodes could name a call alike.", change)
    if name != session.node.id:
        saw = f"Asterisk calls itself {name!r}, our configuration calls it {session.node.id!r}."
        return warning("systemname", saw, f"{change}; or config/acd.yaml: id: {name}")
    return good("systemname", f"Asterisk and our configuration both say {name!r}.")


async def check_clock(session: Session) -> Finding:
    """The lease and each order's expiry are on Asterisk's clock."""
    offset = ClockOffset()
    sampled = False
    for _ in range(PINGS):
        sent_ms = time.time_ns() // 1_000_000
        stamp = (await session.ask("Ping"))["Timestamp"]
        offset.sample(sent_ms, time.time_ns() // 1_000_000, stamp)
        sampled = sampled or bool(stamp)
    if not sampled:
        return unproved("clock", "Asterisk's answer to a Ping holds no time.", "Compare the clocks by hand.")
    away_ms = abs(offset.offset_ms)
    saw = f"The clocks of Asterisk and of this machine differ by {away_ms / 1000:.3f} s."
    change = "Run chrony or another NTP client on both machines."
    if away_ms >= OFFSET_MS_MAX:
        return wrong("clock", saw, change)
    return warning("clock", saw, change) if away_ms >= OFFSET_MS_GOOD else good("clock", saw)
