"""What systemd is told: that we serve, how we are, that we live, that we stop.

The protocol is one datagram a message, to the socket that the environment names (``sd_notify(3)``,
https://www.freedesktop.org/software/systemd/man/sd_notify.html): ``Type=notify`` of the unit waits for
``READY=1``, ``STATUS=`` is the line that ``systemctl status`` shows, and ``WATCHDOG=1`` has to come
within ``WatchdogSec``, or systemd ends the process and starts it again.

**The watchdog is fed by the engine's health, not by the process being there.** A process whose loop
turns while its engine does not keep up is as good as none: callers are held by a lease that is no
longer renewed. So nothing is sent while ``health()`` has a reason, and a process that does not
recover within ``WatchdogSec`` is replaced. An Asterisk that is not reached is no such reason: a new
process would not reach it either.

Where nobody listens (no ``NOTIFY_SOCKET``: a terminal, a container) every call does nothing.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from typing import Final

import structlog

__all__ = ["Supervisor"]

FEED_S_MAX: Final = 1.0
"""How often the watchdog is fed at least; four times in its interval where that is short."""

STATUS_CHARS_MAX: Final = 200

log = structlog.get_logger(__name__)


class Supervisor:
    """The systemd that started us, if one did."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Read what the environment says; pass ``os.environ``."""
        name = env.get("NOTIFY_SOCKET", "")
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        self._watchdog_s = _watchdog_s(env)
        self._status = ""
        self._deaf = False

    @property
    def listens(self) -> bool:
        """Whether anybody wants to be told."""
        return bool(self._address)

    def ready(self, status: str) -> None:
        """We serve; ``status`` is one line for people."""
        self._status = status
        self._tell("READY=1", _status_line(status))

    def stopping(self, status: str) -> None:
        """The orderly stop has begun: from now on no watchdog is needed."""
        self._status = status
        self._tell("STOPPING=1", _status_line(status))

    async def keep_told(self, health: Callable[[], str | None], status: Callable[[], str]) -> None:
        """Feed the watchdog while the engine is well, and show the status when it changes, for ever.

        Args:
            health: None while the engine keeps up (``Pump.health``).
            status: One line for people: whether calls can be routed, or why not.
        """
        pause_s = min(FEED_S_MAX, self._watchdog_s / 4) if self._watchdog_s else FEED_S_MAX
        while self.listens:
            now = status()
            lines = [] if now == self._status else [_status_line(now)]
            self._status = now
            if self._watchdog_s and health() is None:
                lines.append("WATCHDOG=1")
            if lines:
                self._tell(*lines)
            await asyncio.sleep(pause_s)

    def _tell(self, *lines: str) -> None:
        """Send one datagram; a systemd that does not take it is told of in the log, once."""
        if not self.listens:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.setblocking(False)
                out.sendto("\n".join(lines).encode(), self._address)
            self._deaf = False
        except OSError as error:
            if not self._deaf:
                log.warning("systemd.not_told", why=error.strerror)
            self._deaf = True


def _status_line(status: str) -> str:
    return f"STATUS={' '.join(status.split())[:STATUS_CHARS_MAX]}"


def _watchdog_s(env: Mapping[str, str]) -> float | None:
    """Seconds within which the watchdog must be fed; None where there is none, or not for us."""
    interval, process = env.get("WATCHDOG_USEC", ""), env.get("WATCHDOG_PID", "")
    if not interval.isdecimal() or int(interval) == 0:
        return None
    if process and process != str(os.getpid()):
        return None
    return int(interval) / 1_000_000
