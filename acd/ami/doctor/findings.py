"""What the doctor found: per node a list of findings, each with what was seen and what to change."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["Expected", "Finding", "Level", "Report", "good", "unproved", "warning", "wrong"]


class Level(StrEnum):
    """How a check ended. Only ``WRONG`` makes the command fail."""

    OK = "ok"
    UNPROVED = "not proved"
    """It could not be tried now; the finding says what would prove it."""
    WARNING = "warning"
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One check of one node."""

    check: str
    """Its short name, stable: match on it, not on the text."""
    level: Level
    saw: str
    """What was looked at and seen, as a sentence."""
    change: str = ""
    """What to write where, or how to prove it; empty where nothing is to be done."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All findings of one node, in the order of the checks."""

    node: str
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Nothing is wrong."""
        return all(finding.level is not Level.WRONG for finding in self.findings)


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules and this machine say must be on every node."""

    languages: tuple[str, ...] = ("it",)
    """Each has a queue of the safety net."""
    numbers: tuple[str, ...] = ()
    """Called numbers that the rules know."""
    serving: bool = False
    """An ACD of this configuration runs here now, so a valid lease is its own."""
    listen_s: float = 0.5
    """How long to listen for what Asterisk sends by itself."""


def good(check: str, saw: str) -> Finding:
    """All is as it should be."""
    return Finding(check=check, level=Level.OK, saw=saw)


def unproved(check: str, saw: str, change: str) -> Finding:
    """It could not be tried; ``change`` says how it can."""
    return Finding(check=check, level=Level.UNPROVED, saw=saw, change=change)


def warning(check: str, saw: str, change: str) -> Finding:
    """Calls go on, but somebody should know."""
    return Finding(check=check, level=Level.WARNING, saw=saw, change=change)


def wrong(check: str, saw: str, change: str) -> Finding:
    """Calls would be lost, late or not seen."""
    return Finding(check=check, level=Level.WRONG, saw=saw, change=change)
