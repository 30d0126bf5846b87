"""The clock of one Asterisk seen from ours.

Each Pong carries Asterisk's time. Taken against the middle of our own sending and receiving it
is off by at most half the round trip, so of the last few samples the one with the shortest
round trip is believed. Everything a node says about time passes through here: entry times,
the lease and the expiry of orders are on Asterisk's clock, the engine lives on ours.
"""

from __future__ import annotations

from collections import deque

__all__ = ["ClockOffset"]

SAMPLES = 8


class ClockOffset:
    """Our wall milliseconds minus Asterisk's."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, int]] = deque(maxlen=SAMPLES)
        self.offset_ms = 0

    def reset(self) -> None:
        """Forget the samples (a new connection, perhaps a new machine); the offset stays until the first."""
        self._samples.clear()

    def sample(self, sent_ms: int, received_ms: int, timestamp: str) -> None:
        """Take one Pong: our clock around it, and its ``Timestamp`` (seconds, with decimals)."""
        try:
            theirs_ms = float(timestamp) * 1000
        except ValueError:
            return
        offset_ms = round((sent_ms + received_ms) / 2 - theirs_ms)
        self._samples.append((received_ms - sent_ms, offset_ms))
        self.offset_ms = min(reversed(self._samples), key=lambda sample: sample[0])[1]

    def to_ours(self, theirs_ms: int) -> int:
        """Asterisk's milliseconds on our clock."""
        return theirs_ms + self.offset_ms

    def to_theirs(self, ours_ms: int) -> int:
        """Our milliseconds on Asterisk's clock."""
        return ours_ms - self.offset_ms
