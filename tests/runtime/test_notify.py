"""What systemd hears from us, on a real datagram socket; seconds pass on the virtual clock."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from acd.runtime.notify import Supervisor
from acd.sim.loop import run_virtual


class Systemd:
    """The other end."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(address)

    def heard(self) -> list[str]:
        """Return each message since the last look, as it was sent."""
        messages = []
        with suppress(BlockingIOError):
            while True:
                messages.append(self.socket.recv(4_096).decode())
        return messages


@pytest.fixture
def place():
    with tempfile.TemporaryDirectory(prefix="acd-") as folder:
        yield str(Path(folder, "notify"))


@pytest.fixture
def systemd(place):
    it = Systemd(place)
    yield it
    it.socket.close()


async def _for(supervisor, seconds, health, status=lambda: "ready"):
    told = asyncio.create_task(supervisor.keep_told(health, status))
    await asyncio.sleep(seconds)
    told.cancel()
    with suppress(asyncio.CancelledError):
        await told


def test_ready_and_stopping_are_said_with_a_line_for_people(systemd, place):
    """Type=notify waits for READY=1; systemctl status shows the line, whatever was in it."""
    supervisor = Supervisor({"NOTIFY_SOCKET": place})
    supervisor.ready("routing on\nast1")
    supervisor.stopping("leases extended")
    assert systemd.heard() == ["READY=1\nSTATUS=routing on ast1", "STOPPING=1\nSTATUS=leases extended"]


def test_the_watchdog_is_fed_while_the_engine_is_well(systemd, place):
    """At least four times in each interval, so that a late one does no harm."""
    env = {"NOTIFY_SOCKET": place, "WATCHDOG_USEC": "2000000"}
    run_virtual(_for(Supervisor(env), 4.1, lambda: None))
    assert sum("WATCHDOG=1" in message for message in systemd.heard()) == 9


def test_an_engine_that_does_not_keep_up_is_let_starve(systemd, place):
    """Not one WATCHDOG=1 while health has a reason; again as soon as it has none."""
    env = {"NOTIFY_SOCKET": place, "WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}
    supervisor = Supervisor(env)
    run_virtual(_for(supervisor, 30, lambda: "the oldest fact has waited 1200 ms in the inbox"))
    assert systemd.heard() == ["STATUS=ready"]
    run_virtual(_for(supervisor, 1.5, lambda: None))
    assert systemd.heard() == ["WATCHDOG=1", "WATCHDOG=1"]


def test_the_status_is_sent_when_it_changes_and_only_then(systemd, place):
    """An Asterisk that is gone shows in systemctl status; the watchdog goes on being fed."""
    lines = iter(["ready", "ready", "ast1: connecting", "ast1: connecting", "ready"])
    env = {"NOTIFY_SOCKET": place, "WATCHDOG_USEC": "30000000"}
    run_virtual(_for(Supervisor(env), 4.5, lambda: None, lambda: next(lines)))
    assert systemd.heard() == [
        "STATUS=ready\nWATCHDOG=1",
        "WATCHDOG=1",
        "STATUS=ast1: connecting\nWATCHDOG=1",
        "WATCHDOG=1",
        "STATUS=ready\nWATCHDOG=1",
    ]


def test_a_watchdog_of_somebody_else_is_not_fed(systemd, place):
    """WATCHDOG_PID names the process that is meant; without WATCHDOG_USEC there is no watchdog."""
    for more in ({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "0"}, {}):
        run_virtual(_for(Supervisor({"NOTIFY_SOCKET": place, **more}), 5, lambda: None))
        assert systemd.heard() == ["STATUS=ready"]


def test_a_socket_in_the_abstract_namespace_is_found():
    """An @ stands for the zero byte."""
    name = f"acd-test-{os.getpid()}"
    systemd = Systemd(f"\0{name}")
    Supervisor({"NOTIFY_SOCKET": f"@{name}"}).ready("up")
    assert systemd.heard() == ["READY=1\nSTATUS=up"]
    systemd.socket.close()


def test_without_systemd_nothing_happens():
    """On a terminal and in a container nobody listens, and the task ends at once."""
    supervisor = Supervisor({})
    supervisor.ready("up")
    assert not supervisor.listens
    asyncio.run(asyncio.wait_for(supervisor.keep_told(lambda: None, lambda: "up"), 5))


def test_a_systemd_that_does_not_listen_is_told_of_once(place):
    """It takes nothing away from callers; the log says it, not at every second."""
    supervisor = Supervisor({"NOTIFY_SOCKET": place, "WATCHDOG_USEC": "4000000"})
    with capture_logs() as logs:
        run_virtual(_for(supervisor, 10, lambda: None))
    assert [entry["event"] for entry in logs] == ["systemd.not_told"]
