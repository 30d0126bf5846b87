"""Can Asterisk look up its own machine's name at once?

Where the name is not in the hosts file Asterisk sees, it asks DNS for it: at its start, and for legs
without a ``media_address``; with a DNS that is silent each of these waits five seconds. No action and no
function of Asterisk runs that look-up, so it is checked from outside: in the hosts file of the very
Asterisk that listens on the node's port, if it runs here (in a chroot or container too, through
``/proc/<pid>/root``), else by looking our own name up, else by hand. A call heard meanwhile tells most: how
long its leg took.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from acd.ami.doctor.findings import Finding, good, unproved, wrong
from acd.ami.doctor.machine import is_loopback
from acd.ami.settings import AmiSettings

__all__ = ["check_hosts"]

LOOK_UP_S_MAX: Final = 0.1
LEG_S_MAX: Final = 1.0
LISTENING: Final = "0A"
PROC: Final = Path("/proc")


async def check_hosts(node: AmiSettings, slowest_leg_s: float | None) -> Finding:
    """By a real leg if one was heard, else by the hosts file, else by a look-up."""
    name = socket.gethostname()
    change = f"/etc/hosts of Asterisk's machine: 127.0.1.1 {name}"
    if slowest_leg_s is not None:
        saw = f"The slowest leg heard took {slowest_leg_s * 1000:.0f} ms from our order to its dialling."
        return good("hosts", saw) if slowest_leg_s < LEG_S_MAX else wrong("hosts", saw, change)
    if not is_loopback(node.host):
        saw = f"Asterisk runs on {node.host}, whose hosts file cannot be seen from here."
        by_hand = "There: `getent hosts $(hostname)` must answer at once from /etc/hosts."
        return unproved("hosts", saw, by_hand)
    root = await asyncio.to_thread(root_of_listener, node.port)
    if root is not None:
        return _in_file(root / "etc/hosts", name, change)
    started_s = time.monotonic()
    found = await asyncio.to_thread(_resolves, name)
    took_s = time.monotonic() - started_s
    saw = f"This machine's name {name!r} was {'' if found else 'not '}found, in {took_s * 1000:.0f} ms."
    return good("hosts", saw) if found and took_s < LOOK_UP_S_MAX else wrong("hosts", saw, change)


def _in_file(file: Path, name: str, change: str) -> Finding:
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        return unproved("hosts", f"Asterisk's {file} cannot be read: {error.strerror}.", f"See to {change}")
    if any(name in line.partition("#")[0].split()[1:] for line in lines):
        return good("hosts", f"The hosts file that Asterisk sees has its machine's name {name!r}.")
    saw = f"The hosts file that Asterisk sees has no {name!r}: it may wait 5 s for DNS, at each leg too."
    return wrong("hosts", saw, change)


def _resolves(name: str) -> bool:
    try:
        return bool(socket.getaddrinfo(name, None))
    except OSError:
        return False


def root_of_listener(port: int, proc: Path = PROC) -> Path | None:
    """The root directory of the process here that listens on this port; None if we may not see it.

    A process whose machine name is another (a container's own) is no answer either.
    """
    inodes = set(_listening(port, proc))
    if not inodes:
        return None
    for process in proc.iterdir():
        if not process.name.isdigit():
            continue
        try:
            if (
                any(_link(entry) in inodes for entry in (process / "fd").iterdir())
                and (process / "ns/uts").readlink() == (proc / "self/ns/uts").readlink()
            ):
                (process / "root/etc/hosts").stat()
                return process / "root"
        except OSError:
            continue
    return None


def _link(entry: Path) -> str:
    """What a descriptor stands for; empty if it was closed meanwhile."""
    try:
        return str(entry.readlink())
    except OSError:
        return ""


def _listening(port: int, proc: Path) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield f"socket:[{fields[9]}]"
