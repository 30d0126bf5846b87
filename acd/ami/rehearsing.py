"""One synthetic call to one number of an office: sent, and its one report awaited.

``Originate`` of a Local channel starts ``[acd-rehearse]`` of the dialplan, which dials the office through its
trunk, counts the call among the office's (``GROUP``), asks for a key and tells the end by
``UserEvent ACDRehearsed``, whatever happens. No caller is in it, so nothing here touches the engine.

====================  =====================================================================
the report            means
====================  =====================================================================
key 1                 ``pressed``
key 2, cause 1 22 28  ``wrong``: whoever answered says so, or the network knows no such number
answered, no key      ``answered``: a voicemail, a fax, somebody who did not listen or hung up at once
cause 17, BUSY        ``busy``
NOANSWER, 18, 19      ``no_answer``
FULL                  not tried: the office's lines were all in use
anything else         ``failed``
====================  =====================================================================
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Final

from acd.ami.link import Link
from acd.ami.wire import MUST_BE, Action, Message
from acd.errors import ActionUnknown
from acd.transition.rehearsing import LineResult, Trial, Tried

__all__ = ["Rehearsing", "tried_of"]

EVENT: Final = "ACDRehearsed"
PROMPT_S_MAX: Final = 20
"""The prompt is shorter."""
LATE_S: Final = 5
NO_SUCH_NUMBER: Final = frozenset({"1", "22", "28"})
SILENT: Final = frozenset({"18", "19"})
BUSY: Final = "17"


class Rehearsing:
    """The calls under way on one node."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._waits: dict[str, asyncio.Future[Message]] = {}
        self._ids = itertools.count(1)

    async def attempt(self, trial: Trial) -> Tried:
        """Call one number and return what was found.

        Raises:
            ActionRefused: Asterisk would not begin the call.
            ActionUnknown: it began, maybe, and nothing was heard of it.
            AsteriskUnreachable: there is no connection; nobody was called.
            UnsafeValue: the rules hold what must not reach the wire; nobody was called.
        """
        limit_s = trial.ring_s + trial.asks * (PROMPT_S_MAX + trial.key_s) + LATE_S
        name = f"t{next(self._ids)}"
        fields = (
            name,
            trial.line.office,
            trial.line.number,
            trial.line.trunk,
            trial.line.capacity,
            trial.ring_s,
            trial.asks,
            trial.key_s,
            trial.sound.replace("/", "."),
        )
        headers = {header: value for (_, header), value in MUST_BE.items()}
        headers["Timeout"] = str(limit_s * 1_000)
        headers["Variable"] = "ACD_TRY=" + "/".join(map(str, fields))
        report = self._waits[name] = asyncio.get_running_loop().create_future()
        try:
            await self._link.act(Action.of("Originate", **headers))
            async with asyncio.timeout(limit_s + LATE_S):
                return tried_of(await report)
        except TimeoutError:
            raise ActionUnknown(f"Nothing was heard of the trial of {trial.line.number}.") from None
        finally:
            del self._waits[name]

    def heard(self, message: Message) -> bool:
        """Take an event that is a report; whether it was one."""
        if message["UserEvent"] != EVENT:
            return False
        report = self._waits.get(message["Id"])
        if report is not None and not report.done():
            report.set_result(message)
        return True

    def lost(self) -> None:
        """The link is gone, and with it every report."""
        for report in self._waits.values():
            if not report.done():
                report.set_exception(ActionUnknown("The link to Asterisk went during the trial."))


def tried_of(report: Message) -> Tried:
    """What a report means; the table stands above."""
    status, cause, key = report["Status"], report["Cause"], report["Key"]
    ring_ms = int(report["Ring"]) if report["Ring"].isdecimal() else 0
    match status:
        case "FULL":
            return Tried(result=None, ring_ms=0, detail="the office's lines were all in use")
        case _ if key == "1":
            return Tried(result=LineResult.PRESSED, ring_ms=ring_ms)
        case _ if key == "2":
            return Tried(result=LineResult.WRONG, ring_ms=ring_ms, detail="key 2: this is no office")
        case _ if report["Up"] or status == "ANSWER":
            detail = f"key {key}" if key else "no key"
            return Tried(result=LineResult.ANSWERED, ring_ms=ring_ms, detail=detail)
        case _ if cause in NO_SUCH_NUMBER:
            detail = f"the network knows no such number (cause {cause})"
            return Tried(result=LineResult.WRONG, ring_ms=ring_ms, detail=detail)
        case _ if status == "BUSY" or cause == BUSY:
            return Tried(result=LineResult.BUSY, ring_ms=ring_ms)
        case _ if status == "NOANSWER" or cause in SILENT:
            return Tried(result=LineResult.NO_ANSWER, ring_ms=ring_ms)
        case _:
            detail = f"{status.lower()}, cause {cause or '0'}"
            return Tried(result=LineResult.FAILED, ring_ms=ring_ms, detail=detail)
