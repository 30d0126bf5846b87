"""The rule folder, read again while calls are routed: when somebody says so, and once a day.

Somebody says so by SIGHUP. The folder is read and checked whole; rules with findings change nothing: those in
force stay, each finding is logged, and the sentence stands in the summary and in a metric until a folder
without findings has been read. Once a day the folder as it was read last, not as it lies there now, is
compiled for the new day, for calendars are known for a year or so ahead.

Reading takes about a second of pure Python, in a thread. So that the loop, which needs the interpreter's
lock as well, is not held up for 5 ms at each of its turns, the lock changes hands more often meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol, TypeVar

import structlog

from acd.errors import ConfigError
from acd.rules.calendar import today_in_rome
from acd.rules.load import LoadedRules, ReadRules, read_rules

__all__ = ["DAY_S", "RuleReader", "Ruled"]

DAY_S: Final = 86_400.0
SWITCH_S: Final = 0.0005
"""So long a thread keeps the interpreter's lock from the loop while rules are read (usually 5 ms)."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Ruled(Protocol):
    """Who works by the rules."""

    async def take_rules(self, loaded: LoadedRules) -> None:
        """Put these rules in force."""

    def refuse_rules(self, why: str) -> None:
        """Those in force stay, because of this; empty: all is well again."""


class RuleReader:
    """Reads one folder for one centre, one reading at a time."""

    def __init__(self, folder: Path, read: ReadRules, centre: Ruled, *, day_s: float = DAY_S) -> None:
        """Begin with what has been read.

        Args:
            folder: Where the files are.
            read: The folder as it was read at the start; its rules are in force.
            centre: Who takes the new ones.
            day_s: Seconds after which the calendars are compiled anew.
        """
        self._folder = folder
        self._read = read
        self._centre = centre
        self._day_s = day_s
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Have the folder read again, after a reading that is under way."""
        self._asked.set()

    async def keep(self) -> None:
        """Read when asked and once a day, until cancelled; nothing that goes wrong ends it."""
        while True:
            asked = await self._asked_within(self._day_s)
            try:
                await (self._read_again() if asked else self._compile_again())
            except Exception as error:
                log.exception("the rules could not be read; those in force stay")
                self._centre.refuse_rules(f"our own defect: {error!r}")

    async def _asked_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        asked = self._asked.is_set()
        self._asked.clear()
        return asked

    async def _read_again(self) -> None:
        try:
            read = await _beside(lambda: read_rules(self._folder, today_in_rome()))
        except ConfigError as error:
            self._refuse(error.findings)
            return
        except OSError as error:
            self._refuse((f"{error.filename or self._folder}: {error.strerror or error}.",))
            return
        self._read = read
        await self._take(read.today)

    async def _compile_again(self) -> None:
        await self._take(await _beside(lambda: self._read.on(today_in_rome())))

    async def _take(self, loaded: LoadedRules) -> None:
        await self._centre.take_rules(loaded)
        self._centre.refuse_rules("")
        log.info("rules in force", revision=loaded.rules.revision, entry=loaded.entry.revision)

    def _refuse(self, findings: tuple[str, ...]) -> None:
        for finding in findings:
            log.error("the rules are refused; those in force stay", finding=finding)
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        self._centre.refuse_rules(f"{findings[0]}{more}")


async def _beside(work: Callable[[], T]) -> T:
    """Do this in a thread, and let the loop in between."""
    with _breathing():
        return await asyncio.to_thread(work)


@contextlib.contextmanager
def _breathing() -> Iterator[None]:
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(usual_s)
