"""Processes known by number *and* start time, so that a reused number is never ended by mistake."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process we started, maybe in an earlier run of ours."""

    pid: int
    start_ticks: int

    @classmethod
    def start(cls, command: list[str], log: Path) -> Process:
        """Start a command in a session of its own, with as many open files as it may have."""
        shell = [
            "sh",
            "-c",
            'ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"',
            "sh",
            *command,
        ]
        with log.open("ab") as out:
            running = subprocess.Popen(
                shell, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd="/"
            )
        running.returncode = 0  # ours to watch by number; subprocess must not complain at exit
        return cls(running.pid, _start_ticks(running.pid) or 0)

    @property
    def alive(self) -> bool:
        """Tell whether this very process still runs."""
        with contextlib.suppress(ChildProcessError):  # reap it, if it is a child of this run of ours
            os.waitpid(self.pid, os.WNOHANG)
        return self.start_ticks != 0 and _start_ticks(self.pid) == self.start_ticks

    def signal(self, number: int) -> None:
        """Send a signal if the process still is the one we started."""
        if self.alive:
            os.kill(self.pid, number)

    def end(self, grace_s: float = 5.0) -> None:
        """End it politely, then for certain."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        if not self.wait(grace_s):
            self.signal(signal.SIGKILL)
            self.wait(5.0)

    def wait(self, limit_s: float) -> bool:
        """Wait until it has ended; tell whether it has."""
        deadline = time.monotonic() + limit_s
        while self.alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True


def _start_ticks(pid: int) -> int | None:
    """Return the start time of a process in clock ticks since boot; None if it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {"Z", "X"} else int(fields[19])
