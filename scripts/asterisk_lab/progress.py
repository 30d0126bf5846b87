"""A line that says a long step is alive: in place on a terminal, now and then in a log."""

from __future__ import annotations

import sys
import time

LOG_INTERVAL_S = 10.0


class Progress:
    """Tell what is going on, on standard error, without flooding a log."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.began = time.monotonic()
        self._last = self.began
        self._terminal = sys.stderr.isatty()
        print(f"{what} …", file=sys.stderr, flush=True)

    def tick(self, detail: str) -> None:
        """Show where the step stands now."""
        now = time.monotonic()
        if now - self._last < (0.2 if self._terminal else LOG_INTERVAL_S):
            return
        self._last = now
        text = f"  {now - self.began:3.0f} s  {detail}"[:100]
        print(
            f"\r{text:<100}" if self._terminal else text,
            end="" if self._terminal else "\n",
            file=sys.stderr,
            flush=True,
        )

    def done(self) -> None:
        """Say that the step is over and how long it took."""
        start = "\r" if self._terminal else ""
        print(
            f"{start}{self.what}: done in {time.monotonic() - self.began:.1f} s".ljust(100),
            file=sys.stderr,
            flush=True,
        )
