"""Raw counters of one queue over some time: what is counted, once each, when it happens.

Ratios are not stored anywhere: whoever shows one takes it from these counters, so that a board, a report
and a dashboard that count the same calls cannot tell different numbers. Two sums of calls are told apart:

* **ends**: ``offered`` = ``ended`` + calls in progress, over a life; ``ended`` = ``handled`` + ``abandoned``
  + ``short_abandoned`` + ``closed`` + ``safety_net`` + ``lost``.
* **service-level events**: ``met``, ``missed`` (at the threshold, not at the end of the call) and
  ``abandoned_early``. Who found the queue closed has none, whatever becomes of the call.

What happens in one half hour to a call of another is counted in the half hour in which it happens: within a
short time there may be more answers than calls offered.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

__all__ = ["Counts", "total"]


class Counts(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """Counters that only grow while they are filled. Times are sums in milliseconds."""

    offered: int = 0
    """Calls that entered the queue, those that an office carried and those that found it closed included."""
    answered: int = 0
    """First answers, by whomever; counted at the answer."""
    answered_by_offices: int = 0
    """Of those, by an office (path ``fallback``)."""
    answered_late: int = 0
    """Of those, after the threshold."""
    met: int = 0
    """Answered within the threshold."""
    missed: int = 0
    """The threshold passed without an answer; or the call was lost or taken by the safety net before it."""
    abandoned_early: int = 0
    """Hung up before the threshold, the short ones included."""
    abandoned: int = 0
    """Hung up while waiting, the short ones apart."""
    short_abandoned: int = 0
    """Hung up within the queue's ``short_abandon_s``."""
    short_counted: int = 0
    """Of those, with a service-level event: the queue was open."""
    closed: int = 0
    """Told that the queue is closed."""
    safety_net: int = 0
    """Asterisk's safety net had the caller at the end."""
    lost: int = 0
    """Gone after a restart, or the end was never seen."""
    left_in_menu: int = 0
    """Hung up before any queue; not among the offered."""
    ended: int = 0
    """All ends."""
    handled: int = 0
    """Calls that ended answered."""
    wait_answered_ms: int = 0
    """Waits of the ``answered``, from entry to the first answer."""
    wait_abandoned_ms: int = 0
    """Waits of the ``abandoned``."""
    handle_ms: int = 0
    """Handling time of the ``handled``, counted at their end."""

    def add(self, other: Counts) -> None:
        """Take the other's counters in."""
        for name in _NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def take_away(self, other: Counts) -> None:
        """Take the other's counters out again."""
        for name in _NAMES:
            setattr(self, name, getattr(self, name) - getattr(other, name))

    def copy(self) -> Counts:
        """These counters as they stand now."""
        return Counts(**{name: getattr(self, name) for name in _NAMES})

    @property
    def wait_mean_ms(self) -> int | None:
        """Average speed of answer: waits of the answered by their number; None without any."""
        return round(self.wait_answered_ms / self.answered) if self.answered else None

    @property
    def handle_mean_ms(self) -> int | None:
        """Average handling time; None while no answered call has ended."""
        return round(self.handle_ms / self.handled) if self.handled else None

    @property
    def abandonment(self) -> float | None:
        """Abandoned by offered; short ones are not among the abandoned. None without calls."""
        return self.abandoned / self.offered if self.offered else None


_NAMES = Counts.__struct_fields__


def total(parts: Iterable[Counts]) -> Counts:
    """Sum them up in counters of their own."""
    sums = map(sum, zip(*map(msgspec.structs.astuple, parts), strict=True))
    return Counts(**dict(zip(_NAMES, sums, strict=False)))
