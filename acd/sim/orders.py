"""An order of the ACD as our dialplan reads it: seven fields, a line's ten; refused whole if one is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass

NOT_IN_QUEUE = re.compile(r"[^-a-z0-9]")
_NOT_IN_TARGET = re.compile(r"[^-A-Za-z0-9._+]")
_NOT_IN_NAME = re.compile(r"[^-A-Za-z0-9._]")
_NOT_IN_ENDPOINT = re.compile(r"[^-A-Za-z0-9._+]")
_NOT_IN_LINE = re.compile(r"[^0-9+]")
_VERBS = frozenset({"agent", "line", "say", "net", "bye"})
SECONDS_MAX = 120


def digits(text: str) -> int:
    """``FILTER(0-9,…)`` as a number, 0 for none."""
    kept = "".join(one for one in text if one in "0123456789")
    return int(kept) if kept else 0


@dataclass(frozen=True, slots=True)
class Order:
    """Attempt, epoch, verb, target, via, seconds, notafter; for a line also office, calls, key."""

    attempt: str
    epoch: str
    verb: str
    target: str
    via: str
    seconds: int
    not_after_s: int
    office: str
    """What the line is counted under …"""
    calls_max: int
    """… and up to how many calls."""
    key: str
    """What the line hears before it presses 1; ``-``: no key is asked."""
    whole: bool
    """It had as many fields as its verb has."""

    @classmethod
    def parse(cls, text: str) -> Order:
        """Read what the ACD wrote into ``ACD_ORDER``."""
        fields = [*text.split("/"), *[""] * 10][:10]
        attempt, epoch, verb, target, via, seconds, not_after, office, calls, key = fields
        return cls(
            attempt=_NOT_IN_NAME.sub("", attempt),
            epoch=epoch,
            verb=verb,
            target=_NOT_IN_TARGET.sub("", target),
            via=_NOT_IN_NAME.sub("", via),
            seconds=digits(seconds),
            not_after_s=digits(not_after),
            office=NOT_IN_QUEUE.sub("", office),
            calls_max=digits(calls),
            key=_NOT_IN_TARGET.sub("", key),
            whole=text.count("/") == (9 if verb == "line" else 6),
        )

    @property
    def dialled(self) -> str:
        """What an ``agent`` or ``line`` order dials."""
        pattern = _NOT_IN_LINE if self.verb == "line" else _NOT_IN_ENDPOINT
        return pattern.sub("", self.target)

    def acceptable(self, epoch: str, now_s: int) -> bool:
        """Whether the dialplan carries it out, in this epoch at this second of Asterisk's clock."""
        if not (self.whole and self.attempt and self.target and self.verb in _VERBS):
            return False
        if self.epoch != epoch or self.not_after_s < now_s:
            return False
        if self.verb in {"agent", "line"}:
            counted = bool(self.office and self.calls_max and self.key)
            via = self.verb == "agent" or (self.via not in {"", "-"} and counted)
            return via and self.dialled not in {"", "-"} and 1 <= self.seconds <= SECONDS_MAX
        return self.verb in {"net", "bye"} or self.target != "-"
